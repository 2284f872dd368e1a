//! Stops asking a model that does not answer, so that nobody waits for it.

use std::time::Duration;

use jiff::Timestamp;

/// Failures in a row after which it is left alone.
const FAILURES: u32 = 3;
/// For how long; then one question goes through to see whether it is back.
const PAUSE: Duration = Duration::from_secs(30);

/// Whether a model is worth asking. Starts by asking.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Breaker {
    failures: u32,
    closed_again_at: Option<Timestamp>,
}

impl Breaker {
    /// Says whether to ask now. After a pause one question goes through, and the next only
    /// after another pause unless that one was answered; a question that was dropped
    /// half-way so leaves nothing behind.
    pub fn admits(&mut self, now: Timestamp) -> bool {
        match self.closed_again_at {
            None => true,
            Some(at) if now >= at => {
                self.closed_again_at = Some(after(now));
                true
            }
            Some(_) => false,
        }
    }

    /// Notes an answer, whatever was in it.
    pub fn answered(&mut self) {
        *self = Self::default();
    }

    /// Notes that no answer came.
    pub fn failed(&mut self, now: Timestamp) {
        self.failures = self.failures.saturating_add(1);
        if self.failures >= FAILURES {
            self.closed_again_at = Some(after(now));
        }
    }

    /// Says whether it is being left alone.
    pub fn is_open(&self) -> bool {
        self.closed_again_at.is_some()
    }
}

fn after(now: Timestamp) -> Timestamp {
    now.checked_add(PAUSE).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn it_opens_after_failures_in_a_row_and_lets_one_question_through_after_a_pause() {
        let mut breaker = Breaker::default();
        breaker.failed(at(0));
        breaker.failed(at(1));
        breaker.answered();
        breaker.failed(at(2));
        breaker.failed(at(3));
        assert!(breaker.admits(at(3)) && !breaker.is_open());
        breaker.failed(at(4));
        assert!(!breaker.admits(at(33)));
        assert!(breaker.admits(at(34)), "one to see");
        assert!(!breaker.admits(at(35)), "and no second");
        breaker.answered();
        assert!(breaker.admits(at(36)));
    }
}
