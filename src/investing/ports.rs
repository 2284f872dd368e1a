//! What this room needs from others.

use std::future::Future;
use std::pin::Pin;

use futures::future::BoxFuture;
use jiff::civil::Date;

use super::market::IndexClose;

/// Seals personal data of one contact under that contact's key.
pub trait Seal: Send + Sync {
    /// Seals `plain` for the row named `row`; it opens for no other row.
    fn seal(&self, row: &str, plain: &[u8]) -> Vec<u8>;

    /// Opens what [`Seal::seal`] sealed for the same row.
    fn open(&self, row: &str, sealed: &[u8]) -> anyhow::Result<Vec<u8>>;
}

/// Where NAV files come from.
pub trait NavSource: Send + Sync {
    /// Names the source for records.
    fn name(&self) -> String;

    /// Fetches the whole file.
    fn fetch(&self) -> Pin<Box<dyn Future<Output = anyhow::Result<Vec<u8>>> + Send + '_>>;
}

/// Where index levels come from: end of day, each with its date. A live feed of an
/// exchange needs a licence of its own and would be another of these.
pub trait MarketData: Send + Sync {
    /// Names the source for records.
    fn name(&self) -> String;

    /// Fetches the levels of the end of `day`.
    fn closes(&self, day: Date) -> BoxFuture<'_, anyhow::Result<Vec<IndexClose>>>;
}
