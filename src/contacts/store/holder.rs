//! Whether whoever has a number now is whom others knew by it.

use super::identify::{KINDS, read_id};
use crate::id::ContactId;
use crate::security::Keyring;
use crate::storage::{Conn, Error};

/// Returns who had a phone number last before whoever has it now, if anybody has, as far as
/// that is somebody else.
pub async fn former_owner(
    conn: &mut Conn,
    keys: &Keyring,
    number: &str,
    owner: Option<ContactId>,
) -> Result<Option<ContactId>, Error> {
    let blind = keys.blind(KINDS[0], number).to_vec();
    let before: Option<String> = sqlx::query_scalar(
        "select coalesce(c.merged_into, c.id)
           from former_names f join contacts c on c.id = f.contact_id
          where f.name = $1 and coalesce(c.merged_into, c.id) <> $2
          order by f.since desc limit 1",
    )
    .bind(blind)
    .bind(owner.map_or_else(String::new, |owner| owner.to_string()))
    .fetch_optional(conn)
    .await?;
    before.map(|id| read_id(&id)).transpose()
}

/// Returns whether a person has yet to make sure who a contact is.
pub async fn is_in_question(conn: &mut Conn, contact: ContactId) -> Result<bool, Error> {
    let open: i64 = sqlx::query_scalar(
        "select count(*) from attention
          where kind in ('number_moved', 'number_changed') and subject = $1
            and resolved_at is null",
    )
    .bind(contact.to_string())
    .fetch_one(conn)
    .await?;
    Ok(open > 0)
}
