//! Scheduled work: once per key, again after a failure, shown when it is given up.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures::future::BoxFuture;
use jiff::Timestamp;
use sipbrewery::pipeline::way_back;
use sipbrewery::pipeline::{
    Attachments, Job, JobError, JobHandler, Jobs, Line as InLine, MediaFolder, Retention, Wakes,
    enqueue_job, tell_of_late_jobs,
};
use sipbrewery::storage::Wake;
use tokio_util::sync::CancellationToken;

use crate::harness::Line;
use crate::harness::line::{PATIENCE, morning, now};

struct Counted {
    runs: AtomicUsize,
    fails: bool,
}

impl JobHandler for Counted {
    fn kind(&self) -> &'static str {
        "counted"
    }

    fn run<'a>(&'a self, payload: &'a [u8], _: Timestamp) -> BoxFuture<'a, Result<(), JobError>> {
        assert_eq!(payload, b"secret");
        self.runs.fetch_add(1, Ordering::SeqCst);
        Box::pin(async move {
            if self.fails {
                return Err(JobError::Retry(anyhow::anyhow!("not today")));
            }
            Ok(())
        })
    }
}

fn run(line: &Line, handler: Arc<dyn JobHandler>) -> CancellationToken {
    run_all(line, vec![handler])
}

fn run_all(line: &Line, handlers: Vec<Arc<dyn JobHandler>>) -> CancellationToken {
    let stop = CancellationToken::new();
    for jobs in Jobs::stages(&line.ground, handlers) {
        tokio::spawn(jobs.run(stop.clone()));
    }
    stop
}

/// Takes for ever.
struct Endless;

impl JobHandler for Endless {
    fn kind(&self) -> &'static str {
        "endless"
    }

    fn run<'a>(&'a self, _: &'a [u8], _: Timestamp) -> BoxFuture<'a, Result<(), JobError>> {
        Box::pin(std::future::pending())
    }

    fn apart(&self, _: &Wakes) -> Option<Wake> {
        Some(Wake::new("endless"))
    }

    fn next_period(&self, now: Timestamp) -> Option<(String, Timestamp)> {
        Some(("only".to_owned(), now))
    }
}

async fn enqueue(line: &Line, unique_key: &'static str) -> bool {
    let input = (line.ground.clone(), unique_key);
    let enqueued = line.ground.db.write(input, |conn, (ground, unique_key)| {
        Box::pin(async move {
            let job = Job {
                kind: "counted",
                unique_key: (*unique_key).to_owned(),
                payload: b"secret".to_vec(),
                run_at: ground.clock.now(),
            };
            enqueue_job(conn, ground, &job).await
        })
    });
    let is_new = enqueued.await.expect("the job is enqueued");
    line.ground.wakes.jobs.wake();
    is_new
}

#[tokio::test]
async fn of_two_jobs_with_one_key_one_is_done_and_its_payload_is_sealed_and_goes_with_it() {
    let line = Line::start().await;
    assert!(enqueue(&line, "a").await);
    assert!(!enqueue(&line, "a").await);
    let mut conn = line.ground.db.read().await.expect("a connection");
    let payload: Vec<u8> = sqlx::query_scalar("select payload from jobs")
        .fetch_one(&mut *conn)
        .await
        .expect("the job is there");
    assert!(!payload.windows(6).any(|bytes| bytes == b"secret"));
    drop(conn);
    let handler = Arc::new(Counted {
        runs: AtomicUsize::new(0),
        fails: false,
    });
    let stop = run(&line, Arc::clone(&handler) as _);
    line.until("select count(*) from jobs where state = 'done'", 1)
        .await;
    stop.cancel();
    assert_eq!(handler.runs.load(Ordering::SeqCst), 1);
    let kept = "select count(*) from jobs where payload is not null";
    assert_eq!(
        line.scalar(kept).await,
        0,
        "what is done leaves its key alone"
    );
}

#[tokio::test]
async fn nobody_waits_behind_work_that_takes_long() {
    let line = Line::start().await;
    let handler = Arc::new(Counted {
        runs: AtomicUsize::new(0),
        fails: false,
    });
    let stop = run_all(&line, vec![Arc::new(Endless), Arc::clone(&handler) as _]);
    let under_way = "select count(*) from jobs where kind = 'endless' and lease_until > 0";
    line.until(under_way, 1).await;
    enqueue(&line, "a").await;
    line.until("select count(*) from jobs where state = 'done'", 1)
        .await;
    assert_eq!(line.scalar(under_way).await, 1);
    stop.cancel();
}

/// Takes for ever, and much of it comes at once.
struct Flood;

impl JobHandler for Flood {
    fn kind(&self) -> &'static str {
        "flood"
    }

    fn line(&self) -> InLine {
        InLine {
            name: "floods",
            workers: 2,
        }
    }

    fn run<'a>(&'a self, _: &'a [u8], _: Timestamp) -> BoxFuture<'a, Result<(), JobError>> {
        Box::pin(std::future::pending())
    }
}

/// Puts so many jobs of a kind before all others.
async fn come_in(line: &Line, kind: &'static str, count: usize) {
    let input = (line.ground.clone(), kind);
    let enqueued = line.ground.db.write(input, move |conn, (ground, kind)| {
        Box::pin(async move {
            for at in 0..count {
                let job = Job {
                    kind,
                    unique_key: format!("{kind}:{at}"),
                    payload: b"secret".to_vec(),
                    run_at: Timestamp::UNIX_EPOCH,
                };
                enqueue_job(conn, ground, &job).await?;
            }
            Ok(())
        })
    });
    enqueued.await.expect("the jobs are enqueued");
}

#[tokio::test]
async fn what_stands_in_one_line_waits_for_nothing_in_another() {
    let line = Line::start().await;
    come_in(&line, "flood", 20).await;
    let handler = Arc::new(Counted {
        runs: AtomicUsize::new(0),
        fails: false,
    });
    let stop = run_all(&line, vec![Arc::new(Flood), Arc::clone(&handler) as _]);
    let under_way = "select count(*) from jobs where kind = 'flood' and lease_until > 0";
    line.until(under_way, 2).await;
    enqueue(&line, "a").await;
    line.until("select count(*) from jobs where state = 'done'", 1)
        .await;
    assert_eq!(line.scalar(under_way).await, 2, "its workers, and no more");
    stop.cancel();
}

#[tokio::test]
async fn a_job_that_another_build_knows_is_left_to_it() {
    let line = Line::start().await;
    come_in(&line, "of_tomorrow", 1).await;
    let handler = Arc::new(Counted {
        runs: AtomicUsize::new(0),
        fails: false,
    });
    let stop = run(&line, Arc::clone(&handler) as _);
    enqueue(&line, "a").await;
    line.until("select count(*) from jobs where state = 'done'", 1)
        .await;
    let left = "select count(*) from jobs
                 where kind = 'of_tomorrow' and state = 'waiting' and attempts = 0";
    assert_eq!(line.scalar(left).await, 1);
    stop.cancel();
}

#[tokio::test]
async fn a_job_that_nobody_runs_for_an_hour_is_before_a_person_until_somebody_does() {
    const TOLD: &str = "select count(*) from attention
                         where kind = 'late_jobs' and subject = 'counted' and resolved_at is null";
    let line = Line::at(morning()).await;
    enqueue(&line, "a").await;
    let mut late = BTreeSet::new();
    let mut look = async || {
        let told = tell_of_late_jobs(&line.ground, line.ground.clock.now(), &mut late);
        told.await.unwrap();
        line.scalar(TOLD).await
    };
    assert_eq!(look().await, 0);
    line.ground.clock.advance(Duration::from_mins(61));
    assert_eq!(look().await, 0, "it may just be about to be begun");
    assert_eq!((look().await, look().await), (1, 1));
    let handler = Arc::new(Counted {
        runs: AtomicUsize::new(0),
        fails: false,
    });
    let stop = run(&line, handler);
    line.until("select count(*) from jobs where state = 'done'", 1)
        .await;
    assert_eq!(look().await, 0);
    stop.cancel();
}

#[tokio::test]
async fn a_job_that_keeps_failing_is_given_up_and_shown() {
    let line = Line::at(morning()).await;
    enqueue(&line, "a").await;
    let handler = Arc::new(Counted {
        runs: AtomicUsize::new(0),
        fails: true,
    });
    let stop = run(&line, Arc::clone(&handler) as _);
    for tries in 1..10 {
        let failed = async {
            while handler.runs.load(Ordering::SeqCst) < tries
                || line
                    .scalar("select count(*) from jobs where lease_until = 0")
                    .await
                    == 0
            {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(PATIENCE, failed)
            .await
            .expect("another try");
        line.ground.clock.advance(Duration::from_hours(2));
        line.ground.wakes.jobs.wake();
    }
    line.until("select count(*) from jobs where state = 'dead'", 1)
        .await;
    line.until(
        "select count(*) from attention where kind = 'dead_job' and resolved_at is null",
        1,
    )
    .await;
    stop.cancel();
    assert_eq!(handler.runs.load(Ordering::SeqCst), 10);
}

#[tokio::test]
async fn retention_empties_what_is_old_and_never_forgets_a_key() {
    let line = Line::at(morning()).await;
    line.text("919000000000", "wamid.1", now(&line), "hi").await;
    line.channel.made(1).await;
    line.until("select count(*) from outbox where state = 'accepted'", 1)
        .await;
    line.deliver(b"what nobody can read").await;
    let keep = Duration::from_hours(24 * 30);
    let temporary = tempfile::tempdir().unwrap();
    let folder = MediaFolder::new(temporary.path().to_owned());
    let files = Attachments::new(line.ground.clone(), folder);
    let retention = Retention::new(line.ground.clone(), keep, files);
    let stop = run(&line, Arc::new(retention));
    line.until("select count(*) from jobs", 1).await;
    line.ground.clock.advance(Duration::from_hours(24 * 31));
    line.ground.wakes.jobs.wake();
    line.until("select count(*) from inbox where payload is null", 2)
        .await;
    let set_aside = way_back::set_aside(&line.ground.db).await.unwrap();
    assert!(
        set_aside.is_empty(),
        "nothing can come of it: {set_aside:?}"
    );
    line.until("select count(*) from outbox where payload is null", 1)
        .await;
    stop.cancel();
    line.text("919000000000", "wamid.1", now(&line), "hi").await;
    assert_eq!(line.scalar("select count(*) from inbox").await, 2);
}
