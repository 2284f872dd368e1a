//! Whether a template message fills in what was approved.

use serde_json::Value;

use super::places::places;
use super::shown::filled;
use super::{buttons, carousel};
use crate::sandbox::emulator::error::GraphError;

/// Characters that a text may have once it is filled.
const BODY: usize = 1024;

/// Returns the component of a kind that was approved.
pub(super) fn approved_part<'a>(components: &'a Value, kind: &str) -> Option<&'a Value> {
    let mut all = components.as_array().into_iter().flatten();
    all.find(|one| one["type"] == kind)
}

/// Returns the text that was approved for a kind of component.
pub(super) fn text_of<'a>(components: &'a Value, kind: &str) -> &'a str {
    let part = approved_part(components, kind);
    part.and_then(|part| part["text"].as_str()).unwrap_or("")
}

/// Returns what was sent for a kind of component.
pub(super) fn given<'a>(components: &'a Value, kind: &str) -> Vec<&'a Value> {
    let is_kind = |one: &&Value| {
        let named = one["type"].as_str();
        named.is_some_and(|named| named.eq_ignore_ascii_case(kind))
    };
    let all = components.as_array().into_iter().flatten();
    all.filter(is_kind).collect()
}

/// Returns the parameters that were sent for a kind of component.
pub(super) fn parameters<'a>(components: &'a Value, kind: &str) -> Vec<&'a Value> {
    let all = given(components, kind).into_iter();
    all.filter_map(|one| one["parameters"].as_array())
        .flatten()
        .collect()
}

/// Returns which button a component is for; Meta takes numbers and texts.
pub(super) fn index_of(button: &Value) -> Option<usize> {
    match &button["index"] {
        Value::String(text) => text.parse().ok(),
        number => number.as_u64().and_then(|at| usize::try_from(at).ok()),
    }
}

/// Returns the buttons that were approved.
pub(super) fn buttons_of(components: &Value) -> &[Value] {
    let part = approved_part(components, "BUTTONS");
    let buttons = part.and_then(|part| part["buttons"].as_array());
    buttons.map_or(&[], Vec::as_slice)
}

/// Refuses what does not fit, with the code Meta has for it.
pub(super) fn fits(sent: &Value, approved: &Value) -> Result<(), GraphError> {
    let sent = &sent["components"];
    fits_part(sent, approved, BODY)?;
    carousel::fits(sent, approved)
}

/// Holds the components of a message, or of a card of it, against the approved ones.
pub(super) fn fits_part(sent: &Value, approved: &Value, most: usize) -> Result<(), GraphError> {
    for kind in ["HEADER", "BODY"] {
        fits_text(sent, approved, kind)?;
    }
    fits_medium(sent, approved)?;
    let body = text_of(approved, "BODY");
    if !places(body).is_empty() && filled(body, sent, "BODY").chars().count() > most {
        return Err(GraphError::new(
            132_005,
            "The text with its parameters is too long.",
        ));
    }
    buttons::fits(sent, approved)
}

fn fits_text(sent: &Value, approved: &Value, kind: &str) -> Result<(), GraphError> {
    let wanted = places(text_of(approved, kind));
    let mut parameters = parameters(sent, kind);
    parameters.retain(|parameter| parameter["type"] == "text");
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
    Ok(())
}

/// A picture, video, file or place on the map above the words is given with each message, and
/// of its kind.
fn fits_medium(sent: &Value, approved: &Value) -> Result<(), GraphError> {
    let format = approved_part(approved, "HEADER").and_then(|one| one["format"].as_str());
    let wanted = match format {
        Some(format @ ("IMAGE" | "VIDEO" | "DOCUMENT" | "LOCATION")) => vec![format.to_lowercase()],
        _ => Vec::new(),
    };
    let parameters = parameters(sent, "HEADER").into_iter();
    let given: Vec<_> = parameters
        .filter_map(|parameter| parameter["type"].as_str())
        .filter(|kind| matches!(*kind, "image" | "video" | "document" | "location"))
        .collect();
    if given == wanted {
        return Ok(());
    }
    let why = format!(
        "header: Format mismatch, expected {}, received {}",
        format.unwrap_or("UNKNOWN"),
        given
            .first()
            .map_or("UNKNOWN".to_owned(), |kind| kind.to_uppercase())
    );
    Err(GraphError::new(132_012, why))
}
