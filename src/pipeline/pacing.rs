//! How fast a number may send, and how fast to one person.
//!
//! Meta counts messages per second and number, in and out together, and about one per
//! six seconds to one person with a burst of 45
//! (<https://developers.facebook.com/docs/whatsapp/cloud-api/overview#throughput>).

use std::collections::{HashMap, VecDeque};

use super::outbox::Lane;

const SECOND: i64 = 1_000;
const PAIR_EVERY: i64 = 6_000;
const PAIR_BURST: i64 = 45;

/// Counts what went over one number in the last second, exactly: no window of a second
/// holds more than the rate.
#[derive(Debug)]
pub(super) struct NumberRate {
    per_second: u32,
    /// Milliseconds and how many in each, the oldest first.
    recent: VecDeque<(i64, u32)>,
    used: u32,
}

impl NumberRate {
    pub(super) fn new(per_second: u32) -> Self {
        Self {
            per_second,
            recent: VecDeque::new(),
            used: 0,
        }
    }

    /// Returns how many more a lane may send now. The less urgent lanes leave a share
    /// of the rate to the others.
    pub(super) fn free(&mut self, lane: Lane, now: i64) -> u32 {
        self.forget(now);
        let percent = match lane {
            Lane::Reply | Lane::Agent => 100,
            Lane::Utility => 90,
            Lane::Marketing => 70,
        };
        let share = u64::from(self.per_second) * percent / 100;
        u32::try_from(share)
            .unwrap_or(u32::MAX)
            .saturating_sub(self.used)
    }

    /// Counts messages, sent or received.
    pub(super) fn count(&mut self, messages: u32, now: i64) {
        self.forget(now);
        self.used = self.used.saturating_add(messages);
        match self.recent.back_mut() {
            Some((at, count)) if *at >= now => *count = count.saturating_add(messages),
            _ => self.recent.push_back((now, messages)),
        }
    }

    /// Returns when the oldest message counted leaves the window.
    pub(super) fn frees_at(&self) -> Option<i64> {
        self.recent.front().map(|(at, _)| at + SECOND)
    }

    fn forget(&mut self, now: i64) {
        while let Some((at, count)) = self.recent.front().copied()
            && at + SECOND <= now
        {
            self.used -= count;
            self.recent.pop_front();
        }
    }
}

/// When each person may get the next message.
#[derive(Debug, Default)]
pub(super) struct PairRate {
    /// The time by which what was sent is paid off, for those it is not yet.
    paid_off: HashMap<String, i64>,
}

impl PairRate {
    /// Returns when this contact may be sent a message: now, or later.
    pub(super) fn free_at(&self, contact: &str, now: i64) -> i64 {
        let debt = self.paid_off.get(contact).copied().unwrap_or(now);
        now.max(debt - (PAIR_BURST - 1) * PAIR_EVERY)
    }

    /// Counts a message sent.
    pub(super) fn count(&mut self, contact: &str, now: i64) {
        let paid_off = self.paid_off.entry(contact.to_owned()).or_insert(now);
        *paid_off = (*paid_off).max(now) + PAIR_EVERY;
    }

    /// Forgets those who are even.
    pub(super) fn forget(&mut self, now: i64) {
        self.paid_off.retain(|_, paid_off| *paid_off > now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn marketing_leaves_room_for_replies() {
        let mut rate = NumberRate::new(100);
        rate.count(70, 0);
        assert_eq!(rate.free(Lane::Marketing, 999), 0);
        assert_eq!(rate.free(Lane::Utility, 999), 20);
        assert_eq!(rate.free(Lane::Reply, 999), 30);
        assert_eq!(rate.free(Lane::Marketing, 1_000), 70);
    }

    #[test]
    fn a_person_gets_45_at_once_and_then_one_in_six_seconds() {
        let mut pair = PairRate::default();
        for _ in 0..45 {
            assert_eq!(pair.free_at("a", 0), 0);
            pair.count("a", 0);
        }
        assert_eq!(pair.free_at("a", 0), 6_000);
        assert_eq!(pair.free_at("b", 0), 0);
        pair.forget(45 * 6_000);
        assert!(pair.paid_off.is_empty());
    }

    proptest! {
        #[test]
        fn no_second_ever_holds_more_than_the_rate(
            rate in 1_u32..60,
            steps in prop::collection::vec((0_i64..400, 0_u32..40), 1..60),
        ) {
            let mut window = NumberRate::new(rate);
            let mut sent: Vec<i64> = Vec::new();
            let mut now = 0;
            for (pause, wanted) in steps {
                now += pause;
                let allowed = wanted.min(window.free(Lane::Reply, now));
                window.count(allowed, now);
                sent.extend((0..allowed).map(|_| now));
            }
            for start in &sent {
                let within = sent.iter().filter(|at| (*start..start + 1_000).contains(at)).count();
                prop_assert!(within <= rate as usize);
            }
        }
    }
}
