//! What was done, scheme by scheme, and in whose name.

use super::Investing;
use crate::id::ContactId;
use crate::investing::history::{self, History, Holder};
use crate::investing::ports::Seal;
use crate::investing::store::portfolios;

impl Investing {
    /// Returns every scheme of a contact with its transactions.
    pub async fn histories(
        &self,
        contact: ContactId,
        seal: &dyn Seal,
    ) -> anyhow::Result<Vec<History>> {
        let folios = self.held_folios(contact, seal).await?;
        Ok(history::histories(&folios, &self.catalog()))
    }

    /// Returns in whose name a contact's folios are. Where folios differ (a joint folio of
    /// a spouse, a name spelt another way) the first on record counts.
    pub async fn holder(&self, contact: ContactId, seal: &dyn Seal) -> anyhow::Result<Holder> {
        let mut conn = self.inner.db.read().await?;
        let folios = portfolios::list_folios(&mut conn, contact, seal).await?;
        Ok(Holder {
            name: folios.iter().find_map(|f| f.personal.name.clone()),
            pan: folios.iter().find_map(|f| f.personal.pan.clone()),
        })
    }
}
