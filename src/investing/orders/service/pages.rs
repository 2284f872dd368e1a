//! Pages of the exchange on which an investor approves or pays, put into what they are
//! told.

use super::Dealing;
use crate::id::{ContactId, OrderId};
use crate::investing::events::What;
use crate::investing::gateway::port::Page;
use crate::investing::orders::OrderStatus;
use crate::investing::orders::order::Order;
use crate::storage::Error;

/// Under this key somebody is told that their order is placed, with the page that goes with it.
pub(super) fn placed_key(order: OrderId) -> String {
    format!("placed:{order}")
}

/// Under this key somebody is told that their last payment for an order failed.
pub(super) fn unpaid_key(order: &Order) -> String {
    format!("unpaid:{}:{}", order.id, order.details.failed_payments)
}

impl Dealing {
    /// Tells an investor of a page, once for each key. Where there is none nothing is told.
    pub(super) async fn tell_of_page(
        &self,
        (contact, key): (ContactId, String),
        page: &Page,
        what: impl FnOnce(String) -> What,
    ) -> Result<(), Error> {
        let link = match self.gateway().page(page).await {
            Ok(link) => link,
            Err(error) => {
                tracing::warn!(%error, %key, "no page to send an investor to");
                return Ok(());
            }
        };
        self.tell_at_once(contact, key, what(link)).await
    }

    /// Tells an investor that their order is placed, with the page on which they approve it or
    /// pay. Where there is no page yet they hear that it is placed, and the next report tries
    /// again: whoever was promised a link gets one.
    pub(super) async fn tell_placed(&self, order: &Order) -> Result<(), Error> {
        let Some(gateway_id) = order.gateway_id.clone() else {
            return Ok(());
        };
        let page = match order.status {
            OrderStatus::AwaitingAuthorisation => Page::Order(gateway_id),
            _ => Page::Payment(gateway_id),
        };
        let (key, link) = match self.gateway().page(&page).await {
            Ok(link) => (placed_key(order.id), Some(link)),
            Err(error) => {
                tracing::warn!(%error, order = %order.id, "no page for an order");
                (format!("placed_without_page:{}", order.id), None)
            }
        };
        let what = What::OrderPlaced {
            order: order.id,
            kind: order.kind,
            scheme: order.scheme,
            amount: order.amount(),
            link,
        };
        self.tell_at_once(order.contact, key, what).await
    }

    /// Tells an investor that a payment did not go through, with the page to pay on again. Where
    /// there is none yet, the next report tries again.
    pub(super) async fn tell_unpaid(&self, order: &Order) -> Result<(), Error> {
        let Some(gateway_id) = order.gateway_id.clone() else {
            return Ok(());
        };
        let told = (order.contact, unpaid_key(order));
        self.tell_of_page(told, &Page::Payment(gateway_id), |link| {
            What::PaymentFailed {
                order: order.id,
                scheme: order.scheme,
                amount: order.amount(),
                reason: order.reason.clone().unwrap_or_default(),
                link,
            }
        })
        .await
    }

    async fn tell_at_once(&self, contact: ContactId, key: String, what: What) -> Result<(), Error> {
        let input = (self.clone(), key, what);
        let told = self
            .ground()
            .db
            .write(input, move |conn, (dealing, key, what)| {
                let now = dealing.now();
                Box::pin(dealing.tell(conn, contact, key.clone(), what.clone(), now))
            });
        told.await?;
        self.wake();
        Ok(())
    }
}
