//! The last part of an order's way: the registrar, the NAV, and units in and out.

use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;

use super::calendar::{in_india, moment, tomorrow};
use super::faults::ExchangeFault;
use super::market::{Class, Scheme, nav_on};
use super::orders::finish;
use super::records::{Holding, Lot, Order, OrderKind, OrderState, Step};
use super::registrar;
use super::state::State;

impl State {
    /// Hands an order to the registrar.
    pub(crate) fn pass_on(&mut self, order: &mut Order, at: Timestamp) {
        let Ok(scheme) = self.scheme(order.scheme) else {
            return finish(order, OrderState::Rejected, "platform_rejected");
        };
        let asked = order.asked.unwrap_or(at);
        let nav_date = match order.kind {
            OrderKind::Purchase => self.holidays.purchase_nav(scheme.class, asked, at),
            _ => self.holidays.redemption_nav(scheme.class, asked),
        };
        order.status = OrderState::SentToRta;
        "sent_to_rta".clone_into(&mut order.raw);
        order.nav_date = Some(nav_date);
        let ready = match self.switch_in(order, &scheme, nav_date) {
            Some((target, nav_date)) => self.allotted_at(target.class, nav_date),
            None => self.allotted_at(scheme.class, nav_date),
        };
        order.next = Some((ready.max(at), Step::Allot));
    }

    /// Returns the target of a switch and the date of its NAV: the money gets there on
    /// the day the source pays out.
    fn switch_in(&self, order: &Order, from: &Scheme, nav_date: Date) -> Option<(Scheme, Date)> {
        let target = self.scheme(order.target?).ok()?;
        let there = moment(self.holidays.payout(from.class, nav_date), 9, 0);
        let nav_date = self.holidays.purchase_nav(target.class, there, there);
        Some((target, nav_date))
    }

    /// The registrar is done the morning after the NAV's day; with liquid funds, whose
    /// NAV is of the day before, in the evening.
    fn allotted_at(&self, class: Class, nav_date: Date) -> Timestamp {
        let day = self.holidays.bank_day(tomorrow(nav_date));
        let hour = match class {
            Class::Equity | Class::Debt => 10,
            Class::Liquid | Class::Overnight => 18,
        };
        moment(day, hour, 0)
    }

    pub(crate) fn allot(&mut self, order: &mut Order, at: Timestamp) {
        let key = self.money_key(order);
        let rejected = self.faults.roll_for(ExchangeFault::RejectOrders, &key);
        let done = match rejected {
            Some(_) => Err("rejected by the registrar"),
            None => self.settle_units(order, at),
        };
        let Err(why) = done else { return };
        order.reason = Some(why.to_owned());
        if order.paid.is_some() {
            order.status = OrderState::RefundDue;
            "rta_rejected".clone_into(&mut order.raw);
            let day = self.holidays.bank_days_after(in_india(at).0, 1);
            order.next = Some((moment(day, 12, 0), Step::Refund));
        } else {
            finish(order, OrderState::Rejected, "rta_rejected");
        }
    }

    fn settle_units(&mut self, order: &mut Order, at: Timestamp) -> Result<(), &'static str> {
        let scheme = self.scheme(order.scheme).map_err(|_| "scheme unknown")?;
        let nav_date = order.nav_date.ok_or("no NAV date")?;
        let nav = nav_on(&*self.market, &scheme, nav_date).ok_or("no NAV")?;
        if order.kind == OrderKind::Purchase {
            let folio = self.folio_of(order, at);
            let made = registrar::allot(&folio, order.paid.unwrap_or(0), nav, nav_date);
            self.add_lot(&folio, scheme.code, nav_date, made.units);
            order.allotment = Some(made);
            order.folio = Some(folio);
            finish(order, OrderState::Allotted, "done");
            return Ok(());
        }
        let folio = order.folio.clone().ok_or("no folio")?;
        let holding = self.holdings.get(&(folio.clone(), scheme.code));
        let mut holding = holding.cloned().ok_or("the folio holds nothing of it")?;
        let units = registrar::units_out(&scheme, &holding, order.quantity, nav, nav_date)
            .ok_or("not so many units are free")?;
        let asked = order.asked.unwrap_or(at);
        let received = self.holidays.redemption_day(scheme.class, asked);
        let out = registrar::redeem(&scheme, &mut holding, units, (nav, nav_date), received);
        if order.kind == OrderKind::Switch {
            let (target, day) = self
                .switch_in(order, &scheme, nav_date)
                .ok_or("no target")?;
            let nav = nav_on(&*self.market, &target, day).ok_or("no NAV")?;
            let money = out.amount - out.exit_load - out.stt;
            let made = registrar::allot(&folio, money, nav, day);
            self.add_lot(&folio, target.code, day, made.units);
            order.switched_in = Some(made);
            finish(order, OrderState::Allotted, "done");
        } else {
            let day = self.holidays.payout(scheme.class, nav_date);
            "units_settled".clone_into(&mut order.raw);
            order.next = Some((moment(day, 19, 0).max(at), Step::PayOut));
        }
        self.put_holding(holding);
        order.allotment = Some(out);
        Ok(())
    }

    /// Returns the folio of a purchase: its own, its plan's, or a new one, which the plan
    /// keeps.
    fn folio_of(&mut self, order: &Order, at: Timestamp) -> String {
        let plan = order
            .plan
            .as_ref()
            .and_then(|id| self.plans.get(id))
            .cloned();
        let known = order.folio.clone();
        let known = known.or_else(|| plan.as_ref().and_then(|plan| plan.folio.clone()));
        known.unwrap_or_else(|| {
            let folio = self.next_folio();
            if let Some(mut plan) = plan {
                plan.folio = Some(folio.clone());
                self.put_plan(plan, at);
            }
            folio
        })
    }

    pub(crate) fn add_lot(&mut self, folio: &str, scheme: u32, date: Date, units: Decimal) {
        let key = (folio.to_owned(), scheme);
        let mut holding = self.holdings.get(&key).cloned().unwrap_or(Holding {
            folio: folio.to_owned(),
            scheme,
            lots: Vec::new(),
        });
        holding.lots.push(Lot { date, units });
        self.put_holding(holding);
    }
}
