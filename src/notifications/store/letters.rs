//! Letters: `sending` before the server hears of them, and never out of it by guessing.

use jiff::{SignedDuration, Timestamp};
use sqlx::Row;

use super::super::letter::Letter;
use super::damaged;
use crate::id::{ContactId, EventId, Ids, LetterId};
use crate::pipeline::{QuietHours, open_attention};
use crate::security::{DataKey, Keyring, Place, WrappedKey};
use crate::storage::{Conn, Error};

const TABLE: &str = "letters";

/// A letter to enqueue.
pub(in crate::notifications) struct NewLetter<'a> {
    pub(in crate::notifications) contact: ContactId,
    pub(in crate::notifications) event: Option<EventId>,
    pub(in crate::notifications) letter: &'a Letter,
    pub(in crate::notifications) quiet: Option<QuietHours>,
    pub(in crate::notifications) expires_at: Timestamp,
}

/// A letter that is now `sending`.
#[derive(Debug, Clone)]
pub(in crate::notifications) struct Claimed {
    pub(in crate::notifications) id: String,
    pub(in crate::notifications) attempt: i64,
    /// What it says; nothing if it does not open.
    pub(in crate::notifications) letter: Option<Letter>,
}

/// What to write down about an attempt.
#[derive(Debug, Clone)]
pub(in crate::notifications) enum Ending {
    Sent,
    Again { at: Timestamp, reason: String },
    Failed { code: Option<u16>, reason: String },
    Unknown { reason: String },
}

/// Enqueues a letter on the caller's transaction and returns its id.
pub(in crate::notifications) async fn insert(
    conn: &mut Conn,
    ids: &Ids,
    key: &DataKey,
    new: NewLetter<'_>,
    now: Timestamp,
) -> Result<LetterId, Error> {
    let id: LetterId = ids.next(now);
    let row = id.to_string();
    let plain = serde_json::to_vec(new.letter).expect("a letter is plain data");
    let quiet = new.quiet.map(QuietHours::to_minutes);
    sqlx::query(
        "insert into letters (id, contact_id, event_id, payload, state, due_at, expires_at,
                              quiet_from, quiet_to, created_at)
         values ($1, $2, $3, $4, 'queued', $5, $6, $7, $8, $5)",
    )
    .bind(&row)
    .bind(new.contact.to_string())
    .bind(new.event.map(|event| event.to_string()))
    .bind(key.seal(place(&row), &plain))
    .bind(now.as_millisecond())
    .bind(new.expires_at.as_millisecond())
    .bind(quiet.map(|(from, _)| from))
    .bind(quiet.map(|(_, to)| to))
    .execute(conn)
    .await?;
    Ok(id)
}

/// What a look into the pile of letters came to.
#[derive(Debug, Clone)]
pub(in crate::notifications) enum Look {
    /// Nothing is due.
    Nothing,
    /// One was put aside: it is night, or too late, or its sender was lost.
    PutAside,
    /// This one is ours to post.
    Post(Claimed),
}

/// Takes the letter that is due longest. From here on it may have been sent.
pub(in crate::notifications) async fn claim(
    conn: &mut Conn,
    keys: &Keyring,
    ids: &Ids,
    stuck: SignedDuration,
    now: Timestamp,
) -> Result<Look, Error> {
    let millis = now.as_millisecond();
    let row = sqlx::query(
        "select l.id, l.state, l.attempts, l.expires_at, l.quiet_from, l.quiet_to, l.payload,
                k.id, k.wrapped_by, k.wrapped, l.due_at
           from letters l
           join contacts c on c.id = l.contact_id
           join keys k on k.id = c.key_id
          where l.state in ('queued', 'sending') and l.due_at <= $1
          order by l.due_at, l.id limit 1",
    )
    .bind(millis)
    .fetch_optional(&mut *conn)
    .await?;
    let Some(row) = row else {
        return Ok(Look::Nothing);
    };
    let id: String = row.get(0);
    let state: String = row.get(1);
    let attempts: i64 = row.get(2);
    let quiet = QuietHours::from_minutes(row.get(4), row.get(5));
    let seen = Seen {
        id: &id,
        attempts,
        due_at: row.get(10),
    };
    if state == "sending" {
        let reason = "its sender ended while it was being posted".to_owned();
        end(conn, ids, (&id, attempts), &Ending::Unknown { reason }, now).await?;
        return Ok(Look::PutAside);
    }
    if row.get::<i64, _>(3) <= millis {
        let reason = "the mail server did not take it in time".to_owned();
        let ending = Ending::Failed { code: None, reason };
        if seen
            .step(conn, "sending", attempts + 1, millis, millis)
            .await?
        {
            end(conn, ids, (&id, attempts + 1), &ending, now).await?;
        }
        return Ok(Look::PutAside);
    }
    if let Some(morning) = quiet.and_then(|quiet| quiet.end_after(now)) {
        let at = morning.as_millisecond();
        seen.step(conn, "queued", attempts, at, millis).await?;
        return Ok(Look::PutAside);
    }
    let until = (now + stuck).as_millisecond();
    if !seen
        .step(conn, "sending", attempts + 1, until, millis)
        .await?
    {
        // Another process was first; there may be more.
        return Ok(Look::PutAside);
    }
    let wrapped: Option<Vec<u8>> = row.get(9);
    let payload: Vec<u8> = row.get(6);
    let letter = wrapped.and_then(|bytes| {
        let key_id: String = row.get(7);
        let wrapped = WrappedKey {
            id: key_id.parse().ok()?,
            wrapped_by: row.get(8),
            bytes,
        };
        let plain = keys
            .unwrap(&wrapped)
            .ok()?
            .open(place(&id), &payload)
            .ok()?;
        serde_json::from_slice(&plain).ok()
    });
    Ok(Look::Post(Claimed {
        id,
        attempt: attempts + 1,
        letter,
    }))
}

/// A queued letter as it was found.
struct Seen<'a> {
    id: &'a str,
    attempts: i64,
    due_at: i64,
}

impl Seen<'_> {
    /// Moves the letter on, if it still stands as it was found.
    async fn step(
        &self,
        conn: &mut Conn,
        state: &'static str,
        attempts: i64,
        due_at: i64,
        now: i64,
    ) -> Result<bool, Error> {
        let moved = sqlx::query(
            "update letters set state = $2, attempts = $3, due_at = $4, sending_at = $5
              where id = $1 and state = 'queued' and attempts = $6 and due_at = $7",
        )
        .bind(self.id)
        .bind(state)
        .bind(attempts)
        .bind(due_at)
        .bind(now)
        .bind(self.attempts)
        .bind(self.due_at)
        .execute(conn)
        .await?;
        Ok(moved.rows_affected() == 1)
    }
}

/// Writes down what became of an attempt, unless it is known already. What nobody knows
/// is put before a person, and no machine posts it again.
pub(in crate::notifications) async fn end(
    conn: &mut Conn,
    ids: &Ids,
    (id, attempt): (&str, i64),
    ending: &Ending,
    now: Timestamp,
) -> Result<(), Error> {
    let millis = now.as_millisecond();
    let (state, due_at, code, reason, ended) = match ending {
        Ending::Sent => ("sent", millis, None, None, Some(millis)),
        Ending::Again { at, reason } => ("queued", at.as_millisecond(), None, Some(reason), None),
        Ending::Failed { code, reason } => ("failed", millis, *code, Some(reason), Some(millis)),
        Ending::Unknown { reason } => ("unknown", millis, None, Some(reason), Some(millis)),
    };
    // Whoever was given up for lost may still come back with the answer, which is better
    // than none; only a second posting may not come of it.
    let guard = if matches!(ending, Ending::Again { .. } | Ending::Unknown { .. }) {
        "('sending')"
    } else {
        "('sending', 'unknown')"
    };
    let text = format!(
        "update letters set state = $3, due_at = $4, code = $5, reason = $6, ended_at = $7
          where id = $1 and attempts = $2 and state in {guard}"
    );
    let moved = sqlx::query(crate::storage::sql(text))
        .bind(id)
        .bind(attempt)
        .bind(state)
        .bind(due_at)
        .bind(code.map(i64::from))
        .bind(reason)
        .bind(ended)
        .execute(&mut *conn)
        .await?;
    if moved.rows_affected() != 1 {
        return Ok(());
    }
    if matches!(ending, Ending::Unknown { .. }) {
        let detail = "a letter may have been posted or not; ask the mail server's log";
        return open_attention(conn, ids, "unknown_letter", id, detail, millis).await;
    }
    sqlx::query(
        "update attention set resolved_at = $2
          where kind = 'unknown_letter' and subject = $1 and resolved_at is null",
    )
    .bind(id)
    .bind(millis)
    .execute(conn)
    .await?;
    Ok(())
}

/// How far a letter is: its state, and why.
pub(in crate::notifications) async fn standing(
    conn: &mut Conn,
    id: &str,
) -> Result<(String, Option<String>), Error> {
    let row = sqlx::query("select state, reason from letters where id = $1")
        .bind(id)
        .fetch_optional(conn)
        .await?;
    let row = row.ok_or_else(|| damaged(TABLE, id, "it is gone"))?;
    Ok((row.get(0), row.get(1)))
}

fn place(row: &str) -> Place<'_> {
    Place {
        table: TABLE,
        column: "payload",
        row,
    }
}
