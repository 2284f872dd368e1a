//! The database, whichever of the two engines it is.
//!
//! All writes are [`Db::write`]. On SQLite one writer runs them, with one commit for all
//! that wait and nobody harmed by another's failing, so that durability (`synchronous=FULL`) costs one
//! flush for many; on PostgreSQL each is a transaction of its own, run again when it
//! collides with another. Either way a returned value is durable, but for that of bulk work
//! ([`Urgency::InBulk`]), which is so with the next write.
//!
//! What differs between the engines stays in this folder: how a write begins, the
//! locking hint, the wake-up between processes.

mod checkpoint;
mod engine;
mod error;
mod inline;
mod lock;
mod migrate;
#[cfg(unix)]
mod relay;
mod sql;
mod wake;
mod writer;

use std::sync::{Arc, Once};
use std::time::Duration;

use futures::future::BoxFuture;
use sqlx::any::AnyPoolOptions;
use sqlx::pool::PoolConnection;
use sqlx::{Any, AnyPool, Connection as _};
use tokio_util::sync::CancellationToken;

pub use engine::Engine;
pub use error::Error;
pub use lock::ServeLock;
pub use sql::{Run, filled_up, list, padded, runs, sql, values, values_from};
pub use wake::Wake;

pub use writer::Urgency;

/// A connection that rested for longer is asked whether it is still there.
const FRESH: Duration = Duration::from_secs(1);

/// How long to wait for a connection.
const PATIENCE: Duration = Duration::from_secs(5);

/// A connection of either engine.
pub type Conn = sqlx::AnyConnection;

/// Makes both engines known to `sqlx::Any`. Doing it again changes nothing.
pub fn install_drivers() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        sqlx::any::install_drivers(&[
            sqlx::postgres::any::DRIVER,
            sqlx::sqlite::any::DRIVER,
            inline::DRIVER,
        ])
        .expect("drivers are installed here only");
    });
}

/// A handle on the database; clones share it.
#[derive(Clone)]
pub struct Db {
    inner: Arc<Inner>,
}

struct Inner {
    engine: Engine,
    url: String,
    pool: AnyPool,
    /// What a server across TCP is reached through.
    #[cfg(unix)]
    _relay: Option<relay::Relay>,
    /// SQLite's single writer; PostgreSQL writes through the pool.
    writer: Option<writer::Writer>,
    /// Set when the disk failed under a commit and nothing may be acknowledged any more.
    failed: CancellationToken,
}

impl Db {
    /// Opens `sqlite://path` (made if it is missing) or `postgres://…`, brings the
    /// tables up to date, and checks that the engine keeps its promises.
    pub async fn open(url: &str, connections: u32) -> Result<Self, Error> {
        let db = Self::connect(url, connections).await?;
        db.migrate().await?;
        Ok(db)
    }

    /// Opens the database as it is, without touching its tables.
    pub async fn connect(url: &str, connections: u32) -> Result<Self, Error> {
        install_drivers();
        let engine = Engine::of(url)?;
        let failed = CancellationToken::new();
        let writer = match engine {
            Engine::Sqlite => Some(writer::Writer::start(url, failed.clone()).await?),
            Engine::Postgres => None,
        };
        #[cfg(unix)]
        let relay = match engine {
            Engine::Sqlite => None,
            Engine::Postgres => relay::Relay::to(url, PATIENCE).await?,
        };
        #[cfg(unix)]
        let url = relay.as_ref().map_or(url, relay::Relay::url);
        let options = AnyPoolOptions::new()
            .max_connections(connections)
            .acquire_timeout(PATIENCE)
            .test_before_acquire(false)
            .before_acquire(move |conn, metadata| {
                Box::pin(async move {
                    // One that was used a moment ago is there; a file does not go away.
                    if engine == Engine::Postgres && metadata.idle_for > FRESH {
                        conn.ping().await?;
                    }
                    Ok(true)
                })
            })
            .after_connect(move |conn, _| Box::pin(engine::prepare_reader(engine, conn)));
        let pool = match engine {
            Engine::Sqlite => options.connect(&engine::sqlite_url(url, "rw")?).await?,
            Engine::Postgres => options.connect(url).await?,
        };
        let inner = Inner {
            engine,
            url: url.to_owned(),
            pool,
            #[cfg(unix)]
            _relay: relay,
            writer,
            failed,
        };
        Ok(Self {
            inner: Arc::new(inner),
        })
    }

    /// Returns which engine this is.
    pub fn engine(&self) -> Engine {
        self.inner.engine
    }

    /// Resolves when the disk failed under a commit: the process must stop.
    pub async fn failed(&self) {
        self.inner.failed.cancelled().await;
    }

    /// Borrows a connection for reading.
    pub async fn read(&self) -> Result<PoolConnection<Any>, Error> {
        Ok(self.inner.pool.acquire().await?)
    }

    /// Runs `run` in a transaction and returns its value once that is durable.
    ///
    /// An error from `run` undoes its writes and nobody else's. On PostgreSQL a
    /// collision with another transaction runs it again, which is why the input is
    /// lent to it and not given.
    pub async fn write<I, T, F>(&self, input: I, run: F) -> Result<T, Error>
    where
        I: Send + Sync + 'static,
        T: Send + 'static,
        F: for<'c> Fn(&'c mut Conn, &'c I) -> BoxFuture<'c, Result<T, Error>>
            + Send
            + Sync
            + 'static,
    {
        self.write_as(Urgency::InTurn, input, run).await
    }

    /// As [`Db::write`], and says whether it goes before other writes that wait.
    pub async fn write_as<I, T, F>(&self, urgency: Urgency, input: I, run: F) -> Result<T, Error>
    where
        I: Send + Sync + 'static,
        T: Send + 'static,
        F: for<'c> Fn(&'c mut Conn, &'c I) -> BoxFuture<'c, Result<T, Error>>
            + Send
            + Sync
            + 'static,
    {
        match &self.inner.writer {
            Some(writer) => writer.write(urgency, input, run).await,
            None => writer::write_on_pool(&self.inner.pool, urgency, &input, &run).await,
        }
    }

    /// Returns what to append to a `select` so that the rows read stay as they are
    /// until the write commits. SQLite has one writer and needs nothing.
    pub fn lock_rows(&self) -> &'static str {
        self.inner.engine.lock_rows()
    }

    /// Returns what to append to a `select` that takes work: as [`Db::lock_rows`], and
    /// what another process is at is left to it instead of waited for.
    pub fn lock_free_rows(&self) -> &'static str {
        self.inner.engine.lock_free_rows()
    }

    /// Closes every connection, after what was asked before is done.
    pub async fn close(&self) {
        if let Some(writer) = &self.inner.writer {
            writer.stop().await;
        }
        self.inner.pool.close().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn scratch() -> (tempfile::TempDir, Db) {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}/t.db", folder.path().display());
        let db = Db::connect(&url, 2).await.unwrap();
        db.write((), |conn, ()| {
            Box::pin(async move {
                sqlx::query("create table t (n bigint primary key)")
                    .execute(conn)
                    .await?;
                Ok(())
            })
        })
        .await
        .unwrap();
        (folder, db)
    }

    async fn insert(db: &Db, numbers: Vec<i64>) -> Result<(), Error> {
        db.write(numbers, |conn, numbers| {
            Box::pin(async move {
                for n in numbers {
                    sqlx::query("insert into t values ($1)")
                        .bind(n)
                        .execute(&mut *conn)
                        .await?;
                }
                Ok(())
            })
        })
        .await
    }

    async fn count(db: &Db) -> i64 {
        let mut conn = db.read().await.unwrap();
        sqlx::query_scalar("select count(*) from t")
            .fetch_one(&mut *conn)
            .await
            .unwrap()
    }

    #[tokio::test]
    async fn writes_that_share_a_commit_fail_alone() {
        let (_folder, db) = scratch().await;
        let writes =
            (0..50).map(|n| insert(&db, vec![n, if n % 10 == 0 { 1_000 } else { n + 100 }]));
        let outcomes = futures::future::join_all(writes).await;
        let failed: Vec<_> = outcomes.iter().filter(|o| o.is_err()).collect();
        assert_eq!(failed.len(), 4, "five wrote 1000, one of them won");
        assert!(
            failed
                .iter()
                .all(|o| o.as_ref().is_err_and(Error::is_taken))
        );
        assert_eq!(count(&db).await, 46 * 2);
    }

    fn nothing_is_wrong() -> bool {
        false
    }

    #[tokio::test]
    async fn a_panic_inside_a_write_undoes_it_and_harms_nobody_else() {
        let (_folder, db) = scratch().await;
        let panicking = db.write((), |conn, ()| {
            Box::pin(async move {
                sqlx::query("insert into t values (1)")
                    .execute(conn)
                    .await?;
                assert!(nothing_is_wrong(), "on purpose");
                Ok(())
            })
        });
        assert!(panicking.await.is_err());
        insert(&db, vec![2]).await.unwrap();
        assert_eq!(count(&db).await, 1);
    }

    #[tokio::test]
    async fn only_bulk_does_not_wait_for_the_disk() {
        let (_folder, db) = scratch().await;
        let level = |urgency| {
            db.write_as(urgency, (), |conn, ()| {
                Box::pin(async move {
                    let level = sqlx::query_scalar("pragma synchronous");
                    Ok::<i64, Error>(level.fetch_one(conn).await?)
                })
            })
        };
        for _ in 0..2 {
            assert_eq!(level(Urgency::InBulk).await.unwrap(), 1);
            assert_eq!(level(Urgency::InTurn).await.unwrap(), 2);
            assert_eq!(level(Urgency::First).await.unwrap(), 2);
        }
        // One that fails leaves it as it should be.
        let failing = db.write_as(Urgency::InBulk, (), |_, ()| {
            Box::pin(async move { Err::<(), _>(Error::Conflict("on purpose")) })
        });
        assert!(failing.await.is_err());
        assert_eq!(level(Urgency::InTurn).await.unwrap(), 2);
    }

    #[tokio::test]
    async fn the_readers_cannot_write() {
        let (_folder, db) = scratch().await;
        let mut conn = db.read().await.unwrap();
        let written = sqlx::query("insert into t values (1)")
            .execute(&mut *conn)
            .await;
        assert!(written.is_err());
    }

    #[tokio::test]
    async fn after_closing_the_log_is_empty_and_writes_are_refused() {
        let (folder, db) = scratch().await;
        insert(&db, vec![1]).await.unwrap();
        db.close().await;
        assert!(insert(&db, vec![2]).await.is_err());
        let wal = folder.path().join("t.db-wal");
        assert!(!wal.exists() || wal.metadata().unwrap().len() == 0);
    }

    #[tokio::test]
    async fn a_migrated_database_closes_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}/t.db", folder.path().display());
        let db = Db::open(&url, 2).await.unwrap();
        let closing = tokio::time::timeout(Duration::from_secs(2), db.close());
        assert!(closing.await.is_ok(), "something still holds the log");
    }

    #[test]
    fn only_one_process_serves_a_sqlite_file() {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}/t.db", folder.path().display());
        let held = ServeLock::acquire(&url).unwrap();
        assert!(ServeLock::acquire(&url).is_err());
        drop(held);
        assert!(ServeLock::acquire(&url).is_ok());
    }
}
