//! A message of a template, with what is said in its places.

use std::collections::{BTreeMap, BTreeSet};

use super::button::Button;
use super::definition::{Category, Content, Definition, HeaderFormat, places};
use crate::whatsapp::{
    ButtonParameter, CardParameters, Header, Media, MediaKind, Parameter, Source, Template,
};

/// What is said in the places of a template, by their names.
pub type Sayings<'a> = BTreeMap<&'a str, String>;

/// Stands for a one-time code in words that are kept.
const HIDDEN: &str = "••••••";

impl Content {
    /// Returns of which kind each file is that it shows: above its words, and on its cards.
    pub fn shown(&self) -> Vec<Option<MediaKind>> {
        let above = match self.header {
            Some(HeaderFormat::Media(kind)) => Some(Some(kind)),
            _ => None,
        };
        let cards = self.cards.iter().map(|card| card.header);
        above.into_iter().chain(cards).collect()
    }

    /// Returns its texts that may have places: header, words, and those of its cards.
    fn texts(&self) -> impl Iterator<Item = &str> {
        let header = self.header.as_ref().and_then(HeaderFormat::text);
        let own = header.into_iter().chain([&self.body]);
        let cards = self.cards.iter().map(|card| &card.body);
        own.chain(cards).map(String::as_str)
    }

    /// Returns every place that has to be filled; `1` is the end of a link on a button.
    pub fn places(&self) -> BTreeSet<&str> {
        let on_cards = self.cards.iter().flat_map(|card| &card.buttons);
        let varies = self.buttons.iter().chain(on_cards).any(Button::varies);
        let link = varies.then_some("1");
        self.texts().flat_map(places).chain(link).collect()
    }

    /// Returns whether its places are numbered, as those of some templates made elsewhere.
    pub fn is_numbered(&self) -> bool {
        let is_number = |place: &str| place.bytes().all(|b| b.is_ascii_digit());
        self.texts().flat_map(places).any(is_number)
    }
}

/// Returns where a file is: behind an address, or kept with us under its name.
fn source(file: &str) -> Source {
    if file.starts_with("https://") {
        Source::Link(file.to_owned())
    } else {
        Source::Kept(file.to_owned())
    }
}

/// Returns what a file is called on the phone: its name, or the end of its address.
fn file_name(file: &str) -> String {
    let path = file.split(['?', '#']).next().unwrap_or(file);
    path.rsplit('/').next().unwrap_or(path).to_owned()
}

impl Definition {
    /// Returns a message of it that holds a one-time code; nothing if it is of something else.
    /// What is kept as its words does not say the code.
    pub fn code_message(&self, code: &str) -> Option<Template> {
        let [Button::CopyCode { .. }] = self.content.buttons.as_slice() else {
            return None;
        };
        let parameter = Parameter {
            name: None,
            text: code.to_owned(),
        };
        Some(Template {
            name: self.name.clone(),
            language: self.language.clone(),
            header: None,
            body: vec![parameter],
            buttons: vec![ButtonParameter::Url {
                index: 0,
                suffix: code.to_owned(),
            }],
            cards: Vec::new(),
            words: self.content.body.replace("{{1}}", HIDDEN),
        })
    }

    /// Returns a message of it; nothing if a place is left out, or it is of a one-time code,
    /// whose words are Meta's. A tap on a quick reply brings its label back.
    pub fn message(&self, said: &Sayings<'_>) -> Option<Template> {
        if self.category == Category::Authentication {
            return None;
        }
        let content = &self.content;
        let header = match &content.header {
            Some(HeaderFormat::Text(text)) => {
                let filled = parameters(text, said)?.into_iter().next();
                filled.map(|parameter| Header::Text { parameter })
            }
            Some(HeaderFormat::Media(kind)) => {
                let file = self.files.first()?;
                let media = Media {
                    kind: *kind,
                    source: source(file),
                    caption: None,
                    // Only a document is called something on the phone.
                    file_name: (*kind == MediaKind::Document).then(|| file_name(file)),
                };
                Some(Header::Media { media })
            }
            Some(HeaderFormat::Other(_)) => return None,
            None => None,
        };
        let cards = content.cards.iter().zip(&self.files).map(|(card, file)| {
            Some(CardParameters {
                kind: card.header.unwrap_or(MediaKind::Image),
                source: source(file),
                body: parameters(&card.body, said)?,
                buttons: buttons(&card.buttons, said)?,
                words: filled(&card.body, said),
            })
        });
        Some(Template {
            name: self.name.clone(),
            language: self.language.clone(),
            header,
            body: parameters(&content.body, said)?,
            buttons: buttons(&content.buttons, said)?,
            cards: cards.collect::<Option<_>>()?,
            words: filled(&content.body, said),
        })
    }
}

impl Content {
    /// Returns the words as they will read.
    pub fn filled(&self, said: &Sayings<'_>) -> String {
        filled(&self.body, said)
    }
}

fn parameters(text: &str, said: &Sayings<'_>) -> Option<Vec<Parameter>> {
    let fill = |place| Some(Parameter::named(place, said.get(place)?));
    places(text).into_iter().map(fill).collect()
}

fn buttons(all: &[Button], said: &Sayings<'_>) -> Option<Vec<ButtonParameter>> {
    let mut given = Vec::new();
    for (index, button) in (0..).zip(all) {
        match button {
            Button::QuickReply { label } => given.push(ButtonParameter::QuickReply {
                index,
                payload: label.clone(),
            }),
            Button::Url { .. } if button.varies() => given.push(ButtonParameter::Url {
                index,
                suffix: said.get("1")?.clone(),
            }),
            Button::Url { .. } | Button::PhoneNumber { .. } => {}
            Button::CopyCode { .. } | Button::Other { .. } => return None,
        }
    }
    Some(given)
}

/// Returns a text as it will read.
fn filled(text: &str, said: &Sayings<'_>) -> String {
    let mut pieces = text.split("{{");
    let mut read = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let (place, after) = piece.split_once("}}").unwrap_or((piece, ""));
        let value = said.get(place.trim()).map_or("", String::as_str);
        read.push_str(&Parameter::named(place, value).text);
        read.push_str(after);
    }
    read
}

#[cfg(test)]
mod tests {
    use super::super::source::parse;
    use super::super::{Content, fits};
    use super::*;

    const FILE: &str = "category: marketing\nsample name: Asha\nsample fund: HDFC\nsample 1: a\n\n[en]\ncard: image calculator\ncard body: A sum in {{fund}} over years.\ncard button: quick_reply Sum\ncard button: url https://x.in/{{1}} Read\ncard: image statement\ncard body: Your account on paper.\ncard button: quick_reply Paper\ncard button: url https://x.in/{{1}} Read\n\nNamaste {{name}}, look at what this chat can do.";

    #[test]
    fn a_picture_above_the_words_goes_along_from_what_is_kept() {
        let file = "category: marketing\n\n[en]\nheader image: calculator\n\nLook at this sum.";
        let read = parse("templates/meta/x.txt", file).unwrap();
        let definition = &read[0].definition;
        let message = definition.message(&Sayings::new()).unwrap();
        assert_eq!(fits(&message, &definition.content), Ok(()));
        let message = crate::whatsapp::Outgoing::Template(message);
        assert_eq!(message.check(), Ok(()));
        assert_eq!(message.kept_files(), ["calculator"]);
        let message = message.uploaded("calculator", "77");
        assert_eq!(message.media_ids(), ["77"]);
    }

    #[test]
    fn a_number_to_call_takes_nothing_and_keeps_its_place_among_the_buttons() {
        let file = "category: marketing\n\n[en]\ncard: image a\ncard button: phone_number +919812345678 Call us\ncard button: quick_reply Sum\ncard: image b\ncard button: phone_number +919812345678 Call us\ncard button: quick_reply Paper\n\nLook at what this chat can do.";
        let read = parse("templates/meta/x.txt", file).unwrap();
        let definition = &read[0].definition;
        let message = definition.message(&Sayings::new()).unwrap();
        assert_eq!(fits(&message, &definition.content), Ok(()));
        let [reply] = message.cards[1].buttons.as_slice() else {
            panic!("{message:?}");
        };
        assert_eq!(reply.index(), 1);
        let mut filled = message.clone();
        filled.cards[1].buttons.push(ButtonParameter::Url {
            index: 0,
            suffix: "x".into(),
        });
        assert!(fits(&filled, &definition.content).is_err());
    }

    #[test]
    fn a_document_or_video_above_the_words_is_of_the_kind_that_was_approved() {
        for (word, file, name) in [
            ("document", "statement.pdf", Some("statement.pdf")),
            ("video", "tour.mp4", None),
        ] {
            let text = format!("category: utility\n\n[en]\nheader {word}: {file}\n\nIt is here.");
            let read = parse("templates/meta/x.txt", &text).unwrap();
            let definition = &read[0].definition;
            let message = definition.message(&Sayings::new()).unwrap();
            assert_eq!(fits(&message, &definition.content), Ok(()));
            let Some(Header::Media { media }) = &message.header else {
                panic!("{message:?}");
            };
            assert_eq!(media.kind.word(), word);
            assert_eq!(media.file_name.as_deref(), name);
            let mut other = definition.content.clone();
            other.header = Some(HeaderFormat::Media(MediaKind::Image));
            assert!(fits(&message, &other).is_err());
            let message = crate::whatsapp::Outgoing::Template(message);
            assert_eq!(message.check(), Ok(()));
            assert_eq!(message.kept_files(), [file]);
        }
    }

    #[test]
    fn a_message_fits_what_it_is_a_message_of() {
        let read = parse("templates/meta/x.txt", FILE).unwrap();
        let definition = &read[0].definition;
        let mut said: Sayings<'_> = [
            ("name", "Asha\nRao".to_owned()),
            ("fund", "HDFC Flexi Cap".to_owned()),
            ("1", "b".to_owned()),
        ]
        .into();
        let message = definition.message(&said).unwrap();
        assert_eq!(fits(&message, &definition.content), Ok(()));
        assert_eq!(
            crate::whatsapp::Outgoing::Template(message.clone()).check(),
            Ok(())
        );
        assert_eq!(
            message.words,
            "Namaste Asha Rao, look at what this chat can do."
        );
        assert_eq!(
            message.cards[0].words,
            "A sum in HDFC Flexi Cap over years."
        );
        said.remove("fund");
        assert_eq!(definition.message(&said), None);
        assert_ne!(fits(&message, &Content::default()), Ok(()));
    }
}
