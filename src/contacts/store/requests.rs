//! What somebody asked for: complaints, copies, erasures and changes of personal data. A
//! register, with a number that is told at once.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest as _, Sha256};
use sqlx::Row;

use crate::contacts::Merged;
use crate::id::ContactId;
use crate::storage::{Conn, Error, sql};

/// Letters and digits that nobody mistakes for others.
const ALPHABET: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
const LETTERS: usize = 6;

/// What a person finds under `attention` of a record that somebody wants changed.
pub const TASK: &str = "record_task";

/// What a person finds under `attention` of a complaint.
pub const COMPLAINT: &str = "complaint";

/// How long an erasure can be called off.
pub const GRACE: SignedDuration = SignedDuration::from_hours(24);

/// What was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RequestKind {
    /// A complaint.
    Complaint,
    /// A copy of their data.
    Export,
    /// Erasing their data.
    Erase,
    /// A change of what is on record about them.
    Change,
}

impl RequestKind {
    /// Returns the word it is stored as.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Complaint => "complaint",
            Self::Export => "export",
            Self::Erase => "erase",
            Self::Change => "change",
        }
    }

    const fn letter(self) -> char {
        match self {
            Self::Complaint => 'C',
            Self::Export => 'D',
            Self::Erase => 'E',
            Self::Change => 'R',
        }
    }
}

/// Returns the number of a request: its kind, its day, and letters that follow from who
/// asks and when, so that deciding a message again comes to the same.
pub fn number(kind: RequestKind, contact: ContactId, now: Timestamp, zone: &TimeZone) -> String {
    let text = format!("{}:{contact}:{now}", kind.as_str());
    let hash = Sha256::digest(text.as_bytes());
    let letters: String = hash
        .iter()
        .take(LETTERS)
        .map(|byte| char::from(ALPHABET[usize::from(byte % 32)]))
        .collect();
    let day = now.to_zoned(zone.clone()).strftime("%y%m%d").to_string();
    format!("{}-{day}-{letters}", kind.letter())
}

/// Puts a request on the register, on the caller's transaction.
pub async fn open(
    conn: &mut Conn,
    number: &str,
    contact: ContactId,
    kind: RequestKind,
    now: Timestamp,
) -> Result<(), Error> {
    sqlx::query(
        "insert into contact_requests (number, contact_id, kind, opened_at)
         values ($1, $2, $3, $4)",
    )
    .bind(number)
    .bind(contact.to_string())
    .bind(kind.as_str())
    .bind(now.as_millisecond())
    .execute(conn)
    .await?;
    Ok(())
}

/// Puts something that a person is to do about a record on the register.
pub async fn open_task(
    conn: &mut Conn,
    number: &str,
    contact: ContactId,
    task: &str,
    now: Timestamp,
) -> Result<(), Error> {
    open(conn, number, contact, RequestKind::Change, now).await?;
    sqlx::query("update contact_requests set about = $2 where number = $1")
        .bind(number)
        .bind(task)
        .execute(conn)
        .await?;
    Ok(())
}

/// Returns the number under which a person is still to do something for a contact.
pub async fn find_task(
    conn: &mut Conn,
    contact: ContactId,
    task: &str,
) -> Result<Option<String>, Error> {
    let number = sqlx::query_scalar(
        "select number from contact_requests
          where contact_id = $1 and about = $2 and closed_at is null
          order by opened_at limit 1",
    )
    .bind(contact.to_string())
    .bind(task)
    .fetch_optional(conn)
    .await?;
    Ok(number)
}

/// Returns the complaint of a contact that is open, else the last one there was.
pub async fn last_complaint(conn: &mut Conn, contact: ContactId) -> Result<Option<Entry>, Error> {
    let row = sqlx::query(
        "select number, kind, contact_id, opened_at, closed_at, outcome from contact_requests
          where contact_id = $1 and kind = 'complaint'
          order by case when closed_at is null then 0 else 1 end, opened_at desc, number limit 1",
    )
    .bind(contact.to_string())
    .fetch_optional(conn)
    .await?;
    row.as_ref().map(entry).transpose()
}

/// Puts an erasure on the register, to be carried out at `due`.
pub async fn open_erasure(
    conn: &mut Conn,
    number: &str,
    contact: ContactId,
    now: Timestamp,
    due: Timestamp,
) -> Result<(), Error> {
    open(conn, number, contact, RequestKind::Erase, now).await?;
    sqlx::query("update contact_requests set due_at = $2 where number = $1")
        .bind(number)
        .bind(due.as_millisecond())
        .execute(conn)
        .await?;
    Ok(())
}

/// Returns the erasure of a contact that is under way: its number, and when it is due; one
/// that has begun, which nobody can call off any more, is due no more.
pub async fn pending_erasure(
    conn: &mut Conn,
    contact: ContactId,
) -> Result<Option<(String, Option<Timestamp>)>, Error> {
    let row = sqlx::query(
        "select number, due_at from contact_requests
          where contact_id = $1 and kind = 'erase' and closed_at is null
          order by case when due_at is null then 0 else 1 end, opened_at limit 1",
    )
    .bind(contact.to_string())
    .fetch_optional(conn)
    .await?;
    let Some(row) = row else {
        return Ok(None);
    };
    let number: String = row.try_get(0)?;
    let due: Option<i64> = row.try_get(1)?;
    let due = due.map(Timestamp::from_millisecond).transpose();
    let due = due.map_err(|e| Error::Damaged {
        table: "contact_requests",
        row: number.clone(),
        what: e.to_string(),
    })?;
    Ok(Some((number, due)))
}

/// Returns whose an open request is; it stays open until the write commits.
pub async fn find_open(
    conn: &mut Conn,
    number: &str,
    lock_rows: &str,
) -> Result<Option<ContactId>, Error> {
    let text = format!(
        "select contact_id from contact_requests
          where number = $1 and closed_at is null{lock_rows}"
    );
    let found: Option<String> = sqlx::query_scalar(sql(text))
        .bind(number)
        .fetch_optional(conn)
        .await?;
    let contact = found.map(|contact| contact.parse());
    contact.transpose().map_err(|_| Error::Damaged {
        table: "contact_requests",
        row: number.to_owned(),
        what: "its contact does not read".to_owned(),
    })
}

/// Puts down that an erasure has begun: nobody can call it off any more.
pub async fn begin_erasure(conn: &mut Conn, number: &str) -> Result<(), Error> {
    sqlx::query("update contact_requests set due_at = null where number = $1")
        .bind(number)
        .execute(conn)
        .await?;
    Ok(())
}

/// Calls an erasure off, unless it has begun; returns whether it was.
pub async fn call_off(conn: &mut Conn, number: &str, now: Timestamp) -> Result<bool, Error> {
    let called_off = sqlx::query(
        "update contact_requests set closed_at = $2, outcome = 'called off'
          where number = $1 and closed_at is null and due_at is not null",
    )
    .bind(number)
    .bind(now.as_millisecond())
    .execute(conn)
    .await?;
    Ok(called_off.rows_affected() > 0)
}

/// Closes a request with what came of it; one that is closed stays as it is.
pub async fn close(
    conn: &mut Conn,
    number: &str,
    outcome: &str,
    now: Timestamp,
) -> Result<(), Error> {
    sqlx::query(
        "update contact_requests set closed_at = $2, outcome = $3
          where number = $1 and closed_at is null",
    )
    .bind(number)
    .bind(now.as_millisecond())
    .bind(outcome)
    .execute(conn)
    .await?;
    Ok(())
}

/// A request as the register has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The number that was told.
    pub number: String,
    /// What was asked for.
    pub kind: String,
    /// Who asked.
    pub contact: String,
    /// When.
    pub opened_at: Timestamp,
    /// When it was closed.
    pub closed_at: Option<Timestamp>,
    /// What came of it.
    pub outcome: Option<String>,
}

/// Returns the register, oldest first: what is open, or everything.
pub async fn register(conn: &mut Conn, all: bool) -> Result<Vec<Entry>, Error> {
    let rows = sqlx::query(
        "select number, kind, contact_id, opened_at, closed_at, outcome from contact_requests
          where closed_at is null or $1 = 1 order by opened_at, number",
    )
    .bind(i64::from(all))
    .fetch_all(conn)
    .await?;
    rows.iter().map(entry).collect()
}

fn entry(row: &sqlx::any::AnyRow) -> Result<Entry, Error> {
    let number: String = row.try_get(0)?;
    let time = |millis: i64| {
        Timestamp::from_millisecond(millis).map_err(|error| Error::Damaged {
            table: "contact_requests",
            row: number.clone(),
            what: error.to_string(),
        })
    };
    Ok(Entry {
        kind: row.try_get(1)?,
        contact: row.try_get(2)?,
        opened_at: time(row.try_get(3)?)?,
        closed_at: row.try_get::<Option<i64>, _>(4)?.map(time).transpose()?,
        outcome: row.try_get(5)?,
        number,
    })
}

/// Lists the requests of a contact, oldest first: number, kind, outcome.
pub async fn list(
    conn: &mut Conn,
    contact: ContactId,
) -> Result<Vec<(String, String, Option<String>)>, Error> {
    let rows = sqlx::query(
        "select number, kind, outcome from contact_requests
          where contact_id = $1 order by opened_at, number",
    )
    .bind(contact.to_string())
    .fetch_all(conn)
    .await?;
    let read = |row: &sqlx::any::AnyRow| Ok((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?));
    rows.iter().map(read).collect()
}

/// Takes the requests of a contact along when two are found to be one person.
pub async fn move_along(conn: &mut Conn, merged: Merged) -> Result<(), Error> {
    sqlx::query("update contact_requests set contact_id = $2 where contact_id = $1")
        .bind(merged.from.to_string())
        .bind(merged.into.to_string())
        .execute(conn)
        .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::Ids;

    #[test]
    fn a_number_says_kind_and_day_and_is_the_same_for_the_same_moment() {
        let now: Timestamp = "2026-08-24T19:00:00Z".parse().unwrap();
        let ids = Ids::seeded(1);
        let (asha, ravi): (ContactId, ContactId) = (ids.next(now), ids.next(now));
        let zone = crate::clock::ist();
        let of = |contact, now| number(RequestKind::Complaint, contact, now, &zone);
        let first = of(asha, now);
        assert!(first.starts_with("C-260825-"), "{first}");
        assert_eq!(first.len(), 15);
        assert_eq!(first, of(asha, now));
        assert_ne!(first, of(ravi, now));
        let later = now
            .checked_add(jiff::SignedDuration::from_millis(1))
            .unwrap();
        assert_ne!(first, of(asha, later));
    }
}
