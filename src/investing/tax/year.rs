//! The gains of one tax year, sale by sale and lot by lot.

use std::fmt;
use std::str::FromStr;

use jiff::civil::{Date, date};
use rust_decimal::Decimal;
use serde::Serialize;

use super::term::is_grandfathered;
use super::{
    Assessment, Gains, Section, TaxClass, Term, assess, grandfathered_cost, section, term,
};
use crate::investing::lots::{Gap, Part, Sale};
use crate::investing::money::Paise;
use crate::investing::scheme::SchemeCode;

/// A year from 1 April to 31 March, named by the year it begins in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TaxYear(i16);

impl TaxYear {
    /// Returns the tax year of a day.
    pub fn of(day: Date) -> Self {
        Self(if day.month() < 4 {
            day.year() - 1
        } else {
            day.year()
        })
    }

    /// Returns its first day.
    pub fn first_day(self) -> Date {
        date(self.0, 4, 1)
    }

    /// Returns its last day.
    pub fn last_day(self) -> Date {
        date(self.0 + 1, 3, 31)
    }

    /// Returns whether a day is in it.
    pub fn has(self, day: Date) -> bool {
        Self::of(day) == self
    }
}

impl fmt::Display for TaxYear {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{:02}", self.0, (self.0 + 1) % 100)
    }
}

/// A text that does not read as a tax year.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a tax year such as 2026-27")]
pub struct NoTaxYear(String);

impl FromStr for TaxYear {
    type Err = NoTaxYear;

    fn from_str(text: &str) -> Result<Self, NoTaxYear> {
        let refuse = || NoTaxYear(text.chars().take(16).collect());
        let (from, to) = text.trim().split_once('-').ok_or_else(refuse)?;
        let year: i16 = match (from.len(), from.parse::<i16>()) {
            (4, Ok(year)) if (1990..2100).contains(&year) => year,
            (2, Ok(year)) => 2000 + year,
            _ => return Err(refuse()),
        };
        let next: i16 = to.parse().map_err(|_| refuse())?;
        if next % 100 == (year + 1) % 100 && (to.len() == 2 || next == year + 1) {
            Ok(Self(year))
        } else {
            Err(refuse())
        }
    }
}

impl Serialize for TaxYear {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Units of one lot that were sold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct GainRow {
    /// Folio, as the fund house numbers it.
    pub folio: String,
    /// The scheme, if its code is known.
    pub scheme: Option<SchemeCode>,
    /// Its name.
    pub name: String,
    /// How its gains are taxed.
    pub class: TaxClass,
    /// The day their holding counts from.
    pub bought: Date,
    /// The day they went.
    pub sold: Date,
    /// How many.
    pub units: Decimal,
    /// What they had cost.
    pub paid: Paise,
    /// What counts as cost for tax: more than was paid if bought before 01-Feb-2018.
    pub cost: Paise,
    /// What they brought, after exit load.
    pub proceeds: Paise,
    /// Proceeds less cost.
    pub gain: Paise,
    /// Short or long.
    pub term: Term,
    /// By what section.
    pub section: Section,
    /// The cost would be that of 31-Jan-2018, whose NAV is not on record.
    pub lacks_nav_of_2018: bool,
}

/// The gains of one tax year: an estimate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct GainsReport {
    /// Which.
    pub year: TaxYear,
    /// In order of sale.
    pub rows: Vec<GainRow>,
    /// Their sums.
    pub gains: Gains,
    /// The tax on them; `None` for years whose rates are not on record.
    pub assessment: Option<Assessment>,
    /// Schemes whose history has a gap: their sales may be missing or cost too little.
    pub gaps: Vec<(String, Gap)>,
}

/// Whose sales these are.
#[derive(Debug, Clone)]
pub(in crate::investing) struct Sold<'a> {
    pub(in crate::investing) folio: &'a str,
    pub(in crate::investing) scheme: Option<SchemeCode>,
    pub(in crate::investing) name: &'a str,
    pub(in crate::investing) class: TaxClass,
    pub(in crate::investing) nav_31_jan_2018: Option<Decimal>,
    pub(in crate::investing) gap: Option<Gap>,
    pub(in crate::investing) sales: &'a [Sale],
}

/// Puts the sales of a year together.
pub(in crate::investing) fn report(year: TaxYear, sold: &[Sold<'_>]) -> GainsReport {
    let mut rows = Vec::new();
    for scheme in sold {
        for sale in scheme.sales.iter().filter(|sale| year.has(sale.date)) {
            rows.extend(sale.parts.iter().map(|part| row(scheme, sale.date, part)));
        }
    }
    rows.sort_by(|a, b| (a.sold, &a.name, a.bought).cmp(&(b.sold, &b.name, b.bought)));
    let mut gains = Gains::default();
    for row in &rows {
        let place = match (row.class, row.term) {
            (_, Term::NotOnRecord) => &mut gains.not_on_record,
            (TaxClass::Equity, Term::Short) => &mut gains.equity_short,
            (TaxClass::Equity, Term::Long) => &mut gains.equity_long,
            (_, Term::Short) => &mut gains.other_short,
            (_, Term::Long) => &mut gains.other_long,
        };
        *place = *place + row.gain;
    }
    let gaps = sold
        .iter()
        .filter_map(|scheme| Some((scheme.name.to_owned(), scheme.gap?)));
    GainsReport {
        year,
        gains,
        assessment: assess(&gains, year.first_day()),
        gaps: gaps.collect(),
        rows,
    }
}

fn row(scheme: &Sold<'_>, sold: Date, part: &Part) -> GainRow {
    let class = scheme.class;
    let figures = (part.cost, part.proceeds);
    // Units that came by a merger were others on that day, whose NAV is not asked for.
    let nav = scheme.nav_31_jan_2018.filter(|_| !part.merged);
    let grandfathered = is_grandfathered(class, part.bought, sold)
        .then(|| grandfathered_cost(part.bought, part.units, figures, nav));
    let cost = grandfathered.flatten().unwrap_or(part.cost);
    GainRow {
        folio: scheme.folio.to_owned(),
        scheme: scheme.scheme,
        name: scheme.name.to_owned(),
        class,
        bought: part.bought,
        sold,
        units: part.units,
        paid: part.cost,
        cost,
        proceeds: part.proceeds,
        gain: part.proceeds - cost,
        term: term(class, part.bought, sold),
        section: section(class, part.bought, sold),
        lacks_nav_of_2018: grandfathered == Some(None),
    }
}
