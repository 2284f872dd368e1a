//! Who wrote what comes in.

use std::collections::{BTreeSet, HashMap};

use jiff::Timestamp;
use sqlx::Row as _;

use super::super::Ground;
use super::super::inbox::{Arrival, Row, What};
use crate::contacts;
use crate::contacts::store::{NewNames, Sighting};
use crate::storage::{Conn, Error, list, padded, sql};
use crate::whatsapp::Sender;

/// Who wrote a message, and the epoch of their names.
pub(super) type Writer = Option<(String, Option<i64>)>;

pub(super) fn sender(arrival: &Arrival) -> Option<&Sender> {
    match &arrival.what {
        What::Message { sender, .. } => Some(sender),
        What::Echo { to, .. } => Some(to),
        What::OptOut { who, .. } => Some(who),
        _ => None,
    }
}

/// Returns who was seen in an event, and when.
fn sighting(arrival: &Arrival) -> Option<Sighting<'_>> {
    Some(Sighting {
        sender: sender(arrival)?,
        at: Timestamp::from_millisecond(row(arrival)?.sent_at).unwrap_or_default(),
    })
}

/// Returns the row of what somebody is named in.
fn row(arrival: &Arrival) -> Option<&Row> {
    match &arrival.what {
        What::Message { row, .. } | What::Echo { row, .. } | What::OptOut { row, .. } => Some(row),
        What::Status(_) | What::Moved { .. } | What::Kept { .. } => None,
    }
}

/// Returns who wrote each message, as far as nothing about their names is new.
pub(super) async fn found_writers(
    conn: &mut Conn,
    ground: &Ground,
    fresh: &[&Arrival],
) -> Result<Vec<Writer>, Error> {
    let senders = fresh.iter().filter_map(|arrival| sender(arrival));
    let known = contacts::store::look_up(conn, &ground.keys, senders).await?;
    let writer = |arrival: &&Arrival| {
        let (contact, epoch) = known.at(&ground.keys, sighting(arrival)?)?;
        Some((contact.to_owned(), Some(epoch)))
    };
    Ok(fresh.iter().map(writer).collect())
}

/// Takes in what is new about names, and says who wrote what by it; returns the contacts
/// whose messages are others by now.
pub(super) async fn name_writers(
    conn: &mut Conn,
    ground: &Ground,
    fresh: &[&Arrival],
    writers: &mut [Writer],
    now: Timestamp,
) -> Result<BTreeSet<String>, Error> {
    let news = fresh
        .iter()
        .zip(writers.iter())
        .filter_map(|(arrival, writer)| {
            if let What::Moved { row, change } = &arrival.what {
                return Some(NewNames::Changed {
                    event: &row.id,
                    was: &change.was,
                    is: &change.is,
                    at: change.at,
                });
            }
            let seen = sighting(arrival).filter(|_| writer.is_none());
            seen.map(NewNames::Seen)
        });
    let reached = reached(conn, ground, fresh).await?;
    let news: Vec<_> = news
        .chain(reached.into_iter().map(NewNames::Seen))
        .collect();
    if news.is_empty() {
        return Ok(BTreeSet::new());
    }
    let settled = contacts::store::take_in(conn, &ground.keys, &ground.ids, &news, now).await?;
    super::taken_back::take_back(conn, &settled).await?;
    for merged in &settled.merged {
        take_along(conn, ground, *merged, now).await?;
    }
    super::costs::follow(conn, &settled.regrouped).await?;
    let theirs = whose(conn, fresh).await?;
    for (arrival, writer) in fresh.iter().zip(writers) {
        if let Some(row) = row(arrival) {
            let contact = theirs.get(&row.id).cloned();
            *writer = contact.map(|contact| {
                let epoch = writer.take().and_then(|(_, epoch)| epoch);
                let epoch = epoch.filter(|_| !settled.touched.contains(&contact));
                (contact, epoch)
            });
        }
    }
    Ok(settled.touched)
}

/// Returns whom messages of ours reached under names that are new: they may write under the
/// other one next. Only of somebody who is known: whoever was erased does not come back by
/// what was sent before.
async fn reached<'a>(
    conn: &mut Conn,
    ground: &Ground,
    fresh: &[&'a Arrival],
) -> Result<Vec<Sighting<'a>>, Error> {
    let named = |arrival: &&'a Arrival| match &arrival.what {
        What::Status(update) => Some(Sighting {
            sender: update.to.as_ref()?,
            at: Timestamp::from_millisecond(update.at).ok()?,
        }),
        _ => None,
    };
    let mut reached: Vec<_> = fresh.iter().filter_map(named).collect();
    let senders = reached.iter().map(|one| one.sender);
    let known = contacts::store::look_up(conn, &ground.keys, senders).await?;
    reached.retain(|one| {
        let by_number = Sender {
            user_id: None,
            ..one.sender.clone()
        };
        let is_somebody = [one.sender, &by_number]
            .iter()
            .any(|sender| known.of(&ground.keys, sender).is_some());
        is_somebody && known.at(&ground.keys, *one).is_none()
    });
    Ok(reached)
}

/// Returns whose the messages at hand are.
async fn whose(conn: &mut Conn, fresh: &[&Arrival]) -> Result<HashMap<String, String>, Error> {
    let named = fresh.iter().filter_map(|arrival| row(arrival));
    let named: Vec<&str> = named.map(|row| row.id.as_str()).collect();
    let mut theirs = HashMap::with_capacity(named.len());
    for run in padded(&named, 1) {
        let text = format!(
            "select id, contact_id from inbox where contact_id is not null and id in ({})",
            list(run.len())
        );
        let mut query = sqlx::query(sql(text));
        for id in run.filled() {
            query = query.bind(*id);
        }
        for row in query.fetch_all(&mut *conn).await? {
            theirs.insert(row.get(0), row.get(1));
        }
    }
    Ok(theirs)
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
