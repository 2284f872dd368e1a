//! What every test stands on.

pub mod app;
pub mod database;
pub mod line;

pub use app::TestApp;
pub use database::TestDatabase;
pub use line::{Fate, Line};
