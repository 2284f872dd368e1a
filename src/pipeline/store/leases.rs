//! Leases by name: what only one process may do at a time.

use crate::storage::{Conn, Error, sql};

/// Takes a lease that is free or ran out; returns its epoch.
pub(in crate::pipeline) async fn take(
    conn: &mut Conn,
    name: &str,
    holder: &str,
    now: i64,
    until: i64,
) -> Result<Option<i64>, Error> {
    let epoch = sqlx::query_scalar(
        "insert into leases (name, holder, epoch, until) values ($1, $2, 1, $3)
         on conflict (name) do update
            set holder = excluded.holder, epoch = leases.epoch + 1, until = excluded.until
          where leases.until <= $4
      returning epoch",
    )
    .bind(name)
    .bind(holder)
    .bind(until)
    .bind(now)
    .fetch_optional(conn)
    .await?;
    Ok(epoch)
}

/// Returns whether nobody holds a lease by now.
pub(in crate::pipeline) async fn is_free(
    conn: &mut Conn,
    name: &str,
    now: i64,
) -> Result<bool, Error> {
    let until: Option<i64> = sqlx::query_scalar("select until from leases where name = $1")
        .bind(name)
        .fetch_optional(conn)
        .await?;
    Ok(until.is_none_or(|until| until <= now))
}

/// Returns whether a lease still has this epoch, and keeps others from taking it until
/// this write commits.
pub(in crate::pipeline) async fn holds(
    conn: &mut Conn,
    name: &str,
    epoch: i64,
    lock_rows: &str,
) -> Result<bool, Error> {
    let text = format!("select epoch from leases where name = $1 and epoch = $2{lock_rows}");
    let held: Option<i64> = sqlx::query_scalar(sql(text))
        .bind(name)
        .bind(epoch)
        .fetch_optional(conn)
        .await?;
    Ok(held.is_some())
}

/// Keeps a lease, or (with an `until` in the past) gives it back; returns whether it
/// was still held.
pub(in crate::pipeline) async fn renew(
    conn: &mut Conn,
    name: &str,
    epoch: i64,
    until: i64,
) -> Result<bool, Error> {
    let renewed = sqlx::query("update leases set until = $3 where name = $1 and epoch = $2")
        .bind(name)
        .bind(epoch)
        .bind(until)
        .execute(conn)
        .await?;
    Ok(renewed.rows_affected() == 1)
}
