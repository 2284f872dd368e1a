//! Schemes, NAVs and the imports they came with.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use sqlx::Row;

use super::read;
use super::reference::again;
use crate::clock::ist;
use crate::investing::amfi::{Listed, latest_day};
use crate::investing::scheme::{Isin, Nav, OptionKind, Plan, Scheme, SchemeCode};
use crate::storage::{Conn, Error, runs, sql, values};

const PLANS: &[(Plan, &str)] = &[
    (Plan::Regular, "regular"),
    (Plan::Direct, "direct"),
    (Plan::Unknown, "unknown"),
];

const OPTIONS: &[(OptionKind, &str)] = &[
    (OptionKind::Growth, "growth"),
    (OptionKind::Idcw, "idcw"),
    (OptionKind::Bonus, "bonus"),
    (OptionKind::Other, "other"),
];

/// The import the catalog is of.
pub(in crate::investing) struct Current {
    pub(in crate::investing) sha256: String,
    pub(in crate::investing) rows: usize,
    pub(in crate::investing) report: String,
}

/// Which file of NAVs it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::investing) enum FileKind {
    /// AMFI's list of the day.
    Latest,
    /// AMFI's history report.
    History,
    /// Somebody else's history.
    Backfill,
}

impl FileKind {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Latest => "latest",
            Self::History => "history",
            Self::Backfill => "backfill",
        }
    }
}

/// An import about to be written.
pub(in crate::investing) struct NewImport {
    pub(in crate::investing) kind: FileKind,
    pub(in crate::investing) source: String,
    pub(in crate::investing) sha256: String,
    pub(in crate::investing) rows: i64,
    pub(in crate::investing) report: String,
    pub(in crate::investing) now: i64,
}

pub(in crate::investing) async fn find_current(conn: &mut Conn) -> Result<Option<Current>, Error> {
    let row = sqlx::query(
        "select sha256, row_count, report from nav_imports
         where finished_at is not null and kind = 'latest' order by id desc limit 1",
    )
    .fetch_optional(conn)
    .await?;
    let Some(row) = row else {
        return Ok(None);
    };
    Ok(Some(Current {
        sha256: row.try_get(0)?,
        rows: usize::try_from(row.try_get::<i64, _>(1)?).unwrap_or(0),
        report: row.try_get(2)?,
    }))
}

/// The imports that are finished, of whatever kind: of two that overlap the earlier may
/// finish last, so that neither number alone tells them from those of another time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::investing) struct Finished {
    pub(in crate::investing) count: i64,
    pub(in crate::investing) newest: i64,
}

impl Finished {
    /// Returns what there is once one more is finished, and nothing else.
    pub(in crate::investing) fn with(self, import: i64) -> Self {
        Self {
            count: self.count + 1,
            newest: self.newest.max(import),
        }
    }
}

/// Returns which imports are finished.
pub(in crate::investing) async fn finished(conn: &mut Conn) -> Result<Finished, Error> {
    let row = sqlx::query(
        "select count(*), cast(coalesce(max(id), 0) as bigint) from nav_imports
         where finished_at is not null",
    )
    .fetch_one(conn)
    .await?;
    Ok(Finished {
        count: row.try_get(0)?,
        newest: row.try_get(1)?,
    })
}

/// Lists the NAVs of a scheme from `from` to `to`, both included, in order of days; of a
/// day that was revised the last word.
pub(in crate::investing) async fn list_series(
    conn: &mut Conn,
    code: SchemeCode,
    from: Date,
    to: Date,
) -> Result<Vec<Nav>, Error> {
    let rows = sqlx::query(
        "select n.date, n.nav from navs n join nav_imports i on i.id = n.import_id
         where n.code = $1 and n.date >= $2 and n.date <= $3 and i.finished_at is not null
         order by n.date, n.import_id",
    )
    .bind(i64::from(code.0))
    .bind(from.to_string())
    .bind(to.to_string())
    .fetch_all(conn)
    .await?;
    series_of(code, &rows)
}

/// Returns the newest NAV of a scheme up to `on`.
pub(in crate::investing) async fn find_nav(
    conn: &mut Conn,
    code: SchemeCode,
    on: Date,
) -> Result<Option<Nav>, Error> {
    let rows = sqlx::query(
        "select n.date, n.nav from navs n join nav_imports i on i.id = n.import_id
         where n.code = $1 and n.date <= $2 and i.finished_at is not null
         order by n.date desc, n.import_id desc limit 1",
    )
    .bind(i64::from(code.0))
    .bind(on.to_string())
    .fetch_all(conn)
    .await?;
    Ok(series_of(code, &rows)?.pop())
}

fn series_of(code: SchemeCode, rows: &[sqlx::any::AnyRow]) -> Result<Vec<Nav>, Error> {
    let mut series: Vec<Nav> = Vec::with_capacity(rows.len());
    let name = code.to_string();
    for row in rows {
        let nav = Nav {
            date: read("navs", &name, row.try_get::<&str, _>(0)?)?,
            value: read("navs", &name, row.try_get::<&str, _>(1)?)?,
        };
        match series.last_mut() {
            Some(last) if last.date == nav.date => *last = nav,
            _ => series.push(nav),
        }
    }
    Ok(series)
}

/// Opens an import and returns its id, higher than every one before.
pub(in crate::investing) async fn insert_import(
    conn: &mut Conn,
    import: &NewImport,
) -> Result<i64, Error> {
    let id = sqlx::query_scalar(
        "insert into nav_imports (id, kind, source, sha256, row_count, report, started_at)
         select coalesce(max(id), 0) + 1, cast($1 as text), cast($2 as text), cast($3 as text),
                cast($4 as bigint), cast($5 as text), cast($6 as bigint)
         from nav_imports
         returning id",
    )
    .bind(import.kind.as_str())
    .bind(&import.source)
    .bind(&import.sha256)
    .bind(import.rows)
    .bind(&import.report)
    .bind(import.now)
    .fetch_one(conn)
    .await
    .map_err(again)?;
    Ok(id)
}

/// Makes an import count.
pub(in crate::investing) async fn finish_import(
    conn: &mut Conn,
    id: i64,
    now: i64,
) -> Result<(), Error> {
    let done = sqlx::query(
        "update nav_imports set finished_at = $2 where id = $1 and finished_at is null",
    )
    .bind(id)
    .bind(now)
    .execute(conn)
    .await?;
    if done.rows_affected() == 1 {
        Ok(())
    } else {
        Err(Error::Conflict("the NAV import"))
    }
}

pub(in crate::investing) async fn insert_schemes(
    conn: &mut Conn,
    import: i64,
    schemes: &[Listed],
) -> Result<(), Error> {
    for run in runs(schemes) {
        let text = format!(
            "insert into schemes (code, import_id, name, plan, option_kind, option_text, amc,
                 category, isin, isin_reinvestment)
             values {}",
            values(run.len(), 10)
        );
        let mut query = sqlx::query(sql(text));
        for Listed { scheme, isins } in run {
            query = query
                .bind(i64::from(scheme.code.0))
                .bind(import)
                .bind(&scheme.name)
                .bind(word(PLANS, scheme.plan))
                .bind(word(OPTIONS, scheme.option))
                .bind(&scheme.option_text)
                .bind(&scheme.amc)
                .bind(&scheme.category)
                .bind(isins[0].map(|isin| isin.as_str().to_owned()))
                .bind(isins[1].map(|isin| isin.as_str().to_owned()));
        }
        query.execute(&mut *conn).await?;
    }
    Ok(())
}

pub(in crate::investing) async fn insert_navs(
    conn: &mut Conn,
    import: i64,
    navs: &[(SchemeCode, Nav)],
) -> Result<(), Error> {
    for run in runs(navs) {
        let text = format!(
            "insert into navs (code, date, import_id, nav) values {}",
            values(run.len(), 4)
        );
        let mut query = sqlx::query(sql(text));
        for (code, nav) in run {
            query = query
                .bind(i64::from(code.0))
                .bind(nav.date.to_string())
                .bind(import)
                .bind(nav.value.to_string());
        }
        query.execute(&mut *conn).await?;
    }
    Ok(())
}

/// Lists every scheme of the finished imports as it is now, with its newest NAV: one dated
/// too far after the newest import is none.
pub(in crate::investing) async fn list_schemes(conn: &mut Conn) -> Result<Vec<Listed>, Error> {
    let last = latest_day(newest_day(conn).await?);
    let rows = sqlx::query(
        "select s.code, s.name, s.plan, s.option_kind, s.option_text, s.amc, s.category,
                s.isin, s.isin_reinvestment
         from schemes s join nav_imports i on i.id = s.import_id
         where i.finished_at is not null
         order by s.code, s.import_id",
    )
    .fetch_all(&mut *conn)
    .await?;
    let mut schemes = BTreeMap::new();
    for row in rows {
        let id: i64 = row.try_get(0)?;
        let code = code(id)?;
        let isin = |text: Option<String>| text.and_then(|text| Isin::parse(&text));
        let scheme = Scheme {
            code,
            name: row.try_get(1)?,
            plan: from_word(PLANS, row.try_get(2)?).unwrap_or(Plan::Unknown),
            option: from_word(OPTIONS, row.try_get(3)?).unwrap_or(OptionKind::Other),
            option_text: row.try_get(4)?,
            amc: row.try_get(5)?,
            category: row.try_get(6)?,
            nav: None,
        };
        let isins = [isin(row.try_get(7)?), isin(row.try_get(8)?)];
        schemes.insert(code, Listed { scheme, isins });
    }
    let rows = sqlx::query(
        // The newest day of each code is looked up in the key, however long its history.
        "select n.code, n.date, n.nav
         from (select distinct code from schemes) listed
         join navs n on n.code = listed.code and n.date = (
              select d.date from navs d
              where d.code = listed.code and d.date <= $1
                and exists (select 1 from nav_imports f
                            where f.id = d.import_id and f.finished_at is not null)
              order by d.date desc limit 1)
         join nav_imports i on i.id = n.import_id
         where i.finished_at is not null
         order by n.code, n.import_id",
    )
    .bind(last.to_string())
    .fetch_all(conn)
    .await?;
    for row in rows {
        let id: i64 = row.try_get(0)?;
        let name = id.to_string();
        let nav = Nav {
            date: read("navs", &name, row.try_get::<&str, _>(1)?)?,
            value: read("navs", &name, row.try_get::<&str, _>(2)?)?,
        };
        if let Some(listed) = schemes.get_mut(&code(id)?) {
            listed.scheme.nav = Some(nav);
        }
    }
    Ok(schemes.into_values().collect())
}

/// Returns the day of the newest import.
async fn newest_day(conn: &mut Conn) -> Result<Date, Error> {
    let newest = sqlx::query_scalar(
        "select cast(coalesce(max(started_at), 0) as bigint) from nav_imports
         where finished_at is not null",
    );
    let newest: i64 = newest.fetch_one(conn).await?;
    let newest = Timestamp::from_millisecond(newest).map_err(|_| Error::Damaged {
        table: "nav_imports",
        row: newest.to_string(),
        what: "its `started_at` is out of range".to_owned(),
    })?;
    Ok(newest.to_zoned(ist()).date())
}

fn code(id: i64) -> Result<SchemeCode, Error> {
    let code = u32::try_from(id).map_err(|_| Error::Damaged {
        table: "schemes",
        row: id.to_string(),
        what: "its code is out of range".to_owned(),
    })?;
    Ok(SchemeCode(code))
}

fn word<T: PartialEq + Copy>(table: &[(T, &'static str)], value: T) -> &'static str {
    let row = table.iter().find(|(other, _)| *other == value);
    row.map(|(_, word)| *word)
        .expect("the table lists every value")
}

fn from_word<T: Copy>(table: &[(T, &str)], text: &str) -> Option<T> {
    let row = table.iter().find(|(_, word)| *word == text);
    row.map(|(value, _)| *value)
}
