//! Writes down what became of attempts.

use jiff::Timestamp;
use sqlx::Row;

use super::super::Ground;
use super::super::outbox::{OutboxState, StatusMove};
use super::refused::{ask_a_person, heed, take_contacts};
use super::{move_up, take_in_order};
use crate::storage::{Conn, Error, Run, list, padded, sql, values_from};
use crate::whatsapp::errors::WINDOW_CLOSED;

/// What became of one attempt.
#[derive(Debug, Clone)]
pub(in crate::pipeline) struct Outcome {
    pub(in crate::pipeline) id: String,
    pub(in crate::pipeline) contact: String,
    pub(in crate::pipeline) attempt: i64,
    pub(in crate::pipeline) fate: Fate,
}

/// The ways an attempt ends.
#[derive(Debug, Clone)]
pub(in crate::pipeline) enum Fate {
    Accepted {
        wamid: [u8; 16],
    },
    /// Certainly not sent; again at the given time.
    Again {
        due_at: i64,
        reason: String,
        code: Option<i64>,
    },
    Failed {
        reason: String,
        code: Option<i64>,
    },
    /// Perhaps sent; settled at the given time.
    Unknown {
        due_at: i64,
        reason: String,
    },
}

/// Writes down what became of attempts; returns whether more waits for the same contacts.
pub(in crate::pipeline) async fn outcomes(
    conn: &mut Conn,
    ground: &Ground,
    outcomes: &[Outcome],
    now: Timestamp,
) -> Result<bool, Error> {
    let now = now.as_millisecond();
    let refused = outcomes.iter().filter_map(|outcome| match outcome.fate {
        Fate::Failed { code, .. } => Some((outcome.id.as_str(), code)),
        _ => None,
    });
    let refused: Vec<_> = refused.collect();
    take_contacts(conn, ground.db.lock_rows(), &refused).await?;
    let rows = outcomes.iter().map(|outcome| outcome.id.as_str());
    take_in_order(conn, ground.db.lock_rows(), "outbox", rows.collect()).await?;
    let accepted: Vec<(&str, [u8; 16])> = outcomes
        .iter()
        .filter_map(|outcome| match outcome.fate {
            Fate::Accepted { wamid } => Some((outcome.id.as_str(), wamid)),
            _ => None,
        })
        .collect();
    accept(conn, ground, &accepted, now).await?;
    for outcome in outcomes {
        settle_one(conn, ground, outcome, now).await?;
    }
    queued_behind(conn, outcomes).await
}

/// Returns whether something is queued for a contact of these, which their being sent
/// held back.
async fn queued_behind(conn: &mut Conn, outcomes: &[Outcome]) -> Result<bool, Error> {
    for run in padded(outcomes, 1) {
        let text = format!(
            "select id from outbox
              where contact_id in ({}) and state in ('queued', 'sending') and state = 'queued'
              limit 1",
            list(run.len())
        );
        let mut query = sqlx::query(sql(text));
        for outcome in run.filled() {
            query = query.bind(&outcome.contact);
        }
        if query.fetch_optional(&mut *conn).await?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

async fn accept(
    conn: &mut Conn,
    ground: &Ground,
    accepted: &[(&str, [u8; 16])],
    now: i64,
) -> Result<(), Error> {
    for run in padded(accepted, 2) {
        // The echo may have been faster, and then the row is further already.
        let text = format!(
            "update outbox
                set wamid = v.column2,
                    accepted_at = case when accepted_at <= $1 then accepted_at else $1 end,
                    state = case when rank < $3 then $2 else state end,
                    rank = case when rank < $3 then $3 else rank end
               from (values {}) as v
              where outbox.id = v.column1",
            values_from(4, run.len(), 2)
        );
        let mut query = sqlx::query(sql(text))
            .bind(now)
            .bind(OutboxState::Accepted.as_str())
            .bind(OutboxState::Accepted.rank());
        for (id, wamid) in run.filled() {
            query = query.bind(*id).bind(wamid.to_vec());
        }
        query.execute(&mut *conn).await?;
        catch_up(conn, ground, &run).await?;
    }
    Ok(())
}

/// Applies statuses that came before their message id was known.
async fn catch_up(
    conn: &mut Conn,
    ground: &Ground,
    run: &Run<'_, (&str, [u8; 16])>,
) -> Result<(), Error> {
    let text = format!(
        "delete from early_statuses where wamid in ({}) returning wamid, status, at, code, pricing",
        list(run.len())
    );
    let mut query = sqlx::query(sql(text));
    for (_, wamid) in run.filled() {
        query = query.bind(wamid.to_vec());
    }
    let rows = query.fetch_all(&mut *conn).await?;
    let moves: Vec<StatusMove> = rows
        .iter()
        .filter_map(|row| {
            let wamid: Vec<u8> = row.get(0);
            let status: String = row.get(1);
            let pricing: Option<String> = row.get(4);
            let (id, wamid) = run
                .rows()
                .iter()
                .find(|(_, known)| known.as_slice() == wamid)?;
            Some(StatusMove {
                id: Some((*id).to_owned()),
                wamid: *wamid,
                state: OutboxState::of_status(&status)?,
                at: row.get(2),
                code: row.get(3),
                pricing: pricing.and_then(|json| serde_json::from_str(&json).ok()),
                // Its names were taken in when it came.
                to: None,
            })
        })
        .collect();
    if moves.is_empty() {
        return Ok(());
    }
    // These rows are taken already.
    Box::pin(move_up(conn, ground, moves, "")).await
}

/// Only the attempt at hand, and only while nothing better is known.
const THIS_ATTEMPT: &str = "where id = $1 and attempts = $2 and state in ('sending', 'unknown')";

async fn settle_one(
    conn: &mut Conn,
    ground: &Ground,
    outcome: &Outcome,
    now: i64,
) -> Result<(), Error> {
    let guard = THIS_ATTEMPT;
    match &outcome.fate {
        Fate::Accepted { .. } => return Ok(()),
        Fate::Again {
            due_at,
            reason,
            code,
        } => {
            // What is of no use any more by then ends at its time.
            let text = format!(
                "update outbox
                    set state = 'queued', reason = $4, code = $5,
                        due_at = case when expires_at < $3 then expires_at else $3 end {guard}"
            );
            sqlx::query(sql(text))
                .bind(&outcome.id)
                .bind(outcome.attempt)
                .bind(*due_at)
                .bind(reason)
                .bind(*code)
                .execute(&mut *conn)
                .await?;
            if let Some(code) = code {
                ask_a_person(conn, ground, *code, now).await?;
            }
        }
        Fate::Failed { code, .. }
            if *code == Some(WINDOW_CLOSED) && hold_answer(conn, outcome, now).await? => {}
        Fate::Failed { reason, code } => {
            let text = format!(
                "update outbox set state = 'failed', rank = $3, reason = $4, code = $5, failed_at = $6 {guard}"
            );
            let failed = sqlx::query(sql(text))
                .bind(&outcome.id)
                .bind(outcome.attempt)
                .bind(OutboxState::Failed.rank())
                .bind(reason)
                .bind(*code)
                .bind(now)
                .execute(&mut *conn)
                .await?;
            if let Some(code) = code
                && failed.rows_affected() == 1
            {
                heed(conn, ground, &outcome.id, (*code, now)).await?;
            }
        }
        Fate::Unknown { due_at, reason } => {
            // Whoever took it for lost has counted it.
            let text = format!(
                "update outbox
                    set doubts = doubts + case when state = 'sending' then 1 else 0 end,
                        state = 'unknown', due_at = $3, reason = $4 {guard}"
            );
            sqlx::query(sql(text))
                .bind(&outcome.id)
                .bind(outcome.attempt)
                .bind(*due_at)
                .bind(reason)
                .execute(conn)
                .await?;
        }
    }
    Ok(())
}

/// Has an answer wait that Meta takes for one to a closed window: the next round holds and
/// offers it as one whose window we know to be closed. Returns whether it waits.
async fn hold_answer(conn: &mut Conn, outcome: &Outcome, now: i64) -> Result<bool, Error> {
    let text = format!(
        "update outbox set state = 'queued', due_at = $3, code = {WINDOW_CLOSED} {THIS_ATTEMPT}
            and is_template = 0 and lane in ('reply', 'agent')"
    );
    let held = sqlx::query(sql(text))
        .bind(&outcome.id)
        .bind(outcome.attempt)
        .bind(now)
        .execute(conn)
        .await?;
    Ok(held.rows_affected() == 1)
}
