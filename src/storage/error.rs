//! Why the database did not do what was asked.

/// Why a read or write did not happen.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database cannot be reached, is full or is closing; nothing was written.
    #[error("the database is not available: {0}")]
    Unavailable(String),
    /// A guard did not hold: somebody else changed the row first.
    #[error("{0} was changed by somebody else")]
    Conflict(&'static str),
    /// Somebody else made the same row at the same time; run again, it is there now.
    #[error("{0} was made by somebody else at the same time")]
    Again(&'static str),
    /// A row that does not read as what it should be.
    #[error("row {row} of {table} is damaged: {what}")]
    Damaged {
        /// Table.
        table: &'static str,
        /// Its primary key.
        row: String,
        /// What is wrong with it.
        what: String,
    },
    /// The database or its settings cannot be used at all.
    #[error("{0}")]
    Setup(String),
    /// The engine refused a statement.
    #[error("the database refused a statement")]
    Sql(#[source] sqlx::Error),
    /// What ran inside the transaction failed.
    #[error(transparent)]
    Inside(#[from] anyhow::Error),
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::PoolTimedOut => {
                Self::Unavailable("no free connection within 5 s".to_owned())
            }
            // A connection that ends in the middle of an answer reads as a fault of protocol.
            sqlx::Error::PoolClosed
            | sqlx::Error::Io(_)
            | sqlx::Error::Protocol(_)
            | sqlx::Error::WorkerCrashed => Self::Unavailable(error.to_string()),
            sqlx::Error::Database(_) if is_out_of_space(&error) => {
                Self::Unavailable("the disk is full".to_owned())
            }
            sqlx::Error::Database(e) if is_not_now(e.code().as_deref()) => {
                Self::Unavailable(error.to_string())
            }
            _ => Self::Sql(error),
        }
    }
}

impl Error {
    /// Returns whether running the same transaction again may succeed.
    pub(super) fn is_collision(&self) -> bool {
        match self {
            Self::Again(_) => true,
            // PostgreSQL: serialization_failure, deadlock_detected, lock_not_available.
            Self::Sql(sqlx::Error::Database(e)) => {
                matches!(e.code().as_deref(), Some("40001" | "40P01" | "55P03"))
            }
            _ => false,
        }
    }

    /// Returns whether a unique or primary key was already taken.
    pub fn is_taken(&self) -> bool {
        matches!(self, Self::Sql(sqlx::Error::Database(e)) if e.is_unique_violation())
    }
}

fn sqlite_code(error: &sqlx::Error) -> Option<i64> {
    let sqlx::Error::Database(e) = error else {
        return None;
    };
    e.code()?
        .parse::<i64>()
        .ok()
        .filter(|_| e.code().is_some_and(|c| c.len() < 5))
}

/// Returns whether PostgreSQL does nothing for now, whatever is asked: the transaction is
/// undone and the next one may succeed. Connection exceptions (08), operator intervention
/// (57P), a transaction that idled too long because the process stood still (25P03), one that
/// may only read because the server does (25006), too little of anything: memory, disk,
/// connections (53).
fn is_not_now(code: Option<&str>) -> bool {
    code.is_some_and(|code| {
        code.len() == 5
            && (["08", "57P", "53"]
                .iter()
                .any(|class| code.starts_with(class))
                || ["25P03", "25006"].contains(&code))
    })
}

/// Returns whether SQLite or PostgreSQL ran out of space (`SQLITE_FULL`, `disk_full`).
fn is_out_of_space(error: &sqlx::Error) -> bool {
    let postgres =
        matches!(error, sqlx::Error::Database(e) if e.code().as_deref() == Some("53100"));
    postgres || sqlite_code(error).is_some_and(|code| code & 0xff == 13)
}

/// Returns whether SQLite met an input/output error (`SQLITE_IOERR` and its kinds).
/// After a failed flush nobody knows what is on the disk, so nothing may be retried.
pub(super) fn is_disk_failure(error: &sqlx::Error) -> bool {
    sqlite_code(error).is_some_and(|code| code & 0xff == 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_server_does_not_do_for_now_is_told_from_what_it_never_does() {
        for code in [
            "08006", "57P01", "57P03", "25P03", "25006", "53200", "53300",
        ] {
            assert!(is_not_now(Some(code)), "{code}");
        }
        // Among them a statement that took too long, as the next one may; and SQLite's own.
        for code in ["23505", "40001", "42P01", "57014", "25P02", "08", "53"] {
            assert!(!is_not_now(Some(code)), "{code}");
        }
        assert!(!is_not_now(None));
    }
}
