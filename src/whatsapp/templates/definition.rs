//! What a template says, and the JSON that hands it in.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::button::Button;
use super::card::Card;
use crate::whatsapp::MediaKind;

/// What a template is for, which decides what it costs and who may get it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Category {
    /// Promotes something; needs the person's consent.
    Marketing,
    /// Tells somebody of what they asked for or own.
    Utility,
    /// Holds a one-time code.
    Authentication,
}

impl Category {
    /// Every category.
    pub const ALL: [Self; 3] = [Self::Marketing, Self::Utility, Self::Authentication];

    /// Returns Meta's word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Marketing => "MARKETING",
            Self::Utility => "UTILITY",
            Self::Authentication => "AUTHENTICATION",
        }
    }

    /// Reads Meta's word, in whatever case.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|category| category.as_str().eq_ignore_ascii_case(word))
    }
}

/// What stands above the words. Stored as Meta shows it: the line itself, or the format in
/// brackets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum HeaderFormat {
    /// A line, which may have a place.
    Text(String),
    /// A picture, video or document, given with each message.
    Media(MediaKind),
    /// Any other format, which is not ours.
    Other(String),
}

impl HeaderFormat {
    /// Reads Meta's word for a format other than text.
    pub(super) fn of(word: &str) -> Self {
        match MediaKind::parse(&word.to_lowercase()) {
            Some(kind @ (MediaKind::Image | MediaKind::Video | MediaKind::Document)) => {
                Self::Media(kind)
            }
            _ => Self::Other(word.to_owned()),
        }
    }

    /// Returns its line, if it is one.
    pub(super) fn text(&self) -> Option<&String> {
        match self {
            Self::Text(text) => Some(text),
            Self::Media(_) | Self::Other(_) => None,
        }
    }
}

impl From<String> for HeaderFormat {
    fn from(stored: String) -> Self {
        let word = stored
            .strip_prefix('(')
            .and_then(|rest| rest.strip_suffix(')'));
        match word {
            Some(word) if word.bytes().all(|b| b.is_ascii_uppercase()) => Self::of(word),
            _ => Self::Text(stored),
        }
    }
}

impl From<HeaderFormat> for String {
    fn from(header: HeaderFormat) -> Self {
        match header {
            HeaderFormat::Text(text) => text,
            HeaderFormat::Media(kind) => format!("({})", kind.word().to_uppercase()),
            HeaderFormat::Other(word) => format!("({word})"),
        }
    }
}

/// What a template says: what is approved, and compared.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Content {
    /// What stands above the words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub header: Option<HeaderFormat>,
    /// The words with their places. Of a one-time code they are Meta's own.
    pub body: String,
    /// A line below the words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub footer: Option<String>,
    /// Buttons, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub buttons: Vec<Button>,
    /// Cards below the words, side by side.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cards: Vec<Card>,
    /// Minutes a one-time code is good for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<u32>,
}

/// Returns the places of a text (`{{name}}`), in order, as often as they stand there.
pub(super) fn places(text: &str) -> Vec<&str> {
    let after = text.split("{{").skip(1);
    after
        .filter_map(|rest| rest.split_once("}}"))
        .map(|(name, _)| name.trim())
        .collect()
}

/// A template as it is written down: what it says in one language, and examples.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Definition {
    /// Its name in the account.
    pub name: String,
    /// Meta's code of its language.
    pub language: String,
    /// What it is for.
    pub category: Category,
    /// What it says.
    pub content: Content,
    /// An example for each place.
    pub samples: BTreeMap<String, String>,
    /// The name of the file above the words, or of that of each card: a reviewer is shown it,
    /// and it is what is sent unless another is given.
    pub files: Vec<String>,
}

/// Meta's handles of files, by their names.
pub type Handles = BTreeMap<String, String>;

impl Definition {
    /// Returns what hands it in for the first time. A file without a handle stands there by
    /// its name.
    pub fn creation(&self, handles: &Handles) -> Value {
        let mut json = json!({
            "name": self.name,
            "language": self.language,
            "category": self.category.as_str(),
            "components": self.components(handles),
        });
        if self.category != Category::Authentication {
            json["parameter_format"] = "NAMED".into();
        }
        json
    }

    /// Returns what replaces it. A category can be named only while nothing is approved.
    pub fn edition(&self, with_category: bool, handles: &Handles) -> Value {
        let mut json = json!({ "components": self.components(handles) });
        if with_category {
            json["category"] = self.category.as_str().into();
        }
        json
    }

    fn components(&self, handles: &Handles) -> Vec<Value> {
        let content = &self.content;
        let mut all = Vec::new();
        match &content.header {
            Some(HeaderFormat::Text(text)) => {
                let mut json = json!({ "type": "HEADER", "format": "TEXT", "text": text });
                if let Some(examples) = self.examples(text) {
                    json["example"] = json!({ "header_text_named_params": examples });
                }
                all.push(json);
            }
            Some(HeaderFormat::Media(kind)) => {
                let file = self.files.first();
                let handle = file.and_then(|file| handles.get(file)).or(file);
                all.push(
                    json!({ "type": "HEADER", "format": kind.word().to_uppercase(),
                    "example": { "header_handle": [handle] } }),
                );
            }
            Some(HeaderFormat::Other(_)) | None => {}
        }
        if self.category == Category::Authentication {
            all.push(json!({ "type": "BODY", "add_security_recommendation": true }));
        } else {
            let mut json = json!({ "type": "BODY", "text": content.body });
            if let Some(examples) = self.examples(&content.body) {
                json["example"] = json!({ "body_text_named_params": examples });
            }
            all.push(json);
        }
        if let Some(minutes) = content.expires {
            all.push(json!({ "type": "FOOTER", "code_expiration_minutes": minutes }));
        } else if let Some(footer) = &content.footer {
            all.push(json!({ "type": "FOOTER", "text": footer }));
        }
        if !content.buttons.is_empty() {
            let buttons = content.buttons.iter();
            let buttons: Vec<_> = buttons.map(|b| b.json(self.samples.get("1"))).collect();
            all.push(json!({ "type": "BUTTONS", "buttons": buttons }));
        }
        if !content.cards.is_empty() {
            let cards = content.cards.iter().zip(&self.files).map(|(card, file)| {
                let handle = handles.get(file).unwrap_or(file);
                card.json(handle, self.examples(&card.body), self.samples.get("1"))
            });
            all.push(json!({ "type": "CAROUSEL", "cards": cards.collect::<Vec<_>>() }));
        }
        all
    }

    fn examples(&self, text: &str) -> Option<Vec<Value>> {
        let named: Vec<_> = places(text)
            .into_iter()
            .map(|place| {
                let sample = self.samples.get(place).map_or("", String::as_str);
                json!({ "param_name": place, "example": sample })
            })
            .collect();
        (!named.is_empty()).then_some(named)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_definition_is_handed_in_in_the_shape_of_the_documentation() {
        let offer = Definition {
            name: "sip_offer".into(),
            language: "en".into(),
            category: Category::Marketing,
            content: Content {
                header: None,
                body: "Hi {{first_name}}, look.".into(),
                footer: Some("Reply STOP to opt out".into()),
                buttons: vec![
                    Button::QuickReply {
                        label: "Know more".into(),
                    },
                    Button::Url {
                        label: "Open".into(),
                        url: "https://x.example/{{1}}".into(),
                    },
                    Button::PhoneNumber {
                        label: "Call".into(),
                        number: "+919812345678".into(),
                    },
                ],
                ..Content::default()
            },
            files: Vec::new(),
            samples: [
                ("first_name".into(), "Asha".into()),
                ("1".into(), "a".into()),
            ]
            .into(),
        };
        let expected = json!({"name":"sip_offer","language":"en","category":"MARKETING",
            "parameter_format":"NAMED","components":[
            {"type":"BODY","text":"Hi {{first_name}}, look.",
             "example":{"body_text_named_params":[{"param_name":"first_name","example":"Asha"}]}},
            {"type":"FOOTER","text":"Reply STOP to opt out"},
            {"type":"BUTTONS","buttons":[{"type":"QUICK_REPLY","text":"Know more"},
             {"type":"URL","text":"Open","url":"https://x.example/{{1}}",
              "example":["https://x.example/a"]},
             {"type":"PHONE_NUMBER","text":"Call","phone_number":"+919812345678"}]}]});
        assert_eq!(offer.creation(&Handles::new()), expected);
    }

    #[test]
    fn a_picture_above_the_words_is_handed_in_by_its_handle() {
        let offer = Definition {
            name: "sip_offer".into(),
            language: "en".into(),
            category: Category::Marketing,
            content: Content {
                header: Some(HeaderFormat::Media(MediaKind::Image)),
                body: "Look at this.".into(),
                ..Content::default()
            },
            samples: BTreeMap::new(),
            files: vec!["calculator".into()],
        };
        let handles = [("calculator".into(), "4::abc".into())].into();
        let expected = json!([
            {"type":"HEADER","format":"IMAGE","example":{"header_handle":["4::abc"]}},
            {"type":"BODY","text":"Look at this."}]);
        assert_eq!(offer.creation(&handles)["components"], expected);
    }

    #[test]
    fn a_video_and_a_document_above_the_words_are_handed_in_by_their_formats() {
        for (kind, format) in [
            (MediaKind::Video, "VIDEO"),
            (MediaKind::Document, "DOCUMENT"),
        ] {
            let one = Definition {
                name: "paper".into(),
                language: "en".into(),
                category: Category::Utility,
                content: Content {
                    header: Some(HeaderFormat::Media(kind)),
                    body: "It is here.".into(),
                    ..Content::default()
                },
                samples: BTreeMap::new(),
                files: vec!["file".into()],
            };
            let handles = [("file".into(), "4::abc".into())].into();
            let header = json!({"type": "HEADER", "format": format,
                "example": {"header_handle": ["4::abc"]}});
            assert_eq!(one.creation(&handles)["components"][0], header);
        }
    }

    #[test]
    fn a_header_is_stored_as_it_was_before_there_were_formats() {
        for (stored, read) in [
            ("Your SIP", HeaderFormat::Text("Your SIP".into())),
            ("(see below)", HeaderFormat::Text("(see below)".into())),
            ("(IMAGE)", HeaderFormat::Media(MediaKind::Image)),
            ("(DOCUMENT)", HeaderFormat::Media(MediaKind::Document)),
            ("(LOCATION)", HeaderFormat::Other("LOCATION".into())),
        ] {
            assert_eq!(HeaderFormat::from(stored.to_owned()), read);
            assert_eq!(String::from(read), stored);
        }
    }

    #[test]
    fn a_carousel_is_handed_in_card_by_card_with_the_handles_of_its_files() {
        let card = |body: &str, buttons: Vec<Button>| Card {
            header: Some(MediaKind::Image),
            body: body.into(),
            buttons,
        };
        let go = Button::QuickReply { label: "Go".into() };
        let read = Button::Url {
            label: "Read".into(),
            url: "https://x.in/{{1}}".into(),
        };
        let services = Definition {
            name: "services".into(),
            language: "en".into(),
            category: Category::Marketing,
            content: Content {
                body: "Look here.".into(),
                cards: vec![
                    card("For {{name}} it is.", vec![go.clone(), read]),
                    card("", vec![go]),
                ],
                ..Content::default()
            },
            samples: [("name".into(), "Asha".into()), ("1".into(), "a".into())].into(),
            files: vec!["calculator".into(), "statement".into()],
        };
        let handles = [("calculator".into(), "4::abc".into())].into();
        let expected = json!([{"type":"BODY","text":"Look here."},{"type":"CAROUSEL","cards":[
            {"components":[
                {"type":"HEADER","format":"IMAGE","example":{"header_handle":["4::abc"]}},
                {"type":"BODY","text":"For {{name}} it is.",
                 "example":{"body_text_named_params":[{"param_name":"name","example":"Asha"}]}},
                {"type":"BUTTONS","buttons":[{"type":"QUICK_REPLY","text":"Go"},
                 {"type":"URL","text":"Read","url":"https://x.in/{{1}}","example":["https://x.in/a"]}]}]},
            {"components":[
                {"type":"HEADER","format":"IMAGE","example":{"header_handle":["statement"]}},
                {"type":"BUTTONS","buttons":[{"type":"QUICK_REPLY","text":"Go"}]}]}]}]);
        assert_eq!(services.creation(&handles)["components"], expected);
        assert_eq!(
            services.edition(false, &handles),
            json!({"components": expected})
        );
    }

    #[test]
    fn a_code_has_the_fixed_words_of_meta() {
        let code = Definition {
            name: "one_time_code".into(),
            language: "en".into(),
            category: Category::Authentication,
            content: Content {
                buttons: vec![Button::CopyCode {
                    label: "Copy".into(),
                }],
                expires: Some(10),
                ..Content::default()
            },
            samples: BTreeMap::new(),
            files: Vec::new(),
        };
        let expected = json!({"name":"one_time_code","language":"en","category":"AUTHENTICATION",
            "components":[{"type":"BODY","add_security_recommendation":true},
            {"type":"FOOTER","code_expiration_minutes":10},
            {"type":"BUTTONS","buttons":[{"type":"OTP","otp_type":"COPY_CODE","text":"Copy"}]}]});
        assert_eq!(code.creation(&Handles::new()), expected);
    }
}
