//! Claims contacts whose messages wait, with the messages.
//!
//! The contact is claimed and not the message: that alone gives order and one at a
//! time. Attempts are counted in the claim, before any work, so that a crash counts.

use std::collections::HashMap;

use jiff::Timestamp;
use sqlx::Row;
use sqlx::any::AnyRow;

use super::super::turn::StoredSession;
use super::take_in_order;
use crate::contacts;
use crate::id::ProcessId;
use crate::storage::{Conn, Error, list, padded, sql, values_from};

/// Messages of one contact that one claim decides at most.
const MESSAGES_AT_ONCE: usize = 16;

/// A contact claimed, and what it said.
#[derive(Debug, Clone)]
pub(in crate::pipeline) struct Claimed {
    pub(in crate::pipeline) contact: String,
    pub(in crate::pipeline) epoch: i64,
    /// When a turn last looked at a message of theirs, by Meta's clock.
    pub(in crate::pipeline) turned_at: Option<Timestamp>,
    pub(in crate::pipeline) messages: Vec<ClaimedMessage>,
}

impl Claimed {
    /// Says whether more of its messages may wait than this claim has.
    pub(in crate::pipeline) fn is_cut(&self) -> bool {
        self.messages.len() >= MESSAGES_AT_ONCE
    }
}

/// One message of a claimed contact.
#[derive(Debug, Clone)]
pub(in crate::pipeline) struct ClaimedMessage {
    pub(in crate::pipeline) id: String,
    pub(in crate::pipeline) sent_at: i64,
    pub(in crate::pipeline) payload: Vec<u8>,
    pub(in crate::pipeline) trace: String,
    pub(in crate::pipeline) errors: i64,
    pub(in crate::pipeline) alone: i64,
    /// Claims that took it, this one included.
    pub(in crate::pipeline) attempts: i64,
}

/// Claims up to `most` contacts whose last turn ended as it should.
pub(in crate::pipeline) async fn claim(
    conn: &mut Conn,
    process: ProcessId,
    now: i64,
    until: i64,
    most: i64,
    lock_free_rows: &str,
) -> Result<Vec<Claimed>, Error> {
    let text = format!(
        "update contacts
            set lease_epoch = lease_epoch + 1, lease_owner = $1, lease_until = $2
          where id in (select id from contacts
                        where waiting > 0 and ready_at <= $3 and lease_until = 0
                        order by ready_at limit $4{lock_free_rows})
            and lease_until = 0
      returning id, lease_epoch, turned_at"
    );
    let rows = sqlx::query(sql(text))
        .bind(process.to_string())
        .bind(until)
        .bind(now)
        .bind(most)
        .fetch_all(&mut *conn)
        .await?;
    let mut claimed: HashMap<String, Claimed> = rows.iter().map(read).collect();
    let contacts: Vec<String> = claimed.keys().cloned().collect();
    for run in padded(&contacts, 1) {
        let text = format!(
            "update inbox set attempts = attempts + 1
              where state = 'waiting' and contact_id in ({})
          returning id, contact_id, sent_at, payload, trace, errors, alone, attempts",
            list(run.len())
        );
        let mut query = sqlx::query(sql(text));
        for contact in run.filled() {
            query = query.bind(contact);
        }
        for row in query.fetch_all(&mut *conn).await? {
            let contact: String = row.get(1);
            if let Some(claimed) = claimed.get_mut(&contact) {
                claimed.messages.push(read_message(&row));
            }
        }
    }
    let mut claimed: Vec<Claimed> = claimed.into_values().collect();
    for one in &mut claimed {
        one.messages
            .sort_by(|a, b| (a.sent_at, &a.id).cmp(&(b.sent_at, &b.id)));
        // The rest comes with the next claim: nobody waits for a flood of somebody else's.
        one.messages.truncate(MESSAGES_AT_ONCE);
    }
    Ok(claimed)
}

/// Contacts whose last holder never gave them back; `$1` is the time. However many wait, few
/// are leased.
const LEFT_BEHIND: &str = "select id from contacts
     where lease_until > 0 and lease_until <= $1 and waiting > 0 and ready_at <= $1";

/// Returns whether there is a contact whose last holder never gave it back.
pub(in crate::pipeline) async fn any_left_behind(conn: &mut Conn, now: i64) -> Result<bool, Error> {
    let text = format!("{LEFT_BEHIND} limit 1");
    let found: Option<String> = sqlx::query_scalar(sql(text))
        .bind(now)
        .fetch_optional(conn)
        .await?;
    Ok(found.is_some())
}

/// Claims one contact whose last holder never gave it back, with its first message only.
pub(in crate::pipeline) async fn claim_alone(
    conn: &mut Conn,
    process: ProcessId,
    now: i64,
    until: i64,
    lock_free_rows: &str,
) -> Result<Option<Claimed>, Error> {
    let text = format!(
        "update contacts
            set lease_epoch = lease_epoch + 1, lease_owner = $2, lease_until = $3
          where id = ({LEFT_BEHIND} order by ready_at limit 1{lock_free_rows})
            and lease_until > 0 and lease_until <= $1
      returning id, lease_epoch, turned_at"
    );
    let row = sqlx::query(sql(text))
        .bind(now)
        .bind(process.to_string())
        .bind(until)
        .fetch_optional(&mut *conn)
        .await?;
    let Some((_, mut claimed)) = row.as_ref().map(read) else {
        return Ok(None);
    };
    let first = sqlx::query(
        "update inbox set attempts = attempts + 1, alone = alone + 1
          where id = (select id from inbox where contact_id = $1 and state = 'waiting'
                       order by sent_at, id limit 1)
      returning id, contact_id, sent_at, payload, trace, errors, alone, attempts",
    )
    .bind(&claimed.contact)
    .fetch_optional(conn)
    .await?;
    claimed.messages.extend(first.as_ref().map(read_message));
    Ok(Some(claimed))
}

/// Returns whether a contact has written something that no claim has taken.
pub(in crate::pipeline) async fn any_later(conn: &mut Conn, contact: &str) -> Result<bool, Error> {
    let found: Option<String> = sqlx::query_scalar(
        "select id from inbox
          where contact_id = $1 and state = 'waiting' and attempts = 0 limit 1",
    )
    .bind(contact)
    .fetch_optional(conn)
    .await?;
    Ok(found.is_some())
}

/// Adds to a claim, while it holds, what its contact has written since.
pub(in crate::pipeline) async fn claim_later(
    conn: &mut Conn,
    contact: &str,
    epoch: i64,
) -> Result<Vec<ClaimedMessage>, Error> {
    let rows = sqlx::query(
        "update inbox set attempts = attempts + 1
          where contact_id = $1 and state = 'waiting' and attempts = 0
            and exists (select 1 from contacts where id = $1 and lease_epoch = $2)
      returning id, contact_id, sent_at, payload, trace, errors, alone, attempts",
    )
    .bind(contact)
    .bind(epoch)
    .fetch_all(conn)
    .await?;
    let mut messages: Vec<_> = rows.iter().map(read_message).collect();
    messages.sort_by(|a, b| (a.sent_at, &a.id).cmp(&(b.sent_at, &b.id)));
    Ok(messages)
}

/// Sets aside the message of a claimed contact that does not read, and gives the contact
/// back, while the claim holds; returns whether a message was set aside. No turn of theirs
/// can be written: that takes their key.
pub(in crate::pipeline) async fn set_unread_aside(
    conn: &mut Conn,
    claimed: &Claimed,
    now: Timestamp,
) -> Result<bool, Error> {
    let given = sqlx::query(
        "update contacts set lease_until = 0, lease_owner = null
          where id = $1 and lease_epoch = $2 and lease_until > 0",
    )
    .bind(&claimed.contact)
    .bind(claimed.epoch)
    .execute(&mut *conn)
    .await?;
    if given.rows_affected() == 0 {
        return Ok(false);
    }
    for message in &claimed.messages {
        sqlx::query(
            "update inbox set state = 'parked', outcome = $2, done_at = $3
              where id = $1 and state = 'waiting'",
        )
        .bind(&message.id)
        .bind("its contact does not read")
        .bind(now.as_millisecond())
        .execute(&mut *conn)
        .await?;
    }
    contacts::store::recount(conn, &claimed.contact).await?;
    Ok(!claimed.messages.is_empty())
}

fn read(row: &AnyRow) -> (String, Claimed) {
    let contact: String = row.get(0);
    let turned_at: Option<i64> = row.get(2);
    let claimed = Claimed {
        contact: contact.clone(),
        epoch: row.get(1),
        turned_at: turned_at.and_then(|at| Timestamp::from_millisecond(at).ok()),
        messages: Vec::new(),
    };
    (contact, claimed)
}

fn read_message(row: &AnyRow) -> ClaimedMessage {
    let payload: Option<Vec<u8>> = row.get(3);
    ClaimedMessage {
        id: row.get(0),
        sent_at: row.get(2),
        payload: payload.unwrap_or_default(),
        trace: row.get(4),
        errors: row.get(5),
        alone: row.get(6),
        attempts: row.get(7),
    }
}

/// Keeps the leases of turns that take long.
pub(in crate::pipeline) async fn extend(
    conn: &mut Conn,
    until: i64,
    held: &[(String, i64)],
    lock_rows: &str,
) -> Result<(), Error> {
    let contacts = held.iter().map(|(contact, _)| contact.as_str());
    take_in_order(conn, lock_rows, "contacts", contacts.collect()).await?;
    for run in padded(held, 2) {
        let text = format!(
            "update contacts set lease_until = $1
               from (values {}) as v
              where contacts.id = v.column1 and lease_epoch = v.column2 and lease_until > 0",
            values_from(2, run.len(), 2)
        );
        let mut query = sqlx::query(sql(text)).bind(until);
        for (contact, epoch) in run.filled() {
            query = query.bind(contact).bind(*epoch);
        }
        query.execute(&mut *conn).await?;
    }
    Ok(())
}

/// Loads the sessions of contacts, their states still sealed.
pub(in crate::pipeline) async fn sessions(
    conn: &mut Conn,
    contacts: &[String],
) -> Result<HashMap<String, StoredSession>, Error> {
    let mut found = HashMap::with_capacity(contacts.len());
    for run in padded(contacts, 1) {
        let text = format!(
            "select contact_id, version, generation, state from sessions where contact_id in ({})",
            list(run.len())
        );
        let mut query = sqlx::query(sql(text));
        for contact in run.filled() {
            query = query.bind(contact);
        }
        for row in query.fetch_all(&mut *conn).await? {
            let session = StoredSession {
                version: row.get(1),
                generation: row.get(2),
                state: row.get(3),
            };
            found.insert(row.get(0), session);
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::Db;

    #[tokio::test]
    async fn what_was_left_behind_is_found_without_reading_everybody_who_waits() {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}/t.db", folder.path().display());
        let db = Db::open(&url, 1).await.unwrap();
        let mut conn = db.read().await.unwrap();
        for order in ["limit 1", "order by ready_at limit 1"] {
            let rows = sqlx::query(sql(format!("explain query plan {LEFT_BEHIND} {order}")))
                .fetch_all(&mut *conn)
                .await
                .unwrap();
            let steps: Vec<String> = rows.iter().map(|row| row.get("detail")).collect();
            assert!(steps[0].contains("contacts_leased"), "{steps:?}");
        }
    }
}
