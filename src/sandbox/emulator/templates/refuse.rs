//! What Meta refuses to take in.

use jiff::Timestamp;
use serde_json::Value;

use super::places::{ParameterFormat, places};
use super::{KeptTemplate, buttons, carousel, languages};
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
    if !languages::is_known(&language) {
        let why = format!("Param language cannot be '{language}'.");
        return Err(GraphError::parameter(why));
    }
    let format = ParameterFormat::read(&creation["parameter_format"])?;
    let components = creation["components"].as_array();
    let components = components.ok_or_else(|| GraphError::missing("components"))?;
    let mut kept = components.clone();
    for one in &mut kept {
        check_component(one, &category, format)?;
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
        parameter_format: Some(format),
        components: kept.into(),
        verdict: "APPROVED".to_owned(),
        reason: "NONE".to_owned(),
        reviewed_at: Timestamp::UNIX_EPOCH,
        quality: "UNKNOWN".to_owned(),
        pauses: 0,
        paused_until: None,
        edits: Vec::new(),
        deleted_at: None,
    })
}

/// Checks a component of a template of a category, which writes its places in a format.
pub(super) fn check_component(
    one: &mut Value,
    category: &str,
    format: ParameterFormat,
) -> Result<(), GraphError> {
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
            format.check(&words)?;
            if !format.has_examples("body", one) {
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
        "HEADER" => check_header(one, format)?,
        "FOOTER" if too_long(60, &words) || words.contains("{{") => {
            return Err(GraphError::new(
                2_388_073,
                "The footer has at most 60 characters and no variables.",
            ));
        }
        "BUTTONS" => {
            let given = one["buttons"].as_array();
            buttons::check(given.map_or(&[][..], Vec::as_slice))?;
        }
        "FOOTER" => {}
        "CAROUSEL" => carousel::check(one, category, format)?,
        _ => {
            return Err(GraphError::parameter(format!(
                "Param components['type'] cannot be {kind}."
            )));
        }
    }
    Ok(())
}

/// What stands above the words: a line, a place on the map, or a file by its handle.
fn check_header(header: &Value, format: ParameterFormat) -> Result<(), GraphError> {
    match header["format"].as_str() {
        Some("TEXT") => {
            let words = header["text"].as_str().unwrap_or("");
            format.check(words)?;
            let refuse = |why: &str| Err(GraphError::subcoded(100, 2_388_047, why));
            if places(words).len() > 1 {
                return refuse("The header may have one variable.");
            }
            if !format.has_examples("header", header) {
                return refuse("The header needs an example for its variable.");
            }
            Ok(())
        }
        Some("LOCATION") => Ok(()),
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
