//! From the names Meta uses to our own contacts, for many senders at once.

use std::collections::HashMap;

use jiff::Timestamp;
use sqlx::Row;

use super::super::{Merged, Profile};
use super::damaged;
use crate::id::{AttentionId, ContactId, Ids};
use crate::security::{DataKey, Keyring, Place, WrappedKey};
use crate::storage::{Conn, Error, list, padded, sql};
use crate::whatsapp::Sender;

/// The two kinds of names, and the column their keyed hash belongs to.
pub(super) const KINDS: [&str; 2] = ["wa_id", "user_id"];

/// The contacts behind a set of senders.
#[derive(Debug, Default)]
pub struct Known {
    by_blind: HashMap<[u8; 16], String>,
    merged: Vec<Merged>,
}

impl Known {
    /// Returns the contacts that were found to be one person: what other rooms keep for
    /// the one has to go to the other in the same transaction ([`Moves`](crate::contacts::Moves)).
    pub fn merged(&self) -> &[Merged] {
        &self.merged
    }

    /// Returns the contact of a sender that was part of the set.
    pub fn of(&self, keys: &Keyring, sender: &Sender) -> Option<&str> {
        let mut blinds = blinds(keys, sender).into_iter().flatten();
        blinds
            .find_map(|(_, blind, _)| self.by_blind.get(&blind))
            .map(String::as_str)
    }
}

/// Kind, keyed hash and value of one name.
pub(super) type Name<'a> = (&'static str, [u8; 16], &'a str);

pub(super) fn blinds<'a>(keys: &Keyring, sender: &'a Sender) -> [Option<Name<'a>>; 2] {
    let values = [sender.wa_id.as_deref(), sender.user_id.as_deref()];
    [0, 1].map(|i| values[i].map(|value| (KINDS[i], keys.blind(KINDS[i], value), value)))
}

/// Finds the contact of each sender, making those that are new.
///
/// A sender known by one name gets the other added. When the two names belong to two
/// contacts (somebody first heard by user id, whose number Meta shows later), both are
/// from then on the contact of the phone number, which is the one holdings are bound
/// to, and messages that wait move to it.
///
/// A number whose contact is known by another user id has changed hands: it moves, and
/// nothing that was shown to its former owner is shown to the new one. A person is told.
pub async fn identify(
    conn: &mut Conn,
    keys: &Keyring,
    ids: &Ids,
    senders: &[&Sender],
    now: Timestamp,
) -> Result<Known, Error> {
    let mut wanted: Vec<[u8; 16]> = senders
        .iter()
        .flat_map(|sender| blinds(keys, sender))
        .flatten()
        .map(|(_, blind, _)| blind)
        .collect();
    wanted.sort_unstable();
    wanted.dedup();
    let mut known = Known {
        by_blind: look_up(conn, &wanted).await?,
        merged: Vec::new(),
    };
    for sender in senders {
        let names = blinds(keys, sender);
        let owners =
            names.map(|name| name.and_then(|(_, blind, _)| known.by_blind.get(&blind).cloned()));
        let contact = match &owners {
            [None, None] => make(conn, keys, ids, sender, now).await?,
            [Some(phone), Some(user)] if phone != user => {
                let [Some((_, number, _)), _] = names else {
                    continue;
                };
                if has_user_id(conn, phone).await? {
                    reassign(conn, ids, number, user, now).await?;
                    known.by_blind.insert(number, user.clone());
                } else {
                    merge(conn, user, phone, now).await?;
                    known.merged.push(Merged {
                        from: read_id(user)?,
                        into: read_id(phone)?,
                    });
                    for owner in known.by_blind.values_mut().filter(|owner| *owner == user) {
                        owner.clone_from(phone);
                    }
                }
                continue;
            }
            // The number of somebody whose user id is another is somebody else's now.
            [Some(phone), None] if names[1].is_some() && has_user_id(conn, phone).await? => {
                let somebody_new = make(conn, keys, ids, sender, now).await?;
                if let Some((_, number, _)) = names[0] {
                    reassign(conn, ids, number, &somebody_new, now).await?;
                    known.by_blind.insert(number, somebody_new.clone());
                }
                somebody_new
            }
            [Some(_), Some(_)] => continue,
            [Some(contact), None] | [None, Some(contact)] => contact.clone(),
        };
        for (name, owner) in names.into_iter().zip(owners) {
            if let (Some((kind, blind, value)), None) = (name, owner) {
                let key = key_of(conn, keys, &contact).await?;
                add_name(conn, &contact, &key, (kind, blind, value), now).await?;
                known.by_blind.insert(blind, contact.clone());
            }
        }
    }
    Ok(known)
}

/// Returns the contact with this phone number or business-scoped user id.
pub async fn find(conn: &mut Conn, keys: &Keyring, name: &str) -> Result<Option<ContactId>, Error> {
    for kind in KINDS {
        let blind = keys.blind(kind, name);
        if let Some(id) = look_up(conn, &[blind]).await?.remove(&blind) {
            return read_id(&id).map(Some);
        }
    }
    Ok(None)
}

fn read_id(id: &str) -> Result<ContactId, Error> {
    id.parse()
        .map_err(|_| damaged(id, "its id does not read as one"))
}

pub(super) async fn look_up(
    conn: &mut Conn,
    wanted: &[[u8; 16]],
) -> Result<HashMap<[u8; 16], String>, Error> {
    let mut found = HashMap::with_capacity(wanted.len());
    for run in padded(wanted, 1) {
        let text = format!(
            "select blind, contact_id from identities where blind in ({})",
            list(run.len())
        );
        let mut query = sqlx::query(sql(text));
        for blind in run.filled() {
            query = query.bind(blind.to_vec());
        }
        for row in query.fetch_all(&mut *conn).await? {
            let blind: Vec<u8> = row.get(0);
            let id: String = row.get(1);
            let blind = blind
                .try_into()
                .map_err(|_| damaged(&id, "a blind index of another length"))?;
            found.insert(blind, id);
        }
    }
    Ok(found)
}

async fn make(
    conn: &mut Conn,
    keys: &Keyring,
    ids: &Ids,
    sender: &Sender,
    now: Timestamp,
) -> Result<String, Error> {
    let id = ids.next::<ContactId>(now).to_string();
    let (wrapped, key) = keys.make(ids.next(now));
    sqlx::query(
        "insert into keys (id, purpose, wrapped_by, wrapped, created_at)
         values ($1, 'contact', $2, $3, $4)",
    )
    .bind(wrapped.id.to_string())
    .bind(wrapped.wrapped_by)
    .bind(wrapped.bytes)
    .bind(now.as_millisecond())
    .execute(&mut *conn)
    .await?;
    let mut profile = Profile::default();
    profile.learn(sender);
    sqlx::query("insert into contacts (id, key_id, created_at, profile) values ($1, $2, $3, $4)")
        .bind(&id)
        .bind(key.id().to_string())
        .bind(now.as_millisecond())
        .bind(key.seal(Profile::place(&id), &profile.to_bytes()))
        .execute(conn)
        .await?;
    Ok(id)
}

pub(super) async fn add_name(
    conn: &mut Conn,
    contact: &str,
    key: &DataKey,
    (kind, blind, value): Name<'_>,
    now: Timestamp,
) -> Result<(), Error> {
    let place = Place {
        table: "identities",
        column: "value",
        row: contact,
    };
    let added = sqlx::query(
        "insert into identities (blind, contact_id, kind, value, created_at)
         values ($1, $2, $3, $4, $5)
         on conflict do nothing",
    )
    .bind(blind.to_vec())
    .bind(contact)
    .bind(kind)
    .bind(key.seal(place, value.as_bytes()))
    .bind(now.as_millisecond())
    .execute(conn)
    .await?;
    if added.rows_affected() == 0 {
        return Err(Error::Again("a contact"));
    }
    Ok(())
}

async fn key_of(conn: &mut Conn, keys: &Keyring, contact: &str) -> Result<DataKey, Error> {
    let row = sqlx::query(
        "select k.id, k.wrapped_by, k.wrapped
           from contacts c join keys k on k.id = c.key_id
          where c.id = $1",
    )
    .bind(contact)
    .fetch_one(conn)
    .await?;
    super::load::read_key(&row, 0, contact).and_then(|wrapped: WrappedKey| {
        keys.unwrap(&wrapped)
            .map_err(|e| damaged(contact, &e.to_string()))
    })
}

/// Returns whether a contact is known by a user id. One from before its number changed
/// does not count: Meta makes another with the new number.
async fn has_user_id(conn: &mut Conn, contact: &str) -> Result<bool, Error> {
    let found: Option<String> = sqlx::query_scalar(
        "select i.contact_id from identities i join contacts c on c.id = i.contact_id
          where i.contact_id = $1 and i.kind = 'user_id'
            and (c.unverified_since is null or i.created_at >= c.unverified_since) limit 1",
    )
    .bind(contact)
    .fetch_optional(conn)
    .await?;
    Ok(found.is_some())
}

/// Gives a phone number to another contact, and puts it before a person.
async fn reassign(
    conn: &mut Conn,
    ids: &Ids,
    number: [u8; 16],
    to: &str,
    now: Timestamp,
) -> Result<(), Error> {
    sqlx::query("update identities set contact_id = $2 where blind = $1")
        .bind(number.to_vec())
        .bind(to)
        .execute(&mut *conn)
        .await?;
    sqlx::query(
        "insert into attention (id, kind, subject, detail, opened_at)
         values ($1, 'number_moved', $2, 'a phone number has another owner; verify before binding holdings', $3)
         on conflict do nothing",
    )
    .bind(ids.next::<AttentionId>(now).to_string())
    .bind(to)
    .bind(now.as_millisecond())
    .execute(conn)
    .await?;
    Ok(())
}

/// Moves everything that binds us from one contact of a person to the other: names,
/// messages that wait, a STOP, and that a person holds the conversation. What the bot had
/// still to say to the old one is not said.
async fn merge(conn: &mut Conn, from: &str, into: &str, now: Timestamp) -> Result<(), Error> {
    sqlx::query("update identities set contact_id = $2 where contact_id = $1")
        .bind(from)
        .bind(into)
        .execute(&mut *conn)
        .await?;
    let moved =
        sqlx::query("update inbox set contact_id = $2 where contact_id = $1 and state = 'waiting'")
            .bind(from)
            .bind(into)
            .execute(&mut *conn)
            .await?;
    // What was set aside comes back to whoever they are by then.
    sqlx::query("update inbox set contact_id = $2 where contact_id = $1 and state = 'parked'")
        .bind(from)
        .bind(into)
        .execute(&mut *conn)
        .await?;
    sqlx::query(
        "update outbox set state = 'cancelled', rank = 10, reason = 'contact_merged'
          where contact_id = $1 and state = 'queued'",
    )
    .bind(from)
    .execute(&mut *conn)
    .await?;
    sqlx::query(
        "update contacts
            set marketing = 'opted_out', marketing_at = $3
          where id = $2 and exists (select 1 from contacts f where f.id = $1 and f.marketing = 'opted_out')",
    )
    .bind(from)
    .bind(into)
    .bind(now.as_millisecond())
    .execute(&mut *conn)
    .await?;
    sqlx::query(
        "update contacts
            set owner = 'human', owner_epoch = owner_epoch + 1
          where id = $2 and owner = 'bot'
            and exists (select 1 from contacts f where f.id = $1 and f.owner = 'human')",
    )
    .bind(from)
    .bind(into)
    .execute(&mut *conn)
    .await?;
    // The subject of what waits for a person is the contact that will be released.
    sqlx::query(
        "update attention set subject = $2
          where kind = 'handoff' and subject = $1 and resolved_at is null
            and not exists (select 1 from attention a where a.kind = 'handoff'
                             and a.subject = $2 and a.resolved_at is null)",
    )
    .bind(from)
    .bind(into)
    .execute(&mut *conn)
    .await?;
    // A turn that holds the old contact finds its epoch gone and its messages elsewhere.
    sqlx::query(
        "update contacts
            set waiting = 0, lease_epoch = lease_epoch + 1, lease_until = 0
          where id = $1",
    )
    .bind(from)
    .execute(&mut *conn)
    .await?;
    sqlx::query("update contacts set waiting = waiting + $2 where id = $1")
        .bind(into)
        .bind(i64::try_from(moved.rows_affected()).unwrap_or(0))
        .execute(conn)
        .await?;
    Ok(())
}
