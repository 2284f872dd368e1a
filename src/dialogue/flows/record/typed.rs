//! What is typed in place of a button or a row of a question about the record.

use super::super::super::scene::{Choice, Controls, Scene};
use super::super::typed;
use super::FLOW;
use super::ask::Ask;
use crate::language::Language;
use crate::people::Investor;

/// What puts a statement on record: its whole label stands for it, and nothing less.
const DECLARES: [&str; 3] = ["declare", "declare_none", "risk_done"];

/// Returns everything that can be tapped, in order.
pub(super) fn choices(controls: &Controls) -> Vec<&Choice> {
    match controls {
        Controls::None | Controls::Form { .. } => Vec::new(),
        Controls::Buttons(choices) => choices.iter().collect(),
        Controls::Cards(cards) => cards.iter().map(|(_, choice)| choice).collect(),
        Controls::List { sections, .. } => sections.iter().flat_map(|(_, rows)| rows).collect(),
    }
}

/// Returns step and payload of what stands under the typed words, in any language.
pub(super) fn chosen(
    scene: &Scene<'_>,
    ask: &Ask,
    investor: &Investor,
    words: &str,
) -> anyhow::Result<Option<(&'static str, String)>> {
    let mut names = Vec::new();
    let mut taps = Vec::new();
    for language in Language::ALL {
        let scene = Scene { language, ..*scene };
        let question = ask.question(&scene, investor, false)?;
        let offered = choices(&question.controls).into_iter();
        let offered = offered.filter(|choice| choice.flow == FLOW);
        for (at, choice) in offered.enumerate() {
            names.push((choice.title.clone(), at));
            names.extend(choice.note.clone().map(|whole| (whole, at)));
            if taps.len() <= at {
                taps.push((choice.step, choice.payload.clone()));
            }
        }
    }
    let declares = taps.iter().any(|(step, _)| DECLARES.contains(step));
    let at = typed::named(words, &names, declares);
    Ok(at.and_then(|at| taps.into_iter().nth(at)))
}

/// Returns step and payload of the first of two buttons for a yes, of the second for a no.
pub(super) fn of_two(controls: &Controls, is_yes: bool) -> Option<(&'static str, String)> {
    let Controls::Buttons(buttons) = controls else {
        return None;
    };
    let [yes, no] = &buttons[..] else {
        return None;
    };
    let choice = if is_yes { yes } else { no };
    let may_be = choice.flow == FLOW && !DECLARES.contains(&yes.step);
    may_be.then(|| (choice.step, choice.payload.clone()))
}
