//! Mandates.

use sqlx::Row;
use sqlx::any::AnyRow;

use super::{Stamp, insert_history, instant, word, write_back};
use crate::id::{ContactId, MandateId};
use crate::investing::gateway::port::Reference;
use crate::investing::money::Paise;
use crate::investing::orders::mandate::Mandate;
use crate::investing::orders::order::Submission;
use crate::investing::orders::{MandateKind, MandateStatus};
use crate::investing::store::read;
use crate::storage::{Conn, Error, sql};

const TABLE: &str = "mandates";
const SELECT: &str =
    "select id, contact_id, draft_id, kind, day_limit, start_date, end_date, status,
        submission, asked_at, reference, gateway_id, reason, made_at, version from mandates";

/// Inserts a mandate unless its draft has one; returns whether it is new.
pub(in crate::investing) async fn insert(
    conn: &mut Conn,
    mandate: &Mandate,
    gateway: &str,
    poll_at: Option<i64>,
    stamp: &Stamp<'_>,
) -> Result<bool, Error> {
    let id = mandate.id.to_string();
    let inserted = sqlx::query(
        "insert into mandates (id, contact_id, draft_id, kind, day_limit, start_date, end_date,
                               status, submission, reference, gateway, confirmed_by, made_at,
                               poll_at, version)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
         on conflict do nothing",
    )
    .bind(&id)
    .bind(mandate.contact.to_string())
    .bind(mandate.draft.to_string())
    .bind(mandate.kind.as_str())
    .bind(mandate.limit.0)
    .bind(mandate.start.to_string())
    .bind(mandate.end.to_string())
    .bind(mandate.status.as_str())
    .bind(mandate.submission.as_str())
    .bind(&mandate.reference.0)
    .bind(gateway)
    .bind(stamp.by)
    .bind(mandate.made_at.as_millisecond())
    .bind(poll_at)
    .bind(mandate.version)
    .execute(&mut *conn)
    .await?;
    if inserted.rows_affected() == 0 {
        return Ok(false);
    }
    insert_history(conn, &id, mandate.version, mandate.status.as_str(), stamp).await?;
    Ok(true)
}

/// Writes a mandate back over the version it was read at, and raises that.
pub(in crate::investing) async fn update(
    conn: &mut Conn,
    (before, mandate): (&Mandate, &mut Mandate),
    poll_at: Option<i64>,
    stamp: &Stamp<'_>,
) -> Result<(), Error> {
    mandate.version = before.version + 1;
    let id = mandate.id.to_string();
    let update = sqlx::query(
        "update mandates
            set status = $3, submission = $4, asked_at = $5, gateway_id = $6, reason = $7,
                poll_at = $8, version = version + 1
          where id = $1 and version = $2",
    )
    .bind(&id)
    .bind(before.version)
    .bind(mandate.status.as_str())
    .bind(mandate.submission.as_str())
    .bind(mandate.asked_at.map(jiff::Timestamp::as_millisecond))
    .bind(&mandate.gateway_id)
    .bind(&mandate.reason)
    .bind(poll_at);
    let row = (&*id, mandate.version);
    let statuses = (before.status.as_str(), mandate.status.as_str());
    write_back(conn, "the mandate", row, statuses, update, stamp).await
}

pub(in crate::investing) async fn find(
    conn: &mut Conn,
    id: MandateId,
) -> Result<Option<Mandate>, Error> {
    one(conn, "id = $1", &id.to_string()).await
}

pub(in crate::investing) async fn find_by_reference(
    conn: &mut Conn,
    reference: &Reference,
) -> Result<Option<Mandate>, Error> {
    one(conn, "reference = $1", &reference.0).await
}

/// Returns the version of a mandate by its id at the gateway.
pub(in crate::investing) async fn version(
    conn: &mut Conn,
    gateway: &str,
    gateway_id: &str,
) -> Result<Option<i64>, Error> {
    let version =
        sqlx::query_scalar("select version from mandates where gateway_id = $1 and gateway = $2");
    let version = version.bind(gateway_id).bind(gateway);
    Ok(version.fetch_optional(conn).await?)
}

async fn one(
    conn: &mut Conn,
    condition: &'static str,
    value: &str,
) -> Result<Option<Mandate>, Error> {
    let text = format!("{SELECT} where {condition}");
    let row = sqlx::query(sql(text))
        .bind(value)
        .fetch_optional(conn)
        .await?;
    row.as_ref().map(of).transpose()
}

/// Lists a contact's mandates, newest first.
pub(in crate::investing) async fn list(
    conn: &mut Conn,
    contact: ContactId,
) -> Result<Vec<Mandate>, Error> {
    let text = format!("{SELECT} where contact_id = $1 order by id desc");
    let rows = sqlx::query(sql(text))
        .bind(contact.to_string())
        .fetch_all(conn)
        .await?;
    rows.iter().map(of).collect()
}

fn of(row: &AnyRow) -> Result<Mandate, Error> {
    let id: String = row.try_get(0)?;
    let text = |at: usize| row.try_get::<String, _>(at);
    let asked: Option<i64> = row.try_get(9)?;
    Ok(Mandate {
        id: read(TABLE, &id, &id)?,
        contact: read(TABLE, &id, &text(1)?)?,
        draft: read(TABLE, &id, &text(2)?)?,
        kind: word(TABLE, &id, &text(3)?, MandateKind::parse)?,
        limit: Paise(row.try_get(4)?),
        start: read(TABLE, &id, &text(5)?)?,
        end: read(TABLE, &id, &text(6)?)?,
        status: word(TABLE, &id, &text(7)?, MandateStatus::parse)?,
        submission: word(TABLE, &id, &text(8)?, Submission::parse)?,
        asked_at: asked.map(|at| instant(TABLE, &id, at)).transpose()?,
        reference: Reference(text(10)?),
        gateway_id: row.try_get(11)?,
        reason: row.try_get(12)?,
        made_at: instant(TABLE, &id, row.try_get(13)?)?,
        version: row.try_get(14)?,
    })
}
