//! `templates`: what Meta has to approve, and how far that is.

use super::{open_app, say};
use crate::app::templates::{Applied, TemplateDesk, graph_url};
use crate::app::{self, App};
use crate::clock::ist;
use crate::config::Settings;
use crate::notifications::definitions;
use crate::whatsapp::CallError;
use crate::whatsapp::templates::{Definition, Handles, Step};

/// Message templates: written down in `templates/meta/`, approved by Meta
///
/// In a demo the commands speak to the emulator of the service, which must run.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    Plan(Plan),
    Apply(Apply),
    Status(Status),
    Show(Show),
}

/// Compare the templates with those of the account, and change nothing.
#[derive(Debug, clap::Args)]
pub(super) struct Plan {}

/// Create and edit templates in the account until it has what is written down.
///
/// The second time there is nothing to do. Ends with 1 if Meta refused one, or one
/// cannot be had as it is written.
#[derive(Debug, clap::Args)]
pub(super) struct Apply {}

/// Say how far each template is: its review, its quality, whether it is paused.
#[derive(Debug, clap::Args)]
pub(super) struct Status {
    /// Only what may not be sent now.
    #[arg(long)]
    refused: bool,
}

/// Print templates as the Graph API takes them, one JSON object a line.
#[derive(Debug, clap::Args)]
pub(super) struct Show {
    /// Only this one.
    name: Option<String>,
}

/// Runs one of them.
pub(super) async fn run(command: Command, settings: Settings) -> anyhow::Result<()> {
    if let Command::Show(args) = &command {
        return show(args);
    }
    let app = open_app(&settings).await?;
    let credentials = app::credentials(&settings);
    let desk = TemplateDesk::new(&app, &credentials, &graph_url(&app))?;
    let done = match command {
        Command::Plan(_) => plan(&desk).await,
        Command::Apply(_) => apply(&desk).await,
        Command::Status(args) => status(&app, &desk, &args).await,
        Command::Show(_) => Ok(()),
    };
    app.ground.db.close().await;
    done
}

fn show(args: &Show) -> anyhow::Result<()> {
    let all = definitions()?;
    let wanted = |name: &str| args.name.as_deref().is_none_or(|only| only == name);
    let mut printed = false;
    for one in all.iter().filter(|one| wanted(&one.name)) {
        say(one.creation(&Handles::new()));
        printed = true;
    }
    anyhow::ensure!(printed, "there is no template of this name");
    Ok(())
}

async fn plan(desk: &TemplateDesk) -> anyhow::Result<()> {
    let wanted = definitions()?;
    let account = desk.refresh().await?;
    let edits = desk.edits().await?;
    let steps = desk.plan(&wanted, &account, &edits);
    let mut unchanged = 0;
    for step in &steps {
        match line(step) {
            Some(line) => say(line),
            None => unchanged += 1,
        }
    }
    let changes = steps.iter().filter(|step| step.is_a_change()).count();
    say(format!(
        "{changes} to change, {unchanged} as they should be"
    ));
    Ok(())
}

async fn apply(desk: &TemplateDesk) -> anyhow::Result<()> {
    let wanted = definitions()?;
    let account = desk.refresh().await?;
    let edits = desk.edits().await?;
    let (mut changed, mut failed) = (0, 0);
    for step in desk.plan(&wanted, &account, &edits) {
        match desk.apply(&step).await? {
            Some(Applied::Taken) => {
                changed += 1;
                say(format!(
                    "{}: taken, Meta reviews it",
                    line(&step).unwrap_or_default()
                ));
            }
            Some(Applied::Refused(error)) => {
                failed += 1;
                say(format!(
                    "{}: {error}; {}",
                    line(&step).unwrap_or_default(),
                    advice(&error)
                ));
                if is_for_all(&error) {
                    break;
                }
            }
            None => {
                let is_open = !matches!(step, Step::Unchanged(..) | Step::OnlyInAccount(_));
                if let Some(line) = line(&step).filter(|_| is_open) {
                    failed += 1;
                    say(line);
                }
            }
        }
    }
    if changed > 0 {
        desk.refresh().await?;
    }
    say(match (changed, failed) {
        (0, 0) => "nothing to do".to_owned(),
        _ => format!("{changed} changed, {failed} not as they should be"),
    });
    anyhow::ensure!(
        failed == 0,
        "{failed} templates are not as they are written down"
    );
    Ok(())
}

async fn status(app: &App, desk: &TemplateDesk, args: &Status) -> anyhow::Result<()> {
    if let Err(error) = desk.refresh().await {
        say(format!("as last heard of ({error:#})"));
    }
    let now = app.ground.clock.now();
    for one in desk.registered().await? {
        let refusal = one.refusal(now);
        if args.refused && refusal.is_none() {
            continue;
        }
        let category = one
            .category
            .map_or("?", crate::whatsapp::templates::Category::as_str);
        let until = one.paused_until.map_or_else(String::new, |at| {
            format!("  until {}", at.to_zoned(ist()).strftime("%d-%b-%Y %H:%M"))
        });
        let reason = one
            .reason
            .as_deref()
            .map_or_else(String::new, |why| format!("  ({why})"));
        say(format!(
            "{:<28} {:<6} {:<10} {:<14} {:<8}{until}{reason}",
            one.name,
            one.language,
            one.status.as_str(),
            category,
            one.quality.as_str()
        ));
    }
    Ok(())
}

/// Returns what there is to say of a step; nothing of one that is as it should be.
fn line(step: &Step<'_>) -> Option<String> {
    let of = |one: &Definition| format!("{}/{}", one.name, one.language);
    Some(match step {
        Step::Create(one) => format!("create   {}", of(one)),
        Step::Edit(one, _) => format!("edit     {}", of(one)),
        Step::Later(one, at) => format!(
            "later    {}: an approved one may be edited once in 24 hours and 10 times in 30 days; \
             next on {}",
            of(one),
            at.to_zoned(ist()).strftime("%d-%b-%Y %H:%M")
        ),
        Step::Rejected(one, known) => format!(
            "rejected {}: {}; change the text and apply again",
            of(one),
            known.rejected.as_deref().unwrap_or("no reason given")
        ),
        Step::Blocked(one, why) => format!("blocked  {}: {why}", of(one)),
        Step::OnlyInAccount(known) => format!(
            "extra    {}/{} is only in the account; it is left alone",
            known.name, known.language
        ),
        Step::Unchanged(..) => return None,
    })
}

/// Returns whether every other template would be refused for the same reason.
fn is_for_all(error: &CallError) -> bool {
    match error {
        CallError::Refused { code, .. } => {
            matches!(
                code,
                0 | 4 | 10 | 102 | 104 | 190 | 200..=299 | 368 | 80_007 | 131_031 | 2_388_019
            )
        }
        CallError::Unreachable(_) | CallError::Unreadable(_) => true,
    }
}

/// Returns what to do about a refusal.
fn advice(error: &CallError) -> &'static str {
    let CallError::Refused { code, .. } = error else {
        return "see that this machine reaches WHATSAPP_API_BASE_URL";
    };
    match code {
        0 | 102 | 104 | 190 => "the token is not taken: run `sipbrewery doctor`",
        10 | 200..=299 => "the token needs the permission whatsapp_business_management",
        4 | 80_007 => "Meta's limit of calls an hour is used up: apply again in an hour",
        368 | 131_031 => "Meta has restricted the account: see Business Support Home",
        2_388_019 => {
            "the account has as many templates as it may: delete some, or verify the business"
        }
        2_388_039 => "it is being reviewed: apply again afterwards",
        2_388_040 => "shorten the text",
        2_388_047 => "mend the header",
        2_388_072 => "mend the body and its samples",
        2_388_073 => "mend the footer",
        2_388_293 => "write more words around the places, or have fewer places",
        2_388_299 => "put a word before the first place and behind the last",
        _ => "change the file, then apply again",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_refusal_of_templates_says_what_to_do_about_it() {
        let refused = |code| CallError::Refused {
            code,
            status: 400,
            reason: String::new(),
        };
        for (code, part) in [
            (190, "doctor"),
            (200, "permission"),
            (80_007, "an hour"),
            (368, "Business Support"),
            (2_388_019, "delete"),
            (2_388_039, "reviewed"),
            (2_388_040, "shorten"),
            (2_388_047, "header"),
            (2_388_072, "body"),
            (2_388_073, "footer"),
            (2_388_293, "more words"),
            (2_388_299, "before the first"),
            (100, "change the file"),
        ] {
            assert!(advice(&refused(code)).contains(part), "{code}");
        }
        assert!(is_for_all(&refused(190)) && !is_for_all(&refused(2_388_299)));
    }
}
