//! What was set aside, given up or refused, and how it comes back.

use jiff::Timestamp;
use sqlx::Row;
use sqlx::any::AnyRow;

use super::super::account::NOTHING_WAITS;
use super::super::resolve::URGENT;
use super::super::way_back::{Attention, Refused, SetAside};
use super::standing::SETTLED;
use crate::storage::{Conn, Error, sql};

/// Rows of a list at most.
const MOST: i64 = 200;

fn time(row: &AnyRow, at: usize) -> Timestamp {
    Timestamp::from_millisecond(row.get(at)).unwrap_or_default()
}

/// Returns what waits for a person, the most urgent first, or also what was resolved, the
/// newest first; of one kind, or of any.
pub(in crate::pipeline) async fn attention(
    conn: &mut Conn,
    (all, kind): (bool, Option<&str>),
    most: u32,
) -> Result<Vec<Attention>, Error> {
    let ranks = URGENT.iter().enumerate();
    let ranks: Vec<_> = ranks
        .map(|(at, kind)| format!("when '{kind}' then {at}"))
        .collect();
    let ranks = ranks.join(" ");
    let (open, order) = if all {
        ("", "opened_at desc, id desc".to_owned())
    } else {
        let last = URGENT.len();
        let urgency = format!("case kind {ranks} else {last} end");
        (
            "and resolved_at is null",
            format!("{urgency}, opened_at, id"),
        )
    };
    let text = format!(
        "select id, kind, subject, detail, opened_at, resolved_at from attention
          where kind = coalesce($1, kind) {open} order by {order} limit $2"
    );
    let rows = sqlx::query(sql(text))
        .bind(kind)
        .bind(i64::from(most))
        .fetch_all(conn)
        .await?;
    Ok(rows.iter().map(read_attention).collect())
}

/// Returns how many of each kind wait for a person, or ever did.
pub(in crate::pipeline) async fn waiting(
    conn: &mut Conn,
    all: bool,
) -> Result<Vec<(String, i64)>, Error> {
    let open = if all { "" } else { "where resolved_at is null" };
    let text = format!("select kind, count(*) from attention {open} group by kind order by kind");
    let rows = sqlx::query(sql(text)).fetch_all(conn).await?;
    Ok(rows.iter().map(|row| (row.get(0), row.get(1))).collect())
}

/// Returns what of a kind waits for a person.
pub(in crate::pipeline) async fn open_subjects(
    conn: &mut Conn,
    kind: &str,
) -> Result<Vec<String>, Error> {
    let open =
        sqlx::query_scalar("select subject from attention where kind = $1 and resolved_at is null");
    Ok(open.bind(kind).fetch_all(conn).await?)
}

/// Returns one thing that waits, or waited, for a person.
pub(in crate::pipeline) async fn one_attention(
    conn: &mut Conn,
    id: &str,
) -> Result<Option<Attention>, Error> {
    let row = sqlx::query(
        "select id, kind, subject, detail, opened_at, resolved_at from attention where id = $1",
    )
    .bind(id)
    .fetch_optional(conn)
    .await?;
    Ok(row.as_ref().map(read_attention))
}

fn read_attention(row: &AnyRow) -> Attention {
    let resolved: Option<i64> = row.get(5);
    Attention {
        id: row.get(0),
        kind: row.get(1),
        subject: row.get(2),
        detail: row.get(3),
        opened_at: time(row, 4),
        resolved_at: resolved.and_then(|at| Timestamp::from_millisecond(at).ok()),
    }
}

const SET_ASIDE: &str =
    "select id, state, kind, field, contact_id, received_at, attempts, outcome from inbox";

/// Returns events that were set aside so, the oldest first, after one of them.
pub(in crate::pipeline) async fn set_aside(
    conn: &mut Conn,
    state: &str,
    after: Option<&SetAside>,
) -> Result<Vec<SetAside>, Error> {
    let (at, id) = after.map_or((i64::MIN, ""), |event| {
        (event.received_at.as_millisecond(), event.id.as_str())
    });
    let text = format!(
        "{SET_ASIDE} where state in ('quarantined', 'parked') and state = $1
            and (received_at > $2 or received_at = $2 and id > $3)
          order by received_at, id limit $4"
    );
    let rows = sqlx::query(sql(text))
        .bind(state)
        .bind(at)
        .bind(id)
        .bind(MOST)
        .fetch_all(conn)
        .await?;
    Ok(rows.iter().map(read_set_aside).collect())
}

/// Returns one event, with its payload still sealed.
pub(in crate::pipeline) async fn one_event(
    conn: &mut Conn,
    id: &str,
) -> Result<Option<(SetAside, Option<Vec<u8>>)>, Error> {
    let event = sqlx::query(sql(format!("{SET_ASIDE} where id = $1")))
        .bind(id)
        .fetch_optional(&mut *conn)
        .await?;
    let Some(event) = event.as_ref().map(read_set_aside) else {
        return Ok(None);
    };
    let payload = sqlx::query_scalar("select payload from inbox where id = $1")
        .bind(id)
        .fetch_one(conn)
        .await?;
    Ok(Some((event, payload)))
}

fn read_set_aside(row: &AnyRow) -> SetAside {
    SetAside {
        id: row.get(0),
        state: row.get(1),
        kind: row.get(2),
        field: row.get(3),
        contact: row.get(4),
        received_at: time(row, 5),
        attempts: row.get(6),
        why: row.get(7),
    }
}

/// Lets a parked message wait for a turn again; returns whether it was parked. One that
/// ended the process runs alone, and once more only.
pub(in crate::pipeline) async fn unpark(
    conn: &mut Conn,
    id: &str,
    contact: &str,
    now: i64,
    lock_rows: &str,
) -> Result<bool, Error> {
    super::take_in_order(conn, lock_rows, "contacts", vec![contact]).await?;
    let row = sqlx::query(
        "update inbox
            set state = 'waiting', outcome = null, done_at = null, errors = 0,
                alone = case when alone > 2 then 2 else 0 end
          where id = $1 and contact_id = $2 and state = 'parked' and payload is not null
      returning alone",
    )
    .bind(id)
    .bind(contact)
    .fetch_optional(&mut *conn)
    .await?;
    let Some(row) = row else { return Ok(false) };
    let is_suspect = row.get::<i64, _>(0) > 0;
    sqlx::query(
        "update contacts
            set waiting = waiting + 1,
                ready_at = case when ready_at > $2 then $2 else ready_at end,
                lease_until = case when $3 = 1 and lease_until = 0 then 1 else lease_until end
          where id = $1",
    )
    .bind(contact)
    .bind(now)
    .bind(i64::from(is_suspect))
    .execute(conn)
    .await?;
    Ok(true)
}

/// Ends an event that is set aside; returns whether it was.
pub(in crate::pipeline) async fn end_aside(
    conn: &mut Conn,
    id: &str,
    state: &str,
    outcome: &str,
    now: Timestamp,
) -> Result<bool, Error> {
    let ended = sqlx::query(
        "update inbox set state = 'done', outcome = $3, done_at = $4
          where id = $1 and state = $2",
    )
    .bind(id)
    .bind(state)
    .bind(outcome)
    .bind(now.as_millisecond())
    .execute(conn)
    .await?;
    Ok(ended.rows_affected() == 1)
}

/// A job, as an operator sees it: kind, state, attempts, last error.
pub(in crate::pipeline) type JobFacts = (String, String, i64, Option<String>);

/// Returns jobs that were given up, the newest last: id, facts, and when.
pub(in crate::pipeline) async fn dead_jobs(
    conn: &mut Conn,
) -> Result<Vec<(String, JobFacts, Timestamp)>, Error> {
    let rows = sqlx::query(
        "select id, kind, state, attempts, last_error, coalesce(finished_at, created_at) from jobs
          where state = 'dead' order by finished_at limit $1",
    )
    .bind(MOST)
    .fetch_all(conn)
    .await?;
    let read = |row: &AnyRow| {
        let facts = (row.get(1), row.get(2), row.get(3), row.get(4));
        (row.get(0), facts, time(row, 5))
    };
    Ok(rows.iter().map(read).collect())
}

/// Returns one job.
pub(in crate::pipeline) async fn one_job(
    conn: &mut Conn,
    id: &str,
) -> Result<Option<JobFacts>, Error> {
    let row = sqlx::query("select kind, state, attempts, last_error from jobs where id = $1")
        .bind(id)
        .fetch_optional(conn)
        .await?;
    Ok(row.map(|row| (row.get(0), row.get(1), row.get(2), row.get(3))))
}

/// Lets a job that was given up run again from its first try; returns whether it was.
pub(in crate::pipeline) async fn revive_job(
    conn: &mut Conn,
    id: &str,
    now: i64,
) -> Result<bool, Error> {
    let revived = sqlx::query(
        "update jobs
            set state = 'waiting', attempts = 0, run_at = $2, lease_until = 0, finished_at = null
          where id = $1 and state = 'dead'",
    )
    .bind(id)
    .bind(now)
    .execute(conn)
    .await?;
    Ok(revived.rows_affected() == 1)
}

const REFUSED: &str =
    "select id, contact_id, lane, purpose, state, reason, code, attempts, created_at, again_as,
            trace, inbox_id, disclosures, rules, payload, due_at
       from outbox";

/// What failed and nobody had sent again.
const FAILED: &str = "state = 'failed' and again_as is null";

/// What was cancelled and nobody had sent again, apart from what had nothing to tell.
fn cancelled() -> String {
    format!(
        "state = 'cancelled' and again_as is null and coalesce(reason, '') <> '{NOTHING_WAITS}'"
    )
}

/// Returns messages that failed, and after them those that were cancelled and had something to
/// tell, of which nobody had any sent again: the newest of each first.
pub(in crate::pipeline) async fn refused(conn: &mut Conn) -> Result<Vec<Refused>, Error> {
    let mut found = Vec::new();
    for (which, newest) in [
        (FAILED.to_owned(), "failed_at desc"),
        (cancelled(), "created_at desc"),
    ] {
        let text = format!("{REFUSED} where {which} order by {newest} limit $1");
        let rows = sqlx::query(sql(text)).bind(MOST);
        let rows = rows.fetch_all(&mut *conn).await?;
        found.extend(rows.iter().map(read_refused));
    }
    Ok(found)
}

/// Returns how many messages failed that nobody had sent again.
pub(in crate::pipeline) async fn count_failed(conn: &mut Conn) -> Result<i64, Error> {
    count(conn, FAILED).await
}

/// Returns how many messages were cancelled that had something to tell and that nobody had
/// sent again.
pub(in crate::pipeline) async fn count_cancelled(conn: &mut Conn) -> Result<i64, Error> {
    count(conn, &cancelled()).await
}

async fn count(conn: &mut Conn, which: &str) -> Result<i64, Error> {
    let text = format!("select count(*) from outbox where {which}");
    Ok(sqlx::query_scalar(sql(text)).fetch_one(conn).await?)
}

/// Returns one message, which stays as it is until the write commits.
pub(in crate::pipeline) async fn one_message(
    conn: &mut Conn,
    id: &str,
    lock_rows: &str,
) -> Result<Option<Refused>, Error> {
    let row = sqlx::query(sql(format!("{REFUSED} where id = $1{lock_rows}")))
        .bind(id)
        .fetch_optional(conn)
        .await?;
    Ok(row.as_ref().map(read_refused))
}

fn read_refused(row: &AnyRow) -> Refused {
    Refused {
        id: row.get(0),
        contact: row.get(1),
        lane: row.get(2),
        purpose: row.get(3),
        state: row.get(4),
        why: row.get(5),
        code: row.get(6),
        attempts: row.get(7),
        created_at: time(row, 8),
        again_as: row.get(9),
        trace: row.get(10),
        answers: row.get(11),
        disclosures: row.get(12),
        rules: row.get(13),
        payload: row.get(14),
        waits_for_a_person: row.get::<i64, _>(15) == i64::MAX,
    }
}

/// Writes down which message went out in the place of one whose fate was bad or unknown.
pub(in crate::pipeline) async fn replaced(
    conn: &mut Conn,
    id: &str,
    again_as: &str,
) -> Result<(), Error> {
    sqlx::query("update outbox set again_as = $2 where id = $1")
        .bind(id)
        .bind(again_as)
        .execute(conn)
        .await?;
    Ok(())
}

/// Ends the waiting for an echo: a person has looked. A late echo still counts.
pub(in crate::pipeline) async fn give_up_on(conn: &mut Conn, id: &str) -> Result<bool, Error> {
    let settled = sqlx::query(
        "update outbox set state = 'superseded', rank = 10, reason = $2
          where id = $1 and state = 'unknown'",
    )
    .bind(id)
    .bind(SETTLED)
    .execute(conn)
    .await?;
    Ok(settled.rows_affected() == 1)
}
