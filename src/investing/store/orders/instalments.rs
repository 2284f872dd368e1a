//! Instalments.

use jiff::civil::Date;
use sqlx::Row;
use sqlx::any::AnyRow;

use super::{Stamp, count, insert_history, instant, word};
use crate::id::{InstalmentId, PlanId};
use crate::investing::money::Paise;
use crate::investing::orders::instalments::Instalment;
use crate::investing::orders::{BounceReason, InstalmentStatus, PlanStatus};
use crate::investing::store::read;
use crate::storage::{Conn, Error, runs, sql, values};

const TABLE: &str = "instalments";
const SELECT: &str =
    "select id, plan_id, due, number, amount, status, bounce, reason, made_at, version
   from instalments";

/// Inserts instalments, each with the statuses it had so far; those whose day the plan
/// has already stay as they are.
pub(in crate::investing) async fn insert(
    conn: &mut Conn,
    instalments: &[Instalment],
    stamp: &Stamp<'_>,
) -> Result<(), Error> {
    for run in runs(instalments) {
        let text = format!(
            "insert into instalments (id, plan_id, due, number, amount, status, reason, made_at, version)
             values {} on conflict (plan_id, due) do nothing",
            values(run.len(), 9)
        );
        let mut query = sqlx::query(sql(text));
        for one in run {
            query = query
                .bind(one.id.to_string())
                .bind(one.plan.to_string())
                .bind(one.due.to_string())
                .bind(i64::from(one.number))
                .bind(one.amount.0)
                .bind(one.status.as_str())
                .bind(&one.reason)
                .bind(one.made_at.as_millisecond())
                .bind(one.version);
        }
        query.execute(&mut *conn).await?;
    }
    for run in runs(instalments) {
        // Of those whose day was taken there is no row, and so no history either.
        let text = format!(
            "insert into order_history (subject, version, status, at, by_whom)
             select i.id, i.version, i.status, i.made_at, v.column2
               from (values {}) as v join instalments i on i.id = v.column1",
            values(run.len(), 2)
        );
        let mut query = sqlx::query(sql(text));
        for one in run {
            query = query.bind(one.id.to_string()).bind(stamp.by);
        }
        query.execute(&mut *conn).await?;
    }
    Ok(())
}

/// Writes an instalment back over the version it was read at, with every status it went
/// through, and raises the version by as many.
pub(in crate::investing) async fn update(
    conn: &mut Conn,
    instalment: &mut Instalment,
    steps: &[InstalmentStatus],
    stamp: &Stamp<'_>,
) -> Result<(), Error> {
    let id = instalment.id.to_string();
    let before = instalment.version;
    for step in steps {
        instalment.version += 1;
        instalment.status = *step;
        insert_history(conn, &id, instalment.version, step.as_str(), stamp).await?;
    }
    let updated = sqlx::query(
        "update instalments set status = $3, bounce = $4, reason = $5, version = $6
          where id = $1 and version = $2",
    )
    .bind(&id)
    .bind(before)
    .bind(instalment.status.as_str())
    .bind(instalment.bounce.map(BounceReason::as_str))
    .bind(&instalment.reason)
    .bind(instalment.version)
    .execute(&mut *conn)
    .await?;
    if updated.rows_affected() == 0 {
        return Err(Error::Again("the instalment"));
    }
    Ok(())
}

pub(in crate::investing) async fn find(
    conn: &mut Conn,
    plan: PlanId,
    due: Date,
) -> Result<Option<Instalment>, Error> {
    let text = format!("{SELECT} where plan_id = $1 and due = $2");
    let row = sqlx::query(sql(text))
        .bind(plan.to_string())
        .bind(due.to_string())
        .fetch_optional(conn)
        .await?;
    row.as_ref().map(of).transpose()
}

pub(in crate::investing) async fn find_by_id(
    conn: &mut Conn,
    id: InstalmentId,
) -> Result<Option<Instalment>, Error> {
    let text = format!("{SELECT} where id = $1");
    let row = sqlx::query(sql(text))
        .bind(id.to_string())
        .fetch_optional(conn)
        .await?;
    row.as_ref().map(of).transpose()
}

/// Returns whether an instalment may still be debited.
pub(in crate::investing) async fn is_to_come(
    conn: &mut Conn,
    id: InstalmentId,
) -> Result<bool, Error> {
    let row = sqlx::query(
        "select i.status, p.status from instalments i join plans p on p.id = i.plan_id
          where i.id = $1",
    )
    .bind(id.to_string())
    .fetch_optional(conn)
    .await?;
    Ok(row.is_some_and(|row| {
        use InstalmentStatus::{PreDebitNotified, Scheduled};
        let (instalment, plan): (String, String) = (row.get(0), row.get(1));
        let instalment = InstalmentStatus::parse(&instalment);
        matches!(instalment, Some(Scheduled | PreDebitNotified))
            && PlanStatus::parse(&plan).is_some_and(PlanStatus::is_running)
    }))
}

/// Lists a plan's instalments in order of their days.
pub(in crate::investing) async fn list(
    conn: &mut Conn,
    plan: PlanId,
) -> Result<Vec<Instalment>, Error> {
    let text = format!("{SELECT} where plan_id = $1 order by due");
    let rows = sqlx::query(sql(text))
        .bind(plan.to_string())
        .fetch_all(conn)
        .await?;
    rows.iter().map(of).collect()
}

/// Lists instalments that were due before a day and are still open, oldest first, after
/// a place in that order.
pub(in crate::investing) async fn list_silent(
    conn: &mut Conn,
    before: Date,
    after: Option<(Date, InstalmentId)>,
    most: i64,
) -> Result<Vec<Instalment>, Error> {
    let text = format!(
        "{SELECT} where due < $1
            and status in ('scheduled', 'pre_debit_notified', 'debit_submitted', 'debited',
                           'order_created')
            and (due > $2 or (due = $2 and id > $3))
          order by due, id limit $4"
    );
    let (day, id) = after.unzip();
    let rows = sqlx::query(sql(text))
        .bind(before.to_string())
        .bind(day.map(|day| day.to_string()).unwrap_or_default())
        .bind(id.map(|id| id.to_string()).unwrap_or_default())
        .bind(most)
        .fetch_all(conn)
        .await?;
    rows.iter().map(of).collect()
}

fn of(row: &AnyRow) -> Result<Instalment, Error> {
    let id: String = row.try_get(0)?;
    let text = |at: usize| row.try_get::<String, _>(at);
    let bounce: Option<String> = row.try_get(6)?;
    let bounce = bounce.map(|bounce| word(TABLE, &id, &bounce, BounceReason::parse));
    Ok(Instalment {
        id: read(TABLE, &id, &id)?,
        plan: read(TABLE, &id, &text(1)?)?,
        due: read(TABLE, &id, &text(2)?)?,
        number: count(TABLE, &id, row.try_get(3)?)?,
        amount: Paise(row.try_get(4)?),
        status: word(TABLE, &id, &text(5)?, InstalmentStatus::parse)?,
        bounce: bounce.transpose()?,
        reason: row.try_get(7)?,
        made_at: instant(TABLE, &id, row.try_get(8)?)?,
        version: row.try_get(9)?,
    })
}
