//! Tests over AMFI's whole list and over a real database, and the finance vectors.

mod bookings;
mod dealt;
mod events;
mod gatekeeper;
mod indexes;
mod moving;
mod past;
mod reference;
pub(crate) mod rig;
mod search;
mod service;
mod sloppy;
mod thousand;
pub(super) mod vectors;
