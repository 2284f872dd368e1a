//! The nightly preparation of instalments, many plans to a write.

use jiff::civil::Date;
use sqlx::Row;

use super::plans::{COLUMNS, FROM, KEY, bare};
use super::{Stamp, damaged, instalments};
use crate::id::PlanId;
use crate::investing::orders::instalments::Instalment;
use crate::investing::orders::plan::Plan;
use crate::investing::store::events::{self, SealedEvent};
use crate::security::{DataKey, Keyring};
use crate::storage::{Conn, Error, runs, sql, values};

/// What a night makes of one plan, ready to be written.
#[derive(Debug, Clone)]
pub(in crate::investing) struct Prepared {
    /// The plan as it was read.
    pub(in crate::investing) before: Plan,
    /// The plan afterwards.
    pub(in crate::investing) plan: Plan,
    pub(in crate::investing) instalments: Vec<Instalment>,
    pub(in crate::investing) events: Vec<SealedEvent>,
    pub(in crate::investing) poll_at: Option<i64>,
}

/// Lists running plans with something due up to a day, by day and id, after a place in
/// that order. Each comes with its contact's key, if that still exists.
pub(in crate::investing) async fn list_due(
    conn: &mut Conn,
    keys: &Keyring,
    until: Date,
    after: Option<(Date, PlanId)>,
    most: i64,
) -> Result<Vec<(Plan, Option<DataKey>)>, Error> {
    let text = format!(
        "select {COLUMNS} {FROM}
          where p.next_due <= $1 and (p.next_due > $2 or (p.next_due = $2 and p.id > $3))
            and p.status in ('active', 'paused')
          order by p.next_due, p.id limit $4"
    );
    let (day, id) = after.unzip();
    let rows = sqlx::query(sql(text))
        .bind(until.to_string())
        .bind(day.map(|day| day.to_string()).unwrap_or_default())
        .bind(id.map(|id| id.to_string()).unwrap_or_default())
        .bind(most)
        .fetch_all(conn)
        .await?;
    let mut plans = Vec::with_capacity(rows.len());
    for row in &rows {
        let id: String = row.try_get(0)?;
        let key = events::unwrap(row, KEY, keys).map_err(|what| damaged("plans", &id, &what))?;
        plans.push((bare(row, &id)?, key));
    }
    Ok(plans)
}

/// Writes what a night made of some plans; those that were changed since they were read
/// are left for another look. Returns how many plans were written.
pub(in crate::investing) async fn write(
    conn: &mut Conn,
    prepared: &[Prepared],
    stamp: &Stamp<'_>,
) -> Result<usize, Error> {
    let mut written = 0;
    for run in runs(prepared) {
        let moved = move_on(conn, run).await?;
        written += moved.len();
        let ours = |one: &&Prepared| moved.binary_search(&one.plan.id.to_string()).is_ok();
        let rows = run.iter().filter(ours);
        let rows: Vec<_> = rows.flat_map(|one| one.instalments.clone()).collect();
        instalments::insert(conn, &rows, stamp).await?;
        let told = run.iter().filter(ours).flat_map(|one| one.events.iter());
        let told: Vec<_> = told.collect();
        events::insert_sealed(conn, &told).await?;
        for one in run
            .iter()
            .filter(ours)
            .filter(|one| one.before.status != one.plan.status)
        {
            let (id, version) = (one.plan.id.to_string(), one.before.version + 1);
            let status = one.plan.status.as_str();
            super::insert_history(conn, &id, version, status, stamp).await?;
        }
    }
    Ok(written)
}

/// Moves plans on to their next day; returns the ids of those that were as they were read.
async fn move_on(conn: &mut Conn, run: &[Prepared]) -> Result<Vec<String>, Error> {
    let text = format!(
        "update plans
            set next_due = v.column3, prepared = v.column4, pause_left = v.column5,
                status = v.column6, poll_at = v.column7, version = version + 1
           from (values {}) as v
          where plans.id = v.column1 and plans.version = v.column2
      returning plans.id",
        values(run.len(), 7)
    );
    let mut query = sqlx::query(sql(text));
    for one in run {
        query = query
            .bind(one.plan.id.to_string())
            .bind(one.before.version)
            .bind(one.plan.next_due.map(|due| due.to_string()))
            .bind(i64::from(one.plan.prepared))
            .bind(i64::from(one.plan.pause_left))
            .bind(one.plan.status.as_str())
            .bind(one.poll_at);
    }
    let rows = query.fetch_all(&mut *conn).await?;
    let mut ids = rows
        .iter()
        .map(|row| row.try_get::<String, _>(0))
        .collect::<Result<Vec<_>, _>>()?;
    ids.sort_unstable();
    Ok(ids)
}
