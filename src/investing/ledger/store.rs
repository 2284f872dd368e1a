//! The ledger in the database. Rows are only ever added.

use std::collections::HashMap;

use anyhow::anyhow;
use jiff::Timestamp;
use sqlx::Row;
use sqlx::any::AnyRow;

use super::account::{MoneyAccount, UnitAccount, Units};
use super::entry::{Entry, Head, Transfer};
use crate::id::ContactId;
use crate::investing::money::Paise;
use crate::investing::scheme::SchemeCode;
use crate::storage::{Conn, Error};

/// What became of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Posted {
    /// It is in the ledger now.
    New,
    /// The event was posted before, with the same amounts.
    Already,
}

/// Posts an entry, on the transaction that records its event. The same event with other
/// amounts is an error that undoes the transaction: one of the two is wrong, and neither
/// is taken over unseen.
pub async fn post(conn: &mut Conn, entry: &Entry) -> Result<Posted, Error> {
    let inserted = sqlx::query(
        "insert into ledger_entries (id, source, contact_id, subject, effective_on, posted_at, reverses)
         values ($1, $2, $3, $4, $5, $6, $7)
         on conflict (source) do nothing",
    )
    .bind(entry.id().to_string())
    .bind(entry.source())
    .bind(entry.contact().to_string())
    .bind(entry.subject())
    .bind(entry.on().to_string())
    .bind(entry.at().as_millisecond())
    .bind(entry.reverses().map(|id| id.to_string()))
    .execute(&mut *conn)
    .await?;
    if inserted.rows_affected() == 0 {
        return match by_source(conn, entry.source()).await? {
            Some(stored) if stored.says_the_same(entry) => Ok(Posted::Already),
            _ => Err(Error::Inside(anyhow!(
                "ledger event `{}` was posted before with other amounts",
                entry.source()
            ))),
        };
    }
    for (position, transfer) in (0_i64..).zip(entry.transfers()) {
        insert_transfer(conn, entry, position, transfer).await?;
    }
    Ok(Posted::New)
}

async fn insert_transfer(
    conn: &mut Conn,
    entry: &Entry,
    position: i64,
    transfer: &Transfer,
) -> Result<(), Error> {
    let (scheme, from, to, amount) = match transfer {
        Transfer::Money { from, to, amount } => (None, from.to_string(), to.to_string(), amount.0),
        Transfer::Units {
            scheme,
            from,
            to,
            amount,
        } => (
            Some(i64::from(scheme.0)),
            from.to_string(),
            to.to_string(),
            amount.0,
        ),
    };
    sqlx::query(
        "insert into ledger_transfers (entry_id, position, scheme_code, from_account, to_account, amount)
         values ($1, $2, $3, $4, $5, $6)",
    )
    .bind(entry.id().to_string())
    .bind(position)
    .bind(scheme)
    .bind(from)
    .bind(to)
    .bind(amount)
    .execute(conn)
    .await?;
    Ok(())
}

const ENTRIES: &str =
    "e.id, e.source, e.contact_id, e.subject, e.effective_on, e.posted_at, e.reverses,
        t.scheme_code, t.from_account, t.to_account, t.amount
   from ledger_entries e join ledger_transfers t on t.entry_id = e.id";

async fn select(conn: &mut Conn, column: &'static str, value: &str) -> Result<Vec<Entry>, Error> {
    let text = format!("select {ENTRIES} where e.{column} = $1 order by e.id, t.position");
    let rows = sqlx::query(crate::storage::sql(text))
        .bind(value)
        .fetch_all(conn)
        .await?;
    gather(&rows)
}

async fn by_source(conn: &mut Conn, source: &str) -> Result<Option<Entry>, Error> {
    Ok(select(conn, "source", source).await?.pop())
}

/// Returns the entries of a contact, oldest first.
pub async fn entries_of(conn: &mut Conn, contact: ContactId) -> Result<Vec<Entry>, Error> {
    select(conn, "contact_id", &contact.to_string()).await
}

/// Returns the entries of an order (or instalment), oldest first.
pub async fn entries_of_subject(conn: &mut Conn, subject: &str) -> Result<Vec<Entry>, Error> {
    select(conn, "subject", subject).await
}

/// Puts the transfers of each entry together; rows come entry by entry.
fn gather(rows: &[AnyRow]) -> Result<Vec<Entry>, Error> {
    let mut order: Vec<String> = Vec::new();
    let mut found: HashMap<String, (Head, Vec<Transfer>)> = HashMap::new();
    for row in rows {
        let id: String = row.try_get(0)?;
        if !found.contains_key(&id) {
            found.insert(id.clone(), (head(row, &id)?, Vec::new()));
            order.push(id.clone());
        }
        if let Some((_, transfers)) = found.get_mut(&id) {
            transfers.push(transfer(row, &id)?);
        }
    }
    let mut entries = Vec::with_capacity(order.len());
    for id in order {
        if let Some((head, transfers)) = found.remove(&id) {
            entries.push(Entry::new(head, transfers).map_err(|e| damaged(&id, &e.to_string()))?);
        }
    }
    Ok(entries)
}

fn head(row: &AnyRow, id: &str) -> Result<Head, Error> {
    let wrong = |what: &'static str| damaged(id, what);
    let contact: String = row.try_get(2)?;
    let on: String = row.try_get(4)?;
    let reverses: Option<String> = row.try_get(6)?;
    Ok(Head {
        id: id.parse().map_err(|_| wrong("its id does not read"))?,
        source: row.try_get(1)?,
        contact: contact
            .parse()
            .map_err(|_| wrong("its contact does not read"))?,
        subject: row.try_get(3)?,
        on: on.parse().map_err(|_| wrong("its date does not read"))?,
        at: Timestamp::from_millisecond(row.try_get(5)?)
            .map_err(|_| wrong("its time does not read"))?,
        reverses: reverses
            .map(|id| id.parse())
            .transpose()
            .map_err(|_| wrong("what it reverses does not read"))?,
    })
}

fn transfer(row: &AnyRow, id: &str) -> Result<Transfer, Error> {
    let scheme: Option<i64> = row.try_get(7)?;
    let (from, to): (String, String) = (row.try_get(8)?, row.try_get(9)?);
    let amount: i64 = row.try_get(10)?;
    let read = match scheme {
        None => MoneyAccount::parse(&from)
            .zip(MoneyAccount::parse(&to))
            .map(|(from, to)| Transfer::Money {
                from,
                to,
                amount: Paise(amount),
            }),
        Some(code) => UnitAccount::parse(&from)
            .zip(UnitAccount::parse(&to))
            .zip(u32::try_from(code).ok())
            .map(|((from, to), code)| Transfer::Units {
                scheme: SchemeCode(code),
                from,
                to,
                amount: Units(amount),
            }),
    };
    read.ok_or_else(|| damaged(id, "a transfer of it does not read"))
}

fn damaged(row: &str, what: &str) -> Error {
    Error::Damaged {
        table: "ledger_entries",
        row: row.to_owned(),
        what: what.to_owned(),
    }
}
