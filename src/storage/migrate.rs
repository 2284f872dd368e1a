//! Brings the tables up to date.

use sqlx::Connection;
use sqlx::migrate::Migrator;

use super::{Db, Engine, Error, engine};

static MIGRATIONS: Migrator = sqlx::migrate!();

/// Waits for the turn to migrate, which lasts as long as the connection.
const TURN: &str = "select pg_advisory_lock(5071942846012379021)";

/// Views with native types for people who analyse the data.
const POSTGRES_VIEWS: &str = include_str!("postgres.sql");

impl Db {
    /// Applies what is missing of `migrations/`, in order, each once.
    pub async fn migrate(&self) -> Result<(), Error> {
        let damaged = |e: sqlx::migrate::MigrateError| {
            Error::Setup(format!("the database could not be migrated: {e}"))
        };
        match self.engine() {
            Engine::Sqlite => {
                let mut conn = engine::connect_writer(&self.inner.url).await?;
                MIGRATIONS
                    .run_direct(None, &mut conn, false)
                    .await
                    .map_err(damaged)?;
                conn.close().await?;
            }
            Engine::Postgres => {
                let mut conn = engine::connect_alone(&self.inner.url).await?;
                // Of several processes that start, one migrates and the others wait for as
                // long as it takes; for tables that are in use nobody waits for long.
                for statement in ["set lock_timeout = 0", TURN, engine::LOCK_TIMEOUT] {
                    sqlx::raw_sql(statement).execute(&mut conn).await?;
                }
                MIGRATIONS
                    .run_direct(None, &mut conn, false)
                    .await
                    .map_err(damaged)?;
                sqlx::raw_sql(POSTGRES_VIEWS).execute(&mut conn).await?;
                conn.close().await?;
            }
        }
        Ok(())
    }

    /// Returns the number of migrations applied, and of those this build knows.
    pub async fn migrations(&self) -> Result<(usize, usize), Error> {
        let mut conn = self.read().await?;
        let sql = match self.engine() {
            Engine::Sqlite => "select count(*) from sqlite_master where name = '_sqlx_migrations'",
            Engine::Postgres => {
                "select count(*) from information_schema.tables where table_name = '_sqlx_migrations'"
            }
        };
        let tables: i64 = sqlx::query_scalar(sql).fetch_one(&mut *conn).await?;
        let applied: i64 = if tables == 0 {
            0
        } else {
            sqlx::query_scalar("select count(*) from _sqlx_migrations")
                .fetch_one(&mut *conn)
                .await?
        };
        let applied = usize::try_from(applied).unwrap_or(0);
        Ok((applied, MIGRATIONS.iter().count()))
    }
}
