//! A template message as the phone shows it.

use serde_json::{Value, json};

use super::carousel;
use super::fit::{buttons_of, given, index_of, parameters, text_of};
use super::places::places;
use crate::sandbox::emulator::state::State;

impl State {
    /// Returns what was approved with what was filled in, if the account has the template.
    pub(crate) fn shown(&self, sent: &Value) -> Option<Value> {
        let (name, code) = (&sent["name"], &sent["language"]["code"]);
        let mut all = self.templates.iter();
        let one = all.find(|one| name == &one.name && code == &one.language)?;
        let sent = &sent["components"];
        let mut shown = part(sent, &one.components);
        let cards = carousel::pairs(sent, &one.components).into_iter();
        shown["cards"] = cards.map(|(sent, approved)| part(sent, approved)).collect();
        Some(shown)
    }
}

/// Returns a message, or a card of it: its header as text or file, words, footer, buttons.
fn part(sent: &Value, approved: &Value) -> Value {
    let mut headers = parameters(sent, "HEADER").into_iter();
    let medium = headers.find(|one| one["type"] != "text");
    json!({
        "heading": filled(text_of(approved, "HEADER"), sent, "HEADER"),
        "medium": medium,
        "words": filled(text_of(approved, "BODY"), sent, "BODY"),
        "footer": text_of(approved, "FOOTER"),
        "buttons": buttons(sent, approved),
    })
}

/// Returns a text with its places filled.
pub(super) fn filled(text: &str, sent: &Value, kind: &str) -> String {
    let parameters = parameters(sent, kind);
    let mut said = String::new();
    let mut rest = text;
    for (at, place) in places(text).into_iter().enumerate() {
        let named = parameters.iter().find(|one| one["parameter_name"] == place);
        let given = named.or_else(|| parameters.get(at));
        let (before, after) = rest.split_once("{{").unwrap_or((rest, ""));
        said.push_str(before);
        said.push_str(given.and_then(|one| one["text"].as_str()).unwrap_or(""));
        rest = after.split_once("}}").map_or("", |(_, after)| after);
    }
    said + rest
}

/// Returns the buttons: what a tap brings back (`choice`), where it leads (`url`), or whom it
/// calls (`number`). A quick reply without a payload brings its label back.
fn buttons(sent: &Value, approved: &Value) -> Vec<Value> {
    let given = given(sent, "BUTTON");
    let shown = buttons_of(approved).iter().enumerate().map(|(at, button)| {
        let label = &button["text"];
        let of_button = given.iter().find(|one| index_of(one) == Some(at));
        let parameter = of_button.map_or(&Value::Null, |one| &one["parameters"][0]);
        match button["type"].as_str() {
            Some("QUICK_REPLY") => {
                let payload = parameter["payload"].as_str().or(label.as_str());
                json!({"label": label, "choice": payload})
            }
            Some("URL") => {
                let end = parameter["text"].as_str().unwrap_or("");
                let url = button["url"].as_str().unwrap_or("").replace("{{1}}", end);
                json!({"label": label, "url": url})
            }
            Some("PHONE_NUMBER") => json!({"label": label, "number": button["phone_number"]}),
            _ => json!({"label": label}),
        }
    });
    shown.collect()
}
