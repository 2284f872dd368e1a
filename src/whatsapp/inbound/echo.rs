//! Reads what a person of ours wrote from the WhatsApp Business app, on a number that is
//! used in both.

use serde_json::value::RawValue;

use super::lenient::{element, text, time};
use super::message::{is_user_id, phone};
use super::{Echo, Event, Sender};

/// Reads the echoes of a change; nothing unless all of it reads.
pub(super) fn in_value(value: &RawValue) -> Option<Vec<Event>> {
    let value = element(value)?;
    let number = text(value.get("metadata")?, "phone_number_id")?;
    let echoes = value.get("message_echoes")?.as_array()?;
    let read = echoes.iter().map(|echo| {
        let to = text(echo, "to");
        let user_id = text(echo, "to_user_id").or_else(|| to.clone().filter(|to| is_user_id(to)));
        let to = Sender {
            wa_id: to.as_deref().and_then(phone),
            user_id,
            name: None,
        };
        if to.wa_id.is_none() && to.user_id.is_none() {
            return None;
        }
        Some(Event::Echo(Echo {
            phone_number_id: number.clone(),
            wamid: text(echo, "id")?,
            to,
            at: time(echo, "timestamp")?,
            raw: echo.to_string(),
        }))
    });
    read.collect()
}
