//! P4 while a turn is being thought about: what is written meanwhile is answered with it,
//! in one reply, and no answer goes out that was overtaken.

use std::time::Duration;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use sipbrewery::pipeline::Intake;

use crate::harness::Line;
use crate::harness::line::{THOUGHT, now};
use crate::harness::scale::scale;

/// Contacts who write twice; `PROOF_SCALE=20` makes them a thousand.
const CONTACTS: usize = 50;

fn from(n: usize) -> String {
    format!("91900000{n:04}")
}

/// One contact: asks, and writes again `after` that. Returns when the second message was
/// durable, by the clock of the path.
async fn writes_twice(line: &Line, n: usize, after: Duration) -> i64 {
    let (from, at) = (from(n), now(line));
    let (asks, adds) = (format!("why {n}"), format!("more {n}"));
    let asked = line.text(&from, &format!("wamid.a{n}"), at, &asks).await;
    line.ground.clock.sleep(after).await;
    let added = line
        .text(&from, &format!("wamid.b{n}"), at + 1, &adds)
        .await;
    assert_eq!([asked, added], [Intake::Stored, Intake::Stored]);
    line.ground.clock.now().as_millisecond()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_written_while_a_turn_thinks_is_answered_with_it_and_nothing_stale_goes_out() {
    let line = Line::start().await;
    let mut random = StdRng::seed_from_u64(4);
    let thought = u64::try_from(THOUGHT.as_millis()).unwrap();
    let count = CONTACTS * scale();
    let (mut joined, mut after_all, mut stale) = (0, 0, 0);
    // So many think at a time; the others would only wait for a place.
    for round in (0..count).collect::<Vec<_>>().chunks(200) {
        let writing = round.iter().map(|n| {
            // Half of them at any moment, half at the one at which the answer is written.
            let millis = if n % 2 == 0 {
                random.random_range(0..thought)
            } else {
                thought + random.random_range(0..150) - 75
            };
            writes_twice(&line, *n, Duration::from_millis(millis))
        });
        let durable = futures::future::join_all(writing).await;
        let until = i64::try_from(round.len() + round[0]).unwrap() * 2;
        line.until("select count(*) from inbox where state = 'done'", until)
            .await;
        for (n, second) in round.iter().zip(durable) {
            let (outcome, first) = line.first_ended(&from(*n)).await;
            match outcome.as_str() {
                "joined" => joined += 1,
                _ if first > second => stale += 1,
                _ => after_all += 1,
            }
        }
    }
    let replies = line.scalar("select count(*) from outbox").await;
    let texts = line
        .channel
        .made(usize::try_from(replies).unwrap())
        .await
        .len();
    eprintln!(
        "{count} wrote twice: {joined} got one reply to both, {after_all} had been answered before"
    );
    assert_eq!(
        stale, 0,
        "answers written after the second message was there"
    );
    assert_eq!(texts, joined + 2 * after_all);
    let both = line.channel.texts();
    for n in 0..count {
        let wanted = format!("why {n} + more {n}");
        let alone = both.contains(&format!("why {n}")) && both.contains(&format!("more {n}"));
        assert!(both.contains(&wanted) != alone, "{n} was answered once");
    }
    assert!(joined * 2 > count, "most of them join: {joined} of {count}");
    line.stop().await;
}

#[tokio::test]
async fn what_confirms_something_is_never_taken_in() {
    let line = Line::start().await;
    let at = now(&line);
    line.text("919000000000", "wamid.1", at, "why").await;
    line.text("919000000000", "wamid.2", at + 1, "yes").await;
    line.channel.made(2).await;
    assert_eq!(line.channel.texts(), ["why", "yes"]);
    line.stop().await;
}
