//! What somebody asked for and a person has to do: complaints, copies and erasures of
//! personal data. A register, with a number that is told at once.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use sha2::{Digest as _, Sha256};

use crate::contacts::Merged;
use crate::id::ContactId;
use crate::storage::{Conn, Error};

/// Letters and digits that nobody mistakes for others.
const ALPHABET: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
const LETTERS: usize = 6;

/// What was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RequestKind {
    /// A complaint.
    Complaint,
    /// A copy of their data.
    Export,
    /// Erasing their data.
    Erase,
}

impl RequestKind {
    /// Returns the word it is stored as.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Complaint => "complaint",
            Self::Export => "export",
            Self::Erase => "erase",
        }
    }

    const fn letter(self) -> char {
        match self {
            Self::Complaint => 'C',
            Self::Export => 'D',
            Self::Erase => 'E',
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
