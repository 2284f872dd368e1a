//! What a start finds, and what an operator wants to know.

use std::collections::BTreeMap;

use jiff::Timestamp;
use sqlx::Row;

use crate::contacts;
use crate::storage::{Conn, Db, Engine, Error, filled_up, sql, values_from};

/// Puts a database in order before the stages start.
///
/// On SQLite no other process can hold a lease, so those of the last one end now; the
/// contacts it worked on are marked as not given back and run alone. On PostgreSQL
/// leases run out by themselves.
pub async fn recover(db: &Db) -> Result<(), Error> {
    if db.engine() == Engine::Postgres {
        return Ok(());
    }
    db.write((), |conn, ()| {
        Box::pin(async move {
            sqlx::query(
                "update contacts set lease_until = 1 where waiting > 0 and lease_until > 0",
            )
            .execute(&mut *conn)
            .await?;
            sqlx::query("update leases set until = 0")
                .execute(&mut *conn)
                .await?;
            sqlx::query("update jobs set lease_until = 0 where state = 'waiting'")
                .execute(conn)
                .await?;
            Ok(())
        })
    })
    .await
}

/// Makes sure that this database holds the conversations of one number only: a demo
/// started on a live database would send its outbox to the emulator.
pub async fn belong_to(db: &Db, number: &str) -> Result<(), Error> {
    let owner: String = db
        .write(number.to_owned(), |conn, number| {
            Box::pin(async move {
                sqlx::query(
                    "insert into installation (id, number) values (1, $1) on conflict do nothing",
                )
                .bind(number)
                .execute(&mut *conn)
                .await?;
                let owner = sqlx::query_scalar("select number from installation where id = 1");
                Ok(owner.fetch_one(conn).await?)
            })
        })
        .await?;
    if owner == number {
        return Ok(());
    }
    Err(Error::Setup(format!(
        "this database belongs to the number with the id {owner}, not {number}: \
         check DATABASE_URL, WHATSAPP_PHONE_NUMBER_ID, and whether all five WHATSAPP_ credentials are set"
    )))
}

/// Closes what was put before a person and has settled itself meanwhile.
pub async fn close_settled(db: &Db, now: Timestamp) -> Result<(), Error> {
    db.write(now.as_millisecond(), |conn, now| {
        Box::pin(super::close_settled(conn, *now))
    })
    .await
}

/// Lets a contact be claimed again whatever its counters said before.
pub(in crate::pipeline) async fn let_go(conn: &mut Conn, contact: &str) -> Result<(), Error> {
    sqlx::query("update contacts set lease_until = 0 where id = $1")
        .bind(contact)
        .execute(&mut *conn)
        .await?;
    contacts::store::recount(conn, contact).await
}

/// Rows left in `sending` by senders before this one may have been sent, but for those
/// under way in this very process.
pub(in crate::pipeline) async fn doubt(
    conn: &mut Conn,
    sender_epoch: i64,
    patience: i64,
    ours: &[String],
) -> Result<u64, Error> {
    let ours = filled_up(ours);
    let text = format!(
        "update outbox
            set state = 'unknown', doubts = doubts + 1, due_at = sending_at + $2, reason = 'the sender ended while it was being sent'
          where state in ('sending', 'unknown') and state = 'sending'
            and sender_epoch < $1 and id not in (values {})",
        values_from(3, ours.len(), 1)
    );
    let mut query = sqlx::query(sql(text)).bind(sender_epoch).bind(patience);
    for id in &ours {
        query = query.bind(id);
    }
    Ok(query.execute(conn).await?.rows_affected())
}

/// How much waits where.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Depth {
    /// Messages that wait for a turn.
    pub waiting: i64,
    /// When the oldest of them came in, epoch milliseconds.
    pub oldest: Option<i64>,
    /// Messages to be sent, by lane and state.
    pub outbox: BTreeMap<(String, String), i64>,
    /// Events set aside because they could not be read or handled.
    pub set_aside: i64,
    /// What a person has to look at.
    pub attention: i64,
}

/// Measures what waits. Looks only at what is open, through partial indexes.
pub async fn depth(db: &Db) -> Result<Depth, Error> {
    let mut conn = db.read().await?;
    let mut depth = Depth::default();
    let row = sqlx::query("select count(*), min(received_at) from inbox where state = 'waiting'")
        .fetch_one(&mut *conn)
        .await?;
    depth.waiting = row.get(0);
    depth.oldest = row.get(1);
    for states in ["state = 'queued'", "state in ('sending', 'unknown')"] {
        let text =
            format!("select lane, state, count(*) from outbox where {states} group by lane, state");
        for row in sqlx::query(sql(text)).fetch_all(&mut *conn).await? {
            depth.outbox.insert((row.get(0), row.get(1)), row.get(2));
        }
    }
    depth.set_aside =
        sqlx::query_scalar("select count(*) from inbox where state in ('quarantined', 'parked')")
            .fetch_one(&mut *conn)
            .await?;
    depth.attention =
        sqlx::query_scalar("select count(*) from attention where resolved_at is null")
            .fetch_one(&mut *conn)
            .await?;
    Ok(depth)
}

/// Returns the newest time that anything on the path bears.
pub async fn latest(db: &Db) -> Result<Option<Timestamp>, Error> {
    let mut conn = db.read().await?;
    let newest: Option<i64> = sqlx::query_scalar(
        "select max(at) from (select max(received_at) as at from inbox
                              union all select max(created_at) from outbox
                              union all select max(created_at) from contacts) as times",
    )
    .fetch_one(&mut *conn)
    .await?;
    Ok(newest.and_then(|at| Timestamp::from_millisecond(at).ok()))
}
