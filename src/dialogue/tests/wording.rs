use super::conversation::{Chat, body, holding, id, ids, words};
use crate::contacts::{ContactChange, Marketing, Owner};
use crate::dialogue::disclosures::{MARKET_RISK, PAST_PERFORMANCE};
use crate::investing::Return;
use crate::whatsapp::Outgoing;

fn in_each_language(said: impl Fn(&mut Chat) -> String) -> Vec<String> {
    ["en", "hi", "hinglish"]
        .map(|language| {
            let mut chat = Chat::going_on();
            chat.contact.language = Some(language.into());
            said(&mut chat)
        })
        .into()
}

#[test]
fn a_question_about_a_sip_is_answered_and_not_read_as_an_order() {
    for said in in_each_language(|chat| chat.asks("what is a sip")) {
        assert!(said.contains("Systematic Investment Plan") && said.contains(MARKET_RISK));
    }
    assert!(
        Chat::going_on()
            .asks("sip kya hota hai")
            .contains("har mahine")
    );

    let question = Chat::going_on().writes("what happens if i stop my sip");
    assert!(words(&question).contains("as a question") && question.changes.is_empty());
    id(&question, "person:call");
}

#[test]
fn a_word_of_investing_is_explained_and_what_is_under_way_stays() {
    for (question, part) in [
        ("what is nav", "Net Asset Value"),
        ("exit load kya hota hai", "Exit load"),
        ("ELSS full form", "Equity Linked Savings Scheme"),
        ("direct vs regular", "Regular"),
        ("xirr kya hota hai", "XIRR"),
        ("risk-o-meter kya hai", "Moderately High"),
    ] {
        for said in in_each_language(|chat| chat.asks(question)) {
            let said = said.replace("exit load", "Exit load");
            assert!(said.contains(part) && said.contains(MARKET_RISK), "{said}");
        }
    }
    let mut chat = Chat::going_on();
    chat.contact.language = Some("en".into());
    chat.writes("sip calculator");
    let explained = chat.asks("what is a folio");
    assert!(
        explained.contains("your account with one fund house"),
        "{explained}"
    );
    let years = chat.asks("5000");
    assert!(years.contains("₹5,000"), "{years}");
}

#[test]
fn a_stop_stays_one_in_whatever_tone_it_comes() {
    let stopped = ContactChange::Marketing(Marketing::OptedOut);
    for text in ["stop sending stupid messages", "STOP, idiot"] {
        let reply = Chat::going_on().writes(text);
        assert!(
            reply.changes.contains(&stopped),
            "{text}: {}",
            words(&reply)
        );
    }
    let insulted = Chat::going_on().writes("you stupid bot");
    assert!(!insulted.changes.contains(&stopped));
    id(&insulted, "person:call");
}

#[test]
fn numbers_alone_lead_to_no_guess_and_an_amount_offers_a_sum() {
    for text in ["10 years", "10", "12%", "das saal"] {
        let mut chat = Chat::going_on();
        chat.contact.language = Some("en".into());
        let reply = chat.writes(text);
        assert!(!words(&reply).contains("Did you mean"), "{text}");
        assert!(matches!(reply.replies[0].message, Outgoing::List { .. }));
    }
    let mut chat = Chat::going_on();
    let offer = chat.writes("5000");
    let years = chat.taps(&id(&offer, "calculator:begin"));
    assert!(words(&years).contains("*₹5,000* a month, for how many years"));
}

#[test]
fn a_topic_opens_from_an_earlier_menu_too_and_a_sum_under_way_is_not_dropped() {
    let mut chat = Chat::going_on();
    let old = chat.writes("hi");
    chat.writes("menu");
    assert!(words(&chat.taps(&id(&old, "portfolio"))).contains("CAS"));
    assert!(words(&chat.taps(&id(&old, "nav"))).contains("Which fund"));
    assert!(words(&chat.taps(&id(&old, "calculator"))).contains("What shall I work out"));
    chat.writes("sip calculator");
    chat.writes("5000");
    let again = words(&chat.taps(&id(&old, "calculator")));
    assert!(
        again.contains("₹5,000") && !again.contains("earlier message"),
        "{again}"
    );
    assert!(words(&chat.taps(&id(&old, "agent"))).contains("earlier message"));
    assert_eq!(chat.contact.owner, Owner::Bot);
}

#[test]
fn a_command_keeps_the_language_of_the_conversation() {
    for command in [
        "help", "stop", "start", "back", "cancel", "menu", "ok", "thanks",
    ] {
        let mut chat = Chat::going_on();
        chat.writes("mera portfolio dikhao");
        let said = chat.asks(command).to_lowercase();
        assert!(said.contains("iye"), "{command}: {said}");
    }
}

#[test]
fn required_sentences_stand_once_in_english_with_one_short_clause_beside() {
    for said in in_each_language(|chat| chat.asks("5000 for 10 years at 12%")) {
        assert_eq!(said.matches(MARKET_RISK).count(), 1, "{said}");
        assert_eq!(said.matches(PAST_PERFORMANCE).count(), 1, "{said}");
        let promise = "Illustration at an assumed 12 % p.a.; not a promise.";
        assert_eq!(said.matches(promise).count(), 1, "{said}");
        for sentence in [MARKET_RISK, PAST_PERFORMANCE] {
            let line = said.lines().find(|line| line.contains(sentence)).unwrap();
            let beside = line.chars().count() - sentence.chars().count();
            assert!(beside <= 45, "{beside}: {line}");
        }
    }
}

#[test]
fn a_young_fund_says_in_three_words_when_its_xirr_comes() {
    for (language, part) in [
        ("en", "after 1 year"),
        ("hi", "1 साल बाद"),
        ("hinglish", "1 saal baad"),
    ] {
        let mut chat = Chat::holding(vec![holding("HDFC Flexi Cap Fund", Return::UnderOneYear)]);
        chat.contact.language = Some(language.into());
        assert!(chat.asks("portfolio").contains(&format!("XIRR: {part}\n")));
    }
}

#[test]
fn a_short_sign_of_having_read_gets_a_short_warm_line() {
    for text in ["👍", "ok", "okay", "theek hai", "😊", "great"] {
        let mut chat = Chat::going_on();
        chat.contact.language = Some("en".into());
        chat.writes("hdfc flexi cap nav");
        let reply = chat.writes(text);
        assert!(words(&reply).starts_with("Great."), "{text}");
        assert!(ids(&reply).is_empty() && body(&reply.replies[0].message).chars().count() < 80);
    }
    assert!(
        Chat::going_on()
            .asks("thanks")
            .starts_with("You are welcome")
    );
    assert!(Chat::going_on().asks("yes").contains("nothing waiting"));
}

#[test]
fn without_a_phone_number_the_statement_is_left_to_a_person() {
    for said in in_each_language(|chat| chat.asks("portfolio")) {
        assert!(
            said.contains("_agent_") && !said.contains("KFintech"),
            "{said}"
        );
    }
    let mut chat = Chat::going_on();
    chat.contact.phone = Some("919800000001".into());
    assert!(chat.asks("portfolio").contains("has to be this one"));
}

#[test]
fn the_rows_of_a_choice_say_what_differs() {
    let offer = Chat::going_on().writes("parag parikh nav");
    let Outgoing::List { sections, .. } = &offer.replies[0].message else {
        panic!("no list");
    };
    let rows: Vec<_> = sections[0]
        .rows
        .iter()
        .map(|row| (row.title.as_str(), row.description.as_deref().unwrap()))
        .collect();
    assert_eq!(
        rows,
        [
            ("Regular", "Parag Parikh Flexi Cap Fund · Regular · Growth"),
            ("Direct", "Parag Parikh Flexi Cap Fund · Direct · Growth"),
        ]
    );
}
