//! Money operations, counted for the limits.

use jiff::Timestamp;
use sqlx::Row;

use super::instant;
use crate::id::{ContactId, EntryId, Ids};
use crate::investing::orders::limits::Operation;
use crate::storage::{Conn, Error};

const TABLE: &str = "money_operations";

pub(in crate::investing) async fn insert(
    conn: &mut Conn,
    ids: &Ids,
    contact: ContactId,
    kind: Operation,
    now: Timestamp,
) -> Result<(), Error> {
    sqlx::query("insert into money_operations (id, contact_id, kind, at) values ($1, $2, $3, $4)")
        .bind(ids.next::<EntryId>(now).to_string())
        .bind(contact.to_string())
        .bind(kind.as_str())
        .bind(now.as_millisecond())
        .execute(conn)
        .await?;
    Ok(())
}

/// Lists when a contact's operations after an instant and up to another were, oldest first;
/// of one kind, or of all.
pub(in crate::investing) async fn since(
    conn: &mut Conn,
    contact: ContactId,
    kind: Option<Operation>,
    (after, until): (Timestamp, Timestamp),
) -> Result<Vec<Timestamp>, Error> {
    let rows = sqlx::query(
        "select at from money_operations
          where contact_id = $1 and at > $2 and at <= $4 and ($3 = '' or kind = $3)
          order by at",
    )
    .bind(contact.to_string())
    .bind(after.as_millisecond())
    .bind(kind.map(Operation::as_str).unwrap_or_default())
    .bind(until.as_millisecond())
    .fetch_all(conn)
    .await?;
    rows.iter()
        .map(|row| instant(TABLE, "at", row.try_get(0)?))
        .collect()
}

/// Gives leave for one redemption beyond the limit.
pub(in crate::investing) async fn allow(
    conn: &mut Conn,
    ids: &Ids,
    contact: ContactId,
    by: &str,
    now: Timestamp,
    until: Timestamp,
) -> Result<(), Error> {
    sqlx::query(
        "insert into money_allowances (id, contact_id, given_by, given_at, expires_at)
         values ($1, $2, $3, $4, $5)",
    )
    .bind(ids.next::<EntryId>(now).to_string())
    .bind(contact.to_string())
    .bind(by)
    .bind(now.as_millisecond())
    .bind(until.as_millisecond())
    .execute(conn)
    .await?;
    Ok(())
}

/// Uses one leave up; returns whether there was one.
pub(in crate::investing) async fn use_leave(
    conn: &mut Conn,
    contact: ContactId,
    now: Timestamp,
) -> Result<bool, Error> {
    let used = sqlx::query(
        "update money_allowances set used_at = $2
          where id = (select id from money_allowances
                       where contact_id = $1 and used_at is null and expires_at > $2
                       order by id limit 1)
            and used_at is null",
    )
    .bind(contact.to_string())
    .bind(now.as_millisecond())
    .execute(conn)
    .await?;
    Ok(used.rows_affected() == 1)
}
