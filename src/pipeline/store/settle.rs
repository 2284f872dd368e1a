//! Finds messages whose fate is unknown, and writes down what was decided about them.

use sqlx::Row;

use super::super::outbox::OutboxState;
use super::super::settle::{Facts, Settlement};
use super::{LATER_ACCEPTED, purpose};
use crate::id::{AttentionId, Ids};
use crate::storage::{Conn, Error, sql};

/// A message that may have been sent, and what decides about it.
#[derive(Debug, Clone)]
pub(in crate::pipeline) struct Unsettled {
    pub(in crate::pipeline) id: String,
    pub(in crate::pipeline) contact: String,
    pub(in crate::pipeline) sending_at: i64,
    pub(in crate::pipeline) attempts: i64,
    pub(in crate::pipeline) facts: Facts,
}

/// Returns what is due to be settled, the oldest first.
pub(in crate::pipeline) async fn unsettled(
    conn: &mut Conn,
    now: i64,
    most: i64,
    replaceable: bool,
) -> Result<Vec<Unsettled>, Error> {
    let text = format!(
        "select o.id, o.purpose, o.attempts, o.sending_at, o.state, o.doubts, {LATER_ACCEPTED},
                o.contact_id
           from outbox o
          where o.state in ('sending', 'unknown') and o.due_at <= $1
          order by o.due_at limit $2"
    );
    let rows = sqlx::query(sql(text))
        .bind(now)
        .bind(most)
        .fetch_all(conn)
        .await?;
    rows.iter()
        .map(|row| {
            let id: String = row.get(0);
            let sending_at: Option<i64> = row.get(3);
            let sending_at = sending_at.unwrap_or(now);
            let state: String = row.get(4);
            let under_way = state == OutboxState::Sending.as_str();
            let doubts: i64 = row.get(5);
            let facts = Facts {
                purpose: purpose(&id, row.get(1))?,
                age: now - sending_at,
                doubts: doubts + i64::from(under_way),
                overtaken: row.get::<i64, _>(6) > 0,
                under_way,
                replaceable,
            };
            Ok(Unsettled {
                id,
                contact: row.get(7),
                sending_at,
                attempts: row.get(2),
                facts,
            })
        })
        .collect()
}

/// Writes down one decision, unless an echo settled it first; returns whether it did.
pub(in crate::pipeline) async fn settle(
    conn: &mut Conn,
    ids: &Ids,
    one: &Unsettled,
    decided: Settlement,
    now: i64,
) -> Result<bool, Error> {
    let (state, due_at, rank) = match decided {
        Settlement::WaitUntil(age) => (OutboxState::Unknown, one.sending_at + age, 0),
        Settlement::Resend => (OutboxState::Queued, now, 0),
        Settlement::Supersede | Settlement::Replace => {
            (OutboxState::Superseded, now, OutboxState::Superseded.rank())
        }
        Settlement::Show => (OutboxState::Unknown, i64::MAX, 0),
    };
    let moved = sqlx::query(
        "update outbox
            set doubts = doubts + case when state = 'sending' then 1 else 0 end,
                state = $2, due_at = $3, rank = $4
          where id = $1 and state in ('sending', 'unknown') and attempts = $5",
    )
    .bind(&one.id)
    .bind(state.as_str())
    .bind(due_at)
    .bind(rank)
    .bind(one.attempts)
    .execute(&mut *conn)
    .await?;
    if moved.rows_affected() == 1 && decided == Settlement::Show {
        open_attention(
            conn,
            ids,
            "unknown_outcome",
            &one.id,
            "sent or not: Meta never said; look into the chat",
            now,
        )
        .await?;
    }
    Ok(moved.rows_affected() == 1)
}

/// Puts something before a person, once while it is open.
pub async fn open_attention(
    conn: &mut Conn,
    ids: &Ids,
    kind: &str,
    subject: &str,
    detail: &str,
    now: i64,
) -> Result<(), Error> {
    let at = jiff::Timestamp::from_millisecond(now).unwrap_or_default();
    sqlx::query(
        "insert into attention (id, kind, subject, detail, opened_at) values ($1, $2, $3, $4, $5)
         on conflict do nothing",
    )
    .bind(ids.next::<AttentionId>(at).to_string())
    .bind(kind)
    .bind(subject)
    .bind(detail)
    .bind(now)
    .execute(conn)
    .await?;
    Ok(())
}

/// Returns since when something is before a person, if it is.
pub(in crate::pipeline) async fn open_since(
    conn: &mut Conn,
    kind: &str,
    subject: &str,
) -> Result<Option<i64>, Error> {
    let opened = sqlx::query_scalar(
        "select opened_at from attention
          where kind = $1 and subject = $2 and resolved_at is null",
    );
    Ok(opened.bind(kind).bind(subject).fetch_optional(conn).await?)
}

/// Takes back what was put before a person, once it has settled itself.
pub async fn close_attention(
    conn: &mut Conn,
    kind: &str,
    subject: &str,
    now: i64,
) -> Result<bool, Error> {
    let closed = sqlx::query(
        "update attention set resolved_at = $3
         where kind = $1 and subject = $2 and resolved_at is null",
    )
    .bind(kind)
    .bind(subject)
    .bind(now)
    .execute(conn)
    .await?;
    Ok(closed.rows_affected() > 0)
}

/// Takes back all of a kind, whatever their subjects.
pub(super) async fn close_attentions(conn: &mut Conn, kind: &str, now: i64) -> Result<(), Error> {
    sqlx::query("update attention set resolved_at = $2 where kind = $1 and resolved_at is null")
        .bind(kind)
        .bind(now)
        .execute(conn)
        .await?;
    Ok(())
}

/// Takes back what an echo has settled after all.
pub(in crate::pipeline) async fn close_settled(conn: &mut Conn, now: i64) -> Result<(), Error> {
    sqlx::query(
        "update attention set resolved_at = $1
          where kind = 'unknown_outcome' and resolved_at is null
            and exists (select 1 from outbox where id = subject and state <> 'unknown')",
    )
    .bind(now)
    .execute(conn)
    .await?;
    Ok(())
}
