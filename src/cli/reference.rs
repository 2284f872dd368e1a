//! `scheme-rules`, `calendar` and `market`: what is known beside the day's prices.

use anyhow::Context as _;
use jiff::civil::Date;

use super::{open_app, say};
use crate::clock::ist;
use crate::config::Settings;
use crate::investing::SchemeCode;

/// What may be done with a scheme: what is sold, minimums, cut-offs, SIP days, exit load
#[derive(Debug, clap::Subcommand)]
pub(super) enum SchemeRules {
    /// Import scheme rules from a file or an address.
    ///
    /// A CSV's columns are found by the names in its first row; `demo/scheme-rules.csv`
    /// shows them. A JSON is taken for BSE's scheme master, which goes over what is on
    /// record and leaves what it does not state. A file with a fault is refused whole,
    /// naming row and column. Processes that are running take the new rules over within
    /// seconds.
    Import {
        /// The file, or its https address.
        #[arg(value_name = "FILE|URL")]
        source: String,
    },
    /// Fetch the scheme master of the exchange that orders go to, as the daily job does.
    Fetch,
    /// Show what is on record about a scheme.
    Show {
        /// AMFI's code of the scheme.
        code: u32,
        /// On which day; today if none is given.
        #[arg(long, value_name = "YYYY-MM-DD")]
        on: Option<Date>,
    },
}

/// Business days and holidays
#[derive(Debug, clap::Subcommand)]
pub(super) enum Calendar {
    /// Import a year's holidays, in place of the list there is.
    ///
    /// The shape is that of `src/investing/calendar/in-mf-2026.json`. Import the year
    /// again when a holiday is declared at short notice.
    Import {
        /// The file, or its https address.
        #[arg(value_name = "FILE|URL")]
        source: String,
    },
    /// Show which years are known, and what a day is.
    Show {
        /// The day; today if none is given.
        day: Option<Date>,
    },
}

/// Index levels, end of day
#[derive(Debug, clap::Subcommand)]
pub(super) enum Market {
    /// Import NSE's file of index closes.
    Import {
        /// A file, its https address, or a day (2026-08-21) to fetch from NSE's archive.
        #[arg(value_name = "FILE|URL|DAY")]
        source: String,
    },
    /// Show the last level of an index, with its day and its source.
    Show {
        /// The index, such as "Nifty 50".
        index: String,
    },
}

/// Runs a `scheme-rules` command.
pub(super) async fn scheme_rules(command: SchemeRules, settings: Settings) -> anyhow::Result<()> {
    let app = open_app(&settings).await?;
    match command {
        SchemeRules::Import { source } => {
            let done = app.import_scheme_rules(&source).await?;
            say(format!(
                "rows: {}; new or changed: {}",
                done.rows, done.changed
            ));
            if done.carried_on > 0 {
                say(format!(
                    "carried on into later rows of the exchange's master: {}",
                    done.carried_on
                ));
            }
            if done.unlisted > 0 {
                say(format!(
                    "of schemes that AMFI's list does not have: {}",
                    done.unlisted
                ));
            }
        }
        SchemeRules::Fetch => {
            app.connect_gateway(None)?;
            let (done, report) = app.fetch_scheme_master().await?;
            say(format!(
                "rows: {}; schemes: {}; new or changed: {}; ISINs not in AMFI's list: {}; not \
                 sold because several rows speak of them: {}; gone: {}",
                report.rows,
                report.schemes,
                done.changed,
                report.unlisted,
                report.ambiguous.len(),
                report.gone.len()
            ));
        }
        SchemeRules::Show { code, on } => {
            let today = app.ground.clock.now().to_zoned(ist()).date();
            let code = SchemeCode(code);
            let rules = app.investing.rules(code, on.unwrap_or(today));
            let rules = rules.with_context(|| format!("no rules of {code} are on record"))?;
            say(serde_json::to_string_pretty(&rules)?);
        }
    }
    app.ground.db.close().await;
    Ok(())
}

/// Runs a `calendar` command.
pub(super) async fn calendar(command: Calendar, settings: Settings) -> anyhow::Result<()> {
    let app = open_app(&settings).await?;
    match command {
        Calendar::Import { source } => {
            let (year, days) = app.import_calendar(&source).await?;
            say(format!("the calendar of {year} names {days} days"));
        }
        Calendar::Show { day } => {
            let today = app.ground.clock.now().to_zoned(ist()).date();
            let (calendar, day) = (app.investing.calendar(), day.unwrap_or(today));
            let years: Vec<_> = calendar.years().map(|year| year.to_string()).collect();
            say(format!("years on record: {}", years.join(", ")));
            let kind = if calendar.is_settlement_day(day) {
                "a business day"
            } else if calendar.is_business_day(day) {
                "a settlement holiday: the exchange is open, banks are closed"
            } else {
                "no business day"
            };
            let name = calendar.holiday(day).map(|name| format!(" ({name})"));
            say(format!("{day}: {kind}{}", name.unwrap_or_default()));
            if !calendar.knows(day) {
                say("provisional: the holidays of that year are not on record");
            }
        }
    }
    app.ground.db.close().await;
    Ok(())
}

/// Runs a `market` command.
pub(super) async fn market(command: Market, settings: Settings) -> anyhow::Result<()> {
    let app = open_app(&settings).await?;
    match command {
        Market::Import { source } => {
            let done = app.import_index_closes(&source).await?;
            say(serde_json::to_string_pretty(&done.report)?);
            say(format!("levels new or corrected: {}", done.changed));
        }
        Market::Show { index } => {
            let today = app.ground.clock.now().to_zoned(ist()).date();
            let level = app.investing.index_level(&index, today).await?;
            let level = level.with_context(|| format!("no level of `{index}` is on record"))?;
            let old = if level.is_stale { ", which is old" } else { "" };
            let close = &level.close;
            say(format!(
                "{}: {} on {}{old}",
                close.name, close.close, close.date
            ));
            say(format!("source: {}", level.source));
        }
    }
    app.ground.db.close().await;
    Ok(())
}
