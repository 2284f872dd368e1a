//! NAVs of days gone by. The last value imported for a day counts.

use jiff::civil::Date;
use sqlx::Row;

use super::read;
use crate::investing::scheme::{Nav, SchemeCode};
use crate::storage::{Conn, Error};

const TABLE: &str = "navs";

/// Finds a scheme's NAV of a day, or of the last day before it that has one.
pub(in crate::investing) async fn find(
    conn: &mut Conn,
    scheme: SchemeCode,
    day: Date,
) -> Result<Option<Nav>, Error> {
    let row = sqlx::query(
        "select n.date, n.nav
         from navs n join nav_imports i on i.id = n.import_id
         where n.code = $1 and n.date <= $2 and i.finished_at is not null
         order by n.date desc, n.import_id desc limit 1",
    )
    .bind(i64::from(scheme.0))
    .bind(day.to_string())
    .fetch_optional(conn)
    .await?;
    row.map(|row| nav(scheme, &row)).transpose()
}

/// Lists a scheme's NAVs, oldest first; of a day that was revised each value, the one
/// that counts last.
pub(in crate::investing) async fn list(
    conn: &mut Conn,
    scheme: SchemeCode,
) -> Result<Vec<Nav>, Error> {
    let rows = sqlx::query(
        "select n.date, n.nav
         from navs n join nav_imports i on i.id = n.import_id
         where n.code = $1 and i.finished_at is not null
         order by n.date, n.import_id",
    )
    .bind(i64::from(scheme.0))
    .fetch_all(conn)
    .await?;
    rows.iter().map(|row| nav(scheme, row)).collect()
}

fn nav(scheme: SchemeCode, row: &sqlx::any::AnyRow) -> Result<Nav, Error> {
    let name = scheme.to_string();
    Ok(Nav {
        date: read(TABLE, &name, row.try_get::<&str, _>(0)?)?,
        value: read(TABLE, &name, row.try_get::<&str, _>(1)?)?,
    })
}
