//! The night: instalments that come up are prepared and announced, and what is overdue
//! is shown to a person.
//!
//! It goes through the plans in small chunks and rests after each, so that nobody who waits
//! for an answer notices, and it may be cut off anywhere: each chunk moves its plans to their
//! next day, so that another run goes on where this one ended.

use std::time::{Duration, Instant};

use jiff::{Span, Timestamp};

use super::{Dealing, stamp, today};
use crate::id::{InstalmentId, PlanId};
use crate::investing::calendar::Calendar;
use crate::investing::events::{Event, What};
use crate::investing::orders::instalments::{Instalment, Night, SILENT_DAYS, horizon, prepare};
use crate::investing::orders::plan::Plan;
use crate::investing::orders::state::Moves;
use crate::investing::orders::{InstalmentStatus, PlanKind};
use crate::investing::store::events;
use crate::investing::store::orders::old::{self, Old};
use crate::investing::store::orders::{instalments, night, plans};
use crate::security::DataKey;
use crate::storage::{Error, Urgency};

/// Plans written together: about a millisecond's work, since a message on its way to an
/// answer is written several times and waits for a chunk each time.
const CHUNK: usize = 8;
/// Plans read together, beside the writer.
const READ: i64 = 64;
/// Silent instalments looked at in one write.
const SILENT_TOGETHER: i64 = 8;
/// How far apart chunks begin at least: a hundred thousand plans may take most of a minute.
const APART: Duration = Duration::from_millis(4);
/// Drafts nobody confirmed are kept so long, for questions.
const KEEP_DRAFTS: Duration = Duration::from_hours(30 * 24);
/// Drafts and operations forgotten together.
const OLD_TOGETHER: i64 = 64;
/// The longest time a limit looks back.
const KEEP_OPERATIONS: Duration = Duration::from_hours(48);
/// As long as everything about an order is kept: eight years.
const KEEP_NOTICES: Duration = Duration::from_hours(2_922 * 24);

const BY: &str = "night";

/// What a night did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Prepared {
    /// Plans that had something due.
    pub plans: usize,
    /// Instalments put on record.
    pub instalments: usize,
    /// Instalments and plans shown to a person.
    pub shown: usize,
}

/// Returns when the next chunk begins, after one that was to begin at `last` and took so
/// long: as paced, and half of the time belongs to others in any case.
fn next_at(last: Instant, now: Instant, took: Duration) -> Instant {
    (last + APART).max(now + took)
}

impl Dealing {
    /// Prepares what is due within two days, and shows what is overdue. Running it twice
    /// prepares nothing twice: an instalment is unique by its plan and day.
    pub async fn run_night(&self) -> Result<Prepared, Error> {
        let mut done = Prepared::default();
        self.prepare_all(&mut done).await?;
        done.shown = self.look_for_silence().await?;
        self.forget_old().await?;
        Ok(done)
    }

    async fn prepare_all(&self, done: &mut Prepared) -> Result<(), Error> {
        let now = self.now();
        let until = horizon(today(now));
        let calendar = self.inner.schemes.calendar();
        let ground = self.ground();
        let (mut after, mut next) = (None, Instant::now());
        loop {
            let mut began = Instant::now();
            let mut conn = ground.db.read().await?;
            let due = night::list_due(&mut conn, &ground.keys, until, after, READ).await?;
            drop(conn);
            let Some((last, _)) = due.last() else {
                return Ok(());
            };
            after = last.next_due.map(|day| (day, last.id));
            for some in due.chunks(CHUNK) {
                let mut chunk = Vec::with_capacity(some.len());
                for (plan, key) in some {
                    let night = prepare(plan, &calendar, until);
                    done.instalments += night.coming.len();
                    chunk.push(self.written(plan.clone(), night, key.as_ref(), now));
                }
                let written = ground
                    .db
                    .write_as(Urgency::InBulk, chunk, move |conn, chunk| {
                        let stamp = stamp(now, BY, None);
                        Box::pin(async move { night::write(conn, chunk, &stamp).await })
                    });
                done.plans += written.await?;
                next = next_at(next, Instant::now(), began.elapsed());
                tokio::time::sleep_until(next.into()).await;
                began = Instant::now();
            }
        }
    }

    /// Returns what a night makes of a plan as rows, sealed before the write begins.
    fn written(
        &self,
        before: Plan,
        night: Night,
        key: Option<&DataKey>,
        now: Timestamp,
    ) -> night::Prepared {
        let ids = &self.ground().ids;
        let calendar = self.inner.schemes.calendar();
        let mut rows = self.rows(&before, &night.coming, now);
        let mut told = Vec::new();
        for row in &mut rows {
            if row.status != InstalmentStatus::Scheduled {
                continue;
            }
            row.status = InstalmentStatus::PreDebitNotified;
            // Only a debit is announced: nobody need keep money ready for the others.
            if let Some(key) = key
                && before.terms.kind == PlanKind::Sip
            {
                let event = announcement(&before, row, &calendar);
                told.push(events::seal(key, ids, &event, now));
            }
        }
        if let Some(key) = key
            && before.status != night.after.status
        {
            let event = Event {
                contact: before.contact,
                key: format!("plan_resumed:{}:{}", before.id, before.version + 1),
                what: What::PlanResumed {
                    plan: before.id,
                    kind: before.terms.kind,
                    scheme: before.terms.scheme,
                    next: night
                        .after
                        .next_due
                        .map(|due| before.terms.runs_on(&calendar, due)),
                },
            };
            told.push(events::seal(key, ids, &event, now));
        }
        night::Prepared {
            // With an instalment coming, the gateway is asked on its day.
            poll_at: first_look(&rows, &night.after, now),
            plan: night.after,
            before,
            instalments: rows,
            events: told,
        }
    }

    /// Shows instalments nobody has said anything about for long, and closes those of
    /// plans that ended before their debit.
    async fn look_for_silence(&self) -> Result<usize, Error> {
        let now = self.now();
        let day = today(now);
        let before = day.saturating_sub(Span::new().days(SILENT_DAYS));
        let mut after: Option<(jiff::civil::Date, InstalmentId)> = None;
        let mut shown = 0;
        loop {
            let mut conn = self.ground().db.read().await?;
            let silent =
                instalments::list_silent(&mut conn, before, after, SILENT_TOGETHER).await?;
            drop(conn);
            let Some(last) = silent.last() else {
                break;
            };
            after = Some((last.due, last.id));
            let input = (self.clone(), silent);
            let looked = self.ground().db.write(input, move |conn, (dealing, rows)| {
                Box::pin(async move {
                    let keys = &dealing.ground().keys;
                    let mut shown = 0;
                    for row in rows {
                        let plan = plans::find(conn, keys, row.plan).await?;
                        let ended = plan.filter(|plan| plan.status.is_final());
                        if let Some(plan) = ended
                            && row.status.may_become(InstalmentStatus::Skipped)
                        {
                            dealing.drop_undebited(conn, &plan, now).await?;
                            continue;
                        }
                        let detail = format!("due on {} and still {}", row.due, row.status);
                        let id = row.id.to_string();
                        dealing
                            .show(conn, "instalment_silent", &id, &detail, now)
                            .await?;
                        shown += 1;
                    }
                    Ok(shown)
                })
            });
            shown += looked.await?;
        }
        Ok(shown + self.look_for_overdue(now).await?)
    }

    /// Shows plans that should have stopped by now.
    async fn look_for_overdue(&self, now: Timestamp) -> Result<usize, Error> {
        let keys = &self.ground().keys;
        let mut conn = self.ground().db.read().await?;
        let day = today(now).to_string();
        let overdue = plans::list_overdue(&mut conn, keys, &day).await?;
        drop(conn);
        let ids: Vec<PlanId> = overdue.iter().map(|plan| plan.id).collect();
        let count = ids.len();
        let input = (self.clone(), ids);
        let shown = self.ground().db.write(input, move |conn, (dealing, ids)| {
            Box::pin(async move {
                for id in ids {
                    let detail = "cancelled more than two business days ago and still running";
                    let id = id.to_string();
                    dealing
                        .show(conn, "plan_not_stopped", &id, detail, now)
                        .await?;
                }
                Ok(())
            })
        });
        shown.await?;
        Ok(count)
    }

    async fn forget_old(&self) -> Result<(), Error> {
        for (old, keep) in [
            (Old::Drafts, KEEP_DRAFTS),
            (Old::Operations, KEEP_OPERATIONS),
            (Old::Notices, KEEP_NOTICES),
        ] {
            let before = self.now().checked_sub(keep).unwrap_or(Timestamp::MIN);
            let mut after = String::new();
            loop {
                let began = Instant::now();
                let mut conn = self.ground().db.read().await?;
                let ids = old::list_old(&mut conn, old, before, (&after, OLD_TOGETHER)).await?;
                drop(conn);
                let Some(last) = ids.last() else {
                    break;
                };
                after.clone_from(last);
                let gone = self
                    .ground()
                    .db
                    .write_as(Urgency::InBulk, ids, move |conn, ids| {
                        Box::pin(old::forget(conn, old, ids))
                    });
                gone.await?;
                tokio::time::sleep(began.elapsed()).await;
            }
        }
        Ok(())
    }
}

/// Returns what tells an investor of a debit to come, once for each instalment.
pub(super) fn announcement(plan: &Plan, instalment: &Instalment, calendar: &Calendar) -> Event {
    Event {
        contact: plan.contact,
        key: format!("instalment_due:{}", instalment.id),
        what: What::InstalmentDue {
            plan: plan.id,
            instalment: instalment.id,
            scheme: plan.terms.scheme,
            amount: instalment.amount,
            on: plan.terms.runs_on(calendar, instalment.due),
        },
    }
}

fn first_look(rows: &[Instalment], after: &Plan, now: Timestamp) -> Option<i64> {
    let first = rows.iter().find(|row| !row.status.is_closed());
    let mut next = after.clone();
    if let Some(first) = first {
        next.next_due = Some(first.due);
    }
    super::plans::next_look(&next, now)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_keep_their_pace_and_rest_for_as_long_as_they_took() {
        let began = Instant::now();
        let after = |paced: u64, took: u64| {
            let took = Duration::from_millis(took);
            next_at(began + Duration::from_millis(paced), began + took, took) - began
        };
        assert_eq!(after(0, 1), APART, "quick ones are paced");
        assert_eq!(after(0, 3), Duration::from_millis(6), "slow ones rest");
    }
}
