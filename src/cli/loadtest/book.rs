//! Keeps account of what was written and what was answered.
//!
//! One reply to each message is expected, in the order of the messages. A reply that
//! carries the callback of an earlier one, or that nobody waits for, is a double; one
//! that is decided before an earlier one, or lacks what its message asked for, is out
//! of order; a message that is never answered is lost.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard};
use std::time::Instant;

use tokio::sync::Notify;

use crate::sandbox::Accepted;

/// The account of one measurement.
pub(super) struct Book {
    people: Vec<Mutex<Person>>,
    times: Mutex<Times>,
    doubled: AtomicU64,
    disordered: AtomicU64,
    answered: AtomicU64,
    pub(super) progress: Notify,
    /// Whether replies follow from the messages; a bare server's do not.
    checks_content: bool,
}

#[derive(Default)]
struct Person {
    unanswered: VecDeque<Asked>,
    /// Callback of the newest reply, without its attempt.
    newest: String,
}

struct Asked {
    at: Instant,
    marker: Option<String>,
}

/// How long messages took to their acks and to their replies.
#[derive(Default)]
pub(super) struct Times {
    pub(super) acks: Vec<Took>,
    pub(super) replies: Vec<Took>,
    pub(super) last_reply: Option<Instant>,
}

/// What one message took.
#[derive(Debug, Clone, Copy)]
pub(super) struct Took {
    /// When it was sent.
    at: Instant,
    micros: u32,
}

impl Took {
    fn since(at: Instant, until: Instant) -> Self {
        let micros = until.saturating_duration_since(at).as_micros();
        Self {
            at,
            micros: u32::try_from(micros).unwrap_or(u32::MAX),
        }
    }
}

/// Returns the median and the 99th percentile, in microseconds, of the messages that were
/// sent within a time.
pub(super) fn middle_and_high(took: &[Took], (from, until): (Instant, Instant)) -> [u32; 2] {
    let within = took.iter().filter(|one| (from..until).contains(&one.at));
    let mut micros: Vec<u32> = within.map(|one| one.micros).collect();
    micros.sort_unstable();
    [0.5, 0.99].map(|share| percentile(&micros, share))
}

impl Book {
    pub(super) fn new(people: u32, checks_content: bool) -> Self {
        Self {
            people: (0..people).map(|_| Mutex::default()).collect(),
            times: Mutex::default(),
            doubled: AtomicU64::new(0),
            disordered: AtomicU64::new(0),
            answered: AtomicU64::new(0),
            progress: Notify::new(),
            checks_content,
        }
    }

    /// Notes that a message is on its way.
    pub(super) fn asked(&self, person: u32, at: Instant, marker: Option<String>) {
        self.person(person)
            .unanswered
            .push_back(Asked { at, marker });
    }

    /// Notes that it was acknowledged.
    pub(super) fn acknowledged(&self, at: Instant) {
        self.times().acks.push(Took::since(at, Instant::now()));
    }

    /// Notes a reply.
    pub(super) fn replied(&self, person: u32, reply: &Accepted) {
        let callback = reply.callback.as_deref().unwrap_or("");
        let row = callback.rsplit_once('.').map_or(callback, |(row, _)| row);
        let mut known = self.person(person);
        if row == known.newest {
            self.doubled.fetch_add(1, Ordering::Relaxed);
            return;
        }
        let Some(asked) = known.unanswered.pop_front() else {
            self.doubled.fetch_add(1, Ordering::Relaxed);
            return;
        };
        let answers = !self.checks_content
            || asked
                .marker
                .is_none_or(|marker| reply.text.contains(&marker));
        if !answers || row < known.newest.as_str() {
            self.disordered.fetch_add(1, Ordering::Relaxed);
        }
        row.clone_into(&mut known.newest);
        drop(known);
        let mut times = self.times();
        times.replies.push(Took::since(asked.at, reply.arrived));
        times.last_reply = times.last_reply.max(Some(reply.arrived));
        drop(times);
        self.answered.fetch_add(1, Ordering::Relaxed);
        self.progress.notify_one();
    }

    /// Returns how many messages were answered.
    pub(super) fn answered(&self) -> u64 {
        self.answered.load(Ordering::Relaxed)
    }

    /// Returns how many messages nobody answered, and replies that were doubled and out
    /// of order.
    pub(super) fn faults(&self) -> [u64; 3] {
        let lost: usize = (self.people.iter())
            .map(|person| person.lock().map_or(0, |person| person.unanswered.len()))
            .sum();
        [
            lost as u64,
            self.doubled.load(Ordering::Relaxed),
            self.disordered.load(Ordering::Relaxed),
        ]
    }

    pub(super) fn times(&self) -> MutexGuard<'_, Times> {
        self.times.lock().expect("nobody panics while holding it")
    }

    fn person(&self, person: u32) -> MutexGuard<'_, Person> {
        let person = &self.people[person as usize % self.people.len()];
        person.lock().expect("nobody panics while holding it")
    }
}

/// Returns the value below which `share` of the sorted values lie.
fn percentile(sorted: &[u32], share: f64) -> u32 {
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a place in a list of measurements"
    )]
    let place = (sorted.len() as f64 * share).ceil() as usize;
    sorted.get(place.saturating_sub(1)).copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn reply(callback: &str, text: &str) -> Accepted {
        Accepted {
            wamid: String::new(),
            to: String::new(),
            callback: Some(callback.to_owned()),
            kind: "text",
            text: text.to_owned(),
            body: serde_json::Value::Null,
            at: jiff::Timestamp::UNIX_EPOCH,
            arrived: Instant::now(),
        }
    }

    fn asked(book: &Book, marker: &str) {
        book.asked(0, Instant::now(), Some(marker.to_owned()));
    }

    #[test]
    fn replies_in_order_leave_nothing_to_complain_about() {
        let book = Book::new(1, true);
        asked(&book, "one");
        asked(&book, "two");
        book.replied(0, &reply("out_1.1", "one"));
        book.replied(0, &reply("out_2.1", "two"));
        assert_eq!(book.faults(), [0, 0, 0]);
        assert_eq!(book.answered(), 2);
    }

    #[test]
    fn lost_doubled_and_swapped_replies_are_told_apart() {
        let book = Book::new(1, true);
        asked(&book, "one");
        assert_eq!(book.faults(), [1, 0, 0]);
        book.replied(0, &reply("out_1.1", "one"));
        book.replied(0, &reply("out_1.2", "one"));
        book.replied(0, &reply("out_2.1", "one"));
        assert_eq!(book.faults(), [0, 2, 0]);
        asked(&book, "two");
        asked(&book, "three");
        book.replied(0, &reply("out_4.1", "three"));
        book.replied(0, &reply("out_3.1", "two"));
        assert_eq!(book.faults(), [0, 2, 2]);
    }

    #[test]
    fn what_was_sent_outside_a_time_does_not_count() {
        let start = Instant::now();
        let at = |millis: u64| start + Duration::from_millis(millis);
        let took: Vec<_> = (0..10)
            .map(|n| Took::since(at(n * 100), at(n * 100 + n)))
            .collect();
        let within = (at(200), at(500));
        assert_eq!(middle_and_high(&took, within), [3_000, 4_000]);
        assert_eq!(middle_and_high(&took, (at(2_000), at(3_000))), [0, 0]);
    }

    #[test]
    fn percentiles_are_measured_values() {
        let sorted: Vec<u32> = (1..=100).collect();
        assert_eq!(percentile(&sorted, 0.5), 50);
        assert_eq!(percentile(&sorted, 0.99), 99);
        assert_eq!(percentile(&[], 0.5), 0);
    }
}
