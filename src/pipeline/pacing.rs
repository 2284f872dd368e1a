//! How fast a number may send, and how fast to one person.
//!
//! Meta counts messages per second and number, in and out together, and about one per
//! six seconds to one person with a burst of 45
//! (<https://developers.facebook.com/docs/whatsapp/cloud-api/overview#throughput>).

use std::collections::{HashMap, VecDeque};

use super::outbox::Lane;

const SECOND: i64 = 1_000;
/// What Meta allows every number, and what is set unless an operator sets another rate.
const USUAL: u32 = 80;
const PAIR_EVERY: i64 = 6_000;
const PAIR_BURST: i64 = 45;
/// Parts of a second that bulk is spread over. Sent in one go it would leave nothing to
/// anybody else until the second is over, and again at the next.
const SLICES: u32 = 20;
const SLICE: i64 = SECOND / SLICES as i64;
/// What bulk leaves free for answers at any moment, in percent of the rate.
const RESERVE: u32 = 5;
/// How often it is asked what came in by other processes.
const ASKED_EVERY: i64 = 250;
/// A throttled number goes on at half its rate, and at no less than this part of it.
const LEAST_PART: u32 = 10;
/// Seconds in which a throttled number grows back from nothing.
const GROWTH: u32 = 20;

/// Counts what went over one number in the last second, exactly: no window of a second
/// holds more than the rate.
#[derive(Debug)]
pub(super) struct NumberRate {
    /// What was set for the number.
    set: u32,
    /// What the number is allowed.
    allowed: u32,
    /// What it sends now: less, after Meta said that it was too much.
    per_second: u32,
    /// When the rate was changed last.
    changed_at: i64,
    /// Milliseconds and how many in each, the oldest first.
    recent: VecDeque<(i64, u32)>,
    used: u32,
    /// Of those, bulk within the last slice.
    bulk: VecDeque<(i64, u32)>,
    /// Of those, what came in.
    arrived: VecDeque<(i64, u32)>,
    /// What came in by other processes, and when that was counted.
    elsewhere: Option<(i64, u32)>,
}

impl NumberRate {
    pub(super) fn new(per_second: u32) -> Self {
        Self {
            set: per_second,
            allowed: per_second,
            per_second,
            changed_at: 0,
            recent: VecDeque::new(),
            used: 0,
            bulk: VecDeque::new(),
            arrived: VecDeque::new(),
            elsewhere: None,
        }
    }

    /// Allows another rate from now on, as Meta says. A rate that an operator has chosen
    /// is never exceeded: another service may send over the same number.
    pub(super) fn allow(&mut self, per_second: u32) {
        let per_second = if self.set == USUAL {
            per_second
        } else {
            per_second.min(self.set)
        };
        if per_second != self.allowed {
            self.allowed = per_second;
            self.per_second = per_second;
        }
    }

    /// Halves the rate, because Meta refused a message as too many. Calls that were under
    /// way together are one reason.
    pub(super) fn throttled(&mut self, now: i64) {
        if now - self.changed_at < SECOND && self.per_second < self.allowed {
            return;
        }
        let least = (self.allowed / LEAST_PART).max(1);
        self.per_second = (self.per_second / 2).max(least);
        self.changed_at = now;
    }

    /// Returns how many more a lane may send now. Bulk leaves a part of the rate to
    /// answers, and is spread over the second.
    pub(super) fn free(&mut self, lane: Lane, now: i64) -> u32 {
        self.grow(now);
        self.forget(now);
        let elsewhere = self.elsewhere.map_or(0, |(_, messages)| messages);
        let used = self.used.saturating_add(elsewhere);
        let free = self.per_second.saturating_sub(used);
        if !lane.is_bulk() {
            return free;
        }
        let reserve = (self.per_second * RESERVE / 100).min(self.per_second - 1);
        let in_slice: u32 = self.bulk.iter().map(|(_, count)| count).sum();
        let slice = self.per_second.div_ceil(SLICES).saturating_sub(in_slice);
        free.saturating_sub(reserve).min(slice)
    }

    /// Counts messages of a lane.
    pub(super) fn count(&mut self, lane: Lane, messages: u32, now: i64) {
        self.forget(now);
        add(&mut self.recent, messages, now);
        self.used = self.used.saturating_add(messages);
        if lane.is_bulk() {
            add(&mut self.bulk, messages, now);
        }
    }

    /// Counts messages that came in.
    pub(super) fn count_arrived(&mut self, messages: u32, now: i64) {
        self.count(Lane::Reply, messages, now);
        add(&mut self.arrived, messages, now);
    }

    /// Learns how many came in within the last second by whichever process: what this one
    /// has not counted counts until it is asked again.
    pub(super) fn arrived_in_all(&mut self, messages: u32, now: i64) {
        self.forget(now);
        let here: u32 = self.arrived.iter().map(|(_, count)| count).sum();
        self.elsewhere = Some((now, messages.saturating_sub(here)));
    }

    /// Returns when something counted stops counting: for bulk, within its slice.
    pub(super) fn frees_at(&self) -> Option<i64> {
        let oldest = self.recent.front().map(|(at, _)| at + SECOND);
        let sliced = self.bulk.front().map(|(at, _)| at + SLICE);
        let counted = self.elsewhere.filter(|(_, messages)| *messages > 0);
        let asked_again = counted.map(|(at, _)| at + ASKED_EVERY);
        let all = oldest.into_iter().chain(sliced).chain(asked_again);
        all.min()
    }

    fn forget(&mut self, now: i64) {
        while let Some((at, count)) = self.recent.front().copied()
            && at + SECOND <= now
        {
            self.used -= count;
            self.recent.pop_front();
        }
        while self.bulk.front().is_some_and(|(at, _)| at + SLICE <= now) {
            self.bulk.pop_front();
        }
        while self
            .arrived
            .front()
            .is_some_and(|(at, _)| at + SECOND <= now)
        {
            self.arrived.pop_front();
        }
        // Whoever asked no more does not send any more either.
        self.elsewhere = self.elsewhere.filter(|(at, _)| at + SECOND > now);
    }

    /// Grows a throttled rate back, step by step.
    fn grow(&mut self, now: i64) {
        let seconds = (now - self.changed_at) / SECOND;
        if self.per_second >= self.allowed || seconds < 1 {
            return;
        }
        let step = (self.allowed / GROWTH).max(1);
        let steps = u32::try_from(seconds).unwrap_or(u32::MAX);
        self.per_second = self.per_second.saturating_add(step.saturating_mul(steps));
        self.per_second = self.per_second.min(self.allowed);
        self.changed_at += seconds * SECOND;
    }
}

fn add(counted: &mut VecDeque<(i64, u32)>, messages: u32, now: i64) {
    match counted.back_mut() {
        Some((at, count)) if *at >= now => *count = count.saturating_add(messages),
        _ => counted.push_back((now, messages)),
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

    /// Sends a contact nothing before this: Meta counted otherwise.
    pub(super) fn block(&mut self, contact: &str, until: i64) {
        let paid_off = self.paid_off.entry(contact.to_owned()).or_insert(until);
        *paid_off = (*paid_off).max(until + (PAIR_BURST - 1) * PAIR_EVERY);
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
    fn bulk_is_spread_over_the_second_and_leaves_room_for_answers() {
        let mut rate = NumberRate::new(100);
        assert_eq!(rate.free(Lane::Marketing, 0), 5);
        rate.count(Lane::Marketing, 5, 0);
        assert_eq!(rate.free(Lane::Marketing, 49), 0);
        assert_eq!(rate.free(Lane::Marketing, 50), 5);
        rate.count(Lane::Reply, 89, 50);
        assert_eq!(rate.free(Lane::Marketing, 60), 1);
        assert_eq!(rate.free(Lane::Reply, 60), 6);
        assert_eq!(rate.frees_at(), Some(1_000));
    }

    #[test]
    fn what_came_in_by_other_processes_counts_too() {
        let mut rate = NumberRate::new(80);
        rate.count_arrived(10, 0);
        rate.arrived_in_all(30, 100);
        assert_eq!(rate.free(Lane::Reply, 100), 50);
        assert_eq!(rate.frees_at(), Some(350), "it is asked again");
        rate.arrived_in_all(5, 350);
        assert_eq!(rate.free(Lane::Reply, 350), 70);
        rate.arrived_in_all(90, 400);
        assert_eq!(rate.free(Lane::Reply, 400), 0);
        assert_eq!(rate.free(Lane::Reply, 1_400), 80, "nobody asks any more");
    }

    #[test]
    fn a_throttled_number_halves_its_rate_once_and_grows_back() {
        let mut rate = NumberRate::new(80);
        for _ in 0..30 {
            rate.throttled(10_000);
        }
        assert_eq!(
            rate.free(Lane::Reply, 10_000),
            40,
            "calls under way are one reason"
        );
        rate.throttled(11_000);
        assert_eq!(rate.free(Lane::Reply, 11_000), 20);
        assert_eq!(rate.free(Lane::Reply, 14_000), 32);
        assert_eq!(rate.free(Lane::Reply, 60_000), 80);
        for second in 61..100 {
            rate.throttled(second * 1_000);
        }
        assert_eq!(rate.free(Lane::Reply, 99_000), 8, "it never stops");
    }

    #[test]
    fn an_upgraded_number_sends_at_its_new_rate() {
        let mut rate = NumberRate::new(80);
        rate.allow(1_000);
        assert_eq!(rate.free(Lane::Reply, 0), 1_000);
    }

    #[test]
    fn a_rate_that_was_chosen_is_not_exceeded_by_an_upgrade() {
        for (chosen, then) in [(20, 20), (400, 400), (2_000, 1_000)] {
            let mut rate = NumberRate::new(chosen);
            rate.allow(1_000);
            assert_eq!(rate.free(Lane::Reply, 0), then, "{chosen}");
        }
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

    #[test]
    fn a_person_whom_meta_counted_otherwise_waits_and_nobody_else() {
        let mut pair = PairRate::default();
        pair.block("a", 4_000);
        assert_eq!((pair.free_at("a", 0), pair.free_at("b", 0)), (4_000, 0));
        assert_eq!(pair.free_at("a", 4_000), 4_000);
        pair.count("a", 4_000);
        assert_eq!(pair.free_at("a", 4_000), 10_000, "the burst is used up");
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
                window.count(Lane::Reply, allowed, now);
                sent.extend((0..allowed).map(|_| now));
            }
            for start in &sent {
                let within = sent.iter().filter(|at| (*start..start + 1_000).contains(at)).count();
                prop_assert!(within <= rate as usize);
            }
        }
    }

    /// A sender's round, in virtual milliseconds, and how long a call to Meta takes.
    const ROUND: i64 = 10;
    const CALL: i64 = 200;

    /// Chats at some share of the rate for a while, beside bulk that has no end; returns
    /// how long each chat message took to be with Meta, and when anything was sent.
    fn runs(rate: u32, chats: &[i64], has_bulk: bool, seconds: i64) -> (Vec<i64>, Vec<(i64, u32)>) {
        let mut window = NumberRate::new(rate);
        let mut bulk_left: u32 = if has_bulk { 100_000 } else { 0 };
        let (mut waits, mut sent) = (Vec::new(), Vec::new());
        let mut next = 0;
        for now in (0..seconds * SECOND).step_by(usize::try_from(ROUND).unwrap()) {
            let mut count = 0;
            while next < chats.len() && chats[next] <= now && window.free(Lane::Reply, now) > 0 {
                window.count(Lane::Reply, 1, now);
                waits.push(now - chats[next] + CALL);
                next += 1;
                count += 1;
            }
            let bulk = window.free(Lane::Marketing, now).min(bulk_left);
            window.count(Lane::Marketing, bulk, now);
            bulk_left -= bulk;
            sent.push((now, count + bulk));
        }
        (waits, sent)
    }

    fn mean(waits: &[i64]) -> f64 {
        let sum: i64 = waits.iter().sum();
        f64::from(u32::try_from(sum).unwrap()) / f64::from(u32::try_from(waits.len()).unwrap())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40))]

        /// Random loads of up to a third of the rate, in clumps, for forty seconds.
        #[test]
        fn a_flood_of_marketing_fills_the_rate_and_delays_no_chat(
            rate in prop::sample::select(vec![80_u32, 250, 1_000]),
            share in 1_u32..34,
            clump in 1_usize..4,
            seed in any::<u64>(),
        ) {
            use rand::{RngExt, SeedableRng};
            let mut random = rand::rngs::StdRng::seed_from_u64(seed);
            let seconds: i64 = 40;
            let count = rate * share / 100 * u32::try_from(seconds).unwrap() / u32::try_from(clump).unwrap();
            let mut chats: Vec<i64> = (0..count.max(1))
                .flat_map(|_| {
                    let at = random.random_range(0..(seconds - 2) * SECOND);
                    std::iter::repeat_n(at, clump)
                })
                .collect();
            chats.sort_unstable();
            let (quiet, _) = runs(rate, &chats, false, seconds);
            let (beside, sent) = runs(rate, &chats, true, seconds);
            prop_assert_eq!(quiet.len(), chats.len());
            prop_assert_eq!(beside.len(), chats.len());
            let mut in_window = 0;
            let mut oldest = 0;
            for (now, count) in &sent {
                in_window += count;
                while sent[oldest].0 + SECOND <= *now {
                    in_window -= sent[oldest].1;
                    oldest += 1;
                }
                prop_assert!(in_window <= rate, "{in_window} in a second");
            }
            let all: u32 = sent.iter().filter(|(at, _)| *at >= SECOND).map(|(_, count)| count).sum();
            let allowed = rate * u32::try_from(seconds - 1).unwrap();
            let used = f64::from(all) / f64::from(allowed);
            prop_assert!(used >= 0.95, "{used} of the rate was used");
            let (beside, quiet) = (mean(&beside), mean(&quiet));
            prop_assert!(beside <= 1.2 * quiet, "{beside} ms beside, {quiet} ms alone");
        }
    }
}
