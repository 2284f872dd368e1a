//! How fast may be sent, whichever way an answer goes.

use std::time::Duration;

use crate::harness::Line;
use crate::harness::line::{morning, now};

const ASHA: &str = "919000000000";

#[tokio::test]
async fn a_person_is_written_to_45_times_at_once_and_then_every_six_seconds() {
    let line = Line::at(morning()).await;
    for n in 0..47 {
        let wamid = format!("wamid.{n}");
        line.text(ASHA, &wamid, now(&line), "hi").await;
    }
    line.until("select count(*) from inbox where state = 'waiting'", 0)
        .await;
    line.until("select count(*) from outbox where state = 'accepted'", 45)
        .await;
    line.ground.clock.advance(Duration::from_secs(6));
    line.until("select count(*) from outbox where state = 'accepted'", 46)
        .await;
    line.stop().await;
    assert_eq!(line.channel.texts().len(), 46);
}
