//! Index levels.

use jiff::civil::Date;
use rust_decimal::Decimal;
use sqlx::Row;

use super::read;
use crate::investing::market::{IndexClose, name_of_today};
use crate::storage::{Conn, Error, runs, sql, values};

pub(in crate::investing) async fn insert(
    conn: &mut Conn,
    import: i64,
    closes: &[IndexClose],
) -> Result<(), Error> {
    let written = |number: Option<Decimal>| number.map(|n| n.to_string());
    for run in runs(closes) {
        let text = format!(
            "insert into index_closes (name, date, import_id, raw_name, close, pe, pb,
                 dividend_yield)
             values {} on conflict do nothing",
            values(run.len(), 8)
        );
        let mut query = sqlx::query(sql(text));
        for close in run {
            query = query
                .bind(key(&close.name))
                .bind(close.date.to_string())
                .bind(import)
                .bind(&close.raw_name)
                .bind(close.close.to_string())
                .bind(written(close.pe))
                .bind(written(close.pb))
                .bind(written(close.dividend_yield));
        }
        query.execute(&mut *conn).await?;
    }
    Ok(())
}

/// Returns an index of one day, with its source.
pub(in crate::investing) async fn find(
    conn: &mut Conn,
    name: &str,
    on: Date,
) -> Result<Option<(IndexClose, String)>, Error> {
    let found = find_latest(conn, name, on).await?;
    Ok(found.filter(|(close, _)| close.date == on))
}

/// Returns the last level of an index up to `on`, with its source.
pub(in crate::investing) async fn find_latest(
    conn: &mut Conn,
    name: &str,
    on: Date,
) -> Result<Option<(IndexClose, String)>, Error> {
    let row = sqlx::query(
        "select c.raw_name, c.date, c.close, c.pe, c.pb, c.dividend_yield, i.source
         from index_closes c join reference_imports i on i.id = c.import_id
         where c.name = $1 and c.date <= $2 and i.finished_at is not null
         order by c.date desc, c.import_id desc limit 1",
    )
    .bind(key(name))
    .bind(on.to_string())
    .fetch_optional(conn)
    .await?;
    let Some(row) = row else {
        return Ok(None);
    };
    Ok(Some((close_of(&row)?, row.try_get(6)?)))
}

/// Returns whether any level of a day is on record.
pub(in crate::investing) async fn has_day(conn: &mut Conn, on: Date) -> Result<bool, Error> {
    let found: Option<i64> = sqlx::query_scalar(
        "select c.import_id from index_closes c join reference_imports i on i.id = c.import_id
         where c.date = $1 and i.finished_at is not null limit 1",
    )
    .bind(on.to_string())
    .fetch_optional(conn)
    .await?;
    Ok(found.is_some())
}

/// Lists the levels of an index from `from` to `to`, in order of days; of a day that was
/// corrected the last word.
pub(in crate::investing) async fn list(
    conn: &mut Conn,
    name: &str,
    from: Date,
    to: Date,
) -> Result<Vec<IndexClose>, Error> {
    let rows = sqlx::query(
        "select c.raw_name, c.date, c.close, c.pe, c.pb, c.dividend_yield
         from index_closes c join reference_imports i on i.id = c.import_id
         where c.name = $1 and c.date >= $2 and c.date <= $3 and i.finished_at is not null
         order by c.date, c.import_id",
    )
    .bind(key(name))
    .bind(from.to_string())
    .bind(to.to_string())
    .fetch_all(conn)
    .await?;
    let mut closes: Vec<IndexClose> = Vec::with_capacity(rows.len());
    for row in &rows {
        let close = close_of(row)?;
        match closes.last_mut() {
            Some(last) if last.date == close.date => *last = close,
            _ => closes.push(close),
        }
    }
    Ok(closes)
}

fn close_of(row: &sqlx::any::AnyRow) -> Result<IndexClose, Error> {
    let raw_name: String = row.try_get(0)?;
    let ratio = |at: usize| -> Result<Option<Decimal>, Error> {
        let text: Option<String> = row.try_get(at)?;
        text.map(|text| read("index_closes", &raw_name, &text))
            .transpose()
    };
    Ok(IndexClose {
        name: name_of_today(&raw_name),
        date: read("index_closes", &raw_name, row.try_get::<&str, _>(1)?)?,
        close: read("index_closes", &raw_name, row.try_get::<&str, _>(2)?)?,
        pe: ratio(3)?,
        pb: ratio(4)?,
        dividend_yield: ratio(5)?,
        raw_name,
    })
}

/// Files write an index now in capitals and now not.
fn key(name: &str) -> String {
    name.to_lowercase()
}
