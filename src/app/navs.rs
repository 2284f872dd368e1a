//! The day's NAVs: when they are fetched, and how this process hears of an import by another.

use std::time::Duration;

use futures::future::BoxFuture;
use jiff::Timestamp;
use jiff::civil::Time;
use tokio_util::sync::CancellationToken;

use super::App;
use super::reference::counted;
use crate::clock::ist;
use crate::investing::gateway::nav_source;
use crate::pipeline::{JobError, JobHandler, Wakes};
use crate::storage::Wake;

/// AMFI's file fills from half past nine in the evening and is complete by midnight; some
/// funds follow in the morning. Times in India.
const FETCHES: [Time; 5] = [
    Time::constant(1, 30, 0, 0),
    Time::constant(7, 30, 0, 0),
    Time::constant(10, 30, 0, 0),
    Time::constant(21, 30, 0, 0),
    Time::constant(23, 30, 0, 0),
];

/// What a person sees when the day's NAVs could not be had.
const REFUSED: &str = "import_refused";
const SUBJECT: &str = "navs";

/// How often to look whether another process imported.
const LOOK: Duration = Duration::from_secs(5);

/// Fetches AMFI's file. Running it twice finds the same file and writes nothing.
pub(super) struct DailyNavs {
    app: App,
    source: String,
}

impl DailyNavs {
    pub(super) fn new(app: App, source: String) -> Self {
        Self { app, source }
    }
}

impl JobHandler for DailyNavs {
    fn kind(&self) -> &'static str {
        "nav_import"
    }

    /// A host that hangs is waited for, and the file is large.
    fn apart(&self, _: &Wakes) -> Option<Wake> {
        Some(Wake::new("nav_import"))
    }

    fn run<'a>(&'a self, _: &'a [u8], _: Timestamp) -> BoxFuture<'a, Result<(), JobError>> {
        Box::pin(async move {
            let done = self.app.import_navs(&self.source).await;
            if let Err(error) = &done {
                // The last NAVs stay, and somebody hears of it before the next fetch.
                let detail = format!("{error:#}");
                self.app.show(REFUSED, SUBJECT, &detail).await?;
            }
            done?;
            self.app.settle(REFUSED, SUBJECT).await?;
            Ok(())
        })
    }

    fn next_period(&self, now: Timestamp) -> Option<(String, Timestamp)> {
        let today = now.to_zoned(ist()).date();
        let next = [today, today.tomorrow().ok()?]
            .into_iter()
            .flat_map(|day| FETCHES.map(|time| day.to_datetime(time)))
            .find_map(|at| {
                let at = at.to_zoned(ist()).ok()?;
                (at.timestamp() > now).then_some(at)
            })?;
        Some((next.datetime().to_string(), next.timestamp()))
    }
}

impl App {
    /// Imports NAVs from a file or an address; returns what to tell the operator.
    pub async fn import_navs(&self, source: &str) -> anyhow::Result<crate::investing::NavImport> {
        let source = nav_source(source)?;
        let bytes = source.fetch().await?;
        let now = self.ground.clock.now();
        let imported = self
            .investing
            .import_navs(&bytes, &source.name(), now)
            .await;
        let imported = counted("navs", imported)?;
        self.show_unknown_categories(&imported.report).await?;
        tracing::info!(
            rows = imported.report.rows,
            schemes = imported.changed_schemes,
            navs = imported.changed_navs,
            already = imported.already,
            "NAVs imported"
        );
        Ok(imported)
    }
}

/// Takes over what other processes import.
pub(super) async fn follow(app: App, stop: CancellationToken) {
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(LOOK) => {}
        }
        if let Err(error) = app.investing.take_over().await {
            tracing::error!(
                error = &*error,
                "NAVs that were imported could not be loaded"
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::FETCHES;

    #[test]
    fn fetches_are_in_the_order_of_the_day() {
        assert!(FETCHES.windows(2).all(|pair| pair[0] < pair[1]));
    }
}
