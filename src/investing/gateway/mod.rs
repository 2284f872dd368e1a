//! The outside world of this room, one file each.

mod nav_file;
pub mod port;

pub use nav_file::{NavFileSource, NavUrlSource, nav_source};
pub use port::{GatewayError, OrderGateway};
