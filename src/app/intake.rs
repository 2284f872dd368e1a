//! The webhook's way in: signature first, then the inbox.

use bytes::Bytes;
use futures::future::BoxFuture;
use secrecy::{ExposeSecret, SecretString};

use crate::config::Credentials;
use crate::http::{Accepted, Intake};
use crate::pipeline::{self, Inbox};
use crate::whatsapp::{AppSecret, signature};

pub(super) struct SignedIntake {
    secrets: Vec<AppSecret>,
    verify_token: SecretString,
    inbox: Inbox,
}

impl SignedIntake {
    pub(super) fn new(credentials: &Credentials, inbox: Inbox) -> Self {
        Self {
            secrets: credentials
                .app_secrets
                .iter()
                .map(|secret| AppSecret::new(secret.expose_secret()))
                .collect(),
            verify_token: credentials.verify_token.clone(),
            inbox,
        }
    }
}

impl Intake for SignedIntake {
    fn verify_token(&self) -> &SecretString {
        &self.verify_token
    }

    fn accept<'a>(&'a self, signature: Option<&'a [u8]>, body: Bytes) -> BoxFuture<'a, Accepted> {
        Box::pin(async move {
            if !signature::verify(&self.secrets, signature, &body) {
                return Accepted::BadSignature;
            }
            match self.inbox.take(&body).await {
                pipeline::Intake::Stored => Accepted::Stored,
                pipeline::Intake::Quarantined => Accepted::Quarantined,
                pipeline::Intake::Unavailable => Accepted::Unavailable,
            }
        })
    }
}
