//! What the exchange does not take.

use jiff::ToSpan;

use super::rig::{Rig, no_limits};
use crate::investing::gateway::port::{StepUpBy, Takes};
use crate::investing::money::Paise;
use crate::investing::orders::draft::{MandateProposal, Refusal};
use crate::investing::orders::plan::StepUp;
use crate::investing::orders::service::{Declined, Outcome};
use crate::investing::orders::{Frequency, MandateKind, PlanKind};

const NARROW: Takes = Takes {
    mandates: &[MandateKind::Enach],
    step_up: false,
};

fn refused<T: std::fmt::Debug>(outcome: Outcome<T>) -> Refusal {
    match outcome.unwrap_err() {
        Declined::Refused(refusal) => refusal,
        Declined::Failed(error) => panic!("{error}"),
    }
}

#[tokio::test]
async fn a_plan_that_grows_is_neither_proposed_nor_confirmed_where_none_is_taken() {
    let rig = Rig::new(1, no_limits()).await;
    let who = rig.people[0];
    let mandate = Some(rig.mandate(who).await);
    let stays = rig.terms(PlanKind::Sip, Frequency::Monthly, "2026-09-07");
    let mut grows = stays.clone();
    grows.step_up = Some(StepUp {
        by: StepUpBy::Percent(10.into()),
        every_months: 12,
        cap: None,
    });
    let propose = async |terms| {
        rig.dealing
            .propose_plan(who, terms, mandate, None, "r1")
            .await
    };
    let shown = propose(grows.clone()).await.unwrap();
    rig.exchange.state().takes = Some(NARROW);
    let confirmed = rig.dealing.confirm(who, shown.id, "chat").await;
    assert_eq!(refused(confirmed), Refusal::StepUp);
    assert_eq!(refused(propose(grows).await), Refusal::StepUp);
    assert!(propose(stays).await.is_ok());
}

#[tokio::test]
async fn a_mandate_of_a_kind_that_is_not_taken_is_not_proposed_and_no_plan_waits_for_one() {
    let rig = Rig::new(1, no_limits()).await;
    let who = rig.people[0];
    let active = rig.mandate(who).await;
    let waits = rig.proposed_mandate(who).await;
    rig.exchange.state().takes = Some(NARROW);
    let mandate = |kind| MandateProposal {
        kind,
        limit: Paise(10_000_00),
        start: rig.today(),
        end: rig.today().checked_add(25.years()).unwrap(),
    };
    let upi = rig
        .dealing
        .propose_mandate(who, mandate(MandateKind::Upi), "r1");
    assert_eq!(refused(upi.await), Refusal::MandateKind(MandateKind::Upi));
    let enach = rig
        .dealing
        .propose_mandate(who, mandate(MandateKind::Enach), "r1");
    assert!(enach.await.is_ok());
    let terms = rig.terms(PlanKind::Sip, Frequency::Monthly, "2026-09-07");
    let on = async |id| {
        let plan = rig
            .dealing
            .propose_plan(who, terms.clone(), Some(id), None, "r1");
        plan.await
    };
    assert_eq!(refused(on(waits).await), Refusal::MandateMissing);
    assert!(on(active).await.is_ok(), "the exchange has that one");
}
