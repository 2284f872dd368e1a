//! Brings the contacts in line with who is whom: makes those that are new, joins those
//! that prove to be one person, parts those that prove to be two, and gives every message
//! to whoever had its name at its time.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::Timestamp;
use sqlx::Row;

use super::super::names::{Blind, Born, Evidence, Span, contacts_of};
use super::super::{Merged, Profile};
use super::derive::{Standing, derive};
use super::evidence;
use super::held::{Held, held, held_values, hold};
use super::identify::read_id;
use super::merge::{fence, merge, part, pass_on_stop, point};
use super::moved::tell_of_changes;
use crate::id::{AttentionId, ContactId, Ids};
use crate::security::Keyring;
use crate::storage::{Conn, Error, list, padded, sql, values};

/// What is to be settled.
#[derive(Debug, Default)]
pub(super) struct Subject {
    /// The names, and whether each is a number.
    pub(super) names: BTreeMap<Blind, bool>,
    /// What they say, as far as it is at hand.
    pub(super) values: HashMap<Blind, String>,
    /// What people call themselves: name, when, profile name.
    pub(super) called: Vec<(Blind, i64, String)>,
}

/// What came of it.
#[derive(Debug, Default)]
pub struct Settled {
    /// Contacts that prove to be one person, in the order they were joined.
    pub merged: Vec<Merged>,
    /// Contacts that messages were given to or taken from.
    pub touched: BTreeSet<String>,
    /// Contacts that were joined, or parted again.
    pub regrouped: BTreeSet<String>,
    /// Contacts of whom it came into doubt who they are, and since when in milliseconds.
    pub doubted: Vec<(String, i64)>,
}

/// A person with the contact that is theirs from now on.
pub(super) struct Rooted {
    pub(super) contact: String,
    pub(super) spans: Vec<Span>,
    pub(super) is_new: bool,
}

/// Settles who is who, of some names and all they lead to.
pub(super) async fn settle(
    conn: &mut Conn,
    (keys, ids): (&Keyring, &Ids),
    subject: Subject,
    now: Timestamp,
) -> Result<Settled, Error> {
    let evidence = evidence::gather(conn, subject.names.clone()).await?;
    let held = held(conn, &evidence).await?;
    let (born, merged_into) = born(conn, &evidence).await?;
    new_epoch(conn, &held, &born).await?;
    let people = evidence.people();
    let known = known(conn, &evidence, &people).await?;
    let mut settled = Settled::default();
    let mut rooted = Vec::new();
    for spans in people {
        let theirs = contacts_of(&spans, &born);
        let (contact, is_new) = if let Some(first) = theirs.first() {
            (first.contact.clone(), false)
        } else if let Some(birth) = spans.iter().find_map(|span| Some((span, known.get(span)?))) {
            (make(conn, (keys, ids), birth, now).await?, true)
        } else {
            continue;
        };
        for one in theirs {
            let was = merged_into.get(&one.contact).map(String::as_str);
            if one.contact == contact {
                if let Some(was) = was {
                    settled.regrouped.extend([contact.clone(), was.to_owned()]);
                    part(conn, ids, (&contact, was), now).await?;
                    let both = [contact.clone(), was.to_owned()];
                    let since = now.as_millisecond();
                    settled.doubted.extend(both.map(|one| (one, since)));
                }
            } else if was.is_none() {
                let both = [one.contact.clone(), contact.clone()];
                settled.regrouped.extend(both);
                merge(conn, &one.contact, &contact).await?;
                settled.merged.push(Merged {
                    from: read_id(&one.contact)?,
                    into: read_id(&contact)?,
                });
            } else if let Some(was) = was.filter(|was| *was != contact) {
                let all = [one.contact.clone(), contact.clone(), was.to_owned()];
                settled.regrouped.extend(all);
                point(conn, &one.contact, Some(&contact)).await?;
            }
        }
        rooted.push(Rooted {
            contact,
            spans,
            is_new,
        });
    }
    let (lost, gained) = give_messages(conn, &rooted).await?;
    fence(conn, &lost).await?;
    stop_both(conn, &lost, &rooted).await?;
    let standing = Standing {
        evidence: &evidence,
        subject: &subject,
        rooted: &rooted,
        merged: settled
            .merged
            .iter()
            .map(|one| one.from.to_string())
            .collect(),
        changed: lost
            .union(&gained)
            .chain(&settled.regrouped)
            .cloned()
            .collect(),
        lost: lost.union(&settled.regrouped).cloned().collect(),
        values: held_values(conn, keys, &held).await?,
    };
    let derived = derive(conn, keys, &standing).await?;
    hold(conn, &standing, &derived, now).await?;
    put_before_person(conn, ids, &held, &standing, now).await?;
    let doubted = tell_of_changes(conn, ids, &evidence, &rooted, now).await?;
    settled.doubted.extend(doubted);
    settled.touched = lost;
    settled.touched.extend(gained);
    settled
        .touched
        .extend(rooted.into_iter().map(|person| person.contact));
    Ok(settled)
}

/// Returns the contacts that were first known by one of the names, and who those are that
/// proved to be somebody else.
async fn born(
    conn: &mut Conn,
    evidence: &Evidence,
) -> Result<(Vec<Born>, HashMap<String, String>), Error> {
    let names: Vec<Blind> = evidence.names.keys().copied().collect();
    let (mut born, mut merged_into) = (Vec::new(), HashMap::new());
    for run in padded(&names, 1) {
        let text = format!(
            "select id, born_name, born_at, merged_into from contacts where born_name in ({})",
            list(run.len())
        );
        let mut query = sqlx::query(sql(text));
        for name in run.filled() {
            query = query.bind(name.to_vec());
        }
        for row in query.fetch_all(&mut *conn).await? {
            let contact: String = row.get(0);
            let into: Option<String> = row.get(3);
            merged_into.extend(into.map(|into| (contact.clone(), into)));
            born.push(Born {
                contact,
                name: evidence::blind(&row, 1)?.unwrap_or_default(),
                at: row.get(2),
            });
        }
    }
    Ok((born, merged_into))
}

/// Starts an epoch of the names of contacts. Whoever found one of them by a name before
/// and stores a message of theirs has done so by now, or finds the epoch gone.
async fn new_epoch(conn: &mut Conn, held: &Held, born: &[Born]) -> Result<(), Error> {
    let holders = held.values().flatten().map(|one| &one.contact);
    let contacts: BTreeSet<&String> = holders.chain(born.iter().map(|one| &one.contact)).collect();
    for contact in contacts {
        sqlx::query("update contacts set names_epoch = names_epoch + 1 where id = $1")
            .bind(contact)
            .execute(&mut *conn)
            .await?;
    }
    Ok(())
}

/// Returns the spans in which something was written, or that somebody knows somebody by,
/// with a time of it.
async fn known(
    conn: &mut Conn,
    evidence: &Evidence,
    people: &[Vec<Span>],
) -> Result<BTreeMap<Span, i64>, Error> {
    let spans: Vec<(i64, Span)> = (0..).zip(people.iter().flatten().copied()).collect();
    let acquainted = spans.iter().filter_map(|(_, span)| {
        let at = evidence.acquainted_at(span)?;
        Some((*span, at))
    });
    let mut known: BTreeMap<Span, i64> = acquainted.collect();
    for run in padded(&spans, 4) {
        let text = format!(
            "select column1, (select min(i.sent_at) from inbox i
                               where i.name = v.column2 and i.sent_at >= v.column3
                                 and i.sent_at < v.column4)
               from (values {}) as v",
            values(run.len(), 4)
        );
        let mut query = sqlx::query(sql(text));
        for (at, span) in run.filled() {
            query = query
                .bind(*at)
                .bind(span.name.to_vec())
                .bind(span.since)
                .bind(span.until);
        }
        for row in query.fetch_all(&mut *conn).await? {
            let span = usize::try_from(row.get::<i64, _>(0)).ok();
            let span = span.and_then(|at| spans.get(at));
            if let (Some((_, span)), Some(at)) = (span, row.get(1)) {
                known.insert(*span, at);
            }
        }
    }
    Ok(known)
}

async fn make(
    conn: &mut Conn,
    (keys, ids): (&Keyring, &Ids),
    (span, at): (&Span, &i64),
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
    sqlx::query(
        "insert into contacts (id, key_id, created_at, profile, born_name, born_at)
         values ($1, $2, $3, $4, $5, $6)",
    )
    .bind(&id)
    .bind(key.id().to_string())
    .bind(now.as_millisecond())
    .bind(key.seal(Profile::place(&id), &Profile::default().to_bytes()))
    .bind(span.name.to_vec())
    .bind(*at)
    .execute(conn)
    .await?;
    Ok(id)
}

/// Gives every message to whoever had its name at its time; returns the contacts that
/// some were taken from, and those that got them.
async fn give_messages(
    conn: &mut Conn,
    rooted: &[Rooted],
) -> Result<(BTreeSet<String>, BTreeSet<String>), Error> {
    let theirs = rooted
        .iter()
        .flat_map(|person| person.spans.iter().map(|span| (&person.contact, span)));
    let theirs: Vec<_> = theirs.collect();
    let (mut lost, mut gained) = (BTreeSet::new(), BTreeSet::new());
    for run in padded(&theirs, 4) {
        let wanted = format!(
            "from (values {}) as v cross join inbox i
              where i.name = v.column2 and i.sent_at >= v.column3 and i.sent_at < v.column4",
            values(run.len(), 4)
        );
        let moves = format!(
            "select distinct i.contact_id, v.column1 {wanted} and i.contact_id <> v.column1"
        );
        let gives = format!(
            "update inbox set contact_id = v.column1 from (values {}) as v
              where inbox.name = v.column2 and inbox.sent_at >= v.column3
                and inbox.sent_at < v.column4
                and (inbox.contact_id is null or inbox.contact_id <> v.column1)",
            values(run.len(), 4)
        );
        let bound = |text: String| {
            let mut query = sqlx::query(sql(text));
            for (contact, span) in run.filled() {
                query = query
                    .bind(*contact)
                    .bind(span.name.to_vec())
                    .bind(span.since)
                    .bind(span.until);
            }
            query
        };
        for row in bound(moves).fetch_all(&mut *conn).await? {
            lost.insert(row.get(0));
            gained.insert(row.get(1));
        }
        bound(gives).execute(&mut *conn).await?;
    }
    Ok((lost, gained))
}

/// Somebody who was taken for another may be who said STOP.
async fn stop_both(
    conn: &mut Conn,
    lost: &BTreeSet<String>,
    rooted: &[Rooted],
) -> Result<(), Error> {
    for from in lost {
        for person in rooted.iter().filter(|person| person.is_new) {
            pass_on_stop(conn, from, &person.contact).await?;
        }
    }
    Ok(())
}

/// Puts a number that is seen with another user id than before before a person.
async fn put_before_person(
    conn: &mut Conn,
    ids: &Ids,
    held: &Held,
    standing: &Standing<'_>,
    now: Timestamp,
) -> Result<(), Error> {
    for person in standing.rooted {
        let was_anothers = |span: &&Span| {
            let before = held.get(&span.name).and_then(|held| held.last());
            before.is_some_and(|one| {
                let is_merged = standing.merged.contains(&one.contact);
                one.is_now && one.contact != person.contact && !is_merged
            })
        };
        let taken = person.spans.iter().filter(was_anothers);
        let mut taken = taken
            .filter(|span| standing.evidence.is_now(span) && standing.evidence.is_taken_over(span));
        if taken.next().is_none() {
            continue;
        }
        sqlx::query(
            "insert into attention (id, kind, subject, detail, opened_at)
             values ($1, 'number_moved', $2, 'a phone number has another owner; verify before binding holdings', $3)
             on conflict do nothing",
        )
        .bind(ids.next::<AttentionId>(now).to_string())
        .bind(&person.contact)
        .bind(now.as_millisecond())
        .execute(&mut *conn)
        .await?;
    }
    Ok(())
}
