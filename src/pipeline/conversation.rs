//! A conversation as it is on record, for whoever looks at it again.

use std::collections::HashMap;

use jiff::Timestamp;

use super::inbox::Row;
use super::store;
use super::store::enqueue::payload_place;
use crate::contacts::store::StoredContact;
use crate::security::Keyring;
use crate::storage::{Conn, Error};
use crate::whatsapp::{InboundMessage, Outgoing};

/// One message of somebody and what it was answered with.
#[derive(Debug, Clone)]
pub struct Exchange {
    /// When it came.
    pub at: Timestamp,
    /// What they wrote.
    pub message: InboundMessage,
    /// How it ended, in one word (`answered`, `held` …).
    pub outcome: String,
    /// What was said to it, in order.
    pub answers: Vec<Outgoing>,
}

/// Reads a conversation back, oldest message first. What retention has emptied, or what
/// cannot be read any more, is left out: the second value says how many messages of
/// theirs that were.
pub async fn conversation(
    conn: &mut Conn,
    keys: &Keyring,
    contact: &StoredContact,
) -> Result<(Vec<Exchange>, usize), Error> {
    let id = contact.contact.id.to_string();
    let mut answers: HashMap<String, Vec<Outgoing>> = HashMap::new();
    for row in store::answers(conn, &id).await? {
        let sealed = row.payload.unwrap_or_default();
        let plain = contact.key.open(payload_place(&row.id), &sealed);
        if let Some(said) = plain.ok().and_then(|p| serde_json::from_slice(&p).ok()) {
            answers.entry(row.inbox_id).or_default().push(said);
        }
    }
    let mut exchanges = Vec::new();
    let mut left_out = 0;
    for row in store::heard(conn, &id).await? {
        let sealed = row.payload.unwrap_or_default();
        let plain = keys.ingest().open(Row::place(&row.id), &sealed);
        let message = plain
            .ok()
            .and_then(|p| InboundMessage::from_stored(&p).ok());
        let at = Timestamp::from_millisecond(row.received_at).ok();
        match message.zip(at) {
            Some((message, at)) => exchanges.push(Exchange {
                at,
                message,
                outcome: row.outcome.unwrap_or_default(),
                answers: answers.remove(&row.id).unwrap_or_default(),
            }),
            None => left_out += 1,
        }
    }
    Ok((exchanges, left_out))
}
