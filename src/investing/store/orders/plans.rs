//! Plans.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sqlx::Row;
use sqlx::any::AnyRow;

use super::{
    Stamp, count, damaged, insert_history, instant, key_of, open_json, seal_json, word, write_back,
};
use crate::id::{ContactId, MandateId, PlanId};
use crate::investing::gateway::port::Reference;
use crate::investing::money::Paise;
use crate::investing::orders::plan::{Plan, PlanTerms};
use crate::investing::orders::{Frequency, PlanKind, PlanStatus};
use crate::investing::scheme::SchemeCode;
use crate::investing::store::read;
use crate::security::{Keyring, Place};
use crate::storage::{Conn, Error, sql};

pub(super) const TABLE: &str = "plans";
pub(super) const COLUMNS: &str = "p.id, p.contact_id, p.draft_id, p.kind, p.scheme, p.target,
        p.amount, p.step_up, p.frequency, p.start_date, p.instalments, p.mandate_id, p.details,
        p.status, p.replaces, p.reference, p.gateway_id, p.next_due, p.prepared, p.pause_left,
        p.reason, p.cancel_by, p.made_at, p.version, p.submission, p.asked_at,
        k.id, k.wrapped_by, k.wrapped";
pub(super) const FROM: &str =
    "from plans p join contacts c on c.id = p.contact_id join keys k on k.id = c.key_id";
pub(super) const KEY: usize = 26;
/// What has not ended.
const OPEN: &str = "('draft', 'awaiting_2fa', 'awaiting_mandate', 'active', 'paused')";

/// What is sealed about a plan.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Details {
    folio: Option<String>,
}

fn place(row: &str) -> Place<'_> {
    Place {
        table: TABLE,
        column: "details",
        row,
    }
}

/// Inserts a plan unless its draft has one; returns whether it is new.
pub(in crate::investing) async fn insert(
    conn: &mut Conn,
    keys: &Keyring,
    plan: &Plan,
    gateway: &str,
    poll_at: Option<i64>,
    stamp: &Stamp<'_>,
) -> Result<bool, Error> {
    let key = key_of(conn, keys, plan.contact).await?;
    let id = plan.id.to_string();
    let terms = &plan.terms;
    let details = Details {
        folio: plan.folio.clone(),
    };
    let step_up = terms
        .step_up
        .map(|step| serde_json::to_string(&step).expect("a step-up is plain data"));
    let inserted = sqlx::query(
        "insert into plans (id, contact_id, draft_id, kind, scheme, target, amount, step_up,
                            frequency, start_date, instalments, mandate_id, details, status,
                            replaces, submission, asked_at, reference, gateway, gateway_id, next_due,
                            prepared, pause_left, reason, cancel_by, confirmed_by, made_at, poll_at,
                            version)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18,
                 $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29)
         on conflict do nothing",
    )
    .bind(&id)
    .bind(plan.contact.to_string())
    .bind(plan.draft.to_string())
    .bind(terms.kind.as_str())
    .bind(i64::from(terms.scheme.0))
    .bind(terms.target.map(|target| i64::from(target.0)))
    .bind(terms.amount.0)
    .bind(step_up)
    .bind(terms.frequency.as_str())
    .bind(terms.start.to_string())
    .bind(terms.instalments.map(i64::from))
    .bind(plan.mandate.map(|mandate| mandate.to_string()))
    .bind(seal_json(&key, place(&id), &details))
    .bind(plan.status.as_str())
    .bind(plan.replaces.map(|plan| plan.to_string()))
    .bind(plan.submission.as_str())
    .bind(plan.asked_at.map(Timestamp::as_millisecond))
    .bind(&plan.reference.0)
    .bind(gateway)
    .bind(&plan.gateway_id)
    .bind(plan.next_due.map(|due| due.to_string()))
    .bind(i64::from(plan.prepared))
    .bind(i64::from(plan.pause_left))
    .bind(&plan.reason)
    .bind(plan.cancel_by.map(|day| day.to_string()))
    .bind(stamp.by)
    .bind(plan.made_at.as_millisecond())
    .bind(poll_at)
    .bind(plan.version)
    .execute(&mut *conn)
    .await?;
    if inserted.rows_affected() == 0 {
        return Ok(false);
    }
    insert_history(conn, &id, plan.version, plan.status.as_str(), stamp).await?;
    Ok(true)
}

/// Writes a plan back over the version it was read at, and raises that; whoever else
/// changed it in between makes this run again.
pub(in crate::investing) async fn update(
    conn: &mut Conn,
    (before, plan): (&Plan, &mut Plan),
    poll_at: Option<i64>,
    stamp: &Stamp<'_>,
) -> Result<(), Error> {
    plan.version = before.version + 1;
    let id = plan.id.to_string();
    let update = sqlx::query(
        "update plans
            set status = $3, gateway_id = $4, next_due = $5, prepared = $6, pause_left = $7,
                reason = $8, cancel_by = $9, submission = $10, asked_at = $11, poll_at = $12,
                version = version + 1
          where id = $1 and version = $2",
    )
    .bind(&id)
    .bind(before.version)
    .bind(plan.status.as_str())
    .bind(&plan.gateway_id)
    .bind(plan.next_due.map(|due| due.to_string()))
    .bind(i64::from(plan.prepared))
    .bind(i64::from(plan.pause_left))
    .bind(&plan.reason)
    .bind(plan.cancel_by.map(|day| day.to_string()))
    .bind(plan.submission.as_str())
    .bind(plan.asked_at.map(Timestamp::as_millisecond))
    .bind(poll_at);
    let row = (&*id, plan.version);
    let statuses = (before.status.as_str(), plan.status.as_str());
    write_back(conn, "the plan", row, statuses, update, stamp).await
}

pub(in crate::investing) async fn find(
    conn: &mut Conn,
    keys: &Keyring,
    id: PlanId,
) -> Result<Option<Plan>, Error> {
    one(conn, keys, "p.id = $1", &id.to_string()).await
}

pub(in crate::investing) async fn find_by_reference(
    conn: &mut Conn,
    keys: &Keyring,
    reference: &Reference,
) -> Result<Option<Plan>, Error> {
    one(conn, keys, "p.reference = $1", &reference.0).await
}

pub(in crate::investing) async fn find_by_gateway(
    conn: &mut Conn,
    keys: &Keyring,
    gateway: &str,
    gateway_id: &str,
) -> Result<Option<Plan>, Error> {
    let text = format!("select {COLUMNS} {FROM} where p.gateway_id = $1 and p.gateway = $2");
    let row = sqlx::query(sql(text))
        .bind(gateway_id)
        .bind(gateway)
        .fetch_optional(conn)
        .await?;
    row.map(|row| of(&row, keys)).transpose()
}

async fn one(
    conn: &mut Conn,
    keys: &Keyring,
    condition: &'static str,
    value: &str,
) -> Result<Option<Plan>, Error> {
    let text = format!("select {COLUMNS} {FROM} where {condition}");
    let row = sqlx::query(sql(text))
        .bind(value)
        .fetch_optional(conn)
        .await?;
    row.map(|row| of(&row, keys)).transpose()
}

/// Lists a contact's plans, newest first.
pub(in crate::investing) async fn list(
    conn: &mut Conn,
    keys: &Keyring,
    contact: ContactId,
) -> Result<Vec<Plan>, Error> {
    all(
        conn,
        keys,
        "p.contact_id = $1 order by p.id desc",
        &contact.to_string(),
    )
    .await
}

/// Lists a contact's plans that the gateway has, but for those that ended before an instant,
/// newest first.
pub(in crate::investing) async fn list_since(
    conn: &mut Conn,
    keys: &Keyring,
    contact: ContactId,
    since: Timestamp,
) -> Result<Vec<Plan>, Error> {
    let text = format!(
        "select {COLUMNS} {FROM}
          where p.contact_id = $1 and p.gateway_id is not null
            and (p.status in {OPEN}
                 or exists (select 1 from order_history h where h.subject = p.id and h.at >= $2))
          order by p.id desc"
    );
    let rows = sqlx::query(sql(text))
        .bind(contact.to_string())
        .bind(since.as_millisecond())
        .fetch_all(conn)
        .await?;
    rows.iter().map(|row| of(row, keys)).collect()
}

/// Lists the plans that are paid through a mandate and have not ended.
pub(in crate::investing) async fn list_of_mandate(
    conn: &mut Conn,
    keys: &Keyring,
    mandate: MandateId,
) -> Result<Vec<Plan>, Error> {
    let condition = format!("p.mandate_id = $1 and p.status in {OPEN} order by p.id");
    all(conn, keys, &condition, &mandate.to_string()).await
}

/// Lists plans whose debits should have stopped by now and that have not ended.
pub(in crate::investing) async fn list_overdue(
    conn: &mut Conn,
    keys: &Keyring,
    today: &str,
) -> Result<Vec<Plan>, Error> {
    let condition = format!("p.cancel_by < $1 and p.status in {OPEN} order by p.id limit 200");
    all(conn, keys, &condition, today).await
}

async fn all(
    conn: &mut Conn,
    keys: &Keyring,
    condition: &str,
    value: &str,
) -> Result<Vec<Plan>, Error> {
    let text = format!("select {COLUMNS} {FROM} where {condition}");
    let rows = sqlx::query(sql(text)).bind(value).fetch_all(conn).await?;
    rows.iter().map(|row| of(row, keys)).collect()
}

pub(super) fn of(row: &AnyRow, keys: &Keyring) -> Result<Plan, Error> {
    let id: String = row.try_get(0)?;
    let sealed: Vec<u8> = row.try_get(12)?;
    let details: Details = open_json(row, KEY, place(&id), &sealed, keys)?;
    let mut plan = bare(row, &id)?;
    plan.folio = details.folio;
    Ok(plan)
}

/// Reads a plan without what is sealed.
pub(super) fn bare(row: &AnyRow, id: &str) -> Result<Plan, Error> {
    let text = |at: usize| row.try_get::<String, _>(at);
    let maybe = |at: usize| row.try_get::<Option<String>, _>(at);
    let number = |at: usize| row.try_get::<Option<i64>, _>(at);
    let code = |number: i64| {
        let code = u32::try_from(number).map(SchemeCode);
        code.map_err(|_| damaged(TABLE, id, "its scheme is no code"))
    };
    let step_up = maybe(7)?.map(|json| serde_json::from_str(&json));
    let terms = PlanTerms {
        kind: word(TABLE, id, &text(3)?, PlanKind::parse)?,
        scheme: code(row.try_get(4)?)?,
        target: number(5)?.map(code).transpose()?,
        amount: Paise(row.try_get(6)?),
        step_up: step_up
            .transpose()
            .map_err(|e| damaged(TABLE, id, &e.to_string()))?,
        frequency: word(TABLE, id, &text(8)?, Frequency::parse)?,
        start: read(TABLE, id, &text(9)?)?,
        instalments: number(10)?.map(|n| count(TABLE, id, n)).transpose()?,
    };
    let asked = number(25)?.map(|at| instant(TABLE, id, at));
    Ok(Plan {
        id: read(TABLE, id, id)?,
        contact: read(TABLE, id, &text(1)?)?,
        draft: read(TABLE, id, &text(2)?)?,
        terms,
        mandate: maybe(11)?.map(|one| read(TABLE, id, &one)).transpose()?,
        folio: None,
        status: word(TABLE, id, &text(13)?, PlanStatus::parse)?,
        replaces: maybe(14)?.map(|one| read(TABLE, id, &one)).transpose()?,
        reference: Reference(text(15)?),
        gateway_id: maybe(16)?,
        next_due: maybe(17)?.map(|day| read(TABLE, id, &day)).transpose()?,
        prepared: count(TABLE, id, row.try_get(18)?)?,
        pause_left: count(TABLE, id, row.try_get(19)?)?,
        reason: maybe(20)?,
        cancel_by: maybe(21)?.map(|day| read(TABLE, id, &day)).transpose()?,
        made_at: instant(TABLE, id, row.try_get(22)?)?,
        version: row.try_get(23)?,
        submission: word(
            TABLE,
            id,
            &text(24)?,
            crate::investing::orders::order::Submission::parse,
        )?,
        asked_at: asked.transpose()?,
    })
}
