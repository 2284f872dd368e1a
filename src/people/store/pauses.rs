//! Investors whose money may not move.

use jiff::Timestamp;
use sqlx::Row;

use super::damaged;
use crate::id::{AttentionId, ContactId, Ids, MoneyPauseId};
use crate::people::investor::MoneyPause;
use crate::security::audit;
use crate::storage::{Conn, Error};

/// What a person finds under `attention`.
const KIND: &str = "money_paused";

/// Pauses the money of one investor and puts it before a person; returns whether it was
/// not paused before.
pub async fn pause_money(
    conn: &mut Conn,
    ids: &Ids,
    contact: ContactId,
    reason: &str,
    by: &str,
    now: Timestamp,
) -> Result<bool, Error> {
    let id = contact.to_string();
    let paused = sqlx::query(
        "insert into money_pauses (id, contact_id, reason, opened_at) values ($1, $2, $3, $4)
         on conflict do nothing",
    )
    .bind(ids.next::<MoneyPauseId>(now).to_string())
    .bind(&id)
    .bind(reason)
    .bind(now.as_millisecond())
    .execute(&mut *conn)
    .await?;
    if paused.rows_affected() == 0 {
        return Ok(false);
    }
    sqlx::query(
        "insert into attention (id, kind, subject, detail, opened_at) values ($1, $2, $3, $4, $5)
         on conflict do nothing",
    )
    .bind(ids.next::<AttentionId>(now).to_string())
    .bind(KIND)
    .bind(&id)
    .bind(format!(
        "{reason}; release with `money release` when it is right again"
    ))
    .bind(now.as_millisecond())
    .execute(&mut *conn)
    .await?;
    audit::record(conn, ids, by, "money_paused", &id, now).await?;
    Ok(true)
}

/// Lets the money of an investor move again, on a person's word; returns whether it was
/// paused.
pub async fn release_money(
    conn: &mut Conn,
    ids: &Ids,
    contact: ContactId,
    by: &str,
    now: Timestamp,
) -> Result<bool, Error> {
    let id = contact.to_string();
    let released = sqlx::query(
        "update money_pauses set released_at = $2, released_by = $3
          where contact_id = $1 and released_at is null",
    )
    .bind(&id)
    .bind(now.as_millisecond())
    .bind(by)
    .execute(&mut *conn)
    .await?;
    if released.rows_affected() == 0 {
        return Ok(false);
    }
    sqlx::query(
        "update attention set resolved_at = $3
          where kind = $1 and subject = $2 and resolved_at is null",
    )
    .bind(KIND)
    .bind(&id)
    .bind(now.as_millisecond())
    .execute(&mut *conn)
    .await?;
    audit::record(conn, ids, by, "money_released", &id, now).await?;
    Ok(true)
}

pub(super) async fn find(conn: &mut Conn, contact: &str) -> Result<Option<MoneyPause>, Error> {
    let row = sqlx::query(
        "select reason, opened_at from money_pauses
          where contact_id = $1 and released_at is null",
    )
    .bind(contact)
    .fetch_optional(conn)
    .await?;
    row.map(|row| read(&row, contact)).transpose()
}

/// Returns whether money of an investor may not move.
pub async fn is_money_paused(conn: &mut Conn, contact: ContactId) -> Result<bool, Error> {
    Ok(find(conn, &contact.to_string()).await?.is_some())
}

/// Lists every investor whose money is paused, longest first.
pub async fn list_money_pauses(conn: &mut Conn) -> Result<Vec<(ContactId, MoneyPause)>, Error> {
    let rows = sqlx::query(
        "select reason, opened_at, contact_id from money_pauses
          where released_at is null order by opened_at, id",
    )
    .fetch_all(conn)
    .await?;
    rows.iter()
        .map(|row| {
            let id: String = row.try_get(2)?;
            let contact = id.parse();
            let contact =
                contact.map_err(|_| damaged("money_pauses", &id, "its id does not read"))?;
            Ok((contact, read(row, &id)?))
        })
        .collect()
}

fn read(row: &sqlx::any::AnyRow, contact: &str) -> Result<MoneyPause, Error> {
    let since = Timestamp::from_millisecond(row.try_get(1)?);
    Ok(MoneyPause {
        reason: row.try_get(0)?,
        since: since.map_err(|_| damaged("money_pauses", contact, "its time does not read"))?,
    })
}
