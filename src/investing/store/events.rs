//! Business events: written with what they tell of, read by whoever tells people.

use jiff::Timestamp;
use sqlx::Row;
use sqlx::any::AnyRow;

use crate::id::{ContactId, EventId, Ids};
use crate::investing::events::Event;
use crate::security::{DataKey, Keyring, Place, WrappedKey};
use crate::storage::{Conn, Error, filled_up, runs, sql, values, values_from};

const TABLE: &str = "business_events";

/// An event as it was recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// Rises with time.
    pub id: EventId,
    /// What happened, and to whom.
    pub event: Event,
    /// When it was recorded.
    pub at: Timestamp,
}

/// Records an event on the caller's transaction; returns whether its key is new. About
/// somebody who was erased nothing is recorded: there is nobody to tell.
pub async fn record(
    conn: &mut Conn,
    keys: &Keyring,
    ids: &Ids,
    event: &Event,
    now: Timestamp,
) -> Result<bool, Error> {
    let Some(key) = key_of(conn, keys, event.contact).await? else {
        return Ok(false);
    };
    let sealed = seal(&key, ids, event, now);
    let inserted = sqlx::query(
        "insert into business_events (id, contact_id, unique_key, kind, payload, at)
         values ($1, $2, $3, $4, $5, $6)
         on conflict (unique_key) do nothing",
    )
    .bind(&sealed.id)
    .bind(&sealed.contact)
    .bind(&sealed.key)
    .bind(sealed.kind)
    .bind(&sealed.payload)
    .bind(sealed.at)
    .execute(conn)
    .await?;
    Ok(inserted.rows_affected() == 1)
}

/// An event that was sealed before its transaction began.
#[derive(Debug, Clone)]
pub(in crate::investing) struct SealedEvent {
    id: String,
    contact: String,
    key: String,
    kind: &'static str,
    payload: Vec<u8>,
    at: i64,
}

/// Seals an event ahead, for work that writes many of them at once.
pub(in crate::investing) fn seal(
    key: &DataKey,
    ids: &Ids,
    event: &Event,
    now: Timestamp,
) -> SealedEvent {
    let id = ids.next::<EventId>(now).to_string();
    let plain = serde_json::to_vec(event).expect("an event is plain data");
    SealedEvent {
        payload: key.seal(place(&id), &plain),
        id,
        contact: event.contact.to_string(),
        key: event.key.clone(),
        kind: event.what.word(),
        at: now.as_millisecond(),
    }
}

/// Inserts events that were sealed ahead; those whose key is known already are left out.
pub(in crate::investing) async fn insert_sealed(
    conn: &mut Conn,
    events: &[&SealedEvent],
) -> Result<(), Error> {
    for run in runs(events) {
        let text = format!(
            "insert into business_events (id, contact_id, unique_key, kind, payload, at)
             values {} on conflict (unique_key) do nothing",
            values(run.len(), 6)
        );
        let mut query = sqlx::query(sql(text));
        for event in run {
            query = query
                .bind(&event.id)
                .bind(&event.contact)
                .bind(&event.key)
                .bind(event.kind)
                .bind(&event.payload)
                .bind(event.at);
        }
        query.execute(&mut *conn).await?;
    }
    Ok(())
}

/// Says whether something happened that has this key.
pub(in crate::investing) async fn is_recorded(conn: &mut Conn, key: &str) -> Result<bool, Error> {
    let found: Option<String> =
        sqlx::query_scalar("select id from business_events where unique_key = $1")
            .bind(key)
            .fetch_optional(conn)
            .await?;
    Ok(found.is_some())
}

/// Lists events nobody took over yet, oldest first, but for those that are left out; one that
/// does not read comes as what is wrong with it.
pub async fn untold(
    conn: &mut Conn,
    keys: &Keyring,
    most: u32,
    left_out: &[EventId],
) -> Result<Vec<Result<Recorded, (EventId, Error)>>, Error> {
    let left_out = filled_up(left_out);
    let text = format!(
        "select e.id, e.payload, e.at, k.id, k.wrapped_by, k.wrapped
           from business_events e
           join contacts c on c.id = e.contact_id
           join keys k on k.id = c.key_id
          where e.told_at is null and k.wrapped is not null and e.id not in (values {})
          order by e.id limit $1",
        values_from(2, left_out.len(), 1)
    );
    let mut query = sqlx::query(sql(text)).bind(i64::from(most));
    for id in &left_out {
        query = query.bind(id);
    }
    let rows = query.fetch_all(conn).await?;
    let named = |row: &AnyRow, error: Error| {
        let id: String = row.get(0);
        let id = id.parse().map_err(|_| damaged(&id, "its id"))?;
        Ok((id, error))
    };
    let read = rows.iter().map(|row| match read(row, keys) {
        Ok(recorded) => Ok(Ok(recorded)),
        Err(error) => named(row, error).map(Err),
    });
    read.collect()
}

/// Returns one event; `None` if there is none, or its contact was erased, or it was let go.
pub async fn find(conn: &mut Conn, keys: &Keyring, id: EventId) -> Result<Option<Recorded>, Error> {
    let row = sqlx::query(
        "select e.id, e.payload, e.at, k.id, k.wrapped_by, k.wrapped
           from business_events e
           join contacts c on c.id = e.contact_id
           join keys k on k.id = c.key_id
          where e.id = $1 and k.wrapped is not null and length(e.payload) > 0",
    )
    .bind(id.to_string())
    .fetch_optional(conn)
    .await?;
    row.map(|row| read(&row, keys)).transpose()
}

/// Marks an event as taken over; returns whether it was this call that did it. Call it in
/// the transaction that enqueues the message, and enqueue nothing if it returns false.
pub async fn mark_told(conn: &mut Conn, id: EventId, now: Timestamp) -> Result<bool, Error> {
    let told =
        sqlx::query("update business_events set told_at = $2 where id = $1 and told_at is null")
            .bind(id.to_string())
            .bind(now.as_millisecond())
            .execute(conn)
            .await?;
    Ok(told.rows_affected() == 1)
}

fn damaged(id: &str, what: &str) -> Error {
    Error::Damaged {
        table: TABLE,
        row: id.to_owned(),
        what: what.to_owned(),
    }
}

fn read(row: &AnyRow, keys: &Keyring) -> Result<Recorded, Error> {
    let id: String = row.get(0);
    let damaged = |what: String| damaged(&id, &what);
    let key = unwrap(row, 3, keys).map_err(damaged)?;
    let Some(key) = key else {
        return Err(damaged("its contact's key was destroyed".to_owned()));
    };
    let sealed: Vec<u8> = row.get(1);
    let plain = key.open(place(&id), &sealed);
    let plain = plain.map_err(|e| damaged(e.to_string()))?;
    let at: i64 = row.get(2);
    Ok(Recorded {
        id: id.parse().map_err(|e| damaged(format!("{e}")))?,
        event: serde_json::from_slice(&plain).map_err(|e| damaged(e.to_string()))?,
        at: Timestamp::from_millisecond(at).map_err(|e| damaged(e.to_string()))?,
    })
}

/// Returns the key of a contact; `None` once it is destroyed.
pub(in crate::investing) async fn key_of(
    conn: &mut Conn,
    keys: &Keyring,
    contact: ContactId,
) -> Result<Option<DataKey>, Error> {
    let row = sqlx::query(
        "select k.id, k.wrapped_by, k.wrapped
           from contacts c join keys k on k.id = c.key_id where c.id = $1",
    )
    .bind(contact.to_string())
    .fetch_optional(conn)
    .await?;
    let damaged = |what: String| Error::Damaged {
        table: "contacts",
        row: contact.to_string(),
        what,
    };
    let row = row.ok_or_else(|| damaged("no such contact".to_owned()))?;
    unwrap(&row, 0, keys).map_err(damaged)
}

pub(super) fn unwrap(row: &AnyRow, at: usize, keys: &Keyring) -> Result<Option<DataKey>, String> {
    let id: String = row.get(at);
    let Some(bytes) = row.get::<Option<Vec<u8>>, _>(at + 2) else {
        return Ok(None);
    };
    let wrapped = WrappedKey {
        id: id.parse().map_err(|e| format!("its key's id: {e}"))?,
        wrapped_by: row.get(at + 1),
        bytes,
    };
    let key = keys.unwrap(&wrapped).map_err(|e| e.to_string())?;
    Ok(Some(key))
}

fn place(row: &str) -> Place<'_> {
    Place {
        table: TABLE,
        column: "payload",
        row,
    }
}
