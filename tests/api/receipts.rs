//! Blue ticks and "typing", over real HTTP: a courtesy that nothing waits for.

use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;
use sipbrewery::clock::Clock;
use sipbrewery::pipeline::{Courtesy, SharedChannel};
use sipbrewery::sandbox::Tick;
use sipbrewery::security::MasterKeys;

use crate::harness::line::{PATIENCE, RATE, Recorder, morning, now};
use crate::harness::{Line, TestApp, TestDatabase, Wire};

const ASHA: &str = "919000000000";
const RAVI: &str = "919000000001";

async fn until(what: &str, holds: impl Fn() -> bool) {
    let waiting = async {
        while !holds() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    let in_time = tokio::time::timeout(PATIENCE, waiting).await.is_ok();
    assert!(in_time, "{what}");
}

fn tick(app: &TestApp, who: &str, text: &str) -> Tick {
    let chat = app.emulator.chat(who);
    let bubble = chat
        .iter()
        .find(|bubble| bubble.mine && bubble.text == text);
    bubble.expect("they wrote it").tick
}

#[tokio::test]
async fn a_message_that_the_bot_takes_up_is_shown_as_read_and_one_for_a_person_is_not() {
    let app = TestApp::start().await;
    app.asks(ASHA, "hi").await;
    until("blue ticks", || tick(&app, ASHA, "hi") == Tick::Read).await;
    assert!(
        !app.emulator.is_typing(ASHA),
        "the answer was there at once"
    );

    app.asks(ASHA, "talk to a person").await;
    app.says(ASHA, "are you there?").await;
    app.until("select count(*) from inbox where outcome = 'held'", 1)
        .await;
    app.asks(RAVI, "hello").await;
    until("blue ticks", || tick(&app, RAVI, "hello") == Tick::Read).await;
    assert_eq!(tick(&app, ASHA, "are you there?"), Tick::Delivered);
    let (_, metrics) = app.get("/metrics").await;
    assert!(metrics.contains("receipts_total{outcome=\"read\"}"));
    app.stop().await;
}

#[tokio::test]
async fn an_answer_that_takes_a_while_is_announced_until_it_comes() {
    let wire = Wire::with_phones(morning()).await;
    wire.emulator.say(ASHA, "slow");
    until("blue ticks", || {
        wire.emulator.chat(ASHA)[0].tick == Tick::Read
    })
    .await;
    assert!(!wire.emulator.is_typing(ASHA), "not yet");
    // The wait for it begins after the ticks: the clock moves until it is over.
    until("typing", || {
        wire.line.ground.clock.advance(Duration::from_millis(100));
        wire.emulator.is_typing(ASHA)
    })
    .await;
    wire.emulator.say(RAVI, "hi");
    until("an answer", || wire.emulator.chat(RAVI).len() == 2).await;
    assert!(!wire.emulator.is_typing(RAVI), "it was there at once");
}

/// Meta that never says whether a receipt arrived.
struct Silent;

impl Courtesy for Silent {
    fn read<'a>(&'a self, _: &'a str) -> BoxFuture<'a, bool> {
        Box::pin(std::future::pending())
    }

    fn typing<'a>(&'a self, _: &'a str) -> BoxFuture<'a, bool> {
        Box::pin(std::future::pending())
    }
}

#[tokio::test]
async fn no_reply_waits_for_receipts_however_many_hang() {
    let recorder = Arc::new(Recorder::default());
    let database = Arc::new(TestDatabase::create().await);
    let (key, clock) = (MasterKeys::generate(), Clock::system());
    let channel = Arc::clone(&recorder) as SharedChannel;
    let courtesy = Some(Arc::new(Silent) as Arc<dyn Courtesy>);
    let line = Line::over(database, key, clock, recorder, channel, courtesy, RATE).await;
    // More than may hang and wait together.
    for n in 0..300 {
        let from = format!("9190000006{n:03}");
        line.text(&from, &format!("wamid.{n}"), now(&line), "hi")
            .await;
    }
    line.channel.made(300).await;
    line.stop().await;
}
