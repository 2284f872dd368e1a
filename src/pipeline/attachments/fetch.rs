//! The job that fetches a file.

use std::sync::Arc;

use futures::future::BoxFuture;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::folder::FileName;
use super::rules::{self, Refusal};
use super::{Attachments, KIND, contact_key, file_place, key_place, rows};
use crate::id::{AttachmentId, KeyId};
use crate::pipeline::Wakes;
use crate::pipeline::jobs::{JobError, JobHandler};
use crate::storage::Wake;
use crate::telemetry::metrics;
use crate::whatsapp::media::File;
use crate::whatsapp::{MediaKind, NotDownloaded};

/// What is to be fetched.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Wanted {
    pub(super) attachment: AttachmentId,
    /// Its id at Meta.
    pub(super) media: String,
}

/// Fetches files from WhatsApp. Implemented over the Graph client.
pub trait MediaFetch: Send + Sync + 'static {
    /// Fetches a file of at most `most` bytes, and makes sure that it is what was sent.
    fn download<'a>(
        &'a self,
        media: &'a str,
        most: usize,
    ) -> BoxFuture<'a, Result<File, NotDownloaded>>;
}

/// Fetches files, one after the other. One that was fetched before is not waiting any
/// more; where a run broke off, the next begins anew and takes away what was left.
pub struct FetchFile {
    files: Attachments,
    source: Arc<dyn MediaFetch>,
}

impl FetchFile {
    /// Returns the job.
    pub fn new(files: Attachments, source: Arc<dyn MediaFetch>) -> Self {
        Self { files, source }
    }

    async fn fetch(&self, wanted: Wanted, now: Timestamp) -> Result<(), JobError> {
        let id = wanted.attachment.to_string();
        let db = &self.files.ground.db;
        let tried = db.write(id.clone(), |conn, id| Box::pin(rows::try_again(conn, id)));
        let Some(waiting) = tried.await? else {
            return Ok(());
        };
        let this = (id, waiting.tries);
        // Whoever left it cannot keep it any more, should they be at it still.
        let left = waiting.file.as_deref().and_then(FileName::parse);
        if let Some(left) = left {
            self.files.folder.remove(&left).await?;
        }
        let kind = MediaKind::parse(&waiting.kind).ok_or_else(|| {
            JobError::Fail(anyhow::anyhow!("there is no kind `{}`", waiting.kind))
        })?;
        let came = self.source.download(&wanted.media, rules::most(kind)).await;
        let file = match came {
            Ok(file) => file,
            Err(why) => {
                return match rules::given_up(&why, waiting.tries) {
                    Some(refusal) => self.refuse(this, refusal, now).await,
                    None => Err(JobError::Retry(why.into())),
                };
            }
        };
        match rules::check(kind, &waiting.mime, &file) {
            Ok(()) => self.keep(this, &waiting.contact, file, now).await,
            Err(refusal) => self.refuse(this, refusal, now).await,
        }
    }

    async fn refuse(
        &self,
        (id, attempt): (String, i64),
        refusal: Refusal,
        now: Timestamp,
    ) -> Result<(), JobError> {
        let word = refusal.word();
        tracing::warn!(attachment = %id, reason = word, "a file that came was not taken in");
        let input = (id, attempt, now.as_millisecond());
        let db = &self.files.ground.db;
        let refused = db.write(input, move |conn, (id, attempt, now)| {
            Box::pin(rows::refuse(conn, (id, *attempt), word, *now))
        });
        if refused.await? {
            metrics::attachment("refused", word);
        }
        Ok(())
    }

    async fn keep(
        &self,
        (id, attempt): (String, i64),
        contact: &str,
        file: File,
        now: Timestamp,
    ) -> Result<(), JobError> {
        let ground = &self.files.ground;
        let mut conn = ground.db.read().await?;
        let key = contact_key(&mut conn, ground, contact).await?;
        drop(conn);
        let key = key.ok_or_else(|| anyhow::anyhow!("there is no contact {contact}"))?;
        let key_id: KeyId = ground.ids.next(now);
        let (file_key, sealed_key) = key.make_key(key_place(&id), key_id);
        let size = i64::try_from(file.bytes.len()).unwrap_or(i64::MAX);
        let sealed = file_key.seal(file_place(&id), &file.bytes);
        drop(file);
        let name = FileName::of(&sealed);
        let place = rows::Place {
            id: id.clone(),
            attempt,
            contact: contact.to_owned(),
            file: name.as_str().to_owned(),
            file_key: sealed_key,
            size,
        };
        // Its name is on record before the file is there, and the file before it counts
        // as kept: no crash leaves a file that nobody knows of.
        let reserved = ground
            .db
            .write(place, |conn, place| Box::pin(rows::reserve(conn, place)));
        if !reserved.await? {
            return Err(anyhow::anyhow!(
                "its contact became another or was erased, or another run fetches it"
            )
            .into());
        }
        self.files.folder.put(&name, sealed).await?;
        let input = (id, attempt, name.as_str().to_owned(), now.as_millisecond());
        let kept = ground.db.write(input, |conn, (id, attempt, file, now)| {
            Box::pin(rows::keep(conn, (id, *attempt), file, *now))
        });
        if kept.await? {
            metrics::attachment("kept", "");
        } else {
            // Erased, or fetched anew, meanwhile: whoever did so may have looked before it was
            // there.
            self.files.folder.remove(&name).await?;
        }
        Ok(())
    }
}

impl JobHandler for FetchFile {
    fn kind(&self) -> &'static str {
        KIND
    }

    /// Meta may take a minute for a file, and no instalment waits behind it.
    fn apart(&self, wakes: &Wakes) -> Option<Wake> {
        Some(wakes.files.clone())
    }

    fn run<'a>(&'a self, payload: &'a [u8], now: Timestamp) -> BoxFuture<'a, Result<(), JobError>> {
        Box::pin(async move {
            let wanted = serde_json::from_slice(payload).map_err(|e| JobError::Fail(e.into()))?;
            self.fetch(wanted, now).await
        })
    }
}
