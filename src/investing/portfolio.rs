//! What somebody holds, what it cost and what it is worth.

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::money::Paise;
use super::scheme::{Nav, SchemeCode};

/// Everything one contact holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Portfolio {
    /// Per folio and scheme, largest value first.
    pub holdings: Vec<Holding>,
    /// Value of the holdings that have a NAV.
    pub value: Paise,
    /// Cost of the units still held (stamp duty included), where history is complete.
    pub cost: Option<Paise>,
    /// Value less cost.
    pub gain: Option<Paise>,
    /// Yearly return over all flows.
    pub xirr: Return,
    /// Value against cost, as a fraction.
    pub absolute: Option<Decimal>,
    /// The oldest and newest NAV dates among the holdings.
    pub nav_dates: Option<(Date, Date)>,
    /// Period of the statement it came from, last day of it.
    pub statement_to: Option<Date>,
}

/// Units of one scheme in one folio.
#[derive(Debug, Clone, PartialEq)]
pub struct Holding {
    /// Folio number as the fund house writes it.
    pub folio: String,
    /// The scheme, if its code is known.
    pub scheme: Option<SchemeCode>,
    /// Its name as the statement has it.
    pub name: String,
    /// Fund house.
    pub amc: String,
    /// Units held, three or four decimals.
    pub units: Decimal,
    /// The NAV it is valued at.
    pub nav: Option<Nav>,
    /// Units times NAV.
    pub value: Option<Paise>,
    /// Cost of the units still held (stamp duty included), if history is complete.
    pub cost: Option<Paise>,
    /// Value less cost.
    pub gain: Option<Paise>,
    /// Value against cost, as a fraction.
    pub absolute: Option<Decimal>,
    /// Yearly return over its flows.
    pub xirr: Return,
    /// Held through another distributor: to be seen only.
    pub elsewhere: bool,
}

/// A yearly return, or why there is none to show.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Return {
    /// Fraction per year.
    Yearly(f64),
    /// The first flow is less than a year old: show the absolute gain instead.
    UnderOneYear,
    /// The statement does not go back to the first purchase.
    IncompleteHistory,
    /// Two rates fit the flows; showing either would be a choice.
    Ambiguous,
    /// No rate fits (a total loss, flows of one sign).
    None,
}
