//! What each type of message means to a conversation: one table, nothing left out.

use super::labels::Label;
use crate::whatsapp::{Content, MediaKind};

/// What was heard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heard<'a> {
    /// Words to be understood.
    Words(&'a str),
    /// A tap on something of ours.
    Tap {
        /// Its id.
        id: &'a str,
        /// Its label, in case the id is none of ours.
        title: &'a str,
    },
    /// The chat was opened.
    Opened,
    /// Something that cannot be read here, and what it is.
    Unreadable(Label),
    /// Something that cannot be read here, with words below it.
    Captioned {
        /// What it is.
        what: Label,
        /// The words.
        words: &'a str,
    },
    /// Nothing that wants an answer.
    Nothing,
}

/// Returns what was heard.
pub fn hear(content: &Content) -> Heard<'_> {
    match content {
        Content::Tap { id, title } => Heard::Tap { id, title },
        // Of a template's button the label counts: it is what the person read and meant.
        Content::Text(text) | Content::TemplateButton { text, .. } => Heard::Words(text),
        Content::Welcome => Heard::Opened,
        Content::Media { kind, caption, .. } => {
            let what = label(*kind);
            match caption.as_deref().map(str::trim) {
                Some(words) if !words.is_empty() => Heard::Captioned { what, words },
                _ => Heard::Unreadable(what),
            }
        }
        Content::Location => Heard::Unreadable(Label::Location),
        Content::Contacts => Heard::Unreadable(Label::ContactCard),
        Content::FlowReply(_) | Content::Order | Content::Unsupported(_) => {
            Heard::Unreadable(Label::OtherKind)
        }
        // An answer to a changed or withdrawn sentence would be an answer out of place.
        Content::Reaction(_) | Content::System(_) | Content::Edit | Content::Revoke => {
            Heard::Nothing
        }
    }
}

fn label(kind: MediaKind) -> Label {
    match kind {
        MediaKind::Image => Label::Picture,
        MediaKind::Video => Label::Video,
        MediaKind::Audio => Label::Voice,
        MediaKind::Document => Label::Document,
        MediaKind::Sticker => Label::Sticker,
    }
}
