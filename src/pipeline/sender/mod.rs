//! Sends what the outbox holds: paced, checked at the last moment, one process per number.
//!
//! A row is `sending` in the database before the network hears of it, so that after a
//! crash it is known that it may have been sent. What became of a call is written down
//! when the call ends; what nobody can know waits for its echo (`settle`).

mod outcome;
mod round;

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::Instrument;

use self::outcome::{after, write_outcomes};
use self::round::{Round, Taken, admit_round, prepare};
use super::batch::Batcher;
use super::leases::{Lease, millis};
use super::outbox::Lane;
use super::pacing::PairRate;
use super::settle::{CodeMaker, PATIENCE, Settlement, settle};
use super::store::{self, Candidate, Fate, Outcome, Unsettled};
use super::{Ground, LOOK, SharedChannel};
use crate::contacts::store::StoredContact;
use crate::id::InvalidId;
use crate::storage::{Conn, Error};

/// Calls under way at a time.
const AT_ONCE: usize = 256;
/// Messages taken out of the outbox in one go.
const TOGETHER: usize = 64;
/// A row that is `sending` for longer has lost whoever was sending it.
const STUCK: Duration = Duration::from_mins(1);

/// The stage that sends for one number.
pub struct Sender {
    ground: Ground,
    channel: SharedChannel,
    lease_name: String,
    rates: Arc<Mutex<Rates>>,
    outcomes: Batcher<Outcome, ()>,
    slots: Arc<Semaphore>,
    /// A round found no free slot: whoever frees one says so.
    crowded: Arc<AtomicBool>,
    tracker: TaskTracker,
    /// Calls of this process that have not ended. Whatever the clock says, their fate is
    /// not to be guessed at.
    under_way: Arc<Mutex<HashSet<String>>>,
    /// Whoever makes new one-time codes.
    codes: Option<Arc<dyn CodeMaker>>,
}

struct Rates {
    pairs: PairRate,
    /// Nothing is sent before this: Meta said to slow down.
    rest_until: i64,
}

impl Sender {
    /// Returns the stage for a number.
    pub fn new(ground: Ground, channel: SharedChannel, number: &str) -> Self {
        let writing = ground.clone();
        let outcomes = Batcher::start(TOGETHER * 2, AT_ONCE, move |outcomes: Vec<Outcome>| {
            let ground = writing.clone();
            Box::pin(async move {
                let answers = vec![(); outcomes.len()];
                write_outcomes(&ground, outcomes).await;
                answers
            })
        });
        let rates = Rates {
            pairs: PairRate::default(),
            rest_until: 0,
        };
        Self {
            ground,
            channel,
            lease_name: format!("sender:{number}"),
            rates: Arc::new(Mutex::new(rates)),
            outcomes,
            slots: Arc::new(Semaphore::new(AT_ONCE)),
            crowded: Arc::default(),
            tracker: TaskTracker::new(),
            under_way: Arc::default(),
            codes: None,
        }
    }

    /// Has codes of unknown fate replaced.
    #[must_use]
    pub fn with_codes(self, maker: Arc<dyn CodeMaker>) -> Self {
        Self {
            codes: Some(maker),
            ..self
        }
    }

    /// Runs until `stop`, then waits for the calls under way and gives the number back.
    pub async fn run(self, stop: CancellationToken) {
        let mut lease = None;
        let mut looked = None;
        while !stop.is_cancelled() {
            let pause = match self.round(&mut lease, &mut looked).await {
                Ok(pause) => pause,
                Err(error) => {
                    tracing::error!(
                        error = &error as &dyn std::error::Error,
                        "nothing could be taken out of the outbox"
                    );
                    Some(LOOK)
                }
            };
            if let Some(pause) = pause {
                tokio::select! {
                    () = stop.cancelled() => {}
                    () = self.ground.wakes.sender.woken() => {}
                    () = tokio::time::sleep(pause) => {}
                }
            }
        }
        self.tracker.close();
        self.tracker.wait().await;
        if let Some(lease) = lease {
            lease.give_back(&self.ground).await;
        }
    }

    /// Does one round; returns how long to rest unless woken, or nothing if there may be more.
    async fn round(
        &self,
        lease: &mut Option<Lease>,
        looked: &mut Option<Instant>,
    ) -> Result<Option<Duration>, Error> {
        if !self.hold(lease).await? {
            return Ok(Some(LOOK));
        }
        let Some(held) = lease.as_ref() else {
            return Ok(Some(LOOK));
        };
        let now = self.ground.clock.now();
        // What is to be settled waits for minutes and need not be looked for every time.
        if looked.is_none_or(|at| at.elapsed() >= LOOK) && !self.settle_due(now).await? {
            *looked = Some(Instant::now());
        }
        let lanes = self.lanes(now.as_millisecond());
        if lanes.is_empty() {
            return Ok(Some(self.next_free(now.as_millisecond())));
        }
        let wanted: i64 = lanes.iter().map(|(_, most)| *most).max().unwrap_or(0);
        let taken = self.take(now, held.epoch(), lanes).await?;
        let more = i64::try_from(taken.messages.len()).unwrap_or(0) >= wanted;
        self.dispatch(taken, held.until()).await;
        Ok(if more { None } else { Some(LOOK) })
    }

    /// Takes or keeps the lease of the number; returns whether it is held.
    async fn hold(&self, lease: &mut Option<Lease>) -> Result<bool, Error> {
        if let Some(held) = lease.as_mut() {
            if !held.is_due() || held.renew(&self.ground).await? {
                return Ok(true);
            }
            tracing::warn!(lease = %self.lease_name, "another process sends for this number now");
            *lease = None;
        }
        let Some(taken) = Lease::take(&self.ground, &self.lease_name).await? else {
            return Ok(false);
        };
        let epoch = taken.epoch();
        let doubted = self
            .ground
            .db
            .write(epoch, |conn, epoch| {
                Box::pin(store::doubt(conn, *epoch, millis(PATIENCE)))
            })
            .await?;
        tracing::info!(lease = %self.lease_name, epoch, doubted, "sending for this number");
        *lease = Some(taken);
        Ok(true)
    }

    /// Returns the lanes that may send now, with how many each.
    fn lanes(&self, now: i64) -> Vec<(Lane, i64)> {
        if self.slots.available_permits() == 0 {
            self.crowded.store(true, Ordering::SeqCst);
        }
        let free = self.slots.available_permits().min(TOGETHER);
        if now < self.rates().rest_until {
            return Vec::new();
        }
        let mut traffic = self.ground.traffic();
        Lane::ALL
            .into_iter()
            .map(|lane| {
                (
                    lane,
                    i64::from(traffic.free(lane, now)).min(i64::try_from(free).unwrap_or(0)),
                )
            })
            .filter(|(_, most)| *most > 0)
            .collect()
    }

    /// Returns how long until something may be sent again.
    fn next_free(&self, now: i64) -> Duration {
        let mut rates = self.rates();
        rates.pairs.forget(now);
        let at = rates
            .rest_until
            .max(self.ground.traffic().frees_at().unwrap_or(now));
        Duration::from_millis(u64::try_from(at - now).unwrap_or(0))
            .clamp(Duration::from_millis(1), LOOK)
    }

    fn under_way(&self) -> std::sync::MutexGuard<'_, HashSet<String>> {
        self.under_way
            .lock()
            .expect("nobody panics while holding it")
    }

    fn rates(&self) -> std::sync::MutexGuard<'_, Rates> {
        self.rates.lock().expect("nobody panics while holding it")
    }

    /// Puts what may go into `sending` and returns it.
    async fn take(
        &self,
        now: Timestamp,
        sender_epoch: i64,
        lanes: Vec<(Lane, i64)>,
    ) -> Result<Taken, Error> {
        let round = Round {
            now,
            lease_name: self.lease_name.clone(),
            sender_epoch,
            lanes,
            rates: Arc::clone(&self.rates),
            keys: self.ground.keys.clone(),
            lock_rows: self.ground.db.lock_free_rows(),
        };
        let taken = self
            .ground
            .db
            .write(round, |conn, round| Box::pin(admit_round(conn, round)))
            .await?;
        let millis = now.as_millisecond();
        let mut rates = self.rates();
        self.ground.traffic().count(
            u32::try_from(taken.messages.len()).unwrap_or(u32::MAX),
            millis,
        );
        for one in &taken.messages {
            rates.pairs.count(&one.contact, millis);
        }
        Ok(taken)
    }

    /// Starts the calls of what is now `sending`.
    async fn dispatch(&self, taken: Taken, until: Instant) {
        for one in taken.messages {
            let contact = taken.contacts.get(&one.contact).cloned();
            let permit = Arc::clone(&self.slots)
                .acquire_owned()
                .await
                .expect("the semaphore is never closed");
            self.start(one, contact, until, permit);
        }
    }

    fn start(
        &self,
        one: Candidate,
        contact: Option<StoredContact>,
        until: Instant,
        permit: OwnedSemaphorePermit,
    ) {
        let ground = self.ground.clone();
        let channel = Arc::clone(&self.channel);
        let outcomes = self.outcomes.clone();
        let rates = Arc::clone(&self.rates);
        let under_way = Arc::clone(&self.under_way);
        let crowded = Arc::clone(&self.crowded);
        let attempt = one.attempts + 1;
        self.under_way().insert(one.id.clone());
        let span = tracing::info_span!("send", trace_id = %one.trace, outbox = %one.id, attempt);
        let sending = async move {
            let fate = match prepare(&one, contact, attempt) {
                Ok(call) if Instant::now() < until => {
                    let sent = channel.send(&call).await;
                    after(&ground, &rates, &sent, attempt).await
                }
                // Nothing was written, whatever the next holder of the number believes.
                Ok(_) => Fate::Again {
                    due_at: ground.clock.now().as_millisecond(),
                    reason: "this process had lost the number before it could send".to_owned(),
                    code: None,
                },
                Err(error) => Fate::Failed {
                    reason: format!("could not be opened: {error}"),
                    code: None,
                },
            };
            let outcome = Outcome {
                id: one.id,
                attempt,
                fate,
            };
            let id = outcome.id.clone();
            let _ = outcomes.ask(outcome).await;
            under_way
                .lock()
                .expect("nobody panics while holding it")
                .remove(&id);
            drop(permit);
            if crowded.swap(false, Ordering::SeqCst) {
                ground.wakes.sender.wake();
            }
        };
        self.tracker.spawn(sending.instrument(span));
    }

    /// Decides about what may have been sent and has not been heard of; returns whether
    /// there may be more.
    async fn settle_due(&self, now: Timestamp) -> Result<bool, Error> {
        let millis = now.as_millisecond();
        let most = i64::try_from(TOGETHER).unwrap_or(1);
        let mut due = {
            let mut conn = self.ground.db.read().await?;
            store::unsettled(&mut conn, millis, most, self.codes.is_some()).await?
        };
        due.retain(|one| !self.under_way().contains(&one.id));
        if due.is_empty() {
            return Ok(false);
        }
        let more = due.len() >= TOGETHER;
        let input = (self.ground.ids.clone(), due, now, self.codes.clone());
        self.ground
            .db
            .write(input, |conn, (ids, due, now, codes)| {
                Box::pin(async move {
                    let millis = now.as_millisecond();
                    for one in due {
                        let decided = settle(one.facts);
                        let moved = store::settle(conn, ids, one, decided, millis).await?;
                        if let (true, Settlement::Replace, Some(codes)) = (moved, decided, codes) {
                            replace(conn, codes.as_ref(), one, *now).await?;
                        }
                    }
                    store::close_settled(conn, millis).await
                })
            })
            .await?;
        Ok(more)
    }
}

async fn replace(
    conn: &mut Conn,
    codes: &dyn CodeMaker,
    old: &Unsettled,
    now: Timestamp,
) -> Result<(), Error> {
    let damaged = |what: String| Error::Damaged {
        table: "outbox",
        row: old.id.clone(),
        what,
    };
    let contact = old.contact.parse();
    let contact = contact.map_err(|e: InvalidId| damaged(e.to_string()))?;
    let id = old.id.parse();
    let id = id.map_err(|e: InvalidId| damaged(e.to_string()))?;
    codes.replace(conn, contact, id, now).await
}
