//! Scheme rules, holiday lists, and the imports they came with.

use sqlx::Row;

use crate::investing::rules::SchemeRules;
use crate::storage::{Conn, Error, runs, sql, values};

/// Which reference data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::investing) enum Kind {
    SchemeRules,
    Calendar,
    IndexCloses,
}

impl Kind {
    const fn as_str(self) -> &'static str {
        match self {
            Self::SchemeRules => "scheme_rules",
            Self::Calendar => "calendar",
            Self::IndexCloses => "index_closes",
        }
    }
}

/// An import about to be written.
pub(in crate::investing) struct NewImport {
    kind: Kind,
    source: String,
    sha256: String,
    rows: i64,
    now: i64,
}

impl NewImport {
    pub(in crate::investing) fn new(
        kind: Kind,
        source: &str,
        sha256: String,
        rows: usize,
        now: jiff::Timestamp,
    ) -> Self {
        Self {
            kind,
            source: source.to_owned(),
            sha256,
            rows: i64::try_from(rows).unwrap_or(i64::MAX),
            now: now.as_millisecond(),
        }
    }
}

/// Opens an import and returns its id, higher than every one before.
pub(in crate::investing) async fn insert_import(
    conn: &mut Conn,
    import: &NewImport,
) -> Result<i64, Error> {
    let id = sqlx::query_scalar(
        "insert into reference_imports (id, kind, source, sha256, row_count, started_at)
         select coalesce(max(id), 0) + 1, cast($1 as text), cast($2 as text), cast($3 as text),
                cast($4 as bigint), cast($5 as bigint)
         from reference_imports
         returning id",
    )
    .bind(import.kind.as_str())
    .bind(&import.source)
    .bind(&import.sha256)
    .bind(import.rows)
    .bind(import.now)
    .fetch_one(conn)
    .await
    .map_err(again)?;
    Ok(id)
}

/// An import that takes the next number at the same time takes it first.
pub(super) fn again(error: sqlx::Error) -> Error {
    match Error::from(error) {
        error if error.is_taken() => Error::Again("the number of an import"),
        error => error,
    }
}

/// Makes an import count.
pub(in crate::investing) async fn finish_import(
    conn: &mut Conn,
    id: i64,
    now: i64,
) -> Result<(), Error> {
    let done = sqlx::query(
        "update reference_imports set finished_at = $2 where id = $1 and finished_at is null",
    )
    .bind(id)
    .bind(now)
    .execute(conn)
    .await?;
    if done.rows_affected() == 1 {
        Ok(())
    } else {
        Err(Error::Conflict("the import"))
    }
}

/// Returns a number that grows with each import that is finished: of two that overlap the
/// earlier may finish last. 0 before the first.
pub(in crate::investing) async fn newest(conn: &mut Conn) -> Result<i64, Error> {
    let newest = sqlx::query_scalar(
        "select cast(count(*) + coalesce(max(id), 0) as bigint) from reference_imports
         where finished_at is not null",
    )
    .fetch_one(conn)
    .await?;
    Ok(newest)
}

pub(in crate::investing) async fn insert_rules(
    conn: &mut Conn,
    import: i64,
    rules: &[SchemeRules],
) -> Result<(), Error> {
    for run in runs(rules) {
        let text = format!(
            "insert into scheme_rules (code, effective_from, import_id, rules) values {}",
            values(run.len(), 4)
        );
        let mut query = sqlx::query(sql(text));
        for rules in run {
            query = query
                .bind(i64::from(rules.code.0))
                .bind(rules.from.to_string())
                .bind(import)
                .bind(serde_json::to_string(rules).expect("rules are always JSON"));
        }
        query.execute(&mut *conn).await?;
    }
    Ok(())
}

/// Lists all rules of finished imports, the oldest import first.
pub(in crate::investing) async fn list_rules(conn: &mut Conn) -> Result<Vec<SchemeRules>, Error> {
    let rows = sqlx::query(
        "select r.code, r.rules from scheme_rules r join reference_imports i on i.id = r.import_id
         where i.finished_at is not null order by r.import_id",
    )
    .fetch_all(conn)
    .await?;
    let read = |row: &sqlx::any::AnyRow| {
        let code: i64 = row.try_get(0)?;
        let text: &str = row.try_get(1)?;
        serde_json::from_str(text).map_err(|error| Error::Damaged {
            table: "scheme_rules",
            row: code.to_string(),
            what: error.to_string(),
        })
    };
    rows.iter().map(read).collect()
}

pub(in crate::investing) async fn insert_year(
    conn: &mut Conn,
    import: i64,
    year: i16,
    content: &str,
) -> Result<(), Error> {
    sqlx::query("insert into calendar_years (year, import_id, content) values ($1, $2, $3)")
        .bind(i64::from(year))
        .bind(import)
        .bind(content)
        .execute(conn)
        .await?;
    Ok(())
}

/// Lists the lists of finished imports, the oldest import first.
pub(in crate::investing) async fn list_years(conn: &mut Conn) -> Result<Vec<(i64, String)>, Error> {
    let rows = sqlx::query(
        "select y.year, y.content from calendar_years y
         join reference_imports i on i.id = y.import_id
         where i.finished_at is not null order by y.import_id",
    )
    .fetch_all(conn)
    .await?;
    let read = |row: &sqlx::any::AnyRow| Ok((row.try_get(0)?, row.try_get(1)?));
    rows.iter().map(read).collect()
}
