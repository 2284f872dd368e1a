//! What is erased of this room.

use super::costs::OF_CONTACT;
use crate::contacts::store::NAMES;
use crate::id::ContactId;
use crate::storage::{Conn, Error, sql};

/// What is erased with a contact of whom nothing has to be kept, beside what they wrote;
/// `$1` is the contact. What was said to them is sealed under their key, and goes with it.
pub const FORGET: &[&str] = &["delete from sessions where contact_id = $1"];

/// Empties what a contact wrote, of all that the person of `root` is, up to `most` messages;
/// returns how many. They are sealed under a key that stays. What was set aside of them is at
/// its end: nothing is left that could be put back. What waits for its turn keeps its words
/// until that has read them.
pub async fn forget_messages(
    conn: &mut Conn,
    (contact, root): (ContactId, ContactId),
    most: i64,
) -> Result<u64, Error> {
    let emptied = sqlx::query(sql(forget_text()))
        .bind(contact.to_string())
        .bind(root.to_string())
        .bind(most)
        .execute(conn)
        .await?;
    Ok(emptied.rows_affected())
}

/// Messages are found by the names they were written under: only those from before names
/// were kept with them have none.
fn forget_text() -> String {
    format!(
        "update inbox
            set payload = null, name = null, source = null,
                outcome = case when state = 'parked' then 'erased' else outcome end,
                state = case when state = 'parked' then 'done' else state end
          where id in (select id from inbox
                        where contact_id = $1 and name in ({NAMES}) and state <> 'waiting'
                        union all
                       select id from inbox
                        where contact_id = $1 and name is null and payload is not null
                          and state <> 'waiting'
                        limit $3)"
    )
}

/// What was paid stays in the books, and whom it was paid for is erased.
pub async fn forget_costs(conn: &mut Conn, contact: ContactId) -> Result<(), Error> {
    let text = format!("update message_costs set contact_id = 'erased' where {OF_CONTACT}");
    sqlx::query(sql(text))
        .bind(contact.to_string())
        .execute(conn)
        .await?;
    Ok(())
}

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

#[cfg(test)]
mod tests {
    use sqlx::Row as _;

    use super::super::{conversation, costs};
    use super::*;
    use crate::storage::Db;

    #[tokio::test]
    async fn what_is_one_persons_is_found_without_reading_what_is_others() {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}/t.db", folder.path().display());
        let db = Db::open(&url, 1).await.unwrap();
        let mut conn = db.read().await.unwrap();
        for (statement, index) in [
            (forget_text(), "inbox_name"),
            (forget_text(), "inbox_unnamed"),
            (conversation::heard_text(), "inbox_name"),
            (costs::follow_text(), "outbox_accepted"),
        ] {
            let rows = sqlx::query(sql(format!("explain query plan {statement}")))
                .fetch_all(&mut *conn)
                .await
                .unwrap();
            let steps: Vec<String> = rows.iter().map(|row| row.get("detail")).collect();
            for table in ["inbox", "outbox", "message_costs"] {
                let scan = format!("SCAN {table}");
                assert!(
                    !steps.iter().any(|step| step.starts_with(&scan)),
                    "{steps:?}"
                );
            }
            assert!(steps.iter().any(|step| step.contains(index)), "{steps:?}");
        }
    }
}
