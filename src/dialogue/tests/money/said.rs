//! What is said of money, and what it means.

use super::*;
use crate::investing::orders::plan::PlanTerms;

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

/// Returns the terms of the SIP that was drafted last.
fn drafted(house: &House) -> PlanTerms {
    match house.draft().terms.proposal {
        Proposal::Plan(plan) => plan.terms,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_new_sip_begins_in_the_month_it_was_asked_to_begin_in() {
    for (wish, start) in [
        (
            "start sip 1000 hdfc flexi cap from next month",
            date(2026, 9, 28),
        ),
        (
            "hdfc flexi cap me 1000 ki sip agle mahine se shuru karo",
            date(2026, 9, 28),
        ),
        (
            "hdfc flexi cap में 1000 की सिप जनवरी से शुरू करनी है",
            date(2027, 1, 28),
        ),
    ] {
        let (mut chat, house) = paying();
        spoken(&mut chat, "en");
        let day = words(&chat.writes(wish));
        let month = start.strftime("Starting in %b-%Y").to_string();
        assert!(day.contains(&month), "{wish}: {day}");
        chat.writes("28");
        let review = words(&chat.writes("same"));
        assert_eq!(drafted(&house).start, start, "{wish}: {review}");
        let first = start.strftime("first on 28-%b-%Y").to_string();
        assert!(review.contains(&first), "{wish}: {review}");
    }
}

#[test]
fn from_when_on_may_be_said_at_every_question_of_a_new_sip() {
    for said in [
        "from next month",
        "agle mahine se",
        "start it next month",
        "अगले महीने से",
        "agle mahine se shuru karo",
    ] {
        for questions in 1..=3 {
            let (mut chat, house) = paying();
            spoken(&mut chat, "en");
            chat.writes("start sip 1000 hdfc flexi cap");
            for answer in ["28", "same"].iter().take(questions - 1) {
                chat.writes(answer);
            }
            chat.writes(said);
            for answer in ["28", "same"].iter().skip(questions - 1) {
                chat.writes(answer);
            }
            let terms = drafted(&house);
            let means = (terms.amount, terms.start);
            let asked = (Paise(1_000_00), date(2026, 9, 28));
            assert_eq!(means, asked, "{said} at question {questions}");
        }
    }
}

#[test]
fn a_no_drops_a_new_sip_whatever_may_be_done_later_and_not_now_does_not() {
    for (said, drops) in [
        ("No, dont do it this month", true),
        ("rehne do agle mahine dekhenge", true),
        ("cancel karo, agle mahine karunga", true),
        ("not now, from next month", false),
    ] {
        let (mut chat, _house) = paying();
        spoken(&mut chat, "en");
        chat.writes("start sip 1000 hdfc flexi cap");
        let said_back = words(&chat.writes(said));
        let is_dropped = said_back.contains("nothing was done");
        assert_eq!(is_dropped, drops, "{said}: {said_back}");
        let is_heard = said_back.contains("Starting in Sep");
        assert_eq!(is_heard, !drops, "{said}: {said_back}");
    }
}

#[test]
fn the_day_it_is_to_begin_on_is_the_day_of_the_month() {
    for wish in [
        "hdfc flexi cap me 1000 ki sip 1 tareekh se shuru karo",
        "start sip 1000 hdfc flexi cap from 1st",
        "sip 1000 hdfc flexi cap 1 september se",
    ] {
        let (mut chat, house) = paying();
        spoken(&mut chat, "en");
        let growth = words(&chat.writes(wish));
        assert!(growth.contains("stay the same"), "{wish}: {growth}");
        chat.writes("same");
        let terms = drafted(&house);
        let means = (terms.amount, terms.start);
        assert_eq!(means, (Paise(1_000_00), date(2026, 9, 1)), "{wish}");
    }
}

#[test]
fn from_when_on_is_no_name_of_a_fund() {
    let (mut chat, house) = paying();
    spoken(&mut chat, "en");
    chat.writes("start sip");
    let said = words(&chat.writes("from next month"));
    assert!(said.contains("In which fund"), "{said}");
    for answer in ["hdfc flexi cap", "1000", "28", "same"] {
        chat.writes(answer);
    }
    assert_eq!(drafted(&house).start, date(2026, 9, 28));
}

#[test]
fn a_start_that_is_too_soon_for_the_exchange_is_said_to_be() {
    let (mut chat, house) = paying();
    spoken(&mut chat, "en");
    house.book().earliest = Some(date(2026, 9, 10));
    chat.writes("start sip 1000 hdfc flexi cap from next month");
    chat.writes("5");
    let review = words(&chat.writes("same"));
    assert!(review.contains("cannot be on 05-Sep-2026"), "{review}");
    assert_eq!(drafted(&house).start, date(2026, 10, 5));
}

#[test]
fn as_little_as_may_be_is_the_minimum_on_record_and_shown_before_it_is_confirmed() {
    for least in ["minimum", "kam se kam", "jitna kam ho sake", "कम से कम"] {
        let (mut chat, house) = paying();
        spoken(&mut chat, "en");
        chat.writes("start sip hdfc flexi cap");
        let day = words(&chat.writes(least));
        assert!(day.contains("takes is ₹500"), "{least}: {day}");
        chat.writes("5");
        let review = words(&chat.writes("same"));
        assert!(review.contains("₹500 ("), "{least}: {review}");
        assert_eq!(drafted(&house).amount, Paise(500_00), "{least}");

        let (mut chat, house) = held();
        spoken(&mut chat, "en");
        chat.writes("invest in hdfc flexi cap");
        let review = words(&chat.writes(least));
        assert!(review.contains("takes is ₹500"), "{least}: {review}");
        assert!(review.contains("Please check"), "{least}: {review}");

        let (mut chat, house_of_redemption) = held();
        spoken(&mut chat, "en");
        chat.writes("redeem hdfc flexi cap");
        let review = words(&chat.writes(least));
        assert!(review.contains("out of this scheme is ₹500"), "{review}");
        assert!(review.contains("Please check"), "{least}: {review}");
        let Proposal::Order(order) = house_of_redemption.draft().terms.proposal else {
            panic!("no order");
        };
        assert_eq!(order.quantity, Quantity::Amount(Paise(500_00)), "{least}");
        assert_eq!(house.confirmed(), []);
        assert_eq!(house_of_redemption.confirmed(), []);
    }
}

#[test]
fn a_question_about_the_minimum_is_no_amount() {
    let (mut chat, _house) = paying();
    spoken(&mut chat, "en");
    chat.writes("start sip hdfc flexi cap");
    let said = words(&chat.writes("minimum kitna hai?"));
    assert!(!said.contains("put that down"), "{said}");
}

#[test]
fn of_two_wishes_one_is_done_and_the_other_offered_after_it() {
    for (wish, language, announced, offered) in [
        (
            "SIP band karo aur 7000 nikaal do",
            "hinglish",
            "ek-ek karke",
            "paise nikalna bhi",
        ),
        (
            "stop my sip and redeem 7000",
            "en",
            "one at a time",
            "You also wanted to redeem",
        ),
        (
            "मेरी सिप बंद करो और 7000 निकाल दो",
            "hi",
            "एक-एक करके",
            "पैसे निकालना भी",
        ),
    ] {
        let (mut chat, house) = running(PlanStatus::Active);
        spoken(&mut chat, language);
        let reasons = chat.writes(wish);
        assert!(words(&reasons).contains(announced), "{}", words(&reasons));
        let review = chat.taps(&id(&reasons, "reason:"));
        assert!(!words(&review).contains("7,000"), "{}", words(&review));
        let done = chat.taps(&id(&review, "confirm"));
        assert!(words(&done).contains(offered), "{}", words(&done));
        let confirmed = house.confirmed();
        assert!(
            matches!(confirmed[..], [Asked::CancelPlan(..)]),
            "{confirmed:?}"
        );
        // What it was to be is asked for: nothing of the message is taken for it.
        let asked = chat.taps(&id(&done, ":redeem"));
        assert!(!words(&asked).contains("7,000"), "{}", words(&asked));
        assert_eq!(house.confirmed().len(), 1);
    }
}

#[test]
fn a_yes_begins_the_second_wish_and_anything_else_drops_it() {
    for (answer, begins) in [("yes", true), ("no", false), ("menu", false)] {
        let (mut chat, house) = running(PlanStatus::Active);
        spoken(&mut chat, "en");
        let reasons = chat.writes("stop my sip and redeem 5000");
        let review = chat.taps(&id(&reasons, "reason:"));
        chat.taps(&id(&review, "confirm"));
        let said = words(&chat.writes(answer));
        assert_eq!(said.contains("How much"), begins, "{answer}: {said}");
        let later = words(&chat.writes("yes"));
        assert!(!later.contains("You also wanted"), "{answer}: {later}");
        assert_eq!(house.confirmed().len(), 1);
    }
}
