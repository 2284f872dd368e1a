//! Pictures, files, videos and sounds
//! (<https://developers.facebook.com/docs/whatsapp/cloud-api/reference/media>).

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::limits::{OverLimit, needed, optional};
use crate::whatsapp::MediaKind;

const CAPTION: usize = 1024;
const FILE_NAME: usize = 240;
const LINK: usize = 2048;
const MEDIA_ID: usize = 255;

/// A picture, file, video or sound, with words below it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Media {
    /// Which of them.
    pub kind: MediaKind,
    /// Where it is.
    pub source: Source,
    /// Words below it; sounds and stickers have none. At most 1,024 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub caption: Option<String>,
    /// What a document is called on the phone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file_name: Option<String>,
}

/// Where the bytes of a medium are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// With us, under this name. It has to be uploaded before it can be sent.
    Kept(String),
    /// With Meta, under this id.
    Uploaded(String),
    /// Behind this link, from where Meta fetches it.
    Link(String),
}

impl Source {
    pub(super) fn check(&self) -> Result<(), OverLimit> {
        match self {
            Self::Kept(name) => needed("media name", name, MEDIA_ID),
            Self::Uploaded(id) => needed("media id", id, MEDIA_ID),
            Self::Link(link) => needed("media link", link, LINK),
        }
    }

    /// Returns what Graph takes; of one that is still with us, its name stands for the id.
    pub(super) fn json(&self) -> Value {
        match self {
            Self::Kept(id) | Self::Uploaded(id) => json!({ "id": id }),
            Self::Link(link) => json!({ "link": link }),
        }
    }
}

impl Media {
    pub(super) fn check(&self) -> Result<(), OverLimit> {
        self.source.check()?;
        if matches!(self.kind, MediaKind::Audio | MediaKind::Sticker) && self.caption.is_some() {
            return Err(OverLimit::Malformed { field: "caption" });
        }
        optional("caption", self.caption.as_ref(), CAPTION)?;
        match (self.kind, &self.file_name) {
            (MediaKind::Document, Some(name)) => needed("file name", name, FILE_NAME),
            // Without one a phone shows "Untitled".
            (MediaKind::Document, None) => Err(OverLimit::Empty { field: "file name" }),
            (_, Some(_)) => Err(OverLimit::Malformed { field: "file name" }),
            (_, None) => Ok(()),
        }
    }

    pub(super) fn content(&self) -> (&'static str, Value) {
        let mut content = self.source.json();
        if let Some(caption) = &self.caption {
            content["caption"] = caption.as_str().into();
        }
        if let Some(name) = &self.file_name {
            content["filename"] = name.as_str().into();
        }
        (self.kind.word(), content)
    }
}
