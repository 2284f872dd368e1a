//! `emulator`: the Cloud API without Meta.

use std::net::SocketAddr;
use std::path::PathBuf;

use crate::config::Settings;

/// Run the WhatsApp Cloud API emulator alone, for any bot.
///
/// Point the bot's Graph base URL at --listen and give the emulator the bot's webhook
/// address; it checks messages as Meta does and delivers signed webhooks. The phone is
/// at /sandbox on the same address.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Where the emulator listens.
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8090")]
    pub(super) listen: SocketAddr,
    /// The bot's webhook address.
    #[arg(
        long,
        value_name = "URL",
        default_value = "http://127.0.0.1:8080/webhooks/whatsapp"
    )]
    pub(super) webhook: String,
    /// App secret the webhooks are signed with.
    #[arg(long, value_name = "TEXT", default_value = "emulator-app-secret")]
    pub(super) app_secret: String,
    /// Token the bot must send.
    #[arg(long, value_name = "TEXT", default_value = "emulator-access-token")]
    pub(super) access_token: String,
    /// File that keeps chats and webhooks not yet acknowledged.
    #[arg(long, value_name = "FILE", default_value = "data/emulator.db")]
    pub(super) database: PathBuf,
}

/// Runs until the process is asked to stop.
#[expect(clippy::unused_async, reason = "its machinery waits")]
pub(super) async fn run(_args: Args, _settings: Settings) -> anyhow::Result<()> {
    anyhow::bail!("emulator is not wired yet")
}
