//! `send`: one approved template to one person.

use std::io::{BufRead as _, stdin};

use anyhow::Context as _;

use super::way_back::{OPERATOR, when};
use super::{open_app, say};
use crate::app::by_hand::{ByHand, Outlook};
use crate::config::Settings;

/// Send one approved template to one person
///
/// It goes through the outbox like everything else, so the service has to run for it to
/// leave. What Meta takes the template for decides its lane: marketing goes to those alone
/// who agreed to it, and not between 21:00 and 10:00; a notice keeps the quiet hours (`QUIET_HOURS`);
/// a one-time code goes at once, to a phone number only, and is of no use after its minutes.
/// It is put into the outbox once for each time you run this, and never said again by a machine
/// if nobody can tell whether it arrived. The deed is in the audit trail, the words and the code
/// are not.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Whom: a phone number with country code (919812345678), a user id or a contact id (con_…),
    /// of somebody who has written before.
    #[arg(value_name = "CONTACT")]
    contact: String,
    /// Which, by its name in `templates status`.
    #[arg(value_name = "TEMPLATE")]
    template: String,
    /// In which language: en, hi, hinglish, or a code of Meta's; the person's unless given.
    #[arg(long, value_name = "CODE")]
    language: Option<String>,
    /// What stands in a place of its words or cards; `1` is the end of a link on a button.
    #[arg(long = "param", value_name = "NAME=VALUE", value_parser = place)]
    params: Vec<(String, String)>,
    /// What stands above its words: an https address, or a file that templates here name.
    #[arg(long, value_name = "URL|FILE", conflicts_with = "cards")]
    header: Option<String>,
    /// What stands above the words of the next card; once for each card, in order.
    #[arg(long = "card", value_name = "URL|FILE")]
    cards: Vec<String>,
    /// The one-time code. Written here it stands in the list of processes and the shell's
    /// history; `-` reads it from standard input instead.
    #[arg(long, value_name = "CODE|-")]
    code: Option<String>,
    /// Say what would happen, and send nothing.
    #[arg(long)]
    dry_run: bool,
}

fn place(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("a place is NAME=VALUE")?;
    Ok((name.trim().to_owned(), value.to_owned()))
}

/// Sends it, or says why not.
pub(super) async fn run(args: Args, settings: Settings) -> anyhow::Result<()> {
    let code = args.code.map(code_of).transpose()?;
    let wanted = ByHand {
        name: args.template,
        language: args.language,
        said: args.params,
        code,
        files: args.header.into_iter().chain(args.cards).collect(),
    };
    let name = wanted.name.clone();
    let app = open_app(&settings).await?;
    let contact = app.find_contact(&args.contact).await?;
    let sent = app.send_by_hand(contact, wanted, OPERATOR, args.dry_run);
    let sent = sent.await?;
    app.ground.db.close().await;
    let outlook = sent.with_context(|| format!("{name} is not sent to {contact}"))?;
    for line in lines(&name, &outlook) {
        say(line);
    }
    Ok(())
}

fn code_of(given: String) -> anyhow::Result<String> {
    if given != "-" {
        return Ok(given);
    }
    let mut line = String::new();
    let read = stdin().lock().read_line(&mut line);
    read.context("standard input holds no code")?;
    Ok(line.trim().to_owned())
}

fn lines(name: &str, outlook: &Outlook) -> Vec<String> {
    let mut lines = vec![format!(
        "{name}/{} to {}, {} for Meta, lane {}",
        outlook.language,
        outlook.contact,
        outlook.category.as_str().to_lowercase(),
        outlook.lane.as_str()
    )];
    let quoted = |words: &String| {
        words
            .lines()
            .map(|line| format!("  {line}"))
            .collect::<Vec<_>>()
    };
    lines.extend(outlook.words.iter().flat_map(quoted));
    if outlook.is_held {
        lines.push("a person holds this conversation; it goes all the same".to_owned());
    }
    if let Some(why) = &outlook.stopped {
        lines.push(format!(
            "the account sends nothing at present ({why}); it waits for that"
        ));
    }
    let goes = match outlook.waits_until {
        Some(at) => format!("waits for {}", when(at)),
        None => "goes as soon as the service sends it".to_owned(),
    };
    let until = when(outlook.expires_at);
    lines.push(match outlook.id {
        Some(id) => {
            format!("{id}: {goes}, and not after {until}; if it is refused, `outbox list` says why")
        }
        None => format!("nothing was sent; it {goes}, and not after {until}"),
    });
    lines
}
