//! The way of an order, from the investor's approval to units or money.

use std::time::Duration;

use jiff::Timestamp;

use super::calendar::{in_india, moment, tomorrow};
use super::faults::ExchangeFault;
use super::market::Scheme;
use super::records::{
    AccountState, Bounce, MandateState, Order, OrderKind, OrderState, Quantity, Step,
};
use super::state::{Refusal, State, table};

/// How long an order may wait for approval and payment.
const PATIENCE: Duration = Duration::from_hours(5 * 24);
/// How long a bank takes over a payment by hand, and over a debit.
const PAYMENT_TAKES: Duration = Duration::from_mins(2);
const DEBIT_TAKES: Duration = Duration::from_mins(30);

/// An order as it is asked for.
#[derive(Debug, Clone, serde::Deserialize)]
pub(crate) struct NewOrder {
    pub(crate) reference: String,
    pub(crate) ucc: String,
    pub(crate) kind: OrderKind,
    pub(crate) scheme: u32,
    pub(crate) target: Option<u32>,
    pub(crate) quantity: Quantity,
    pub(crate) folio: Option<String>,
    pub(crate) mandate: Option<String>,
}

/// What the investor did on the payment page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Payment {
    Done,
    Failed(Bounce),
}

impl State {
    /// Takes an order in.
    pub(crate) fn place_order(&mut self, new: NewOrder, now: Timestamp) -> Result<Order, Refusal> {
        check_reference(&new.reference)?;
        if self.by_reference(table::ORDER, &new.reference).is_some() {
            return Err(Refusal::duplicate(&new.reference));
        }
        self.check_account(&new.ucc)?;
        self.check_order(&new)?;
        if self
            .faults
            .roll_for(ExchangeFault::Refuse, &new.reference)
            .is_some()
        {
            return Err(Refusal::new("platform_rejected", "refused by the platform"));
        }
        let auto = self.auto_at(now);
        let order = Order {
            id: self.next_id('O'),
            reference: Some(new.reference),
            ucc: new.ucc,
            kind: new.kind,
            scheme: new.scheme,
            target: new.target,
            quantity: new.quantity,
            folio: new.folio,
            mandate: new.mandate,
            plan: None,
            due: None,
            status: OrderState::AwaitingAuthorisation,
            raw: "order_2fa_pending".to_owned(),
            reason: None,
            bounce: None,
            paid: None,
            asked: None,
            nav_date: None,
            allotment: None,
            switched_in: None,
            placed: now,
            next: Some(auto.map_or((now + PATIENCE, Step::Expire), |at| (at, Step::Approve))),
        };
        self.put_order(order.clone(), now);
        Ok(order)
    }

    pub(crate) fn check_account(&self, ucc: &str) -> Result<(), Refusal> {
        match self.investors.get(ucc) {
            Some(investor) if investor.state == AccountState::Active => Ok(()),
            Some(_) => Err(Refusal::new("ucc_not_active", "the account is not active")),
            None => Err(Refusal::new("unknown_ucc", "there is no such account")),
        }
    }

    fn check_order(&self, new: &NewOrder) -> Result<(), Refusal> {
        let scheme = self.scheme(new.scheme)?;
        match new.kind {
            OrderKind::Purchase => {
                let Quantity::Amount(amount) = new.quantity else {
                    return Err(Refusal::new("amount", "a purchase is for an amount"));
                };
                check_purchase(&scheme, amount)?;
                if let Some(mandate) = &new.mandate {
                    self.check_mandate(mandate, &new.ucc, amount)?;
                }
                Ok(())
            }
            OrderKind::Redemption => self.check_units(new.folio.as_deref(), new.scheme),
            OrderKind::Switch => {
                self.check_units(new.folio.as_deref(), new.scheme)?;
                self.check_target(&scheme, new.target)
            }
        }
    }

    pub(crate) fn check_units(&self, folio: Option<&str>, scheme: u32) -> Result<(), Refusal> {
        let folio = folio.ok_or_else(|| Refusal::new("folio", "a folio is needed"))?;
        let there = self.holdings.get(&(folio.to_owned(), scheme));
        if there.is_some_and(|holding| !holding.lots.is_empty()) {
            return Ok(());
        }
        let why = format!("folio {folio} holds nothing of scheme {scheme}");
        Err(Refusal::new("no_units", why))
    }

    pub(crate) fn check_target(&self, from: &Scheme, target: Option<u32>) -> Result<(), Refusal> {
        let target = target.ok_or_else(|| Refusal::new("target", "a target scheme is needed"))?;
        let target = self.scheme(target)?;
        if target.amc != from.amc || target.code == from.code {
            let why = "a switch goes to another scheme of the same fund house";
            return Err(Refusal::new("target", why));
        }
        if target.open {
            Ok(())
        } else {
            Err(Refusal::new("scheme_closed", "the target scheme is closed"))
        }
    }

    pub(crate) fn check_mandate(&self, id: &str, ucc: &str, amount: i64) -> Result<(), Refusal> {
        let mandate = self
            .mandates
            .get(id)
            .filter(|mandate| mandate.ucc == ucc)
            .ok_or_else(|| Refusal::new("unknown_mandate", "there is no such mandate"))?;
        let may_work = matches!(
            mandate.status,
            MandateState::AwaitingInvestor | MandateState::UnderProcess | MandateState::Active
        );
        if !may_work {
            return Err(Refusal::new(
                "mandate_not_usable",
                "the mandate is not usable",
            ));
        }
        if amount > mandate.limit {
            let why = "the amount is above the mandate's limit";
            return Err(Refusal::new("mandate_limit", why));
        }
        Ok(())
    }

    /// Calls an order off that nobody has paid or passed on; doing it again changes nothing.
    pub(crate) fn cancel_order(&mut self, id: &str, now: Timestamp) -> Result<Order, Refusal> {
        let mut order = self.order(id)?;
        match order.status {
            OrderState::Cancelled => {}
            OrderState::AwaitingAuthorisation | OrderState::AwaitingPayment => {
                finish(&mut order, OrderState::Cancelled, "cancelled");
                self.put_order(order.clone(), now);
            }
            _ => return Err(Refusal::new("too_late", "the order is on its way")),
        }
        Ok(order)
    }

    pub(crate) fn order(&self, id: &str) -> Result<Order, Refusal> {
        let order = self.orders.get(id).cloned();
        order.ok_or_else(|| Refusal::not_found("order"))
    }

    /// The investor approved an order.
    pub(crate) fn approve_order(&mut self, id: &str, at: Timestamp) -> Result<(), Refusal> {
        let mut order = self.order(id)?;
        if order.status != OrderState::AwaitingAuthorisation {
            return Err(Refusal::new("not_awaited", "nothing waits for approval"));
        }
        self.check_account(&order.ucc)?;
        order.asked = Some(at);
        if order.kind != OrderKind::Purchase {
            self.pass_on(&mut order, at);
        } else if order.mandate.is_some() {
            let day = self.holidays.bank_day(tomorrow(in_india(at).0));
            order.status = OrderState::PaymentProcessing;
            "debit_planned".clone_into(&mut order.raw);
            order.next = Some((moment(day, 8, 0), Step::Debit));
        } else {
            order.status = OrderState::AwaitingPayment;
            "payment_pending".clone_into(&mut order.raw);
            let expiry = (order.placed + PATIENCE, Step::Expire);
            order.next = Some(self.auto_at(at).map_or(expiry, |at| (at, Step::Pay)));
        }
        self.put_order(order, at);
        Ok(())
    }

    /// The investor refused an order.
    pub(crate) fn refuse_order(&mut self, id: &str, at: Timestamp) -> Result<(), Refusal> {
        let mut order = self.order(id)?;
        if order.status != OrderState::AwaitingAuthorisation {
            return Err(Refusal::new("not_awaited", "nothing waits for approval"));
        }
        order.reason = Some("refused by the investor".to_owned());
        finish(&mut order, OrderState::Rejected, "order_2fa_refused");
        self.put_order(order, at);
        Ok(())
    }

    /// The investor paid, or tried to.
    pub(crate) fn pay(&mut self, id: &str, payment: Payment, at: Timestamp) -> Result<(), Refusal> {
        let mut order = self.order(id)?;
        if order.status != OrderState::AwaitingPayment {
            return Err(Refusal::new("not_awaited", "nothing waits for payment"));
        }
        self.check_account(&order.ucc)?;
        match payment {
            Payment::Done => {
                order.status = OrderState::PaymentProcessing;
                "payment_processing".clone_into(&mut order.raw);
                order.bounce = None;
                order.reason = None;
                order.next = Some((at + PAYMENT_TAKES, Step::Funds));
            }
            Payment::Failed(bounce) => {
                "payment_failed".clone_into(&mut order.raw);
                order.bounce = Some(bounce);
                order.reason = Some(bounce.words().to_owned());
            }
        }
        self.put_order(order, at);
        Ok(())
    }

    /// Does what is due for an order.
    pub(crate) fn step_order(&mut self, id: &str, at: Timestamp) {
        let Some(mut order) = self.orders.get(id).cloned() else {
            return;
        };
        let Some((_, step)) = order.next.take() else {
            return;
        };
        match step {
            Step::Approve | Step::Pay => {
                let done = if step == Step::Approve {
                    self.approve_order(id, at)
                } else {
                    self.pay(id, Payment::Done, at)
                };
                if done.is_err() {
                    order.next = Some((order.placed + PATIENCE, Step::Expire));
                    self.put_order(order, at);
                }
                return;
            }
            Step::Expire => finish(&mut order, OrderState::Expired, "expired"),
            Step::Debit => {
                order.asked = Some(order.asked.unwrap_or(at));
                order.status = OrderState::PaymentProcessing;
                "debit_submitted".clone_into(&mut order.raw);
                order.next = Some((at + DEBIT_TAKES, Step::Funds));
            }
            Step::Funds => self.take_funds(&mut order, at),
            Step::Allot => self.allot(&mut order, at),
            Step::PayOut => finish(&mut order, OrderState::RedeemedPaid, "done"),
            Step::Refund => finish(&mut order, OrderState::Refunded, "refunded"),
        }
        let ended = order.status.is_final();
        let plan = order.plan.clone();
        let failed = order.bounce.is_some();
        self.put_order(order, at);
        let Some(plan) = plan else { return };
        if step == Step::Funds {
            self.debit_ended(&plan, failed, at);
        }
        if ended {
            self.complete(&plan, at);
        }
    }

    fn take_funds(&mut self, order: &mut Order, at: Timestamp) {
        let Quantity::Amount(amount) = order.quantity else {
            return finish(order, OrderState::Rejected, "platform_rejected");
        };
        if let Err(bounce) = self.debit(order, amount, at) {
            order.bounce = Some(bounce);
            order.reason = Some(bounce.words().to_owned());
            return finish(order, OrderState::Rejected, "debit_failed");
        }
        order.paid = Some(amount);
        self.pass_on(order, at);
    }

    /// Asks the bank of a mandate; a payment by hand is there already.
    fn debit(&mut self, order: &Order, amount: i64, at: Timestamp) -> Result<(), Bounce> {
        let Some(id) = &order.mandate else {
            return Ok(());
        };
        if self.check_account(&order.ucc).is_err() {
            return Err(Bounce::AccountProblem);
        }
        let today = in_india(at).0;
        let Some(mut mandate) = self.mandates.get(id).cloned() else {
            return Err(Bounce::MandateProblem);
        };
        let used = mandate.used.filter(|(day, _)| *day == today);
        let total = used.map_or(0, |(_, used)| used) + amount;
        if mandate.status != MandateState::Active || total > mandate.limit {
            return Err(Bounce::MandateProblem);
        }
        let key = self.money_key(order);
        if let Some(reason) = self.faults.roll_for(ExchangeFault::BounceDebits, &key) {
            return Err(Bounce::number(reason));
        }
        mandate.used = Some((today, total));
        self.put_mandate(mandate, at);
        Ok(())
    }

    /// Names an order by what the member called it, whenever its id was given out.
    pub(crate) fn money_key(&self, order: &Order) -> String {
        let plan = order.plan.as_ref().and_then(|plan| self.plans.get(plan));
        match (plan, order.due) {
            (Some(plan), Some(due)) => format!("{}/{due}", plan.reference),
            _ => order.reference.clone().unwrap_or_default(),
        }
    }
}

/// Ends an order, or the part of its way that has no step of its own.
pub(crate) fn finish(order: &mut Order, status: OrderState, raw: &str) {
    order.status = status;
    raw.clone_into(&mut order.raw);
    order.next = None;
}

pub(crate) fn check_purchase(scheme: &Scheme, amount: i64) -> Result<(), Refusal> {
    if !scheme.open {
        return Err(Refusal::new("scheme_closed", "the scheme takes no money"));
    }
    if amount < scheme.minimum || amount <= 0 {
        return Err(Refusal::new("amount", "the amount is below the minimum"));
    }
    Ok(())
}

/// 1 to 32 digits and hyphens.
pub(crate) fn check_reference(reference: &str) -> Result<(), Refusal> {
    let fits = (1..=32).contains(&reference.len())
        && reference.bytes().all(|b| b.is_ascii_digit() || b == b'-');
    if fits {
        return Ok(());
    }
    let why = "a reference is 1 to 32 digits and hyphens";
    Err(Refusal::new("reference", why))
}
