//! The JSON that Graph takes.

use serde_json::{Value, json};

use super::{Button, Outgoing, Row, Section, cards};

/// To whom a message goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recipient {
    /// By phone number: digits with country code, no plus.
    Phone(String),
    /// By business-scoped user id.
    UserId(String),
}

impl Outgoing {
    /// Returns the request that sends this; `callback` comes back in its statuses.
    pub fn request(&self, to: &Recipient, callback: &str) -> Value {
        let mut request = json!({
            "messaging_product": "whatsapp",
            "recipient_type": "individual",
            "biz_opaque_callback_data": callback,
        });
        match to {
            // Without the plus Meta may put our own country code in front.
            Recipient::Phone(digits) => {
                request["to"] = format!("+{}", digits.trim_start_matches('+')).into();
            }
            Recipient::UserId(user_id) => request["recipient"] = user_id.as_str().into(),
        }
        if let Self::Quoting { wamid, .. } = self {
            request["context"] = json!({ "message_id": wamid });
        }
        let (kind, content) = self.content();
        request["type"] = kind.into();
        request[kind] = content;
        request
    }

    fn content(&self) -> (&'static str, Value) {
        match self {
            Self::Text { body } => ("text", json!({ "body": body, "preview_url": false })),
            Self::Buttons {
                body,
                footer,
                buttons,
            } => {
                let buttons: Vec<Value> = buttons.iter().map(button_json).collect();
                let action = json!({ "buttons": buttons });
                interactive("button", body, footer.as_deref(), action)
            }
            Self::List {
                body,
                footer,
                button,
                sections,
            } => {
                let sections: Vec<Value> = sections.iter().map(section_json).collect();
                let action = json!({ "button": button, "sections": sections });
                interactive("list", body, footer.as_deref(), action)
            }
            Self::Cards { body, cards } => interactive("carousel", body, None, cards::json(cards)),
            Self::Form {
                body,
                button,
                name,
                token,
            } => {
                let parameters = json!({
                    "flow_message_version": "3",
                    "flow_name": name,
                    "flow_cta": button,
                    "flow_token": token,
                    "flow_action": "data_exchange",
                    "mode": "published",
                });
                let action = json!({ "name": "flow", "parameters": parameters });
                interactive("flow", body, None, action)
            }
            Self::Link {
                body,
                footer,
                title,
                url,
            } => {
                let action = link_action(title, url);
                interactive("cta_url", body, footer.as_deref(), action)
            }
            Self::AskLocation { body } => {
                let action = json!({ "name": "send_location" });
                interactive("location_request_message", body, None, action)
            }
            Self::AskPhone { body } => {
                let kind = "request_contact_info";
                interactive(kind, body, None, json!({ "name": kind }))
            }
            Self::Media(media) => media.content(),
            Self::Reaction { to, emoji } => {
                // An empty emoji takes the reaction away.
                let emoji = emoji.as_deref().unwrap_or("");
                ("reaction", json!({ "message_id": to, "emoji": emoji }))
            }
            Self::Quoting { message, .. } => message.content(),
            Self::Template(template) => ("template", template.content()),
        }
    }
}

/// Returns the request that marks a message, and all before it, as read.
pub fn read_receipt(wamid: &str) -> Value {
    json!({ "messaging_product": "whatsapp", "status": "read", "message_id": wamid })
}

/// Returns the request that also shows "typing", until the reply or for 25 seconds.
pub fn typing_indicator(wamid: &str) -> Value {
    let mut request = read_receipt(wamid);
    request["typing_indicator"] = json!({ "type": "text" });
    request
}

/// Returns the action of a button that opens a page.
pub(super) fn link_action(title: &str, url: &str) -> Value {
    json!({ "name": "cta_url", "parameters": { "display_text": title, "url": url } })
}

fn interactive(
    kind: &str,
    body: &str,
    footer: Option<&str>,
    action: Value,
) -> (&'static str, Value) {
    let mut content = json!({ "type": kind, "body": { "text": body } });
    content["action"] = action;
    if let Some(footer) = footer {
        content["footer"] = json!({ "text": footer });
    }
    ("interactive", content)
}

fn button_json(button: &Button) -> Value {
    json!({ "type": "reply", "reply": { "id": button.id, "title": button.title } })
}

fn section_json(section: &Section) -> Value {
    let rows: Vec<Value> = section.rows.iter().map(row_json).collect();
    let mut json = json!({ "rows": rows });
    if !section.title.is_empty() {
        json["title"] = section.title.as_str().into();
    }
    json
}

fn row_json(row: &Row) -> Value {
    let mut json = json!({ "id": row.id, "title": row.title });
    if let Some(description) = &row.description {
        json["description"] = description.as_str().into();
    }
    json
}

#[cfg(test)]
mod tests {
    use super::super::{Media, Source};
    use super::*;
    use crate::whatsapp::MediaKind;

    #[test]
    fn a_text_goes_to_a_phone_number_with_its_plus() {
        let text = Outgoing::Text {
            body: "नमस्ते".into(),
        };
        let expected = json!({
            "messaging_product": "whatsapp", "recipient_type": "individual",
            "to": "+919812345678", "type": "text",
            "text": { "body": "नमस्ते", "preview_url": false },
            "biz_opaque_callback_data": "obx_1.1",
        });
        for phone in ["919812345678", "+919812345678"] {
            let to = Recipient::Phone(phone.into());
            assert_eq!(text.request(&to, "obx_1.1"), expected);
        }
    }

    #[test]
    fn a_user_id_goes_by_recipient_and_never_by_to() {
        let text = Outgoing::Text { body: "hi".into() };
        let request = text.request(&Recipient::UserId("IN.1".into()), "c");
        assert_eq!(request["recipient"], "IN.1");
        assert_eq!(request.get("to"), None);
    }

    #[test]
    fn buttons_and_lists_have_the_shape_of_the_documentation() {
        let buttons = Outgoing::Buttons {
            body: "Pick one".into(),
            footer: Some("f".into()),
            buttons: vec![Button {
                id: "yes".into(),
                title: "Yes".into(),
            }],
        };
        let list = Outgoing::List {
            body: "Choose".into(),
            footer: None,
            button: "Menu".into(),
            sections: vec![Section {
                title: "Invest".into(),
                rows: vec![
                    Row {
                        id: "sip".into(),
                        title: "Start SIP".into(),
                        description: Some("Monthly".into()),
                    },
                    Row {
                        id: "nav".into(),
                        title: "NAV".into(),
                        description: None,
                    },
                ],
            }],
        };
        let to = Recipient::Phone("91".into());
        assert_eq!(
            buttons.request(&to, "c")["interactive"],
            json!({"type": "button", "body": {"text": "Pick one"}, "footer": {"text": "f"},
                "action": {"buttons": [{"type": "reply", "reply": {"id": "yes", "title": "Yes"}}]}})
        );
        assert_eq!(
            list.request(&to, "c")["interactive"],
            json!({"type": "list", "body": {"text": "Choose"}, "action": {"button": "Menu",
                "sections": [{"title": "Invest", "rows": [
                    {"id": "sip", "title": "Start SIP", "description": "Monthly"},
                    {"id": "nav", "title": "NAV"}]}]}})
        );
    }

    /// Compares whole bodies, and what is read back from the outbox.
    fn each_is_sent_as<const N: usize>(cases: [(Outgoing, Value); N]) {
        let to = Recipient::Phone("91".into());
        for (message, mut expected) in cases {
            for (key, value) in [
                ("messaging_product", "whatsapp"),
                ("recipient_type", "individual"),
                ("to", "+91"),
                ("biz_opaque_callback_data", "c"),
            ] {
                expected[key] = value.into();
            }
            assert_eq!(message.check(), Ok(()), "{message:?}");
            assert_eq!(message.request(&to, "c"), expected);
            let stored = serde_json::to_string(&message).unwrap();
            assert_eq!(serde_json::from_str::<Outgoing>(&stored).unwrap(), message);
        }
    }

    #[test]
    fn media_have_the_shape_of_the_documentation() {
        let media = |kind, source, caption: Option<&str>, file_name: Option<&str>| {
            Outgoing::Media(Media {
                kind,
                source,
                caption: caption.map(Into::into),
                file_name: file_name.map(Into::into),
            })
        };
        let uploaded = || Source::Uploaded("1013859600285441".into());
        each_is_sent_as([
            (
                media(MediaKind::Image, uploaded(), Some("Growth"), None),
                json!({"type": "image", "image": {"id": "1013859600285441", "caption": "Growth"}}),
            ),
            (
                media(
                    MediaKind::Document,
                    uploaded(),
                    Some("As of today"),
                    Some("statement.pdf"),
                ),
                json!({"type": "document", "document": {"id": "1013859600285441",
                    "caption": "As of today", "filename": "statement.pdf"}}),
            ),
            (
                media(
                    MediaKind::Video,
                    Source::Link("https://example.in/v.mp4".into()),
                    None,
                    None,
                ),
                json!({"type": "video", "video": {"link": "https://example.in/v.mp4"}}),
            ),
            (
                media(MediaKind::Audio, uploaded(), None, None),
                json!({"type": "audio", "audio": {"id": "1013859600285441"}}),
            ),
            (
                media(MediaKind::Sticker, uploaded(), None, None),
                json!({"type": "sticker", "sticker": {"id": "1013859600285441"}}),
            ),
        ]);
    }

    #[test]
    fn links_requests_reactions_and_quotations_have_the_shape_of_the_documentation() {
        each_is_sent_as([
            (
                Outgoing::Link {
                    body: "Your order waits.".into(),
                    footer: Some("f".into()),
                    title: "Approve".into(),
                    url: "https://example.in/o".into(),
                },
                json!({"type": "interactive", "interactive": {"type": "cta_url",
                    "body": {"text": "Your order waits."}, "footer": {"text": "f"},
                    "action": {"name": "cta_url", "parameters": {
                        "display_text": "Approve", "url": "https://example.in/o"}}}}),
            ),
            (
                Outgoing::AskLocation {
                    body: "Where are you?".into(),
                },
                json!({"type": "interactive", "interactive": {"type": "location_request_message",
                    "body": {"text": "Where are you?"}, "action": {"name": "send_location"}}}),
            ),
            (
                Outgoing::AskPhone {
                    body: "Which number?".into(),
                },
                json!({"type": "interactive", "interactive": {"type": "request_contact_info",
                    "body": {"text": "Which number?"}, "action": {"name": "request_contact_info"}}}),
            ),
            (
                Outgoing::Reaction {
                    to: "wamid.A".into(),
                    emoji: Some("👍".into()),
                },
                json!({"type": "reaction", "reaction": {"message_id": "wamid.A", "emoji": "👍"}}),
            ),
            (
                Outgoing::Reaction {
                    to: "wamid.A".into(),
                    emoji: None,
                },
                json!({"type": "reaction", "reaction": {"message_id": "wamid.A", "emoji": ""}}),
            ),
            (
                Outgoing::Text {
                    body: "Yes.".into(),
                }
                .quoting("wamid.A"),
                json!({"type": "text", "text": {"body": "Yes.", "preview_url": false},
                    "context": {"message_id": "wamid.A"}}),
            ),
        ]);
    }

    #[test]
    fn a_file_of_ours_is_sent_by_the_id_it_got_also_where_it_quotes() {
        let kept = Outgoing::Media(Media {
            kind: MediaKind::Image,
            source: Source::Kept("doc_1".into()),
            caption: None,
            file_name: None,
        })
        .quoting("wamid.A");
        assert_eq!(kept.kept_files(), ["doc_1"]);
        let sent = kept.uploaded("doc_1", "77");
        assert_eq!(sent.kept_files(), [""; 0]);
        let to = Recipient::Phone("91".into());
        assert_eq!(sent.request(&to, "c")["image"], json!({"id": "77"}));
    }

    #[test]
    fn typing_is_a_read_receipt_and_more() {
        assert_eq!(
            typing_indicator("wamid.A"),
            json!({"messaging_product": "whatsapp", "status": "read", "message_id": "wamid.A",
                "typing_indicator": {"type": "text"}})
        );
    }

    #[test]
    fn the_stored_form_is_stable() {
        let stored =
            r#"{"type":"buttons","body":"b","footer":null,"buttons":[{"id":"a","title":"A"}]}"#;
        let message: Outgoing = serde_json::from_str(stored).unwrap();
        assert_eq!(serde_json::to_string(&message).unwrap(), stored);
    }
}
