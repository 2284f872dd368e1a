//! From what is to be said to a message within Meta's limits, with the required texts in
//! the same bubble.
//!
//! Words that are too long for one bubble become several, the last with what can be
//! tapped. Buttons under words that are too long for buttons become a list, which may carry
//! four times as much.

use anyhow::Context as _;

use super::disclosures::{self, Disclosure};
use super::forms::{Ticket, name_in_account};
use super::labels::Label;
use super::scene::{Choice, Controls, Say, Scene};
use super::session::{KEPT_FOR, TapId};
use super::texts::Text;
use super::voice::clip;
use crate::pipeline::{Purpose, Reply};
use crate::whatsapp::{Button, Card, CardAction, MediaKind, Outgoing, Row, Section, Source, split};

/// Most characters of a text or of the words above a list.
pub const MOST_TEXT: usize = 4_096;
/// Most bubbles of one answer: each is billed, and nobody reads on for ever.
const MOST_BUBBLES: usize = 3;
const MOST_WITH_BUTTONS: usize = 1_024;
const MOST_BUTTON: usize = 20;
const MOST_ON_CARD: usize = 160;
/// Most characters of a row's title.
pub const MOST_ROW: usize = 24;
/// Most characters of the line below it.
pub const MOST_NOTE: usize = 72;

/// Makes the replies, nearly always one; `generation` goes into the ids of what can be
/// tapped.
pub fn replies(
    scene: &Scene<'_>,
    say: Say,
    is_first_contact: bool,
    generation: i64,
) -> anyhow::Result<Vec<Reply>> {
    let texts = disclosures::required(say.subject, is_first_contact);
    let mut before = Vec::new();
    let mut after = Vec::new();
    for text in &texts {
        let said = required_text(scene, *text)?;
        if *text == Disclosure::Identity {
            before.push(said);
        } else {
            after.push(said);
        }
    }
    let fixed: usize = before
        .iter()
        .chain(&after)
        .map(|text| text.chars().count() + 2)
        .sum();
    let mut bubbles = bubbles(&say.text, MOST_TEXT.saturating_sub(fixed));
    let mut last = bubbles.pop().unwrap_or_default();
    if let Some(after) = (!after.is_empty()).then(|| after.join("\n")) {
        last = format!("{last}\n\n{after}");
    }
    bubbles.push(last);
    for text in before.into_iter().rev() {
        bubbles[0] = format!("{text}\n\n{}", bubbles[0]);
    }
    let last = bubbles.pop().unwrap_or_default();
    let talk = bubbles.into_iter().map(|body| Outgoing::Text { body });
    let last = message(scene, last, say.controls, generation)?;
    let recorded = disclosures::record(&texts);
    let replies = talk.chain([last]).map(|message| Reply {
        message,
        purpose: Purpose::Chat,
        disclosures: recorded.clone(),
    });
    Ok(replies.collect())
}

/// Splits words into as many bubbles as they need; what is beyond the last is left out.
fn bubbles(words: &str, most: usize) -> Vec<String> {
    let mut pieces = split(words, most);
    if pieces.len() > MOST_BUBBLES {
        let rest = pieces.split_off(MOST_BUBBLES - 1).join("\n\n");
        pieces.push(clip(&rest, most));
    }
    pieces
}

fn required_text(scene: &Scene<'_>, text: Disclosure) -> anyhow::Result<String> {
    scene.say(&match text {
        Disclosure::Identity => Text::Identity {
            distributor: &scene.distributor.name,
            registration: disclosures::IDENTITY,
            arn: &scene.distributor.arn,
        },
        Disclosure::Illustration { rate, basis } => {
            return scene.say(&Text::Illustration {
                basis: basis.as_str(),
                rate: &rate.normalize().to_string(),
            });
        }
        Disclosure::PastPerformance => Text::PastPerformance {
            words: disclosures::PAST_PERFORMANCE,
        },
        Disclosure::MarketRisk => Text::MarketRisk {
            words: disclosures::MARKET_RISK,
        },
        Disclosure::Commission => Text::Commission {},
    })
}

fn message(
    scene: &Scene<'_>,
    body: String,
    controls: Controls,
    generation: i64,
) -> anyhow::Result<Outgoing> {
    Ok(match controls {
        Controls::None => Outgoing::Text { body },
        Controls::Buttons(choices) if body.chars().count() <= MOST_WITH_BUTTONS => {
            let buttons = choices.iter().filter_map(|choice| {
                let title = clip(&choice.title, MOST_BUTTON);
                Some(Button {
                    id: id(choice, generation)?,
                    title,
                })
            });
            Outgoing::Buttons {
                body,
                footer: None,
                buttons: buttons.collect(),
            }
        }
        Controls::Buttons(choices) => list(
            body,
            scene.label(Label::OpenMenu),
            vec![(scene.label(Label::SectionMore), choices)],
            generation,
        ),
        Controls::Cards(cards) if body.chars().count() <= MOST_WITH_BUTTONS => {
            let cards = cards.iter().filter_map(|(picture, choice)| {
                let button = Button {
                    id: id(choice, generation)?,
                    title: clip(&choice.title, MOST_BUTTON),
                };
                Some(Card {
                    kind: MediaKind::Image,
                    source: Source::Kept((*picture).to_owned()),
                    body: choice.note.as_ref().map(|note| clip(note, MOST_ON_CARD)),
                    action: CardAction::Replies {
                        buttons: vec![button],
                    },
                })
            });
            Outgoing::Cards {
                body,
                cards: cards.collect(),
            }
        }
        Controls::Cards(cards) => {
            let choices = cards.into_iter().map(|(_, choice)| choice).collect();
            let sections = vec![(scene.label(Label::SectionMore), choices)];
            list(body, scene.label(Label::OpenMenu), sections, generation)
        }
        Controls::List { open, sections } => list(body, open, sections, generation),
        Controls::Form { name, open } => {
            let forms = scene.facts.forms().context("forms are not set up")?;
            let ticket = Ticket {
                contact: scene.contact.id,
                generation,
                language: scene.language,
                until: scene.now + KEPT_FOR,
            };
            Outgoing::Form {
                body: clip(&body, MOST_WITH_BUTTONS),
                button: clip(open, MOST_BUTTON),
                name: name_in_account(name)
                    .context("there is no form of this name")?
                    .to_owned(),
                token: ticket.write(forms),
            }
        }
    })
}

fn list(
    body: String,
    open: &str,
    sections: Vec<(&'static str, Vec<Choice>)>,
    generation: i64,
) -> Outgoing {
    // The button's label stands above the rows already.
    let is_alone = sections.len() == 1;
    let sections = sections.into_iter().map(|(title, choices)| {
        let rows = choices.iter().filter_map(|choice| {
            Some(Row {
                id: id(choice, generation)?,
                title: clip(&choice.title, MOST_ROW),
                description: choice.note.as_ref().map(|note| clip(note, MOST_NOTE)),
            })
        });
        Section {
            title: if is_alone {
                String::new()
            } else {
                clip(title, MOST_ROW)
            },
            rows: rows.collect(),
        }
    });
    Outgoing::List {
        body,
        footer: None,
        button: clip(open, MOST_BUTTON),
        sections: sections.collect(),
    }
}

fn id(choice: &Choice, generation: i64) -> Option<String> {
    TapId {
        flow: choice.flow.to_owned(),
        step: choice.step.to_owned(),
        generation,
        payload: choice.payload.clone(),
    }
    .encode()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_answer_becomes_a_few_bubbles_that_end_with_their_sentences() {
        let sentence = "The scheme holds 42 shares worth ₹1,234.50 crore. ";
        let two = sentence.repeat(100);
        let parts = bubbles(&two, MOST_TEXT);
        assert_eq!(parts.len(), 2);
        assert!(parts.iter().all(|part| part.ends_with("crore.")));
        assert_eq!(parts.join(" "), two.trim());

        let endless = bubbles(&sentence.repeat(1_000), MOST_TEXT);
        assert_eq!(endless.len(), MOST_BUBBLES);
        assert!(endless[2].ends_with('…') && endless[2].chars().count() <= MOST_TEXT);
        assert_eq!(bubbles("short", MOST_TEXT), ["short"]);
    }
}
