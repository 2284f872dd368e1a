//! `inbox`: what came in: what could not be read or handled, and the files.

use std::io::Write as _;
use std::path::PathBuf;

use anyhow::Context as _;

use super::way_back::{OPERATOR, report_all, when};
use super::{open_app, say};
use crate::app;
use crate::config::Settings;
use crate::id::{AttachmentId, InboxId};
use crate::pipeline::{AttachmentState, way_back};

/// Events that were set aside, and files that came
///
/// Every command may be run while the service runs, and twice without harm. Deeds are
/// in the audit trail.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    List(List),
    Show(Show),
    Retry(Retry),
    Files(Files),
    File(OneFile),
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

/// List files that came with messages: how far each got, and why one was refused.
#[derive(Debug, clap::Args)]
pub(super) struct Files {
    /// Only those that were refused.
    #[arg(long)]
    refused: bool,
    /// At most so many, the newest.
    #[arg(long, default_value_t = 100)]
    most: u32,
}

/// Open a file that came with a message.
///
/// It is written as it came: open it with care. Who looks is in the audit trail.
#[derive(Debug, clap::Args)]
pub(super) struct OneFile {
    /// Its id (fil_…).
    id: AttachmentId,
    /// Where to; a file that is there already stays as it is.
    #[arg(long)]
    out: PathBuf,
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
        Command::Files(args) => {
            let state = args.refused.then_some(AttachmentState::Refused);
            for file in app.attachments().list(state, args.most).await? {
                say(format!(
                    "{}  {}  {}  {}  {}  {} bytes  {}  {}",
                    file.id,
                    when(file.received_at),
                    file.state,
                    file.reason.as_deref().unwrap_or("-"),
                    file.mime,
                    file.size.map_or("?".to_owned(), |size| size.to_string()),
                    file.contact,
                    file.message,
                ));
            }
        }
        Command::File(args) => {
            let found = app.attachments().open(args.id, OPERATOR).await?;
            let bytes = found.context("no such file is kept; `inbox files` lists them")?;
            let path = args.out.display();
            std::fs::File::create_new(&args.out)
                .and_then(|mut file| file.write_all(&bytes))
                .with_context(|| format!("cannot write {path}"))?;
            say(format!("{} bytes in {path}", bytes.len()));
        }
        Command::Retry(args) => {
            let ids = if args.all {
                let all = way_back::set_aside(&ground.db).await?;
                let ids = all.iter().map(|event| event.id.parse());
                ids.collect::<Result<Vec<InboxId>, _>>()?
            } else {
                args.ids
            };
            let credentials = app::credentials(&settings);
            let served = (
                credentials.phone_number_id.as_str(),
                credentials.waba_id.as_str(),
            );
            let mut done = Vec::with_capacity(ids.len());
            for id in ids {
                let one = way_back::retry_event(ground, served, id, OPERATOR).await?;
                done.push((id.to_string(), one));
            }
            ground.db.close().await;
            return report_all(done);
        }
    }
    ground.db.close().await;
    Ok(())
}
