//! What Meta refuses to take in.

use jiff::Timestamp;
use serde_json::Value;

use super::fit::places;
use super::{KeptTemplate, carousel};
use crate::sandbox::emulator::error::GraphError;

/// Checks a template that is handed in.
pub(super) fn checked(creation: &Value) -> Result<KeptTemplate, GraphError> {
    let text = |key: &str| match creation[key].as_str() {
        Some(text) if !text.is_empty() => Ok(text.to_owned()),
        _ => Err(GraphError::missing(key)),
    };
    let (name, language, category) = (text("name")?, text("language")?, text("category")?);
    let is_plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
    if name.len() > 512 || !name.bytes().all(is_plain) {
        return Err(GraphError::parameter(
            "Param name may hold lowercase letters, digits and underscores only.",
        ));
    }
    if !matches!(
        category.as_str(),
        "MARKETING" | "UTILITY" | "AUTHENTICATION"
    ) {
        return Err(GraphError::parameter(
            "Param category must be one of MARKETING, UTILITY, AUTHENTICATION.",
        ));
    }
    let components = creation["components"].as_array();
    let components = components.ok_or_else(|| GraphError::missing("components"))?;
    let mut kept = components.clone();
    for one in &mut kept {
        check_component(one, &category)?;
    }
    let has = |kind: &str| kept.iter().any(|one| one["type"] == kind);
    if !has("BODY") {
        return Err(GraphError::missing("components['BODY']"));
    }
    if has("CAROUSEL") && ["HEADER", "FOOTER", "BUTTONS"].into_iter().any(has) {
        return Err(GraphError::parameter(
            "A template with a CAROUSEL has a BODY beside it and nothing else.",
        ));
    }
    Ok(KeptTemplate {
        id: String::new(),
        name,
        language,
        category,
        components: kept.into(),
        verdict: "APPROVED".to_owned(),
        reason: "NONE".to_owned(),
        reviewed_at: Timestamp::UNIX_EPOCH,
        quality: "UNKNOWN".to_owned(),
        pauses: 0,
        paused_until: None,
        edits: Vec::new(),
    })
}

pub(super) fn check_component(one: &mut Value, category: &str) -> Result<(), GraphError> {
    let too_long = |most: usize, text: &str| text.chars().count() > most;
    let kind = one["type"].as_str().unwrap_or("").to_owned();
    let words = one["text"].as_str().unwrap_or("").to_owned();
    match kind.as_str() {
        "BODY" if category == "AUTHENTICATION" => {
            if one.get("text").is_some() {
                return Err(GraphError::new(
                    2_388_072,
                    "The body of an authentication template is fixed.",
                ));
            }
            one["text"] =
                "*{{1}}* is your verification code. For your security, do not share this code."
                    .into();
        }
        "BODY" => {
            if words.is_empty() || too_long(1024, &words) {
                return Err(GraphError::new(
                    2_388_040,
                    "The body must have 1 to 1024 characters.",
                ));
            }
            let trimmed = words.trim();
            if trimmed.starts_with("{{") || trimmed.ends_with("}}") {
                let why = "Variables can't be at the start or end of the template.";
                return Err(GraphError::new(2_388_299, why));
            }
            let places = places(&words);
            let own = words
                .split_whitespace()
                .count()
                .saturating_sub(places.len());
            if !places.is_empty() && own <= 2 * places.len() {
                let why = "This template has too many variables for its length.";
                return Err(GraphError::new(2_388_293, why));
            }
            let named = one["example"]["body_text_named_params"].as_array();
            let named = named.map_or(0, Vec::len);
            let by_order = one["example"]["body_text"][0]
                .as_array()
                .map_or(0, Vec::len);
            if named.max(by_order) != places.len() {
                let why = "The body needs an example for each of its variables.";
                return Err(GraphError::new(2_388_072, why));
            }
        }
        "HEADER" if one["format"] == "TEXT" && (words.is_empty() || too_long(60, &words)) => {
            return Err(GraphError::new(
                2_388_047,
                "The header must have 1 to 60 characters.",
            ));
        }
        "HEADER" => check_header(one)?,
        "FOOTER" if too_long(60, &words) || words.contains("{{") => {
            return Err(GraphError::new(
                2_388_073,
                "The footer has at most 60 characters and no variables.",
            ));
        }
        "BUTTONS" => {
            let buttons = one["buttons"].as_array().cloned().unwrap_or_default();
            if buttons.is_empty() || buttons.len() > 10 {
                return Err(GraphError::parameter("There must be 1 to 10 buttons."));
            }
            let is_long = |button: &Value| too_long(25, button["text"].as_str().unwrap_or(""));
            let mut numbers = buttons.iter().filter(|one| one["type"] == "PHONE_NUMBER");
            if let Some(number) = numbers.next() {
                let given = number["phone_number"].as_str().unwrap_or("");
                if given.is_empty() || given.len() > 20 || numbers.next().is_some() {
                    return Err(GraphError::parameter(
                        "There may be 1 PHONE_NUMBER button, with a phone_number of 20 characters.",
                    ));
                }
            }
            if buttons.iter().any(is_long) {
                return Err(GraphError::new(
                    2_388_040,
                    "The text of a button has at most 25 characters.",
                ));
            }
        }
        "FOOTER" => {}
        "CAROUSEL" => carousel::check(one, category)?,
        _ => {
            return Err(GraphError::parameter(format!(
                "Param components['type'] cannot be {kind}."
            )));
        }
    }
    Ok(())
}

/// What stands above the words: a line, a place on the map, or a file by its handle.
fn check_header(header: &Value) -> Result<(), GraphError> {
    match header["format"].as_str() {
        Some("TEXT" | "LOCATION") => Ok(()),
        Some("IMAGE" | "VIDEO" | "DOCUMENT") => match &header["example"]["header_handle"][0] {
            Value::String(_) => Ok(()),
            _ => Err(GraphError::parameter(
                "The header needs a header_handle as its example.",
            )),
        },
        _ => {
            let why = "Param format must be one of TEXT, IMAGE, VIDEO, DOCUMENT, LOCATION.";
            Err(GraphError::parameter(why))
        }
    }
}
