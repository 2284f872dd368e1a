//! Whom to ask the gateway about, beside its webhooks.

use crate::storage::{Conn, Error};

/// Takes up to `most` rows whose time has come, orders before plans before mandates and of
/// each the longest waiting first, and puts their next time off to `next`, so that one that
/// fails does not come up again at once.
pub(in crate::investing) async fn take(
    conn: &mut Conn,
    now: i64,
    next: i64,
    most: i64,
) -> Result<Vec<String>, Error> {
    let mut ids: Vec<String> = Vec::new();
    for due in [
        "select id from orders where poll_at <= $1 order by poll_at, id limit $2",
        "select id from plans where poll_at <= $1 order by poll_at, id limit $2",
        "select id from mandates where poll_at <= $1 order by poll_at, id limit $2",
    ] {
        let left = most.saturating_sub_unsigned(ids.len() as u64);
        let due: Vec<String> = sqlx::query_scalar(due)
            .bind(now)
            .bind(left)
            .fetch_all(&mut *conn)
            .await?;
        ids.extend(due);
    }
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
