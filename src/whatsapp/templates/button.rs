//! The buttons below a template, or on one of its cards: how a file writes them, what Meta
//! allows of them, and the JSON that hands them in.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::source::{Fault, Located};

/// Characters of a label at most.
pub(super) const LABEL: usize = 25;
const BUTTONS: usize = 10;
const URL: usize = 2000;
const URLS: usize = 2;
const NUMBERS: usize = 1;
const NUMBER: usize = 20;

/// A button below a template.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Button {
    /// Sends its label back.
    QuickReply {
        /// Label.
        label: String,
    },
    /// Opens an address, which may end in one place `{{1}}`.
    Url {
        /// Label.
        label: String,
        /// Address.
        url: String,
    },
    /// Calls a number.
    PhoneNumber {
        /// Label.
        label: String,
        /// The number with its country code: `+919812345678`.
        number: String,
    },
    /// Copies a one-time code.
    CopyCode {
        /// Label.
        label: String,
    },
    /// Any other kind, which is not ours.
    Other {
        /// Meta's word for it.
        kind: String,
    },
}

impl Button {
    /// Returns its label, if it has one of ours.
    pub fn label(&self) -> Option<&str> {
        match self {
            Self::QuickReply { label }
            | Self::Url { label, .. }
            | Self::PhoneNumber { label, .. }
            | Self::CopyCode { label } => Some(label),
            Self::Other { .. } => None,
        }
    }

    /// Returns whether something has to be given for it with each send.
    pub fn varies(&self) -> bool {
        match self {
            Self::Url { url, .. } => url.contains("{{"),
            Self::CopyCode { .. } => true,
            Self::QuickReply { .. } | Self::PhoneNumber { .. } | Self::Other { .. } => false,
        }
    }

    /// Returns the word for its kind that a file has.
    pub(super) const fn kind(&self) -> &'static str {
        match self {
            Self::QuickReply { .. } => "quick_reply",
            Self::Url { .. } => "url",
            Self::PhoneNumber { .. } => "phone_number",
            Self::CopyCode { .. } => "copy_code",
            Self::Other { .. } => "other",
        }
    }

    pub(super) fn json(&self, sample: Option<&String>) -> Value {
        match self {
            Self::QuickReply { label } => json!({ "type": "QUICK_REPLY", "text": label }),
            Self::Url { label, url } => {
                let mut json = json!({ "type": "URL", "text": label, "url": url });
                if self.varies() {
                    let end = sample.map_or("", String::as_str);
                    json["example"] = json!([url.replace("{{1}}", end)]);
                }
                json
            }
            Self::PhoneNumber { label, number } => {
                json!({ "type": "PHONE_NUMBER", "text": label, "phone_number": number })
            }
            Self::CopyCode { label } => {
                json!({ "type": "OTP", "otp_type": "COPY_CODE", "text": label })
            }
            Self::Other { kind } => json!({ "type": kind }),
        }
    }
}

/// Reads a button as a file has it.
pub(super) fn read(value: &str) -> Result<Button, String> {
    let form = "a button is `quick_reply LABEL`, `url ADDRESS LABEL`, \
                `phone_number NUMBER LABEL` or `copy_code LABEL`";
    let (kind, rest) = value.split_once(' ').ok_or(form)?;
    let label = rest.trim().to_owned();
    match kind {
        "quick_reply" => Ok(Button::QuickReply { label }),
        "copy_code" => Ok(Button::CopyCode { label }),
        "url" => {
            let (url, label) = label.split_once(' ').ok_or(form)?;
            Ok(Button::Url {
                label: label.trim().to_owned(),
                url: url.to_owned(),
            })
        }
        "phone_number" => {
            let (number, label) = label.split_once(' ').ok_or(form)?;
            Ok(Button::PhoneNumber {
                label: label.trim().to_owned(),
                number: number.to_owned(),
            })
        }
        _ => Err(form.to_owned()),
    }
}

/// What is wrong with the buttons below the words.
pub(super) fn check_all(one: &Located) -> Vec<Fault> {
    let buttons = &one.definition.content.buttons;
    let mut faults = Vec::new();
    if buttons.len() > BUTTONS {
        faults.push(one.fault("button 11", format!("there may be {BUTTONS} at most")));
    }
    let is_reply = |button: &Button| matches!(button, Button::QuickReply { .. });
    let changes = buttons
        .windows(2)
        .filter(|pair| is_reply(&pair[0]) != is_reply(&pair[1]));
    if changes.count() > 1 {
        faults.push(one.fault("button 1", "quick replies must stand together"));
    }
    let urls = buttons
        .iter()
        .filter(|button| matches!(button, Button::Url { .. }));
    if urls.count() > URLS {
        faults.push(one.fault("button 1", format!("there may be {URLS} links at most")));
    }
    let is_number = |button: &&Button| matches!(button, Button::PhoneNumber { .. });
    if buttons.iter().filter(is_number).count() > NUMBERS {
        let what = format!("there may be {NUMBERS} number to call at most");
        faults.push(one.fault("button 1", what));
    }
    let mut labels = HashSet::new();
    for (at, button) in buttons.iter().enumerate() {
        let part = format!("button {}", at + 1);
        faults.extend(check(one, &part, button));
        let label = button.label().unwrap_or("");
        if !labels.insert(label) {
            faults.push(one.fault(&part, format!("`{label}` stands there twice")));
        }
    }
    faults
}

/// What is wrong with one button, below the words or on a card.
pub(super) fn check(one: &Located, part: &str, button: &Button) -> Vec<Fault> {
    let mut faults = Vec::new();
    let label = button.label().unwrap_or("");
    let long = label.chars().count();
    if long == 0 || long > LABEL || label.contains("{{") {
        let what = format!("a label has 1 to {LABEL} characters and no place");
        faults.push(one.fault(part, what));
    }
    match button {
        Button::Url { url, .. } => {
            let open = url.find("{{");
            let is_sound = open.is_none_or(|at| &url[at..] == "{{1}}");
            if !url.starts_with("https://") || url.len() > URL || !is_sound {
                let what = "must be an https:// address whose only place, {{1}}, is its end";
                faults.push(one.fault(part, what));
            }
            if open.is_some() && !one.definition.samples.contains_key("1") {
                faults.push(one.fault(part, "{{1}} has no sample: add `sample 1: …`"));
            }
        }
        Button::PhoneNumber { number, .. } => {
            let digits = number.strip_prefix('+').unwrap_or("");
            let is_sound =
                (7..NUMBER).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
            if !is_sound {
                let what = format!(
                    "`{number}` must be a number with its country code, such as +919812345678"
                );
                faults.push(one.fault(part, what));
            }
        }
        Button::CopyCode { .. } | Button::Other { .. } => {
            faults.push(one.fault(part, "only an authentication template copies a code"));
        }
        Button::QuickReply { .. } => {}
    }
    faults
}
