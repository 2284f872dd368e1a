//! Files that go with messages: handed to Meta first, so that the message itself stays
//! the only call whose fate can be doubtful.
//!
//! An upload sends nothing to anybody and may be repeated. What Meta has is remembered
//! while this process runs, so that a message tried again does not carry its file again;
//! its keeper is asked all the same, because what was erased is not sent any more.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};

use futures::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};

use super::{Call, Channel};
use crate::id::ContactId;
use crate::whatsapp::media::File;
use crate::whatsapp::{NotUploaded, SendOutcome};

/// How long an upload is counted on; Meta keeps it for 30 days.
const REMEMBERED: SignedDuration = SignedDuration::from_hours(24);
/// Uploads remembered at a time.
const MOST: usize = 1_000;

/// Keeps files that go with messages, each under a name that never means another one.
/// Registered with the sender.
pub trait MediaSource: Send + Sync + 'static {
    /// Returns the file kept for a contact under a name; `None` once it has expired, was
    /// erased, or is somebody else's.
    fn fetch<'a>(
        &'a self,
        contact: ContactId,
        name: &'a str,
    ) -> BoxFuture<'a, anyhow::Result<Option<File>>>;
}

/// Why a message cannot be sent with its file now.
#[derive(Debug)]
pub(super) enum NotReady {
    /// It never can: why, in words for the record.
    Never(String),
    /// What came of reading or handing over the file. Nothing was sent.
    Now(SendOutcome),
}

/// What was handed over so far.
pub(super) struct Uploads {
    source: Option<Arc<dyn MediaSource>>,
    known: Mutex<HashMap<String, (String, Timestamp)>>,
}

impl Uploads {
    pub(super) fn new(source: Option<Arc<dyn MediaSource>>) -> Self {
        Self {
            source,
            known: Mutex::default(),
        }
    }

    /// Returns the call with its files at Meta's; one without a file as it is.
    pub(super) async fn ready(
        &self,
        channel: &dyn Channel,
        contact: &str,
        mut call: Call,
        now: Timestamp,
    ) -> Result<Call, NotReady> {
        while let Some(name) = call
            .message
            .kept_files()
            .first()
            .map(|&name| name.to_owned())
        {
            let file = self.fetch(contact, &name).await?;
            let media_id = if let Some(id) = self.remembered(&name, now) {
                id
            } else {
                let id = channel.upload(file).await.map_err(not_uploaded)?;
                self.remember(name.clone(), id.clone(), now);
                id
            };
            call.message = call.message.uploaded(&name, &media_id);
        }
        Ok(call)
    }

    /// Forgets an upload that a message was refused with: it may be gone.
    pub(super) fn forget(&self, media_id: &str) {
        self.known().retain(|_, (id, _)| id != media_id);
    }

    async fn fetch(&self, contact: &str, name: &str) -> Result<File, NotReady> {
        let never = |why: &str| NotReady::Never(why.to_owned());
        let Some(source) = &self.source else {
            return Err(never("nobody keeps files here"));
        };
        let contact = contact
            .parse()
            .map_err(|_| never("its contact's id does not read"))?;
        match source.fetch(contact, name).await {
            Ok(Some(file)) => Ok(file),
            Ok(None) => Err(never("its file has expired or was erased")),
            Err(error) => {
                tracing::warn!(
                    error = &*error,
                    "the file of a message could not be read; trying again"
                );
                Err(NotReady::Now(SendOutcome::Retry {
                    after: std::time::Duration::ZERO,
                    code: None,
                    is_its_own: true,
                }))
            }
        }
    }

    fn remembered(&self, name: &str, now: Timestamp) -> Option<String> {
        let known = self.known();
        let (id, at) = known.get(name)?;
        (now.duration_since(*at) < REMEMBERED).then(|| id.clone())
    }

    fn remember(&self, name: String, id: String, now: Timestamp) {
        let mut known = self.known();
        if known.len() >= MOST {
            known.clear();
        }
        known.insert(name, (id, now));
    }

    fn known(&self) -> MutexGuard<'_, HashMap<String, (String, Timestamp)>> {
        self.known.lock().expect("nobody panics while holding it")
    }
}

fn not_uploaded(why: NotUploaded) -> NotReady {
    match why {
        NotUploaded::Unfit(unfit) => NotReady::Never(unfit.to_string()),
        NotUploaded::Outcome(outcome) => NotReady::Now(outcome),
    }
}
