//! Pages of the exchange on which an investor approves or pays, put into what they are
//! told.

use super::Dealing;
use crate::id::ContactId;
use crate::investing::events::What;
use crate::investing::gateway::port::Page;
use crate::storage::Error;

impl Dealing {
    /// Tells an investor of a page, once for each key. Where there is none nothing is told:
    /// the next report tries again, and the investor can ask for the page.
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
        let input = (self.clone(), key, what(link));
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
