//! Reads one element of `statuses`.

use serde_json::Value;

use super::envelope::Surroundings;
use super::lenient::{integer, text, time};
use super::{Event, Pricing, Status, StatusUpdate};

/// Reads a status, or names what else it is.
pub(super) fn read(status: &Value, around: &Surroundings) -> Result<Event, &'static str> {
    let word = text(status, "status").ok_or("unreadable")?;
    let update = StatusUpdate {
        phone_number_id: around.phone_number_id.clone().ok_or("unreadable")?,
        wamid: text(status, "id").ok_or("unreadable")?,
        status: known(&word).ok_or("status")?,
        at: time(status, "timestamp").ok_or("unreadable")?,
        recipient: recipient(status),
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
