//! What is erased of this room.

use crate::id::ContactId;
use crate::storage::{Conn, Error};

/// What is erased with a contact of whom nothing has to be kept; `$1` is the contact.
pub const FORGET: &[&str] = &[
    "delete from sessions where contact_id = $1",
    "update inbox set payload = null, name = null, source = null where contact_id = $1",
    "update outbox set payload = null where contact_id = $1",
];

/// What was paid stays in the books, and whom it was paid for is erased.
pub const FORGET_COSTS: &[&str] =
    &["update message_costs set contact_id = 'erased' where contact_id = $1"];

/// What is erased with one whose chat is evidence.
pub const FORGET_SESSION: &[&str] = &["delete from sessions where contact_id = $1"];

/// Returns whether a message of theirs waits for its answer, or one for them is on its way.
pub async fn is_under_way(conn: &mut Conn, contact: ContactId) -> Result<bool, Error> {
    let count: i64 = sqlx::query_scalar(
        "select (select count(*) from inbox where contact_id = $1 and state = 'waiting')
              + (select count(*) from outbox
                  where contact_id = $1 and state in ('queued', 'sending'))
              + (select count(*) from outbox
                  where contact_id = $1 and state in ('sending', 'unknown') and state = 'unknown')",
    )
    .bind(contact.to_string())
    .fetch_one(conn)
    .await?;
    Ok(count > 0)
}
