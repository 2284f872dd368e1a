//! Stores what came in: seen keys, contacts, inbox rows, status moves.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use jiff::Timestamp;
use sqlx::Row as _;

use super::super::account::{ACCOUNT_STOPPED, DAILY_LIMIT};
use super::super::inbox::{Arrival, Heard, Row, What};
use super::super::{Ground, attachments};
use super::writers::{Writer, found_writers, name_writers, sender};
use super::{move_up, take_in_order};
use crate::contacts::store::{StopTold, StoredContact};
use crate::contacts::{self, ContactChange};
use crate::storage::{Conn, Error, list, padded, sql, values, values_from};
use crate::whatsapp::News;

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
    /// When they last said something.
    said: Option<i64>,
    /// By what they came first, and when.
    source: Option<(i64, String)>,
    /// The epoch of their names, where they were found by what was known of names.
    epoch: Option<i64>,
}

/// Returns how many messages came in after an instant, by whichever process.
pub(in crate::pipeline) async fn count_arrived(conn: &mut Conn, after: i64) -> Result<i64, Error> {
    let count = sqlx::query_scalar(
        "select count(*) from inbox
          where received_at > $1 and payload is not null and kind = 'message'",
    );
    Ok(count.bind(after).fetch_one(conn).await?)
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

    let mut writers = found_writers(conn, ground, &fresh).await?;
    let lock_rows = ground.db.lock_rows();
    let known = writers
        .iter()
        .flatten()
        .map(|(contact, _)| contact.as_str());
    take_in_order(conn, lock_rows, "contacts", known.collect()).await?;
    let rows = rows(ground, &fresh, &writers);
    insert(conn, &rows).await?;
    let touched = name_writers(conn, ground, &fresh, &mut writers, now).await?;

    let mut files = Vec::new();
    let mut bumps: BTreeMap<&str, Bump> = BTreeMap::new();
    let mut moves = Vec::new();
    let mut heard = Vec::new();
    let mut taken_over = BTreeSet::new();
    let mut opted_out = Vec::new();
    for (arrival, writer) in fresh.iter().zip(&writers) {
        match &arrival.what {
            What::Message {
                row,
                source,
                attachment,
                ..
            } => {
                let (contact, epoch) = writer
                    .as_ref()
                    .ok_or(Error::Conflict("a message without a sender"))?;
                tracing::info!(target: "message", trace_id = %row.id, %contact, kind = arrival.label.1, "received");
                let bump = bumps.entry(contact).or_default();
                bump.waiting += 1;
                bump.said = bump.said.max(arrival.is_said().then_some(row.sent_at));
                bump.epoch = *epoch;
                let source = source.clone().map(|source| (row.sent_at, source));
                bump.source = [bump.source.take(), source].into_iter().flatten().min();
                files.extend(
                    attachment
                        .as_ref()
                        .map(|file| ((&**contact, &*row.id), file)),
                );
            }
            What::Kept { news, .. } => heard.extend(news),
            What::Echo { .. } => {
                let (contact, epoch) = writer
                    .as_ref()
                    .ok_or(Error::Conflict("an echo to nobody"))?;
                still_named(conn, contact, *epoch).await?;
                taken_over.insert(contact.as_str());
            }
            What::OptOut { row, .. } => {
                let (contact, epoch) = writer
                    .as_ref()
                    .ok_or(Error::Conflict("an opt-out of nobody"))?;
                still_named(conn, contact, *epoch).await?;
                opted_out.push((contact.as_str(), row.sent_at));
            }
            What::Status(update) => moves.push(update.clone()),
            What::Moved { .. } => {}
        }
    }
    for (whose, file) in &files {
        attachments::expect(conn, ground, *whose, file, now).await?;
    }
    for contact in taken_over {
        hand_to_person(conn, ground, contact, now).await?;
    }
    for (contact, at) in opted_out {
        let at = Timestamp::from_millisecond(at).unwrap_or(now);
        opt_out(conn, ground, contact, (StopTold::Said, at), now).await?;
    }
    let bumps: Vec<_> = bumps.into_iter().collect();
    bump_contacts(conn, &bumps, now).await?;
    for contact in &touched {
        contacts::store::recount(conn, contact).await?;
    }
    let said = bumps.iter().filter(|(_, bump)| bump.said.is_some());
    let said: Vec<&str> = said.map(|(contact, _)| *contact).collect();
    let mut freed = release_held(conn, &said, now).await?;
    move_up(conn, ground, moves, lock_rows).await?;
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

/// Returns the inbox rows of what is new; whoever is not known yet is not in them yet.
fn rows<'a>(ground: &Ground, fresh: &[&'a Arrival], writers: &[Writer]) -> Vec<New<'a>> {
    let named = |arrival: &Arrival| contacts::store::name_of(&ground.keys, sender(arrival)?);
    let row = |(arrival, writer): (&&'a Arrival, &Writer)| {
        let event = |row, field| New {
            row,
            contact: writer.as_ref().map(|(contact, _)| contact.clone()),
            name: named(arrival),
            source: None,
            kind: "event",
            field: Some(field),
            state: "stored",
        };
        Some(match &arrival.what {
            What::Message { row, source, .. } => New {
                kind: "message",
                // What is no word of theirs says what it is.
                field: (!arrival.is_said()).then_some(arrival.label.1),
                source: source.as_deref(),
                state: "waiting",
                ..event(row, "")
            },
            What::Kept {
                row, kind, field, ..
            } => New {
                kind,
                state: match *kind {
                    "unreadable" => "quarantined",
                    _ => "stored",
                },
                ..event(row, field)
            },
            What::Moved { row, change } => event(row, change.word),
            What::Echo { row, .. } | What::OptOut { row, .. } => event(row, arrival.label.1),
            What::Status(_) => return None,
        })
    };
    fresh.iter().zip(writers).filter_map(row).collect()
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
            ground.door.rates().is_clear = false;
        }
    }
    Ok(changed)
}

/// Gives a conversation to the person who spoke up in it from the app.
async fn hand_to_person(
    conn: &mut Conn,
    ground: &Ground,
    contact: &str,
    now: Timestamp,
) -> Result<(), Error> {
    let Some(stored) = unless_erased(conn, ground, contact).await? else {
        return Ok(());
    };
    let reason = "somebody of ours wrote to them from the WhatsApp Business app";
    let change = ContactChange::HandOff(reason.to_owned());
    let (id, key) = (stored.contact.id, &stored.key);
    contacts::store::apply(conn, id, key, &ground.ids, &change, now, now).await
}

/// Makes sure that a contact, taken by now, still has the names it was found by.
async fn still_named(conn: &mut Conn, contact: &str, epoch: Option<i64>) -> Result<(), Error> {
    let named: i64 = sqlx::query_scalar("select names_epoch from contacts where id = $1")
        .bind(contact)
        .fetch_one(conn)
        .await?;
    if epoch.is_some_and(|epoch| epoch != named) {
        return Err(Error::Again("the names of a contact"));
    }
    Ok(())
}

/// Ends marketing to somebody who stopped it in WhatsApp.
pub(super) async fn opt_out(
    conn: &mut Conn,
    ground: &Ground,
    contact: &str,
    stopped: (StopTold, Timestamp),
    now: Timestamp,
) -> Result<(), Error> {
    let Some(stored) = unless_erased(conn, ground, contact).await? else {
        return Ok(());
    };
    let (id, key) = (stored.contact.id, &stored.key);
    contacts::store::opt_out(conn, id, key, &ground.ids, stopped, now).await
}

/// Loads a contact; one that was erased has no conversation to hold and gets no messages.
async fn unless_erased(
    conn: &mut Conn,
    ground: &Ground,
    contact: &str,
) -> Result<Option<StoredContact>, Error> {
    let ids = [contact.to_owned()];
    let mut loaded = contacts::store::load_readable(conn, &ground.keys, &ids).await?;
    Ok(loaded.remove(contact))
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
    contact: Option<String>,
    name: Option<[u8; 16]>,
    source: Option<&'a str>,
    kind: &'a str,
    field: Option<&'a str>,
    state: &'a str,
}

async fn insert(conn: &mut Conn, rows: &[New<'_>]) -> Result<(), Error> {
    for run in padded(rows, 11) {
        let text = format!(
            "insert into inbox (id, contact_id, kind, field, sent_at, received_at, payload, trace,
                                state, name, source)
             values {} on conflict do nothing",
            values(run.len(), 11)
        );
        let mut query = sqlx::query(sql(text));
        for new in run.filled() {
            query = query
                .bind(&new.row.id)
                .bind(new.contact.as_deref())
                .bind(new.kind)
                .bind(new.field)
                .bind(new.row.sent_at)
                .bind(new.row.received_at)
                .bind(&new.row.payload)
                // The message's own id follows it through; everything it causes carries it.
                .bind(&new.row.id)
                .bind(new.state)
                .bind(new.name.map(|name| name.to_vec()))
                .bind(new.source);
        }
        let added = query.execute(&mut *conn).await?;
        if usize::try_from(added.rows_affected()) != Ok(run.rows().len()) {
            return Err(Error::Conflict("an inbox row of the same id"));
        }
    }
    Ok(())
}

/// Lets everything be looked at that waited because somebody had not written for a day; returns
/// how many.
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
    for run in padded(bumps, 6) {
        let is_earlier = "v.column4 is not null
                          and (source is null or v.column5 < source_at
                               or (v.column5 = source_at and v.column4 < source))";
        let text = format!(
            "update contacts
                set waiting = waiting + v.column2,
                    last_inbound_at = case when last_inbound_at >= v.column3 or v.column3 is null
                                           then last_inbound_at else v.column3 end,
                    source = case when {is_earlier} then v.column4 else source end,
                    source_at = case when {is_earlier} then v.column5 else source_at end,
                    ready_at = case when ready_at > $1 then ready_at else $1 end
               from (values {}) as v
              where contacts.id = v.column1
                and contacts.names_epoch = coalesce(v.column6, contacts.names_epoch)",
            values_from(2, run.len(), 6)
        );
        let mut query = sqlx::query(sql(text)).bind(now.as_millisecond());
        for (contact, bump) in run.filled() {
            query = query
                .bind(*contact)
                .bind(bump.waiting)
                .bind(bump.said)
                .bind(bump.source.as_ref().map(|(_, source)| source.as_str()))
                .bind(bump.source.as_ref().map(|(at, _)| *at))
                .bind(bump.epoch);
        }
        let bumped = query.execute(&mut *conn).await?;
        if usize::try_from(bumped.rows_affected()) != Ok(run.rows().len()) {
            // Another process learnt something about their names just now.
            return Err(Error::Again("the names of a contact"));
        }
    }
    Ok(())
}
