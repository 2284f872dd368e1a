//! What Meta seldom does, and what the service makes of it: nothing is refused, nothing lost,
//! nothing done twice.

use sipbrewery::sandbox::{Fault, FaultKind};

use crate::harness::TestApp;

const ASHA: &str = "919000000000";
const UNDELIVERED: &str = "select count(*) from outbox where state <> 'delivered'";

/// A service that Asha has written to.
async fn started() -> TestApp {
    let app = TestApp::start().await;
    app.knows(ASHA, "Asha");
    app.asks(ASHA, "hi").await;
    app.until(UNDELIVERED, 0).await;
    app
}

#[tokio::test]
async fn odd_webhooks_are_taken_and_what_is_ours_in_them_takes_effect_once() {
    let app = started().await;
    let mixed = Fault::chance(1.0).amount(200);
    app.emulator.set_fault(FaultKind::MixedUpdates, mixed);
    for (kind, fault) in [
        (FaultKind::OtherAccounts, Fault::times(1).amount(3)),
        (FaultKind::UnknownUpdates, Fault::times(1)),
        (FaultKind::NulInTexts, Fault::times(1)),
        (FaultKind::UnknownTypes, Fault::times(1)),
        (FaultKind::LargeBodies, Fault::times(1)),
    ] {
        app.emulator.set_fault(kind, fault);
        let before = app.said_to(ASHA).len();
        app.asks(ASHA, "menu").await;
        app.until(UNDELIVERED, 0).await;
        assert_eq!(app.said_to(ASHA).len(), before + 1, "{kind:?}");
    }
    app.emulator.acknowledged().await;
    let outcomes = app.emulator.webhook_outcomes();
    assert!(outcomes.iter().all(|one| one == "200"), "{outcomes:?}");
    for (rows, count) in [
        ("select count(*) from inbox where field = 'other_number'", 3),
        (
            "select count(*) from inbox where field = 'of_next_year' and state = 'stored'",
            2,
        ),
        (
            "select count(*) from inbox where kind = 'message' and state = 'done'",
            6,
        ),
        (
            "select count(*) from inbox where state in ('quarantined', 'parked', 'waiting')",
            0,
        ),
    ] {
        assert_eq!(app.scalar(rows).await, count, "{rows}");
    }
    app.stop().await;
}

#[tokio::test]
async fn a_reply_whose_answer_breaks_off_is_settled_by_its_echo_and_not_said_again() {
    let app = started().await;
    let before = app.said_to(ASHA).len();
    app.emulator
        .set_fault(FaultKind::CutAnswers, Fault::times(1));
    app.asks(ASHA, "menu").await;
    app.until(UNDELIVERED, 0).await;
    assert_eq!(app.said_to(ASHA).len(), before + 1);
    app.stop().await;
}

#[tokio::test]
async fn whoever_meta_calls_by_another_number_stays_one_contact_who_is_answered() {
    let app = started().await;
    let contact = app.app.find_contact(ASHA).await.unwrap();
    app.emulator
        .set_fault(FaultKind::OtherNumbers, Fault::chance(1.0));
    for text in ["menu", "help", "menu"] {
        app.asks(ASHA, text).await;
        app.until(UNDELIVERED, 0).await;
    }
    assert_eq!(app.app.find_contact(ASHA).await.unwrap(), contact);
    assert_eq!(app.scalar("select count(*) from contacts").await, 1);
    app.stop().await;
}
