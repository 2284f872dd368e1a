//! The account's forms and the number's key for them: looked at, handed in, put out of use.

use std::sync::atomic::Ordering;
use std::time::Duration;

use anyhow::Context as _;
use tokio_util::sync::CancellationToken;

use super::App;
use crate::config::Credentials;
use crate::dialogue::forms::definitions;
use crate::http::FORMS_PATH;
use crate::whatsapp::forms::{
    Definition, FormFault, FormInAccount, FormStep, KeyInAccount, are_published, plan,
};
use crate::whatsapp::{CallError, GraphClient};

/// How long until it is looked again whether Meta shows the forms, if it tells nothing.
const LOOK_AGAIN: Duration = Duration::from_mins(10);

/// The account at the other end. Cheap to clone.
#[derive(Clone)]
pub struct FormDesk {
    client: GraphClient,
    account: String,
}

/// What became of one step.
#[derive(Debug)]
pub enum Applied {
    /// It is done.
    Done,
    /// Meta finds the definition wrong.
    Faulty(Vec<FormFault>),
    /// Meta refused it.
    Refused(CallError),
}

impl From<Result<(), CallError>> for Applied {
    fn from(asked: Result<(), CallError>) -> Self {
        asked.map_or_else(Self::Refused, |()| Self::Done)
    }
}

impl FormDesk {
    /// Returns the desk of an account.
    pub fn new(app: &App, credentials: &Credentials, graph_url: &str) -> anyhow::Result<Self> {
        let client = app.graph(credentials, graph_url)?;
        Ok(Self {
            client,
            account: credentials.waba_id.clone(),
        })
    }

    /// Returns the key that Meta has for the number, if it has one.
    pub async fn key(&self) -> anyhow::Result<Option<KeyInAccount>> {
        let asked = self.client.form_key().await;
        asked.context("the number's key for forms could not be asked for")
    }

    /// Gives Meta a key for the number.
    pub async fn upload_key(&self, pem: &str) -> anyhow::Result<()> {
        let asked = self.client.upload_form_key(pem).await;
        asked.context("Meta did not take the key")
    }

    /// Returns the forms of the account.
    pub async fn list(&self) -> anyhow::Result<Vec<FormInAccount>> {
        let listed = self.client.list_forms(&self.account).await;
        listed.context("the account's forms could not be listed")
    }

    /// Compares what is written down with what the account has.
    pub fn plan<'a>(&self, account: &'a [FormInAccount], endpoint: &str) -> Vec<FormStep<'a>> {
        plan(definitions(), account, endpoint)
    }

    /// Does what a step says; nothing for one that asks Meta for nothing. What is older
    /// is put out of use.
    pub async fn apply(&self, step: &FormStep<'_>, endpoint: &str) -> Option<Applied> {
        Some(match step {
            FormStep::Create(one) => {
                let made = self.client.create_form(&self.account, one, endpoint).await;
                match made {
                    Ok(id) => self.finish(&id, one).await.unwrap_or_else(Applied::Refused),
                    Err(refused) => Applied::Refused(refused),
                }
            }
            FormStep::Finish(one, known) => {
                match self.client.move_form(&known.id, endpoint).await {
                    Ok(()) => {
                        let done = self.finish(&known.id, one).await;
                        done.unwrap_or_else(Applied::Refused)
                    }
                    Err(refused) => Applied::Refused(refused),
                }
            }
            FormStep::Move(_, known) => self.client.move_form(&known.id, endpoint).await.into(),
            FormStep::Older(known) => self.client.deprecate_form(&known.id).await.into(),
            FormStep::Unchanged(_) | FormStep::Unwell(..) | FormStep::Gone(_) => return None,
        })
    }

    /// Makes a draft whole and publishes it.
    async fn finish(&self, id: &str, one: &Definition) -> Result<Applied, CallError> {
        let faults = self.client.define_form(id, one).await?;
        if !faults.is_empty() {
            return Ok(Applied::Faulty(faults));
        }
        self.client.publish_form(id).await?;
        Ok(Applied::Done)
    }
}

impl App {
    /// Looks whether Meta shows the forms; from then on they are offered, or not any more.
    async fn look_for_forms(&self, desk: &FormDesk) -> anyhow::Result<()> {
        let published = are_published(definitions(), &desk.list().await?);
        self.forms_published.store(published, Ordering::Relaxed);
        Ok(())
    }
}

/// Looks whether Meta shows the forms whenever it tells of one, and now and then by itself:
/// they are published, held back and put out of use while the service runs.
pub(super) async fn watch(app: App, desk: FormDesk, stop: CancellationToken) {
    loop {
        if let Err(error) = app.look_for_forms(&desk).await {
            tracing::warn!(error = &*error, "forms are as last heard of");
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = app.ground.wakes.forms.woken() => {}
            () = tokio::time::sleep(LOOK_AGAIN) => {}
        }
    }
}

/// Returns where forms ask for their screens: below `PUBLIC_URL`, or at the demo of this
/// machine; nothing if Meta could not reach it.
pub fn endpoint(app: &App) -> Option<String> {
    let settings = &app.settings;
    if settings.is_demo() {
        let address = super::demo::reachable(settings.http_addr);
        return Some(super::forms::local_endpoint(address));
    }
    let public = settings.public_url.as_deref()?;
    public
        .starts_with("https://")
        .then(|| format!("{}{FORMS_PATH}", public.trim_end_matches('/')))
}

/// Returns the public half of the key that the settings name, in PEM.
pub fn public_key(app: &App) -> anyhow::Result<Option<String>> {
    app.forms
        .get()
        .map(crate::whatsapp::forms::FormKey::public_pem)
        .transpose()
}
