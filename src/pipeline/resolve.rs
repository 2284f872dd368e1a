//! Closes what waited for a person.

use jiff::Timestamp;

use super::account::{ACCOUNT_STOPPED, POLICY};
use super::way_back::{Attention, PutBack};
use super::{Ground, store};
use crate::contacts::{self, store::Verified};
use crate::id::{AttentionId, InvalidId};
use crate::security::audit;
use crate::storage::{Conn, Error};

/// What a person who dealt with something says of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    /// A contact whose number changed still is who they were.
    pub verified: bool,
    /// What came of a request; a complaint is not closed without.
    pub outcome: Option<String>,
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
    if verified && about.kind != "number_changed" {
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
                let why = "who they are came into doubt again since: look into what `attention list` \
                           shows of them now, and resolve that";
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

/// Takes the doubt back that something was opened for: a person looked into it, while it was
/// open.
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
    let begun_by = about.resolved_at.is_none().then_some(about.opened_at);
    contacts::store::verified(conn, contact, (begun_by, now), &ground.ids, by).await
}
