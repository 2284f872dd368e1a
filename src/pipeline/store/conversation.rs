//! Reads back what was said in a conversation.

use sqlx::Row;

use crate::contacts::store::NAMES;
use crate::storage::{Conn, Error, sql};

/// A message somebody wrote, still sealed.
pub(in crate::pipeline) struct HeardRow {
    pub(in crate::pipeline) id: String,
    pub(in crate::pipeline) received_at: i64,
    pub(in crate::pipeline) payload: Option<Vec<u8>>,
    pub(in crate::pipeline) outcome: Option<String>,
}

/// A message somebody was answered with, still sealed.
pub(in crate::pipeline) struct AnswerRow {
    pub(in crate::pipeline) id: String,
    pub(in crate::pipeline) inbox_id: String,
    pub(in crate::pipeline) payload: Option<Vec<u8>>,
}

/// Lists what a contact wrote, of all that the person of `root` is, and was decided, in the
/// order it was decided in.
pub(in crate::pipeline) async fn heard(
    conn: &mut Conn,
    (contact, root): (&str, &str),
) -> Result<Vec<HeardRow>, Error> {
    let rows = sqlx::query(sql(heard_text()))
        .bind(contact)
        .bind(root)
        .fetch_all(conn)
        .await?;
    let read = |row: &sqlx::any::AnyRow| HeardRow {
        id: row.get(0),
        received_at: row.get(1),
        payload: row.get(2),
        outcome: row.get(3),
    };
    Ok(rows.iter().map(read).collect())
}

/// Messages are found by the names they were written under; those from before names were
/// kept with them have none.
pub(super) fn heard_text() -> String {
    const WANTED: &str = "select id, received_at, payload, outcome, sent_at from inbox
          where contact_id = $1 and kind = 'message' and state = 'done'";
    format!(
        "{WANTED} and name in ({NAMES})
         union all {WANTED} and name is null and payload is not null
         order by sent_at, id"
    )
}

/// Lists what a contact was answered, in the order it was said in.
pub(in crate::pipeline) async fn answers(
    conn: &mut Conn,
    contact: &str,
) -> Result<Vec<AnswerRow>, Error> {
    let rows = sqlx::query(
        "select id, inbox_id, payload from outbox
          where contact_id = $1 and inbox_id is not null order by id",
    )
    .bind(contact)
    .fetch_all(conn)
    .await?;
    let read = |row: &sqlx::any::AnyRow| AnswerRow {
        id: row.get(0),
        inbox_id: row.get(1),
        payload: row.get(2),
    };
    Ok(rows.iter().map(read).collect())
}
