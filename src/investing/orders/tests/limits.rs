//! What is proposed and confirmed, and what is not.

use std::time::Duration;

use jiff::SignedDuration;

use super::rig::{ELSEWHERE, FUND, OTHER, Rig, UNKNOWN, no_limits, rules_of};
use crate::investing::money::Paise;
use crate::investing::orders::Quantity;
use crate::investing::orders::draft::{Estimate, Refusal};
use crate::investing::orders::limits::{Limits, Operation, OverLimit};
use crate::investing::orders::service::{Declined, Outcome};
use crate::investing::rules::SchemeRules;
use crate::investing::store::orders::operations;

fn refusal<T: std::fmt::Debug>(outcome: Outcome<T>) -> Refusal {
    match outcome.unwrap_err() {
        Declined::Refused(refusal) => refusal,
        Declined::Failed(error) => panic!("{error}"),
    }
}

#[tokio::test]
async fn a_draft_carries_the_exact_terms() {
    let rig = Rig::new(1, no_limits()).await;
    let terms = rig.purchase(rig.people[0], 5_000_00).await.terms;
    assert_eq!(terms.scheme, "Fund 101 - Regular - Growth");
    assert_eq!(terms.expected_nav_date.unwrap().to_string(), "2026-08-24");
    assert_eq!(terms.cutoff.unwrap().to_string(), "14:30:00");
    assert_eq!(terms.charges.stamp_duty, Some(Paise(25)));
    assert_eq!(terms.bank, "HDFC Bank ••4321");
    assert_eq!(terms.risk.as_deref(), Some("very_high"));
    assert_eq!(terms.rules, "r1");
    let units = "199.990".parse().unwrap();
    assert_eq!(terms.estimate, Some(Estimate::Units(units)));
    let id = rig.redeem(rig.people[0], Quantity::Units(10.into())).await;
    let mut conn = rig.base.db.read().await.unwrap();
    let keys = &rig.base.keys;
    let found = crate::investing::store::orders::drafts::find(&mut conn, keys, rig.people[0], id);
    let out = found.await.unwrap().unwrap().terms;
    assert_eq!(out.charges.exit_load, Some(Paise(0)), "held over a year");
    assert_eq!(out.charges.stt, Some(Paise(0)), "0.25 paise");
    assert_eq!(out.estimate, Some(Estimate::Money(Paise(250_00))));
}

#[tokio::test]
async fn what_cannot_be_known_of_units_is_not_estimated_and_keeps_locked_ones_in() {
    let rig = Rig::new(1, no_limits()).await;
    let who = rig.people[0];
    rig.world.lots_unknown.lock().unwrap().insert(who);
    let all = || {
        rig.dealing
            .propose_redemption(who, FUND, Quantity::All, None, "r1")
    };
    let terms = all().await.unwrap().terms;
    assert_eq!(terms.charges.exit_load, None);
    let without_stt = Estimate::BeforeLoad(Paise(2_499_97));
    assert_eq!(terms.estimate, Some(without_stt), "100 units at 25");
    let locked = SchemeRules {
        lock_in_months: Some(36),
        ..rules_of(FUND)
    };
    rig.world.rules.lock().unwrap().insert(FUND, locked);
    assert_eq!(refusal(all().await), Refusal::DaysUnknown);
}

#[tokio::test]
async fn a_draft_is_no_use_after_ten_minutes_or_to_anybody_else() {
    let rig = Rig::new(2, no_limits()).await;
    let draft = rig.purchase(rig.people[0], 5_000_00).await;
    let other = rig.dealing.confirm(rig.people[1], draft.id, "chat").await;
    assert_eq!(refusal(other), Refusal::NoDraft);
    rig.pass(Duration::from_mins(10));
    let late = rig.dealing.confirm(rig.people[0], draft.id, "chat").await;
    assert_eq!(refusal(late), Refusal::Expired);
    assert_eq!(rig.count("select count(*) from orders").await, 0);
}

#[tokio::test]
async fn what_a_scheme_does_not_take_is_refused_with_its_reason() {
    let rig = Rig::new(1, no_limits()).await;
    let who = rig.people[0];
    let buy = |scheme, amount| {
        rig.dealing
            .propose_purchase(who, scheme, Paise(amount), None, None, "r1")
    };
    assert_eq!(
        refusal(buy(UNKNOWN, 5_000_00).await),
        Refusal::SchemeRulesMissing
    );
    assert!(matches!(
        refusal(buy(FUND, 50_00).await),
        Refusal::Amount(_)
    ));
    assert!(matches!(
        refusal(buy(FUND, 500_50).await),
        Refusal::Amount(_)
    ));
    let switch = |into| {
        let all = Quantity::All;
        rig.dealing
            .propose_switch(who, (FUND, into), all, None, "r1")
    };
    assert_eq!(refusal(switch(ELSEWHERE).await), Refusal::OtherFundHouse);
    assert_eq!(refusal(switch(FUND).await), Refusal::NotTaken);
    assert!(switch(OTHER).await.is_ok());
    let too_many = Quantity::Units("100.001".parse().unwrap());
    let out = rig
        .dealing
        .propose_redemption(who, FUND, too_many, None, "r1");
    assert!(matches!(refusal(out.await), Refusal::TooFewUnits { .. }));
    rig.world.holds_nothing.lock().unwrap().insert(who);
    let out = rig
        .dealing
        .propose_redemption(who, FUND, Quantity::All, None, "r1");
    assert_eq!(refusal(out.await), Refusal::NothingHeld);
    rig.world.blocked.lock().unwrap().insert(who);
    let blocked = Refusal::Blocked(vec!["kyc".to_owned()]);
    assert_eq!(refusal(buy(FUND, 5_000_00).await), blocked);
}

#[tokio::test]
async fn the_daily_limit_counts_what_was_confirmed_and_ends_at_midnight_in_india() {
    let limits = Limits {
        daily_purchases: Paise(10_000_00),
        ..no_limits()
    };
    let rig = Rig::new(1, limits).await;
    let who = rig.people[0];
    rig.go_to(rig.today(), 23);
    let first = rig.purchase(who, 6_000_00).await;
    let second = rig.purchase(who, 6_000_00).await;
    rig.confirmed(&first).await;
    let over = rig.dealing.confirm(who, second.id, "chat").await;
    let (cap, left) = (Paise(10_000_00), Paise(4_000_00));
    let wanted = Refusal::Limit(OverLimit::DailyCap { cap, left });
    assert_eq!(refusal(over), wanted);
    rig.pass(Duration::from_mins(61));
    let tomorrow = rig.purchase(who, 6_000_00).await;
    rig.confirmed(&tomorrow).await;
    assert_eq!(rig.count("select count(*) from orders").await, 2);
}

#[tokio::test]
async fn the_fourth_redemption_in_an_hour_takes_an_agents_leave_which_works_once() {
    let limits = Limits {
        redemptions: Limits::default().redemptions,
        ..no_limits()
    };
    let rig = Rig::new(1, limits).await;
    let who = rig.people[0];
    let mut drafts = Vec::new();
    for _ in 0..5 {
        drafts.push(rig.redeem(who, Quantity::Units(5.into())).await);
    }
    for draft in &drafts[..3] {
        rig.dealing.confirm(who, *draft, "chat").await.unwrap();
    }
    let fourth = rig.dealing.confirm(who, drafts[3], "chat").await;
    assert!(matches!(
        refusal(fourth),
        Refusal::Limit(OverLimit::TooMany { .. })
    ));
    rig.dealing
        .allow_redemption(who, "agent:asha")
        .await
        .unwrap();
    rig.dealing.confirm(who, drafts[3], "chat").await.unwrap();
    let fifth = rig.dealing.confirm(who, drafts[4], "chat").await;
    assert!(matches!(refusal(fifth), Refusal::Limit(_)));
    let audited = "select count(*) from audit where action = 'allow_redemption'";
    assert_eq!(rig.count(audited).await, 1);
}

#[tokio::test]
async fn the_sixth_draft_in_five_minutes_waits() {
    let rig = Rig::new(1, Limits::default()).await;
    let who = rig.people[0];
    for _ in 0..5 {
        rig.purchase(who, 5_000_00).await;
    }
    let sixth = rig
        .dealing
        .propose_purchase(who, FUND, Paise(5_000_00), None, None, "r1");
    assert!(matches!(refusal(sixth.await), Refusal::Limit(_)));
    rig.pass(Duration::from_mins(5));
    rig.purchase(who, 5_000_00).await;
}

#[tokio::test]
async fn a_purchase_out_of_the_ordinary_goes_its_way_and_is_put_before_a_person() {
    let rig = Rig::new(1, no_limits()).await;
    let who = rig.people[0];
    let shown = async || -> Vec<String> {
        let mut conn = rig.base.db.read().await.unwrap();
        let kinds = sqlx::query_scalar("select kind from attention order by kind");
        kinds.fetch_all(&mut *conn).await.unwrap()
    };
    for _ in 0..4 {
        rig.order(who, 5_000_00).await;
        rig.pass(Duration::from_mins(1));
    }
    assert_eq!(shown().await, Vec::<String>::new());
    rig.order(who, 3_00_000_00).await;
    assert_eq!(shown().await, ["unusual_amount"]);
    rig.order(who, 5_000_00).await;
    assert_eq!(shown().await, ["unusual_amount", "unusual_velocity"]);
    let told = "select count(*) from business_events where kind not like 'order_%'";
    assert_eq!(rig.count(told).await, 0, "the investor hears nothing of it");
    rig.pass(Duration::from_hours(25));
    rig.order(who, 5_000_00).await;
    rig.order(who, 3_00_000_00).await;
    assert_eq!(
        shown().await.len(),
        2,
        "both are nothing new for them by now"
    );
    assert_eq!(rig.count("select count(*) from orders").await, 8);
}

#[tokio::test]
async fn a_limit_counts_what_was_done_up_to_its_moment_and_nothing_later() {
    let rig = Rig::new(2, no_limits()).await;
    let (who, now) = (rig.people[0], rig.clock.now());
    let hours = |hours| now + SignedDuration::from_hours(hours);
    let done = [
        (who, -3),
        (who, -1),
        (who, 0),
        (who, 1),
        (rig.people[1], -1),
    ];
    let input = (rig.base.ids.clone(), done.map(|(who, at)| (who, hours(at))));
    let put_in = rig.base.db.write(input, |conn, (ids, done)| {
        Box::pin(async move {
            for (who, at) in done {
                operations::insert(conn, ids, *who, Operation::Other, *at).await?;
            }
            Ok(())
        })
    });
    put_in.await.unwrap();
    let mut conn = rig.base.db.read().await.unwrap();
    let found = operations::since(&mut conn, who, None, (hours(-2), now)).await;
    assert_eq!(found.unwrap(), [hours(-1), now]);
}
