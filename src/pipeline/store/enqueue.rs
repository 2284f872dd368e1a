//! Puts messages into the outbox, on the transaction of whoever decided them.

use jiff::Timestamp;

use super::super::Ground;
use super::super::outbox::Lane;
use super::super::quiet::QuietHours;
use super::super::turn::Purpose;
use crate::id::{ContactId, OutboxId};
use crate::security::{DataKey, Place};
use crate::storage::{Conn, Error, runs, sql, values};
use crate::whatsapp::Outgoing;

/// A message to send.
#[derive(Debug, Clone)]
pub struct Message {
    /// Whom to.
    pub contact: ContactId,
    /// What.
    pub message: Outgoing,
    /// Which queue.
    pub lane: Lane,
    /// What it is for.
    pub purpose: Purpose,
    /// The conversation's owner epoch that it was decided under.
    pub owner_epoch: i64,
    /// The received message it answers.
    pub answers: Option<String>,
    /// The id that follows it; a new one starts with it if there is none.
    pub trace: Option<String>,
    /// Keys of the required texts it carries.
    pub disclosures: String,
    /// Version of the rules that put them there.
    pub rules: i64,
    /// Of no use any more after this.
    pub expires_at: Timestamp,
    /// Hours in which it may not arrive.
    pub quiet: Option<QuietHours>,
}

/// An outbox row to be, sealed.
#[derive(Debug, Clone)]
pub(in crate::pipeline) struct OutboxRow {
    id: OutboxId,
    message: Message,
    payload: Vec<u8>,
    now: i64,
}

impl OutboxRow {
    pub(in crate::pipeline) fn new(
        ground: &Ground,
        key: &DataKey,
        message: Message,
        now: Timestamp,
    ) -> Self {
        let id: OutboxId = ground.ids.next(now);
        let plain = serde_json::to_vec(&message.message).expect("a message to send is plain data");
        Self {
            payload: key.seal(payload_place(&id.to_string()), &plain),
            id,
            message,
            now: now.as_millisecond(),
        }
    }
}

pub(in crate::pipeline) fn payload_place(id: &str) -> Place<'_> {
    Place {
        table: "outbox",
        column: "payload",
        row: id,
    }
}

/// Enqueues one message and returns its id; wake the sender after the commit.
pub async fn enqueue(
    conn: &mut Conn,
    ground: &Ground,
    key: &DataKey,
    message: Message,
    now: Timestamp,
) -> Result<OutboxId, Error> {
    let row = OutboxRow::new(ground, key, message, now);
    insert(conn, &[&row]).await?;
    Ok(row.id)
}

pub(super) async fn insert(conn: &mut Conn, rows: &[&OutboxRow]) -> Result<(), Error> {
    for run in runs(rows) {
        let text = format!(
            "insert into outbox (id, contact_id, inbox_id, trace, lane, purpose, payload,
                                 disclosures, rules, owner_epoch, state, due_at, expires_at, created_at,
                                 is_template, quiet_from, quiet_to)
             values {}",
            values(run.len(), 17)
        );
        let mut query = sqlx::query(sql(text));
        for row in run {
            let message = &row.message;
            let id = row.id.to_string();
            let trace = message.trace.clone().unwrap_or_else(|| id.clone());
            let is_template = matches!(message.message, Outgoing::Template(_));
            let quiet = message.quiet.map(QuietHours::to_minutes);
            query = query
                .bind(id)
                .bind(message.contact.to_string())
                .bind(message.answers.as_deref())
                .bind(trace)
                .bind(message.lane.as_str())
                .bind(message.purpose.as_str())
                .bind(&row.payload)
                .bind(&message.disclosures)
                .bind(message.rules)
                .bind(message.owner_epoch)
                .bind("queued")
                .bind(row.now)
                .bind(message.expires_at.as_millisecond())
                .bind(row.now)
                .bind(i64::from(is_template))
                .bind(quiet.map(|(from, _)| from))
                .bind(quiet.map(|(_, to)| to));
        }
        query.execute(&mut *conn).await?;
    }
    Ok(())
}
