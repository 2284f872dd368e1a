//! What Meta tells us: messages, statuses and everything else.
//!
//! [`read`] takes a webhook body apart. Whatever it holds comes back as an
//! [`Event`], in the order it stood there; an element that makes no sense comes
//! back as [`Event::Other`] with its JSON, and never harms its siblings.

mod echo;
mod envelope;
mod lenient;
mod listed;
mod message;
mod moved;
pub mod news;
mod policy;
mod preference;
mod status;
mod stored;
#[cfg(test)]
mod tests;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::rates::Pricing;

pub use envelope::{Unreadable, display_number, read};
pub(super) use lenient::{hex, text};
pub use policy::{Policy, TABLE as POLICIES, policy};
pub use stored::BadStored;

/// One thing that one webhook told us.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// Somebody wrote, tapped, reacted or changed.
    Message(InboundMessage),
    /// Something became of a message of ours.
    Status(StatusUpdate),
    /// Somebody has another number or user id from now on.
    Moved(IdentityChange),
    /// A person of ours wrote from the WhatsApp Business app.
    Echo(Echo),
    /// Somebody wants no marketing from us, and said so to WhatsApp.
    OptOut(OptOut),
    /// Any other field, or an element that could not be read; kept and counted.
    Other(OtherEvent),
}

impl Event {
    /// Returns what tells this event from every other, the same for each delivery
    /// of it. It holds names of people: hash it with a secret before storing it.
    pub fn key(&self) -> String {
        match self {
            Self::Message(message) => {
                format!("message:{}:{}", message.phone_number_id, message.wamid)
            }
            Self::Status(update) => format!(
                "status:{}:{}:{}",
                update.wamid,
                update.status.as_str(),
                update.recipient
            ),
            Self::Moved(change) => change.key.clone(),
            Self::OptOut(told) => told.key.clone(),
            Self::Echo(echo) => format!("echo:{}:{}", echo.phone_number_id, echo.wamid),
            Self::Other(other) => key_of(&other.source, &other.raw),
        }
    }
}

/// Returns the key of what has no id of its own.
fn key_of(source: &str, raw: &str) -> String {
    let mut hash = Sha256::new();
    hash.update(source.len().to_be_bytes());
    hash.update(source);
    hash.update(raw);
    format!("other:{}", hex(&hash.finalize()))
}

/// Who wrote. Either name may be missing, never both.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Sender {
    /// Phone number: digits with country code, no plus.
    #[serde(rename = "p", default, skip_serializing_if = "Option::is_none")]
    pub wa_id: Option<String>,
    /// Business-scoped user id (`IN.2081978709342942`).
    #[serde(rename = "u", default, skip_serializing_if = "Option::is_none")]
    pub user_id: Option<String>,
    /// Profile name as the person chose it, else the user name.
    #[serde(rename = "n", default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// One message from a person.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct InboundMessage {
    /// The number of ours it was sent to.
    #[serde(rename = "to")]
    pub phone_number_id: String,
    /// Meta's id of the message.
    #[serde(rename = "id")]
    pub wamid: String,
    /// Who wrote.
    #[serde(rename = "from")]
    pub sender: Sender,
    /// Meta's own time of it.
    #[serde(
        rename = "at",
        with = "jiff::fmt::serde::timestamp::millisecond::required"
    )]
    pub sent_at: Timestamp,
    /// What was said.
    #[serde(rename = "c")]
    pub content: Content,
    /// The message of ours it answers, where Meta says so.
    #[serde(rename = "re", default, skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<String>,
    /// Whether it was forwarded from another chat.
    #[serde(rename = "fwd", default, skip_serializing_if = "std::ops::Not::not")]
    pub forwarded: bool,
    /// The advertisement or post it came from (`source_type:source_id`), on a first message.
    #[serde(rename = "ad", default, skip_serializing_if = "Option::is_none")]
    pub referral: Option<String>,
}

/// What a message says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Content {
    /// Words.
    Text(String),
    /// A tap on a button or list row of ours: the id we gave it, and its label.
    Tap {
        /// The id we gave the button or row.
        id: String,
        /// Its label.
        title: String,
    },
    /// A tap on a template's quick reply.
    TemplateButton {
        /// The payload set when it was sent, or the label.
        payload: String,
        /// The label.
        text: String,
    },
    /// A WhatsApp Flow form that was filled in (`response_json` as it came).
    FlowReply(String),
    /// Picture, sound, video, document or sticker.
    Media {
        /// Which of them.
        kind: MediaKind,
        /// Id to fetch it by.
        id: String,
        /// MIME type as told.
        mime_type: String,
        /// Words below it.
        caption: Option<String>,
        /// Whether a sound was recorded in the chat (a voice note, Meta's `voice`); otherwise
        /// it is a file they had.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        voice: bool,
    },
    /// A place.
    Location,
    /// Address-book cards.
    Contacts,
    /// A reaction to a message; `None` takes it back.
    Reaction(Option<String>),
    /// A catalogue order.
    Order,
    /// Number or identity changes and the like (`system.type`).
    System(String),
    /// The chat was opened for the first time.
    Welcome,
    /// An earlier message was edited.
    Edit,
    /// An earlier message was deleted.
    Revoke,
    /// They allowed a call, or did not.
    CallPermission,
    /// Meta says the type is not supported, or we do not know it (`type` as it came).
    Unsupported(String),
}

impl Content {
    /// Returns the word it is counted under: one of a few, never anything a person wrote.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Text(_) => "text",
            Self::Tap { .. } => "tap",
            Self::TemplateButton { .. } => "template_button",
            Self::FlowReply(_) => "flow_reply",
            Self::Media { kind, .. } => kind.word(),
            Self::Location => "location",
            Self::Contacts => "contacts",
            Self::Reaction(_) => "reaction",
            Self::Order => "order",
            Self::System(_) => "system",
            Self::Welcome => "welcome",
            Self::Edit => "edit",
            Self::Revoke => "revoke",
            Self::CallPermission => "call_permission",
            Self::Unsupported(_) => "unsupported",
        }
    }
}

impl MediaKind {
    /// Returns Meta's word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Image => "image",
            Self::Video => "video",
            Self::Audio => "audio",
            Self::Document => "document",
            Self::Sticker => "sticker",
        }
    }

    /// Reads Meta's word for it.
    pub fn parse(word: &str) -> Option<Self> {
        let all = [
            Self::Image,
            Self::Video,
            Self::Audio,
            Self::Document,
            Self::Sticker,
        ];
        all.into_iter().find(|kind| kind.word() == word)
    }
}

/// Kinds of media.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MediaKind {
    /// A picture.
    Image,
    /// A video.
    Video,
    /// Sound; whether a voice note or a file, `Content::Media::voice` says.
    Audio,
    /// A file.
    Document,
    /// A sticker.
    Sticker,
}

/// What became of a message of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusUpdate {
    /// The number of ours it was sent from.
    pub phone_number_id: String,
    /// Meta's id of the message.
    pub wamid: String,
    /// How far it got.
    pub status: Status,
    /// Meta's own time of it.
    pub at: Timestamp,
    /// Whom it went to, by either name (part of the key of the event).
    pub recipient: String,
    /// Both names of whom it went to, where Meta gives them.
    pub to: Option<Sender>,
    /// What we sent along in `biz_opaque_callback_data`.
    pub callback: Option<String>,
    /// Meta's error code, for a failure.
    pub error_code: Option<i64>,
    /// What Meta says of its price.
    pub pricing: Option<Pricing>,
}

/// How far a message got.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// Left Meta's servers.
    Sent,
    /// Failed.
    Failed,
    /// Reached a device.
    Delivered,
    /// Was opened.
    Read,
    /// A voice message was played.
    Played,
}

impl Status {
    /// Returns Meta's word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Failed => "failed",
            Self::Delivered => "delivered",
            Self::Read => "read",
            Self::Played => "played",
        }
    }
}

/// Somebody's names before and after, as Meta tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdentityChange {
    /// The number of ours it was told to, where Meta says so.
    pub phone_number_id: Option<String>,
    /// Which of the three ways Meta has to tell it.
    pub word: &'static str,
    /// The names so far.
    pub was: Sender,
    /// The names from now on.
    pub is: Sender,
    /// Meta's own time of it.
    pub at: Timestamp,
    /// What tells it from every other change.
    key: String,
    /// The JSON as it came.
    pub raw: String,
}

/// Something that a person of ours wrote from the WhatsApp Business app.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Echo {
    /// The number of ours it was sent from.
    pub phone_number_id: String,
    /// Meta's id of the message.
    pub wamid: String,
    /// Whom it was written to.
    pub to: Sender,
    /// Meta's own time of it.
    pub at: Timestamp,
    /// The JSON as it came.
    pub raw: String,
}

/// Somebody wants no marketing from us: settled in WhatsApp, and not said in the chat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OptOut {
    /// The number of ours that they want none from.
    pub phone_number_id: String,
    /// Who.
    pub who: Sender,
    /// When, by Meta's clock, where Meta says so.
    pub at: Option<Timestamp>,
    /// What tells it from every other event.
    pub key: String,
    /// The JSON as it came.
    pub raw: String,
}

/// An event that is kept and counted, and changes nothing by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OtherEvent {
    /// `field` of the change; within `messages`: `errors`, `own` (we wrote it
    /// ourselves), `group`, `status` (one we do not know) or `unreadable`.
    pub field: String,
    /// What identifies it: entry id, time and field (the value is hashed beside it).
    pub source: String,
    /// The account it is about, where the whole field is kept.
    pub account: Option<String>,
    /// When it happened, where the whole field is kept.
    pub at: Option<Timestamp>,
    /// The JSON as it came.
    pub raw: String,
    /// Of what could not be read: a webhook body that holds it alone, to be read again.
    pub alone: Option<String>,
}
