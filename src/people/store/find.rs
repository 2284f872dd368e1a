//! Reads investors.

use jiff::Timestamp;
use jiff::civil::Date;
use sqlx::Row;
use sqlx::any::AnyRow;

use super::{INVESTORS, answers_place, bank_place, damaged, place};
use crate::id::ContactId;
use crate::people::bank::{BankAccount, Verification};
use crate::people::investor::{AccountState, ExchangeAccount, Investor};
use crate::people::kyc::{Kyc, KycState};
use crate::people::nominee::Nomination;
use crate::people::pan::Pan;
use crate::people::risk::{Answers, RiskLevel, RiskProfile};
use crate::security::{DataKey, Keyring};
use crate::storage::{Conn, Error};

/// Returns what is on record about a contact; of somebody unknown that is nothing at
/// all, and the gate lets nobody pass on nothing. `key` is the contact's.
pub async fn find_investor(
    conn: &mut Conn,
    key: &DataKey,
    contact: ContactId,
) -> Result<Investor, Error> {
    let id = contact.to_string();
    let mut investor = Investor::unknown(contact);
    investor.money_paused = super::pauses::find(conn, &id).await?;
    let row = sqlx::query(
        "select pan, name, date_of_birth, email, mobile, binding, nomination, fatca,
                kyc_state, kyc_raw, kyc_agency, kyc_valid_until, kyc_checked_at
           from investors where contact_id = $1",
    )
    .bind(&id)
    .fetch_optional(&mut *conn)
    .await?;
    let Some(row) = row else {
        return Ok(investor);
    };
    let sealed = Sealed {
        row: &row,
        key,
        contact: &id,
    };
    investor.pan = match sealed.text(0, "pan")? {
        None => None,
        Some(text) => {
            let pan = Pan::parse(&text);
            Some(pan.map_err(|_| damaged(INVESTORS, &id, "its PAN does not read"))?)
        }
    };
    investor.name = sealed.text(1, "name")?;
    investor.date_of_birth = match sealed.text(2, "date_of_birth")? {
        None => None,
        Some(text) => Some(date(&id, &text)?),
    };
    investor.email = sealed.json(3, "email")?;
    investor.mobile = sealed.json(4, "mobile")?;
    investor.binding = sealed.json(5, "binding")?;
    investor.nomination = sealed
        .json::<Nomination>(6, "nomination")?
        .unwrap_or_default();
    investor.fatca = sealed.json(7, "fatca")?;
    investor.kyc = kyc(&row, &id)?;
    investor.banks = banks(conn, key, &id).await?;
    investor.risk = risk(conn, &id).await?;
    investor.accounts = accounts(conn, &id).await?;
    Ok(investor)
}

struct Sealed<'a> {
    row: &'a AnyRow,
    key: &'a DataKey,
    contact: &'a str,
}

impl Sealed<'_> {
    fn bytes(&self, at: usize, column: &'static str) -> Result<Option<Vec<u8>>, Error> {
        let sealed: Option<Vec<u8>> = self.row.try_get(at)?;
        let Some(sealed) = sealed else {
            return Ok(None);
        };
        let plain = self.key.open(place(column, self.contact), &sealed);
        plain
            .map(Some)
            .map_err(|e| damaged(INVESTORS, self.contact, format!("{column}: {e}")))
    }

    fn text(&self, at: usize, column: &'static str) -> Result<Option<String>, Error> {
        let bytes = self.bytes(at, column)?;
        bytes
            .map(String::from_utf8)
            .transpose()
            .map_err(|_| damaged(INVESTORS, self.contact, format!("{column} is no text")))
    }

    fn json<T: serde::de::DeserializeOwned>(
        &self,
        at: usize,
        column: &'static str,
    ) -> Result<Option<T>, Error> {
        let bytes = self.bytes(at, column)?;
        bytes
            .map(|bytes| serde_json::from_slice(&bytes))
            .transpose()
            .map_err(|_| damaged(INVESTORS, self.contact, format!("{column} does not read")))
    }
}

fn date(contact: &str, text: &str) -> Result<Date, Error> {
    let read = text.parse();
    read.map_err(|_| damaged(INVESTORS, contact, "a date of it does not read"))
}

pub(super) fn time(table: &'static str, row: &str, millis: i64) -> Result<Timestamp, Error> {
    Timestamp::from_millisecond(millis)
        .map_err(|_| damaged(table, row, "a time of it does not read"))
}

fn kyc(row: &AnyRow, contact: &str) -> Result<Kyc, Error> {
    let state: String = row.try_get(8)?;
    let valid_until: Option<String> = row.try_get(11)?;
    let checked_at: Option<i64> = row.try_get(12)?;
    Ok(Kyc {
        state: KycState::parse(&state)
            .ok_or_else(|| damaged(INVESTORS, contact, "unknown KYC state"))?,
        raw: row.try_get(9)?,
        agency: row.try_get(10)?,
        valid_until: match valid_until {
            None => None,
            Some(text) => Some(date(contact, &text)?),
        },
        checked_at: match checked_at {
            None => None,
            Some(millis) => Some(time(INVESTORS, contact, millis)?),
        },
    })
}

async fn banks(conn: &mut Conn, key: &DataKey, contact: &str) -> Result<Vec<BankAccount>, Error> {
    const TABLE: &str = "bank_accounts";
    let rows = sqlx::query(
        "select id, account, verification, verified_at, is_default
           from bank_accounts where contact_id = $1 order by id",
    )
    .bind(contact)
    .fetch_all(conn)
    .await?;
    let mut banks = Vec::with_capacity(rows.len());
    for row in rows {
        let id: String = row.try_get(0)?;
        let sealed: Vec<u8> = row.try_get(1)?;
        let plain = key.open(bank_place(&id), &sealed);
        let plain = plain.map_err(|e| damaged(TABLE, &id, e.to_string()))?;
        let verification: String = row.try_get(2)?;
        let verified_at: Option<i64> = row.try_get(3)?;
        banks.push(BankAccount {
            account: serde_json::from_slice(&plain)
                .map_err(|_| damaged(TABLE, &id, "its account does not read"))?,
            verification: Verification::parse(&verification)
                .ok_or_else(|| damaged(TABLE, &id, "unknown verification"))?,
            verified_at: match verified_at {
                None => None,
                Some(millis) => Some(time(TABLE, &id, millis)?),
            },
            is_default: row.try_get::<i64, _>(4)? == 1,
            id: id
                .parse()
                .map_err(|_| damaged(TABLE, &id, "its id does not read"))?,
        });
    }
    Ok(banks)
}

async fn risk(conn: &mut Conn, contact: &str) -> Result<Option<RiskProfile>, Error> {
    const TABLE: &str = "risk_profiles";
    let row = sqlx::query(
        "select id, version, score, category, highest, taken_at
           from risk_profiles where contact_id = $1 order by id desc limit 1",
    )
    .bind(contact)
    .fetch_optional(conn)
    .await?;
    let Some(row) = row else {
        return Ok(None);
    };
    let id: String = row.try_get(0)?;
    let score: i64 = row.try_get(2)?;
    let highest: String = row.try_get(4)?;
    Ok(Some(RiskProfile {
        taken_at: time(TABLE, &id, row.try_get(5)?)?,
        version: row.try_get(1)?,
        score: u32::try_from(score).map_err(|_| damaged(TABLE, &id, "its score does not read"))?,
        category: row.try_get(3)?,
        highest: RiskLevel::parse(&highest)
            .ok_or_else(|| damaged(TABLE, &id, "unknown risk level"))?,
    }))
}

/// Returns what a contact answered to the risk questions last. `key` is the contact's.
pub(in crate::people) async fn find_answers(
    conn: &mut Conn,
    key: &DataKey,
    contact: ContactId,
) -> Result<Option<Answers>, Error> {
    const TABLE: &str = "risk_profiles";
    let row = sqlx::query(
        "select id, answers from risk_profiles where contact_id = $1 order by id desc limit 1",
    )
    .bind(contact.to_string())
    .fetch_optional(conn)
    .await?;
    let Some(row) = row else {
        return Ok(None);
    };
    let (id, sealed): (String, Vec<u8>) = (row.try_get(0)?, row.try_get(1)?);
    let plain = key.open(answers_place(&id), &sealed);
    let plain = plain.map_err(|e| damaged(TABLE, &id, e.to_string()))?;
    let answers = serde_json::from_slice(&plain);
    answers
        .map(Some)
        .map_err(|_| damaged(TABLE, &id, "its answers do not read"))
}

async fn accounts(conn: &mut Conn, contact: &str) -> Result<Vec<ExchangeAccount>, Error> {
    let rows = sqlx::query(
        "select gateway, ucc, state, reason from exchange_accounts
          where contact_id = $1 order by gateway",
    )
    .bind(contact)
    .fetch_all(conn)
    .await?;
    let mut accounts = Vec::with_capacity(rows.len());
    for row in rows {
        let state: String = row.try_get(2)?;
        accounts.push(ExchangeAccount {
            gateway: row.try_get(0)?,
            ucc: row.try_get(1)?,
            state: AccountState::parse(&state)
                .ok_or_else(|| damaged("exchange_accounts", contact, "unknown state"))?,
            reason: row.try_get(3)?,
        });
    }
    Ok(accounts)
}

/// Returns whose PAN it is, if it is on record.
pub(in crate::people) async fn find_by_pan(
    conn: &mut Conn,
    keys: &Keyring,
    pan: &Pan,
) -> Result<Option<ContactId>, Error> {
    let found: Option<String> =
        sqlx::query_scalar("select contact_id from investors where pan_blind = $1")
            .bind(keys.blind("pan", pan.as_str()).to_vec())
            .fetch_optional(conn)
            .await?;
    found.map(|id| contact(&id)).transpose()
}

/// Returns contacts with a PAN whose KYC was asked last before a time (or never), the
/// longest ago first.
pub(in crate::people) async fn contacts_to_ask(
    conn: &mut Conn,
    before: Timestamp,
    after: Option<(i64, String)>,
    most: i64,
) -> Result<Vec<(i64, ContactId)>, Error> {
    let (last_at, last_id) = after.unwrap_or((i64::MIN, String::new()));
    let rows = sqlx::query(
        "select coalesce(kyc_checked_at, 0), contact_id from investors
          where pan_blind is not null and coalesce(kyc_checked_at, 0) <= $1
            and (coalesce(kyc_checked_at, 0) > $2
                 or (coalesce(kyc_checked_at, 0) = $2 and contact_id > $3))
          order by coalesce(kyc_checked_at, 0), contact_id limit $4",
    )
    .bind(before.as_millisecond())
    .bind(last_at)
    .bind(last_id)
    .bind(most)
    .fetch_all(conn)
    .await?;
    rows.iter()
        .map(|row| {
            let id: String = row.try_get(1)?;
            Ok((row.try_get(0)?, contact(&id)?))
        })
        .collect()
}

/// Returns contacts whose KYC runs out in a span of days, with its last day.
pub(in crate::people) async fn expiring(
    conn: &mut Conn,
    from: Date,
    to: Date,
) -> Result<Vec<(ContactId, Date)>, Error> {
    let rows = sqlx::query(
        "select contact_id, kyc_valid_until from investors
          where kyc_valid_until is not null and kyc_valid_until >= $1 and kyc_valid_until <= $2
            and kyc_state in ('validated', 'registered')
          order by kyc_valid_until, contact_id",
    )
    .bind(from.to_string())
    .bind(to.to_string())
    .fetch_all(conn)
    .await?;
    rows.iter()
        .map(|row| {
            let (id, last): (String, String) = (row.try_get(0)?, row.try_get(1)?);
            Ok((contact(&id)?, date(&id, &last)?))
        })
        .collect()
}

fn contact(id: &str) -> Result<ContactId, Error> {
    id.parse()
        .map_err(|_| damaged(INVESTORS, id, "its id does not read"))
}
