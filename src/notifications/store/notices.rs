//! Which way each event goes: one row, changed by whoever is first.

use std::collections::BTreeSet;

use jiff::Timestamp;
use sqlx::Row;
use sqlx::any::AnyRow;

use super::super::kind::Kind;
use super::super::route::Way;
use super::damaged;
use crate::id::{ContactId, EventId, OutboxId};
use crate::storage::{Conn, Error, filled_up, sql, values_from};

const TABLE: &str = "notices";

/// A notice that waits to be decided about, or is on its way.
#[derive(Debug, Clone)]
pub(in crate::notifications) struct Open {
    pub(in crate::notifications) event: EventId,
    pub(in crate::notifications) kind: Kind,
    /// Whether it is on its way, and does not wait to be decided about.
    pub(in crate::notifications) is_handed: bool,
    /// Which way it went last, and as what.
    pub(in crate::notifications) went: Option<(Way, String)>,
    /// The last message it went as, wherever it is by now.
    pub(in crate::notifications) message: Option<OutboxId>,
    pub(in crate::notifications) tried: BTreeSet<Way>,
    pub(in crate::notifications) due_at: i64,
    pub(in crate::notifications) looks: i64,
}

/// How a notice stands from now on.
#[derive(Debug, Clone)]
pub(in crate::notifications) struct Stand {
    pub(in crate::notifications) state: State,
    /// Which way and as what; left as it was where nothing is said.
    pub(in crate::notifications) sent: Option<(Way, String)>,
    pub(in crate::notifications) tried: BTreeSet<Way>,
    pub(in crate::notifications) reason: Option<String>,
    /// How often it was looked at since it left.
    pub(in crate::notifications) looks: i64,
}

/// Where a notice is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::notifications) enum State {
    /// Looked at again then.
    Waiting(Timestamp),
    /// On its way; looked at again then.
    Handed(Timestamp),
    Told,
    Unknown,
    Declined,
    Lapsed,
    Shown,
}

impl State {
    pub(in crate::notifications) const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting(_) => "waiting",
            Self::Handed(_) => "handed",
            Self::Told => "told",
            Self::Unknown => "unknown",
            Self::Declined => "declined",
            Self::Lapsed => "lapsed",
            Self::Shown => "shown",
        }
    }
}

/// Makes the row of an event; returns whether it is the first.
pub(in crate::notifications) async fn insert(
    conn: &mut Conn,
    (event, contact, kind): (EventId, ContactId, Kind),
    useful_until: Timestamp,
    now: Timestamp,
) -> Result<bool, Error> {
    let inserted = sqlx::query(
        "insert into notices (event_id, contact_id, kind, state, due_at, useful_until, created_at)
         values ($1, $2, $3, 'waiting', $4, $5, $4)
         on conflict (event_id) do nothing",
    )
    .bind(event.to_string())
    .bind(contact.to_string())
    .bind(kind.as_str())
    .bind(now.as_millisecond())
    .bind(useful_until.as_millisecond())
    .execute(conn)
    .await?;
    Ok(inserted.rows_affected() == 1)
}

/// Returns what is due to be looked at, longest due first, but for what is left out; a notice
/// that does not read comes as what is wrong with it.
pub(in crate::notifications) async fn due(
    conn: &mut Conn,
    now: Timestamp,
    most: i64,
    left_out: &[EventId],
) -> Result<Vec<Result<Open, (EventId, Error)>>, Error> {
    let left_out = filled_up(left_out);
    let text = format!(
        "select n.event_id, n.kind, n.state, n.way, n.message_id, n.tried, n.due_at, n.looks, n.with_file
           from notices n
           join contacts c on c.id = n.contact_id
           join keys k on k.id = c.key_id
          where n.state in ('waiting', 'handed') and n.due_at <= $1 and k.wrapped is not null
            and n.event_id not in (values {})
          order by n.due_at limit $2",
        values_from(3, left_out.len(), 1)
    );
    let mut query = sqlx::query(sql(text)).bind(now.as_millisecond()).bind(most);
    for id in &left_out {
        query = query.bind(id);
    }
    let rows = query.fetch_all(conn).await?;
    rows.iter()
        .map(|row| {
            let id: String = row.get(0);
            let id = id.parse().map_err(|_| damaged(TABLE, &id, "its id"))?;
            Ok(read(row).map_err(|error| (id, error)))
        })
        .collect()
}

/// Takes a notice that was found due, for this transaction; returns whether it still
/// stands as it was found.
pub(in crate::notifications) async fn take(conn: &mut Conn, one: &Open) -> Result<bool, Error> {
    let taken = sqlx::query(
        "update notices set looks = looks + 1
          where event_id = $1 and due_at = $2 and looks = $3 and state in ('waiting', 'handed')",
    )
    .bind(one.event.to_string())
    .bind(one.due_at)
    .bind(one.looks)
    .execute(conn)
    .await?;
    Ok(taken.rows_affected() == 1)
}

/// Writes down how a notice stands.
pub(in crate::notifications) async fn settle(
    conn: &mut Conn,
    event: EventId,
    stand: &Stand,
    now: Timestamp,
) -> Result<(), Error> {
    let now = now.as_millisecond();
    let (due_at, settled_at) = match stand.state {
        State::Waiting(at) | State::Handed(at) => (at.as_millisecond(), None),
        _ => (now, Some(now)),
    };
    let tried: Vec<_> = stand.tried.iter().map(|way| way.as_str()).collect();
    let settled = sqlx::query(
        "update notices
            set state = $2, due_at = $3, settled_at = $4, tried = $5, reason = $6,
                way = coalesce($7, way), message_id = coalesce($8, message_id),
                looks = $10,
                with_file = case when $7 is null then with_file else $9 end
          where event_id = $1",
    )
    .bind(event.to_string())
    .bind(stand.state.as_str())
    .bind(due_at)
    .bind(settled_at)
    .bind(tried.join(","))
    .bind(stand.reason.as_deref())
    .bind(stand.sent.as_ref().map(|(way, _)| stored(*way).0))
    .bind(stand.sent.as_ref().map(|(_, id)| id.as_str()))
    .bind(stand.sent.as_ref().map_or(0, |(way, _)| stored(*way).1))
    .bind(stand.looks)
    .execute(conn)
    .await?;
    if settled.rows_affected() != 1 {
        return Err(damaged(TABLE, &event.to_string(), "it is gone"));
    }
    Ok(())
}

/// A file is words in the open chat that it goes with.
const fn stored(way: Way) -> (&'static str, i64) {
    match way {
        Way::File => (Way::Text.as_str(), 1),
        other => (other.as_str(), 0),
    }
}

fn read(row: &AnyRow) -> Result<Open, Error> {
    let event: String = row.get(0);
    let wrong = |what: &str| damaged(TABLE, &event, what);
    let kind: String = row.get(1);
    let state: String = row.get(2);
    let way: Option<String> = row.get(3);
    let message: Option<String> = row.get(4);
    let tried: String = row.get(5);
    let with_file: i64 = row.get(8);
    let way = match way.as_deref().and_then(Way::parse) {
        Some(Way::Text) if with_file == 1 => Some(Way::File),
        other => other,
    };
    Ok(Open {
        kind: Kind::parse(&kind).ok_or_else(|| wrong("its kind"))?,
        message: message.as_deref().and_then(|id| id.parse().ok()),
        is_handed: state == "handed",
        went: way.zip(message),
        tried: tried.split(',').filter_map(Way::parse).collect(),
        due_at: row.get(6),
        looks: row.get(7),
        event: event.parse().map_err(|_| wrong("its id"))?,
    })
}
