//! How the service is, measured every few seconds.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::future::BoxFuture;
use tokio_util::sync::CancellationToken;

use super::App;
use crate::clock::Clock;
use crate::http::{Condition, Part};
use crate::pipeline::{self, Depth, Ground};
use crate::storage::{Db, Error};
use crate::telemetry::health::Judgement;
use crate::telemetry::{Monitor, metrics};

/// How often it is measured; a change shows within ten seconds.
const EVERY: Duration = Duration::from_secs(2);
/// How long the database may take to answer; what answers no sooner does not answer.
const PATIENCE: Duration = Duration::from_secs(5);
/// How often it is looked whether somebody runs the jobs that are due.
const JOBS_EVERY: Duration = Duration::from_mins(1);
/// How far the clock may lie from the database's before it is put right.
const DRIFT_MILLIS: i64 = 50;

/// Feels the service's pulse.
pub(super) struct Pulse {
    app: App,
    stopping: CancellationToken,
    monitor: Monitor,
}

impl Pulse {
    pub(super) fn new(app: App, stopping: CancellationToken) -> Self {
        Self {
            app,
            stopping,
            monitor: Monitor::default(),
        }
    }

    /// Measures until `stop`.
    pub(super) async fn watch(
        self: Arc<Self>,
        stop: CancellationToken,
    ) -> Result<(), std::convert::Infallible> {
        let (mut looked, mut late) = (Instant::now(), BTreeSet::new());
        loop {
            self.measure().await;
            if looked.elapsed() >= JOBS_EVERY {
                looked = Instant::now();
                self.look_for_late_jobs(&mut late).await;
            }
            tokio::select! {
                () = stop.cancelled() => return Ok(()),
                () = tokio::time::sleep(EVERY) => {}
            }
        }
    }

    async fn look_for_late_jobs(&self, late: &mut BTreeSet<String>) {
        let ground = &self.app.ground;
        let told = pipeline::tell_of_late_jobs(ground, ground.clock.now(), late);
        if let Err(error) = told.await {
            tracing::debug!(%error, "whether jobs are late could not be looked at");
        }
    }

    async fn measure(&self) {
        let now = self.app.ground.clock.now();
        let started = Instant::now();
        let depth = pipeline::depth(&self.app.ground.db);
        let (depth, database) = match tokio::time::timeout(PATIENCE, depth).await {
            Ok(Ok(depth)) => (depth, started.elapsed()),
            // No answer is worse than any slow one.
            Ok(Err(_)) | Err(_) => (Depth::default(), Duration::MAX),
        };
        if depth.attention > 0
            && let Err(error) = pipeline::close_settled(&self.app.ground.db, now).await
        {
            tracing::debug!(%error, "what has settled itself could not be closed");
        }
        let age = depth
            .oldest
            .map_or(0, |oldest| (now.as_millisecond() - oldest).max(0));
        let inbox_age = Duration::from_millis(u64::try_from(age).unwrap_or(0));
        show(&depth, inbox_age);
        self.monitor.database(database);
        self.monitor.inbox_age(inbox_age);
        self.monitor.judge(now);
    }
}

fn show(depth: &Depth, inbox_age: Duration) {
    let count = |n: i64| u64::try_from(n).unwrap_or(0);
    metrics::inbox_age(inbox_age);
    metrics::set_aside(count(depth.set_aside), count(depth.attention));
    for lane in pipeline::Lane::ALL {
        for state in ["queued", "sending", "unknown"] {
            let of = (lane.as_str().to_owned(), state.to_owned());
            let waiting = depth.outbox.get(&of).copied().unwrap_or(0);
            metrics::outbox_depth(lane.as_str(), state, count(waiting));
        }
    }
}

impl Condition for Pulse {
    fn health(&self) -> Judgement {
        self.monitor.shown()
    }

    fn answered(&self, took: Duration, is_error: bool) {
        let now = self.app.ground.clock.now();
        self.monitor.request(now, took, is_error);
    }

    fn parts(&self) -> BoxFuture<'_, Vec<Part>> {
        Box::pin(async move {
            let process = if self.stopping.is_cancelled() {
                Part::not_ready("process", "is stopping")
            } else {
                Part::ready("process")
            };
            let database = match self.app.ground.db.migrations().await {
                Ok((applied, known)) if applied >= known => Part::ready("database"),
                Ok((applied, known)) => Part::not_ready(
                    "database",
                    format!("{applied} of {known} migrations are applied"),
                ),
                Err(error) => Part::not_ready("database", error.to_string()),
            };
            let schemes = if self.app.investing.catalog().is_empty() {
                Part::not_ready(
                    "schemes",
                    "no NAVs were imported yet: sipbrewery nav import",
                )
            } else {
                Part::ready("schemes")
            };
            vec![process, database, schemes]
        })
    }
}

/// Sets a clock by the database's, where that has one of its own.
pub(super) async fn set_by_database(db: &Db, clock: &Clock) -> Result<(), Error> {
    let lead = db.clock_lead(clock).await?.unwrap_or(0);
    if lead.abs() > DRIFT_MILLIS {
        tracing::info!(lead_ms = lead, "the clock follows the database's");
        clock.shift_millis(lead);
    }
    Ok(())
}

/// Keeps the clock beside the database's, which is the one that several processes share.
pub(super) async fn follow_database_clock(ground: Ground, stop: CancellationToken) {
    loop {
        if let Err(error) = set_by_database(&ground.db, &ground.clock).await {
            tracing::debug!(%error, "the database's clock could not be read");
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(Duration::from_secs(1)) => {}
        }
    }
}
