//! Pages of the exchange that investors are promised, and what they are told with them.

use super::exchange::Fault;
use super::rig::{Rig, no_limits};
use crate::id::OrderId;
use crate::investing::gateway::port::OrderReport;
use crate::investing::orders::service::Sent;
use crate::investing::orders::{BounceReason, OrderStatus};

const PLACED: &str = "select count(*) from business_events where unique_key like 'placed:%'";
const WITHOUT_PAGE: &str =
    "select count(*) from business_events where unique_key like 'placed_without_page:%'";
const MANDATES: &str =
    "select count(*) from business_events where unique_key like 'mandate_awaiting:%'";

#[tokio::test]
async fn whoever_was_promised_a_link_gets_it_once_whichever_report_comes_first() {
    let rig = Rig::new(1, no_limits()).await;
    let id = rig.order(rig.people[0], 5_000_00).await;
    rig.exchange.fault(Fault::TakenAndLost);
    let lost = rig.dealing.submit(&id.to_string()).await.unwrap();
    assert!(matches!(lost, Sent::Again(_)));
    // The exchange tells of it before the next try does.
    let gateway_id = rig.exchange.state().orders.keys().next().unwrap().clone();
    let notice = format!("n1 order {gateway_id}");
    rig.dealing.take_notice(notice.as_bytes()).await.unwrap();
    rig.run_jobs().await;
    assert_eq!(
        rig.dealing.submit(&id.to_string()).await.unwrap(),
        Sent::Done
    );
    rig.dealing.look_at(&id.to_string()).await.unwrap();
    assert_eq!(rig.count(PLACED).await, 1);
}

#[tokio::test]
async fn where_the_exchange_has_no_page_yet_the_next_report_brings_the_link() {
    let rig = Rig::new(1, no_limits()).await;
    rig.exchange.state().has_no_pages = true;
    let id = rig.order(rig.people[0], 5_000_00).await;
    rig.run_jobs().await;
    for _ in 0..2 {
        rig.dealing.look_at(&id.to_string()).await.unwrap();
    }
    assert_eq!(
        (rig.count(PLACED).await, rig.count(WITHOUT_PAGE).await),
        (0, 1)
    );
    rig.exchange.state().has_no_pages = false;
    for _ in 0..2 {
        rig.dealing.look_at(&id.to_string()).await.unwrap();
    }
    assert_eq!(
        (rig.count(PLACED).await, rig.count(WITHOUT_PAGE).await),
        (1, 1)
    );
}

#[tokio::test]
async fn the_page_of_a_mandate_is_told_once_there_is_one() {
    let rig = Rig::new(1, no_limits()).await;
    rig.exchange.state().has_no_pages = true;
    let id = rig.proposed_mandate(rig.people[0]).await;
    rig.dealing.look_at(&id.to_string()).await.unwrap();
    assert_eq!(rig.count(MANDATES).await, 0);
    rig.exchange.state().has_no_pages = false;
    for _ in 0..2 {
        rig.dealing.look_at(&id.to_string()).await.unwrap();
    }
    assert_eq!(rig.count(MANDATES).await, 1);
}

const UNPAID: &str = "select count(*) from business_events where unique_key like 'unpaid:%'";

/// An order that the exchange has.
async fn placed(rig: &Rig) -> OrderId {
    let id = rig.order(rig.people[0], 5_000_00).await;
    rig.run_jobs().await;
    id
}

/// The exchange says so of the only order, and is asked twice.
async fn reported(rig: &Rig, id: OrderId, change: impl Fn(&mut OrderReport)) {
    change(rig.exchange.state().orders.values_mut().next().unwrap());
    for _ in 0..2 {
        rig.dealing.look_at(&id.to_string()).await.unwrap();
    }
}

fn waits(report: &mut OrderReport, reason: Option<&str>, bounce: Option<BounceReason>) {
    report.status = OrderStatus::AwaitingPayment;
    report.reason = reason.map(str::to_owned);
    report.bounce = bounce;
}

fn is_processed(report: &mut OrderReport) {
    report.status = OrderStatus::PaymentProcessing;
}

#[tokio::test]
async fn each_payment_that_failed_is_told_once_and_a_remark_is_no_failure() {
    let rig = Rig::new(1, no_limits()).await;
    let id = placed(&rig).await;
    let has_no_money = Some(BounceReason::InsufficientFunds);
    for (told, report) in [
        (0, (Some("waiting for the bank"), None)),
        (1, (Some("no money"), has_no_money)),
    ] {
        reported(&rig, id, |order| waits(order, report.0, report.1)).await;
        assert_eq!(rig.count(UNPAID).await, told, "{report:?}");
    }
    // They pay again, and it fails again, the second time without a word of why.
    for told in 2..4 {
        reported(&rig, id, is_processed).await;
        let bounce = has_no_money.filter(|_| told == 2);
        reported(&rig, id, |order| waits(order, Some("no money"), bounce)).await;
        assert_eq!(rig.count(UNPAID).await, told);
    }
}

#[tokio::test]
async fn a_failed_payment_is_told_once_there_is_a_page_to_pay_on_again() {
    let rig = Rig::new(1, no_limits()).await;
    let id = placed(&rig).await;
    rig.exchange.state().has_no_pages = true;
    let bounce = Some(BounceReason::InsufficientFunds);
    reported(&rig, id, |order| waits(order, Some("no money"), bounce)).await;
    assert_eq!(rig.count(UNPAID).await, 0);
    rig.exchange.state().has_no_pages = false;
    reported(&rig, id, |_| {}).await;
    assert_eq!(rig.count(UNPAID).await, 1);
}
