//! How fast Meta lets a number send, and to how many.

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};

/// In what time people, and marketing to one of them, are counted.
const COUNTED: SignedDuration = SignedDuration::from_hours(24);

/// Messages to one user: one per six seconds, with a burst of 45 borrowed from later.
const PAIR_BURST: f64 = 45.0;
const PAIR_PER_SECOND: f64 = 1.0 / 6.0;

/// A token bucket.
#[derive(Clone, Debug)]
pub(crate) struct Bucket {
    tokens: f64,
    at: Option<Timestamp>,
}

impl Default for Bucket {
    fn default() -> Self {
        Self {
            tokens: 0.0,
            at: None,
        }
    }
}

impl Bucket {
    /// Takes one token at `now`, if there is one.
    pub(crate) fn take(&mut self, now: Timestamp, per_second: f64, burst: f64) -> bool {
        let filled = match self.at {
            None => burst,
            Some(at) => {
                let gone = now.duration_since(at).as_secs_f64().max(0.0);
                (self.tokens + gone * per_second).min(burst)
            }
        };
        self.at = Some(now);
        let taken = filled >= 1.0;
        self.tokens = if taken { filled - 1.0 } else { filled };
        taken
    }

    /// Takes one token of the throughput of a number.
    pub(crate) fn take_throughput(&mut self, now: Timestamp, per_second: u32) -> bool {
        let rate = f64::from(per_second);
        self.take(now, rate, rate)
    }

    /// Takes one token of what may go to one user.
    pub(crate) fn take_pair(&mut self, now: Timestamp) -> bool {
        self.take(now, PAIR_PER_SECOND, PAIR_BURST)
    }
}

/// Whom the business wrote to outside their window, and when last; by where they are kept.
#[derive(Debug, Default)]
pub(crate) struct Reached(HashMap<usize, Timestamp>);

impl Reached {
    /// Counts somebody, if they are among the first `most` people of these 24 hours.
    pub(crate) fn take(&mut self, place: usize, now: Timestamp, most: u32) -> bool {
        self.0.retain(|_, at| now.duration_since(*at) < COUNTED);
        let is_taken = self.0.contains_key(&place) || (self.0.len() as u64) < u64::from(most);
        if is_taken {
            self.0.insert(place, now);
        }
        is_taken
    }
}

/// When somebody was sent marketing outside their window.
#[derive(Debug, Default)]
pub(crate) struct Marketed(Vec<Timestamp>);

impl Marketed {
    /// Counts one more, if it is among the first `most` of these 24 hours.
    pub(crate) fn take(&mut self, now: Timestamp, most: u32) -> bool {
        self.0.retain(|at| now.duration_since(*at) < COUNTED);
        let is_taken = (self.0.len() as u64) < u64::from(most);
        if is_taken {
            self.0.push(now);
        }
        is_taken
    }
}

/// Returns what Meta calls a messaging limit.
pub(crate) fn tier(messaging_limit: Option<u32>) -> &'static str {
    match messaging_limit {
        Some(0..=250) => "TIER_250",
        None | Some(251..=2_000) => "TIER_2K",
        Some(2_001..=10_000) => "TIER_10K",
        Some(10_001..=100_000) => "TIER_100K",
        Some(_) => "TIER_UNLIMITED",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_to_one_user_is_paid_back_at_one_per_six_seconds() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let mut bucket = Bucket::default();
        let burst = (0..60).filter(|_| bucket.take_pair(at(0))).count();
        assert_eq!(burst, 45);
        assert!(!bucket.take_pair(at(5)));
        assert!(bucket.take_pair(at(7)));
        assert!(!bucket.take_pair(at(8)));
    }
}
