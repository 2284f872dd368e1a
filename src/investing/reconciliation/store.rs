//! What reconciliation found, in the database.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::civil::Date;
use sqlx::Row;

use rust_decimal::Decimal;

use super::{BookedTransaction, Finding, FindingKind};
use crate::id::{AttentionId, ContactId, FindingId, Ids};
use crate::investing::ledger::Units;
use crate::investing::money::Paise;
use crate::investing::portfolio::BOOKED_WITHIN;
use crate::investing::scheme::SchemeCode;
use crate::people;
use crate::storage::{Conn, Error};

/// What writing findings came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Written {
    /// Not there the last time.
    pub new: usize,
    /// There the last time, and gone.
    pub closed: usize,
    /// Whether the investor's money was paused by it.
    pub paused: bool,
}

/// A finding on record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredFinding {
    /// Its id.
    pub id: FindingId,
    /// Whose.
    pub contact: ContactId,
    /// What.
    pub finding: Finding,
    /// When it was first found.
    pub found_at: Timestamp,
}

/// Writes what was found about one investor this time: new findings are put before a
/// person and pause the investor's money; those that are gone are closed. A finding that
/// was there before opens nothing again, so that a person's release holds.
pub async fn write_findings(
    conn: &mut Conn,
    ids: &Ids,
    contact: ContactId,
    found: &[Finding],
    now: Timestamp,
) -> Result<Written, Error> {
    let who = contact.to_string();
    let open = open_keys(conn, &who).await?;
    let mut written = Written::default();
    let mut first: Option<&Finding> = None;
    for finding in found {
        let inserted = sqlx::query(
            "insert into reconciliation_findings (id, contact_id, kind, subject, detail, found_at)
             values ($1, $2, $3, $4, $5, $6) on conflict do nothing",
        )
        .bind(ids.next::<FindingId>(now).to_string())
        .bind(&who)
        .bind(finding.kind.as_str())
        .bind(&finding.subject)
        .bind(&finding.detail)
        .bind(now.as_millisecond())
        .execute(&mut *conn)
        .await?;
        if inserted.rows_affected() == 0 {
            continue;
        }
        written.new += 1;
        first.get_or_insert(finding);
        sqlx::query(
            "insert into attention (id, kind, subject, detail, opened_at)
             values ($1, 'reconciliation', $2, $3, $4) on conflict do nothing",
        )
        .bind(ids.next::<AttentionId>(now).to_string())
        .bind(format!("{who} {} {}", finding.kind, finding.subject))
        .bind(&finding.detail)
        .bind(now.as_millisecond())
        .execute(&mut *conn)
        .await?;
    }
    let still: BTreeSet<_> = found
        .iter()
        .map(|f| (f.kind.as_str().to_owned(), f.subject.clone()))
        .collect();
    for (kind, subject) in open.difference(&still) {
        close(conn, &who, kind, subject, now).await?;
        written.closed += 1;
    }
    if let Some(first) = first {
        let reason = format!("reconciliation: {} of {}", first.kind, first.subject);
        let paused = people::store::pause_money(conn, ids, contact, &reason, "system", now);
        written.paused = paused.await?;
    }
    Ok(written)
}

async fn open_keys(conn: &mut Conn, who: &str) -> Result<BTreeSet<(String, String)>, Error> {
    let rows = sqlx::query(
        "select kind, subject from reconciliation_findings
          where contact_id = $1 and closed_at is null",
    )
    .bind(who)
    .fetch_all(conn)
    .await?;
    rows.iter()
        .map(|row| Ok((row.try_get(0)?, row.try_get(1)?)))
        .collect()
}

async fn close(
    conn: &mut Conn,
    who: &str,
    kind: &str,
    subject: &str,
    now: Timestamp,
) -> Result<(), Error> {
    sqlx::query(
        "update reconciliation_findings set closed_at = $4
          where contact_id = $1 and kind = $2 and subject = $3 and closed_at is null",
    )
    .bind(who)
    .bind(kind)
    .bind(subject)
    .bind(now.as_millisecond())
    .execute(&mut *conn)
    .await?;
    sqlx::query(
        "update attention set resolved_at = $2
          where kind = 'reconciliation' and subject = $1 and resolved_at is null",
    )
    .bind(format!("{who} {kind} {subject}"))
    .bind(now.as_millisecond())
    .execute(conn)
    .await?;
    Ok(())
}

/// Lists findings that are open, oldest first.
pub async fn list_findings(conn: &mut Conn) -> Result<Vec<StoredFinding>, Error> {
    let rows = sqlx::query(
        "select id, contact_id, kind, subject, detail, found_at
           from reconciliation_findings where closed_at is null order by id",
    )
    .fetch_all(conn)
    .await?;
    rows.iter()
        .map(|row| {
            let id: String = row.try_get(0)?;
            let damaged = |what: &str| Error::Damaged {
                table: "reconciliation_findings",
                row: id.clone(),
                what: what.to_owned(),
            };
            let (contact, kind): (String, String) = (row.try_get(1)?, row.try_get(2)?);
            Ok(StoredFinding {
                id: id.parse().map_err(|_| damaged("its id does not read"))?,
                contact: contact
                    .parse()
                    .map_err(|_| damaged("its contact does not read"))?,
                finding: Finding {
                    kind: FindingKind::parse(&kind).ok_or_else(|| damaged("unknown kind"))?,
                    subject: row.try_get(3)?,
                    detail: row.try_get(4)?,
                },
                found_at: Timestamp::from_millisecond(row.try_get(5)?)
                    .map_err(|_| damaged("its time does not read"))?,
            })
        })
        .collect()
}

/// Returns a page of contacts with anything to compare, after the last of the page before.
pub(super) async fn contacts_with_books(
    conn: &mut Conn,
    after: &str,
    most: i64,
) -> Result<Vec<ContactId>, Error> {
    let found: Vec<String> = sqlx::query_scalar(
        "select contact_id
           from (select distinct contact_id from ledger_entries
                  where contact_id > $1 order by contact_id limit $2) as booked
          union
         select contact_id
           from (select contact_id from investors
                  where contact_id > $1 order by contact_id limit $2) as known
          order by contact_id limit $2",
    )
    .bind(after)
    .bind(most)
    .fetch_all(conn)
    .await?;
    found
        .iter()
        .map(|id| {
            id.parse().map_err(|_| Error::Damaged {
                table: "contacts",
                row: id.clone(),
                what: "its id does not read".to_owned(),
            })
        })
        .collect()
}

/// Returns the transactions of a contact's orders that moved units, without those undone.
pub(super) async fn list_transactions(
    conn: &mut Conn,
    contact: ContactId,
) -> Result<Vec<BookedTransaction>, Error> {
    let rows = sqlx::query(
        "select t.id, o.reference, s.amfi_code, t.units, t.amount + o.load_in_amount,
                cast(case when t.source = 'order' and s.statement_detailed = 1
                      and t.date >= s.statement_from
                      and not exists (select 1 from transaction_confirmations c
                                       where c.transaction_id = t.id)
                     then 1 else 0 end as bigint),
                t.date, s.statement_to, t.source
           from transaction_orders o
           join transactions t on t.id = o.transaction_id
           join folios f on f.id = t.folio_id
           join folio_schemes s on s.folio_id = t.folio_id and s.scheme_key = t.scheme_key
          where f.contact_id = $1 and t.units <> ''
            and not exists (select 1 from transactions r where r.reverses = t.id)
          order by t.id",
    )
    .bind(contact.to_string())
    .fetch_all(conn)
    .await?;
    rows.iter()
        .map(|row| {
            let id: String = row.try_get(0)?;
            let damaged = |what: &str| Error::Damaged {
                table: "transactions",
                row: id.clone(),
                what: what.to_owned(),
            };
            let reference: String = row.try_get(1)?;
            let (order, _) = reference
                .split_once(':')
                .ok_or_else(|| damaged("its order's reference does not read"))?;
            let day = |text: &str| {
                text.parse::<Date>()
                    .map_err(|_| damaged("a date does not read"))
            };
            let date = day(row.try_get(6)?)?;
            let to: Option<String> = row.try_get(7)?;
            let to = to.as_deref().map(day).transpose()?;
            // It may have been printed before its last days were booked.
            let is_overdue = to.is_some_and(|to| (to - date).get_days() > BOOKED_WITHIN);
            let code: Option<i64> = row.try_get(2)?;
            let code = code.and_then(|code| u32::try_from(code).ok());
            let units: String = row.try_get(3)?;
            let units = units.parse::<Decimal>().ok().and_then(Units::exact);
            Ok(BookedTransaction {
                order: order.to_owned(),
                scheme: code
                    .map(SchemeCode)
                    .ok_or_else(|| damaged("an order's scheme without AMFI's code"))?,
                units: units.ok_or_else(|| damaged("its units do not read"))?,
                amount: Paise(row.try_get(4)?),
                is_stated: row.try_get::<&str, _>(8)? != "order",
                is_missing_on_statement: is_overdue && row.try_get::<i64, _>(5)? == 1,
                id,
            })
        })
        .collect()
}
