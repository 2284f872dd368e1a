//! A card of a carousel, and the JSON that hands it in.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::button::Button;
use crate::whatsapp::MediaKind;

/// A card of a carousel: a picture or a video, words, buttons.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Card {
    /// What stands above its words; nothing, if it is neither a picture nor a video.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub header: Option<MediaKind>,
    /// Its words with their places; a card may have none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub body: String,
    /// Its buttons, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub buttons: Vec<Button>,
}

impl Card {
    /// Returns which parts it has, which must be those of every other card.
    pub(super) fn shape(&self) -> (Option<MediaKind>, bool, Vec<&'static str>) {
        let buttons = self.buttons.iter().map(Button::kind).collect();
        (self.header, !self.body.is_empty(), buttons)
    }

    /// Returns it as it is handed in. `handle` stands for the file a reviewer is shown,
    /// `examples` are those of its places and `link_end` that of a link.
    pub(super) fn json(
        &self,
        handle: &str,
        examples: Option<Vec<Value>>,
        link_end: Option<&String>,
    ) -> Value {
        let format = self.header.map_or("", MediaKind::word).to_uppercase();
        let mut components = vec![json!({ "type": "HEADER", "format": format,
            "example": { "header_handle": [handle] } })];
        if !self.body.is_empty() {
            let mut body = json!({ "type": "BODY", "text": self.body });
            if let Some(examples) = examples {
                body["example"] = json!({ "body_text_named_params": examples });
            }
            components.push(body);
        }
        if !self.buttons.is_empty() {
            let buttons = self.buttons.iter();
            let buttons: Vec<_> = buttons.map(|button| button.json(link_end)).collect();
            components.push(json!({ "type": "BUTTONS", "buttons": buttons }));
        }
        json!({ "components": components })
    }
}
