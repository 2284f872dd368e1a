//! A year of fifty investors, twice.

use std::fmt::Write as _;

use jiff::ToSpan;
use jiff::civil::{Date, date};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use super::rig::{Rig, no_limits};
use crate::id::PlanId;
use crate::investing::calendar::Calendar;
use crate::investing::gateway::port::StepUpBy;
use crate::investing::money::Paise;
use crate::investing::orders::plan::StepUp;
use crate::investing::orders::{Frequency, InstalmentStatus, PlanKind, PlanStatus};

const FREQUENCIES: [Frequency; 4] = [
    Frequency::Weekly,
    Frequency::Fortnightly,
    Frequency::Monthly,
    Frequency::Quarterly,
];

async fn open_plans(rig: &Rig, luck: &mut StdRng) -> Vec<(usize, PlanId)> {
    let mut plans = Vec::new();
    for (at, who) in rig.people.iter().enumerate() {
        let mandate = rig.mandate(*who).await;
        let frequency = FREQUENCIES[at % 4];
        let day = luck.random_range(1..=28);
        let mut terms = rig.terms(PlanKind::Sip, frequency, &format!("2026-09-{day:02}"));
        terms.amount = Paise(luck.random_range(5..=50) * 100_00);
        if at % 3 == 0 {
            terms.step_up = Some(StepUp {
                by: StepUpBy::Percent(10.into()),
                every_months: 6,
                cap: Some(Paise(60_000_00)),
            });
        }
        if at % 5 == 0 {
            terms.instalments = Some(luck.random_range(4..=10));
        }
        let plan = rig.plan(*who, terms, Some(mandate)).await;
        plans.push((at, plan));
    }
    plans
}

/// Decides the year's failures beforehand, some of them three in a row.
async fn plan_bounces(rig: &Rig, plans: &[(usize, PlanId)], luck: &mut StdRng) {
    for (at, _) in plans {
        let views = rig.dealing.plans_of(rig.people[*at]).await.unwrap();
        let plan = &views[0].plan;
        let calendar = Calendar::shipped();
        let mut run = 0;
        let days = calendar.sip_dates(plan.terms.frequency, plan.terms.start);
        for due in days.take_while(|due| due.due < date(2027, 9, 1)) {
            if run == 0 && luck.random_range(0..12) == 0 {
                run = luck.random_range(1..=3);
            }
            if run > 0 {
                run -= 1;
                let key = (plan.reference.0.clone(), due.due);
                rig.exchange.state().bounces.insert(key);
            }
        }
    }
}

async fn whims(rig: &Rig, plans: &[(usize, PlanId)], luck: &mut StdRng) {
    for (at, plan) in plans {
        let who = rig.people[*at];
        // A refusal is an answer, too; what counts is that it is the same both times.
        let _ = match luck.random_range(0..400) {
            0 | 1 => {
                let count = luck.random_range(1..=3);
                rig.dealing.pause_plan(who, *plan, count, "chat").await
            }
            2 | 3 => rig.dealing.skip_instalment(who, *plan, "chat").await,
            4 => rig.dealing.resume_plan(who, *plan, "chat").await,
            5 if luck.random_range(0..8) == 0 => rig
                .dealing
                .cancel_plan(who, *plan, (2, None), "chat")
                .await
                .map(drop),
            _ => Ok(()),
        };
    }
    rig.run_jobs().await;
}

/// Lives through the year; returns all that is on record of it.
async fn live(seed: u64) -> String {
    let rig = Rig::new(50, no_limits()).await;
    let mut luck = StdRng::seed_from_u64(seed);
    let plans = open_plans(&rig, &mut luck).await;
    plan_bounces(&rig, &plans, &mut luck).await;
    let mut day = rig.today().tomorrow().unwrap();
    let last = date(2027, 8, 24);
    while day <= last {
        rig.day(day).await;
        whims(&rig, &plans, &mut luck).await;
        day = day.checked_add(1.day()).unwrap();
    }
    account_for(&rig, &plans, last).await;
    written(&rig, &plans).await
}

/// Every day a plan was due is on record, and the exchange says the same of it.
async fn account_for(rig: &Rig, plans: &[(usize, PlanId)], last: Date) {
    let calendar = Calendar::shipped();
    let mut ends = std::collections::BTreeMap::<String, u32>::new();
    for (at, id) in plans {
        let views = rig.dealing.plans_of(rig.people[*at]).await.unwrap();
        let view = views.into_iter().find(|view| view.plan.id == *id).unwrap();
        *ends.entry(view.plan.status.to_string()).or_default() += 1;
        let days: Vec<_> = view.instalments.iter().map(|one| one.due).collect();
        let dates = calendar.sip_dates(view.plan.terms.frequency, view.plan.terms.start);
        let wanted: Vec<_> = dates.map(|due| due.due).take(days.len()).collect();
        assert_eq!(
            days, wanted,
            "{id}: no day is missing and none is there twice"
        );
        if view.plan.status.is_running() {
            let next = view.plan.next_due.unwrap();
            assert!(next > last, "{id}: nothing that was due was left");
        }
        let state = rig.exchange.state();
        let gateway_id = view.plan.gateway_id.as_ref().unwrap();
        let held = &state.plans[gateway_id];
        for one in &view.instalments {
            *ends
                .entry(format!("instalment {}", one.status))
                .or_default() += 1;
            let order = held
                .instalments
                .iter()
                .map(|id| &state.orders[id])
                .find(|order| order.due == Some(one.due));
            match (one.status, order) {
                (InstalmentStatus::Allotted, Some(order)) => {
                    assert_eq!(order.paid, Some(one.amount));
                }
                (InstalmentStatus::Failed, Some(order)) => assert!(order.bounce.is_some()),
                (InstalmentStatus::Skipped, None) => {}
                (status, None) if one.due >= last && !status.is_closed() => {}
                (status, None)
                    if !status.is_closed() && calendar.business_day_from(one.due) > last => {}
                (status, order) => panic!("{id} {}: {status}, {order:?}", one.due),
            }
        }
        assert_eq!(
            held.instalments.len(),
            view.instalments
                .iter()
                .filter(|one| matches!(
                    one.status,
                    InstalmentStatus::Allotted | InstalmentStatus::Failed
                ))
                .count(),
            "{id}: the exchange ran nothing that is not on record"
        );
    }
    println!("{ends:?}");
    for kind in [
        "auto_cancelled",
        "cancelled_by_investor",
        "completed",
        "active",
    ] {
        assert!(
            ends.contains_key(kind),
            "the year had no plan that is {kind}"
        );
    }
    assert!(PlanStatus::parse("active").is_some());
    let posted = "select count(*) from posted where moment = 'allotted'";
    let allotted = ends["instalment allotted"];
    assert_eq!(rig.count(posted).await, i64::from(allotted));
    assert_eq!(rig.count("select count(*) from attention").await, 0);
}

async fn written(rig: &Rig, plans: &[(usize, PlanId)]) -> String {
    let mut text = String::new();
    for (at, _) in plans {
        for view in rig.dealing.plans_of(rig.people[*at]).await.unwrap() {
            let (plan, id) = (&view.plan, view.plan.id);
            let _ = writeln!(text, "{id} {} {:?}", plan.status, plan.next_due);
            for one in &view.instalments {
                let history = rig.dealing.history_of(&one.id.to_string()).await.unwrap();
                let _ = writeln!(
                    text,
                    "  {} {} {} {} {history:?}",
                    one.id, one.due, one.amount.0, one.status
                );
            }
        }
        for order in rig
            .dealing
            .orders_of(rig.people[*at], None, 200)
            .await
            .unwrap()
        {
            let units = order.details.allotment.map(|made| made.units);
            let _ = writeln!(text, "{} {} {units:?}", order.id, order.status);
        }
    }
    text
}

#[tokio::test]
async fn a_year_of_fifty_investors_is_the_same_twice_and_every_instalment_is_accounted_for() {
    let (first, second) = (live(3).await, live(3).await);
    assert!(first.lines().count() > 1_000);
    assert_eq!(first, second);
}
