//! What was given out in calendars, and the links they are fetched by.

use jiff::Timestamp;
use sqlx::Row;

use super::super::calendar::Published;
use super::damaged;
use crate::id::ContactId;
use crate::storage::{Conn, Error};

const TABLE: &str = "calendar_entries";

/// Lists what somebody's calendar last showed.
pub(in crate::notifications) async fn published(
    conn: &mut Conn,
    contact: ContactId,
) -> Result<Vec<Published>, Error> {
    let rows = sqlx::query(
        "select uid, plan_id, date, digest, sequence, cancelled, changed_at
           from calendar_entries where contact_id = $1 order by date, uid",
    )
    .bind(contact.to_string())
    .fetch_all(conn)
    .await?;
    rows.iter()
        .map(|row| {
            let uid: String = row.get(0);
            let wrong = |what: &str| damaged(TABLE, &uid, what);
            let plan: String = row.get(1);
            let date: String = row.get(2);
            let changed_at: i64 = row.get(6);
            Ok(Published {
                plan: plan.parse().map_err(|_| wrong("its plan"))?,
                date: date.parse().map_err(|_| wrong("its date"))?,
                digest: row.get(3),
                sequence: row.get(4),
                is_cancelled: row.get::<i64, _>(5) == 1,
                changed_at: Timestamp::from_millisecond(changed_at)
                    .map_err(|_| wrong("its time"))?,
                uid,
            })
        })
        .collect()
}

/// Writes down a change that is one step ahead of what is kept.
pub(in crate::notifications) async fn publish(
    conn: &mut Conn,
    contact: ContactId,
    entry: &Published,
) -> Result<(), Error> {
    let written = sqlx::query(
        "insert into calendar_entries
                (contact_id, uid, plan_id, date, digest, sequence, cancelled, changed_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8)
         on conflict (contact_id, uid) do update
            set date = excluded.date, digest = excluded.digest, sequence = excluded.sequence,
                cancelled = excluded.cancelled, changed_at = excluded.changed_at
          where calendar_entries.sequence = excluded.sequence - 1",
    )
    .bind(contact.to_string())
    .bind(&entry.uid)
    .bind(entry.plan.to_string())
    .bind(entry.date.to_string())
    .bind(&entry.digest)
    .bind(entry.sequence)
    .bind(i64::from(entry.is_cancelled))
    .bind(entry.changed_at.as_millisecond())
    .execute(conn)
    .await?;
    if written.rows_affected() != 1 {
        return Err(Error::Again("a calendar"));
    }
    Ok(())
}

/// Keeps a link.
pub(in crate::notifications) async fn insert_link(
    conn: &mut Conn,
    token: [u8; 16],
    contact: ContactId,
    expires_at: Timestamp,
    now: Timestamp,
) -> Result<(), Error> {
    sqlx::query(
        "insert into calendar_links (token, contact_id, created_at, expires_at)
         values ($1, $2, $3, $4)",
    )
    .bind(token.to_vec())
    .bind(contact.to_string())
    .bind(now.as_millisecond())
    .bind(expires_at.as_millisecond())
    .execute(conn)
    .await?;
    Ok(())
}

/// Returns whose calendar a link opens, if it still does.
pub(in crate::notifications) async fn find_link(
    conn: &mut Conn,
    token: [u8; 16],
    now: Timestamp,
) -> Result<Option<ContactId>, Error> {
    let contact: Option<String> = sqlx::query_scalar(
        "select l.contact_id
           from calendar_links l
           join contacts c on c.id = l.contact_id
           join keys k on k.id = c.key_id
          where l.token = $1 and l.expires_at > $2 and l.revoked_at is null
            and c.unverified_since is null and k.wrapped is not null",
    )
    .bind(token.to_vec())
    .bind(now.as_millisecond())
    .fetch_optional(conn)
    .await?;
    contact
        .map(|id| {
            id.parse()
                .map_err(|_| damaged("calendar_links", &id, "its contact"))
        })
        .transpose()
}

/// Makes every link of somebody's useless.
pub(in crate::notifications) async fn revoke_links(
    conn: &mut Conn,
    contact: ContactId,
    now: Timestamp,
) -> Result<(), Error> {
    sqlx::query(
        "update calendar_links set revoked_at = $2
          where contact_id = $1 and revoked_at is null and expires_at > $2",
    )
    .bind(contact.to_string())
    .bind(now.as_millisecond())
    .execute(conn)
    .await?;
    Ok(())
}
