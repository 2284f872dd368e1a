//! `cas`: an investor's holdings.

use std::path::PathBuf;

use anyhow::Context as _;

use super::{open_app, say};
use crate::config::Settings;

/// Consolidated account statements
#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    Import(Import),
}

/// Import a consolidated account statement for a contact.
///
/// This is an operator's word that the statement is this person's, whatever mobile
/// number it names. They must have written to the bot before.
#[derive(Debug, clap::Args)]
pub(super) struct Import {
    /// The statement, as the JSON that casparser makes of its PDF.
    pub(super) file: PathBuf,
    /// Whose it is: a phone number with country code (919812345678) or a contact id
    /// (con_…).
    #[arg(long, value_name = "PHONE|ID")]
    pub(super) contact: String,
}

/// Imports and prints what was found.
pub(super) async fn run(args: Import, settings: Settings) -> anyhow::Result<()> {
    let bytes = std::fs::read(&args.file)
        .with_context(|| format!("cannot read {}", args.file.display()))?;
    let app = open_app(&settings).await?;
    let summary = app
        .import_statement(&bytes, Some(&args.contact))
        .await
        .with_context(|| format!("{} was not imported", args.file.display()))?;
    say(summary);
    app.ground.db.close().await;
    Ok(())
}
