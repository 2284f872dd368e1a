//! A database of its own for each test, on the engine of this run.

use sqlx::Connection;

/// A fresh, empty database. SQLite unless `TEST_DATABASE_URL` names a PostgreSQL server.
pub struct TestDatabase {
    url: String,
    folder: tempfile::TempDir,
    /// Server and name, to be dropped at the end.
    on_server: Option<(String, String)>,
}

impl TestDatabase {
    pub async fn create() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let Some(server) = server() else {
            let url = format!("sqlite://{}", folder.path().join("test.db").display());
            return Self {
                url,
                folder,
                on_server: None,
            };
        };
        let name = format!("sip_{}", uuid_text());
        sipbrewery::storage::install_drivers();
        let mut conn = sqlx::AnyConnection::connect(&server)
            .await
            .expect("TEST_DATABASE_URL names a PostgreSQL server that answers");
        let create = format!("create database {name}");
        sqlx::raw_sql(sqlx::AssertSqlSafe(create))
            .execute(&mut conn)
            .await
            .expect("the role of TEST_DATABASE_URL may create databases");
        let (head, tail) = server.rsplit_once('/').expect("a URL with a database name");
        let parameters = tail
            .split_once('?')
            .map_or(String::new(), |(_, p)| format!("?{p}"));
        Self {
            url: format!("{head}/{name}{parameters}"),
            folder,
            on_server: Some((server, name)),
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

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let Some((server, name)) = self.on_server.take() else {
            return;
        };
        let dropping = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build();
            runtime.expect("a runtime").block_on(async {
                if let Ok(mut conn) = sqlx::AnyConnection::connect(&server).await {
                    let drop = format!("drop database if exists {name} with (force)");
                    let _ = sqlx::raw_sql(sqlx::AssertSqlSafe(drop))
                        .execute(&mut conn)
                        .await;
                }
            });
        });
        let _ = dropping.join();
    }
}

/// Returns the PostgreSQL server of this run, if any.
#[expect(
    clippy::disallowed_methods,
    reason = "the run of the tests is set up by its environment"
)]
pub fn server() -> Option<String> {
    std::env::var("TEST_DATABASE_URL")
        .ok()
        .filter(|url| !url.is_empty())
}

fn uuid_text() -> String {
    let id: sipbrewery::id::ProcessId =
        sipbrewery::id::Ids::random().next(sipbrewery::clock::Clock::system().now());
    id.uuid().simple().to_string()
}
