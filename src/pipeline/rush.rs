//! Acks before answers.
//!
//! Meta waits for the 200 and delivers again what it did not get, which makes a burst
//! worse. So while many webhooks wait for their commit, turns hold back: the burst is
//! taken in as fast as it can be made durable, and worked off after it, in batches that
//! are larger and cost less. Nobody starves. A round of turns goes in any case each
//! [`SHARE`], whoever has waited longest first, and turns that have fallen behind for
//! [`LONGEST`] hold back no more: then acks become slower, which is what slows a sender
//! down that never ceases.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// Webhooks that wait for their commit at a time, from which on it is a burst. At a steady
/// pace there are hardly ever two.
const MANY: usize = 16;
/// How long a burst is not over yet: those that share a commit are all answered at once,
/// and the next ones are on their way.
const CALM: Duration = Duration::from_millis(20);
/// How far apart rounds of turns are during a burst.
const SHARE: Duration = Duration::from_millis(100);
/// How long turns hold back before they have caught up.
const LONGEST: Duration = Duration::from_secs(10);

/// How many webhooks wait for their commit.
#[derive(Debug, Clone)]
pub(super) struct Rush {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    waiting: AtomicUsize,
    started: Instant,
    /// When it is calm again, in milliseconds after the start.
    calm_at: AtomicU64,
}

/// A webhook that waits for its commit, until dropped.
pub(super) struct Waiting<'a>(&'a Inner);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.waiting.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Rush {
    pub(super) fn new() -> Self {
        let inner = Inner {
            waiting: AtomicUsize::new(0),
            started: Instant::now(),
            calm_at: AtomicU64::new(0),
        };
        Self {
            inner: Arc::new(inner),
        }
    }

    /// Counts a webhook in for as long as it waits.
    pub(super) fn enter(&self) -> Waiting<'_> {
        let before = self.inner.waiting.fetch_add(1, Ordering::Relaxed);
        if before + 1 >= MANY {
            let calm_at = self.inner.started.elapsed() + CALM;
            let calm_at = u64::try_from(calm_at.as_millis()).unwrap_or(u64::MAX);
            self.inner.calm_at.store(calm_at, Ordering::Relaxed);
        }
        Waiting(&self.inner)
    }

    /// Returns how long the burst will go on at least, if there is one.
    fn calm_in(&self) -> Option<Duration> {
        let calm_at = self.inner.calm_at.load(Ordering::Relaxed);
        let left = Duration::from_millis(calm_at).checked_sub(self.inner.started.elapsed())?;
        (!left.is_zero()).then_some(left)
    }
}

/// When turns went last, and since when they are behind.
#[derive(Debug, Default)]
pub(super) struct Pace {
    went: Option<Instant>,
    behind_since: Option<Instant>,
}

impl Pace {
    /// Waits while turns are to hold back.
    pub(super) async fn hold_back(&mut self, rush: &Rush) {
        loop {
            let now = Instant::now();
            let since = |at: Option<Instant>| at.map(|at| now.saturating_duration_since(at));
            let behind = since(self.behind_since).unwrap_or_default();
            let Some(pause) = pause(rush.calm_in(), behind, since(self.went)) else {
                break;
            };
            self.behind_since.get_or_insert(now);
            tokio::time::sleep(pause).await;
        }
        self.went = Some(Instant::now());
    }

    /// Notes that nothing waits for a turn any more.
    pub(super) fn caught_up(&mut self) {
        self.behind_since = None;
    }
}

/// Returns for how long turns are to hold back, if they are: it is calm in so long at the
/// earliest, they have been behind for so long, and went so long ago.
fn pause(calm_in: Option<Duration>, behind: Duration, went: Option<Duration>) -> Option<Duration> {
    let left = SHARE.checked_sub(went?)?;
    let pause = calm_in?.min(left);
    (behind < LONGEST && !pause.is_zero()).then_some(pause)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    #[test]
    fn turns_hold_back_in_a_burst_only_and_never_for_long() {
        let burst = Some(CALM);
        assert_eq!(pause(None, Duration::ZERO, Some(MS)), None, "no burst");
        assert_eq!(pause(burst, Duration::ZERO, None), None, "none went yet");
        assert_eq!(pause(burst, MS, Some(MS)), Some(CALM), "until it is calm");
        let nearly = SHARE.saturating_sub(MS);
        assert_eq!(pause(burst, MS, Some(nearly)), Some(MS), "their share");
        assert_eq!(pause(burst, MS, Some(SHARE)), None, "their share");
        assert_eq!(pause(burst, LONGEST, Some(MS)), None, "behind for too long");
    }

    #[test]
    fn a_few_webhooks_at_a_time_are_no_burst_and_many_are() {
        let rush = Rush::new();
        for _ in 0..100 {
            let _few: Vec<_> = (1..MANY).map(|_| rush.enter()).collect();
        }
        assert_eq!(rush.calm_in(), None);
        let _many: Vec<_> = (0..MANY).map(|_| rush.enter()).collect();
        let calm_at = rush.inner.calm_at.load(Ordering::Relaxed);
        assert!(Duration::from_millis(calm_at) >= CALM);
    }
}
