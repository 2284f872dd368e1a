//! Gateways against the other end of their wire, over loopback.

mod bse;
pub(crate) mod fake_bse;
mod faults;
mod paper;
mod rig;
