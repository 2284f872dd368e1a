//! `money`: investors whose money is paused, and what reconciliation found.

use super::{open_app, say};
use crate::config::Settings;
use crate::investing::reconciliation;

/// Money that stands still because the books of an investor do not add up
#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    List(List),
    Release(Release),
}

/// List investors whose money is paused, and the open findings.
#[derive(Debug, clap::Args)]
pub(super) struct List {}

/// Let the money of an investor move again.
///
/// This is a person's word that the books are right. What was found stays on record, and
/// a new finding pauses again.
#[derive(Debug, clap::Args)]
pub(super) struct Release {
    /// Whose: a phone number with country code (919812345678) or a contact id (con_…).
    #[arg(value_name = "PHONE|ID")]
    pub(super) contact: String,
}

/// Lists or releases.
pub(super) async fn run(command: Command, settings: Settings) -> anyhow::Result<()> {
    let app = open_app(&settings).await?;
    match command {
        Command::List(List {}) => {
            let pauses = app.people.money_pauses().await?;
            if pauses.is_empty() {
                say("nobody's money is paused");
            }
            for (contact, pause) in pauses {
                say(format!("{contact} since {}: {}", pause.since, pause.reason));
            }
            let mut conn = app.ground.db.read().await?;
            for found in reconciliation::list_findings(&mut conn).await? {
                let (id, contact, finding) = (found.id, found.contact, found.finding);
                let (kind, subject, detail) = (finding.kind, finding.subject, finding.detail);
                say(format!("{id} {contact} {kind} of {subject}: {detail}"));
            }
        }
        Command::Release(args) => {
            if app.release_money(&args.contact).await? {
                say("money of this investor may move again");
            } else {
                say("money of this investor was not paused");
            }
        }
    }
    app.ground.db.close().await;
    Ok(())
}
