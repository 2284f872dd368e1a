//! A conversation as it is on record, for whoever looks at it again.

use std::collections::HashMap;

use jiff::Timestamp;

use super::inbox::Row;
use super::store;
use super::store::enqueue::payload_place;
use crate::contacts::store::{StoredContact, load_readable, selves};
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

/// Reads a conversation back, oldest message first, with what was said while somebody was
/// still taken for two. What retention has emptied, or what
/// cannot be read any more, is left out: the second value says how many messages of
/// theirs that were.
pub async fn conversation(
    conn: &mut Conn,
    keys: &Keyring,
    contact: &StoredContact,
) -> Result<(Vec<Exchange>, usize), Error> {
    let selves = selves(conn, contact.contact.id).await?;
    let others: Vec<String> = selves.iter().skip(1).map(ToString::to_string).collect();
    let others = load_readable(conn, keys, &others).await?;
    let mut answers: HashMap<String, Vec<Outgoing>> = HashMap::new();
    let mut heard = Vec::new();
    let root = contact.contact.id.to_string();
    for one in std::iter::once(contact).chain(others.values()) {
        let id = one.contact.id.to_string();
        for row in store::answers(conn, &id).await? {
            let sealed = row.payload.unwrap_or_default();
            let plain = one.key.open(payload_place(&row.id), &sealed);
            if let Some(said) = plain.ok().and_then(|p| serde_json::from_slice(&p).ok()) {
                answers.entry(row.inbox_id).or_default().push(said);
            }
        }
        heard.extend(store::heard(conn, (&id, &root)).await?);
    }
    let mut exchanges = Vec::new();
    let mut left_out = 0;
    for row in heard {
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
    // Each contact's are in order; those of several that proved to be one person are not.
    exchanges.sort_by_key(|exchange| exchange.message.sent_at);
    Ok((exchanges, left_out))
}
