//! Takes a webhook body apart: entries, changes, and the elements within.
//!
//! The layers are kept as raw JSON until their turn comes, so that a broken element
//! costs only itself and deep nesting costs no stack. Nobody promises how many
//! entries, businesses or elements share a body: every one is looked at.

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::lenient::{element, text};
use super::{Event, OtherEvent, message, status};

/// The body is not a webhook at all.
#[derive(Debug, thiserror::Error)]
#[error("the body is not a webhook: {0}")]
pub struct Unreadable(#[from] serde_json::Error);

#[derive(Deserialize)]
struct Body<'a> {
    #[serde(borrow)]
    entry: Vec<&'a RawValue>,
}

#[derive(Deserialize)]
struct Entry<'a> {
    #[serde(borrow)]
    id: Option<&'a RawValue>,
    #[serde(borrow)]
    time: Option<&'a RawValue>,
    #[serde(borrow)]
    changes: Vec<&'a RawValue>,
}

#[derive(Deserialize)]
struct Change<'a> {
    field: String,
    #[serde(borrow)]
    value: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Parts<'a> {
    #[serde(borrow)]
    metadata: Option<&'a RawValue>,
    #[serde(borrow)]
    contacts: Option<&'a RawValue>,
    #[serde(borrow)]
    messages: Option<&'a RawValue>,
    #[serde(borrow)]
    statuses: Option<&'a RawValue>,
    #[serde(borrow)]
    errors: Option<&'a RawValue>,
}

/// The number of ours that a change is about, and whom it speaks of.
pub(super) struct Surroundings {
    pub(super) phone_number_id: Option<String>,
    pub(super) display_phone_number: Option<String>,
    pub(super) contacts: Value,
}

/// Reads a webhook body whose signature was good.
pub fn read(body: &[u8]) -> Result<Vec<Event>, Unreadable> {
    let body = String::from_utf8_lossy(body);
    let body: Body = serde_json::from_str(&body)?;
    let mut events = Vec::with_capacity(body.entry.len());
    for raw in body.entry {
        read_entry(raw, &mut events);
    }
    Ok(events)
}

fn read_entry(raw: &RawValue, events: &mut Vec<Event>) {
    let Ok(entry) = serde_json::from_str::<Entry>(raw.get()) else {
        events.push(other("unreadable", "entry", raw));
        return;
    };
    let origin = format!(
        "{}/{}",
        entry.id.map_or("", RawValue::get),
        entry.time.map_or("", RawValue::get)
    );
    for raw in entry.changes {
        match serde_json::from_str::<Change>(raw.get()) {
            Ok(change) if change.field == "messages" => match change.value {
                Some(value) => read_value(value, &format!("{origin}/messages"), events),
                None => events.push(other("unreadable", &origin, raw)),
            },
            Ok(change) => {
                let source = format!("{origin}/{}", change.field);
                events.push(other(&change.field, &source, change.value.unwrap_or(raw)));
            }
            Err(_) => events.push(other("unreadable", &origin, raw)),
        }
    }
}

fn read_value(raw: &RawValue, source: &str, events: &mut Vec<Event>) {
    let Ok(parts) = serde_json::from_str::<Parts>(raw.get()) else {
        events.push(other("unreadable", source, raw));
        return;
    };
    let around = Surroundings::new(&parts);
    let before = events.len();
    read_each(parts.messages, source, events, |element| {
        message::read(element, &around)
    });
    read_each(parts.statuses, source, events, |element| {
        status::read(element, &around)
    });
    if let Some(errors) = parts.errors {
        events.push(other("errors", source, errors));
    }
    if events.len() == before {
        events.push(other("messages", source, raw));
    }
}

fn read_each(
    list: Option<&RawValue>,
    source: &str,
    events: &mut Vec<Event>,
    read: impl Fn(&Value) -> Result<Event, &'static str>,
) {
    let Some(list) = list else { return };
    let Ok(raws) = serde_json::from_str::<Vec<&RawValue>>(list.get()) else {
        events.push(other("unreadable", source, list));
        return;
    };
    for raw in raws {
        let event = element(raw)
            .ok_or("unreadable")
            .and_then(|element| read(&element));
        events.push(event.unwrap_or_else(|field| other(field, source, raw)));
    }
}

impl Surroundings {
    fn new(parts: &Parts) -> Self {
        let metadata = parts.metadata.and_then(element).unwrap_or_default();
        Self {
            phone_number_id: text(&metadata, "phone_number_id"),
            display_phone_number: text(&metadata, "display_phone_number"),
            contacts: parts.contacts.and_then(element).unwrap_or_default(),
        }
    }
}

fn other(field: &str, source: &str, raw: &RawValue) -> Event {
    Event::Other(OtherEvent {
        field: field.replace('\0', ""),
        source: source.to_owned(),
        raw: raw.get().to_owned(),
    })
}
