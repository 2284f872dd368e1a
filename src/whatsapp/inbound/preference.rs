//! Reads what somebody settled in WhatsApp about marketing from us.

use serde_json::Value;
use serde_json::value::RawValue;

use super::lenient::{element, text, time};
use super::message::phone;
use super::{Event, OptOut, OtherEvent, Sender, key_of};

/// Reads the value of the field `user_preferences`; nothing unless all of it reads. Only
/// that somebody stops marketing is acted on: that they allow it again is no consent to
/// what they never asked for, and is kept.
pub(super) fn in_value(value: &RawValue, source: &str) -> Option<Vec<Event>> {
    let value = element(value)?;
    let number = text(value.get("metadata")?, "phone_number_id")?;
    let preferences = value.get("user_preferences")?.as_array()?;
    let read = preferences.iter().map(|one| {
        let raw = one.to_string();
        if text(one, "category")? != "marketing_messages" || text(one, "value")? != "stop" {
            return Some(Event::Other(OtherEvent {
                field: "user_preferences".to_owned(),
                source: source.to_owned(),
                account: None,
                at: None,
                raw,
                alone: None,
            }));
        }
        Some(Event::OptOut(OptOut {
            phone_number_id: number.clone(),
            who: sender(one)?,
            at: time(one, "timestamp")?,
            key: key_of(source, &raw),
            raw,
        }))
    });
    read.collect()
}

fn sender(one: &Value) -> Option<Sender> {
    let who = Sender {
        wa_id: text(one, "wa_id").as_deref().and_then(phone),
        user_id: text(one, "user_id"),
        name: None,
    };
    (who.wa_id.is_some() || who.user_id.is_some()).then_some(who)
}
