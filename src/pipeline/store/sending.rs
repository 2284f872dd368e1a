//! Takes messages out of the outbox to be sent.

use std::collections::HashSet;

use jiff::Timestamp;
use sqlx::Row;

use super::super::account::{ACCOUNT_STOPPED, DAILY_LIMIT, refusal};
use super::super::admission::{Facts, window_closed_before};
use super::super::outbox::{Lane, OutboxState};
use super::super::quiet::QuietHours;
use super::{LATER_ACCEPTED, damaged, purpose, take_in_order};
use crate::contacts::{self, Marketing};
use crate::storage::{Conn, Error, list, padded, sql, values_from};
use crate::whatsapp::errors::WINDOW_CLOSED;
use crate::whatsapp::templates::{Category, Content, Status};

/// A message that waits, with what decides whether it may go.
#[derive(Debug, Clone)]
pub(in crate::pipeline) struct Candidate {
    pub(in crate::pipeline) id: String,
    pub(in crate::pipeline) contact: String,
    pub(in crate::pipeline) trace: String,
    pub(in crate::pipeline) attempts: i64,
    /// What Graph refused the last try with.
    pub(in crate::pipeline) refused: Option<i64>,
    pub(in crate::pipeline) payload: Vec<u8>,
    pub(in crate::pipeline) facts: Facts,
    /// The text that was approved, of a template.
    pub(in crate::pipeline) approved: Option<Content>,
    /// Name and language of a template.
    pub(in crate::pipeline) template: Option<String>,
}

/// What was decided about a candidate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::pipeline) enum Verdict {
    Send,
    Later(i64),
    /// As `Later`, for a reason that is written down.
    Hold(i64, &'static str),
    /// A later one said what it would have said.
    Supersede,
    Cancel(&'static str),
}

/// Why a message waits that could not be sent itself, as others may be.
pub(in crate::pipeline) const NOT_NOW: &str = "not sent, for now";
/// Others wait for such a message no longer than this, milliseconds.
const IN_ORDER: i64 = 5_000;

/// What holds of a message that was tried, and that later ones need not wait for.
fn is_passed(row: &str, now: &str) -> String {
    format!(
        "({row}.state = 'queued' and {row}.due_at > {now} + {IN_ORDER}
          and {row}.attempts > 0
          and coalesce({row}.reason, '') in ('{NOT_NOW}', '{ACCOUNT_STOPPED}'))"
    )
}

/// Where what is known of a message's template stands. No join: rows of an outer join
/// cannot be locked.
const OF_TEMPLATE: &str = "from message_templates t
                 where t.name = o.template and t.language = o.template_language";

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
/// other, nor a notice the answer that announces it. Whom Meta would not have answered has not written until they write again, whatever
/// we know. What rests until morning holds up nothing that may come at night, what waits
/// until they write again no template, and what could not be sent for a while nothing. Their
/// contacts stay as they are until this write commits.
pub(in crate::pipeline) async fn candidates(
    conn: &mut Conn,
    lane: Lane,
    at: Timestamp,
    most: i64,
    lock_rows: &str,
) -> Result<Vec<Candidate>, Error> {
    let marketing = contacts::store::marketing_of("c");
    let is_passed = is_passed("e", "$2");
    let waits_for = lane.waits_for().map(|lane| format!("'{}'", lane.as_str()));
    let waits_for = waits_for.collect::<Vec<_>>().join(", ");
    let text = format!(
        "select o.id, o.contact_id, o.trace, o.attempts, o.payload, o.purpose, o.owner_epoch,
                o.expires_at, c.owner_epoch,
                case when o.code = {WINDOW_CLOSED} and c.last_inbound_at <= o.sending_at
                     then null else c.last_inbound_at end,
                {marketing},
                case when o.doubts = 0 then 0 else {LATER_ACCEPTED} end,
                o.is_template, o.quiet_from, o.quiet_to,
                (select t.status {OF_TEMPLATE}), (select t.paused_until {OF_TEMPLATE}),
                (select t.content {OF_TEMPLATE}), o.template || '/' || o.template_language,
                (select t.category {OF_TEMPLATE}), c.unverified_since, c.merged_into,
                o.code
           from outbox o join contacts c on c.id = o.contact_id
          where o.state = 'queued' and o.lane = $1 and o.due_at <= $2
            and not exists (select 1 from outbox e
                             where e.contact_id = o.contact_id and e.lane in ({waits_for})
                               and e.state in ('queued', 'sending')
                               and (e.id < o.id or e.state = 'sending')
                               and not {is_passed}
                               and not (e.state = 'queued' and e.due_at > $2
                                        and e.quiet_from is not null and o.quiet_from is null
                                        and e.attempts = 0)
                               and not (e.state = 'queued' and e.is_template = 0
                                        and coalesce(e.reason, '') = 'window_closed'
                                        and o.is_template = 1))
          order by o.due_at, o.id
          limit $3{lock_rows}"
    );
    let rows = sqlx::query(sql(text))
        .bind(lane.as_str())
        .bind(at.as_millisecond())
        .bind(most)
        .fetch_all(conn)
        .await?;
    rows.iter()
        .map(|row| {
            let id: String = row.get(0);
            let marketing: String = row.get(10);
            let payload: Option<Vec<u8>> = row.get(4);
            let is_template = row.get::<i64, _>(12) == 1;
            let status: Option<String> = row.get(15);
            let paused_until: Option<i64> = row.get(16);
            let content: Option<String> = row.get(17);
            let category: Option<String> = row.get(19);
            let template_refusal = match status.as_deref().map(Status::parse) {
                _ if !is_template => None,
                None => Some("template_unknown"),
                Some(status) => {
                    let until = paused_until.and_then(|at| Timestamp::from_millisecond(at).ok());
                    refusal(status, until, at)
                }
            };
            let facts = Facts {
                template_refusal,
                is_marketing: category.as_deref().and_then(Category::parse)
                    == Some(Category::Marketing),
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
                is_doubtful: row.get::<Option<i64>, _>(20).is_some(),
                is_merged: row.get::<Option<String>, _>(21).is_some(),
                is_template,
                quiet: QuietHours::from_minutes(row.get(13), row.get(14)),
            };
            Ok(Candidate {
                contact: row.get(1),
                trace: row.get(2),
                attempts: row.get(3),
                refused: row.get(22),
                payload: payload.unwrap_or_default(),
                approved: content
                    .as_deref()
                    .and_then(|json| serde_json::from_str(json).ok()),
                template: row.get(18),
                id,
                facts,
            })
        })
        .collect()
}

/// Returns whether an answer waits for somebody to write, and may still go then.
pub(in crate::pipeline) async fn has_held_answer(
    conn: &mut Conn,
    contact: &str,
    now: i64,
) -> Result<bool, Error> {
    let count: i64 = sqlx::query_scalar(
        "select count(*) from outbox o join contacts c on c.id = o.contact_id
          where o.contact_id = $1 and o.state in ('queued', 'sending') and o.state = 'queued'
            and o.reason = 'window_closed' and o.expires_at > $2
            and (o.lane = 'agent' or o.owner_epoch = c.owner_epoch)",
    )
    .bind(contact)
    .bind(now)
    .fetch_one(conn)
    .await?;
    Ok(count > 0)
}

/// Keeps the answers to somebody for as long as they are offered.
pub(in crate::pipeline) async fn keep_answers(
    conn: &mut Conn,
    contact: &str,
    until: i64,
) -> Result<(), Error> {
    sqlx::query(
        "update outbox set expires_at = $2
          where contact_id = $1 and state in ('queued', 'sending') and state = 'queued'
            and lane in ('reply', 'agent') and is_template = 0 and expires_at < $2",
    )
    .bind(contact)
    .bind(until)
    .execute(conn)
    .await?;
    Ok(())
}

/// Keeps waiting what would write first in a lane, without looking at each: for the daily
/// limit all but those whom it counts already. Returns how many.
pub(in crate::pipeline) async fn hold_firsts(
    conn: &mut Conn,
    (lane, at): (Lane, Timestamp),
    reason: &'static str,
    (until, counted_since): (i64, i64),
    lock_rows: &str,
) -> Result<u64, Error> {
    // What is of no use any more by then ends at its time.
    let text = format!(
        "update outbox set reason = $1, due_at = case when expires_at < $2 then expires_at else $2 end
          where id in (select o.id from outbox o join contacts c on c.id = o.contact_id
                        where o.state = 'queued' and o.lane = $3 and o.due_at <= $4
                          and o.expires_at > $4 and o.is_template = 1
                          and coalesce(c.last_inbound_at, 0) <= $5
                          and ($1 <> '{DAILY_LIMIT}' or o.contact_id not in
                               (select w.contact_id from outbox w
                                 where w.writes_first = 1 and w.sending_at > $6))
                        order by o.due_at, o.id limit {HELD_TOGETHER}{lock_rows})"
    );
    let held = sqlx::query(sql(text))
        .bind(reason)
        .bind(until)
        .bind(lane.as_str())
        .bind(at.as_millisecond())
        .bind(window_closed_before(at))
        .bind(counted_since)
        .execute(conn)
        .await?;
    Ok(held.rows_affected())
}

/// Messages held, or let go, in one round at most, so that nobody waits long behind them.
pub(super) const HELD_TOGETHER: usize = 5_000;

/// Returns which of these contacts have a message of the lane on its way or waiting that
/// the next one does not overtake.
pub(super) async fn busy(
    conn: &mut Conn,
    (lane, at): (Lane, Timestamp),
    contacts: &[String],
) -> Result<HashSet<String>, Error> {
    let mut found = HashSet::new();
    let is_passed = is_passed("e", "$1");
    for run in padded(contacts, 1) {
        let text = format!(
            "select e.contact_id from outbox e
              where e.contact_id in (values {}) and e.lane = '{}'
                and e.state in ('queued', 'sending') and not {is_passed}",
            values_from(2, run.len(), 1),
            lane.as_str()
        );
        let mut query = sqlx::query(sql(text)).bind(at.as_millisecond());
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
                set state = 'sending', attempts = attempts + 1, sending_at = $1, due_at = $2,
                    sender_epoch = $3, code = null
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
            Verdict::Hold(due_at, reason) => {
                sqlx::query("update outbox set due_at = $2, reason = $3 where id = $1")
                    .bind(id)
                    .bind(due_at)
                    .bind(*reason)
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

/// Has messages wait again that this epoch made `sending` with these attempts, and of which
/// it is certain that they were not sent. These attempts do not count.
pub(in crate::pipeline) async fn take_back_unsent(
    conn: &mut Conn,
    unsent: &[(String, i64)],
    sender_epoch: i64,
    now: i64,
    lock_rows: &str,
) -> Result<(), Error> {
    if unsent.is_empty() {
        return Ok(());
    }
    let ids = unsent.iter().map(|(id, _)| id.as_str()).collect();
    take_in_order(conn, lock_rows, "outbox", ids).await?;
    for run in padded(unsent, 2) {
        let text = format!(
            "update outbox set state = 'queued', attempts = attempts - 1, due_at = $1
               from (values {}) as v
              where outbox.id = v.column1 and outbox.attempts = v.column2
                and outbox.state = 'sending' and outbox.sender_epoch = $2",
            values_from(3, run.len(), 2)
        );
        let mut query = sqlx::query(sql(text)).bind(now).bind(sender_epoch);
        for (id, attempt) in run.filled() {
            query = query.bind(id).bind(*attempt);
        }
        query.execute(&mut *conn).await?;
    }
    Ok(())
}

/// Remembers which messages write first, which the daily limit counts.
pub(in crate::pipeline) async fn writes_first(
    conn: &mut Conn,
    ids: &[String],
) -> Result<(), Error> {
    for run in padded(ids, 1) {
        let text = format!(
            "update outbox set writes_first = 1 where id in ({})",
            list(run.len())
        );
        let mut query = sqlx::query(sql(text));
        for id in run.filled() {
            query = query.bind(id);
        }
        query.execute(&mut *conn).await?;
    }
    Ok(())
}
