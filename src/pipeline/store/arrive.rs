//! Stores what came in: seen keys, contacts, inbox rows, status moves.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use jiff::Timestamp;
use sqlx::Row as _;

use super::super::account::{ACCOUNT_STOPPED, DAILY_LIMIT};
use super::super::inbox::{Arrival, Heard, Row, What};
use super::super::{Ground, attachments};
use super::{move_up, take_in_order};
use crate::contacts::{self, ContactChange};
use crate::storage::{Conn, Error, list, padded, sql, values, values_from};
use crate::whatsapp::{News, Sender};

/// How long nothing is sent after a stop, in milliseconds; the sender looks again then.
const STOPPED: i64 = 1_000;

/// What was new among the arrivals.
#[derive(Debug, Clone, Default)]
pub(in crate::pipeline) struct Arrived {
    /// Kind and type of each event that was new.
    pub(in crate::pipeline) fresh: Vec<(&'static str, &'static str)>,
    /// The ids that follow the new messages.
    pub(in crate::pipeline) traces: Vec<String>,
    /// Whether a file came with one of them.
    pub(in crate::pipeline) files: bool,
    /// Events seen before.
    pub(in crate::pipeline) duplicates: u64,
}

/// What one contact's new messages do to the contact.
#[derive(Default)]
struct Bump {
    waiting: i64,
    newest: i64,
    source: Option<String>,
}

pub(in crate::pipeline) async fn arrive(
    conn: &mut Conn,
    ground: &Arc<Ground>,
    arrivals: &[&Arrival],
) -> Result<Arrived, Error> {
    let now = ground.clock.now();
    let mut unseen = remember(conn, arrivals).await?;
    // Twice in this very batch: the first one counts.
    let fresh: Vec<&Arrival> = arrivals
        .iter()
        .copied()
        .filter(|arrival| unseen.remove(&arrival.seen))
        .collect();

    let writers = writers(conn, ground, &fresh, now).await?;
    let mut rows = Vec::with_capacity(fresh.len());
    let mut files = Vec::new();
    let mut bumps: BTreeMap<&str, Bump> = BTreeMap::new();
    let mut moves = Vec::new();
    let mut heard = Vec::new();
    let mut taken_over = BTreeSet::new();
    for (arrival, writer) in fresh.iter().zip(&writers) {
        match &arrival.what {
            What::Message {
                row,
                source,
                attachment,
                ..
            } => {
                let contact = writer
                    .as_deref()
                    .ok_or(Error::Conflict("a message without a sender"))?;
                let bump = bumps.entry(contact).or_default();
                tracing::info!(target: "message", trace_id = %row.id, %contact, kind = arrival.label.1, "received");
                bump.waiting += 1;
                bump.newest = bump.newest.max(row.sent_at);
                bump.source = bump.source.take().or_else(|| source.clone());
                files.extend(attachment.as_ref().map(|file| ((contact, &*row.id), file)));
                rows.push(New {
                    row,
                    contact: Some(contact),
                    kind: "message",
                    field: None,
                    state: "waiting",
                });
            }
            What::Kept {
                row,
                kind,
                field,
                news,
            } => {
                heard.extend(news);
                let state = if *kind == "unreadable" {
                    "quarantined"
                } else {
                    "stored"
                };
                rows.push(New {
                    row,
                    contact: None,
                    kind,
                    field: Some(field),
                    state,
                });
            }
            What::Moved { row, change } => rows.push(New::event(row, None, change.word)),
            What::Echo { row, .. } => {
                let contact = writer
                    .as_deref()
                    .ok_or(Error::Conflict("an echo to nobody"))?;
                taken_over.insert(contact);
                rows.push(New::event(row, Some(contact), arrival.label.1));
            }
            What::Status(update) => moves.push(update.clone()),
        }
    }
    let lock_rows = ground.db.lock_rows();
    let touched = bumps.keys().chain(&taken_over).copied().collect();
    take_in_order(conn, lock_rows, "contacts", touched).await?;
    insert(conn, &rows).await?;
    for (whose, file) in &files {
        attachments::expect(conn, ground, *whose, file, now).await?;
    }
    for contact in taken_over {
        hand_to_person(conn, ground, contact, now).await?;
    }
    let bumps: Vec<_> = bumps.into_iter().collect();
    bump_contacts(conn, &bumps, now).await?;
    let wrote: Vec<&str> = bumps.iter().map(|(contact, _)| *contact).collect();
    let mut freed = release_held(conn, &wrote, now).await?;
    move_up(conn, moves, lock_rows).await?;
    freed += hear(conn, ground, &heard, now).await?;
    if freed > 0 {
        ground.wakes.sender.wake();
    }
    let messages = rows.iter().filter(|new| new.kind == "message");
    Ok(Arrived {
        traces: messages.map(|new| new.row.id.clone()).collect(),
        fresh: fresh.iter().map(|arrival| arrival.label).collect(),
        files: !files.is_empty(),
        duplicates: u64::try_from(arrivals.len() - fresh.len()).unwrap_or(0),
    })
}

/// Takes news of the account in; returns how much of it changed something.
async fn hear(
    conn: &mut Conn,
    ground: &Ground,
    heard: &[&Heard],
    now: Timestamp,
) -> Result<u64, Error> {
    let mut changed = 0;
    for one in heard {
        if !super::account::hear(conn, &ground.ids, one, now).await? {
            continue;
        }
        changed += 1;
        if matches!(
            one.news,
            News::Stopped {
                first_only: false,
                ..
            }
        ) {
            // No answer slips out before the sender's next round sees it.
            let mut rates = ground.door.rates();
            rates.rest_until = rates.rest_until.max(now.as_millisecond() + STOPPED);
        }
    }
    Ok(changed)
}

fn sender(arrival: &Arrival) -> Option<&Sender> {
    match &arrival.what {
        What::Message { sender, .. } => Some(sender),
        What::Echo { to, .. } => Some(to),
        _ => None,
    }
}

/// Returns who wrote each message, and moves whoever got another name, in between what
/// they wrote under the one and the other.
async fn writers(
    conn: &mut Conn,
    ground: &Ground,
    fresh: &[&Arrival],
    now: Timestamp,
) -> Result<Vec<Option<String>>, Error> {
    let (keys, ids) = (&ground.keys, &ground.ids);
    let mut writers = Vec::with_capacity(fresh.len());
    for part in fresh.split_inclusive(|arrival| matches!(arrival.what, What::Moved { .. })) {
        let senders: Vec<_> = part.iter().filter_map(|arrival| sender(arrival)).collect();
        let known = contacts::store::identify(conn, keys, ids, &senders, now).await?;
        for merged in known.merged() {
            take_along(conn, ground, *merged, now).await?;
        }
        writers.extend(part.iter().map(|arrival| {
            let sender = sender(arrival)?;
            known.of(keys, sender).map(str::to_owned)
        }));
        if let Some(What::Moved { change, .. }) = part.last().map(|arrival| &arrival.what) {
            contacts::store::move_names(conn, keys, ids, &change.was, &change.is, now).await?;
        }
    }
    Ok(writers)
}

/// Gives a conversation to the person who spoke up in it from the app.
async fn hand_to_person(
    conn: &mut Conn,
    ground: &Ground,
    contact: &str,
    now: Timestamp,
) -> Result<(), Error> {
    let ids = [contact.to_owned()];
    let mut loaded = contacts::store::load_readable(conn, &ground.keys, &ids).await?;
    // Erased meanwhile: there is no conversation to hold.
    let Some(stored) = loaded.remove(contact) else {
        return Ok(());
    };
    let reason = "somebody of ours wrote to them from the WhatsApp Business app";
    let change = ContactChange::HandOff(reason.to_owned());
    let (id, key) = (stored.contact.id, &stored.key);
    contacts::store::apply(conn, id, key, &ground.ids, &change, now).await
}

/// Lets the rooms above take along what they keep for two contacts that are one person.
async fn take_along(
    conn: &mut Conn,
    ground: &Ground,
    merged: contacts::Merged,
    now: Timestamp,
) -> Result<(), Error> {
    for room in ground.movers() {
        room.contact_merged(conn, merged, now).await?;
    }
    Ok(())
}

/// Remembers the keys and returns those that were not known before.
async fn remember(conn: &mut Conn, arrivals: &[&Arrival]) -> Result<HashSet<[u8; 16]>, Error> {
    let mut keys: Vec<[u8; 16]> = arrivals.iter().map(|arrival| arrival.seen).collect();
    keys.sort_unstable();
    keys.dedup();
    let mut unseen: HashSet<[u8; 16]> = keys.iter().copied().collect();
    for run in padded(&keys, 1) {
        // Hardly any is known, so asking first brings fewer rows back than asking after.
        let text = format!(
            "select key from seen_events where key in ({})",
            list(run.len())
        );
        let mut query = sqlx::query(sql(text));
        for key in run.filled() {
            query = query.bind(key.to_vec());
        }
        for row in query.fetch_all(&mut *conn).await? {
            let key: Vec<u8> = row.get(0);
            if let Ok(key) = <[u8; 16]>::try_from(key) {
                unseen.remove(&key);
            }
        }
    }
    keys.retain(|key| unseen.contains(key));
    for run in padded(&keys, 1) {
        let text = format!(
            "insert into seen_events (key) values {} on conflict do nothing",
            values(run.len(), 1)
        );
        let mut query = sqlx::query(sql(text));
        for key in run.filled() {
            query = query.bind(key.to_vec());
        }
        let added = query.execute(&mut *conn).await?;
        if usize::try_from(added.rows_affected()) != Ok(run.rows().len()) {
            // Another process stored one of them just now.
            return Err(Error::Again("the seen events"));
        }
    }
    Ok(unseen)
}

struct New<'a> {
    row: &'a Row,
    contact: Option<&'a str>,
    kind: &'a str,
    field: Option<&'a str>,
    state: &'a str,
}

impl<'a> New<'a> {
    fn event(row: &'a Row, contact: Option<&'a str>, field: &'a str) -> Self {
        Self {
            row,
            contact,
            kind: "event",
            field: Some(field),
            state: "stored",
        }
    }
}

async fn insert(conn: &mut Conn, rows: &[New<'_>]) -> Result<(), Error> {
    for run in padded(rows, 9) {
        let text = format!(
            "insert into inbox (id, contact_id, kind, field, sent_at, received_at, payload, trace, state)
             values {} on conflict do nothing",
            values(run.len(), 9)
        );
        let mut query = sqlx::query(sql(text));
        for new in run.filled() {
            query = query
                .bind(&new.row.id)
                .bind(new.contact)
                .bind(new.kind)
                .bind(new.field)
                .bind(new.row.sent_at)
                .bind(new.row.received_at)
                .bind(&new.row.payload)
                // The message's own id follows it through; everything it causes carries it.
                .bind(&new.row.id)
                .bind(new.state);
        }
        let added = query.execute(&mut *conn).await?;
        if usize::try_from(added.rows_affected()) != Ok(run.rows().len()) {
            return Err(Error::Conflict("an inbox row of the same id"));
        }
    }
    Ok(())
}

/// Lets everything be looked at that waited because somebody had not written for a day; returns how many.
async fn release_held(conn: &mut Conn, contacts: &[&str], now: Timestamp) -> Result<u64, Error> {
    let mut freed = 0;
    for run in padded(contacts, 1) {
        let text = format!(
            "update outbox set due_at = $1, reason = null
              where contact_id in (values {}) and state in ('queued', 'sending')
                and state = 'queued'
                and reason in ('window_closed', '{DAILY_LIMIT}', '{ACCOUNT_STOPPED}')",
            values_from(2, run.len(), 1)
        );
        let mut query = sqlx::query(sql(text)).bind(now.as_millisecond());
        for contact in run.filled() {
            query = query.bind(*contact);
        }
        freed += query.execute(&mut *conn).await?.rows_affected();
    }
    Ok(freed)
}

async fn bump_contacts(
    conn: &mut Conn,
    bumps: &[(&str, Bump)],
    now: Timestamp,
) -> Result<(), Error> {
    for run in padded(bumps, 4) {
        let text = format!(
            "update contacts
                set waiting = waiting + v.column2,
                    last_inbound_at = case when last_inbound_at >= v.column3 then last_inbound_at
                                           else v.column3 end,
                    source = coalesce(source, v.column4),
                    ready_at = case when ready_at > $1 then ready_at else $1 end
               from (values {}) as v
              where contacts.id = v.column1",
            values_from(2, run.len(), 4)
        );
        let mut query = sqlx::query(sql(text)).bind(now.as_millisecond());
        for (contact, bump) in run.filled() {
            query = query
                .bind(*contact)
                .bind(bump.waiting)
                .bind(bump.newest)
                .bind(bump.source.as_deref());
        }
        query.execute(&mut *conn).await?;
    }
    Ok(())
}
