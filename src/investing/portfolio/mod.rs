//! What somebody holds, what it cost, what it is worth and what was made of it: by
//! holding, scheme, folio and whole.
//!
//! What is not known is missing, never zero, and says why ([`Gap`], [`Return`]).

mod held;
#[cfg(test)]
mod tests;
mod value;

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::lots::{Gap, Lot};
use super::money::Paise;
use super::scheme::{Nav, SchemeCode};

pub(super) use held::{BOOKED_WITHIN, HeldFolio, HeldScheme};
pub(super) use value::{Valued, code, value, value_all};

/// Everything one contact holds.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Portfolio {
    /// Per folio and scheme, largest value first.
    pub holdings: Vec<Holding>,
    /// Schemes that were held and are not any more.
    pub closed: Vec<Holding>,
    /// Value of the holdings that have a NAV.
    pub value: Paise,
    /// Cost of the units still held (stamp duty included), where history is complete.
    pub cost: Option<Paise>,
    /// Value less cost: not realised yet.
    pub gain: Option<Paise>,
    /// Gains and losses of all that went, before tax.
    pub realised: Option<Paise>,
    /// Yearly return over all flows.
    pub xirr: Return,
    /// Value against cost, as a fraction.
    pub absolute: Option<Decimal>,
    /// The oldest and newest NAV dates among the holdings.
    pub nav_dates: Option<(Date, Date)>,
    /// Last days of the statements its holdings come from, the oldest and the newest; with
    /// no holdings, of those of all that was held.
    pub statements_to: Option<(Date, Date)>,
    /// By scheme, over all folios; largest value first.
    pub schemes: Vec<Group>,
    /// By folio; largest value first.
    pub folios: Vec<Group>,
    /// By category; largest first.
    pub by_category: Vec<Share>,
    /// By fund house; largest first.
    pub by_amc: Vec<Share>,
}

impl Portfolio {
    /// Whether its value lacks some of the holdings, which have no NAV on record, so that
    /// the cost of all says nothing beside it.
    pub fn is_partly_valued(&self) -> bool {
        let is_valued = |holding: &Holding| holding.value.is_some();
        let mut holdings = self.holdings.iter();
        holdings.clone().any(is_valued) && !holdings.all(is_valued)
    }
}

/// Units of one scheme in one folio.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Holding {
    /// Folio number as the fund house writes it.
    pub folio: String,
    /// The scheme, if its code is known.
    pub scheme: Option<SchemeCode>,
    /// Its name as the statement has it.
    pub name: String,
    /// Fund house.
    pub amc: String,
    /// Its category, if the scheme is known.
    pub category: Option<String>,
    /// Units held, three or four decimals.
    pub units: Decimal,
    /// The NAV it is valued at.
    pub nav: Option<Nav>,
    /// Units times NAV.
    pub value: Option<Paise>,
    /// Cost of the units still held (stamp duty included), if history is complete.
    pub cost: Option<Paise>,
    /// Value less cost: not realised yet.
    pub gain: Option<Paise>,
    /// Gains and losses of units that went, before tax, if history is complete.
    pub realised: Option<Paise>,
    /// Value against cost, as a fraction.
    pub absolute: Option<Decimal>,
    /// Growth per year of what was bought at once and a year ago or more; with more than
    /// one purchase only the XIRR says something.
    pub cagr: Option<f64>,
    /// Yearly return over its flows.
    pub xirr: Return,
    /// Held through another distributor: to be seen only.
    pub elsewhere: bool,
    /// Why cost and returns are not known.
    pub gap: Option<Gap>,
    /// The units by purchase, oldest first, if history is complete.
    pub lots: Vec<Lot>,
}

/// Holdings taken together.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Group {
    /// Name of the scheme, or number of the folio.
    pub name: String,
    /// Fund house.
    pub amc: String,
    /// The scheme, of groups by scheme, if its code is known.
    pub scheme: Option<SchemeCode>,
    /// Value of those that have a NAV.
    pub value: Paise,
    /// Cost, if all of it is known.
    pub cost: Option<Paise>,
    /// Value less cost.
    pub gain: Option<Paise>,
    /// Gains and losses of what went.
    pub realised: Option<Paise>,
    /// Value against cost, as a fraction.
    pub absolute: Option<Decimal>,
    /// Yearly return over all their flows.
    pub xirr: Return,
}

/// A part of the whole.
#[derive(Debug, Clone, PartialEq)]
pub struct Share {
    /// Of what; `None` is what is not on record.
    pub of: Option<String>,
    /// Its value.
    pub value: Paise,
    /// As a fraction of the value of the whole.
    pub fraction: Decimal,
}

/// A yearly return, or why there is none to show.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub enum Return {
    /// Fraction per year.
    Yearly(f64),
    /// The first flow is less than a year old: show the absolute gain instead.
    UnderOneYear,
    /// The statement does not go back to the first purchase.
    IncompleteHistory,
    /// Something of it has no NAV on record, so that its value is not known.
    NotPriced,
    /// Two rates fit the flows; showing either would be a choice.
    Ambiguous,
    /// No rate fits (a total loss, flows of one sign).
    #[default]
    None,
}
