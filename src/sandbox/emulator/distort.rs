//! Webhooks as Meta may write them one day, or has written them once: with parts and types
//! nobody knows, with times in milliseconds, with a character that databases refuse.

use serde_json::{Map, Value, json};

use super::faults::{FaultKind, Faults};
use super::sign::escape;

/// A type of messages that Meta does not have.
const UNKNOWN_TYPE: &str = "hologram";

/// Returns the change with a message as the faults have it that write messages otherwise.
pub(crate) fn message(faults: &mut Faults, kind: &str, mut change: String) -> String {
    if kind == "text" && faults.roll(FaultKind::NulInTexts).is_some() {
        change = with_nul(&change);
    }
    if faults.roll(FaultKind::UnknownTypes).is_some() {
        change = of_unknown_type(&change);
    }
    change
}

fn with_nul(change: &str) -> String {
    rewritten(change, |object| {
        if let Some(Value::String(body)) = object.get_mut("body") {
            body.push('\0');
        }
    })
}

fn of_unknown_type(change: &str) -> String {
    rewritten(change, |object| {
        // Of all objects only a message has both.
        let is_message = object.contains_key("from_user_id") && object.contains_key("timestamp");
        let kind = object.get("type").and_then(Value::as_str);
        if let (true, Some(kind)) = (is_message, kind.map(str::to_owned)) {
            let content = object.remove(&kind).unwrap_or_else(|| json!({}));
            object.insert(UNKNOWN_TYPE.to_owned(), content);
            object.insert("type".to_owned(), UNKNOWN_TYPE.into());
        }
    })
}

/// Returns a change with an unknown part in every object of it.
pub(crate) fn with_unknown_parts(change: &str) -> String {
    rewritten(change, |object| {
        object.insert("of_next_year".to_owned(), json!({"kind": "unknown"}));
    })
}

/// Returns a change whose times are in milliseconds.
pub(crate) fn in_milliseconds(change: &str) -> String {
    rewritten(change, |object| match object.get_mut("timestamp") {
        Some(Value::String(seconds)) => seconds.push_str("000"),
        Some(Value::Number(seconds)) => {
            let millis = seconds.as_i64().unwrap_or(0).saturating_mul(1_000);
            *seconds = millis.into();
        }
        _ => {}
    })
}

fn rewritten(change: &str, edit: fn(&mut Map<String, Value>)) -> String {
    let mut read: Value = serde_json::from_str(change).expect("it was written here, as JSON");
    walk(&mut read, edit);
    escape(&read.to_string())
}

fn walk(value: &mut Value, edit: fn(&mut Map<String, Value>)) {
    match value {
        Value::Array(all) => all.iter_mut().for_each(|one| walk(one, edit)),
        Value::Object(object) => {
            object.values_mut().for_each(|one| walk(one, edit));
            edit(object);
        }
        _ => {}
    }
}
