//! Reads one element of `statuses`.

use serde_json::Value;

use super::envelope::Surroundings;
use super::lenient::{integer, text, time};
use super::message::phone;
use super::{Event, Pricing, Sender, Status, StatusUpdate};

/// Reads a status, or names what else it is.
pub(super) fn read(status: &Value, around: &Surroundings) -> Result<Event, &'static str> {
    let word = text(status, "status").ok_or("unreadable")?;
    let update = StatusUpdate {
        phone_number_id: around.phone_number_id.clone().ok_or("unreadable")?,
        wamid: text(status, "id").ok_or("unreadable")?,
        status: known(&word).ok_or("status")?,
        at: time(status, "timestamp").ok_or("unreadable")?,
        recipient: recipient(status),
        to: both_names(status),
        callback: text(status, "biz_opaque_callback_data"),
        error_code: status
            .pointer("/errors/0")
            .and_then(|error| integer(error, "code")),
        pricing: status.get("pricing").and_then(pricing),
    };
    Ok(Event::Status(update))
}

fn pricing(of: &Value) -> Option<Pricing> {
    Some(Pricing {
        billable: of.get("billable").and_then(Value::as_bool),
        kind: text(of, "type").unwrap_or_default(),
        category: text(of, "category")?,
    })
}

fn known(word: &str) -> Option<Status> {
    use Status::{Delivered, Failed, Played, Read, Sent};
    [Sent, Failed, Delivered, Read, Played]
        .into_iter()
        .find(|status| status.as_str() == word)
}

/// Reads under which names Meta knows somebody: one alone is nothing new, and those of a
/// group are nobody's.
fn both_names(status: &Value) -> Option<Sender> {
    let is_group = text(status, "recipient_type").as_deref() == Some("group")
        || status.get("recipient_participant_id").is_some();
    if is_group {
        return None;
    }
    Some(Sender {
        wa_id: Some(text(status, "recipient_id").as_deref().and_then(phone)?),
        user_id: Some(text(status, "recipient_user_id")?),
        name: None,
    })
}

fn recipient(status: &Value) -> String {
    [
        "recipient_participant_id",
        "recipient_id",
        "recipient_user_id",
    ]
    .iter()
    .find_map(|key| text(status, key))
    .unwrap_or_default()
}
