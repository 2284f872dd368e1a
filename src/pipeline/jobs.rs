//! Scheduled work: rows with leases in the same store as everything else.
//!
//! A job runs at least once, so every handler says why running it twice does no harm.
//! Periodic work is an ordinary job whose key names its period, so that two processes
//! make one of it.

use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;
use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use super::leases::millis;
use super::store::{self, ClaimedJob, JobEnd, NewJob};
use super::{Ground, HEARTBEAT, LEASE, Wakes};
use crate::id::JobId;
use crate::storage::{Conn, Error, Wake};

/// How often the stage looks for jobs that became due.
const LOOK: Duration = Duration::from_secs(1);
/// Runs before a job is given up and shown to a person.
const ATTEMPTS: i64 = 10;
/// Pause after the first failure; doubles up to an hour.
const RETRY_FIRST: Duration = Duration::from_secs(5);

/// Where jobs wait for each other and for nobody else's: what somebody waits for does not
/// stand behind what comes in floods.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Line {
    /// What it is called.
    pub name: &'static str,
    /// How many of its jobs are run at a time in each process.
    pub workers: usize,
}

impl Line {
    /// Of what nobody waits for and is done at once.
    pub const COMMON: Self = Self {
        name: "jobs",
        workers: 1,
    };
}

/// Runs jobs of one kind.
pub trait JobHandler: Send + Sync + 'static {
    /// The kind, as it is stored.
    fn kind(&self) -> &'static str;

    /// Runs one job. It may have run before.
    fn run<'a>(&'a self, payload: &'a [u8], now: Timestamp) -> BoxFuture<'a, Result<(), JobError>>;

    /// Returns the line its jobs stand in.
    fn line(&self) -> Line {
        Line::COMMON
    }

    /// Returns what wakes a stage of its own, for work that takes so long that nobody may wait
    /// behind it. Such work is left when the process stops, and begun anew.
    fn apart(&self, wakes: &Wakes) -> Option<Wake> {
        let _ = wakes;
        None
    }

    /// Returns the key and time of the next period, for periodic work.
    fn next_period(&self, now: Timestamp) -> Option<(String, Timestamp)> {
        let _ = now;
        None
    }
}

/// Why a job did not run, and what to do about it.
#[derive(Debug)]
pub enum JobError {
    /// Try again later.
    Retry(anyhow::Error),
    /// It will never work: give it up and show it to a person.
    Fail(anyhow::Error),
}

impl<E: Into<anyhow::Error>> From<E> for JobError {
    fn from(error: E) -> Self {
        Self::Retry(error.into())
    }
}

/// A job to do later.
#[derive(Debug, Clone)]
pub struct Job {
    /// Which handler.
    pub kind: &'static str,
    /// Of all jobs with the same key only the first is done.
    pub unique_key: String,
    /// For the handler.
    pub payload: Vec<u8>,
    /// Not before.
    pub run_at: Timestamp,
}

/// Enqueues a job on the caller's transaction; returns whether its key is new.
pub async fn enqueue(conn: &mut Conn, ground: &Ground, job: &Job) -> Result<bool, Error> {
    let now = ground.clock.now();
    let id = ground.ids.next::<JobId>(now).to_string();
    let sealed = ground
        .keys
        .ingest()
        .seal(place(&job.unique_key), &job.payload);
    let new = NewJob {
        id,
        kind: job.kind,
        unique_key: &job.unique_key,
        payload: Some(sealed),
        run_at: job.run_at.as_millisecond(),
        now: now.as_millisecond(),
    };
    store::insert_job(conn, new).await
}

fn place(unique_key: &str) -> crate::security::Place<'_> {
    crate::security::Place {
        table: "jobs",
        column: "payload",
        row: unique_key,
    }
}

/// A stage that runs jobs one after the other. What it has no handler for is left to
/// whoever has one: another build that shares the database, perhaps.
pub struct Jobs {
    name: &'static str,
    ground: Ground,
    handlers: Handlers,
    /// Whether a job under way is left when the process stops.
    leaves: bool,
    wake: Wake,
}

type Handlers = HashMap<&'static str, Arc<dyn JobHandler>>;

impl Jobs {
    /// Returns the stages that run these jobs: as many for each line of short ones as it has
    /// workers, and one for each job that is not short.
    pub fn stages(ground: &Ground, handlers: Vec<Arc<dyn JobHandler>>) -> Vec<Self> {
        let mut stages = Vec::new();
        let mut lines: HashMap<Line, Handlers> = HashMap::new();
        for handler in handlers {
            let kind = handler.kind();
            let Some(wake) = handler.apart(&ground.wakes) else {
                let line = lines.entry(handler.line()).or_default();
                line.insert(kind, handler);
                continue;
            };
            stages.push(Self {
                name: kind,
                ground: ground.clone(),
                handlers: HashMap::from([(kind, handler)]),
                leaves: true,
                wake,
            });
        }
        for (line, handlers) in lines {
            stages.extend((0..line.workers).map(|_| Self {
                name: line.name,
                ground: ground.clone(),
                handlers: handlers.clone(),
                leaves: false,
                wake: ground.wakes.jobs.clone(),
            }));
        }
        stages
    }

    /// Returns what the stage is called.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Runs until `stop`. A job under way ends first, but for one that has a stage of its own.
    pub async fn run(self, stop: CancellationToken) {
        while !stop.is_cancelled() {
            let woken = self.wake.next();
            let ran = match self.round(&stop).await {
                Ok(ran) => ran,
                Err(error) => {
                    tracing::error!(
                        error = &error as &dyn std::error::Error,
                        "no job could be claimed"
                    );
                    false
                }
            };
            if !ran {
                tokio::select! {
                    () = stop.cancelled() => {}
                    () = woken => {}
                    () = tokio::time::sleep(LOOK) => {}
                }
            }
        }
    }

    /// Claims the job that is due longest; returns none once none is.
    async fn claim(&self) -> Result<Option<ClaimedJob>, Error> {
        let kinds: Vec<_> = self.handlers.keys().copied().collect();
        let db = &self.ground.db;
        loop {
            let now = self.ground.clock.now().as_millisecond();
            let mut conn = db.read().await?;
            let Some(kind) = store::due_kind(&mut conn, now, &kinds).await? else {
                return Ok(None);
            };
            drop(conn);
            let times = (now, now + millis(LEASE));
            let input = (times, kind, db.lock_free_rows());
            let claimed = db.write(input, |conn, (times, kind, lock_free_rows)| {
                Box::pin(store::claim_job(conn, *times, kind, lock_free_rows))
            });
            // Where somebody else was faster there may be another.
            if let Some(job) = claimed.await? {
                return Ok(Some(job));
            }
        }
    }

    /// Runs one job if one is due; returns whether it did.
    async fn round(&self, stop: &CancellationToken) -> Result<bool, Error> {
        self.schedule().await?;
        let Some(job) = self.claim().await? else {
            return Ok(false);
        };
        let end = tokio::select! {
            end = self.run_one(&job) => end,
            () = self.keep(&job) => {
                tracing::warn!(job = %job.id, kind = %job.kind, "a job lost its lease");
                return Ok(true);
            }
            () = stop.cancelled(), if self.leaves => return Ok(true),
        };
        self.finish(job, end).await?;
        Ok(true)
    }

    /// Makes sure that the next run of periodic work is written down.
    async fn schedule(&self) -> Result<(), Error> {
        let now = self.ground.clock.now();
        for handler in self.handlers.values() {
            let Some((period, run_at)) = handler.next_period(now) else {
                continue;
            };
            let job = Job {
                kind: handler.kind(),
                unique_key: format!("{}:{period}", handler.kind()),
                payload: Vec::new(),
                run_at,
            };
            let mut conn = self.ground.db.read().await?;
            if store::job_exists(&mut conn, &job.unique_key).await? {
                continue;
            }
            drop(conn);
            let input = (self.ground.clone(), job);
            self.ground
                .db
                .write(input, |conn, (ground, job)| {
                    Box::pin(enqueue(conn, ground, job))
                })
                .await?;
        }
        Ok(())
    }

    async fn run_one(&self, job: &ClaimedJob) -> JobEnd {
        let now = self.ground.clock.now();
        // Attempts count from the claim, so one that ends the process is given up too.
        if job.attempts > ATTEMPTS {
            return JobEnd::Dead("ended the process again and again".to_owned());
        }
        let handler = &self.handlers[job.kind.as_str()];
        let payload = job.payload.as_deref().unwrap_or_default();
        let payload = match self
            .ground
            .keys
            .ingest()
            .open(place(&job.unique_key), payload)
        {
            Ok(payload) => payload,
            Err(error) => return JobEnd::Dead(format!("its payload does not open: {error}")),
        };
        let running = AssertUnwindSafe(handler.run(&payload, now)).catch_unwind();
        let failed = match running.await {
            Ok(Ok(())) => return JobEnd::Done,
            Ok(Err(JobError::Fail(error))) => return JobEnd::Dead(format!("{error:#}")),
            Ok(Err(JobError::Retry(error))) => error,
            Err(_) => anyhow::anyhow!("the handler panicked"),
        };
        tracing::warn!(error = &*failed, job = %job.id, kind = %job.kind, "a job failed");
        if job.attempts >= ATTEMPTS {
            return JobEnd::Dead(format!("{failed:#}"));
        }
        let doublings = u32::try_from(job.attempts.clamp(1, 10) - 1).unwrap_or(0);
        let pause = (RETRY_FIRST * 2_u32.pow(doublings)).min(Duration::from_hours(1));
        JobEnd::Again {
            run_at: self.ground.clock.now().as_millisecond() + millis(pause),
            why: format!("{failed:#}"),
        }
    }

    /// Keeps the lease while the job runs; returns only if it was lost.
    async fn keep(&self, job: &ClaimedJob) {
        loop {
            tokio::time::sleep(HEARTBEAT).await;
            let until = self.ground.clock.now().as_millisecond() + millis(LEASE);
            let kept = self
                .ground
                .db
                .write((job.clone(), until), |conn, (job, until)| {
                    Box::pin(store::extend_job(conn, job, *until))
                });
            if matches!(kept.await, Ok(false)) {
                return;
            }
        }
    }

    async fn finish(&self, job: ClaimedJob, end: JobEnd) -> Result<(), Error> {
        let now = self.ground.clock.now().as_millisecond();
        let input = (self.ground.ids.clone(), job, end, now);
        self.ground
            .db
            .write(input, |conn, (ids, job, end, now)| {
                Box::pin(async move {
                    let held = store::finish_job(conn, job, end, *now).await?;
                    if let (true, JobEnd::Dead(why)) = (held, end) {
                        store::open_attention(conn, ids, "dead_job", &job.id, why, *now).await?;
                    }
                    Ok(())
                })
            })
            .await
    }
}
