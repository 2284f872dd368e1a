//! What every test stands on.

pub mod app;
pub mod database;
pub mod demo;
pub mod line;
pub mod network;
pub mod scale;
pub mod service;
pub mod webhook;
pub mod wire;

pub use app::TestApp;
pub use database::TestDatabase;
pub use demo::DemoApp;
pub use line::{Fate, Line};
pub use network::Network;
pub use service::Service;
pub use wire::Wire;
