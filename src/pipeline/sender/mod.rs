//! Sends what the outbox holds: paced, checked at the last moment, one process per number.
//!
//! A row is `sending` in the database before the network hears of it, so that after a
//! crash it is known that it may have been sent. What became of a call is written down
//! when the call ends; what nobody can know waits for its echo (`settle`).

mod calling;
mod outcome;
mod round;
mod settling;
#[cfg(test)]
mod tests;
mod unheard;

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::sync::{Semaphore, mpsc};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use self::outcome::write_outcomes;
use self::round::{Round, Taken, admit_round};
use self::unheard::Unheard;
use super::batch::Batcher;
use super::door::{Entered, Open};
use super::follow_up::FollowUp;
use super::leases::{Lease, millis};
use super::media::{MediaSource, Uploads};
use super::outbox::Lane;
use super::settle::{CodeMaker, PATIENCE};
use super::store::{self, Outcome};
use super::{Ground, LOOK, SharedChannel};
use crate::storage::{Engine, Error};

/// Calls under way at a time.
const AT_ONCE: usize = 256;
/// Messages taken out of the outbox in one go: all there is room for. A round waits for its
/// commit, so that behind a backlog its size is what the rate of sending hangs on.
const TOGETHER: usize = AT_ONCE;
/// How long to rest before looking whether a stopped account may send again.
const STOPPED: Duration = Duration::from_secs(1);
/// A row that is `sending` for longer has lost whoever was sending it.
pub(super) const STUCK: Duration = Duration::from_mins(1);

/// The stage that sends for one number.
pub struct Sender {
    ground: Ground,
    channel: SharedChannel,
    lease_name: String,
    outcomes: Batcher<Outcome, bool>,
    slots: Arc<Semaphore>,
    /// A round found no free slot: whoever frees one says so.
    crowded: Arc<AtomicBool>,
    tracker: TaskTracker,
    /// Calls of this process that have not ended. Whatever the clock says, their fate is
    /// not to be guessed at.
    under_way: Arc<Mutex<HashSet<String>>>,
    /// What may be `sending` by a round of which nothing was heard.
    unheard: Unheard,
    /// Whoever makes new one-time codes.
    codes: Option<Arc<dyn CodeMaker>>,
    /// Whoever offers an answer whose window has closed.
    follow_ups: Option<Arc<dyn FollowUp>>,
    /// Files that go with messages.
    uploads: Arc<Uploads>,
}

/// What the rounds of a sender go on with.
struct Duty {
    lease: Option<Lease>,
    /// When it was last looked for what is to be settled.
    looked: Option<Instant>,
    /// Where calls go that need no round.
    calls: mpsc::UnboundedSender<Entered>,
}

impl Sender {
    /// Returns the stage for a number.
    pub fn new(ground: Ground, channel: SharedChannel, number: &str) -> Self {
        let writing = ground.clone();
        let outcomes = Batcher::start(TOGETHER, AT_ONCE, move |outcomes: Vec<Outcome>| {
            let ground = writing.clone();
            Box::pin(async move { write_outcomes(&ground, outcomes).await })
        });
        Self {
            ground,
            channel,
            lease_name: format!("sender:{number}"),
            outcomes,
            slots: Arc::new(Semaphore::new(AT_ONCE)),
            crowded: Arc::default(),
            tracker: TaskTracker::new(),
            under_way: Arc::default(),
            unheard: Unheard::default(),
            codes: None,
            follow_ups: None,
            uploads: Arc::new(Uploads::new(None)),
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

    /// Has answers offered by a template whose 24-hour window has closed.
    #[must_use]
    pub fn with_follow_ups(self, offers: Arc<dyn FollowUp>) -> Self {
        Self {
            follow_ups: Some(offers),
            ..self
        }
    }

    /// Has messages sent with files that are kept there.
    #[must_use]
    pub fn with_media(self, source: Arc<dyn MediaSource>) -> Self {
        Self {
            uploads: Arc::new(Uploads::new(Some(source))),
            ..self
        }
    }

    /// Runs until `stop`, then waits for the calls under way and gives the number back.
    pub async fn run(self, stop: CancellationToken) {
        let (calls, mut entered) = mpsc::unbounded_channel();
        let duty = Duty {
            lease: None,
            looked: None,
            calls,
        };
        let start_entered = async {
            while let Some(one) = entered.recv().await {
                self.start_entered(one).await;
            }
        };
        let (lease, ()) = tokio::join!(self.rounds(duty, &stop), start_entered);
        self.tracker.close();
        self.tracker.wait().await;
        if let Some(lease) = lease {
            lease.give_back(&self.ground).await;
        }
    }

    /// Does one round after the other until `stop`, and shuts the door.
    async fn rounds(&self, mut duty: Duty, stop: &CancellationToken) -> Option<Lease> {
        while !stop.is_cancelled() {
            let pause = match self.round(&mut duty).await {
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
        self.ground.door.shut().await;
        duty.lease
    }

    /// Does one round; returns how long to rest unless woken, or nothing if there may be more.
    async fn round(&self, duty: &mut Duty) -> Result<Option<Duration>, Error> {
        if !self.hold(duty).await? {
            return Ok(Some(LOOK));
        }
        let Some(held) = duty.lease.as_ref() else {
            return Ok(Some(LOOK));
        };
        let now = self.ground.clock.now();
        // What is to be settled waits for minutes and need not be looked for every time.
        let is_due = duty.looked.is_none_or(|at| at.elapsed() >= LOOK);
        if is_due {
            // However many people there are, few were written to in the last seconds.
            self.ground.door.rates().pairs.forget(now.as_millisecond());
            self.count_arrived(now.as_millisecond()).await?;
        }
        if is_due && !self.settle_due(now).await? {
            duty.looked = Some(Instant::now());
        }
        let admitting = self.ground.door.admit().await;
        let lanes = self.lanes(now.as_millisecond());
        if lanes.is_empty() {
            return Ok(Some(self.next_free(now.as_millisecond())));
        }
        let wanted: i64 = lanes.iter().map(|(_, most)| *most).max().unwrap_or(0);
        let taken = self.take(held.epoch(), lanes).await?;
        drop(admitting);
        let more = i64::try_from(taken.messages.len()).unwrap_or(0) >= wanted || taken.released > 0;
        let is_paced = taken.is_paced;
        self.dispatch(taken, held.until()).await;
        Ok(match (more, is_paced) {
            (true, _) => None,
            // More of a lane waits for its part of the second.
            (false, true) => Some(self.next_free(now.as_millisecond())),
            (false, false) => Some(LOOK),
        })
    }

    /// Takes or keeps the lease of the number; returns whether it is held.
    async fn hold(&self, duty: &mut Duty) -> Result<bool, Error> {
        if let Some(held) = duty.lease.as_mut() {
            if !held.is_due() {
                return Ok(true);
            }
            if held.renew(&self.ground).await? {
                self.open_door(held, &duty.calls);
                return Ok(true);
            }
            tracing::warn!(lease = %self.lease_name, "another process sends for this number now");
            self.ground.door.shut().await;
            duty.lease = None;
        }
        // What this process is at itself, having lost the number for a moment, it will know.
        let ours: Vec<String> = self.under_way().iter().cloned().collect();
        let taken = Lease::take(&self.ground, &self.lease_name, ours, |conn, epoch, ours| {
            Box::pin(store::doubt(conn, epoch, millis(PATIENCE), ours))
        });
        let Some((taken, doubted)) = taken.await? else {
            return Ok(false);
        };
        // Whatever an earlier epoch left is doubted with the rest.
        self.unheard.all_heard();
        let epoch = taken.epoch();
        tracing::info!(lease = %self.lease_name, epoch, doubted, "sending for this number");
        self.open_door(&taken, &duty.calls);
        duty.lease = Some(taken);
        Ok(true)
    }

    fn open_door(&self, held: &Lease, calls: &mpsc::UnboundedSender<Entered>) {
        // Where several processes share the number, each such write would hold the row of
        // its lease, which whoever takes it over waits for.
        if self.ground.db.engine() != Engine::Sqlite {
            return;
        }
        self.ground.door.open(Open {
            lease_name: self.lease_name.clone(),
            epoch: held.epoch(),
            until: held.until(),
            slots: Arc::clone(&self.slots),
            calls: calls.clone(),
        });
    }

    /// Counts what came in, where other processes may have taken it in.
    async fn count_arrived(&self, now: i64) -> Result<(), Error> {
        if self.ground.db.engine() == Engine::Sqlite {
            return Ok(());
        }
        let mut conn = self.ground.db.read().await?;
        let arrived = store::count_arrived(&mut conn, now - 1_000).await?;
        let arrived = u32::try_from(arrived).unwrap_or(u32::MAX);
        self.ground.traffic().arrived_in_all(arrived, now);
        Ok(())
    }

    /// Returns the lanes that may send now, with how many each.
    fn lanes(&self, now: i64) -> Vec<(Lane, i64)> {
        if self.slots.available_permits() == 0 {
            self.crowded.store(true, Ordering::SeqCst);
        }
        let free = if self.ground.door.is_probing() {
            usize::from(self.under_way().is_empty())
        } else {
            self.slots.available_permits().min(TOGETHER)
        };
        if now < self.ground.door.rates().rest_until {
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
        let rest_until = self.ground.door.rates().rest_until;
        let frees_at = self.ground.traffic().frees_at();
        let at = rest_until.max(frees_at.unwrap_or(now));
        Duration::from_millis(u64::try_from(at - now).unwrap_or(0))
            .clamp(Duration::from_millis(1), LOOK)
    }

    fn under_way(&self) -> std::sync::MutexGuard<'_, HashSet<String>> {
        self.under_way
            .lock()
            .expect("nobody panics while holding it")
    }

    /// Puts what may go into `sending` and returns it.
    async fn take(&self, sender_epoch: i64, lanes: Vec<(Lane, i64)>) -> Result<Taken, Error> {
        let clock = &self.ground.clock;
        let began = clock.now();
        let round = Round {
            clock: clock.clone(),
            now: began,
            lease_name: self.lease_name.clone(),
            sender_epoch,
            lanes,
            door: self.ground.door.clone(),
            keys: self.ground.keys.clone(),
            ids: self.ground.ids.clone(),
            follow_ups: self.follow_ups.clone(),
            unheard: self.unheard.clone(),
            lock_rows: self.ground.db.lock_free_rows(),
            lock_account: self.ground.db.lock_rows(),
        };
        let taken = self
            .ground
            .db
            .write(round, |conn, round| Box::pin(admit_round(conn, round)))
            .await?;
        self.unheard.all_heard();
        // They are called from now on, however long the write took.
        let now = clock.now().as_millisecond();
        if taken.is_stopped {
            let mut rates = self.ground.door.rates();
            rates.rest_until = began.as_millisecond() + millis(STOPPED);
        }
        if let Some(upgraded) = taken.per_second {
            self.ground.traffic().allow(upgraded);
        }
        let messages = taken.messages.iter();
        let messages = messages.map(|one| (one.facts.lane, one.contact.as_str()));
        self.ground.door.count(&self.ground, messages, now);
        Ok(taken)
    }
}
