//! SIPs that run: listed, paused, resumed, changed and stopped.

use jiff::civil::date;

use super::conversation::{id, words};
use super::money::{LANGUAGES, running, spoken};
use crate::dialogue::commands::Asked;
use crate::investing::Paise;
use crate::investing::orders::PlanStatus;
use crate::investing::orders::draft::{Proposal, Refusal};
use crate::investing::orders::plan::NotNow;

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
