//! `inbox`: what came in and could not be read or handled.

use anyhow::Context as _;

use super::way_back::{OPERATOR, report_all, when};
use super::{open_app, say};
use crate::app;
use crate::config::Settings;
use crate::id::InboxId;
use crate::pipeline::way_back;

/// Events that were set aside
///
/// Every command may be run while the service runs, and twice without harm. Deeds are
/// in the audit trail.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    List(List),
    Show(Show),
    Retry(Retry),
}

/// List events that were set aside: quarantined (nobody could read them) or parked (they
/// failed again and again).
#[derive(Debug, clap::Args)]
pub(super) struct List {}

/// Print the bytes of one event. What people wrote may be in it: who looks is in the
/// audit trail.
#[derive(Debug, clap::Args)]
pub(super) struct Show {
    /// Its id (in_…).
    id: InboxId,
}

/// Put events back.
///
/// A parked message waits for its turn again, among its contact's others in Meta's
/// order. Quarantined bytes are read with this build's parser; what it can read takes
/// effect, once, as if it had just come.
#[derive(Debug, clap::Args)]
#[command(arg_required_else_help = true)]
pub(super) struct Retry {
    /// Their ids (in_…).
    #[arg(required_unless_present = "all")]
    ids: Vec<InboxId>,
    /// All that are set aside.
    #[arg(long, conflicts_with = "ids")]
    all: bool,
}

/// Runs one of them.
pub(super) async fn run(command: Command, settings: Settings) -> anyhow::Result<()> {
    let app = open_app(&settings).await?;
    let ground = &app.ground;
    match command {
        Command::List(List {}) => {
            for event in way_back::set_aside(&ground.db).await? {
                say(format!(
                    "{}  {}  {}  {}  {}  {} tries  {}",
                    event.id,
                    when(event.received_at),
                    event.state,
                    event.field.as_deref().unwrap_or(&event.kind),
                    event.contact.as_deref().unwrap_or("-"),
                    event.attempts,
                    event.why.as_deref().unwrap_or("could not be read"),
                ));
            }
        }
        Command::Show(args) => {
            let found = way_back::look_at_event(ground, args.id, OPERATOR).await?;
            let (event, bytes) = found.context("there is no such event")?;
            say(format!(
                "{}  {}  {}",
                event.id,
                when(event.received_at),
                event.state
            ));
            say(String::from_utf8_lossy(&bytes));
        }
        Command::Retry(args) => {
            let ids = if args.all {
                let all = way_back::set_aside(&ground.db).await?;
                let ids = all.iter().map(|event| event.id.parse());
                ids.collect::<Result<Vec<InboxId>, _>>()?
            } else {
                args.ids
            };
            let number = app::credentials(&settings).phone_number_id;
            let mut done = Vec::with_capacity(ids.len());
            for id in ids {
                let one = way_back::retry_event(ground, &number, id, OPERATOR).await?;
                done.push((id.to_string(), one));
            }
            ground.db.close().await;
            return report_all(done);
        }
    }
    ground.db.close().await;
    Ok(())
}
