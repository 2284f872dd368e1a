//! What Meta's errors mean for the message they name, and for those after it.

use std::time::Duration;

use sipbrewery::whatsapp::Outgoing;

use crate::harness::Line;
use crate::harness::line::{Fate, morning, now};

const ASHA: &str = "919000000000";
const WAITING: &str = "select count(*) from outbox where state = 'queued' and due_at > created_at";

#[tokio::test]
async fn what_meta_does_not_take_for_a_while_holds_up_nothing_after_it() {
    let line = Line::at(morning()).await;
    // In ten minutes.
    line.channel.fate("first", Fate::Code(134_101));
    line.text(ASHA, "wamid.1", now(&line), "first").await;
    line.until(WAITING, 1).await;
    line.text(ASHA, "wamid.2", now(&line), "second").await;
    line.channel.made(2).await;
    let body = "third".to_owned();
    let later = line.ground.clock.now() + Duration::from_hours(1);
    line.send(ASHA, Outgoing::Text { body }, later).await;
    line.channel.made(3).await;
    assert_eq!(line.channel.texts(), ["first", "second", "third"]);
    assert_eq!(line.scalar(WAITING).await, 1);
    line.stop().await;
}

#[tokio::test]
async fn what_meta_does_not_take_three_times_fails_by_name() {
    let line = Line::at(morning()).await;
    line.channel.fate("paper", Fate::Code(131_053));
    line.text(ASHA, "wamid.1", now(&line), "paper").await;
    for tries in 1..3 {
        line.channel.made(tries).await;
        line.until(WAITING, 1).await;
        line.ground.clock.advance(Duration::from_secs(5));
        line.ground.wakes.sender.wake();
    }
    let failed = "select count(*) from outbox
                   where state = 'failed' and code = 131053 and attempts = 3";
    line.until(failed, 1).await;
    line.stop().await;
    assert_eq!(line.channel.texts().len(), 3);
}
