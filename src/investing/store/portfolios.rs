//! Folios, the schemes in them and their transactions.

use std::collections::HashMap;

use jiff::civil::Date;
use sqlx::Row;

use super::{read, read_decimal, written};
use crate::id::ContactId;
use crate::investing::cas::{Kind, Transaction};
use crate::investing::money::Paise;
use crate::investing::portfolio::HeldScheme;
use crate::investing::scheme::{Isin, Nav, SchemeCode};
use crate::storage::{Conn, Error, runs, sql, values};

/// A folio as stored: what is personal is sealed.
pub(in crate::investing) struct FolioRow {
    pub(in crate::investing) id: String,
    pub(in crate::investing) amc: String,
    pub(in crate::investing) sealed: Vec<u8>,
}

/// A scheme of a statement, ready to be written.
pub(in crate::investing) struct SchemeRow {
    pub(in crate::investing) folio: String,
    pub(in crate::investing) key: String,
    pub(in crate::investing) from: Date,
    pub(in crate::investing) held: HeldScheme,
}

/// A statement, ready to be written.
pub(in crate::investing) struct StatementRows {
    pub(in crate::investing) contact: ContactId,
    pub(in crate::investing) new_folios: Vec<FolioRow>,
    pub(in crate::investing) schemes: Vec<SchemeRow>,
    pub(in crate::investing) source: String,
    pub(in crate::investing) now: i64,
}

pub(in crate::investing) async fn list_folios(
    conn: &mut Conn,
    contact: ContactId,
) -> Result<Vec<FolioRow>, Error> {
    let rows = sqlx::query("select id, amc, sealed from folios where contact_id = $1 order by id")
        .bind(contact.to_string())
        .fetch_all(conn)
        .await?;
    rows.into_iter()
        .map(|row| {
            Ok(FolioRow {
                id: row.try_get(0)?,
                amc: row.try_get(1)?,
                sealed: row.try_get(2)?,
            })
        })
        .collect()
}

/// Lists the schemes of a contact's folios, each with its folio's id.
pub(in crate::investing) async fn list_schemes(
    conn: &mut Conn,
    contact: ContactId,
) -> Result<Vec<(String, HeldScheme)>, Error> {
    const TABLE: &str = "folio_schemes";
    let mut transactions = list_transactions(conn, contact).await?;
    let rows = sqlx::query(
        "select s.folio_id, s.scheme_key, s.isin, s.amfi_code, s.name, s.elsewhere,
                s.close_units, s.statement_to, s.nav, s.nav_date
         from folio_schemes s join folios f on f.id = s.folio_id
         where f.contact_id = $1
         order by s.folio_id, s.scheme_key",
    )
    .bind(contact.to_string())
    .fetch_all(conn)
    .await?;
    let mut schemes = Vec::with_capacity(rows.len());
    for row in rows {
        let folio: String = row.try_get(0)?;
        let key: String = row.try_get(1)?;
        let isin: Option<String> = row.try_get(2)?;
        let amfi: Option<i64> = row.try_get(3)?;
        let nav: Option<String> = row.try_get(8)?;
        let nav_date: Option<String> = row.try_get(9)?;
        let nav = match nav.zip(nav_date) {
            None => None,
            Some((value, date)) => Some(Nav {
                value: read(TABLE, &folio, &value)?,
                date: read(TABLE, &folio, &date)?,
            }),
        };
        let held = HeldScheme {
            isin: isin.and_then(|text| Isin::parse(&text)),
            amfi: amfi
                .and_then(|code| u32::try_from(code).ok())
                .map(SchemeCode),
            name: row.try_get(4)?,
            elsewhere: row.try_get::<i64, _>(5)? == 1,
            close: read(TABLE, &folio, row.try_get::<&str, _>(6)?)?,
            statement_to: read(TABLE, &folio, row.try_get::<&str, _>(7)?)?,
            nav,
            transactions: transactions
                .remove(&(folio.clone(), key))
                .unwrap_or_default(),
        };
        schemes.push((folio, held));
    }
    Ok(schemes)
}

async fn list_transactions(
    conn: &mut Conn,
    contact: ContactId,
) -> Result<HashMap<(String, String), Vec<Transaction>>, Error> {
    const TABLE: &str = "transactions";
    let rows = sqlx::query(
        "select t.folio_id, t.scheme_key, t.date, t.kind, t.amount, t.units, t.nav, t.balance
         from transactions t join folios f on f.id = t.folio_id
         where f.contact_id = $1
         order by t.date, t.position, t.ordinal",
    )
    .bind(contact.to_string())
    .fetch_all(conn)
    .await?;
    let mut transactions: HashMap<_, Vec<_>> = HashMap::new();
    for row in rows {
        let folio: String = row.try_get(0)?;
        let key: String = row.try_get(1)?;
        let amount: i64 = row.try_get(4)?;
        let transaction = Transaction {
            date: read(TABLE, &folio, row.try_get::<&str, _>(2)?)?,
            kind: Kind::from_word(row.try_get(3)?).unwrap_or(Kind::Unknown),
            amount: (amount != 0).then_some(Paise(amount)),
            units: read_decimal(TABLE, &folio, row.try_get(5)?)?,
            nav: read_decimal(TABLE, &folio, row.try_get(6)?)?,
            balance: read_decimal(TABLE, &folio, row.try_get(7)?)?,
        };
        transactions
            .entry((folio, key))
            .or_default()
            .push(transaction);
    }
    Ok(transactions)
}

/// Writes a statement; returns the transactions added and the schemes whose newer balance
/// was kept.
pub(in crate::investing) async fn write_statement(
    conn: &mut Conn,
    statement: &StatementRows,
) -> Result<(usize, usize), Error> {
    for folio in &statement.new_folios {
        sqlx::query(
            "insert into folios (id, contact_id, amc, sealed, created_at)
             values ($1, $2, $3, $4, $5)",
        )
        .bind(&folio.id)
        .bind(statement.contact.to_string())
        .bind(&folio.amc)
        .bind(&folio.sealed)
        .bind(statement.now)
        .execute(&mut *conn)
        .await?;
    }
    let (mut added, mut older) = (0, 0);
    for scheme in &statement.schemes {
        older += usize::from(!upsert_scheme(conn, scheme).await?);
        added += insert_transactions(conn, statement, scheme).await?;
    }
    Ok((added, older))
}

/// Returns false if a newer statement is on record and stays.
async fn upsert_scheme(conn: &mut Conn, row: &SchemeRow) -> Result<bool, Error> {
    let held = &row.held;
    let done = sqlx::query(
        "insert into folio_schemes (folio_id, scheme_key, isin, amfi_code, name, elsewhere,
             close_units, statement_from, statement_to, nav, nav_date)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
         on conflict (folio_id, scheme_key) do update set
             isin = excluded.isin, amfi_code = excluded.amfi_code, name = excluded.name,
             elsewhere = excluded.elsewhere, close_units = excluded.close_units,
             statement_from = excluded.statement_from, statement_to = excluded.statement_to,
             nav = excluded.nav, nav_date = excluded.nav_date
         where excluded.statement_to >= folio_schemes.statement_to",
    )
    .bind(&row.folio)
    .bind(&row.key)
    .bind(held.isin.map(|isin| isin.as_str().to_owned()))
    .bind(held.amfi.map(|code| i64::from(code.0)))
    .bind(&held.name)
    .bind(i64::from(held.elsewhere))
    .bind(held.close.to_string())
    .bind(row.from.to_string())
    .bind(held.statement_to.to_string())
    .bind(held.nav.map(|nav| nav.value.to_string()))
    .bind(held.nav.map(|nav| nav.date.to_string()))
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

async fn insert_transactions(
    conn: &mut Conn,
    statement: &StatementRows,
    scheme: &SchemeRow,
) -> Result<usize, Error> {
    let mut added = 0;
    let numbered: Vec<_> = with_ordinals(&scheme.held.transactions);
    for run in runs(&numbered) {
        let text = format!(
            "insert into transactions (folio_id, scheme_key, date, kind, amount, units, nav,
                 balance, ordinal, position, source, imported_at)
             values {} on conflict do nothing",
            values(run.len(), 12)
        );
        let mut query = sqlx::query(sql(text));
        for (position, ordinal, t) in run {
            query = query
                .bind(&scheme.folio)
                .bind(&scheme.key)
                .bind(t.date.to_string())
                .bind(t.kind.as_str())
                .bind(t.amount.unwrap_or_default().0)
                .bind(written(t.units))
                .bind(written(t.nav))
                .bind(written(t.balance))
                .bind(ordinal)
                .bind(position)
                .bind(&statement.source)
                .bind(statement.now);
        }
        let done = query.execute(&mut *conn).await?;
        added += usize::try_from(done.rows_affected()).unwrap_or(0);
    }
    Ok(added)
}

/// Numbers the rows, and those alike in everything among themselves.
fn with_ordinals(transactions: &[Transaction]) -> Vec<(i64, i64, &Transaction)> {
    let mut seen: HashMap<_, i64> = HashMap::new();
    let numbered = (0..).zip(transactions).map(|(position, t)| {
        let alike = (t.date, t.kind, t.amount, t.units, t.balance);
        let ordinal = seen.entry(alike).or_default();
        *ordinal += 1;
        (position, *ordinal - 1, t)
    });
    numbered.collect()
}
