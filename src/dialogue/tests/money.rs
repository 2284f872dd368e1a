//! Journeys with money, to the button that confirms and what it sets in motion.

mod orders;
mod said;

use jiff::SignedDuration;
use jiff::civil::date;
use rust_decimal::Decimal;

use super::conversation::{Chat, holding, id, ids, words};
use super::house::{FLEXI, House, PARAG};
use crate::dialogue::commands::{Asked, Command, Means};
use crate::dialogue::disclosures::MARKET_RISK;
use crate::investing::orders::draft::{Proposal, Refusal};
use crate::investing::orders::instalments::Instalment;
use crate::investing::orders::{
    Allotment, InstalmentStatus, MandateStatus, OrderKind, OrderStatus, PlanStatus, Quantity,
};
use crate::investing::portfolio::Holding;
use crate::investing::{Paise, Return};
use crate::pipeline::Decision;
use crate::whatsapp::Outgoing;

pub(super) const LANGUAGES: [&str; 3] = ["en", "hi", "hinglish"];

pub(super) fn held() -> (Chat, House) {
    Chat::dealing(vec![holding("HDFC Flexi Cap Fund", Return::UnderOneYear)])
}

/// The same, with a mandate that pays.
pub(super) fn paying() -> (Chat, House) {
    let (chat, house) = held();
    let mandate = house.mandate(Paise(1_00_000_00), MandateStatus::Active);
    house.book().mandates.push(mandate);
    (chat, house)
}

/// With a SIP that runs.
pub(super) fn running(status: PlanStatus) -> (Chat, House) {
    let (chat, house) = paying();
    let sip = house.sip(status);
    house.book().plans.push(sip);
    (chat, house)
}

pub(super) fn spoken(chat: &mut Chat, language: &str) {
    chat.contact.language = Some(language.to_owned());
}

/// Answers every question of a SIP up to its review.
fn sip_at_review(chat: &mut Chat) -> Decision {
    chat.writes("start sip 5000 hdfc flexi cap");
    let growth = chat.writes("5");
    chat.taps(&id(&growth, "growth:"))
}

#[test]
fn a_no_to_growth_goes_on_with_an_amount_that_stays() {
    for no in ["no", "nahi", "नहीं", "na"] {
        let (mut chat, _house) = held();
        chat.writes("start sip 5000 hdfc flexi cap");
        chat.writes("5");
        let pays = chat.writes(no);
        assert!(
            words(&pays).contains("UPI AutoPay"),
            "{no}: {}",
            words(&pays)
        );
        let dropped = words(&chat.writes(no));
        assert!(!dropped.contains("UPI"), "{no}: {dropped}");
    }
}

#[test]
fn a_sip_is_started_with_a_new_mandate_step_by_step_in_each_language() {
    for language in LANGUAGES {
        let (mut chat, house) = held();
        spoken(&mut chat, language);
        let ask = chat.writes("start sip");
        assert!(words(&ask).contains("SIP"), "{}", words(&ask));
        let amount = chat.writes("hdfc flexi cap");
        assert!(words(&amount).contains("₹500"), "{}", words(&amount));
        let day = chat.writes("5000");
        assert!(words(&day).contains("28"), "{}", words(&day));
        let growth = chat.taps(&id(&day, ":5"));
        let pays = chat.taps(&id(&growth, "fixed"));
        assert!(words(&pays).contains("UPI AutoPay"), "{}", words(&pays));
        let mandate = chat.taps(&id(&pays, ":upi"));
        assert!(words(&mandate).contains("₹5,000"), "{}", words(&mandate));
        assert_eq!(house.confirmed(), []);
        let placed = chat.taps(&id(&mandate, "confirm"));
        assert_eq!(house.confirmed().len(), 1);
        let review = chat.taps(&id(&placed, ":go:"));
        let text = words(&review);
        for part in [
            "HDFC Flexi Cap Fund",
            "₹5,000 (",
            "07-Sep-2026",
            "HDFC ••4321",
            "Very High (Jul-2026)",
            MARKET_RISK,
        ] {
            assert!(text.contains(part), "{language}: {part} in {text}");
        }
        let is_buttons = matches!(review.replies[0].message, Outgoing::Buttons { .. });
        assert!(
            is_buttons,
            "{language}: the terms and their button fit together: {text}"
        );
        let done = chat.taps(&id(&review, "confirm"));
        assert_eq!(
            house.confirmed().last(),
            Some(&Asked::Draft(house.draft().id))
        );
        assert!(words(&done).contains("OTP"), "{}", words(&done));
    }
}

#[test]
fn what_one_sentence_says_is_not_asked_again_and_a_mandate_that_pays_is_used() {
    let (mut chat, house) = paying();
    let review = sip_at_review(&mut chat);
    assert!(
        words(&review).contains("UPI AutoPay up to ₹1,00,000"),
        "{}",
        words(&review)
    );
    let Proposal::Plan(plan) = house.draft().terms.proposal else {
        panic!("no plan");
    };
    assert_eq!(
        (plan.terms.scheme, plan.terms.amount),
        (FLEXI, Paise(5_000_00))
    );
    assert_eq!(plan.terms.start, date(2026, 9, 5));
    assert_eq!(plan.folio.as_deref(), Some("123/45"));
}

#[test]
fn a_first_instalment_that_is_too_soon_moves_to_the_next_month() {
    let (mut chat, house) = paying();
    house.book().earliest = Some(date(2026, 9, 8));
    sip_at_review(&mut chat);
    let Proposal::Plan(plan) = house.draft().terms.proposal else {
        panic!("no plan");
    };
    assert_eq!(plan.terms.start, date(2026, 10, 5));
}

#[test]
fn a_typed_yes_confirms_nothing_and_the_repeated_amount_does() {
    for yes in ["yes", "haan", "ok", "हाँ", "confirm", "👍"] {
        let (mut chat, house) = paying();
        sip_at_review(&mut chat);
        let said = chat.writes(yes);
        assert_eq!(house.confirmed(), [], "{yes}");
        assert!(!ids(&said).is_empty(), "{yes}: {}", words(&said));
        chat.reads();
        chat.writes("5000");
        let done = house.book().done.last().cloned();
        let draft = house.draft().id;
        assert_eq!(
            done,
            Some(Command::Do(Asked::Draft(draft), Means::Amount)),
            "{yes}"
        );
    }
}

#[test]
fn an_amount_typed_twice_before_the_terms_are_read_places_nothing() {
    for begins in ["invest once in hdfc flexi cap", "redeem"] {
        let (mut chat, house) = held();
        chat.writes(begins);
        chat.writes("5000");
        let again = chat.writes("5000");
        assert_eq!(house.confirmed(), [], "{begins}");
        id(&again, "confirm");
        chat.reads();
        chat.writes("5000");
        assert_eq!(house.confirmed().len(), 1, "{begins}");
    }
}

#[test]
fn another_amount_at_the_review_changes_it_and_confirms_nothing() {
    let (mut chat, house) = paying();
    sip_at_review(&mut chat);
    let review = chat.writes("6000");
    assert_eq!(house.confirmed(), []);
    assert!(words(&review).contains("₹6,000"), "{}", words(&review));
}

#[test]
fn a_button_confirms_once_and_one_of_earlier_terms_confirms_nothing() {
    let (mut chat, house) = paying();
    let old = sip_at_review(&mut chat);
    let new = chat.writes("6000");
    chat.taps(&id(&old, "confirm"));
    assert_eq!(house.confirmed(), [], "the terms have changed since");
    let shown = chat.writes("7000");
    let button = id(&shown, "confirm");
    chat.taps(&button);
    chat.taps(&button);
    chat.taps(&id(&new, "confirm"));
    assert_eq!(house.confirmed().len(), 1);
}

#[test]
fn terms_older_than_ten_minutes_are_shown_anew() {
    let (mut chat, house) = paying();
    let review = sip_at_review(&mut chat);
    let first = house.draft().id;
    chat.now += SignedDuration::from_mins(10);
    let again = chat.taps(&id(&review, "confirm"));
    assert_eq!(house.confirmed(), []);
    assert!(words(&again).contains("ten minutes"), "{}", words(&again));
    assert_ne!(house.draft().id, first);
}

#[test]
fn what_is_refused_at_the_last_moment_is_said_and_not_done() {
    let (mut chat, house) = paying();
    let review = sip_at_review(&mut chat);
    house.book().refuse = Some(Refusal::Paused);
    let said = chat.taps(&id(&review, "confirm"));
    assert!(
        words(&said).contains("Nothing was done"),
        "{}",
        words(&said)
    );
    assert_eq!(house.confirmed(), []);
}

#[test]
fn whoever_lacks_something_is_told_before_the_first_question_about_money() {
    for language in LANGUAGES {
        let (mut chat, house) = held();
        spoken(&mut chat, language);
        house.book().lacks = vec!["pan_missing".to_owned(), "account_missing".to_owned()];
        let said = chat.asks("start sip 5000 hdfc flexi cap");
        assert!(said.contains("PAN") && said.contains('•'), "{said}");
        assert!(house.book().done.is_empty());
    }
}

#[test]
fn an_interrupted_journey_is_offered_and_taken_up_with_fresh_terms() {
    let (mut chat, house) = paying();
    let review = sip_at_review(&mut chat);
    let first = house.draft().id;
    let nav = chat.writes("hdfc flexi cap nav");
    assert!(
        words(&nav).contains("You wanted to start a SIP"),
        "{}",
        words(&nav)
    );
    let stale = chat.taps(&id(&review, "confirm"));
    assert_eq!(
        house.confirmed(),
        [],
        "what is not in view is not confirmed"
    );
    let again = chat.taps(&id(&stale, "resume"));
    chat.taps(&id(&again, "confirm"));
    assert_ne!(house.draft().id, first);
}

#[test]
fn money_is_invested_once_and_a_way_out_is_everywhere() {
    let (mut chat, house) = held();
    chat.writes("lumpsum 10000 in parag parikh");
    let draft = house.draft();
    let Proposal::Order(order) = &draft.terms.proposal else {
        panic!("no order");
    };
    assert_eq!((order.kind, order.scheme), (OrderKind::Purchase, PARAG));
    assert_eq!(order.quantity, Quantity::Amount(Paise(10_000_00)));
    let said = chat.asks("cancel");
    assert!(said.contains("nothing was done"), "{said}");
    for way_out in ["menu", "back", "cancel", "no", "agent", "stop"] {
        let (mut chat, house) = paying();
        sip_at_review(&mut chat);
        chat.writes(way_out);
        assert_eq!(house.confirmed(), [], "{way_out}");
    }
}

#[test]
fn help_with_choosing_goes_by_kind_and_alphabet() {
    let (mut chat, _house) = held();
    let ask = chat.writes("start sip");
    let kinds = chat.taps(&id(&ask, "criteria"));
    let funds = chat.taps(&id(&kinds, "kind:"));
    assert!(words(&funds).contains("alphabet"), "{}", words(&funds));
    let amount = chat.taps(&id(&funds, &FLEXI.to_string()));
    assert!(words(&amount).contains("₹500"), "{}", words(&amount));
}

#[test]
fn a_redemption_shows_load_and_tax_before_its_button() {
    for language in LANGUAGES {
        let (mut chat, house) = held();
        spoken(&mut chat, language);
        let ask = chat.writes("redeem");
        let review = chat.writes("5000");
        let text = words(&review);
        assert!(
            text.contains("₹5,000 (") && text.contains("₹50.00"),
            "{text}"
        );
        assert!(
            matches!(review.replies[0].message, Outgoing::Buttons { .. }),
            "{text}"
        );
        assert_eq!(house.confirmed(), []);
        chat.taps(&id(&review, "confirm"));
        assert_eq!(house.confirmed().len(), 1);
        chat.writes("redeem");
        let all = chat.taps(&id(&ask, "all:").replace(":all:1", ":all:9"));
        assert!(house.confirmed().len() == 1, "{}", words(&all));
    }
}

#[test]
fn units_are_switched_within_the_house() {
    let (mut chat, house) = held();
    let ask = chat.writes("switch");
    let into = chat.taps(&id(&ask, ":all:"));
    assert!(words(&into).contains("same fund house"), "{}", words(&into));
    let review = chat.writes("parag parikh");
    chat.taps(&id(&review, "confirm"));
    let Proposal::Order(order) = house.draft().terms.proposal else {
        panic!("no order");
    };
    assert_eq!((order.scheme, order.target), (FLEXI, Some(PARAG)));
    assert_eq!(
        (order.kind, order.quantity),
        (OrderKind::Switch, Quantity::All)
    );
}

#[test]
fn without_an_exchange_a_person_helps() {
    let mut chat = Chat::going_on();
    for text in ["start sip 5000", "redeem", "stop my sip"] {
        let said = chat.writes(text);
        id(&said, "person:call");
    }
}

#[test]
fn a_fund_in_two_folios_is_one_row_and_its_number_means_it() {
    let flexi = || holding("HDFC Flexi Cap Fund", Return::UnderOneYear);
    let elsewhere = Holding {
        folio: "777/88".into(),
        ..flexi()
    };
    let parag = Holding {
        scheme: Some(PARAG),
        name: "Parag Parikh Flexi Cap Fund".into(),
        ..flexi()
    };
    let (mut chat, _house) = Chat::dealing(vec![flexi(), elsewhere, parag]);
    let ask = chat.writes("redeem");
    assert!(ask.replies[0].message.check().is_ok(), "{}", words(&ask));
    assert_eq!(ids(&ask).len(), 2, "{:?}", ids(&ask));
    let Outgoing::List { sections, .. } = &ask.replies[0].message else {
        panic!("no list");
    };
    let note = format!("{:?}", sections[0].rows[0]);
    assert!(note.contains("24,691"), "both folios: {note}");
    let how_much = words(&chat.writes("1"));
    assert!(how_much.contains("HDFC Flexi Cap"), "{how_much}");
}
