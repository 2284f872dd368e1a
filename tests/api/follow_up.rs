//! An answer whose 24-hour window has closed: offered once, kept as long as it is offered,
//! and not offered when there is nothing left to say.

use std::time::Duration;

use sipbrewery::clock::{Clock, ist};
use sipbrewery::pipeline::{Lane, Message, Purpose, enqueue};
use sipbrewery::whatsapp::Outgoing;

use crate::harness::TestApp;
use crate::templates::{due, message};

const ASHA: &str = "919000000000";
const APPROVED: &str = "select count(*) from message_templates where status = 'APPROVED'";

/// Somebody who wrote long ago.
async fn wrote_long_ago() -> TestApp {
    wrote_long_ago_to(TestApp::start().await).await
}

async fn wrote_long_ago_to(app: TestApp) -> TestApp {
    app.knows(ASHA, "Asha");
    app.asks(ASHA, "hi").await;
    app.until(APPROVED, 123).await;
    app.leave("update contacts set last_inbound_at = 1700000000000")
        .await;
    app
}

/// Enqueues an answer that is of use for ten minutes.
async fn answers(app: &TestApp, lane: Lane) {
    let ground = &app.app.ground;
    let contact = app.app.find_contact(ASHA).await.unwrap();
    let input = (ground.clone(), contact, lane);
    let enqueued = ground.db.write(input, |conn, (ground, id, lane)| {
        Box::pin(async move {
            let row = id.to_string();
            let ids = std::slice::from_ref(&row);
            let mut loaded = sipbrewery::contacts::store::load(conn, &ground.keys, ids).await?;
            let stored = loaded.remove(&row).expect("the contact is there");
            let now = ground.clock.now();
            let message = Message {
                lane: *lane,
                purpose: Purpose::Chat,
                message: Outgoing::Text {
                    body: "An answer.".to_owned(),
                },
                owner_epoch: stored.contact.owner_epoch,
                expires_at: now + Duration::from_mins(10),
                ..message(*id, due("en", "amount"), now)
            };
            enqueue(conn, ground, &stored.key, message, now)
                .await
                .map(drop)
        })
    });
    enqueued.await.expect("it is queued");
    ground.wakes.sender.wake();
}

#[tokio::test]
async fn an_answer_is_there_for_a_day_from_its_offer_which_is_in_their_language() {
    let app = wrote_long_ago().await;
    app.leave("update contacts set language = null, language_heard = 'hi'")
        .await;
    answers(&app, Lane::Agent).await;
    let offered = "select count(*) from outbox
                    where template = 'handoff_follow_up' and template_language = 'hi'";
    app.until(offered, 1).await;
    let kept = "select count(*) from outbox o where o.lane = 'agent' and o.state = 'queued'
        and o.expires_at >= (select f.created_at + 86400000 from outbox f
                              where f.template = 'handoff_follow_up')";
    app.until(kept, 1).await;
    app.stop().await;
}

#[tokio::test]
async fn an_offer_waits_for_the_morning_and_does_not_go_after_a_takeover() {
    let clock = Clock::system();
    let now = clock.now().to_zoned(ist());
    let minute = i64::from(now.hour()) * 60 + i64::from(now.minute());
    let hour_of = |minute: i64| format!("{:02}:{:02}", minute % 1_440 / 60, minute % 60);
    let around = format!("{}-{}", hour_of(minute + 1_380), hour_of(minute + 120));
    let app = TestApp::with(clock, vec![("QUIET_HOURS", around)]).await;
    let app = wrote_long_ago_to(app).await;
    let ground = &app.app.ground;
    answers(&app, Lane::Reply).await;
    let waits = "select count(*) from outbox where template = 'handoff_follow_up'
                  and state = 'queued' and due_at > created_at + 3600000";
    app.until(waits, 1).await;
    app.leave("update contacts set owner_epoch = owner_epoch + 1")
        .await;
    // Morning.
    app.leave(
        "update outbox set quiet_from = null, quiet_to = null, due_at = 1
          where template = 'handoff_follow_up'",
    )
    .await;
    ground.wakes.sender.wake();
    let idle = "select count(*) from outbox where template = 'handoff_follow_up'
                 and state = 'cancelled' and reason = 'nothing_waits'";
    app.until(idle, 1).await;
    app.stop().await;
}
