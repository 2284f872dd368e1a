//! Schemes and their NAVs, and finding the one that is meant.

use std::fmt;

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::amfi::{self, Listed};
use super::search::Index;

/// AMFI's code of a scheme: the only key (names repeat).
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
pub struct SchemeCode(pub u32);

impl fmt::Display for SchemeCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// An Indian fund's ISIN. Two codes may share one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Isin([u8; 12]);

impl Isin {
    /// Reads `INF` and nine capital letters or digits, spaces around them ignored.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes: [u8; 12] = text.trim().as_bytes().try_into().ok()?;
        let fits = bytes.starts_with(b"INF")
            && bytes
                .iter()
                .all(|b| b.is_ascii_digit() || b.is_ascii_uppercase());
        fits.then_some(Self(bytes))
    }

    /// Returns its text.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("made of ASCII letters and digits only")
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
        let mut name = self.name.clone();
        match self.plan {
            Plan::Regular => name.push_str(" - Regular"),
            Plan::Direct => name.push_str(" - Direct"),
            Plan::Unknown => {}
        }
        let option = match self.option {
            OptionKind::Growth => "Growth",
            _ => self.option_text.as_str(),
        };
        if !option.is_empty() {
            name.push_str(" - ");
            name.push_str(option);
        }
        name
    }
}

/// Every scheme on record, in memory, with an index for names as people type them.
#[derive(Debug, Default)]
pub struct Catalog {
    /// In order of code.
    schemes: Vec<Scheme>,
    isins: Vec<(Isin, SchemeCode)>,
    main_date: Option<Date>,
    index: Index,
}

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
    /// Builds the catalog of these schemes.
    pub fn new(mut listed: Vec<Listed>) -> Self {
        listed.sort_by_key(|l| l.scheme.code);
        listed.dedup_by_key(|l| l.scheme.code);
        let isins = listed.iter().flat_map(|l| {
            let isins = l.isins.into_iter().flatten();
            isins.map(|isin| (isin, l.scheme.code))
        });
        let mut isins: Vec<_> = isins.collect();
        isins.sort_unstable();
        isins.dedup();
        let schemes: Vec<Scheme> = listed.into_iter().map(|l| l.scheme).collect();
        let dates = schemes.iter().filter_map(|s| s.nav).map(|nav| nav.date);
        let main_date = amfi::main_date(dates);
        let index = Index::new(&schemes, main_date);
        Self {
            schemes,
            isins,
            main_date,
            index,
        }
    }

    /// Returns a scheme by its code.
    pub fn get(&self, code: SchemeCode) -> Option<&Scheme> {
        let at = self.schemes.binary_search_by_key(&code, |s| s.code).ok()?;
        Some(&self.schemes[at])
    }

    /// Returns the schemes that carry an ISIN; now and then there are two.
    pub fn by_isin(&self, isin: Isin) -> impl Iterator<Item = &Scheme> {
        let start = self.isins.partition_point(|(other, _)| *other < isin);
        self.isins[start..]
            .iter()
            .take_while(move |(other, _)| *other == isin)
            .filter_map(|(_, code)| self.get(*code))
    }

    /// Returns the ISINs of a scheme: growth or payout, and reinvestment.
    pub fn isins(&self, code: SchemeCode) -> impl Iterator<Item = Isin> {
        let of = move |(_, other): &&(Isin, SchemeCode)| *other == code;
        self.isins.iter().filter(of).map(|(isin, _)| *isin)
    }

    /// Finds the scheme meant by `query` as people type it (`hdfc flexi`, `parag parikh`,
    /// `nippon smal cap`, `sbi nifty direct`). Without plan and option words it prefers
    /// Regular and Growth with a NAV of the last days.
    pub fn search(&self, query: &str, most: usize) -> Found {
        self.index.search(&self.schemes, query, most)
    }

    /// Returns every scheme, in order of code.
    pub fn iter(&self) -> impl Iterator<Item = &Scheme> {
        self.schemes.iter()
    }

    /// Returns the date most NAVs are of.
    pub fn main_date(&self) -> Option<Date> {
        self.main_date
    }

    /// Returns how many schemes there are.
    pub fn len(&self) -> usize {
        self.schemes.len()
    }

    /// Returns whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
