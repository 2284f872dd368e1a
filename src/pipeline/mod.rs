//! Durable work: inbox, turns, outbox, sender, jobs. Knows no mutual funds.
//!
//! What happens to a message, file by file: `inbox` makes it durable, `turns` claims
//! its contact and asks a [`TurnHandler`] what to do, `finish` commits the answer,
//! `sender` sends it, `outbox` says how far it got. Each stage is woken by the one
//! before it and otherwise looks by itself four times a second; what it finds in the
//! database is all it needs, so the path after a crash is the path of every day. What a
//! person has to put right, they put right with `way_back`.

mod account;
mod admission;
mod attachments;
mod batch;
mod breaker;
mod claims;
mod conversation;
mod door;
mod finish;
mod follow_up;
mod inbox;
mod jobs;
mod late;
mod leases;
mod media;
mod outbox;
mod pacing;
mod queue;
mod quiet;
mod receipts;
mod resolve;
mod retention;
mod rush;
mod sender;
mod set_aside;
mod settle;
mod store;
mod turn;
mod turns;
pub mod way_back;

use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use futures::future::BoxFuture;

use self::door::Door;
use self::pacing::NumberRate;
use self::rush::Rush;
use crate::clock::Clock;
use crate::id::{Ids, ProcessId};
use crate::security::Keyring;
use crate::storage::{Db, Wake};
use crate::whatsapp::media::File;
use crate::whatsapp::{NotUploaded, SendOutcome};

pub use account::{AccountState, Registered, Stopped};
pub use admission::{is_wanted, rests_until, window_is_open};
pub use attachments::{
    AttachmentState, Attachments, FetchFile, Listed, MediaFetch, MediaFolder, RemoveFiles,
    forget_attachments,
};
pub use conversation::{Exchange, conversation};
pub use follow_up::{FollowUp, Offered, Told};
pub use inbox::{Inbox, Intake};
pub use jobs::{Job, JobError, JobHandler, Jobs, Line, enqueue as enqueue_job};
pub use late::{LATE, tell_of_late_jobs};
pub use media::MediaSource;
pub use outbox::{Lane, OutboxState};
pub use quiet::QuietHours;
pub use receipts::{Courtesy, Receipts};
pub use retention::Retention;
pub use sender::Sender;
pub use settle::CodeMaker;
pub use store::account::account_state;
pub use store::attachments::move_attachments;
pub use store::costs::{Cost, Month, costs_by_conversation, costs_by_purpose};
pub use store::enqueue::{Message, enqueue};
pub use store::forget::{FORGET, FORGET_SESSION, forget_costs, forget_messages, is_under_way};
pub use store::jobs::late_jobs;
pub use store::number::record_limits;
pub use store::reach::is_out_of_reach;
pub use store::recover::{Depth, belong_to, close_settled, depth, latest, recover};
pub use store::standing::{SETTLED, Standing, let_rest, replaced, standing, withdraw};
pub use store::taken_back::take_back;
pub use store::templates::{
    edits_since, find_template, list_templates, record_edit, record_templates, template_since,
};
pub use store::{close_attention, open_attention};
pub use turn::{Decision, Effect, Purpose, Reply, StoredSession, Turn, TurnHandler};
pub use turns::Turns;

/// How long a lease lasts without a heartbeat.
const LEASE: Duration = Duration::from_secs(3);
/// How far apart heartbeats are.
const HEARTBEAT: Duration = Duration::from_millis(750);
/// How often it is tried to write what was decided, a heartbeat apart.
const WRITING_TRIES: u32 = 5;
/// How often a stage looks by itself for work, and for leases that ran out.
const LOOK: Duration = Duration::from_millis(250);

/// What every stage works with.
#[derive(Clone)]
pub struct Ground {
    /// The database.
    pub db: Db,
    /// The keys.
    pub keys: Keyring,
    /// The time.
    pub clock: Clock,
    /// New ids.
    pub ids: Ids,
    /// This process, as its leases name it.
    pub process: ProcessId,
    /// Wakes the stages.
    pub wakes: Wakes,
    /// What goes over the number, in and out.
    traffic: Arc<Mutex<NumberRate>>,
    /// Webhooks that wait for their commit.
    rush: Rush,
    /// Through it answers are sent without waiting for the sender's next round.
    door: Door,
    /// Rooms that keep something for contacts.
    movers: Vec<Arc<dyn crate::contacts::Moves>>,
}

impl Ground {
    /// Returns the ground of a process whose number may handle `per_second` messages.
    pub fn new(db: Db, keys: Keyring, clock: Clock, ids: Ids, per_second: u32) -> Self {
        Self {
            process: ids.next(clock.now()),
            db,
            keys,
            clock,
            ids,
            wakes: Wakes::new(),
            traffic: Arc::new(Mutex::new(NumberRate::new(per_second))),
            rush: Rush::new(),
            door: Door::default(),
            movers: Vec::new(),
        }
    }

    /// Names the rooms whose records go along when two contacts are found to be one.
    #[must_use]
    pub fn with_movers(self, movers: Vec<Arc<dyn crate::contacts::Moves>>) -> Self {
        Self { movers, ..self }
    }

    fn movers(&self) -> &[Arc<dyn crate::contacts::Moves>] {
        &self.movers
    }

    fn traffic(&self) -> MutexGuard<'_, NumberRate> {
        self.traffic.lock().expect("nobody panics while holding it")
    }
}

/// One wake-up for each stage.
#[derive(Clone)]
pub struct Wakes {
    /// Something waits for a turn.
    pub turns: Wake,
    /// Something waits to be sent.
    pub sender: Wake,
    /// A job is due.
    pub jobs: Wake,
    /// A file is to be fetched.
    pub files: Wake,
    /// Something happened in the business that somebody is to be told.
    pub events: Wake,
    /// A letter waits to be posted.
    pub letters: Wake,
    /// A form of the account changed.
    pub forms: Wake,
}

impl Wakes {
    /// Returns wake-ups that nobody listens to yet.
    #[expect(clippy::new_without_default, reason = "each call makes others")]
    pub fn new() -> Self {
        Self {
            turns: Wake::new("turns"),
            sender: Wake::new("sender"),
            jobs: Wake::new("jobs"),
            files: Wake::new("files"),
            events: Wake::new("events"),
            letters: Wake::new("letters"),
            forms: Wake::new("forms"),
        }
    }

    /// Returns all of them.
    pub fn all(&self) -> Vec<Wake> {
        [
            &self.turns,
            &self.sender,
            &self.jobs,
            &self.files,
            &self.events,
            &self.letters,
            &self.forms,
        ]
        .map(Clone::clone)
        .into()
    }
}

/// The way out: hands one message to WhatsApp. Implemented over the Graph client.
pub trait Channel: Send + Sync + 'static {
    /// Sends a message and says what is known of its fate. A file of ours that goes with
    /// it was handed over before.
    fn send<'a>(&'a self, call: &'a Call) -> BoxFuture<'a, SendOutcome>;

    /// Hands over a file that a message will be sent with; returns its id there.
    fn upload(&self, file: File) -> BoxFuture<'_, Result<String, NotUploaded>>;
}

/// A [`Channel`] that is shared.
pub type SharedChannel = Arc<dyn Channel>;

/// One attempt at one message.
#[derive(Debug, Clone)]
pub struct Call {
    /// Whom to.
    pub to: crate::whatsapp::Recipient,
    /// What.
    pub message: crate::whatsapp::Outgoing,
    /// Comes back in the status webhooks: outbox id and attempt.
    pub callback: String,
}
