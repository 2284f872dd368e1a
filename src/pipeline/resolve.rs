//! Closes what waited for a person.

use jiff::Timestamp;

use super::account::{ACCOUNT_STOPPED, POLICY};
use super::way_back::PutBack;
use super::{Ground, store};
use crate::contacts::{self, store::Verified};
use crate::id::{AttentionId, InvalidId};
use crate::security::audit;
use crate::storage::{Conn, Db, Error};

/// Of a list, unless more are asked for.
pub const MOST: u32 = 200;

/// The kind about somebody whose number changed: who they are is in doubt.
const NUMBER_CHANGED: &str = "number_changed";
/// Kinds that a customer, or what is theirs, waits for: they come before all others.
pub(super) const URGENT: [&str; 5] = [
    "handoff",
    "complaint",
    NUMBER_CHANGED,
    "number_moved",
    "account_stopped",
];

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

/// What a person who dealt with something says of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    /// A contact whose number changed still is who they were.
    pub verified: bool,
    /// What came of a request; a complaint is not closed without.
    pub outcome: Option<String>,
}

/// Returns what waits for a person, the most urgent first and of that the oldest, or with
/// `all` also what was resolved, the newest first: at most so many of a kind, or of any.
pub async fn list_attention(
    db: &Db,
    all: bool,
    kind: Option<&str>,
    most: u32,
) -> Result<Vec<Attention>, Error> {
    store::way_back::attention(&mut *db.read().await?, (all, kind), most).await
}

/// Returns the first of all that waits for a person, or with `all` also of what was resolved.
pub async fn attention(db: &Db, all: bool) -> Result<Vec<Attention>, Error> {
    list_attention(db, all, None, MOST).await
}

/// Returns how many of each kind wait for a person, or with `all` ever did.
pub async fn waiting(db: &Db, all: bool) -> Result<Vec<(String, i64)>, Error> {
    store::way_back::waiting(&mut *db.read().await?, all).await
}

/// Returns one thing that waits, or waited, for a person.
pub async fn one_attention(db: &Db, id: AttentionId) -> Result<Option<Attention>, Error> {
    store::way_back::one_attention(&mut *db.read().await?, &id.to_string()).await
}

/// Closes something that waited for a person.
pub async fn resolve(
    ground: &Ground,
    id: AttentionId,
    found: Found,
    by: &'static str,
) -> Result<PutBack, Error> {
    let input = (ground.clone(), id.to_string(), found, by);
    let write = ground.db.write(input, |conn, (ground, id, found, by)| {
        Box::pin(resolve_in(conn, ground, id, found, by))
    });
    write.await
}

async fn resolve_in(
    conn: &mut Conn,
    ground: &Ground,
    id: &str,
    Found { verified, outcome }: &Found,
    by: &str,
) -> Result<PutBack, Error> {
    let verified = *verified;
    let now = ground.clock.now();
    let Some(about) = store::way_back::one_attention(conn, id).await? else {
        return Ok(PutBack::missing("attention"));
    };
    if about.kind == "handoff" && about.resolved_at.is_none() {
        let how = format!("give the conversation back: release {}", about.subject);
        return Ok(PutBack::Impossible(how));
    }
    if verified && about.kind != NUMBER_CHANGED {
        let why = "--verified is for a number that changed; this is something else";
        return Ok(PutBack::Impossible(why.to_owned()));
    }
    let (kind, subject) = (&about.kind, &about.subject);
    let is_complaint = kind == contacts::requests::COMPLAINT;
    let is_request = is_complaint || kind == contacts::requests::TASK;
    let outcome = outcome
        .as_deref()
        .map(str::trim)
        .filter(|text| !text.is_empty());
    let misfit = match outcome {
        None if is_complaint && about.resolved_at.is_none() => {
            Some("the register of complaints says what came of each: give --outcome")
        }
        Some(_) if !is_request => Some("--outcome is for what is on the register of requests"),
        _ => None,
    };
    if let Some(why) = misfit {
        return Ok(PutBack::Impossible(why.to_owned()));
    }
    let mut done = Vec::new();
    if verified {
        match verify(conn, ground, &about, by, now).await? {
            Verified::Done => done.push("what is theirs is shown to them again"),
            Verified::NoDoubt => {}
            Verified::Newer => {
                let why = "who they are came into doubt again since: look into the newest of them in \
                           `attention list --all --kind number_changed`, and resolve that";
                return Ok(PutBack::Impossible(why.to_owned()));
            }
        }
    }
    if kind == "unknown_outcome" && store::way_back::give_up_on(conn, subject).await? {
        done.push("its echo is not waited for any more, and it is not sent again");
    }
    let may_stop = [ACCOUNT_STOPPED, POLICY].contains(&kind.as_str());
    if may_stop && store::account::lift_stop(conn, subject, now).await? {
        done.push("messages go again; if Meta still refuses them, they wait and nothing is lost");
    }
    if is_request {
        let outcome = outcome.unwrap_or("done");
        contacts::requests::close(conn, subject, outcome, now).await?;
    }
    let millis = now.as_millisecond();
    if store::close_attention(conn, kind, subject, millis).await? {
        audit::record(conn, &ground.ids, by, "attention_resolved", id, now).await?;
        done.insert(0, "resolved");
    }
    Ok(if done.is_empty() {
        PutBack::Already("it was resolved before".to_owned())
    } else {
        PutBack::Done(done.join("; "))
    })
}

/// Takes the doubt back that something was opened for: a person looked into it, be it after it
/// was closed without their word. A doubt that came after it stays.
async fn verify(
    conn: &mut Conn,
    ground: &Ground,
    about: &Attention,
    by: &str,
    now: Timestamp,
) -> Result<Verified, Error> {
    let contact = about.subject.parse();
    let contact = contact.map_err(|error: InvalidId| Error::Damaged {
        table: "attention",
        row: about.id.clone(),
        what: error.to_string(),
    })?;
    let contact = contacts::store::self_of(conn, contact).await?;
    let newest = store::open_since(conn, NUMBER_CHANGED, &contact.to_string()).await?;
    let is_older = newest.is_some_and(|newest| newest >= about.opened_at.as_millisecond());
    if about.resolved_at.is_some() && is_older {
        return Ok(Verified::Newer);
    }
    contacts::store::verified(conn, contact, (about.opened_at, now), &ground.ids, by).await
}
