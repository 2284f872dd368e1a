//! Commission: what fund houses pay the distributor, divided among those who share it.
//!
//! How it is divided is data with dates, in basis points that make exactly 10,000. What
//! was divided keeps the division it was made with. No other file divides money.

mod file;
mod split;
mod store;
#[cfg(test)]
mod tests;

pub use file::{BadSplits, parse as parse_splits};
pub use split::{Divided, NothingLeft, Part, Share, Split, SplitFault, Splits};
pub use store::{Loaded, NewCommission, StoredCommission, divide, find, load, splits, take_back};
