//! Reads contacts with their keys.

use std::collections::HashMap;

use jiff::Timestamp;
use sqlx::Row;
use sqlx::any::AnyRow;

use super::super::{Contact, Marketing, Owner, Profile};
use super::{damaged, marketing_of};
use crate::id::ContactId;
use crate::security::{DataKey, Keyring, WrappedKey};
use crate::storage::{Conn, Error, list, padded, sql};

/// A contact, its key, and its profile as it is stored.
#[derive(Debug, Clone)]
pub struct StoredContact {
    /// The contact.
    pub contact: Contact,
    /// Seals what is theirs.
    pub key: DataKey,
    /// What the profile says.
    pub profile: Profile,
}

/// Returns the advertisement or link a contact came by first; nothing for a plain hello.
pub async fn came_by(conn: &mut Conn, contact: ContactId) -> Result<Option<String>, Error> {
    let source = sqlx::query_scalar("select source from contacts where id = $1")
        .bind(contact.to_string())
        .fetch_optional(conn)
        .await?;
    Ok(source.flatten())
}

/// Returns a contact and all that proved to be the same person: what they said and were
/// told before is still theirs.
pub async fn selves(conn: &mut Conn, contact: ContactId) -> Result<Vec<ContactId>, Error> {
    let others: Vec<String> =
        sqlx::query_scalar("select id from contacts where merged_into = $1 order by id")
            .bind(contact.to_string())
            .fetch_all(conn)
            .await?;
    let others = others.iter().map(|id| super::identify::read_id(id));
    std::iter::once(Ok(contact)).chain(others).collect()
}

/// Loads contacts by id; those that do not exist are missing in the answer.
pub async fn load(
    conn: &mut Conn,
    keys: &Keyring,
    contacts: &[String],
) -> Result<HashMap<String, StoredContact>, Error> {
    let mut found = HashMap::with_capacity(contacts.len());
    for run in padded(contacts, 1) {
        let text = format!(
            "select k.id, k.wrapped_by, k.wrapped,
                    c.id, c.profile, c.language, c.owner, c.owner_epoch, {}, c.last_inbound_at,
                    c.unverified_since, c.language_heard
               from contacts c join keys k on k.id = c.key_id
              where c.id in ({})",
            marketing_of("c"),
            list(run.len())
        );
        let mut query = sqlx::query(sql(text));
        for id in run.filled() {
            query = query.bind(id);
        }
        for row in query.fetch_all(&mut *conn).await? {
            let id: String = row.get(3);
            let stored = read(&row, &id, keys)?;
            found.insert(id, stored);
        }
    }
    Ok(found)
}

/// Loads contacts by id, leaving out those that do not read: damage to one is no reason
/// to keep the others waiting.
pub async fn load_readable(
    conn: &mut Conn,
    keys: &Keyring,
    contacts: &[String],
) -> Result<HashMap<String, StoredContact>, Error> {
    match load(conn, keys, contacts).await {
        Err(Error::Damaged { .. }) => {}
        loaded => return loaded,
    }
    let mut found = HashMap::with_capacity(contacts.len());
    for contact in contacts {
        match load(conn, keys, std::slice::from_ref(contact)).await {
            Ok(one) => found.extend(one),
            Err(error @ Error::Damaged { .. }) => {
                tracing::error!(error = &error as &dyn std::error::Error, %contact, "a contact does not read");
            }
            Err(error) => return Err(error),
        }
    }
    Ok(found)
}

fn read(row: &AnyRow, id: &str, keys: &Keyring) -> Result<StoredContact, Error> {
    let wrapped = read_key(row, 0, id)?;
    let key = keys
        .unwrap(&wrapped)
        .map_err(|e| damaged(id, &e.to_string()))?;
    let profile: Option<Vec<u8>> = row.get(4);
    let profile = match profile {
        Some(sealed) => {
            let plain = key.open(Profile::place(id), &sealed);
            Profile::from_bytes(&plain.map_err(|e| damaged(id, &e.to_string()))?)
        }
        None => Profile::default(),
    };
    let owner: String = row.get(6);
    let marketing: String = row.get(8);
    let time = |at| {
        let millis: Option<i64> = row.get(at);
        millis.and_then(|millis| Timestamp::from_millisecond(millis).ok())
    };
    let contact = Contact {
        id: id
            .parse::<ContactId>()
            .map_err(|e| damaged(id, &e.to_string()))?,
        language: row.get(5),
        language_heard: row.get(11),
        owner: Owner::parse(&owner).ok_or_else(|| damaged(id, "unknown owner"))?,
        owner_epoch: row.get(7),
        marketing: Marketing::parse(&marketing)
            .ok_or_else(|| damaged(id, "unknown marketing state"))?,
        last_inbound_at: time(9),
        name: profile.name.clone(),
        phone: profile.phone.clone(),
        unverified_since: time(10),
    };
    Ok(StoredContact {
        contact,
        key,
        profile,
    })
}

pub(super) fn read_key(row: &AnyRow, at: usize, contact: &str) -> Result<WrappedKey, Error> {
    let id: String = row.get(at);
    let bytes: Option<Vec<u8>> = row.get(at + 2);
    Ok(WrappedKey {
        id: id
            .parse()
            .map_err(|_| damaged(contact, "the id of its key does not read as one"))?,
        wrapped_by: row.get(at + 1),
        bytes: bytes.ok_or_else(|| damaged(contact, "its key was destroyed"))?,
    })
}
