//! `emulator`: the Cloud API without Meta.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::Context as _;

use crate::config::Settings;
use crate::http::{self, Listener};
use crate::lifecycle::{Lifecycle, STOP_BUDGET, stop_on_signal};
use crate::sandbox::{Emulator, Options, personas};

/// Messages a second that Meta lets a new number send.
const PER_SECOND: u32 = 80;

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
    /// Verify token the bot is asked for at the start.
    #[arg(long, value_name = "TEXT", default_value = "emulator-verify-token")]
    pub(super) verify_token: String,
    /// Token the bot must send.
    #[arg(long, value_name = "TEXT", default_value = "emulator-access-token")]
    pub(super) access_token: String,
    /// File that keeps chats and webhooks not yet acknowledged.
    #[arg(long, value_name = "FILE", default_value = "data/emulator-alone.db")]
    pub(super) database: PathBuf,
    /// Refuse no send for its pace (at Meta: 80 a second, and to one person one per 6
    /// seconds after a burst).
    #[arg(long)]
    pub(super) no_limits: bool,
}

impl Args {
    /// Returns the habits it starts with: Meta's limits, so that a bot meets them here first.
    pub(super) fn options(&self) -> Options {
        Options {
            throughput: (!self.no_limits).then_some(PER_SECOND),
            pair_rate: !self.no_limits,
            ..Options::default()
        }
    }
}

/// Says what came of asking the bot for its verify token.
fn told<E>(verified: &Result<bool, E>) -> &'static str {
    match verified {
        Ok(true) => "The bot knows the verify token",
        Ok(false) => "The bot did not send the challenge back: Meta would not save its address",
        Err(_) => "The bot's webhook does not answer yet; it is not asked again",
    }
}

/// Runs until the process is asked to stop.
pub(super) async fn run(args: Args, _settings: Settings) -> anyhow::Result<()> {
    let listener = Listener::bind(args.listen)
        .await
        .with_context(|| format!("cannot listen on {}", args.listen))?;
    let address = listener.address();
    let emulator = Emulator::builder()
        .options(args.options())
        .app_secret(args.app_secret)
        .verify_token(args.verify_token)
        .access_token(args.access_token)
        .callback_url(args.webhook)
        .people(personas())
        .persist(args.database)
        .build()
        .await?;
    let lifecycle = Lifecycle::default();
    emulator.spawn_delivery(lifecycle.stopping());
    let routes = emulator.sandbox_router(None).merge(emulator.graph_router());
    lifecycle.spawn_named("http", http::serve(listener, routes, lifecycle.clone()));
    super::say(format!(
        "Cloud API emulator: Graph at http://{address}, phone at http://{address}/sandbox"
    ));
    let stopping = lifecycle.stopping();
    lifecycle.spawn_named("verification", async move {
        let verified = stopping.run_until_cancelled(emulator.verify_callback());
        if let Some(verified) = verified.await {
            super::say(told(&verified));
        }
        stopping.cancelled().await;
        Ok::<_, Infallible>(())
    });
    stop_on_signal(lifecycle.clone()).await?;
    lifecycle.finish(STOP_BUDGET).await?;
    Ok(())
}
