//! Stands still while Meta answers nobody.
//!
//! A call without an answer costs its message: nobody knows whether it was sent, and it is
//! said once more at most. So after a few in a row only one message at a time is tried,
//! and the pauses between grow. The first answer, whatever it says, ends it.

use std::time::Duration;

/// Calls in a row without an answer after which one at a time tries.
const IN_A_ROW: u32 = 5;
/// The first pause, which doubles with each try in vain.
const FIRST: Duration = Duration::from_secs(1);
/// The longest pause: so long at most does it take to notice that Meta is back.
const LONGEST: Duration = Duration::from_secs(30);

/// Counts calls without an answer. Only those begun after the last answer, and after the
/// last pause, tell something new: of many under way together, all break at once.
#[derive(Debug, Default)]
pub(super) struct Breaker {
    /// Grows with each answer and each pause.
    round: u64,
    /// Calls of this round that got no answer.
    unanswered: u32,
    /// Pauses since the last answer.
    pauses: u32,
}

/// When a call began.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Begun(u64);

impl Breaker {
    /// Returns what tells later whether the end of a call that begins now is news.
    pub(super) fn begin(&self) -> Begun {
        Begun(self.round)
    }

    /// Meta answered; returns whether that ends a pause.
    pub(super) fn answered(&mut self) -> bool {
        let was_open = self.is_open();
        *self = Self {
            round: self.round + 1,
            ..Self::default()
        };
        was_open
    }

    /// A call got no answer; returns how long to stand still, if it is to be.
    pub(super) fn unanswered(&mut self, begun: Begun) -> Option<Duration> {
        if begun != self.begin() {
            return None;
        }
        self.unanswered += 1;
        if !self.is_open() && self.unanswered < IN_A_ROW {
            return None;
        }
        let pause = (FIRST * 2_u32.pow(self.pauses.min(16))).min(LONGEST);
        *self = Self {
            round: self.round + 1,
            unanswered: 0,
            pauses: self.pauses + 1,
        };
        Some(pause)
    }

    /// Returns whether only one message at a time is to be tried.
    pub(super) fn is_open(&self) -> bool {
        self.pauses > 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fail(breaker: &mut Breaker) -> Option<Duration> {
        breaker.unanswered(breaker.begin())
    }

    #[test]
    fn the_fifth_call_in_a_row_without_an_answer_opens_it_and_pauses_grow_to_half_a_minute() {
        let mut breaker = Breaker::default();
        for _ in 0..4 {
            assert_eq!(fail(&mut breaker), None);
        }
        assert!(!breaker.is_open());
        let pauses: Vec<_> = (0..8).filter_map(|_| fail(&mut breaker)).collect();
        let seconds: Vec<_> = pauses.iter().map(Duration::as_secs).collect();
        assert_eq!(seconds, [1, 2, 4, 8, 16, 30, 30, 30]);
        assert!(breaker.is_open());
    }

    #[test]
    fn an_answer_closes_it_and_the_count_begins_anew() {
        let mut breaker = Breaker::default();
        for _ in 0..4 {
            fail(&mut breaker);
        }
        assert!(!breaker.answered());
        for _ in 0..4 {
            assert_eq!(fail(&mut breaker), None);
        }
        assert!(fail(&mut breaker).is_some());
        assert!(breaker.answered());
        assert!(!breaker.is_open());
        assert_eq!(fail(&mut breaker), None);
    }

    #[test]
    fn many_calls_that_break_together_make_one_pause_and_old_ones_none() {
        let mut breaker = Breaker::default();
        let old = breaker.begin();
        breaker.answered();
        let begun = breaker.begin();
        let pauses: Vec<_> = (0..256).filter_map(|_| breaker.unanswered(begun)).collect();
        assert_eq!(pauses, [FIRST]);
        for _ in 0..256 {
            assert_eq!(breaker.unanswered(old), None);
        }
    }
}
