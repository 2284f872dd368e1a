//! A double-entry ledger of every paisa and every unit we claim to know. It holds no
//! money: it is what we believe about money at banks, the exchange and fund houses.
//!
//! What happened is an [`Entry`]: transfers, each from one account to another, so that
//! no entry can be unbalanced, neither in memory nor as rows. Entries are never changed;
//! a mistake is reversed. Each carries the event it comes from, and the same event
//! posted twice is posted once.
//!
//! ```text
//!  bank ─▶ clearing ─▶ order ─▶ scheme ─▶ payout due ─▶ bank
//!                        │        ├─▶ exit load, STT
//!                        │        └─▶ switching ─▶ scheme
//!                        ├─▶ stamp duty
//!                        └─▶ refund due ─▶ bank
//!  issued ◀─▶ folio                       (units, scheme by scheme)
//! ```

mod account;
mod entry;
mod postings;
mod store;
#[cfg(test)]
mod tests;

pub use account::{MoneyAccount, UnitAccount, Units};
pub use entry::{Entry, EntryFault, Moved, Transfer, balances};
pub use postings::{
    Occasion, allotted, debited, paid, paid_out, redeemed, refund_due, refunded, reversed,
    switched, switched_in, switched_out,
};
pub use store::{Posted, entries_of, entries_of_subject, post};
