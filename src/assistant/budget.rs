//! What the assistant may cost: tokens and paise by day, for one contact and for all, and
//! how often one contact may ask.

use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use std::num::NonZeroU32;

use crate::id::ContactId;

/// Questions one contact may ask at once, and then a minute.
const QUESTIONS: NonZeroU32 = NonZeroU32::new(10).expect("ten is not zero");
/// Contacts remembered before those that have not asked for long are forgotten.
const REMEMBERED: usize = 10_000;

/// The most of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// For one contact.
    pub contact: Cost,
    /// For all of them together.
    pub all: Cost,
}

/// What was used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Cost {
    /// Tokens, in and out.
    pub tokens: i64,
    /// Millionths of a paisa.
    pub micropaise: i64,
}

/// What a model's tokens cost: rupees for a million of them, in and out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Price {
    /// Read.
    pub input: u32,
    /// Written.
    pub output: u32,
}

impl Price {
    /// Returns what so many tokens cost. A rupee for a million is a hundred millionths of a
    /// paisa each.
    pub fn of(self, input: i64, output: i64) -> Cost {
        let part = |tokens: i64, rupees: u32| tokens.saturating_mul(i64::from(rupees) * 100);
        Cost {
            tokens: input.saturating_add(output),
            micropaise: part(input, self.input).saturating_add(part(output, self.output)),
        }
    }
}

impl Limits {
    /// Says whether more may be used after so much was.
    pub fn allow(&self, contact: Cost, all: Cost) -> bool {
        let is_below = |spent: Cost, most: Cost| {
            spent.tokens < most.tokens && spent.micropaise < most.micropaise
        };
        is_below(contact, self.contact) && is_below(all, self.all)
    }
}

/// How often each contact asks. Counted in this process; the day's limits are rows and
/// count everywhere.
pub struct Pace {
    /// None where nobody is held back.
    limiter: Option<DefaultKeyedRateLimiter<ContactId>>,
}

impl Default for Pace {
    fn default() -> Self {
        let quota = Quota::per_minute(QUESTIONS);
        Self {
            limiter: Some(RateLimiter::keyed(quota)),
        }
    }
}

impl Pace {
    /// Returns a pace that holds nobody back, for questions that are not somebody's who asks.
    pub fn any() -> Self {
        Self { limiter: None }
    }

    /// Says whether a contact may ask now, and counts it.
    pub fn admits(&self, contact: ContactId) -> bool {
        let Some(limiter) = &self.limiter else {
            return true;
        };
        if limiter.len() > REMEMBERED {
            limiter.retain_recent();
        }
        limiter.check_key(&contact).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::Ids;

    #[test]
    fn a_day_ends_at_any_of_its_limits() {
        let cost = |tokens, micropaise| Cost { tokens, micropaise };
        let limits = Limits {
            contact: cost(100, 1_000),
            all: cost(1_000, 10_000),
        };
        assert!(limits.allow(cost(99, 999), cost(999, 9_999)));
        for (contact, all) in [
            (cost(100, 0), cost(0, 0)),
            (cost(0, 1_000), cost(0, 0)),
            (cost(0, 0), cost(1_000, 0)),
            (cost(0, 0), cost(0, 10_000)),
        ] {
            assert!(!limits.allow(contact, all));
        }
    }

    #[test]
    fn tokens_cost_what_the_price_says() {
        let price = Price {
            input: 13,
            output: 50,
        };
        // 10,000 at ₹13 and 1,000 at ₹50 the million: 13 paise and 5 paise.
        assert_eq!(price.of(10_000, 1_000).micropaise, 18_000_000);
        assert_eq!(price.of(i64::MAX, 1).tokens, i64::MAX);
    }

    #[test]
    fn one_contact_that_floods_is_held_back_and_no_other() {
        let (pace, ids) = (Pace::default(), Ids::seeded(1));
        let (one, other) = (
            ids.next(jiff::Timestamp::UNIX_EPOCH),
            ids.next(jiff::Timestamp::UNIX_EPOCH),
        );
        let admitted = (0..100).filter(|_| pace.admits(one)).count();
        assert!((10..15).contains(&admitted), "{admitted}");
        assert!(pace.admits(other));
        assert!((0..100).all(|_| Pace::any().admits(one)));
    }
}
