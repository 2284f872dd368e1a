//! An exchange in memory that does as it is told: it loses answers, refuses, and runs
//! plans day by day.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};

use jiff::civil::Date;
use rust_decimal::Decimal;
use tokio::sync::Notify;

use crate::investing::calendar::Calendar;
use crate::investing::gateway::port::{
    Answer, GatewayError, InvestorState, MandateReport, NewInvestor, NewMandate, NewOrder, NewPlan,
    Notice, OrderGateway, OrderReport, Page, PlanChange, PlanReport, Reference, Subject, Takes,
    Unread,
};
use crate::investing::money::Paise;
use crate::investing::orders::charges::{stamp_duty, units_for};
use crate::investing::orders::plan::{PlanTerms, StepUp};
use crate::investing::orders::{
    Allotment, BounceReason, MandateStatus, OrderKind, OrderStatus, PlanKind, PlanStatus, Quantity,
};

/// What goes wrong with the next call that would change something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// It is taken, and the answer is lost.
    TakenAndLost,
    /// It does not arrive.
    Unavailable,
    /// It is refused.
    Refused,
    /// It is taken, and no answer ever comes.
    TakenAndSilent,
    /// It is not taken, and no answer ever comes.
    LostAndSilent,
}

#[derive(Debug, Clone)]
pub(super) struct HeldPlan {
    pub(super) new: NewPlan,
    pub(super) status: PlanStatus,
    pub(super) next: Option<Date>,
    pub(super) ran: u32,
    pub(super) pause_left: u32,
    pub(super) failures: u32,
    pub(super) instalments: Vec<String>,
    /// Days left out, for the reckoning at the end.
    pub(super) skipped: Vec<Date>,
}

#[derive(Default)]
pub(super) struct State {
    pub(super) orders: BTreeMap<String, OrderReport>,
    pub(super) kinds: HashMap<String, NewOrder>,
    pub(super) plans: BTreeMap<String, HeldPlan>,
    pub(super) mandates: BTreeMap<String, MandateReport>,
    /// Calls that placed something, by reference.
    pub(super) placed: HashMap<String, u32>,
    pub(super) faults: VecDeque<Fault>,
    pub(super) calls: u32,
    pub(super) needs_approval: bool,
    /// Orders it speaks of in words nobody knows.
    pub(super) unreadable: HashSet<String>,
    /// What it takes, if not everything.
    pub(super) takes: Option<Takes>,
    /// How often it was asked about a plan.
    pub(super) plans_read: u32,
    /// It says nothing of any order.
    pub(super) hangs: bool,
    /// Its next answer is given and does not arrive before this.
    pub(super) slow: Option<Arc<Notify>>,
    /// It has no page for anything yet.
    pub(super) has_no_pages: bool,
    /// Debits that fail, by plan reference and day.
    pub(super) bounces: HashSet<(String, Date)>,
    next: u64,
}

#[derive(Default)]
pub(super) struct Exchange {
    state: Mutex<State>,
}

/// Rupees per unit, always.
pub(super) const NAV: i64 = 25;

fn allot(amount: Paise, day: Date) -> Allotment {
    let duty = stamp_duty(amount);
    Allotment {
        folio: "7001/11".to_owned(),
        nav_date: day,
        nav: NAV.into(),
        units: units_for(amount, NAV.into(), 3).unwrap(),
        amount: amount - duty,
        stamp_duty: duty,
        exit_load: Paise(0),
        stt: Paise(0),
    }
}

fn take(units: Decimal, day: Date) -> Allotment {
    Allotment {
        folio: "7001/11".to_owned(),
        nav_date: day,
        nav: NAV.into(),
        units,
        amount: Paise::from_rupees(units * Decimal::from(NAV)).unwrap(),
        stamp_duty: Paise(0),
        exit_load: Paise(0),
        stt: Paise(0),
    }
}

impl State {
    fn id(&mut self) -> String {
        self.next += 1;
        self.next.to_string()
    }

    fn plan_report(&self, id: &str) -> PlanReport {
        let plan = &self.plans[id];
        let orders = plan.instalments.iter().map(|id| &self.orders[id]);
        let (unread, read): (Vec<_>, Vec<_>) =
            orders.partition(|order| self.unreadable.contains(&order.id));
        PlanReport {
            id: id.to_owned(),
            reference: plan.new.reference.clone(),
            status: plan.status,
            raw_status: plan.status.to_string(),
            change_awaits_approval: false,
            ahead: None,
            instalments: read.into_iter().cloned().collect(),
            unread: unread
                .into_iter()
                .map(|order| Unread {
                    due: order.due,
                    why: "a word in no table".to_owned(),
                })
                .collect(),
        }
    }

    fn terms(plan: &HeldPlan) -> PlanTerms {
        let new = &plan.new;
        PlanTerms {
            kind: new.kind,
            scheme: new.scheme,
            target: new.target,
            amount: new.amount,
            frequency: new.frequency,
            start: new.start,
            instalments: new.instalments,
            step_up: new.step_up.map(|step| StepUp {
                by: step.by,
                every_months: step.every_months,
                cap: step.cap,
            }),
        }
    }
}

impl Exchange {
    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    pub(super) fn fault(&self, fault: Fault) {
        self.state().faults.push_back(fault);
    }

    /// Does `change` unless a fault keeps it from happening; then loses the answer if so
    /// told.
    async fn call<T>(&self, change: impl FnOnce(&mut State) -> T + Send) -> Result<T, GatewayError>
    where
        T: Send,
    {
        let (fault, value) = {
            let mut state = self.state();
            state.calls += 1;
            let fault = state.faults.pop_front();
            let value = match fault {
                None | Some(Fault::TakenAndLost | Fault::TakenAndSilent) => {
                    Some(change(&mut state))
                }
                Some(_) => None,
            };
            (fault, value)
        };
        match (fault, value) {
            (None, Some(value)) => {
                self.arrives().await;
                Ok(value)
            }
            (Some(Fault::TakenAndSilent | Fault::LostAndSilent), _) => std::future::pending().await,
            (Some(Fault::Unavailable), _) => {
                Err(GatewayError::Unavailable("connection refused".to_owned()))
            }
            (Some(Fault::Refused), _) => Err(GatewayError::Refused {
                code: "561".to_owned(),
                message: "not allowed".to_owned(),
            }),
            _ => Err(GatewayError::Unknown("timed out".to_owned())),
        }
    }

    /// Waits for as long as an answer is on its way.
    async fn arrives(&self) {
        let slow = self.state().slow.take();
        if let Some(slow) = slow {
            slow.notified().await;
        }
    }

    /// What the investor and the exchange do with every open order on a business day.
    pub(super) fn settle_orders(&self, day: Date) {
        let mut state = self.state();
        let ids: Vec<String> = state.orders.keys().cloned().collect();
        for id in ids {
            let Some(new) = state.kinds.get(&id).cloned() else {
                continue;
            };
            let report = state.orders.get_mut(&id).unwrap();
            if report.status != OrderStatus::SentToRta {
                continue;
            }
            let allotment = match (new.kind, new.quantity) {
                (OrderKind::Purchase, Quantity::Amount(amount)) => allot(amount, day),
                (_, Quantity::Units(units)) => take(units, day),
                (_, Quantity::Amount(amount)) => take(amount.rupees() / Decimal::from(NAV), day),
                (_, Quantity::All) => take(Decimal::from(100), day),
            };
            let brings = allotment.amount;
            report.allotment = Some(allotment);
            report.status = OrderStatus::Allotted;
            match new.kind {
                OrderKind::Switch => report.switched_in = Some(allot(brings, day)),
                OrderKind::Redemption => report.status = OrderStatus::RedeemedPaid,
                OrderKind::Purchase => {}
            }
        }
    }

    /// The investor approves and pays whatever waits for it.
    pub(super) fn approve_all(&self) {
        let mut state = self.state();
        for report in state.orders.values_mut() {
            if matches!(
                report.status,
                OrderStatus::AwaitingAuthorisation | OrderStatus::AwaitingPayment
            ) {
                report.status = OrderStatus::SentToRta;
            }
        }
        let kinds = state.kinds.clone();
        for (id, report) in &mut state.orders {
            if let Some(NewOrder {
                kind: OrderKind::Purchase,
                quantity: Quantity::Amount(amount),
                ..
            }) = kinds.get(id)
                && report.paid.is_none()
            {
                report.paid = Some(*amount);
            }
        }
        for plan in state.plans.values_mut() {
            if plan.status == PlanStatus::Awaiting2fa {
                plan.status = PlanStatus::Active;
            }
        }
        for mandate in state.mandates.values_mut() {
            if mandate.status == MandateStatus::AwaitingInvestor {
                mandate.status = MandateStatus::Active;
            }
        }
    }

    /// Runs every plan's instalments that are due up to `day`, as the bank would.
    pub(super) fn run_plans(&self, calendar: &Calendar, day: Date) {
        let mut state = self.state();
        let ids: Vec<String> = state.plans.keys().cloned().collect();
        for id in ids {
            loop {
                let plan = state.plans[&id].clone();
                let runs = matches!(plan.status, PlanStatus::Active | PlanStatus::Paused);
                let Some(due) = plan
                    .next
                    .filter(|due| runs && calendar.business_day_from(*due) <= day)
                else {
                    break;
                };
                let terms = State::terms(&plan);
                let next = terms.due_after(calendar, due);
                let bounces = state.bounces.contains(&(plan.new.reference.0.clone(), due));
                let order = (plan.pause_left == 0).then(|| state.id());
                let held = state.plans.get_mut(&id).unwrap();
                held.ran += 1;
                held.next = next.filter(|_| held.new.instalments.is_none_or(|all| held.ran < all));
                let Some(order) = order else {
                    held.pause_left -= 1;
                    held.skipped.push(due);
                    if held.pause_left == 0 {
                        held.status = PlanStatus::Active;
                    }
                    continue;
                };
                held.instalments.push(order.clone());
                held.failures = if bounces { held.failures + 1 } else { 0 };
                if held.failures >= terms.most_failures() {
                    held.status = PlanStatus::AutoCancelled;
                } else if held.next.is_none() {
                    held.status = PlanStatus::Completed;
                }
                let amount = terms.amount_on(due);
                let mut report = OrderReport {
                    id: order.clone(),
                    reference: None,
                    plan: Some(id.clone()),
                    due: Some(due),
                    status: OrderStatus::Allotted,
                    raw_status: "done".to_owned(),
                    reason: None,
                    payout_failed: false,
                    bounce: None,
                    paid: None,
                    allotment: None,
                    switched_in: None,
                };
                let units = amount.rupees() / Decimal::from(NAV);
                match (terms.kind, bounces) {
                    (_, true) => {
                        report.status = OrderStatus::Rejected;
                        report.bounce = Some(BounceReason::InsufficientFunds);
                        report.reason = Some("balance insufficient".to_owned());
                    }
                    (PlanKind::Sip, false) => {
                        report.paid = Some(amount);
                        report.allotment = Some(allot(amount, day));
                    }
                    (PlanKind::Stp, false) => {
                        report.allotment = Some(take(units, day));
                        report.switched_in = Some(allot(amount, day));
                    }
                    (PlanKind::Swp, false) => {
                        report.status = OrderStatus::RedeemedPaid;
                        report.allotment = Some(take(units, day));
                    }
                }
                state.orders.insert(order, report);
            }
        }
    }
}

impl OrderGateway for Exchange {
    fn name(&self) -> &'static str {
        "scripted"
    }

    fn takes(&self) -> Takes {
        self.state().takes.unwrap_or(Takes::ALL)
    }

    fn register_investor<'a>(&'a self, _: &'a NewInvestor) -> Answer<'a, InvestorState> {
        Box::pin(async { Ok(InvestorState::Active) })
    }

    fn find_investor<'a>(&'a self, _: &'a str) -> Answer<'a, Option<InvestorState>> {
        Box::pin(async { Ok(Some(InvestorState::Active)) })
    }

    fn place_order<'a>(&'a self, new: &'a NewOrder) -> Answer<'a, OrderReport> {
        Box::pin(self.call(move |state| {
            *state.placed.entry(new.reference.0.clone()).or_default() += 1;
            let id = state.id();
            let report = OrderReport {
                id: id.clone(),
                reference: Some(new.reference.clone()),
                plan: None,
                due: None,
                status: OrderStatus::AwaitingAuthorisation,
                raw_status: "order_2fa_pending".to_owned(),
                reason: None,
                payout_failed: false,
                bounce: None,
                paid: None,
                allotment: None,
                switched_in: None,
            };
            state.orders.insert(id.clone(), report.clone());
            state.kinds.insert(id, new.clone());
            report
        }))
    }

    fn find_order<'a>(&'a self, reference: &'a Reference) -> Answer<'a, Option<OrderReport>> {
        let state = self.state();
        let mut orders = state.orders.values();
        let found = orders.find(|order| order.reference.as_ref() == Some(reference));
        let found = found.cloned();
        Box::pin(async move { Ok(found) })
    }

    fn read_order<'a>(&'a self, id: &'a str) -> Answer<'a, Option<OrderReport>> {
        let state = self.state();
        let found = state.orders.get(id).cloned();
        let is_unreadable = state.unreadable.contains(id);
        if state.hangs {
            return Box::pin(std::future::pending());
        }
        Box::pin(async move {
            if is_unreadable {
                return Err(GatewayError::NotSetUp("a word in no table".to_owned()));
            }
            Ok(found)
        })
    }

    fn cancel_order<'a>(&'a self, id: &'a str) -> Answer<'a, OrderReport> {
        Box::pin(self.call(move |state| {
            let order = state.orders.get_mut(id).unwrap();
            order.status = OrderStatus::Cancelled;
            order.clone()
        }))
    }

    fn register_plan<'a>(&'a self, new: &'a NewPlan) -> Answer<'a, PlanReport> {
        Box::pin(self.call(move |state| {
            *state.placed.entry(new.reference.0.clone()).or_default() += 1;
            let id = state.id();
            let status = if state.needs_approval {
                PlanStatus::Awaiting2fa
            } else {
                PlanStatus::Active
            };
            let plan = HeldPlan {
                new: new.clone(),
                status,
                next: None,
                ran: 0,
                pause_left: 0,
                failures: 0,
                instalments: Vec::new(),
                skipped: Vec::new(),
            };
            let next = State::terms(&plan).first_due(&Calendar::shipped());
            state.plans.insert(id.clone(), HeldPlan { next, ..plan });
            state.plan_report(&id)
        }))
    }

    fn find_plan<'a>(&'a self, reference: &'a Reference) -> Answer<'a, Option<PlanReport>> {
        let state = self.state();
        let mut plans = state.plans.iter();
        let found = plans.find(|(_, plan)| plan.new.reference == *reference);
        let found = found.map(|(id, _)| state.plan_report(id));
        Box::pin(async move { Ok(found) })
    }

    fn read_plan<'a>(&'a self, id: &'a str) -> Answer<'a, Option<PlanReport>> {
        let mut state = self.state();
        state.plans_read += 1;
        let found = state.plans.contains_key(id).then(|| state.plan_report(id));
        Box::pin(async move {
            self.arrives().await;
            Ok(found)
        })
    }

    fn change_plan<'a>(
        &'a self,
        id: &'a str,
        _: PlanKind,
        change: &'a PlanChange,
    ) -> Answer<'a, PlanReport> {
        Box::pin(self.call(move |state| {
            let plan = state.plans.get_mut(id).unwrap();
            match (change, plan.status) {
                (PlanChange::Pause { instalments }, PlanStatus::Active) => {
                    plan.status = PlanStatus::Paused;
                    plan.pause_left = *instalments;
                }
                (PlanChange::Resume, PlanStatus::Paused) => {
                    plan.status = PlanStatus::Active;
                    plan.pause_left = 0;
                }
                (PlanChange::Cancel { .. }, PlanStatus::Active | PlanStatus::Paused) => {
                    plan.status = PlanStatus::CancelledByInvestor;
                }
                _ => {}
            }
            state.plan_report(id)
        }))
    }

    fn register_mandate<'a>(&'a self, new: &'a NewMandate) -> Answer<'a, MandateReport> {
        Box::pin(self.call(move |state| {
            *state.placed.entry(new.reference.0.clone()).or_default() += 1;
            let report = MandateReport {
                id: state.id(),
                reference: new.reference.clone(),
                status: MandateStatus::AwaitingInvestor,
                raw_status: "investor_auth_awaited".to_owned(),
                reason: None,
            };
            state.mandates.insert(report.id.clone(), report.clone());
            report
        }))
    }

    fn find_mandate<'a>(&'a self, reference: &'a Reference) -> Answer<'a, Option<MandateReport>> {
        let state = self.state();
        let mut mandates = state.mandates.values();
        let found = mandates.find(|mandate| mandate.reference == *reference);
        let found = found.cloned();
        Box::pin(async move { Ok(found) })
    }

    fn read_mandate<'a>(&'a self, id: &'a str) -> Answer<'a, Option<MandateReport>> {
        let found = self.state().mandates.get(id).cloned();
        Box::pin(async move {
            self.arrives().await;
            Ok(found)
        })
    }

    fn cancel_mandate<'a>(&'a self, id: &'a str) -> Answer<'a, MandateReport> {
        Box::pin(self.call(move |state| {
            let mandate = state.mandates.get_mut(id).unwrap();
            mandate.status = MandateStatus::Cancelled;
            mandate.clone()
        }))
    }

    fn page<'a>(&'a self, page: &'a Page) -> Answer<'a, String> {
        let link = match page {
            Page::Investor { ucc } => ucc.clone(),
            Page::Order(id) | Page::Payment(id) | Page::Plan(id) | Page::Mandate(id) => id.clone(),
        };
        let has_none = self.state().has_no_pages;
        Box::pin(async move {
            if has_none {
                return Err(GatewayError::Unavailable("no page for this yet".to_owned()));
            }
            Ok(format!("https://exchange.invalid/{link}"))
        })
    }

    fn read_notice(&self, body: &[u8]) -> Result<Notice, GatewayError> {
        let text = std::str::from_utf8(body).unwrap_or_default();
        let parts: Vec<_> = text.split(' ').collect();
        let [id, kind, about] = parts[..] else {
            return Err(GatewayError::Refused {
                code: "unreadable".to_owned(),
                message: "three words are a notice".to_owned(),
            });
        };
        let about = about.to_owned();
        Ok(Notice {
            id: id.to_owned(),
            about: match kind {
                "order" => Subject::Order(about),
                "plan" => Subject::Plan(about),
                "mandate" => Subject::Mandate(about),
                _ => Subject::Other(about),
            },
        })
    }
}
