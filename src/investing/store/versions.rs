//! Puts what a statement says of a scheme, or another record of the same folio, beside what
//! is on record of it.
//!
//! What is there already is left, and what is new is added. Of two versions of one movement
//! the newer statement's counts, whichever of the two comes first: the older one is undone by
//! a row beside it, or is not added at all.

use jiff::Timestamp;
use jiff::civil::Date;
use sqlx::Row as _;

use super::read;
use super::transactions::{self, NewTransaction};
use crate::id::Ids;
use crate::investing::matching::{self, OnRecord, Stated};
use crate::storage::{Conn, Error};

/// How what is put on record stands to the newest statement of the scheme.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// It is of the newest one.
    Newest,
    /// A newer one is on record.
    Older,
    /// More of a statement that has the scheme twice: neither part corrects the other.
    Part,
}

/// A movement to put on record.
#[derive(Debug, Clone, Copy)]
pub(super) struct Line<'a> {
    pub(super) stated: Stated<'a>,
    pub(super) source: &'a str,
}

/// What came of it.
#[derive(Debug, Default)]
pub(super) struct Put {
    pub(super) added: usize,
    /// Rows on record of which these lines have another, newer version.
    pub(super) corrected: usize,
    /// Rows of orders that are among the lines.
    pub(super) of_orders: Vec<String>,
}

/// Puts lines on record.
pub(super) async fn put(
    conn: &mut Conn,
    place: (&str, &str),
    lines: &[Line<'_>],
    standing: Standing,
    made: (&Ids, Timestamp),
) -> Result<Put, Error> {
    let mut on_record = transactions::list_of_scheme(conn, place).await?;
    if standing == Standing::Newest {
        // What was replaced once and is said again counts again.
        on_record.retain(|row| !row.is_superseded);
    }
    let stated: Vec<_> = lines.iter().map(|line| line.stated).collect();
    let pairs = matching::pair(&on_record, &stated);
    let versions = matching::versions(&on_record, &stated, &pairs);
    let mut put = Put::default();
    let mut outdated = Vec::new();
    if standing == Standing::Newest {
        let source = versions.stated.first().map(|at| lines[*at].source);
        let wrong: Vec<_> = versions
            .on_record
            .iter()
            .map(|at| &on_record[*at])
            .collect();
        undo(conn, place, (source.unwrap_or_default(), &wrong), made).await?;
        put.corrected = wrong.len();
    } else if standing == Standing::Older
        && let Some((from, to)) = listed_days(conn, place).await?
    {
        let is_known = |at: &usize| (from..=to).contains(&stated[*at].transaction.date);
        outdated = versions.stated.into_iter().filter(is_known).collect();
    }
    let mut new = Vec::new();
    for (at, known) in pairs.into_iter().enumerate() {
        match known {
            Some(known) if on_record[known].of_order => {
                put.of_orders.push(on_record[known].id.clone());
            }
            None if !outdated.contains(&at) => new.push(at),
            _ => {}
        }
    }
    put.added = new.len();
    for run in new.chunk_by(|a, b| lines[*a].source == lines[*b].source) {
        let rows: Vec<_> = run.iter().map(|at| row(*at, &stated[*at])).collect();
        transactions::insert(conn, place, lines[run[0]].source, &rows, made).await?;
    }
    Ok(put)
}

fn row(position: usize, stated: &Stated<'_>) -> NewTransaction {
    NewTransaction {
        transaction: stated.transaction.clone(),
        exit_load: stated.exit_load,
        position: i64::try_from(position).unwrap_or(i64::MAX),
        reverses: None,
    }
}

/// Undoes rows by others of the same day: they never happened.
async fn undo(
    conn: &mut Conn,
    place: (&str, &str),
    (source, wrong): (&str, &[&OnRecord]),
    made: (&Ids, Timestamp),
) -> Result<(), Error> {
    let rows = (0..).zip(wrong).map(|(position, row)| {
        let undone = &row.transaction;
        NewTransaction::undoing((&row.id, undone), undone.date, position)
    });
    let rows: Vec<_> = rows.collect();
    transactions::insert(conn, place, source, &rows, made).await?;
    Ok(())
}

/// Returns the days whose movements the newest statement of a scheme lists; a summary lists
/// none.
async fn listed_days(
    conn: &mut Conn,
    (folio, key): (&str, &str),
) -> Result<Option<(Date, Date)>, Error> {
    let found = sqlx::query(
        "select statement_from, statement_to from folio_schemes
          where folio_id = $1 and scheme_key = $2
            and statement_to is not null and statement_detailed = 1",
    )
    .bind(folio)
    .bind(key)
    .fetch_optional(conn)
    .await?;
    let Some(found) = found else { return Ok(None) };
    let day =
        |at: usize| -> Result<Date, Error> { read("folio_schemes", folio, found.try_get(at)?) };
    Ok(Some((day(0)?, day(1)?)))
}
