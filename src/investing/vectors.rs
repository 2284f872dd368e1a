//! The finance vectors, for tests.

use rust_decimal::Decimal;
use serde_json::Value;

/// Returns the rows of one section.
pub(super) fn rows(section: &str) -> Vec<Value> {
    let text = include_str!("../../tests/data/vectors/finance-vectors.json");
    let all: Value = serde_json::from_str(text).unwrap();
    all[section].as_array().unwrap().clone()
}

/// Reads a number or a text as a decimal.
pub(super) fn decimal(value: &Value) -> Decimal {
    match value {
        Value::String(text) => text.parse().unwrap(),
        number => number.to_string().parse().unwrap(),
    }
}

/// Reads an ISO date.
pub(super) fn date(value: &Value) -> jiff::civil::Date {
    value.as_str().unwrap().parse().unwrap()
}
