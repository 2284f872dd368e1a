//! What the scripted model says to a request.

use serde_json::{Value, json};

use super::lies::lie;

/// Returns a message of words.
pub(super) fn text(words: &str) -> Value {
    json!({ "role": "assistant", "content": words })
}

/// Returns a message that calls a tool.
pub(super) fn call(name: &str, arguments: &Value) -> Value {
    json!({ "role": "assistant", "content": null, "tool_calls": [{
        "id": "call_1", "type": "function",
        "function": { "name": name, "arguments": arguments.to_string() },
    }]})
}

fn messages(request: &Value) -> &[Value] {
    request["messages"].as_array().map_or(&[], Vec::as_slice)
}

fn last_of<'a>(request: &'a Value, role: &str) -> Option<&'a str> {
    let of = messages(request)
        .iter()
        .rev()
        .find(|message| message["role"] == role);
    of.and_then(|message| message["content"].as_str())
}

/// Returns the language that was asked for, by the code we use for it.
pub(super) fn language(request: &Value) -> &'static str {
    let told = last_of(request, "system").unwrap_or("");
    if told.contains("Hinglish") {
        "hinglish"
    } else if told.contains("Devanagari") {
        "hi"
    } else {
        "en"
    }
}

/// Returns the slots in what was looked up, in order.
fn slots(request: &Value) -> Vec<String> {
    let results = messages(request)
        .iter()
        .filter(|message| message["role"] == "tool");
    let texts = results.filter_map(|message| message["content"].as_str());
    let mut slots: Vec<String> = Vec::new();
    for found in texts {
        let mut rest = found;
        while let Some(start) = rest.find("{{f") {
            let Some(end) = rest[start..].find("}}") else {
                break;
            };
            let slot = rest[start..start + end + 2].to_owned();
            rest = &rest[start + end + 2..];
            if !slots.contains(&slot) {
                slots.push(slot);
            }
        }
    }
    slots
}

/// The good one: looks up what the words are about, then says it.
pub(super) fn answer(request: &Value) -> Value {
    let language = language(request);
    let is_looked_up = messages(request)
        .last()
        .is_some_and(|last| last["role"] == "tool");
    if !is_looked_up {
        let asked = last_of(request, "user").unwrap_or("").to_lowercase();
        let holds = |words: &[&str]| words.iter().any(|word| asked.contains(word));
        if holds(&[
            "best",
            "should i",
            "recommend",
            "chahiye",
            "चाहिए",
            "sabse acc",
        ]) {
            return call("open_flow", &json!({ "flow": "advice" }));
        }
        if holds(&[
            "portfolio",
            "worth",
            "holding",
            "my money",
            "you keep",
            "mera paisa",
            "मेरा पैसा",
        ]) {
            return call("portfolio", &json!({}));
        }
        if holds(&["my sip", "meri sip", "mera sip", "मेरी sip"]) {
            return call("sips", &json!({}));
        }
        if holds(&["order", "payment", "bhugtan"]) {
            return call("orders", &json!({}));
        }
        return text(match language {
            "hi" => "आपके सवाल का उत्तर रिकॉर्ड में नहीं मिला। मेन्यू में देख लें कि यहाँ क्या हो सकता है।",
            "hinglish" => {
                "Iska jawab records mein nahi mila. Menu mein dekh sakte hain ki yahan kya ho sakta hai."
            }
            _ => "The records have no answer to that. The menu shows what can be done here.",
        });
    }
    let slots = slots(request);
    let shown = slots.iter().take(3).cloned().collect::<Vec<_>>().join(", ");
    text(&match (language, slots.is_empty()) {
        ("hi", true) => "इस बारे में रिकॉर्ड में कुछ नहीं है।".to_owned(),
        ("hinglish", true) => "Iske baare mein records mein kuch nahi hai.".to_owned(),
        (_, true) => "There is nothing on record about that.".to_owned(),
        ("hi", false) => format!("रिकॉर्ड में यह है: {shown}."),
        ("hinglish", false) => format!("Records mein yeh hai: {shown}."),
        (_, false) => format!("This is on record: {shown}."),
    })
}

/// Looks something up, and then says something else.
pub(super) fn lying(request: &Value, number: usize) -> Value {
    let slots = slots(request);
    if slots.is_empty() && number.is_multiple_of(2) {
        return call("portfolio", &json!({}));
    }
    text(&lie(language(request), number, &slots).text)
}

/// Does whatever the person's words or a looked-up text tell it to.
pub(super) fn obeying(request: &Value) -> Value {
    let asked = last_of(request, "user").unwrap_or("");
    match asked.split_once("say:") {
        Some((_, order)) => text(order.trim()),
        None => text(asked),
    }
}

/// A call that a hostile model makes.
pub(super) fn hostile(number: usize) -> Value {
    let (name, arguments) = hostile_call(number);
    call(name, &arguments)
}

/// Returns calls of tools that there are and are not, for others and with nonsense: a name
/// and its arguments.
pub fn hostile_call(number: usize) -> (&'static str, Value) {
    let other = format!("con_{number:032x}");
    let deep = "[".repeat(900) + &"]".repeat(900);
    match number % 16 {
        0 => ("portfolio", json!({ "contact": other })),
        1 => (
            "portfolio",
            json!({ "contact_id": other, "phone": "919000000001" }),
        ),
        2 => ("orders", json!({ "user": "*" })),
        3 => ("sips", json!([other])),
        4 => ("confirm_order", json!({ "draft": other })),
        5 => ("redeem", json!({ "all": true })),
        6 => (
            "sql",
            json!({ "query": "update orders set status = 'allotted'" }),
        ),
        7 => ("open_flow", json!({ "flow": "confirm" })),
        8 => ("open_flow", json!({ "flow": "redeem", "confirmed": true })),
        9 => ("fund", json!({ "query": "x".repeat(5_000) })),
        10 => ("fund", json!({ "query": "'; drop table orders; --" })),
        11 => (
            "calculator",
            json!({ "monthly_rupees": u64::MAX, "years": 4_000, "yearly_rate_percent": 99 }),
        ),
        12 => ("portfolio", json!(deep)),
        13 => ("../../orders", json!({})),
        14 => ("market_close", json!({ "query": "\u{202e}nifty" })),
        _ => ("portfolio", json!({})),
    }
}
