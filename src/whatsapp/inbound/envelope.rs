//! Takes a webhook body apart: entries, changes, and the elements within.
//!
//! The layers are kept as raw JSON until their turn comes, so that a broken element
//! costs only itself and deep nesting costs no stack. Nobody promises how many
//! entries, businesses or elements share a body: every one is looked at.

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::lenient::{element, text, time};
use super::listed::read_each;
use super::{Event, OtherEvent, echo, message, moved, preference, status};

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

/// Returns what a number of ours looks like to people, if a body says so.
pub fn display_number(body: &[u8], phone_number_id: &str) -> Option<String> {
    let body: Value = serde_json::from_slice(body).ok()?;
    let entries = body.get("entry")?.as_array()?;
    let changes = entries
        .iter()
        .filter_map(|entry| entry.get("changes")?.as_array());
    let mut told = changes
        .flatten()
        .filter_map(|one| one.pointer("/value/metadata"));
    let ours = told.find(|told| text(told, "phone_number_id").as_deref() == Some(phone_number_id));
    text(ours?, "display_phone_number")
}

fn read_entry(raw: &RawValue, events: &mut Vec<Event>) {
    let Ok(entry) = serde_json::from_str::<Entry>(raw.get()) else {
        let alone = format!("{{\"entry\":[{raw}]}}");
        events.push(unreadable("entry", raw, alone));
        return;
    };
    let origin = Origin {
        id: entry.id.map_or("", RawValue::get),
        time: entry.time.map_or("", RawValue::get),
    };
    for raw in entry.changes {
        match serde_json::from_str::<Change>(raw.get()) {
            Ok(Change {
                field,
                value: Some(value),
            }) if field == "messages" => read_value(value, &origin, events),
            Ok(Change {
                field,
                value: Some(value),
            }) if list_of(&field).is_some() => read_list(&field, value, &origin, events),
            Ok(change) if change.field != "messages" => {
                let source = origin.source_of(&change.field);
                let event = other(&change.field, &source, change.value.unwrap_or(raw));
                events.push(origin.named(event));
            }
            _ => events.push(unreadable(&origin.source(), raw, origin.body_of(raw.get()))),
        }
    }
}

/// Returns the name of the list that a field which is acted on one by one has.
fn list_of(field: &str) -> Option<&'static str> {
    match field {
        "user_id_update" => Some("user_id_update"),
        "smb_message_echoes" => Some("message_echoes"),
        "user_preferences" => Some("user_preferences"),
        _ => None,
    }
}

/// Reads a field with a list. What does not read is set aside for a person: it may be
/// somebody who stops marketing, or whom one of ours writes to.
fn read_list(field: &str, value: &RawValue, origin: &Origin, events: &mut Vec<Event>) {
    let source = origin.source_of(field);
    let alone = |raw: &RawValue, value: &str| {
        let change = format!("{{\"field\":\"{field}\",\"value\":{value}}}");
        unreadable(&source, raw, origin.body_of(&change))
    };
    let told = list_of(field).and_then(|list| {
        read_each(value, list, alone, |element| match field {
            "user_id_update" => moved::read(element, &source),
            "smb_message_echoes" => echo::read(element),
            _ => preference::read(element, &source),
        })
    });
    match told {
        Some(told) => events.extend(told),
        None => events.push(alone(value, value.get())),
    }
}

fn read_value(raw: &RawValue, origin: &Origin, events: &mut Vec<Event>) {
    let source = origin.source_of("messages");
    let Ok(parts) = serde_json::from_str::<Parts>(raw.get()) else {
        let alone = origin.body_of(&messages(raw.get()));
        events.push(unreadable(&source, raw, alone));
        return;
    };
    let around = Surroundings::new(&parts);
    let before = events.len();
    let alone = |list: &'static str, raw: &str| origin.body_of(&messages(&parts.only(list, raw)));
    let list = List {
        name: "messages",
        source: &source,
        alone: &alone,
    };
    list.read(parts.messages, events, |element| {
        message::read(element, &around)
    });
    let list = List {
        name: "statuses",
        ..list
    };
    list.read(parts.statuses, events, |element| {
        status::read(element, &around)
    });
    if let Some(errors) = parts.errors {
        events.push(other("errors", &source, errors));
    }
    if events.len() == before {
        events.push(other("messages", &source, raw));
    }
}

/// One of the lists of a value.
struct List<'a> {
    name: &'static str,
    source: &'a str,
    /// Returns a body with nothing but this in this list.
    alone: &'a dyn Fn(&'static str, &str) -> String,
}

impl List<'_> {
    fn read(
        &self,
        list: Option<&RawValue>,
        events: &mut Vec<Event>,
        read: impl Fn(&Value) -> Result<Event, &'static str>,
    ) {
        let Some(list) = list else { return };
        let Ok(raws) = serde_json::from_str::<Vec<&RawValue>>(list.get()) else {
            let alone = (self.alone)(self.name, list.get());
            events.push(unreadable(self.source, list, alone));
            return;
        };
        for raw in raws {
            let event = element(raw)
                .ok_or("unreadable")
                .and_then(|element| read(&element));
            events.push(event.unwrap_or_else(|field| match field {
                "unreadable" => {
                    let alone = (self.alone)(self.name, &format!("[{raw}]"));
                    unreadable(self.source, raw, alone)
                }
                field => other(field, self.source, raw),
            }));
        }
    }
}

/// Where a change came from.
struct Origin<'a> {
    id: &'a str,
    time: &'a str,
}

impl Origin<'_> {
    fn source(&self) -> String {
        format!("{}/{}", self.id, self.time)
    }

    fn source_of(&self, field: &str) -> String {
        format!("{}/{}/{field}", self.id, self.time)
    }

    /// Names the account an event is about, and when it happened.
    fn named(&self, event: Event) -> Event {
        let Event::Other(event) = event else {
            return event;
        };
        let read = |raw: &str| serde_json::from_str(raw).unwrap_or(Value::Null);
        let entry = serde_json::json!({"id": read(self.id), "time": read(self.time)});
        Event::Other(OtherEvent {
            account: text(&entry, "id"),
            at: time(&entry, "time"),
            ..event
        })
    }

    /// Returns a body with nothing but this change.
    fn body_of(&self, change: &str) -> String {
        let mut body = "{\"entry\":[{".to_owned();
        for (key, value) in [("id", self.id), ("time", self.time)] {
            if !value.is_empty() {
                add(&mut body, key, value);
            }
        }
        body.extend(["\"changes\":[", change, "]}]}"]);
        body
    }
}

/// Longest surroundings that each element which cannot be read is kept with: there may
/// be a thousand elements in a body, and the surroundings may be as long as the body.
const LONGEST_AROUND: usize = 2_048;

/// Adds a part of the surroundings, unless it is too long for what it is worth.
pub(super) fn add(json: &mut String, key: &str, value: &str) {
    if value.len() <= LONGEST_AROUND {
        json.extend(["\"", key, "\":", value, ","]);
    }
}

/// Returns the change that holds a value of the field `messages`.
fn messages(value: &str) -> String {
    format!("{{\"field\":\"messages\",\"value\":{value}}}")
}

impl Parts<'_> {
    /// Returns the value with its surroundings and nothing but this in the named list.
    fn only(&self, list: &str, raw: &str) -> String {
        let around = [("metadata", self.metadata), ("contacts", self.contacts)];
        let mut value = "{".to_owned();
        for (key, part) in around {
            if let Some(part) = part {
                add(&mut value, key, part.get());
            }
        }
        value.extend(["\"", list, "\":", raw, "}"]);
        value
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
        account: None,
        at: None,
        raw: raw.get().to_owned(),
        alone: None,
    })
}

fn unreadable(source: &str, raw: &RawValue, alone: String) -> Event {
    Event::Other(OtherEvent {
        field: "unreadable".to_owned(),
        source: source.to_owned(),
        account: None,
        at: None,
        raw: raw.get().to_owned(),
        alone: Some(alone),
    })
}
