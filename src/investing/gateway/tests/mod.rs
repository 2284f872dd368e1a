//! Gateways against the other end of their wire, over loopback.

mod bse;
mod fake_bse;
mod faults;
mod paper;
mod rig;
