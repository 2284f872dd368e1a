//! Plans and orders that are stopped before the gateway is known to have them.

use std::time::Duration;

use futures::FutureExt;

use super::exchange::Fault;
use super::rig::{Rig, no_limits};
use crate::id::{OrderId, PlanId};
use crate::investing::orders::draft::Made;
use crate::investing::orders::order::Submission;
use crate::investing::orders::{Frequency, OrderStatus, PlanKind, PlanStatus};

/// A confirmed SIP of the first investor, with the way to the exchange before it.
async fn confirmed_plan(rig: &Rig) -> PlanId {
    let who = rig.people[0];
    let mandate = rig.mandate(who).await;
    let terms = rig.terms(PlanKind::Sip, Frequency::Monthly, "2026-09-07");
    let drafted = rig
        .dealing
        .propose_plan(who, terms, Some(mandate), None, "r1");
    match rig.confirmed(&drafted.await.unwrap()).await {
        Made::Plan(id) => id,
        other => panic!("{other:?}"),
    }
}

async fn stop(rig: &Rig, plan: PlanId) {
    let stopped = rig
        .dealing
        .cancel_plan(rig.people[0], plan, (3, None), "chat");
    stopped.await.unwrap();
}

async fn status(rig: &Rig, plan: PlanId) -> PlanStatus {
    let plans = rig.dealing.plans_of(rig.people[0]).await.unwrap();
    let found = plans.iter().find(|one| one.plan.id == plan);
    found.unwrap().plan.status
}

async fn call_off(rig: &Rig, order: OrderId) {
    let (input, who) = (rig.dealing.clone(), rig.people[0]);
    let asked = rig.base.db.write(input, move |conn, dealing| {
        Box::pin(dealing.call_off_on(conn, (who, order), "investor"))
    });
    asked.await.unwrap().unwrap();
}

fn pause_money(rig: &Rig, paused: bool) {
    let mut people = rig.world.paused.lock().unwrap();
    if paused {
        people.insert(rig.people[0]);
    } else {
        people.clear();
    }
}

/// The job takes it to the exchange and dies in the call.
async fn cut_off_in_the_call(rig: &Rig, fault: Fault, subject: &str) {
    rig.exchange.fault(fault);
    let before = rig.exchange.state().calls;
    let mut run = Box::pin(rig.dealing.submit(subject));
    while rig.exchange.state().calls == before {
        assert!(run.as_mut().now_or_never().is_none());
        tokio::task::yield_now().await;
    }
}

/// Every job that waits was tried too often.
async fn jobs_give_up(rig: &Rig) {
    let died = rig.base.db.write((), |conn, ()| {
        Box::pin(async move {
            let text = "update jobs set state = 'dead' where state = 'waiting'";
            Ok(sqlx::query(text).execute(conn).await?.rows_affected())
        })
    });
    assert_eq!(died.await.unwrap(), 1);
}

#[tokio::test]
async fn a_parked_plan_that_is_stopped_ends_and_is_never_sent() {
    let rig = Rig::new(1, no_limits()).await;
    let plan = confirmed_plan(&rig).await;
    pause_money(&rig, true);
    rig.run_jobs().await;
    stop(&rig, plan).await;
    rig.run_jobs().await;
    assert_eq!(status(&rig, plan).await, PlanStatus::CancelledByInvestor);
    pause_money(&rig, false);
    rig.dealing.submit(&plan.to_string()).await.unwrap();
    assert!(rig.exchange.state().plans.is_empty());
    let open = "select count(*) from plan_changes where state = 'waiting'";
    assert_eq!(rig.count(open).await, 0);
}

#[tokio::test]
async fn a_plan_in_doubt_that_is_stopped_is_looked_up_and_not_sent_again() {
    let rig = Rig::new(1, no_limits()).await;
    let plan = confirmed_plan(&rig).await;
    cut_off_in_the_call(&rig, Fault::LostAndSilent, &plan.to_string()).await;
    stop(&rig, plan).await;
    rig.run_jobs().await;
    assert_eq!(
        status(&rig, plan).await,
        PlanStatus::Draft,
        "a call may run"
    );
    rig.pass(Duration::from_mins(2));
    rig.run_jobs().await;
    assert_eq!(status(&rig, plan).await, PlanStatus::CancelledByInvestor);
    assert!(rig.exchange.state().plans.is_empty());
}

#[tokio::test]
async fn a_stopped_plan_that_the_gateway_has_is_ended_there() {
    let rig = Rig::new(1, no_limits()).await;
    let plan = confirmed_plan(&rig).await;
    cut_off_in_the_call(&rig, Fault::TakenAndSilent, &plan.to_string()).await;
    stop(&rig, plan).await;
    rig.pass(Duration::from_mins(2));
    rig.run_jobs().await;
    assert_eq!(status(&rig, plan).await, PlanStatus::CancelledByInvestor);
    let held = rig.exchange.state().plans.values().next().unwrap().status;
    assert_eq!(held, PlanStatus::CancelledByInvestor);
}

#[tokio::test]
async fn a_plan_given_up_that_turns_up_at_the_gateway_is_ended_there() {
    let rig = Rig::new(1, no_limits()).await;
    let plan = confirmed_plan(&rig).await;
    cut_off_in_the_call(&rig, Fault::TakenAndSilent, &plan.to_string()).await;
    let late = std::mem::take(&mut rig.exchange.state().plans);
    stop(&rig, plan).await;
    rig.pass(Duration::from_mins(2));
    rig.run_jobs().await;
    assert_eq!(status(&rig, plan).await, PlanStatus::CancelledByInvestor);
    let id = late.keys().next().unwrap().clone();
    rig.exchange.state().plans = late;
    for notice in ["n1", "n2"] {
        let body = format!("{notice} plan {id}");
        rig.dealing.take_notice(body.as_bytes()).await.unwrap();
    }
    rig.dealing.run_notice("scripted:n1").await.unwrap();
    rig.dealing.run_notice("scripted:n2").await.unwrap();
    rig.run_jobs().await;
    let held = rig.exchange.state().plans[&id].status;
    assert_eq!(held, PlanStatus::CancelledByInvestor);
}

#[tokio::test]
async fn a_plan_is_stopped_by_asking_again_after_the_first_job_gave_up() {
    let rig = Rig::new(1, no_limits()).await;
    let plan = confirmed_plan(&rig).await;
    rig.run_jobs().await;
    stop(&rig, plan).await;
    jobs_give_up(&rig).await;
    rig.pass(Duration::from_hours(1));
    stop(&rig, plan).await;
    rig.run_jobs().await;
    assert_eq!(status(&rig, plan).await, PlanStatus::CancelledByInvestor);
}

#[tokio::test]
async fn a_parked_order_that_is_called_off_is_cancelled_and_never_sent() {
    let rig = Rig::new(1, no_limits()).await;
    let order = rig.order(rig.people[0], 5_000_00).await;
    pause_money(&rig, true);
    rig.run_jobs().await;
    call_off(&rig, order).await;
    rig.run_jobs().await;
    let orders = rig.dealing.orders_of(rig.people[0], None, 1).await.unwrap();
    let on_record = (orders[0].status, orders[0].submission);
    assert_eq!(on_record, (OrderStatus::Cancelled, Submission::Refused));
    pause_money(&rig, false);
    rig.dealing.submit(&order.to_string()).await.unwrap();
    assert!(rig.exchange.state().orders.is_empty());
}

#[tokio::test]
async fn a_parked_order_that_the_gateway_has_is_called_off_there() {
    let rig = Rig::new(1, no_limits()).await;
    let order = rig.order(rig.people[0], 5_000_00).await;
    cut_off_in_the_call(&rig, Fault::TakenAndSilent, &order.to_string()).await;
    pause_money(&rig, true);
    rig.run_jobs().await;
    call_off(&rig, order).await;
    rig.run_jobs().await;
    rig.run_jobs().await;
    let held = rig.exchange.state().orders.values().next().unwrap().status;
    assert_eq!(held, OrderStatus::Cancelled);
}

#[tokio::test]
async fn an_order_is_called_off_by_asking_again_after_the_first_job_gave_up() {
    let rig = Rig::new(1, no_limits()).await;
    let order = rig.order(rig.people[0], 5_000_00).await;
    rig.run_jobs().await;
    call_off(&rig, order).await;
    jobs_give_up(&rig).await;
    rig.pass(Duration::from_hours(1));
    call_off(&rig, order).await;
    rig.run_jobs().await;
    let held = rig.exchange.state().orders.values().next().unwrap().status;
    assert_eq!(held, OrderStatus::Cancelled);
}
