//! Funds, holdings and figures: pure rules over values, plus their own SQL. Knows no chat.

pub mod amfi;
pub mod calculator;
pub mod calendar;
pub mod cas;
mod category;
mod changes;
pub mod disclosures;
pub mod events;
mod folio;
pub mod gateway;
pub mod history;
pub mod ledger;
mod lots;
pub mod market;
mod matching;
mod mfapi;
pub mod money;
mod names;
pub mod orders;
pub mod portfolio;
pub mod ports;
pub mod realised;
pub mod rules;
pub mod scheme;
mod search;
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
pub use money::{Paise, inr, inr_short};
pub use portfolio::{Holding, Portfolio, Return};
pub use rules::SchemeRules;
pub use scheme::{Catalog, Found, Isin, Nav, OptionKind, Plan, Scheme, SchemeCode};
pub use service::{HistoryImport, IndexLevel, Investing, MarketImport, NavImport, RulesImport};
pub use store::bookings::{Booked, Booking, Movement, record_allotment, reverse_allotment};
pub use transaction::{Kind, Transaction};
