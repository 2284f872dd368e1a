//! One confirmation many times at once, and many at once.

use futures::future::join_all;

use super::rig::{FUND, OTHER, Rig, no_limits};
use crate::investing::money::Paise;
use crate::investing::orders::draft::{Confirmed, Made};
use crate::investing::orders::{Frequency, PlanKind, Quantity};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_confirmation_delivered_200_times_at_once_makes_one_order() {
    let rig = Rig::new(1, no_limits()).await;
    let draft = rig.purchase(rig.people[0], 5_000_00).await;
    let taps = (0..200).map(|_| {
        let (dealing, draft) = (rig.dealing.clone(), draft.clone());
        tokio::spawn(async move {
            dealing
                .confirm(draft.contact, draft.id, "chat")
                .await
                .unwrap()
        })
    });
    let outcomes: Vec<_> = join_all(taps)
        .await
        .into_iter()
        .map(Result::unwrap)
        .collect();
    let firsts = outcomes.iter().filter(|o| matches!(o, Confirmed::Now(_)));
    assert_eq!(firsts.count(), 1);
    assert!(outcomes.iter().all(|one| one.made() == outcomes[0].made()));
    assert_eq!(rig.count("select count(*) from orders").await, 1);
    rig.run_jobs().await;
    assert_eq!(rig.exchange.state().orders.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_hundred_investors_at_once_each_get_their_order_and_their_plan_once() {
    let rig = Rig::new(200, no_limits()).await;
    let mut drafts = Vec::new();
    for who in &rig.people {
        drafts.push(rig.purchase(*who, 1_000_00).await);
        let terms = rig.terms(PlanKind::Swp, Frequency::Monthly, "2026-09-05");
        let plan = rig
            .dealing
            .propose_plan(*who, terms, None, None, "r1")
            .await;
        drafts.push(plan.unwrap());
    }
    // Each twice: whatever is tapped is tapped again.
    let taps = drafts.iter().chain(&drafts).cloned().map(|draft| {
        let dealing = rig.dealing.clone();
        tokio::spawn(async move {
            dealing
                .confirm(draft.contact, draft.id, "chat")
                .await
                .unwrap()
        })
    });
    let outcomes = join_all(taps).await;
    let now = outcomes
        .iter()
        .filter(|one| matches!(one.as_ref().unwrap(), Confirmed::Now(_)));
    assert_eq!(now.count(), 400);
    assert_eq!(rig.count("select count(*) from orders").await, 200);
    assert_eq!(rig.count("select count(*) from plans").await, 200);
    let owners = "select count(distinct contact_id) from orders";
    assert_eq!(rig.count(owners).await, 200);
}

#[tokio::test]
async fn fifty_switches_have_both_legs_on_the_books_or_none() {
    let rig = Rig::new(50, no_limits()).await;
    for who in &rig.people {
        let drafted =
            rig.dealing
                .propose_switch(*who, (FUND, OTHER), Quantity::Units(10.into()), None, "r1");
        let draft = drafted.await.unwrap();
        assert!(matches!(rig.confirmed(&draft).await, Made::Order(_)));
    }
    rig.run_jobs().await;
    rig.exchange.approve_all();
    rig.exchange.settle_orders(rig.today());
    // The registrar reports the way out of every second one before the way in.
    let mut held_back = Vec::new();
    {
        let mut state = rig.exchange.state();
        for (at, report) in state.orders.values_mut().enumerate() {
            if at % 2 == 0 {
                held_back.push((report.id.clone(), report.switched_in.take()));
            }
        }
    }
    rig.pass(std::time::Duration::from_mins(40));
    rig.ask_all().await;
    let both = "select count(*) from posted where moment = 'allotted' and legs = 2";
    let any = "select count(*) from posted";
    assert_eq!((rig.count(both).await, rig.count(any).await), (25, 25));
    for (id, way_in) in held_back {
        let mut state = rig.exchange.state();
        state.orders.get_mut(&id).unwrap().switched_in = way_in;
    }
    rig.pass(std::time::Duration::from_mins(40));
    rig.ask_all().await;
    assert_eq!((rig.count(both).await, rig.count(any).await), (50, 50));
    rig.pass(std::time::Duration::from_mins(40));
    rig.ask_all().await;
    assert_eq!(rig.count(any).await, 50);
    let told = "select count(*) from business_events where kind = 'order_allotted'";
    assert_eq!(rig.count(told).await, 50);
}

#[tokio::test]
async fn two_drafts_for_the_same_units_do_not_both_become_orders() {
    let rig = Rig::new(1, no_limits()).await;
    let who = rig.people[0];
    let first = rig.redeem(who, Quantity::Units(60.into())).await;
    let second = rig.redeem(who, Quantity::Units(60.into())).await;
    assert!(rig.dealing.confirm(who, first, "chat").await.is_ok());
    let refused = rig.dealing.confirm(who, second, "chat").await.unwrap_err();
    assert!(refused.to_string().contains("only 40"), "{refused}");
    let rest = rig.redeem(who, Quantity::Amount(Paise(1_000_00))).await;
    assert!(rig.dealing.confirm(who, rest, "chat").await.is_ok());
}
