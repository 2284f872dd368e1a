//! Reads that somebody has another number or user id.
//!
//! Meta tells it in three ways: a system message with the new number, one with the new
//! user id, and a field of its own with several at a time. Whatever says less than both
//! names is left to be kept as what it came as.

use serde_json::Value;
use serde_json::value::RawValue;

use super::lenient::{element, text, time};
use super::message::{is_user_id, phone};
use super::{IdentityChange, Sender, key_of};

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

/// Reads the value of the field `user_id_update`; nothing unless all of it reads.
pub(super) fn in_value(value: &RawValue, source: &str) -> Option<Vec<IdentityChange>> {
    let value = element(value)?;
    let number = value.get("metadata").unwrap_or(&Value::Null);
    let number = text(number, "phone_number_id");
    let updates = value.get("user_id_update")?.as_array()?;
    let changes = updates.iter().map(|update| {
        let ids = update.get("user_id")?;
        let wa_id = text(update, "wa_id").as_deref().and_then(phone);
        Some(IdentityChange {
            phone_number_id: number.clone(),
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
            at: time(update, "timestamp")?,
            key: key_of(source, &update.to_string()),
            raw: update.to_string(),
        })
    });
    changes.collect()
}
