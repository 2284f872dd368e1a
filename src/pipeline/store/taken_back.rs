//! What is not said any more, because whom it was meant for is, or may be, somebody else.

use super::super::OutboxState;
use crate::contacts::store::Settled;
use crate::storage::{Conn, Error, sql};

/// Takes back what waits for those who proved to be somebody else, and what was asked before
/// it came into doubt who somebody is; in the same write that settled it.
pub async fn take_back(conn: &mut Conn, settled: &Settled) -> Result<(), Error> {
    for merged in &settled.merged {
        let all = "contact_id = $1 and created_at <= $2";
        let whose = (&*merged.from.to_string(), i64::MAX);
        cancel(conn, all, "contact_merged", whose).await?;
    }
    for (contact, since) in &settled.doubted {
        take_back_answers(conn, contact, *since).await?;
    }
    Ok(())
}

/// Says nothing any more of what was asked before the number changed: whoever may have it now
/// has not asked it. What is on its way is not tried again.
async fn take_back_answers(conn: &mut Conn, contact: &str, since: i64) -> Result<(), Error> {
    let of_before = "contact_id = $1 and lane in ('reply', 'agent')
                     and coalesce((select i.sent_at from inbox i where i.id = outbox.inbox_id),
                                  created_at) <= $2";
    cancel(conn, of_before, "number_in_doubt", (contact, since)).await?;
    let text = format!(
        "update outbox set expires_at = $2
          where {of_before} and state in ('sending', 'unknown') and expires_at > $2"
    );
    let ended = sqlx::query(sql(text)).bind(contact).bind(since);
    ended.execute(conn).await?;
    Ok(())
}

/// Cancels what waits of these; `$1` is the contact and `$2` a time.
async fn cancel(
    conn: &mut Conn,
    of: &str,
    why: &'static str,
    (contact, since): (&str, i64),
) -> Result<(), Error> {
    let text = format!(
        "update outbox set state = 'cancelled', rank = $3, reason = $4
          where {of} and state in ('queued', 'sending') and state = 'queued'"
    );
    let cancelled = sqlx::query(sql(text)).bind(contact).bind(since);
    let cancelled = cancelled.bind(OutboxState::Cancelled.rank()).bind(why);
    cancelled.execute(conn).await?;
    Ok(())
}
