//! The database, whichever of the two engines it is.
//!
//! All writes are [`Db::write`]: on SQLite one writer runs them, a savepoint each and
//! one shared commit; on PostgreSQL each is a transaction.

/// A connection of either engine.
pub type Conn = sqlx::AnyConnection;
