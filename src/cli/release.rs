//! `release`: back from a person to the bot.

use crate::config::Settings;

/// Give a conversation back to the bot.
///
/// After "talk to a person" the bot is silent in that chat until this is run.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Whose: a phone number with country code (919812345678) or a contact id (con_…).
    #[arg(value_name = "PHONE|ID")]
    pub(super) contact: String,
}

/// Releases and says so.
#[expect(clippy::unused_async, reason = "its machinery waits")]
pub(super) async fn run(_args: Args, _settings: Settings) -> anyhow::Result<()> {
    anyhow::bail!("release is not wired yet")
}
