//! `nav`: the day's prices.

use super::{open_or_make_app, say};
use crate::config::Settings;

/// Schemes and their NAVs
#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    Import(Import),
    /// Import AMFI's NAV history report, of one fund house or all.
    ///
    /// Where it differs from what is on record it counts from now on: it is AMFI's word,
    /// and AMFI revises NAVs. What was there before stays on record.
    History {
        /// A file, or an https address such as
        /// <https://portal.amfiindia.com/DownloadNAVHistoryReport_Po.aspx?frmdt=01-Aug-2026&todt=21-Aug-2026>.
        #[arg(value_name = "FILE|URL")]
        source: String,
    },
    /// Fill gaps in a scheme's NAVs from mfapi.in, a community mirror.
    ///
    /// Never takes the place of a NAV from AMFI, and is refused if it contradicts AMFI on
    /// the days both know.
    Backfill {
        /// AMFI's code of the scheme, or a file or https address of the same shape.
        #[arg(value_name = "CODE|FILE|URL")]
        source: String,
    },
}

/// Import AMFI's list of schemes and NAVs.
///
/// Takes both of AMFI's layouts. A line that cannot be read is counted and shown; a
/// file that is broken as a whole is refused, and yesterday's data stays.
#[derive(Debug, clap::Args)]
pub(super) struct Import {
    /// A file, or an https address such as
    /// <https://portal.amfiindia.com/spages/NAVAll.txt>.
    #[arg(value_name = "FILE|URL")]
    pub(super) source: String,
}

/// Runs a `nav` command.
pub(super) async fn run(command: Command, settings: Settings) -> anyhow::Result<()> {
    match command {
        Command::Import(args) => import(args, settings).await,
        Command::History { source } => earlier(&source, false, settings).await,
        Command::Backfill { source } => earlier(&source, true, settings).await,
    }
}

async fn earlier(source: &str, is_backfill: bool, settings: Settings) -> anyhow::Result<()> {
    let app = open_or_make_app(&settings).await?;
    let done = if is_backfill {
        app.backfill_navs(source).await?
    } else {
        app.import_nav_history(source).await?
    };
    say(serde_json::to_string_pretty(&done.report)?);
    say(format!("NAVs new or revised: {}", done.changed_navs));
    if done.unlisted > 0 {
        say(format!(
            "schemes that AMFI's list of the day does not have: {}",
            done.unlisted
        ));
    }
    app.ground.db.close().await;
    Ok(())
}

/// Imports and prints what was found.
async fn import(args: Import, settings: Settings) -> anyhow::Result<()> {
    let app = open_or_make_app(&settings).await?;
    let imported = app.import_navs(&args.source).await?;
    if imported.already {
        say("this very file was imported before; nothing changed");
    }
    say(serde_json::to_string_pretty(&imported.report)?);
    say(format!(
        "schemes new or changed: {}; NAVs new or revised: {}",
        imported.changed_schemes, imported.changed_navs
    ));
    app.ground.db.close().await;
    Ok(())
}
