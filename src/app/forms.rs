//! The forms of the chat: their endpoint, and what proves that one is ours.

use anyhow::Context as _;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures::future::BoxFuture;
use secrecy::ExposeSecret;
use serde_json::json;

use super::App;
use crate::config::Credentials;
use crate::contacts::Contact;
use crate::dialogue::forms::Ticket;
use crate::dialogue::ports::Forms;
use crate::dialogue::{Dialogue, Filling};
use crate::http::{FORMS_PATH, FormAnswer, FormIntake};
use crate::id::ContactId;
use crate::security::Keyring;
use crate::whatsapp::forms::{Answer, Asked, Exchange, FormKey, Phone};
use crate::whatsapp::{AppSecret, signature};

/// Proves tickets with the key of blind indexes, in a column of their own.
pub(super) struct Proofs(pub(super) Keyring);

impl Forms for Proofs {
    fn prove(&self, text: &str) -> String {
        URL_SAFE_NO_PAD.encode(self.0.blind("form_ticket", text))
    }
}

/// Answers what forms ask.
pub(super) struct Endpoint {
    app: App,
    key: FormKey,
    secrets: Vec<AppSecret>,
    proofs: Proofs,
    dialogue: Dialogue,
    seals_errors: bool,
}

impl Endpoint {
    pub(super) fn new(app: &App, key: FormKey, credentials: &Credentials) -> anyhow::Result<Self> {
        let secrets = credentials.app_secrets.iter();
        Ok(Self {
            app: app.clone(),
            key,
            secrets: secrets
                .map(|secret| AppSecret::new(secret.expose_secret()))
                .collect(),
            proofs: Proofs(app.ground.keys.clone()),
            dialogue: app.dialogue()?,
            seals_errors: app.settings.graph.seals_form_errors,
        })
    }

    async fn ask(&self, body: &[u8]) -> anyhow::Result<FormAnswer> {
        let Ok((plain, phone)) = self.key.open(body) else {
            return Ok(FormAnswer::Unreadable);
        };
        let answer = match Asked::read(&plain) {
            None => anyhow::bail!("a form asked for something nobody has heard of"),
            Some(Asked::Ping) => Answer::Pong,
            Some(Asked::Fault { key }) => {
                tracing::warn!(key, "a phone could not use what a form was answered");
                Answer::Noted
            }
            Some(Asked::Screen(step)) => match self.screen(&step).await? {
                Filling::Next(answer) => answer,
                Filling::Expired(words) => return self.expired(&phone, &words),
            },
        };
        Ok(FormAnswer::Screen(phone.seal(&answer.json())?))
    }

    async fn screen(&self, step: &Exchange) -> anyhow::Result<Filling> {
        let now = self.app.ground.clock.now();
        let ticket = Ticket::read(&self.proofs, &step.token);
        let contact = match &ticket {
            Some(ticket) => self.contact(ticket.contact).await?,
            None => None,
        };
        let known = ticket.zip(contact);
        let known = known.as_ref().map(|(ticket, contact)| (ticket, contact));
        self.dialogue.fill_in(known, step, now)
    }

    /// Returns whose form it is, unless they were erased since.
    async fn contact(&self, id: ContactId) -> anyhow::Result<Option<Contact>> {
        let row = id.to_string();
        let mut conn = self.app.ground.db.read().await?;
        let keys = &self.app.ground.keys;
        let ids = std::slice::from_ref(&row);
        let mut found = crate::contacts::store::load(&mut conn, keys, ids).await?;
        Ok(found.remove(&row).map(|stored| stored.contact))
    }

    fn expired(&self, phone: &Phone, words: &str) -> anyhow::Result<FormAnswer> {
        let said = json!({ "error_msg": words });
        Ok(FormAnswer::Expired(if self.seals_errors {
            phone.seal(&said)?
        } else {
            said.to_string()
        }))
    }
}

impl FormIntake for Endpoint {
    fn answer<'a>(
        &'a self,
        signature: Option<&'a [u8]>,
        body: &'a [u8],
    ) -> BoxFuture<'a, FormAnswer> {
        Box::pin(async move {
            if !signature::verify(&self.secrets, signature, body) {
                return FormAnswer::BadSignature;
            }
            self.ask(body).await.unwrap_or_else(|error| {
                tracing::error!(error = &*error, "a form could not be answered");
                FormAnswer::Failed
            })
        })
    }
}

/// Returns where the forms of a demo on this machine ask for their screens.
pub(super) fn local_endpoint(address: std::net::SocketAddr) -> String {
    format!("http://{address}{FORMS_PATH}")
}

/// Returns the key of the settings, if there is one.
pub(super) fn key(settings: &crate::config::Settings) -> anyhow::Result<Option<FormKey>> {
    let pem = settings.graph.form_key.as_ref();
    let key = pem.map(|pem| FormKey::parse(pem.expose_secret()));
    key.transpose().context("WHATSAPP_FORM_KEY")
}
