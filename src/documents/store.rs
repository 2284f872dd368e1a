//! Finished files in the database.

use jiff::Timestamp;
use sqlx::Row;
use sqlx::any::AnyRow;

use super::Kind;
use crate::contacts::store::{Merge, SealedTable, rehome_sealed};
use crate::id::{ContactId, DocumentId};
use crate::storage::{Conn, Error};

const TABLE: &str = "documents";

/// A file as it is stored.
pub(super) struct StoredFile {
    pub(super) id: DocumentId,
    pub(super) contact: ContactId,
    pub(super) kind: Kind,
    /// Keyed hash of the link's secret.
    pub(super) token_hash: Vec<u8>,
    pub(super) mime: String,
    pub(super) file_name: String,
    /// The file, sealed.
    pub(super) sealed: Vec<u8>,
    pub(super) made_at: Timestamp,
    pub(super) expires_at: Timestamp,
}

pub(super) async fn insert(conn: &mut Conn, file: &StoredFile) -> Result<(), Error> {
    sqlx::query(
        "insert into documents (id, contact_id, kind, token_hash, mime, file_name, sealed,
             made_at, expires_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(file.id.to_string())
    .bind(file.contact.to_string())
    .bind(file.kind.as_str())
    .bind(&file.token_hash)
    .bind(&file.mime)
    .bind(&file.file_name)
    .bind(&file.sealed)
    .bind(file.made_at.as_millisecond())
    .bind(file.expires_at.as_millisecond())
    .execute(conn)
    .await?;
    Ok(())
}

/// Finds the file of a link that has not expired.
pub(super) async fn find(
    conn: &mut Conn,
    token_hash: &[u8],
    now: Timestamp,
) -> Result<Option<StoredFile>, Error> {
    let row = sqlx::query(
        "select id, contact_id, kind, mime, file_name, sealed, made_at, expires_at, token_hash
           from documents where token_hash = $1 and expires_at > $2",
    )
    .bind(token_hash.to_vec())
    .bind(now.as_millisecond())
    .fetch_optional(conn)
    .await?;
    row.map(|row| read(&row)).transpose()
}

/// Finds a file that was made for a contact and has not expired.
pub(super) async fn find_of(
    conn: &mut Conn,
    contact: ContactId,
    id: DocumentId,
    now: Timestamp,
) -> Result<Option<StoredFile>, Error> {
    let row = sqlx::query(
        "select id, contact_id, kind, mime, file_name, sealed, made_at, expires_at, token_hash
           from documents where id = $1 and contact_id = $2 and expires_at > $3",
    )
    .bind(id.to_string())
    .bind(contact.to_string())
    .bind(now.as_millisecond())
    .fetch_optional(conn)
    .await?;
    row.map(|row| read(&row)).transpose()
}

fn read(row: &AnyRow) -> Result<StoredFile, Error> {
    let id: String = row.try_get(0)?;
    let damaged = |what: String| Error::Damaged {
        table: TABLE,
        row: id.clone(),
        what,
    };
    let contact: String = row.try_get(1)?;
    let kind: String = row.try_get(2)?;
    let instant = |at: i64| Timestamp::from_millisecond(at).map_err(|e| damaged(e.to_string()));
    Ok(StoredFile {
        contact: contact.parse().map_err(|e| damaged(format!("{e}")))?,
        kind: Kind::parse(&kind).ok_or_else(|| damaged(format!("unknown kind `{kind}`")))?,
        mime: row.try_get(3)?,
        file_name: row.try_get(4)?,
        sealed: row.try_get(5)?,
        made_at: instant(row.try_get(6)?)?,
        expires_at: instant(row.try_get(7)?)?,
        token_hash: row.try_get(8)?,
        id: id.parse().map_err(|e| damaged(format!("{e}")))?,
    })
}

/// Moves the files of one contact to another that turned out to be the same person.
pub async fn move_files(conn: &mut Conn, merge: Merge<'_>) -> Result<(), Error> {
    let files = SealedTable::new(TABLE, "sealed");
    rehome_sealed(conn, files, merge, Ok).await
}

/// What is erased with a contact; `$1` is the contact.
pub const FORGET: &[&str] = &["delete from documents where contact_id = $1"];

/// Deletes some files that have expired; returns how many.
pub(super) async fn delete_expired(
    conn: &mut Conn,
    now: Timestamp,
    most: i64,
) -> Result<u64, Error> {
    let done = sqlx::query(
        "delete from documents where id in
             (select id from documents where expires_at <= $1 order by expires_at limit $2)",
    )
    .bind(now.as_millisecond())
    .bind(most)
    .execute(conn)
    .await?;
    Ok(done.rows_affected())
}
