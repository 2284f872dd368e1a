//! What selling gained and lost, lot by lot, and which tax year it belongs to.
//!
//! An estimate: what registrars know and the records do not (the NAV of 31-Jan-2018, how
//! a fund was invested) is not counted, and a term is given only where the category
//! alone decides it.

use jiff::Span;
use jiff::civil::{Date, date};
use rust_decimal::Decimal;

use super::lots::Lot;
use super::money::Paise;

/// A sale (a redemption or a switch out) with the lots that went, oldest first.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Sale {
    pub(super) date: Date,
    pub(super) proceeds: Paise,
    pub(super) lots: Vec<Lot>,
}

/// Units of one lot that were sold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Realised {
    /// When they were sold.
    pub sold: Date,
    /// When they were bought.
    pub bought: Date,
    /// How many.
    pub units: Decimal,
    /// Their part of the money.
    pub proceeds: Paise,
    /// What they cost, stamp duty included.
    pub cost: Paise,
}

impl Realised {
    /// Returns what was gained; negative for a loss.
    pub fn gain(&self) -> Paise {
        self.proceeds - self.cost
    }
}

/// How long something was held, as the tax rule counts it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Term {
    /// Short.
    Short,
    /// Long.
    Long,
}

/// Since then units of debt funds bought are always short term.
const SPECIFIED_FROM: Date = date(2023, 4, 1);

/// Returns the year a date's tax year begins in: 2026 for 01-Apr-2026 to 31-Mar-2027.
pub fn tax_year(date: Date) -> i16 {
    date.year() - i16::from(date.month() < 4)
}

/// Returns the term of a sale in a category, where the category alone decides it: equity
/// is long term after a year, debt bought before April 2023 after two.
pub fn term(category: &str, bought: Date, sold: Date) -> Option<Term> {
    let is = |class: &str| category == class || category.starts_with(&format!("{class}:"));
    let months = if is("Equity") || category == "Index: Equity" {
        12
    } else if !is("Debt") {
        return None;
    } else if bought >= SPECIFIED_FROM {
        return Some(Term::Short);
    } else {
        24
    };
    // Sold on the anniversary is still short.
    let last_short = bought.saturating_add(Span::new().months(months));
    Some(if sold > last_short {
        Term::Long
    } else {
        Term::Short
    })
}

/// Splits each sale among its lots by units, so that the parts add up to the money.
pub(super) fn split(sales: &[Sale]) -> Vec<Realised> {
    sales.iter().flat_map(parts).collect()
}

fn parts(sale: &Sale) -> Vec<Realised> {
    let units: Decimal = sale.lots.iter().map(|lot| lot.units).sum();
    let mut gone = Decimal::ZERO;
    let mut paid = Paise(0);
    let mut parts = Vec::with_capacity(sale.lots.len());
    for lot in &sale.lots {
        gone += lot.units;
        // What is due up to here less what was given: rounding never adds up.
        let due = (sale.proceeds.rupees() * gone)
            .checked_div(units)
            .and_then(Paise::from_rupees)
            .unwrap_or_default();
        parts.push(Realised {
            sold: sale.date,
            bought: lot.date,
            units: lot.units,
            proceeds: due - paid,
            cost: Paise::from_rupees(lot.cost).unwrap_or_default(),
        });
        paid = due;
    }
    parts
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_anniversary_is_short_term_and_the_day_after_is_long() {
        let bought = date(2025, 11, 20);
        let term = |category, sold| term(category, bought, sold);
        for category in ["Equity: Flexi Cap", "Index: Equity", "Equity"] {
            assert_eq!(term(category, date(2026, 11, 20)), Some(Term::Short));
            assert_eq!(term(category, date(2026, 11, 21)), Some(Term::Long));
        }
        assert_eq!(term("Debt: Gilt", date(2040, 1, 1)), Some(Term::Short));
        for unclear in ["Hybrid: Arbitrage", "Equity Savings", "Fund of Funds", ""] {
            assert_eq!(term(unclear, date(2030, 1, 1)), None);
        }
        let old = |sold| super::term("Debt: Gilt", date(2023, 3, 31), sold);
        assert_eq!(old(date(2025, 3, 31)), Some(Term::Short));
        assert_eq!(old(date(2025, 4, 1)), Some(Term::Long));
    }

    #[test]
    fn a_tax_year_begins_in_april() {
        assert_eq!(tax_year(date(2026, 3, 31)), 2025);
        assert_eq!(tax_year(date(2026, 4, 1)), 2026);
    }

    proptest! {
        #[test]
        fn the_parts_of_a_sale_add_up_to_the_paisa(
            proceeds in 0_i64..10_000_000_000,
            units in prop::collection::vec(1_i64..1_000_000_000, 1..20),
        ) {
            let lots = units.iter().map(|units| Lot {
                date: date(2024, 1, 1),
                units: Decimal::new(*units, 3),
                cost: Decimal::ONE,
            });
            let sale = Sale {
                date: date(2025, 1, 1),
                proceeds: Paise(proceeds),
                lots: lots.collect(),
            };
            let parts = split(&[sale]);
            prop_assert_eq!(parts.iter().map(|p| p.proceeds.0).sum::<i64>(), proceeds);
            prop_assert!(parts.iter().all(|p| p.proceeds.0 >= 0));
        }
    }
}
