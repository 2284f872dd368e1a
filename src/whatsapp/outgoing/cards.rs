//! Cards side by side in an open window, without a template
//! (<https://developers.facebook.com/documentation/business-messaging/whatsapp/messages/interactive-media-carousel-messages/>).

use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::limits::{
    BUTTON_ID, BUTTON_TITLE, OverLimit, check_link, cut, different, needed, optional,
};
use super::media::Source;
use super::request::link_action;
use super::{Button, Outgoing};
use crate::whatsapp::MediaKind;

const CARDS: RangeInclusive<usize> = 2..=10;
const BODY: usize = 160;
const LINE_BREAKS: usize = 2;
/// Meta names no limit; its own examples have two, as the cards of templates may.
const BUTTONS: usize = 2;

/// One card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Card {
    /// Whether a picture or a video stands above its words.
    pub kind: MediaKind,
    /// Where that is.
    pub source: Source,
    /// Its words: at most 160 characters and two line breaks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// What can be tapped on it.
    pub action: CardAction,
}

/// What can be tapped on a card; the same on all of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum CardAction {
    /// A button that opens a page.
    Link {
        /// Its label; at most 20 characters.
        title: String,
        /// The page.
        url: String,
    },
    /// One or two buttons that send an answer.
    Replies {
        /// They.
        buttons: Vec<Button>,
    },
}

impl CardAction {
    /// Returns how many buttons of which kind it has, which must be the same on every card.
    fn shape(&self) -> (bool, usize) {
        match self {
            Self::Link { .. } => (true, 1),
            Self::Replies { buttons } => (false, buttons.len()),
        }
    }

    fn check(&self) -> Result<(), OverLimit> {
        match self {
            Self::Link { title, url } => {
                needed("link title", title, BUTTON_TITLE)?;
                check_link(url)
            }
            Self::Replies { buttons } => {
                if !(1..=BUTTONS).contains(&buttons.len()) {
                    let field = "card buttons";
                    return Err(OverLimit::Malformed { field });
                }
                for button in buttons {
                    needed("button id", &button.id, BUTTON_ID)?;
                    needed("button title", &button.title, BUTTON_TITLE)?;
                }
                different("button title", buttons.iter().map(|button| &button.title))
            }
        }
    }

    fn json(&self) -> Value {
        match self {
            Self::Link { title, url } => link_action(title, url),
            Self::Replies { buttons } => {
                let buttons: Vec<_> = buttons
                    .iter()
                    .map(|one| {
                        json!({ "type": "quick_reply",
                            "quick_reply": { "id": one.id, "title": one.title } })
                    })
                    .collect();
                json!({ "buttons": buttons })
            }
        }
    }
}

/// Checks the cards of a message.
pub(super) fn check(cards: &[Card]) -> Result<(), OverLimit> {
    let malformed = |field| Err(OverLimit::Malformed { field });
    if cards.len() > *CARDS.end() {
        return Err(OverLimit::TooMany {
            field: "cards",
            count: cards.len(),
            limit: *CARDS.end(),
        });
    }
    let Some(first) = cards.first().filter(|_| CARDS.contains(&cards.len())) else {
        return malformed("cards");
    };
    let shape = |card: &Card| (card.kind, card.action.shape());
    for card in cards {
        let is_shown = matches!(card.kind, MediaKind::Image | MediaKind::Video);
        if !is_shown || shape(card) != shape(first) {
            return malformed("card");
        }
        card.source.check()?;
        optional("card body", card.body.as_ref(), BODY)?;
        let breaks = card.body.iter().flat_map(|body| body.matches('\n')).count();
        if breaks > LINE_BREAKS {
            return malformed("card body");
        }
        card.action.check()?;
    }
    // What comes back says nothing of the card it was on.
    let replies = cards.iter().filter_map(|card| match &card.action {
        CardAction::Replies { buttons } => Some(buttons),
        CardAction::Link { .. } => None,
    });
    different("button id", replies.flatten().map(|button| &button.id))
}

/// Returns the buttons of cards below the same words, if there is one on each card and a
/// message may have so many.
pub(super) fn as_buttons(body: &str, cards: &[Card]) -> Option<Outgoing> {
    let only = |card: &Card| match &card.action {
        CardAction::Replies { buttons } => match buttons.as_slice() {
            [only] => Some(only.clone()),
            _ => None,
        },
        CardAction::Link { .. } => None,
    };
    let plain = Outgoing::Buttons {
        body: body.to_owned(),
        footer: None,
        buttons: cards.iter().map(only).collect::<Option<_>>()?,
    };
    plain.check().is_ok().then_some(plain)
}

/// Cuts the labels on cards to their limits.
pub(super) fn fit(cards: &mut [Card]) {
    for card in cards {
        match &mut card.action {
            CardAction::Link { title, .. } => cut(title, BUTTON_TITLE),
            CardAction::Replies { buttons } => {
                for button in buttons {
                    cut(&mut button.title, BUTTON_TITLE);
                }
            }
        }
    }
}

/// Returns the action of the message they are in.
pub(super) fn json(cards: &[Card]) -> Value {
    let cards = cards.iter().enumerate().map(|(index, card)| {
        let word = card.kind.word();
        // The documentation has this type on cards with quick replies too.
        let mut json = json!({ "card_index": index, "type": "cta_url",
            "header": { "type": word, word: card.source.json() },
            "action": card.action.json() });
        if let Some(body) = &card.body {
            json["body"] = json!({ "text": body });
        }
        json
    });
    json!({ "cards": cards.collect::<Vec<_>>() })
}

#[cfg(test)]
mod tests {
    use super::super::{Outgoing, Recipient};
    use super::*;

    fn replies(id: &str, title: &str) -> CardAction {
        let button = Button {
            id: id.into(),
            title: title.into(),
        };
        CardAction::Replies {
            buttons: vec![button],
        }
    }

    fn card(file: &str, action: CardAction) -> Card {
        Card {
            kind: MediaKind::Image,
            source: Source::Kept(file.into()),
            body: Some("A sum over years.".into()),
            action,
        }
    }

    fn cards() -> Vec<Card> {
        vec![
            card("calculator", replies("sum", "Calculate")),
            card("person", replies("talk", "Talk")),
        ]
    }

    fn message(cards: Vec<Card>) -> Outgoing {
        Outgoing::Cards {
            body: "Look here.".into(),
            cards,
        }
    }

    #[test]
    fn without_their_pictures_few_cards_are_buttons_and_many_or_linked_ones_are_nothing() {
        let plain = message(cards()).without_pictures().unwrap();
        let Outgoing::Buttons { body, buttons, .. } = plain else {
            panic!("{plain:?}");
        };
        assert_eq!(body, "Look here.");
        let said: Vec<_> = buttons.iter().map(|one| (&*one.id, &*one.title)).collect();
        assert_eq!(said, [("sum", "Calculate"), ("talk", "Talk")]);
        let many = (0..4).map(|n| card("person", replies(&n.to_string(), &format!("No. {n}"))));
        let link = || CardAction::Link {
            title: "Read".into(),
            url: "https://x.in/a".into(),
        };
        for cards in [many.collect(), vec![card("a", link()), card("b", link())]] {
            let message = message(cards);
            assert!(message.check().is_ok(), "cards they may be");
            assert_eq!(message.without_pictures(), None);
        }
    }

    #[test]
    fn cards_have_the_shape_of_the_documentation_and_read_back_from_the_outbox() {
        let mut all = cards();
        all[1].body = None;
        let sent = message(all);
        assert_eq!(sent.check(), Ok(()));
        assert_eq!(sent.kept_files(), ["calculator", "person"]);
        let stored = serde_json::to_string(&sent).unwrap();
        assert_eq!(serde_json::from_str::<Outgoing>(&stored).unwrap(), sent);
        let sent = sent.uploaded("calculator", "7").uploaded("person", "8");
        let request = sent.request(&Recipient::Phone("91".into()), "c");
        assert_eq!(request["type"], "interactive");
        assert_eq!(
            request["interactive"],
            json!({"type": "carousel", "body": {"text": "Look here."}, "action": {"cards": [
                {"card_index": 0, "type": "cta_url",
                 "header": {"type": "image", "image": {"id": "7"}},
                 "body": {"text": "A sum over years."},
                 "action": {"buttons": [{"type": "quick_reply",
                    "quick_reply": {"id": "sum", "title": "Calculate"}}]}},
                {"card_index": 1, "type": "cta_url",
                 "header": {"type": "image", "image": {"id": "8"}},
                 "action": {"buttons": [{"type": "quick_reply",
                    "quick_reply": {"id": "talk", "title": "Talk"}}]}}]}})
        );
        let link = CardAction::Link {
            title: "Open".into(),
            url: "https://x.in".into(),
        };
        let linked = message(vec![card("a", link.clone()), card("b", link)]);
        assert_eq!(linked.check(), Ok(()));
        let request = linked.request(&Recipient::Phone("91".into()), "c");
        assert_eq!(
            request["interactive"]["action"]["cards"][1]["action"],
            json!({"name": "cta_url",
                "parameters": {"display_text": "Open", "url": "https://x.in"}})
        );
    }

    #[test]
    fn what_meta_would_refuse_about_cards_is_refused_here() {
        type Break = fn(&mut Vec<Card>);
        let link = || CardAction::Link {
            title: "Open".into(),
            url: "https://x.in".into(),
        };
        let most: Vec<_> = (0..10)
            .map(|n| {
                let mut one = card("a", replies(&n.to_string(), &"क".repeat(20)));
                one.body = Some(format!("\n\n{}", "क".repeat(158)));
                one
            })
            .collect();
        assert_eq!(message(most.clone()).check(), Ok(()));
        let mut eleven = most;
        eleven.push(card("a", replies("11", "More")));
        assert!(message(eleven).check().is_err());
        let mut mixed = cards();
        mixed[1].action = link();
        assert!(message(mixed).check().is_err());
        let breaks: [Break; 11] = [
            |c| drop(c.pop()),
            Vec::clear,
            |c| c[1].kind = MediaKind::Video,
            |c| {
                c[0].kind = MediaKind::Document;
                c[1].kind = MediaKind::Document;
            },
            |c| c[0].source = Source::Link(String::new()),
            |c| c[1].body = Some("क".repeat(161)),
            |c| c[1].body = Some("a\nb\nc\nd".into()),
            |c| c[1].action = replies("sum", "Talk"),
            |c| c[1].action = replies("talk", &"t".repeat(21)),
            |c| c[1].action = replies(&"i".repeat(257), "Talk"),
            |c| c[1].action = CardAction::Replies { buttons: vec![] },
        ];
        for (at, break_it) in breaks.iter().enumerate() {
            let mut broken = cards();
            break_it(&mut broken);
            assert!(message(broken).check().is_err(), "{at}");
        }
        let mut long = cards();
        long[0].action = replies("sum", &"t".repeat(30));
        assert_eq!(message(long).fit().check(), Ok(()));
    }
}
