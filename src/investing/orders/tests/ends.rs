//! How plans end, and what still runs then.

use std::time::Duration;

use jiff::civil::Date;

use super::plans::{statuses, until, view};
use super::rig::{Rig, no_limits};
use crate::id::{ContactId, PlanId};
use crate::investing::calendar::Calendar;
use crate::investing::money::Paise;
use crate::investing::orders::InstalmentStatus as I;
use crate::investing::orders::draft::{Draft, Made, Refusal};
use crate::investing::orders::service::Declined;
use crate::investing::orders::{Frequency, OrderStatus, PlanKind, PlanStatus};
use crate::investing::reconciliation::OrderBook as _;

/// Somebody with a monthly SIP that runs from a day on.
async fn sip_from(start: &str) -> (Rig, ContactId, PlanId) {
    let rig = Rig::new(1, no_limits()).await;
    let who = rig.people[0];
    let mandate = rig.mandate(who).await;
    let terms = rig.terms(PlanKind::Sip, Frequency::Monthly, start);
    let plan = rig.plan(who, terms, Some(mandate)).await;
    (rig, who, plan)
}

/// The exchange runs what is due on a day of plans it says it ended.
fn runs_though_ended(rig: &Rig, day: Date) {
    let set = |status| {
        for plan in rig.exchange.state().plans.values_mut() {
            plan.status = status;
        }
    };
    set(PlanStatus::Active);
    rig.exchange.run_plans(&Calendar::shipped(), day);
    set(PlanStatus::CancelledByInvestor);
}

#[tokio::test]
async fn a_debit_the_bank_had_before_the_end_is_booked_and_a_later_one_asked_about_too() {
    let (rig, who, plan) = sip_from("2026-09-07").await;
    until(&rig, "2026-09-04").await;
    let by = rig.dealing.cancel_plan(who, plan, (3, None), "chat");
    assert_eq!(by.await.unwrap().to_string(), "2026-09-08");
    rig.run_jobs().await;
    let seen = view(&rig, who, plan).await;
    assert_eq!(seen.plan.status, PlanStatus::CancelledByInvestor);
    assert_eq!(seen.instalments, []);

    let monday: Date = "2026-09-07".parse().unwrap();
    rig.go_to(monday, 11);
    runs_though_ended(&rig, monday);
    rig.ask_all().await;
    assert_eq!(statuses(&view(&rig, who, plan).await), [I::Allotted]);
    let posted = "select count(*) from posted where moment = 'allotted'";
    assert_eq!(rig.count(posted).await, 1);
    assert_eq!(rig.count("select count(*) from attention").await, 0);

    until(&rig, "2026-09-13").await;
    let asked_about = "select count(*) from plans where poll_at is not null";
    assert_eq!(rig.count(asked_about).await, 0);
    let later: Date = "2026-10-07".parse().unwrap();
    rig.go_to(later, 11);
    runs_though_ended(&rig, later);
    rig.dealing.look_at(&plan.to_string()).await.unwrap();
    assert_eq!(statuses(&view(&rig, who, plan).await), [I::Allotted; 2]);
    assert_eq!(rig.count(posted).await, 2);
    let shown = "select count(*) from attention where kind = 'unknown_instalment'";
    assert_eq!(rig.count(shown).await, 1);
}

#[tokio::test]
async fn what_the_exchange_cancels_with_a_plan_is_no_debit_that_failed() {
    let (rig, who, plan) = sip_from("2026-09-07").await;
    until(&rig, "2026-09-04").await;
    let by = rig.dealing.cancel_plan(who, plan, (3, None), "chat");
    by.await.unwrap();
    rig.run_jobs().await;
    let monday: Date = "2026-09-07".parse().unwrap();
    rig.go_to(monday, 11);
    runs_though_ended(&rig, monday);
    for report in rig.exchange.state().orders.values_mut() {
        report.status = OrderStatus::Cancelled;
        report.paid = None;
        report.allotment = None;
    }
    rig.ask_all().await;
    assert_eq!(statuses(&view(&rig, who, plan).await), []);
    let told = "select count(*) from business_events where unique_key like 'failed:%'";
    assert_eq!(rig.count(told).await, 0);
}

#[tokio::test]
async fn a_debit_the_bank_had_before_the_exchange_ended_its_plan_is_booked_too() {
    let (rig, who, plan) = sip_from("2026-09-07").await;
    until(&rig, "2026-09-03").await;
    for held in rig.exchange.state().plans.values_mut() {
        held.status = PlanStatus::CancelledByExchange;
    }
    rig.go_to("2026-09-04".parse().unwrap(), 10);
    rig.dealing.look_at(&plan.to_string()).await.unwrap();
    let ended = view(&rig, who, plan).await.plan.status;
    assert_eq!(ended, PlanStatus::CancelledByExchange);
    let monday: Date = "2026-09-07".parse().unwrap();
    rig.go_to(monday, 11);
    runs_though_ended(&rig, monday);
    rig.ask_all().await;
    assert_eq!(statuses(&view(&rig, who, plan).await), [I::Allotted]);
    assert_eq!(rig.count("select count(*) from attention").await, 0);
}

#[tokio::test]
async fn last_instalments_heard_of_together_with_the_end_are_booked() {
    let rig = Rig::new(1, no_limits()).await;
    let who = rig.people[0];
    let mandate = rig.mandate(who).await;
    let mut terms = rig.terms(PlanKind::Sip, Frequency::Monthly, "2026-09-07");
    terms.instalments = Some(3);
    let plan = rig.plan(who, terms, Some(mandate)).await;
    until(&rig, "2026-09-10").await;
    // Nothing runs here for two months.
    let last: Date = "2026-11-10".parse().unwrap();
    rig.go_to(last, 11);
    rig.exchange.run_plans(&Calendar::shipped(), last);
    rig.ask_all().await;
    let seen = view(&rig, who, plan).await;
    assert_eq!(statuses(&seen), [I::Allotted; 3]);
    let numbers: Vec<_> = seen.instalments.iter().map(|one| one.number).collect();
    assert_eq!(numbers, [1, 2, 3]);
    assert_eq!(seen.plan.status, PlanStatus::Completed);
    assert_eq!(rig.count("select count(*) from attention").await, 0);
}

#[tokio::test]
async fn an_instalment_of_a_saturday_is_open_until_the_bank_has_had_its_day() {
    let (rig, who, plan) = sip_from("2026-09-05").await;
    until(&rig, "2026-09-04").await;
    let stopped = rig.dealing.cancel_plan(who, plan, (3, None), "chat");
    stopped.await.unwrap();
    rig.run_jobs().await;
    until(&rig, "2026-09-06").await;
    let seen = view(&rig, who, plan).await;
    assert_eq!(seen.plan.status, PlanStatus::CancelledByInvestor);
    assert_eq!(statuses(&seen), [I::PreDebitNotified]);
    until(&rig, "2026-09-08").await;
    assert_eq!(statuses(&view(&rig, who, plan).await), [I::Skipped]);
}

#[tokio::test]
async fn a_changed_plan_takes_the_place_of_the_old_one() {
    let (rig, who, old) = sip_from("2026-09-07").await;
    until(&rig, "2026-09-10").await;
    let mut terms = rig.terms(PlanKind::Sip, Frequency::Monthly, "2026-10-15");
    terms.amount = Paise(7_000_00);
    let draft = rig
        .dealing
        .change_plan(who, old, terms, "r1")
        .await
        .unwrap();
    let Made::Plan(new) = rig.confirmed(&draft).await else {
        panic!("a plan");
    };
    rig.run_jobs().await;
    assert_eq!(view(&rig, who, new).await.plan.status, PlanStatus::Active);
    let ended = view(&rig, who, old).await.plan.status;
    assert_eq!(ended, PlanStatus::CancelledByInvestor);
    until(&rig, "2026-10-20").await;
    let seen = view(&rig, who, new).await;
    assert_eq!(seen.instalments[0].amount, Paise(7_000_00));
    assert_eq!(view(&rig, who, old).await.instalments.len(), 1);
}

#[tokio::test]
async fn a_pause_still_under_way_keeps_no_replaced_plan_running() {
    let rig = Rig::new(1, no_limits()).await;
    let who = rig.people[0];
    let mandate = rig.mandate(who).await;
    let terms = rig.terms(PlanKind::Sip, Frequency::Monthly, "2026-09-07");
    let old = rig.plan(who, terms.clone(), Some(mandate)).await;
    rig.dealing.pause_plan(who, old, 1, "chat").await.unwrap();
    let draft = rig.dealing.change_plan(who, old, terms, "r1").await;
    let Made::Plan(new) = rig.confirmed(&draft.unwrap()).await else {
        panic!("a plan");
    };
    rig.dealing.submit(&new.to_string()).await.unwrap();
    assert_eq!(view(&rig, who, new).await.plan.status, PlanStatus::Active);
    let by = view(&rig, who, old).await.plan.cancel_by.unwrap();
    // Nobody carries it out in time.
    rig.go_to(by.tomorrow().unwrap(), 1);
    rig.dealing.run_night().await.unwrap();
    let shown = "select count(*) from attention where kind = 'plan_not_stopped'";
    assert_eq!(rig.count(shown).await, 1);
    rig.run_jobs().await;
    let ended = view(&rig, who, old).await.plan.status;
    assert_eq!(ended, PlanStatus::CancelledByInvestor);
}

#[tokio::test]
async fn a_replaced_plan_that_never_left_ends_with_the_change() {
    let rig = Rig::new(1, no_limits()).await;
    let who = rig.people[0];
    let mandate = rig.mandate(who).await;
    let terms = rig.terms(PlanKind::Sip, Frequency::Monthly, "2026-09-07");
    let confirm = async |draft: Draft| match rig.confirmed(&draft).await {
        Made::Plan(id) => id,
        other => panic!("{other:?}"),
    };
    let dealing = &rig.dealing;
    let drafted = dealing.propose_plan(who, terms.clone(), Some(mandate), None, "r1");
    let old = confirm(drafted.await.unwrap()).await;
    let drafted = dealing.change_plan(who, old, terms, "r1");
    let new = confirm(drafted.await.unwrap()).await;
    dealing.submit(&new.to_string()).await.unwrap();
    let ended = view(&rig, who, old).await.plan.status;
    assert_eq!(ended, PlanStatus::CancelledByInvestor);
    rig.run_jobs().await;
    assert_eq!(rig.exchange.state().plans.len(), 1);
}

#[tokio::test]
async fn a_mandate_that_ends_takes_its_plans_with_it() {
    let rig = Rig::new(1, no_limits()).await;
    let who = rig.people[0];
    let mandate = rig.mandate(who).await;
    let terms = rig.terms(PlanKind::Sip, Frequency::Monthly, "2026-09-07");
    let plan = rig.plan(who, terms.clone(), Some(mandate)).await;
    rig.dealing
        .cancel_mandate(who, mandate, "chat")
        .await
        .unwrap();
    rig.run_jobs().await;
    let seen = view(&rig, who, plan).await.plan.status;
    assert_eq!(seen, PlanStatus::MandateUnlinked);
    let another = rig
        .dealing
        .propose_plan(who, terms, Some(mandate), None, "r1");
    match another.await.unwrap_err() {
        Declined::Refused(refusal) => assert_eq!(refusal, Refusal::MandateMissing),
        Declined::Failed(error) => panic!("{error}"),
    }
    let held = rig.exchange.state().plans.values().next().unwrap().status;
    assert_eq!(
        held,
        PlanStatus::CancelledByInvestor,
        "the exchange was told"
    );
}

#[tokio::test]
async fn a_pause_still_under_way_keeps_no_plan_running_at_the_exchange_whose_mandate_ended() {
    let rig = Rig::new(1, no_limits()).await;
    let who = rig.people[0];
    let mandate = rig.mandate(who).await;
    let terms = rig.terms(PlanKind::Sip, Frequency::Monthly, "2026-09-07");
    let plan = rig.plan(who, terms, Some(mandate)).await;
    rig.dealing.pause_plan(who, plan, 1, "chat").await.unwrap();
    rig.dealing
        .cancel_mandate(who, mandate, "chat")
        .await
        .unwrap();
    rig.run_jobs().await;
    let held = rig.exchange.state().plans.values().next().unwrap().status;
    assert_eq!(held, PlanStatus::CancelledByInvestor);
    assert_eq!(
        view(&rig, who, plan).await.plan.status,
        PlanStatus::MandateUnlinked
    );
}

#[tokio::test]
async fn an_instalment_that_does_not_read_holds_up_no_other_and_is_shown_once() {
    let (rig, who, plan) = sip_from("2026-09-07").await;
    until(&rig, "2026-09-06").await;
    let monday: Date = "2026-09-07".parse().unwrap();
    rig.go_to(monday, 11);
    rig.exchange.run_plans(&Calendar::shipped(), monday);
    {
        let mut state = rig.exchange.state();
        let first = state.plans.values().next().unwrap().instalments[0].clone();
        state.unreadable.insert(first);
    }
    until(&rig, "2026-10-07").await;
    let seen = statuses(&view(&rig, who, plan).await);
    assert!(!seen[0].is_closed(), "{seen:?}");
    assert_eq!(seen[1], I::Allotted);
    let shown = "select count(*) from attention where kind = 'report_not_taken'";
    assert_eq!(rig.count(shown).await, 1);
    rig.exchange.state().unreadable.clear();
    rig.dealing.look_at(&plan.to_string()).await.unwrap();
    let seen = statuses(&view(&rig, who, plan).await);
    assert_eq!(seen[..2], [I::Allotted; 2]);
}

#[tokio::test]
async fn a_plan_that_ended_long_ago_is_not_asked_about_any_more_to_compare_it() {
    const DAY: Duration = Duration::from_hours(24);
    for (is_ended, expected) in [(true, [1, 1, 0]), (false, [1, 1, 1])] {
        let (rig, who, plan) = sip_from("2026-09-07").await;
        if is_ended {
            let stopped = rig.dealing.cancel_plan(who, plan, (3, None), "chat");
            stopped.await.unwrap();
            rig.run_jobs().await;
        }
        let mut asked = Vec::new();
        for days in [0, 400, 20] {
            rig.pass(DAY * days);
            let before = rig.exchange.state().plans_read;
            rig.dealing.reports(who, &[]).await.unwrap();
            asked.push(rig.exchange.state().plans_read - before);
        }
        assert_eq!(asked, expected, "{is_ended}");
    }
}

#[tokio::test]
async fn an_ended_quarterly_plan_that_the_exchange_still_debits_is_noticed() {
    let rig = Rig::new(1, no_limits()).await;
    let who = rig.people[0];
    let mandate = rig.mandate(who).await;
    let terms = rig.terms(PlanKind::Sip, Frequency::Quarterly, "2026-09-07");
    let plan = rig.plan(who, terms, Some(mandate)).await;
    until(&rig, "2026-09-10").await;
    let stopped = rig.dealing.cancel_plan(who, plan, (3, None), "chat");
    stopped.await.unwrap();
    rig.run_jobs().await;
    let monday: Date = "2026-12-07".parse().unwrap();
    rig.go_to(monday, 11);
    runs_though_ended(&rig, monday);
    rig.dealing.reports(who, &[]).await.unwrap();
    assert_eq!(statuses(&view(&rig, who, plan).await), [I::Allotted; 2]);
    let shown = "select count(*) from attention where kind = 'unknown_instalment'";
    assert_eq!(rig.count(shown).await, 1);
}
