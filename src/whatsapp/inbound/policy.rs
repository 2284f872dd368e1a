//! What is done about each kind of thing that comes in: one table, nothing left out.
//!
//! Only what stands here as [`Policy::Answer`] ever makes the bot speak. A kind nobody
//! has thought of is kept and changes nothing.

/// What is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Policy {
    /// It is answered.
    Answer,
    /// It changes something and is not answered.
    Act,
    /// It is kept, counted, and changes nothing.
    Record,
    /// Nothing follows from it. That it came is remembered; of a field, not what it said.
    Ignore,
}

use Policy::{Act, Answer, Ignore, Record};

/// Every kind: the word it is counted under ([`Content::word`](super::Content::word)) or
/// the field it came in, what is done, and why.
pub const TABLE: [(&str, Policy, &str); 33] = [
    ("text", Answer, "somebody wrote"),
    ("tap", Answer, "a button or row of ours was chosen"),
    (
        "template_button",
        Answer,
        "a quick reply of a template was chosen",
    ),
    ("flow_reply", Answer, "a form was handed in"),
    (
        "image",
        Answer,
        "it is kept; its words are understood, or it is said that it cannot be read",
    ),
    ("video", Answer, "as a picture"),
    ("document", Answer, "as a picture"),
    (
        "audio",
        Answer,
        "it is kept; it is said, kindly, that nobody here can hear it",
    ),
    ("sticker", Answer, "as a picture"),
    ("location", Answer, "it is said that it is of no use here"),
    ("contacts", Answer, "as a place"),
    ("order", Answer, "nothing is sold from a catalogue"),
    (
        "unsupported",
        Answer,
        "whoever sent it sees that it was not understood",
    ),
    ("welcome", Answer, "the chat was opened for the first time"),
    ("reaction", Ignore, "an answer to a thumb is one too many"),
    ("call_permission", Record, "nobody calls from here"),
    ("system", Record, "what changes a name is told apart before"),
    (
        "edit",
        Record,
        "an answer to a changed sentence would be out of place",
    ),
    ("revoke", Record, "as an edit"),
    (
        "user_changed_number",
        Act,
        "the identity moves, trust does not",
    ),
    ("user_changed_user_id", Act, "the identity moves"),
    ("user_id_update", Act, "as the message about it"),
    (
        "smb_message_echoes",
        Act,
        "a person spoke from the app: theirs is the conversation",
    ),
    (
        "marketing_stopped",
        Act,
        "who stops marketing in WhatsApp has said STOP",
    ),
    (
        "user_preferences",
        Record,
        "who allows it again there has not asked us for any",
    ),
    (
        "history",
        Ignore,
        "what was said long ago never drives the bot, and is nobody's to erase here",
    ),
    (
        "smb_app_state_sync",
        Ignore,
        "the address book of the app is none of ours",
    ),
    ("errors", Record, "something reached Meta and not us"),
    ("own", Record, "our own words come back"),
    ("group", Record, "groups are not served"),
    ("status", Record, "a status nobody knows"),
    ("standby", Record, "another app holds the conversation"),
    ("messages", Record, "a change with nothing in it"),
];

/// Returns what is done about a kind.
pub fn policy(kind: &str) -> Policy {
    let row = TABLE.iter().find(|(listed, ..)| *listed == kind);
    row.map_or(Record, |(_, policy, _)| *policy)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::whatsapp::{Content, MediaKind};

    #[test]
    fn every_kind_of_content_has_a_row_of_its_own() {
        let media = |kind| Content::Media {
            kind,
            id: String::new(),
            mime_type: String::new(),
            caption: None,
            voice: false,
        };
        let all = [
            Content::Text(String::new()),
            Content::Tap {
                id: String::new(),
                title: String::new(),
            },
            Content::TemplateButton {
                payload: String::new(),
                text: String::new(),
            },
            Content::FlowReply(String::new()),
            media(MediaKind::Image),
            media(MediaKind::Video),
            media(MediaKind::Audio),
            media(MediaKind::Document),
            media(MediaKind::Sticker),
            Content::Location,
            Content::Contacts,
            Content::Reaction(None),
            Content::Order,
            Content::System(String::new()),
            Content::Welcome,
            Content::Edit,
            Content::Revoke,
            Content::CallPermission,
            Content::Unsupported(String::new()),
        ];
        let listed: BTreeSet<_> = TABLE.iter().map(|(kind, ..)| *kind).collect();
        assert_eq!(listed.len(), TABLE.len(), "no kind twice");
        for content in all {
            assert!(listed.contains(content.word()), "{}", content.word());
        }
        assert_eq!(policy("something Meta has not thought of yet"), Record);
    }
}
