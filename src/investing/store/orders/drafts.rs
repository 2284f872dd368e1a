//! Drafts, and what became of them.

use sqlx::Row;

use super::{damaged, events, instant, key_of, seal_json};
use crate::id::{ContactId, DraftId};
use crate::investing::orders::draft::{Draft, Made};
use crate::security::{Keyring, Place};
use crate::storage::{Conn, Error};

const TABLE: &str = "drafts";

fn place(row: &str) -> Place<'_> {
    Place {
        table: TABLE,
        column: "terms",
        row,
    }
}

pub(in crate::investing) async fn insert(
    conn: &mut Conn,
    keys: &Keyring,
    draft: &Draft,
) -> Result<(), Error> {
    let key = key_of(conn, keys, draft.contact).await?;
    let id = draft.id.to_string();
    sqlx::query(
        "insert into drafts (id, contact_id, terms, made_at, expires_at)
         values ($1, $2, $3, $4, $5)",
    )
    .bind(&id)
    .bind(draft.contact.to_string())
    .bind(seal_json(&key, place(&id), &draft.terms))
    .bind(draft.made_at.as_millisecond())
    .bind(draft.expires_at.as_millisecond())
    .execute(conn)
    .await?;
    Ok(())
}

/// Finds a contact's draft; `None` if it is not theirs either.
pub(in crate::investing) async fn find(
    conn: &mut Conn,
    keys: &Keyring,
    contact: ContactId,
    id: DraftId,
) -> Result<Option<Draft>, Error> {
    let text = id.to_string();
    let row = sqlx::query(
        "select d.terms, d.made_at, d.expires_at, k.id, k.wrapped_by, k.wrapped
           from drafts d
           join contacts c on c.id = d.contact_id
           join keys k on k.id = c.key_id
          where d.id = $1 and d.contact_id = $2",
    )
    .bind(&text)
    .bind(contact.to_string())
    .fetch_optional(conn)
    .await?;
    let Some(row) = row else {
        return Ok(None);
    };
    let wrong = |what: String| damaged(TABLE, &text, &what);
    let Some(key) = events::unwrap(&row, 3, keys).map_err(wrong)? else {
        return Ok(None);
    };
    let sealed: Vec<u8> = row.get(0);
    let plain = key.open(place(&text), &sealed);
    let plain = plain.map_err(|e| wrong(e.to_string()))?;
    Ok(Some(Draft {
        id,
        contact,
        terms: serde_json::from_slice(&plain).map_err(|e| wrong(e.to_string()))?,
        made_at: instant(TABLE, &text, row.get(1))?,
        expires_at: instant(TABLE, &text, row.get(2))?,
    }))
}

/// Returns what a contact's draft has become.
pub(in crate::investing) async fn made(
    conn: &mut Conn,
    contact: ContactId,
    id: DraftId,
) -> Result<Option<Made>, Error> {
    let found: Option<String> = sqlx::query_scalar(
        "select id from orders where draft_id = $1 and contact_id = $2
         union all select id from plans where draft_id = $1 and contact_id = $2
         union all select id from mandates where draft_id = $1 and contact_id = $2",
    )
    .bind(id.to_string())
    .bind(contact.to_string())
    .fetch_optional(conn)
    .await?;
    let Some(found) = found else {
        return Ok(None);
    };
    let made = found
        .parse()
        .map(Made::Order)
        .or_else(|_| found.parse().map(Made::Plan))
        .or_else(|_| found.parse().map(Made::Mandate));
    made.map(Some)
        .map_err(|_| damaged(TABLE, &id.to_string(), "became something unknown"))
}
