//! What was heard of each message that is answered. Which are, says the table of the
//! channel (`whatsapp::inbound::POLICIES`).

use super::labels::Label;
use crate::contacts::door;
use crate::pipeline::Offered;
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
    /// An answer was asked for that a template of ours offered.
    ShowAnswer {
        /// The offer.
        offer: Offered,
        /// What stood on its button.
        label: &'a str,
    },
    /// The chat was opened.
    Opened,
    /// A form was filled in; what it brings back, as JSON.
    Form(&'a str),
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
        // A link with nothing but its mark is a chat that was opened.
        Content::Text(text) => match door::words(text) {
            "" if !text.is_empty() => Heard::Opened,
            words => Heard::Words(words),
        },
        // Of any other template's button the label counts: it is what the person read and
        // meant.
        Content::TemplateButton { text, payload } => {
            let words = Heard::Words(text);
            Offered::read(payload).map_or(words, |offer| Heard::ShowAnswer { offer, label: text })
        }
        Content::Welcome => Heard::Opened,
        Content::Media {
            kind,
            caption,
            voice,
            ..
        } => {
            let what = label(*kind, *voice);
            match caption.as_deref().map(str::trim) {
                Some(words) if !words.is_empty() => Heard::Captioned { what, words },
                _ => Heard::Unreadable(what),
            }
        }
        Content::Location => Heard::Unreadable(Label::Location),
        Content::Contacts => Heard::Unreadable(Label::ContactCard),
        Content::FlowReply(filled) => Heard::Form(filled),
        Content::Order | Content::Unsupported(_) => Heard::Unreadable(Label::OtherKind),
        Content::Reaction(_)
        | Content::System(_)
        | Content::Edit
        | Content::Revoke
        | Content::CallPermission => Heard::Nothing,
    }
}

const fn label(kind: MediaKind, voice: bool) -> Label {
    match kind {
        MediaKind::Image => Label::Picture,
        MediaKind::Video => Label::Video,
        MediaKind::Audio if voice => Label::Voice,
        MediaKind::Audio => Label::Sound,
        MediaKind::Document => Label::Document,
        MediaKind::Sticker => Label::Sticker,
    }
}
