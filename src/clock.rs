//! The one place that knows what time it is.
//!
//! Everything that waits or stamps asks a [`Clock`], so that a test can stand
//! still, a demo can start on the day of the shipped NAVs, and both can be moved
//! forward. Rules never see a clock: they take `now` as an argument.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use tokio::sync::watch;

/// A clock that can be read, waited on and moved forward.
#[derive(Clone, Debug)]
pub struct Clock {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    source: Source,
    /// Milliseconds added to the source.
    offset: AtomicI64,
    moved: watch::Sender<()>,
}

#[derive(Debug)]
enum Source {
    /// Runs with the machine.
    Running,
    /// Stands still until it is moved.
    Standing(Timestamp),
}

impl Clock {
    /// Returns the machine's own clock.
    pub fn system() -> Self {
        Self::new(Source::Running, 0)
    }

    /// Returns a clock that reads `start` now and runs at the machine's pace.
    pub fn starting_at(start: Timestamp) -> Self {
        let offset = start.as_millisecond() - machine_millis();
        Self::new(Source::Running, offset)
    }

    /// Returns a clock that stands at `at` until [`Clock::advance`] moves it.
    pub fn standing(at: Timestamp) -> Self {
        Self::new(Source::Standing(at), 0)
    }

    fn new(source: Source, offset: i64) -> Self {
        let inner = Inner {
            source,
            offset: AtomicI64::new(offset),
            moved: watch::Sender::new(()),
        };
        Self {
            inner: Arc::new(inner),
        }
    }

    /// Reads the clock, to the millisecond.
    pub fn now(&self) -> Timestamp {
        let source = match self.inner.source {
            Source::Running => machine_millis(),
            Source::Standing(at) => at.as_millisecond(),
        };
        let millis = source + self.inner.offset.load(Ordering::Acquire);
        Timestamp::from_millisecond(millis).expect("a clock within the years 1970 to 9999")
    }

    /// Moves the clock by `by` (backwards only to follow a database's clock) and
    /// wakes everybody who sleeps on it.
    pub fn shift_millis(&self, by: i64) {
        self.inner.offset.fetch_add(by, Ordering::AcqRel);
        self.inner.moved.send_replace(());
    }

    /// Moves the clock forward and wakes everybody who sleeps on it.
    pub fn advance(&self, by: Duration) {
        self.shift_millis(i64::try_from(by.as_millis()).unwrap_or(i64::MAX / 2));
    }

    /// Sleeps until the clock reads `until` or later.
    pub async fn sleep_until(&self, until: Timestamp) {
        let mut moved = self.inner.moved.subscribe();
        loop {
            let left = until.as_millisecond() - self.now().as_millisecond();
            let Ok(left) = u64::try_from(left) else {
                return;
            };
            if left == 0 {
                return;
            }
            match self.inner.source {
                Source::Standing(_) => {
                    let _ = moved.changed().await;
                }
                Source::Running => tokio::select! {
                    () = tokio::time::sleep(Duration::from_millis(left)) => {}
                    _ = moved.changed() => {}
                },
            }
        }
    }

    /// Sleeps for `span` of this clock's time.
    pub async fn sleep(&self, span: Duration) {
        let millis = i64::try_from(span.as_millis()).unwrap_or(i64::MAX / 2);
        let until = self.now().as_millisecond().saturating_add(millis);
        let until = Timestamp::from_millisecond(until).unwrap_or(Timestamp::MAX);
        self.sleep_until(until).await;
    }
}

/// The zone everything is shown in: India, which has had one offset and no
/// daylight saving since 1945.
pub fn ist() -> TimeZone {
    TimeZone::fixed(jiff::tz::offset(5).saturating_add(jiff::Span::new().minutes(30)))
}

#[expect(
    clippy::disallowed_methods,
    reason = "the one place that reads the machine's clock"
)]
fn machine_millis() -> i64 {
    Timestamp::now().as_millisecond()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_standing_clock_wakes_sleepers_when_it_is_moved() {
        let clock = Clock::standing(Timestamp::UNIX_EPOCH);
        let sleeper = {
            let clock = clock.clone();
            async move {
                clock.sleep(Duration::from_hours(1)).await;
                clock.now()
            }
        };
        let mover = async {
            clock.advance(Duration::from_mins(30));
            tokio::task::yield_now().await;
            clock.advance(Duration::from_mins(30));
        };
        let (woken, ()) = tokio::join!(sleeper, mover);
        assert_eq!(woken.as_second(), 3600);
    }

    #[test]
    fn ist_is_five_and_a_half_hours_ahead() {
        let at: Timestamp = "2026-08-24T04:30:00Z".parse().unwrap();
        assert_eq!(
            at.to_zoned(ist()).datetime().to_string(),
            "2026-08-24T10:00:00"
        );
    }
}
