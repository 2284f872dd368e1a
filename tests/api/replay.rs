//! Old conversations answered by this build, beside the running service.

use sipbrewery::sandbox::script;

use crate::assistant::{OPEN_QUESTION, Scripted};
use crate::harness::TestApp;
use crate::harness::demo::DemoApp;

const ASHA: &str = "919000000000";
/// A SIP is begun, left for a NAV and taken up again.
const MONEY: &str = include_str!("../conversations/sip/interrupted.en.txt");

#[tokio::test]
async fn a_conversation_held_again_is_answered_the_same_and_leaves_no_trace() {
    let app = TestApp::start().await;
    app.asks(ASHA, "hi").await;
    app.asks(ASHA, "sip calculator 5000").await;
    app.taps(ASHA, "10 years").await;
    app.next_reply(ASHA).await;
    app.asks(ASHA, "STOP").await;
    app.until("select count(*) from inbox where state = 'done'", 4)
        .await;
    let rows = "select (select count(*) from inbox) + (select count(*) from outbox)
                     + (select count(*) from audit)";
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
