//! Acts on Meta's word that somebody has another number or user id.
//!
//! The identity moves: the conversation goes on under the new name, and the old one is
//! free for whoever gets it next. Trust does not: a number is what holdings were bound
//! to and what agreed to marketing, so nothing of theirs is shown and nothing is sold
//! to them until a person has made sure that it is still they.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::super::names::{Evidence, Span};
use super::evidence;
use super::merge::fence;
use super::regroup::Rooted;
use crate::id::{AttentionId, ContactId, Ids};
use crate::security::audit;
use crate::storage::{Conn, Error};

/// Doubts who somebody is whose names changed, and puts it before a person; once for each
/// change and contact, as soon as it is known who that is. Returns who is doubted since when.
pub(super) async fn tell_of_changes(
    conn: &mut Conn,
    ids: &Ids,
    evidence: &Evidence,
    rooted: &[Rooted],
    now: Timestamp,
) -> Result<Vec<(String, i64)>, Error> {
    let mut doubted = Vec::new();
    let whose = |span: Span| {
        let theirs = rooted.iter().find(|person| person.spans.contains(&span));
        theirs.map(|person| person.contact.as_str())
    };
    for change in &evidence.changes {
        let contact = evidence.mover(change).and_then(whose);
        let Some(contact) = contact.filter(|contact| change.doubted.as_deref() != Some(*contact))
        else {
            continue;
        };
        evidence::doubted(conn, &change.id, contact).await?;
        audit::record(conn, ids, "system", "identity_moved", contact, now).await?;
        let holder = |number| whose(evidence.span_at(number, change.at));
        let keeps = change.old_number.filter(|_| change.came_to().is_none());
        // A user id that changes while the number stays says nothing about who holds it.
        if keeps.is_some_and(|number| holder(number) == Some(contact)) {
            continue;
        }
        let taken_by = change.came_to().and_then(holder);
        doubt(conn, contact, change.at).await?;
        doubted.push((contact.to_owned(), change.at));
        let taken_by = taken_by.filter(|other| *other != contact);
        tell(conn, ids, contact, taken_by, now).await?;
    }
    Ok(doubted)
}

/// From a time on it is doubtful who this is. A STOP stands, an agreement does not.
pub(super) async fn doubt(conn: &mut Conn, contact: &str, at: i64) -> Result<(), Error> {
    sqlx::query(
        "update contacts
            set unverified_since = case when unverified_since > $2 then unverified_since
                                        else $2 end,
                marketing_at = case when marketing = 'opted_in' then $2 else marketing_at end,
                marketing = case when marketing = 'opted_in' then 'not_asked' else marketing end
          where id = $1",
    )
    .bind(contact)
    .bind(at)
    .execute(&mut *conn)
    .await?;
    // Whoever thinks about an answer has to think again.
    fence(conn, &BTreeSet::from([contact.to_owned()])).await
}

async fn tell(
    conn: &mut Conn,
    ids: &Ids,
    contact: &str,
    taken_by: Option<&str>,
    now: Timestamp,
) -> Result<(), Error> {
    let detail = match taken_by {
        None => "their number changed: nothing bound to the old one is shown until you have made sure it is they \
                 (attention resolve, with --verified)".to_owned(),
        Some(other) => format!(
            "their new number already writes as {other}: what was bound to them stays here; make sure who it is \
             before binding it anew"
        ),
    };
    put_before_person(conn, ids, contact, &detail, now).await
}

/// Has a person make sure who somebody is. What was open of them before is closed: nobody has
/// looked into this one yet, whatever they are about to say of that.
pub(super) async fn put_before_person(
    conn: &mut Conn,
    ids: &Ids,
    contact: &str,
    detail: &str,
    now: Timestamp,
) -> Result<(), Error> {
    sqlx::query(
        "update attention set resolved_at = $2
          where kind = 'number_changed' and subject = $1 and resolved_at is null",
    )
    .bind(contact)
    .bind(now.as_millisecond())
    .execute(&mut *conn)
    .await?;
    // Meta's clock may be ahead of ours, and what is opened now is about every doubt there is.
    let doubted = doubted_since(conn, contact).await?.unwrap_or(i64::MIN);
    sqlx::query(
        "insert into attention (id, kind, subject, detail, opened_at)
         values ($1, 'number_changed', $2, $3, $4)",
    )
    .bind(ids.next::<AttentionId>(now).to_string())
    .bind(contact)
    .bind(detail)
    .bind(now.as_millisecond().max(doubted))
    .execute(conn)
    .await?;
    Ok(())
}

/// What came of a person's word that somebody still is who they were.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verified {
    /// They are not in doubt any more.
    Done,
    /// They were not.
    NoDoubt,
    /// They are in doubt for something that came after what the person looked into.
    Newer,
}

/// Takes a doubt back that began by a time: a person made sure who it is.
pub async fn verified(
    conn: &mut Conn,
    contact: ContactId,
    (begun_by, now): (Timestamp, Timestamp),
    ids: &Ids,
    by: &str,
) -> Result<Verified, Error> {
    let contact = contact.to_string();
    let cleared = sqlx::query(
        "update contacts set unverified_since = null where id = $1 and unverified_since <= $2",
    )
    .bind(&contact)
    .bind(begun_by.as_millisecond())
    .execute(&mut *conn)
    .await?;
    if cleared.rows_affected() == 1 {
        audit::record(conn, ids, by, "identity_verified", &contact, now).await?;
        return Ok(Verified::Done);
    }
    let doubted = doubted_since(conn, &contact).await?;
    Ok(doubted.map_or(Verified::NoDoubt, |_| Verified::Newer))
}

/// Returns since when it is doubtful who somebody is.
async fn doubted_since(conn: &mut Conn, contact: &str) -> Result<Option<i64>, Error> {
    let since: Option<i64> =
        sqlx::query_scalar("select unverified_since from contacts where id = $1")
            .bind(contact)
            .fetch_optional(conn)
            .await?
            .flatten();
    Ok(since)
}
