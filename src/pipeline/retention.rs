//! Empties what has been kept long enough.
//!
//! Rows stay, their contents go: the key of an event is never forgotten, so that a
//! duplicate has no effect however old it is, and a count of what was said remains.

use std::time::Duration;

use futures::future::BoxFuture;
use jiff::Timestamp;
use jiff::civil::Time;

use super::jobs::{JobError, JobHandler};
use super::leases::millis;
use super::{Attachments, Ground, store};
use crate::clock::ist;

/// At night, when nobody waits.
const HOUR: Time = Time::constant(3, 30, 0, 0);
/// A status whose message never became known is of no use after a day.
const EARLY_STATUSES: Duration = Duration::from_hours(24);
/// Rows of a table emptied in one write: a few milliseconds, so that nobody who is
/// awake at night waits behind it.
const TOGETHER: i64 = 200;

/// The nightly job. Running it twice finds nothing left to do.
pub struct Retention {
    ground: Ground,
    keep: Duration,
    files: Attachments,
    others: &'static [&'static str],
}

impl Retention {
    /// Returns the job; messages, and the files that came with them, are kept for `keep`.
    pub fn new(ground: Ground, keep: Duration, files: Attachments) -> Self {
        Self {
            ground,
            keep,
            files,
            others: &[],
        }
    }

    /// Keeps what other rooms have of messages for as long, too. Their statements let go of
    /// what is older than `$1` (milliseconds), of `$2` rows at most.
    #[must_use]
    pub fn and(self, others: &'static [&'static str]) -> Self {
        Self { others, ..self }
    }

    async fn empty(&self, now: Timestamp) -> Result<(), JobError> {
        let before = now.as_millisecond() - millis(self.keep);
        let early = now.as_millisecond() - millis(EARLY_STATUSES);
        loop {
            let emptied = self
                .ground
                .db
                .write(
                    (before, early, self.others),
                    |conn, (before, early, others)| {
                        Box::pin(store::empty(conn, (*before, others), *early, TOGETHER))
                    },
                )
                .await?;
            let gone = self.files.let_go(before, TOGETHER).await?;
            if emptied + gone == 0 {
                return Ok(());
            }
        }
    }
}

impl JobHandler for Retention {
    fn kind(&self) -> &'static str {
        "retention"
    }

    fn run<'a>(&'a self, _: &'a [u8], now: Timestamp) -> BoxFuture<'a, Result<(), JobError>> {
        Box::pin(self.empty(now))
    }

    fn next_period(&self, now: Timestamp) -> Option<(String, Timestamp)> {
        let day = now.to_zoned(ist()).date().tomorrow().ok()?;
        let at = day.to_datetime(HOUR).to_zoned(ist()).ok()?;
        Some((day.to_string(), at.timestamp()))
    }
}
