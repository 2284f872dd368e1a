//! Money, through the whole running service: terms, a confirmation, the exchange's pages
//! over HTTP, days that pass, the books, and what reaches the investor's phone.

use std::time::Duration;

use jiff::ToSpan;
use rust_decimal::Decimal;
use sipbrewery::id::{MandateId, OrderId, PlanId};
use sipbrewery::investing::orders::draft::{Draft, Made, MandateProposal};
use sipbrewery::investing::orders::plan::PlanTerms;
use sipbrewery::investing::orders::service::About;
use sipbrewery::investing::orders::{
    Frequency, MandateKind, MandateStatus, OrderStatus, PlanKind, PlanStatus, Quantity,
};
use sipbrewery::investing::{Paise, SchemeCode};

use crate::harness::DemoApp;

const FLEXI: SchemeCode = SchemeCode(101_762);
const LIQUID: SchemeCode = SchemeCode(100_868);
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

    pub async fn mandate(&self) -> MandateId {
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

    /// Returns the units she holds of a scheme by her transactions.
    async fn units(&self, scheme: SchemeCode) -> Decimal {
        let held = self.dealing().held(self.asha, scheme).await.unwrap();
        let lots = held.iter().flat_map(|folio| folio.lots.iter().flatten());
        lots.map(|lot| lot.units).sum()
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

/// Everything that anybody ever found, also what was gone the next night.
const EVER_FOUND: &str = "select count(*) from reconciliation_findings";
/// What the ledger moved into her folio, in ten-thousandths of a unit.
const FLEXI_MOVED: &str = "
    select cast(coalesce(sum(amount), 0) as bigint) from ledger_postings
     where account like 'folio:%' and scheme_code = 101762";
const LIQUID_MOVED: &str = "
    select cast(coalesce(sum(amount), 0) as bigint) from ledger_postings
     where account like 'folio:%' and scheme_code = 100868";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_redemption_and_a_switch_are_paid_and_moved() {
    let demo = DemoApp::start().await;
    let dealing = demo.dealing();
    let before = [demo.units(FLEXI).await, demo.units(LIQUID).await];
    let two = Quantity::Units(Decimal::TWO);
    let draft = dealing.propose_redemption(demo.asha, FLEXI, two, None, RULES);
    let sold = demo.order(&draft.await.expect("Asha may sell")).await;
    demo.walks(&demo.link("order"), &["HDFC Flexi Cap"], "approve")
        .await;
    let part = Quantity::Amount(FIVE_THOUSAND);
    let draft = dealing.propose_switch(demo.asha, (FLEXI, LIQUID), part, None, RULES);
    let moved = demo.order(&draft.await.expect("Asha may switch")).await;
    demo.walks(&demo.link("order"), &["HDFC Flexi Cap"], "approve")
        .await;
    assert_eq!(demo.status(moved).await, OrderStatus::SentToRta);
    // By hours, so that each night's comparison sees them where they are.
    let mut way = vec![demo.status(sold).await];
    for _ in 0..6 * 12 {
        demo.pass(Duration::from_hours(2)).await;
        way.push(demo.status(sold).await);
        assert_eq!(demo.scalar(EVER_FOUND).await, 0, "on {}", demo.today());
    }
    way.dedup();
    let paid_for = [
        OrderStatus::SentToRta,
        OrderStatus::Allotted,
        OrderStatus::RedeemedPaid,
    ];
    assert_eq!(way, paid_for);
    assert_eq!(demo.status(moved).await, OrderStatus::Allotted);
    let orders = dealing.orders_of(demo.asha, None, 50).await.unwrap();
    let details = |id| &orders.iter().find(|order| order.id == id).unwrap().details;
    let redeemed = details(sold).allotment.as_ref().unwrap();
    let left = details(moved).allotment.as_ref().unwrap();
    let came = details(moved).switched_in.as_ref().unwrap();
    assert_eq!(redeemed.units, Decimal::TWO);
    // The registrar counts thousandths of a unit.
    let short = (FIVE_THOUSAND - left.amount).rupees().abs();
    assert!(short < left.nav / Decimal::ONE_THOUSAND, "{left:?}");
    let kept = left.exit_load + left.stt;
    assert_eq!(came.amount + came.stamp_duty, left.amount - kept);
    let changed = [-redeemed.units - left.units, came.units];
    let after = [demo.units(FLEXI).await, demo.units(LIQUID).await];
    assert_eq!([after[0] - before[0], after[1] - before[1]], changed);
    let ledger = [FLEXI_MOVED, LIQUID_MOVED].map(|moved| demo.scalar(moved));
    for (posted, units) in ledger.into_iter().zip(changed) {
        assert_eq!(Decimal::new(posted.await, 4), units);
    }
    let paid = "select cast(coalesce(sum(amount), 0) as bigint) from ledger_postings
                 where scheme_code is null and account = 'bank'";
    let net = redeemed.amount - redeemed.exit_load - redeemed.stt;
    assert_eq!(demo.scalar(paid).await, net.0);
    let under_way = "select count(*) from (select account from ledger_postings
                      where account in ('payout_due', 'switching', 'order', 'clearing')
                      group by account having sum(amount) <> 0) as left_over";
    assert_eq!(demo.scalar(under_way).await, 0);
    let paused = "select count(*) from money_pauses";
    assert_eq!(demo.scalar(paused).await, 0);
    demo.in_order().await;
    demo.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_order_that_is_approved_and_paid_days_later_is_not_late() {
    let demo = DemoApp::start().await;
    let id = demo.purchase(FIVE_THOUSAND).await;
    // Monday becomes Friday, after the cut-off.
    demo.days(4).await;
    demo.pass(Duration::from_hours(6)).await;
    let paying = demo.walks(&demo.link("order"), &[], "approve").await;
    demo.walks(&paying, &[], "pay").await;
    for _ in 0..5 * 4 {
        demo.pass(Duration::from_hours(6)).await;
        assert_eq!(demo.scalar(EVER_FOUND).await, 0, "on {}", demo.today());
    }
    assert_eq!(demo.status(id).await, OrderStatus::Allotted);
    demo.in_order().await;
    demo.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stopped_account_stops_money_until_the_exchange_lets_it_go_on() {
    let demo = DemoApp::start().await;
    let id = demo.purchase(FIVE_THOUSAND).await;
    let page = demo.link("order");
    demo.holds_account("suspend").await;
    let stopped = "select count(*) from exchange_accounts where state = 'suspended'";
    assert_eq!(demo.scalar(stopped).await, 1, "its notice was heard");
    let shown = "select count(*) from attention
                  where kind = 'account_failed' and resolved_at is null";
    assert_eq!(demo.scalar(shown).await, 1);
    let dealing = demo.dealing();
    let more = dealing.propose_purchase(demo.asha, FLEXI, FIVE_THOUSAND, None, None, RULES);
    let refused = more.await.unwrap_err().to_string();
    assert!(refused.contains("account_not_active"), "{refused}");
    demo.walks(&page, &["refused or stopped"], "refuse").await;
    assert_eq!(demo.status(id).await, OrderStatus::Rejected);

    demo.holds_account("reinstate").await;
    assert_eq!(demo.scalar(stopped).await, 0);
    let id = demo.purchase(Paise(600_000)).await;
    let paying = demo.walks(&demo.link("order"), &["6,000"], "approve").await;
    demo.walks(&paying, &["6,000"], "pay").await;
    demo.days(3).await;
    assert_eq!(demo.status(id).await, OrderStatus::Allotted);
    demo.in_order().await;
    demo.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_account_stopped_unheard_is_found_out_by_the_first_refusal() {
    let demo = DemoApp::start().await;
    let lost = sipbrewery::sandbox::Fault::chance(1.0);
    let kind = sipbrewery::sandbox::ExchangeFault::LoseNotices;
    demo.exchange.set_fault(kind, lost);
    demo.holds_account("suspend").await;
    let stopped = "select count(*) from exchange_accounts where state = 'suspended'";
    assert_eq!(demo.scalar(stopped).await, 0, "nobody told");
    let id = demo.purchase(FIVE_THOUSAND).await;
    assert_eq!(demo.status(id).await, OrderStatus::Rejected);
    assert_eq!(demo.scalar(stopped).await, 1);
    demo.stop().await;
}
