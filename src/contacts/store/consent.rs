//! The consent ledger. Rows are only ever added.

use jiff::Timestamp;
use sqlx::Row;

use super::super::Marketing;
use super::super::consent::{Consent, ConsentPurpose, MarketingChannel, NewConsent};
use crate::id::{ConsentId, ContactId, Ids};
use crate::security::{DataKey, Place};
use crate::storage::{Conn, Error};

/// Meta's times are in seconds: of what was said in one, a stop counts.
pub(super) const REST_OF_A_SECOND: i64 = 999;

/// Returns where the proof of a row is sealed to.
fn proof_place(row: &str) -> Place<'_> {
    Place {
        table: "consents",
        column: "proof",
        row,
    }
}

/// Puts consent on record, given or withdrawn at `said`; of marketing by WhatsApp it sets
/// the contact's flag as well. What is withdrawn is withdrawn, however late it is heard, and
/// is not given again by a word from before that; while it is doubtful who they are nothing is
/// given at all.
pub async fn record_consent(
    conn: &mut Conn,
    contact: ContactId,
    key: &DataKey,
    ids: &Ids,
    new: &NewConsent,
    said: Timestamp,
) -> Result<ConsentId, Error> {
    let id = write_down(conn, contact, key, ids, new, said).await?;
    if new.purpose == ConsentPurpose::Marketing(MarketingChannel::WhatsApp) {
        let flag = if new.given {
            Marketing::OptedIn
        } else {
            Marketing::OptedOut
        };
        sqlx::query(
            "update contacts
                set marketing = $2,
                    marketing_at = case when marketing_at > $3 then marketing_at else $3 end
              where id = $1
                and ($2 = 'opted_out'
                     or (coalesce(marketing_at, $3) <= $3 and unverified_since is null))",
        )
        .bind(contact.to_string())
        .bind(flag.as_str())
        .bind(said.as_millisecond())
        .execute(conn)
        .await?;
    }
    Ok(id)
}

/// Returns the column of what somebody of this table (`contacts`, or its short name) last
/// said about marketing, in the chat or to WhatsApp.
pub fn marketing_of(table: &str) -> String {
    format!(
        "case when {table}.marketing_stopped_at >= coalesce({table}.marketing_at, 0)
              then 'opted_out' else {table}.marketing end"
    )
}

/// Puts on record that somebody stopped marketing in WhatsApp itself, in the second of
/// `said`. Who asked for it in the chat after that goes on getting it.
pub(super) async fn record_stop(
    conn: &mut Conn,
    contact: ContactId,
    key: &DataKey,
    ids: &Ids,
    new: &NewConsent,
    said: Timestamp,
) -> Result<(), Error> {
    write_down(conn, contact, key, ids, new, said).await?;
    sqlx::query(
        "update contacts
            set marketing_stopped_at = case when marketing_stopped_at > $2
                                            then marketing_stopped_at else $2 end
          where id = $1",
    )
    .bind(contact.to_string())
    .bind(said.as_millisecond() + REST_OF_A_SECOND)
    .execute(conn)
    .await?;
    Ok(())
}

async fn write_down(
    conn: &mut Conn,
    contact: ContactId,
    key: &DataKey,
    ids: &Ids,
    new: &NewConsent,
    said: Timestamp,
) -> Result<ConsentId, Error> {
    let id: ConsentId = ids.next(said);
    let row = id.to_string();
    let proof = serde_json::to_vec(&new.proof).map_err(|e| Error::Inside(e.into()))?;
    sqlx::query(
        "insert into consents (id, contact_id, purpose, given, source, proof, version, at)
         select $1, id, $3, $4, cast($5 as text) || coalesce('; came by ' || source, ''), $6, $7, $8
           from contacts where id = $2",
    )
    .bind(&row)
    .bind(contact.to_string())
    .bind(new.purpose.as_str())
    .bind(i64::from(new.given))
    .bind(new.source)
    .bind(key.seal(proof_place(&row), &proof))
    .bind(&new.version)
    .bind(said.as_millisecond())
    .execute(conn)
    .await?;
    Ok(id)
}

/// Returns what a contact consented to and withdrew, oldest first.
pub async fn list_consents(
    conn: &mut Conn,
    contact: ContactId,
    key: &DataKey,
) -> Result<Vec<Consent>, Error> {
    let rows = sqlx::query(
        "select id, purpose, given, source, proof, version, at
           from consents where contact_id = $1 order by at, id",
    )
    .bind(contact.to_string())
    .fetch_all(conn)
    .await?;
    let mut found = Vec::with_capacity(rows.len());
    for row in rows {
        let id: String = row.try_get(0)?;
        let damaged = |what: &str| Error::Damaged {
            table: "consents",
            row: id.clone(),
            what: what.to_owned(),
        };
        let purpose: String = row.try_get(1)?;
        let sealed: Vec<u8> = row.try_get(4)?;
        let plain = key.open(proof_place(&id), &sealed);
        let plain = plain.map_err(|e| damaged(&e.to_string()))?;
        found.push(Consent {
            id: id.parse().map_err(|_| damaged("its id does not read"))?,
            purpose: ConsentPurpose::parse(&purpose).ok_or_else(|| damaged("unknown purpose"))?,
            given: row.try_get::<i64, _>(2)? == 1,
            source: row.try_get(3)?,
            proof: serde_json::from_slice(&plain)
                .map_err(|_| damaged("its proof does not read"))?,
            version: row.try_get(5)?,
            at: Timestamp::from_millisecond(row.try_get(6)?)
                .map_err(|_| damaged("its time does not read"))?,
        });
    }
    Ok(found)
}
