//! Accounts with exchanges that something is still to be done about.

use jiff::Timestamp;
use sqlx::Row;

use super::damaged;
use super::write::look_at;
use crate::id::ContactId;
use crate::people::investor::AccountState;
use crate::storage::{Conn, Error};

const TABLE: &str = "exchange_accounts";

/// Returns whose account with an exchange has this client code.
pub async fn find_by_account(
    conn: &mut Conn,
    gateway: &str,
    ucc: &str,
) -> Result<Option<ContactId>, Error> {
    let found: Option<String> = sqlx::query_scalar(
        "select contact_id from exchange_accounts where gateway = $1 and ucc = $2",
    )
    .bind(gateway)
    .bind(ucc)
    .fetch_optional(conn)
    .await?;
    found.map(|id| contact(&id)).transpose()
}

/// Takes accounts the exchange is due to be asked about, the longest due first; each comes
/// up again in its time, whatever becomes of this look.
pub async fn take_accounts_to_look(
    conn: &mut Conn,
    gateway: &str,
    now: Timestamp,
    most: i64,
) -> Result<Vec<(ContactId, String)>, Error> {
    let rows = sqlx::query(
        "select contact_id, ucc, state from exchange_accounts
          where gateway = $1 and look_at is not null and look_at <= $2
          order by look_at, contact_id limit $3",
    )
    .bind(gateway)
    .bind(now.as_millisecond())
    .bind(most)
    .fetch_all(&mut *conn)
    .await?;
    let mut due = Vec::with_capacity(rows.len());
    for row in rows {
        let (id, ucc, state): (String, String, String) =
            (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
        let state =
            AccountState::parse(&state).ok_or_else(|| damaged(TABLE, &id, "unknown state"))?;
        sqlx::query(
            "update exchange_accounts set look_at = $3 where contact_id = $1 and gateway = $2",
        )
        .bind(&id)
        .bind(gateway)
        .bind(look_at(state, now))
        .execute(&mut *conn)
        .await?;
        due.push((contact(&id)?, ucc));
    }
    Ok(due)
}

/// Returns contacts with a PAN, KYC and a verified bank account that have no account with
/// an exchange, after one of them; whether the rest of their record is there is for the
/// rules to say.
pub async fn without_account(
    conn: &mut Conn,
    gateway: &str,
    after: Option<ContactId>,
    most: i64,
) -> Result<Vec<ContactId>, Error> {
    let after = after.map_or(String::new(), |id| id.to_string());
    let found: Vec<String> = sqlx::query_scalar(
        "select contact_id from investors i
          where contact_id > $1 and pan_blind is not null and binding is not null
            and kyc_state in ('validated', 'registered')
            and exists (select 1 from bank_accounts b
                         where b.contact_id = i.contact_id and b.is_default = 1
                           and b.verification = 'verified')
            and not exists (select 1 from exchange_accounts a
                             where a.contact_id = i.contact_id and a.gateway = $2)
          order by contact_id limit $3",
    )
    .bind(after)
    .bind(gateway)
    .bind(most)
    .fetch_all(conn)
    .await?;
    found.iter().map(|id| contact(id)).collect()
}

fn contact(id: &str) -> Result<ContactId, Error> {
    id.parse()
        .map_err(|_| damaged(TABLE, id, "its id does not read"))
}
