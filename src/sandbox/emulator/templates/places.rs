//! The places of a text (`{{1}}`, `{{name}}`): how they are written, and their examples.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::sandbox::emulator::error::GraphError;

/// How a template writes its places.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum ParameterFormat {
    /// With numbers from 1.
    Positional,
    /// With names.
    Named,
}

/// Returns the places of a text, in order.
pub(super) fn places(text: &str) -> Vec<&str> {
    let after = text.split("{{").skip(1);
    after
        .filter_map(|rest| Some(rest.split_once("}}")?.0))
        .collect()
}

/// Returns what is wrong with where the places of a text stand.
fn misplaced(text: &str) -> Option<&'static str> {
    const UNBALANCED: &str = "A variable has braces that do not match.";
    let mut parts = text.split("{{").peekable();
    if parts.next().is_some_and(|before| before.contains("}}")) {
        return Some(UNBALANCED);
    }
    while let Some(part) = parts.next() {
        let Some((_, after)) = part.split_once("}}") else {
            return Some(UNBALANCED);
        };
        if after.contains("}}") {
            return Some(UNBALANCED);
        }
        if after.trim().is_empty() && parts.peek().is_some() {
            return Some("Two variables stand side by side, without words between them.");
        }
    }
    None
}

impl ParameterFormat {
    /// Reads what a template that is handed in says of it: numbers unless it says names.
    pub(super) fn read(told: &Value) -> Result<Self, GraphError> {
        match told.as_str().map(str::to_ascii_uppercase).as_deref() {
            None if told.is_null() => Ok(Self::Positional),
            Some("POSITIONAL") => Ok(Self::Positional),
            Some("NAMED") => Ok(Self::Named),
            _ => {
                let why = "Param parameter_format must be one of POSITIONAL, NAMED.";
                Err(GraphError::parameter(why))
            }
        }
    }

    /// Refuses places that are written otherwise, or stand where none may.
    pub(super) fn check(self, text: &str) -> Result<(), GraphError> {
        if let Some(why) = misplaced(text) {
            return Err(GraphError::parameter(why));
        }
        let is_name = |place: &str| {
            let is_plain = |b: u8| b.is_ascii_lowercase() || b == b'_';
            !place.is_empty() && place.bytes().all(is_plain)
        };
        let wrong = (1_u32..)
            .zip(places(text))
            .find(|(number, place)| match self {
                Self::Positional => *place != number.to_string(),
                Self::Named => !is_name(place),
            });
        let Some((number, place)) = wrong else {
            return Ok(());
        };
        Err(GraphError::parameter(match self {
            Self::Positional => format!(
                "Variable {{{{{place}}}}} must be {{{{{number}}}}}: \
                 names need the parameter_format NAMED."
            ),
            Self::Named => format!(
                "Variable {{{{{place}}}}} must be a name of lowercase letters and underscores, \
                 as the parameter_format is NAMED."
            ),
        }))
    }

    /// Returns whether there is an example for each place of a part (`body`, `header`), and no
    /// other.
    pub(super) fn has_examples(self, part: &str, component: &Value) -> bool {
        let wanted = places(component["text"].as_str().unwrap_or(""));
        let example = &component["example"];
        let is_text = |one: &Value| one.as_str().is_some_and(|text| !text.is_empty());
        let key = match self {
            Self::Named => format!("{part}_text_named_params"),
            Self::Positional => format!("{part}_text"),
        };
        // Those of a body stand in a list of lists.
        let given = match (self, part) {
            (Self::Positional, "body") => &example[key][0],
            _ => &example[key],
        };
        let given = given.as_array().map_or(&[][..], Vec::as_slice);
        let is_there = |place: &&str| match self {
            Self::Positional => true,
            Self::Named => given
                .iter()
                .any(|one| one["param_name"] == **place && is_text(&one["example"])),
        };
        given.len() == wanted.len()
            && wanted.iter().all(is_there)
            && (self == Self::Named || given.iter().all(is_text))
    }
}
