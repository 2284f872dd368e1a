//! `serve`: the service itself.

use crate::config::Settings;

/// Run the service; also what happens without a command.
///
/// With no settings at all this is a demo: a SQLite file under data/, the WhatsApp
/// emulator, a few investors and real NAVs, and a phone to chat on in the browser.
/// With the five WHATSAPP_ credentials it is the live service.
///
/// SIGTERM or Ctrl-C stops it within 25 seconds; nothing that was accepted is lost,
/// then or at a power cut.
#[derive(Debug, Default, clap::Args)]
pub(super) struct Args {}

/// Runs until the process is asked to stop.
#[expect(clippy::unused_async, reason = "its machinery waits")]
pub(super) async fn run(_args: Args, _settings: Settings) -> anyhow::Result<()> {
    anyhow::bail!("serve is not wired yet")
}
