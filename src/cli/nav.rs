//! `nav`: the day's prices.

use super::{open_app, say};
use crate::config::Settings;

/// Schemes and their NAVs
#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    Import(Import),
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

/// Imports and prints what was found.
pub(super) async fn run(args: Import, settings: Settings) -> anyhow::Result<()> {
    let app = open_app(&settings).await?;
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
