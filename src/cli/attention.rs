//! `attention`: what waits for a person.

use anyhow::Context as _;

use super::way_back::{OPERATOR, report, when};
use super::{open_app, say};
use crate::config::Settings;
use crate::id::{AttentionId, OutboxId};
use crate::pipeline::depth;
use crate::pipeline::way_back::{self, Attention, Found, MOST};

/// What no machine may decide
///
/// Every command may be run while the service runs, and twice without harm. Deeds are
/// in the audit trail.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    List(List),
    Show(Show),
    Resolve(Resolve),
}

/// List what waits for a person: conversations to take, complaints, numbers that changed
/// hands, and then, the oldest first, all else: sends whose fate nobody knows, given-up jobs,
/// refusals by Meta.
#[derive(Debug, clap::Args)]
pub(super) struct List {
    /// Also what was resolved, the newest first.
    #[arg(long)]
    all: bool,
    /// Only those of one kind, as it stands in the list (`handoff`, `unknown_outcome`).
    #[arg(long)]
    kind: Option<String>,
    /// At most so many.
    #[arg(long, default_value_t = MOST)]
    most: u32,
}

/// Show one of them, and what can be done about it.
#[derive(Debug, clap::Args)]
pub(super) struct Show {
    /// Its id (att_…).
    id: AttentionId,
}

/// Close one of them.
///
/// A send whose fate is unknown is not waited for any more, and not sent again (for that
/// there is `outbox retry`). A conversation is given back with `release`.
#[derive(Debug, clap::Args)]
pub(super) struct Resolve {
    /// Its id (att_…).
    id: AttentionId,
    /// For a number that changed: you made sure that it still is the same person, and
    /// what is theirs is shown to them again.
    #[arg(long)]
    verified: bool,
    /// For a complaint or another request: what came of it, for the register, without
    /// names or numbers of people.
    #[arg(long, value_name = "TEXT")]
    outcome: Option<String>,
}

/// Runs one of them.
pub(super) async fn run(command: Command, settings: Settings) -> anyhow::Result<()> {
    let app = open_app(&settings).await?;
    let db = &app.ground.db;
    match command {
        Command::List(args) => {
            let kind = args.kind.as_deref();
            let shown = way_back::list_attention(db, args.all, kind, args.most).await?;
            for one in &shown {
                let resolved = one.resolved_at.map_or("", |_| "  (resolved)");
                let Attention { id, kind, .. } = one;
                say(format!(
                    "{id}  {}  {kind}  {}{resolved}",
                    when(one.opened_at),
                    one.subject
                ));
                say(format!("    {}", one.detail));
            }
            let mut kinds = way_back::waiting(db, args.all).await?;
            kinds.retain(|(one, _)| kind.is_none_or(|kind| kind == one));
            if let Some(line) = not_shown(shown.len(), &kinds) {
                say(line);
            }
            let aside = depth(db).await?.set_aside;
            let refused = way_back::count_failed(db).await?;
            say(format!(
                "besides: {aside} events set aside (sipbrewery inbox list), \
                 {refused} messages refused (sipbrewery outbox list)"
            ));
        }
        Command::Show(args) => {
            let found = way_back::one_attention(db, args.id).await?;
            let one = found.context("there is no such attention; see `attention list --all`")?;
            say(format!("{}  {}", one.id, one.kind));
            say(format!("since      {}", when(one.opened_at)));
            if let Some(at) = one.resolved_at {
                say(format!("resolved   {}", when(at)));
            }
            say(format!("subject    {}", one.subject));
            say(format!("what       {}", one.detail));
            if let Ok(id) = one.subject.parse::<OutboxId>()
                && let Some(message) = way_back::one_message(db, id).await?
            {
                super::outbox::show(&message);
            }
            say(format!("do         {}", advice(&one)));
        }
        Command::Resolve(args) => {
            let found = Found {
                verified: args.verified,
                outcome: args.outcome,
            };
            let done = way_back::resolve(&app.ground, args.id, found, OPERATOR).await?;
            report(&args.id.to_string(), done)?;
        }
    }
    db.close().await;
    Ok(())
}

/// Says how many there are in all, where not all are shown.
fn not_shown(shown: usize, kinds: &[(String, i64)]) -> Option<String> {
    let total: i64 = kinds.iter().map(|(_, count)| count).sum();
    let rest = usize::try_from(total).ok()?.checked_sub(shown)?;
    let each = kinds.iter().map(|(kind, count)| format!("{kind} {count}"));
    let each = each.collect::<Vec<_>>().join(", ");
    (rest > 0).then(|| {
        format!("{total} in all ({each}); {rest} of them are not shown: see --kind and --most")
    })
}

/// Returns what there is to be done about something.
fn advice(one: &Attention) -> String {
    let Attention {
        id, kind, subject, ..
    } = one;
    match kind.as_str() {
        "handoff" => format!("answer them, then `sipbrewery release {subject}`"),
        "unknown_outcome" => format!(
            "look into the chat. It did not arrive: `sipbrewery outbox retry {subject}`. \
             It did, or is of no use any more: `sipbrewery attention resolve {id}`"
        ),
        "dead_job" => format!(
            "mend the cause, then `sipbrewery jobs retry {subject}`; \
             or `sipbrewery attention resolve {id}` to leave it"
        ),
        "late_jobs" => format!(
            "make sure that the service runs, with the exchange set up, in a build that knows \
             {subject}: they run then, and this is closed"
        ),
        "number_changed" => format!(
            "make sure on another way that it is they, then `sipbrewery attention resolve {id} \
             --verified`; without --verified what is theirs stays hidden"
        ),
        "number_moved" => format!(
            "nothing of the former owner is shown to the new one; import a statement for them \
             only when you know who they are. Then `sipbrewery attention resolve {id}`"
        ),
        // Times of SCORES 2.0 (scores.sebi.gov.in) and of our own desk.
        "complaint" => format!(
            "acknowledge it within a day and answer within 21 days of its receipt; then \
             `sipbrewery attention resolve {id} --outcome TEXT`. `sipbrewery requests` is the \
             register"
        ),
        "bank_to_verify" => format!(
            "credit one rupee to it, then `sipbrewery investor bank {subject} DIGITS --name NAME`, \
             without --name if the bank refused it; then `sipbrewery attention resolve {id}`"
        ),
        "policy" => format!(
            "put the account right in WhatsApp Manager; then `sipbrewery attention resolve {id}` \
             lets go at once what still waits"
        ),
        "template" => format!(
            "see `sipbrewery templates status` and `sipbrewery templates plan`, mend the text or \
             wait; then `sipbrewery attention resolve {id}`"
        ),
        "account_stopped" => format!(
            "what may not go waits until it may. See WhatsApp Manager and Business Support Home; \
             where it is put right and messages still wait, `sipbrewery attention resolve {id}` \
             lets them go"
        ),
        "account" | "account_alert" | "account_review" | "account_security" | "number_quality"
        | "number_name" => format!(
            "see WhatsApp Manager and Business Support Home, then `sipbrewery attention resolve {id}`"
        ),
        "out_of_reach" => format!(
            "ask them on another way for their number or an e-mail address; then \
             `sipbrewery attention resolve {id}`"
        ),
        "form" => format!(
            "Meta calls the forms' endpoint below PUBLIC_URL and did not get its answers: see the \
             log and `sipbrewery forms status`, then `sipbrewery attention resolve {id}`"
        ),
        "daily_limit" => format!(
            "nothing: the rest goes as soon as it may. A higher limit comes with good quality, or \
             by verifying the business; then `sipbrewery attention resolve {id}`"
        ),
        "books_not_compared" => format!(
            "the log of {subject} says why: the exchange gave no answer, or a row is damaged. They \
             are compared again each night; then `sipbrewery attention resolve {id}`"
        ),
        "report_not_taken" => format!(
            "see with the exchange what it means: what it says does not fit our record, or is in no \
             table of ours. It is asked again every half hour; once it is on record, \
             `sipbrewery attention resolve {id}`"
        ),
        "payout_failed" => format!(
            "the money of redemption {subject} did not arrive: see with the fund house, and with \
             the investor whether their account is open. Once it is paid this goes by itself; \
             `sipbrewery attention resolve {id}` before that"
        ),
        "notice_stuck" => format!(
            "an event does not read, or what it says cannot be put into words: see the log, and \
             whether an older version was started again. It is tried every ten minutes; once it \
             was told, `sipbrewery attention resolve {id}`"
        ),
        "window_closed" => format!(
            "reach {subject} on another way, or wait until they write; then \
             `sipbrewery attention resolve {id}`"
        ),
        _ => format!("when it is dealt with, `sipbrewery attention resolve {id}`"),
    }
}
