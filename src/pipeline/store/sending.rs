//! Takes messages out of the outbox to be sent, and writes down what became of it.

use std::collections::HashSet;

use jiff::Timestamp;
use sqlx::Row;

use super::super::admission::Facts;
use super::super::outbox::{Lane, OutboxState, StatusMove};
use super::super::quiet::QuietHours;
use super::{LATER_ACCEPTED, damaged, move_up, purpose, take_in_order};
use crate::contacts::Marketing;
use crate::storage::{Conn, Error, Run, list, padded, sql, values_from};

/// A message that waits, with what decides whether it may go.
#[derive(Debug, Clone)]
pub(in crate::pipeline) struct Candidate {
    pub(in crate::pipeline) id: String,
    pub(in crate::pipeline) contact: String,
    pub(in crate::pipeline) trace: String,
    pub(in crate::pipeline) attempts: i64,
    pub(in crate::pipeline) payload: Vec<u8>,
    pub(in crate::pipeline) facts: Facts,
}

/// What was decided about a candidate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::pipeline) enum Verdict {
    Send,
    Later(i64),
    /// A later one said what it would have said.
    Supersede,
    Cancel(&'static str),
}

/// Returns the lanes in which something is due.
pub(in crate::pipeline) async fn lanes_due(conn: &mut Conn, now: i64) -> Result<Vec<Lane>, Error> {
    let probe = |lane: Lane| {
        format!(
            "cast(case when exists (select 1 from outbox where state = 'queued'
                        and lane = '{}' and due_at <= $1) then 1 else 0 end as bigint)",
            lane.as_str()
        )
    };
    let text = format!("select {}", Lane::ALL.map(probe).join(", "));
    let row = sqlx::query(sql(text)).bind(now).fetch_one(conn).await?;
    let is_due = |(at, _): &(usize, Lane)| row.get::<i64, _>(*at) == 1;
    let due = Lane::ALL.into_iter().enumerate().filter(is_due);
    Ok(due.map(|(_, lane)| lane).collect())
}

/// Returns the messages of a lane that are due, at most one for each contact: the
/// oldest, and only while none is under way, so that nobody's messages overtake each
/// other. Their contacts stay as they
/// are until this write commits.
pub(in crate::pipeline) async fn candidates(
    conn: &mut Conn,
    lane: Lane,
    now: i64,
    most: i64,
    lock_rows: &str,
) -> Result<Vec<Candidate>, Error> {
    let text = format!(
        "select o.id, o.contact_id, o.trace, o.attempts, o.payload, o.purpose, o.owner_epoch,
                o.expires_at, c.owner_epoch, c.last_inbound_at, c.marketing,
                case when o.attempts = 0 then 0 else {LATER_ACCEPTED} end,
                o.is_template, o.quiet_from, o.quiet_to
           from outbox o join contacts c on c.id = o.contact_id
          where o.state = 'queued' and o.lane = $1 and o.due_at <= $2
            and not exists (select 1 from outbox e
                             where e.contact_id = o.contact_id and e.lane = o.lane
                               and e.state in ('queued', 'sending')
                               and (e.id < o.id or e.state = 'sending'))
          order by o.due_at, o.id
          limit $3{lock_rows}"
    );
    let rows = sqlx::query(sql(text))
        .bind(lane.as_str())
        .bind(now)
        .bind(most)
        .fetch_all(conn)
        .await?;
    rows.iter()
        .map(|row| {
            let id: String = row.get(0);
            let marketing: String = row.get(10);
            let payload: Option<Vec<u8>> = row.get(4);
            let facts = Facts {
                lane,
                purpose: purpose(&id, row.get(5))?,
                decided_under: row.get(6),
                overtaken: row.get::<i64, _>(11) > 0,
                expires_at: row.get(7),
                owner_epoch: row.get(8),
                last_inbound_at: row.get(9),
                marketing: Marketing::parse(&marketing).ok_or_else(|| {
                    damaged("outbox", &id, "unknown marketing state of its contact")
                })?,
                is_template: row.get::<i64, _>(12) == 1,
                quiet: QuietHours::from_minutes(row.get(13), row.get(14)),
            };
            Ok(Candidate {
                contact: row.get(1),
                trace: row.get(2),
                attempts: row.get(3),
                payload: payload.unwrap_or_default(),
                id,
                facts,
            })
        })
        .collect()
}

/// Returns which of these contacts have a message of the lane on its way or waiting: the
/// next one does not overtake it.
pub(super) async fn busy(
    conn: &mut Conn,
    lane: Lane,
    contacts: &[String],
) -> Result<HashSet<String>, Error> {
    let mut found = HashSet::new();
    for run in padded(contacts, 1) {
        let text = format!(
            "select contact_id from outbox
              where contact_id in ({}) and lane = '{}' and state in ('queued', 'sending')",
            list(run.len()),
            lane.as_str()
        );
        let mut query = sqlx::query(sql(text));
        for contact in run.filled() {
            query = query.bind(contact);
        }
        let rows = query.fetch_all(&mut *conn).await?;
        found.extend(rows.iter().map(|row| row.get::<String, _>(0)));
    }
    Ok(found)
}

/// Writes the verdicts: what is to be sent is `sending` from here on, whatever happens.
pub(in crate::pipeline) async fn enter(
    conn: &mut Conn,
    verdicts: &[(String, Verdict)],
    sender_epoch: i64,
    now: i64,
    stuck_at: i64,
) -> Result<(), Error> {
    let sent: Vec<&String> = verdicts
        .iter()
        .filter(|(_, verdict)| *verdict == Verdict::Send)
        .map(|(id, _)| id)
        .collect();
    for run in padded(&sent, 1) {
        let text = format!(
            "update outbox
                set state = 'sending', attempts = attempts + 1, sending_at = $1, due_at = $2, sender_epoch = $3
               from (values {}) as v
              where outbox.id = v.column1 and outbox.state = 'queued'",
            values_from(4, run.len(), 1)
        );
        let mut query = sqlx::query(sql(text))
            .bind(now)
            .bind(stuck_at)
            .bind(sender_epoch);
        for id in run.filled() {
            query = query.bind(id.as_str());
        }
        let entered = query.execute(&mut *conn).await?;
        if usize::try_from(entered.rows_affected()) != Ok(run.rows().len()) {
            return Err(Error::Again("the outbox"));
        }
    }
    for (id, verdict) in verdicts {
        match verdict {
            Verdict::Send => {}
            Verdict::Later(due_at) => {
                sqlx::query("update outbox set due_at = $2 where id = $1")
                    .bind(id)
                    .bind(due_at)
                    .execute(&mut *conn)
                    .await?;
            }
            Verdict::Supersede => {
                sqlx::query("update outbox set state = $2, rank = $3 where id = $1")
                    .bind(id)
                    .bind(OutboxState::Superseded.as_str())
                    .bind(OutboxState::Superseded.rank())
                    .execute(&mut *conn)
                    .await?;
            }
            Verdict::Cancel(reason) => {
                sqlx::query(
                    "update outbox set state = 'cancelled', rank = $3, reason = $2 where id = $1",
                )
                .bind(id)
                .bind(*reason)
                .bind(OutboxState::Cancelled.rank())
                .execute(&mut *conn)
                .await?;
            }
        }
    }
    Ok(())
}

/// What became of one attempt.
#[derive(Debug, Clone)]
pub(in crate::pipeline) struct Outcome {
    pub(in crate::pipeline) id: String,
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
    outcomes: &[Outcome],
    now: Timestamp,
    lock_rows: &str,
) -> Result<bool, Error> {
    let now = now.as_millisecond();
    let rows = outcomes.iter().map(|outcome| outcome.id.as_str());
    take_in_order(conn, lock_rows, "outbox", rows.collect()).await?;
    let accepted: Vec<(&str, [u8; 16])> = outcomes
        .iter()
        .filter_map(|outcome| match outcome.fate {
            Fate::Accepted { wamid } => Some((outcome.id.as_str(), wamid)),
            _ => None,
        })
        .collect();
    accept(conn, &accepted, now).await?;
    for outcome in outcomes {
        settle_one(conn, outcome, now).await?;
    }
    queued_behind(conn, outcomes).await
}

/// Returns whether something is queued for a contact of these, which their being sent
/// held back.
async fn queued_behind(conn: &mut Conn, outcomes: &[Outcome]) -> Result<bool, Error> {
    for run in padded(outcomes, 1) {
        let text = format!(
            "select q.id from outbox o join outbox q on q.contact_id = o.contact_id
              where o.id in ({}) and q.state in ('queued', 'sending') and q.state = 'queued'
              limit 1",
            list(run.len())
        );
        let mut query = sqlx::query(sql(text));
        for outcome in run.filled() {
            query = query.bind(&outcome.id);
        }
        if query.fetch_optional(&mut *conn).await?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

async fn accept(conn: &mut Conn, accepted: &[(&str, [u8; 16])], now: i64) -> Result<(), Error> {
    for run in padded(accepted, 2) {
        // The echo may have been faster, and then the row is further already.
        let text = format!(
            "update outbox
                set wamid = v.column2, accepted_at = coalesce(accepted_at, $1),
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
        catch_up(conn, &run).await?;
    }
    Ok(())
}

/// Applies statuses that came before their message id was known.
async fn catch_up(conn: &mut Conn, run: &Run<'_, (&str, [u8; 16])>) -> Result<(), Error> {
    let text = format!(
        "delete from early_statuses where wamid in ({}) returning wamid, status, at, code",
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
            })
        })
        .collect();
    if moves.is_empty() {
        return Ok(());
    }
    // These rows are taken already.
    Box::pin(move_up(conn, moves, "")).await
}

async fn settle_one(conn: &mut Conn, outcome: &Outcome, now: i64) -> Result<(), Error> {
    // Only the attempt at hand, and only while nothing better is known.
    let guard = "where id = $1 and attempts = $2 and state in ('sending', 'unknown')";
    match &outcome.fate {
        Fate::Accepted { .. } => return Ok(()),
        Fate::Again {
            due_at,
            reason,
            code,
        } => {
            let text = format!(
                "update outbox set state = 'queued', due_at = $3, reason = $4, code = $5 {guard}"
            );
            sqlx::query(sql(text))
                .bind(&outcome.id)
                .bind(outcome.attempt)
                .bind(*due_at)
                .bind(reason)
                .bind(*code)
                .execute(conn)
                .await?;
        }
        Fate::Failed { reason, code } => {
            let text = format!(
                "update outbox set state = 'failed', rank = $3, reason = $4, code = $5, failed_at = $6 {guard}"
            );
            sqlx::query(sql(text))
                .bind(&outcome.id)
                .bind(outcome.attempt)
                .bind(OutboxState::Failed.rank())
                .bind(reason)
                .bind(*code)
                .bind(now)
                .execute(conn)
                .await?;
        }
        Fate::Unknown { due_at, reason } => {
            let text = format!(
                "update outbox set doubts = doubts + 1, state = 'unknown', due_at = $3, reason = $4 {guard}"
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
