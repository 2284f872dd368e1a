//! Transactions: inserted, never changed.

use std::collections::HashMap;

use jiff::Timestamp;
use sqlx::Row;
use sqlx::any::AnyRow;

use super::{read, read_decimal, written};
use crate::id::{ContactId, Ids, TransactionId};
use crate::investing::matching::OnRecord;
use crate::investing::money::Paise;
use crate::investing::transaction::{Kind, Transaction};
use crate::storage::{Conn, Error, runs, sql, values};

const TABLE: &str = "transactions";

/// What [`transaction`] reads. A statement's amount of a redemption may still have the exit
/// load in it, which its order knows.
const COLUMNS: &str = "t.id, t.date, t.kind, t.amount + coalesce(o.load_in_amount, 0), t.units,
                t.nav, t.balance";
const TRANSACTIONS: &str = "transactions t
         left join transaction_orders o on o.transaction_id = t.id";

/// A transaction about to be recorded.
pub(in crate::investing) struct NewTransaction {
    pub(in crate::investing) transaction: Transaction,
    pub(in crate::investing) exit_load: Paise,
    pub(in crate::investing) position: i64,
    pub(in crate::investing) reverses: Option<String>,
}

/// A transaction of a portfolio.
pub(in crate::investing) struct Recorded {
    pub(in crate::investing) transaction: Transaction,
    /// Known from an order only: no statement has it yet.
    pub(in crate::investing) unconfirmed: bool,
}

/// By folio and scheme key.
pub(in crate::investing) type ByScheme = HashMap<(String, String), Vec<Recorded>>;

/// Lists a contact's transactions, oldest first.
pub(in crate::investing) async fn list(
    conn: &mut Conn,
    contact: ContactId,
) -> Result<ByScheme, Error> {
    let text = format!(
        "select {COLUMNS}, t.folio_id, t.scheme_key, t.source, c.transaction_id
         from {TRANSACTIONS}
         join folios f on f.id = t.folio_id
         left join transaction_confirmations c on c.transaction_id = t.id
         where f.contact_id = $1
         order by t.date, t.position, t.id"
    );
    let rows = sqlx::query(sql(text))
        .bind(contact.to_string())
        .fetch_all(conn)
        .await?;
    let mut found: ByScheme = HashMap::new();
    for row in rows {
        let source: &str = row.try_get(9)?;
        let confirmed: Option<String> = row.try_get(10)?;
        let unconfirmed = matches!(source, "order" | "reversal") && confirmed.is_none();
        let line = Recorded {
            transaction: transaction(&row)?,
            unconfirmed,
        };
        let place = (row.try_get(7)?, row.try_get(8)?);
        found.entry(place).or_default().push(line);
    }
    Ok(found)
}

/// A transaction in a list.
pub(in crate::investing) struct Line {
    pub(in crate::investing) id: String,
    pub(in crate::investing) folio: String,
    pub(in crate::investing) scheme: String,
    pub(in crate::investing) transaction: Transaction,
    pub(in crate::investing) source: String,
    pub(in crate::investing) reverses: Option<String>,
}

/// Lists a contact's transactions, newest first, from behind a day and an id on.
pub(in crate::investing) async fn list_page(
    conn: &mut Conn,
    contact: ContactId,
    after: Option<(String, String)>,
    most: u32,
) -> Result<Vec<Line>, Error> {
    // Behind every day there is, for the first page.
    let (day, id) = after.unwrap_or_else(|| ("9999-99-99".to_owned(), String::new()));
    let text = format!(
        "select {COLUMNS}, t.folio_id, s.name, t.source, t.reverses
         from {TRANSACTIONS}
         join folios f on f.id = t.folio_id
         join folio_schemes s on s.folio_id = t.folio_id and s.scheme_key = t.scheme_key
         where f.contact_id = $1 and (t.date < $2 or (t.date = $2 and t.id < $3))
         order by t.date desc, t.id desc limit $4"
    );
    let rows = sqlx::query(sql(text))
        .bind(contact.to_string())
        .bind(day)
        .bind(id)
        .bind(i64::from(most))
        .fetch_all(conn)
        .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Line {
                id: row.try_get(0)?,
                transaction: transaction(&row)?,
                folio: row.try_get(7)?,
                scheme: row.try_get(8)?,
                source: row.try_get(9)?,
                reverses: row.try_get(10)?,
            })
        })
        .collect()
}

/// Lists what is on record of one scheme in one folio.
pub(in crate::investing) async fn list_of_scheme(
    conn: &mut Conn,
    place: (&str, &str),
) -> Result<Vec<OnRecord>, Error> {
    let rows = list_sourced(conn, place).await?;
    Ok(rows.into_iter().map(|sourced| sourced.row).collect())
}

/// A movement on record, with who told of it.
pub(in crate::investing) struct Sourced {
    pub(in crate::investing) row: OnRecord,
    pub(in crate::investing) source: String,
    /// It is what an order became, whoever told of it.
    pub(in crate::investing) has_order: bool,
}

/// As [`list_of_scheme`], each with its source.
pub(in crate::investing) async fn list_sourced(
    conn: &mut Conn,
    (folio, key): (&str, &str),
) -> Result<Vec<Sourced>, Error> {
    let text = format!(
        "select {COLUMNS}, t.exit_load + coalesce(o.load_in_amount, 0), t.source, o.reference
         from {TRANSACTIONS}
         where t.folio_id = $1 and t.scheme_key = $2
         order by t.date, t.position, t.id"
    );
    let rows = sqlx::query(sql(text))
        .bind(folio)
        .bind(key)
        .fetch_all(conn)
        .await?;
    rows.into_iter()
        .map(|row| {
            let reference: Option<String> = row.try_get(9)?;
            let source: String = row.try_get(8)?;
            let has_order = reference.is_some();
            let on_record = OnRecord {
                id: row.try_get(0)?,
                transaction: transaction(&row)?,
                exit_load: Paise(row.try_get(7)?),
                of_order: has_order || matches!(&*source, "order" | "reversal"),
            };
            Ok(Sourced {
                row: on_record,
                source,
                has_order,
            })
        })
        .collect()
}

/// Reads the first seven columns of a row.
fn transaction(row: &AnyRow) -> Result<Transaction, Error> {
    let id: &str = row.try_get(0)?;
    let amount: i64 = row.try_get(3)?;
    let units = read_decimal(TABLE, id, row.try_get(4)?)?;
    let kind = Kind::from_word(row.try_get(2)?).unwrap_or(Kind::Unknown);
    Ok(Transaction {
        date: read(TABLE, id, row.try_get::<&str, _>(1)?)?,
        kind: kind.in_units(units),
        amount: (amount != 0).then_some(Paise(amount)),
        units,
        nav: read_decimal(TABLE, id, row.try_get(5)?)?,
        balance: read_decimal(TABLE, id, row.try_get(6)?)?,
    })
}

/// Records transactions of one scheme in one folio; returns their ids in order.
pub(in crate::investing) async fn insert(
    conn: &mut Conn,
    (folio, key): (&str, &str),
    source: &str,
    new: &[NewTransaction],
    (ids, now): (&Ids, Timestamp),
) -> Result<Vec<String>, Error> {
    let mut made = Vec::with_capacity(new.len());
    for run in runs(new) {
        let text = format!(
            "insert into transactions (id, folio_id, scheme_key, date, kind, amount, units, nav,
                 balance, exit_load, position, source, reverses, recorded_at)
             values {}",
            values(run.len(), 14)
        );
        let mut query = sqlx::query(sql(text));
        for one in run {
            let t = &one.transaction;
            let id = ids.next::<TransactionId>(now).to_string();
            query = query
                .bind(id.clone())
                .bind(folio)
                .bind(key)
                .bind(t.date.to_string())
                .bind(t.kind.as_str())
                .bind(t.amount.unwrap_or_default().0)
                .bind(written(t.units))
                .bind(written(t.nav))
                .bind(written(t.balance))
                .bind(one.exit_load.0)
                .bind(one.position)
                .bind(source)
                .bind(one.reverses.clone())
                .bind(now.as_millisecond());
            made.push(id);
        }
        query.execute(&mut *conn).await?;
    }
    Ok(made)
}

/// Records that a transaction is an order's, and how much of its exit load is still in its
/// amount; returns false if the order has one already.
pub(in crate::investing) async fn link_order(
    conn: &mut Conn,
    reference: &str,
    transaction: &str,
    load_in_amount: Paise,
) -> Result<bool, Error> {
    let done = sqlx::query(
        "insert into transaction_orders (reference, transaction_id, load_in_amount)
         values ($1, $2, $3) on conflict (reference) do nothing",
    )
    .bind(reference)
    .bind(transaction)
    .bind(load_in_amount.0)
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Records that an order became the same movement in another folio. One that is undone
/// stays with the row that undoes it.
pub(in crate::investing) async fn move_order(
    conn: &mut Conn,
    (from, into): (&str, &str),
    load_in_amount: Paise,
) -> Result<(), Error> {
    sqlx::query(
        "update transaction_orders set transaction_id = $2, load_in_amount = $3
          where transaction_id = $1
            and not exists (select 1 from transactions r where r.reverses = $1)",
    )
    .bind(from)
    .bind(into)
    .bind(load_in_amount.0)
    .execute(conn)
    .await?;
    Ok(())
}

/// Finds the transactions of an order or instalment: kind's word and transaction's id.
pub(in crate::investing) async fn list_of_order(
    conn: &mut Conn,
    references: &[String],
) -> Result<HashMap<String, String>, Error> {
    let mut found = HashMap::new();
    for reference in references {
        let id: Option<String> = sqlx::query_scalar(
            "select transaction_id from transaction_orders where reference = $1",
        )
        .bind(reference)
        .fetch_optional(&mut *conn)
        .await?;
        if let Some(id) = id {
            found.insert(reference.clone(), id);
        }
    }
    Ok(found)
}

/// Finds a transaction with its place and its day's position.
pub(in crate::investing) async fn find(
    conn: &mut Conn,
    id: &str,
) -> Result<Option<(String, String, Transaction)>, Error> {
    let text =
        format!("select {COLUMNS}, t.folio_id, t.scheme_key from {TRANSACTIONS} where t.id = $1");
    let row = sqlx::query(sql(text)).bind(id).fetch_optional(conn).await?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some((row.try_get(7)?, row.try_get(8)?, transaction(&row)?)))
}

/// Finds the transaction that undoes another.
pub(in crate::investing) async fn find_reversal(
    conn: &mut Conn,
    of: &str,
) -> Result<Option<String>, Error> {
    let found = sqlx::query_scalar("select id from transactions where reverses = $1")
        .bind(of)
        .fetch_optional(conn)
        .await?;
    Ok(found)
}

/// Records that a statement has these transactions of orders.
pub(in crate::investing) async fn confirm(
    conn: &mut Conn,
    transactions: &[String],
    (source, to): (&str, jiff::civil::Date),
    now: Timestamp,
) -> Result<(), Error> {
    for run in runs(transactions) {
        let text = format!(
            "insert into transaction_confirmations (transaction_id, source, statement_to,
                 confirmed_at)
             values {} on conflict do nothing",
            values(run.len(), 4)
        );
        let mut query = sqlx::query(sql(text));
        for id in run {
            query = query
                .bind(id)
                .bind(source)
                .bind(to.to_string())
                .bind(now.as_millisecond());
        }
        query.execute(&mut *conn).await?;
    }
    Ok(())
}

/// Records that a statement has a transaction of an order, if one has `same`, which is the
/// same movement in another folio.
pub(in crate::investing) async fn confirm_like(
    conn: &mut Conn,
    transaction: &str,
    same: &str,
    now: Timestamp,
) -> Result<(), Error> {
    sqlx::query(
        "insert into transaction_confirmations (transaction_id, source, statement_to,
             confirmed_at)
         select cast($1 as text), coalesce(c.source, t.source),
                coalesce(c.statement_to, s.statement_to), cast($3 as bigint)
           from transactions t
           join folio_schemes s on s.folio_id = t.folio_id and s.scheme_key = t.scheme_key
           left join transaction_confirmations c on c.transaction_id = t.id
          where t.id = $2 and coalesce(c.statement_to, s.statement_to) is not null
            and (c.transaction_id is not null or t.source not in ('order', 'reversal'))
         on conflict do nothing",
    )
    .bind(transaction)
    .bind(same)
    .bind(now.as_millisecond())
    .execute(conn)
    .await?;
    Ok(())
}
