//! The finance vectors, for tests.

use rust_decimal::Decimal;
use serde_json::Value;

/// Returns one section.
pub(in crate::investing) fn section(name: &str) -> Value {
    let text = include_str!("../../../tests/data/vectors/finance-vectors.json");
    let all: Value = serde_json::from_str(text).unwrap();
    all[name].clone()
}

/// Returns the rows of one section.
pub(in crate::investing) fn rows(name: &str) -> Vec<Value> {
    section(name).as_array().unwrap().clone()
}

/// Reads a number or a text as a decimal.
pub(in crate::investing) fn decimal(value: &Value) -> Decimal {
    match value {
        Value::String(text) => text.parse().unwrap(),
        number => number.to_string().parse().unwrap(),
    }
}

/// Reads an ISO date.
pub(in crate::investing) fn date(value: &Value) -> jiff::civil::Date {
    value.as_str().unwrap().parse().unwrap()
}
