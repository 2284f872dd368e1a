//! Reads that somebody has another number or user id.
//!
//! Meta tells it in three ways: a system message with the new number, one with the new
//! user id, and a field of its own with several at a time. Whatever says less than both
//! names is left to be kept as what it came as.

use serde_json::Value;

use super::lenient::{text, time};
use super::listed::Element;
use super::message::{is_user_id, phone};
use super::{Event, IdentityChange, Sender, key_of};

/// Reads a system message, if it tells of another name.
pub(super) fn in_message(
    message: &Value,
    phone_number_id: &str,
    wamid: &str,
) -> Option<IdentityChange> {
    let system = message.get("system")?;
    let from = text(message, "from");
    let mut was = Sender {
        wa_id: from.as_deref().and_then(phone),
        user_id: text(message, "from_user_id").or_else(|| from.filter(|from| is_user_id(from))),
        name: None,
    };
    let mut is = Sender::default();
    let word = match text(system, "type")?.as_str() {
        "user_changed_number" => {
            is.wa_id = text(system, "wa_id").or_else(|| text(system, "new_wa_id"));
            is.wa_id = is.wa_id.as_deref().and_then(phone);
            is.wa_id.as_ref()?;
            is.user_id = text(system, "user_id");
            "user_changed_number"
        }
        "user_changed_user_id" => {
            is.user_id = Some(text(system, "user_id")?);
            was.user_id = text(system, "previous_user_id").or(was.user_id);
            is.wa_id.clone_from(&was.wa_id);
            "user_changed_user_id"
        }
        _ => return None,
    };
    if was.wa_id.is_none() && was.user_id.is_none() {
        return None;
    }
    Some(IdentityChange {
        phone_number_id: Some(phone_number_id.to_owned()),
        word,
        was,
        is,
        at: time(message, "timestamp")?,
        key: format!("message:{phone_number_id}:{wamid}"),
        raw: message.to_string(),
    })
}

/// Reads one element of the field `user_id_update`.
pub(super) fn read(update: &Element, source: &str) -> Option<Event> {
    let value = &update.value;
    let ids = value.get("user_id")?;
    let wa_id = text(value, "wa_id").as_deref().and_then(phone);
    let raw = value.to_string();
    Some(Event::Moved(IdentityChange {
        phone_number_id: update.number.map(str::to_owned),
        word: "user_id_update",
        was: Sender {
            wa_id: wa_id.clone(),
            user_id: Some(text(ids, "previous")?),
            name: None,
        },
        is: Sender {
            wa_id,
            user_id: Some(text(ids, "current")?),
            name: None,
        },
        at: time(value, "timestamp")?,
        // Not the key of the bare bytes: a build that could not read them may have kept them.
        key: format!("moved:{}", key_of(source, &raw)),
        raw,
    }))
}
