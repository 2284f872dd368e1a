//! What the gateway says of an instalment, put on record.

use jiff::Timestamp;
use jiff::civil::Date;

use super::{Dealing, stamp};
use crate::id::{InstalmentId, OrderId};
use crate::investing::events::What;
use crate::investing::gateway::port::OrderReport;
use crate::investing::money::{Paise, inr};
use crate::investing::orders::instalments::{
    Instalment, contradicts, failures_in_a_row, is_void, may_have_run, prepare, steps,
};
use crate::investing::orders::order::{Order, OrderDetails, Submission, status_in};
use crate::investing::orders::plan::{Plan, REASONS};
use crate::investing::orders::state::Moves;
use crate::investing::orders::{
    BounceReason, InstalmentStatus, OrderKind, OrderStatus, PlanKind, PlanStatus, Quantity,
};
use crate::investing::store::orders::{book as orders, instalments, plans};
use crate::storage::{Conn, Error};

/// Who moves what the gateway reported.
const BY: &str = "gateway";
/// What is read again when the plan's investor proved to be somebody else meanwhile.
const TAKEN_ALONG: &str = "the plan's investor";

impl Dealing {
    /// Moves an instalment and its order on by a report.
    pub(super) async fn apply_instalment(
        &self,
        conn: &mut Conn,
        plan: &Plan,
        due: Date,
        report: &OrderReport,
        now: Timestamp,
    ) -> Result<(), Error> {
        let kind = order_kind(plan.terms.kind);
        let status = status_in(report, kind);
        let Some(mut before) = self.instalment_of(conn, plan, (due, status), now).await? else {
            return Ok(());
        };
        let is_left_out = before.status == InstalmentStatus::Skipped;
        if contradicts(before.status, status) {
            if !is_left_out || !self.was_resumed(conn, plan.id).await? {
                let detail = format!("on record as {}, reported as {status}", before.status);
                let id = before.id.to_string();
                self.show(conn, "instalment_contradicted", &id, &detail, now)
                    .await?;
            }
            if !is_left_out {
                return Ok(());
            }
            // What ran is put on the books, whoever has to ask why it did.
            let by = stamp(now, BY, Some(&report.raw_status));
            instalments::update(conn, &mut before, &[InstalmentStatus::Scheduled], &by).await?;
        } else if is_left_out {
            return Ok(());
        }
        let paid = report.paid.filter(|_| plan.terms.kind == PlanKind::Sip);
        if let Some(paid) = paid.filter(|paid| *paid != before.amount) {
            let rupees = |amount: Paise| inr(amount.rupees(), 2);
            let (announced, paid) = (rupees(before.amount), rupees(paid));
            let detail = format!("{announced} was announced, {paid} was debited");
            let id = before.id.to_string();
            self.show(conn, "instalment_amount", &id, &detail, now)
                .await?;
        }
        let keys = &self.ground().keys;
        let order = match orders::find_by_instalment(conn, keys, before.id).await? {
            Some(order) => order,
            None => self.make_instalment_order(conn, plan, &before, now).await?,
        };
        if order.contact != plan.contact {
            return Err(Error::Again(TAKEN_ALONG));
        }
        let order = self.advance(conn, &order, report, BY, now).await?;
        let taken = steps(before.status, plan.terms.kind, report, order.status);
        if taken.is_empty() {
            return Ok(());
        }
        let mut instalment = before;
        if taken.contains(&InstalmentStatus::Failed) {
            instalment.bounce = Some(report.bounce.unwrap_or(BounceReason::Technical));
        }
        if taken.iter().any(|step| step.is_closed()) {
            instalment.reason.clone_from(&report.reason);
        }
        let by = stamp(now, BY, Some(&report.raw_status));
        instalments::update(conn, &mut instalment, &taken, &by).await?;
        for step in taken {
            self.tell_of_instalment(conn, plan, &instalment, step, now)
                .await?;
        }
        if instalment.status.is_closed() {
            self.after_instalment(conn, plan, now).await?;
        }
        Ok(())
    }

    /// Finds the instalment of a day. One the gateway ran before our night prepared it is
    /// prepared now, and one that was not to run as well, with a person to ask why it did:
    /// its money is out. A plan that has not begun has none, and what came to nothing before
    /// it was prepared is none.
    async fn instalment_of(
        &self,
        conn: &mut Conn,
        plan: &Plan,
        (due, status): (Date, OrderStatus),
        now: Timestamp,
    ) -> Result<Option<Instalment>, Error> {
        if let Some(found) = instalments::find(conn, plan.id, due).await? {
            return Ok(Some(found));
        }
        let keys = &self.ground().keys;
        let Some(plan) = plans::find(conn, keys, plan.id).await? else {
            return Ok(None);
        };
        let calendar = self.inner.schemes.calendar();
        let mut night = prepare(&plan, &calendar, due);
        if night.coming.last().is_none_or(|last| last.due != due) {
            if is_void(status) {
                return Ok(None);
            }
            let has_begun = plan.status.is_running() || plan.status.is_final();
            let debit = calendar.add_settlement_days(due, 0);
            if !has_begun || !may_have_run(&plan, debit) {
                let detail = format!("the gateway ran an instalment of {due} that is not due");
                let id = plan.id.to_string();
                self.show(conn, "unknown_instalment", &id, &detail, now)
                    .await?;
            }
            if !has_begun {
                return Ok(None);
            }
            night.add(due);
        }
        let rows = self.rows(&plan, &night.coming, now);
        let by = stamp(now, BY, None);
        instalments::insert(conn, &rows, &by).await?;
        let mut after = night.after;
        let poll_at = super::plans::next_look(&after, now);
        plans::update(conn, (&plan, &mut after), poll_at, &by).await?;
        instalments::find(conn, plan.id, due).await
    }

    async fn make_instalment_order(
        &self,
        conn: &mut Conn,
        plan: &Plan,
        instalment: &Instalment,
        now: Timestamp,
    ) -> Result<Order, Error> {
        let ground = self.ground();
        // An order is not to be left with a contact that is about to be no more.
        self.lock(conn, plan.contact).await?;
        let known = plans::find(conn, &ground.keys, plan.id).await?;
        if known.is_none_or(|known| known.contact != plan.contact) {
            return Err(Error::Again(TAKEN_ALONG));
        }
        let order = Order {
            id: ground.ids.next::<OrderId>(now),
            contact: plan.contact,
            draft: None,
            instalment: Some((plan.id, instalment.id)),
            kind: order_kind(plan.terms.kind),
            scheme: plan.terms.scheme,
            target: plan.terms.target,
            quantity: Quantity::Amount(instalment.amount),
            mandate: plan.mandate,
            status: OrderStatus::Created,
            submission: Submission::Taken,
            asked_at: None,
            reference: self.reference(now),
            gateway_id: None,
            reason: None,
            paid: None,
            details: OrderDetails {
                folio: plan.folio.clone(),
                ..OrderDetails::default()
            },
            made_at: now,
            version: 1,
        };
        let by = stamp(now, BY, None);
        let gateway = self.gateway().name();
        if !orders::insert(conn, &ground.keys, &order, gateway, None, &by).await? {
            return Err(Error::Again("the instalment's order"));
        }
        Ok(order)
    }

    async fn tell_of_instalment(
        &self,
        conn: &mut Conn,
        plan: &Plan,
        instalment: &Instalment,
        step: InstalmentStatus,
        now: Timestamp,
    ) -> Result<(), Error> {
        let (scheme, amount) = (plan.terms.scheme, instalment.amount);
        let calendar = self.inner.schemes.calendar();
        let on = plan.terms.runs_on(&calendar, instalment.due);
        let (plan_id, id): (_, InstalmentId) = (plan.id, instalment.id);
        let what = match step {
            // Units that are switched or sold are told of by their order.
            _ if plan.terms.kind != PlanKind::Sip => return Ok(()),
            InstalmentStatus::Debited => What::InstalmentDebited {
                plan: plan_id,
                instalment: id,
                scheme,
                amount,
                on,
            },
            InstalmentStatus::Failed => What::InstalmentFailed {
                plan: plan_id,
                instalment: id,
                scheme,
                amount,
                on,
                reason: instalment.bounce.unwrap_or(BounceReason::Technical),
                left: plan
                    .terms
                    .most_failures()
                    .saturating_sub(self.failures(conn, plan).await?),
            },
            _ => return Ok(()),
        };
        let key = format!("{step}:{id}");
        self.tell(conn, plan.contact, key, what, now).await
    }

    async fn failures(&self, conn: &mut Conn, plan: &Plan) -> Result<u32, Error> {
        let history = instalments::list(conn, plan.id).await?;
        Ok(failures_in_a_row(history.iter().map(|one| one.status)))
    }

    /// Ends a plan after too many failures, or after its last instalment.
    pub(super) async fn after_instalment(
        &self,
        conn: &mut Conn,
        plan: &Plan,
        now: Timestamp,
    ) -> Result<(), Error> {
        let keys = &self.ground().keys;
        let Some(plan) = plans::find(conn, keys, plan.id).await? else {
            return Ok(());
        };
        if !plan.status.is_running() {
            return Ok(());
        }
        let history = instalments::list(conn, plan.id).await?;
        let failures = failures_in_a_row(history.iter().map(|one| one.status));
        if failures >= plan.terms.most_failures() {
            self.end(conn, &plan, PlanStatus::AutoCancelled, BY, now)
                .await?;
            // The exchange ends it by itself; asked to, it certainly does.
            let why = (REASONS, Some("too many failed debits in a row".to_owned()));
            return self.ask_to_end(conn, &plan, why, None, BY, now).await;
        }
        let is_done = history.iter().all(|one| one.status.is_closed());
        if plan.is_exhausted() && is_done {
            return self.end(conn, &plan, PlanStatus::Completed, BY, now).await;
        }
        Ok(())
    }
}

/// Returns what kind of order an instalment makes.
pub(super) fn order_kind(kind: PlanKind) -> OrderKind {
    match kind {
        PlanKind::Sip => OrderKind::Purchase,
        PlanKind::Stp => OrderKind::Switch,
        PlanKind::Swp => OrderKind::Redemption,
    }
}
