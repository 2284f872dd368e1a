//! Keys and audit rows in the database.

use jiff::Timestamp;
use sqlx::Row;

use super::keyring::{Keyring, MasterKeys, WrappedKey};
use crate::id::Ids;
use crate::storage::{Conn, Db, Error, sql};

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
        Self::opened(masters, &stored)
    }

    /// Opens the keys of this database and makes none; nothing if it has none yet.
    pub async fn find(db: &Db, masters: MasterKeys) -> Result<Option<Self>, Error> {
        let mut conn = db.read().await?;
        let made: i64 =
            sqlx::query_scalar("select count(*) from keys where purpose in ('ingest', 'index')")
                .fetch_one(&mut *conn)
                .await?;
        if made < 2 {
            return Ok(None);
        }
        let stored = (
            single(&mut conn, "ingest").await?,
            single(&mut conn, "index").await?,
        );
        Self::opened(masters, &stored).map(Some)
    }

    fn opened(
        masters: MasterKeys,
        (ingest, index): &(WrappedKey, WrappedKey),
    ) -> Result<Self, Error> {
        Self::new(masters, ingest, index).map_err(|e| {
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

/// A deed as it is stored.
#[derive(Debug, Clone)]
pub(super) struct AuditRow {
    pub(super) id: String,
    pub(super) at: i64,
    pub(super) actor: String,
    pub(super) action: String,
    pub(super) subject: String,
}

impl AuditRow {
    fn read(row: &sqlx::any::AnyRow) -> Self {
        Self {
            id: row.get(0),
            at: row.get(1),
            actor: row.get(2),
            action: row.get(3),
            subject: row.get(4),
        }
    }
}

pub(super) async fn insert_audit(
    conn: &mut Conn,
    id: &str,
    now: Timestamp,
    actor: &str,
    action: &str,
    subject: &str,
) -> Result<(), Error> {
    sqlx::query("insert into audit (id, at, actor, action, subject) values ($1, $2, $3, $4, $5)")
        .bind(id)
        .bind(now.as_millisecond())
        .bind(actor)
        .bind(action)
        .bind(subject)
        .execute(conn)
        .await?;
    Ok(())
}

/// Returns the last place of the chain and its hash, and keeps others from chaining.
pub(super) async fn head(conn: &mut Conn, lock_rows: &str) -> Result<(i64, Vec<u8>), Error> {
    let text = format!(
        "select seq, hash from audit where seq is not null order by seq desc limit 1{lock_rows}"
    );
    let row = sqlx::query(sql(text)).fetch_optional(conn).await?;
    Ok(row.map_or((0, Vec::new()), |row| (row.get(0), row.get(1))))
}

pub(super) async fn unchained(
    conn: &mut Conn,
    most: i64,
    lock_rows: &str,
) -> Result<Vec<AuditRow>, Error> {
    let text = format!(
        "select id, at, actor, action, subject from audit
          where seq is null order by id limit $1{lock_rows}"
    );
    let rows = sqlx::query(sql(text)).bind(most).fetch_all(conn).await?;
    Ok(rows.iter().map(AuditRow::read).collect())
}

/// Gives rows their places; a place taken by another process undoes the whole write.
pub(super) async fn chain_rows(
    conn: &mut Conn,
    places: &[(String, i64, Vec<u8>)],
) -> Result<(), Error> {
    for (id, seq, hash) in places {
        let given =
            sqlx::query("update audit set seq = $2, hash = $3 where id = $1 and seq is null")
                .bind(id)
                .bind(*seq)
                .bind(hash)
                .execute(&mut *conn)
                .await
                .map_err(Error::from);
        match given {
            Ok(given) if given.rows_affected() == 1 => {}
            // Whoever waited for the head of the chain is shown it as it was before.
            Err(error) if !error.is_taken() => return Err(error),
            Ok(_) | Err(_) => return Err(Error::Again("the audit trail")),
        }
    }
    Ok(())
}

/// Returns chained rows after a place, in order.
pub(super) async fn chained(
    conn: &mut Conn,
    after: i64,
    most: i64,
) -> Result<Vec<(i64, Vec<u8>, AuditRow)>, Error> {
    let rows = sqlx::query(
        "select id, at, actor, action, subject, seq, hash from audit
          where seq > $1 order by seq limit $2",
    )
    .bind(after)
    .bind(most)
    .fetch_all(conn)
    .await?;
    Ok(rows
        .iter()
        .map(|row| (row.get(5), row.get(6), AuditRow::read(row)))
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::Db;

    #[tokio::test]
    async fn a_place_in_the_trail_that_another_process_took_is_a_reason_to_try_again() {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}/t.db", folder.path().display());
        let db = Db::open(&url, 1).await.unwrap();
        for (id, is_first) in [("a", true), ("b", false)] {
            let chained = db.write(id, |conn, id| {
                Box::pin(async move {
                    let now = Timestamp::UNIX_EPOCH;
                    insert_audit(conn, id, now, "operator", "did", "something").await?;
                    chain_rows(conn, &[((*id).to_owned(), 1, vec![1])]).await
                })
            });
            match chained.await {
                Ok(()) => assert!(is_first, "one place was given twice"),
                Err(error) => assert!(!is_first && matches!(error, Error::Again(_)), "{error}"),
            }
        }
        db.close().await;
    }
}
