//! Orders, plans, mandates and what belongs to them.
//!
//! Each changeable row is written back whole, guarded by the version that was read:
//! whoever comes second finds no row and starts again from what is there now.

pub(in crate::investing) mod book;
pub(in crate::investing) mod changes;
pub(in crate::investing) mod drafts;
pub(in crate::investing) mod instalments;
pub(in crate::investing) mod mandates;
pub(in crate::investing) mod night;
pub(in crate::investing) mod notices;
pub(in crate::investing) mod old;
pub(in crate::investing) mod operations;
pub(in crate::investing) mod plans;
pub(in crate::investing) mod polls;

use jiff::Timestamp;
use sqlx::any::{AnyArguments, AnyRow};
use sqlx::query::Query;
use sqlx::{Any, Row};

use super::events;
use crate::id::ContactId;
use crate::security::{DataKey, Keyring, Place};
use crate::storage::{Conn, Error, sql};

/// Who moves something, when and why.
#[derive(Debug, Clone, Copy)]
pub(in crate::investing) struct Stamp<'a> {
    pub(in crate::investing) now: Timestamp,
    pub(in crate::investing) by: &'a str,
    pub(in crate::investing) detail: Option<&'a str>,
}

/// Returns the key of a contact; without one nothing new may be written about them.
pub(in crate::investing) async fn key_of(
    conn: &mut Conn,
    keys: &Keyring,
    contact: ContactId,
) -> Result<DataKey, Error> {
    let found = events::key_of(conn, keys, contact).await?;
    found.ok_or_else(|| damaged("contacts", &contact.to_string(), "its key was destroyed"))
}

/// Keeps others from changing what belongs to a contact until the write commits.
pub(in crate::investing) async fn lock_contact(
    conn: &mut Conn,
    lock_rows: &str,
    contact: ContactId,
) -> Result<(), Error> {
    if lock_rows.is_empty() {
        return Ok(());
    }
    let text = format!("select id from contacts where id = $1{lock_rows}");
    sqlx::query(sql(text))
        .bind(contact.to_string())
        .fetch_optional(conn)
        .await?;
    Ok(())
}

/// Writes a row back over the version it was read at, and its status into its history if
/// that is another one. `update` binds the row's id first and the version that was read
/// second.
async fn write_back(
    conn: &mut Conn,
    what: &'static str,
    (id, version): (&str, i64),
    (from, to): (&str, &str),
    update: Query<'_, Any, AnyArguments>,
    stamp: &Stamp<'_>,
) -> Result<(), Error> {
    let updated = update.execute(&mut *conn).await?;
    if updated.rows_affected() == 0 {
        return Err(Error::Again(what));
    }
    if from != to {
        insert_history(conn, id, version, to, stamp).await?;
    }
    Ok(())
}

/// Writes down that something has a status from a version on.
async fn insert_history(
    conn: &mut Conn,
    subject: &str,
    version: i64,
    status: &str,
    stamp: &Stamp<'_>,
) -> Result<(), Error> {
    sqlx::query(
        "insert into order_history (subject, version, status, at, by_whom, detail)
         values ($1, $2, $3, $4, $5, $6)",
    )
    .bind(subject)
    .bind(version)
    .bind(status)
    .bind(stamp.now.as_millisecond())
    .bind(stamp.by)
    .bind(stamp.detail)
    .execute(conn)
    .await?;
    Ok(())
}

/// Lists the statuses something went through, oldest first, each with who moved it.
pub(in crate::investing) async fn history(
    conn: &mut Conn,
    subject: &str,
) -> Result<Vec<(String, i64, String)>, Error> {
    let rows = sqlx::query(
        "select status, at, by_whom from order_history where subject = $1 order by version",
    )
    .bind(subject)
    .fetch_all(conn)
    .await?;
    Ok(rows
        .iter()
        .map(|row| (row.get(0), row.get(1), row.get(2)))
        .collect())
}

fn damaged(table: &'static str, row: &str, what: &str) -> Error {
    Error::Damaged {
        table,
        row: row.to_owned(),
        what: what.to_owned(),
    }
}

/// Reads a word with `parse`; a failure names the row.
fn word<T>(
    table: &'static str,
    row: &str,
    text: &str,
    parse: impl Fn(&str) -> Option<T>,
) -> Result<T, Error> {
    parse(text).ok_or_else(|| damaged(table, row, &format!("`{text}` is no word of ours")))
}

fn instant(table: &'static str, row: &str, millis: i64) -> Result<Timestamp, Error> {
    Timestamp::from_millisecond(millis).map_err(|e| damaged(table, row, &e.to_string()))
}

fn count(table: &'static str, row: &str, number: i64) -> Result<u32, Error> {
    u32::try_from(number).map_err(|_| damaged(table, row, &format!("{number} is no count")))
}

/// Opens a sealed JSON column with the contact's key, which stands at `at` in the row. Of
/// somebody who was erased nothing is left but the default.
fn open_json<T: serde::de::DeserializeOwned + Default>(
    row: &AnyRow,
    at: usize,
    place: Place<'_>,
    sealed: &[u8],
    keys: &Keyring,
) -> Result<T, Error> {
    let wrong = |what: String| damaged(place.table, place.row, &what);
    let Some(key) = events::unwrap(row, at, keys).map_err(wrong)? else {
        return Ok(T::default());
    };
    let plain = key.open(place, sealed).map_err(|e| wrong(e.to_string()))?;
    serde_json::from_slice(&plain).map_err(|e| wrong(e.to_string()))
}

fn seal_json<T: serde::Serialize>(key: &DataKey, place: Place<'_>, value: &T) -> Vec<u8> {
    let plain = serde_json::to_vec(value).expect("what is sealed is plain data");
    key.seal(place, &plain)
}
