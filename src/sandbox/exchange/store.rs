//! The exchange's own SQLite file: each record as JSON, and the time.
//!
//! The tables are its own and made by itself; nothing else reads them.

use std::path::Path;

use jiff::Timestamp;
use sqlx::Row;

use super::state::Dirty;
use crate::storage::{Db, Error};

/// What was on disk: table, id and body of each record, and the time.
pub(crate) struct Saved {
    pub(crate) records: Vec<(String, String, String)>,
    pub(crate) clock: Timestamp,
}

/// The open file.
pub(crate) struct Store {
    db: Db,
}

const TABLES: [&str; 2] = [
    "create table if not exists record (
       kind text not null, id text not null, body text not null, primary key (kind, id))",
    "create table if not exists clock (one bigint not null primary key, at bigint not null)",
];

impl Store {
    /// Opens the file, made if it is missing, and reads all of it.
    pub(crate) async fn open(path: &Path) -> Result<(Self, Saved), Error> {
        let db = Db::connect(&format!("sqlite://{}", path.display()), 1).await?;
        db.write((), |conn, ()| {
            Box::pin(async move {
                for table in TABLES {
                    sqlx::query(table).execute(&mut *conn).await?;
                }
                Ok(())
            })
        })
        .await?;
        let mut conn = db.read().await?;
        let mut records = Vec::new();
        let rows = sqlx::query("select kind, id, body from record order by kind, id")
            .fetch_all(&mut *conn)
            .await?;
        for row in rows {
            records.push((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?));
        }
        let clock = sqlx::query("select at from clock")
            .fetch_optional(&mut *conn)
            .await?;
        let clock = match clock {
            Some(row) => Timestamp::from_millisecond(row.try_get("at")?)
                .map_err(|e| Error::from(anyhow::Error::new(e)))?,
            None => Timestamp::UNIX_EPOCH,
        };
        drop(conn);
        Ok((Self { db }, Saved { records, clock }))
    }

    /// Writes what changed and the time, all or nothing.
    pub(crate) async fn write(&self, dirty: Dirty, now: Timestamp) -> Result<(), Error> {
        self.db
            .write((dirty, now), |conn, (dirty, now)| {
                Box::pin(async move {
                    for ((kind, id), body) in dirty {
                        let query = match body {
                            Some(body) => sqlx::query(
                                "insert into record (kind, id, body) values ($1, $2, $3)
                                 on conflict (kind, id) do update set body = excluded.body",
                            )
                            .bind(*kind)
                            .bind(id.as_str())
                            .bind(body.as_str()),
                            None => sqlx::query("delete from record where kind = $1 and id = $2")
                                .bind(*kind)
                                .bind(id.as_str()),
                        };
                        query.execute(&mut *conn).await?;
                    }
                    sqlx::query(
                        "insert into clock (one, at) values (1, $1)
                         on conflict (one) do update set at = excluded.at",
                    )
                    .bind(now.as_millisecond())
                    .execute(&mut *conn)
                    .await?;
                    Ok(())
                })
            })
            .await
    }

    /// Closes the file.
    pub(crate) async fn close(&self) {
        self.db.close().await;
    }
}
