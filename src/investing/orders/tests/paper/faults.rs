//! Many at once, and everything the exchange's line can do to a request: once is once.

use std::collections::HashSet;
use std::time::Duration;

use futures::FutureExt;
use futures::future::join_all;

use super::Paper;
use crate::investing::money::Paise;
use crate::investing::orders::draft::{Confirmed, Made};
use crate::investing::orders::order::Submission;
use crate::investing::orders::service::Sent;
use crate::investing::orders::tests::rig::FUND;
use crate::investing::orders::{Frequency, tests::rig::OTHER};
use crate::investing::orders::{OrderKind, OrderStatus, PlanKind, Quantity};
use crate::sandbox::ExchangeFault;
use crate::sandbox::emulator::Fault;

/// A line that loses requests, answers and both.
fn break_the_line(paper: &Paper) {
    for (fault, chance) in [
        (ExchangeFault::AcceptThenDrop, 0.25),
        (ExchangeFault::ServerErrors, 0.15),
        (ExchangeFault::HtmlErrors, 0.1),
    ] {
        paper.exchange.set_fault(fault, Fault::chance(chance));
    }
    // Longer than the client waits.
    let hang = Fault::chance(0.05).amount(500);
    paper
        .exchange
        .set_fault(ExchangeFault::AcceptThenHang, hang);
}

fn mend_the_line(paper: &Paper) {
    for fault in [
        ExchangeFault::AcceptThenDrop,
        ExchangeFault::ServerErrors,
        ExchangeFault::HtmlErrors,
        ExchangeFault::AcceptThenHang,
    ] {
        paper.exchange.set_fault(fault, Fault::OFF);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_answer_lost_after_acceptance_never_makes_a_second_order_plan_or_mandate() {
    let paper = Paper::new(1).await;
    let who = paper.rig.people[0];
    for (fault, amount) in [
        (ExchangeFault::AcceptThenDrop, 0),
        (ExchangeFault::AcceptThenHang, 500),
    ] {
        let order = paper.rig.order(who, 5_000_00).await.to_string();
        let once = Fault::times(1).amount(amount);
        paper.exchange.set_fault(fault, once);
        let lost = paper.rig.dealing.submit(&order).await.unwrap();
        assert!(matches!(lost, Sent::Again(_)), "{lost:?}");
        assert_eq!(paper.rig.dealing.submit(&order).await.unwrap(), Sent::Done);
        assert_eq!(paper.rig.dealing.submit(&order).await.unwrap(), Sent::Done);
    }
    assert_eq!(paper.exchange.state().orders.len(), 2);
    let mandate = paper.mandate(who).await;
    let terms = paper
        .rig
        .terms(PlanKind::Sip, Frequency::Monthly, "2026-09-05");
    let drafted = paper
        .rig
        .dealing
        .propose_plan(who, terms, Some(mandate), None, "r1");
    let made = paper.rig.confirmed(&drafted.await.unwrap()).await;
    let Made::Plan(plan) = made else {
        panic!("{made:?}");
    };
    let once = Fault::times(1);
    paper
        .exchange
        .set_fault(ExchangeFault::AcceptThenDrop, once);
    paper.submit_all(&[plan.to_string()]).await;
    let state = paper.exchange.state();
    assert_eq!((state.plans.len(), state.mandates.len()), (1, 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_confirmation_200_times_at_once_over_a_broken_line_is_one_order_there() {
    let paper = Paper::new(1).await;
    let draft = paper.rig.purchase(paper.rig.people[0], 5_000_00).await;
    let taps = (0..200).map(|_| {
        let (dealing, draft) = (paper.rig.dealing.clone(), draft.clone());
        tokio::spawn(async move { dealing.confirm(draft.contact, draft.id, "chat").await })
    });
    let outcomes = join_all(taps).await;
    let outcomes: Vec<_> = outcomes
        .into_iter()
        .map(|one| one.unwrap().unwrap())
        .collect();
    let firsts = outcomes.iter().filter(|o| matches!(o, Confirmed::Now(_)));
    assert_eq!(firsts.count(), 1);
    let Made::Order(order) = outcomes[0].made() else {
        panic!("{outcomes:?}");
    };
    break_the_line(&paper);
    // The job, and every other process that believes the job is its own.
    paper.submit_all(&vec![order.to_string(); 20]).await;
    assert_eq!(paper.exchange.state().orders.len(), 1);
    assert_eq!(paper.rig.count("select count(*) from orders").await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_hundred_investors_at_once_over_a_broken_line_each_have_one_order_there() {
    let paper = Paper::new(200).await;
    let mut drafts = Vec::new();
    for who in &paper.rig.people {
        drafts.push(paper.rig.purchase(*who, 1_000_00).await);
    }
    let taps = drafts.iter().map(|draft| {
        let (dealing, draft) = (paper.rig.dealing.clone(), draft.clone());
        tokio::spawn(async move { dealing.confirm(draft.contact, draft.id, "chat").await })
    });
    let mut orders = Vec::new();
    for made in join_all(taps).await {
        let Made::Order(id) = made.unwrap().unwrap().made() else {
            panic!("an order was confirmed");
        };
        orders.push(id.to_string());
    }
    break_the_line(&paper);
    paper.submit_all(&orders).await;
    mend_the_line(&paper);
    {
        let state = paper.exchange.state();
        assert_eq!(state.orders.len(), 200);
        let clients: HashSet<_> = state
            .orders
            .values()
            .map(|order| order.ucc.clone())
            .collect();
        let references: HashSet<_> = state.orders.values().map(|o| o.reference.clone()).collect();
        assert_eq!((clients.len(), references.len()), (200, 200));
    }
    let taken = "select count(*) from orders where submission = 'taken'";
    assert_eq!(paper.rig.count(taken).await, 200);
}

/// Runs a look at an order and kills it after so many steps.
async fn cut_off(paper: &Paper, order: &str, steps: usize) {
    let mut look = Box::pin(paper.rig.dealing.look_at(order));
    for _ in 0..steps {
        if look.as_mut().now_or_never().is_some() {
            return;
        }
        tokio::time::sleep(Duration::from_micros(300)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn fifty_switches_over_the_exchange_have_both_legs_or_none_whatever_is_cut_off() {
    let paper = Paper::new(50).await;
    let rig = &paper.rig;
    for who in &rig.people {
        rig.order(*who, 10_000_00).await;
    }
    rig.run_jobs().await;
    for _ in 0..3 {
        paper.pass(Duration::from_hours(24)).await;
        paper.listen().await;
        paper.ask().await;
    }
    let bought = "select count(*) from transactions where kind = 'purchase'";
    assert_eq!(rig.count(bought).await, 50);
    // The registrar will not have some of what comes now.
    let rejected = Fault::chance(0.3);
    paper
        .exchange
        .set_fault(ExchangeFault::RejectOrders, rejected);
    let mut switches = Vec::new();
    for who in &rig.people {
        let part = Quantity::Amount(Paise(2_000_00));
        let drafted = rig
            .dealing
            .propose_switch(*who, (FUND, OTHER), part, None, "r1");
        let made = rig.confirmed(&drafted.await.unwrap()).await;
        let Made::Order(id) = made else {
            panic!("{made:?}");
        };
        switches.push(id.to_string());
    }
    break_the_line(&paper);
    paper.submit_all(&switches).await;
    for _ in 0..10 {
        paper.pass(Duration::from_hours(24)).await;
        // Killed in the middle of what the answer makes.
        let cuts = switches.iter().enumerate();
        join_all(cuts.map(|(at, order)| cut_off(&paper, order, at % 9))).await;
    }
    mend_the_line(&paper);
    for order in &switches {
        rig.dealing.look_at(order).await.unwrap();
    }
    let (mut both, mut none) = (0, 0);
    for who in &rig.people {
        let orders = rig.dealing.orders_of(*who, None, 9).await.unwrap();
        let switch = orders
            .iter()
            .find(|one| one.kind == OrderKind::Switch)
            .unwrap();
        assert_eq!(switch.submission, Submission::Taken);
        match switch.status {
            OrderStatus::Allotted => both += 1,
            OrderStatus::Rejected => none += 1,
            other => panic!("{other}"),
        }
    }
    assert!(both > 20 && none > 3, "{both} and {none}");
    let legs = |kind: &str| format!("select count(*) from transactions where kind = '{kind}'");
    let legs = [legs("switch_out"), legs("switch_in")].map(|query| &*query.leak());
    for leg in legs {
        assert_eq!(rig.count(leg).await, both);
    }
    let posted = "select count(distinct source) from ledger_postings where scheme_code = 102";
    assert_eq!(rig.count(posted).await, both);
    assert_eq!(paper.exchange.state().orders.len(), 100);
    let run = paper.compare_books().await;
    assert_eq!((run.investors, run.unread, run.new), (50, 0, 0), "{run:?}");
}
