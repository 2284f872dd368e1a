//! The buttons of a template: what Meta takes in, and what each send has to fill.

use serde_json::Value;

use super::fit::{buttons_of, given, index_of};
use super::places::places;
use crate::sandbox::emulator::error::GraphError;

const BUTTONS: usize = 10;
/// Characters of a label.
const LABEL: usize = 25;
const URLS: usize = 2;
/// Characters of an address.
const URL: usize = 2000;
/// Characters of a number to call.
const NUMBER: usize = 20;

/// Checks the buttons of a template that is handed in.
pub(super) fn check(buttons: &[Value]) -> Result<(), GraphError> {
    let refuse = |why: &str| Err(GraphError::parameter(why));
    if buttons.is_empty() || buttons.len() > BUTTONS {
        return refuse("There must be 1 to 10 buttons.");
    }
    let of_kind = |kind: &'static str| buttons.iter().filter(move |one| one["type"] == kind);
    let mut numbers = of_kind("PHONE_NUMBER");
    if let Some(number) = numbers.next() {
        let given = number["phone_number"].as_str().unwrap_or("");
        if given.is_empty() || given.len() > NUMBER || numbers.next().is_some() {
            return refuse(
                "There may be 1 PHONE_NUMBER button, with a phone_number of 20 characters.",
            );
        }
    }
    if of_kind("URL").count() > URLS {
        return refuse("There may be 2 URL buttons.");
    }
    of_kind("URL").try_for_each(check_url)?;
    let is_reply = |button: &Value| button["type"] == "QUICK_REPLY";
    let changes = buttons
        .windows(2)
        .filter(|pair| is_reply(&pair[0]) != is_reply(&pair[1]));
    if changes.count() > 1 {
        return refuse("QUICK_REPLY buttons must stand together, before or after all others.");
    }
    let label = |button: &Value| button["text"].as_str().unwrap_or("").chars().count();
    if buttons.iter().any(|button| label(button) > LABEL) {
        let why = "The text of a button has at most 25 characters.";
        return Err(GraphError::new(2_388_040, why));
    }
    Ok(())
}

/// An address may end with one place, and then has an example.
fn check_url(button: &Value) -> Result<(), GraphError> {
    let refuse = |why: &str| Err(GraphError::parameter(why));
    let url = button["url"].as_str().unwrap_or("");
    if url.is_empty() || url.chars().count() > URL {
        return refuse("The url of a button must have 1 to 2000 characters.");
    }
    let places = places(url).len();
    if places > 1 || (places == 1 && !url.ends_with("}}")) {
        return refuse("The url of a button may have one variable, at its end.");
    }
    let example = button["example"][0].as_str().unwrap_or("");
    if places == 1 && example.is_empty() {
        return refuse("The url of a button needs an example for its variable.");
    }
    Ok(())
}

/// Returns the type of the parameter without which a button cannot be sent, and Meta's word for
/// the button.
fn wanted(button: &Value) -> Option<(&'static str, &'static str)> {
    let url = button["url"].as_str().unwrap_or("");
    match button["type"].as_str()? {
        "URL" if !places(url).is_empty() => Some(("text", "Url")),
        "OTP" => Some(("text", "Url")),
        "COPY_CODE" => Some(("coupon_code", "CopyCode")),
        _ => None,
    }
}

/// Refuses what is put into a button that is otherwise or that takes nothing, and a button that
/// has to be filled and is not.
pub(super) fn fits(sent: &Value, approved: &Value) -> Result<(), GraphError> {
    let (given, approved) = (given(sent, "BUTTON"), buttons_of(approved));
    for one in &given {
        let button = index_of(one).and_then(|at| approved.get(at));
        let kind = button.map(|button| button["type"].as_str().unwrap_or(""));
        let fits = match one["sub_type"].as_str().unwrap_or("") {
            "quick_reply" => kind == Some("QUICK_REPLY"),
            "url" => matches!(kind, Some("URL" | "OTP")),
            // Nothing of it varies, so it is not filled.
            "phone_number" => false,
            _ => kind.is_some(),
        };
        if !fits {
            let why = "A button is not as it was approved.";
            return Err(GraphError::new(132_012, why));
        }
        if kind == Some("URL") && button.and_then(wanted).is_none() {
            let at = index_of(one).unwrap_or(0);
            let why =
                format!("buttons: Button at index {at} of type Url does not require parameters");
            return Err(GraphError::new(132_018, why));
        }
    }
    for (at, button) in approved.iter().enumerate() {
        let Some((parameter, word)) = wanted(button) else {
            continue;
        };
        let fills =
            |one: &&Value| index_of(one) == Some(at) && one["parameters"][0]["type"] == parameter;
        if !given.iter().any(fills) {
            let why = format!("buttons: Button at index {at} of type {word} requires a parameter");
            return Err(GraphError::new(131_008, why));
        }
    }
    Ok(())
}
