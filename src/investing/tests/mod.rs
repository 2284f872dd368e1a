//! Tests over AMFI's whole list and over a real database, and the finance vectors.

mod search;
mod service;
pub(super) mod vectors;
