//! What documents are made from: plain figures, whoever computed them.
//!
//! The adapters in `records.rs` fill these from `investing`; a test fills them by hand.
//! A figure that is not known is `None` and is printed as "not on record", never as zero.

use jiff::civil::{Date, DateTime};
use rust_decimal::Decimal;

use crate::investing::Kind;
use crate::investing::Return;
use crate::investing::money::Paise;
use crate::investing::orders::{Frequency, PlanStatus};
pub use crate::investing::tax::Term;
use crate::language::Language;

/// Who makes a document, for whom, when and in which language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Occasion {
    /// Language of the words.
    pub language: Language,
    /// Now, in India.
    pub now: DateTime,
    /// Name of the distributor.
    pub distributor: String,
    /// Its AMFI registration number (`ARN-…`).
    pub arn: String,
    /// The investor's name, if it is on record.
    pub investor: Option<String>,
    /// The investor's PAN, unmasked: it is masked before it is printed.
    pub pan: Option<String>,
}

/// What is held.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Account {
    /// Largest value first.
    pub holdings: Vec<Holding>,
    /// Value of what has a NAV.
    pub value: Option<Paise>,
    /// Cost of the units held, if all history is there.
    pub cost: Option<Paise>,
    /// Value less cost.
    pub gain: Option<Paise>,
    /// Gain against cost, as a fraction.
    pub absolute: Option<Decimal>,
    /// Yearly return.
    pub xirr: Option<Return>,
    /// Oldest and newest NAV date.
    pub nav_dates: Option<(Date, Date)>,
    /// Last days of the statements it comes from, the oldest and the newest.
    pub records_to: Option<(Date, Date)>,
    /// How the NAVs of the schemes have swayed, of those with enough of them on record.
    pub risk: Vec<SchemeRisk>,
}

/// How a scheme's NAV has swayed.
#[derive(Debug, Clone, PartialEq)]
pub struct SchemeRisk {
    /// Name of the scheme.
    pub scheme: String,
    /// Per year, as a fraction.
    pub volatility: f64,
    /// The deepest fall from a peak, as a fraction, and from when to when.
    pub fall: (f64, Date, Date),
}

/// Units of a scheme in a folio.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Holding {
    /// Fund house.
    pub amc: String,
    /// Folio.
    pub folio: String,
    /// Name of the scheme.
    pub scheme: String,
    /// Category, if known.
    pub category: Option<String>,
    /// Units.
    pub units: Decimal,
    /// NAV and its date.
    pub nav: Option<(Decimal, Date)>,
    /// Units times NAV.
    pub value: Option<Paise>,
    /// Cost.
    pub cost: Option<Paise>,
    /// Value less cost.
    pub gain: Option<Paise>,
    /// Through another distributor.
    pub elsewhere: bool,
    /// The records do not go back to the first purchase.
    pub incomplete: bool,
}

/// Transactions of a scheme in a folio.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct History {
    /// Fund house.
    pub amc: String,
    /// Folio.
    pub folio: String,
    /// Name of the scheme.
    pub scheme: String,
    /// Oldest first.
    pub movements: Vec<Movement>,
    /// The records do not go back to the first purchase.
    pub incomplete: bool,
}

/// One transaction.
#[derive(Debug, Clone, PartialEq)]
pub struct Movement {
    /// Its day.
    pub date: Date,
    /// What it was.
    pub kind: Kind,
    /// Money; negative for money paid out.
    pub amount: Option<Paise>,
    /// Units; negative for units given up.
    pub units: Option<Decimal>,
    /// NAV.
    pub nav: Option<Decimal>,
    /// Units after it.
    pub balance: Option<Decimal>,
}

/// Realised gains of a tax year.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Gains {
    /// The year it begins in: 2026 for April 2026 to March 2027.
    pub year: i16,
    /// By scheme and folio, in order of sale.
    pub schemes: Vec<SchemeGains>,
    /// Schemes with sales whose cost is not known, since records are incomplete.
    pub unknown: Vec<String>,
    /// Whether the NAV of 31-Jan-2018 counts in a cost.
    pub counts_2018: bool,
    /// Schemes with sales for which it would count, and is not on record.
    pub lacks_2018: Vec<String>,
}

/// Realised gains in a scheme of a folio.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SchemeGains {
    /// Fund house.
    pub amc: String,
    /// Folio.
    pub folio: String,
    /// Name of the scheme.
    pub scheme: String,
    /// One per lot sold.
    pub lots: Vec<Sold>,
}

/// Units of one lot that were sold.
#[derive(Debug, Clone, PartialEq)]
pub struct Sold {
    /// When they were sold.
    pub sold: Date,
    /// When they were bought.
    pub bought: Date,
    /// How many.
    pub units: Decimal,
    /// Money for them.
    pub proceeds: Paise,
    /// What they cost, as the tax rule counts it.
    pub cost: Paise,
    /// Proceeds less cost.
    pub gain: Paise,
    /// Short or long term, where the scheme's class is on record.
    pub term: Term,
}

/// The SIPs on record.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Sips {
    /// Each.
    pub sips: Vec<Sip>,
    /// NAV dates of the values.
    pub nav_dates: Option<(Date, Date)>,
}

/// One SIP.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Sip {
    /// Name of the scheme.
    pub scheme: String,
    /// Folio, once there is one.
    pub folio: Option<String>,
    /// Its instalment as it stands.
    pub amount: Option<Paise>,
    /// How often.
    pub frequency: Option<Frequency>,
    /// Day of the month.
    pub day: Option<i8>,
    /// First instalment.
    pub since: Option<Date>,
    /// Instalments that bought units.
    pub done: usize,
    /// Instalments that failed or were left out.
    pub missed: usize,
    /// Sum of the instalments that bought units.
    pub invested: Paise,
    /// What their units are worth.
    pub value: Option<Paise>,
    /// The records do not go back to the first purchase: it may be older, and more of it
    /// paid.
    pub incomplete: bool,
    /// How far it is; without one it is known from statements only.
    pub status: Option<PlanStatus>,
}

/// What a portfolio was worth on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Point {
    /// The day.
    pub date: Date,
    /// Its value.
    pub value: Paise,
    /// Paid in less paid out until then.
    pub invested: Paise,
}

/// What SIPs became.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Growth {
    /// Month by month.
    pub points: Vec<Point>,
    /// SIPs that are left out because units of them were sold.
    pub left_out: usize,
    /// SIPs of which the records do not go back to the first purchase.
    pub incomplete: usize,
}

/// What allocation is by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// By category.
    Category,
    /// By fund house.
    Amc,
}
