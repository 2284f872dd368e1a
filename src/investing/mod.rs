//! Funds, holdings and figures: pure rules over values, plus their own SQL. Knows no chat.

pub mod calculator;
pub mod money;
pub mod portfolio;
pub mod scheme;

mod service;

pub use money::{Paise, inr, inr_short};
pub use portfolio::{Holding, Portfolio, Return};
pub use scheme::{Catalog, Found, Nav, OptionKind, Plan, Scheme, SchemeCode};
pub use service::Investing;
