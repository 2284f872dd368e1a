//! Scheduled work as rows.

use sqlx::Row;

use crate::storage::{Conn, Error, filled_up, sql, values_from};

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

/// Which jobs a stage runs.
#[derive(Debug, Clone)]
pub(in crate::pipeline) enum Kinds {
    /// Those of this kind.
    Only(&'static str),
    /// Those of every other.
    AllBut(Vec<&'static str>),
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

/// Claims the job that is due longest of those that a stage runs.
/// The attempt counts from here, so that a crash does.
pub(in crate::pipeline) async fn claim_job(
    conn: &mut Conn,
    now: i64,
    until: i64,
    kinds: &Kinds,
) -> Result<Option<ClaimedJob>, Error> {
    let (is_in, kinds) = match kinds {
        Kinds::Only(kind) => ("in", vec![(*kind).to_owned()]),
        // No kind is an empty text, and no list may be empty.
        Kinds::AllBut(kinds) => ("not in", filled_up(kinds)),
    };
    let places = values_from(3, 1, kinds.len());
    let text = format!(
        "update jobs
            set attempts = attempts + 1, lease_epoch = lease_epoch + 1, lease_until = $2
          where id = (select id from jobs
                       where state = 'waiting' and run_at <= $1 and lease_until <= $1
                         and kind {is_in} {places}
                       order by run_at limit 1)
            and state = 'waiting' and lease_until <= $1
      returning id, kind, payload, attempts, lease_epoch, unique_key"
    );
    let mut claim = sqlx::query(sql(text)).bind(now).bind(until);
    for kind in kinds {
        claim = claim.bind(kind);
    }
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

/// Writes down how a run ended, if its lease still is the one that was claimed.
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
            set state = $3, run_at = $4, last_error = $5, finished_at = $6, lease_until = 0
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
