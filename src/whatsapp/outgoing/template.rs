//! Messages from approved templates: what may be sent at any time
//! (<https://developers.facebook.com/docs/whatsapp/cloud-api/guides/send-message-templates>).

use std::collections::HashSet;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::carousel::{self, CardParameters};
use super::limits::{OverLimit, needed};
use super::media::Media;
use crate::whatsapp::MediaKind;

const NAME: usize = 512;
const LANGUAGE: usize = 16;
const BODY: usize = 1024;
const LINK: usize = 2000;
const BUTTONS: usize = 10;
const PAYLOAD: usize = 128;

/// A template and what goes into its places.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Template {
    /// Its name in the account: lower-case letters, digits, underscores.
    pub name: String,
    /// Meta's code of its language; there is no fallback to another one.
    pub language: String,
    /// What stands above the words, if that varies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub header: Option<Header>,
    /// What goes into the words.
    pub body: Vec<Parameter>,
    /// What varies about its buttons.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub buttons: Vec<ButtonParameter>,
    /// What goes into the cards of a carousel, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cards: Vec<CardParameters>,
    /// The words as they will read: Meta puts them together and refuses more than 1,024
    /// characters, so they are known here too. Not sent.
    pub words: String,
}

/// What a header holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Header {
    /// A text.
    Text {
        /// What goes into its place.
        parameter: Parameter,
    },
    /// A picture, video or document, without words below it.
    Media {
        /// Which.
        media: Media,
    },
}

/// A text for one place of a template.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parameter {
    /// The place, in a template with named places; without it the order counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The text.
    pub text: String,
}

/// What varies about one button.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ButtonParameter {
    /// What comes back when it is tapped.
    QuickReply {
        /// Which button, from 0.
        index: u8,
        /// Comes back.
        payload: String,
    },
    /// The end of the address it opens.
    Url {
        /// Which button, from 0.
        index: u8,
        /// The end.
        suffix: String,
    },
}

impl Parameter {
    /// Returns a text for a named place. Meta takes no line breaks, tabs or runs of spaces
    /// in it, so each run of white space becomes one space.
    pub fn named(name: &str, text: &str) -> Self {
        Self {
            name: Some(name.to_owned()),
            text: text.split_whitespace().collect::<Vec<_>>().join(" "),
        }
    }

    pub(super) fn json(&self) -> Value {
        let mut json = json!({ "type": "text", "text": self.text });
        if let Some(name) = &self.name {
            json["parameter_name"] = name.as_str().into();
        }
        json
    }

    fn check(&self) -> Result<(), OverLimit> {
        needed("template parameter", &self.text, BODY)?;
        let is_broken = self.text.contains(['\n', '\r', '\t']) || self.text.contains("     ");
        if is_broken || self.name.as_deref().is_some_and(|name| !is_name(name)) {
            let field = "template parameter";
            return Err(OverLimit::Malformed { field });
        }
        Ok(())
    }
}

impl ButtonParameter {
    /// Returns which button it is for, from 0.
    pub const fn index(&self) -> u8 {
        match self {
            Self::QuickReply { index, .. } | Self::Url { index, .. } => *index,
        }
    }

    pub(super) fn json(&self) -> Value {
        let (sub_type, index, parameter) = match self {
            Self::QuickReply { index, payload } => (
                "quick_reply",
                index,
                json!({ "type": "payload", "payload": payload }),
            ),
            Self::Url { index, suffix } => {
                ("url", index, json!({ "type": "text", "text": suffix }))
            }
        };
        json!({ "type": "button", "sub_type": sub_type, "index": index.to_string(),
                "parameters": [parameter] })
    }
}

impl Template {
    pub(super) fn check(&self) -> Result<(), OverLimit> {
        needed("template name", &self.name, NAME)?;
        needed("template language", &self.language, LANGUAGE)?;
        needed("body", &self.words, BODY)?;
        let malformed = |field| Err(OverLimit::Malformed { field });
        if !is_name(&self.name) {
            return malformed("template name");
        }
        check_parameters(&self.body)?;
        match &self.header {
            None => {}
            Some(Header::Text { parameter }) => parameter.check()?,
            Some(Header::Media { media }) => {
                media.check()?;
                let is_shown = matches!(
                    media.kind,
                    MediaKind::Image | MediaKind::Video | MediaKind::Document
                );
                if !is_shown || media.caption.is_some() {
                    return malformed("template header");
                }
            }
        }
        check_buttons(&self.buttons, BUTTONS)?;
        let has_more = self.header.is_some() || !self.buttons.is_empty();
        if has_more && !self.cards.is_empty() {
            // Above cards stand words and nothing else.
            return malformed("template card");
        }
        carousel::check(&self.cards)
    }

    pub(super) fn content(&self) -> Value {
        let mut components = Vec::new();
        if let Some(header) = &self.header {
            let parameter = match header {
                Header::Text { parameter } => parameter.json(),
                Header::Media { media } => {
                    let (word, content) = media.content();
                    json!({ "type": word, word: content })
                }
            };
            components.push(json!({ "type": "header", "parameters": [parameter] }));
        }
        if !self.body.is_empty() {
            let parameters: Vec<_> = self.body.iter().map(Parameter::json).collect();
            components.push(json!({ "type": "body", "parameters": parameters }));
        }
        components.extend(self.buttons.iter().map(ButtonParameter::json));
        if !self.cards.is_empty() {
            components.push(carousel::json(&self.cards));
        }
        let mut content = json!({ "name": self.name, "language": { "code": self.language } });
        if !components.is_empty() {
            content["components"] = components.into();
        }
        content
    }
}

/// Checks what goes into a text: all by name, each once, or all by order.
pub(super) fn check_parameters(given: &[Parameter]) -> Result<(), OverLimit> {
    for parameter in given {
        parameter.check()?;
    }
    let named: HashSet<_> = given.iter().filter_map(|p| p.name.as_ref()).collect();
    if !named.is_empty() && named.len() != given.len() {
        let field = "template parameter";
        return Err(OverLimit::Malformed { field });
    }
    Ok(())
}

/// Checks what varies about buttons, of which there may be `most`.
pub(super) fn check_buttons(given: &[ButtonParameter], most: usize) -> Result<(), OverLimit> {
    let indices: HashSet<_> = given.iter().map(ButtonParameter::index).collect();
    let in_range = indices.iter().all(|index| usize::from(*index) < most);
    if !in_range || indices.len() != given.len() {
        let field = "template button";
        return Err(OverLimit::Malformed { field });
    }
    for button in given {
        match button {
            ButtonParameter::QuickReply { payload, .. } => {
                needed("button payload", payload, PAYLOAD)?;
            }
            ButtonParameter::Url { suffix, .. } => needed("button link", suffix, LINK)?,
        }
    }
    Ok(())
}

fn is_name(text: &str) -> bool {
    let is_allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
    !text.is_empty() && text.bytes().all(is_allowed)
}

#[cfg(test)]
mod tests {
    use super::super::{Outgoing, Recipient, Source};
    use super::*;

    fn template() -> Template {
        Template {
            name: "order_update".into(),
            language: "en".into(),
            header: None,
            body: vec![Parameter::named("first_name", "Asha\n  Rao")],
            buttons: vec![ButtonParameter::QuickReply {
                index: 0,
                payload: "menu".into(),
            }],
            cards: Vec::new(),
            words: "Hello Asha Rao, your order is placed.".into(),
        }
    }

    fn document() -> Header {
        let media = Media {
            kind: MediaKind::Document,
            source: Source::Link("https://example.in/a.pdf".into()),
            caption: None,
            file_name: Some("a.pdf".into()),
        };
        Header::Media { media }
    }

    #[test]
    fn a_template_has_the_shape_of_the_documentation() {
        let to = Recipient::Phone("919812345678".into());
        let request = Outgoing::Template(template()).request(&to, "c");
        assert_eq!(request["type"], "template");
        assert_eq!(
            request["template"],
            json!({"name": "order_update", "language": {"code": "en"}, "components": [
                {"type": "body", "parameters": [
                    {"type": "text", "parameter_name": "first_name", "text": "Asha Rao"}]},
                {"type": "button", "sub_type": "quick_reply", "index": "0", "parameters": [
                    {"type": "payload", "payload": "menu"}]}]})
        );
        let plain = Template {
            header: Some(document()),
            body: Vec::new(),
            buttons: Vec::new(),
            ..template()
        };
        assert_eq!(
            plain.content()["components"],
            json!([{"type": "header", "parameters": [{"type": "document",
                "document": {"link": "https://example.in/a.pdf", "filename": "a.pdf"}}]}])
        );
    }

    #[test]
    fn what_meta_would_refuse_is_refused_here() {
        type Break = fn(&mut Template);
        let parameter = |name: Option<&str>, text: &str| Parameter {
            name: name.map(Into::into),
            text: text.into(),
        };
        assert_eq!(template().check(), Ok(()));
        let with_header = |change: fn(&mut Media)| {
            let Header::Media { mut media } = document() else {
                panic!("a document");
            };
            change(&mut media);
            Template {
                header: Some(Header::Media { media }),
                ..template()
            }
        };
        assert_eq!(with_header(|_| {}).check(), Ok(()));
        for change in [
            (|m| m.caption = Some("words".into())) as fn(&mut Media),
            |m| m.file_name = None,
            |m| m.source = Source::Link(String::new()),
            |m| {
                m.kind = MediaKind::Audio;
                m.file_name = None;
            },
        ] {
            assert!(with_header(change).check().is_err());
        }
        let breaks: [Break; 9] = [
            |t| t.name = "Order".into(),
            |t| t.name = String::new(),
            |t| t.language = String::new(),
            |t| t.words = "w".repeat(1025),
            |t| t.body[0].text = "a\nb".into(),
            |t| t.body[0].text = "a     b".into(),
            |t| t.body[0].text = " ".into(),
            |t| t.body.push(t.body[0].clone()),
            |t| t.buttons.push(t.buttons[0].clone()),
        ];
        for (at, break_it) in breaks.iter().enumerate() {
            let mut broken = template();
            break_it(&mut broken);
            assert!(broken.check().is_err(), "{at}");
        }
        let mixed = Template {
            body: vec![parameter(Some("a"), "1"), parameter(None, "2")],
            ..template()
        };
        assert!(mixed.check().is_err());
        let by_order = Template {
            body: vec![parameter(None, "1"), parameter(None, "2")],
            words: "w".repeat(1024),
            ..template()
        };
        assert_eq!(by_order.check(), Ok(()));
    }

    #[test]
    fn the_stored_form_reads_back() {
        let message = Outgoing::Template(template());
        let stored = serde_json::to_string(&message).unwrap();
        assert!(stored.starts_with(r#"{"type":"template","name":"order_update""#));
        assert_eq!(serde_json::from_str::<Outgoing>(&stored).unwrap(), message);
    }
}
