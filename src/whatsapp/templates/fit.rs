//! Whether what is to be sent fits the text that was approved.

use std::collections::BTreeSet;

use super::button::Button;
use super::card::Card;
use super::definition::{Content, HeaderFormat, places};
use crate::whatsapp::{ButtonParameter, CardParameters, Header, Parameter, Template};

/// What does not fit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Misfit {
    /// The places of the words are others.
    #[error("the approved words have the places {approved}, and {given} are filled")]
    Body {
        /// What was approved.
        approved: String,
        /// What would be sent.
        given: String,
    },
    /// The header is another.
    #[error("the approved header and what is put into it differ")]
    Header,
    /// A button is missing, of another kind, or not filled.
    #[error("button {0} is not as it was approved")]
    Button(u8),
    /// There are more or fewer cards.
    #[error("{approved} cards were approved, and {given} are filled")]
    Cards {
        /// How many were approved.
        approved: usize,
        /// How many would be sent.
        given: usize,
    },
    /// The picture or video of a card is of the other kind.
    #[error("what stands above the words is not of the kind that was approved")]
    CardHeader,
    /// A card differs.
    #[error("card {number}: {what}")]
    Card {
        /// Which, from 1.
        number: usize,
        /// In what.
        what: Box<Self>,
    },
}

/// Holds what is to be sent against what was approved.
pub fn fits(sent: &Template, approved: &Content) -> Result<(), Misfit> {
    fits_body(&sent.body, &approved.body)?;
    let is_whole = match (&sent.header, &approved.header) {
        (None, None) => true,
        (None, Some(HeaderFormat::Text(text))) => places(text).is_empty(),
        (Some(Header::Text { .. }), Some(HeaderFormat::Text(text))) => places(text).len() == 1,
        (Some(Header::Media { media }), Some(HeaderFormat::Media(kind))) => media.kind == *kind,
        _ => false,
    };
    if !is_whole {
        return Err(Misfit::Header);
    }
    fits_buttons(&sent.buttons, &approved.buttons)?;
    fits_cards(&sent.cards, &approved.cards)
}

fn fits_cards(sent: &[CardParameters], approved: &[Card]) -> Result<(), Misfit> {
    if sent.len() != approved.len() {
        return Err(Misfit::Cards {
            approved: approved.len(),
            given: sent.len(),
        });
    }
    for (number, (given, card)) in (1..).zip(sent.iter().zip(approved)) {
        fits_card(given, card).map_err(|what| Misfit::Card {
            number,
            what: Box::new(what),
        })?;
    }
    Ok(())
}

fn fits_card(given: &CardParameters, card: &Card) -> Result<(), Misfit> {
    if card.header != Some(given.kind) {
        return Err(Misfit::CardHeader);
    }
    fits_body(&given.body, &card.body)?;
    fits_buttons(&given.buttons, &card.buttons)?;
    // Without a payload a tap says its label only, and two cards may have the same.
    for (at, button) in (0_u8..).zip(&card.buttons) {
        let is_given = |one: &ButtonParameter| one.index() == at;
        if matches!(button, Button::QuickReply { .. }) && !given.buttons.iter().any(is_given) {
            return Err(Misfit::Button(at));
        }
    }
    Ok(())
}

fn fits_buttons(sent: &[ButtonParameter], approved: &[Button]) -> Result<(), Misfit> {
    for given in sent {
        let (at, is_kind): (u8, fn(&Button) -> bool) = match given {
            ButtonParameter::QuickReply { index, .. } => {
                (*index, |button| matches!(button, Button::QuickReply { .. }))
            }
            ButtonParameter::Url { index, .. } => (*index, Button::varies),
        };
        if !approved.get(usize::from(at)).is_some_and(is_kind) {
            return Err(Misfit::Button(at));
        }
    }
    for (at, button) in (0_u8..).zip(approved) {
        let is_filled = |given: &&ButtonParameter| matches!(given, ButtonParameter::Url { index, .. } if *index == at);
        if button.varies() && !sent.iter().any(|given| is_filled(&given)) {
            return Err(Misfit::Button(at));
        }
    }
    Ok(())
}

fn fits_body(given: &[Parameter], approved: &str) -> Result<(), Misfit> {
    let known: BTreeSet<&str> = places(approved).into_iter().collect();
    let is_numbered = known
        .iter()
        .all(|place| place.bytes().all(|b| b.is_ascii_digit()));
    let names: BTreeSet<&str> = given.iter().filter_map(|one| one.name.as_deref()).collect();
    let fits = if is_numbered {
        names.is_empty() && given.len() == known.len()
    } else {
        names == known && given.len() == known.len()
    };
    if fits {
        return Ok(());
    }
    let list = |names: &BTreeSet<&str>| match names.len() {
        0 => "none".to_owned(),
        _ => names.iter().copied().collect::<Vec<_>>().join(", "),
    };
    let unnamed = given.len().to_string();
    let given = if names.is_empty() {
        unnamed
    } else {
        list(&names)
    };
    Err(Misfit::Body {
        approved: list(&known),
        given,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::whatsapp::{MediaKind, Source};

    fn approved() -> Content {
        Content {
            body: "Your {{plan}} of {{amount}} is due.".into(),
            buttons: vec![
                Button::QuickReply { label: "Go".into() },
                Button::Url {
                    label: "Open".into(),
                    url: "https://x.in/{{1}}".into(),
                },
            ],
            ..Content::default()
        }
    }

    fn sent() -> Template {
        Template {
            name: "due".into(),
            language: "en".into(),
            header: None,
            body: vec![
                Parameter::named("amount", "₹5"),
                Parameter::named("plan", "SIP"),
            ],
            buttons: vec![
                ButtonParameter::QuickReply {
                    index: 0,
                    payload: "go".into(),
                },
                ButtonParameter::Url {
                    index: 1,
                    suffix: "a".into(),
                },
            ],
            cards: Vec::new(),
            words: "w".into(),
        }
    }

    #[test]
    fn what_was_approved_may_be_sent_and_a_payload_left_out() {
        assert_eq!(fits(&sent(), &approved()), Ok(()));
        let mut without = sent();
        without.buttons.remove(0);
        assert_eq!(fits(&without, &approved()), Ok(()));
    }

    /// Each breaks one thing about what is sent.
    #[test]
    fn whatever_differs_is_named() {
        type Break = fn(&mut Template);
        let body = |given: &str| Misfit::Body {
            approved: "amount, plan".into(),
            given: given.into(),
        };
        let breaks: [(Break, Misfit); 8] = [
            (|t| drop(t.body.pop()), body("amount")),
            (|t| t.body[0].name = Some("sum".into()), body("plan, sum")),
            (
                |t| t.body.push(Parameter::named("date", "x")),
                body("amount, date, plan"),
            ),
            (|t| t.body.iter_mut().for_each(|p| p.name = None), body("2")),
            (|t| drop(t.buttons.pop()), Misfit::Button(1)),
            (
                |t| {
                    t.buttons[0] = ButtonParameter::Url {
                        index: 0,
                        suffix: "a".into(),
                    }
                },
                Misfit::Button(0),
            ),
            (
                |t| {
                    t.buttons[0] = ButtonParameter::QuickReply {
                        index: 2,
                        payload: "a".into(),
                    }
                },
                Misfit::Button(2),
            ),
            (
                |t| t.header = Some(picture(MediaKind::Image)),
                Misfit::Header,
            ),
        ];
        for (at, (break_it, expected)) in breaks.into_iter().enumerate() {
            let mut broken = sent();
            break_it(&mut broken);
            assert_eq!(fits(&broken, &approved()), Err(expected), "{at}");
        }
    }

    fn picture(kind: MediaKind) -> Header {
        let media = crate::whatsapp::Media {
            kind,
            source: Source::Kept("calculator".into()),
            caption: None,
            file_name: None,
        };
        Header::Media { media }
    }

    #[test]
    fn what_stands_above_the_words_is_of_the_approved_kind() {
        let with = |header| Content {
            header,
            ..approved()
        };
        let image = with(Some(HeaderFormat::Media(MediaKind::Image)));
        let mut given = sent();
        assert_eq!(fits(&given, &image), Err(Misfit::Header), "it is left out");
        given.header = Some(picture(MediaKind::Video));
        assert_eq!(fits(&given, &image), Err(Misfit::Header));
        given.header = Some(picture(MediaKind::Image));
        assert_eq!(fits(&given, &image), Ok(()));
        let place = with(Some(HeaderFormat::Media(MediaKind::Document)));
        assert_eq!(fits(&given, &place), Err(Misfit::Header));
        let line = with(Some(HeaderFormat::Text("Your SIP".into())));
        assert_eq!(fits(&given, &line), Err(Misfit::Header));
        assert_eq!(fits(&sent(), &line), Ok(()), "there is nothing to fill");
        let map = with(Some(HeaderFormat::Other("LOCATION".into())));
        assert_eq!(fits(&sent(), &map), Err(Misfit::Header));
    }

    fn cards() -> (Template, Content) {
        let card = Card {
            header: Some(MediaKind::Image),
            body: "Your {{plan}} in this chat.".into(),
            buttons: approved().buttons,
        };
        let given = CardParameters {
            kind: MediaKind::Image,
            source: Source::Kept("calculator".into()),
            body: vec![Parameter::named("plan", "SIP")],
            buttons: sent().buttons,
            words: "w".into(),
        };
        let content = Content {
            body: "Look here.".into(),
            cards: vec![card.clone(), card],
            ..Content::default()
        };
        let template = Template {
            body: Vec::new(),
            buttons: Vec::new(),
            cards: vec![given.clone(), given],
            ..sent()
        };
        (template, content)
    }

    /// Each breaks one thing about the cards that are sent.
    #[test]
    fn every_card_is_held_against_the_approved_one() {
        type Break = fn(&mut Template);
        let second = |what: Misfit| Misfit::Card {
            number: 2,
            what: Box::new(what),
        };
        let (template, content) = cards();
        assert_eq!(fits(&template, &content), Ok(()));
        let breaks: [(Break, Misfit); 7] = [
            (
                |t| drop(t.cards.pop()),
                Misfit::Cards {
                    approved: 2,
                    given: 1,
                },
            ),
            (
                |t| t.cards.push(t.cards[0].clone()),
                Misfit::Cards {
                    approved: 2,
                    given: 3,
                },
            ),
            (
                |t| t.cards[1].kind = MediaKind::Video,
                second(Misfit::CardHeader),
            ),
            (
                |t| t.cards[1].body.clear(),
                second(Misfit::Body {
                    approved: "plan".into(),
                    given: "0".into(),
                }),
            ),
            (
                |t| t.cards[1].body[0].name = Some("sum".into()),
                second(Misfit::Body {
                    approved: "plan".into(),
                    given: "sum".into(),
                }),
            ),
            (
                |t| drop(t.cards[1].buttons.remove(0)),
                second(Misfit::Button(0)),
            ),
            (
                |t| drop(t.cards[1].buttons.pop()),
                second(Misfit::Button(1)),
            ),
        ];
        for (at, (break_it, expected)) in breaks.into_iter().enumerate() {
            let mut broken = template.clone();
            break_it(&mut broken);
            assert_eq!(fits(&broken, &content), Err(expected), "{at}");
        }
        assert!(fits(&template, &approved()).is_err());
    }

    #[test]
    fn a_code_goes_into_the_words_and_the_button() {
        let code = Content {
            body: "*{{1}}* is your verification code.".into(),
            buttons: vec![Button::CopyCode {
                label: "Copy".into(),
            }],
            ..Content::default()
        };
        let mut given = Template {
            body: vec![Parameter {
                name: None,
                text: "123456".into(),
            }],
            ..sent()
        };
        given.buttons = vec![ButtonParameter::Url {
            index: 0,
            suffix: "123456".into(),
        }];
        assert_eq!(fits(&given, &code), Ok(()));
        given.buttons.clear();
        assert_eq!(fits(&given, &code), Err(Misfit::Button(0)));
    }
}
