//! Papers, facts, notices, requests, and honest answers.

use super::conversation::{Chat, holding, id, ids, words};
use crate::contacts::requests::Entry;
use crate::contacts::{ContactChange, Marketing, Owner};
use crate::dialogue::commands::{Command, NoticeWay, Paper, Service};
use crate::investing::{Holding, Return, SchemeCode};
use crate::language::Language;
use crate::people::Change;

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
fn one_held_fund_is_shown_alone_and_of_one_that_is_not_held_the_whole() {
    let mut chat = Chat::holding(vec![
        holding("HDFC Flexi Cap Fund", Return::Yearly(0.1)),
        Holding {
            scheme: None,
            name: "Quant Small Cap Fund".into(),
            ..holding("Quant", Return::UnderOneYear)
        },
    ]);
    let one = chat.asks("mera hdfc flexi kitna hua");
    assert!(
        one.contains("HDFC Flexi Cap Fund") && one.contains("₹12,345.60") && one.contains("10.00%"),
        "{one}"
    );
    assert!(!one.contains("Quant"), "{one}");
    chat.contact.language = Some("en".into());
    let other = chat.asks("how much is my quant small cap fund now");
    assert!(
        other.contains("after 1 year") && !other.contains("HDFC"),
        "{other}"
    );
    let none = chat.asks("my returns in parag parikh");
    assert!(
        none.contains("I find no") && none.contains("Your portfolio"),
        "{none}"
    );
}

#[test]
fn a_fund_is_held_whatever_its_plan_is_and_however_it_is_typed() {
    let mut chat = Chat::holding(vec![Holding {
        scheme: Some(SchemeCode(122_639)),
        name: "PPFCF - Direct - Growth".into(),
        ..holding("Parag Parikh", Return::UnderOneYear)
    }]);
    chat.contact.language = Some("en".into());
    let one = chat.asks("how much is my parag parikh flexi cap regular fund now");
    assert!(!one.contains("I find no"), "{one}");
    assert!(one.contains("PPFCF"), "{one}");
}

#[test]
fn an_account_is_for_one_adult_and_begins_with_leave_to_keep_data() {
    let mut chat = Chat::going_on();
    for (words, part) in [
        ("open account for my daughter", "guardian"),
        ("joint account kholna hai", "Do ya zyada holders ka"),
    ] {
        let text = chat.asks(words);
        assert!(text.contains(part), "{words}: {text}");
    }
    chat.contact.language = Some("en".into());
    let ask = chat.writes("open account");
    assert!(words(&ask).contains("Do you agree"));
    let declined = chat.taps(&id(&ask, ":no"));
    assert!(words(&declined).contains("nothing is kept") && chat.taken().is_empty());
}

#[test]
fn a_purchase_that_lacks_a_record_leads_there_and_waits() {
    let (mut chat, house) = Chat::dealing(Vec::new());
    house.book().lacks = vec!["pan_missing".to_owned()];
    let refused = chat.writes("lumpsum 5000 in hdfc flexi cap");
    let ask = chat.taps(&id(&refused, "record:open"));
    assert!(words(&ask).contains("Do you agree"));
    let name = chat.taps(&id(&ask, "yes"));
    assert!(words(&name).contains("name, as on your PAN"));
    let consents = chat.taken();
    assert_eq!(consents.len(), 4);
    for consent in consents {
        let Command::Consent(consent) = consent else {
            panic!("no consent");
        };
        assert!(consent.given && words(&ask).contains(&consent.proof.shown));
        assert_eq!(consent.proof.answer, "I agree");
    }
    chat.writes("cancel");
}

#[test]
fn what_is_kept_of_a_consent_is_what_was_shown_in_whichever_language_they_agree() {
    let mut chat = Chat::going_on();
    let shown = words(&chat.writes("open account"));
    chat.writes("haan");
    let taken = chat.taken();
    assert_eq!(taken.len(), 4);
    for taken in taken {
        let Command::Consent(consent) = taken else {
            panic!("no consent");
        };
        let kept = &consent.proof;
        assert!(shown.contains(&kept.shown), "{}", kept.shown);
        assert_eq!(kept.answer, "haan");
    }
}

#[test]
fn whose_number_came_into_doubt_gives_no_consent_and_is_asked_nothing_more() {
    for said in ["yes", "back", "continue"] {
        let mut chat = Chat::going_on();
        let ask = chat.writes("open account");
        assert!(words(&ask).contains("Do you agree"));
        chat.contact.unverified_since = Some(chat.now);
        let answer = words(&chat.writes(said));
        assert!(!answer.contains("Do you agree"), "{said}: {answer}");
        assert!(!answer.contains("name, as on your PAN"), "{said}: {answer}");
        let taken = chat.taken();
        let is_consent = |one: &Command| matches!(one, Command::Consent(_));
        assert!(!taken.iter().any(is_consent), "{said}: {taken:?}");
    }
}

#[test]
fn a_wish_in_place_of_a_name_is_a_wish_and_the_record_waits() {
    let mut chat = Chat::going_on();
    let ask = chat.writes("open account");
    chat.taps(&id(&ask, "yes"));
    let said = chat.writes("my portfolio");
    assert!(words(&said).contains("CAS"), "{}", words(&said));
    let named = chat.taps(&id(&said, "resume"));
    assert!(words(&named).contains("name, as on your PAN"));
    chat.taken();
    chat.writes("Asha Demo");
    let taken = chat.taken();
    assert_eq!(
        taken,
        [Command::Record(Box::new(Change::Name("Asha Demo".into())))]
    );
}

#[test]
fn a_complaint_has_a_number_and_a_ladder_and_goes_to_a_person() {
    let mut chat = Chat::going_on();
    let said = chat.writes("complaint: my money was debited without my permission");
    let text = words(&said);
    let taken = chat.taken();
    let [Command::Serve(Service::Complaint(number))] = &taken[..] else {
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
fn how_far_a_complaint_is_is_told_in_each_language_and_no_other_is_lodged() {
    for (language, words_of_none) in [
        ("en", "no complaint"),
        ("hi", "कोई शिकायत"),
        ("hinglish", "koi complaint"),
    ] {
        let mut chat = Chat::going_on();
        chat.contact.language = Some(language.into());
        let none = words(&chat.writes("meri complaint ka kya hua"));
        assert!(none.contains(words_of_none), "{none}");
        let mut lodged = Entry {
            number: "C-260820-7K3Q9F".into(),
            kind: "complaint".into(),
            contact: chat.contact.id.to_string(),
            opened_at: "2026-08-20T04:30:00Z".parse().unwrap(),
            closed_at: None,
            outcome: None,
        };
        chat.has_complained(lodged.clone());
        let open = chat.writes("what is happening with my complaint");
        let text = words(&open);
        for part in ["C-260820-7K3Q9F", "20-Aug-2026", "grievance@example.in"] {
            assert!(text.contains(part), "{part} in {text}");
        }
        id(&open, "person:call");
        lodged.closed_at = Some("2026-08-22T04:30:00Z".parse().unwrap());
        chat.has_complained(lodged);
        let closed = words(&chat.writes("मेरी शिकायत का क्या हुआ"));
        assert!(closed.contains("22-Aug-2026"), "{closed}");
        assert_eq!(chat.taken(), []);
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
    let [Command::Serve(Service::Erase(number, due))] = &taken[..] else {
        panic!("not on the register");
    };
    assert!(number.starts_with("E-") && words(&said).contains(number.as_str()));
    assert!(words(&said).contains("25-Aug-2026, 10:00") && *due > chat.now);
    assert_eq!(chat.contact.owner, Owner::Bot);
    id(&said, "privacy:keep");
}

#[test]
fn an_erasure_that_has_begun_is_neither_called_off_nor_asked_for_again() {
    const NUMBER: &str = "E-260824-7K3Q9F";
    let mut chat = Chat::going_on();
    let ask = chat.writes("delete my data");
    chat.is_to_be_erased(NUMBER, Some(chat.now));
    let pending = chat.taps(&id(&ask, "confirm_erase"));
    let keep = id(&pending, "privacy:keep");
    chat.is_to_be_erased(NUMBER, None);
    let said = [chat.taps(&keep), chat.writes("delete my data")];
    for said in said {
        let words = words(&said);
        assert!(
            words.contains("too late") && words.contains(NUMBER),
            "{words}"
        );
    }
    assert!(chat.taken().is_empty());
}

#[test]
fn whoever_is_in_doubt_gets_no_copy_and_erases_nothing() {
    let mut chat = Chat::going_on();
    let shown = chat.writes("what data do you have about me");
    chat.contact.unverified_since = Some(chat.now);
    for part in ["export", "erase"] {
        let said = chat.taps(&id(&shown, part));
        assert!(words(&said).contains("made sure"), "{}", words(&said));
    }
    assert!(chat.taken().is_empty());
}

#[test]
fn news_are_asked_about_once_and_the_answer_is_kept_with_what_was_shown() {
    let mut chat = Chat::going_on();
    let asked = chat.writes("thanks");
    let yes = id(&asked, "marketing:may");
    assert!(yes.ends_with(":yes-en") && words(&asked).starts_with("You are welcome"));
    assert!(ids(&chat.writes("thanks")).is_empty(), "once");

    let mut chat = Chat::going_on();
    let asked = chat.writes("thanks");
    chat.taps(&id(&asked, "marketing:may"));
    let taken = chat.taken();
    let [Command::Consent(consent)] = &taken[..] else {
        panic!("no consent");
    };
    assert!(consent.given && words(&asked).contains(&consent.proof.shown));
    assert_eq!(consent.proof.answer, "Yes, send them");
}

#[test]
fn no_to_news_is_no_from_any_prompt_and_beside_a_person() {
    let no_of = |chat: &mut Chat| {
        let asked = chat.writes("thanks");
        let mut all = ids(&asked).into_iter();
        all.find(|id| id.contains(":no-")).unwrap()
    };
    let mut chat = Chat::going_on();
    let no = no_of(&mut chat);
    chat.writes("menu");
    chat.taps(&no);
    let taken = chat.taken();
    let [Command::Consent(consent)] = &taken[..] else {
        panic!("the old button was refused");
    };
    assert!(!consent.given);

    let mut chat = Chat::going_on();
    let no = no_of(&mut chat);
    chat.contact.owner = Owner::Human;
    assert!(chat.taps(&no).replies.is_empty());
    assert_eq!(chat.contact.marketing, Marketing::OptedOut);
}

#[test]
fn nobody_agrees_to_news_from_a_number_in_doubt() {
    let mut chat = Chat::going_on();
    chat.contact.unverified_since = Some(chat.now);
    for words in ["subscribe", "opt in"] {
        chat.writes(words);
        assert_eq!(chat.contact.marketing, Marketing::NotAsked, "{words}");
    }
    chat.writes("stop");
    assert_eq!(chat.contact.marketing, Marketing::OptedOut);
    chat.writes("START");
    assert_eq!(chat.contact.marketing, Marketing::OptedOut);
}

#[test]
fn news_are_not_asked_about_after_a_stop_nor_in_the_middle_of_something() {
    let mut chat = Chat::going_on();
    chat.writes("STOP");
    assert!(ids(&chat.writes("thanks")).is_empty());
    let mut chat = Chat::going_on();
    chat.writes("sip calculator");
    assert!(ids(&chat.writes("thanks")).is_empty());
    let mut chat = Chat::going_on();
    let asked = chat.writes("thanks");
    chat.contact.marketing = Marketing::OptedOut;
    let said = chat.taps(&id(&asked, "marketing:may"));
    assert!(words(&said).contains("OPT IN") && chat.taken().is_empty());
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
    let (mut chat, _) = Chat::dealing(Vec::new());
    let text = chat.asks("compare parag parikh flexi cap and hdfc flexi cap");
    let (parag, hdfc) = (text.find("Parag Parikh"), text.find("HDFC"));
    assert!(parag.is_some() && parag < hdfc, "{text}");
    assert!(
        text.contains("not on our record") && text.contains("21-Aug-2026"),
        "{text}"
    );
    assert!(text.contains("Very High (Jul-2026)"), "{text}");
    // Silence in the rules is no word that there is none.
    for lock_in in ["Lock-in: not on our record", "Lock-in: none"] {
        assert!(text.contains(lock_in), "{lock_in}: {text}");
    }
}
