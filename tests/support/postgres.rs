//! A database of its own for each test on the PostgreSQL server that `TEST_DATABASE_URL`
//! names. Its tables are copied from one that is made once for this build's migrations and
//! stays on the server: making them anew takes a second, copying them a quarter of it.
//!
//! Part of the library's tests and of `tests/api`, which see the crate by different names:
//! whoever includes it has `storage` in scope.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::Path;

use sqlx::Connection as _;
use tokio::sync::OnceCell;

use super::storage::{Db, install_drivers};

/// Held while the database is made that others are copied from.
const LOCK: i64 = 20_261_127;

/// A database that is dropped with this.
pub(crate) struct OnServer {
    server: String,
    name: String,
}

impl OnServer {
    /// Makes one, with the tables of this build or without any; nothing where this run has
    /// no server.
    pub(crate) async fn create(with_tables: bool) -> Option<Self> {
        static MADE: OnceCell<String> = OnceCell::const_new();
        let server = server()?;
        let name = format!("sip_{:032x}", rand::random::<u128>());
        let how = if with_tables {
            let template = MADE.get_or_init(|| template(&server)).await;
            format!(" template {template}")
        } else {
            String::new()
        };
        run(&server, &format!("create database {name}{how}")).await;
        Some(Self { server, name })
    }

    /// Returns its address.
    pub(crate) fn url(&self) -> String {
        url(&self.server, &self.name)
    }
}

impl Drop for OnServer {
    fn drop(&mut self) {
        let drop = format!("drop database if exists {} with (force)", self.name);
        let server = self.server.clone();
        // A destructor cannot wait, and the test's runtime may be gone.
        let dropping = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build();
            runtime.expect("a runtime").block_on(run(&server, &drop));
        });
        let _ = dropping.join();
    }
}

/// Returns the PostgreSQL server of this run, if any.
#[expect(
    clippy::disallowed_methods,
    reason = "the run of the tests is set up by its environment"
)]
pub(crate) fn server() -> Option<String> {
    let url = std::env::var("TEST_DATABASE_URL").ok();
    url.filter(|url| !url.is_empty())
}

fn url(server: &str, name: &str) -> String {
    let (head, tail) = server.rsplit_once('/').expect("a URL with a database");
    let parameters = tail.split_once('?').map(|(_, p)| format!("?{p}"));
    format!("{head}/{name}{}", parameters.unwrap_or_default())
}

async fn connect(server: &str) -> sqlx::AnyConnection {
    install_drivers();
    let conn = sqlx::AnyConnection::connect(server).await;
    conn.expect("TEST_DATABASE_URL names a PostgreSQL server that answers")
}

async fn run(server: &str, statement: &str) {
    execute(&mut connect(server).await, statement.to_owned()).await;
}

async fn execute(conn: &mut sqlx::AnyConnection, statement: String) {
    sqlx::raw_sql(sqlx::AssertSqlSafe(statement))
        .execute(conn)
        .await
        .expect("the role of TEST_DATABASE_URL may create databases");
}

/// Makes the database that others are copied from, unless some process has; returns its name.
async fn template(server: &str) -> String {
    let name = format!("sip_template_{:016x}", version());
    let mut conn = connect(server).await;
    execute(&mut conn, format!("select pg_advisory_lock({LOCK})")).await;
    let found: i64 = sqlx::query_scalar("select count(*) from pg_database where datname = $1")
        .bind(&name)
        .fetch_one(&mut conn)
        .await
        .expect("a count");
    if found == 0 {
        // Under another name until it is whole.
        let half = format!("{name}_half");
        execute(&mut conn, format!("drop database if exists {half}")).await;
        execute(&mut conn, format!("create database {half}")).await;
        let db = Db::open(&url(server, &half), 1).await;
        db.expect("the migrations run").close().await;
        execute(&mut conn, format!("alter database {half} rename to {name}")).await;
    }
    // Ends the lock with it.
    let _ = conn.close().await;
    name
}

/// Tells one build's tables from another's.
fn version() -> u64 {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = std::fs::read_dir(root.join("migrations")).expect("the migrations");
    let mut files: Vec<_> = folder.map(|file| file.expect("a file").path()).collect();
    files.push(root.join("src/storage/postgres.sql"));
    files.sort();
    let mut hash = DefaultHasher::new();
    for file in files {
        std::fs::read(file).expect("a file").hash(&mut hash);
    }
    hash.finish()
}
