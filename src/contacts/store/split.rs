//! Takes a name off a contact, on a person's word.

use std::collections::BTreeMap;

use jiff::Timestamp;
use sqlx::Row;

use super::super::names::Blind;
use super::identify::{KINDS, read_id};
use super::moved::{doubt, put_before_person};
use super::regroup::{Settled, Subject, settle};
use super::{evidence, find};
use crate::id::{ContactId, Ids, KeyId};
use crate::security::{Keyring, audit};
use crate::storage::{Conn, Error};

/// What came of a split.
#[derive(Debug)]
pub enum Split {
    /// The name is this contact's now, and was that one's.
    Done {
        /// Whose it was.
        from: ContactId,
        /// Whose it is.
        to: ContactId,
        /// What else followed from it.
        settled: Settled,
    },
    /// Nobody is known by it.
    Unknown,
    /// It is all that its contact is known by.
    Alone(ContactId),
}

/// Gives a name that two people were taken to share a contact of its own, with what was
/// written under it. Money of both stands still until a person has made sure who they are.
pub async fn split(
    conn: &mut Conn,
    (keys, ids): (&Keyring, &Ids),
    name: &str,
    by: &str,
    now: Timestamp,
) -> Result<Split, Error> {
    evidence::lock(conn).await?;
    let Some(from) = find(conn, keys, name).await? else {
        return Ok(Split::Unknown);
    };
    let names = names_of(conn, from).await?;
    let is_number = names.contains_key(&keys.blind(KINDS[0], name));
    let kind = KINDS[usize::from(!is_number)];
    let blind = keys.blind(kind, name);
    let other = names.iter().filter(|(other, _)| **other != blind);
    // The number stays what a contact is known by, where there is one.
    let Some(other) = other.max_by_key(|(other, is_number)| (**is_number, **other)) else {
        return Ok(Split::Alone(from));
    };
    let stand_in: KeyId = ids.next(now);
    evidence::withdraw(conn, (blind, is_number), *stand_in.uuid().as_bytes()).await?;
    sqlx::query(
        "update contacts set born_name = $3, born_at = $4 where id = $1 and born_name = $2",
    )
    .bind(from.to_string())
    .bind(blind.to_vec())
    .bind(other.0.to_vec())
    .bind(now.as_millisecond())
    .execute(&mut *conn)
    .await?;
    evidence::acquaint(conn, ids, (blind, is_number), now).await?;
    let subject = Subject {
        names: names.into_iter().chain([(blind, is_number)]).collect(),
        ..Subject::default()
    };
    let mut settled = settle(conn, (keys, ids), subject, now).await?;
    let to = find(conn, keys, name).await?;
    let to = to.ok_or(Error::Conflict("the name that was taken off"))?;
    for (one, other) in [(from, to), (to, from)] {
        doubt(conn, &one.to_string(), now.as_millisecond()).await?;
        let doubted = (one.to_string(), now.as_millisecond());
        settled.doubted.push(doubted);
        let detail = format!(
            "an operator parted them from {other}: nothing of theirs is shown until you have made \
             sure whose it is (attention resolve, with --verified)"
        );
        put_before_person(conn, ids, &one.to_string(), &detail, now).await?;
    }
    audit::record(conn, ids, by, "contact_split", &from.to_string(), now).await?;
    audit::record(conn, ids, by, "contact_split_off", &to.to_string(), now).await?;
    Ok(Split::Done { from, to, settled })
}

/// Returns the names a contact has now, and whether each is a number.
async fn names_of(conn: &mut Conn, contact: ContactId) -> Result<BTreeMap<Blind, bool>, Error> {
    let rows = sqlx::query("select blind, kind from identities where contact_id = $1")
        .bind(contact.to_string())
        .fetch_all(conn)
        .await?;
    let mut names = BTreeMap::new();
    for row in rows {
        if let Some(name) = evidence::blind(&row, 0)? {
            names.insert(name, row.get::<String, _>(1) == KINDS[0]);
        }
    }
    Ok(names)
}

/// Returns who a contact is: itself, or whoever it proved to be.
pub async fn self_of(conn: &mut Conn, contact: ContactId) -> Result<ContactId, Error> {
    Ok(find_self(conn, contact).await?.unwrap_or(contact))
}

/// Returns who a contact is, if there is one of this id.
pub async fn find_self(conn: &mut Conn, contact: ContactId) -> Result<Option<ContactId>, Error> {
    let found: Option<String> =
        sqlx::query_scalar("select coalesce(merged_into, id) from contacts where id = $1")
            .bind(contact.to_string())
            .fetch_optional(conn)
            .await?;
    found.map(|id| read_id(&id)).transpose()
}
