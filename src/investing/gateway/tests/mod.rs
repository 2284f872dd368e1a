//! Gateways against the other end of their wire, over loopback.

mod faults;
mod paper;
mod rig;
