//! How well the service does, judged from what it measures.
//!
//! The worst signal decides. Response time, errors and database time count as worse
//! from the boundary on (exactly 1 s is degraded); the inbox only beyond it. A change
//! is shown once it has held for a few seconds, and within ten.

use std::collections::VecDeque;
use std::time::Duration;

use jiff::Timestamp;
use serde::Serialize;

/// How well, best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// As it should be.
    Healthy,
    /// Slower or more faulty than it should be.
    Degraded,
    /// Somebody should look now.
    Unhealthy,
}

/// A level and the signals that are to blame for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Judgement {
    /// The worst of the signals.
    pub level: Level,
    /// Which signals are at that level; empty when healthy.
    pub because: Vec<&'static str>,
}

/// What was measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Signals {
    /// 95 % of the requests of the last minute were answered within this; none if
    /// there were too few to say.
    pub response_time: Option<Duration>,
    /// Failed requests and all requests of the last minute, with the same proviso.
    pub errors: Option<(usize, usize)>,
    /// How long the database took to answer a probe.
    pub database: Option<Duration>,
    /// Age of the oldest message that waits for its turn.
    pub inbox_age: Duration,
}

/// Judges `signals`.
pub fn judge(signals: &Signals) -> Judgement {
    let millis = Duration::from_millis;
    let levels = [
        (
            "response_time",
            signals
                .response_time
                .map(|t| from(&t, &millis(1_000), &millis(3_000))),
        ),
        (
            "errors",
            signals
                .errors
                .map(|(failed, all)| from(&(failed * 100), &(all * 5), &(all * 15))),
        ),
        (
            "database",
            signals
                .database
                .map(|t| from(&t, &millis(100), &millis(500))),
        ),
        (
            "inbox_age",
            Some(beyond(&signals.inbox_age, &millis(5_000), &millis(60_000))),
        ),
    ];
    let level_of = |level: Option<Level>| level.unwrap_or(Level::Healthy);
    let level = levels
        .iter()
        .map(|(_, level)| level_of(*level))
        .max()
        .unwrap_or(Level::Healthy);
    let because = levels
        .iter()
        .filter(|(_, of)| level > Level::Healthy && level_of(*of) == level)
        .map(|(name, _)| *name)
        .collect();
    Judgement { level, because }
}

fn from<T: PartialOrd>(value: &T, degraded: &T, unhealthy: &T) -> Level {
    if value >= unhealthy {
        Level::Unhealthy
    } else if value >= degraded {
        Level::Degraded
    } else {
        Level::Healthy
    }
}

fn beyond<T: PartialOrd>(value: &T, degraded: &T, unhealthy: &T) -> Level {
    if value > unhealthy {
        Level::Unhealthy
    } else if value > degraded {
        Level::Degraded
    } else {
        Level::Healthy
    }
}

const WINDOW_MILLIS: i64 = 60_000;
const FEWEST_SAMPLES: usize = 20;
/// At thousands of requests a second the newest are a fair sample of the minute.
const MOST_SAMPLES: usize = 10_000;

/// The requests of the last minute.
#[derive(Debug, Default)]
pub struct Window {
    samples: VecDeque<Sample>,
}

#[derive(Debug, Clone, Copy)]
struct Sample {
    at: Timestamp,
    took: Duration,
    is_error: bool,
}

impl Window {
    /// Adds a request that ended at `at`.
    pub fn add(&mut self, at: Timestamp, took: Duration, is_error: bool) {
        if self.samples.len() == MOST_SAMPLES {
            self.samples.pop_front();
        }
        self.samples.push_back(Sample { at, took, is_error });
    }

    /// Returns the response time and errors of the minute before `now`, or neither if
    /// there are too few to judge by.
    pub fn summary(&mut self, now: Timestamp) -> (Option<Duration>, Option<(usize, usize)>) {
        let oldest = now.as_millisecond() - WINDOW_MILLIS;
        self.samples
            .retain(|sample| sample.at.as_millisecond() > oldest);
        let all = self.samples.len();
        if all < FEWEST_SAMPLES {
            return (None, None);
        }
        let mut times: Vec<Duration> = self.samples.iter().map(|sample| sample.took).collect();
        let at = (all * 95).div_ceil(100) - 1;
        let (_, p95, _) = times.select_nth_unstable(at);
        let failed = self.samples.iter().filter(|sample| sample.is_error).count();
        (Some(*p95), Some((failed, all)))
    }
}

const HOLD_MILLIS: i64 = 4_000;

/// Shows a change of level only after it has held for a few seconds.
#[derive(Debug)]
pub struct Steady {
    shown: Judgement,
    changing: Option<(Level, Timestamp)>,
}

impl Default for Steady {
    fn default() -> Self {
        let shown = Judgement {
            level: Level::Healthy,
            because: Vec::new(),
        };
        Self {
            shown,
            changing: None,
        }
    }
}

impl Steady {
    /// Takes the judgement of `now` (one every few seconds) and returns what to show.
    pub fn observe(&mut self, fresh: Judgement, now: Timestamp) -> &Judgement {
        if fresh.level == self.shown.level {
            self.changing = None;
            self.shown = fresh;
            return &self.shown;
        }
        match self.changing {
            Some((level, since)) if level == fresh.level => {
                if now.as_millisecond() - since.as_millisecond() >= HOLD_MILLIS {
                    self.changing = None;
                    self.shown = fresh;
                }
            }
            _ => self.changing = Some((fresh.level, now)),
        }
        &self.shown
    }

    /// Returns what is shown.
    pub fn shown(&self) -> &Judgement {
        &self.shown
    }
}

#[cfg(test)]
mod tests {
    use super::Level::{Degraded, Healthy, Unhealthy};
    use super::*;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millisecond(1_790_000_000_000 + millis).unwrap()
    }

    #[test]
    fn each_signal_changes_level_exactly_at_its_boundary() {
        let micros = Duration::from_micros;
        let response_time = |t| Signals {
            response_time: Some(t),
            ..Signals::default()
        };
        let errors = |failed, all| Signals {
            errors: Some((failed, all)),
            ..Signals::default()
        };
        let database = |t| Signals {
            database: Some(t),
            ..Signals::default()
        };
        let inbox_age = |t| Signals {
            inbox_age: t,
            ..Signals::default()
        };
        for (signals, level) in [
            (response_time(micros(999_999)), Healthy),
            (response_time(micros(1_000_000)), Degraded),
            (response_time(micros(2_999_999)), Degraded),
            (response_time(micros(3_000_000)), Unhealthy),
            (errors(4_999, 100_000), Healthy),
            (errors(5, 100), Degraded),
            (errors(14_999, 100_000), Degraded),
            (errors(15, 100), Unhealthy),
            (database(micros(99_999)), Healthy),
            (database(micros(100_000)), Degraded),
            (database(micros(499_999)), Degraded),
            (database(micros(500_000)), Unhealthy),
            (inbox_age(micros(5_000_000)), Healthy),
            (inbox_age(micros(5_000_001)), Degraded),
            (inbox_age(micros(60_000_000)), Degraded),
            (inbox_age(micros(60_000_001)), Unhealthy),
        ] {
            assert_eq!(judge(&signals).level, level, "{signals:?}");
        }
    }

    #[test]
    fn the_worst_signal_decides_and_is_named() {
        let signals = Signals {
            response_time: Some(Duration::from_secs(2)),
            database: Some(Duration::from_secs(2)),
            ..Signals::default()
        };
        let judgement = judge(&signals);
        assert_eq!(judgement.level, Unhealthy);
        assert_eq!(judgement.because, ["database"]);
        assert!(judge(&Signals::default()).because.is_empty());
    }

    #[test]
    fn fewer_than_twenty_requests_of_the_last_minute_say_nothing() {
        let mut window = Window::default();
        for n in 0..19 {
            window.add(at(n), Duration::from_secs(9), true);
        }
        assert_eq!(window.summary(at(100)), (None, None));
        window.add(at(50), Duration::from_secs(9), true);
        let (p95, errors) = window.summary(at(100));
        assert_eq!(
            (p95, errors),
            (Some(Duration::from_secs(9)), Some((20, 20)))
        );
        assert_eq!(
            window.summary(at(60_000)),
            (None, None),
            "the first is a minute old"
        );
    }

    #[test]
    fn five_slow_requests_in_a_hundred_are_not_the_service() {
        let mut window = Window::default();
        for n in 0..100 {
            let took = if n < 5 { 9_000 } else { 10 };
            window.add(at(n), Duration::from_millis(took), false);
        }
        assert_eq!(window.summary(at(200)).0, Some(Duration::from_millis(10)));
        window.add(at(150), Duration::from_secs(9), false);
        assert_eq!(window.summary(at(200)).0, Some(Duration::from_secs(9)));
    }

    #[test]
    fn a_flapping_signal_is_not_shown_and_a_lasting_one_within_ten_seconds() {
        let bad = || Judgement {
            level: Degraded,
            because: vec!["database"],
        };
        let good = || judge(&Signals::default());
        let mut steady = Steady::default();
        for n in 0..10 {
            let fresh = if n % 2 == 0 { bad() } else { good() };
            assert_eq!(steady.observe(fresh, at(n * 2_000)).level, Healthy);
        }
        assert_eq!(steady.observe(bad(), at(30_000)).level, Healthy);
        assert_eq!(steady.observe(bad(), at(35_000)).level, Degraded);
        assert_eq!(steady.observe(good(), at(40_000)).level, Degraded);
        assert_eq!(steady.observe(good(), at(45_000)).level, Healthy);
    }
}
