//! What is out of the ordinary for an investor, for a person to look at: it holds nothing
//! up, and the investor is not told, as the law on money laundering wants it.
//!
//! The thresholds are the house's own and no regulator's.

use std::time::Duration;

use super::limits::Rate;
use crate::investing::money::{Paise, inr};

/// What counts as out of the ordinary.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ordinary {
    /// A purchase below this is never too large.
    pub amount: Paise,
    /// So many times the largest of the year before is.
    pub times: i64,
    /// Purchases in a short time: many small ones stay below what is asked about.
    pub purchases: Rate,
}

impl Default for Ordinary {
    fn default() -> Self {
        Self {
            amount: Paise(2_00_000_00),
            times: 5,
            purchases: Rate {
                most: 5,
                within: Duration::from_hours(24),
            },
        }
    }
}

/// What an investor bought before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Before {
    /// The largest purchase within a year.
    pub largest: Paise,
    /// Purchases within the time of [`Ordinary::purchases`].
    pub lately: i64,
}

/// What is out of the ordinary: its kind under `attention`, and in words.
pub type Flag = (&'static str, String);

impl Ordinary {
    /// Returns what is out of the ordinary in a purchase.
    pub fn flags(&self, amount: Paise, before: Before) -> Vec<Flag> {
        let mut flags = Vec::new();
        let rupees = |amount: Paise| inr(amount.rupees(), 2);
        if amount >= self.amount && amount.0 >= before.largest.0.saturating_mul(self.times) {
            let (now, largest) = (rupees(amount), rupees(before.largest));
            let detail = format!(
                "a purchase of {now}; the largest of the year before was {largest}. See whose \
                 money it is; the investor is not to be told of this"
            );
            flags.push(("unusual_amount", detail));
        }
        if before.lately >= self.purchases.most {
            let (count, hours) = (before.lately + 1, self.purchases.within.as_secs() / 3_600);
            let detail = format!(
                "{count} purchases within {hours} hours. See whether one was cut into many; the \
                 investor is not to be told of this"
            );
            flags.push(("unusual_velocity", detail));
        }
        flags
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_large_for_this_investor_or_one_of_many_is_flagged_and_nothing_else() {
        let kinds = |rupees: i64, largest: i64, lately| -> Vec<&str> {
            let before = Before {
                largest: Paise(largest * 100),
                lately,
            };
            let flags = Ordinary::default().flags(Paise(rupees * 100), before);
            flags.into_iter().map(|(kind, _)| kind).collect()
        };
        let none: [&str; 0] = [];
        assert_eq!(kinds(1_99_999, 0, 0), none, "small, whatever was before");
        assert_eq!(kinds(2_00_000, 0, 0), ["unusual_amount"]);
        assert_eq!(kinds(5_00_000, 1_00_000, 0), ["unusual_amount"]);
        assert_eq!(kinds(4_99_999, 1_00_000, 0), none);
        assert_eq!(kinds(500, 500, 4), none);
        assert_eq!(kinds(500, 500, 5), ["unusual_velocity"]);
        assert_eq!(kinds(3_00_000, 500, 9).len(), 2);
    }
}
