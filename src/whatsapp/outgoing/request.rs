//! The JSON that Graph takes.

use serde_json::{Value, json};

use super::{Button, Outgoing, Row, Section};

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
    use super::*;

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
