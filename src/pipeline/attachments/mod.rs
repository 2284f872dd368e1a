//! Files that come with messages: fetched after the message is durable and never in a
//! turn, checked, sealed, and kept outside the database.
//!
//! A message and the row of its file are written together, with the job that fetches it.
//! A file lies in the media folder under the hash of what lies there, sealed under a key
//! of its own; that key is in the row, sealed under the contact's. So a name says nothing
//! about a file, no two people ever share one, destroying a contact's key makes all of
//! theirs unreadable, backups included, and two contacts that become one need no file
//! touched.

mod erase;
mod fetch;
mod folder;
mod rules;

use anyhow::Context as _;
use jiff::Timestamp;

pub use erase::{RemoveFiles, forget_attachments};
pub use fetch::{FetchFile, MediaFetch};
pub use folder::MediaFolder;

use super::jobs::Job;
use super::store::attachments::{self as rows, NewAttachment};
use super::{Ground, enqueue_job};
use crate::contacts::store::load;
use crate::id::AttachmentId;
use crate::security::{DataKey, Place, audit};
use crate::storage::{Conn, Error};
use crate::whatsapp::{Content, InboundMessage, MediaKind};

/// The kind of the job that fetches one.
pub(super) const KIND: &str = "attachment";

/// A file that a message says it came with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Attachment {
    pub(super) kind: MediaKind,
    /// Its id at Meta.
    pub(super) media: String,
    /// Its type as told, of which only what a type is made of.
    pub(super) mime: String,
}

impl Attachment {
    /// Returns the file that came with a message.
    pub(super) fn of(message: &InboundMessage) -> Option<Self> {
        let Content::Media {
            kind,
            id,
            mime_type,
            ..
        } = &message.content
        else {
            return None;
        };
        Some(Self {
            kind: *kind,
            media: id.clone(),
            mime: rules::tidy(mime_type),
        })
    }
}

/// How far a file got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttachmentState {
    /// To be fetched.
    Waiting,
    /// In the folder.
    Kept,
    /// Not taken in, for a reason.
    Refused,
    /// Was kept as long as files are.
    Gone,
}

impl AttachmentState {
    /// Returns its word on record.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Kept => "kept",
            Self::Refused => "refused",
            Self::Gone => "gone",
        }
    }
}

/// What is on record of a file.
#[derive(Debug, Clone)]
pub struct Listed {
    /// Its id.
    pub id: String,
    /// Whose it is.
    pub contact: String,
    /// The message it came with.
    pub message: String,
    /// `image`, `audio`, …
    pub kind: String,
    /// Its type.
    pub mime: String,
    /// `waiting`, `kept`, `refused` or `gone`.
    pub state: String,
    /// Why it was refused.
    pub reason: Option<String>,
    /// Its size, once that is known.
    pub size: Option<i64>,
    /// When it came.
    pub received_at: Timestamp,
}

/// Writes down that a file came with a message, and has it fetched, on the transaction
/// that stores the message.
pub(super) async fn expect(
    conn: &mut Conn,
    ground: &Ground,
    (contact, message): (&str, &str),
    attachment: &Attachment,
    now: Timestamp,
) -> Result<(), Error> {
    let id: AttachmentId = ground.ids.next(now);
    let new = NewAttachment {
        id: &id.to_string(),
        contact,
        message,
        kind: attachment.kind.word(),
        mime: &attachment.mime,
        now: now.as_millisecond(),
    };
    rows::insert(conn, new).await?;
    let wanted = fetch::Wanted {
        attachment: id,
        media: attachment.media.clone(),
    };
    let job = Job {
        kind: KIND,
        unique_key: format!("{KIND}:{id}"),
        payload: serde_json::to_vec(&wanted).context("an id and a text are plain data")?,
        run_at: now,
    };
    enqueue_job(conn, ground, &job).await.map(drop)
}

/// The files that came, with the folder they are kept in.
#[derive(Clone)]
pub struct Attachments {
    ground: Ground,
    folder: MediaFolder,
}

impl Attachments {
    /// Returns the files of one database.
    pub fn new(ground: Ground, folder: MediaFolder) -> Self {
        Self { ground, folder }
    }

    /// Returns what is on record of the newest files, the newest last; only those in a
    /// state, if one is named.
    pub async fn list(
        &self,
        state: Option<AttachmentState>,
        most: u32,
    ) -> Result<Vec<Listed>, Error> {
        let mut conn = self.ground.db.read().await?;
        rows::list(&mut conn, state.map(AttachmentState::as_str), most).await
    }

    /// Opens a file that is kept, for somebody who wants to look at it: that they did goes
    /// to the audit trail. `None` where there is no such file (any more).
    pub async fn open(
        &self,
        id: AttachmentId,
        by: &'static str,
    ) -> anyhow::Result<Option<Vec<u8>>> {
        let row = id.to_string();
        let mut conn = self.ground.db.read().await?;
        let Some(kept) = rows::find_kept(&mut conn, &row).await? else {
            return Ok(None);
        };
        let key = contact_key(&mut conn, &self.ground, &kept.contact).await?;
        drop(conn);
        let key = key.context("its contact was erased")?;
        let file_key = key.open_key(key_place(&row), &kept.file_key)?;
        let name = folder::FileName::parse(&kept.file).context("its name does not read")?;
        let sealed = self.folder.get(&name).await?;
        let sealed = sealed.with_context(|| {
            format!(
                "{} is not in the media folder; is MEDIA_FOLDER shared by all processes?",
                kept.file
            )
        })?;
        let plain = file_key.open(file_place(&row), &sealed)?;
        let input = (self.ground.clone(), row, by);
        let written = self.ground.db.write(input, |conn, (ground, id, by)| {
            let now = ground.clock.now();
            Box::pin(audit::record(conn, &ground.ids, by, "file_read", id, now))
        });
        written.await?;
        Ok(Some(plain))
    }
}

/// Returns a contact's key; `None` for one who was erased.
async fn contact_key(
    conn: &mut Conn,
    ground: &Ground,
    contact: &str,
) -> Result<Option<DataKey>, Error> {
    let row = contact.to_owned();
    let mut loaded = load(conn, &ground.keys, std::slice::from_ref(&row)).await?;
    Ok(loaded.remove(&row).map(|stored| stored.key))
}

/// Where the key of a file is sealed.
fn key_place(row: &str) -> Place<'_> {
    Place {
        table: rows::TABLE,
        column: rows::KEY,
        row,
    }
}

/// What a file is bound to.
fn file_place(row: &str) -> Place<'_> {
    Place {
        table: rows::TABLE,
        column: "file",
        row,
    }
}
