//! Accounts with the exchange in the service: the jobs that open them and follow them.

use std::sync::Arc;

use futures::future::BoxFuture;
use jiff::Timestamp;

use super::App;
use super::dealing::{NEWS, POLL_EVERY, each};
use crate::clock::ist;
use crate::id::ContactId;
use crate::investing::accounts::{ACCOUNT, Accounts, Opening, application};
use crate::investing::gateway::OrderGateway;
use crate::pipeline::{self, Job, JobError, JobHandler, Line};

/// Builds the room.
pub(super) fn room(app: &App, gateway: Arc<dyn OrderGateway>) -> Accounts {
    Accounts::new(app.ground.clone(), app.people.clone(), gateway)
}

/// Returns the jobs of accounts.
pub(super) fn jobs(accounts: &Accounts) -> Vec<Arc<dyn JobHandler>> {
    vec![
        Arc::new(Errand(accounts.clone())),
        Arc::new(Round(accounts.clone())),
    ]
}

/// Opens one account, or asks about it. Running it twice opens one: the client code
/// follows from the contact.
struct Errand(Accounts);

impl JobHandler for Errand {
    fn kind(&self) -> &'static str {
        ACCOUNT
    }

    fn line(&self) -> Line {
        NEWS
    }

    fn run<'a>(&'a self, payload: &'a [u8], _: Timestamp) -> BoxFuture<'a, Result<(), JobError>> {
        Box::pin(async move {
            match self.0.run(std::str::from_utf8(payload)?).await? {
                Opening::Later(why) => Err(JobError::Retry(anyhow::anyhow!(why))),
                Opening::Lacks(_) | Opening::Is(_) | Opening::Nobodys | Opening::NotSetUp(_) => {
                    Ok(())
                }
            }
        })
    }
}

/// Asks about accounts that somebody waits for. Running it twice asks twice.
struct Round(Accounts);

impl JobHandler for Round {
    fn kind(&self) -> &'static str {
        "exchange_accounts"
    }

    fn run<'a>(&'a self, _: &'a [u8], _: Timestamp) -> BoxFuture<'a, Result<(), JobError>> {
        Box::pin(async move {
            self.0.round().await?;
            Ok(())
        })
    }

    fn next_period(&self, now: Timestamp) -> Option<(String, Timestamp)> {
        each(POLL_EVERY, now)
    }
}

impl App {
    /// Has the running service open the account of an investor, or ask about it; returns
    /// what the record lacks for that.
    pub async fn have_account_opened(
        &self,
        contact: ContactId,
    ) -> anyhow::Result<Vec<&'static str>> {
        let now = self.ground.clock.now();
        let investor = self.people.investor(contact).await?;
        if let Err(lacks) = application(&investor, now.to_zoned(ist()).date()) {
            return Ok(lacks);
        }
        let job = Job {
            kind: ACCOUNT,
            unique_key: format!("{ACCOUNT}:{contact}:{}", now.as_millisecond()),
            payload: contact.to_string().into_bytes(),
            run_at: now,
        };
        let input = (self.ground.clone(), job);
        let enqueued = self.ground.db.write(input, |conn, (ground, job)| {
            Box::pin(pipeline::enqueue_job(conn, ground, job))
        });
        enqueued.await?;
        Ok(Vec::new())
    }
}
