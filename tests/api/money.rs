//! Money, through the whole running service: terms, a confirmation, the exchange's pages
//! over HTTP, days that pass, the books, and what reaches the investor's phone.

use std::time::Duration;

use jiff::ToSpan;
use sipbrewery::id::{MandateId, OrderId, PlanId};
use sipbrewery::investing::orders::draft::{Draft, Made, MandateProposal};
use sipbrewery::investing::orders::plan::PlanTerms;
use sipbrewery::investing::orders::service::About;
use sipbrewery::investing::orders::{
    Frequency, MandateKind, MandateStatus, OrderStatus, PlanKind, PlanStatus,
};
use sipbrewery::investing::{Paise, SchemeCode};

use crate::harness::DemoApp;

const FLEXI: SchemeCode = SchemeCode(101_762);
const FIVE_THOUSAND: Paise = Paise(500_000);
const RULES: &str = "demo";

/// Every paisa and unit came from somewhere and went somewhere.
const UNBALANCED: &str = "
    select count(*) from (select contact_id, scheme_code from ledger_postings
      group by contact_id, scheme_code having sum(amount) <> 0) as off";
/// Bookings in the ledger that have no transaction, or none the other way round, show here.
const FINDINGS: &str = "select count(*) from reconciliation_findings where closed_at is null";

impl DemoApp {
    async fn confirmed(&self, draft: &Draft) -> Made {
        let dealing = self.dealing();
        let made = dealing.confirm(self.asha, draft.id, "button").await;
        let made = made.expect("what was proposed can be confirmed").made();
        // Tapped again, it is the same one.
        let again = dealing.confirm(self.asha, draft.id, "button").await;
        assert_eq!(again.expect("tapped twice").made(), made);
        self.rest().await;
        made
    }

    async fn order(&self, draft: &Draft) -> OrderId {
        match self.confirmed(draft).await {
            Made::Order(id) => id,
            other => panic!("not an order: {other:?}"),
        }
    }

    async fn purchase(&self, amount: Paise) -> OrderId {
        let dealing = self.dealing();
        let draft = dealing.propose_purchase(self.asha, FLEXI, amount, None, None, RULES);
        self.order(&draft.await.expect("Asha may buy")).await
    }

    async fn status(&self, id: OrderId) -> OrderStatus {
        let orders = self.dealing().orders_of(self.asha, None, 50).await.unwrap();
        orders.iter().find(|order| order.id == id).unwrap().status
    }

    async fn mandate(&self) -> MandateId {
        let proposal = MandateProposal {
            kind: MandateKind::Upi,
            limit: Paise(1_000_000),
            start: self.today(),
            end: self.today() + 3.years(),
        };
        let draft = self.dealing().propose_mandate(self.asha, proposal, RULES);
        match self.confirmed(&draft.await.expect("Asha may")).await {
            Made::Mandate(id) => id,
            other => panic!("not a mandate: {other:?}"),
        }
    }

    async fn plan(&self, id: PlanId) -> PlanStatus {
        let plans = self.dealing().plans_of(self.asha).await.unwrap();
        let view = plans.iter().find(|view| view.plan.id == id);
        view.unwrap().plan.status
    }

    /// Demands that ledger, transactions and orders agree and nobody has to look.
    pub async fn in_order(&self) {
        assert_eq!(
            self.scalar(UNBALANCED).await,
            0,
            "the ledger does not balance"
        );
        assert_eq!(self.scalar(FINDINGS).await, 0, "the books do not agree");
        let shown = sipbrewery::pipeline::way_back::attention(&self.app.ground.db, false);
        let shown = shown.await.unwrap();
        assert!(
            shown.is_empty(),
            "things were put before a person: {shown:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_purchase_goes_from_terms_to_units_and_is_told_once() {
    let demo = DemoApp::start().await;
    let id = demo.purchase(FIVE_THOUSAND).await;
    assert_eq!(demo.status(id).await, OrderStatus::AwaitingAuthorisation);
    let page = demo.link("order");
    let paying = demo
        .walks(&page, &["HDFC Flexi Cap", "5,000"], "approve")
        .await;
    assert_eq!(demo.status(id).await, OrderStatus::AwaitingPayment);
    demo.walks(&paying, &["5,000"], "pay").await;
    demo.days(3).await;
    assert_eq!(demo.status(id).await, OrderStatus::Allotted);
    let booked = "select count(*) from transactions where kind = 'purchase'
                   and id in (select transaction_id from transaction_orders)";
    assert_eq!(demo.scalar(booked).await, 1);
    let paid = "select cast(coalesce(sum(amount), 0) as bigint) from ledger_postings
                 where scheme_code is null and account = 'bank'";
    assert_eq!(demo.scalar(paid).await, -FIVE_THOUSAND.0);
    assert_eq!(
        demo.told(&["HDFC Flexi Cap", "₹2,088.5130", "24-Aug-2026"]),
        1,
        "{:?}",
        demo.said()
    );
    demo.emulator
        .user_says(crate::harness::demo::ASHA, "my portfolio")
        .await;
    demo.rest().await;
    let said = demo.said();
    let portfolio = said.last().unwrap();
    assert!(portfolio.contains("HDFC Flexi Cap"), "{portfolio}");
    demo.in_order().await;
    demo.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_payment_that_fails_is_told_with_its_reason_and_changes_no_books() {
    let demo = DemoApp::start().await;
    let entries = "select count(*) from ledger_entries";
    let before = demo.scalar(entries).await;
    let id = demo.purchase(FIVE_THOUSAND).await;
    let paying = demo.walks(&demo.link("order"), &[], "approve").await;
    demo.walks(&paying, &[], "fail").await;
    demo.pass(Duration::from_hours(1)).await;
    assert_eq!(demo.status(id).await, OrderStatus::AwaitingPayment);
    assert_eq!(demo.told(&["balance insufficient"]), 1, "{:?}", demo.said());
    assert_eq!(demo.link("payment"), paying, "where to pay again");
    demo.days(6).await;
    assert_eq!(demo.status(id).await, OrderStatus::Expired);
    assert_eq!(demo.scalar(entries).await, before);
    demo.in_order().await;
    demo.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_order_is_called_off_before_it_is_paid() {
    let demo = DemoApp::start().await;
    let id = demo.purchase(FIVE_THOUSAND).await;
    let dealing = demo.dealing();
    dealing
        .cancel_order(demo.asha, id, "contact")
        .await
        .unwrap();
    // Called off twice is called off, and said to be.
    let again = dealing.cancel_order(demo.asha, id, "contact").await;
    assert!(again.is_err(), "{again:?}");
    demo.days(7).await;
    assert_eq!(demo.status(id).await, OrderStatus::Cancelled);
    assert_eq!(demo.scalar("select count(*) from ledger_entries").await, 0);
    demo.in_order().await;
    demo.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sip_runs_by_its_mandate_and_ends_when_it_is_told_to() {
    let demo = DemoApp::start().await;
    let dealing = demo.dealing();
    let mandate = demo.mandate().await;
    demo.walks(&demo.link("mandate"), &["10,000"], "approve")
        .await;
    demo.pass(Duration::from_hours(1)).await;
    let mandates = dealing.mandates_of(demo.asha).await.unwrap();
    assert_eq!(mandates[0].status, MandateStatus::Active);
    let terms = PlanTerms {
        kind: PlanKind::Sip,
        scheme: FLEXI,
        target: None,
        amount: FIVE_THOUSAND,
        frequency: Frequency::Weekly,
        start: jiff::civil::date(2026, 9, 7),
        instalments: None,
        step_up: None,
    };
    let draft = dealing.propose_plan(demo.asha, terms, Some(mandate), None, RULES);
    let Made::Plan(plan) = demo.confirmed(&draft.await.expect("a SIP")).await else {
        panic!("not a plan");
    };
    let page = demo.link("plan");
    let asked = dealing
        .page_link(demo.asha, About::Plan(plan))
        .await
        .unwrap();
    assert_eq!(page, asked);
    demo.walks(&page, &["HDFC Flexi Cap", "5,000"], "approve")
        .await;
    demo.pass(Duration::from_mins(10)).await;
    assert_eq!(demo.plan(plan).await, PlanStatus::Active);
    demo.days(23).await;
    let allotted = "select count(*) from instalments where status = 'allotted'";
    assert_eq!(demo.scalar(allotted).await, 2, "7 and 14 September");
    dealing
        .cancel_plan(demo.asha, plan, (4, None), "contact")
        .await
        .unwrap();
    demo.rest().await;
    // The exchange wants to hear it from the investor, on its page.
    demo.walks(&demo.link("plan"), &["HDFC Flexi Cap"], "approve")
        .await;
    demo.days(14).await;
    assert_eq!(demo.plan(plan).await, PlanStatus::CancelledByInvestor);
    assert_eq!(demo.scalar(allotted).await, 2);
    let paid = "select cast(coalesce(sum(amount), 0) as bigint) from ledger_postings
                 where scheme_code is null and account = 'bank'";
    assert_eq!(demo.scalar(paid).await, -2 * FIVE_THOUSAND.0);
    demo.in_order().await;
    demo.stop().await;
}
