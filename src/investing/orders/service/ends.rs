//! How a plan ends: on its investor's word, with its mandate, or because another one takes
//! its place; and what is left of it then.

use jiff::Timestamp;
use jiff::civil::Date;

use super::{Dealing, stamp, today};
use crate::id::MandateId;
use crate::investing::events::What;
use crate::investing::gateway::port::PlanChange;
use crate::investing::orders::order::Submission;
use crate::investing::orders::plan::{Plan, REASONS};
use crate::investing::orders::state::Moves;
use crate::investing::orders::{InstalmentStatus, PlanStatus};
use crate::investing::store::orders::{changes, instalments, plans};
use crate::storage::{Conn, Error};

/// Who ends what the gateway does not have, or will end by itself.
const BY: &str = "gateway";

impl Dealing {
    /// Ends a plan that has not ended, for a reason of the exchange's list. Returns the day
    /// by which debits have stopped; if they have not by then, a person is told.
    pub(super) async fn stop(
        &self,
        conn: &mut Conn,
        plan: &Plan,
        (reason, words): (u8, Option<String>),
        by: &str,
        now: Timestamp,
    ) -> Result<Date, Error> {
        let day = today(now);
        let calendar = self.inner.schemes.calendar();
        let mut marked = plan.clone();
        marked.reason = Some(match &words {
            Some(words) => format!("{reason}: {words}"),
            None => reason.to_string(),
        });
        if plan.submission == Submission::Waiting && plan.asked_at.is_none() {
            // Nothing has left the house.
            marked.cancel_by = Some(day);
            self.end_unsent(conn, (plan, marked), by, now).await?;
            return Ok(day);
        }
        let open = changes::find_open(conn, plan.id).await?;
        if open.is_some_and(|open| open.is_an_end())
            && let Some(by) = plan.cancel_by
        {
            return Ok(by);
        }
        let cancel_by = Plan::cancel_by(&calendar, day);
        marked.cancel_by = Some(cancel_by);
        let look = super::plans::next_look(plan, now);
        let stamped = stamp(now, by, None);
        plans::update(conn, (plan, &mut marked), look, &stamped).await?;
        let ends_as = Some(PlanStatus::CancelledByInvestor);
        self.ask_to_end(conn, &marked, (reason, words), ends_as, by, now)
            .await?;
        Ok(cancel_by)
    }

    /// Asks the gateway to end a plan, unless it is asked already.
    pub(super) async fn ask_to_end(
        &self,
        conn: &mut Conn,
        plan: &Plan,
        (reason, words): (u8, Option<String>),
        ends_as: Option<PlanStatus>,
        by: &str,
        now: Timestamp,
    ) -> Result<(), Error> {
        if let Some(open) = changes::find_open(conn, plan.id).await? {
            if open.is_an_end() {
                return Ok(());
            }
            // An end goes before a pause that the gateway has not carried out.
            changes::settle(conn, &open.id, "refused", Some("cancelled"), now).await?;
        }
        let change = PlanChange::Cancel { reason, words };
        if !self.ask(conn, plan, &change, ends_as, by, now).await? {
            // Somebody else's came first.
            return Err(Error::Again("the changes of a plan"));
        }
        Ok(())
    }

    /// Ends the plan that one which now runs takes the place of.
    pub(super) async fn end_replaced(
        &self,
        conn: &mut Conn,
        plan: &Plan,
        now: Timestamp,
    ) -> Result<(), Error> {
        let keys = &self.ground().keys;
        let Some(old) = plan.replaces else {
            return Ok(());
        };
        let Some(old) = plans::find(conn, keys, old).await? else {
            return Ok(());
        };
        if old.status.is_final() {
            return Ok(());
        }
        let words = Some("replaced by a changed plan".to_owned());
        let stopped = self.stop(conn, &old, (REASONS, words), "plan_change", now);
        stopped.await.map(drop)
    }

    /// Ends every plan of a mandate that is gone.
    pub(super) async fn unlink(
        &self,
        conn: &mut Conn,
        mandate: MandateId,
        now: Timestamp,
    ) -> Result<(), Error> {
        let keys = &self.ground().keys;
        for plan in plans::list_of_mandate(conn, keys, mandate).await? {
            let registered = plan.submission != Submission::Waiting;
            self.end(conn, &plan, PlanStatus::MandateUnlinked, BY, now)
                .await?;
            if registered {
                let why = (REASONS, Some("the mandate ended".to_owned()));
                self.ask_to_end(conn, &plan, why, None, BY, now).await?;
            }
        }
        Ok(())
    }

    /// Ends a stopped plan that the gateway does not have.
    pub(super) async fn give_up(&self, plan: &Plan) -> Result<(), Error> {
        let input = (self.clone(), plan.clone());
        let ended = self.ground().db.write(input, |conn, (dealing, plan)| {
            let now = dealing.now();
            Box::pin(dealing.end_unsent(conn, (plan, plan.clone()), BY, now))
        });
        ended.await?;
        self.wake();
        Ok(())
    }

    /// Ends a plan on record so that nothing takes it to the gateway any more.
    async fn end_unsent(
        &self,
        conn: &mut Conn,
        (before, mut plan): (&Plan, Plan),
        by: &str,
        now: Timestamp,
    ) -> Result<(), Error> {
        plan.submission = Submission::Refused;
        plan.asked_at = None;
        let stamped = stamp(now, by, None);
        plans::update(conn, (before, &mut plan), None, &stamped).await?;
        if let Some(open) = changes::find_open(conn, plan.id).await? {
            changes::settle(conn, &open.id, "done", None, now).await?;
        }
        let status = PlanStatus::CancelledByInvestor;
        self.end(conn, &plan, status, by, now).await
    }

    /// Ends a plan on record: nothing is prepared any more.
    pub(super) async fn end(
        &self,
        conn: &mut Conn,
        plan: &Plan,
        status: PlanStatus,
        by: &str,
        now: Timestamp,
    ) -> Result<(), Error> {
        if !plan.status.may_become(status) {
            return Ok(());
        }
        let mut ended = plan.clone();
        ended.status = status;
        ended.next_due = None;
        ended.pause_left = 0;
        // What the bank had before still runs, so the gateway is asked for a while.
        if status != PlanStatus::Completed && ended.cancel_by.is_none() {
            let calendar = self.inner.schemes.calendar();
            ended.cancel_by = Some(Plan::cancel_by(&calendar, today(now)));
        }
        let poll_at = super::plans::next_look(&ended, now);
        let by = stamp(now, by, plan.reason.as_deref());
        plans::update(conn, (plan, &mut ended), poll_at, &by).await?;
        let what = What::PlanEnded {
            plan: plan.id,
            kind: plan.terms.kind,
            scheme: plan.terms.scheme,
            by: status,
        };
        let key = format!("ended:{}", plan.id);
        self.tell(conn, plan.contact, key, what, now).await
    }

    /// Closes what an ended plan had prepared and nobody debited.
    pub(super) async fn drop_undebited(
        &self,
        conn: &mut Conn,
        plan: &Plan,
        now: Timestamp,
    ) -> Result<(), Error> {
        let day = today(now);
        let calendar = self.inner.schemes.calendar();
        for mut one in instalments::list(conn, plan.id).await? {
            // A day on which banks are closed is debited on the next one.
            let debit = calendar.add_settlement_days(one.due, 0);
            if debit < day && one.status.may_become(InstalmentStatus::Skipped) {
                one.reason = Some(plan.status.to_string());
                let by = stamp(now, "plan_ended", None);
                instalments::update(conn, &mut one, &[InstalmentStatus::Skipped], &by).await?;
            }
        }
        Ok(())
    }
}
