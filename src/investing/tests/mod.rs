//! Tests over AMFI's whole list and over a real database, and the finance vectors.

mod bookings;
mod events;
mod reference;
pub(crate) mod rig;
mod search;
mod service;
pub(super) mod vectors;
