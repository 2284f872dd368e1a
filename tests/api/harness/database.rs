//! A database of its own for each test, on the engine of this run.

use sipbrewery::storage;

#[path = "../../support/postgres.rs"]
mod postgres;

use self::postgres::OnServer;
pub(crate) use self::postgres::server;

/// A fresh database. SQLite unless `TEST_DATABASE_URL` names a PostgreSQL server.
pub struct TestDatabase {
    url: String,
    folder: tempfile::TempDir,
    on_server: Option<OnServer>,
}

impl TestDatabase {
    /// Makes one in which nobody is known.
    pub async fn create() -> Self {
        Self::of(OnServer::create(true).await)
    }

    /// Makes one without tables.
    pub async fn empty() -> Self {
        Self::of(OnServer::create(false).await)
    }

    fn of(on_server: Option<OnServer>) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let file = format!("sqlite://{}", folder.path().join("test.db").display());
        Self {
            url: on_server.as_ref().map_or(file, OnServer::url),
            folder,
            on_server,
        }
    }

    pub fn url(&self) -> &str {
        &self.url
    }

    pub fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    pub fn is_postgres(&self) -> bool {
        self.on_server.is_some()
    }
}
