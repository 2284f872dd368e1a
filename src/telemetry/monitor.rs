//! Keeps what health is judged by, and the judgement that is shown.

use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use jiff::Timestamp;

use super::health::{Judgement, Signals, Steady, Window, judge};

/// Collects signals from everywhere and is judged every few seconds.
#[derive(Debug, Default)]
pub struct Monitor {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    requests: Window,
    database: Option<Duration>,
    inbox_age: Duration,
    steady: Steady,
}

impl Monitor {
    /// Adds an answered request.
    pub fn request(&self, at: Timestamp, took: Duration, is_error: bool) {
        self.lock().requests.add(at, took, is_error);
    }

    /// Keeps how long the database took to answer the last probe.
    pub fn database(&self, took: Duration) {
        self.lock().database = Some(took);
    }

    /// Keeps the age of the oldest message that waits for its turn.
    pub fn inbox_age(&self, age: Duration) {
        self.lock().inbox_age = age;
    }

    /// Judges anew; to be called every two to five seconds.
    pub fn judge(&self, now: Timestamp) -> Judgement {
        let mut state = self.lock();
        let (response_time, errors) = state.requests.summary(now);
        let signals = Signals {
            response_time,
            errors,
            database: state.database,
            inbox_age: state.inbox_age,
        };
        state.steady.observe(judge(&signals), now).clone()
    }

    /// Returns what was judged last.
    pub fn shown(&self) -> Judgement {
        self.lock().steady.shown().clone()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("nobody panics while holding it")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::telemetry::health::Level;

    #[test]
    fn a_slow_database_shows_within_ten_seconds_and_so_does_its_recovery() {
        let monitor = Monitor::default();
        let judged = |second: i64| {
            let now = Timestamp::from_second(1_790_000_000 + second).unwrap();
            monitor.judge(now).level
        };
        monitor.database(Duration::from_millis(600));
        assert_eq!(judged(0), Level::Healthy);
        assert_eq!(judged(5), Level::Unhealthy);
        monitor.database(Duration::from_millis(1));
        assert_eq!(judged(10), Level::Unhealthy);
        assert_eq!(judged(15), Level::Healthy);
        assert_eq!(monitor.shown().level, Level::Healthy);
    }

    #[test]
    fn failing_requests_are_judged_once_there_are_enough() {
        let monitor = Monitor::default();
        let at = |second: i64| Timestamp::from_second(1_790_000_000 + second).unwrap();
        for _ in 0..20 {
            monitor.request(at(0), Duration::from_millis(1), true);
        }
        monitor.judge(at(1));
        assert_eq!(monitor.judge(at(6)).because, ["errors"]);
    }
}
