//! Our books against the exchange's, while redemptions and switches are under way.

use std::time::Duration;

use rust_decimal::Decimal;

use super::Paper;
use crate::id::OrderId;
use crate::investing::money::Paise;
use crate::investing::orders::draft::Made;
use crate::investing::orders::order::Order;
use crate::investing::orders::tests::rig::{FUND, OTHER};
use crate::investing::orders::{OrderStatus, Quantity};
use crate::investing::reconciliation::{FindingKind, list_findings};

const PART: Quantity = Quantity::Amount(Paise(2_000_00));

/// Somebody who bought for ten thousand rupees and has a redemption and a switch with the
/// registrar.
async fn under_way() -> (Paper, [OrderId; 2]) {
    let paper = Paper::new(1).await;
    let (rig, who) = (&paper.rig, paper.rig.people[0]);
    rig.order(who, 10_000_00).await;
    rig.run_jobs().await;
    paper.days(3).await;
    let redemption = rig.dealing.propose_redemption(who, FUND, PART, None, "r1");
    let redemption = redemption.await.unwrap();
    let switch = rig
        .dealing
        .propose_switch(who, (FUND, OTHER), PART, None, "r1");
    let switch = switch.await.unwrap();
    let mut orders = Vec::new();
    for draft in [redemption, switch] {
        let Made::Order(id) = rig.confirmed(&draft).await else {
            panic!("an order was confirmed");
        };
        orders.push(id);
    }
    rig.run_jobs().await;
    paper.pass(Duration::from_mins(1)).await;
    paper.listen().await;
    (paper, [orders[0], orders[1]])
}

impl Paper {
    /// Lets days pass, each half with what the exchange has to tell.
    async fn days(&self, count: u32) {
        self.halves(2 * count).await;
    }

    async fn halves(&self, count: u32) {
        for _ in 0..count {
            self.pass(Duration::from_hours(12)).await;
            self.listen().await;
            self.ask().await;
        }
    }

    async fn booked(&self, id: OrderId) -> Order {
        let orders = self.rig.dealing.orders_of(self.rig.people[0], None, 9);
        let mut orders = orders.await.unwrap().into_iter();
        orders.find(|order| order.id == id).unwrap()
    }

    async fn status(&self, id: OrderId) -> OrderStatus {
        self.booked(id).await.status
    }

    /// Returns what the exchange calls an order.
    async fn name(&self, id: OrderId) -> String {
        self.booked(id).await.gateway_id.unwrap()
    }

    async fn found(&self) -> Vec<(FindingKind, String)> {
        let mut conn = self.rig.base.db.read().await.unwrap();
        let open = list_findings(&mut conn).await.unwrap();
        let findings = open.into_iter().map(|one| one.finding);
        findings.map(|one| (one.kind, one.subject)).collect()
    }
}

#[tokio::test]
async fn what_is_under_way_is_no_finding_on_any_night() {
    let (paper, [redemption, switch]) = under_way().await;
    let mut way = Vec::new();
    for _ in 0..16 {
        let run = paper.compare_books().await;
        assert_eq!((run.new, run.unread), (0, 0), "{:?}", paper.found().await);
        way.push([paper.status(redemption).await, paper.status(switch).await]);
        paper.halves(1).await;
    }
    way.dedup();
    let wanted = [
        [OrderStatus::SentToRta, OrderStatus::SentToRta],
        [OrderStatus::Allotted, OrderStatus::SentToRta],
        [OrderStatus::RedeemedPaid, OrderStatus::SentToRta],
        [OrderStatus::RedeemedPaid, OrderStatus::Allotted],
    ];
    assert_eq!(way, wanted);
}

#[tokio::test]
async fn a_thousandth_of_a_unit_planted_at_the_exchange_is_found_and_pauses() {
    let (paper, [redemption, switch]) = under_way().await;
    while paper.status(redemption).await != OrderStatus::Allotted {
        paper.days(1).await;
    }
    let name = paper.name(redemption).await;
    if let Some(there) = paper.exchange.state().orders.get_mut(&name) {
        there.allotment.as_mut().unwrap().units += Decimal::new(1, 3);
    }
    let run = paper.compare_books().await;
    assert_eq!((run.new, run.paused), (1, 1));
    let differs = |id: OrderId| (FindingKind::GatewayDiffers, id.to_string());
    assert_eq!(paper.found().await, [differs(redemption)]);
    while paper.status(switch).await != OrderStatus::Allotted {
        paper.days(1).await;
    }
    let name = paper.name(switch).await;
    if let Some(there) = paper.exchange.state().orders.get_mut(&name) {
        there.switched_in.as_mut().unwrap().amount -= 1;
    }
    assert_eq!(paper.compare_books().await.new, 1);
    assert_eq!(paper.found().await, [differs(redemption), differs(switch)]);
}

#[tokio::test]
async fn an_order_the_registrar_never_answers_is_found() {
    let (paper, [_, switch]) = under_way().await;
    let name = paper.name(switch).await;
    if let Some(there) = paper.exchange.state().orders.get_mut(&name) {
        there.next = None;
    }
    let mut nights = 0;
    while paper.compare_books().await.new == 0 {
        nights += 1;
        assert!(nights < 20, "nobody noticed");
        paper.days(1).await;
    }
    let late = (FindingKind::OverdueAllotment, switch.to_string());
    assert_eq!(paper.found().await, [late]);
}
