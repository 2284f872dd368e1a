//! Changes of plans that are approved late, when our night has gone by what was so before.

use jiff::civil::{Date, date};
use jiff::{Span, ToSpan};

use super::Paper;
use crate::id::{ContactId, PlanId};
use crate::investing::orders::InstalmentStatus as I;
use crate::investing::orders::{Frequency, InstalmentStatus, PlanKind};
use crate::sandbox::ExchangeOptions;

/// The second of a weekly plan, which a pause leaves out.
const LEFT_OUT: Date = date(2026, 9, 7);
/// Our night of this day goes by the pause.
const PREPARED: Date = date(2026, 9, 5);

/// A weekly SIP that is paused for two instalments, with its first behind it.
async fn paused() -> (Paper, ContactId, PlanId) {
    let paper = Paper::new(1).await;
    let (rig, who) = (&paper.rig, paper.rig.people[0]);
    let mandate = paper.mandate(who).await;
    let terms = rig.terms(PlanKind::Sip, Frequency::Weekly, "2026-08-31");
    let plan = rig.plan(who, terms, Some(mandate)).await;
    paper.live(rig.today(), date(2026, 9, 1)).await;
    rig.dealing.pause_plan(who, plan, 2, "chat").await.unwrap();
    rig.run_jobs().await;
    paper.listen().await;
    paper.exchange.set_options(ExchangeOptions {
        auto_approve: false,
        ..paper.exchange.options()
    });
    (paper, who, plan)
}

impl Paper {
    /// Lives from the day after one to another.
    async fn live(&self, after: Date, last: Date) {
        let mut day = after.tomorrow().unwrap();
        while day <= last {
            self.at(day, 1).await;
            self.rig.dealing.run_night().await.unwrap();
            self.at(day, 12).await;
            self.at(day, 20).await;
            self.ask().await;
            day = day.checked_add(1.day()).unwrap();
        }
    }

    /// What waits for the investor's approval is approved.
    fn approve(&self) {
        self.exchange.act(|state, now| {
            let id = state.plans.keys().next().unwrap().clone();
            state.approve_plan(&id, now).unwrap();
        });
    }

    /// Lets days pass without hearing of anything.
    async fn goes_on_unheard(&self, until: Date) {
        self.rig.go_to(until, 12);
        assert!(self.exchange.settle().await);
    }

    async fn instalment(&self, who: ContactId, plan: PlanId, due: Date) -> InstalmentStatus {
        let views = self.rig.dealing.plans_of(who).await.unwrap();
        let view = views.into_iter().find(|view| view.plan.id == plan).unwrap();
        let mut rows = view.instalments.into_iter();
        rows.find(|one| one.due == due).unwrap().status
    }

    async fn shown(&self) -> Vec<String> {
        let mut conn = self.rig.base.db.read().await.unwrap();
        let kinds = sqlx::query_scalar("select kind from attention order by kind");
        kinds.fetch_all(&mut *conn).await.unwrap()
    }

    /// What ran is allotted, on the books and announced; both ends go on alike.
    async fn is_booked(&self, who: ContactId, plan: PlanId, announced: i64) {
        self.live(self.rig.today(), date(2026, 9, 16)).await;
        for due in [LEFT_OUT, LEFT_OUT.saturating_add(Span::new().weeks(1))] {
            assert_eq!(self.instalment(who, plan, due).await, I::Allotted, "{due}");
        }
        let posted = "select count(*) from ledger_entries where source like '%:allotted'";
        assert_eq!(self.rig.count(posted).await, 3);
        let told = "select count(*) from business_events where kind = 'instalment_due'";
        assert_eq!(self.rig.count(told).await, announced);
        let run = self.compare_books().await;
        assert_eq!((run.new, run.unread), (0, 0));
    }
}

#[tokio::test]
async fn a_pause_whose_end_is_approved_after_the_night_runs_announced_and_booked() {
    let (paper, who, plan) = paused().await;
    paper.live(date(2026, 9, 1), date(2026, 9, 3)).await;
    let resumed = paper.rig.dealing.resume_plan(who, plan, "chat").await;
    resumed.unwrap();
    paper.rig.run_jobs().await;
    paper.live(date(2026, 9, 3), PREPARED).await;
    assert_eq!(paper.instalment(who, plan, LEFT_OUT).await, I::Skipped);
    paper.approve();
    paper.listen().await;
    let back = paper.instalment(who, plan, LEFT_OUT).await;
    assert_eq!(back, I::PreDebitNotified);
    paper.is_booked(who, plan, 3).await;
    assert_eq!(paper.shown().await, Vec::<String>::new());
}

#[tokio::test]
async fn an_instalment_that_ran_before_we_heard_of_the_end_of_its_pause_is_booked() {
    let (paper, who, plan) = paused().await;
    paper.live(date(2026, 9, 1), date(2026, 9, 3)).await;
    let resumed = paper.rig.dealing.resume_plan(who, plan, "chat").await;
    resumed.unwrap();
    paper.rig.run_jobs().await;
    paper.live(date(2026, 9, 3), PREPARED).await;
    paper.approve();
    paper.goes_on_unheard(LEFT_OUT).await;
    // The debit is over; nobody can be told of it ahead.
    paper.is_booked(who, plan, 2).await;
    assert_eq!(paper.shown().await, Vec::<String>::new());
}

#[tokio::test]
async fn a_debit_in_a_pause_that_nobody_ended_is_booked_and_put_before_a_person() {
    let (paper, who, plan) = paused().await;
    paper.live(date(2026, 9, 1), PREPARED).await;
    paper.exchange.act(|state, now| {
        let mut plan = state.plans.values().next().unwrap().clone();
        plan.skip = 0;
        state.put_plan(plan, now);
    });
    paper.goes_on_unheard(LEFT_OUT).await;
    paper.is_booked(who, plan, 1).await;
    assert_eq!(paper.shown().await, ["instalment_contradicted"; 2]);
}

#[tokio::test]
async fn a_debit_that_was_announced_and_left_out_is_announced_again_when_it_is_taken_back_in() {
    let paper = Paper::new(1).await;
    let (rig, who) = (&paper.rig, paper.rig.people[0]);
    let mandate = paper.mandate(who).await;
    let terms = rig.terms(PlanKind::Sip, Frequency::Weekly, "2026-08-31");
    let plan = rig.plan(who, terms, Some(mandate)).await;
    paper.live(rig.today(), PREPARED).await;
    let told = "select count(*) from business_events where kind = 'instalment_due'";
    for (skip, is, announced) in [(1, I::Skipped, 2), (0, I::PreDebitNotified, 3)] {
        paper.exchange.act(|state, now| {
            let mut plan = state.plans.values().next().unwrap().clone();
            plan.skip = skip;
            state.put_plan(plan, now);
        });
        rig.dealing.look_at(&plan.to_string()).await.unwrap();
        assert_eq!(paper.instalment(who, plan, LEFT_OUT).await, is);
        assert_eq!(rig.count(told).await, announced);
    }
}
