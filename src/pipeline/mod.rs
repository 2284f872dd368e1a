//! Durable work: inbox, turns, outbox, sender, jobs. Knows no mutual funds.

pub mod turn;

pub use turn::{Decision, Effect, Purpose, Reply, StoredSession, Turn, TurnHandler};
