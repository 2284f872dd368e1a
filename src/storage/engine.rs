//! What differs between the two engines, apart from how a write is run.

use sqlx::any::AnyConnectOptions;
use sqlx::{AnyConnection, Connection, Row};

use super::{Db, Error, inline};
use crate::clock::Clock;

/// One of the two engines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// Embedded, one process, one writer.
    Sqlite,
    /// A server that several processes share.
    Postgres,
}

impl Engine {
    /// Tells the engine from the start of a `DATABASE_URL`.
    pub fn of(url: &str) -> Result<Self, Error> {
        if url.starts_with("sqlite:") {
            Ok(Self::Sqlite)
        } else if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            Ok(Self::Postgres)
        } else {
            Err(Error::Setup(
                "DATABASE_URL must start with sqlite: or postgres://".to_owned(),
            ))
        }
    }

    /// Returns the suffix that keeps selected rows as they are until the write commits.
    pub fn lock_rows(self) -> &'static str {
        match self {
            Self::Sqlite => "",
            // Rows that refer to the locked ones may still be added.
            Self::Postgres => " for no key update",
        }
    }

    /// Returns the suffix that does so and leaves out rows that somebody else has.
    pub fn lock_free_rows(self) -> &'static str {
        match self {
            Self::Sqlite => "",
            Self::Postgres => " for no key update skip locked",
        }
    }
}

impl Db {
    /// Returns by how many milliseconds the database's clock is ahead of `clock`, where
    /// it has one of its own: as much as is certain however long the answer took.
    pub async fn clock_lead(&self, clock: &Clock) -> Result<Option<i64>, Error> {
        if self.engine() == Engine::Sqlite {
            return Ok(None);
        }
        let mut conn = self.read().await?;
        let asked = clock.now().as_millisecond();
        let theirs: i64 = sqlx::query_scalar(
            "select cast(extract(epoch from clock_timestamp()) * 1000 as bigint)",
        )
        .fetch_one(&mut *conn)
        .await?;
        let answered = clock.now().as_millisecond();
        Ok(Some(certain_lead(asked, theirs, answered)))
    }
}

/// They read their clock somewhere between our asking and their answer.
fn certain_lead(asked: i64, theirs: i64, answered: i64) -> i64 {
    // A clock that was set back meanwhile answered before it was asked.
    let (first, last) = (asked.min(answered), asked.max(answered));
    0.clamp(theirs - last, theirs - first)
}

/// How long PostgreSQL waits for what somebody else has locked.
pub(super) const LOCK_TIMEOUT: &str = "set lock_timeout = '5s'";

/// How long a connection waits for another one, in milliseconds.
pub(super) const BUSY_TIMEOUT: &str = "pragma busy_timeout = 5000";

/// The first SQLite without the WAL-reset corruption bug
/// (<https://sqlite.org/wal.html#walresetbug>).
const OLDEST_SAFE_SQLITE: (u32, u32, u32) = (3, 51, 3);

/// Returns the URL with an open mode (`rwc` makes a missing file and its folder).
pub(super) fn sqlite_url(url: &str, mode: &str) -> Result<String, Error> {
    let path = sqlite_path(url);
    if mode == "rwc"
        && let Some(folder) = std::path::Path::new(path).parent()
        && !folder.as_os_str().is_empty()
    {
        std::fs::create_dir_all(folder)
            .map_err(|e| Error::Setup(format!("cannot make the folder of {path}: {e}")))?;
    }
    Ok(format!("sqlite://{path}?mode={mode}"))
}

/// Returns the file behind a SQLite URL.
pub(super) fn sqlite_path(url: &str) -> &str {
    let path = url.trim_start_matches("sqlite:").trim_start_matches("//");
    path.split('?').next().unwrap_or(path)
}

/// Sets up a connection of the pool. SQLite's pool only reads.
pub(super) async fn prepare_reader(engine: Engine, conn: &mut AnyConnection) -> sqlx::Result<()> {
    match engine {
        Engine::Sqlite => {
            for pragma in [
                BUSY_TIMEOUT,
                "pragma query_only = on",
                "pragma temp_store = memory",
                "pragma trusted_schema = off",
            ] {
                sqlx::query(pragma).execute(&mut *conn).await?;
            }
        }
        Engine::Postgres => {
            for setting in [
                "set synchronous_commit = on",
                // Compiling a plan takes a quarter of a second, and none of ours runs that
                // long; without statistics some look as if they did.
                "set jit = off",
                LOCK_TIMEOUT,
                // A process that stands still must not hold up the others for longer than
                // its leases do; between two statements of ours lie milliseconds.
                "set idle_in_transaction_session_timeout = '2s'",
                // Nor may what a dead one asked for wait on in its name.
                "set client_connection_check_interval = '500ms'",
            ] {
                sqlx::query(setting).execute(&mut *conn).await?;
            }
        }
    }
    Ok(())
}

/// Opens a connection to a PostgreSQL beside those of the pool.
pub(super) async fn connect_alone(url: &str) -> Result<AnyConnection, Error> {
    let mut conn = AnyConnection::connect(url).await?;
    prepare_reader(Engine::Postgres, &mut conn).await?;
    Ok(conn)
}

/// Opens a connection that may write to a SQLite file, and sets it up.
pub(super) async fn connect_writer(url: &str) -> Result<AnyConnection, Error> {
    let options: AnyConnectOptions = sqlite_url(url, "rwc")?.parse()?;
    let mut conn = AnyConnection::connect_with(&options).await?;
    prepare_writer(&mut conn).await?;
    Ok(conn)
}

/// Opens the connection of the writer proper, which runs its statements where it is.
pub(super) async fn connect_inline(url: &str) -> Result<AnyConnection, Error> {
    // The driver of `sqlx` makes the file and its folder.
    connect_writer(url).await?.close().await?;
    let mut conn = AnyConnection::connect_with(&inline::options(sqlite_path(url))?).await?;
    prepare_writer(&mut conn).await?;
    Ok(conn)
}

/// Sets up SQLite's writer and checks what it answers: a setting that did not take
/// would only show when the power fails.
async fn prepare_writer(conn: &mut AnyConnection) -> Result<(), Error> {
    for pragma in [
        BUSY_TIMEOUT,
        "pragma journal_mode = wal",
        "pragma synchronous = full",
        "pragma foreign_keys = on",
        "pragma temp_store = memory",
        "pragma mmap_size = 0",
        "pragma cell_size_check = on",
        "pragma trusted_schema = off",
        // Enough for the inner pages of the trees. More would be dearer: after a page was
        // split, a commit goes through every page of the cache.
        "pragma cache_size = -8000",
        // The checkpointer does it, so that no commit has to wait for one.
        "pragma wal_autocheckpoint = 0",
    ] {
        sqlx::query(pragma).fetch_all(&mut *conn).await?;
    }
    let version: String = sqlx::query("select sqlite_version()")
        .fetch_one(&mut *conn)
        .await?
        .get(0);
    if parse_version(&version) < OLDEST_SAFE_SQLITE {
        return Err(Error::Setup(format!(
            "SQLite {version} may corrupt its write-ahead log; 3.51.3 or newer is needed"
        )));
    }
    let journal: String = sqlx::query("pragma journal_mode")
        .fetch_one(&mut *conn)
        .await?
        .get(0);
    if journal != "wal" {
        return Err(Error::Setup(format!(
            "SQLite keeps its journal as `{journal}` where `wal` was asked; is the file on a network drive?"
        )));
    }
    for (pragma, wanted) in [
        ("pragma synchronous", 2_i64),
        ("pragma foreign_keys", 1),
        ("pragma mmap_size", 0),
    ] {
        let found: i64 = sqlx::query(pragma)
            .fetch_one(&mut *conn)
            .await?
            .try_get(0)
            .unwrap_or(0);
        if found != wanted {
            return Err(Error::Setup(format!(
                "SQLite answers {found} to `{pragma}` where {wanted} was set"
            )));
        }
    }
    Ok(())
}

fn parse_version(text: &str) -> (u32, u32, u32) {
    let mut parts = text.split('.').map(|part| part.parse().unwrap_or(0));
    let mut next = || parts.next().unwrap_or(0);
    (next(), next(), next())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_is_corrected_by_what_is_certain_and_no_more() {
        assert_eq!(
            certain_lead(1_000, 1_300, 1_600),
            0,
            "a slow answer says nothing"
        );
        assert_eq!(certain_lead(1_000, 5_000, 1_100), 3_900);
        assert_eq!(certain_lead(9_000, 5_000, 9_100), -4_000);
        assert_eq!(certain_lead(9_000, 9_050, 8_900), 50);
    }

    #[test]
    fn the_engine_follows_from_the_url() {
        assert_eq!(Engine::of("sqlite://data/x.db").unwrap(), Engine::Sqlite);
        assert_eq!(Engine::of("postgres://h/x").unwrap(), Engine::Postgres);
        assert!(Engine::of("mysql://h/x").is_err());
        assert_eq!(sqlite_path("sqlite://data/x.db?mode=rwc"), "data/x.db");
        assert_eq!(sqlite_path("sqlite:/var/x.db"), "/var/x.db");
    }

    #[test]
    fn versions_compare_by_number_not_by_text() {
        assert!(parse_version("3.9.1") < OLDEST_SAFE_SQLITE);
        assert!(parse_version("3.51.3") >= OLDEST_SAFE_SQLITE);
        assert!(parse_version("3.100.0") > OLDEST_SAFE_SQLITE);
    }
}
