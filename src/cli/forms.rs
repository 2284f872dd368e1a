//! `forms`: the key and the forms of the chat, as Meta has them.

use super::{open_app, say};
use crate::app::form_desk::{Applied, FormDesk, endpoint, public_key};
use crate::app::templates::graph_url;
use crate::app::{self, App};
use crate::config::Settings;
use crate::whatsapp::CallError;
use crate::whatsapp::forms::{FormStep, KeyInAccount};

/// Forms in the chat ("WhatsApp Flows"): written down in `templates/flows/`
///
/// In a demo the commands speak to the emulator of the service, which must run.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    Key(Key),
    Plan(Plan),
    Apply(Apply),
    Status(Status),
}

/// Give Meta the public half of `WHATSAPP_FORM_KEY`, unless it has it.
///
/// Again after the number was registered again, or the key was changed.
#[derive(Debug, clap::Args)]
pub(super) struct Key {}

/// Compare the forms with those of the account, and change nothing.
#[derive(Debug, clap::Args)]
pub(super) struct Plan {}

/// Create and publish forms in the account until it has what is written down.
///
/// A published form never changes: a changed definition is a new form beside the old one.
/// Apply before the version that sends it is started. The second time there is nothing to
/// do. Ends with 1 if Meta refused one.
#[derive(Debug, clap::Args)]
pub(super) struct Apply {
    /// Put earlier forms out of use, for good, once no process sends them any more.
    #[arg(long)]
    retire: bool,
}

/// Say how far the key and each form are.
#[derive(Debug, clap::Args)]
pub(super) struct Status {}

/// Runs one of them.
pub(super) async fn run(command: Command, settings: Settings) -> anyhow::Result<()> {
    let app = open_app(&settings).await?;
    let credentials = app::credentials(&settings);
    let desk = FormDesk::new(&app, &credentials, &graph_url(&app))?;
    let is_demo = settings.is_demo();
    let done = match command {
        Command::Key(_) => key(&app, &desk, is_demo).await,
        Command::Plan(_) => plan(&app, &desk).await,
        Command::Apply(args) => apply(&app, &desk, &args).await,
        Command::Status(_) => status(&app, &desk, is_demo).await,
    };
    app.ground.db.close().await;
    done
}

const NO_KEY: &str = "WHATSAPP_FORM_KEY is not set: make a key with `openssl genrsa 2048`, set it \
     (or WHATSAPP_FORM_KEY_FILE) for the service too, and run this again";

async fn key(app: &App, desk: &FormDesk, is_demo: bool) -> anyhow::Result<()> {
    let Some(ours) = public_key(app)? else {
        anyhow::ensure!(is_demo, NO_KEY);
        say("nothing to do: a demo makes a key at its start and gives it to its emulator");
        return Ok(());
    };
    let known = desk.key().await?;
    if known.is_some_and(|known| known.is_valid && known.is(&ours)) {
        say("nothing to do: Meta has this key, and it is VALID");
        return Ok(());
    }
    desk.upload_key(&ours).await?;
    let known = desk.key().await?;
    if let Err(why) = judge(known.as_ref(), Some(&ours)) {
        anyhow::bail!("uploaded, but the key {why}");
    }
    say("uploaded: Meta has this key, and it is VALID");
    Ok(())
}

/// Says whether Meta's key is ours and good; if not, what it is and what to do.
fn judge(known: Option<&KeyInAccount>, ours: Option<&str>) -> Result<&'static str, &'static str> {
    match (known, ours) {
        (None, _) => Err("is not uploaded: run `sipbrewery forms key`"),
        (Some(known), Some(ours)) if !known.is(ours) => Err(
            "is another than that of WHATSAPP_FORM_KEY: run `sipbrewery forms key`, or set the \
             key that was uploaded",
        ),
        (Some(known), _) if !known.is_valid => Err(
            "has the status MISMATCH, as after registering the number again: run `sipbrewery \
             forms key`",
        ),
        (Some(_), _) => Ok("is uploaded, and VALID"),
    }
}

fn reachable(app: &App) -> anyhow::Result<String> {
    endpoint(app).ok_or_else(|| {
        anyhow::anyhow!(
            "forms ask this service for their screens: set PUBLIC_URL to the https address at \
             which Meta reaches it"
        )
    })
}

async fn plan(app: &App, desk: &FormDesk) -> anyhow::Result<()> {
    let endpoint = reachable(app)?;
    let account = desk.list().await?;
    let steps = desk.plan(&account, &endpoint);
    for line in steps.iter().filter_map(line) {
        say(line);
    }
    let is_right = |step: &&FormStep<'_>| matches!(step, FormStep::Unchanged(_));
    let right = steps.iter().filter(is_right).count();
    let changes = steps.iter().filter(|step| is_a_change(step)).count();
    say(format!("{changes} to change, {right} as they should be"));
    Ok(())
}

async fn apply(app: &App, desk: &FormDesk, args: &Apply) -> anyhow::Result<()> {
    let endpoint = reachable(app)?;
    let account = desk.list().await?;
    let (mut changed, mut failed) = (0, 0);
    for step in desk.plan(&account, &endpoint) {
        let Some(line) = line(&step) else { continue };
        let is_older = matches!(step, FormStep::Older(_));
        if is_older && !args.retire {
            say(line);
            continue;
        }
        match desk.apply(&step, &endpoint).await {
            Some(Applied::Done) => {
                changed += 1;
                let name = name(&step);
                say(if is_older {
                    format!("retired  {name}")
                } else {
                    format!("{line}: published")
                });
            }
            Some(Applied::Faulty(faults)) => {
                failed += 1;
                say(format!(
                    "{line}: Meta finds the definition wrong; it stays a draft"
                ));
                for fault in faults {
                    say(format!("         {fault}"));
                }
            }
            Some(Applied::Refused(error)) => {
                failed += 1;
                say(format!("{line}: {error}; {}", advice(&error)));
            }
            None => {
                failed += 1;
                say(line);
            }
        }
    }
    say(match (changed, failed) {
        (0, 0) => "nothing to do".to_owned(),
        _ => format!("{changed} changed, {failed} not as they should be"),
    });
    anyhow::ensure!(
        failed == 0,
        "{failed} forms are not as they are written down"
    );
    Ok(())
}

async fn status(app: &App, desk: &FormDesk, is_demo: bool) -> anyhow::Result<()> {
    let ours = public_key(app)?;
    let known = desk.key().await?;
    if ours.is_none() && !is_demo {
        say(NO_KEY);
    }
    let (Ok(found) | Err(found)) = judge(known.as_ref(), ours.as_deref());
    say(format!("the key {found}"));
    for one in desk.list().await? {
        say(format!(
            "{:<28} {:<10} {}",
            one.name,
            one.status.as_str(),
            one.endpoint.as_deref().unwrap_or("no endpoint")
        ));
        for fault in one.faults {
            say(format!("         {fault}"));
        }
    }
    Ok(())
}

fn is_a_change(step: &FormStep<'_>) -> bool {
    matches!(
        step,
        FormStep::Create(_) | FormStep::Finish(..) | FormStep::Move(..)
    )
}

fn name<'a>(step: &'a FormStep<'_>) -> &'a str {
    match step {
        FormStep::Unchanged(one)
        | FormStep::Create(one)
        | FormStep::Gone(one)
        | FormStep::Finish(one, _)
        | FormStep::Move(one, _)
        | FormStep::Unwell(one, _) => &one.name,
        FormStep::Older(known) => &known.name,
    }
}

/// Returns what there is to say of a step; nothing of a form that is as it should be.
fn line(step: &FormStep<'_>) -> Option<String> {
    let name = name(step);
    Some(match step {
        FormStep::Unchanged(_) => return None,
        FormStep::Create(_) => format!("create   {name}"),
        FormStep::Finish(..) => format!("finish   {name}"),
        FormStep::Move(_, known) => format!(
            "move     {name} from {}",
            known.endpoint.as_deref().unwrap_or("nowhere")
        ),
        FormStep::Unwell(_, known) => format!(
            "unwell   {name} is {}: Meta gets no good answers at {}; see that it is reached \
             there, and that `sipbrewery forms status` finds the key VALID",
            known.status.as_str(),
            known.endpoint.as_deref().unwrap_or("its endpoint")
        ),
        FormStep::Gone(one) => format!(
            "gone     {name} was put out of use, which cannot be undone: change \
             templates/flows/{}.json, if only by a space, and build again",
            one.family
        ),
        FormStep::Older(_) => format!(
            "older    {name} may still be sent by a process built with it; afterwards: \
             `sipbrewery forms apply --retire`"
        ),
    })
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
        368 | 131_031 | 139_000 => "Meta has restricted the account: see Business Support Home",
        139_002 => {
            "run `sipbrewery forms key`, see that PUBLIC_URL is reached from outside, and apply \
             again"
        }
        _ => "see the form in WhatsApp Manager, Flows",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_refusal_of_a_form_says_what_to_do_about_it() {
        let refused = |code| CallError::Refused {
            code,
            status: 400,
            reason: String::new(),
        };
        for (code, part) in [
            (190, "doctor"),
            (200, "permission"),
            (80_007, "an hour"),
            (139_000, "Business Support"),
            (139_002, "forms key"),
            (100, "Manager"),
        ] {
            assert!(advice(&refused(code)).contains(part), "{code}");
        }
        let away = CallError::Unreachable("no connection");
        assert!(advice(&away).contains("WHATSAPP_API_BASE_URL"));
    }

    #[test]
    fn a_key_is_good_only_if_it_is_ours_and_valid() {
        let key = |pem: &str, is_valid| KeyInAccount {
            pem: pem.to_owned(),
            is_valid,
        };
        assert!(judge(Some(&key("a", true)), Some("a")).is_ok());
        for (known, ours, part) in [
            (None, Some("a"), "not uploaded"),
            (Some(key("b", true)), Some("a"), "another"),
            (Some(key("a", false)), Some("a"), "MISMATCH"),
            (Some(key("a", false)), None, "MISMATCH"),
        ] {
            let found = judge(known.as_ref(), ours).unwrap_err();
            assert!(
                found.contains(part) && found.contains("forms key"),
                "{found}"
            );
        }
    }
}
