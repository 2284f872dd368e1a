//! How much and how often: limits on money operations of one investor. They stand beside
//! the confirmation and never instead of it.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::flags::Ordinary;
use crate::clock::ist;
use crate::investing::money::Paise;

words! {
    /// What is counted.
    Operation {
        /// A draft was made.
        Draft = "draft",
        /// A redemption or a switch was confirmed.
        Redemption = "redemption",
        /// Anything else that concerns money: a confirmation, a pause, a cancellation.
        Other = "other",
    }
}

/// So many in so long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// At most so many.
    pub most: i64,
    /// Within this.
    pub within: Duration,
}

/// Every limit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Money operations of all kinds.
    pub operations: Rate,
    /// Drafts.
    pub drafts: Rate,
    /// Redemptions and switches.
    pub redemptions: Rate,
    /// Purchases a day in India, until there is a history.
    pub daily_purchases: Paise,
    /// Purchases a day once there is one.
    pub daily_purchases_trusted: Paise,
    /// What makes a history: so many allotted orders, the first so long ago.
    pub trusted_after: (i64, Duration),
    /// Beyond this a person is asked to look; nothing waits for that.
    pub ordinary: Ordinary,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            operations: Rate {
                most: 10,
                within: Duration::from_mins(1),
            },
            drafts: Rate {
                most: 5,
                within: Duration::from_mins(5),
            },
            redemptions: Rate {
                most: 3,
                within: Duration::from_hours(1),
            },
            daily_purchases: Paise(5_00_000_00),
            daily_purchases_trusted: Paise(25_00_000_00),
            trusted_after: (3, Duration::from_hours(90 * 24)),
            ordinary: Ordinary::default(),
        }
    }
}

/// What an investor did so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct History {
    /// Orders that were allotted.
    pub allotted: i64,
    /// When the first of them was made.
    pub first: Option<Timestamp>,
}

/// Which limit was met.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum OverLimit {
    /// Too many within a short time.
    #[error("too many money operations; again at {again_at}")]
    TooMany {
        /// When the next one is taken.
        again_at: Timestamp,
    },
    /// Too much for one day.
    #[error("more than the daily limit for purchases")]
    DailyCap {
        /// The limit.
        cap: Paise,
        /// What is left of it today.
        left: Paise,
    },
}

impl Limits {
    /// Returns the daily limit for purchases: a history only ever raises it.
    pub fn daily_cap(&self, history: History, now: Timestamp) -> Paise {
        let (orders, age) = self.trusted_after;
        let age = i64::try_from(age.as_millis()).unwrap_or(i64::MAX);
        let is_old = history
            .first
            .is_some_and(|first| now.as_millisecond() - first.as_millisecond() >= age);
        if is_old && history.allotted >= orders {
            self.daily_purchases.max(self.daily_purchases_trusted)
        } else {
            self.daily_purchases
        }
    }

    /// Checks that another purchase fits into the day.
    pub fn check_day(&self, cap: Paise, today: Paise, more: Paise) -> Result<(), OverLimit> {
        if today + more <= cap {
            return Ok(());
        }
        let left = (cap - today).max(Paise(0));
        Err(OverLimit::DailyCap { cap, left })
    }
}

impl Rate {
    /// Returns the instant after which operations count at `now`.
    pub fn since(self, now: Timestamp) -> Timestamp {
        now.checked_sub(self.within).unwrap_or(Timestamp::MIN)
    }

    /// Checks that one more may happen, given those since [`Rate::since`], oldest first.
    /// Room is made as the oldest ones leave the window.
    pub fn check(self, earlier: &[Timestamp]) -> Result<(), OverLimit> {
        let most = usize::try_from(self.most).unwrap_or(0);
        if earlier.len() < most {
            return Ok(());
        }
        let leaves = earlier.get(earlier.len() - most.max(1));
        let again_at = leaves.and_then(|at| at.checked_add(self.within).ok());
        Err(OverLimit::TooMany {
            again_at: again_at.unwrap_or(Timestamp::MAX),
        })
    }
}

/// Returns the day of India an instant is in, as it is stored.
pub fn day_of(now: Timestamp) -> String {
    now.to_zoned(ist()).date().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_history_raises_the_daily_limit_and_nothing_lowers_it() {
        let mut limits = Limits::default();
        let now = at("2026-08-24T04:30:00Z");
        let history = |allotted, first| History {
            allotted,
            first: Some(at(first)),
        };
        let low = limits.daily_purchases;
        assert_eq!(limits.daily_cap(History::default(), now), low);
        assert_eq!(
            limits.daily_cap(history(2, "2026-01-01T00:00:00Z"), now),
            low
        );
        assert_eq!(
            limits.daily_cap(history(9, "2026-08-01T00:00:00Z"), now),
            low
        );
        let trusted = limits.daily_cap(history(3, "2026-01-01T00:00:00Z"), now);
        assert_eq!(trusted, limits.daily_purchases_trusted);
        limits.daily_purchases_trusted = Paise(1);
        assert_eq!(
            limits.daily_cap(history(3, "2026-01-01T00:00:00Z"), now),
            low
        );
    }

    #[test]
    fn the_day_ends_at_midnight_in_india() {
        assert_eq!(day_of(at("2026-08-24T18:29:59Z")), "2026-08-24");
        assert_eq!(day_of(at("2026-08-24T18:30:00Z")), "2026-08-25");
    }

    #[test]
    fn the_fourth_redemption_waits_until_the_first_is_an_hour_old() {
        let rate = Limits::default().redemptions;
        let earlier = [
            "2026-08-24T04:00:00Z",
            "2026-08-24T04:10:00Z",
            "2026-08-24T04:20:00Z",
        ]
        .map(at);
        assert_eq!(rate.check(&earlier[..2]), Ok(()));
        let again_at = at("2026-08-24T05:00:00Z");
        assert_eq!(rate.check(&earlier), Err(OverLimit::TooMany { again_at }));
    }

    #[test]
    fn what_is_left_of_the_day_is_said() {
        let limits = Limits::default();
        let cap = Paise(100);
        assert_eq!(limits.check_day(cap, Paise(40), Paise(60)), Ok(()));
        let over = limits.check_day(cap, Paise(40), Paise(61));
        let left = Paise(60);
        assert_eq!(over, Err(OverLimit::DailyCap { cap, left }));
    }
}
