//! What is wrong with the definition of a form
//! (<https://developers.facebook.com/docs/whatsapp/flows/reference/flowjson>).

use std::collections::HashSet;

use serde_json::{Value, json};

const MOST_COMPONENTS: usize = 50;
const ACTIONS: [&str; 5] = [
    "navigate",
    "data_exchange",
    "complete",
    "open_url",
    "update_data",
];

/// Returns the definition, null if it is no JSON, and its faults as Meta lists them.
/// Versions before the oldest have been retired.
pub(super) fn read(text: &str, oldest_version: u32) -> (Value, Vec<Value>) {
    let definition = match serde_json::from_str::<Value>(text) {
        Ok(definition) => definition,
        Err(error) => {
            let fault = fault("INVALID_JSON", &error.to_string(), error.line());
            return (Value::Null, vec![fault]);
        }
    };
    let mut look = Look {
        text,
        oldest_version,
        found: Vec::new(),
    };
    look.at(&definition);
    (definition, look.found)
}

fn fault(error: &str, message: &str, line: usize) -> Value {
    json!({"error": error, "error_type": "FLOW_JSON_ERROR", "message": message,
           "line_start": line, "line_end": line, "column_start": 0, "column_end": 0})
}

struct Look<'a> {
    text: &'a str,
    oldest_version: u32,
    found: Vec<Value>,
}

impl Look<'_> {
    /// Notes a fault, at the line where a word first stands.
    fn note(&mut self, word: &str, message: &str) {
        let line = self.text.lines().position(|line| line.contains(word));
        let line = line.map_or(1, |at| at + 1);
        self.found.push(fault("INVALID_PROPERTY", message, line));
    }

    fn at(&mut self, form: &Value) {
        let version = form["version"].as_str().and_then(|v| v.split_once('.'));
        let numbers = version.map(|(major, minor)| (major.parse::<u32>(), minor.parse::<u32>()));
        match numbers {
            Some((Ok(major), Ok(_))) if major >= self.oldest_version => {}
            Some((Ok(_), Ok(_))) => {
                let why = format!(
                    "This version has been retired: use {}.0 or later.",
                    self.oldest_version
                );
                self.note("version", &why);
            }
            _ => self.note("version", "version is missing or is no version."),
        }
        let screens = form["screens"].as_array().cloned().unwrap_or_default();
        if screens.is_empty() {
            self.note("screens", "screens has to list at least one screen.");
        }
        let mut ids = HashSet::new();
        for screen in &screens {
            let id = screen["id"].as_str().unwrap_or("");
            let is_named =
                !id.is_empty() && id.bytes().all(|b| b.is_ascii_alphabetic() || b == b'_');
            if !is_named || id == "SUCCESS" || !ids.insert(id) {
                let why = format!(
                    "Screen id '{id}' has other characters, is reserved, or is there twice."
                );
                self.note(id, &why);
            }
        }
        for screen in &screens {
            self.screen(screen, &ids);
        }
        if !screens.iter().any(|screen| screen["terminal"] == true) {
            self.note("screens", "At least one screen has to be terminal.");
        }
        if !form["data_api_version"].is_null() {
            self.routes(&form["routing_model"], &ids);
        }
    }

    fn routes(&mut self, model: &Value, ids: &HashSet<&str>) {
        let Some(model) = model.as_object() else {
            self.note(
                "data_api_version",
                "A form with an endpoint needs routing_model.",
            );
            return;
        };
        for (from, next) in model {
            let next = next.as_array().into_iter().flatten();
            for to in next.filter_map(Value::as_str).chain([from.as_str()]) {
                if !ids.contains(to) {
                    self.note(
                        "routing_model",
                        &format!("routing_model names '{to}', which is no screen."),
                    );
                }
            }
        }
        for id in ids {
            if !model.contains_key(*id) {
                self.note(
                    "routing_model",
                    &format!("routing_model lacks the screen '{id}'."),
                );
            }
        }
    }

    fn screen(&mut self, screen: &Value, ids: &HashSet<&str>) {
        let id = screen["id"].as_str().unwrap_or("");
        let children = screen["layout"]["children"].as_array();
        let is_column = screen["layout"]["type"] == "SingleColumnLayout";
        if !is_column || children.is_none_or(Vec::is_empty) {
            self.note(
                id,
                &format!("Screen '{id}' needs a SingleColumnLayout with children."),
            );
        }
        let data = screen["data"].as_object();
        for (name, one) in data.into_iter().flatten() {
            if one["type"].as_str().is_none() || one["__example__"].is_null() {
                let why = format!("Data '{name}' of screen '{id}' needs type and __example__.");
                self.note(name, &why);
            }
        }
        let mut seen = Seen::default();
        seen.walk(&screen["layout"]);
        if seen.components > MOST_COMPONENTS {
            self.note(
                id,
                &format!("Screen '{id}' has more than {MOST_COMPONENTS} components."),
            );
        }
        for text in &seen.texts {
            for (kind, name) in references(text) {
                let is_there = match kind {
                    "data" => data.is_some_and(|data| data.contains_key(name)),
                    "form" => seen.names.contains(name),
                    _ => true,
                };
                if !is_there {
                    let why = format!("'${{{kind}.{name}}}' of screen '{id}' is not there.");
                    self.note(text, &why);
                }
            }
        }
        for action in seen.actions {
            let name = action["name"].as_str().unwrap_or("");
            let next = action["next"]["name"].as_str().unwrap_or("");
            if !ACTIONS.contains(&name) || name == "navigate" && !ids.contains(next) {
                self.note(
                    name,
                    &format!("Action '{name}' of screen '{id}' leads nowhere."),
                );
            }
        }
    }
}

/// What a layout holds.
#[derive(Default)]
struct Seen<'a> {
    components: usize,
    names: HashSet<&'a str>,
    texts: Vec<&'a str>,
    actions: Vec<&'a Value>,
}

impl<'a> Seen<'a> {
    fn walk(&mut self, value: &'a Value) {
        match value {
            Value::String(text) => self.texts.push(text),
            Value::Array(items) => items.iter().for_each(|item| self.walk(item)),
            Value::Object(map) => {
                if map.get("type").is_some_and(Value::is_string) {
                    self.components += 1;
                    self.names.extend(map.get("name").and_then(Value::as_str));
                }
                self.actions.extend(map.get("on-click-action"));
                map.values().for_each(|item| self.walk(item));
            }
            _ => {}
        }
    }
}

/// Returns kind and name of each `${kind.name…}` in a text.
fn references(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.split("${").skip(1).filter_map(|rest| {
        let inside = rest.split('}').next()?;
        let mut parts = inside.split('.');
        Some((parts.next()?, parts.next()?))
    })
}
