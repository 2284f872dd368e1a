//! The way to the gateway and back, with everything that goes wrong on it.

use std::time::Duration;

use futures::FutureExt;

use super::exchange::Fault;
use super::rig::{Rig, no_limits};
use crate::id::OrderId;
use crate::investing::gateway::port::OrderReport;
use crate::investing::orders::order::Submission;
use crate::investing::orders::service::{Kept, Sent};
use crate::investing::orders::{Frequency, OrderStatus, PlanKind, Quantity};
use crate::investing::reconciliation::OrderBook as _;

async fn status(rig: &Rig, id: OrderId) -> (OrderStatus, Submission) {
    let orders = rig
        .dealing
        .orders_of(rig.people[0], None, 50)
        .await
        .unwrap();
    let order = orders.iter().find(|order| order.id == id).unwrap();
    (order.status, order.submission)
}

fn placed(rig: &Rig) -> (usize, u32) {
    let state = rig.exchange.state();
    (state.orders.len(), state.placed.values().sum())
}

#[tokio::test]
async fn a_gateway_that_times_out_after_accepting_never_gets_a_second_order() {
    let rig = Rig::new(1, no_limits()).await;
    let id = rig.order(rig.people[0], 5_000_00).await;
    rig.exchange.fault(Fault::TakenAndLost);
    let first = rig.dealing.submit(&id.to_string()).await.unwrap();
    assert!(matches!(first, Sent::Again(_)));
    assert_eq!(status(&rig, id).await.1, Submission::Asking);
    let second = rig.dealing.submit(&id.to_string()).await.unwrap();
    assert_eq!(second, Sent::Done);
    assert_eq!(placed(&rig), (1, 1));
    let taken = (OrderStatus::AwaitingAuthorisation, Submission::Taken);
    assert_eq!(status(&rig, id).await, taken);
}

#[tokio::test]
async fn a_run_cut_off_in_the_middle_of_the_call_places_no_second_order() {
    let rig = Rig::new(1, no_limits()).await;
    let id = rig.order(rig.people[0], 5_000_00).await;
    rig.exchange.fault(Fault::TakenAndSilent);
    let subject = id.to_string();
    {
        let mut run = Box::pin(rig.dealing.submit(&subject));
        // Far enough that the exchange has it; then the process dies.
        while rig.exchange.state().calls == 0 {
            assert!(run.as_mut().now_or_never().is_none());
            tokio::task::yield_now().await;
        }
    }
    assert_eq!(placed(&rig), (1, 1));
    assert_eq!(rig.dealing.submit(&subject).await.unwrap(), Sent::Done);
    assert_eq!(placed(&rig), (1, 1));
}

#[tokio::test]
async fn a_call_that_may_be_under_way_is_not_made_again_until_it_must_have_ended() {
    let rig = Rig::new(1, no_limits()).await;
    let subject = rig.order(rig.people[0], 5_000_00).await.to_string();
    rig.exchange.fault(Fault::LostAndSilent);
    {
        // It dies after the reference was marked and before the answer is on record.
        let mut run = Box::pin(rig.dealing.submit(&subject));
        while rig.exchange.state().calls == 0 {
            assert!(run.as_mut().now_or_never().is_none());
            tokio::task::yield_now().await;
        }
    }
    let again = rig.dealing.submit(&subject).await.unwrap();
    assert!(matches!(again, Sent::Again(_)));
    assert_eq!(placed(&rig).1, 0);
    rig.pass(Duration::from_mins(2));
    assert_eq!(rig.dealing.submit(&subject).await.unwrap(), Sent::Done);
    assert_eq!(placed(&rig), (1, 1));
}

#[tokio::test]
async fn what_did_not_arrive_is_sent_again_and_what_was_refused_is_not() {
    let rig = Rig::new(1, no_limits()).await;
    let id = rig.order(rig.people[0], 5_000_00).await;
    let subject = id.to_string();
    for _ in 0..3 {
        rig.exchange.fault(Fault::Unavailable);
        let sent = rig.dealing.submit(&subject).await.unwrap();
        assert!(matches!(sent, Sent::Again(_)));
        assert_eq!(status(&rig, id).await.1, Submission::Waiting);
    }
    assert_eq!(rig.dealing.submit(&subject).await.unwrap(), Sent::Done);
    assert_eq!(placed(&rig), (1, 1));
    let other = rig.order(rig.people[0], 6_000_00).await;
    rig.exchange.fault(Fault::Refused);
    let sent = rig.dealing.submit(&other.to_string()).await.unwrap();
    assert_eq!(sent, Sent::Done);
    let rejected = (OrderStatus::Rejected, Submission::Refused);
    assert_eq!(status(&rig, other).await, rejected);
    assert_eq!(
        rig.dealing.submit(&other.to_string()).await.unwrap(),
        Sent::Done
    );
    assert_eq!(placed(&rig).0, 1);
    let told = "select count(*) from business_events where kind = 'order_rejected'";
    assert_eq!(rig.count(told).await, 1);
}

#[tokio::test]
async fn an_order_goes_its_way_to_units_with_each_step_on_record_and_each_told_once() {
    let rig = Rig::new(1, no_limits()).await;
    let id = rig.order(rig.people[0], 5_000_00).await;
    rig.run_jobs().await;
    rig.exchange.approve_all();
    rig.dealing.look_at(&id.to_string()).await.unwrap();
    rig.exchange.settle_orders(rig.today());
    for _ in 0..3 {
        rig.dealing.look_at(&id.to_string()).await.unwrap();
    }
    let history = rig.dealing.history_of(&id.to_string()).await.unwrap();
    let statuses: Vec<_> = history.iter().map(|(status, ..)| status.as_str()).collect();
    assert_eq!(
        statuses,
        [
            "created",
            "awaiting_authorisation",
            "sent_to_rta",
            "allotted"
        ]
    );
    let posted = "select count(*) from posted";
    assert_eq!(rig.count(posted).await, 2, "paid and allotted");
    assert_eq!(rig.count("select count(*) from business_events").await, 2);
    let orders = rig.dealing.orders_of(rig.people[0], None, 9).await.unwrap();
    let allotment = orders[0].details.allotment.as_ref().unwrap();
    assert_eq!(allotment.units.to_string(), "199.99");
}

#[tokio::test]
async fn a_notice_is_durable_read_once_and_only_a_hint() {
    let rig = Rig::new(1, no_limits()).await;
    let id = rig.order(rig.people[0], 5_000_00).await;
    rig.run_jobs().await;
    rig.exchange.approve_all();
    rig.exchange.settle_orders(rig.today());
    let gateway_id = rig.exchange.state().orders.keys().next().unwrap().clone();
    let notice = format!("n1 order {gateway_id}");
    let take = |body: String| {
        let dealing = rig.dealing.clone();
        async move { dealing.take_notice(body.as_bytes()).await.unwrap() }
    };
    assert_eq!(take(notice.clone()).await, Kept::New);
    assert_eq!(take(notice).await, Kept::Known);
    assert_eq!(take("n2 order 4711".to_owned()).await, Kept::New);
    assert_eq!(take("nonsense".to_owned()).await, Kept::Unreadable);
    rig.run_jobs().await;
    assert_eq!(status(&rig, id).await.0, OrderStatus::Allotted);
    let done = "select count(*) from gateway_notices where state = 'done'";
    let waiting = "select count(*) from gateway_notices where state = 'waiting'";
    let unreadable = "select count(*) from gateway_notices where state = 'unreadable'";
    assert_eq!(rig.count(done).await, 1);
    assert_eq!(
        rig.count(waiting).await,
        1,
        "the gateway does not know 4711 yet"
    );
    assert_eq!(rig.count(unreadable).await, 1);
    assert_eq!(rig.count("select count(*) from attention").await, 1);
}

#[tokio::test]
async fn money_taken_for_an_order_that_failed_shows_as_due_back() {
    let rig = Rig::new(1, no_limits()).await;
    let id = rig.order(rig.people[0], 5_000_00).await;
    rig.run_jobs().await;
    rig.exchange.approve_all();
    {
        let mut state = rig.exchange.state();
        let report = state.orders.values_mut().next().unwrap();
        report.status = OrderStatus::Rejected;
        report.reason = Some("rta_rejected".to_owned());
    }
    rig.dealing.look_at(&id.to_string()).await.unwrap();
    assert_eq!(status(&rig, id).await.0, OrderStatus::RefundDue);
    for report in rig.exchange.state().orders.values_mut() {
        report.status = OrderStatus::Refunded;
    }
    rig.dealing.look_at(&id.to_string()).await.unwrap();
    assert_eq!(status(&rig, id).await.0, OrderStatus::Refunded);
    let moments = "select count(*) from posted where moment in ('paid', 'refund_due', 'refunded')";
    assert_eq!(rig.count(moments).await, 3);
}

#[tokio::test]
async fn money_taken_stays_owed_where_the_exchange_names_no_amount_any_more() {
    let rig = Rig::new(1, no_limits()).await;
    let id = rig.order(rig.people[0], 5_000_00).await;
    rig.run_jobs().await;
    rig.exchange.approve_all();
    rig.dealing.look_at(&id.to_string()).await.unwrap();
    for report in rig.exchange.state().orders.values_mut() {
        assert!(report.paid.take().is_some());
        report.status = OrderStatus::Rejected;
    }
    rig.dealing.look_at(&id.to_string()).await.unwrap();
    assert_eq!(status(&rig, id).await.0, OrderStatus::RefundDue);
    let (reports, booked) = (
        rig.dealing
            .reports(rig.people[0], &[])
            .await
            .unwrap()
            .orders,
        rig.dealing.orders(rig.people[0]).await.unwrap(),
    );
    assert_eq!(
        (reports[0].status, reports[0].paid),
        (booked[0].status, booked[0].paid)
    );
}

#[tokio::test]
async fn an_investor_whose_money_is_paused_gets_nothing_drafted_confirmed_or_sent() {
    let rig = Rig::new(2, no_limits()).await;
    let who = rig.people[0];
    let draft = rig.purchase(who, 5_000_00).await;
    let order = rig.order(who, 6_000_00).await;
    rig.world.paused.lock().unwrap().insert(who);
    let drafted = rig
        .dealing
        .propose_redemption(
            who,
            super::rig::FUND,
            crate::investing::orders::Quantity::All,
            None,
            "r1",
        )
        .await;
    assert!(drafted.unwrap_err().to_string().contains("paused"));
    let confirmed = rig.dealing.confirm(who, draft.id, "chat").await;
    assert!(confirmed.unwrap_err().to_string().contains("paused"));
    let sent = rig.dealing.submit(&order.to_string()).await.unwrap();
    assert!(matches!(sent, Sent::Parked(_)));
    assert_eq!(placed(&rig), (0, 0));
    let other = rig.purchase(rig.people[1], 5_000_00).await;
    rig.confirmed(&other).await;
    // Let go on, it goes when its job is run again, and once.
    rig.world.paused.lock().unwrap().remove(&who);
    for _ in 0..2 {
        let sent = rig.dealing.submit(&order.to_string()).await.unwrap();
        assert_eq!(sent, Sent::Done);
    }
    assert_eq!(placed(&rig).0, 1);
}

#[tokio::test]
async fn a_redemption_whose_money_did_not_arrive_is_before_a_person_until_it_does() {
    let rig = Rig::new(1, no_limits()).await;
    let who = rig.people[0];
    let draft = rig.redeem(who, Quantity::All).await;
    rig.dealing.confirm(who, draft, "chat").await.unwrap();
    rig.run_jobs().await;
    let open =
        "select count(*) from attention where kind = 'payout_failed' and resolved_at is null";
    let reported = async |change: fn(&mut OrderReport)| {
        let orders = rig.dealing.orders_of(who, None, 1).await.unwrap();
        change(rig.exchange.state().orders.values_mut().next().unwrap());
        let id = orders[0].id.to_string();
        rig.dealing.look_at(&id).await.unwrap();
        let orders = rig.dealing.orders_of(who, None, 1).await.unwrap();
        (orders[0].is_unpaid(), rig.count(open).await)
    };
    rig.exchange.approve_all();
    let at_the_registrar = reported(|_| {}).await;
    assert_eq!(at_the_registrar, (false, 0));
    let failed = |report: &mut OrderReport| {
        report.payout_failed = true;
        report.reason = Some("account closed".to_owned());
    };
    for _ in 0..2 {
        assert_eq!(reported(failed).await, (true, 1));
    }
    let sent_again = reported(|report| report.payout_failed = false).await;
    assert_eq!(sent_again, (false, 0));
    assert_eq!(reported(failed).await, (true, 1));
    reported(|report| report.payout_failed = false).await;
    rig.exchange.settle_orders(rig.today());
    assert_eq!(reported(|_| {}).await, (false, 0));
    let paid = "select count(*) from orders where status = 'redeemed_paid'";
    assert_eq!(rig.count(paid).await, 1);
}

#[tokio::test]
async fn whether_there_are_nominees_goes_with_each_order_and_plan() {
    let rig = Rig::new(1, no_limits()).await;
    let who = rig.people[0];
    rig.order(who, 5_000_00).await;
    let mandate = rig.mandate(who).await;
    let terms = rig.terms(PlanKind::Sip, Frequency::Monthly, "2026-09-07");
    rig.plan(who, terms, Some(mandate)).await;
    let state = rig.exchange.state();
    let order = state.kinds.values().next().unwrap();
    assert_eq!(order.has_nominees, Some(true));
    assert!(state.plans.values().next().unwrap().new.has_nominees);
}
