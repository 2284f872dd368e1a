//! Changes of plans that the gateway has to carry out.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sqlx::Row;
use sqlx::any::AnyRow;

use super::{damaged, word};
use crate::id::{EntryId, Ids, PlanId};
use crate::investing::gateway::port::PlanChange;
use crate::investing::orders::PlanStatus;
use crate::investing::store::read;
use crate::storage::{Conn, Error, sql};

const TABLE: &str = "plan_changes";
const SELECT: &str = "select id, plan_id, change, ends_as, state from plan_changes";

/// A change on record.
#[derive(Debug, Clone)]
#[expect(clippy::struct_field_names, reason = "the change is what is changed")]
pub(in crate::investing) struct Change {
    pub(in crate::investing) id: String,
    pub(in crate::investing) plan: PlanId,
    pub(in crate::investing) change: PlanChange,
    /// The plan's last status, if the change ends it.
    pub(in crate::investing) ends_as: Option<PlanStatus>,
    pub(in crate::investing) state: String,
}

impl Change {
    /// Says whether it ends its plan.
    pub(in crate::investing) fn is_an_end(&self) -> bool {
        matches!(self.change, PlanChange::Cancel { .. })
    }
}

/// How a change is stored.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Stored {
    Pause { instalments: u32 },
    Resume,
    Cancel { reason: u8, words: Option<String> },
}

impl From<&PlanChange> for Stored {
    fn from(change: &PlanChange) -> Self {
        match change {
            PlanChange::Pause { instalments } => Self::Pause {
                instalments: *instalments,
            },
            PlanChange::Resume => Self::Resume,
            PlanChange::Cancel { reason, words } => Self::Cancel {
                reason: *reason,
                words: words.clone(),
            },
        }
    }
}

impl From<Stored> for PlanChange {
    fn from(stored: Stored) -> Self {
        match stored {
            Stored::Pause { instalments } => Self::Pause { instalments },
            Stored::Resume => Self::Resume,
            Stored::Cancel { reason, words } => Self::Cancel { reason, words },
        }
    }
}

/// Inserts a change unless the plan has one under way; returns its id if it is new.
pub(in crate::investing) async fn insert(
    conn: &mut Conn,
    ids: &Ids,
    plan: PlanId,
    (change, ends_as): (&PlanChange, Option<PlanStatus>),
    by: &str,
    now: Timestamp,
) -> Result<Option<String>, Error> {
    let id = ids.next::<EntryId>(now).to_string();
    let kind = match change {
        PlanChange::Pause { .. } => "pause",
        PlanChange::Resume => "resume",
        PlanChange::Cancel { .. } => "cancel",
    };
    let json = serde_json::to_string(&Stored::from(change)).expect("a change is plain data");
    let inserted = sqlx::query(
        "insert into plan_changes (id, plan_id, kind, change, ends_as, state, asked_by, made_at)
         values ($1, $2, $3, $4, $5, 'waiting', $6, $7)
         on conflict do nothing",
    )
    .bind(&id)
    .bind(plan.to_string())
    .bind(kind)
    .bind(json)
    .bind(ends_as.map(PlanStatus::as_str))
    .bind(by)
    .bind(now.as_millisecond())
    .execute(conn)
    .await?;
    Ok((inserted.rows_affected() == 1).then_some(id))
}

pub(in crate::investing) async fn find(conn: &mut Conn, id: &str) -> Result<Option<Change>, Error> {
    one(conn, "id = $1", id).await
}

/// Finds the change of a plan that is under way.
pub(in crate::investing) async fn find_open(
    conn: &mut Conn,
    plan: PlanId,
) -> Result<Option<Change>, Error> {
    one(
        conn,
        "plan_id = $1 and state in ('waiting', 'asked')",
        &plan.to_string(),
    )
    .await
}

/// Finds the change of a plan that was asked for last, whether it is over or not, unless
/// it was refused.
pub(in crate::investing) async fn find_newest(
    conn: &mut Conn,
    plan: PlanId,
) -> Result<Option<Change>, Error> {
    let condition = "plan_id = $1 and state <> 'refused' order by made_at desc, id desc limit 1";
    one(conn, condition, &plan.to_string()).await
}

async fn one(
    conn: &mut Conn,
    condition: &'static str,
    value: &str,
) -> Result<Option<Change>, Error> {
    let text = format!("{SELECT} where {condition}");
    let row = sqlx::query(sql(text))
        .bind(value)
        .fetch_optional(conn)
        .await?;
    row.as_ref().map(of).transpose()
}

/// Says how far a change is, unless it is over.
pub(in crate::investing) async fn settle(
    conn: &mut Conn,
    id: &str,
    state: &'static str,
    reason: Option<&str>,
    now: Timestamp,
) -> Result<bool, Error> {
    let done = (state != "asked").then(|| now.as_millisecond());
    let settled = sqlx::query(
        "update plan_changes set state = $2, reason = $3, done_at = $4
          where id = $1 and state in ('waiting', 'asked', 'parked')",
    )
    .bind(id)
    .bind(state)
    .bind(reason)
    .bind(done)
    .execute(conn)
    .await?;
    Ok(settled.rows_affected() == 1)
}

fn of(row: &AnyRow) -> Result<Change, Error> {
    let id: String = row.try_get(0)?;
    let json: String = row.try_get(2)?;
    let stored: Stored =
        serde_json::from_str(&json).map_err(|e| damaged(TABLE, &id, &e.to_string()))?;
    let ends_as: Option<String> = row.try_get(3)?;
    let ends_as = ends_as.map(|text| word(TABLE, &id, &text, PlanStatus::parse));
    Ok(Change {
        plan: read(TABLE, &id, row.try_get::<&str, _>(1)?)?,
        change: stored.into(),
        ends_as: ends_as.transpose()?,
        state: row.try_get(4)?,
        id,
    })
}
