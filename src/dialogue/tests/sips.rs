//! SIPs that run: listed, paused, resumed, changed and stopped.

use jiff::civil::date;

use super::conversation::{Chat, id, ids, words};
use super::house::House;
use super::money::{LANGUAGES, running, spoken};
use crate::dialogue::commands::Asked;
use crate::dialogue::labels::Label;
use crate::dialogue::voice::Voice;
use crate::investing::Paise;
use crate::investing::gateway::port::StepUpBy;
use crate::investing::orders::PlanStatus;
use crate::investing::orders::draft::{Proposal, Refusal};
use crate::investing::orders::plan::{NotNow, PlanTerms, StepUp};
use crate::language::Language;
use crate::pipeline::Decision;

#[test]
fn a_sip_is_stopped_with_a_reason_and_the_day_it_ends_is_said_before() {
    for language in LANGUAGES {
        let (mut chat, house) = running(PlanStatus::Active);
        spoken(&mut chat, language);
        let reasons = chat.writes("stop my sip");
        let review = chat.taps(&id(&reasons, "reason:"));
        assert!(words(&review).contains("27-Aug-2026"), "{}", words(&review));
        assert_eq!(house.confirmed(), []);
        chat.taps(&id(&review, "confirm"));
        let plan = house.book().plans[0].plan.id;
        assert_eq!(house.confirmed(), [Asked::CancelPlan(plan, 1, None)]);
    }
}

#[test]
fn the_last_reason_takes_words() {
    let (mut chat, house) = running(PlanStatus::Active);
    let reasons = chat.writes("stop my sip");
    let more = chat.taps(&id(&reasons, "more:"));
    chat.taps(&id(&more, ":13"));
    let review = chat.writes("buying a house");
    chat.taps(&id(&review, "confirm"));
    let plan = house.book().plans[0].plan.id;
    let words = Some("buying a house".to_owned());
    assert_eq!(house.confirmed(), [Asked::CancelPlan(plan, 13, words)]);
}

#[test]
fn a_question_about_the_reasons_is_none_and_words_of_ones_own_are_the_last_one() {
    let (mut chat, _) = running(PlanStatus::Active);
    chat.writes("stop my sip");
    let again = chat.writes("hmm what does this list mean");
    assert!(!words(&again).contains("27-Aug-2026"), "{}", words(&again));
    let review = chat.writes("wedding in the family");
    assert!(words(&review).contains("27-Aug-2026"), "{}", words(&review));
}

#[test]
fn a_sip_is_paused_resumed_and_changed() {
    let (mut chat, house) = running(PlanStatus::Active);
    let plan = house.book().plans[0].plan.id;
    let ask = chat.writes("pause my sip");
    let review = chat.taps(&id(&ask, ":2"));
    chat.taps(&id(&review, "confirm"));
    assert_eq!(house.confirmed(), [Asked::PausePlan(plan, 2)]);

    let (mut chat, house) = running(PlanStatus::Paused);
    let plan = house.book().plans[0].plan.id;
    let menu = chat.writes("menu");
    let sips = chat.taps(&id(&menu, "sip_list"));
    let review = chat.taps(&id(&sips, "resume"));
    chat.taps(&id(&review, "confirm"));
    assert_eq!(house.confirmed(), [Asked::ResumePlan(plan)]);

    let (mut chat, house) = running(PlanStatus::Active);
    let ask = chat.writes("change my sip");
    chat.taps(&id(&ask, "what"));
    let review = chat.writes("7000");
    assert!(
        words(&review).contains("takes the place"),
        "{}",
        words(&review)
    );
    chat.taps(&id(&review, "confirm"));
    let Proposal::Plan(plan) = house.draft().terms.proposal else {
        panic!("no plan");
    };
    assert_eq!(
        (plan.terms.amount, plan.terms.start),
        (Paise(7_000_00), date(2026, 9, 5))
    );
    assert_eq!(house.confirmed().len(), 1);
}

#[test]
fn a_pause_that_comes_too_late_says_so_before_anything_is_asked() {
    let (mut chat, house) = running(PlanStatus::Active);
    let ask = chat.writes("pause my sip");
    let due = date(2026, 9, 5);
    house.book().refuse = Some(Refusal::NotNow(NotNow::TooLate { due }));
    let said = words(&chat.taps(&id(&ask, ":1")));
    assert!(
        said.contains("05-Sep-2026 is already with the bank"),
        "{said}"
    );
}

#[test]
fn sips_and_mandates_are_listed() {
    let (mut chat, _house) = running(PlanStatus::Active);
    let menu = chat.writes("menu");
    let said = words(&chat.taps(&id(&menu, "sip_list")));
    assert!(
        said.contains("₹5,000 a month on day 5") && said.contains("05-Sep-2026"),
        "{said}"
    );
    let said = chat.asks("my mandate");
    assert!(said.contains("UPI AutoPay, up to ₹1,00,000"), "{said}");
}

/// With a SIP of ₹5,000 that a step-up has made one of ₹5,500.
fn grown() -> (Chat, House) {
    let (chat, house) = running(PlanStatus::Active);
    let mut book = house.book();
    let plan = &mut book.plans[0];
    plan.plan.terms.step_up = Some(StepUp {
        by: StepUpBy::Percent(10.into()),
        every_months: 12,
        cap: Some(Paise(15_000_00)),
    });
    plan.next = Some((date(2026, 9, 5), Paise(5_500_00)));
    drop(book);
    (chat, house)
}

/// Returns what can be tapped and carries this.
fn ending(said: &Decision, end: &str) -> String {
    let mut ids = ids(said).into_iter();
    ids.find(|id| id.ends_with(end)).expect("it is offered")
}

fn drafted(house: &House) -> PlanTerms {
    match house.draft().terms.proposal {
        Proposal::Plan(plan) => plan.terms,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_sip_that_grew_is_spoken_of_and_changed_by_what_it_is_now() {
    for wish in ["stop my sip", "pause my sip"] {
        let (mut chat, _house) = grown();
        let ask = chat.writes(wish);
        let review = words(&chat.taps(&id(&ask, ":1")));
        assert!(review.contains("₹5,500"), "{review}");
    }
    let (mut chat, house) = grown();
    let ask = chat.writes("change my sip");
    assert!(words(&ask).contains("₹5,500"), "{}", words(&ask));
    chat.taps(&ending(&ask, ":day"));
    chat.writes("10");
    let terms = drafted(&house);
    assert_eq!((terms.amount, terms.start.day()), (Paise(5_500_00), 10));
    assert_eq!(terms.step_up.unwrap().cap, Some(Paise(15_000_00)));
}

#[test]
fn another_amount_grows_to_another_end() {
    for (amount, end) in [
        ("20000", 60_000_00),
        // The mandate was given for so much.
        ("6000", 15_000_00),
        ("1000", 3_000_00),
    ] {
        let (mut chat, house) = grown();
        let ask = chat.writes("change my sip");
        chat.taps(&ending(&ask, ":amount"));
        chat.writes(amount);
        let step = drafted(&house).step_up.unwrap();
        assert_eq!(step.cap, Some(Paise(end)), "{amount}");
    }
}

#[test]
fn what_says_which_sip_it_is_says_neither_a_reason_nor_a_day() {
    let (mut chat, house) = running(PlanStatus::Active);
    let mut second = house.sip(PlanStatus::Active);
    second.plan.terms.amount = Paise(9_000_00);
    second.next = None;
    let wanted = second.plan.id;
    house.book().plans.push(second);
    chat.writes("stop my sip");
    let reasons = chat.writes("2");
    let review = chat.taps(&ending(&reasons, ":3"));
    assert!(words(&review).contains("₹9,000"), "{}", words(&review));
    chat.taps(&id(&review, "confirm"));
    assert_eq!(house.confirmed(), [Asked::CancelPlan(wanted, 3, None)]);
    chat.writes("change my sip");
    let ask = words(&chat.writes("2"));
    assert!(ask.contains("What should change"), "{ask}");
}

#[test]
fn how_much_a_sip_grows_is_never_taken_for_the_sip() {
    let (mut chat, house) = running(PlanStatus::Active);
    let ask = chat.writes("change my sip");
    chat.taps(&ending(&ask, ":growth"));
    chat.writes("₹500");
    let terms = drafted(&house);
    assert_eq!(terms.amount, Paise(5_000_00));
    assert_eq!(terms.step_up.unwrap().by, StepUpBy::Amount(Paise(500_00)));

    let (mut chat, _house) = running(PlanStatus::Active);
    chat.writes("start sip 5000 hdfc flexi cap");
    let ask = chat.writes("5");
    for other in ["₹3,000", "700"] {
        let again = words(&chat.writes(other));
        assert!(again.contains("₹5,000"), "{other}: {again}");
    }
    let review = words(&chat.taps(&id(&ask, "growth:")));
    assert!(review.contains("₹5,000"), "{review}");
}

#[test]
fn every_reason_can_be_typed_as_it_is_offered_in_every_language() {
    let voice = Voice::new().unwrap();
    for language in Language::ALL {
        for reason in 1..=12 {
            let (mut chat, _house) = running(PlanStatus::Active);
            spoken(&mut chat, language.code());
            chat.writes("stop my sip");
            let key = format!("reason_{reason}");
            let label = Label::ALL.iter().find(|label| label.key() == key);
            let label = voice.label(language, *label.unwrap());
            let review = words(&chat.writes(label));
            assert!(review.contains("27-Aug-2026"), "{label}: {review}");
        }
    }
    for free in [
        "abhi paise nahi hai",
        "job nahi hai",
        "no money",
        "returns nahi aa rahe",
    ] {
        let (mut chat, _house) = running(PlanStatus::Active);
        chat.writes("stop my sip");
        let review = words(&chat.writes(free));
        assert!(review.contains("27-Aug-2026"), "{free}: {review}");
    }
    let (mut chat, _house) = running(PlanStatus::Active);
    chat.writes("stop my sip");
    assert!(!words(&chat.writes("no")).contains("27-Aug-2026"));
}

#[test]
fn less_by_so_much_is_asked_for_and_never_taken_for_the_new_amount() {
    let (mut chat, house) = running(PlanStatus::Active);
    let ask = chat.asks("sip 500 kam kar do");
    assert!(ask.contains("amount"), "{ask}");
    assert!(house.confirmed().is_empty());
    let review = chat.asks("1500");
    assert!(review.contains("₹1,500"), "{review}");
}

#[test]
fn the_only_sip_there_is_is_not_taken_for_one_of_another_fund() {
    for wish in ["stop", "pause", "change"] {
        let (mut chat, house) = running(PlanStatus::Active);
        spoken(&mut chat, "en");
        let ask = chat.writes(&format!("{wish} my parag parikh flexi cap sip"));
        let said = words(&ask);
        assert!(said.contains("I find no SIP of yours in"), "{said}");
        assert!(ids(&ask).iter().any(|id| id.contains("plan:")), "{said}");
        assert_eq!(house.confirmed(), []);
    }
}

#[test]
fn days_of_a_year_without_a_list_of_holidays_are_called_provisional() {
    for (language, part) in [
        ("en", "Dates in 2027 are provisional"),
        ("hi", "2027 की तारीख़ें बदल सकती हैं"),
        ("hinglish", "2027 ki tareekhein badal sakti hain"),
    ] {
        let (mut chat, house) = running(PlanStatus::Active);
        spoken(&mut chat, language);
        let listed = words(&chat.writes("my sips"));
        assert!(!listed.contains(part), "{listed}");
        house.book().plans[0].next = Some((date(2027, 1, 26), Paise(5_000_00)));
        let listed = words(&chat.writes("my sips"));
        assert!(
            listed.contains("26-Jan-2027") && listed.contains(part),
            "{listed}"
        );
    }
    let (mut chat, house) = running(PlanStatus::Active);
    spoken(&mut chat, "en");
    house.book().earliest = Some(date(2026, 12, 28));
    chat.writes("start sip 5000 hdfc flexi cap");
    let growth = chat.writes("5");
    let review = words(&chat.taps(&id(&growth, "growth:")));
    assert!(review.contains("Jan-2027"), "{review}");
    assert!(review.contains("Dates in 2027 are provisional"), "{review}");
}
