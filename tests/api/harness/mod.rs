//! What every test stands on.

pub mod database;
pub mod line;

pub use database::TestDatabase;
pub use line::{Fate, Line};
