//! The way back for what was set aside, given up or refused: what an operator's commands
//! do. Each is one transaction with its audit row, does nothing the second time, and may
//! be run while the service runs: the stages find what it left within a second.

use jiff::Timestamp;

use super::outbox::Lane;
pub use super::resolve::{
    Attention, Found, MOST, attention, list_attention, one_attention, resolve, waiting,
};
pub use super::set_aside::{
    SET_ASIDE, SetAside, dismiss_event, look_at_event, retry_event, set_aside, set_aside_after,
};
use super::store::enqueue::{Message, enqueue, payload_place};
use super::turn::Purpose;
use super::{Ground, store};
use crate::contacts::{self, Owner};
use crate::id::{InvalidId, JobId, OutboxId};
use crate::security::audit;
use crate::storage::{Conn, Db, Error};
use crate::whatsapp::Outgoing;

/// How long a message that a person had sent again is of use.
const LIFE_MILLIS: i64 = 24 * 60 * 60 * 1_000;

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

/// Returns messages that Meta refused, and after them those that we did not send after all, as
/// far as nobody had them sent again: of each the newest, 200 at most.
pub async fn refused(db: &Db) -> Result<Vec<Refused>, Error> {
    store::way_back::refused(&mut *db.read().await?).await
}

/// Returns how many messages Meta refused that nobody had sent again.
pub async fn count_failed(db: &Db) -> Result<i64, Error> {
    store::way_back::count_failed(&mut *db.read().await?).await
}

/// Returns how many messages we did not send after all and nobody had sent again.
pub async fn count_cancelled(db: &Db) -> Result<i64, Error> {
    store::way_back::count_cancelled(&mut *db.read().await?).await
}

/// Returns one message.
pub async fn one_message(db: &Db, id: OutboxId) -> Result<Option<Refused>, Error> {
    store::way_back::one_message(&mut *db.read().await?, &id.to_string(), "").await
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
