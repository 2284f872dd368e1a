//! The databases of a load test: made, filled, dropped; and the bare server's one table.

use sqlx::Connection as _;

use crate::storage::{Conn, Db, Error, runs, sql, values};

/// Makes a database beside the one a PostgreSQL URL names, and returns its URL.
pub(super) async fn make_database(url: &str, name: &str) -> Result<String, Error> {
    run_there(url, format!("create database {name}")).await?;
    let (address, options) = url.split_once('?').unwrap_or((url, ""));
    let server = address
        .rsplit_once('/')
        .map_or(address, |(server, _)| server);
    let mark = if options.is_empty() { "" } else { "?" };
    Ok(format!("{server}/{name}{mark}{options}"))
}

/// Drops it, whoever is still connected.
pub(super) async fn drop_database(url: &str, name: &str) -> Result<(), Error> {
    run_there(url, format!("drop database if exists {name} with (force)")).await
}

async fn run_there(url: &str, text: String) -> Result<(), Error> {
    crate::storage::install_drivers();
    let mut conn = Conn::connect(url).await?;
    sqlx::query(sql(text)).execute(&mut conn).await?;
    conn.close().await?;
    Ok(())
}

/// Remembers events nobody ever sent, evenly over the whole range of keys.
pub(super) async fn fill_seen(db: &Db, count: u64) -> Result<(), Error> {
    const AT_A_TIME: u64 = 64_000;
    let step = u64::MAX / count.max(1);
    let mut first = 0;
    while first < count {
        let last = (first + AT_A_TIME).min(count);
        db.write((first, last, step), |conn, (first, last, step)| {
            Box::pin(async move {
                let keys: Vec<u64> = (*first..*last).map(|n| n * step).collect();
                for run in runs(&keys) {
                    let rows = values(run.len(), 1);
                    let text = format!("insert into seen_events (key) values {rows}");
                    let mut query = sqlx::query(sql(text));
                    for key in run {
                        let spread = key.wrapping_mul(0x9e37_79b9_7f4a_7c15);
                        query = query.bind([key.to_be_bytes(), spread.to_be_bytes()].concat());
                    }
                    query.execute(&mut *conn).await?;
                }
                Ok(())
            })
        })
        .await?;
        first = last;
    }
    Ok(())
}

/// Makes the bare server's table.
pub(super) async fn make_bare_table(db: &Db) -> Result<(), Error> {
    db.write((), |conn, ()| {
        Box::pin(async move {
            sqlx::query("create table bare (id text primary key, payload bytea not null)")
                .execute(conn)
                .await?;
            Ok(())
        })
    })
    .await
}

/// Keeps rows of id and payload.
pub(super) async fn insert_bare(conn: &mut Conn, rows: &[(String, Vec<u8>)]) -> Result<(), Error> {
    for run in runs(rows) {
        let text = format!(
            "insert into bare (id, payload) values {} on conflict do nothing",
            values(run.len(), 2)
        );
        let mut query = sqlx::query(sql(text));
        for (id, payload) in run {
            query = query.bind(id).bind(payload);
        }
        query.execute(&mut *conn).await?;
    }
    Ok(())
}

/// Returns the state of a job, and why it last failed.
pub(super) async fn job(db: &Db, unique_key: &str) -> Result<(String, String), Error> {
    let mut conn = db.read().await?;
    let row: (String, Option<String>) =
        sqlx::query_as("select state, last_error from jobs where unique_key = $1")
            .bind(unique_key)
            .fetch_one(&mut *conn)
            .await?;
    Ok((row.0, row.1.unwrap_or_default()))
}

/// Returns whether somebody is still to be told of something.
pub(super) async fn has_untold(db: &Db) -> Result<bool, Error> {
    let mut conn = db.read().await?;
    let one: Option<String> =
        sqlx::query_scalar("select id from business_events where told_at is null limit 1")
            .fetch_optional(&mut *conn)
            .await?;
    Ok(one.is_some())
}

/// Counts instalments whose investors have been told of them, or are to be.
pub(super) async fn count_instalments(db: &Db) -> Result<u64, Error> {
    let mut conn = db.read().await?;
    let count: i64 = sqlx::query_scalar(
        "select count(*) from instalments i
          where exists (select 1 from notices n
                          join business_events e on e.id = n.event_id
                         where e.unique_key = 'instalment_due:' || i.id)",
    )
    .fetch_one(&mut *conn)
    .await?;
    Ok(u64::try_from(count).unwrap_or(0))
}
