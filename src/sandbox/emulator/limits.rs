//! How fast Meta lets a number send.

use jiff::Timestamp;

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
