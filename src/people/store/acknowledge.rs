//! What investors acknowledged in writing. Rows are only ever added.

use jiff::Timestamp;
use sqlx::Row;

use super::damaged;
use super::find::time;
use crate::contacts::ConsentProof;
use crate::id::{AcknowledgementId, ContactId, Ids};
use crate::people::gate::Acknowledgement;
use crate::security::{DataKey, Place, audit};
use crate::storage::{Conn, Error};

const TABLE: &str = "risk_acknowledgements";

fn proof_place(row: &str) -> Place<'_> {
    Place {
        table: TABLE,
        column: "proof",
        row,
    }
}

/// An acknowledgement to put on record.
#[derive(Debug, Clone)]
pub struct NewAcknowledgement {
    /// About which scheme, by AMFI's code.
    pub scheme: u32,
    /// Of what.
    pub what: Acknowledgement,
    /// What was shown and answered.
    pub proof: ConsentProof,
}

/// Puts an acknowledgement on record, with its audit row.
pub async fn acknowledge(
    conn: &mut Conn,
    ids: &Ids,
    contact: ContactId,
    key: &DataKey,
    new: &NewAcknowledgement,
    by: &str,
    now: Timestamp,
) -> Result<(), Error> {
    let row = ids.next::<AcknowledgementId>(now).to_string();
    let what = serde_json::to_string(&new.what).map_err(|e| Error::Inside(e.into()))?;
    let proof = serde_json::to_vec(&new.proof).map_err(|e| Error::Inside(e.into()))?;
    sqlx::query(
        "insert into risk_acknowledgements (id, contact_id, scheme_code, acknowledgement, proof, at)
         values ($1, $2, $3, $4, $5, $6)",
    )
    .bind(&row)
    .bind(contact.to_string())
    .bind(i64::from(new.scheme))
    .bind(what)
    .bind(key.seal(proof_place(&row), &proof))
    .bind(now.as_millisecond())
    .execute(&mut *conn)
    .await?;
    audit::record(conn, ids, by, "risk_acknowledged", &row, now).await
}

/// Returns what a contact acknowledged about a scheme. It counts for the levels of risk
/// it names, and no longer once the scheme's or the profile's has changed.
pub async fn list_acknowledgements(
    conn: &mut Conn,
    contact: ContactId,
    scheme: u32,
) -> Result<Vec<Acknowledgement>, Error> {
    let found: Vec<String> = sqlx::query_scalar(
        "select acknowledgement from risk_acknowledgements
          where contact_id = $1 and scheme_code = $2 order by id",
    )
    .bind(contact.to_string())
    .bind(i64::from(scheme))
    .fetch_all(conn)
    .await?;
    found
        .iter()
        .map(|text| {
            serde_json::from_str(text)
                .map_err(|_| damaged(TABLE, &contact.to_string(), "an acknowledgement"))
        })
        .collect()
}

/// Returns everything a contact acknowledged: about which scheme, what, and when.
pub(in crate::people) async fn list_all_acknowledgements(
    conn: &mut Conn,
    contact: ContactId,
) -> Result<Vec<(u32, Acknowledgement, Timestamp)>, Error> {
    let rows = sqlx::query(
        "select scheme_code, acknowledgement, at from risk_acknowledgements
          where contact_id = $1 order by id",
    )
    .bind(contact.to_string())
    .fetch_all(conn)
    .await?;
    let row = contact.to_string();
    rows.iter()
        .map(|found| {
            let (scheme, what): (i64, String) = (found.try_get(0)?, found.try_get(1)?);
            let unread = |_| damaged(TABLE, &row, "an acknowledgement");
            Ok((
                u32::try_from(scheme).map_err(|_| damaged(TABLE, &row, "its scheme"))?,
                serde_json::from_str(&what).map_err(unread)?,
                time(TABLE, &row, found.try_get(2)?)?,
            ))
        })
        .collect()
}
