//! What a contact is known by, follows from the names and messages that are theirs.

use std::collections::{BTreeSet, HashMap};

use sqlx::Row;

use super::super::Profile;
use super::super::names::{Blind, Evidence, Span};
use super::consent::REST_OF_A_SECOND;
use super::identify::blinds;
use super::load::StoredContact;
use super::merge::fence;
use super::regroup::{Rooted, Subject};
use super::{evidence, load, save_profile};
use crate::security::{Keyring, Place};
use crate::storage::{Conn, Error};
use crate::whatsapp::{InboundMessage, Sender};

/// How things stand once every name and message has its contact.
pub(super) struct Standing<'a> {
    pub(super) evidence: &'a Evidence,
    pub(super) subject: &'a Subject,
    pub(super) rooted: &'a [Rooted],
    /// Contacts that are somebody else's from now on.
    pub(super) merged: Vec<String>,
    /// Contacts whose messages are others than before.
    pub(super) changed: BTreeSet<String>,
    /// Those of them that messages were taken from.
    pub(super) lost: BTreeSet<String>,
    /// What names say that somebody had before.
    pub(super) values: HashMap<Blind, String>,
}

/// Contacts as they are stored, and what names say.
pub(super) struct Derived {
    pub(super) stored: HashMap<String, StoredContact>,
    pub(super) values: HashMap<Blind, String>,
}

/// Brings profile, source, 24-hour window and stop of marketing of each contact in line.
pub(super) async fn derive(
    conn: &mut Conn,
    keys: &Keyring,
    standing: &Standing<'_>,
) -> Result<Derived, Error> {
    let rooted = standing.rooted.iter().map(|person| &person.contact);
    let contacts: Vec<String> = rooted.chain(&standing.merged).cloned().collect();
    let stored = load(conn, keys, &contacts).await?;
    let mut values = standing.values.clone();
    values.extend(standing.subject.values.clone());
    for contact in stored.values() {
        let Profile { phone, user_id, .. } = &contact.profile;
        learn(keys, phone.as_deref(), user_id.as_deref(), &mut values);
    }
    for change in &standing.evidence.changes {
        if let Some(words) = evidence::words(conn, keys, &change.id).await? {
            for Sender { wa_id, user_id, .. } in [&words.was, &words.is] {
                learn(keys, wa_id.as_deref(), user_id.as_deref(), &mut values);
            }
        }
    }
    for person in standing.rooted {
        let Some(contact) = stored.get(&person.contact) else {
            continue;
        };
        let mut profile = contact.profile.clone();
        addresses(standing.evidence, person, &values, &mut profile);
        if person.is_new {
            let called = called_last(standing.subject, person);
            profile.name = called.or(profile.name);
        }
        if standing.changed.contains(&person.contact) {
            let has_lost = standing.lost.contains(&person.contact);
            match last_name(conn, keys, person).await? {
                Some(called) => profile.name = called.or(profile.name),
                None if has_lost => profile.name = None,
                None => {}
            }
            window_and_source(conn, person, has_lost).await?;
        }
        if profile != contact.profile {
            save_profile(conn, contact.contact.id, &contact.key, &profile).await?;
            // A turn under way has the profile of before, and would write it back.
            fence(conn, &BTreeSet::from([person.contact.clone()])).await?;
        }
    }
    Ok(Derived { stored, values })
}

fn learn(
    keys: &Keyring,
    phone: Option<&str>,
    user_id: Option<&str>,
    values: &mut HashMap<Blind, String>,
) {
    let sender = Sender {
        wa_id: phone.map(str::to_owned),
        user_id: user_id.map(str::to_owned),
        name: None,
    };
    for (_, blind, value) in blinds(keys, &sender).into_iter().flatten() {
        values.insert(blind, value.to_owned());
    }
}

/// Sets by what names somebody is reached: the last they are known to have.
fn addresses(
    evidence: &Evidence,
    person: &Rooted,
    values: &HashMap<Blind, String>,
    profile: &mut Profile,
) {
    let newest = |is_number: bool| {
        let now = person.spans.iter();
        let now = now.filter(|span| span.is_number == is_number && evidence.is_now(span));
        now.max_by_key(|span| (evidence.last_news(span), span.name))
    };
    for (is_number, address) in [(true, &mut profile.phone), (false, &mut profile.user_id)] {
        let known = address.take();
        *address = newest(is_number).and_then(|span| values.get(&span.name).cloned().or(known));
    }
}

/// Returns what a new contact called themselves last, of what is at hand.
fn called_last(subject: &Subject, person: &Rooted) -> Option<String> {
    let theirs = subject.called.iter().filter(|(name, at, _)| {
        let is_theirs = |span: &Span| span.name == *name && span.holds(*at);
        person.spans.iter().any(is_theirs)
    });
    let last = theirs.max_by(|a, b| (a.1, &a.2).cmp(&(b.1, &b.2)));
    last.map(|(_, _, called)| called.clone())
}

/// Returns what somebody calls themselves in their newest message, if they wrote any and
/// it can be read.
async fn last_name(
    conn: &mut Conn,
    keys: &Keyring,
    person: &Rooted,
) -> Result<Option<Option<String>>, Error> {
    let mut newest: Option<(i64, Option<String>)> = None;
    for span in &person.spans {
        let row = sqlx::query(
            "select id, sent_at, payload from inbox
              where name = $1 and sent_at >= $2 and sent_at < $3 and kind = 'message'
              order by sent_at desc limit 1",
        )
        .bind(span.name.to_vec())
        .bind(span.since)
        .bind(span.until)
        .fetch_optional(&mut *conn)
        .await?;
        let Some(row) = row else { continue };
        let (id, sent_at): (String, i64) = (row.get(0), row.get(1));
        let payload: Option<Vec<u8>> = row.get(2);
        let place = Place {
            table: "inbox",
            column: "payload",
            row: &id,
        };
        let plain = payload.and_then(|sealed| keys.ingest().open(place, &sealed).ok());
        let message = plain.and_then(|plain| InboundMessage::from_stored(&plain).ok());
        let called = message.and_then(|message| message.sender.name);
        newest = newest.max(Some((sent_at, called)));
    }
    Ok(newest.map(|(_, called)| called))
}

/// Sets when somebody last wrote, and by what they came.
async fn window_and_source(conn: &mut Conn, person: &Rooted, has_lost: bool) -> Result<(), Error> {
    let mut last: Option<i64> = None;
    let mut stopped: Option<i64> = None;
    let mut source: Option<(i64, String)> = None;
    for span in &person.spans {
        let (wrote, settled): (Option<i64>, Option<i64>) = sqlx::query_as(
            "select max(case when kind = 'message' and field is null then sent_at end),
                    max(case when field = 'marketing_stopped' then sent_at end)
               from inbox where name = $1 and sent_at >= $2 and sent_at < $3",
        )
        .bind(span.name.to_vec())
        .bind(span.since)
        .bind(span.until)
        .fetch_one(&mut *conn)
        .await?;
        last = last.max(wrote);
        stopped = stopped.max(settled.map(|at| at + REST_OF_A_SECOND));
        let first: Option<(i64, String)> = sqlx::query_as(
            "select sent_at, source from inbox
              where name = $1 and sent_at >= $2 and sent_at < $3 and source is not null
              order by sent_at, source limit 1",
        )
        .bind(span.name.to_vec())
        .bind(span.since)
        .bind(span.until)
        .fetch_optional(&mut *conn)
        .await?;
        source = [source, first].into_iter().flatten().min();
    }
    let (source_at, source) = source.unzip();
    // Of messages from before names were kept with them nothing is known here.
    sqlx::query(
        "update contacts
            set last_inbound_at = case when $5 = 1 or cast($2 as bigint) is not null then $2
                                       else last_inbound_at end,
                marketing_stopped_at = case when $5 = 1 or cast($6 as bigint) is not null then $6
                                            else marketing_stopped_at end,
                source = case when source is not null and source_at is null then source
                              else $3 end,
                source_at = case when source is not null and source_at is null then source_at
                                 else $4 end
          where id = $1",
    )
    .bind(&person.contact)
    .bind(last)
    .bind(source)
    .bind(source_at)
    .bind(i64::from(has_lost))
    .bind(stopped)
    .execute(conn)
    .await?;
    Ok(())
}
