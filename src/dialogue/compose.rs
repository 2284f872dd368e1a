//! From what is to be said to a message within Meta's limits, with the required texts in
//! the same bubble.
//!
//! Words are clipped before a required text is. Buttons under words that are too long for
//! buttons become a list, which may carry four times as much.

use super::disclosures::{self, Disclosure};
use super::labels::Label;
use super::scene::{Choice, Controls, Say, Scene};
use super::session::TapId;
use super::texts::Text;
use super::voice::clip;
use crate::pipeline::{Purpose, Reply};
use crate::whatsapp::{Button, Outgoing, Row, Section};

/// Most characters of a text or of the words above a list.
pub const MOST_TEXT: usize = 4_096;
const MOST_WITH_BUTTONS: usize = 1_024;
const MOST_BUTTON: usize = 20;
/// Most characters of a row's title.
pub const MOST_ROW: usize = 24;
/// Most characters of the line below it.
pub const MOST_NOTE: usize = 72;

/// Makes the reply; `generation` goes into the ids of what can be tapped.
pub fn reply(
    scene: &Scene<'_>,
    say: Say,
    is_first_contact: bool,
    generation: i64,
) -> anyhow::Result<Reply> {
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
    let words = clip(&say.text, MOST_TEXT.saturating_sub(fixed));
    let mut parts = before;
    parts.push(words);
    parts.extend((!after.is_empty()).then(|| after.join("\n")));
    let message = message(scene, parts.join("\n\n"), say.controls, generation);
    Ok(Reply {
        message,
        purpose: Purpose::Chat,
        disclosures: disclosures::record(&texts),
    })
}

fn required_text(scene: &Scene<'_>, text: Disclosure) -> anyhow::Result<String> {
    scene.say(&match text {
        Disclosure::Identity => Text::Identity {
            distributor: &scene.distributor.name,
            registration: disclosures::IDENTITY,
            arn: &scene.distributor.arn,
        },
        Disclosure::Illustration { rate } => {
            return scene.say(&Text::Illustration {
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

fn message(scene: &Scene<'_>, body: String, controls: Controls, generation: i64) -> Outgoing {
    match controls {
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
        Controls::List { open, sections } => list(body, open, sections, generation),
    }
}

fn list(
    body: String,
    open: &str,
    sections: Vec<(&'static str, Vec<Choice>)>,
    generation: i64,
) -> Outgoing {
    let sections = sections.into_iter().map(|(title, choices)| {
        let rows = choices.iter().filter_map(|choice| {
            Some(Row {
                id: id(choice, generation)?,
                title: clip(&choice.title, MOST_ROW),
                description: choice.note.as_ref().map(|note| clip(note, MOST_NOTE)),
            })
        });
        Section {
            title: clip(title, MOST_ROW),
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
