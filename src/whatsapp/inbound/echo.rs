//! Reads what a person of ours wrote from the WhatsApp Business app, on a number that is
//! used in both.

use super::lenient::{text, time};
use super::listed::Element;
use super::message::{is_user_id, phone};
use super::{Echo, Event, Sender};

/// Reads one echo.
pub(super) fn read(echo: &Element) -> Option<Event> {
    let value = &echo.value;
    let to = text(value, "to");
    let user_id = text(value, "to_user_id").or_else(|| to.clone().filter(|to| is_user_id(to)));
    let to = Sender {
        wa_id: to.as_deref().and_then(phone),
        user_id,
        name: None,
    };
    if to.wa_id.is_none() && to.user_id.is_none() {
        return None;
    }
    Some(Event::Echo(Echo {
        phone_number_id: echo.number?.to_owned(),
        wamid: text(value, "id")?,
        to,
        at: time(value, "timestamp")?,
        raw: value.to_string(),
    }))
}
