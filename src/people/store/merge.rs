//! Two contacts turn out to be one person: the record of one becomes the other's.

use jiff::Timestamp;
use sqlx::Row;

use super::{INVESTORS, damaged, place};
use crate::contacts::store::{Merge, SealedTable, rehome, rehome_sealed};
use crate::id::{AttentionId, Ids};
use crate::security::audit;
use crate::storage::{Conn, Error, sql};

/// Sealed columns of a record.
const SEALED: [&str; 8] = [
    "pan",
    "name",
    "date_of_birth",
    "email",
    "mobile",
    "binding",
    "nomination",
    "fatca",
];

/// Moves what is on record about one contact to the other, on the caller's transaction.
/// Where both have a record nothing of it is moved: which of the two is right is for a
/// person to say, and money of both stands still until then. Doing it again moves nothing.
pub async fn merge_records(
    conn: &mut Conn,
    ids: &Ids,
    merge: Merge<'_>,
    now: Timestamp,
) -> Result<(), Error> {
    let (from, into) = (merge.from.0.to_string(), merge.into.0.to_string());
    move_pause(conn, ids, merge, now).await?;
    for table in ["consents", "risk_acknowledgements"] {
        rehome_sealed(conn, SealedTable::new(table, "proof"), merge, Ok).await?;
    }
    match (
        has_record(conn, &from).await?,
        has_record(conn, &into).await?,
    ) {
        (false, _) => return Ok(()),
        (true, true) => return ask_a_person(conn, ids, merge, now).await,
        (true, false) => {}
    }
    move_investor(conn, &from, &into, merge, now).await?;
    rehome_sealed(
        conn,
        SealedTable::new("bank_accounts", "account"),
        merge,
        Ok,
    )
    .await?;
    rehome_sealed(
        conn,
        SealedTable::new("risk_profiles", "answers"),
        merge,
        Ok,
    )
    .await?;
    rehome(conn, "exchange_accounts", merge).await?;
    sqlx::query("delete from investors where contact_id = $1")
        .bind(&from)
        .execute(&mut *conn)
        .await?;
    audit::record(conn, ids, "system", "investor_merged", &into, now).await
}

async fn has_record(conn: &mut Conn, contact: &str) -> Result<bool, Error> {
    let found: Option<String> =
        sqlx::query_scalar("select contact_id from investors where contact_id = $1")
            .bind(contact)
            .fetch_optional(conn)
            .await?;
    Ok(found.is_some())
}

async fn move_investor(
    conn: &mut Conn,
    from: &str,
    into: &str,
    merge: Merge<'_>,
    now: Timestamp,
) -> Result<(), Error> {
    let text = format!(
        "select {}, pan_blind from investors where contact_id = $1",
        SEALED.join(", ")
    );
    let row = sqlx::query(sql(text))
        .bind(from)
        .fetch_one(&mut *conn)
        .await?;
    let blind: Option<Vec<u8>> = row.try_get(SEALED.len())?;
    // A PAN stands on one record only, for this moment too.
    sqlx::query("update investors set pan_blind = null where contact_id = $1")
        .bind(from)
        .execute(&mut *conn)
        .await?;
    sqlx::query(
        "insert into investors (contact_id, pan_blind, kyc_state, kyc_raw, kyc_agency,
                                kyc_valid_until, kyc_checked_at, created_at)
         select $2, $3, kyc_state, kyc_raw, kyc_agency, kyc_valid_until, kyc_checked_at, $4
           from investors where contact_id = $1",
    )
    .bind(from)
    .bind(into)
    .bind(blind)
    .bind(now.as_millisecond())
    .execute(&mut *conn)
    .await?;
    for (at, column) in SEALED.into_iter().enumerate() {
        let sealed: Option<Vec<u8>> = row.try_get(at)?;
        let Some(sealed) = sealed else { continue };
        let opened = merge.from.1.open(place(column, from), &sealed);
        let plain = opened.map_err(|e| damaged(INVESTORS, from, format!("{column}: {e}")))?;
        let text = format!("update investors set {column} = $2 where contact_id = $1");
        sqlx::query(sql(text))
            .bind(into)
            .bind(merge.into.1.seal(place(column, into), &plain))
            .execute(&mut *conn)
            .await?;
    }
    Ok(())
}

/// Money that is paused stays paused, under the contact that is left.
async fn move_pause(
    conn: &mut Conn,
    ids: &Ids,
    merge: Merge<'_>,
    now: Timestamp,
) -> Result<(), Error> {
    let from = merge.from.0.to_string();
    let Some(pause) = super::pauses::find(conn, &from).await? else {
        return Ok(());
    };
    super::release_money(conn, ids, merge.from.0, "system", now).await?;
    super::pause_money(conn, ids, merge.into.0, &pause.reason, "system", now).await?;
    Ok(())
}

async fn ask_a_person(
    conn: &mut Conn,
    ids: &Ids,
    merge: Merge<'_>,
    now: Timestamp,
) -> Result<(), Error> {
    let (from, into) = (merge.from.0.to_string(), merge.into.0.to_string());
    sqlx::query(
        "insert into attention (id, kind, subject, detail, opened_at)
         values ($1, 'investor_merge', $2, $3, $4) on conflict do nothing",
    )
    .bind(ids.next::<AttentionId>(now).to_string())
    .bind(&into)
    .bind(format!(
        "{from} is the same person and has a record too; say which is right"
    ))
    .bind(now.as_millisecond())
    .execute(&mut *conn)
    .await?;
    for contact in [merge.from.0, merge.into.0] {
        let reason = "two records of one person";
        super::pause_money(conn, ids, contact, reason, "system", now).await?;
    }
    Ok(())
}
