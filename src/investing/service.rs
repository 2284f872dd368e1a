use std::sync::Arc;

use jiff::civil::Date;

use super::portfolio::Portfolio;
use super::scheme::Catalog;
use crate::id::ContactId;

/// What the rest of the house may ask about funds and holdings.
#[derive(Clone)]
pub struct Investing {}

impl Investing {
    /// Returns the schemes as of the last import.
    pub fn catalog(&self) -> Arc<Catalog> {
        unimplemented!()
    }

    /// Returns what a contact holds, valued at the latest NAVs; `None` if nothing was imported.
    pub async fn portfolio(
        &self,
        _contact: ContactId,
        _today: Date,
    ) -> anyhow::Result<Option<Portfolio>> {
        unimplemented!()
    }
}
