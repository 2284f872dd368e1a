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

impl Dealing {
    /// Tells an investor of a page, once for each key. Where there is none nothing is told,
    /// and the investor can ask for the page.
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
