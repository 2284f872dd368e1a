//! Old conversations answered by this build, beside the running service.

use std::time::Duration;

use sipbrewery::sandbox::script;

use crate::assistant::{OPEN_QUESTION, Scripted};
use crate::harness::TestApp;
use crate::harness::demo::DemoApp;

const ASHA: &str = "919000000000";
const RAVI: &str = "919000000001";
/// A SIP is begun, left for a NAV and taken up again.
const MONEY: &str = include_str!("../conversations/sip/interrupted.en.txt");
/// An order through its confirmation, one whose terms run out, and a mandate whose amount is
/// repeated.
const CONFIRMED: &str = "# Confirmed
Asha: i want to invest 10000 one time in parag parikh flexi cap
  bot: Please check your investment
Asha taps: Place this order
  bot: Your order is on its way
Asha taps: Place this order
  never: on its way
Asha: i want to invest 10000 one time in parag parikh flexi cap
  bot: Please check your investment
wait: 11 minutes
Asha taps: Place this order
  bot: Please check your investment
Asha: cancel
Asha: start sip of 5000 in hdfc flexi cap on 10th
  bot: Should ₹5,000 stay the same
Asha: +10% every year
  bot: A SIP needs a mandate
Asha taps: UPI AutoPay
  bot: Please check your UPI AutoPay mandate
wait: 2 minutes
Asha: 15000
  bot: Your mandate is on its way
";

#[tokio::test]
async fn a_conversation_held_again_is_answered_the_same_and_leaves_no_trace_but_who_read_it() {
    let app = TestApp::start().await;
    app.asks(ASHA, "hi").await;
    app.asks(ASHA, "sip calculator 5000").await;
    app.taps(ASHA, "10 years").await;
    app.next_reply(ASHA).await;
    app.asks(ASHA, "STOP").await;
    app.until("select count(*) from inbox where state = 'done'", 4)
        .await;
    let rows = "select (select count(*) from inbox) + (select count(*) from outbox)
                     + (select count(*) from audit where action <> 'conversation_read')";
    let before = app.scalar(rows).await;
    let (well, said) = app.operator(&format!("replay --contact {ASHA}")).await;
    assert!(well, "{said}");
    assert_eq!(
        said.trim(),
        "4 messages, 0 of them would be answered differently"
    );
    let (_, all) = app
        .operator(&format!("replay --contact {ASHA} --all"))
        .await;
    assert!(all.contains("they wrote: [10 years]"), "{all}");
    assert!(all.contains("now: Done. You will get no more"), "{all}");
    assert_eq!(app.scalar(rows).await, before);
    let read = "select count(*) from audit where action = 'conversation_read'";
    assert_eq!(app.scalar(read).await, 2);
    assert_eq!(app.said_to(ASHA).len(), 4);
    app.stop().await;
}

#[tokio::test]
async fn a_written_conversation_that_is_answered_otherwise_is_shown() {
    let app = TestApp::start().await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("evening.txt");
    let text = "# An evening\nRavi: hi\n  bot: Good evening\nRavi: 5000 for 10 years at 12%\n\
                \x20 bot: ₹11,61,695\n";
    std::fs::write(&file, text).unwrap();
    let (well, said) = app
        .operator(&format!("replay --file {}", file.display()))
        .await;
    assert!(well, "{said}");
    assert!(said.contains("then: Good evening"), "{said}");
    assert!(said.contains("Hello Ravi"), "{said}");
    assert!(
        said.contains("2 messages, 1 of them would be answered differently"),
        "{said}"
    );
    assert_eq!(app.scalar("select count(*) from inbox").await, 0);
    app.stop().await;
}

#[tokio::test]
async fn a_conversation_about_money_held_again_is_answered_as_it_was() {
    let demo = DemoApp::start().await;
    let beside = demo.beside().await;
    let script = script::parse(MONEY).unwrap();
    let replayed = beside.replay_script(&script).await.unwrap();
    assert!(replayed.len() > 3, "{replayed:?}");
    let otherwise: Vec<_> = replayed.iter().filter(|one| one.differs).collect();
    assert!(otherwise.is_empty(), "{otherwise:?}");
    beside.ground.db.close().await;
    demo.stop().await;
}

/// Returns how many rows each table has, once phones have told of all that was said to them.
async fn rows(demo: &DemoApp) -> Vec<(String, i64)> {
    demo.pass(Duration::from_mins(1)).await;
    demo.emulator.acknowledged().await;
    demo.rows().await
}

#[tokio::test]
async fn money_is_confirmed_again_in_words_alone() {
    let demo = DemoApp::start().await;
    let before = rows(&demo).await;
    let beside = demo.beside().await;
    let script = script::parse(CONFIRMED).unwrap();
    let replayed = beside.replay_script(&script).await.unwrap();
    let otherwise: Vec<_> = replayed.iter().filter(|one| one.differs).collect();
    assert!(otherwise.is_empty(), "{otherwise:#?}");
    let undone: Vec<_> = replayed.iter().map(|one| one.undone).collect();
    assert_eq!(undone, [1, 1, 0, 1, 1, 0, 0, 0, 1, 1], "{replayed:#?}");
    assert!(!replayed[2].now[0].contains("on its way"), "{replayed:#?}");
    assert_eq!(rows(&demo).await, before);
    beside.ground.db.close().await;
    demo.stop().await;
}

#[tokio::test]
async fn what_was_confirmed_then_is_answered_the_same_and_done_no_second_time() {
    let demo = DemoApp::start().await;
    let wish = "i want to invest 10000 one time in parag parikh flexi cap";
    demo.emulator.user_says(ASHA, wish).await;
    demo.rest().await;
    demo.taps("Place this order").await;
    demo.rest().await;
    assert_eq!(demo.scalar("select count(*) from orders").await, 1);
    // Terms name the day an order is for, and hold for ten minutes.
    demo.days(1).await;
    let before = rows(&demo).await;
    let beside = demo.beside().await;
    let (replayed, _) = beside.replay_contact(ASHA).await.unwrap();
    let [.., shown, confirmed] = &replayed[..] else {
        panic!("{replayed:#?}");
    };
    assert!(shown.now[0].contains("24-Aug-2026"), "{shown:#?}");
    assert!(!shown.differs && shown.undone == 1, "{shown:#?}");
    assert_eq!(confirmed.wrote, "[Place this order]");
    assert!(
        !confirmed.differs && confirmed.undone == 1,
        "{confirmed:#?}"
    );
    let read = |(table, count): (String, i64)| match table.as_str() {
        "audit" => (table, count + 1),
        _ => (table, count),
    };
    let before: Vec<_> = before.into_iter().map(read).collect();
    assert_eq!(rows(&demo).await, before, "but for who read it");
    beside.ground.db.close().await;
    demo.stop().await;
}

#[tokio::test]
async fn no_kyc_agency_is_asked_about_a_conversation_that_is_held_again() {
    let demo = DemoApp::start().await;
    for text in ["hi", "open account"] {
        demo.emulator.user_says(RAVI, text).await;
        demo.rest().await;
    }
    demo.taps_as(RAVI, "I agree").await;
    demo.rest().await;
    let said = ["Ravi Demo", "ravi@example.in", "aaapr 0000r", "20/02/1988"];
    for text in &said[..3] {
        demo.emulator.user_says(RAVI, text).await;
        demo.rest().await;
    }
    let before = rows(&demo).await;
    let beside = demo.beside().await;
    let text = format!(
        "# Born\nRavi: open account\n  bot: date of birth\nRavi: {}\n",
        said[3]
    );
    let script = script::parse(&text).unwrap();
    let replayed = beside.replay_script(&script).await.unwrap();
    assert!(!replayed[0].differs, "{replayed:#?}");
    let now = &replayed[1].now[0];
    assert!(now.contains("20-Feb-1988") && !now.contains("KYC"), "{now}");
    assert_eq!(rows(&demo).await, before);
    // Whoever writes now is asked about.
    demo.emulator.user_says(RAVI, said[3]).await;
    demo.rest().await;
    let newest = demo.emulator.chat(RAVI);
    let newest = newest.last().unwrap().content.to_string();
    assert!(newest.contains("KYC: *registered*"), "{newest}");
    beside.ground.db.close().await;
    demo.stop().await;
}

#[tokio::test]
async fn a_question_for_the_model_is_put_to_it_again_however_old_and_many_they_are() {
    let scripted = Scripted::start("good").await;
    scripted.app.asks(ASHA, OPEN_QUESTION).await;
    let aged = scripted.app.app.ground.db.write((), |conn, ()| {
        Box::pin(async move {
            let aging = "update inbox set received_at = received_at - 86400000";
            sqlx::query(aging).execute(conn).await?;
            Ok(())
        })
    });
    aged.await.unwrap();
    let replaying = format!("replay --contact {ASHA} --all");
    let (well, said) = scripted.app.operator(&replaying).await;
    assert!(well, "{said}");
    let answer = "There is nothing on record about that.";
    assert_eq!(said.matches(answer).count(), 2, "then and now: {said}");
    assert!(said.contains("2 messages, 0 of them"), "{said}");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("curious.txt");
    let asked = format!("Asha: {OPEN_QUESTION}\n  bot: {answer}\n");
    std::fs::write(&file, format!("# Curious\n{}", asked.repeat(12))).unwrap();
    let replaying = format!("replay --file {}", file.display());
    let (well, said) = scripted.app.operator(&replaying).await;
    assert!(well, "{said}");
    assert!(said.contains("12 messages, 0 of them"), "{said}");
    scripted.stop().await;
}
