//! What the people of the test write, as webhooks that are signed already.

use std::path::Path;

use anyhow::Context as _;
use serde_json::json;

use super::subject::Keys;
use crate::whatsapp::{AppSecret, signature};

/// Texts in turn. `{amount}` stands for an amount that differs from message to message
/// and comes back in the reply, which shows that the replies are in order.
const TEXTS: [&str; 10] = [
    "hi",
    "HDFC Flexi Cap NAV",
    "SIP of {amount} for 10 years",
    "my portfolio",
    "help",
    "namaste",
    "parag parikh flexi cap ka nav kya hai",
    "{amount} ki SIP 15 saal",
    "mera portfolio dikhao",
    "नमस्ते",
];

/// What people write, one after the other.
pub(super) struct Script {
    texts: Vec<String>,
}

/// One message of one person.
pub(super) struct Line {
    /// The words.
    pub(super) text: String,
    /// What the reply must hold, where that is known.
    pub(super) marker: Option<String>,
}

impl Script {
    /// Takes the texts of a file, or the built-in ones.
    pub(super) fn read(file: Option<&Path>) -> anyhow::Result<Self> {
        let texts: Vec<String> = match file {
            None => TEXTS.map(str::to_owned).to_vec(),
            Some(file) => std::fs::read_to_string(file)
                .with_context(|| format!("cannot read {}", file.display()))?
                .lines()
                .map(str::trim)
                .filter(|line| !line.is_empty())
                .map(str::to_owned)
                .collect(),
        };
        anyhow::ensure!(!texts.is_empty(), "the file of texts is empty");
        Ok(Self { texts })
    }

    /// Returns the `nth` message of a person.
    pub(super) fn line(&self, person: u32, nth: u32) -> Line {
        // People begin at different places, so that every kind is always under way.
        let at = (person as usize + nth as usize) % self.texts.len();
        let text = &self.texts[at];
        if !text.contains("{amount}") {
            return Line {
                text: text.clone(),
                marker: None,
            };
        }
        let amount = 1_000 + (u64::from(person) * 7 + u64::from(nth) * 13) % 8_000;
        Line {
            text: text.replace("{amount}", &amount.to_string()),
            marker: Some(format!("{},{:03}", amount / 1_000, amount % 1_000)),
        }
    }
}

/// Returns the phone number of a person.
pub(super) fn wa_id(person: u32) -> String {
    format!("9190{person:08}")
}

/// Returns the person a phone number belongs to.
pub(super) fn person(wa_id: &str) -> Option<u32> {
    wa_id.strip_prefix("9190")?.parse().ok()
}

/// Returns the name Meta shows for a person.
pub(super) fn name(person: u32) -> String {
    format!("Person {person}")
}

/// Returns the whole HTTP request that delivers a message, signed.
pub(super) fn request(
    keys: &Keys,
    secret: &AppSecret,
    host: &str,
    (person, nth): (u32, u32),
    line: &Line,
    now: i64,
) -> Vec<u8> {
    let wa_id = wa_id(person);
    let body = json!({
        "object": "whatsapp_business_account",
        "entry": [{"id": keys.account, "changes": [{"field": "messages", "value": {
            "messaging_product": "whatsapp",
            "metadata": {
                "display_phone_number": "919100000000",
                "phone_number_id": keys.number,
            },
            "contacts": [{"profile": {"name": name(person)}, "wa_id": wa_id}],
            "messages": [{
                "from": wa_id,
                "id": format!("wamid.{}{person:08}{nth:06}", keys.run),
                "timestamp": now.to_string(),
                "type": "text",
                "text": {"body": line.text},
            }],
        }}]}],
    });
    let body = body.to_string();
    let signature = signature::sign(secret, body.as_bytes());
    format!(
        "POST /webhooks/whatsapp HTTP/1.1\r\nhost: {host}\r\ncontent-type: application/json\r\n\
         user-agent: facebookexternalua\r\nx-hub-signature-256: {signature}\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_is_found_by_their_number() {
        assert_eq!(person(&wa_id(19_999)), Some(19_999));
        assert_eq!(person("4915112345678"), None);
    }

    #[test]
    fn the_marker_is_the_amount_as_the_service_writes_it() {
        let script = Script {
            texts: vec!["sip {amount}".to_owned()],
        };
        let line = script.line(1, 1);
        assert_eq!(line.text, "sip 1020");
        assert_eq!(line.marker.as_deref(), Some("1,020"));
    }

    #[test]
    fn people_begin_at_different_texts_and_go_through_all() {
        let script = Script::read(None).unwrap();
        let first: Vec<_> = (0..10).map(|nth| script.line(0, nth).text).collect();
        let second: Vec<_> = (0..10).map(|nth| script.line(1, nth).text).collect();
        assert_ne!(first[0], second[0]);
        assert_eq!(
            first
                .iter()
                .collect::<std::collections::BTreeSet<_>>()
                .len(),
            10
        );
    }
}
