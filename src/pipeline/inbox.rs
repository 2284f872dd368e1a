//! Makes what Meta tells us durable, before anybody says 200.
//!
//! The events of many webhooks go into one commit. An event seen before (its key is
//! kept for ever) changes nothing. Messages wait for a turn; statuses move the outbox
//! at once, in the same commit; everything else is kept.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use jiff::Timestamp;

use super::attachments::Attachment;
use super::batch::Batcher;
use super::outbox::{StatusMove, blind_wamid};
use super::{Ground, store};
use crate::contacts;
use crate::id::InboxId;
use crate::security::Place;
use crate::storage::{Error, Urgency};
use crate::telemetry::metrics;
use crate::whatsapp::inbound::{self, Policy, Unreadable};
use crate::whatsapp::{Content, Event, IdentityChange, InboundMessage, News, OtherEvent, Sender};

/// Webhooks that share a commit at most.
const TOGETHER: usize = 256;
/// Webhooks that may wait for it; more are turned away with a 503.
const WAITING: usize = 2_048;
/// How long a webhook may wait for its commit before it is turned away.
const PATIENCE: Duration = Duration::from_secs(10);

/// What became of a webhook.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Intake {
    /// Its events are durable.
    Stored,
    /// Its bytes are durable, though nobody could read them.
    Quarantined,
    /// Nothing is durable; it must be sent again.
    Unavailable,
}

/// Takes webhooks in.
#[derive(Clone)]
pub struct Inbox {
    reader: Reader,
    /// Webhooks somebody waits behind: they go before all other writes.
    messages: Batcher<Vec<Arrival>, bool>,
    /// Webhooks of nothing but statuses: three for each message we send, and nobody waits
    /// for an answer.
    statuses: Batcher<Vec<Arrival>, bool>,
}

/// Makes what is to be stored of what a webhook holds.
#[derive(Clone)]
pub(super) struct Reader {
    ground: Ground,
    /// The number this service answers for.
    number: Arc<str>,
    /// The account it belongs to.
    account: Arc<str>,
    /// What the number looks like to people, once a message to it has said so.
    display_number: Arc<OnceLock<String>>,
}

impl Arrival {
    /// Says whether somebody said something to us: that opens the window in which they may be
    /// answered. Meta does not say whether a reaction does, or that words were changed or taken
    /// back.
    pub(super) fn is_said(&self) -> bool {
        matches!(self.what, What::Message { .. }) && inbound::policy(self.label.1) == Policy::Answer
    }
}

/// An event ready to be stored: sealed, keyed, and stripped of what is not needed.
pub(super) struct Arrival {
    pub(super) seen: [u8; 16],
    /// Kind and type it is counted under.
    pub(super) label: (&'static str, &'static str),
    pub(super) what: What,
}

pub(super) enum What {
    Message {
        row: Row,
        sender: Sender,
        source: Option<String>,
        attachment: Option<Attachment>,
    },
    Status(StatusMove),
    Moved {
        row: Row,
        change: IdentityChange,
    },
    /// A person of ours wrote to somebody.
    Echo {
        row: Row,
        to: Sender,
    },
    /// Somebody stopped marketing in WhatsApp.
    OptOut {
        row: Row,
        who: Sender,
    },
    Kept {
        row: Row,
        kind: &'static str,
        field: String,
        /// What it changes about the account.
        news: Option<Heard>,
    },
}

/// News of the account, and of when.
pub(super) struct Heard {
    pub(super) news: News,
    /// When it happened, by Meta's clock; by ours, where Meta does not say.
    pub(super) at: Timestamp,
}

/// An inbox row to be.
pub(super) struct Row {
    pub(super) id: String,
    pub(super) sent_at: i64,
    pub(super) received_at: i64,
    pub(super) payload: Vec<u8>,
}

impl Row {
    pub(super) fn place(id: &str) -> Place<'_> {
        Place {
            table: "inbox",
            column: "payload",
            row: id,
        }
    }
}

impl Inbox {
    /// Starts the task that commits, for a number of an account. What was written to
    /// another number of the same app is kept, and answered by whoever serves that number.
    pub fn start(ground: Ground, number: &str, account: &str) -> Self {
        let committing = |urgency: Urgency| {
            let ground = ground.clone();
            Batcher::start(TOGETHER, WAITING, move |webhooks| {
                let ground = ground.clone();
                Box::pin(async move { commit_all(&ground, urgency, webhooks).await })
            })
        };
        Self {
            messages: committing(Urgency::First),
            statuses: committing(Urgency::InTurn),
            reader: Reader::new(ground, number, account),
        }
    }

    /// Stores the body of a webhook whose signature was right.
    pub async fn take(&self, body: &[u8]) -> Intake {
        self.reader.learn(body);
        let (arrivals, taken) = match inbound::read(body) {
            Ok(events) => (self.reader.arrivals(events), Intake::Stored),
            Err(unreadable) => (
                vec![self.reader.quarantine(body, &unreadable)],
                Intake::Quarantined,
            ),
        };
        if arrivals.is_empty() {
            return taken;
        }
        let is_status = |arrival: &Arrival| matches!(arrival.what, What::Status(_));
        let (batcher, _waiting) = if arrivals.iter().all(is_status) {
            (&self.statuses, None)
        } else {
            (&self.messages, Some(self.reader.ground.rush.enter()))
        };
        let stored = tokio::time::timeout(PATIENCE, batcher.try_ask(arrivals)).await;
        match stored {
            Ok(Some(true)) => taken,
            _ => Intake::Unavailable,
        }
    }
}

impl Reader {
    pub(super) fn new(ground: Ground, number: &str, account: &str) -> Self {
        Self {
            ground,
            number: number.into(),
            account: account.into(),
            display_number: Arc::default(),
        }
    }

    /// Learns what our number looks like, which is all that news of a number names.
    fn learn(&self, body: &[u8]) {
        if self.display_number.get().is_none()
            && let Some(display) = inbound::display_number(body, &self.number)
        {
            // Another task may have learnt the same just now.
            let _ = self.display_number.set(display);
        }
    }

    /// Returns whether an event is about another account, or another number of ours.
    fn is_foreign(&self, other: &OtherEvent) -> bool {
        let account = other.account.as_deref();
        let display = self.display_number.get();
        account.is_some_and(|account| account != &*self.account)
            || display.is_some_and(|ours| inbound::news::is_of_other_number(&other.raw, ours))
    }

    fn news(other: &OtherEvent, now: Timestamp) -> Option<Heard> {
        Some(Heard {
            news: inbound::news::read(&other.field, &other.raw)?,
            at: other.at.unwrap_or(now),
        })
    }

    /// Returns what is to be stored of these events.
    pub(super) fn arrivals(&self, events: Vec<Event>) -> Vec<Arrival> {
        let now = self.ground.clock.now();
        events
            .into_iter()
            .map(|event| self.arrival(event, now))
            .collect()
    }

    fn is_other(&self, number: Option<&str>) -> bool {
        number.is_some_and(|number| number != &*self.number)
    }

    fn arrival(&self, event: Event, now: Timestamp) -> Arrival {
        let seen = self.seen(&event);
        let label = label(&event, &self.number);
        let what = match event {
            Event::Message(message) if message.phone_number_id != *self.number => {
                of_other_number(self.row(&message.to_stored(), message.sent_at, now))
            }
            Event::Message(message) => self.message(message, now),
            Event::Moved(change) => {
                let row = self.row(change.raw.as_bytes(), change.at, now);
                if self.is_other(change.phone_number_id.as_deref()) {
                    of_other_number(row)
                } else {
                    What::Moved { row, change }
                }
            }
            Event::Echo(echo) => {
                let row = self.row(echo.raw.as_bytes(), echo.at, now);
                if self.is_other(Some(&echo.phone_number_id)) {
                    of_other_number(row)
                } else {
                    What::Echo { row, to: echo.to }
                }
            }
            Event::OptOut(told) => {
                let row = self.row(told.raw.as_bytes(), told.at.unwrap_or(now), now);
                if self.is_other(Some(&told.phone_number_id)) {
                    of_other_number(row)
                } else {
                    What::OptOut { row, who: told.who }
                }
            }
            Event::Status(update) => {
                let wamid = blind_wamid(&self.ground.keys, &update.wamid);
                What::Status(StatusMove::from_update(&update, wamid))
            }
            Event::Other(other) if self.is_foreign(&other) => {
                of_other_number(self.row(other.raw.as_bytes(), now, now))
            }
            Event::Other(other) => What::Kept {
                row: match inbound::policy(&other.field) {
                    Policy::Ignore => self.row(b"", now, now),
                    _ => self.row(
                        other.alone.as_ref().unwrap_or(&other.raw).as_bytes(),
                        now,
                        now,
                    ),
                },
                kind: match other.alone {
                    Some(_) => "unreadable",
                    None => "event",
                },
                news: Self::news(&other, now),
                field: other.field,
            },
        };
        Arrival { seen, label, what }
    }

    /// Returns the key a status or message is remembered by. Statuses are many, so theirs
    /// begin with their time: those of one minute lie side by side, and remembering them
    /// touches few pages however many there are.
    fn seen(&self, event: &Event) -> [u8; 16] {
        let mut seen = self.ground.keys.blind("seen_events", &event.key());
        if let Event::Status(update) = event {
            let at = u32::try_from(update.at.as_second()).unwrap_or(0);
            seen[..4].copy_from_slice(&at.to_be_bytes());
        }
        seen
    }

    fn message(&self, message: InboundMessage, now: Timestamp) -> What {
        let link = match &message.content {
            Content::Text(text) => contacts::door::link(text),
            _ => None,
        };
        What::Message {
            row: self.row(&message.to_stored(), message.sent_at, now),
            attachment: Attachment::of(&message),
            sender: message.sender,
            source: message.referral.or(link),
        }
    }

    fn quarantine(&self, body: &[u8], why: &Unreadable) -> Arrival {
        let now = self.ground.clock.now();
        metrics::quarantined();
        tracing::warn!(%why, bytes = body.len(), "a signed webhook could not be read; its bytes are kept");
        Arrival {
            seen: self.ground.keys.blind("seen_events.bytes", &hex(body)),
            label: ("other", "unreadable"),
            what: What::Kept {
                row: self.row(body, now, now),
                kind: "unreadable",
                field: "webhook".to_owned(),
                news: None,
            },
        }
    }

    fn row(&self, plain: &[u8], sent_at: Timestamp, now: Timestamp) -> Row {
        let id = self.ground.ids.next::<InboxId>(now).to_string();
        let payload = self.ground.keys.ingest().seal(Row::place(&id), plain);
        Row {
            id,
            sent_at: sent_at.as_millisecond(),
            received_at: now.as_millisecond(),
            payload,
        }
    }
}

/// What was told to another number of the same app is kept for whoever serves that.
fn of_other_number(row: Row) -> What {
    What::Kept {
        row,
        kind: "event",
        field: "other_number".to_owned(),
        news: None,
    }
}

fn label(event: &Event, number: &str) -> (&'static str, &'static str) {
    match event {
        Event::Message(message) if message.phone_number_id != number => ("other", "other_number"),
        Event::Message(message) => ("message", message.content.word()),
        Event::Status(update) => ("status", update.status.as_str()),
        Event::Moved(change) => ("other", change.word),
        Event::Echo(_) => ("other", "smb_message_echoes"),
        Event::OptOut(_) => ("other", "marketing_stopped"),
        Event::Other(other) if other.alone.is_some() => ("other", "unreadable"),
        Event::Other(_) => ("other", "event"),
    }
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// Commits webhooks together; returns which of them are durable.
async fn commit_all(ground: &Ground, urgency: Urgency, webhooks: Vec<Vec<Arrival>>) -> Vec<bool> {
    let webhooks: Vec<_> = webhooks.into_iter().map(Arc::new).collect();
    match commit(ground, urgency, webhooks.clone()).await {
        Ok(()) => vec![true; webhooks.len()],
        Err(Error::Unavailable(_)) => vec![false; webhooks.len()],
        // Whichever of them it is, the others are not to suffer for it.
        Err(_) => {
            let alone = webhooks
                .into_iter()
                .map(|one| commit(ground, urgency, vec![one]));
            let stored = futures::future::join_all(alone).await;
            stored.iter().map(Result::is_ok).collect()
        }
    }
}

/// Returns whether it tells of a form: published, held back, or well again.
fn is_of_forms(arrival: &Arrival) -> bool {
    matches!(&arrival.what, What::Kept { field, .. } if field == "flows")
}

async fn commit(
    ground: &Ground,
    urgency: Urgency,
    webhooks: Vec<Arc<Vec<Arrival>>>,
) -> Result<(), Error> {
    let are_of_forms = webhooks.iter().any(|one| one.iter().any(is_of_forms));
    let input = (Arc::new(ground.clone()), webhooks);
    let stored = ground
        .db
        .write_as(urgency, input, |conn, (ground, webhooks)| {
            Box::pin(async move {
                let arrivals: Vec<&Arrival> = webhooks.iter().flat_map(|one| one.iter()).collect();
                store::arrive(conn, ground, &arrivals).await
            })
        })
        .await;
    match stored {
        Ok(arrived) => {
            metrics::inbound_duplicates(arrived.duplicates);
            for (kind, of_type) in &arrived.fresh {
                metrics::inbound_event(kind, of_type);
            }
            for trace in &arrived.traces {
                tracing::info!(target: "message", trace_id = %trace, "received");
            }
            if arrived.files {
                ground.wakes.files.wake();
            }
            if are_of_forms {
                ground.wakes.forms.wake();
            }
            let messages = u32::try_from(arrived.traces.len()).unwrap_or(u32::MAX);
            if messages > 0 {
                let now = ground.clock.now().as_millisecond();
                ground.traffic().count_arrived(messages, now);
                ground.wakes.turns.wake();
            }
            Ok(())
        }
        Err(error) => {
            tracing::error!(
                error = &error as &dyn std::error::Error,
                "webhooks could not be stored; Meta will send them again"
            );
            Err(error)
        }
    }
}
