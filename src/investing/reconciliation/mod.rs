//! Reconciliation: whether ledger, transactions, orders, gateway and statements tell one
//! story about an investor. Zero tolerance: a paisa is a finding.
//!
//! What is found is kept, put before a person, and pauses the money of that investor
//! only, until the person releases it.

mod compare;
mod service;
mod store;
#[cfg(test)]
mod tests;

use std::fmt;

use jiff::civil::Date;

use super::ledger::{Entry, Units};
use super::money::Paise;
use super::orders::{Allotment, OrderKind, OrderStatus};
use super::scheme::SchemeCode;

pub use compare::compare;
pub use service::{OrderBook, Reported, Run, reconcile, reconcile_all};
pub use store::{StoredFinding, Written, list_findings, write_findings};

/// An order, as our own record has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BookedOrder {
    /// Its id.
    pub id: String,
    /// What it does.
    pub kind: OrderKind,
    /// In which scheme; of a switch, out of which.
    pub scheme: SchemeCode,
    /// Of a switch, into which.
    pub target: Option<SchemeCode>,
    /// How far it is.
    pub status: OrderStatus,
    /// Money that was taken for it.
    pub paid: Option<Paise>,
    /// The day by which the registrar should have answered, while it is with him or with
    /// the bank.
    pub due: Option<Date>,
    /// What the registrar made of it; of a switch, the way out.
    pub allotment: Option<Allotment>,
    /// Of a switch, the way in.
    pub switched_in: Option<Allotment>,
}

/// A transaction of one of our orders, as the portfolio has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BookedTransaction {
    /// The transaction's own id.
    pub id: String,
    /// The order it came of.
    pub order: String,
    /// In which scheme.
    pub scheme: SchemeCode,
    /// More for a purchase, less than nothing for a redemption.
    pub units: Units,
    /// The same way: paise put in, or taken out.
    pub amount: Paise,
    /// A statement had it before its order: its amount is the registrar's rounding.
    pub is_stated: bool,
    /// A statement covers its day and does not have it.
    pub is_missing_on_statement: bool,
}

/// What the gateway says of an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportedOrder {
    /// Our order; none if the gateway names none that we know.
    pub order: Option<String>,
    /// The gateway's id.
    pub gateway_id: String,
    /// How far it is there.
    pub status: OrderStatus,
    /// Money that was taken for it.
    pub paid: Option<Paise>,
    /// What the registrar made of it.
    pub allotment: Option<Allotment>,
    /// Of a switch, the way in.
    pub switched_in: Option<Allotment>,
}

/// Everything that is claimed about one investor.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Claims {
    /// Orders.
    pub orders: Vec<BookedOrder>,
    /// Transactions of orders.
    pub transactions: Vec<BookedTransaction>,
    /// The ledger.
    pub entries: Vec<Entry>,
    /// What the gateway says, of as many orders as were asked about.
    pub reports: Vec<ReportedOrder>,
}

/// What kind of error it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FindingKind {
    /// An order moved something and the ledger has nothing of it.
    MissingPosting,
    /// The ledger has it more than once.
    DoubledPosting,
    /// The ledger has something of an order that there is not.
    OrphanPosting,
    /// An order was allotted and the portfolio has no transaction of it.
    MissingTransaction,
    /// The portfolio has it more than once.
    DoubledTransaction,
    /// The portfolio has a transaction of an order that there is not, or that was not allotted.
    OrphanTransaction,
    /// Units differ.
    WrongUnits,
    /// Money differs.
    WrongAmount,
    /// The gateway allotted what we have no order for.
    OrphanAllotment,
    /// Paid, and not allotted by the day it should have been.
    OverdueAllotment,
    /// The gateway says otherwise than our order.
    GatewayDiffers,
    /// A statement of that time does not have it.
    NotOnStatement,
}

impl FindingKind {
    /// Every kind.
    pub const ALL: [Self; 12] = [
        Self::MissingPosting,
        Self::DoubledPosting,
        Self::OrphanPosting,
        Self::MissingTransaction,
        Self::DoubledTransaction,
        Self::OrphanTransaction,
        Self::WrongUnits,
        Self::WrongAmount,
        Self::OrphanAllotment,
        Self::OverdueAllotment,
        Self::GatewayDiffers,
        Self::NotOnStatement,
    ];

    /// Returns the word it is stored as.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::MissingPosting => "missing_posting",
            Self::DoubledPosting => "doubled_posting",
            Self::OrphanPosting => "orphan_posting",
            Self::MissingTransaction => "missing_transaction",
            Self::DoubledTransaction => "doubled_transaction",
            Self::OrphanTransaction => "orphan_transaction",
            Self::WrongUnits => "wrong_units",
            Self::WrongAmount => "wrong_amount",
            Self::OrphanAllotment => "orphan_allotment",
            Self::OverdueAllotment => "overdue_allotment",
            Self::GatewayDiffers => "gateway_differs",
            Self::NotOnStatement => "not_on_statement",
        }
    }

    /// Reads the word it is stored as.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

impl fmt::Display for FindingKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Something that does not add up.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// What kind.
    pub kind: FindingKind,
    /// The order, or the gateway's id of one.
    pub subject: String,
    /// In words and figures, without anything personal.
    pub detail: String,
}
