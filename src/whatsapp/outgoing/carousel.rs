//! What goes into the cards of a carousel
//! (<https://developers.facebook.com/docs/whatsapp/cloud-api/guides/send-message-templates/media-card-carousel-templates>).

use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::limits::{OverLimit, optional};
use super::media::Source;
use super::template::{ButtonParameter, Parameter, check_buttons, check_parameters};
use crate::whatsapp::MediaKind;

const CARDS: RangeInclusive<usize> = 2..=10;
const BODY: usize = 160;
const BUTTONS: usize = 2;

/// What goes into one card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardParameters {
    /// Whether a picture or a video stands above its words.
    pub kind: MediaKind,
    /// Where that is.
    pub source: Source,
    /// What goes into its words.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub body: Vec<Parameter>,
    /// What varies about its buttons.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub buttons: Vec<ButtonParameter>,
    /// Its words as they will read, of which Meta takes 160 characters. Not sent.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub words: String,
}

/// Checks the cards of a template that has any.
pub(super) fn check(cards: &[CardParameters]) -> Result<(), OverLimit> {
    let malformed = |field| Err(OverLimit::Malformed { field });
    let Some(first) = cards.first() else {
        return Ok(());
    };
    if cards.len() > *CARDS.end() {
        return Err(OverLimit::TooMany {
            field: "template cards",
            count: cards.len(),
            limit: *CARDS.end(),
        });
    }
    if !CARDS.contains(&cards.len()) {
        return malformed("template cards");
    }
    for card in cards {
        let is_shown = matches!(card.kind, MediaKind::Image | MediaKind::Video);
        if !is_shown || card.shape() != first.shape() {
            return malformed("template card");
        }
        card.source.check()?;
        let words = Some(&card.words).filter(|words| !words.is_empty());
        optional("card body", words, BODY)?;
        check_parameters(&card.body)?;
        check_buttons(&card.buttons, BUTTONS)?;
    }
    Ok(())
}

/// Returns the component they make.
pub(super) fn json(cards: &[CardParameters]) -> Value {
    let cards = cards.iter().enumerate();
    let cards: Vec<_> = cards
        .map(|(index, card)| json!({ "card_index": index, "components": card.components() }))
        .collect();
    json!({ "type": "carousel", "cards": cards })
}

impl CardParameters {
    /// Returns what must be the same about all cards.
    fn shape(&self) -> (MediaKind, bool) {
        (self.kind, self.words.is_empty())
    }

    fn components(&self) -> Vec<Value> {
        let word = self.kind.word();
        let mut components = vec![json!({ "type": "header",
            "parameters": [{ "type": word, word: self.source.json() }] })];
        if !self.body.is_empty() {
            let parameters: Vec<_> = self.body.iter().map(Parameter::json).collect();
            components.push(json!({ "type": "body", "parameters": parameters }));
        }
        components.extend(self.buttons.iter().map(ButtonParameter::json));
        components
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Outgoing, Recipient, Template};
    use super::*;

    fn card(file: &str, text: &str) -> CardParameters {
        CardParameters {
            kind: MediaKind::Image,
            source: Source::Kept(file.into()),
            body: vec![Parameter::named("what", text)],
            buttons: vec![
                ButtonParameter::QuickReply {
                    index: 0,
                    payload: text.into(),
                },
                ButtonParameter::Url {
                    index: 1,
                    suffix: "a".into(),
                },
            ],
            words: format!("Here is {text}."),
        }
    }

    fn carousel() -> Template {
        Template {
            name: "services".into(),
            language: "en".into(),
            header: None,
            body: Vec::new(),
            buttons: Vec::new(),
            cards: vec![
                card("calculator", "a sum\n\tof  yours"),
                card("paper", "it"),
            ],
            words: "Look here.".into(),
        }
    }

    #[test]
    fn a_carousel_has_the_shape_of_the_documentation_and_its_texts_are_cleaned() {
        let message = Outgoing::Template(carousel());
        assert_eq!(message.kept_files(), ["calculator", "paper"]);
        let message = message.uploaded("paper", "78").uploaded("calculator", "77");
        assert_eq!(message.kept_files(), [""; 0]);
        assert_eq!(message.media_ids(), ["77", "78"]);
        let to = Recipient::Phone("919812345678".into());
        let request = message.request(&to, "c");
        let card = |index: usize, id: &str, text: &str, payload: &str| {
            json!({"card_index": index, "components": [
                {"type": "header", "parameters": [{"type": "image", "image": {"id": id}}]},
                {"type": "body", "parameters": [
                    {"type": "text", "parameter_name": "what", "text": text}]},
                {"type": "button", "sub_type": "quick_reply", "index": "0", "parameters": [
                    {"type": "payload", "payload": payload}]},
                {"type": "button", "sub_type": "url", "index": "1", "parameters": [
                    {"type": "text", "text": "a"}]}]})
        };
        assert_eq!(
            request["template"]["components"],
            json!([{"type": "carousel", "cards": [
                card(0, "77", "a sum of yours", "a sum\n\tof  yours"),
                card(1, "78", "it", "it")]}])
        );
    }

    #[test]
    fn what_meta_would_refuse_about_cards_is_refused_here() {
        type Break = fn(&mut Template);
        assert_eq!(carousel().check(), Ok(()));
        let mut most = carousel();
        most.cards = vec![card("a", "b"); 10];
        most.cards[0].words = "क".repeat(160);
        assert_eq!(most.check(), Ok(()));
        let breaks: [Break; 12] = [
            |t| drop(t.cards.pop()),
            |t| t.cards = vec![t.cards[0].clone(); 11],
            |t| t.cards[1].kind = MediaKind::Video,
            |t| {
                t.cards[0].kind = MediaKind::Document;
                t.cards[1].kind = MediaKind::Document;
            },
            |t| t.cards[1].source = Source::Link(String::new()),
            |t| t.cards[1].words = "क".repeat(161),
            |t| t.cards[1].words = String::new(),
            |t| t.cards[1].body[0].text = "a\nb".into(),
            |t| t.cards[1].body = vec![t.cards[1].body[0].clone(); 2],
            |t| {
                t.cards[1].buttons[1] = ButtonParameter::QuickReply {
                    index: 2,
                    payload: "p".into(),
                };
            },
            |t| t.buttons = vec![t.cards[0].buttons[0].clone()],
            |t| {
                let parameter = Parameter::named("what", "a sum");
                t.header = Some(crate::whatsapp::Header::Text { parameter });
            },
        ];
        for (at, break_it) in breaks.iter().enumerate() {
            let mut broken = carousel();
            break_it(&mut broken);
            assert!(broken.check().is_err(), "{at}");
        }
    }

    #[test]
    fn the_stored_form_reads_back() {
        let message = Outgoing::Template(carousel());
        let stored = serde_json::to_string(&message).unwrap();
        assert_eq!(serde_json::from_str::<Outgoing>(&stored).unwrap(), message);
    }
}
