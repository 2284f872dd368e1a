//! Notices of gateways, durable before they are acknowledged.

use jiff::Timestamp;
use sqlx::Row;

use crate::security::{Keyring, Place};
use crate::storage::{Conn, Error};

/// A notice to be kept.
#[derive(Debug, Clone)]
pub(in crate::investing) struct NewNotice {
    /// The gateway and its own id of the notice, or a hash of one that cannot be read.
    pub(in crate::investing) id: String,
    pub(in crate::investing) gateway: &'static str,
    /// What it is about; none if it cannot be read.
    pub(in crate::investing) subject: Option<String>,
    pub(in crate::investing) body: Vec<u8>,
}

/// Keeps a notice unless it came before; returns whether it is new.
pub(in crate::investing) async fn insert(
    conn: &mut Conn,
    keys: &Keyring,
    notice: &NewNotice,
    now: Timestamp,
) -> Result<bool, Error> {
    let place = Place {
        table: "gateway_notices",
        column: "body",
        row: &notice.id,
    };
    let state = match notice.subject {
        Some(_) => "waiting",
        None => "unreadable",
    };
    let inserted = sqlx::query(
        "insert into gateway_notices (id, gateway, subject, body, received_at, state)
         values ($1, $2, $3, $4, $5, $6)
         on conflict (id) do nothing",
    )
    .bind(&notice.id)
    .bind(notice.gateway)
    .bind(&notice.subject)
    .bind(keys.ingest().seal(place, &notice.body))
    .bind(now.as_millisecond())
    .bind(state)
    .execute(conn)
    .await?;
    Ok(inserted.rows_affected() == 1)
}

/// Returns what a notice that waits is about.
pub(in crate::investing) async fn waiting(
    conn: &mut Conn,
    id: &str,
) -> Result<Option<String>, Error> {
    let row =
        sqlx::query("select subject from gateway_notices where id = $1 and state = 'waiting'")
            .bind(id)
            .fetch_optional(conn)
            .await?;
    Ok(row.and_then(|row| row.get(0)))
}

/// Says what became of a notice.
pub(in crate::investing) async fn settle(
    conn: &mut Conn,
    id: &str,
    state: &'static str,
    now: Timestamp,
) -> Result<(), Error> {
    sqlx::query(
        "update gateway_notices set state = $2, done_at = $3 where id = $1 and state = 'waiting'",
    )
    .bind(id)
    .bind(state)
    .bind(now.as_millisecond())
    .execute(conn)
    .await?;
    Ok(())
}
