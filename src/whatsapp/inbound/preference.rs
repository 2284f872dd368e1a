//! Reads what somebody settled in WhatsApp about marketing from us.

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::lenient::{element, text, time};
use super::message::phone;
use super::{Event, OptOut, OtherEvent, Sender, key_of};

#[derive(Deserialize)]
struct Parts<'a> {
    #[serde(borrow)]
    metadata: &'a RawValue,
    #[serde(borrow)]
    user_preferences: Vec<&'a RawValue>,
}

/// Reads the value of the field `user_preferences`; nothing if it has another shape. An
/// element that does not read harms no other: `unreadable` makes an event of the value that
/// holds it alone. Only that somebody stops marketing is acted on: that they allow it again
/// is no consent to what they never asked for, and is kept.
pub(super) fn in_value(
    value: &RawValue,
    source: &str,
    unreadable: impl Fn(&RawValue, &str) -> Event,
) -> Option<Vec<Event>> {
    let parts: Parts = serde_json::from_str(value.get()).ok()?;
    let number = text(&element(parts.metadata)?, "phone_number_id")?;
    let read = parts.user_preferences.into_iter().map(|raw| {
        let alone = || {
            let metadata = parts.metadata;
            unreadable(
                raw,
                &format!("{{\"metadata\":{metadata},\"user_preferences\":[{raw}]}}"),
            )
        };
        let one = element(raw);
        one.and_then(|one| preference(&one, raw, &number, source))
            .unwrap_or_else(alone)
    });
    Some(read.collect())
}

fn preference(one: &Value, raw: &RawValue, number: &str, source: &str) -> Option<Event> {
    let raw = raw.get().to_owned();
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
        phone_number_id: number.to_owned(),
        who: sender(one)?,
        at: time(one, "timestamp"),
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
