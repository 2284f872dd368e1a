//! Webhooks as Meta may write them one day, or has written them once: with parts nobody knows,
//! with times in milliseconds.

use serde_json::{Map, Value, json};

use super::sign::escape;

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
