//! What is said of money, and what it means.

use super::*;

#[test]
fn what_a_fund_is_hoped_to_earn_is_no_step_up() {
    for hope in ["12% return", "12% return wali", "at 12%"] {
        let (mut chat, _house) = paying();
        spoken(&mut chat, "en");
        chat.writes(&format!("start sip 5000 hdfc flexi cap {hope}"));
        let growth = words(&chat.writes("5"));
        assert!(growth.contains("stay the same"), "{hope}: {growth}");
    }
    let (mut chat, _house) = paying();
    spoken(&mut chat, "en");
    chat.writes("start sip 5000 hdfc flexi cap step up 10%");
    let review = words(&chat.writes("5"));
    assert!(review.contains("instalment rises by 10 %"), "{review}");
}

#[test]
fn day_and_growth_said_at_a_new_sip_are_those_of_the_new_sip() {
    for (said, has) in [
        ("date 10 kar do", "on day 10"),
        ("no make it 10th", "on day 10"),
        ("har saal 10% badhao", "rises by 10 %"),
        ("step up by 10 percent", "rises by 10 %"),
    ] {
        let (mut chat, _house) = running(PlanStatus::Active);
        spoken(&mut chat, "en");
        let review = words(&sip_at_review(&mut chat));
        assert!(review.contains("Please check your SIP"), "{review}");
        let review = words(&chat.writes(said));
        assert!(review.contains("Please check your SIP"), "{said}: {review}");
        assert!(
            review.contains("₹5,000") && review.contains(has),
            "{said}: {review}"
        );
    }
    for said in [
        "har saal 10% badhao",
        "yes step up 10%",
        "increase by 10% every year",
    ] {
        let (mut chat, _house) = paying();
        spoken(&mut chat, "en");
        chat.writes("start sip 5000 hdfc flexi cap");
        chat.writes("5");
        let review = words(&chat.writes(said));
        assert!(review.contains("rises by 10 %"), "{said}: {review}");
    }
}

#[test]
fn another_rhythm_than_ours_is_said_before_anything_is_asked() {
    for (wish, says) in [
        ("roz 100 ki sip hdfc flexi cap", "run every month"),
        ("5000 weekly sip hdfc flexi cap", "run every month"),
        ("har mahine 8000 nikalo", "done once"),
        ("har mahine 2000 nikalna hai hdfc flexi cap se", "done once"),
        (
            "transfer 5000 every month from hdfc flexi cap to parag parikh",
            "done once",
        ),
    ] {
        let (mut chat, _house) = paying();
        spoken(&mut chat, "en");
        let said = words(&chat.writes(wish));
        assert!(said.contains(says), "{wish}: {said}");
    }
    let (mut chat, _house) = paying();
    spoken(&mut chat, "en");
    let said = words(&chat.writes("start sip 5000 monthly hdfc flexi cap"));
    assert!(!said.contains("Only monthly"), "{said}");
}

#[test]
fn an_amount_that_was_not_read_is_not_called_impossible() {
    let (mut chat, _house) = paying();
    spoken(&mut chat, "en");
    chat.writes("start sip hdfc flexi cap");
    let unread = words(&chat.writes("pata nahi"));
    assert!(unread.contains("could not read"), "{unread}");
    let refused = words(&chat.writes("₹1"));
    assert!(refused.contains("not possible"), "{refused}");
}

#[test]
fn the_only_fund_held_is_not_taken_for_another_that_was_named() {
    let (mut chat, house) = held();
    spoken(&mut chat, "en");
    let ask = chat.writes("redeem 20000 from parag parikh flexi cap");
    let said = words(&ask);
    assert!(said.contains("I find no “parag parikh"), "{said}");
    assert!(!said.contains("Please check"), "{said}");
    assert_eq!(house.confirmed(), []);
    let review = words(&chat.taps(&id(&ask, "held:")));
    assert!(review.contains("Please check your redemption"), "{review}");
}

#[test]
fn what_fits_several_funds_is_a_list_though_only_one_of_them_can_be_had() {
    let (mut chat, house) = held();
    spoken(&mut chat, "en");
    let ask = chat.writes("switch");
    chat.taps(&id(&ask, ":all:"));
    let ask = chat.writes("flexi cap");
    let said = words(&ask);
    assert!(said.contains("Which of these do you mean"), "{said}");
    assert_eq!(ids(&ask).len(), 1, "{:?}", ids(&ask));
    chat.taps(&id(&ask, "fund:"));
    let Proposal::Order(order) = house.draft().terms.proposal else {
        panic!("no order");
    };
    assert_eq!(order.target, Some(PARAG));
}
