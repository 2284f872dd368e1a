//! What is erased of this room, and whether there is anything that has to be kept; `$1` is
//! the contact.

use crate::id::ContactId;
use crate::storage::{Conn, Error};

/// With a contact who never dealt: what statements said, and terms nobody confirmed.
pub const FORGET: &[&str] = &[
    "delete from business_events where contact_id = $1",
    "delete from drafts where contact_id = $1",
    "delete from money_operations where contact_id = $1",
    "delete from money_allowances where contact_id = $1",
    "delete from transactions where folio_id in (select id from folios where contact_id = $1)",
    "delete from folio_schemes where folio_id in (select id from folios where contact_id = $1)",
    "delete from folios where contact_id = $1",
    "delete from portfolios where contact_id = $1",
];

/// With one who did: terms nobody confirmed.
pub const FORGET_DRAFTS: &[&str] = &["delete from drafts
      where contact_id = $1
        and not exists (select 1 from orders where draft_id = drafts.id)
        and not exists (select 1 from plans where draft_id = drafts.id)
        and not exists (select 1 from mandates where draft_id = drafts.id)"];

/// What happened and was told goes when messages do: of what is older than `$1`, `$2` rows at
/// most. The rows stay, so that what happens once is told once.
pub const LET_GO: &str = "update business_events set payload = substr(payload, 1, 0)
      where id in (select id from business_events
                    where told_at < $1 and told_at is not null and length(payload) > 0
                    order by told_at limit $2)";

/// Returns whether somebody has records of dealing, which the law makes us keep.
pub async fn has_dealt(conn: &mut Conn, contact: ContactId) -> Result<bool, Error> {
    let count: i64 = sqlx::query_scalar(
        "select (select count(*) from orders where contact_id = $1)
              + (select count(*) from plans where contact_id = $1)
              + (select count(*) from mandates where contact_id = $1)
              + (select count(*) from ledger_entries where contact_id = $1)
              + (select count(*) from exchange_accounts where contact_id = $1)",
    )
    .bind(contact.to_string())
    .fetch_one(conn)
    .await?;
    Ok(count > 0)
}
