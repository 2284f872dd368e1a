//! Asking the gateway about what has been silent.

use std::time::Duration;

use super::rig::{Rig, no_limits};
use crate::investing::orders::OrderStatus;
use crate::investing::orders::tests::exchange::Exchange;
use crate::investing::reconciliation::OrderBook as _;
use crate::investing::store::orders::polls;

const WAIT_FOR_PAYMENT: &str = "select count(*) from orders where status = 'awaiting_payment'";
const SHOWN: &str = "select count(*) from attention where kind = 'report_not_taken'";

/// Two investors with an order each that has been silent for long.
async fn silent() -> Rig {
    let rig = Rig::new(2, no_limits()).await;
    for who in rig.people.clone() {
        rig.order(who, 5_000_00).await;
    }
    rig.run_jobs().await;
    for report in rig.exchange.state().orders.values_mut() {
        report.status = OrderStatus::AwaitingPayment;
    }
    rig.pass(Duration::from_hours(1));
    rig
}

fn first_id(exchange: &Exchange) -> String {
    exchange.state().orders.keys().next().unwrap().clone()
}

#[tokio::test]
async fn what_cannot_be_put_on_record_is_shown_and_keeps_nobody_waiting() {
    let rig = silent().await;
    let id = first_id(&rig.exchange);
    rig.exchange.state().unreadable.insert(id.clone());
    for _ in 0..2 {
        rig.ask_all().await;
        rig.pass(Duration::from_hours(1));
    }
    assert_eq!(rig.count(WAIT_FOR_PAYMENT).await, 1);
    assert_eq!(rig.count(SHOWN).await, 1);
    rig.exchange.state().unreadable.clear();
    rig.ask_all().await;
    assert_eq!(rig.count(WAIT_FOR_PAYMENT).await, 2);
}

#[tokio::test]
async fn a_word_nobody_knows_is_shown_of_each_order_and_leaves_the_others_to_be_compared() {
    let rig = silent().await;
    let who = rig.people[0];
    rig.order(who, 6_000_00).await;
    rig.run_jobs().await;
    let ids: Vec<String> = rig.exchange.state().orders.keys().cloned().collect();
    rig.exchange.state().unreadable.extend(ids[..2].to_vec());
    rig.ask_all().await;
    assert_eq!(rig.count(SHOWN).await, 2);
    let reported = rig.dealing.reports(who, &[]).await.unwrap();
    assert_eq!((reported.unknown, reported.orders.len()), (1, 1));
    assert_eq!(rig.count(SHOWN).await, 2, "each once");
}

#[tokio::test]
async fn whoever_a_slow_round_did_not_get_to_comes_first_in_the_next() {
    let rig = silent().await;
    rig.exchange.state().hangs = true;
    let asked = rig.dealing.poll_for(Duration::from_millis(50)).await;
    assert_eq!(asked.unwrap(), 1, "it was begun, and does not lead again");
    rig.exchange.state().hangs = false;
    assert_eq!(rig.dealing.run_poll().await.unwrap(), 1);
    rig.pass(Duration::from_hours(1));
    assert_eq!(rig.dealing.run_poll().await.unwrap(), 2);
}

#[tokio::test]
async fn a_mandate_in_force_is_asked_about_once_a_day() {
    let rig = Rig::new(1, no_limits()).await;
    rig.mandate(rig.people[0]).await;
    let mut asked = 0;
    for _ in 0..3 * 24 {
        rig.pass(Duration::from_hours(1));
        asked += rig.dealing.run_poll().await.unwrap();
    }
    assert_eq!(asked, 3);
}

#[tokio::test]
async fn orders_are_asked_about_before_mandates_that_wait_longer_and_all_of_them_in_one_run() {
    let rig = Rig::new(1, no_limits()).await;
    let who = rig.people[0];
    rig.mandate(who).await;
    rig.pass(Duration::from_hours(25));
    for _ in 0..101 {
        rig.order(who, 5_000_00).await;
    }
    rig.run_jobs().await;
    rig.pass(Duration::from_hours(1));
    let due = rig
        .base
        .db
        .write(rig.clock.now().as_millisecond(), |conn, now| {
            Box::pin(async move { polls::take(conn, *now, *now, 101).await })
        });
    let due = due.await.unwrap();
    assert!(due.iter().all(|id| id.starts_with("ord_")), "{due:?}");
    assert_eq!(rig.dealing.run_poll().await.unwrap(), 102);
}
