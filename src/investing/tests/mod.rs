//! Tests over AMFI's whole list and over a real database, and the finance vectors.

mod bookings;
mod events;
mod gatekeeper;
mod reference;
pub(crate) mod rig;
mod search;
mod service;
mod sloppy;
pub(super) mod vectors;
