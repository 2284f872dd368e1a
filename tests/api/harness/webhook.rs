//! What Meta posts, in bytes.

use serde_json::{Value, json};

use super::network::NUMBER;

/// Whom a message is from: a phone number, a user id, or both of one person.
pub type Names<'a> = (Option<&'a str>, Option<&'a str>);

/// Returns the body of a webhook with one text from a phone number.
pub fn text(from: &str, wamid: &str, at: i64, body: &str) -> Vec<u8> {
    let from = (Some(from), None);
    message(from, wamid, at, "text", &json!({"body": body}))
}

/// Returns the body of a webhook with one message of any type; `at` is Meta's time in
/// seconds.
pub fn message(
    (phone, user): Names<'_>,
    wamid: &str,
    at: i64,
    kind: &str,
    content: &Value,
) -> Vec<u8> {
    let value = json!({
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "919100000000", "phone_number_id": NUMBER},
        "contacts": [{"profile": {"name": "Asha"}, "wa_id": phone, "user_id": user}],
        "messages": [{"from": phone, "from_user_id": user, "id": wamid,
                      "timestamp": at.to_string(), "type": kind, kind: content}],
    });
    envelope(&value)
}

/// Returns the body of a webhook with one status.
pub fn status(wamid: &str, status: &str, callback: Option<&str>, at: i64) -> Vec<u8> {
    let value = json!({
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "919100000000", "phone_number_id": NUMBER},
        "statuses": [{"id": wamid, "status": status, "timestamp": at.to_string(),
                      "recipient_id": "919000000000", "biz_opaque_callback_data": callback}],
    });
    envelope(&value)
}

fn envelope(value: &Value) -> Vec<u8> {
    let body = json!({
        "object": "whatsapp_business_account",
        "entry": [{"id": "2", "changes": [{"field": "messages", "value": value}]}],
    });
    serde_json::to_vec(&body).expect("plain data")
}
