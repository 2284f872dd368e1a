//! What the gateway says of a plan, put on record.

use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::Date;

use super::{Dealing, after, stamp, today};
use crate::clock::ist;
use crate::investing::calendar::Calendar;
use crate::investing::events::What;
use crate::investing::gateway::port::{Page, PlanChange, PlanReport};
use crate::investing::orders::instalments::{Coming, Instalment, begin, left_out_later};
use crate::investing::orders::order::Submission;
use crate::investing::orders::plan::{Plan, REASONS};
use crate::investing::orders::state::Moves;
use crate::investing::orders::{InstalmentStatus, PlanStatus};
use crate::investing::store::orders::{changes, instalments, plans};
use crate::storage::{Conn, Error};

/// A plan that waits for its approval is asked about this often.
const WAITING: Duration = Duration::from_mins(30);
/// So is a running one on the days of an instalment.
const DUE: Duration = Duration::from_hours(2);
/// And otherwise, so that an end by the exchange does not go unnoticed for long.
const RUNNING: Duration = Duration::from_hours(7 * 24);
/// A plan that ended is asked about until its last debit must have been reported.
const ENDED: Duration = Duration::from_hours(24);
/// Bank days by which a debit is reported.
const REPORTED: u32 = 2;

const BY: &str = "gateway";

/// Returns when to ask the gateway about a plan next.
pub(super) fn next_look(plan: &Plan, now: Timestamp) -> Option<i64> {
    if plan.submission != Submission::Taken {
        return (!plan.status.is_final()).then(|| after(now, WAITING));
    }
    if plan.status.is_final() {
        return Some(after(now, ENDED));
    }
    if !plan.status.is_running() {
        return Some(after(now, WAITING));
    }
    let next = plan.next_due.and_then(|due| {
        let morning = due.at(10, 0, 0, 0).to_zoned(ist()).ok()?;
        Some(morning.timestamp().as_millisecond())
    });
    let latest = after(now, RUNNING);
    let next = next.filter(|at| *at > now.as_millisecond());
    Some(next.map_or(latest, |at| at.min(latest)))
}

/// Returns when to ask about a plan that may have instalments under way.
fn next_look_with(
    plan: &Plan,
    instalments: &[Instalment],
    calendar: &Calendar,
    now: Timestamp,
) -> Option<i64> {
    let day = today(now);
    let under_way = |one: &&Instalment| !one.status.is_closed();
    let open: Vec<_> = instalments.iter().filter(under_way).collect();
    if plan.status.is_final() && open.is_empty() {
        let reported = plan
            .cancel_by
            .map(|by| calendar.add_settlement_days(by, REPORTED));
        return reported
            .is_some_and(|last| day <= last)
            .then(|| after(now, ENDED));
    }
    if open.iter().any(|one| one.due <= day) {
        return Some(after(now, DUE));
    }
    next_look(plan, now)
}

impl Dealing {
    /// Puts a report of a plan on record, and its instalments, whether it has ended or not.
    /// The same one twice changes nothing. `read_at` is the version the plan had before the
    /// gateway was asked, if it was known then: where another report was put on record since,
    /// nobody knows which of them is newer, and the gateway has to be asked again.
    pub(super) async fn apply_plan(
        &self,
        report: PlanReport,
        read_at: Option<i64>,
    ) -> Result<(), Error> {
        let input = (self.clone(), report);
        let applied = self
            .ground()
            .db
            .write(input, move |conn, (dealing, report)| {
                Box::pin(dealing.apply_plan_on(conn, report, read_at))
            });
        let awaited = applied.await?;
        self.wake();
        match awaited {
            Some((plan, key)) => self.ask_to_approve(&plan, key).await,
            None => Ok(()),
        }
    }

    /// Asks the investor to approve a plan, or a change of it, on the exchange's page: each
    /// once, by its key.
    async fn ask_to_approve(&self, plan: &Plan, key: String) -> Result<(), Error> {
        let Some(gateway_id) = plan.gateway_id.clone() else {
            return Ok(());
        };
        let told = (plan.contact, key);
        self.tell_of_page(told, &Page::Plan(gateway_id), |link| What::PlanAwaiting {
            plan: plan.id,
            kind: plan.terms.kind,
            scheme: plan.terms.scheme,
            amount: plan.terms.amount,
            is_change: plan.status.is_running(),
            link,
        })
        .await
    }

    /// Returns the plan and a key, if it or a change of it waits for the investor.
    async fn apply_plan_on(
        &self,
        conn: &mut Conn,
        report: &PlanReport,
        read_at: Option<i64>,
    ) -> Result<Option<(Plan, String)>, Error> {
        let now = self.now();
        let keys = &self.ground().keys;
        let gateway = self.gateway().name();
        let mut found = plans::find_by_reference(conn, keys, &report.reference).await?;
        if found.is_none() {
            found = plans::find_by_gateway(conn, keys, gateway, &report.id).await?;
        }
        let Some(before) = found else {
            let subject = format!("{gateway}:{}", report.id);
            let detail = "the gateway knows a plan that is not on record here";
            self.show(conn, "unknown_plan", &subject, detail, now)
                .await?;
            return Ok(None);
        };
        if read_at.is_some_and(|version| version != before.version) {
            return Err(Error::Again("the plan"));
        }
        self.move_plan(conn, &before, report, now).await?;
        let Some(plan) = plans::find(conn, keys, before.id).await? else {
            return Ok(None);
        };
        for one in &report.unread {
            // As with a word that nobody knows of anything else: shown once.
            tracing::error!(plan = %plan.id, due = ?one.due, why = one.why, "an instalment does not read");
            let detail = format!("said of an instalment of {}", plan.id);
            self.show(conn, "report_not_taken", &one.why, &detail, now)
                .await?;
        }
        for one in &report.instalments {
            if let Some(due) = one.due {
                self.apply_instalment(conn, &plan, due, one, now).await?;
            }
        }
        let Some(mut plan) = plans::find(conn, keys, before.id).await? else {
            return Ok(None);
        };
        if !plan.status.is_final() {
            self.follow_pauses(conn, &plan, report, now).await?;
            plan = self.complete(conn, plan, report, now).await?;
        }
        // What became of an instalment that does not read may be anything.
        if plan.status.is_final() && report.unread.is_empty() {
            self.drop_undebited(conn, &plan, now).await?;
        }
        let rows = instalments::list(conn, plan.id).await?;
        let calendar = self.inner.schemes.calendar();
        let look = next_look_with(&plan, &rows, &calendar, now);
        let mut after = plan.clone();
        let by = stamp(now, BY, None);
        plans::update(conn, (&plan, &mut after), look, &by).await?;
        let id = plan.id;
        if plan.status == PlanStatus::Awaiting2fa {
            return Ok(Some((plan, format!("plan_awaiting:{id}"))));
        }
        if report.change_awaits_approval
            && let Some(open) = changes::find_open(conn, id).await?
        {
            let key = format!("plan_awaiting:{id}:{}", open.id);
            return Ok(Some((plan, key)));
        }
        Ok(None)
    }

    /// Completes a plan that is over: where its last instalments were left out, no report of
    /// one does.
    async fn complete(
        &self,
        conn: &mut Conn,
        plan: Plan,
        report: &PlanReport,
        now: Timestamp,
    ) -> Result<Plan, Error> {
        let rows = instalments::list(conn, plan.id).await?;
        // Until its day what is left out may still be taken back in.
        let is_past = rows.last().is_some_and(|last| last.due < today(now));
        if !is_past && report.status != PlanStatus::Completed {
            return Ok(plan);
        }
        self.after_instalment(conn, &plan, now).await?;
        let found = plans::find(conn, &self.ground().keys, plan.id).await?;
        Ok(found.unwrap_or(plan))
    }

    /// Moves a plan on by the status the gateway reports.
    async fn move_plan(
        &self,
        conn: &mut Conn,
        before: &Plan,
        report: &PlanReport,
        now: Timestamp,
    ) -> Result<(), Error> {
        let mut plan = before.clone();
        plan.submission = Submission::Taken;
        plan.asked_at = None;
        if !report.id.is_empty() {
            plan.gateway_id = Some(report.id.clone());
        }
        let open = changes::find_open(conn, plan.id).await?;
        let next = report.status;
        let is_news = plan.status != next && plan.status.may_become(next);
        let mut ends = None;
        match next {
            _ if !is_news => {}
            PlanStatus::Paused => {
                let rows = instalments::list(conn, plan.id).await?;
                let said = left_out_later(&rows, report);
                match (open.as_ref().map(|open| &open.change), said) {
                    (Some(PlanChange::Pause { instalments }), said) => {
                        plan.pause_left = said.unwrap_or(*instalments);
                    }
                    (_, Some(left)) if left > 0 => plan.pause_left = left,
                    // Paused elsewhere: until the gateway says it runs again.
                    (_, None) if !is_over(&rows, today(now)) => plan.pause_left = u32::MAX,
                    _ => return self.keep_plan(conn, before, plan, report, now).await,
                }
                plan.status = next;
            }
            PlanStatus::Active => {
                plan.status = next;
                plan.pause_left = 0;
                if !before.status.is_running() {
                    let calendar = self.inner.schemes.calendar();
                    begin(&mut plan, &calendar, report, today(now));
                }
            }
            PlanStatus::Completed => {
                // Its last instalments are reported with it; they close it.
                plan.next_due = None;
            }
            PlanStatus::CancelledByInvestor | PlanStatus::CancelledByExchange => {
                let asked = open.as_ref().and_then(|open| open.ends_as);
                ends = Some(asked.unwrap_or(next));
            }
            other if other.is_final() => ends = Some(other),
            other => plan.status = other,
        }
        if plan != *before {
            self.keep_plan(conn, before, plan.clone(), report, now)
                .await?;
        }
        let keys = &self.ground().keys;
        let Some(current) = plans::find(conn, keys, plan.id).await? else {
            return Ok(());
        };
        if let Some(status) = ends {
            self.end(conn, &current, status, BY, now).await?;
        }
        if before.submission == Submission::Refused && !next.is_final() {
            // It was given up here and got there after all.
            let why = (REASONS, Some("it had been stopped before".to_owned()));
            self.ask_to_end(conn, &current, why, None, BY, now).await?;
        }
        if let Some(open) = open
            && shows(&open.change, ends.unwrap_or(current.status), next)
        {
            changes::settle(conn, &open.id, "done", None, now).await?;
        }
        self.tell_of_plan(conn, before, &current, now).await?;
        if before.status != current.status && current.status == PlanStatus::Active {
            self.end_replaced(conn, &current, now).await?;
        }
        Ok(())
    }

    async fn keep_plan(
        &self,
        conn: &mut Conn,
        before: &Plan,
        mut plan: Plan,
        report: &PlanReport,
        now: Timestamp,
    ) -> Result<(), Error> {
        let look = next_look(&plan, now);
        let by = stamp(now, BY, Some(&report.raw_status));
        plans::update(conn, (before, &mut plan), look, &by).await
    }

    /// Returns rows of instalments that come up, told of where they are to be debited.
    pub(super) fn rows(&self, plan: &Plan, coming: &[Coming], now: Timestamp) -> Vec<Instalment> {
        let row = |coming: &Coming| Instalment {
            id: self.ground().ids.next(now),
            plan: plan.id,
            due: coming.due,
            number: coming.number,
            amount: coming.amount,
            status: if coming.skipped {
                InstalmentStatus::Skipped
            } else {
                InstalmentStatus::Scheduled
            },
            bounce: None,
            reason: None,
            made_at: now,
            version: 1,
        };
        coming.iter().map(row).collect()
    }

    async fn tell_of_plan(
        &self,
        conn: &mut Conn,
        before: &Plan,
        plan: &Plan,
        now: Timestamp,
    ) -> Result<(), Error> {
        let (id, scheme) = (plan.id, plan.terms.scheme);
        let calendar = self.inner.schemes.calendar();
        let runs_on = |due| plan.terms.runs_on(&calendar, due);
        let what = match (before.status, plan.status) {
            (from, to) if from == to => return Ok(()),
            (PlanStatus::Active, PlanStatus::Paused) => What::PlanPaused {
                plan: id,
                kind: plan.terms.kind,
                scheme,
                until: plan.next_to_run(&calendar).map(runs_on),
            },
            (PlanStatus::Paused, PlanStatus::Active) => What::PlanResumed {
                plan: id,
                kind: plan.terms.kind,
                scheme,
                next: plan.next_due.map(runs_on),
            },
            (_, PlanStatus::Active) => What::PlanActive {
                plan: id,
                kind: plan.terms.kind,
                scheme,
                amount: plan.terms.amount,
                first: runs_on(plan.next_due.unwrap_or(plan.terms.start)),
            },
            _ => return Ok(()),
        };
        let key = format!("{}:{id}:{}", what.word(), plan.version);
        self.tell(conn, plan.contact, key, what, now).await
    }
}

/// Returns whether a pause of ours is over on record, while the gateway still shows it
/// because the last instalment left out is not past.
fn is_over(rows: &[Instalment], today: Date) -> bool {
    let last = rows.last().filter(|one| one.due >= today);
    last.is_some_and(|one| one.status == InstalmentStatus::Skipped)
}

/// Returns whether a plan's status shows that a change of it has been carried out. One that
/// has ended here may still have to end at the gateway.
fn shows(change: &PlanChange, status: PlanStatus, reported: PlanStatus) -> bool {
    match change {
        PlanChange::Pause { .. } => status == PlanStatus::Paused,
        PlanChange::Resume => status == PlanStatus::Active,
        PlanChange::Cancel { .. } => reported.is_final(),
    }
}
