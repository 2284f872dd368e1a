//! What dealing needs from its neighbours. Each port works on the caller's connection,
//! so that what it says holds for the transaction it is asked in.

use std::sync::Arc;

use futures::future::BoxFuture;
use jiff::civil::Date;
use rust_decimal::Decimal;

use super::order::Order;
use super::{Frequency, PlanKind};
use crate::id::ContactId;
use crate::investing::calendar::Calendar;
use crate::investing::lots::Lot;
use crate::investing::money::Paise;
use crate::investing::rules::{DatedLoad, SchemeRules};
use crate::investing::scheme::SchemeCode;
use crate::investing::tax::TaxClass;
use crate::storage::{Conn, Error};

/// What is asked about an investor before anything is placed for them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// Who.
    pub contact: ContactId,
    /// Today, in India.
    pub today: Date,
    /// Which exchange it would go to.
    pub gateway: &'static str,
    /// What would be bought; none for a way out, or a mandate.
    pub buys: Option<Bought>,
}

/// Units that would be bought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bought {
    /// Of which scheme.
    pub scheme: SchemeCode,
    /// For so much each time; the least there is where it is units that pay, whose worth
    /// is an estimate.
    pub amount: Paise,
    /// Whether that would open a new folio.
    pub opens_folio: bool,
    /// Which way.
    pub way: Way,
}

/// Which way units are bought. Schemes open and close each of them by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// With money, once.
    Purchase,
    /// With money, so often.
    Sip(Frequency),
    /// With units of another scheme of the house (switch, STP), which are a way out first.
    Switch,
}

/// Whether something may be placed for an investor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// It may.
    Ready(Account),
    /// It may not, and why: stable words, the first to be put right first.
    Blocked(Vec<String>),
}

/// An investor as the exchange knows them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Client code.
    pub ucc: String,
    /// Bank that pays and is paid, as it may be shown (`HDFC Bank ••4321`).
    pub bank: String,
    /// EUIN of the person who advised; none means execution only.
    pub euin: Option<String>,
    /// Whether they named nominees.
    pub has_nominees: bool,
}

/// Knows who may deal.
pub trait Investors: Send + Sync + 'static {
    /// Returns whether something may be placed.
    fn standing<'c>(
        &'c self,
        conn: &'c mut Conn,
        asked: &'c Asked,
    ) -> BoxFuture<'c, Result<Standing, Error>>;

    /// Returns whether money is paused for them: their books do not reconcile.
    fn is_paused<'c>(
        &'c self,
        conn: &'c mut Conn,
        contact: ContactId,
    ) -> BoxFuture<'c, Result<bool, Error>>;
}

/// A scheme as dealing takes it: its rules of a day, and what they leave out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SchemeTerms {
    /// Name with plan and option.
    pub name: String,
    /// Fund house.
    pub amc: String,
    /// Its rules of the day.
    pub rules: SchemeRules,
    /// Exit loads in order of the days of purchase they are for.
    pub loads: Vec<DatedLoad>,
    /// How gains are taxed; the sale of equity is taxed besides (STT).
    pub tax_class: TaxClass,
    /// Decimals of its units.
    pub unit_decimals: u32,
}

/// What amounts are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AmountRule {
    /// At least.
    pub minimum: Paise,
    /// In steps of.
    pub multiple: Paise,
    /// At most.
    pub maximum: Option<Paise>,
}

/// What plans are taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanRule {
    /// Which way.
    pub kind: PlanKind,
    /// How often.
    pub frequency: Frequency,
    /// Each time.
    pub amount: AmountRule,
    /// Days of the month it may run on; none means all.
    pub days: Vec<i8>,
    /// At least so many instalments.
    pub instalments: u32,
}

impl PlanRule {
    /// Returns whether it may run on a day of the month. Where none is named, each month
    /// has it: the last days are left out.
    pub fn takes_day(&self, day: i8) -> bool {
        let any = self.days.is_empty() && (1..=28).contains(&day);
        any || self.days.contains(&day)
    }
}

/// Knows the rules of schemes.
pub trait SchemeBook: Send + Sync + 'static {
    /// Returns the rules of a scheme on a day; nothing is sold without.
    fn terms(&self, scheme: SchemeCode, on: Date) -> Option<SchemeTerms>;

    /// Returns the latest NAV, for estimates.
    fn nav(&self, scheme: SchemeCode) -> Option<Decimal>;

    /// Returns the calendar of the day.
    fn calendar(&self) -> Arc<Calendar>;
}

/// Units in one folio.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldUnits {
    /// Folio, as the fund house numbers it.
    pub folio: String,
    /// All of them: by the newest statement, and what was done since.
    pub units: Decimal,
    /// The same by purchase, oldest first; none where the record has a gap. Once dealing
    /// has looked at them, without those on their way out: they are the first to go.
    pub lots: Option<Vec<Lot>>,
    /// Latest NAV, for estimates.
    pub nav: Option<Decimal>,
}

/// Keeps the books that an allotment changes, and knows what is held.
pub trait Books: Send + Sync + 'static {
    /// Returns the units a contact holds of a scheme through us, by folio.
    fn held<'c>(
        &'c self,
        conn: &'c mut Conn,
        contact: ContactId,
        scheme: SchemeCode,
    ) -> BoxFuture<'c, Result<Vec<HeldUnits>, Error>>;

    /// Puts money and units of an order on the books, in the transaction that moved it to
    /// the moment. It is asked once for each moment of an order.
    fn post<'c>(
        &'c self,
        conn: &'c mut Conn,
        order: &'c Order,
        moment: Moment,
        now: jiff::Timestamp,
    ) -> BoxFuture<'c, Result<(), Error>>;
}

words! {
    /// What the books hear of.
    Moment {
        /// The investor's money was taken.
        Paid = "paid",
        /// The registrar allotted, or took units.
        Allotted = "allotted",
        /// The money of a redemption was paid.
        Redeemed = "redeemed",
        /// The order failed and its money is to come back.
        RefundDue = "refund_due",
        /// It came back.
        Refunded = "refunded",
    }
}
