//! A crowd of contacts that talk without pause, and a ledger of what they said and got.
//!
//! Each writes numbered messages whose replies name the number. A message follows the
//! one before once that was acknowledged, so Meta's order is known. Every other contact
//! is patient and waits for the reply as well: nothing it gets can be overtaken.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use sipbrewery::sandbox::{Accepted, Emulator};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::harness::Network;

/// Messages a contact writes before another takes its place; below Meta's burst of 45.
const MESSAGES: usize = 20;
/// Unanswered messages an impatient contact leaves behind before it waits.
const AHEAD: usize = 4;

/// What one contact said and got.
#[derive(Default)]
pub struct Conversation {
    /// When each message was said, and Meta's id of it.
    pub said: Vec<(Instant, String)>,
    /// Number of the message answered and what the reply came with, as they were accepted.
    pub replies: Vec<(usize, String)>,
    pub is_patient: bool,
    changed: Arc<Notify>,
}

/// One accepted reply, in the order of acceptance.
#[derive(Debug, Clone, Copy)]
pub struct Answered {
    pub at: Instant,
    pub said: Instant,
}

#[derive(Default)]
pub struct Record {
    pub contacts: HashMap<String, Conversation>,
    pub acknowledged: HashSet<String>,
    pub answered: Vec<Answered>,
    /// Texts that answer no numbered message.
    pub others: Vec<String>,
}

/// Everything that was said and heard.
#[derive(Clone, Default)]
pub struct Ledger {
    record: Arc<Mutex<Record>>,
    news: Arc<Notify>,
}

impl Ledger {
    pub fn record(&self) -> MutexGuard<'_, Record> {
        self.record.lock().unwrap()
    }

    pub fn acknowledged(&self, from: &str, wamid: &str) {
        let mut record = self.record();
        record.acknowledged.insert(wamid.to_owned());
        if let Some(conversation) = record.contacts.get(from) {
            conversation.changed.notify_waiters();
        }
    }

    pub fn accepted(&self, accepted: &Accepted) {
        let mut record = self.record();
        let Some(number) = number_of(&accepted.text) else {
            record.others.push(accepted.text.clone());
            return;
        };
        let conversation = record
            .contacts
            .get_mut(&accepted.to)
            .expect("only those who wrote get replies");
        let callback = accepted.callback.clone().unwrap_or_default();
        conversation.replies.push((number, callback));
        conversation.changed.notify_waiters();
        let said = conversation.said.get(number - 1).map(|(at, _)| *at);
        let said = said.expect("a reply to something that was said");
        let at = accepted.arrived;
        record.answered.push(Answered { at, said });
        drop(record);
        self.news.notify_waiters();
    }

    /// Waits for the first reply accepted after `since` that `counts`; returns how long
    /// after `since` it was.
    pub async fn reply_after(
        &self,
        since: Instant,
        counts: impl Fn(&Answered) -> bool,
    ) -> Duration {
        let first = async {
            loop {
                let news = self.news.notified();
                let found = {
                    let record = self.record();
                    let newest = record.answered.iter().rev();
                    let late = newest.take_while(|one| one.at >= since);
                    late.filter(|one| counts(one)).last().map(|one| one.at)
                };
                if let Some(at) = found {
                    return at - since;
                }
                news.await;
            }
        };
        tokio::time::timeout(Duration::from_secs(30), first)
            .await
            .expect("a reply within half a minute")
    }
}

/// Reads the number back out of "₹1,007 a month for 10 years".
fn number_of(text: &str) -> Option<usize> {
    let (_, rest) = text.split_once("₹1,0")?;
    rest.split_once(" a month")?.0.parse().ok()
}

/// The contacts, talking.
pub struct Crowd {
    stop: CancellationToken,
    tasks: TaskTracker,
}

impl Crowd {
    /// Lets `size` contacts talk at a time, each pausing up to `pause` between messages.
    pub fn start(network: &Network, ledger: &Ledger, size: usize, pause: Duration) -> Self {
        let stop = CancellationToken::new();
        let tasks = TaskTracker::new();
        for place in 0..size {
            let talker = Talker {
                emulator: network.emulator.clone(),
                ledger: ledger.clone(),
                pause,
                stop: stop.clone(),
                dice: StdRng::seed_from_u64(place as u64),
            };
            tasks.spawn(talker.talk(place));
        }
        Self { stop, tasks }
    }

    /// Nobody says anything new.
    pub async fn hush(&self) {
        self.stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }
}

struct Talker {
    emulator: Emulator,
    ledger: Ledger,
    pause: Duration,
    stop: CancellationToken,
    dice: StdRng,
}

impl Talker {
    async fn talk(mut self, place: usize) {
        let stop = self.stop.clone();
        let talking = async {
            for generation in 0_u32.. {
                self.converse(place, generation).await;
            }
        };
        stop.run_until_cancelled(talking).await;
    }

    async fn converse(&mut self, place: usize, generation: u32) {
        let name = format!("917{place:04}{generation:05}");
        let is_patient = place.is_multiple_of(2);
        let changed = Arc::<Notify>::default();
        let conversation = Conversation {
            is_patient,
            changed: Arc::clone(&changed),
            ..Conversation::default()
        };
        self.ledger
            .record()
            .contacts
            .insert(name.clone(), conversation);
        for number in 1..=MESSAGES {
            let pause = self.pause.mul_f64(self.dice.random_range(0.0..1.0));
            tokio::time::sleep(pause).await;
            let text = format!("sip {} for 10 years at 12%", 1_000 + number);
            // Noted first, so that no answer is faster than the note.
            self.note(&name, |said| said.push((Instant::now(), String::new())));
            let wamid = self.emulator.say(&name, &text);
            self.note(&name, |said| said[number - 1].1.clone_from(&wamid));
            loop {
                let news = changed.notified();
                if self.may_go_on(&name, &wamid, number, is_patient) {
                    break;
                }
                news.await;
            }
        }
    }

    fn note(&self, name: &str, change: impl FnOnce(&mut Vec<(Instant, String)>)) {
        let mut record = self.ledger.record();
        let conversation = record.contacts.get_mut(name).expect("they are talking");
        change(&mut conversation.said);
    }

    fn may_go_on(&self, name: &str, wamid: &str, number: usize, is_patient: bool) -> bool {
        let record = self.ledger.record();
        let replies = &record.contacts[name].replies;
        let newest = replies.iter().map(|(number, _)| *number).max().unwrap_or(0);
        let ahead = number - newest.min(number);
        record.acknowledged.contains(wamid) && ahead <= if is_patient { 0 } else { AHEAD }
    }
}
