//! A year at the paper exchange, twice: every instalment it ran is on our record, once.
//!
//! Plans and their changes are approved when the investor gets round to it, some days
//! later, some never; debits fail, the registrar refuses, banks have holidays.
//! `PROOF_SCALE` multiplies the investors, up to fifty.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use jiff::ToSpan;
use jiff::civil::{Date, date};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde::Serialize;
use serde_json::{Value, json, to_value};

use super::Paper;
use crate::id::{ContactId, PlanId};
use crate::investing::gateway::port::StepUpBy;
use crate::investing::money::Paise;
use crate::investing::orders::instalments::Instalment;
use crate::investing::orders::order::Order;
use crate::investing::orders::plan::StepUp;
use crate::investing::orders::service::PlanView;
use crate::investing::orders::{Frequency, InstalmentStatus, OrderStatus, PlanKind, PlanStatus};
use crate::sandbox::emulator::Fault;
use crate::sandbox::{ExchangeFault, ExchangeOptions};

const FIRST: Date = date(2026, 8, 25);
const LAST: Date = date(2027, 8, 24);
const FREQUENCIES: [Frequency; 5] = [
    Frequency::Weekly,
    Frequency::Monthly,
    Frequency::Fortnightly,
    Frequency::Quarterly,
    Frequency::Daily,
];

#[expect(
    clippy::disallowed_methods,
    reason = "the run of the tests is set up by its environment"
)]
fn people() -> u64 {
    let scale = std::env::var("PROOF_SCALE").ok();
    let scale = scale.filter(|text| !text.is_empty());
    let scale = scale.map_or(1, |text| {
        text.parse::<u64>()
            .expect("PROOF_SCALE is a whole number from 1")
    });
    (5 * scale).min(50)
}

struct Year {
    paper: Paper,
    luck: StdRng,
    plans: Vec<(ContactId, PlanId)>,
    /// How things ended, and how often.
    ends: BTreeMap<String, u32>,
}

impl Year {
    async fn new(seed: u64) -> Self {
        let paper = Paper::new(people()).await;
        let mut luck = StdRng::seed_from_u64(seed);
        let mut mandates = Vec::new();
        for who in &paper.rig.people {
            mandates.push(paper.mandate(*who).await);
        }
        paper.exchange.set_options(ExchangeOptions {
            auto_approve: false,
            ..paper.exchange.options()
        });
        for (fault, chance) in [
            (ExchangeFault::BounceDebits, 0.15),
            (ExchangeFault::RejectOrders, 0.08),
        ] {
            paper.exchange.set_fault(fault, Fault::chance(chance));
        }
        let mut plans = Vec::new();
        for (at, (who, mandate)) in paper.rig.people.iter().zip(mandates).enumerate() {
            let frequency = FREQUENCIES[at % FREQUENCIES.len()];
            let start = FIRST.saturating_add(luck.random_range(2..=4).days());
            let mut terms = paper
                .rig
                .terms(PlanKind::Sip, frequency, &start.to_string());
            terms.amount = Paise(luck.random_range(5..=50) * 100_00);
            if at % 3 == 0 {
                terms.step_up = Some(StepUp {
                    by: StepUpBy::Percent(10.into()),
                    every_months: 6,
                    cap: Some(Paise(60_000_00)),
                });
            }
            if at % 2 == 0 {
                terms.instalments = Some(luck.random_range(8..=24));
            }
            let plan = paper.rig.plan(*who, terms, Some(mandate)).await;
            plans.push((*who, plan));
        }
        Self {
            paper,
            luck,
            plans,
            ends: BTreeMap::new(),
        }
    }

    async fn day(&mut self, day: Date) {
        self.paper.at(day, 1).await;
        self.paper.rig.dealing.run_night().await.unwrap();
        self.paper.rig.run_jobs().await;
        self.paper.at(day, 6).await;
        self.paper.at(day, 12).await;
        self.whims().await;
        // Too late for the first days of some.
        if day > FIRST.tomorrow().unwrap() {
            self.approve();
        }
        self.paper.at(day, 20).await;
        self.paper.ask().await;
        if day.day() == 1 || day == LAST {
            let run = self.paper.compare_books().await;
            assert_eq!((run.new, run.unread), (0, 0), "on {day}");
        }
    }

    /// What investors change their minds about.
    async fn whims(&mut self) {
        let dealing = &self.paper.rig.dealing;
        for (who, plan) in &self.plans {
            // A refusal is an answer, too; what counts is that it is the same both times.
            let _ = match self.luck.random_range(0..150) {
                0 => {
                    let count = self.luck.random_range(1..=3);
                    dealing.pause_plan(*who, *plan, count, "chat").await
                }
                1 => dealing.skip_instalment(*who, *plan, "chat").await,
                3..=40 => dealing.resume_plan(*who, *plan, "chat").await,
                2 if self.luck.random_range(0..5) == 0 => dealing
                    .cancel_plan(*who, *plan, (2, None), "chat")
                    .await
                    .map(drop),
                _ => Ok(()),
            };
        }
        self.paper.rig.run_jobs().await;
    }

    /// Whoever has something to approve does so today, or another day.
    fn approve(&mut self) {
        let luck = &mut self.luck;
        self.paper.exchange.act(|state, now| {
            let ids: Vec<String> = state.plans.keys().cloned().collect();
            for id in ids {
                let waits = {
                    let plan = &state.plans[&id];
                    word(&plan.status) == "awaiting_2fa" || plan.pending.is_some()
                };
                if waits && luck.random_bool(0.6) {
                    state.approve_plan(&id, now).unwrap();
                }
            }
        });
    }

    /// What the exchange ran and what is on record are the same.
    async fn account_for_all(&mut self) {
        for (who, id) in self.plans.clone() {
            let views = self.paper.rig.dealing.plans_of(who).await.unwrap();
            let view = views.into_iter().find(|view| view.plan.id == id).unwrap();
            let orders = self.paper.rig.dealing.orders_of(who, None, 400).await;
            self.account_for(&view, &orders.unwrap());
        }
        let count = |query| self.paper.rig.count(query);
        assert_eq!(self.shown().await, Vec::<String>::new());
        let found = "select count(*) from reconciliation_findings";
        assert_eq!(count(found).await, 0);
        let posted = "select count(*) from ledger_entries where source like '%:allotted'";
        let allotted = self.ends["instalment allotted"];
        assert_eq!(count(posted).await, i64::from(allotted));
    }

    /// Returns what was put before a person, but for cancellations nobody approved.
    async fn shown(&self) -> Vec<String> {
        let mut conn = self.paper.rig.base.db.read().await.unwrap();
        sqlx::query_scalar(
            "select kind || ': ' || detail from attention where kind <> 'plan_not_stopped'",
        )
        .fetch_all(&mut *conn)
        .await
        .unwrap()
    }

    fn account_for(&mut self, view: &PlanView, orders: &[Order]) {
        let plan = &view.plan;
        let state = self.paper.exchange.state();
        let there = &state.plans[plan.gateway_id.as_ref().unwrap()];
        if there.slot > there.used {
            *self.ends.entry("begun late".to_owned()).or_default() += 1;
        }
        let mut rows: BTreeMap<Date, &Instalment> =
            view.instalments.iter().map(|row| (row.due, row)).collect();
        assert_eq!(
            rows.len(),
            view.instalments.len(),
            "{}: no day twice",
            plan.id
        );
        assert_eq!(there.orders.len(), orders.len(), "{}", plan.id);
        *self.ends.entry(plan.status.to_string()).or_default() += 1;
        for id in &there.orders {
            let one = &state.orders[id];
            let row = rows.remove(&one.due.unwrap());
            let row = row.unwrap_or_else(|| panic!("{} {:?} is not on record", plan.id, one.due));
            let asked = to_value(one.quantity).unwrap();
            assert_eq!(
                asked,
                json!({"amount": row.amount.0}),
                "{} {}",
                plan.id,
                row.due
            );
            let mut same = orders
                .iter()
                .filter(|order| order.gateway_id.as_ref() == Some(id));
            let order = same.next().unwrap();
            assert!(same.next().is_none());
            assert_eq!(
                order.status.as_str(),
                word(&one.status),
                "{} {}",
                plan.id,
                row.due
            );
            assert_eq!(order.paid.map(|paid| paid.0), one.paid);
            let units = order.details.allotment.as_ref().map(|made| made.units);
            assert_eq!(units, one.allotment.as_ref().map(|made| made.units));
            assert!(fits(row.status, order.status), "{row:?} and {order:?}");
            *self
                .ends
                .entry(format!("instalment {}", row.status))
                .or_default() += 1;
        }
        // What the exchange has no order of was left out, or comes up.
        for row in rows.values() {
            let is_out = row.status == InstalmentStatus::Skipped;
            let comes_up = !row.status.is_closed() && row.due >= there.due;
            assert!(is_out || comes_up, "{}: {row:?}", plan.id);
            *self.ends.entry("left out".to_owned()).or_default() += u32::from(is_out);
        }
        if plan.status.is_running() {
            let early = rows.values().filter(|row| row.due >= there.due).count();
            let early = u32::try_from(early).unwrap();
            assert_eq!(plan.prepared, there.used + early, "{}", plan.id);
        } else {
            assert_eq!(plan.status.as_str(), word(&there.status), "{}", plan.id);
        }
    }

    /// Returns all that is on record of it, a line each.
    async fn record(&self) -> String {
        let mut text = String::new();
        let dealing = &self.paper.rig.dealing;
        for (who, _) in &self.plans {
            for view in dealing.plans_of(*who).await.unwrap() {
                let (plan, id) = (&view.plan, view.plan.id);
                let _ = writeln!(text, "{id} {} {:?}", plan.status, plan.next_due);
                for one in &view.instalments {
                    let history = dealing.history_of(&one.id.to_string()).await.unwrap();
                    let _ = writeln!(text, "{one:?} {history:?}");
                }
            }
            for order in dealing.orders_of(*who, None, 400).await.unwrap() {
                let _ = writeln!(text, "{order:?}");
            }
        }
        text
    }
}

/// Returns the exchange's word for something.
fn word(status: &impl Serialize) -> String {
    match to_value(status).unwrap() {
        Value::String(word) => word,
        other => panic!("{other}"),
    }
}

fn fits(row: InstalmentStatus, order: OrderStatus) -> bool {
    use InstalmentStatus as I;
    match order {
        OrderStatus::Allotted => row == I::Allotted,
        OrderStatus::Rejected => row == I::Failed,
        OrderStatus::RefundDue => row == I::Rejected,
        OrderStatus::Refunded => row == I::Refunded,
        OrderStatus::SentToRta => row == I::OrderCreated,
        _ => !row.is_closed(),
    }
}

/// Lives through the year; returns what is on record of it, and how it ended.
async fn live(seed: u64) -> (String, BTreeMap<String, u32>) {
    let mut year = Year::new(seed).await;
    let mut day = FIRST;
    while day <= LAST {
        year.day(day).await;
        day = day.checked_add(1.day()).unwrap();
    }
    year.account_for_all().await;
    (year.record().await, year.ends)
}

#[tokio::test]
async fn a_year_at_the_exchange_is_on_record_instalment_by_instalment_and_the_same_twice() {
    let (first, ends) = live(5).await;
    for kind in ["allotted", "failed", "refunded"] {
        let kind = format!("instalment {kind}");
        assert!(ends.contains_key(&kind), "the year had no {kind}: {ends:?}");
    }
    for kind in ["left out", "begun late"] {
        assert!(ends.contains_key(kind), "nothing was {kind}: {ends:?}");
    }
    let mut running = [PlanStatus::Active, PlanStatus::Paused].into_iter();
    let is_running = running.any(|status| ends.contains_key(status.as_str()));
    assert!(is_running, "nothing runs on: {ends:?}");
    let (second, again) = live(5).await;
    let differing = first.lines().zip(second.lines()).find(|(a, b)| a != b);
    assert_eq!(differing, None, "the first line that is another");
    assert_eq!((first.len(), ends), (second.len(), again));
}
