//! What is on record of the files that came with messages.

use jiff::Timestamp;
use sqlx::Row;

use super::super::attachments::Listed;
use crate::contacts::store::{Merge, SealedTable, rehome_sealed};
use crate::storage::{Conn, Error, list as places, padded, sql};

pub(in crate::pipeline) const TABLE: &str = "attachments";
/// The column of a file's sealed key.
pub(in crate::pipeline) const KEY: &str = "file_key";

/// A file to be fetched.
pub(in crate::pipeline) struct NewAttachment<'a> {
    pub(in crate::pipeline) id: &'a str,
    pub(in crate::pipeline) contact: &'a str,
    pub(in crate::pipeline) message: &'a str,
    pub(in crate::pipeline) kind: &'a str,
    pub(in crate::pipeline) mime: &'a str,
    pub(in crate::pipeline) now: i64,
}

/// A file that waits, as it is fetched now.
pub(in crate::pipeline) struct Waiting {
    pub(in crate::pipeline) contact: String,
    pub(in crate::pipeline) kind: String,
    pub(in crate::pipeline) mime: String,
    /// What a run that broke off may have left in the folder.
    pub(in crate::pipeline) file: Option<String>,
    /// This one included. Whatever comes of it is written only while it is the newest.
    pub(in crate::pipeline) tries: i64,
}

/// Where a file will be, and under which key.
pub(in crate::pipeline) struct Place {
    pub(in crate::pipeline) id: String,
    /// Which try brought it.
    pub(in crate::pipeline) attempt: i64,
    /// Whose key seals the file's.
    pub(in crate::pipeline) contact: String,
    pub(in crate::pipeline) file: String,
    pub(in crate::pipeline) file_key: Vec<u8>,
    pub(in crate::pipeline) size: i64,
}

/// A file that is kept.
pub(in crate::pipeline) struct Kept {
    pub(in crate::pipeline) contact: String,
    pub(in crate::pipeline) file: String,
    pub(in crate::pipeline) file_key: Vec<u8>,
}

pub(in crate::pipeline) async fn insert(
    conn: &mut Conn,
    new: NewAttachment<'_>,
) -> Result<(), Error> {
    sqlx::query(
        "insert into attachments (id, contact_id, inbox_id, kind, mime, state, received_at)
         values ($1, $2, $3, $4, $5, 'waiting', $6)",
    )
    .bind(new.id)
    .bind(new.contact)
    .bind(new.message)
    .bind(new.kind)
    .bind(new.mime)
    .bind(new.now)
    .execute(conn)
    .await?;
    Ok(())
}

/// Counts a try and returns the file; `None` unless it is waiting.
pub(in crate::pipeline) async fn try_again(
    conn: &mut Conn,
    id: &str,
) -> Result<Option<Waiting>, Error> {
    let row = sqlx::query(
        "update attachments set tries = tries + 1 where id = $1 and state = 'waiting'
         returning contact_id, kind, mime, file, tries",
    )
    .bind(id)
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|row| Waiting {
        contact: row.get(0),
        kind: row.get(1),
        mime: row.get(2),
        file: row.get(3),
        tries: row.get(4),
    }))
}

/// Writes down where a file will be, if it still waits for this try and still is this
/// contact's.
pub(in crate::pipeline) async fn reserve(conn: &mut Conn, place: &Place) -> Result<bool, Error> {
    let reserved = sqlx::query(
        "update attachments set file = $3, file_key = $4, size = $5
          where id = $1 and contact_id = $2 and state = 'waiting' and tries = $6",
    )
    .bind(&place.id)
    .bind(&place.contact)
    .bind(&place.file)
    .bind(&place.file_key)
    .bind(place.size)
    .bind(place.attempt)
    .execute(conn)
    .await?;
    Ok(reserved.rows_affected() == 1)
}

/// Writes down that a file is where it was to be. A later try may have taken it away, for
/// what an earlier one left.
pub(in crate::pipeline) async fn keep(
    conn: &mut Conn,
    (id, attempt): (&str, i64),
    file: &str,
    now: i64,
) -> Result<bool, Error> {
    let kept = sqlx::query(
        "update attachments set state = 'kept', ended_at = $3
          where id = $1 and file = $2 and state = 'waiting' and tries = $4",
    )
    .bind(id)
    .bind(file)
    .bind(now)
    .bind(attempt)
    .execute(conn)
    .await?;
    Ok(kept.rows_affected() == 1)
}

/// Writes down why a file that waits is not taken in.
pub(in crate::pipeline) async fn refuse(
    conn: &mut Conn,
    (id, attempt): (&str, i64),
    reason: &str,
    now: i64,
) -> Result<bool, Error> {
    let refused = sqlx::query(
        "update attachments
            set state = 'refused', reason = $2, ended_at = $3, file = null, file_key = null
          where id = $1 and state = 'waiting' and tries = $4",
    )
    .bind(id)
    .bind(reason)
    .bind(now)
    .bind(attempt)
    .execute(conn)
    .await?;
    Ok(refused.rows_affected() == 1)
}

/// Forgets the files of a contact; returns what may be in the folder of them.
pub(in crate::pipeline) async fn forget(
    conn: &mut Conn,
    contact: &str,
) -> Result<Vec<String>, Error> {
    let files: Vec<Option<String>> =
        sqlx::query_scalar("delete from attachments where contact_id = $1 returning file")
            .bind(contact)
            .fetch_all(conn)
            .await?;
    Ok(files.into_iter().flatten().collect())
}

/// Returns ids and names of files that came before an instant and may be there.
pub(in crate::pipeline) async fn older(
    conn: &mut Conn,
    before: i64,
    most: i64,
) -> Result<Vec<(String, Option<String>)>, Error> {
    let rows = sqlx::query(
        "select id, file from attachments
          where state in ('kept', 'waiting') and received_at < $1
          order by received_at limit $2",
    )
    .bind(before)
    .bind(most)
    .fetch_all(conn)
    .await?;
    Ok(rows.iter().map(|row| (row.get(0), row.get(1))).collect())
}

/// Writes down that files are not there any more.
pub(in crate::pipeline) async fn let_go(conn: &mut Conn, ids: &[String]) -> Result<(), Error> {
    for run in padded(ids, 1) {
        let text = format!(
            "update attachments set state = 'gone', file = null, file_key = null
              where id in ({})",
            places(run.len())
        );
        let mut query = sqlx::query(sql(text));
        for id in run.filled() {
            query = query.bind(id);
        }
        query.execute(&mut *conn).await?;
    }
    Ok(())
}

/// Finds a file that is kept.
pub(in crate::pipeline) async fn find_kept(
    conn: &mut Conn,
    id: &str,
) -> Result<Option<Kept>, Error> {
    let row = sqlx::query(
        "select contact_id, file, file_key from attachments where id = $1 and state = 'kept'",
    )
    .bind(id)
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|row| Kept {
        contact: row.get(0),
        file: row.get(1),
        file_key: row.get(2),
    }))
}

/// Returns the newest files, the newest last; of one state, if one is named.
pub(in crate::pipeline) async fn list(
    conn: &mut Conn,
    state: Option<&str>,
    most: u32,
) -> Result<Vec<Listed>, Error> {
    let rows = sqlx::query(
        "select id, contact_id, inbox_id, kind, mime, state, reason, size, received_at
           from attachments
          where state = coalesce($1, state)
          order by received_at desc, id desc limit $2",
    )
    .bind(state)
    .bind(i64::from(most))
    .fetch_all(conn)
    .await?;
    let listed = rows.iter().rev().map(|row| Listed {
        id: row.get(0),
        contact: row.get(1),
        message: row.get(2),
        kind: row.get(3),
        mime: row.get(4),
        state: row.get(5),
        reason: row.get(6),
        size: row.get(7),
        received_at: Timestamp::from_millisecond(row.get(8)).unwrap_or(Timestamp::MIN),
    });
    Ok(listed.collect())
}

/// Moves the files of one contact to another that turned out to be the same person: their
/// keys are sealed anew, the files stay as they are.
pub async fn move_attachments(conn: &mut Conn, merge: Merge<'_>) -> Result<(), Error> {
    sqlx::query(
        "update attachments set contact_id = $2 where contact_id = $1 and file_key is null",
    )
    .bind(merge.from.0.to_string())
    .bind(merge.into.0.to_string())
    .execute(&mut *conn)
    .await?;
    let keys = SealedTable::new(TABLE, KEY);
    rehome_sealed(conn, keys, merge, Ok).await
}
