//! Everything the exchange knows, what is due next, and what is not on disk yet.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::calendar::Holidays;
use super::faults::{ExchangeFault, Faults};
use super::market::{Market, Scheme};
use super::records::{Holding, Id, Investor, Mandate, Notice, Order, Plan};

/// Why a request was not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) status: u16,
    pub(crate) code: &'static str,
    pub(crate) message: String,
}

impl Refusal {
    pub(crate) fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status: 422,
            code,
            message: message.into(),
        }
    }

    pub(crate) fn not_found(what: &str) -> Self {
        Self {
            status: 404,
            code: "not_found",
            message: format!("there is no such {what}"),
        }
    }

    pub(crate) fn duplicate(reference: &str) -> Self {
        Self {
            status: 409,
            code: "duplicate_reference",
            message: format!("the reference {reference} was used before"),
        }
    }
}

/// What can be switched while it runs and is no fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ExchangeOptions {
    /// Every page is approved and paid by an invisible hand.
    pub auto_approve: bool,
    /// After so long.
    pub auto_after_ms: u64,
    /// Accounts are open as soon as they are asked for.
    pub opens_accounts: bool,
}

impl Default for ExchangeOptions {
    fn default() -> Self {
        Self {
            auto_approve: false,
            auto_after_ms: 3_000,
            opens_accounts: false,
        }
    }
}

/// Names a record; what is due at one moment is done in this order.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Key {
    Investor(Id),
    Mandate(Id),
    Order(Id),
    Plan(Id),
}

/// Tables of the file.
pub(crate) mod table {
    pub(crate) const INVESTOR: &str = "investor";
    pub(crate) const MANDATE: &str = "mandate";
    pub(crate) const ORDER: &str = "order";
    pub(crate) const PLAN: &str = "plan";
    pub(crate) const HOLDING: &str = "holding";
    pub(crate) const NOTICE: &str = "notice";
    pub(crate) const COUNTER: &str = "counter";
    pub(crate) const OPTIONS: &str = "options";
}

/// A record that has to go to disk, or to leave it.
pub(crate) type Dirty = BTreeMap<(&'static str, String), Option<String>>;

pub(crate) struct State {
    pub(crate) holidays: Holidays,
    pub(crate) market: Arc<dyn Market>,
    pub(crate) faults: Faults,
    pub(crate) options: ExchangeOptions,
    pub(crate) investors: BTreeMap<Id, Investor>,
    pub(crate) mandates: BTreeMap<Id, Mandate>,
    pub(crate) orders: BTreeMap<Id, Order>,
    pub(crate) plans: BTreeMap<Id, Plan>,
    pub(crate) holdings: BTreeMap<(String, u32), Holding>,
    pub(crate) notices: BTreeMap<u64, Notice>,
    /// Under way to the member.
    pub(crate) posting: BTreeSet<u64>,
    references: HashMap<(&'static str, String), Id>,
    agenda: BTreeSet<(Timestamp, Key)>,
    counter: u64,
    dirty: Dirty,
}

impl State {
    pub(crate) fn new(holidays: Holidays, market: Arc<dyn Market>, seed: u64) -> Self {
        Self {
            holidays,
            market,
            faults: Faults::seeded(seed),
            options: ExchangeOptions::default(),
            investors: BTreeMap::new(),
            mandates: BTreeMap::new(),
            orders: BTreeMap::new(),
            plans: BTreeMap::new(),
            holdings: BTreeMap::new(),
            notices: BTreeMap::new(),
            posting: BTreeSet::new(),
            references: HashMap::new(),
            agenda: BTreeSet::new(),
            counter: 0,
            dirty: Dirty::new(),
        }
    }

    /// Puts a record back that was on disk.
    pub(crate) fn restore(&mut self, table: &str, body: &str) -> Result<(), serde_json::Error> {
        match table {
            table::INVESTOR => drop(self.keep_investor(serde_json::from_str(body)?)),
            table::MANDATE => drop(self.keep_mandate(serde_json::from_str(body)?)),
            table::ORDER => drop(self.keep_order(serde_json::from_str(body)?)),
            table::PLAN => drop(self.keep_plan(serde_json::from_str(body)?)),
            table::HOLDING => self.put_holding(serde_json::from_str(body)?),
            table::NOTICE => self.put_notice(serde_json::from_str(body)?),
            table::COUNTER => self.counter = serde_json::from_str(body)?,
            table::OPTIONS => self.options = serde_json::from_str(body)?,
            _ => tracing::warn!(table, "the exchange's file has a record of an unknown kind"),
        }
        self.dirty.clear();
        Ok(())
    }

    /// Takes what is not on disk yet.
    pub(crate) fn take_dirty(&mut self) -> Dirty {
        std::mem::take(&mut self.dirty)
    }

    /// Gives back what could not be written; what changed meanwhile is newer.
    pub(crate) fn give_back(&mut self, mut dirty: Dirty) {
        dirty.append(&mut self.dirty);
        self.dirty = dirty;
    }

    pub(crate) fn set_options(&mut self, options: ExchangeOptions) {
        self.options = options;
        self.mark(table::OPTIONS, String::new(), &options);
    }

    fn mark(&mut self, table: &'static str, id: String, record: &impl Serialize) {
        let body = serde_json::to_string(record).expect("records are texts and numbers");
        self.dirty.insert((table, id), Some(body));
    }

    /// Returns a new id; ids sort the way they were given out.
    pub(crate) fn next_id(&mut self, first: char) -> Id {
        self.counter += 1;
        let counter = self.counter;
        self.mark(table::COUNTER, String::new(), &counter);
        format!("{first}{counter:09}")
    }

    pub(crate) fn next_folio(&mut self) -> String {
        let id = self.next_id('F');
        format!("91{}", &id[1..])
    }

    /// Returns a scheme that is traded.
    pub(crate) fn scheme(&self, code: u32) -> Result<Scheme, Refusal> {
        self.market
            .scheme(code)
            .ok_or_else(|| Refusal::new("unknown_scheme", format!("scheme {code} is not traded")))
    }

    /// Returns the moment the invisible hand acts, if there is one.
    pub(crate) fn auto_at(&self, now: Timestamp) -> Option<Timestamp> {
        self.options
            .auto_approve
            .then(|| now + Duration::from_millis(self.options.auto_after_ms))
    }

    pub(crate) fn by_reference(&self, table: &'static str, reference: &str) -> Option<&Id> {
        self.references.get(&(table, reference.to_owned()))
    }

    /// Returns when something happens by itself next.
    pub(crate) fn next_due(&self) -> Option<Timestamp> {
        self.agenda.first().map(|(at, _)| *at)
    }

    /// Does what is due at `now`, in the order it was due, each as at its own moment.
    pub(crate) fn settle(&mut self, now: Timestamp) {
        while let Some((at, _)) = self.agenda.first()
            && *at <= now
        {
            let Some((at, key)) = self.agenda.pop_first() else {
                return;
            };
            match key {
                Key::Investor(ucc) => self.step_investor(&ucc, at),
                Key::Mandate(id) => self.step_mandate(&id, at),
                Key::Order(id) => self.step_order(&id, at),
                Key::Plan(id) => self.step_plan(&id, at),
            }
        }
    }

    fn plan_for(&mut self, old: Option<Timestamp>, new: Option<Timestamp>, key: &Key) {
        if let Some(old) = old {
            self.agenda.remove(&(old, key.clone()));
        }
        if let Some(new) = new {
            self.agenda.insert((new, key.clone()));
        }
    }

    fn keep_investor(&mut self, investor: Investor) -> Option<Investor> {
        let key = Key::Investor(investor.ucc.clone());
        let old = self.investors.get(&investor.ucc).and_then(|old| old.next);
        self.plan_for(old, investor.next, &key);
        self.mark(table::INVESTOR, investor.ucc.clone(), &investor);
        self.investors.insert(investor.ucc.clone(), investor)
    }

    fn keep_mandate(&mut self, mandate: Mandate) -> Option<Mandate> {
        let key = Key::Mandate(mandate.id.clone());
        let old = self.mandates.get(&mandate.id).and_then(|old| old.next);
        self.plan_for(old, mandate.next, &key);
        let reference = (table::MANDATE, mandate.reference.clone());
        self.references.insert(reference, mandate.id.clone());
        self.mark(table::MANDATE, mandate.id.clone(), &mandate);
        self.mandates.insert(mandate.id.clone(), mandate)
    }

    fn keep_order(&mut self, order: Order) -> Option<Order> {
        let key = Key::Order(order.id.clone());
        let old = self.orders.get(&order.id).and_then(|old| old.next);
        let next = order.next.map(|(at, _)| at);
        self.plan_for(old.map(|(at, _)| at), next, &key);
        if let Some(reference) = &order.reference {
            let reference = (table::ORDER, reference.clone());
            self.references.insert(reference, order.id.clone());
        }
        self.mark(table::ORDER, order.id.clone(), &order);
        self.orders.insert(order.id.clone(), order)
    }

    fn keep_plan(&mut self, plan: Plan) -> Option<Plan> {
        let key = Key::Plan(plan.id.clone());
        let old = self.plans.get(&plan.id).and_then(|old| old.next);
        self.plan_for(old, plan.next, &key);
        let reference = (table::PLAN, plan.reference.clone());
        self.references.insert(reference, plan.id.clone());
        self.mark(table::PLAN, plan.id.clone(), &plan);
        self.plans.insert(plan.id.clone(), plan)
    }

    pub(crate) fn put_investor(&mut self, investor: Investor, at: Timestamp) {
        let (ucc, state) = (investor.ucc.clone(), investor.state);
        let old = self.keep_investor(investor);
        if old.is_none_or(|old| old.state != state) {
            self.tell("investor", &ucc, at);
        }
    }

    pub(crate) fn put_mandate(&mut self, mandate: Mandate, at: Timestamp) {
        let (id, status) = (mandate.id.clone(), mandate.status);
        let old = self.keep_mandate(mandate);
        if old.is_none_or(|old| old.status != status) {
            self.tell("mandate", &id, at);
        }
    }

    pub(crate) fn put_order(&mut self, order: Order, at: Timestamp) {
        let id = order.id.clone();
        let news = (order.status, order.raw.clone());
        let old = self.keep_order(order);
        if old.is_none_or(|old| (old.status, old.raw) != news) {
            self.tell("order", &id, at);
        }
    }

    pub(crate) fn put_plan(&mut self, plan: Plan, at: Timestamp) {
        let id = plan.id.clone();
        let news = (plan.status, plan.pending.clone(), plan.orders.len());
        let old = self.keep_plan(plan);
        if old.is_none_or(|old| (old.status, old.pending, old.orders.len()) != news) {
            self.tell("plan", &id, at);
        }
    }

    pub(crate) fn put_holding(&mut self, holding: Holding) {
        let id = format!("{}|{}", holding.folio, holding.scheme);
        self.mark(table::HOLDING, id, &holding);
        let key = (holding.folio.clone(), holding.scheme);
        self.holdings.insert(key, holding);
    }

    pub(crate) fn put_notice(&mut self, notice: Notice) {
        self.mark(table::NOTICE, format!("{:012}", notice.place), &notice);
        self.notices.insert(notice.place, notice);
    }

    pub(crate) fn drop_notice(&mut self, place: u64) {
        self.notices.remove(&place);
        self.dirty
            .insert((table::NOTICE, format!("{place:012}")), None);
    }

    /// Tells the member that something changed; never what.
    fn tell(&mut self, about: &str, of: &str, at: Timestamp) {
        let id = self.next_id('N');
        let body = json!({"id": id, "about": about, "of": of, "at": at.to_string()}).to_string();
        if self.faults.roll(ExchangeFault::LoseNotices).is_some() {
            return;
        }
        let copies = self.faults.roll(ExchangeFault::DuplicateNotices);
        for _ in 0..=copies.unwrap_or(0).min(20) {
            let mut wait = self.faults.roll(ExchangeFault::DelayNotices).unwrap_or(0);
            if let Some(most) = self.faults.roll(ExchangeFault::ReorderNotices) {
                wait += self.faults.up_to(most);
            }
            self.counter += 1;
            let place = self.counter;
            self.put_notice(Notice {
                place,
                due: at + Duration::from_millis(wait),
                attempts: 0,
                body: body.clone(),
            });
        }
        let counter = self.counter;
        self.mark(table::COUNTER, String::new(), &counter);
    }
}
