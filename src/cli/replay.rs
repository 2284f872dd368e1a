//! `replay`: an old conversation, answered by this build.

use std::path::PathBuf;

use anyhow::Context as _;

use super::{open_app, say};
use crate::app::replay::Replayed;
use crate::clock::ist;
use crate::config::Settings;
use crate::sandbox::script;

/// Which conversation.
#[derive(Debug, clap::Args)]
#[group(required = true, multiple = false)]
pub(super) struct Which {
    /// Whose: a phone number with country code (919812345678) or a contact id (con_…).
    #[arg(long, value_name = "PHONE|ID")]
    contact: Option<String>,
    /// A conversation written down as in tests/conversations.
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
}

/// Show what this build would answer differently in a conversation that was held.
///
/// Holds the conversation again in memory, at the times it was held, with this build's words
/// and rules, today's records and the settings it is given. It sends nobody anything and
/// keeps nothing: an order that was confirmed then is not made again, and what follows from
/// it is not there. Neither the exchange nor a KYC agency is asked, so that links to the
/// one's pages and the other's word are missing, and a day's limit on money counts what was
/// really invested that day besides. A model that the settings name is asked,
/// and what it costs is not put down.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    which: Which,
    /// Show every message, not only those that are answered differently.
    #[arg(long)]
    all: bool,
}

/// Holds it again and shows the difference.
pub(super) async fn run(args: Args, settings: Settings) -> anyhow::Result<()> {
    let app = open_app(&settings).await?;
    let (replayed, left_out) = match (args.which.contact, args.which.file) {
        (Some(contact), _) => app.replay_contact(&contact).await?,
        (None, file) => {
            let file = file.context("name a --contact or a --file")?;
            let text = std::fs::read_to_string(&file)
                .with_context(|| format!("cannot read {}", file.display()))?;
            let script = script::parse(&text).with_context(|| file.display().to_string())?;
            (app.replay_script(&script).await?, 0)
        }
    };
    for one in replayed.iter().filter(|one| args.all || one.differs) {
        show(one);
    }
    let differ = replayed.iter().filter(|one| one.differs).count();
    say(format!(
        "{} messages, {differ} of them would be answered differently",
        replayed.len()
    ));
    if left_out > 0 {
        say(format!("{left_out} more are no longer on record"));
    }
    app.ground.db.close().await;
    Ok(())
}

fn show(one: &Replayed) {
    let at = one.at.to_zoned(ist()).strftime("%d-%b-%Y %H:%M");
    say(format!("{at}  they wrote: {}", one.wrote));
    for (mark, said) in [("then", &one.then), ("now", &one.now)] {
        for words in said {
            let words = words.replace('\n', "\n        ");
            say(format!("  {mark:>4}: {words}"));
        }
        if said.is_empty() {
            say(format!("  {mark:>4}: (nothing)"));
        }
    }
    if one.undone > 0 {
        say(format!("  left undone: {} commands", one.undone));
    }
    say("");
}
