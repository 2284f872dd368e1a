//! Lets an answer enter `sending` in the very write that decides it.
//!
//! Most answers may go at once. For those the sender need not look, check, mark and open
//! in a write of its own, which is a good part of what a message costs. The door is open
//! while this process holds the number; what is asked at it is what a round of the sender
//! asks ([`Door::verdict`]), in the transaction as there, and whatever may not go through
//! stays queued for the sender. One admission goes on at a time, here or in a round, so
//! that both together keep to the rates. On PostgreSQL the door stays shut: several
//! processes share the lease of the number there, and its row is not to be held by writes
//! that long.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use jiff::Timestamp;
use tokio::sync::{Semaphore, mpsc};

use super::admission::{Facts, admit};
use super::breaker::Breaker;
use super::leases::millis;
use super::outbox::{Lane, callback};
use super::pacing::PairRate;
use super::sender::STUCK;
use super::store::enqueue::OutboxRow;
use super::store::{Finished, Verdict};
use super::{Call, Ground};
use crate::id::OutboxId;

/// How long to stand still after Meta stopped the whole number; then it is tried again.
pub(super) const STOPPED: Duration = Duration::from_secs(30);
/// The longest such pause, where the stop is told only of messages that Meta had taken: so
/// long at most does it take to notice that the account is in order again.
pub(super) const STOPPED_LONGEST: Duration = Duration::from_mins(15);

/// How fast may be sent, apart from the number's own rate.
#[derive(Debug, Default)]
pub(super) struct Rates {
    pub(super) pairs: PairRate,
    /// The last round found no stop of Meta's, and nothing has told of one since.
    pub(super) is_clear: bool,
    /// Nothing is sent before this: Meta said to slow down, or says nothing.
    pub(super) rest_until: i64,
    pub(super) breaker: Breaker,
}

impl Rates {
    /// Returns whether answers are to wait for a round of the sender.
    fn keeps_back(&self, now: i64) -> bool {
        !self.is_clear || now < self.rest_until || self.breaker.is_open()
    }
}

/// The door; clones are the same one.
#[derive(Clone, Default)]
pub(super) struct Door {
    inner: Arc<Inner>,
}

#[derive(Default)]
struct Inner {
    /// Whoever admits holds it.
    admitting: tokio::sync::Mutex<()>,
    rates: Mutex<Rates>,
    open: Mutex<Option<Open>>,
}

/// What makes the door open: the number is held, and somebody makes the calls.
#[derive(Clone)]
pub(super) struct Open {
    pub(super) lease_name: String,
    pub(super) epoch: i64,
    /// The moment until which this process may send.
    pub(super) until: Instant,
    /// Places of calls under way.
    pub(super) slots: Arc<Semaphore>,
    pub(super) calls: mpsc::UnboundedSender<Entered>,
}

/// A message that is `sending`, ready for its call.
pub(super) struct Entered {
    pub(super) id: String,
    pub(super) contact: String,
    pub(super) trace: String,
    pub(super) call: anyhow::Result<Call>,
    /// The moment until which it may be made.
    pub(super) until: Instant,
}

/// Returns the calls of the answers that are `sending` already.
pub(super) fn calls(
    turns: &[Arc<Finished>],
    entered: &HashSet<OutboxId>,
    until: Instant,
) -> Vec<Entered> {
    let call = |turn: &Finished, row: &OutboxRow| {
        let id = row.id().to_string();
        let call = turn.to.clone().map(|to| Call {
            to,
            message: row.message().message.clone(),
            callback: callback(&id, 1),
        });
        Entered {
            contact: turn.contact.to_string(),
            trace: row.trace(),
            call: call.context("its contact has neither number nor user id"),
            until,
            id,
        }
    };
    let rows = turns
        .iter()
        .flat_map(|turn| turn.outbox.iter().map(move |row| (turn, row)));
    rows.filter(|(_, row)| entered.contains(&row.id()))
        .map(|(turn, row)| call(turn, row))
        .collect()
}

/// What the transaction goes by that lets messages through.
#[derive(Debug, Clone)]
pub(super) struct Terms {
    pub(super) lease_name: String,
    pub(super) epoch: i64,
    /// How many may enter.
    pub(super) most: usize,
    /// When one that is still `sending` has lost whoever was sending it.
    pub(super) stuck_at: i64,
}

/// Leave to let messages through, good for one write.
pub(super) struct Pass<'a> {
    _admitting: tokio::sync::MutexGuard<'a, ()>,
    open: Open,
    pub(super) terms: Terms,
}

impl Door {
    /// Opens it, or keeps it open for longer.
    pub(super) fn open(&self, open: Open) {
        *self.current() = Some(open);
    }

    /// Shuts it, once whoever has leave has made use of it.
    pub(super) async fn shut(&self) {
        let _admitting = self.admit().await;
        *self.current() = None;
    }

    /// Waits until nobody else admits anything.
    pub(super) async fn admit(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.inner.admitting.lock().await
    }

    /// Asks for leave to let up to `wanted` messages through; none while the door is shut
    /// or nothing may be sent.
    pub(super) async fn ask(&self, ground: &Ground, wanted: usize) -> Option<Pass<'_>> {
        if wanted == 0 || self.current().is_none() {
            return None;
        }
        let admitting = self.admit().await;
        let open = self.current().clone()?;
        let millis_now = ground.clock.now().as_millisecond();
        if Instant::now() >= open.until || self.rates().keeps_back(millis_now) {
            return None;
        }
        let free = ground.traffic().free(Lane::Reply, millis_now);
        let most = usize::try_from(free)
            .unwrap_or(usize::MAX)
            .min(open.slots.available_permits())
            .min(wanted);
        (most > 0).then(|| Pass {
            _admitting: admitting,
            terms: Terms {
                lease_name: open.lease_name.clone(),
                epoch: open.epoch,
                most,
                stuck_at: millis_now + millis(STUCK),
            },
            open,
        })
    }

    /// Decides whether a message may go now: by the rules, and by how fast one person may
    /// be written to.
    pub(super) fn verdict(&self, facts: &Facts, contact: &str, now: Timestamp) -> Verdict {
        match admit(facts, now) {
            Verdict::Send => {
                let millis = now.as_millisecond();
                match self.rates().pairs.free_at(contact, millis) {
                    at if at > millis => Verdict::Later(at),
                    _ => Verdict::Send,
                }
            }
            other => other,
        }
    }

    /// Returns whether Meta answers nobody, so that one message at a time is tried.
    pub(super) fn is_probing(&self) -> bool {
        self.rates().breaker.is_open()
    }

    /// Counts messages that entered `sending`.
    pub(super) fn count<'a>(
        &self,
        ground: &Ground,
        messages: impl Iterator<Item = (Lane, &'a str)>,
        now: i64,
    ) {
        let mut rates = self.rates();
        let mut traffic = ground.traffic();
        for (lane, contact) in messages {
            rates.pairs.count(contact, now);
            traffic.count(lane, 1, now);
        }
    }

    /// Has nothing sent before a time.
    pub(super) fn rest(&self, until: i64) {
        let mut rates = self.rates();
        rates.rest_until = rates.rest_until.max(until);
    }

    pub(super) fn rates(&self) -> MutexGuard<'_, Rates> {
        let rates = self.inner.rates.lock();
        rates.expect("nobody panics while holding it")
    }

    fn current(&self) -> MutexGuard<'_, Option<Open>> {
        let open = self.inner.open.lock();
        open.expect("nobody panics while holding it")
    }
}

impl Pass<'_> {
    /// Returns until when calls may be made.
    pub(super) fn until(&self) -> Instant {
        self.open.until
    }

    /// Has the calls made of what is `sending` by now.
    pub(super) fn call(self, ground: &Ground, entered: Vec<Entered>) {
        let now = ground.clock.now().as_millisecond();
        let messages = entered
            .iter()
            .map(|one| (Lane::Reply, one.contact.as_str()));
        ground.door.count(ground, messages, now);
        for one in entered {
            // Whoever makes the calls is there until the door is shut.
            let _ = self.open.calls.send(one);
        }
    }
}
