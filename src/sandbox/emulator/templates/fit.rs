//! Whether a template message fills in what was approved.

use serde_json::Value;

use super::text_of;
use crate::sandbox::emulator::error::GraphError;
use crate::sandbox::emulator::state::State;

impl State {
    /// Returns what stands on the quick reply of a template message that carries this payload.
    pub(crate) fn button_label(&self, sent: &Value, payload: &str) -> Option<String> {
        let (name, code) = (&sent["name"], &sent["language"]["code"]);
        let mut all = self.templates.iter();
        let one = all.find(|one| name == &one.name && code == &one.language)?;
        let mut parts = sent["components"].as_array()?.iter();
        let part = parts.find(|part| part["parameters"][0]["payload"] == payload)?;
        let index = match &part["index"] {
            Value::String(text) => text.parse().ok()?,
            number => usize::try_from(number.as_u64()?).ok()?,
        };
        let components = one.components.as_array()?;
        let buttons = components.iter().find(|part| part["type"] == "BUTTONS")?;
        Some(buttons["buttons"][index]["text"].as_str()?.to_owned())
    }
}

/// Returns the places of a text, in order.
pub(super) fn places(text: &str) -> Vec<&str> {
    let after = text.split("{{").skip(1);
    after
        .filter_map(|rest| Some(rest.split_once("}}")?.0))
        .collect()
}

/// Refuses what does not fit, with the code Meta has for it.
pub(super) fn fits(sent: &Value, approved: &Value) -> Result<(), GraphError> {
    let given = |kind: &str| {
        let all = sent["components"].as_array().into_iter().flatten();
        let of_kind = all.filter(move |one| {
            one["type"]
                .as_str()
                .is_some_and(|t| t.eq_ignore_ascii_case(kind))
        });
        of_kind.collect::<Vec<_>>()
    };
    for kind in ["HEADER", "BODY"] {
        let wanted = places(text_of(approved, kind));
        let parameters: Vec<_> = given(kind)
            .into_iter()
            .flat_map(|one| one["parameters"].as_array().into_iter().flatten())
            .filter(|parameter| parameter["type"] == "text")
            .collect();
        if parameters.len() != wanted.len() {
            let why = format!(
                "{}: number of localizable_params ({}) does not match the expected number of params ({})",
                kind.to_lowercase(),
                parameters.len(),
                wanted.len()
            );
            return Err(GraphError::new(132_000, why));
        }
        for (at, place) in wanted.iter().enumerate() {
            let is_number = place.bytes().all(|b| b.is_ascii_digit());
            let is_filled = if is_number {
                parameters[at].get("parameter_name").is_none()
            } else {
                parameters.iter().any(|one| one["parameter_name"] == *place)
            };
            if !is_filled {
                return Err(GraphError::new(
                    132_012,
                    format!("Parameter {{{{{place}}}}} is not filled as approved."),
                ));
            }
        }
    }
    let filled = places(text_of(approved, "BODY")).len();
    let whole = text_of(approved, "BODY").chars().count()
        + given("BODY")
            .into_iter()
            .flat_map(|one| one["parameters"].as_array().into_iter().flatten())
            .map(|one| one["text"].as_str().unwrap_or("").chars().count())
            .sum::<usize>();
    if filled > 0 && whole > 1024 + 64 {
        return Err(GraphError::new(
            132_005,
            "The text with its parameters is too long.",
        ));
    }
    let buttons = approved
        .as_array()
        .into_iter()
        .flatten()
        .find(|one| one["type"] == "BUTTONS");
    let buttons = buttons
        .and_then(|one| one["buttons"].as_array())
        .cloned()
        .unwrap_or_default();
    for button in given("BUTTON") {
        let index = match &button["index"] {
            Value::String(text) => text.parse::<usize>().ok(),
            number => number.as_u64().and_then(|at| usize::try_from(at).ok()),
        };
        let approved = index
            .and_then(|at| buttons.get(at))
            .map(|one| one["type"].as_str().unwrap_or(""));
        let fits = match button["sub_type"].as_str().unwrap_or("") {
            "quick_reply" => approved == Some("QUICK_REPLY"),
            "url" => matches!(approved, Some("URL" | "OTP")),
            _ => approved.is_some(),
        };
        if !fits {
            return Err(GraphError::new(
                132_012,
                "A button is not as it was approved.",
            ));
        }
    }
    Ok(())
}
