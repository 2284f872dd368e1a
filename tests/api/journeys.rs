//! What people come for, from their phone and back to it, through the whole service.

use std::time::Duration;

use serde_json::{Value, json};
use sipbrewery::sandbox::{Attachment, Fault, FaultKind, Person};

use crate::harness::TestApp;
use crate::harness::app::{ARN, DISTRIBUTOR};

const ASHA: &str = "919000000000";
const RAVI: &str = "919000000001";
/// An invented statement; the mobile number in it is Asha's.
const STATEMENT: &[u8] = include_bytes!("../data/cas/sample-cas-synthetic.json");

#[tokio::test]
async fn the_first_reply_says_who_speaks_and_later_ones_do_not_repeat_it() {
    let app = TestApp::start().await;
    app.knows(ASHA, "Asha");
    let hello = app.asks(ASHA, "hi").await;
    assert!(
        hello.contains(DISTRIBUTOR) && hello.contains(ARN),
        "{hello}"
    );
    assert!(hello.contains("Asha"), "{hello}");
    let menu = app.asks(ASHA, "menu").await;
    assert!(!menu.contains(ARN), "{menu}");
    app.stop().await;
}

#[tokio::test]
async fn a_nav_is_found_by_a_sloppy_name_and_told_with_its_date() {
    let app = TestApp::start().await;
    app.says(ASHA, "whats the nav of hdfc flexy cap regular growth")
        .await;
    let answer = app.next_reply(ASHA).await.text.clone();
    assert!(answer.contains("HDFC Flexi Cap Fund"), "{answer}");
    assert!(answer.contains("₹2,082.6070"), "{answer}");
    assert!(answer.contains("21-Aug-2026"), "{answer}");
    assert!(answer.contains("Not on our record"), "{answer}");
    app.stop().await;
}

#[tokio::test]
async fn a_list_is_tapped_as_on_a_phone() {
    let app = TestApp::start().await;
    app.asks(ASHA, "hi").await;
    app.taps(ASHA, "Help").await;
    let help = app.next_reply(ASHA).await.text.clone();
    assert!(help.contains("SIP calculator"), "{help}");
    app.stop().await;
}

#[tokio::test]
async fn a_portfolio_is_shown_to_the_number_in_the_statement_and_to_nobody_else() {
    let app = TestApp::start().await;
    app.app.import_statement(STATEMENT, None).await.unwrap();
    let mine = app.asks(ASHA, "my portfolio").await;
    assert!(
        mine.contains("*Your portfolio*") && mine.contains("XIRR"),
        "{mine}"
    );
    assert!(
        mine.contains("HDFC Flexi Cap") && mine.contains("21-Aug-2026"),
        "{mine}"
    );
    let theirs = app.asks(RAVI, "my portfolio").await;
    assert!(!theirs.contains("HDFC Flexi Cap"), "{theirs}");
    assert!(theirs.contains("no portfolio"), "{theirs}");
    app.stop().await;
}

#[tokio::test]
async fn an_operator_may_bind_a_statement_to_somebody_who_writes_from_another_number() {
    let app = TestApp::start().await;
    let bound = app.app.import_statement(STATEMENT, Some(RAVI)).await;
    assert!(bound.is_err(), "somebody who never wrote cannot be meant");
    app.asks(RAVI, "hi").await;
    app.app
        .import_statement(STATEMENT, Some(RAVI))
        .await
        .unwrap();
    let theirs = app.asks(RAVI, "portfolio").await;
    assert!(theirs.contains("HDFC Flexi Cap"), "{theirs}");
    let mine = app.asks(ASHA, "portfolio").await;
    assert!(mine.contains("no portfolio"), "{mine}");
    app.stop().await;
}

#[tokio::test]
async fn a_complaint_stays_on_the_register_until_a_person_says_what_came_of_it() {
    let app = TestApp::start().await;
    let told = app.asks(ASHA, "i want to file a complaint").await;
    let number = told
        .split_whitespace()
        .map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()))
        .find(|word| word.starts_with("C-"))
        .unwrap()
        .to_owned();
    let (_, open) = app.operator("requests").await;
    assert!(
        open.contains(&number) && open.contains("open for 0 days"),
        "{open}"
    );
    let (_, waits) = app.operator("attention list").await;
    let of_it = waits.lines().find(|line| line.contains(&number)).unwrap();
    assert!(of_it.contains("complaint"), "{of_it}");
    let id = of_it.split_whitespace().next().unwrap();
    let (ok, why) = app.operator(&format!("attention resolve {id}")).await;
    assert!(!ok && why.contains("--outcome"), "{why}");
    let (ok, why) = app
        .operator(&format!("attention resolve {id} --outcome="))
        .await;
    assert!(!ok && why.contains("--outcome"), "{why}");
    let outcome = format!("attention resolve {id} --outcome refunded");
    let (ok, said) = app.operator(&outcome).await;
    assert!(ok, "{said}");
    let (_, open) = app.operator("requests").await;
    assert!(!open.contains(&number), "{open}");
    let (_, register) = app.operator("requests --all --csv").await;
    let entry = register.lines().find(|line| line.contains(&number));
    assert!(entry.unwrap().ends_with(",0,refunded"), "{register}");
    app.stop().await;
}

/// The shipped statement with another number on it.
fn statement_of(mobile: &str) -> String {
    let text = std::str::from_utf8(STATEMENT).unwrap();
    let mut statement: Value = serde_json::from_str(text).unwrap();
    statement["investor_info"]["mobile"] = json!(mobile);
    statement.to_string()
}

#[tokio::test]
async fn a_folder_of_statements_is_imported_file_by_file_and_one_bad_one_stops_no_other() {
    let app = TestApp::start().await;
    app.asks(ASHA, "hi").await;
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in [
        ("a.json", statement_of(ASHA)),
        ("b.json", "{}".to_owned()),
        ("c.json", statement_of(RAVI)),
        ("d.json", statement_of("")),
    ] {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    let command = format!("cas import {}", folder.path().display());
    let (ok, said) = app.operator(&command).await;
    assert!(!ok, "two files were refused: {said}");
    let line = |file: &str| {
        let of = |line: &&str| line.starts_with(&format!("{file}: "));
        said.lines().find(of).unwrap().to_owned()
    };
    let (heard, unheard) = (line("a.json"), line("c.json"));
    assert!(heard.contains("transactions added, 0 on record already"));
    assert!(!heard.contains("nobody"), "{heard}");
    assert!(
        unheard.contains("nobody with this number has written yet"),
        "{unheard}"
    );
    assert!(line("b.json").contains("not imported"), "{said}");
    assert!(line("d.json").contains("no mobile number"), "{said}");
    assert!(said.contains("2 of 4 statements were not imported"));
    let (_, again) = app.operator(&command).await;
    let added_again = |line: &&str| line.contains(" 0 transactions added");
    assert_eq!(again.lines().filter(added_again).count(), 2, "{again}");
    // What was kept is theirs as soon as they write.
    for who in [ASHA, RAVI] {
        let theirs = app.asks(who, "my portfolio").await;
        assert!(theirs.contains("HDFC Flexi Cap"), "{theirs}");
    }
    for name in ["b.json", "d.json"] {
        std::fs::remove_file(folder.path().join(name)).unwrap();
    }
    let (ok, said) = app.operator(&command).await;
    assert!(ok, "{said}");
    app.stop().await;
}

#[tokio::test]
async fn a_sip_is_illustrated_in_one_sentence_or_step_by_step_with_its_disclaimer() {
    let app = TestApp::start().await;
    let whole = app.asks(ASHA, "sip of 5000 for 10 years at 12%").await;
    assert!(
        whole.contains("₹6,00,000") && whole.contains("₹11,61,695"),
        "{whole}"
    );
    assert!(whole.contains("not a promise"), "{whole}");
    app.asks(RAVI, "sip calculator").await;
    app.asks(RAVI, "5k").await;
    app.asks(RAVI, "10 years").await;
    let steps = app.asks(RAVI, "12").await;
    assert!(steps.contains("₹11,61,695"), "{steps}");
    app.stop().await;
}

#[tokio::test]
async fn a_chosen_language_stays_after_the_conversation() {
    let app = TestApp::start().await;
    app.asks(ASHA, "hi").await;
    app.asks(ASHA, "language").await;
    app.taps(ASHA, "हिन्दी").await;
    let set = app.next_reply(ASHA).await.text.clone();
    assert!(set.contains("हिन्दी"), "{set}");
    let menu = app.asks(ASHA, "menu").await;
    assert!(menu.contains("देखना चाहेंगे"), "{menu}");
    app.until("select count(*) from contacts where language = 'hi'", 1)
        .await;
    app.stop().await;
}

#[tokio::test]
async fn stop_and_start_are_recorded_and_only_their_own_word_opts_anybody_back_in() {
    let app = TestApp::start().await;
    let stop = app.asks(ASHA, "STOP").await;
    assert!(stop.contains("no more marketing"), "{stop}");
    let out = "select count(*) from contacts where marketing = 'opted_out'";
    app.until(out, 1).await;
    app.asks(ASHA, "hi").await;
    assert_eq!(app.scalar(out).await, 1);
    app.asks(ASHA, "START").await;
    app.until(
        "select count(*) from contacts where marketing = 'opted_in'",
        1,
    )
    .await;
    assert_eq!(
        app.scalar("select count(*) from audit where action like 'marketing%'")
            .await,
        2
    );
    app.stop().await;
}

#[tokio::test]
async fn a_person_is_asked_for_and_the_bot_stays_silent_until_it_is_released() {
    let app = TestApp::start().await;
    app.asks(ASHA, "hi").await;
    let passed = app.asks(ASHA, "talk to a person").await;
    assert!(passed.contains("A person will contact you"), "{passed}");
    assert_eq!(
        app.scalar("select count(*) from handoffs where closed_at is null")
            .await,
        1
    );
    app.says(ASHA, "nav hdfc flexi cap").await;
    app.until("select count(*) from inbox where outcome = 'held'", 1)
        .await;
    assert_eq!(app.said_to(ASHA).len(), 2);
    assert!(app.app.release(ASHA, "operator").await.unwrap());
    let back = app.asks(ASHA, "help").await;
    assert!(back.contains("Here is what I can do"), "{back}");
    assert!(!app.app.release(ASHA, "operator").await.unwrap());
    app.stop().await;
}

#[tokio::test]
async fn a_voice_note_gets_one_polite_line() {
    let app = TestApp::start().await;
    app.asks(ASHA, "hi").await;
    app.emulator.user_attaches(ASHA, Attachment::Voice).await;
    let line = app.next_reply(ASHA).await.text.clone();
    assert!(line.contains("cannot open voice messages"), "{line}");
    assert_eq!(line.lines().count(), 1);
    app.stop().await;
}

#[tokio::test]
async fn what_is_not_understood_is_said_to_be_so() {
    let app = TestApp::start().await;
    app.asks(ASHA, "hi").await;
    let answer = app.asks(ASHA, "qwzx bjkl").await;
    assert!(answer.contains("did not understand"), "{answer}");
    app.stop().await;
}

#[tokio::test]
async fn somebody_without_a_phone_number_is_answered_by_user_id() {
    let app = TestApp::start().await;
    let user = "IN.2081978709342942";
    app.emulator
        .add_person(Person::without_phone(user, "Kavita"));
    app.says(user, "hi").await;
    let reply = app.next_reply(user).await;
    assert_eq!(reply.body["recipient"], user);
    assert!(reply.body.get("to").is_none(), "{}", reply.body);
    app.stop().await;
}

#[tokio::test]
async fn a_user_id_and_the_phone_number_shown_later_are_one_contact() {
    let app = TestApp::start().await;
    let person = Person::with_phone(ASHA, "Asha");
    let user = person.user_id.clone();
    app.emulator.add_person(person);
    app.emulator
        .set_fault(FaultKind::HidePhones, Fault::chance(1.0));
    app.asks(ASHA, "hi").await;
    assert!(app.app.find_contact(ASHA).await.is_err());
    let before = app.app.find_contact(&user).await.unwrap();
    app.emulator.set_fault(FaultKind::HidePhones, Fault::OFF);
    app.asks(ASHA, "menu").await;
    assert_eq!(app.app.find_contact(ASHA).await.unwrap(), before);
    assert_eq!(app.app.find_contact(&user).await.unwrap(), before);
    assert_eq!(app.scalar("select count(*) from contacts").await, 1);
    app.stop().await;
}

#[tokio::test]
async fn two_contacts_that_prove_to_be_one_become_that_of_the_phone_number() {
    let app = TestApp::start().await;
    // Known by number from the statement, and by user id from a message.
    app.app.import_statement(STATEMENT, None).await.unwrap();
    let holder = app.app.find_contact(ASHA).await.unwrap();
    let person = Person::with_phone(ASHA, "Asha");
    let user = person.user_id.clone();
    app.emulator.add_person(person);
    app.emulator
        .set_fault(FaultKind::HidePhones, Fault::chance(1.0));
    app.asks(ASHA, "hi").await;
    assert_ne!(app.app.find_contact(&user).await.unwrap(), holder);
    app.emulator.set_fault(FaultKind::HidePhones, Fault::OFF);
    let portfolio = app.asks(ASHA, "portfolio").await;
    assert!(portfolio.contains("HDFC Flexi Cap"), "{portfolio}");
    assert_eq!(app.app.find_contact(&user).await.unwrap(), holder);
    assert_eq!(app.app.find_contact(ASHA).await.unwrap(), holder);
    app.stop().await;
}

#[tokio::test]
async fn a_conversation_goes_on_by_a_clock_that_is_moved() {
    // On PostgreSQL a live service follows the database's clock and none of ours.
    if crate::harness::database::server().is_some() {
        return;
    }
    let clock = sipbrewery::clock::Clock::starting_at(
        "2026-08-24T04:30:00Z".parse().expect("a time written here"),
    );
    let app = TestApp::at(clock).await;
    app.asks(ASHA, "hi").await;
    app.emulator.advance(Duration::from_hours(30));
    let again = app.asks(ASHA, "hi").await;
    assert!(
        again.contains(ARN),
        "a new day is a new conversation: {again}"
    );
    app.stop().await;
}

/// Returns the statement with another mobile number on it.
fn of_number(number: &str) -> Vec<u8> {
    let text = String::from_utf8_lossy(STATEMENT);
    text.replace(ASHA, number).into_bytes()
}

#[tokio::test]
async fn after_a_change_of_number_the_portfolio_is_shown_once_an_operator_has_made_sure() {
    let app = TestApp::start().await;
    app.app.import_statement(STATEMENT, None).await.unwrap();
    assert!(app.asks(ASHA, "my portfolio").await.contains("HDFC Flexi"));
    let changed = serde_json::json!({"type": "user_changed_number", "wa_id": RAVI});
    app.emulator.user_sends(ASHA, "system", changed).await;
    app.until(
        "select count(*) from attention where kind = 'number_changed'",
        1,
    )
    .await;
    app.knows(RAVI, "Asha");
    for gone_or_in_doubt in [STATEMENT.to_vec(), of_number(RAVI)] {
        let refused = app.app.import_statement(&gone_or_in_doubt, None).await;
        let refused = refused.expect_err("whose it is, a person has to say");
        assert!(refused.to_string().contains("--contact"), "{refused}");
    }
    let hidden = app.asks(RAVI, "my portfolio").await;
    assert!(hidden.contains("number has changed"), "{hidden}");
    assert!(!hidden.contains("HDFC"), "{hidden}");
    let (_, listed) = app.operator("attention list").await;
    let (ok, said) = app
        .operator(&format!("attention resolve {} --verified", &listed[..36]))
        .await;
    assert!(ok && said.contains("shown to them again"), "{said}");
    assert!(app.asks(RAVI, "my portfolio").await.contains("HDFC Flexi"));
    app.stop().await;
}
