//! Who has each name, and who had it before.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::Timestamp;
use sqlx::Row;

use super::super::names::{Blind, Evidence, Span};
use super::derive::{Derived, Standing};
use super::identify::KINDS;
use super::regroup::Rooted;
use super::{evidence, load_readable};
use crate::security::{Keyring, Place};
use crate::storage::{Conn, Error, list, padded, sql};

/// Somebody who had a name so far.
pub(super) struct Holder {
    pub(super) contact: String,
    /// Whether they have it now.
    pub(super) is_now: bool,
    /// The name, sealed under the contact's key.
    value: Option<Vec<u8>>,
}

/// Who had each name so far, in order.
pub(super) type Held = BTreeMap<Blind, Vec<Holder>>;

pub(super) async fn held(conn: &mut Conn, evidence: &Evidence) -> Result<Held, Error> {
    let names: Vec<Blind> = evidence.names.keys().copied().collect();
    let mut held = Held::new();
    for run in padded(&names, 1) {
        let places = list(run.len());
        let text = format!(
            "select blind, since, contact_id, cast(1 as bigint), value from identities where blind in ({places})
              union all
             select name, since, contact_id, cast(0 as bigint), value from former_names where name in ({places})
              order by 2"
        );
        let mut query = sqlx::query(sql(text));
        for name in run.filled() {
            query = query.bind(name.to_vec());
        }
        for row in query.fetch_all(&mut *conn).await? {
            if let Some(name) = evidence::blind(&row, 0)? {
                held.entry(name).or_default().push(Holder {
                    contact: row.get(2),
                    is_now: row.get::<i64, _>(3) == 1,
                    value: row.get(4),
                });
            }
        }
    }
    Ok(held)
}

/// The contact stands for the row: which name of theirs it is, its hash tells
/// ([`is_of`]).
fn value_place(contact: &str) -> Place<'_> {
    Place {
        table: "identities",
        column: "value",
        row: contact,
    }
}

/// Returns whether a name is what its row says: a former number of somebody in the row of
/// their present one would open, too.
fn is_of(keys: &Keyring, name: Blind, value: &str) -> bool {
    KINDS.iter().any(|kind| keys.blind(kind, value) == name)
}

/// Opens the names that contacts had so far.
pub(super) async fn held_values(
    conn: &mut Conn,
    keys: &Keyring,
    held: &Held,
) -> Result<HashMap<Blind, String>, Error> {
    let contacts: BTreeSet<&String> = held.values().flatten().map(|one| &one.contact).collect();
    let contacts: Vec<String> = contacts.into_iter().cloned().collect();
    let stored = load_readable(conn, keys, &contacts).await?;
    let mut values = HashMap::new();
    for (name, holders) in held {
        let opened = holders.iter().find_map(|one| {
            let key = &stored.get(&one.contact)?.key;
            let plain = key.open(value_place(&one.contact), one.value.as_deref()?);
            let value = String::from_utf8(plain.ok()?).ok()?;
            is_of(keys, *name, &value).then_some(value)
        });
        values.extend(opened.map(|value| (*name, value)));
    }
    Ok(values)
}

/// Writes down who has each name now, and who had it before.
pub(super) async fn hold(
    conn: &mut Conn,
    standing: &Standing<'_>,
    derived: &Derived,
    now: Timestamp,
) -> Result<(), Error> {
    let names: Vec<Blind> = standing.evidence.names.keys().copied().collect();
    for run in padded(&names, 1) {
        let text = format!(
            "delete from former_names where name in ({})",
            list(run.len())
        );
        let mut query = sqlx::query(sql(text));
        for name in run.filled() {
            query = query.bind(name.to_vec());
        }
        query.execute(&mut *conn).await?;
    }
    let mut nobodys: BTreeSet<Blind> = names.into_iter().collect();
    for person in standing.rooted {
        for span in &person.spans {
            let sealed = sealed(person, span, derived);
            if standing.evidence.is_now(span) {
                nobodys.remove(&span.name);
                let since = standing.evidence.settled_since(span);
                hold_now(conn, person, (span, since), sealed, now).await?;
            } else {
                sqlx::query(
                    "insert into former_names (name, since, contact_id, value)
                     values ($1, $2, $3, $4)",
                )
                .bind(span.name.to_vec())
                .bind(span.since)
                .bind(&person.contact)
                .bind(sealed)
                .execute(&mut *conn)
                .await?;
            }
        }
    }
    for name in nobodys {
        sqlx::query("delete from identities where blind = $1")
            .bind(name.to_vec())
            .execute(&mut *conn)
            .await?;
    }
    Ok(())
}

/// Returns a name under the key of whose it is.
fn sealed(person: &Rooted, span: &Span, derived: &Derived) -> Option<Vec<u8>> {
    let value = derived.values.get(&span.name)?;
    let key = &derived.stored.get(&person.contact)?.key;
    Some(key.seal(value_place(&person.contact), value.as_bytes()))
}

async fn hold_now(
    conn: &mut Conn,
    person: &Rooted,
    (span, since): (&Span, i64),
    sealed: Option<Vec<u8>>,
    now: Timestamp,
) -> Result<(), Error> {
    let Some(sealed) = sealed else {
        // What the name is, nobody has told yet; whose it is, is known all the same.
        sqlx::query("update identities set contact_id = $2, since = $3 where blind = $1")
            .bind(span.name.to_vec())
            .bind(&person.contact)
            .bind(since)
            .execute(&mut *conn)
            .await?;
        return Ok(());
    };
    sqlx::query(
        "insert into identities (blind, contact_id, kind, value, since, created_at)
         values ($1, $2, $3, $4, $5, $6)
         on conflict (blind) do update
            set contact_id = excluded.contact_id, value = excluded.value, since = excluded.since",
    )
    .bind(span.name.to_vec())
    .bind(&person.contact)
    .bind(KINDS[usize::from(!span.is_number)])
    .bind(sealed)
    .bind(since)
    .bind(now.as_millisecond())
    .execute(conn)
    .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::identify::identify;
    use super::super::load;
    use super::*;
    use crate::id::Ids;
    use crate::security::MasterKeys;
    use crate::storage::Db;
    use crate::whatsapp::Sender;

    #[tokio::test]
    async fn a_name_in_the_row_of_another_of_theirs_does_not_open() {
        const NOW: &str = "919000000001";
        const FORMER: &str = "919000000002";
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}/t.db", folder.path().display());
        let db = Db::open(&url, 2).await.unwrap();
        let ids = Ids::seeded(1);
        let masters = MasterKeys::parse(&MasterKeys::generate()).unwrap();
        let keys = Keyring::load(&db, masters, &ids, Timestamp::UNIX_EPOCH)
            .await
            .unwrap();
        let input = (keys.clone(), ids);
        let known = db.write(input, |conn, (keys, ids)| {
            Box::pin(async move {
                let sender = Sender {
                    wa_id: Some(NOW.to_owned()),
                    ..Sender::default()
                };
                let known = identify(conn, keys, ids, &[&sender], Timestamp::UNIX_EPOCH).await?;
                Ok(known.of(keys, &sender).map(str::to_owned))
            })
        });
        let contact = known.await.unwrap().unwrap();
        let mut conn = db.read().await.unwrap();
        let stored = load(&mut conn, &keys, std::slice::from_ref(&contact)).await;
        let key = stored.unwrap().remove(&contact).unwrap().key;
        let name = keys.blind(KINDS[0], NOW);
        for (value, opens) in [(NOW, true), (FORMER, false)] {
            let holder = Holder {
                contact: contact.clone(),
                is_now: true,
                value: Some(key.seal(value_place(&contact), value.as_bytes())),
            };
            let held = Held::from([(name, vec![holder])]);
            let values = held_values(&mut conn, &keys, &held).await.unwrap();
            let expected = opens.then(|| (name, value.to_owned()));
            assert_eq!(values, expected.into_iter().collect());
        }
    }
}
