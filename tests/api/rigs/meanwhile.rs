//! P4 while a turn is being thought about: what is written meanwhile is answered with it,
//! in one reply, and no answer goes out that was overtaken.

use std::time::Duration;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use sipbrewery::pipeline::Intake;
use sipbrewery::sandbox::model::SLOW;

use crate::assistant::Scripted;
use crate::harness::line::{THOUGHT, first_ended, now};
use crate::harness::scale::scale;
use crate::harness::webhook::text;
use crate::harness::{Line, TestApp};

/// Contacts who write twice; `PROOF_SCALE=20` makes them a thousand.
const CONTACTS: usize = 50;

fn from(n: usize) -> String {
    format!("91930000{n:04}")
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

/// How many got what.
#[derive(Default)]
struct Tally {
    /// Who got one reply to both.
    joined: usize,
    /// Who had been answered before they wrote again.
    answered_before: usize,
    /// Who was answered as if they had not written again.
    stale: usize,
}

impl Tally {
    /// Counts somebody by how and when their first message ended, and when the second was
    /// durable.
    fn count(&mut self, (outcome, first): &(String, i64), second: i64) {
        match outcome.as_str() {
            "joined" => self.joined += 1,
            _ if *first > second => self.stale += 1,
            _ => self.answered_before += 1,
        }
    }

    /// Nobody got a stale reply, and the moments were such that this means something.
    fn is_as_promised(&self, count: usize) {
        let Self {
            joined,
            answered_before,
            stale,
        } = self;
        eprintln!(
            "{count} wrote twice: {joined} got one reply to both, {answered_before} had been \
             answered before"
        );
        assert_eq!(
            *stale, 0,
            "answers written after the second message was there"
        );
        // Half write within the thought; of those who write at its end, none need join.
        assert!(
            joined * 3 > count,
            "{joined} of {count} joined, too few for this to mean anything"
        );
    }
}

/// Returns how long after the first message the second is written: for half of them any
/// moment of the thought, for half the one at which its answer is written.
fn moment(random: &mut StdRng, n: usize, thought: Duration) -> Duration {
    let thought = u64::try_from(thought.as_millis()).unwrap();
    Duration::from_millis(if n.is_multiple_of(2) {
        random.random_range(0..thought)
    } else {
        thought + random.random_range(0..150) - 75
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_written_while_a_turn_thinks_is_answered_with_it_and_nothing_stale_goes_out() {
    let line = Line::start().await;
    let mut random = StdRng::seed_from_u64(4);
    let count = CONTACTS * scale();
    let mut tally = Tally::default();
    // So many think at a time; the others would only wait for a place.
    for round in (0..count).collect::<Vec<_>>().chunks(200) {
        let writing = round
            .iter()
            .map(|n| writes_twice(&line, *n, moment(&mut random, *n, THOUGHT)));
        let durable = futures::future::join_all(writing).await;
        let until = i64::try_from(round.len() + round[0]).unwrap() * 2;
        line.until("select count(*) from inbox where state = 'done'", until)
            .await;
        for (n, second) in round.iter().zip(durable) {
            tally.count(&first_ended(&line.ground, &from(*n)).await, second);
        }
    }
    let replies = line.scalar("select count(*) from outbox").await;
    let texts = line
        .channel
        .made(usize::try_from(replies).unwrap())
        .await
        .len();
    tally.is_as_promised(count);
    assert_eq!(texts, tally.joined + 2 * tally.answered_before);
    let both = line.channel.texts();
    for n in 0..count {
        let wanted = format!("why {n} + more {n}");
        let alone = both.contains(&format!("why {n}")) && both.contains(&format!("more {n}"));
        assert!(both.contains(&wanted) != alone, "{n} was answered once");
    }
    line.stop().await;
}

/// What somebody asks the model, which says it after them, and what they add.
const ASKS: &str = "repeat this please, say: elephants carry a yellow umbrella";
const ADDS: &str = "and whales carry a yellow umbrella";

/// As [`writes_twice`], over HTTP.
async fn asks_twice(app: &TestApp, n: usize, after: Duration) -> i64 {
    let from = from(n);
    app.knows(&from, "Asha");
    let now = || app.app.ground.clock.now();
    let at = now().as_second();
    app.emulator.wrote(&from);
    let asks = text(&from, &format!("wamid.a{n}"), at, ASKS);
    let asked = app.delivers(asks).await;
    app.app.ground.clock.sleep(after).await;
    let adds = text(&from, &format!("wamid.b{n}"), at + 1, ADDS);
    let added = app.delivers(adds).await;
    assert_eq!([asked, added], [200, 200]);
    now().as_millisecond()
}

/// The same through the whole service, with a model that takes three seconds at the other
/// end of HTTP and an answer that has what it was asked in it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_writes_again_while_the_model_thinks_gets_one_reply_that_covers_both() {
    let scripted = Scripted::start("slow-obeying").await;
    let app = &scripted.app;
    let mut random = StdRng::seed_from_u64(44);
    let count = CONTACTS * scale();
    let mut tally = Tally::default();
    let done = "select count(*) from inbox where state = 'done'";
    let before = app.scalar(done).await;
    // Fewer than the model is asked about at once, and so few that a busy machine still has
    // each answer well before its deadline.
    for round in (0..count).collect::<Vec<_>>().chunks(25) {
        let writing = round
            .iter()
            .map(|n| asks_twice(app, *n, moment(&mut random, *n, SLOW)));
        let durable = futures::future::join_all(writing).await;
        let both = i64::try_from(round.len() + round[0]).unwrap() * 2;
        app.until(done, before + both).await;
        app.until(
            "select count(*) from outbox where state in ('queued', 'sending')",
            0,
        )
        .await;
        for (n, second) in round.iter().zip(durable) {
            let ended = first_ended(&app.app.ground, &from(*n)).await;
            tally.count(&ended, second);
            let said = app.said_to(&from(*n));
            let has = |text: &String| [text.contains("elephants"), text.contains("whales")];
            let has: Vec<_> = said.iter().map(has).collect();
            let wanted: &[_] = if ended.0 == "joined" {
                &[[true, true]]
            } else {
                &[[true, false], [false, true]]
            };
            assert_eq!(has, wanted, "{n} was told {said:?}");
        }
    }
    tally.is_as_promised(count);
    scripted.stop().await;
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
