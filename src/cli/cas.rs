//! `cas`: an investor's holdings.

use std::path::PathBuf;

use crate::config::Settings;

/// Consolidated account statements
#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    Import(Import),
}

/// Import a consolidated account statement for a contact.
///
/// This is an operator's word that the statement is this person's. When an investor
/// sends one in the chat, it is bound only if the mobile number in it is theirs.
#[derive(Debug, clap::Args)]
pub(super) struct Import {
    /// The statement, as parsed JSON.
    pub(super) file: PathBuf,
    /// Whose it is: a phone number with country code (919812345678) or a contact id
    /// (con_…).
    #[arg(long, value_name = "PHONE|ID")]
    pub(super) contact: String,
}

/// Imports and prints what was found.
#[expect(clippy::unused_async, reason = "its machinery waits")]
pub(super) async fn run(_args: Import, _settings: Settings) -> anyhow::Result<()> {
    anyhow::bail!("cas import is not wired yet")
}
