//! What the paper exchange makes of accounts, mandates, orders and plans.

use std::time::Duration;

use jiff::civil::date;
use rust_decimal::Decimal;

use super::rig::{Rig, UCC};
use crate::investing::gateway::port::{
    InvestorState, NewOrder, OrderGateway, Page, PlanChange, PlanStepUp, StepUpBy, Subject,
};
use crate::investing::money::Paise;
use crate::investing::orders::{
    BounceReason, MandateKind, MandateStatus, OrderKind, OrderStatus, PlanStatus, Quantity,
};
use crate::investing::scheme::SchemeCode;
use crate::sandbox::ExchangeFault;
use crate::sandbox::emulator::Fault;

fn cancel() -> PlanChange {
    PlanChange::Cancel {
        reason: 1,
        words: None,
    }
}

#[tokio::test]
async fn a_purchase_is_approved_paid_and_allotted_at_the_nav_of_its_day() {
    let mut rig = Rig::start().await;
    rig.open_account().await;
    let new = rig.purchase(5_000);
    let placed = rig.gateway.place_order(&new).await.unwrap();
    assert_eq!(placed.status, OrderStatus::AwaitingAuthorisation);
    assert_eq!(placed.reference.as_ref(), Some(&new.reference));

    let after = rig.click(&Page::Order(placed.id.clone()), "approve").await;
    assert!(after.contains("Pay ₹5,000"), "{after}");
    assert!(after.contains("Asha &lt;Rao&gt;"), "{after}");
    let after = rig.click(&Page::Payment(placed.id.clone()), "fail").await;
    assert!(after.contains("balance insufficient"), "{after}");
    let failed = rig.order(&placed.id).await;
    assert_eq!(failed.status, OrderStatus::AwaitingPayment);
    assert_eq!(failed.bounce, Some(BounceReason::InsufficientFunds));
    rig.click(&Page::Payment(placed.id.clone()), "pay").await;
    let paying = rig.order(&placed.id).await;
    assert_eq!(paying.status, OrderStatus::PaymentProcessing);

    rig.until("2026-08-24T11:00").await;
    let sent = rig.order(&placed.id).await;
    assert_eq!(sent.status, OrderStatus::SentToRta);
    assert_eq!(sent.paid, Some(Paise(500_000)));
    rig.until("2026-08-25T09:59").await;
    assert_eq!(rig.order(&placed.id).await.status, OrderStatus::SentToRta);
    rig.until("2026-08-25T10:00").await;
    let done = rig.order(&placed.id).await;
    assert_eq!(done.status, OrderStatus::Allotted);
    let made = done.allotment.unwrap();
    assert_eq!(made.nav_date, date(2026, 8, 24));
    assert_eq!((made.amount, made.stamp_duty), (Paise(499_975), Paise(25)));
    let units = (made.amount.rupees() / made.nav).round_dp(3);
    assert_eq!(made.units, units);
}

#[tokio::test]
async fn an_order_that_is_refused_expired_or_called_off_never_gets_units() {
    let mut rig = Rig::start().await;
    rig.open_account().await;
    let orders = [rig.purchase(500), rig.purchase(600), rig.purchase(700)];
    let mut ids = Vec::new();
    for new in &orders {
        ids.push(rig.gateway.place_order(new).await.unwrap().id);
    }
    rig.click(&Page::Order(ids[0].clone()), "refuse").await;
    for _ in 0..2 {
        let called_off = rig.gateway.cancel_order(&ids[1]).await.unwrap();
        assert_eq!(called_off.status, OrderStatus::Cancelled);
    }
    rig.until("2026-09-30T10:00").await;
    let mut ends = Vec::new();
    for id in &ids {
        let order = rig.order(id).await;
        assert_eq!((order.paid, order.allotment), (None, None));
        ends.push(order.status);
    }
    let expected = [
        OrderStatus::Rejected,
        OrderStatus::Cancelled,
        OrderStatus::Expired,
    ];
    assert_eq!(ends, expected);
}

#[tokio::test]
async fn a_paid_order_that_the_registrar_rejects_is_refund_due_and_then_refunded() {
    let mut rig = Rig::start().await;
    rig.approve_by_itself();
    rig.open_account().await;
    rig.exchange
        .set_fault(ExchangeFault::RejectOrders, Fault::times(1));
    let new = rig.purchase(5_000);
    let id = rig.gateway.place_order(&new).await.unwrap().id;
    rig.until("2026-08-25T10:00").await;
    let due = rig.order(&id).await;
    assert_eq!(due.status, OrderStatus::RefundDue);
    assert!(due.reason.is_some() && due.allotment.is_none());
    rig.until("2026-08-28T10:00").await;
    assert_eq!(rig.order(&id).await.status, OrderStatus::Refunded);
}

#[tokio::test]
async fn a_year_of_a_sip_is_debited_and_allotted_on_the_right_days() {
    let mut rig = Rig::start().await;
    rig.approve_by_itself();
    rig.open_account().await;
    let mandate = rig.active_mandate(20_000).await;
    let mut new = rig.sip(&mandate, date(2026, 9, 14));
    new.step_up = Some(PlanStepUp {
        by: StepUpBy::Percent(Decimal::TEN),
        every_months: 6,
        cap: None,
    });
    let id = rig.gateway.register_plan(&new).await.unwrap().id;
    rig.until("2026-08-24T12:00").await;
    assert_eq!(rig.plan(&id).await.status, PlanStatus::Active);
    // The 14th is a holiday: the debit moves to the 15th, its notice to the 14th.
    rig.until("2026-09-14T05:00").await;
    let first = rig.plan(&id).await.instalments.remove(0);
    assert_eq!(first.status, OrderStatus::Created);
    assert_eq!(
        (first.raw_status.as_str(), first.due),
        ("pre_debit_notified", Some(date(2026, 9, 14)))
    );
    rig.until("2027-09-30T10:00").await;
    let plan = rig.plan(&id).await;
    assert_eq!(plan.status, PlanStatus::Completed);
    assert_eq!(plan.instalments.len(), 12);
    let first = plan.instalments[0].allotment.as_ref().unwrap();
    assert_eq!(first.nav_date, date(2026, 9, 15));
    let paid: Vec<_> = plan.instalments.iter().map(|order| order.paid).collect();
    assert_eq!(paid[..6], [Some(Paise(500_000)); 6]);
    assert_eq!(paid[6..], [Some(Paise(550_000)); 6]);
    for order in &plan.instalments {
        assert_eq!(order.status, OrderStatus::Allotted);
        assert_eq!(order.plan.as_deref(), Some(id.as_str()));
        assert_eq!(order.allotment.as_ref().unwrap().folio, first.folio);
    }
}

#[tokio::test]
async fn three_bounces_in_a_row_end_a_monthly_plan_and_a_success_between_counts_anew() {
    let mut rig = Rig::start().await;
    rig.approve_by_itself();
    rig.open_account().await;
    let mandate = rig.active_mandate(20_000).await;
    let new = rig.sip(&mandate, date(2026, 9, 7));
    let id = rig.gateway.register_plan(&new).await.unwrap().id;
    let bounce = |times| Fault::times(times).amount(1);
    rig.exchange
        .set_fault(ExchangeFault::BounceDebits, bounce(2));
    rig.until("2026-11-30T10:00").await;
    let plan = rig.plan(&id).await;
    assert_eq!(plan.status, PlanStatus::Active);
    let ends: Vec<_> = plan.instalments.iter().map(|order| order.status).collect();
    let rejected = OrderStatus::Rejected;
    assert_eq!(ends, [rejected, rejected, OrderStatus::Allotted]);
    assert_eq!(
        plan.instalments[0].bounce,
        Some(BounceReason::AccountProblem)
    );
    rig.exchange
        .set_fault(ExchangeFault::BounceDebits, bounce(3));
    rig.until("2027-06-30T10:00").await;
    let plan = rig.plan(&id).await;
    assert_eq!(plan.status, PlanStatus::AutoCancelled);
    assert_eq!(plan.instalments.len(), 6);
}

#[tokio::test]
async fn a_change_of_a_plan_has_no_effect_until_the_investor_approves_it() {
    let mut rig = Rig::start().await;
    rig.open_account().await;
    let mandate = rig.active_mandate(20_000).await;
    let new = rig.sip(&mandate, date(2026, 9, 7));
    let id = rig.gateway.register_plan(&new).await.unwrap().id;
    let page = Page::Plan(id.clone());
    rig.click(&page, "approve").await;
    let pause = PlanChange::Pause { instalments: 2 };
    for _ in 0..2 {
        let asked = rig
            .gateway
            .change_plan(&id, new.kind, &pause)
            .await
            .unwrap();
        assert_eq!(asked.status, PlanStatus::Active);
        assert!(asked.change_awaits_approval);
    }
    rig.click(&page, "approve").await;
    let paused = rig.plan(&id).await;
    assert_eq!(paused.status, PlanStatus::Paused);
    assert!(!paused.change_awaits_approval);
    rig.until("2026-11-30T10:00").await;
    let plan = rig.plan(&id).await;
    assert_eq!(plan.status, PlanStatus::Active);
    let due: Vec<_> = plan.instalments.iter().map(|order| order.due).collect();
    assert_eq!(due, [Some(date(2026, 11, 7))]);
    rig.gateway
        .change_plan(&id, new.kind, &cancel())
        .await
        .unwrap();
    rig.click(&page, "refuse").await;
    assert_eq!(rig.plan(&id).await.status, PlanStatus::Active);
    rig.gateway
        .change_plan(&id, new.kind, &cancel())
        .await
        .unwrap();
    rig.click(&page, "approve").await;
    let ended = rig
        .gateway
        .change_plan(&id, new.kind, &cancel())
        .await
        .unwrap();
    assert_eq!(ended.status, PlanStatus::CancelledByInvestor);
    rig.until("2027-08-30T10:00").await;
    assert_eq!(rig.plan(&id).await.instalments.len(), 1);
}

#[tokio::test]
async fn a_plan_waits_for_its_mandate_and_ends_with_it() {
    let mut rig = Rig::start().await;
    rig.open_account().await;
    let mandate = rig.mandate(MandateKind::Enach, 20_000).await;
    let new = rig.sip(&mandate.id, date(2026, 8, 27));
    let id = rig.gateway.register_plan(&new).await.unwrap().id;
    rig.click(&Page::Plan(id.clone()), "approve").await;
    assert_eq!(rig.plan(&id).await.status, PlanStatus::AwaitingMandate);
    rig.click(&Page::Mandate(mandate.id.clone()), "approve")
        .await;
    rig.until("2026-08-28T10:00").await;
    let under_way = rig.gateway.read_mandate(&mandate.id).await.unwrap();
    assert_eq!(under_way.unwrap().status, MandateStatus::UnderProcess);
    // Three bank days from the 24th, the 26th being none, are the 28th.
    rig.until("2026-08-28T11:00").await;
    assert_eq!(rig.plan(&id).await.status, PlanStatus::Active);
    rig.until("2026-10-10T10:00").await;
    let plan = rig.plan(&id).await;
    let due: Vec<_> = plan.instalments.iter().map(|order| order.due).collect();
    assert_eq!(due, [Some(date(2026, 9, 27))]);
    for _ in 0..2 {
        let ended = rig.gateway.cancel_mandate(&mandate.id).await.unwrap();
        assert_eq!(ended.status, MandateStatus::Cancelled);
    }
    assert_eq!(rig.plan(&id).await.status, PlanStatus::MandateUnlinked);
}

#[tokio::test]
async fn units_leave_by_redemption_and_switch_and_never_more_than_there_are() {
    let mut rig = Rig::start().await;
    rig.approve_by_itself();
    rig.open_account().await;
    rig.exchange
        .seed_units("777/1", 1, date(2025, 1, 10), Decimal::from(100));
    let out = |rig: &mut Rig, kind, target: Option<u32>, quantity| NewOrder {
        kind,
        target: target.map(SchemeCode),
        quantity,
        folio: Some("777/1".to_owned()),
        ..rig.purchase(1)
    };
    let redemption = out(
        &mut rig,
        OrderKind::Redemption,
        None,
        Quantity::Units(Decimal::from(40)),
    );
    let switch = out(&mut rig, OrderKind::Switch, Some(2), Quantity::All);
    let greedy = out(
        &mut rig,
        OrderKind::Redemption,
        None,
        Quantity::Units(Decimal::from(61)),
    );
    let elsewhere = out(&mut rig, OrderKind::Switch, Some(3), Quantity::All);
    assert!(rig.gateway.place_order(&elsewhere).await.is_err());
    let redemption = rig.gateway.place_order(&redemption).await.unwrap().id;
    rig.until("2026-08-25T10:00").await;
    let settled = rig.order(&redemption).await;
    assert_eq!(settled.status, OrderStatus::SentToRta);
    let made = settled.allotment.unwrap();
    assert_eq!(
        (made.units, made.nav_date),
        (Decimal::from(40), date(2026, 8, 24))
    );
    let greedy = rig.gateway.place_order(&greedy).await.unwrap().id;
    let switch = rig.gateway.place_order(&switch).await.unwrap().id;
    // T+2 from the 24th, the 26th being a bank holiday.
    rig.until("2026-08-27T18:59").await;
    assert_eq!(rig.order(&redemption).await.status, OrderStatus::SentToRta);
    rig.until("2026-08-27T19:00").await;
    assert_eq!(
        rig.order(&redemption).await.status,
        OrderStatus::RedeemedPaid
    );
    assert_eq!(rig.order(&greedy).await.status, OrderStatus::Rejected);
    rig.until("2026-09-02T10:00").await;
    let switched = rig.order(&switch).await;
    assert_eq!(switched.status, OrderStatus::Allotted);
    let (out, into) = (switched.allotment.unwrap(), switched.switched_in.unwrap());
    assert_eq!(out.units, Decimal::from(60));
    let money = out.amount - out.exit_load - out.stt;
    assert_eq!(into.amount + into.stamp_duty, money);
    // Out on the 25th, paid on the 28th, in at the NAV of the day before.
    assert_eq!(
        (out.nav_date, into.nav_date),
        (date(2026, 8, 25), date(2026, 8, 27))
    );
}

#[tokio::test]
async fn everything_is_still_there_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("exchange.db");
    let start = "2026-08-24T10:00:00+05:30";
    let mut rig = Rig::at(start, Some(&file)).await;
    rig.approve_by_itself();
    rig.open_account().await;
    let mandate = rig.active_mandate(20_000).await;
    let new = rig.sip(&mandate, date(2026, 9, 7));
    let id = rig.gateway.register_plan(&new).await.unwrap().id;
    rig.until("2026-09-08T11:00").await;
    let before = rig.plan(&id).await;
    let untold = rig.exchange.untold();
    rig.exchange.close().await;
    drop(rig);

    let rig = Rig::at(start, Some(&file)).await;
    assert!(rig.clock.now() >= "2026-09-08T11:00:00+05:30".parse().unwrap());
    assert_eq!(rig.plan(&id).await, before);
    assert!(before.instalments[0].allotment.is_some() && untold > 0);
    assert_eq!(rig.exchange.untold(), untold);
    rig.until("2027-08-30T10:00").await;
    assert_eq!(rig.plan(&id).await.status, PlanStatus::Completed);
}

#[tokio::test]
async fn each_change_is_told_and_names_what_to_read() {
    let mut rig = Rig::start().await;
    rig.open_account().await;
    let new = rig.purchase(5_000);
    let id = rig.gateway.place_order(&new).await.unwrap().id;
    rig.click(&Page::Order(id.clone()), "approve").await;
    rig.clock.advance(Duration::from_secs(1));
    let notices: Vec<_> = rig
        .exchange
        .take_notices()
        .iter()
        .map(|body| rig.gateway.read_notice(body.as_bytes()).unwrap())
        .collect();
    let about: Vec<_> = notices.iter().map(|notice| notice.about.clone()).collect();
    let investor = Subject::Investor(UCC.to_owned());
    let order = Subject::Order(id);
    let expected = [
        investor.clone(),
        investor.clone(),
        investor,
        order.clone(),
        order,
    ];
    assert_eq!(about, expected);
    assert!(rig.exchange.take_notices().is_empty());
}

#[tokio::test]
async fn who_refused_their_account_can_place_nothing() {
    let mut rig = Rig::start().await;
    let state = rig.ask_for_account().await;
    assert_eq!(state, InvestorState::AwaitingAuthorisation);
    let page = Page::Investor {
        ucc: UCC.to_owned(),
    };
    let after = rig.click(&page, "refuse").await;
    assert!(after.contains("refused or stopped"), "{after}");
    assert!(!after.contains("<button"), "{after}");
    // Neither a second thought nor time opens it.
    rig.post(&page, "approve").await;
    rig.until("2026-09-30T10:00").await;
    let found = rig.gateway.find_investor(UCC).await.unwrap();
    assert_eq!(found, Some(InvestorState::Suspended));
    let new = rig.purchase(5_000);
    let refused = rig.gateway.place_order(&new).await.unwrap_err();
    assert!(refused.to_string().contains("ucc_not_active"), "{refused}");
}

#[tokio::test]
async fn a_stopped_account_approves_and_pays_nothing_on_any_page_and_may_still_refuse() {
    let mut rig = Rig::start().await;
    rig.open_account().await;
    let mandate = rig.active_mandate(20_000).await;
    let waiting = rig.mandate(MandateKind::Upi, 10_000).await;
    let (order, other) = (rig.purchase(500), rig.purchase(600));
    let placed = rig.gateway.place_order(&order).await.unwrap().id;
    let unpaid = rig.gateway.place_order(&other).await.unwrap().id;
    rig.click(&Page::Order(unpaid.clone()), "approve").await;
    let sip = rig.sip(&mandate, date(2026, 9, 7));
    let plan = rig.gateway.register_plan(&sip).await.unwrap().id;
    let running = rig.sip(&mandate, date(2026, 9, 8));
    let running = rig.gateway.register_plan(&running).await.unwrap().id;
    rig.click(&Page::Plan(running.clone()), "approve").await;

    rig.hold_account("suspend").await;
    for (page, act) in [
        (Page::Order(placed.clone()), "approve"),
        (Page::Payment(unpaid.clone()), "pay"),
        (Page::Plan(plan.clone()), "approve"),
        (Page::Mandate(waiting.id.clone()), "approve"),
    ] {
        let after = rig.post(&page, act).await;
        assert!(after.contains("refused or stopped"), "{page:?}: {after}");
        assert!(!after.contains(&format!("value=\"{act}\"")), "{after}");
    }
    let status = rig.order(&placed).await.status;
    assert_eq!(status, OrderStatus::AwaitingAuthorisation);
    let unmoved = rig.order(&unpaid).await;
    assert_eq!(
        (unmoved.status, unmoved.paid),
        (OrderStatus::AwaitingPayment, None)
    );
    assert_eq!(rig.plan(&plan).await.status, PlanStatus::Awaiting2fa);
    let still = rig
        .gateway
        .read_mandate(&waiting.id)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(still.status, MandateStatus::AwaitingInvestor);
    rig.click(&Page::Plan(plan.clone()), "refuse").await;
    let refused = rig.plan(&plan).await.status;
    assert_eq!(refused, PlanStatus::CancelledByInvestor);
    // Nor is a plan that ran before debited.
    rig.until("2026-09-09T12:00").await;
    let ran = rig.plan(&running).await.instalments;
    assert_eq!((ran.len(), ran[0].paid), (1, None));
    assert_eq!(ran[0].status, OrderStatus::Rejected);

    rig.hold_account("reinstate").await;
    let new = rig.purchase(700);
    let again = rig.gateway.place_order(&new).await.unwrap().id;
    rig.click(&Page::Order(again.clone()), "approve").await;
    rig.click(&Page::Payment(again.clone()), "pay").await;
    let paying = rig.order(&again).await.status;
    assert_eq!(paying, OrderStatus::PaymentProcessing);
}
