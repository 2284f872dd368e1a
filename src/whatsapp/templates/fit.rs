//! Whether what is to be sent fits the text that was approved.

use std::collections::BTreeSet;

use super::definition::{Button, Content, places};
use crate::whatsapp::{ButtonParameter, Header, Parameter, Template};

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
}

/// Holds what is to be sent against what was approved.
pub fn fits(sent: &Template, approved: &Content) -> Result<(), Misfit> {
    fits_body(&sent.body, &approved.body)?;
    let header = approved.header.as_deref();
    let is_whole = match (&sent.header, header) {
        (None, None) => true,
        (None, Some(text)) => places(text).is_empty() && !text.starts_with('('),
        (Some(Header::Text { .. }), Some(text)) => places(text).len() == 1,
        (Some(Header::Image { .. }), Some(text)) => text == "(IMAGE)",
        (Some(Header::Document { .. }), Some(text)) => text == "(DOCUMENT)",
        (Some(_), None) => false,
    };
    if !is_whole {
        return Err(Misfit::Header);
    }
    for given in &sent.buttons {
        let (at, is_kind): (u8, fn(&Button) -> bool) = match given {
            ButtonParameter::QuickReply { index, .. } => {
                (*index, |button| matches!(button, Button::QuickReply { .. }))
            }
            ButtonParameter::Url { index, .. } => (*index, Button::varies),
        };
        if !approved.buttons.get(usize::from(at)).is_some_and(is_kind) {
            return Err(Misfit::Button(at));
        }
    }
    for (at, button) in (0_u8..).zip(&approved.buttons) {
        let is_filled = |given: &&ButtonParameter| matches!(given, ButtonParameter::Url { index, .. } if *index == at);
        if button.varies() && !sent.buttons.iter().any(|given| is_filled(&given)) {
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
                |t| {
                    t.header = Some(Header::Image {
                        link: "https://x.in".into(),
                    });
                },
                Misfit::Header,
            ),
        ];
        for (at, (break_it, expected)) in breaks.into_iter().enumerate() {
            let mut broken = sent();
            break_it(&mut broken);
            assert_eq!(fits(&broken, &approved()), Err(expected), "{at}");
        }
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
