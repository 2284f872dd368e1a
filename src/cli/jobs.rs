//! `jobs`: scheduled work that was given up.

use super::way_back::{OPERATOR, Told, when};
use super::{open_app, say};
use crate::config::Settings;
use crate::id::JobId;
use crate::pipeline::way_back;

/// Scheduled work
///
/// Every command may be run while the service runs, and twice without harm. Deeds are
/// in the audit trail.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    List(List),
    Retry(Retry),
}

/// List jobs that were given up.
#[derive(Debug, clap::Args)]
pub(super) struct List {}

/// Let jobs that were given up run again, from their first try.
#[derive(Debug, clap::Args)]
pub(super) struct Retry {
    /// Their ids (job_…).
    #[arg(required = true)]
    ids: Vec<JobId>,
}

/// Runs one of them.
pub(super) async fn run(command: Command, settings: Settings) -> anyhow::Result<()> {
    let app = open_app(&settings).await?;
    let ground = &app.ground;
    match command {
        Command::List(List {}) => {
            for job in way_back::dead_jobs(&ground.db).await? {
                say(format!(
                    "{}  {}  {}  {} tries  {}",
                    job.id,
                    when(job.given_up_at),
                    job.kind,
                    job.attempts,
                    job.why.as_deref().unwrap_or("-"),
                ));
            }
        }
        Command::Retry(args) => {
            let mut told = Told::default();
            for id in args.ids {
                let done = way_back::retry_job(ground, id, OPERATOR).await;
                told.one(&id.to_string(), done);
            }
            ground.db.close().await;
            return told.end();
        }
    }
    ground.db.close().await;
    Ok(())
}
