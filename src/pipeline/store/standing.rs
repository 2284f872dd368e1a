//! How far one message got, for whoever enqueued it.

use sqlx::Row;

use crate::id::OutboxId;
use crate::storage::{Conn, Error};

/// How far a message got.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// The word of its [`OutboxState`](crate::pipeline::OutboxState).
    pub state: String,
    /// The template it is, if it is one.
    pub template: Option<String>,
    /// Whether Meta took it.
    pub was_accepted: bool,
    /// Meta's code, if it failed.
    pub code: Option<i64>,
    /// Why it ended as it did.
    pub reason: Option<String>,
}

/// Returns how far a message got; `None` if there is none of this id.
pub async fn standing(conn: &mut Conn, id: OutboxId) -> Result<Option<Standing>, Error> {
    let row =
        sqlx::query("select state, accepted_at, code, reason, template from outbox where id = $1")
            .bind(id.to_string())
            .fetch_optional(conn)
            .await?;
    Ok(row.map(|row| Standing {
        state: row.get(0),
        was_accepted: row.get::<Option<i64>, _>(1).is_some(),
        code: row.get(2),
        reason: row.get(3),
        template: row.get(4),
    }))
}
