//! From the names Meta uses to our own contacts, for many senders at once.
//!
//! Whoever is known by all their names already is found with one statement. What is new
//! about names is put down first, and who is whom then follows from all that is known
//! (`names`), so that it does not matter in what order it came.

use std::collections::HashMap;

use jiff::Timestamp;
use sqlx::Row;

use super::super::Merged;
use super::super::names::{Blind, Pair};
use super::regroup::{Settled, Subject, settle};
use super::{damaged, evidence};
use crate::id::{ContactId, Ids};
use crate::security::Keyring;
use crate::storage::{Conn, Error, list, padded, sql};
use crate::whatsapp::Sender;

/// The two kinds of names, and the column their keyed hash belongs to.
pub(super) const KINDS: [&str; 2] = ["wa_id", "user_id"];

/// Somebody seen under one or two names, and when by Meta's clock.
#[derive(Debug, Clone, Copy)]
pub struct Sighting<'a> {
    /// The names.
    pub sender: &'a Sender,
    /// When.
    pub at: Timestamp,
}

/// Something new about names.
#[derive(Debug, Clone, Copy)]
pub enum NewNames<'a> {
    /// Somebody was seen.
    Seen(Sighting<'a>),
    /// Somebody has other names from a time on.
    Changed {
        /// The event that says so.
        event: &'a str,
        /// Their names so far.
        was: &'a Sender,
        /// Their names from then on.
        is: &'a Sender,
        /// When, by Meta's clock.
        at: Timestamp,
    },
}

/// Whoever has a name now.
#[derive(Debug)]
struct Holder {
    contact: String,
    since: i64,
    epoch: i64,
}

/// The contacts behind a set of senders.
#[derive(Debug, Default)]
pub struct Known {
    /// Who has a name.
    holders: HashMap<Blind, Holder>,
    /// When a user id was first seen with a number.
    pairs: HashMap<(Blind, Blind), i64>,
    merged: Vec<Merged>,
}

impl Known {
    /// Returns the contacts that were found to be one person: what other rooms keep for
    /// the one has to go to the other in the same transaction ([`Moves`](crate::contacts::Moves)).
    pub fn merged(&self) -> &[Merged] {
        &self.merged
    }

    /// Returns the contact of a sender that was part of the set, as things are now.
    pub fn of(&self, keys: &Keyring, sender: &Sender) -> Option<&str> {
        let [number, user] = blinds(keys, sender);
        let (_, name, _) = user.or(number)?;
        self.holders
            .get(&name)
            .map(|holder| holder.contact.as_str())
    }

    /// Returns the contact of somebody who was seen, if nothing about it is new, and the
    /// epoch of its names.
    pub fn at(&self, keys: &Keyring, seen: Sighting<'_>) -> Option<(&str, i64)> {
        let at = seen.at.as_millisecond();
        let holder = match blinds(keys, seen.sender) {
            [None, None] => return None,
            [Some((_, name, _)), None] | [None, Some((_, name, _))] => self.holders.get(&name)?,
            [Some((_, number, _)), Some((_, user, _))] => {
                let first = self.pairs.get(&(user, number))?;
                self.holders.get(&user).filter(|_| *first <= at)?
            }
        };
        (holder.since <= at).then_some((&holder.contact, holder.epoch))
    }
}

/// Kind, keyed hash and value of one name.
pub(super) type Name<'a> = (&'static str, Blind, &'a str);

pub(super) fn blinds<'a>(keys: &Keyring, sender: &'a Sender) -> [Option<Name<'a>>; 2] {
    let values = [sender.wa_id.as_deref(), sender.user_id.as_deref()];
    [0, 1].map(|i| values[i].map(|value| (KINDS[i], keys.blind(KINDS[i], value), value)))
}

/// Returns the keyed hash of the name a sender is known by: the user id, else the number.
pub fn name_of(keys: &Keyring, sender: &Sender) -> Option<[u8; 16]> {
    let [number, user] = blinds(keys, sender);
    user.or(number).map(|(_, blind, _)| blind)
}

/// Finds the contacts of senders as far as they are known.
pub async fn look_up(
    conn: &mut Conn,
    keys: &Keyring,
    senders: impl Iterator<Item = &Sender>,
) -> Result<Known, Error> {
    let names = senders.flat_map(|sender| blinds(keys, sender).map(|name| name.map(|n| n.1)));
    let mut wanted: Vec<Blind> = names.flatten().collect();
    wanted.sort_unstable();
    wanted.dedup();
    let mut known = Known::default();
    for run in padded(&wanted, 1) {
        let text = format!(
            "select i.blind, i.contact_id, i.since, c.names_epoch, p.number, p.at
               from identities i
               join contacts c on c.id = i.contact_id
               left join name_pairs p on p.user_id = i.blind
              where i.blind in ({})",
            list(run.len())
        );
        let mut query = sqlx::query(sql(text));
        for blind in run.filled() {
            query = query.bind(blind.to_vec());
        }
        for row in query.fetch_all(&mut *conn).await? {
            let Some(name) = evidence::blind(&row, 0)? else {
                continue;
            };
            let holder = Holder {
                contact: row.get(1),
                since: row.get(2),
                epoch: row.get(3),
            };
            known.holders.insert(name, holder);
            if let Some(number) = evidence::blind(&row, 4)? {
                known.pairs.insert((name, number), row.get(5));
            }
        }
    }
    Ok(known)
}

/// Puts down what is new about names, and makes of it what follows: contacts that are new,
/// contacts that prove to be one person or two, messages that are another's. Rows of the
/// inbox that bear the names are there already, with or without a contact.
pub async fn take_in(
    conn: &mut Conn,
    keys: &Keyring,
    ids: &Ids,
    news: &[NewNames<'_>],
    now: Timestamp,
) -> Result<Settled, Error> {
    evidence::lock(conn).await?;
    let mut subject = Subject::default();
    for one in news {
        match one {
            NewNames::Seen(seen) => {
                let both = blinds(keys, seen.sender);
                if let [Some((_, number, _)), Some((_, user, _))] = both {
                    let at = seen.at.as_millisecond();
                    evidence::add_pair(conn, Pair { user, number, at }).await?;
                }
                for (kind, blind, value) in both.into_iter().flatten() {
                    subject.names.insert(blind, kind == KINDS[0]);
                    subject.values.insert(blind, value.to_owned());
                }
                if let (Some(name), Some(called)) = (name_of(keys, seen.sender), &seen.sender.name)
                {
                    let at = seen.at.as_millisecond();
                    subject.called.push((name, at, called.clone()));
                }
            }
            NewNames::Changed { event, was, is, at } => {
                let names = evidence::add_change(conn, keys, event, (was, is), *at).await?;
                subject.names.extend(names);
            }
        }
    }
    settle(conn, (keys, ids), subject, now).await
}

/// Finds the contact of each sender as things are now, making those that are new: the word
/// of an operator or of a statement, and not of Meta.
pub async fn identify(
    conn: &mut Conn,
    keys: &Keyring,
    ids: &Ids,
    senders: &[&Sender],
    now: Timestamp,
) -> Result<Known, Error> {
    fn seen(sender: &Sender, at: Timestamp) -> Sighting<'_> {
        Sighting { sender, at }
    }
    // As coarse as Meta's clock: what it says of the same second is not before this.
    let at = Timestamp::from_second(now.as_second()).unwrap_or(now);
    let known = look_up(conn, keys, senders.iter().copied()).await?;
    let is_new = |sender: &&Sender| known.at(keys, seen(sender, at)).is_none();
    let new: Vec<&Sender> = senders.iter().copied().filter(is_new).collect();
    if new.is_empty() {
        return Ok(known);
    }
    let nobody = Sender::default();
    let events: Vec<String> = new
        .iter()
        .map(|_| ids.next::<crate::id::InboxId>(now).to_string())
        .collect();
    let news: Vec<_> = new
        .iter()
        .zip(&events)
        .flat_map(|(sender, event)| {
            let known = NewNames::Changed {
                event,
                was: &nobody,
                is: sender,
                at,
            };
            [NewNames::Seen(seen(sender, at)), known]
        })
        .collect();
    let settled = take_in(conn, keys, ids, &news, now).await?;
    let known = look_up(conn, keys, senders.iter().copied()).await?;
    Ok(Known {
        merged: settled.merged,
        ..known
    })
}

/// Returns the contact with this phone number or business-scoped user id.
pub async fn find(conn: &mut Conn, keys: &Keyring, name: &str) -> Result<Option<ContactId>, Error> {
    for kind in KINDS {
        let found: Option<String> =
            sqlx::query_scalar("select contact_id from identities where blind = $1")
                .bind(keys.blind(kind, name).to_vec())
                .fetch_optional(&mut *conn)
                .await?;
        if let Some(id) = found {
            return read_id(&id).map(Some);
        }
    }
    Ok(None)
}

pub(super) fn read_id(id: &str) -> Result<ContactId, Error> {
    id.parse()
        .map_err(|_| damaged(id, "its id does not read as one"))
}
