//! The outside world of this room, one file each.

pub mod bse;
mod nav_file;
mod nse;
mod paper;
pub mod port;
#[cfg(test)]
pub(crate) mod tests;
mod wire;

pub use bse::BseGateway;
pub use nav_file::{LARGEST_HISTORY, NavFileSource, NavUrlSource, nav_source, source_up_to};
pub use nse::{ClosingFiles, NSE_ARCHIVE};
pub use paper::PaperGateway;
pub use port::{GatewayError, OrderGateway};
