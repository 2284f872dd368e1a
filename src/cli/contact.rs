//! `contact`: who is whom.

use super::way_back::OPERATOR;
use super::{open_app, say};
use crate::config::Settings;

/// Contacts and their names
///
/// Meta's names make two contacts one when they are seen together. What was joined so can
/// be parted again; deeds are in the audit trail.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    Split(Split),
}

/// Take a name off a contact again; it gets a contact of its own.
///
/// What was written under the name goes with it. What is held, ordered and on record stays
/// where it is, and money of both stands still until you have made sure who each of them is
/// (attention list, attention resolve --verified). A number that is later seen with a user
/// id that was taken off is that person's from then on. The service may go on running
/// meanwhile.
#[derive(Debug, clap::Args)]
pub(super) struct Split {
    /// The name: a phone number with country code (919812345678) or a user id (IN.2081978709342942).
    #[arg(value_name = "PHONE|USER_ID")]
    pub(super) name: String,
}

/// Splits and says so.
pub(super) async fn run(command: Command, settings: Settings) -> anyhow::Result<()> {
    let app = open_app(&settings).await?;
    let Command::Split(args) = command;
    let (from, to) = app.split_contact(&args.name, OPERATOR).await?;
    say(format!("it was {from}'s and is {to}'s from now on"));
    say("money of both waits until you have made sure who they are; see `attention list`");
    app.ground.db.close().await;
    Ok(())
}
