//! Funds, holdings and figures: pure rules over values, plus their own SQL. Knows no chat.

pub mod accounts;
pub mod allotment;
pub mod amfi;
pub mod calculator;
pub mod calendar;
pub mod cas;
mod category;
mod changes;
pub mod commission;
pub mod disclosures;
pub mod events;
mod folio;
pub mod gateway;
pub mod history;
pub mod ledger;
pub mod lots;
pub mod market;
mod matching;
mod mfapi;
pub mod money;
mod names;
pub mod orders;
pub mod portfolio;
pub mod ports;
pub mod reconciliation;
pub mod risk;
pub mod rules;
pub mod scheme;
mod search;
mod slip;
pub mod tax;
#[cfg(test)]
pub(crate) mod tests;
pub mod transaction;
mod words;
pub mod xirr;

mod service;
mod store;

pub use amfi::ImportReport;
pub use calendar::Calendar;
pub use cas::{ImportSummary, Statement};
pub use folio::is_same_number as is_same_folio_number;
pub use lots::{Gap, Lot};
pub use money::{Paise, inr, inr_short};
pub use portfolio::{Group, Holding, Portfolio, Return, Share};
pub use rules::SchemeRules;
pub use scheme::{Catalog, Found, Isin, Nav, OptionKind, Plan, Scheme, SchemeCode};
pub use service::{
    HistoryImport, IndexLevel, Investing, MarketImport, NavImport, Page, Recorded, RulesImport,
};
pub use store::bookings::{Booked, Booking, Movement, record_allotment, reverse_allotment};
pub use store::forget::{FORGET, FORGET_DRAFTS, LET_GO, has_dealt};
pub use store::moving::{move_dealings, move_holdings};
pub use transaction::{Kind, Transaction};
