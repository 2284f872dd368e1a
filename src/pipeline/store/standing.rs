//! How far one message got, for whoever enqueued it, and what they may still do about it.

use jiff::Timestamp;
use sqlx::Row;

use super::super::OutboxState;
use super::super::quiet::QuietHours;
use super::damaged;
use crate::id::OutboxId;
use crate::storage::{Conn, Error};

/// Why the echo of a message is not waited for any more, where a person has looked.
pub const SETTLED: &str = "settled by a person";

/// How far a message got.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// Which message.
    pub id: OutboxId,
    /// When it was handed over.
    pub since: Timestamp,
    /// The word of its [`OutboxState`].
    pub state: String,
    /// The template it is, if it is one.
    pub template: Option<String>,
    /// Whether Meta took it.
    pub was_accepted: bool,
    /// Meta's code, if it failed.
    pub code: Option<i64>,
    /// Why it ended as it did.
    pub reason: Option<String>,
}

/// Returns how far a message got, or the one that a person had sent in its place; `None` if
/// there is none of this id.
pub async fn standing(conn: &mut Conn, id: OutboxId) -> Result<Option<Standing>, Error> {
    let mut id = id.to_string();
    loop {
        let row = sqlx::query(
            "select state, accepted_at, code, reason, template, again_as, created_at
               from outbox where id = $1",
        )
        .bind(&id)
        .fetch_optional(&mut *conn)
        .await?;
        let Some(row) = row else {
            return Ok(None);
        };
        if let Some(again) = row.get::<Option<String>, _>(5) {
            id = again;
            continue;
        }
        return Ok(Some(Standing {
            id: id.parse().map_err(|_| damaged("outbox", &id, "its id"))?,
            since: Timestamp::from_millisecond(row.get(6)).unwrap_or_default(),
            state: row.get(0),
            was_accepted: row.get::<Option<i64>, _>(1).is_some(),
            code: row.get(2),
            reason: row.get(3),
            template: row.get(4),
        }));
    }
}

/// Takes back a message of which certainly nothing was sent; returns whether it was one.
pub async fn withdraw(conn: &mut Conn, id: OutboxId, why: &'static str) -> Result<bool, Error> {
    let withdrawn = sqlx::query(
        "update outbox set state = 'cancelled', rank = $3, reason = $2
          where id = $1 and state = 'queued' and doubts = 0",
    )
    .bind(id.to_string())
    .bind(why)
    .bind(OutboxState::Cancelled.rank())
    .execute(conn)
    .await?;
    Ok(withdrawn.rows_affected() == 1)
}

/// Gives quiet hours to a message that waits and was to go at any hour.
pub async fn let_rest(conn: &mut Conn, id: OutboxId, quiet: QuietHours) -> Result<(), Error> {
    let (from, to) = quiet.to_minutes();
    sqlx::query(
        "update outbox set quiet_from = $2, quiet_to = $3
          where id = $1 and state = 'queued' and quiet_from is null",
    )
    .bind(id.to_string())
    .bind(from)
    .bind(to)
    .execute(conn)
    .await?;
    Ok(())
}

/// Writes down what went out in the place of a message, another or a letter, so that nobody
/// has it sent once more; returns whether nothing had before.
pub async fn replaced(conn: &mut Conn, id: OutboxId, by: &str) -> Result<bool, Error> {
    let replaced =
        sqlx::query("update outbox set again_as = $2 where id = $1 and again_as is null")
            .bind(id.to_string())
            .bind(by)
            .execute(conn)
            .await?;
    Ok(replaced.rows_affected() == 1)
}
