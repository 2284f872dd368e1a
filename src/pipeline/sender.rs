//! Sends what the outbox holds: paced, checked at the last moment, one process per number.
//!
//! A row is `sending` in the database before the network hears of it, so that after a
//! crash it is known that it may have been sent. What became of a call is written down
//! when the call ends; what nobody can know waits for its echo (`settle`).

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::Instrument;

use super::admission::admit;
use super::batch::Batcher;
use super::leases::{Lease, millis};
use super::outbox::{Lane, blind_wamid, callback};
use super::pacing::PairRate;
use super::settle::{PATIENCE, settle};
use super::store::{self, Candidate, Fate, Outcome, Verdict};
use super::{Call, Channel, Ground, HEARTBEAT, LOOK, SharedChannel};
use crate::contacts::{self, store::StoredContact};
use crate::security::Keyring;
use crate::storage::Error;
use crate::telemetry::metrics;
use crate::whatsapp::{Outgoing, Recipient, Scope, SendOutcome, errors};

/// Calls under way at a time.
const AT_ONCE: usize = 256;
/// Messages taken out of the outbox in one go.
const TOGETHER: usize = 64;
/// A row that is `sending` for longer has lost whoever was sending it.
const STUCK: Duration = Duration::from_secs(60);
/// How long to stand still after Meta stopped the whole number; then one call tries.
const STOPPED: Duration = Duration::from_secs(30);
/// First pause before a message that was certainly not sent is tried again.
const RETRY_FIRST: Duration = Duration::from_millis(500);
/// Longest such pause.
const RETRY_LAST: Duration = Duration::from_secs(300);

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
}

struct Rates {
    pairs: PairRate,
    /// Nothing is sent before this: Meta said to slow down.
    rest_until: i64,
}

/// What the admission of one round goes by.
struct Round {
    now: Timestamp,
    sender_epoch: i64,
    lanes: Vec<(Lane, i64)>,
    rates: Arc<Mutex<Rates>>,
    keys: Keyring,
    lock_rows: &'static str,
}

/// What one round took out of the outbox, and whom it is for.
struct Taken {
    messages: Vec<Candidate>,
    contacts: Result<HashMap<String, StoredContact>, Error>,
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
            sender_epoch,
            lanes,
            rates: Arc::clone(&self.rates),
            keys: self.ground.keys.clone(),
            lock_rows: self.ground.db.lock_rows(),
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
        // Without the keys nothing can be sent, and nothing was.
        let contacts = taken.contacts.unwrap_or_else(|error| {
            tracing::error!(
                error = &error as &dyn std::error::Error,
                "the contacts of what is to be sent could not be loaded"
            );
            HashMap::new()
        });
        for one in taken.messages {
            let contact = contacts.get(&one.contact).cloned();
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
        let crowded = Arc::clone(&self.crowded);
        let attempt = one.attempts + 1;
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
            let _ = outcomes.ask(outcome).await;
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
        let due = {
            let mut conn = self.ground.db.read().await?;
            store::unsettled(&mut conn, millis, most).await?
        };
        if due.is_empty() {
            return Ok(false);
        }
        let more = due.len() >= TOGETHER;
        let input = (self.ground.ids.clone(), due, millis);
        self.ground
            .db
            .write(input, |conn, (ids, due, now)| {
                Box::pin(async move {
                    for one in due {
                        store::settle(conn, ids, one, settle(one.facts), *now).await?;
                    }
                    store::close_settled(conn, *now).await
                })
            })
            .await?;
        Ok(more)
    }
}

/// Picks what may go and makes it `sending`, in one transaction.
async fn admit_round(conn: &mut crate::storage::Conn, round: &Round) -> Result<Taken, Error> {
    let now = round.now.as_millisecond();
    let mut verdicts = Vec::new();
    let mut taken = Vec::new();
    let mut left = round.lanes.iter().map(|(_, most)| *most).max().unwrap_or(0);
    let due = store::lanes_due(conn, now).await?;
    for (lane, most) in round.lanes.iter().filter(|(lane, _)| due.contains(lane)) {
        if left <= 0 {
            break;
        }
        for one in store::candidates(conn, *lane, now, left.min(*most), round.lock_rows).await? {
            let verdict = match admit(&one.facts, false, round.now) {
                Verdict::Send => {
                    let rates = round.rates.lock().expect("nobody panics while holding it");
                    match rates.pairs.free_at(&one.contact, now) {
                        at if at > now => Verdict::Later(at),
                        _ => Verdict::Send,
                    }
                }
                other => other,
            };
            if let Verdict::Cancel(reason) = verdict {
                metrics::cancelled(reason);
            }
            verdicts.push((one.id.clone(), verdict.clone()));
            if verdict == Verdict::Send {
                left -= 1;
                taken.push(one);
            }
        }
    }
    store::enter(
        conn,
        &verdicts,
        round.sender_epoch,
        now,
        now + millis(STUCK),
    )
    .await?;
    let ids: Vec<String> = taken.iter().map(|one| one.contact.clone()).collect();
    let contacts = match contacts::store::load(conn, &round.keys, &ids).await {
        // Damage to one is no reason to send to nobody for ever.
        Err(error) if !matches!(error, Error::Damaged { .. }) => return Err(error),
        loaded => loaded,
    };
    Ok(Taken {
        messages: taken,
        contacts,
    })
}

fn prepare(one: &Candidate, contact: Option<StoredContact>, attempt: i64) -> anyhow::Result<Call> {
    let contact = contact.ok_or_else(|| anyhow::anyhow!("its contact could not be loaded"))?;
    let plain = contact
        .key
        .open(store::enqueue::payload_place(&one.id), &one.payload)?;
    let message: Outgoing = serde_json::from_slice(&plain)?;
    let to = match (contact.profile.phone, contact.profile.user_id) {
        (Some(phone), _) => Recipient::Phone(phone),
        (None, Some(user_id)) => Recipient::UserId(user_id),
        (None, None) => anyhow::bail!("its contact has neither number nor user id"),
    };
    Ok(Call {
        to,
        message,
        callback: callback(&one.id, attempt),
    })
}

/// Counts what became of a call, obeys Meta's word to slow down or stop, and says what
/// to write down.
async fn after(ground: &Ground, rates: &Mutex<Rates>, sent: &SendOutcome, attempt: i64) -> Fate {
    let now = ground.clock.now().as_millisecond();
    let again = |pause: Duration, reason: &str, code| Fate::Again {
        due_at: now + millis(pause),
        reason: reason.to_owned(),
        code,
    };
    match sent {
        SendOutcome::Accepted { wamid } => {
            metrics::sent("accepted", 0);
            tracing::info!(target: "message", "accepted by Meta");
            Fate::Accepted {
                wamid: blind_wamid(&ground.keys, wamid),
            }
        }
        SendOutcome::Retry { after } => {
            metrics::sent("retry", 0);
            again((*after).max(backoff(attempt)), "not sent, for now", None)
        }
        SendOutcome::Throttled { after, scope } => {
            metrics::sent("throttled", 0);
            if *scope != Scope::Pair {
                rest(rates, now + millis(*after));
            }
            again((*after).max(backoff(attempt)), "throttled by Meta", None)
        }
        SendOutcome::Policy { code } => {
            metrics::sent("policy", *code);
            show_policy(ground, *code, now).await;
            if errors::stops_the_number(*code) {
                rest(rates, now + millis(STOPPED));
                return again(STOPPED, "Meta stopped the number", Some(*code));
            }
            Fate::Failed {
                reason: "refused by Meta until a person changes something".to_owned(),
                code: Some(*code),
            }
        }
        SendOutcome::Permanent { code, reason } => {
            metrics::sent("permanent", *code);
            tracing::warn!(code, reason, "Meta refused a message");
            Fate::Failed {
                reason: reason.clone(),
                code: Some(*code),
            }
        }
        SendOutcome::Unknown { reason } => {
            metrics::sent("unknown", 0);
            tracing::warn!(
                reason,
                "a message may or may not have been sent; its echo will tell"
            );
            Fate::Unknown {
                due_at: now + millis(PATIENCE),
                reason: reason.clone(),
            }
        }
    }
}

fn rest(rates: &Mutex<Rates>, until: i64) {
    let mut rates = rates.lock().expect("nobody panics while holding it");
    rates.rest_until = rates.rest_until.max(until);
}

async fn show_policy(ground: &Ground, code: i64, now: i64) {
    tracing::error!(
        code,
        "Meta refuses until a person changes something in the account"
    );
    let shown = ground
        .db
        .write((ground.ids.clone(), code, now), |conn, (ids, code, now)| {
            Box::pin(async move {
                let subject = format!("graph error {code}");
                let detail = "Meta refuses messages with this code until the account is put right";
                store::open_attention(conn, ids, "policy", &subject, detail, *now).await
            })
        });
    if let Err(error) = shown.await {
        tracing::warn!(
            error = &error as &dyn std::error::Error,
            "it could not be put before a person"
        );
    }
}

/// Full jitter under a doubling ceiling
/// (<https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/>).
#[expect(
    clippy::disallowed_methods,
    reason = "jitter is to differ between processes, and no test depends on it"
)]
fn backoff(attempt: i64) -> Duration {
    let doublings = u32::try_from(attempt.clamp(1, 16) - 1).unwrap_or(0);
    let ceiling = (RETRY_FIRST * 2_u32.pow(doublings)).min(RETRY_LAST);
    ceiling.mul_f64(rand::RngExt::random_range(&mut rand::rng(), 0.5..1.0))
}

async fn write_outcomes(ground: &Ground, outcomes: Vec<Outcome>) {
    let outcomes = Arc::new(outcomes);
    loop {
        let input = (Arc::clone(&outcomes), ground.clock.now());
        let written = ground.db.write(input, |conn, (outcomes, now)| {
            Box::pin(store::outcomes(conn, outcomes, *now))
        });
        match written.await {
            Ok(more_may_follow) => {
                if more_may_follow {
                    ground.wakes.sender.wake();
                }
                return;
            }
            Err(Error::Unavailable(why)) => {
                // What was sent must be written down; while it is not, nothing more is taken.
                tracing::error!(%why, "what became of calls could not be written; trying again");
                tokio::time::sleep(HEARTBEAT).await;
            }
            Err(error) => {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "what became of calls could not be written; their echoes will tell"
                );
                return;
            }
        }
    }
}

impl std::fmt::Debug for dyn Channel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Channel")
    }
}
