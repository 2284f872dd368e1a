//! Short or long, by what section, and at what cost.

use jiff::Span;
use jiff::civil::{Date, date};
use rust_decimal::Decimal;
use serde::Serialize;

use super::TaxClass;
use crate::investing::money::Paise;

/// How long units were held, for tax.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Term {
    /// Short.
    Short,
    /// Long.
    Long,
    /// The class of the scheme is not on record.
    NotOnRecord,
}

/// Units of debt funds bought from this day on are always short (specified mutual funds).
const SPECIFIED_FROM: Date = date(2023, 4, 1);
/// Before this day units that are not of equity were long after 36 months.
const SHORTER_FROM: Date = date(2024, 7, 23);
/// Funds that are neither equity nor debt were specified too, sold before this day.
const ONLY_DEBT_FROM: Date = date(2025, 4, 1);
/// Gains of equity before this day were free, and are kept free.
const GRANDFATHERED_BEFORE: Date = date(2018, 2, 1);
/// Long gains of equity are taxed, under section 112A, since this day; before it they were
/// free under another section.
const LONG_EQUITY_TAXED_FROM: Date = date(2018, 4, 1);
/// From this day on the Act of 2025 counts.
const ACT_OF_2025: Date = date(2026, 4, 1);

/// Tells whether units bought and sold on these days were held short or long: more than so
/// many months, the day of purchase not counted.
pub fn term(class: TaxClass, bought: Date, sold: Date) -> Term {
    let months = match class {
        TaxClass::NotOnRecord => return Term::NotOnRecord,
        _ if is_specified(class, bought, sold) => return Term::Short,
        TaxClass::Debt | TaxClass::Other | TaxClass::OtherListed if sold < SHORTER_FROM => 36,
        TaxClass::Equity | TaxClass::OtherListed => 12,
        TaxClass::Debt | TaxClass::Other => 24,
    };
    if sold > bought.saturating_add(Span::new().months(months)) {
        Term::Long
    } else {
        Term::Short
    }
}

fn is_specified(class: TaxClass, bought: Date, sold: Date) -> bool {
    let sold_in_time = match class {
        TaxClass::Debt => true,
        TaxClass::Other | TaxClass::OtherListed => sold < ONLY_DEBT_FROM,
        TaxClass::Equity | TaxClass::NotOnRecord => false,
    };
    bought >= SPECIFIED_FROM && sold_in_time
}

/// The section of the law a gain falls under.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub enum Section {
    /// Of the Income-tax Act 1961, for sales before 01-Apr-2026.
    #[serde(rename = "1961")]
    Of1961(&'static str),
    /// Of the Income-tax Act 2025.
    #[serde(rename = "2025")]
    Of2025(&'static str),
    /// At the slab of the investor, by no section of its own.
    #[serde(rename = "slab")]
    Slab,
    /// Not on record: the class of the scheme, the number in the Act of 2025, or what long
    /// gains of equity were free under before 01-Apr-2018.
    #[serde(rename = "not_on_record")]
    NotOnRecord,
}

/// Tells the section of a gain.
pub fn section(class: TaxClass, bought: Date, sold: Date) -> Section {
    let (of_1961, of_2025) = match (class, term(class, bought, sold)) {
        (_, Term::NotOnRecord) => return Section::NotOnRecord,
        (TaxClass::Equity, Term::Short) => ("111A", "196"),
        (TaxClass::Equity, Term::Long) if sold < LONG_EQUITY_TAXED_FROM => {
            return Section::NotOnRecord;
        }
        (TaxClass::Equity, Term::Long) => ("112A", "198"),
        (_, Term::Long) => ("112", "197"),
        (_, Term::Short) if is_specified(class, bought, sold) => {
            // The number of section 50AA in the Act of 2025 is not confirmed.
            return if sold < ACT_OF_2025 {
                Section::Of1961("50AA")
            } else {
                Section::NotOnRecord
            };
        }
        (_, Term::Short) => return Section::Slab,
    };
    if sold < ACT_OF_2025 {
        Section::Of1961(of_1961)
    } else {
        Section::Of2025(of_2025)
    }
}

/// Returns the cost that counts for equity bought before 01-Feb-2018: the higher of what
/// was paid and the value on 31-Jan-2018, the latter no higher than the proceeds. `None`
/// if it would be needed and that day's NAV is not on record.
pub fn grandfathered_cost(
    bought: Date,
    units: Decimal,
    (cost, proceeds): (Paise, Paise),
    nav_31_jan_2018: Option<Decimal>,
) -> Option<Paise> {
    if bought >= GRANDFATHERED_BEFORE {
        return Some(cost);
    }
    let value = Paise::from_rupees(units.checked_mul(nav_31_jan_2018?)?)?;
    Some(cost.max(value.min(proceeds)))
}

/// Whether gains of units of this class, bought and sold on these days, are partly free:
/// long gains only, and only since they are taxed.
pub(super) fn is_grandfathered(class: TaxClass, bought: Date, sold: Date) -> bool {
    class == TaxClass::Equity
        && bought < GRANDFATHERED_BEFORE
        && sold >= LONG_EQUITY_TAXED_FROM
        && term(class, bought, sold) == Term::Long
}
