//! What the dialogue sets in motion, carried out by the business.

use std::sync::{Arc, Mutex};

use anyhow::Context as _;
use futures::future::BoxFuture;

use super::App;
use crate::dialogue::commands::{Asked, Command, Done, Means, Outlook};
use crate::dialogue::ports::{Answer, Commands};
use crate::id::ContactId;
use crate::investing::orders::service::Dealing;
use crate::pipeline::Effect;
use crate::storage::{Conn, Error};

/// Carries out commands.
pub(super) struct Deeds {
    app: App,
}

impl Deeds {
    pub(super) fn new(app: App) -> Self {
        Self { app }
    }
}

impl Commands for Deeds {
    fn rehearse<'a>(&'a self, contact: ContactId, command: &'a Command) -> Answer<'a, Outlook> {
        Box::pin(async move {
            let dealing = self.app.dealing().context("there is no exchange")?.clone();
            let said = Arc::new(Mutex::new(None));
            let input = (dealing, command.clone(), Arc::clone(&said));
            // The very transaction that would do it, undone at its end: what it says is
            // what it will say, unless something moves in between.
            let undone = self
                .app
                .ground
                .db
                .write(input, move |conn, (dealing, command, said)| {
                    Box::pin(async move {
                        let outlook = carry_out(dealing, conn, contact, command).await?;
                        *said.lock().expect("nobody panics while holding it") = Some(outlook);
                        Err::<(), _>(Error::Conflict("a rehearsal"))
                    })
                })
                .await;
            let outlook = said.lock().expect("nobody panics while holding it").take();
            match (outlook, undone) {
                (Some(outlook), _) => Ok(outlook),
                (None, Err(error)) => Err(error.into()),
                (None, Ok(())) => anyhow::bail!("a rehearsal was not undone"),
            }
        })
    }

    fn effect(&self, contact: ContactId, command: Command) -> Box<dyn Effect> {
        Box::new(Deed {
            app: self.app.clone(),
            contact,
            command,
        })
    }
}

/// One command, in the transaction that finishes its turn.
struct Deed {
    app: App,
    contact: ContactId,
    command: Command,
}

impl Effect for Deed {
    fn apply<'c>(&'c self, conn: &'c mut Conn) -> BoxFuture<'c, Result<(), Error>> {
        Box::pin(async move {
            let dealing = self.app.dealing();
            let dealing = dealing.ok_or_else(|| anyhow::anyhow!("there is no exchange"))?;
            let done = carry_out(dealing, conn, self.contact, &self.command).await?;
            match done {
                Ok(_) => Ok(()),
                // The words of this turn would not be true: it is decided again.
                Err(refusal) => {
                    tracing::warn!(%refusal, contact = %self.contact, "a command was refused after all");
                    Err(Error::Conflict("what the command was about"))
                }
            }
        })
    }

    fn committed(&self) {
        if let Some(dealing) = self.app.dealing() {
            dealing.wake();
        }
    }
}

async fn carry_out(
    dealing: &Dealing,
    conn: &mut Conn,
    contact: ContactId,
    command: &Command,
) -> Result<Outlook, Error> {
    Ok(match command {
        Command::KeepDraft(draft) => {
            let is_theirs = draft.contact == contact;
            if !is_theirs {
                return Err(anyhow::anyhow!("a draft of somebody else").into());
            }
            dealing.keep_on(conn, draft).await?.map(|()| Done::Kept)
        }
        Command::Do(asked, means) => confirmed(dealing, conn, contact, asked, *means).await?,
    })
}

async fn confirmed(
    dealing: &Dealing,
    conn: &mut Conn,
    contact: ContactId,
    asked: &Asked,
    means: Means,
) -> Result<Outlook, Error> {
    let by = means.as_str();
    Ok(match asked {
        Asked::Draft(id) => dealing
            .confirm_on(conn, contact, *id, by)
            .await?
            .map(Done::Made),
        Asked::PausePlan(id, instalments) => dealing
            .pause_plan_on(conn, (contact, *id), *instalments, by)
            .await?
            .map(|()| Done::Asked),
        Asked::ResumePlan(id) => dealing
            .resume_plan_on(conn, (contact, *id), by)
            .await?
            .map(|()| Done::Asked),
        Asked::CancelPlan(id, reason, words) => dealing
            .cancel_plan_on(conn, (contact, *id), (*reason, words.clone()), by)
            .await?
            .map(Done::EndsBy),
    })
}
