//! The beginning and the end of a process: what runs in it, and how it stops.
//!
//! Background tasks are started by name. One that ends before it was asked to takes
//! the process down with it: a service whose sender is gone must be started again, not
//! look alive. A stop has one order (stop taking work, let it finish, close) and one
//! budget.

use std::future::Future;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::FutureExt;
use std::panic::AssertUnwindSafe;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// How long a stop may take altogether, well inside the 30 s a process manager allows.
pub const STOP_BUDGET: Duration = Duration::from_secs(25);

/// The running tasks of a process and the wish to stop.
#[derive(Debug, Clone, Default)]
pub struct Lifecycle {
    stop: CancellationToken,
    tasks: TaskTracker,
    broken: Arc<Mutex<Option<BrokenTask>>>,
}

/// A task that ended by itself.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the background task `{name}` ended by itself: {reason}")]
pub struct BrokenTask {
    name: &'static str,
    reason: String,
}

/// The stop took too long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{left} background tasks did not stop in time")]
pub struct TooSlow {
    left: usize,
}

impl Lifecycle {
    /// Returns a token that is cancelled when the process is to stop.
    pub fn stopping(&self) -> CancellationToken {
        self.stop.clone()
    }

    /// Returns whether the stop has begun.
    pub fn is_stopping(&self) -> bool {
        self.stop.is_cancelled()
    }

    /// Asks everything to stop.
    pub fn stop(&self) {
        self.stop.cancel();
    }

    /// Runs `task` until it ends, which it must not do before [`Lifecycle::stop`].
    pub fn spawn_named<E: std::fmt::Display>(
        &self,
        name: &'static str,
        task: impl Future<Output = Result<(), E>> + Send + 'static,
    ) {
        let (stop, broken) = (self.stop.clone(), Arc::clone(&self.broken));
        self.tasks.spawn(async move {
            let reason = match AssertUnwindSafe(task).catch_unwind().await {
                Ok(Ok(())) if stop.is_cancelled() => return,
                Ok(Ok(())) => "it returned".to_owned(),
                Ok(Err(error)) => error.to_string(),
                Err(_) => "it panicked".to_owned(),
            };
            tracing::error!(task = name, reason, "a background task ended by itself");
            broken
                .lock()
                .expect("nobody panics while holding it")
                .get_or_insert(BrokenTask { name, reason });
            stop.cancel();
        });
    }

    /// Waits until every task has ended, or `budget` is used up.
    pub async fn finish(&self, budget: Duration) -> Result<(), TooSlow> {
        self.tasks.close();
        tokio::time::timeout(budget, self.tasks.wait())
            .await
            .map_err(|_| TooSlow {
                left: self.tasks.len(),
            })
    }

    /// Returns the first task that ended by itself.
    pub fn broken(&self) -> Option<BrokenTask> {
        let broken = self.broken.lock().expect("nobody panics while holding it");
        broken.clone()
    }
}

/// Waits for the process manager (SIGTERM) or the keyboard (SIGINT); a second one ends
/// the process at once, for whoever will not wait.
pub async fn stop_on_signal(lifecycle: Lifecycle) -> std::io::Result<()> {
    let mut signals = Signals::listen()?;
    tokio::select! {
        () = signals.next() => tracing::info!("asked to stop"),
        () = lifecycle.stop.cancelled() => {}
    }
    lifecycle.stop();
    tokio::spawn(async move {
        signals.next().await;
        tracing::warn!("asked again: ending at once");
        std::process::exit(130);
    });
    Ok(())
}

#[cfg(unix)]
struct Signals {
    term: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn listen() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            term: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.term.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn listen() -> std::io::Result<Self> {
        Ok(Self)
    }

    async fn next(&mut self) {
        let _ = tokio::signal::ctrl_c().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Outcome = Result<(), &'static str>;

    #[tokio::test]
    async fn tasks_that_end_when_asked_are_no_fault() {
        let lifecycle = Lifecycle::default();
        let stopping = lifecycle.stopping();
        lifecycle.spawn_named("worker", async move {
            stopping.cancelled().await;
            Outcome::Ok(())
        });
        lifecycle.stop();
        lifecycle.finish(STOP_BUDGET).await.unwrap();
        assert_eq!(lifecycle.broken(), None);
    }

    #[tokio::test]
    async fn a_task_that_returns_fails_or_panics_stops_the_process_and_is_named() {
        let run = async |name, task: futures::future::BoxFuture<'static, Outcome>| {
            let lifecycle = Lifecycle::default();
            lifecycle.spawn_named(name, task);
            lifecycle.stopping().cancelled().await;
            lifecycle.finish(STOP_BUDGET).await.unwrap();
            lifecycle.broken().unwrap().to_string()
        };
        let panics = Box::pin(async { panic!("on purpose") });
        assert!(run("sender", panics).await.contains("`sender`"));
        let returns = Box::pin(async { Outcome::Ok(()) });
        assert!(run("sender", returns).await.contains("returned"));
        let fails = Box::pin(async { Outcome::Err("the disk is full") });
        assert!(run("sender", fails).await.contains("disk is full"));
    }

    #[tokio::test]
    async fn a_task_that_does_not_stop_is_left_behind_when_the_budget_is_used_up() {
        let lifecycle = Lifecycle::default();
        lifecycle.spawn_named("stuck", std::future::pending::<Outcome>());
        lifecycle.stop();
        let slow = lifecycle.finish(Duration::ZERO).await.unwrap_err();
        assert_eq!(slow.to_string(), "1 background tasks did not stop in time");
    }
}
