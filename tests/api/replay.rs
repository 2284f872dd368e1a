//! Old conversations answered by this build, beside the running service.

use crate::harness::TestApp;

const ASHA: &str = "919000000000";

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
