//! The outside world of this room, one file each.

mod sandbox;

pub use sandbox::{SandboxBank, SandboxRegistry};
