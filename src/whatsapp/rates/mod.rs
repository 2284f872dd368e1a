//! What a delivered message costs, by dated rate cards.
//!
//! Meta names the category of each message it charges for and not the price; the price is
//! in its rate card. Reckoned in thousandths of a paisa, because a message costs 11.5 paise.

pub mod tiers;

use std::sync::LazyLock;

use jiff::civil::Date;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

const INDIA: &str = include_str!("india.csv");
const GST: &str = include_str!("gst.csv");

/// What Meta says of the price of a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pricing {
    /// Whether it is charged, where Meta says so.
    pub billable: Option<bool>,
    /// `regular`, `free_customer_service`, `free_entry_point`, or a word of later.
    pub kind: String,
    /// `marketing`, `utility`, `service`, or a word of later.
    pub category: String,
}

impl Pricing {
    /// Returns whether Meta says that it costs nothing.
    pub fn is_free(&self) -> bool {
        self.billable == Some(false) || self.kind.starts_with("free_")
    }

    /// Returns the category that the rate card knows.
    fn rated(&self) -> &str {
        match self.category.as_str() {
            "marketing_lite" => "marketing",
            other => other,
        }
    }
}

/// A line of the rate card.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Rate {
    /// The first day it counts, in India.
    pub from: Date,
    /// What for.
    pub category: String,
    /// Thousandths of a paisa.
    pub millipaise: i64,
    /// Messages of a month that cost nothing.
    pub free_a_month: i64,
}

/// A rate of tax.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
struct Tax {
    /// The first day it counts, in India.
    from: Date,
    /// Tenths of a per cent.
    per_mille: i64,
}

/// Returns the GST on what is billed on a day, in tenths of a per cent.
pub fn gst(on: Date) -> i64 {
    static RATES: LazyLock<Vec<Tax>> =
        LazyLock::new(|| table(GST).expect("the shipped rates read; a test reads them"));
    let known = RATES.iter().filter(|tax| tax.from <= on);
    known
        .max_by_key(|tax| tax.from)
        .map_or(0, |tax| tax.per_mille)
}

/// Returns the tax on an amount, in whole paise: half a paisa is rounded up. The amount is in
/// thousandths of a paisa, the rate in tenths of a per cent.
pub fn tax_paise(millipaise: i64, per_mille: i64) -> i64 {
    const WHOLE: i128 = 1_000 * 1_000;
    let exact = i128::from(millipaise) * i128::from(per_mille);
    let paise = (exact + WHOLE / 2).div_euclid(WHOLE);
    i64::try_from(paise).unwrap_or(i64::MAX)
}

/// Reads a table; lines that begin with # explain it.
fn table<T: DeserializeOwned>(text: &str) -> Result<Vec<T>, csv::Error> {
    let mut reader = csv::ReaderBuilder::new()
        .comment(Some(b'#'))
        .from_reader(text.as_bytes());
    reader.deserialize().collect()
}

static CARD: LazyLock<Vec<Rate>> =
    LazyLock::new(|| table(INDIA).expect("the shipped card reads; a test reads it"));

fn newest_card(on: Date) -> Option<Date> {
    let known = CARD.iter().map(|rate| rate.from);
    known.filter(|from| *from <= on).max()
}

/// Returns the rate that counts for a category on a day; nothing where the card has none.
pub fn rate(category: &str, on: Date) -> Option<&'static Rate> {
    let known = CARD
        .iter()
        .filter(|rate| rate.category == category && rate.from <= on);
    known.max_by_key(|rate| rate.from)
}

/// Returns what a message costs before the monthly allowance, in thousandths of a paisa,
/// and the card it is reckoned by; nothing where the card has no rate for it. What is free
/// needs none: the categories that always are, such as `referral_conversion`, have none.
pub fn price(pricing: &Pricing, on: Date) -> Option<(i64, Date)> {
    let rate = rate(pricing.rated(), on);
    if pricing.is_free() {
        let card = rate.map(|rate| rate.from).or_else(|| newest_card(on))?;
        return Some((0, card));
    }
    let rate = rate?;
    Some((rate.millipaise, rate.from))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn pricing(category: &str, kind: &str, billable: Option<bool>) -> Pricing {
        Pricing {
            billable,
            kind: kind.into(),
            category: category.into(),
        }
    }

    #[test]
    fn the_shipped_card_reads_and_has_a_source() {
        assert_eq!(table::<Rate>(INDIA).unwrap().len(), 6);
        assert_eq!(table::<Tax>(GST).unwrap().len(), 1);
        assert!(INDIA.contains("https://") && INDIA.contains("20-Nov-2026"));
    }

    #[test]
    fn the_price_is_that_of_its_day() {
        let (september, october) = (date(2026, 9, 30), date(2026, 10, 1));
        for (category, kind, billable, on, expected) in [
            (
                "marketing",
                "regular",
                Some(true),
                date(2025, 12, 31),
                Some(78_460),
            ),
            (
                "marketing",
                "regular",
                Some(true),
                date(2026, 1, 1),
                Some(86_310),
            ),
            ("marketing_lite", "regular", None, october, Some(86_310)),
            ("utility", "regular", Some(true), october, Some(11_500)),
            (
                "utility",
                "free_customer_service",
                Some(false),
                september,
                Some(0),
            ),
            (
                "authentication",
                "regular",
                Some(true),
                october,
                Some(11_500),
            ),
            (
                "service",
                "free_customer_service",
                Some(false),
                september,
                Some(0),
            ),
            (
                "referral_conversion",
                "free_entry_point",
                Some(false),
                october,
                Some(0),
            ),
            ("service", "regular", Some(true), september, Some(0)),
            ("service", "regular", Some(true), october, Some(11_500)),
            ("service", "free_entry_point", None, october, Some(0)),
            ("service", "regular", Some(false), october, Some(0)),
            (
                "authentication-international",
                "regular",
                Some(true),
                october,
                None,
            ),
            ("utility", "regular", Some(true), date(2025, 6, 30), None),
        ] {
            let priced = price(&pricing(category, kind, billable), on);
            assert_eq!(
                priced.map(|(price, _)| price),
                expected,
                "{category} {kind} {on}"
            );
        }
    }

    #[test]
    fn the_tax_is_that_of_its_day_in_whole_paise_half_a_one_rounded_up() {
        assert_eq!(gst(date(2017, 6, 30)), 0);
        assert_eq!(gst(date(2026, 11, 1)), 180);
        for (millipaise, paise) in [
            (0, 0),
            (11_500, 2),
            (86_310, 16),
            // Two and a half paise, and a thousandth of a paisa less.
            (13_889, 3),
            (13_888, 2),
            (100_000_000, 18_000),
            (i64::MAX, 1_660_206_966_633_860),
        ] {
            assert_eq!(tax_paise(millipaise, 180), paise, "{millipaise}");
        }
    }

    #[test]
    fn answers_are_free_a_thousand_times_a_month_since_october() {
        assert_eq!(rate("service", date(2026, 9, 30)).unwrap().free_a_month, 0);
        assert_eq!(
            rate("service", date(2026, 10, 1)).unwrap().free_a_month,
            1_000
        );
    }
}
