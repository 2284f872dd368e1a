//! Whose a bank account is: asked of a bank as soon as somebody gives one, or put before a
//! person where there is no bank to ask.

use std::sync::Arc;

use futures::future::BoxFuture;
use jiff::Timestamp;

use super::App;
use super::services::PAPERS;
use crate::config::Settings;
use crate::id::ContactId;
use crate::people::gateway::SandboxBank;
use crate::people::ports::BankVerifier;
use crate::people::{By, Verification};
use crate::pipeline::{Job, JobError, JobHandler, Line, open_attention};

/// The kind of the job. Its payload is a contact's id.
const KIND: &str = "bank_check";
/// What a person finds under `attention`.
const OPEN: &str = "bank_to_verify";

/// Returns the bank of a demo. A live service has none yet: who drops the penny takes an
/// agreement with them, and until then a person verifies accounts.
pub(super) fn verifier(settings: &Settings) -> Option<Arc<dyn BankVerifier>> {
    settings
        .is_demo()
        .then(|| Arc::new(SandboxBank) as Arc<dyn BankVerifier>)
}

/// Returns the job that checks the accounts of a contact.
pub(super) fn job(contact: ContactId, now: Timestamp) -> Job {
    Job {
        kind: KIND,
        unique_key: format!("{KIND}:{contact}:{}", now.as_millisecond()),
        payload: contact.to_string().into_bytes(),
        run_at: now,
    }
}

/// Checks every account of a contact that nobody looked at. Running it twice asks about
/// what is still open, under the same reference.
pub(super) struct BankCheck {
    app: App,
    verifier: Option<Arc<dyn BankVerifier>>,
}

impl BankCheck {
    pub(super) fn new(app: App, verifier: Option<Arc<dyn BankVerifier>>) -> Self {
        Self { app, verifier }
    }

    async fn check(&self, contact: ContactId, now: Timestamp) -> Result<(), JobError> {
        let people = &self.app.people;
        let by = By {
            who: "system",
            at: now,
        };
        for bank in people.investor(contact).await?.banks {
            if bank.verification != Verification::Unverified {
                continue;
            }
            let Some(verifier) = &self.verifier else {
                let detail = "whose account it is has to be found out, and recorded";
                self.show(contact, detail, now).await?;
                continue;
            };
            let reference = bank.id.to_string();
            let drop = verifier.drop_penny(&reference, &bank.account).await;
            let drop = drop.map_err(anyhow::Error::from)?;
            let verification = drop.verification(&bank.account.holder);
            people.record_penny_drop(contact, bank.id, drop, by).await?;
            if verification != Verification::Verified {
                let detail = format!("the bank says of the account: {}", verification.as_str());
                self.show(contact, &detail, now).await?;
            }
        }
        self.app.ground.wakes.jobs.wake();
        Ok(())
    }

    async fn show(&self, contact: ContactId, detail: &str, now: Timestamp) -> anyhow::Result<()> {
        let ids = self.app.ground.ids.clone();
        let input = (ids, contact.to_string(), detail.to_owned());
        let millis = now.as_millisecond();
        let shown = self
            .app
            .ground
            .db
            .write(input, move |conn, (ids, contact, detail)| {
                Box::pin(open_attention(conn, ids, OPEN, contact, detail, millis))
            });
        Ok(shown.await?)
    }
}

impl JobHandler for BankCheck {
    fn kind(&self) -> &'static str {
        KIND
    }

    fn line(&self) -> Line {
        PAPERS
    }

    fn run<'a>(&'a self, payload: &'a [u8], now: Timestamp) -> BoxFuture<'a, Result<(), JobError>> {
        Box::pin(async move {
            let contact = std::str::from_utf8(payload)?;
            let contact = contact
                .parse()
                .map_err(|error: crate::id::InvalidId| JobError::Fail(error.into()))?;
            let contact = self.app.self_of(contact).await?;
            self.check(contact, now).await
        })
    }
}
