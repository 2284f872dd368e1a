//! Keys in the database.

use jiff::Timestamp;
use sqlx::Row;

use super::keyring::{Keyring, MasterKeys, WrappedKey};
use crate::id::Ids;
use crate::storage::{Conn, Db, Error};

impl Keyring {
    /// Loads the keys of this database, making the first ones if it is new.
    pub async fn load(
        db: &Db,
        masters: MasterKeys,
        ids: &Ids,
        now: Timestamp,
    ) -> Result<Self, Error> {
        let fresh = ["ingest", "index"].map(|purpose| (purpose, masters.make(ids.next(now)).0));
        let stored = db
            .write((fresh, now), |conn, (fresh, now)| {
                Box::pin(async move {
                    for (purpose, key) in fresh {
                        insert(conn, purpose, key, *now).await?;
                    }
                    Ok((single(conn, "ingest").await?, single(conn, "index").await?))
                })
            })
            .await?;
        let (ingest, index) = stored;
        Self::new(masters, &ingest, &index).map_err(|e| {
            Error::Setup(format!(
                "DATA_KEY does not open this database ({e}); \
                 set the key it was made with, or put a new one in front of it"
            ))
        })
    }
}

/// Stores a key; of the single ones the first stays.
async fn insert(
    conn: &mut Conn,
    purpose: &str,
    key: &WrappedKey,
    now: Timestamp,
) -> Result<(), Error> {
    sqlx::query(
        "insert into keys (id, purpose, wrapped_by, wrapped, created_at)
         values ($1, $2, $3, $4, $5)
         on conflict do nothing",
    )
    .bind(key.id.to_string())
    .bind(purpose)
    .bind(&key.wrapped_by)
    .bind(&key.bytes)
    .bind(now.as_millisecond())
    .execute(conn)
    .await?;
    Ok(())
}

async fn single(conn: &mut Conn, purpose: &str) -> Result<WrappedKey, Error> {
    let row = sqlx::query("select id, wrapped_by, wrapped from keys where purpose = $1")
        .bind(purpose)
        .fetch_one(conn)
        .await?;
    let id: String = row.get(0);
    Ok(WrappedKey {
        id: id.parse().map_err(|e| Error::Damaged {
            table: "keys",
            row: id.clone(),
            what: format!("{e}"),
        })?,
        wrapped_by: row.get(1),
        bytes: row.get(2),
    })
}
