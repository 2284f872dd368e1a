//! Whom to ask the gateway about, beside its webhooks.

use sqlx::Row;

use crate::storage::{Conn, Error};

/// Takes up to `most` rows whose time has come, longest waiting first, and puts their
/// next time off to `next`, so that one that fails does not come up again at once.
pub(in crate::investing) async fn take(
    conn: &mut Conn,
    now: i64,
    next: i64,
    most: i64,
) -> Result<Vec<String>, Error> {
    let rows = sqlx::query(
        "select id, poll_at from orders where poll_at <= $1
         union all select id, poll_at from plans where poll_at <= $1
         union all select id, poll_at from mandates where poll_at <= $1
         order by poll_at, id limit $2",
    )
    .bind(now)
    .bind(most)
    .fetch_all(&mut *conn)
    .await?;
    let ids: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
    for id in &ids {
        put_off(conn, id, Some(next)).await?;
    }
    Ok(ids)
}

/// Puts off when to ask about something that is still asked about; `None`: never again.
pub(in crate::investing) async fn put_off(
    conn: &mut Conn,
    id: &str,
    until: Option<i64>,
) -> Result<(), Error> {
    let table = match id.split('_').next() {
        Some("ord") => "update orders set poll_at = $2 where id = $1 and poll_at is not null",
        Some("plan") => "update plans set poll_at = $2 where id = $1 and poll_at is not null",
        _ => "update mandates set poll_at = $2 where id = $1 and poll_at is not null",
    };
    sqlx::query(table)
        .bind(id)
        .bind(until)
        .execute(conn)
        .await?;
    Ok(())
}
