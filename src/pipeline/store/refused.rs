//! What else a refusal tells: about the template, or about who was written to.

use jiff::Timestamp;
use sqlx::Row;

use super::super::Ground;
use super::arrive::opt_out;
use super::templates::template_was_refused;
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
        stop_marketing(conn, ground, outbox, at).await?;
    }
    Ok(())
}

/// Puts on record that whoever a message was to had stopped marketing in WhatsApp: Meta may
/// have told it by nothing but this refusal.
async fn stop_marketing(
    conn: &mut Conn,
    ground: &Ground,
    outbox: &str,
    at: i64,
) -> Result<(), Error> {
    let row = sqlx::query(
        "select coalesce(c.merged_into, c.id) from outbox o join contacts c on c.id = o.contact_id
          where o.id = $1",
    )
    .bind(outbox)
    .fetch_optional(&mut *conn)
    .await?;
    let Some(row) = row else { return Ok(()) };
    let contact: String = row.get(0);
    let now = ground.clock.now();
    let said = Timestamp::from_millisecond(at).unwrap_or(now);
    opt_out(conn, ground, &contact, said, now).await
}
