//! A year at the paper exchange, twice. Five investors, and at `PROOF_SCALE=10` fifty.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use jiff::ToSpan;
use jiff::civil::{Date, date};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use super::Paper;
use crate::id::PlanId;
use crate::investing::calendar::Calendar;
use crate::investing::gateway::port::StepUpBy;
use crate::investing::money::Paise;
use crate::investing::orders::plan::StepUp;
use crate::investing::orders::service::PlanView;
use crate::investing::orders::{Frequency, InstalmentStatus, PlanKind};
use crate::sandbox::ExchangeFault;
use crate::sandbox::emulator::Fault;

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
fn investors() -> u64 {
    let scale = std::env::var("PROOF_SCALE").ok();
    let scale = scale.filter(|text| !text.is_empty());
    let whole = "PROOF_SCALE is a whole number from 1";
    scale.map_or(5, |text| 5 * text.parse::<u64>().expect(whole).min(10))
}

async fn open_plans(paper: &Paper, luck: &mut StdRng) -> Vec<(usize, PlanId)> {
    let rig = &paper.rig;
    let mut plans = Vec::new();
    for (at, who) in rig.people.iter().enumerate() {
        let mandate = paper.mandate(*who).await;
        let day = luck.random_range(1..=28);
        let frequency = FREQUENCIES[at % FREQUENCIES.len()];
        let mut terms = rig.terms(PlanKind::Sip, frequency, &format!("2026-09-{day:02}"));
        terms.amount = Paise(luck.random_range(5..=50) * 100_00);
        if at % 3 == 1 {
            terms.step_up = Some(StepUp {
                by: StepUpBy::Percent(7.into()),
                every_months: 3,
                cap: Some(Paise(60_000_00)),
            });
        }
        if at % 5 == 2 {
            terms.instalments = Some(luck.random_range(4..=10));
        }
        plans.push((at, rig.plan(*who, terms, Some(mandate)).await));
    }
    plans
}

/// What investors ask for in the course of a year; a refusal is an answer, too.
async fn whims(paper: &Paper, plans: &[(usize, PlanId)], luck: &mut StdRng) {
    let rig = &paper.rig;
    for (at, plan) in plans {
        let who = rig.people[*at];
        let _ = match luck.random_range(0..300) {
            0 | 1 => {
                let count = luck.random_range(1..=3);
                rig.dealing.pause_plan(who, *plan, count, "chat").await
            }
            2 | 3 => rig.dealing.skip_instalment(who, *plan, "chat").await,
            4 => rig.dealing.resume_plan(who, *plan, "chat").await,
            5 if luck.random_range(0..4) == 0 => rig
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
    let paper = Paper::new(investors()).await;
    let mut luck = StdRng::seed_from_u64(seed);
    let plans = open_plans(&paper, &mut luck).await;
    for (fault, chance) in [
        (ExchangeFault::BounceDebits, 0.15),
        (ExchangeFault::RejectOrders, 0.03),
        (ExchangeFault::LoseNotices, 0.3),
        (ExchangeFault::DuplicateNotices, 0.2),
    ] {
        paper.exchange.set_fault(fault, Fault::chance(chance));
    }
    let (mut day, last) = (paper.rig.today().tomorrow().unwrap(), date(2027, 8, 24));
    while day <= last {
        paper.day(day).await;
        whims(&paper, &plans, &mut luck).await;
        day = day.checked_add(1.day()).unwrap();
    }
    let mut counts = BTreeMap::new();
    for (at, id) in &plans {
        account_for(&paper, (*at, *id), last, &mut counts).await;
    }
    println!("{counts:?}");
    assert!(counts["allotted"] > 20 * plans.len());
    assert!(counts.contains_key("failed"), "no debit bounced in a year");
    let run = paper.compare_books().await;
    assert_eq!((run.unread, run.new, run.paused), (0, 0, 0), "{run:?}");
    let shown = "select count(*) from attention";
    assert_eq!(paper.rig.count(shown).await, 0);
    written(&paper, &plans).await
}

async fn view(paper: &Paper, at: usize, id: PlanId) -> PlanView {
    let views = paper.rig.dealing.plans_of(paper.rig.people[at]).await;
    let mut views = views.unwrap().into_iter();
    views.find(|view| view.plan.id == id).unwrap()
}

/// Every day the plan was due is on record once, and the exchange says the same of it.
async fn account_for(
    paper: &Paper,
    (at, id): (usize, PlanId),
    last: Date,
    counts: &mut BTreeMap<&'static str, usize>,
) {
    let view = view(paper, at, id).await;
    let plan = &view.plan;
    let calendar = Calendar::shipped();
    let days: Vec<_> = view.instalments.iter().map(|one| one.due).collect();
    let dates = calendar.sip_dates(plan.terms.frequency, plan.terms.start);
    let wanted: Vec<_> = dates.map(|due| due.due).take(days.len()).collect();
    assert_eq!(days, wanted, "{id}: a day is missing or twice");
    if plan.status.is_running() {
        // With its last instalment prepared, none comes after it.
        let next = plan.next_due;
        assert!(
            next.is_none_or(|due| due > last) && (next.is_some() || plan.is_exhausted()),
            "{id}: something due was left"
        );
    }
    let state = paper.exchange.state();
    let theirs = &state.plans[plan.gateway_id.as_ref().unwrap()];
    let mut ran = 0;
    for one in &view.instalments {
        *counts.entry(one.status.as_str()).or_default() += 1;
        let orders = theirs.orders.iter().map(|id| &state.orders[id]);
        let mut of_day = orders.filter(|order| order.due == Some(one.due));
        let order = of_day.next();
        assert!(of_day.next().is_none(), "{id} {}: ran twice", one.due);
        ran += usize::from(order.is_some());
        let told = format!("{id} {}: {}, {order:?}", one.due, one.status);
        match (one.status, order) {
            (InstalmentStatus::Allotted, Some(order)) => {
                assert_eq!(order.paid, Some(one.amount.0), "{told}");
                assert!(order.allotment.is_some(), "{told}");
            }
            (InstalmentStatus::Failed, Some(order)) => {
                assert!(order.bounce.is_some() && order.paid.is_none(), "{told}");
            }
            (InstalmentStatus::Rejected | InstalmentStatus::Refunded, Some(order)) => {
                assert!(order.paid.is_some() && order.allotment.is_none(), "{told}");
            }
            (InstalmentStatus::Skipped, None) => {}
            // The last days of the year are still under way.
            (status, _) => assert!(
                !status.is_closed() && one.due >= last.saturating_sub(7.days()),
                "{told}"
            ),
        }
    }
    assert_eq!(
        theirs.orders.len(),
        ran,
        "{id}: the exchange ran something else"
    );
}

async fn written(paper: &Paper, plans: &[(usize, PlanId)]) -> String {
    let mut text = String::new();
    for (at, id) in plans {
        let view = view(paper, *at, *id).await;
        let _ = writeln!(text, "{id} {} {:?}", view.plan.status, view.plan.next_due);
        for one in &view.instalments {
            let history = paper.rig.dealing.history_of(&one.id.to_string()).await;
            let _ = writeln!(
                text,
                "  {} {} {} {} {:?}",
                one.id,
                one.due,
                one.amount.0,
                one.status,
                history.unwrap()
            );
        }
        let who = paper.rig.people[*at];
        for order in paper.rig.dealing.orders_of(who, None, 500).await.unwrap() {
            let made = order.details.allotment;
            let made = made.map(|made| (made.units, made.nav, made.nav_date));
            let _ = writeln!(text, "{} {} {made:?}", order.id, order.status);
        }
    }
    text
}

#[tokio::test]
async fn a_year_at_the_paper_exchange_is_the_same_twice_and_every_instalment_is_accounted_for() {
    let (first, second) = (live(5).await, live(5).await);
    assert!(first.lines().count() > 100);
    assert_eq!(first, second);
}
