//! Erasing somebody: what other rooms keep for them, the names they are found by, and the
//! key that opens what is left of them anywhere, backups included.

use jiff::Timestamp;

use crate::id::ContactId;
use crate::storage::{Conn, Error, sql};

/// What of this room is erased of somebody whom nothing has to be kept of, in this order;
/// `$1` is the contact.
const FORGET: &[&str] = &[
    "delete from handoffs where contact_id = $1",
    "delete from name_pairs
      where user_id in (select blind from identities where contact_id = $1)
         or user_id in (select name from former_names where contact_id = $1)
         or number in (select blind from identities where contact_id = $1)",
    "update name_changes set names = null, old_number = null, old_user = null,
                             new_number = null, new_user = null
      where old_user in (select blind from identities where contact_id = $1)
         or old_user in (select name from former_names where contact_id = $1)
         or new_user in (select blind from identities where contact_id = $1)
         or new_number in (select blind from identities where contact_id = $1)
         or doubted = $1",
    "delete from former_names where contact_id = $1",
    "delete from identities where contact_id = $1",
    "update contacts set profile = null, language = null, language_heard = null, source = null,
                         born_name = null, names_epoch = names_epoch + 1
      where id = $1",
];

/// The names that the person of `$2` is or was known by: what they wrote was written under
/// one of them.
pub const NAMES: &str = "select blind from identities
          where contact_id in (select id from contacts where id = $2 or merged_into = $2)
         union select name from former_names
          where contact_id in (select id from contacts where id = $2 or merged_into = $2)
         union select born_name from contacts
          where (id = $2 or merged_into = $2) and born_name is not null";

/// Keeps a contact as it is until the write commits: nothing new of theirs comes in.
pub async fn hold(conn: &mut Conn, lock_rows: &str, contact: ContactId) -> Result<(), Error> {
    if !lock_rows.is_empty() {
        let text = format!("select id from contacts where id = $1{lock_rows}");
        let row = sqlx::query(sql(text)).bind(contact.to_string());
        row.fetch_optional(conn).await?;
    }
    Ok(())
}

/// Runs statements that erase rows of a contact; `$1` is the contact.
pub async fn forget(
    conn: &mut Conn,
    contact: ContactId,
    statements: &[&'static str],
) -> Result<(), Error> {
    for statement in statements {
        sqlx::query(sql((*statement).to_owned()))
            .bind(contact.to_string())
            .execute(&mut *conn)
            .await?;
    }
    Ok(())
}

/// Erases names and profile, and destroys the key.
pub async fn destroy(conn: &mut Conn, contact: ContactId, now: Timestamp) -> Result<(), Error> {
    forget(conn, contact, FORGET).await?;
    sqlx::query(
        "update keys set wrapped = null, destroyed_at = $2
          where id = (select key_id from contacts where id = $1) and wrapped is not null",
    )
    .bind(contact.to_string())
    .bind(now.as_millisecond())
    .execute(conn)
    .await?;
    Ok(())
}
