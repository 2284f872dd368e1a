//! `understand`: what the bot makes of a text.

use crate::config::Settings;

/// Show what the bot understands: text lines in, JSON lines out.
///
/// For trying phrases and measuring changes, as in
/// `echo "nav of parag parikh flexi" | sipbrewery understand`.
/// Needs no database and sends nothing.
#[derive(Debug, clap::Args)]
pub(super) struct Args {}

/// Reads standard input to its end.
#[expect(clippy::unused_async, reason = "its machinery waits")]
pub(super) async fn run(_args: Args, _settings: Settings) -> anyhow::Result<()> {
    anyhow::bail!("understand is not wired yet")
}
