//! Puts messages into the outbox, on the transaction of whoever decided them.

use std::collections::HashSet;

use jiff::Timestamp;

use super::super::Ground;
use super::super::outbox::Lane;
use super::super::quiet::QuietHours;
use super::super::turn::Purpose;
use crate::id::{ContactId, OutboxId};
use crate::security::{DataKey, Place};
use crate::storage::{Conn, Error, padded, sql, values};
use crate::whatsapp::{Outgoing, Template};

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

    pub(in crate::pipeline) fn id(&self) -> OutboxId {
        self.id
    }

    pub(in crate::pipeline) fn message(&self) -> &Message {
        &self.message
    }

    pub(in crate::pipeline) fn trace(&self) -> String {
        let own = || self.id.to_string();
        self.message.trace.clone().unwrap_or_else(own)
    }

    pub(in crate::pipeline) fn is_template(&self) -> bool {
        self.template().is_some()
    }

    fn template(&self) -> Option<&Template> {
        match &self.message.message {
            Outgoing::Template(template) => Some(template),
            _ => None,
        }
    }
}

/// Rows that are `sending` from the first moment, and what goes with that.
pub(in crate::pipeline) struct Entering<'a> {
    pub(in crate::pipeline) ids: &'a HashSet<OutboxId>,
    pub(in crate::pipeline) sender_epoch: i64,
    pub(in crate::pipeline) now: i64,
    pub(in crate::pipeline) stuck_at: i64,
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
    insert(conn, &[&row], None).await?;
    Ok(row.id)
}

pub(super) async fn insert(
    conn: &mut Conn,
    rows: &[&OutboxRow],
    entering: Option<Entering<'_>>,
) -> Result<(), Error> {
    for run in padded(rows, 22) {
        let text = format!(
            "insert into outbox (id, contact_id, inbox_id, trace, lane, purpose, payload,
                                 disclosures, rules, owner_epoch, state, due_at, expires_at, created_at,
                                 is_template, quiet_from, quiet_to, attempts, sending_at, sender_epoch,
                                 template, template_language)
             values {} on conflict do nothing",
            values(run.len(), 22)
        );
        let mut query = sqlx::query(sql(text));
        for row in run.filled() {
            let message = &row.message;
            let enters = entering.as_ref().filter(|of| of.ids.contains(&row.id));
            let quiet = message.quiet.map(QuietHours::to_minutes);
            query = query
                .bind(row.id.to_string())
                .bind(message.contact.to_string())
                .bind(message.answers.as_deref())
                .bind(row.trace())
                .bind(message.lane.as_str())
                .bind(message.purpose.as_str())
                .bind(&row.payload)
                .bind(&message.disclosures)
                .bind(message.rules)
                .bind(message.owner_epoch)
                .bind(enters.map_or("queued", |_| "sending"))
                .bind(enters.map_or(row.now, |of| of.stuck_at))
                .bind(message.expires_at.as_millisecond())
                .bind(row.now)
                .bind(i64::from(row.is_template()))
                .bind(quiet.map(|(from, _)| from))
                .bind(quiet.map(|(_, to)| to))
                .bind(i64::from(enters.is_some()))
                .bind(enters.map(|of| of.now))
                .bind(enters.map(|of| of.sender_epoch))
                .bind(row.template().map(|of| of.name.as_str()))
                .bind(row.template().map(|of| of.language.as_str()));
        }
        let added = query.execute(&mut *conn).await?;
        if usize::try_from(added.rows_affected()) != Ok(run.rows().len()) {
            return Err(Error::Conflict("an outbox row of the same id"));
        }
    }
    Ok(())
}
