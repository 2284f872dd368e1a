//! Events that could not be read or handled: how they are looked at, put back, or let go.

use jiff::Timestamp;

use super::inbox::{Reader, Row};
use super::way_back::PutBack;
use super::{Ground, store};
use crate::id::InboxId;
use crate::security::audit;
use crate::storage::{Db, Error};
use crate::whatsapp::{Event, inbound};

/// The states of what is set aside, the more urgent first: of a parked message its sender
/// waits for an answer.
pub const SET_ASIDE: [&str; 2] = ["parked", "quarantined"];

/// An event that could not be read or handled.
#[derive(Debug, Clone)]
pub struct SetAside {
    /// Its id.
    pub id: String,
    /// `quarantined`, `parked`, or what became of it since.
    pub state: String,
    /// `message`, `event` or `unreadable`.
    pub kind: String,
    /// The webhook's field.
    pub field: Option<String>,
    /// Who wrote it, if that is known.
    pub contact: Option<String>,
    /// When it came.
    pub received_at: Timestamp,
    /// How often it was tried.
    pub attempts: i64,
    /// What was wrong.
    pub why: Option<String>,
}

/// Returns events that could not be read or handled, the first of each state: messages that
/// were parked before what nobody could read.
pub async fn set_aside(db: &Db) -> Result<Vec<SetAside>, Error> {
    let mut all = Vec::new();
    for state in SET_ASIDE {
        all.extend(set_aside_after(db, state, None).await?);
    }
    Ok(all)
}

/// Returns events of one of the states in [`SET_ASIDE`] that came after another, some at a time.
pub async fn set_aside_after(
    db: &Db,
    state: &str,
    after: Option<&SetAside>,
) -> Result<Vec<SetAside>, Error> {
    store::way_back::set_aside(&mut *db.read().await?, state, after).await
}

/// Returns the bytes of an event that was kept, and writes down who looked at them.
pub async fn look_at_event(
    ground: &Ground,
    id: InboxId,
    by: &'static str,
) -> Result<Option<(SetAside, Vec<u8>)>, Error> {
    let id = id.to_string();
    let found = store::way_back::one_event(&mut *ground.db.read().await?, &id).await?;
    let Some((event, sealed)) = found else {
        return Ok(None);
    };
    let plain = match sealed {
        Some(sealed) => open(ground, &id, &sealed)?,
        None => Vec::new(),
    };
    let input = (ground.clone(), id, by);
    let written = ground.db.write(input, |conn, (ground, id, by)| {
        let now = ground.clock.now();
        Box::pin(audit::record(conn, &ground.ids, by, "event_read", id, now))
    });
    written.await?;
    Ok(Some((event, plain)))
}

fn open(ground: &Ground, id: &str, sealed: &[u8]) -> Result<Vec<u8>, Error> {
    let opened = ground.keys.ingest().open(Row::place(id), sealed);
    opened.map_err(|error| Error::Damaged {
        table: "inbox",
        row: id.to_owned(),
        what: error.to_string(),
    })
}

/// Puts an event back: a parked message waits for a turn again, and quarantined bytes are
/// read with what we know of Meta's webhooks by now, by whoever serves a number and its
/// account.
pub async fn retry_event(
    ground: &Ground,
    served: (&str, &str),
    id: InboxId,
    by: &'static str,
) -> Result<PutBack, Error> {
    let row = id.to_string();
    let found = store::way_back::one_event(&mut *ground.db.read().await?, &row).await?;
    let Some((event, sealed)) = found else {
        return Ok(PutBack::missing("event"));
    };
    let put_back = match (event.state.as_str(), event.contact, sealed) {
        ("parked" | "quarantined", _, None) => {
            PutBack::Impossible("its bytes are not kept any more".to_owned())
        }
        ("parked", Some(contact), _) => unpark(ground, row, contact, by).await?,
        ("quarantined", _, Some(sealed)) => {
            let plain = open(ground, &row, &sealed)?;
            read_again(ground, served, row, &plain, by).await?
        }
        (state, ..) => PutBack::Already(format!("it is {state}, not set aside")),
    };
    if let PutBack::Done(_) = put_back {
        ground.wakes.turns.wake();
    }
    Ok(put_back)
}

async fn unpark(
    ground: &Ground,
    id: String,
    contact: String,
    by: &'static str,
) -> Result<PutBack, Error> {
    let input = (ground.clone(), id, contact, by);
    let write = ground.db.write(input, |conn, (ground, id, contact, by)| {
        Box::pin(async move {
            let now = ground.clock.now();
            let (millis, lock_rows) = (now.as_millisecond(), ground.db.lock_rows());
            let back = store::way_back::unpark(conn, id, contact, millis, lock_rows).await?;
            if back {
                audit::record(conn, &ground.ids, by, "event_retried", id, now).await?;
            }
            Ok(back)
        })
    });
    Ok(if write.await? {
        PutBack::Done("it waits for its turn again".to_owned())
    } else {
        PutBack::Already("it is not parked any more".to_owned())
    })
}

async fn read_again(
    ground: &Ground,
    (number, account): (&str, &str),
    id: String,
    plain: &[u8],
    by: &'static str,
) -> Result<PutBack, Error> {
    let still = |why: &str| PutBack::Impossible(format!("it still cannot be read: {why}"));
    let events = match inbound::read(plain) {
        Ok(events) => events,
        Err(error) => return Ok(still(&error.to_string())),
    };
    let is_unreadable = |event: &Event| matches!(event, Event::Other(o) if o.alone.is_some());
    if events.iter().all(is_unreadable) {
        return Ok(still("nothing in it makes sense"));
    }
    let arrivals = Reader::new(ground.clone(), number, account).arrivals(events);
    let input = (std::sync::Arc::new(ground.clone()), id, arrivals, by);
    let write = ground.db.write(input, |conn, (ground, id, arrivals, by)| {
        Box::pin(async move {
            let now = ground.clock.now();
            if !store::way_back::end_aside(conn, id, "quarantined", "read_again", now).await? {
                return Ok(None);
            }
            let arrivals: Vec<_> = arrivals.iter().collect();
            let arrived = store::arrive(conn, ground, &arrivals).await?;
            audit::record(conn, &ground.ids, by, "event_retried", id, now).await?;
            Ok(Some(arrived.fresh.len()))
        })
    });
    Ok(match write.await? {
        Some(0) => PutBack::Done("it reads now, and what it holds was known already".to_owned()),
        Some(events) => PutBack::Done(format!("it reads now: {events} new in it")),
        None => PutBack::Already("it is not quarantined any more".to_owned()),
    })
}

/// Sets nothing aside any more of an event that was: a person has looked, and nothing comes
/// of it.
pub async fn dismiss_event(
    ground: &Ground,
    id: InboxId,
    by: &'static str,
) -> Result<PutBack, Error> {
    let input = (ground.clone(), id.to_string(), by);
    let write = ground.db.write(input, |conn, (ground, id, by)| {
        Box::pin(async move {
            let now = ground.clock.now();
            let Some((event, _)) = store::way_back::one_event(conn, id).await? else {
                return Ok(PutBack::missing("event"));
            };
            let state = &event.state;
            if !SET_ASIDE.contains(&state.as_str())
                || !store::way_back::end_aside(conn, id, state, "dismissed", now).await?
            {
                return Ok(PutBack::Already(format!("it is {state}, not set aside")));
            }
            audit::record(conn, &ground.ids, by, "event_dismissed", id, now).await?;
            Ok(PutBack::Done("nothing comes of it".to_owned()))
        })
    });
    write.await
}
