//! `nav`: the day's prices.

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
#[expect(clippy::unused_async, reason = "its machinery waits")]
pub(super) async fn run(_args: Import, _settings: Settings) -> anyhow::Result<()> {
    anyhow::bail!("nav import is not wired yet")
}
