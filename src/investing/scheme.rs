//! Schemes and their NAVs, and finding the one that is meant.

use std::fmt;

use jiff::civil::Date;
use rust_decimal::Decimal;

/// AMFI's code of a scheme: the only key (names repeat).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SchemeCode(pub u32);

impl fmt::Display for SchemeCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Regular (through a distributor) or direct.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Plan {
    /// Through a distributor.
    Regular,
    /// Without one.
    Direct,
    /// Not on record.
    Unknown,
}

/// What happens to income.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OptionKind {
    /// Stays in the NAV.
    Growth,
    /// Income distribution cum capital withdrawal, paid out or reinvested.
    Idcw,
    /// Bonus units.
    Bonus,
    /// Anything else, or not on record.
    Other,
}

/// A net asset value and its date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Nav {
    /// Rupees per unit, with the decimals of the source.
    pub value: Decimal,
    /// The day it is of.
    pub date: Date,
}

/// One scheme code as AMFI lists it. What AMFI does not say is not on record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scheme {
    /// The key.
    pub code: SchemeCode,
    /// Name as shown to people, without plan and option (`HDFC Flexi Cap Fund`).
    pub name: String,
    /// Plan.
    pub plan: Plan,
    /// Option.
    pub option: OptionKind,
    /// Option as the source spells it (`MONTHLY IDCW Payout`), empty if not on record.
    pub option_text: String,
    /// Fund house (`HDFC Mutual Fund`).
    pub amc: String,
    /// Normalised category (`Equity: Flexi Cap`), or the source's text if it is unknown.
    pub category: String,
    /// Latest NAV, if the source has a usable one.
    pub nav: Option<Nav>,
}

impl Scheme {
    /// Returns the name with plan and option, as an investor would need to tell it apart.
    pub fn full_name(&self) -> String {
        unimplemented!()
    }
}

/// Every scheme on record, in memory, with an index for names as people type them.
#[derive(Debug, Default)]
pub struct Catalog {}

/// What a search comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// No scheme is near enough.
    Nothing,
    /// Clearly this one.
    One(SchemeCode),
    /// One of these, best first; at most the asked number.
    Several(Vec<SchemeCode>),
}

impl Catalog {
    /// Returns a scheme by its code.
    pub fn get(&self, _code: SchemeCode) -> Option<&Scheme> {
        unimplemented!()
    }

    /// Finds the scheme meant by `query` as people type it (`hdfc flexi`, `parag parikh`,
    /// `nippon smal cap`, `sbi nifty direct`). Without plan and option words it prefers
    /// Regular and Growth with a NAV of the last days.
    pub fn search(&self, _query: &str, _most: usize) -> Found {
        unimplemented!()
    }

    /// Returns how many schemes there are.
    pub fn len(&self) -> usize {
        unimplemented!()
    }

    /// Returns whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
