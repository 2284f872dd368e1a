//! Reads the fields whose value is a list beside the number of ours that it is about.
//!
//! An element that does not read harms no other: it is set aside alone, to be looked at by a
//! person and read again by itself.

use std::collections::BTreeMap;

use serde_json::Value;
use serde_json::value::RawValue;

use super::Event;
use super::envelope::add;
use super::lenient::{element, text};

/// An element of such a list.
pub(super) struct Element<'a> {
    /// What it says.
    pub(super) value: Value,
    /// Its bytes as they came.
    pub(super) raw: &'a str,
    /// The number of ours it is about, where Meta names it.
    pub(super) number: Option<&'a str>,
}

/// Reads each element of the list of this name; nothing if the value has another shape.
/// `unreadable` makes an event of an element and of the value that holds it alone.
pub(super) fn read_each(
    value: &RawValue,
    list: &str,
    unreadable: impl Fn(&RawValue, &str) -> Event,
    read: impl Fn(&Element) -> Option<Event>,
) -> Option<Vec<Event>> {
    let parts: BTreeMap<String, &RawValue> = serde_json::from_str(value.get()).ok()?;
    let raws: Vec<&RawValue> = serde_json::from_str(parts.get(list)?.get()).ok()?;
    let metadata = parts.get("metadata").copied();
    let number = metadata
        .and_then(element)
        .and_then(|metadata| text(&metadata, "phone_number_id"));
    let events = raws.into_iter().map(|raw| {
        let told = element(raw).and_then(|value| {
            read(&Element {
                value,
                raw: raw.get(),
                number: number.as_deref(),
            })
        });
        told.unwrap_or_else(|| {
            let mut alone = "{".to_owned();
            if let Some(metadata) = metadata {
                add(&mut alone, "metadata", metadata.get());
            }
            alone.extend(["\"", list, "\":[", raw.get(), "]}"]);
            unreadable(raw, &alone)
        })
    });
    Some(events.collect())
}
