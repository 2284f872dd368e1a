//! The way of a plan: approval, mandate, one instalment after the other, changes, the end.

use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::Date;

use super::calendar::{in_india, moment, tomorrow};
use super::faults::ExchangeFault;
use super::orders::{check_purchase, check_reference, finish};
use super::records::{
    Change, Frequency, MandateState, Order, OrderKind, OrderState, Plan, PlanKind, PlanState,
    Quantity, Step, StepUp,
};
use super::schedule::{amount_on, failures_allowed, following};
use super::state::{Refusal, State, table};

/// How long a plan may wait for its approval.
const PATIENCE: Duration = Duration::from_hours(5 * 24);
/// At most so many instalments are left out in a row.
const LONGEST_PAUSE: u32 = 6;

/// A plan as it is asked for.
#[derive(Debug, Clone, serde::Deserialize)]
pub(crate) struct NewPlan {
    pub(crate) reference: String,
    pub(crate) ucc: String,
    pub(crate) kind: PlanKind,
    pub(crate) scheme: u32,
    pub(crate) target: Option<u32>,
    pub(crate) amount: i64,
    pub(crate) frequency: Frequency,
    pub(crate) start: Date,
    pub(crate) instalments: Option<u32>,
    pub(crate) folio: Option<String>,
    pub(crate) mandate: Option<String>,
    pub(crate) step_up: Option<StepUp>,
}

impl State {
    /// Takes a plan in.
    pub(crate) fn register_plan(&mut self, new: NewPlan, now: Timestamp) -> Result<Plan, Refusal> {
        check_reference(&new.reference)?;
        if self.by_reference(table::PLAN, &new.reference).is_some() {
            return Err(Refusal::duplicate(&new.reference));
        }
        self.check_account(&new.ucc)?;
        self.check_plan(&new, now)?;
        if self
            .faults
            .roll_for(ExchangeFault::Refuse, &new.reference)
            .is_some()
        {
            return Err(Refusal::new("platform_rejected", "refused by the platform"));
        }
        let plan = Plan {
            id: self.next_id('P'),
            reference: new.reference,
            ucc: new.ucc,
            kind: new.kind,
            scheme: new.scheme,
            target: new.target,
            amount: new.amount,
            frequency: new.frequency,
            start: new.start,
            instalments: new.instalments,
            folio: new.folio,
            mandate: new.mandate,
            step_up: new.step_up,
            status: PlanState::AwaitingApproval,
            slot: 0,
            due: match new.frequency {
                Frequency::Daily => self.holidays.open_day(new.start),
                _ => new.start,
            },
            used: 0,
            skip: 0,
            failures: 0,
            pending: None,
            orders: Vec::new(),
            placed: now,
            next: Some(self.auto_at(now).unwrap_or(now + PATIENCE)),
        };
        self.put_plan(plan.clone(), now);
        Ok(plan)
    }

    fn check_plan(&self, new: &NewPlan, now: Timestamp) -> Result<(), Refusal> {
        let scheme = self.scheme(new.scheme)?;
        if new.start <= in_india(now).0 {
            return Err(Refusal::new(
                "start",
                "a plan starts tomorrow at the earliest",
            ));
        }
        if new.instalments == Some(0) || new.amount <= 0 {
            return Err(Refusal::new(
                "amount",
                "a plan needs instalments and an amount",
            ));
        }
        match new.kind {
            PlanKind::Sip => {
                check_purchase(&scheme, new.amount)?;
                let mandate = new.mandate.as_deref();
                let mandate =
                    mandate.ok_or_else(|| Refusal::new("mandate", "a SIP needs a mandate"))?;
                self.check_mandate(mandate, &new.ucc, new.amount)
            }
            PlanKind::Swp => self.check_units(new.folio.as_deref(), new.scheme),
            PlanKind::Stp => {
                self.check_units(new.folio.as_deref(), new.scheme)?;
                self.check_target(&scheme, new.target)
            }
        }
    }

    pub(crate) fn plan(&self, id: &str) -> Result<Plan, Refusal> {
        let plan = self.plans.get(id).cloned();
        plan.ok_or_else(|| Refusal::not_found("plan"))
    }

    /// Asks for a change; it waits for the investor unless the plan itself still does.
    /// Asking for what is so already changes nothing.
    pub(crate) fn change_plan(
        &mut self,
        id: &str,
        change: Change,
        now: Timestamp,
    ) -> Result<Plan, Refusal> {
        let plan = self.plan(id)?;
        if is_so(&plan, &change) {
            return Ok(plan);
        }
        check_change(&plan, &change)?;
        let unapproved = plan.status == PlanState::AwaitingApproval;
        let mut plan = plan;
        plan.pending = Some(change);
        self.put_plan(plan, now);
        if unapproved || self.options.auto_approve {
            self.apply_change(id, now);
        }
        self.plan(id)
    }

    fn apply_change(&mut self, id: &str, at: Timestamp) {
        let Ok(mut plan) = self.plan(id) else { return };
        match plan.pending.take() {
            Some(Change::Pause { instalments }) => {
                plan.status = PlanState::Paused;
                plan.skip = instalments;
            }
            Some(Change::Resume) => {
                plan.status = PlanState::Active;
                plan.skip = 0;
            }
            Some(Change::Cancel { .. }) => {
                plan.status = PlanState::CancelledByInvestor;
                plan.next = None;
            }
            None => return,
        }
        self.put_plan(plan, at);
    }

    /// The investor approved a plan, or a change of it.
    pub(crate) fn approve_plan(&mut self, id: &str, at: Timestamp) -> Result<(), Refusal> {
        let mut plan = self.plan(id)?;
        if plan.pending.is_none() && plan.status != PlanState::AwaitingApproval {
            return Err(Refusal::new("not_awaited", "nothing waits for approval"));
        }
        self.check_account(&plan.ucc)?;
        if plan.pending.is_some() {
            self.apply_change(id, at);
            return Ok(());
        }
        let mandate = plan.mandate.as_ref().and_then(|id| self.mandates.get(id));
        let status = mandate.map(|mandate| mandate.status);
        match (plan.kind, status) {
            (PlanKind::Stp | PlanKind::Swp, _) | (_, Some(MandateState::Active)) => {
                self.activate(&mut plan, at);
            }
            (_, Some(MandateState::AwaitingInvestor | MandateState::UnderProcess)) => {
                plan.status = PlanState::AwaitingMandate;
                plan.next = None;
            }
            _ => {
                plan.status = PlanState::MandateUnlinked;
                plan.next = None;
            }
        }
        self.put_plan(plan, at);
        Ok(())
    }

    /// The investor refused a plan, or a change of it.
    pub(crate) fn refuse_plan(&mut self, id: &str, at: Timestamp) -> Result<(), Refusal> {
        let mut plan = self.plan(id)?;
        if plan.pending.take().is_none() {
            if plan.status != PlanState::AwaitingApproval {
                return Err(Refusal::new("not_awaited", "nothing waits for approval"));
            }
            plan.status = PlanState::CancelledByInvestor;
            plan.next = None;
        }
        self.put_plan(plan, at);
        Ok(())
    }

    /// Sets a plan going. Its first instalment is two days off at least; what was due
    /// before that is not made up for.
    pub(crate) fn activate(&self, plan: &mut Plan, at: Timestamp) {
        let earliest = tomorrow(tomorrow(in_india(at).0));
        while plan.due < earliest || self.trigger(plan) <= at {
            let due = following(plan, &self.holidays);
            if due <= plan.due {
                break;
            }
            plan.due = due;
            plan.slot += 1;
        }
        plan.status = PlanState::Active;
        plan.next = Some(self.trigger(plan));
    }

    /// A SIP's order is made when the investor is told of the debit: at five in the
    /// morning of the day before it. Transfers and withdrawals start on their day.
    fn trigger(&self, plan: &Plan) -> Timestamp {
        match plan.kind {
            PlanKind::Sip => {
                let debit = self.holidays.bank_day(plan.due);
                moment(debit.yesterday().unwrap_or(debit), 5, 0)
            }
            PlanKind::Stp | PlanKind::Swp => moment(self.holidays.open_day(plan.due), 9, 0),
        }
    }

    /// Does what is due for a plan.
    pub(crate) fn step_plan(&mut self, id: &str, at: Timestamp) {
        let Some(mut plan) = self.plans.get(id).cloned() else {
            return;
        };
        plan.next = None;
        match plan.status {
            PlanState::AwaitingApproval if at >= plan.placed + PATIENCE => {
                plan.status = PlanState::CancelledByExchange;
                self.put_plan(plan, at);
            }
            PlanState::AwaitingApproval => {
                if self.approve_plan(id, at).is_err() {
                    plan.next = Some(plan.placed + PATIENCE);
                    self.put_plan(plan, at);
                }
            }
            PlanState::Active | PlanState::Paused => self.instalment(plan, at),
            _ => self.put_plan(plan, at),
        }
    }

    fn instalment(&mut self, mut plan: Plan, at: Timestamp) {
        let due = plan.due;
        plan.used += 1;
        plan.due = following(&plan, &self.holidays);
        plan.slot += 1;
        let more = plan.instalments.is_none_or(|all| plan.used < all);
        plan.next = more.then(|| self.trigger(&plan).max(at));
        if plan.skip > 0 {
            plan.skip -= 1;
            if plan.skip == 0 {
                plan.status = PlanState::Active;
            }
            let id = plan.id.clone();
            self.put_plan(plan, at);
            self.complete(&id, at);
            return;
        }
        let id = self.next_id('O');
        plan.orders.push(id.clone());
        let order = self.order_of(&plan, id, due, at);
        self.put_plan(plan, at);
        self.put_order(order, at);
    }

    fn order_of(&mut self, plan: &Plan, id: String, due: Date, at: Timestamp) -> Order {
        let kind = match plan.kind {
            PlanKind::Sip => OrderKind::Purchase,
            PlanKind::Stp => OrderKind::Switch,
            PlanKind::Swp => OrderKind::Redemption,
        };
        let debit = moment(self.holidays.bank_day(due), 8, 0);
        let mut order = Order {
            id,
            reference: None,
            ucc: plan.ucc.clone(),
            kind,
            scheme: plan.scheme,
            target: plan.target,
            quantity: Quantity::Amount(amount_on(plan, due)),
            folio: plan.folio.clone(),
            mandate: plan.mandate.clone(),
            plan: Some(plan.id.clone()),
            due: Some(due),
            status: OrderState::Created,
            raw: "pre_debit_notified".to_owned(),
            reason: None,
            bounce: None,
            paid: None,
            asked: None,
            nav_date: None,
            allotment: None,
            switched_in: None,
            placed: at,
            next: Some((debit, Step::Debit)),
        };
        if kind != OrderKind::Purchase {
            order.asked = Some(at);
            match self.check_account(&order.ucc) {
                Ok(()) => self.pass_on(&mut order, at),
                Err(refusal) => {
                    order.reason = Some(refusal.message);
                    finish(&mut order, OrderState::Rejected, "platform_rejected");
                }
            }
        }
        order
    }

    /// The bank paid for an instalment or did not: too many failures in a row end the plan.
    pub(crate) fn debit_ended(&mut self, id: &str, failed: bool, at: Timestamp) {
        let Ok(mut plan) = self.plan(id) else { return };
        plan.failures = if failed { plan.failures + 1 } else { 0 };
        if plan.status.is_open() && plan.failures >= failures_allowed(plan.frequency) {
            plan.status = PlanState::AutoCancelled;
            plan.next = None;
        }
        self.put_plan(plan, at);
    }

    /// A plan whose instalments are all done is complete.
    pub(crate) fn complete(&mut self, id: &str, at: Timestamp) {
        let Ok(mut plan) = self.plan(id) else { return };
        let used_up = plan.instalments.is_some_and(|all| plan.used >= all);
        let all_done = plan
            .orders
            .iter()
            .filter_map(|id| self.orders.get(id))
            .all(|order| order.status.is_final());
        if used_up && all_done && plan.status.is_open() {
            plan.status = PlanState::Completed;
            plan.next = None;
            self.put_plan(plan, at);
        }
    }
}

fn is_so(plan: &Plan, change: &Change) -> bool {
    if plan.pending.as_ref() == Some(change) {
        return true;
    }
    match change {
        Change::Pause { instalments } => {
            plan.status == PlanState::Paused && plan.skip == *instalments
        }
        Change::Resume => plan.status == PlanState::Active,
        Change::Cancel { .. } => plan.status == PlanState::CancelledByInvestor,
    }
}

fn check_change(plan: &Plan, change: &Change) -> Result<(), Refusal> {
    let fits = match change {
        Change::Pause { .. } => plan.status == PlanState::Active,
        Change::Resume => plan.status == PlanState::Paused,
        Change::Cancel { .. } => plan.status.is_open(),
    };
    if !fits {
        return Err(Refusal::new(
            "wrong_state",
            "the plan is not in a state for this",
        ));
    }
    match change {
        Change::Pause { instalments } if !(1..=LONGEST_PAUSE).contains(instalments) => Err(
            Refusal::new("instalments", "a pause leaves out 1 to 6 instalments"),
        ),
        Change::Cancel { reason, words } => {
            let fits = (1..=12).contains(reason) || (*reason == 13 && words.is_some());
            let why = "a reason from 1 to 13 is needed, with words for 13";
            fits.then_some(())
                .ok_or_else(|| Refusal::new("reason_cd", why))
        }
        _ => Ok(()),
    }
}
