//! Takes contacts whose messages wait and has each message decided, in order, one
//! contact at a time.
//!
//! After an unclean stop, what was under way might be what stopped it. Those suspects
//! run one at a time; one that takes the process down three times is set aside with an
//! apology, and its contact goes on. Messages that are no suspects do not wait for them:
//! if one of those should be the culprit, it is a suspect next time. A suspect that has
//! run for a second without harm lets the next one begin, so that a slow one holds up
//! nobody.

mod suspect;

use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use futures::stream::FuturesUnordered;
use futures::{FutureExt, StreamExt};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::Instrument;

use super::claims::{self, Loaded};
use super::finish::{Finisher, Progress};
use super::leases::millis;
use super::queue::Queue;
use super::receipts::{Receipts, UnderWay};
use super::rush::Pace;
use super::store::{self, Claimed, ClaimedMessage};
use super::turn::{Decision, StoredSession, Turn, TurnHandler};
use super::{Ground, HEARTBEAT, LEASE, LOOK};
use crate::contacts::store::StoredContact;
use crate::id::ContactId;
use crate::storage::Error;
use crate::telemetry::metrics;
use crate::whatsapp::InboundMessage;

/// Turns under way at a time.
const AT_ONCE: usize = 256;
/// Contacts claimed in one go.
const TOGETHER: usize = 64;
/// How long a handler may think.
const DEADLINE: Duration = Duration::from_secs(30);
/// Crashes in which a message was the only suspect before it is set aside.
const CRASHES: i64 = 3;
/// Errors before a message is set aside.
const ERRORS: i64 = 5;

/// The stage that runs turns.
#[derive(Clone)]
pub struct Turns {
    ground: Ground,
    handler: Arc<dyn TurnHandler>,
    finisher: Finisher,
    /// Shows people what was read, if that is wanted.
    receipts: Option<Receipts>,
    /// Leases held, for the heartbeat: contact and epoch.
    held: Arc<Mutex<HashMap<ContactId, i64>>>,
    /// One place, for the suspect under way.
    suspect: Arc<Semaphore>,
    /// A round found no room: who leaves makes room and says so.
    crowded: Arc<AtomicBool>,
    tracker: TaskTracker,
}

impl Turns {
    /// Returns the stage, with the handler that decides.
    pub fn new(ground: Ground, handler: Arc<dyn TurnHandler>) -> Self {
        Self {
            finisher: Finisher::start(ground.clone()),
            ground,
            handler,
            receipts: None,
            held: Arc::default(),
            suspect: Arc::new(Semaphore::new(1)),
            crowded: Arc::default(),
            tracker: TaskTracker::new(),
        }
    }

    /// Has people shown what was read.
    #[must_use]
    pub fn with_receipts(self, receipts: Receipts) -> Self {
        Self {
            receipts: Some(receipts),
            ..self
        }
    }

    /// Runs until `stop`, then finishes what is under way and gives its leases back.
    pub async fn run(self, stop: CancellationToken) {
        let heart = tokio::spawn(self.clone().beat());
        let slots = Arc::new(Semaphore::new(AT_ONCE));
        let mut looked = None;
        let mut pace = Pace::default();
        while !stop.is_cancelled() {
            pace.hold_back(&self.ground.rush).await;
            match self.round(&slots, &mut looked, &mut pace).await {
                Ok(true) => {}
                Ok(false) => tokio::select! {
                    () = stop.cancelled() => {}
                    () = self.ground.wakes.turns.woken() => {}
                    () = tokio::time::sleep(LOOK) => {}
                },
                Err(error) => {
                    tracing::error!(
                        error = &error as &dyn std::error::Error,
                        "no turn could be claimed"
                    );
                    tokio::time::sleep(LOOK).await;
                }
            }
        }
        self.tracker.close();
        self.tracker.wait().await;
        heart.abort();
    }

    /// Claims and starts what there is room for; returns whether there may be more.
    async fn round(
        &self,
        slots: &Arc<Semaphore>,
        looked: &mut Option<Instant>,
        pace: &mut Pace,
    ) -> Result<bool, Error> {
        // What a holder left behind is no news that wakes anybody: it is looked for.
        if looked.is_none_or(|at| at.elapsed() >= LOOK) && !self.start_suspect().await? {
            *looked = Some(Instant::now());
        }
        if slots.available_permits() == 0 {
            self.crowded.store(true, Ordering::SeqCst);
        }
        let free = slots.available_permits().min(TOGETHER);
        if free == 0 {
            return Ok(false);
        }
        let (claimed, loaded) = claims::claim(&self.ground, free).await?;
        let more = claimed.len() == free;
        if !more {
            pace.caught_up();
        }
        if claimed.is_empty() {
            return Ok(false);
        }
        let permits = claimed
            .iter()
            .map_while(|_| Arc::clone(slots).try_acquire_owned().ok());
        let permits: Vec<_> = permits.collect();
        let this = self.clone();
        self.tracker.spawn(async move {
            this.take_turns(claimed, loaded, permits, false).await;
        });
        Ok(more)
    }

    /// Runs the turns of the claimed contacts side by side. Those that end together, as
    /// most do, are written together; one that takes its time holds up nobody, and each
    /// gives its permit back when it is written.
    async fn take_turns(
        &self,
        claimed: Vec<Claimed>,
        loaded: Loaded,
        permits: Vec<OwnedSemaphorePermit>,
        alone: bool,
    ) {
        let mut permits = permits.into_iter();
        let turns = claimed.into_iter().filter_map(|one| {
            let permit = permits.next();
            // The lease of one that does not read runs out, and it is a suspect then.
            let contact = loaded.contacts.get(&one.contact)?.clone();
            let session = loaded.sessions.get(&one.contact).cloned();
            Some(async move { (self.turn(one, contact, session, alone).await, permit) })
        });
        let turns: FuturesUnordered<_> = turns.collect();
        let mut ended = turns.ready_chunks(TOGETHER);
        let mut finishing = FuturesUnordered::new();
        loop {
            tokio::select! {
                Some(ended) = ended.next() => {
                    finishing.extend(ended.into_iter().map(|(turn, permit)| self.finish(turn, permit)));
                }
                Some(()) = finishing.next() => {}
                else => break,
            }
        }
    }

    /// Runs the turns of one contact.
    async fn turn(
        &self,
        claimed: Claimed,
        stored: StoredContact,
        session: Option<StoredSession>,
        alone: bool,
    ) -> Progress {
        let id = stored.contact.id;
        self.held().insert(id, claimed.epoch);
        let mut progress = Progress::new(&self.ground, &claimed, stored, session);
        let mut queue = Queue::new(claimed, alone);
        while let Some(message) = queue.next() {
            let span = tracing::info_span!("turn", trace_id = %message.trace, contact = %id);
            let goes_on = self
                .message(&mut progress, message, &mut queue)
                .instrument(span)
                .await;
            if !goes_on {
                break;
            }
        }
        progress
    }

    /// Writes the turns of one contact.
    async fn finish(&self, progress: Progress, permit: Option<OwnedSemaphorePermit>) {
        let (id, epoch) = (progress.contact(), progress.epoch());
        self.finisher.finish(progress).await;
        self.let_go(id, epoch);
        drop(permit);
        if self.crowded.swap(false, Ordering::SeqCst) {
            self.ground.wakes.turns.wake();
        }
    }

    /// Decides one message, with those that are to be answered together with it; returns
    /// whether the next one may follow.
    async fn message(
        &self,
        progress: &mut Progress,
        message: ClaimedMessage,
        queue: &mut Queue,
    ) -> bool {
        let now = self.ground.clock.now();
        let inbound = match self.open(&message) {
            Ok(inbound) => inbound,
            Err(error) => {
                progress.park(&message, &format!("could not be read: {error}"), None);
                return true;
            }
        };
        let mut turn = progress.turn(inbound, now);
        if queue.is_alone() && message.alone > CRASHES {
            tracing::error!("a message that ended the process {CRASHES} times is set aside");
            let sorry = self.handler.apologise(&turn);
            progress.park(&message, "ended the process", Some(sorry));
            return true;
        }
        let mut joined = self.join(&mut turn, queue);
        let mut under_way = self.show(&turn, queue);
        let started = Instant::now();
        let may_restart = message.attempts <= 1 && !queue.is_alone();
        let thought = if may_restart {
            let deciding = self.decide(&turn);
            tokio::select! {
                biased;
                decided = deciding => Some(decided),
                () = self.meanwhile(&turn, queue) => None,
            }
        } else {
            Some(self.decide(&turn).await)
        };
        let is_first = thought.is_some() && may_restart;
        let decided = if let Some(decided) = thought {
            decided
        } else {
            joined.extend(self.join(&mut turn, queue));
            tracing::info!(
                messages = joined.len() + 1,
                "decided anew, with what came since"
            );
            under_way = self.show(&turn, queue);
            self.decide(&turn).await
        };
        drop(under_way);
        match decided {
            Ok(decision) => {
                metrics::turn_finished(started.elapsed());
                tracing::info!(
                    target: "message",
                    outcome = decision.outcome,
                    replies = decision.replies.len(),
                    "decided"
                );
                if let (true, true, Some(known)) =
                    (decision.is_provisional, is_first, queue.known())
                {
                    progress.hold_if_only(known);
                }
                let mut answered = &message;
                for later in &joined {
                    progress.joined(answered);
                    answered = later;
                }
                progress.decided(answered, &turn, decision);
                true
            }
            Err(error) if message.errors + 1 >= ERRORS => {
                tracing::error!(
                    error = &*error,
                    "a message that cannot be handled is set aside"
                );
                let sorry = self.handler.apologise(&turn);
                progress.park(&message, "could not be handled", Some(sorry));
                true
            }
            Err(error) => {
                tracing::warn!(
                    error = &*error,
                    "a message could not be handled; it is tried again"
                );
                progress.again(&message, "an error, see the log", now);
                false
            }
        }
    }

    /// Shows people that the newest of their messages is being looked at.
    fn show(&self, turn: &Turn, queue: &Queue) -> Option<UnderWay> {
        let receipts = self.receipts.as_ref().filter(|_| queue.is_empty())?;
        receipts.seen(turn)
    }

    /// Adds to a turn the messages next in line that are to be answered with it.
    fn join(&self, turn: &mut Turn, queue: &mut Queue) -> Vec<ClaimedMessage> {
        let mut joined = Vec::new();
        while let Some(next) = queue.front()
            && let Ok(later) = self.open(next)
            && self.handler.takes_in(turn, &later)
        {
            turn.later.push(later);
            joined.extend(queue.next());
        }
        joined
    }

    /// Waits until something is next in line that is to be answered with a turn that is
    /// being decided.
    async fn meanwhile(&self, turn: &Turn, queue: &mut Queue) {
        loop {
            tokio::time::sleep(LOOK).await;
            if let Err(error) = queue.look(&self.ground).await {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "what came meanwhile could not be claimed"
                );
            }
            let next = queue.front().and_then(|next| self.open(next).ok());
            if next.is_some_and(|later| self.handler.takes_in(turn, &later)) {
                return;
            }
        }
    }

    fn open(&self, message: &ClaimedMessage) -> anyhow::Result<InboundMessage> {
        let place = super::inbox::Row::place(&message.id);
        let plain = self.ground.keys.ingest().open(place, &message.payload)?;
        Ok(InboundMessage::from_stored(&plain)?)
    }

    async fn decide(&self, turn: &Turn) -> anyhow::Result<Decision> {
        let deciding = AssertUnwindSafe(self.handler.decide(turn)).catch_unwind();
        match tokio::time::timeout(DEADLINE, deciding).await {
            Ok(Ok(decided)) => decided,
            Ok(Err(_)) => Err(anyhow::anyhow!("the handler panicked")),
            Err(_) => Err(anyhow::anyhow!("the handler took more than {DEADLINE:?}")),
        }
    }

    fn held(&self) -> std::sync::MutexGuard<'_, HashMap<ContactId, i64>> {
        self.held.lock().expect("nobody panics while holding it")
    }

    /// Keeps a lease no longer. A contact that was given back may have been claimed again
    /// by now: that lease has another epoch and is kept.
    fn let_go(&self, contact: ContactId, epoch: i64) {
        let mut held = self.held();
        if held.get(&contact) == Some(&epoch) {
            held.remove(&contact);
        }
    }

    /// Keeps the leases of turns that take long.
    async fn beat(self) {
        loop {
            tokio::time::sleep(HEARTBEAT).await;
            let held: Vec<(String, i64)> = self
                .held()
                .iter()
                .map(|(contact, epoch)| (contact.to_string(), *epoch))
                .collect();
            if held.is_empty() {
                continue;
            }
            let until = self.ground.clock.now().as_millisecond() + millis(LEASE);
            let input = (held, until, self.ground.db.lock_rows());
            let extended = self
                .ground
                .db
                .write(input, |conn, (held, until, lock_rows)| {
                    Box::pin(store::extend(conn, *until, held, lock_rows))
                });
            if let Err(error) = extended.await {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "leases could not be kept"
                );
            }
        }
    }
}
