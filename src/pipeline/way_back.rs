//! The way back for what was set aside, given up or refused: what an operator's commands
//! do. Each is one transaction with its audit row, does nothing the second time, and may
//! be run while the service runs: the stages find what it left within a second.

use jiff::Timestamp;

use super::inbox::{Reader, Row};
use super::outbox::Lane;
pub use super::resolve::{Found, resolve};
use super::store::enqueue::{Message, enqueue, payload_place};
use super::turn::Purpose;
use super::{Ground, store};
use crate::contacts::{self, Owner};
use crate::id::{AttentionId, InboxId, InvalidId, JobId, OutboxId};
use crate::security::audit;
use crate::storage::{Conn, Db, Error};
use crate::whatsapp::{Event, Outgoing, inbound};

/// How long a message that a person had sent again is of use.
const LIFE_MILLIS: i64 = 24 * 60 * 60 * 1_000;

/// Something a person has to look at, because no machine may decide it.
#[derive(Debug, Clone)]
pub struct Attention {
    /// Its id.
    pub id: String,
    /// Which sort.
    pub kind: String,
    /// What it is about: the id of a row, or the name of a part.
    pub subject: String,
    /// What happened.
    pub detail: String,
    /// Since when.
    pub opened_at: Timestamp,
    /// When it was resolved, if it was.
    pub resolved_at: Option<Timestamp>,
}

/// An event that could not be read or handled.
#[derive(Debug, Clone)]
pub struct SetAside {
    /// Its id.
    pub id: String,
    /// `quarantined`, `parked`, or what became of it since.
    pub state: String,
    /// `message`, `event` or `unreadable`.
    pub kind: String,
    /// The webhook's field.
    pub field: Option<String>,
    /// Who wrote it, if that is known.
    pub contact: Option<String>,
    /// When it came.
    pub received_at: Timestamp,
    /// How often it was tried.
    pub attempts: i64,
    /// What was wrong.
    pub why: Option<String>,
}

/// A job that was given up.
#[derive(Debug, Clone)]
pub struct DeadJob {
    /// Its id.
    pub id: String,
    /// Which sort of work.
    pub kind: String,
    /// How often it was tried.
    pub attempts: i64,
    /// What went wrong last.
    pub why: Option<String>,
    /// When it was given up.
    pub given_up_at: Timestamp,
}

/// A message that did not go out, or may not have.
#[derive(Debug, Clone)]
pub struct Refused {
    /// Its id.
    pub id: String,
    /// Whom it is for.
    pub contact: String,
    /// Which queue it was in.
    pub lane: String,
    /// What it is for.
    pub purpose: String,
    /// How far it got.
    pub state: String,
    /// Why.
    pub why: Option<String>,
    /// Meta's code for it.
    pub code: Option<i64>,
    /// How often it was tried.
    pub attempts: i64,
    /// When it was decided.
    pub created_at: Timestamp,
    /// What was sent in its place.
    pub again_as: Option<String>,
    pub(super) trace: String,
    pub(super) answers: Option<String>,
    pub(super) disclosures: String,
    pub(super) rules: i64,
    pub(super) payload: Option<Vec<u8>>,
    pub(super) waits_for_a_person: bool,
}

/// What came of asking something back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PutBack {
    /// It is back, and this is what happens next.
    Done(String),
    /// There was nothing to do any more, because of this.
    Already(String),
    /// It cannot be done, and why.
    Impossible(String),
}

impl PutBack {
    pub(super) fn missing(what: &str) -> Self {
        Self::Impossible(format!("there is no such {what}"))
    }
}

/// Returns what waits for a person, or with `all` also what was resolved.
pub async fn attention(db: &Db, all: bool) -> Result<Vec<Attention>, Error> {
    store::way_back::attention(&mut *db.read().await?, all).await
}

/// Returns one thing that waits, or waited, for a person.
pub async fn one_attention(db: &Db, id: AttentionId) -> Result<Option<Attention>, Error> {
    store::way_back::one_attention(&mut *db.read().await?, &id.to_string()).await
}

/// Returns events that could not be read or handled.
pub async fn set_aside(db: &Db) -> Result<Vec<SetAside>, Error> {
    store::way_back::set_aside(&mut *db.read().await?).await
}

/// Returns jobs that were given up.
pub async fn dead_jobs(db: &Db) -> Result<Vec<DeadJob>, Error> {
    let jobs = store::way_back::dead_jobs(&mut *db.read().await?).await?;
    let dead = |(id, (kind, _, attempts, why), given_up_at)| DeadJob {
        id,
        kind,
        attempts,
        why,
        given_up_at,
    };
    Ok(jobs.into_iter().map(dead).collect())
}

/// Returns messages that Meta refused, as far as nobody had them sent again.
pub async fn refused(db: &Db) -> Result<Vec<Refused>, Error> {
    store::way_back::refused(&mut *db.read().await?).await
}

/// Returns one message.
pub async fn one_message(db: &Db, id: OutboxId) -> Result<Option<Refused>, Error> {
    store::way_back::one_message(&mut *db.read().await?, &id.to_string(), "").await
}

/// Returns the bytes of an event that was kept, and writes down who looked at them.
pub async fn look_at_event(
    ground: &Ground,
    id: InboxId,
    by: &'static str,
) -> Result<Option<(SetAside, Vec<u8>)>, Error> {
    let id = id.to_string();
    let found = store::way_back::one_event(&mut *ground.db.read().await?, &id).await?;
    let Some((event, sealed)) = found else {
        return Ok(None);
    };
    let plain = match sealed {
        Some(sealed) => open(ground, &id, &sealed)?,
        None => Vec::new(),
    };
    let input = (ground.clone(), id, by);
    let written = ground.db.write(input, |conn, (ground, id, by)| {
        let now = ground.clock.now();
        Box::pin(audit::record(conn, &ground.ids, by, "event_read", id, now))
    });
    written.await?;
    Ok(Some((event, plain)))
}

fn open(ground: &Ground, id: &str, sealed: &[u8]) -> Result<Vec<u8>, Error> {
    let opened = ground.keys.ingest().open(Row::place(id), sealed);
    opened.map_err(|error| Error::Damaged {
        table: "inbox",
        row: id.to_owned(),
        what: error.to_string(),
    })
}

/// Puts an event back: a parked message waits for a turn again, and quarantined bytes are
/// read with what we know of Meta's webhooks by now, by whoever serves a number and its
/// account.
pub async fn retry_event(
    ground: &Ground,
    served: (&str, &str),
    id: InboxId,
    by: &'static str,
) -> Result<PutBack, Error> {
    let row = id.to_string();
    let found = store::way_back::one_event(&mut *ground.db.read().await?, &row).await?;
    let Some((event, sealed)) = found else {
        return Ok(PutBack::missing("event"));
    };
    let put_back = match (event.state.as_str(), event.contact) {
        ("parked", Some(contact)) => unpark(ground, row, contact, by).await?,
        ("quarantined", _) => {
            let plain = open(ground, &row, &sealed.unwrap_or_default())?;
            read_again(ground, served, row, &plain, by).await?
        }
        (state, _) => PutBack::Already(format!("it is {state}, not set aside")),
    };
    if let PutBack::Done(_) = put_back {
        ground.wakes.turns.wake();
    }
    Ok(put_back)
}

async fn unpark(
    ground: &Ground,
    id: String,
    contact: String,
    by: &'static str,
) -> Result<PutBack, Error> {
    let input = (ground.clone(), id, contact, by);
    let write = ground.db.write(input, |conn, (ground, id, contact, by)| {
        Box::pin(async move {
            let now = ground.clock.now();
            let (millis, lock_rows) = (now.as_millisecond(), ground.db.lock_rows());
            let back = store::way_back::unpark(conn, id, contact, millis, lock_rows).await?;
            if back {
                audit::record(conn, &ground.ids, by, "event_retried", id, now).await?;
            }
            Ok(back)
        })
    });
    Ok(if write.await? {
        PutBack::Done("it waits for its turn again".to_owned())
    } else {
        PutBack::Already("it is not parked any more".to_owned())
    })
}

async fn read_again(
    ground: &Ground,
    (number, account): (&str, &str),
    id: String,
    plain: &[u8],
    by: &'static str,
) -> Result<PutBack, Error> {
    let still = |why: &str| PutBack::Impossible(format!("it still cannot be read: {why}"));
    let events = match inbound::read(plain) {
        Ok(events) => events,
        Err(error) => return Ok(still(&error.to_string())),
    };
    let is_unreadable = |event: &Event| matches!(event, Event::Other(o) if o.alone.is_some());
    if events.iter().all(is_unreadable) {
        return Ok(still("nothing in it makes sense"));
    }
    let arrivals = Reader::new(ground.clone(), number, account).arrivals(events);
    let input = (std::sync::Arc::new(ground.clone()), id, arrivals, by);
    let write = ground.db.write(input, |conn, (ground, id, arrivals, by)| {
        Box::pin(async move {
            let now = ground.clock.now();
            if !store::way_back::unquarantine(conn, id, now.as_millisecond()).await? {
                return Ok(None);
            }
            let arrivals: Vec<_> = arrivals.iter().collect();
            let arrived = store::arrive(conn, ground, &arrivals).await?;
            audit::record(conn, &ground.ids, by, "event_retried", id, now).await?;
            Ok(Some(arrived.fresh.len()))
        })
    });
    Ok(match write.await? {
        Some(0) => PutBack::Done("it reads now, and what it holds was known already".to_owned()),
        Some(events) => PutBack::Done(format!("it reads now: {events} new in it")),
        None => PutBack::Already("it is not quarantined any more".to_owned()),
    })
}

/// Lets a job that was given up run again.
pub async fn retry_job(ground: &Ground, id: JobId, by: &'static str) -> Result<PutBack, Error> {
    let input = (ground.clone(), id.to_string(), by);
    let write = ground.db.write(input, |conn, (ground, id, by)| {
        Box::pin(async move {
            let now = ground.clock.now();
            let millis = now.as_millisecond();
            let Some((_, state, ..)) = store::way_back::one_job(conn, id).await? else {
                return Ok(PutBack::missing("job"));
            };
            if !store::way_back::revive_job(conn, id, millis).await? {
                return Ok(PutBack::Already(format!("it is {state}, not dead")));
            }
            store::close_attention(conn, "dead_job", id, millis).await?;
            audit::record(conn, &ground.ids, by, "job_retried", id, now).await?;
            Ok(PutBack::Done("it runs within a second".to_owned()))
        })
    });
    let put_back = write.await?;
    ground.wakes.jobs.wake();
    Ok(put_back)
}

/// Has a message sent that failed, was cancelled, or may not have arrived and waits for a
/// person's word. It goes out as a new row, so that each one's statuses are its own, and
/// window, consent and owner are asked again.
pub async fn retry_message(
    ground: &Ground,
    id: OutboxId,
    by: &'static str,
) -> Result<PutBack, Error> {
    let input = (ground.clone(), id.to_string(), by);
    let write = ground.db.write(input, |conn, (ground, id, by)| {
        Box::pin(send_again(conn, ground, id, by))
    });
    let put_back = write.await?;
    ground.wakes.sender.wake();
    Ok(put_back)
}

async fn send_again(
    conn: &mut Conn,
    ground: &Ground,
    id: &str,
    by: &str,
) -> Result<PutBack, Error> {
    let now = ground.clock.now();
    let lock_rows = ground.db.lock_rows();
    let Some(old) = store::way_back::one_message(conn, id, lock_rows).await? else {
        return Ok(PutBack::missing("message"));
    };
    if let Some(again) = old.again_as {
        return Ok(PutBack::Already(format!("it was sent again as {again}")));
    }
    let is_open = match old.state.as_str() {
        "failed" | "cancelled" => true,
        "unknown" => old.waits_for_a_person,
        _ => false,
    };
    if !is_open {
        return Ok(PutBack::Already(format!(
            "it is {}, which is nothing to send again",
            old.state
        )));
    }
    let impossible = |why: &str| Ok(PutBack::Impossible(why.to_owned()));
    let (Some(lane), Some(purpose)) = (Lane::parse(&old.lane), Purpose::parse(&old.purpose)) else {
        return impossible("its lane or purpose is none this build knows");
    };
    if purpose == Purpose::Code {
        return impossible("a code is not said twice: have a new one made");
    }
    let Some(sealed) = old.payload else {
        return impossible("its words were emptied by retention");
    };
    let damaged = |what: String| Error::Damaged {
        table: "outbox",
        row: id.to_owned(),
        what,
    };
    // It goes to whoever they are by now; its words are sealed for whom they were.
    let was = old.contact.parse();
    let was = was.map_err(|error: InvalidId| damaged(error.to_string()))?;
    let is = contacts::store::self_of(conn, was).await?.to_string();
    let contacts = [old.contact.clone(), is.clone()];
    let loaded = contacts::store::load(conn, &ground.keys, &contacts).await?;
    let (Some(was), Some(contact)) = (loaded.get(&old.contact), loaded.get(&is)) else {
        return impossible("its contact is gone");
    };
    if contact.contact.unverified_since.is_some() {
        return impossible(
            "their number may be somebody else's by now: make sure who they are first (attention \
             list), or write anew",
        );
    }
    if lane == Lane::Reply && contact.contact.owner == Owner::Human {
        let how = format!(
            "a person holds the conversation, and the bot does not speak beside them: answer \
             there, or give it back first (release {is})"
        );
        return Ok(PutBack::Impossible(how));
    }
    let plain = was.key.open(payload_place(id), &sealed);
    let plain = plain.map_err(|error| damaged(error.to_string()))?;
    let message: Outgoing =
        serde_json::from_slice(&plain).map_err(|error| damaged(error.to_string()))?;
    let expires_at = Timestamp::from_millisecond(now.as_millisecond() + LIFE_MILLIS);
    let message = Message {
        contact: contact.contact.id,
        message,
        lane,
        purpose,
        owner_epoch: contact.contact.owner_epoch,
        answers: old.answers,
        trace: Some(old.trace),
        disclosures: old.disclosures,
        rules: old.rules,
        expires_at: expires_at.unwrap_or(Timestamp::MAX),
        // A person chose the hour.
        quiet: None,
    };
    let again = enqueue(conn, ground, &contact.key, message, now).await?;
    let again = again.to_string();
    store::way_back::replaced(conn, id, &again).await?;
    store::way_back::give_up_on(conn, id).await?;
    let millis = now.as_millisecond();
    store::close_attention(conn, "unknown_outcome", id, millis).await?;
    audit::record(conn, &ground.ids, by, "message_retried", id, now).await?;
    Ok(PutBack::Done(format!("it goes out as {again}")))
}
