//! The life of plans.

use jiff::ToSpan;
use jiff::civil::{Date, date};

use super::rig::{FUND, Rig, no_limits, rules_of};
use crate::id::{ContactId, PlanId};
use crate::investing::gateway::port::StepUpBy;
use crate::investing::money::Paise;
use crate::investing::orders::InstalmentStatus as I;
use crate::investing::orders::draft::{Made, Refusal};
use crate::investing::orders::plan::{NotNow, StepUp};
use crate::investing::orders::service::{About, Declined, PlanView};
use crate::investing::orders::{Frequency, InstalmentStatus, MandateStatus, PlanKind, PlanStatus};
use crate::investing::rules::Offer;

pub(super) async fn view(rig: &Rig, who: ContactId, plan: PlanId) -> PlanView {
    let plans = rig.dealing.plans_of(who).await.unwrap();
    plans.into_iter().find(|one| one.plan.id == plan).unwrap()
}

pub(super) async fn until(rig: &Rig, last: &str) {
    let last: Date = last.parse().unwrap();
    let mut day = rig.today().tomorrow().unwrap();
    while day <= last {
        rig.day(day).await;
        day = day.checked_add(1.day()).unwrap();
    }
}

pub(super) fn statuses(view: &PlanView) -> Vec<InstalmentStatus> {
    view.instalments.iter().map(|one| one.status).collect()
}

#[tokio::test]
async fn a_sip_waits_for_its_mandate_runs_steps_up_and_completes() {
    let rig = Rig::new(1, no_limits()).await;
    let who = rig.people[0];
    let mandate = rig.mandate(who).await;
    let mut terms = rig.terms(PlanKind::Sip, Frequency::Monthly, "2026-09-05");
    terms.instalments = Some(4);
    terms.step_up = Some(StepUp {
        by: StepUpBy::Amount(Paise(500_00)),
        every_months: 2,
        cap: None,
    });
    let plan = rig.plan(who, terms, Some(mandate)).await;
    assert_eq!(view(&rig, who, plan).await.plan.status, PlanStatus::Active);
    until(&rig, "2026-12-10").await;
    let seen = view(&rig, who, plan).await;
    assert_eq!(statuses(&seen), [InstalmentStatus::Allotted; 4]);
    let amounts: Vec<_> = seen
        .instalments
        .iter()
        .map(|one| one.amount.0 / 100)
        .collect();
    assert_eq!(amounts, [5_000, 5_000, 5_500, 5_500]);
    assert_eq!(seen.plan.status, PlanStatus::Completed);
    let posted = "select count(*) from posted where moment = 'allotted'";
    assert_eq!(rig.count(posted).await, 4);
    let announced = "select count(*) from business_events where kind = 'instalment_due'";
    assert_eq!(rig.count(announced).await, 4);
    let link = rig.dealing.page_link(who, About::Plan(plan)).await.unwrap();
    assert!(link.starts_with("https://"));
}

#[tokio::test]
async fn every_debit_is_announced_a_day_ahead_at_least() {
    let rig = Rig::new(1, no_limits()).await;
    let who = rig.people[0];
    let mandate = rig.mandate(who).await;
    let terms = rig.terms(PlanKind::Sip, Frequency::Weekly, "2026-08-31");
    let plan = rig.plan(who, terms, Some(mandate)).await;
    until(&rig, "2026-10-31").await;
    let seen = view(&rig, who, plan).await;
    assert!(seen.instalments.len() >= 9);
    for one in &seen.instalments {
        let debit = one
            .due
            .at(8, 0, 0, 0)
            .to_zoned(crate::clock::ist())
            .unwrap();
        let ahead = debit.timestamp().as_second() - one.made_at.as_second();
        assert!(
            ahead >= 24 * 3_600,
            "{} was announced {ahead} s ahead",
            one.due
        );
    }
}

#[tokio::test]
async fn what_is_told_names_the_day_of_the_debit_and_not_the_sunday_agreed_on() {
    use crate::investing::events::{What, untold};

    let rig = Rig::new(1, no_limits()).await;
    let who = rig.people[0];
    let mandate = rig.mandate(who).await;
    let terms = rig.terms(PlanKind::Sip, Frequency::Monthly, "2026-09-06");
    let plan = rig.plan(who, terms, Some(mandate)).await;
    let monday: Date = "2026-09-07".parse().unwrap();
    let (next, _) = view(&rig, who, plan).await.next.unwrap();
    assert_eq!(next, monday);
    until(&rig, "2026-09-10").await;

    let mut conn = rig.base.db.read().await.unwrap();
    let told = untold(&mut conn, &rig.base.keys, 100, &[]).await.unwrap();
    let told: Vec<_> = told
        .into_iter()
        .filter_map(|one| match one.unwrap().event.what {
            What::PlanActive { first, .. } => Some(("active", first)),
            What::InstalmentDue { on, .. } => Some(("due", on)),
            What::InstalmentDebited { on, .. } => Some(("debited", on)),
            _ => None,
        })
        .collect();
    let all = ["active", "due", "debited"];
    assert_eq!(told, all.map(|what| (what, monday)));
}

#[tokio::test]
async fn three_failures_in_a_row_end_a_monthly_plan_and_each_is_told_with_what_is_left() {
    let rig = Rig::new(1, no_limits()).await;
    let who = rig.people[0];
    let mandate = rig.mandate(who).await;
    let terms = rig.terms(PlanKind::Sip, Frequency::Monthly, "2026-09-07");
    let plan = rig.plan(who, terms, Some(mandate)).await;
    let reference = view(&rig, who, plan).await.plan.reference.0;
    for day in ["2026-10-07", "2026-11-07", "2026-12-07", "2027-01-07"] {
        let day = day.parse().unwrap();
        rig.exchange
            .state()
            .bounces
            .insert((reference.clone(), day));
    }
    until(&rig, "2027-02-10").await;
    let seen = view(&rig, who, plan).await;
    assert_eq!(
        statuses(&seen),
        [I::Allotted, I::Failed, I::Failed, I::Failed]
    );
    assert_eq!(seen.plan.status, PlanStatus::AutoCancelled);
    let mut conn = rig.base.db.read().await.unwrap();
    let events = crate::investing::events::untold(&mut conn, &rig.base.keys, 100, &[]).await;
    let left: Vec<_> = events
        .unwrap()
        .into_iter()
        .filter_map(|one| match one.unwrap().event.what {
            crate::investing::events::What::InstalmentFailed { left, .. } => Some(left),
            _ => None,
        })
        .collect();
    assert_eq!(left, [2, 1, 0]);
}

#[tokio::test]
async fn a_pause_leaves_out_what_it_says_and_a_skip_is_a_pause_of_one() {
    let rig = Rig::new(1, no_limits()).await;
    let who = rig.people[0];
    let mandate = rig.mandate(who).await;
    let terms = rig.terms(PlanKind::Sip, Frequency::Monthly, "2026-09-07");
    let plan = rig.plan(who, terms, Some(mandate)).await;
    until(&rig, "2026-09-10").await;
    rig.dealing.pause_plan(who, plan, 2, "chat").await.unwrap();
    rig.dealing.pause_plan(who, plan, 2, "chat").await.unwrap();
    rig.run_jobs().await;
    let paused = view(&rig, who, plan).await;
    assert_eq!(paused.plan.status, PlanStatus::Paused);
    // October and November are left out.
    let (next, _) = paused.next.unwrap();
    assert_eq!(next, date(2026, 12, 7));
    until(&rig, "2026-12-10").await;
    let skipped = rig.dealing.skip_instalment(who, plan, "chat").await;
    skipped.unwrap();
    rig.run_jobs().await;
    until(&rig, "2027-02-10").await;
    let seen = view(&rig, who, plan).await;
    assert_eq!(
        statuses(&seen),
        [
            I::Allotted,
            I::Skipped,
            I::Skipped,
            I::Allotted,
            I::Skipped,
            I::Allotted
        ]
    );
    assert_eq!(seen.plan.status, PlanStatus::Active);
    assert_eq!(rig.count("select count(*) from attention").await, 0);
}

#[tokio::test]
async fn a_pause_is_as_long_as_the_scheme_allows_also_when_it_takes_no_new_sips() {
    let rig = Rig::new(1, no_limits()).await;
    let who = rig.people[0];
    let mandate = rig.mandate(who).await;
    let terms = rig.terms(PlanKind::Sip, Frequency::Monthly, "2026-09-07");
    let plan = rig.plan(who, terms, Some(mandate)).await;
    let mut rules = rules_of(FUND);
    rules.purchase = Some(false);
    for offer in rules.sip.values_mut() {
        *offer = Offer::No;
    }
    rig.world.rules.lock().unwrap().insert(FUND, rules);
    let pause = |instalments| rig.dealing.pause_plan(who, plan, instalments, "chat");
    let too_long = pause(4).await.unwrap_err();
    let Declined::Refused(refusal) = too_long else {
        panic!("{too_long}");
    };
    assert_eq!(refusal, Refusal::NotNow(NotNow::Pause), "three on record");
    pause(3).await.unwrap();
}

#[tokio::test]
async fn a_plan_whose_last_instalment_is_left_out_completes_whether_the_exchange_says_so_or_not() {
    for says_so in [true, false] {
        let rig = Rig::new(1, no_limits()).await;
        let who = rig.people[0];
        let mandate = rig.mandate(who).await;
        let mut terms = rig.terms(PlanKind::Sip, Frequency::Monthly, "2026-09-07");
        terms.instalments = Some(2);
        let plan = rig.plan(who, terms, Some(mandate)).await;
        until(&rig, "2026-09-10").await;
        let skipped = rig.dealing.skip_instalment(who, plan, "chat").await;
        skipped.unwrap();
        rig.run_jobs().await;
        until(&rig, "2026-10-07").await;
        rig.dealing.look_at(&plan.to_string()).await.unwrap();
        let seen = view(&rig, who, plan).await;
        assert_eq!(statuses(&seen), [I::Allotted, I::Skipped]);
        assert_eq!(seen.plan.status, PlanStatus::Active);
        if says_so {
            let mut state = rig.exchange.state();
            state.plans.values_mut().next().unwrap().status = PlanStatus::Completed;
        } else {
            rig.go_to("2026-10-08".parse().unwrap(), 11);
        }
        rig.dealing.look_at(&plan.to_string()).await.unwrap();
        let seen = view(&rig, who, plan).await.plan.status;
        assert_eq!(seen, PlanStatus::Completed);
    }
}

#[tokio::test]
async fn an_instalment_on_its_way_to_the_bank_cannot_be_skipped() {
    let rig = Rig::new(1, no_limits()).await;
    let who = rig.people[0];
    let mandate = rig.mandate(who).await;
    let terms = rig.terms(PlanKind::Sip, Frequency::Monthly, "2026-09-07");
    let plan = rig.plan(who, terms, Some(mandate)).await;
    until(&rig, "2026-09-04").await;
    rig.go_to("2026-09-05".parse().unwrap(), 0);
    for prepared in [false, true] {
        if prepared {
            rig.dealing.run_night().await.unwrap();
            assert_eq!(view(&rig, who, plan).await.instalments.len(), 1);
        }
        let refused = rig.dealing.skip_instalment(who, plan, "chat").await;
        match refused.unwrap_err() {
            Declined::Refused(Refusal::NotNow(NotNow::TooLate { due })) => {
                assert_eq!(due.to_string(), "2026-09-07");
            }
            other => panic!("{other}"),
        }
    }
}

#[tokio::test]
async fn an_instalment_that_is_too_late_to_skip_is_named_by_the_day_it_is_debited() {
    let rig = Rig::new(1, no_limits()).await;
    let who = rig.people[0];
    let mandate = rig.mandate(who).await;
    let saturday = date(2026, 9, 5);
    let terms = rig.terms(PlanKind::Sip, Frequency::Monthly, &saturday.to_string());
    let plan = rig.plan(who, terms, Some(mandate)).await;
    until(&rig, "2026-09-02").await;
    rig.go_to("2026-09-03".parse().unwrap(), 0);
    for is_prepared in [false, true] {
        if is_prepared {
            rig.dealing.run_night().await.unwrap();
            rig.go_to(saturday, 12);
            rig.dealing.run_night().await.unwrap();
            assert_eq!(view(&rig, who, plan).await.instalments[0].due, saturday);
        }
        let refused = rig.dealing.skip_instalment(who, plan, "chat").await;
        match refused.unwrap_err() {
            Declined::Refused(Refusal::NotNow(NotNow::TooLate { due })) => {
                assert_eq!(due, date(2026, 9, 7), "the banks are closed till then");
            }
            other => panic!("{other}"),
        }
    }
}

#[tokio::test]
async fn a_cancellation_needs_a_reason_stops_the_debits_and_is_done_once() {
    let rig = Rig::new(1, no_limits()).await;
    let who = rig.people[0];
    let mandate = rig.mandate(who).await;
    let terms = rig.terms(PlanKind::Sip, Frequency::Monthly, "2026-09-07");
    let plan = rig.plan(who, terms, Some(mandate)).await;
    let cancel = |reason| rig.dealing.cancel_plan(who, plan, (reason, None), "chat");
    assert!(cancel(0).await.is_err() && cancel(14).await.is_err());
    assert!(cancel(13).await.is_err(), "the last reason takes words");
    let by = cancel(3).await.unwrap();
    assert_eq!(
        by.to_string(),
        "2026-08-26",
        "26 August is a holiday of banks only"
    );
    cancel(3).await.unwrap();
    rig.run_jobs().await;
    cancel(3).await.unwrap();
    let seen = view(&rig, who, plan).await;
    assert_eq!(seen.plan.status, PlanStatus::CancelledByInvestor);
    until(&rig, "2026-10-10").await;
    assert_eq!(view(&rig, who, plan).await.instalments, []);
    let ended = "select count(*) from business_events where kind = 'plan_ended'";
    assert_eq!(rig.count(ended).await, 1);
}

#[tokio::test]
async fn a_plan_confirmed_before_its_mandate_is_approved_is_registered_then() {
    let rig = Rig::new(1, no_limits()).await;
    let who = rig.people[0];
    let proposal = crate::investing::orders::draft::MandateProposal {
        kind: crate::investing::orders::MandateKind::Upi,
        limit: Paise(1_00_000_00),
        start: rig.today(),
        end: "2050-01-01".parse().unwrap(),
    };
    let draft = rig.dealing.propose_mandate(who, proposal, "r1").await;
    let Made::Mandate(mandate) = rig.confirmed(&draft.unwrap()).await else {
        panic!("a mandate");
    };
    rig.run_jobs().await;
    let terms = rig.terms(PlanKind::Sip, Frequency::Monthly, "2026-09-07");
    let plan = rig.plan(who, terms, Some(mandate)).await;
    let waiting = view(&rig, who, plan).await.plan.status;
    assert_eq!(waiting, PlanStatus::AwaitingMandate);
    assert!(rig.exchange.state().plans.is_empty());
    rig.exchange.approve_all();
    rig.dealing.look_at(&mandate.to_string()).await.unwrap();
    rig.run_jobs().await;
    assert_eq!(view(&rig, who, plan).await.plan.status, PlanStatus::Active);
    let asked = "select count(*) from business_events where kind = 'mandate_awaiting'";
    assert_eq!(rig.count(asked).await, 1);
}

#[tokio::test]
async fn a_plan_that_waits_on_a_paused_mandate_is_sent_whenever_that_comes_in_force() {
    let rig = Rig::new(1, no_limits()).await;
    let who = rig.people[0];
    let mandate = rig.proposed_mandate(who).await;
    let terms = rig.terms(PlanKind::Sip, Frequency::Monthly, "2026-10-07");
    let plan = rig.plan(who, terms, Some(mandate)).await;
    let becomes = async |status| {
        for held in rig.exchange.state().mandates.values_mut() {
            held.status = status;
        }
        rig.dealing.look_at(&mandate.to_string()).await.unwrap();
    };
    becomes(MandateStatus::Active).await;
    becomes(MandateStatus::Paused).await;
    rig.run_jobs().await;
    let waiting = view(&rig, who, plan).await.plan.status;
    assert_eq!(waiting, PlanStatus::AwaitingMandate);
    becomes(MandateStatus::Active).await;
    rig.run_jobs().await;
    assert_eq!(view(&rig, who, plan).await.plan.status, PlanStatus::Active);
    let told = "select count(*) from business_events where kind = 'mandate_active'";
    assert_eq!(rig.count(told).await, 1);
}

#[tokio::test]
async fn the_same_mandate_does_not_carry_more_than_its_limit_on_one_day() {
    let rig = Rig::new(1, no_limits()).await;
    let who = rig.people[0];
    let mandate = rig.mandate(who).await;
    let mut terms = rig.terms(PlanKind::Sip, Frequency::Monthly, "2026-09-07");
    terms.amount = Paise(60_000_00);
    rig.plan(who, terms.clone(), Some(mandate)).await;
    let second = rig
        .dealing
        .propose_plan(who, terms.clone(), Some(mandate), None, "r1");
    assert!(matches!(
        second.await.unwrap_err(),
        Declined::Refused(Refusal::Mandate(_))
    ));
    terms.start = "2026-09-10".parse().unwrap();
    let other_day = rig
        .dealing
        .propose_plan(who, terms, Some(mandate), None, "r1");
    // 7 and 10 of a month fall together when a holiday moves them.
    let _ = other_day.await;
}

#[tokio::test]
async fn transfers_and_withdrawals_run_without_a_mandate() {
    let rig = Rig::new(1, no_limits()).await;
    let who = rig.people[0];
    let stp = rig.terms(PlanKind::Stp, Frequency::Monthly, "2026-09-07");
    let swp = rig.terms(PlanKind::Swp, Frequency::Monthly, "2026-09-08");
    let (stp, swp) = (
        rig.plan(who, stp, None).await,
        rig.plan(who, swp, None).await,
    );
    until(&rig, "2026-10-10").await;
    for plan in [stp, swp] {
        let seen = view(&rig, who, plan).await;
        assert_eq!(statuses(&seen), [InstalmentStatus::Allotted; 2]);
    }
    let legs = "select count(*) from posted where moment = 'allotted' and legs = 2";
    assert_eq!(rig.count(legs).await, 2);
}

#[tokio::test]
async fn a_night_cut_off_and_run_again_prepares_everything_once() {
    let rig = Rig::new(150, no_limits()).await;
    for who in &rig.people {
        let terms = rig.terms(PlanKind::Sip, Frequency::Monthly, "2026-09-07");
        let mandate = rig.mandate(*who).await;
        rig.plan(*who, terms, Some(mandate)).await;
    }
    rig.go_to("2026-09-05".parse().unwrap(), 1);
    {
        use futures::FutureExt;
        let mut night = Box::pin(rig.dealing.run_night());
        let some = "select count(*) from instalments";
        while rig.count(some).await == 0 {
            assert!(
                night.as_mut().now_or_never().is_none(),
                "more than one chunk"
            );
        }
    }
    let (first, second) = tokio::join!(rig.dealing.run_night(), rig.dealing.run_night());
    let prepared = first.unwrap().plans + second.unwrap().plans;
    assert!(prepared < 150, "some were done before the cut");
    assert_eq!(rig.count("select count(*) from instalments").await, 150);
    let told = "select count(*) from business_events where kind = 'instalment_due'";
    assert_eq!(rig.count(told).await, 150);
    rig.dealing.run_night().await.unwrap();
    assert_eq!(rig.count("select count(*) from instalments").await, 150);
}
