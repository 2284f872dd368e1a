//! `outbox`: messages that were refused.

use super::way_back::{OPERATOR, Told, when};
use super::{open_app, say};
use crate::config::Settings;
use crate::id::OutboxId;
use crate::pipeline::way_back::{self, Refused};

/// Messages that did not go out
///
/// Every command may be run while the service runs, and twice without harm. Deeds are
/// in the audit trail.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    List(List),
    Retry(Retry),
}

/// List messages that Meta refused for good (failed), and after them those that we did not send
/// after all (cancelled): the newest 200 of each. Those whose fate is unknown are in
/// `attention list`.
#[derive(Debug, clap::Args)]
pub(super) struct List {}

/// Send messages again that failed, were cancelled, or may not have arrived.
///
/// The words go out as a new message. Window, consent and who holds the conversation are
/// asked again, so it may be cancelled again. It is your word that it did not arrive.
#[derive(Debug, clap::Args)]
pub(super) struct Retry {
    /// Their ids (out_…).
    #[arg(required = true)]
    ids: Vec<OutboxId>,
}

/// Runs one of them.
pub(super) async fn run(command: Command, settings: Settings) -> anyhow::Result<()> {
    let app = open_app(&settings).await?;
    let ground = &app.ground;
    match command {
        Command::List(List {}) => {
            let shown = way_back::refused(&ground.db).await?;
            for message in &shown {
                say(format!(
                    "{}  {}  {}  {}  {}  {}",
                    message.id,
                    when(message.created_at),
                    message.contact,
                    message.purpose,
                    message.state,
                    why(message),
                ));
            }
            let failed = way_back::count_failed(&ground.db).await?;
            let cancelled = way_back::count_cancelled(&ground.db).await?;
            if let Some(line) = not_shown(shown.len(), failed, cancelled) {
                say(line);
            }
        }
        Command::Retry(args) => {
            let mut told = Told::default();
            for id in args.ids {
                let done = way_back::retry_message(ground, id, OPERATOR).await;
                told.one(&id.to_string(), done);
            }
            ground.db.close().await;
            return told.end();
        }
    }
    ground.db.close().await;
    Ok(())
}

/// Says how many there are in all, where not all are shown.
fn not_shown(shown: usize, failed: i64, cancelled: i64) -> Option<String> {
    let total = failed + cancelled;
    let rest = usize::try_from(total).ok()?.checked_sub(shown)?;
    (rest > 0).then(|| {
        format!(
            "{total} in all (failed {failed}, cancelled {cancelled}); {rest} of them are older \
             and not shown"
        )
    })
}

/// Says what is known of a message, without its words.
pub(super) fn show(message: &Refused) {
    say(format!("message    {}", message.state));
    say(format!("for        {}", message.contact));
    say(format!("purpose    {} ({})", message.purpose, message.lane));
    say(format!("decided    {}", when(message.created_at)));
    say(format!("tries      {}", message.attempts));
    say(format!("why        {}", why(message)));
}

fn why(message: &Refused) -> String {
    let reason = message.why.as_deref().unwrap_or("Meta reported a failure");
    match message.code {
        Some(code) => format!("{reason} (Meta's code {code})"),
        None => reason.to_owned(),
    }
}
