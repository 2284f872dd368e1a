//! P1, P2, P9: an hour in which Meta takes nothing, over real HTTP on a clock that is moved
//! by hand: a quarter of it each without a connection, with 5xx, hanging, and throttled.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use sipbrewery::sandbox::{Accepted, Fault, FaultKind};
use sipbrewery::whatsapp::Outgoing;

use crate::harness::Wire;
use crate::harness::line::morning;

/// Messages a second the number may send.
const RATE: u32 = 20;
/// Those who write meanwhile; each once in ten minutes.
const PEOPLE: usize = 60;
const STEP: Duration = Duration::from_secs(10);
const STEPS: usize = 90;
/// Messages that may end before a person: those that were tried twice in vain.
const FEW: usize = 5;
/// Those whose window closes in that hour, with an answer waiting.
const LATE: usize = 10;

/// What is wrong with Meta for a quarter of an hour.
#[derive(Debug, Clone, Copy)]
enum Trouble {
    Refused,
    ServerErrors,
    Hanging,
    Throttled,
}

impl Trouble {
    const ALL: [Self; 4] = [
        Self::Refused,
        Self::ServerErrors,
        Self::Hanging,
        Self::Throttled,
    ];

    fn set(self, wire: &Wire, on: bool) {
        let fault = if on { Fault::chance(1.0) } else { Fault::OFF };
        let kind = match self {
            Self::Refused => return wire.refuse_connections(on),
            Self::ServerErrors => FaultKind::ServerErrors,
            Self::Hanging => FaultKind::HangUnaccepted,
            Self::Throttled => FaultKind::ThrottleSends,
        };
        wire.emulator.set_fault(kind, fault.amount(60_000));
    }
}

fn person(number: usize) -> String {
    format!("9177000{number:05}")
}

fn late(number: usize) -> String {
    format!("9178000{number:05}")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_hour_in_which_meta_takes_nothing_loses_nothing_and_is_made_up_for_at_the_allowed_rate()
{
    let _alone = super::ONE_AT_A_TIME.lock().await;
    let wire = Wire::start(morning(), RATE).await;
    close_windows_soon(&wire).await;
    for person in (0..PEOPLE).map(person) {
        wire.emulator.say(&person, "0");
    }
    settle(&wire).await;
    wire.emulator.take_accepted();

    let mut said: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for trouble in Trouble::ALL {
        trouble.set(&wire, true);
        for step in 0..STEPS {
            let writer = person(step % PEOPLE);
            let texts = said.entry(writer.clone()).or_default();
            let text = format!("{}", texts.len() + 1);
            wire.emulator.say(&writer, &text);
            texts.push(text);
            if step == 0 && matches!(trouble, Trouble::Refused) {
                answer_late(&wire).await;
            }
            wire.step(STEP).await;
        }
        trouble.set(&wire, false);
    }
    assert!(
        wire.emulator.take_accepted().is_empty(),
        "Meta took something"
    );
    let over = wire.line.ground.clock.now();
    settle(&wire).await;

    let accepted = wire.emulator.take_accepted();
    let left = judge(&wire, &said, &accepted).await;
    let all: usize = said.values().map(Vec::len).sum();
    let end = accepted
        .iter()
        .map(|one| one.at)
        .max()
        .expect("something was sent");
    let took = end.duration_since(over);
    eprintln!(
        "an hour without Meta: {all} messages, {} answered within {took:#}, {left} before a person",
        accepted.len()
    );
    assert!(took.as_secs() <= 120, "it took {took:#} to make up for it");
    wire.line.stop().await;
}

/// Has some people written so long ago that their window closes within the hour.
async fn close_windows_soon(wire: &Wire) {
    for person in (0..LATE).map(late) {
        wire.emulator.say(&person, "0");
    }
    settle(wire).await;
    wire.line
        .ground
        .clock
        .advance(Duration::from_mins(23 * 60 + 20));
}

async fn answer_late(wire: &Wire) {
    for person in (0..LATE).map(late) {
        let body = "an answer".to_owned();
        let answer = Outgoing::Text { body };
        wire.line.send(&person, answer, Timestamp::MAX).await;
    }
}

/// Moves the clock by seconds until nothing that may go is left.
async fn settle(wire: &Wire) {
    for _ in 0..3_600 {
        wire.step(Duration::from_secs(1)).await;
        let left = "select (select count(*) from inbox where state = 'waiting')
                         + (select count(*) from outbox where state in ('queued', 'sending')
                             and coalesce(reason, '') <> 'window_closed')
                         + (select count(*) from outbox where state = 'unknown' and due_at < 9223372036854775807)";
        if wire.line.scalar(left).await == 0 {
            return;
        }
    }
    panic!("an hour after Meta was back something still waits");
}

/// Returns how many calls the fullest second holds, by the moment each was let go.
async fn most_in_a_second(wire: &Wire) -> i64 {
    let most = wire.line.scalar(
        "select max(sent) from (
           select (select count(*) from outbox o where o.sending_at >= t.sending_at
                     and o.sending_at < t.sending_at + 1000) as sent
             from (select distinct sending_at from outbox where sending_at is not null) t) s",
    );
    most.await
}

/// Judges what became of each message; returns how many are before a person.
async fn judge(
    wire: &Wire,
    said: &BTreeMap<String, Vec<String>>,
    accepted: &[Arc<Accepted>],
) -> usize {
    let mut got: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for one in accepted {
        got.entry(&one.to).or_default().push(&one.text);
    }
    let mut missing = 0;
    for (person, said) in said {
        let got = got.remove(person.as_str()).unwrap_or_default();
        let numbers: Vec<usize> = got
            .iter()
            .map(|text| text.parse().expect("a number"))
            .collect();
        assert!(
            numbers.is_sorted_by(|a, b| a < b),
            "{person} got {numbers:?}"
        );
        missing += said.len() - numbers.len();
    }
    assert!(
        got.is_empty(),
        "somebody got what they did not ask for: {got:?}"
    );

    assert!(most_in_a_second(wire).await <= i64::from(RATE));
    let shown = wire.line.scalar(
        "select count(*) from attention where kind = 'unknown_outcome' and resolved_at is null",
    );
    assert_eq!(
        usize::try_from(shown.await),
        Ok(missing),
        "each is before a person"
    );
    let held = wire
        .line
        .scalar("select count(*) from outbox where reason = 'window_closed'");
    assert_eq!(usize::try_from(held.await), Ok(LATE));
    let tasks = wire.line.scalar(
        "select count(*) from attention where kind = 'window_closed' and resolved_at is null",
    );
    assert_eq!(
        usize::try_from(tasks.await),
        Ok(LATE),
        "a person is told of each"
    );
    assert!(missing <= FEW, "{missing} of unknown outcome");
    missing
}
