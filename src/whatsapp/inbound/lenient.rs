//! Reading JSON that may not be what was agreed: a number given as text, text given
//! as a number, a part that is missing or of another type.

use std::fmt::Write as _;

use jiff::Timestamp;
use serde_json::Value;
use serde_json::value::RawValue;

/// Above this a time counts milliseconds: as seconds it would be the year 5138.
const FIRST_MILLIS: i64 = 100_000_000_000;

/// Returns a text or number as text, without the NUL characters that PostgreSQL
/// refuses; anything else and the empty text as nothing.
pub(in crate::whatsapp) fn text(of: &Value, key: &str) -> Option<String> {
    let text = match of.get(key)? {
        Value::String(text) if text.contains('\0') => text.replace('\0', ""),
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    (!text.is_empty()).then_some(text)
}

/// Returns a whole number, also one given as text.
pub(super) fn integer(of: &Value, key: &str) -> Option<i64> {
    match of.get(key)? {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

/// Returns whether a claim is made, also one given as text.
pub(super) fn flag(of: &Value, key: &str) -> bool {
    match of.get(key) {
        Some(Value::Bool(flag)) => *flag,
        Some(Value::String(text)) => text == "true",
        _ => false,
    }
}

/// Returns a time given in seconds or milliseconds since 1970.
pub(super) fn time(of: &Value, key: &str) -> Option<Timestamp> {
    let number = integer(of, key)?;
    if number < FIRST_MILLIS {
        Timestamp::from_second(number).ok()
    } else {
        Timestamp::from_millisecond(number).ok()
    }
}

/// Parses one element. Half a surrogate pair, which a cut-off emoji leaves behind,
/// becomes a replacement character.
pub(super) fn element(raw: &RawValue) -> Option<Value> {
    serde_json::from_str(raw.get())
        .or_else(|_| serde_json::from_str(&whole_pairs(raw.get())))
        .ok()
}

fn whole_pairs(json: &str) -> String {
    let mut whole = String::with_capacity(json.len());
    let mut rest = json;
    while let Some(at) = rest.find('\\') {
        whole.push_str(&rest[..at]);
        rest = &rest[at..];
        let length = match (half(rest), rest.get(6..).and_then(half)) {
            (Some(0xD800..=0xDBFF), Some(0xDC00..=0xDFFF)) => 12,
            (Some(0xD800..=0xDFFF), _) => {
                whole.push_str("\\ufffd");
                rest = &rest[6..];
                continue;
            }
            // An escape is a backslash and one ASCII character; anything longer follows as it is.
            _ => 2,
        };
        let (escape, after) = rest.split_at_checked(length).unwrap_or((rest, ""));
        whole.push_str(escape);
        rest = after;
    }
    whole.push_str(rest);
    whole
}

fn half(json: &str) -> Option<u16> {
    u16::from_str_radix(json.strip_prefix("\\u")?.get(..4)?, 16).ok()
}

/// Writes bytes as lower-case hex.
pub(in crate::whatsapp) fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut hex, byte| {
            write!(hex, "{byte:02x}").expect("writing to a string cannot fail");
            hex
        })
}
