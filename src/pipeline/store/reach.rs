//! Whom Meta does not reach. It does not say why: mostly the number has no WhatsApp, and each
//! message to it fails by itself, for ever.
//!
//! Nothing is counted: what became of the templates sent says it, in whichever order it was
//! heard. Answers say nothing of it, for they are to somebody who has just written.

use jiff::{SignedDuration, Timestamp};

use crate::id::ContactId;
use crate::storage::{Conn, Error};
use crate::whatsapp::errors::UNDELIVERABLE;

/// So many in a row are no chance.
const IN_A_ROW: i64 = 3;
/// What failed earlier is not held against them: they may have WhatsApp by now.
const REMEMBERED: SignedDuration = SignedDuration::from_hours(90 * 24);

/// Returns whether Meta reaches somebody with no template: the last of them failed one after
/// the other, nothing arrived since, and they did not write.
pub async fn is_out_of_reach(
    conn: &mut Conn,
    contact: ContactId,
    now: Timestamp,
) -> Result<bool, Error> {
    let failed: i64 = sqlx::query_scalar(
        "select count(*)
           from outbox o join contacts c on c.id = o.contact_id
          where o.contact_id = $1 and o.template is not null
            and o.state = 'failed' and o.code = $2 and o.sending_at > $3
            and o.sending_at > coalesce(c.last_inbound_at, 0)
            and not exists (select d.id from outbox d
                             where d.contact_id = o.contact_id and d.accepted_at is not null
                               and coalesce(d.delivered_at, d.read_at) > o.sending_at)",
    )
    .bind(contact.to_string())
    .bind(UNDELIVERABLE)
    .bind((now - REMEMBERED).as_millisecond())
    .fetch_one(conn)
    .await?;
    Ok(failed >= IN_A_ROW)
}
