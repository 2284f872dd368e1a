//! Gathers what the turns of a contact lead to, and writes it all or not at all.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use super::batch::Batcher;
use super::door;
use super::leases::millis;
use super::outbox::Lane;
use super::store::enqueue::{Message, OutboxRow};
use super::store::{self, Claimed, ClaimedMessage, Ending, Finished, How, Written};
use super::turn::{Decision, Reply, StoredSession, Turn};
use super::{Ground, HEARTBEAT, WRITING_TRIES};
use crate::contacts::store::StoredContact;
use crate::contacts::{Contact, ContactChange, Owner, Profile};
use crate::id::ContactId;
use crate::security::{DataKey, Place};
use crate::storage::Error;
use crate::telemetry::metrics;
use crate::whatsapp::InboundMessage;

/// Turns that share a write at most.
const TOGETHER: usize = 128;
/// A chat reply that could not be sent for this long is of no use any more; WhatsApp's
/// own window closes then too.
const REPLY_LIFE: Duration = Duration::from_hours(24);
/// Version of the rules that attach required texts.
const RULES: i64 = 1;

fn session_place(contact: &str) -> Place<'_> {
    Place {
        table: "sessions",
        column: "state",
        row: contact,
    }
}

/// One contact's turns so far, in memory.
pub(super) struct Progress {
    ground: Ground,
    contact: Contact,
    key: DataKey,
    profile: Profile,
    /// When they said something last, as far as it has come in.
    newest: Option<Timestamp>,
    session: Option<StoredSession>,
    session_changed: bool,
    finished: Finished,
}

impl Progress {
    pub(super) fn new(
        ground: &Ground,
        claimed: &Claimed,
        stored: StoredContact,
        session: Option<StoredSession>,
    ) -> Self {
        let id = stored.contact.id;
        let session = session.and_then(|sealed| open_session(&stored.key, id, &sealed));
        let mut contact = stored.contact;
        let newest = contact.last_inbound_at;
        contact.last_inbound_at = claimed.turned_at;
        let finished = Finished::of(id, stored.key.clone(), claimed.epoch);
        Self {
            ground: ground.clone(),
            contact,
            key: stored.key,
            profile: stored.profile,
            newest,
            session,
            session_changed: false,
            finished,
        }
    }

    /// Returns whose turns these are.
    pub(super) fn contact(&self) -> ContactId {
        self.contact.id
    }

    /// Returns the epoch they were claimed under.
    pub(super) fn epoch(&self) -> i64 {
        self.finished.epoch
    }

    /// Returns the turn of the next message.
    pub(super) fn turn(&mut self, message: InboundMessage, now: Timestamp) -> Turn {
        self.learn(&message);
        Turn {
            contact: self.contact.clone(),
            message,
            later: Vec::new(),
            session: self.session.clone(),
            now,
        }
    }

    /// Learns what they call themselves; before what they said last that is no news.
    fn learn(&mut self, message: &InboundMessage) {
        let is_newest = self.newest.is_none_or(|newest| newest <= message.sent_at);
        if !is_newest || message.sender.name.is_none() {
            return;
        }
        let is_new = self.profile.learn(&message.sender);
        // The last that says so dates it.
        if is_new || self.finished.profile.is_some() {
            self.finished.profile = Some((message.sent_at, self.profile.clone()));
            self.contact.name.clone_from(&self.profile.name);
        }
    }

    /// Ends a message that is answered together with a later one.
    pub(super) fn joined(&mut self, message: &ClaimedMessage) {
        self.end(message, How::Done("joined"));
    }

    /// Has everything hold only if no more than `known` messages wait for it.
    pub(super) fn hold_if_only(&mut self, known: i64) {
        self.finished.known = Some(known);
    }

    /// Takes over what a message led to; the next message starts from there.
    pub(super) fn decided(&mut self, message: &ClaimedMessage, turn: &Turn, decision: Decision) {
        // Of those that are answered together, the newest need not be the first.
        for later in &turn.later {
            self.learn(later);
        }
        for change in &decision.changes {
            match change {
                ContactChange::Language(language) => {
                    self.contact.language = Some((*language).to_owned());
                }
                ContactChange::Marketing(marketing) => self.contact.marketing = *marketing,
                ContactChange::HandOff(_) if self.contact.owner == Owner::Bot => {
                    self.contact.owner = Owner::Human;
                    // The same step that the change makes in the database, so that the
                    // acknowledgement is the last thing the bot says.
                    self.contact.owner_epoch += 1;
                }
                ContactChange::HandOff(_) => {}
            }
        }
        if let Some(language) = decision.heard {
            self.contact.language_heard = Some(language.to_owned());
            self.finished.heard = Some(language);
        }
        let answered = !decision.replies.is_empty();
        self.say(message, decision.replies, turn.now);
        if decision.session.is_some() {
            self.session = decision.session;
            self.session_changed = true;
        }
        let said = turn.later.last().unwrap_or(&turn.message).sent_at;
        let changes = decision.changes.into_iter();
        let changes = changes.map(|change| (said, change));
        self.finished.changes.extend(changes);
        self.finished.effects.extend(decision.effects);
        if answered {
            // What was not answered has not begun a conversation.
            let last = turn.later.last().unwrap_or(&turn.message);
            self.contact.last_inbound_at = Some(last.sent_at);
            let newest = self.finished.turned_at.unwrap_or(i64::MIN);
            self.finished.turned_at = Some(newest.max(message.sent_at));
        }
        self.end(message, How::Done(decision.outcome));
    }

    /// Sets a message aside, with something to say about it.
    pub(super) fn park(&mut self, message: &ClaimedMessage, why: &str, sorry: Option<Vec<Reply>>) {
        let now = self.ground.clock.now();
        self.say(message, sorry.unwrap_or_default(), now);
        self.end(message, How::Parked(why.to_owned()));
    }

    /// Leaves a message for another try, a little later each time.
    pub(super) fn again(&mut self, message: &ClaimedMessage, why: &str, now: Timestamp) {
        let pause = 500 * 4_i64.pow(u32::try_from(message.errors.clamp(0, 4)).unwrap_or(0));
        self.finished.ready_at = now.as_millisecond() + pause;
        self.end(message, How::Again(why.to_owned()));
    }

    fn end(&mut self, message: &ClaimedMessage, how: How) {
        self.finished.endings.push(Ending {
            message: message.id.clone(),
            how,
        });
    }

    fn say(&mut self, message: &ClaimedMessage, replies: Vec<Reply>, now: Timestamp) {
        let expires_at = now.as_millisecond() + millis(REPLY_LIFE);
        let expires_at = Timestamp::from_millisecond(expires_at).unwrap_or(Timestamp::MAX);
        for reply in replies {
            let row = Message {
                contact: self.contact.id,
                message: reply.message,
                lane: Lane::Reply,
                purpose: reply.purpose,
                owner_epoch: self.contact.owner_epoch,
                answers: Some(message.id.clone()),
                trace: Some(message.trace.clone()),
                disclosures: reply.disclosures.join(","),
                rules: RULES,
                expires_at,
                quiet: None,
            };
            let row = OutboxRow::new(&self.ground, &self.key, row, now);
            self.finished.outbox.push(row);
        }
    }

    fn into_finished(mut self) -> Finished {
        if self.session_changed {
            let id = self.contact.id.to_string();
            self.finished.session = self.session.map(|session| StoredSession {
                state: self.key.seal(session_place(&id), &session.state),
                ..session
            });
        }
        if self.finished.ready_at == 0 {
            self.finished.ready_at = self.ground.clock.now().as_millisecond();
        }
        self.finished.to = self.profile.recipient();
        self.finished
    }
}

/// A session that does not open is as good as none: the menu comes, not a crash.
fn open_session(
    key: &DataKey,
    contact: ContactId,
    sealed: &StoredSession,
) -> Option<StoredSession> {
    let row = contact.to_string();
    match key.open(session_place(&row), &sealed.state) {
        Ok(state) => Some(StoredSession { state, ..*sealed }),
        Err(error) => {
            tracing::error!(%error, %contact, "a session does not open and is forgotten");
            None
        }
    }
}

/// What became of a turn that was to be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Became {
    Written,
    /// It had lost its lease, was overtaken or could not be written: it is taken again.
    TakenAgain,
    /// The database cannot be reached for the moment.
    Away,
}

/// Writes finished turns, many in one transaction.
#[derive(Clone)]
pub(super) struct Finisher {
    ground: Ground,
    batcher: Batcher<Arc<Finished>, Became>,
}

impl Finisher {
    pub(super) fn start(ground: Ground) -> Self {
        let writing = ground.clone();
        let batcher = Batcher::start(TOGETHER, TOGETHER * 4, move |turns| {
            let ground = writing.clone();
            Box::pin(async move { write_all(&ground, turns).await })
        });
        Self { ground, batcher }
    }

    /// Writes what the turns of one contact led to.
    pub(super) async fn finish(&self, progress: Progress) {
        let contact = progress.contact.id;
        let finished = Arc::new(progress.into_finished());
        if finished.endings.is_empty() {
            self.let_go(contact).await;
            return;
        }
        if self.write(&finished).await == Some(Became::Written) {
            for ending in &finished.endings {
                metrics::message_ended(ending.how.word());
            }
            for effect in &finished.effects {
                effect.committed();
            }
        }
    }

    /// Writes it; while the database is away for a moment, again: what was decided may have
    /// cost a model's time, and its lease is kept meanwhile. Writing once more what was
    /// written after all changes nothing, for then the lease is given back.
    async fn write(&self, finished: &Arc<Finished>) -> Option<Became> {
        let mut tries = 1;
        loop {
            let became = self.batcher.ask(Arc::clone(finished)).await;
            if became != Some(Became::Away) || tries == WRITING_TRIES {
                return became;
            }
            tries += 1;
            tokio::time::sleep(HEARTBEAT).await;
        }
    }

    /// Mends a contact that says something waits where nothing does.
    async fn let_go(&self, contact: ContactId) {
        let mended = self.ground.db.write(contact.to_string(), |conn, contact| {
            Box::pin(store::let_go(conn, contact))
        });
        if let Err(error) = mended.await {
            tracing::error!(error = &error as &dyn std::error::Error, %contact, "a contact could not be recounted");
        }
    }
}

/// Whose turns, and under which epoch: a late try may come beside the turns of the next claim.
type Claim = (ContactId, i64);

fn claim(turn: &Finished) -> Claim {
    (turn.contact, turn.epoch)
}

/// Plain turns share one write; one that changes more gets its own, so that its failing
/// is its own affair.
async fn write_all(ground: &Ground, turns: Vec<Arc<Finished>>) -> Vec<Became> {
    let (plain, special): (Vec<_>, Vec<_>) =
        turns.iter().cloned().partition(|turn| turn.is_plain());
    let shared = write_plain(ground, plain);
    let own = special
        .into_iter()
        .map(|turn| write_some(ground, vec![turn]));
    let own = futures::future::join_all(own);
    let (mut became, others) = futures::future::join(shared, own).await;
    became.extend(others.into_iter().flatten().flatten());
    turns
        .iter()
        .map(|turn| {
            let found = became.get(&claim(turn)).copied();
            found.unwrap_or(Became::TakenAgain)
        })
        .collect()
}

async fn write_plain(ground: &Ground, turns: Vec<Arc<Finished>>) -> HashMap<Claim, Became> {
    if turns.is_empty() {
        return HashMap::new();
    }
    let are_many = turns.len() > 1;
    match write_some(ground, turns.clone()).await {
        Some(became) => became,
        // Whichever of them it is, the others are not to suffer for it.
        None if are_many => {
            let mut became = HashMap::new();
            for turn in turns {
                became.extend(write_some(ground, vec![turn]).await.into_iter().flatten());
            }
            became
        }
        None => HashMap::new(),
    }
}

/// Writes turns together; nothing if one of them cannot be written. What is not written
/// stays claimed until the lease runs out, and is then decided again.
async fn write_some(ground: &Ground, turns: Vec<Arc<Finished>>) -> Option<HashMap<Claim, Became>> {
    let all = |became: Became| turns.iter().map(move |turn| (claim(turn), became));
    match write(ground, &turns).await {
        Ok(held) => {
            let mut became: HashMap<_, _> = all(Became::TakenAgain).collect();
            became.extend(held.into_iter().map(|claim| (claim, Became::Written)));
            Some(became)
        }
        Err(Error::Unavailable(why)) => {
            tracing::warn!(%why, turns = turns.len(), "turns could not be written yet");
            Some(all(Became::Away).collect())
        }
        Err(error) => {
            tracing::error!(
                error = &error as &dyn std::error::Error,
                turns = turns.len(),
                "turns could not be written"
            );
            None
        }
    }
}

async fn write(ground: &Ground, turns: &[Arc<Finished>]) -> Result<HashSet<Claim>, Error> {
    let wanted = turns.len();
    // One that changes more than others do goes the long way round, and keeps the door
    // free for them.
    let answers = turns.iter().filter(|turn| turn.is_plain()).count();
    let pass = ground.door.ask(ground, answers).await;
    let terms = pass.as_ref().map(|pass| pass.terms.clone());
    let input = (Arc::new(ground.clone()), turns.to_vec(), terms);
    let Written {
        held,
        overtaken,
        entered,
    } = ground
        .db
        .write(input, |conn, (ground, turns, terms)| {
            Box::pin(store::finish(conn, ground, turns, terms.as_ref()))
        })
        .await?;
    let said: usize = turns.iter().map(|turn| turn.outbox.len()).sum();
    if said > entered.len() {
        ground.wakes.sender.wake();
    }
    if let Some(pass) = pass {
        let calls = door::calls(turns, &entered, pass.until());
        pass.call(ground, calls);
    }
    // What came in meanwhile could not be claimed, and can be now.
    if !overtaken.is_empty() || held.values().any(|waiting| *waiting > 0) {
        ground.wakes.turns.wake();
    }
    let held: HashSet<Claim> = held.into_keys().collect();
    let fenced = wanted - held.len() - overtaken.len();
    if fenced > 0 {
        metrics::turns_fenced(fenced);
        tracing::warn!(
            turns = fenced,
            "turns had lost their lease and wrote nothing"
        );
    }
    Ok(held)
}
