//! What utility and authentication messages cost beyond a volume.
//!
//! Meta counts the charged messages of a month over all numbers of a business portfolio, and
//! those beyond a tier's volume cost its rate: no message before is made cheaper by them
//! (<https://developers.facebook.com/docs/whatsapp/pricing>). Answers have no tiers. None are
//! shipped: they are on Meta's rate card of the market, for whoever sends that much.

use jiff::civil::Date;
use serde::Deserialize;

use super::table;

/// Categories that have tiers.
const CATEGORIES: [&str; 2] = ["utility", "authentication"];

/// One tier.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Tier {
    /// The first day it counts, in India; rates change at the beginning of a quarter only.
    pub from: Date,
    /// What for: `utility` or `authentication`.
    pub category: String,
    /// Charged messages of a month that come before it.
    pub after: i64,
    /// Thousandths of a paisa for each message beyond them.
    pub millipaise: i64,
}

/// Why a file of tiers is not taken.
#[derive(Debug, thiserror::Error)]
pub enum Unfit {
    /// It is no table of tiers.
    #[error("it does not read as from,category,after,millipaise: {0}")]
    Unreadable(#[from] csv::Error),
    /// A row says what cannot be.
    #[error("row {row}: {what}")]
    Row {
        /// Which, from 1, without the heading and lines that begin with #.
        row: usize,
        /// What is wrong.
        what: String,
    },
}

/// Reads a file of tiers; lines that begin with # explain it.
pub fn read(text: &str) -> Result<Vec<Tier>, Unfit> {
    let tiers: Vec<Tier> = table(text)?;
    for (row, tier) in (1..).zip(&tiers) {
        let what = if !CATEGORIES.contains(&tier.category.as_str()) {
            format!(
                "only utility and authentication have tiers, not `{}`",
                tier.category
            )
        } else if tier.after < 1 {
            format!("a tier begins after 1 message or more, not {}", tier.after)
        } else if tier.millipaise < 0 {
            format!("a message costs 0 or more, not {}", tier.millipaise)
        } else if is_twice(tier, &tiers) {
            format!("{} after {} stands there twice", tier.category, tier.after)
        } else {
            continue;
        };
        return Err(Unfit::Row { row, what });
    }
    Ok(tiers)
}

fn is_twice(tier: &Tier, all: &[Tier]) -> bool {
    let key = |one: &Tier| (one.from, one.category.clone(), one.after);
    all.iter().filter(|one| key(one) == key(tier)).count() > 1
}

/// Returns the tiers that count on a day, those of the greatest volume first: of each category
/// the newest card alone.
pub fn on(tiers: &[Tier], day: Date) -> Vec<&Tier> {
    let newest = |category: &str| {
        let known = tiers
            .iter()
            .filter(|one| one.category == category && one.from <= day);
        known.map(|one| one.from).max()
    };
    let counts = |one: &&Tier| newest(&one.category) == Some(one.from);
    let mut counting: Vec<_> = tiers.iter().filter(counts).collect();
    counting.sort_by_key(|one| std::cmp::Reverse(one.after));
    counting
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    const HEAD: &str = "# A comment.\nfrom,category,after,millipaise\n";

    #[test]
    fn of_each_category_the_newest_card_counts_the_greatest_volume_first() {
        let text = format!(
            "{HEAD}2026-01-01,utility,100,11000\n2026-01-01,utility,500,10000\n\
             2026-10-01,utility,200,9000\n2026-01-01,authentication,50,8000\n"
        );
        let tiers = read(&text).unwrap();
        let counting = |day| {
            let all = on(&tiers, day);
            all.into_iter()
                .map(|one| (one.category.clone(), one.after))
                .collect::<Vec<_>>()
        };
        assert_eq!(counting(date(2025, 12, 31)), []);
        let (utility, code) = ("utility".to_owned(), "authentication".to_owned());
        assert_eq!(
            counting(date(2026, 9, 30)),
            [
                (utility.clone(), 500),
                (utility.clone(), 100),
                (code.clone(), 50)
            ]
        );
        assert_eq!(counting(date(2026, 10, 1)), [(utility, 200), (code, 50)]);
    }

    #[test]
    fn a_row_that_cannot_be_is_named_with_what_is_wrong() {
        assert_eq!(read(HEAD).unwrap(), []);
        for (row, word) in [
            ("2026-01-01,marketing,100,1", "only utility"),
            ("2026-01-01,utility,0,1", "1 message or more"),
            ("2026-01-01,utility,1,-1", "0 or more"),
            ("2026-01-01,utility,1,1\n2026-01-01,utility,1,2", "twice"),
            ("January,utility,1,1", "does not read"),
        ] {
            let said = read(&format!("{HEAD}{row}\n")).unwrap_err().to_string();
            assert!(said.contains(word), "{said}");
        }
    }
}
