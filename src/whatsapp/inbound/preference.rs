//! Reads what somebody settled in WhatsApp about marketing from us.

use serde_json::Value;

use super::lenient::{text, time};
use super::listed::Element;
use super::message::phone;
use super::{Event, OptOut, OtherEvent, Sender, key_of};

/// Reads one preference. Only that somebody stops marketing is acted on: that they allow it
/// again is no consent to what they never asked for, and is kept.
pub(super) fn read(one: &Element, source: &str) -> Option<Event> {
    let number = one.number?.to_owned();
    let (value, raw) = (&one.value, one.raw.to_owned());
    if text(value, "category")? != "marketing_messages" || text(value, "value")? != "stop" {
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
        phone_number_id: number,
        who: sender(value)?,
        at: time(value, "timestamp"),
        // Not the key of the bare bytes: a build that could not read them may have kept them.
        key: format!("stop:{}", key_of(source, &raw)),
        raw,
    }))
}

fn sender(one: &Value) -> Option<Sender> {
    let who = Sender {
        wa_id: text(one, "wa_id").as_deref().and_then(phone),
        user_id: text(one, "user_id"),
        name: None,
    };
    (who.wa_id.is_some() || who.user_id.is_some()).then_some(who)
}
