//! Rupees and how India writes them.

use std::iter::Sum;
use std::ops::{Add, Neg, Sub};

use jiff::civil::Date;
use rust_decimal::prelude::ToPrimitive;
use rust_decimal::{Decimal, RoundingStrategy};

/// An amount of money in integer paise.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Default,
    serde::Serialize,
    serde::Deserialize,
)]
pub struct Paise(pub i64);

impl Paise {
    /// Returns the amount in rupees.
    pub fn rupees(self) -> Decimal {
        Decimal::new(self.0, 2)
    }

    /// Rounds rupees half up to paise; `None` if they are beyond counting.
    pub fn from_rupees(rupees: Decimal) -> Option<Self> {
        let paise = rupees.checked_mul(Decimal::ONE_HUNDRED)?;
        round(paise, 0).to_i64().map(Self)
    }
}

impl Add for Paise {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl Sub for Paise {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self(self.0 - other.0)
    }
}

impl Neg for Paise {
    type Output = Self;

    fn neg(self) -> Self {
        Self(-self.0)
    }
}

impl Sum for Paise {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::default(), Add::add)
    }
}

/// Writes an amount as `₹1,23,456.78` with `dp` decimals, rounding half up.
pub fn inr(amount: Decimal, dp: u32) -> String {
    let amount = round(amount, dp);
    let digits = with_decimals(amount.abs(), dp);
    let (whole, fraction) = digits.split_at(digits.find('.').unwrap_or(digits.len()));
    let sign = if amount.is_zero() || amount.is_sign_positive() {
        ""
    } else {
        "-"
    };
    format!("{sign}₹{}{fraction}", group(whole))
}

/// Writes an amount as `₹1.5 L` or `₹2.56 Cr`; under a lakh as [`inr`] does without decimals.
pub fn inr_short(amount: Decimal) -> String {
    const LAKH: Decimal = Decimal::from_parts(100_000, 0, 0, false, 0);
    const CRORE: Decimal = Decimal::from_parts(10_000_000, 0, 0, false, 0);
    let lakhs = round(amount / LAKH, 2).normalize();
    if round(amount.abs(), 0) < LAKH {
        inr(amount, 0)
    } else if lakhs.abs() < Decimal::ONE_HUNDRED {
        shortened(lakhs, "L")
    } else {
        shortened(round(amount / CRORE, 2).normalize(), "Cr")
    }
}

fn shortened(amount: Decimal, unit: &str) -> String {
    format!("{} {unit}", inr(amount, amount.scale()))
}

/// Writes a fraction as a percentage with two decimals: `0.1196` is `11.96%`.
pub fn percent(fraction: Decimal) -> String {
    let percent = round(fraction * Decimal::ONE_HUNDRED, 2);
    let percent = if percent.is_zero() {
        Decimal::ZERO
    } else {
        percent
    };
    format!("{}%", with_decimals(percent, 2))
}

/// Writes a rate that was computed in floating point, as [`percent`] does.
pub fn percent_f64(fraction: f64) -> String {
    percent(Decimal::from_f64_retain(fraction).unwrap_or_default())
}

/// Writes units with three decimals.
pub fn units(units: Decimal) -> String {
    with_decimals(round(units, 3), 3)
}

/// Writes a NAV with four decimals.
pub fn nav(nav: Decimal) -> String {
    with_decimals(round(nav, 4), 4)
}

/// Writes a date as `21-Aug-2026`.
pub fn date(date: Date) -> String {
    date.strftime("%d-%b-%Y").to_string()
}

/// Writes a month as `Jul-2026`.
pub fn month(day: Date) -> String {
    day.strftime("%b-%Y").to_string()
}

/// Writes a period, or the one day it is.
pub fn span(from: Date, to: Date) -> String {
    if from == to {
        date(from)
    } else {
        format!("{} – {}", date(from), date(to))
    }
}

fn round(amount: Decimal, dp: u32) -> Decimal {
    amount.round_dp_with_strategy(dp, RoundingStrategy::MidpointAwayFromZero)
}

fn with_decimals(amount: Decimal, dp: u32) -> String {
    format!("{amount:.*}", dp as usize)
}

/// Puts commas as India does: the last three digits, then pairs.
fn group(digits: &str) -> String {
    let mut text = String::with_capacity(digits.len() + digits.len() / 2);
    for (at, digit) in digits.chars().enumerate() {
        let left = digits.len() - at;
        if at > 0 && (left == 3 || (left > 3 && left % 2 == 1)) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::investing::tests::vectors;

    #[test]
    fn rupees_are_written_as_the_vectors_have_them() {
        for row in vectors::rows("format_inr") {
            let dp = u32::try_from(row["dp"].as_u64().unwrap()).unwrap();
            assert_eq!(inr(vectors::decimal(&row["value"]), dp), row["text"]);
        }
        for row in vectors::rows("format_inr_short") {
            assert_eq!(inr_short(vectors::decimal(&row["value"])), row["text"]);
        }
    }

    #[test]
    fn rounding_never_shows_a_hundred_lakhs_or_a_negative_zero() {
        let d = |text: &str| text.parse::<Decimal>().unwrap();
        assert_eq!(inr_short(d("9999999")), "₹1 Cr");
        assert_eq!(inr_short(d("99999.6")), "₹1 L");
        assert_eq!(inr_short(d("-150000")), "-₹1.5 L");
        assert_eq!(inr(d("-0.001"), 2), "₹0.00");
        assert_eq!(percent(d("-0.00001")), "0.00%");
    }

    #[test]
    fn units_navs_percentages_and_dates_have_their_decimals() {
        let d = |text: &str| text.parse::<Decimal>().unwrap();
        assert_eq!(units(d("10.4545")), "10.455");
        assert_eq!(nav(d("94.1")), "94.1000");
        assert_eq!(percent(d("0.119591")), "11.96%");
        assert_eq!(percent_f64(-0.026_022), "-2.60%");
        assert_eq!(date(jiff::civil::date(2026, 8, 1)), "01-Aug-2026");
        assert_eq!(Paise::from_rupees(d("1.005")), Some(Paise(101)));
    }
}
