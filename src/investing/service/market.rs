//! Index levels: end of day, each with its date and source.

use jiff::Timestamp;
use jiff::civil::Date;

use super::{CHUNK, Investing, digest};
use crate::investing::market::{self, IndexClose, MarketReport};
use crate::investing::store::market as store;
use crate::investing::store::reference::{self, Kind, NewImport};

/// What an import of index levels came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MarketImport {
    /// What was odd about the file; for levels that came otherwise, only their number.
    pub report: MarketReport,
    /// Levels that were new or corrected.
    pub changed: usize,
}

/// An index level as it may be told: with its day, its source, and whether it is old.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndexLevel {
    /// The level.
    pub close: IndexClose,
    /// File or address it came from.
    pub source: String,
    /// Whether it has to be said that it is old.
    pub is_stale: bool,
}

impl Investing {
    /// Imports an exchange's file of index closes.
    pub async fn import_index_closes(
        &self,
        bytes: &[u8],
        source: &str,
        now: Timestamp,
    ) -> anyhow::Result<MarketImport> {
        let (closes, report) = market::parse(bytes).map_err(|error| {
            anyhow::Error::new(error)
                .context(format!("`{source}` was refused, nothing was changed"))
        })?;
        let changed = self.put_index_closes(closes, source, now).await?;
        Ok(MarketImport { report, changed })
    }

    /// Puts index levels on record, whichever [`crate::investing::ports::MarketData`] they
    /// come from. Returns how many were new or corrected.
    pub async fn put_index_closes(
        &self,
        closes: Vec<IndexClose>,
        source: &str,
        now: Timestamp,
    ) -> anyhow::Result<usize> {
        let _one_at_a_time = self.inner.importing.lock().await;
        let db = &self.inner.db;
        let mut conn = db.read().await?;
        let mut news = Vec::new();
        for close in closes {
            let known = store::find(&mut conn, &close.name, close.date).await?;
            if known.is_none_or(|(known, _)| known != close) {
                news.push(close);
            }
        }
        drop(conn);
        if news.is_empty() {
            return Ok(0);
        }
        let text = serde_json::to_vec(&news)?;
        let import = NewImport::new(Kind::IndexCloses, source, digest(&text), news.len(), now);
        let id = db
            .write(import, |conn, import| {
                Box::pin(reference::insert_import(conn, import))
            })
            .await?;
        for chunk in news.chunks(CHUNK) {
            db.write((id, chunk.to_vec()), |conn, (id, chunk)| {
                Box::pin(store::insert(conn, *id, chunk))
            })
            .await?;
        }
        self.finish_reference(id, now).await?;
        Ok(news.len())
    }

    /// Returns the last level of an index up to `today`, by its name of today or an
    /// earlier one.
    pub async fn index_level(&self, name: &str, today: Date) -> anyhow::Result<Option<IndexLevel>> {
        let name = market::name_of_today(name);
        let mut conn = self.inner.db.read().await?;
        let Some((close, source)) = store::find_latest(&mut conn, &name, today).await? else {
            return Ok(None);
        };
        Ok(Some(IndexLevel {
            is_stale: self.calendar().is_stale(close.date, today),
            close,
            source,
        }))
    }

    /// Returns whether the closing file of a day is on record.
    pub async fn has_index_closes(&self, on: Date) -> anyhow::Result<bool> {
        let mut conn = self.inner.db.read().await?;
        Ok(store::has_day(&mut conn, on).await?)
    }

    /// Returns the levels of an index from `from` to `to`, in order of days.
    pub async fn index_series(
        &self,
        name: &str,
        from: Date,
        to: Date,
    ) -> anyhow::Result<Vec<IndexClose>> {
        let name = market::name_of_today(name);
        let mut conn = self.inner.db.read().await?;
        Ok(store::list(&mut conn, &name, from, to).await?)
    }
}
