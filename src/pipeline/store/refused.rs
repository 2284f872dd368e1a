//! What else a refusal tells: about the template, or about who was written to.

use jiff::Timestamp;
use serde_json::json;
use sqlx::Row as _;

use super::super::Ground;
use super::super::inbox::Row;
use super::arrive::opt_out;
use super::templates::template_was_refused;
use super::{instant, take_in_order};
use crate::contacts::store::StopTold;
use crate::id::InboxId;
use crate::storage::{Conn, Error};
use crate::whatsapp::errors;

/// Takes in why Meta refused a message, by the code and the time it was refused with.
pub(super) async fn heed(
    conn: &mut Conn,
    ground: &Ground,
    outbox: &str,
    (code, at): (i64, i64),
) -> Result<(), Error> {
    template_was_refused(conn, outbox, code, at).await?;
    if errors::has_stopped_marketing(code) {
        stop_marketing(conn, ground, (outbox, code)).await?;
    }
    Ok(())
}

/// Puts on record that whoever a message was to had stopped marketing in WhatsApp when it
/// was sent: Meta may have told it by nothing but this refusal.
async fn stop_marketing(
    conn: &mut Conn,
    ground: &Ground,
    (outbox, code): (&str, i64),
) -> Result<(), Error> {
    let now = ground.clock.now();
    let found = sqlx::query(
        "select coalesce(c.merged_into, c.id), o.sending_at
           from outbox o join contacts c on c.id = o.contact_id where o.id = $1",
    )
    .bind(outbox)
    .fetch_optional(&mut *conn)
    .await?;
    let Some(found) = found else { return Ok(()) };
    let contact: String = found.get(0);
    let stopped = found.get::<Option<i64>, _>(1).map_or(now, instant);
    take_in_order(conn, ground.db.lock_rows(), "contacts", vec![&contact]).await?;
    let what = json!({ "refused": outbox, "code": code });
    keep(conn, ground, &contact, (stopped, now), &what).await?;
    opt_out(conn, ground, &contact, (StopTold::ByRefusal, stopped), now).await
}

/// Keeps it as an event of theirs, as their own word would be: whoever has their name by
/// what is learnt of names later has stopped it too.
async fn keep(
    conn: &mut Conn,
    ground: &Ground,
    contact: &str,
    (stopped, now): (Timestamp, Timestamp),
    what: &serde_json::Value,
) -> Result<(), Error> {
    let id = ground.ids.next::<InboxId>(now).to_string();
    let plain = what.to_string();
    let payload = ground.keys.ingest().seal(Row::place(&id), plain.as_bytes());
    sqlx::query(
        "insert into inbox (id, contact_id, kind, field, sent_at, received_at, payload, trace,
                            state, name)
         select $1, c.id, 'event', 'marketing_stopped', $3, $4, $5, $1, 'stored',
                (select i.blind from identities i where i.contact_id = c.id
                  order by i.kind, i.blind limit 1)
           from contacts c where c.id = $2",
    )
    .bind(&id)
    .bind(contact)
    .bind(stopped.as_millisecond())
    .bind(now.as_millisecond())
    .bind(payload)
    .execute(conn)
    .await?;
    Ok(())
}
