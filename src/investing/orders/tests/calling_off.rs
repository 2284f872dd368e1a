//! Orders that are called off before they are approved and paid.

use super::rig::{Rig, no_limits};
use crate::id::{ContactId, OrderId};
use crate::investing::orders::OrderStatus;
use crate::investing::orders::draft::Refusal;

async fn call_off(rig: &Rig, who: ContactId, order: OrderId) -> Result<(), Refusal> {
    let input = rig.dealing.clone();
    let asked = rig.base.db.write(input, move |conn, dealing| {
        Box::pin(dealing.call_off_on(conn, (who, order), "investor"))
    });
    asked.await.unwrap()
}

async fn status(rig: &Rig, who: ContactId) -> OrderStatus {
    rig.dealing.orders_of(who, None, 1).await.unwrap()[0].status
}

#[tokio::test]
async fn an_order_that_waits_is_called_off_and_only_by_its_owner() {
    let rig = Rig::new(2, no_limits()).await;
    let (who, other) = (rig.people[0], rig.people[1]);
    let order = rig.order(who, 5_000_00).await;
    assert_eq!(call_off(&rig, other, order).await, Err(Refusal::NoOrder));
    for _ in 0..2 {
        assert_eq!(call_off(&rig, who, order).await, Ok(()));
    }
    rig.run_jobs().await;
    assert_eq!(status(&rig, who).await, OrderStatus::Cancelled);
    let again = call_off(&rig, who, order).await;
    assert_eq!(again, Err(Refusal::OrderIs(OrderStatus::Cancelled)));
}
