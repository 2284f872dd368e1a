//! The outside world of this room, one file each.

mod nav_file;
mod paper;
pub mod port;
#[cfg(test)]
mod tests;
mod wire;

pub use nav_file::{NavFileSource, NavUrlSource, nav_source};
pub use paper::PaperGateway;
pub use port::{GatewayError, OrderGateway};
