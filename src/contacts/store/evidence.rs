//! What is known of names, as it came.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sqlx::Row;
use sqlx::any::AnyRow;

use super::super::names::{Blind, Change, Evidence, Pair};
use super::damaged;
use super::identify::{Name, blinds};
use crate::id::{Ids, InboxId};
use crate::security::{Keyring, Place};
use crate::storage::{Conn, Error, list, padded, sql};
use crate::whatsapp::Sender;

/// The names of a change, in words.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Words {
    pub(super) was: Sender,
    pub(super) is: Sender,
}

fn place(id: &str) -> Place<'_> {
    Place {
        table: "name_changes",
        column: "names",
        row: id,
    }
}

/// Keeps others from looking at names until this write commits: what follows from them
/// follows from all of them.
pub(super) async fn lock(conn: &mut Conn) -> Result<(), Error> {
    sqlx::query("update names_lock set id = 1 where id = 1")
        .execute(conn)
        .await?;
    Ok(())
}

/// Puts down that a user id was seen with a number.
pub(super) async fn add_pair(conn: &mut Conn, pair: Pair) -> Result<(), Error> {
    sqlx::query(
        "insert into name_pairs (user_id, number, at) values ($1, $2, $3)
         on conflict (user_id, number) do update set at = excluded.at
           where excluded.at < name_pairs.at",
    )
    .bind(pair.user.to_vec())
    .bind(pair.number.to_vec())
    .bind(pair.at)
    .execute(conn)
    .await?;
    Ok(())
}

/// Puts down what Meta says of somebody's names; returns the names it is about.
pub(super) async fn add_change(
    conn: &mut Conn,
    keys: &Keyring,
    id: &str,
    (was, is): (&Sender, &Sender),
    at: Timestamp,
) -> Result<Vec<(Blind, bool)>, Error> {
    let ([old_number, old_user], [new_number, new_user]) = (blinds(keys, was), blinds(keys, is));
    let hash = |name: &Option<Name<'_>>| name.map(|(_, blind, _)| blind);
    let words = Words {
        was: was.clone(),
        is: is.clone(),
    };
    let words = serde_json::to_vec(&words).map_err(|e| Error::Inside(e.into()))?;
    let all = [old_number, old_user, new_number, new_user];
    let mut query = sqlx::query(
        "insert into name_changes (id, names, at, old_number, old_user, new_number, new_user)
         values ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(id)
    .bind(keys.ingest().seal(place(id), &words))
    .bind(at.as_millisecond());
    for name in &all {
        query = query.bind(hash(name).map(|blind| blind.to_vec()));
    }
    query.execute(&mut *conn).await?;
    let moves = new_number.is_some() && hash(&new_number) != hash(&old_number);
    // Of a user id that changes, Meta names the number of now.
    let before = if moves {
        (old_user, old_number)
    } else {
        (None, None)
    };
    for (user, number) in [before, (new_user, new_number)] {
        if let (Some((_, user, _)), Some((_, number, _))) = (user, number) {
            let at = at.as_millisecond();
            add_pair(conn, Pair { user, number, at }).await?;
        }
    }
    let names = all.into_iter().flatten();
    Ok(names
        .map(|(kind, blind, _)| (blind, kind == super::identify::KINDS[0]))
        .collect())
}

/// Gathers all that is known of some names and of those they lead to.
pub(super) async fn gather(
    conn: &mut Conn,
    names: BTreeMap<Blind, bool>,
) -> Result<Evidence, Error> {
    let mut look_at: Vec<Blind> = names.keys().copied().collect();
    let mut evidence = Evidence {
        names,
        ..Evidence::default()
    };
    while !look_at.is_empty() {
        add_pairs(conn, &look_at, &mut evidence.pairs).await?;
        add_changes(conn, &look_at, &mut evidence.changes).await?;
        look_at = evidence.spread();
    }
    for at in 0..evidence.changes.len() {
        let change = &evidence.changes[at];
        if let Some(number) = change.came_to() {
            let since = evidence.free_since(number, change.at);
            let written = is_written_under(conn, number, since, change.at).await?;
            evidence.changes[at].was_written_under = written;
        }
    }
    Ok(evidence)
}

async fn add_pairs(conn: &mut Conn, names: &[Blind], pairs: &mut Vec<Pair>) -> Result<(), Error> {
    for run in padded(names, 1) {
        let places = list(run.len());
        let text = format!(
            "select user_id, number, at from name_pairs where user_id in ({places})
              union select user_id, number, at from name_pairs where number in ({places})"
        );
        let mut query = sqlx::query(sql(text));
        for name in run.filled() {
            query = query.bind(name.to_vec());
        }
        for row in query.fetch_all(&mut *conn).await? {
            let pair = Pair {
                user: blind(&row, 0)?.unwrap_or_default(),
                number: blind(&row, 1)?.unwrap_or_default(),
                at: row.get(2),
            };
            if !pairs.contains(&pair) {
                pairs.push(pair);
            }
        }
    }
    Ok(())
}

async fn add_changes(
    conn: &mut Conn,
    names: &[Blind],
    changes: &mut Vec<Change>,
) -> Result<(), Error> {
    for run in padded(names, 1) {
        let places = list(run.len());
        let parts = ["old_number", "old_user", "new_number", "new_user"].map(|column| {
            format!(
                "select id, old_number, old_user, new_number, new_user, at, doubted
                   from name_changes where {column} in ({places})"
            )
        });
        let mut query = sqlx::query(sql(parts.join(" union ")));
        for name in run.filled() {
            query = query.bind(name.to_vec());
        }
        for row in query.fetch_all(&mut *conn).await? {
            let change = Change {
                id: row.get(0),
                old_number: blind(&row, 1)?,
                old_user: blind(&row, 2)?,
                new_number: blind(&row, 3)?,
                new_user: blind(&row, 4)?,
                at: row.get(5),
                was_written_under: false,
                doubted: row.get(6),
            };
            if !changes.contains(&change) {
                changes.push(change);
            }
        }
    }
    Ok(())
}

pub(super) fn blind(row: &AnyRow, at: usize) -> Result<Option<Blind>, Error> {
    let bytes: Option<Vec<u8>> = row.get(at);
    let blind = bytes.map(Blind::try_from).transpose();
    blind.map_err(|_| damaged("name", "a blind index of another length"))
}

async fn is_written_under(
    conn: &mut Conn,
    name: Blind,
    since: i64,
    until: i64,
) -> Result<bool, Error> {
    let found: Option<i64> = sqlx::query_scalar(
        "select sent_at from inbox where name = $1 and sent_at >= $2 and sent_at < $3 limit 1",
    )
    .bind(name.to_vec())
    .bind(since)
    .bind(until)
    .fetch_optional(conn)
    .await?;
    Ok(found.is_some())
}

/// Returns what a change says in words; nothing of one that has none.
pub(super) async fn words(
    conn: &mut Conn,
    keys: &Keyring,
    change: &str,
) -> Result<Option<Words>, Error> {
    let sealed: Option<Vec<u8>> =
        sqlx::query_scalar("select names from name_changes where id = $1")
            .bind(change)
            .fetch_one(conn)
            .await?;
    let Some(sealed) = sealed else {
        return Ok(None);
    };
    let opened = keys.ingest().open(place(change), &sealed);
    let plain = opened.map_err(|e| damaged(change, &e.to_string()))?;
    let words = serde_json::from_slice(&plain).map_err(|e| damaged(change, &e.to_string()))?;
    Ok(Some(words))
}

/// Puts down whose identity is doubted for a change.
pub(super) async fn doubted(conn: &mut Conn, change: &str, contact: &str) -> Result<(), Error> {
    sqlx::query("update name_changes set doubted = $2 where id = $1")
        .bind(change)
        .bind(contact)
        .execute(conn)
        .await?;
    Ok(())
}

/// Puts down a person's word that there is somebody by a name.
pub(super) async fn acquaint(
    conn: &mut Conn,
    ids: &Ids,
    (name, is_number): (Blind, bool),
    now: Timestamp,
) -> Result<(), Error> {
    let column = if is_number { "new_number" } else { "new_user" };
    let text = format!("insert into name_changes (id, {column}, at) values ($1, $2, $3)");
    sqlx::query(sql(text))
        .bind(ids.next::<InboxId>(now).to_string())
        .bind(name.to_vec())
        .bind(now.as_millisecond())
        .execute(conn)
        .await?;
    Ok(())
}

/// Takes back all that tied a name to others, on a person's word. What Meta says later
/// counts again: a number that is seen with that user id then is theirs from then on, and
/// nobody's who had it before.
pub(super) async fn withdraw(
    conn: &mut Conn,
    (name, is_number): (Blind, bool),
    stand_in: Blind,
) -> Result<(), Error> {
    let (mine, other) = if is_number {
        ("number", "user_id")
    } else {
        ("user_id", "number")
    };
    let text = format!("delete from name_pairs where {mine} = $1 returning {other}");
    let freed: Vec<Vec<u8>> = sqlx::query_scalar(sql(text))
        .bind(name.to_vec())
        .fetch_all(&mut *conn)
        .await?;
    // Whoever left a number for this name, or came from it, still did.
    let mut nobody = stand_in;
    nobody[0] ^= 1;
    for column in ["old_number", "old_user", "new_number", "new_user"] {
        let text = format!("update name_changes set {column} = $2 where {column} = $1");
        sqlx::query(sql(text))
            .bind(name.to_vec())
            .bind(nobody.to_vec())
            .execute(&mut *conn)
            .await?;
    }
    let numbers = if is_number {
        vec![name.to_vec()]
    } else {
        freed
    };
    for number in numbers {
        // Somebody had it before whoever is seen with it next.
        sqlx::query(
            "insert into name_pairs (user_id, number, at)
             select $1, $2, $3 where not exists (select 1 from name_pairs where number = $2)
             on conflict do nothing",
        )
        .bind(stand_in.to_vec())
        .bind(number)
        .bind(super::super::names::EVER)
        .execute(&mut *conn)
        .await?;
    }
    Ok(())
}
