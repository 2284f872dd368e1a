//! Funds, holdings and figures: pure rules over values, plus their own SQL. Knows no chat.

pub mod amfi;
pub mod calculator;
mod category;
pub mod money;
mod names;
pub mod portfolio;
pub mod scheme;
mod search;
#[cfg(test)]
mod search_tests;
#[cfg(test)]
mod vectors;
mod words;
pub mod xirr;

mod service;

pub use money::{Paise, inr, inr_short};
pub use portfolio::{Holding, Portfolio, Return};
pub use scheme::{Catalog, Found, Isin, Nav, OptionKind, Plan, Scheme, SchemeCode};
pub use service::Investing;
