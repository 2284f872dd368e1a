//! Scheduled work as rows.

use jiff::Timestamp;
use sqlx::Row;

use crate::storage::{Conn, Db, Error, filled_up, sql, values_from};

/// A job that was claimed.
#[derive(Debug, Clone)]
pub(in crate::pipeline) struct ClaimedJob {
    pub(in crate::pipeline) id: String,
    pub(in crate::pipeline) kind: String,
    pub(in crate::pipeline) unique_key: String,
    pub(in crate::pipeline) payload: Option<Vec<u8>>,
    pub(in crate::pipeline) attempts: i64,
    pub(in crate::pipeline) epoch: i64,
}

/// A job to be.
pub(in crate::pipeline) struct NewJob<'a> {
    pub(in crate::pipeline) id: String,
    pub(in crate::pipeline) kind: &'a str,
    pub(in crate::pipeline) unique_key: &'a str,
    pub(in crate::pipeline) payload: Option<Vec<u8>>,
    pub(in crate::pipeline) run_at: i64,
    pub(in crate::pipeline) now: i64,
}

/// Enqueues a job unless its key was ever used; returns whether it is new.
pub(in crate::pipeline) async fn insert_job(
    conn: &mut Conn,
    job: NewJob<'_>,
) -> Result<bool, Error> {
    let inserted = sqlx::query(
        "insert into jobs (id, kind, unique_key, payload, run_at, state, created_at)
         values ($1, $2, $3, $4, $5, 'waiting', $6)
         on conflict (unique_key) do nothing",
    )
    .bind(job.id)
    .bind(job.kind)
    .bind(job.unique_key)
    .bind(job.payload)
    .bind(job.run_at)
    .bind(job.now)
    .execute(conn)
    .await?;
    Ok(inserted.rows_affected() == 1)
}

/// Returns whether a job with this key was ever enqueued.
pub(in crate::pipeline) async fn job_exists(
    conn: &mut Conn,
    unique_key: &str,
) -> Result<bool, Error> {
    let found: Option<String> = sqlx::query_scalar("select id from jobs where unique_key = $1")
        .bind(unique_key)
        .fetch_optional(conn)
        .await?;
    Ok(found.is_some())
}

/// Lists kinds of jobs that were due before a time and that nobody runs, each with how many.
pub async fn late_jobs(db: &Db, before: Timestamp) -> Result<Vec<(String, i64)>, Error> {
    let mut conn = db.read().await?;
    let late = sqlx::query_as(
        "select kind, count(*) from jobs
          where state = 'waiting' and run_at < $1 and lease_until < $1
          group by kind order by kind",
    );
    let late = late.bind(before.as_millisecond()).fetch_all(&mut *conn);
    Ok(late.await?)
}

/// Returns the kind, of these, whose job is due longest. However many jobs of others wait,
/// one is looked at of each kind.
pub(in crate::pipeline) async fn due_kind(
    conn: &mut Conn,
    now: i64,
    kinds: &[&'static str],
) -> Result<Option<String>, Error> {
    let kinds = filled_up(kinds);
    let text = format!(
        "select j.kind
           from (values {}) as v
           join jobs j on j.id = (select d.id from jobs d
                                   where d.kind = v.column1 and d.state = 'waiting'
                                     and d.run_at <= $1 and d.lease_until <= $1
                                   order by d.run_at limit 1)
          order by j.run_at limit 1",
        values_from(2, kinds.len(), 1)
    );
    let mut query = sqlx::query_scalar(sql(text)).bind(now);
    for kind in kinds {
        query = query.bind(kind);
    }
    Ok(query.fetch_optional(conn).await?)
}

/// Claims the job of a kind that is due longest and that nobody else is claiming.
/// The attempt counts from here, so that a crash does.
pub(in crate::pipeline) async fn claim_job(
    conn: &mut Conn,
    (now, until): (i64, i64),
    kind: &str,
    lock_free_rows: &str,
) -> Result<Option<ClaimedJob>, Error> {
    let text = format!(
        "update jobs
            set attempts = attempts + 1, lease_epoch = lease_epoch + 1, lease_until = $2
          where id = (select id from jobs
                       where kind = $3 and state = 'waiting' and run_at <= $1
                         and lease_until <= $1
                       order by run_at limit 1{lock_free_rows})
            and state = 'waiting' and lease_until <= $1
      returning id, kind, payload, attempts, lease_epoch, unique_key"
    );
    let claim = sqlx::query(sql(text)).bind(now).bind(until).bind(kind);
    let row = claim.fetch_optional(conn).await?;
    Ok(row.map(|row| ClaimedJob {
        id: row.get(0),
        kind: row.get(1),
        payload: row.get(2),
        attempts: row.get(3),
        epoch: row.get(4),
        unique_key: row.get(5),
    }))
}

/// How a job's run ended.
#[derive(Debug, Clone)]
pub(in crate::pipeline) enum JobEnd {
    Done,
    Dead(String),
    Again { run_at: i64, why: String },
}

/// Writes down how a run ended, if its lease still is the one that was claimed. What is done
/// runs no more: its key stays, so that it happens once, and what it was about goes.
pub(in crate::pipeline) async fn finish_job(
    conn: &mut Conn,
    job: &ClaimedJob,
    end: &JobEnd,
    now: i64,
) -> Result<bool, Error> {
    let (state, run_at, why, finished) = match end {
        JobEnd::Done => ("done", now, None, Some(now)),
        JobEnd::Dead(why) => ("dead", now, Some(why), Some(now)),
        JobEnd::Again { run_at, why } => ("waiting", *run_at, Some(why), None),
    };
    let finished = sqlx::query(
        "update jobs
            set state = $3, run_at = $4, last_error = $5, finished_at = $6, lease_until = 0,
                payload = case when $3 = 'done' then null else payload end
          where id = $1 and lease_epoch = $2",
    )
    .bind(&job.id)
    .bind(job.epoch)
    .bind(state)
    .bind(run_at)
    .bind(why)
    .bind(finished)
    .execute(conn)
    .await?;
    Ok(finished.rows_affected() == 1)
}

/// Keeps the lease of a job that takes long.
pub(in crate::pipeline) async fn extend_job(
    conn: &mut Conn,
    job: &ClaimedJob,
    until: i64,
) -> Result<bool, Error> {
    let kept = sqlx::query("update jobs set lease_until = $3 where id = $1 and lease_epoch = $2")
        .bind(&job.id)
        .bind(job.epoch)
        .bind(until)
        .execute(conn)
        .await?;
    Ok(kept.rows_affected() == 1)
}
