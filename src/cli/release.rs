//! `release`: back from a person to the bot.

use super::{open_app, say};
use crate::config::Settings;

/// Give a conversation back to the bot.
///
/// After "talk to a person" the bot is silent in that chat until this is run. The
/// service may go on running meanwhile.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Whose: a phone number with country code (919812345678) or a contact id (con_…).
    #[arg(value_name = "PHONE|ID")]
    pub(super) contact: String,
}

/// Releases and says so.
pub(super) async fn run(args: Args, settings: Settings) -> anyhow::Result<()> {
    let app = open_app(&settings).await?;
    if app.release(&args.contact, "operator").await? {
        say("the bot answers this conversation again");
    } else {
        say("no person held this conversation; the bot answers it");
    }
    app.ground.db.close().await;
    Ok(())
}
