//! Accounts of investors with the exchange: opened from their records as soon as these
//! are whole, approved by the investors themselves on the exchange's page.

mod application;
mod service;

pub use application::{application, client_code, is_to_be_opened};
pub use service::{ACCOUNT, Accounts, Opening, OpensAccounts};
