//! What selling gained and lost, lot by lot, in the terms of paper: what the rules of
//! [`super::tax`] leave open is `None`.

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::lots::Sale;
use super::money::Paise;
use super::tax::{self, TaxClass, TaxYear};

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

/// Returns the year a date's tax year begins in: 2026 for 01-Apr-2026 to 31-Mar-2027.
pub fn tax_year(date: Date) -> i16 {
    TaxYear::of(date).first_day().year()
}

/// Returns the term of a sale in a category, where the category alone decides it.
pub fn term(category: &str, bought: Date, sold: Date) -> Option<Term> {
    match tax::term(TaxClass::of(category), bought, sold) {
        tax::Term::Short => Some(Term::Short),
        tax::Term::Long => Some(Term::Long),
        tax::Term::NotOnRecord => None,
    }
}

/// Lists what was sold, lot by lot.
pub(super) fn of_sales(sales: &[Sale]) -> Vec<Realised> {
    let parts = |sale: &Sale| {
        let sold = sale.date;
        let one = move |part: &super::lots::Part| Realised {
            sold,
            bought: part.bought,
            units: part.units,
            proceeds: part.proceeds,
            cost: part.cost,
        };
        sale.parts.iter().map(one).collect::<Vec<_>>()
    };
    sales.iter().flat_map(parts).collect()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn the_anniversary_is_short_term_and_the_day_after_is_long() {
        let bought = date(2025, 11, 20);
        let term = |category, sold| term(category, bought, sold);
        for category in ["Equity: Flexi Cap", "Index: Equity", "Hybrid: Arbitrage"] {
            assert_eq!(term(category, date(2026, 11, 20)), Some(Term::Short));
            assert_eq!(term(category, date(2026, 11, 21)), Some(Term::Long));
        }
        assert_eq!(term("Debt: Gilt", date(2040, 1, 1)), Some(Term::Short));
        for unclear in ["Hybrid: Balanced Advantage", "Fund of Funds", ""] {
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
}
