//! Papers, facts, notices, requests, and honest answers.

use super::conversation::{Chat, holding, id, ids, words};
use crate::contacts::{ContactChange, Owner};
use crate::dialogue::commands::{Command, NoticeWay, Paper, Service};
use crate::investing::Return;
use crate::language::Language;

fn holder() -> Chat {
    Chat::holding(vec![holding("HDFC Flexi Cap Fund", Return::Yearly(0.1))])
}

#[test]
fn a_paper_is_chosen_from_a_list_and_made_after_the_turn() {
    let mut chat = holder();
    let choice = chat.writes("account statement");
    assert_eq!(ids(&choice).len(), 7);
    let coming = chat.taps(&id(&choice, "statement"));
    assert!(words(&coming).contains("Account statement"));
    let made = Service::Paper(Paper::Statement, Language::En);
    assert_eq!(chat.taken(), [Command::Serve(made)]);
}

#[test]
fn gains_are_asked_for_by_financial_year() {
    let mut chat = holder();
    let years = chat.writes("capital gains report");
    let coming = words(&chat.taps(&id(&years, "2025")));
    assert!(coming.contains("FY 2025-26") && coming.contains("not tax advice"));
    let made = Service::Paper(Paper::CapitalGains { year: 2025 }, Language::En);
    assert_eq!(chat.taken(), [Command::Serve(made)]);
}

#[test]
fn whoever_has_nothing_on_record_or_is_in_doubt_gets_no_paper() {
    let mut chat = Chat::going_on();
    chat.writes("account statement");
    let mut doubtful = holder();
    let choice = doubtful.writes("account statement");
    doubtful.contact.unverified_since = Some(doubtful.now);
    doubtful.taps(&id(&choice, "statement"));
    assert!(chat.taken().is_empty() && doubtful.taken().is_empty());
}

#[test]
fn a_complaint_has_a_number_and_a_ladder_and_goes_to_a_person() {
    let mut chat = Chat::going_on();
    let said = chat.writes("complaint: my money was debited without my permission");
    let text = words(&said);
    let taken = chat.taken();
    let [Command::Serve(Service::Request(_, number))] = &taken[..] else {
        panic!("not on the register");
    };
    assert!(number.starts_with("C-260824-"), "{number}");
    let reason = format!("complaint {number}");
    assert!(said.changes.contains(&ContactChange::HandOff(reason)));
    for part in [number, "AMFI", "scores.sebi.gov.in", "grievance@example.in"] {
        assert!(text.contains(part), "{part} in {text}");
    }
}

#[test]
fn data_is_erased_only_after_it_was_asked_twice() {
    let mut chat = Chat::going_on();
    let ask = chat.writes("delete my data");
    assert!(words(&ask).contains("running SIPs are not stopped"));
    assert!(chat.taken().is_empty());
    let said = chat.taps(&id(&ask, "confirm_erase"));
    let taken = chat.taken();
    let [Command::Serve(Service::Request(_, number))] = &taken[..] else {
        panic!("not on the register");
    };
    assert!(number.starts_with("E-") && words(&said).contains(number.as_str()));
    assert_eq!(chat.contact.owner, Owner::Human);
}

#[test]
fn an_old_button_erases_nothing() {
    let mut chat = Chat::going_on();
    let ask = chat.writes("delete my data");
    chat.writes("menu");
    chat.taps(&id(&ask, "confirm_erase"));
    assert!(chat.taken().is_empty());
    assert_eq!(chat.contact.owner, Owner::Bot);
}

#[test]
fn notices_go_where_they_are_wanted() {
    let mut chat = Chat::going_on();
    let choice = chat.writes("notification settings");
    assert!(words(&chat.taps(&id(&choice, "email"))).contains("By e-mail"));
    let service = Service::Notices(NoticeWay::Email);
    assert_eq!(chat.taken(), [Command::Serve(service)]);
}

#[test]
fn distress_is_answered_with_help_and_not_with_a_menu() {
    let mut chat = Chat::going_on();
    let text = chat.asks("i lost everything in the market, i want to die");
    assert!(text.contains("14416"), "{text}");
    assert_eq!(chat.contact.owner, Owner::Human);
    let mut chat = Chat::going_on();
    assert!(!chat.asks("the market is killing my sip").contains("14416"));
}

#[test]
fn nothing_is_given_for_investing_and_nobody_is_copied() {
    let mut chat = Chat::going_on();
    for (asked, part) in [
        ("reward points", "no points"),
        ("refer a friend", "no reward"),
        ("show leaderboard", "do not rank"),
        ("copy top investor portfolio", "confidential"),
        ("how is the market today", "24,870.10"),
    ] {
        let text = chat.asks(asked);
        assert!(text.contains(part), "{asked}: {text}");
    }
}

#[test]
fn funds_are_compared_in_the_order_they_were_named() {
    let mut chat = Chat::going_on();
    let text = chat.asks("compare parag parikh flexi cap and hdfc flexi cap");
    let (parag, hdfc) = (text.find("Parag Parikh"), text.find("HDFC"));
    assert!(parag.is_some() && parag < hdfc, "{text}");
    assert!(
        text.contains("not on our record") && text.contains("21-Aug-2026"),
        "{text}"
    );
}
