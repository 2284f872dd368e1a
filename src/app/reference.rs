//! What is known about funds beside the day's NAVs, as it comes in: earlier NAVs, scheme
//! rules, holidays, index levels; what a person is told about it; and how this process
//! hears of an import by another.

use std::time::Duration;

use anyhow::Context as _;
use jiff::civil::Date;
use jiff::{Span, Timestamp};
use tokio_util::sync::CancellationToken;

use super::App;
use crate::clock::ist;
use crate::investing::gateway::bse::read_master;
use crate::investing::gateway::{ClosingFiles, LARGEST_HISTORY, NSE_ARCHIVE};
use crate::investing::gateway::{nav_source, source_up_to};
use crate::investing::ports::MarketData as _;
use crate::investing::{HistoryImport, ImportReport, MarketImport, RulesImport, SchemeCode};
use crate::pipeline;
use crate::telemetry::metrics;

/// Where mfapi.in has the history of a scheme.
const MIRROR: &str = "https://api.mfapi.in/mf/";
/// How often to look whether another process imported.
const LOOK: Duration = Duration::from_secs(5);
/// The exchanges publish a year's holidays in the middle of the December before: from so
/// many days before the year on, a list that is missing is somebody's to see to.
const DAYS_BEFORE_A_YEAR: i64 = 14;
/// Categories shown to a person from one import.
const MOST_CATEGORIES: usize = 20;

impl App {
    /// Imports AMFI's NAV history report from a file or an address.
    pub async fn import_nav_history(&self, source: &str) -> anyhow::Result<HistoryImport> {
        let source = source_up_to(source, LARGEST_HISTORY)?;
        let bytes = source.fetch().await?;
        let now = self.ground.clock.now();
        let (investing, name) = (&self.investing, source.name());
        counted(
            "nav_history",
            investing.import_nav_history(&bytes, &name, now).await,
        )
    }

    /// Fills gaps in the NAVs of a scheme: from a file or an address in mfapi's shape, or
    /// given a scheme code from mfapi.in itself.
    pub async fn backfill_navs(&self, source: &str) -> anyhow::Result<HistoryImport> {
        let code: Option<u32> = source.parse().ok();
        let place = code.map_or_else(|| source.to_owned(), |code| format!("{MIRROR}{code}"));
        let source = nav_source(&place)?;
        let bytes = source.fetch().await?;
        let now = self.ground.clock.now();
        let (asked, name) = (code.map(SchemeCode), source.name());
        let done = self
            .investing
            .backfill_navs(&bytes, asked, &name, now)
            .await;
        counted("nav_backfill", done)
    }

    /// Imports scheme rules from a file or an address: a rules file (CSV), or a scheme
    /// master as BSE answers it (JSON).
    pub async fn import_scheme_rules(&self, source: &str) -> anyhow::Result<RulesImport> {
        let source = source_up_to(source, LARGEST_HISTORY)?;
        let bytes = source.fetch().await?;
        if bytes.trim_ascii_start().starts_with(b"{") {
            let refused = || format!("`{}` was refused, the last rules stay", source.name());
            let master = read_master(&bytes).with_context(refused)?;
            return Ok(self.put_scheme_master(&master).await?.0);
        }
        let now = self.ground.clock.now();
        let (investing, name) = (&self.investing, source.name());
        counted(
            "scheme_rules",
            investing.import_scheme_rules(&bytes, &name, now).await,
        )
    }

    /// Imports a year's holidays from a file or an address; returns the year and how many
    /// days it names.
    pub async fn import_calendar(&self, source: &str) -> anyhow::Result<(i16, usize)> {
        let source = nav_source(source)?;
        let bytes = source.fetch().await?;
        let now = self.ground.clock.now();
        let done = self
            .investing
            .import_calendar(&bytes, &source.name(), now)
            .await;
        let (year, days) = counted("calendar", done)?;
        self.settle("calendar_missing", &year.to_string()).await?;
        Ok((year, days))
    }

    /// Imports index levels: from a file or an address, or given a day from NSE's archive.
    pub async fn import_index_closes(&self, source: &str) -> anyhow::Result<MarketImport> {
        let now = self.ground.clock.now();
        let day: Option<Date> = source.parse().ok();
        if let Some(day) = day {
            let archive = ClosingFiles::at(NSE_ARCHIVE);
            let closes = counted("index_closes", archive.closes(day).await)?;
            let mut done = MarketImport::default();
            (done.report.rows, done.report.levels) = (closes.len(), closes.len());
            done.report.date = Some(day);
            let place = archive.place(day);
            done.changed = self.investing.put_index_closes(closes, &place, now).await?;
            return Ok(done);
        }
        let source = nav_source(source)?;
        let bytes = source.fetch().await?;
        let (investing, name) = (&self.investing, source.name());
        counted(
            "index_closes",
            investing.import_index_closes(&bytes, &name, now).await,
        )
    }

    /// Puts categories we have no name for before a person, each once.
    pub(super) async fn show_unknown_categories(
        &self,
        report: &ImportReport,
    ) -> anyhow::Result<()> {
        metrics::unknown_categories(report.unknown_categories.len());
        for (category, rows) in report.unknown_categories.iter().take(MOST_CATEGORIES) {
            tracing::warn!(category, rows, "a category of AMFI's has no name here");
            let detail = format!(
                "{rows} schemes are in a category that is not in the table of names; it is shown \
                 as AMFI writes it, and no NAV date is worked out for it without scheme rules"
            );
            self.show("unknown_category", category, &detail).await?;
        }
        Ok(())
    }

    /// Puts something before a person, once while it is open.
    pub(super) async fn show(
        &self,
        kind: &'static str,
        subject: &str,
        detail: &str,
    ) -> anyhow::Result<()> {
        let input = (self.ground.clone(), subject.to_owned(), detail.to_owned());
        self.ground
            .db
            .write(input, move |conn, (ground, subject, detail)| {
                let now = ground.clock.now().as_millisecond();
                Box::pin(pipeline::open_attention(
                    conn,
                    &ground.ids,
                    kind,
                    subject,
                    detail,
                    now,
                ))
            })
            .await?;
        Ok(())
    }

    /// Takes back what [`App::show`] put there.
    pub(super) async fn settle(&self, kind: &'static str, subject: &str) -> anyhow::Result<()> {
        let input = (subject.to_owned(), self.ground.clock.now().as_millisecond());
        self.ground
            .db
            .write(input, move |conn, (subject, now)| {
                Box::pin(pipeline::close_attention(conn, kind, subject, *now))
            })
            .await?;
        Ok(())
    }

    /// Shows a person that the year's holidays, or those of the year at the door, are not
    /// on record.
    async fn show_missing_calendar(&self, now: Timestamp) -> anyhow::Result<()> {
        let today = now.to_zoned(ist()).date();
        let calendar = self.investing.calendar();
        let soon = today.saturating_add(Span::new().days(DAYS_BEFORE_A_YEAR));
        for day in [today, soon] {
            if calendar.knows(day) {
                continue;
            }
            let year = day.year();
            tracing::warn!(year, "no list of holidays is on record");
            let detail = format!(
                "the holidays of {year} are not on record, so every weekday counts as a business \
                 day; import the exchanges' list: sipbrewery calendar import FILE"
            );
            self.show("calendar_missing", &year.to_string(), &detail)
                .await?;
        }
        Ok(())
    }
}

/// Counts how an import ended.
pub(super) fn counted<T>(kind: &'static str, done: anyhow::Result<T>) -> anyhow::Result<T> {
    let outcome = if done.is_ok() { "done" } else { "refused" };
    metrics::imported(kind, outcome);
    done
}

/// Takes over what other processes import, and looks each day whether the calendar goes
/// on.
pub(super) async fn follow(app: App, stop: CancellationToken) {
    let mut seen = app.investing.current_reference().await.unwrap_or_default();
    let mut looked: Option<Date> = None;
    loop {
        let now = app.ground.clock.now();
        let today = now.to_zoned(ist()).date();
        if looked != Some(today) {
            match app.show_missing_calendar(now).await {
                Ok(()) => looked = Some(today),
                Err(error) => tracing::warn!(error = &*error, "the calendar was not looked at"),
            }
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(LOOK) => {}
        }
        match app.investing.current_reference().await {
            Ok(current) if current != seen => {
                if let Err(error) = app.investing.reload_reference().await {
                    tracing::error!(error = &*error, "imported rules could not be loaded");
                    continue;
                }
                tracing::info!("scheme rules and holidays were loaded anew");
                seen = current;
            }
            Ok(_) => {}
            Err(error) => tracing::warn!(error = &*error, "cannot see whether rules were imported"),
        }
    }
}
