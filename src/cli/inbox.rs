//! `inbox`: what came in: what could not be read or handled, and the files.

use std::io::Write as _;
use std::path::PathBuf;

use anyhow::Context as _;

use super::way_back::{OPERATOR, Told, when};
use super::{open_app, say};
use crate::app;
use crate::config::Settings;
use crate::id::{AttachmentId, InboxId, InvalidId};
use crate::pipeline::way_back::{self, PutBack, SET_ASIDE, SetAside};
use crate::pipeline::{AttachmentState, Ground, depth};

/// Events that were set aside, and files that came
///
/// Every command may be run while the service runs, and twice without harm. Deeds are
/// in the audit trail.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    List(List),
    Show(Show),
    Retry(Retry),
    Dismiss(Dismiss),
    Files(Files),
    File(OneFile),
}

/// List events that were set aside: parked (they failed again and again), then quarantined
/// (nobody could read them).
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
/// effect, once, as if it had just come. One that cannot be put back stops no other.
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

/// Have nothing come of events that were set aside: you looked at them.
///
/// Their bytes stay until retention empties them.
#[derive(Debug, clap::Args)]
#[command(arg_required_else_help = true)]
pub(super) struct Dismiss {
    /// Their ids (in_…).
    #[arg(required = true)]
    ids: Vec<InboxId>,
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
            let shown = way_back::set_aside(&ground.db).await?;
            for event in &shown {
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
            let all = depth(&ground.db).await?.set_aside;
            if usize::try_from(all).is_ok_and(|all| all > shown.len()) {
                say(format!(
                    "{all} are set aside, and only the oldest of each state are shown; `inbox retry \
                     --all` goes through all of them"
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
            let credentials = app::credentials(&settings);
            let served = (
                credentials.phone_number_id.as_str(),
                credentials.waba_id.as_str(),
            );
            let mut told = Told::default();
            for id in args.ids {
                let done = way_back::retry_event(ground, served, id, OPERATOR).await;
                told.one(&id.to_string(), done);
            }
            if args.all {
                retry_all(ground, served, &mut told).await?;
            }
            ground.db.close().await;
            return told.end();
        }
        Command::Dismiss(args) => {
            let mut told = Told::default();
            for id in args.ids {
                let done = way_back::dismiss_event(ground, id, OPERATOR).await;
                told.one(&id.to_string(), done);
            }
            ground.db.close().await;
            return told.end();
        }
    }
    ground.db.close().await;
    Ok(())
}

/// Puts back everything that is set aside, page by page: what stays set aside is passed over.
async fn retry_all(ground: &Ground, served: (&str, &str), told: &mut Told) -> anyhow::Result<()> {
    for state in SET_ASIDE {
        let mut last: Option<SetAside> = None;
        loop {
            let page = way_back::set_aside_after(&ground.db, state, last.as_ref()).await?;
            for event in &page {
                let done = match event.id.parse() {
                    Ok(id) => way_back::retry_event(ground, served, id, OPERATOR).await,
                    Err(error) => Ok(PutBack::Impossible(InvalidId::to_string(&error))),
                };
                told.one(&event.id, done);
            }
            last = page.into_iter().next_back();
            if last.is_none() {
                break;
            }
        }
    }
    Ok(())
}
