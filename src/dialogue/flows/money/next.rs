//! The second of two wishes in one message: said to come after the first, offered when that
//! is done, and begun like any other. Nothing the message said of it is kept, so that no
//! amount of one ends up in the other.

use super::super::super::labels::Label;
use super::super::super::scene::{Controls, Scene, Step};
use super::super::super::texts::Text;
use super::super::super::understanding::{Intent, Slots};
use super::super::{person, resume};
use super::opens;

/// Says at the first wish that the other comes after it.
pub fn announce(
    scene: &Scene<'_>,
    step: Step,
    first: Intent,
    second: Intent,
) -> anyhow::Result<Step> {
    let lead = scene.say(&Text::OneByOne {
        first: scene.label(person::named(first).0),
        second: scene.label(person::named(second).0),
    })?;
    Ok(Step {
        next: Some(second),
        ..step.led_by(&lead)
    })
}

/// Offers what was wanted besides, below what is said.
pub fn offer(scene: &Scene<'_>, wish: Intent, step: &mut Step) -> anyhow::Result<()> {
    let question = scene.say(&Text::NextWish {
        what: scene.label(person::named(wish).0),
    })?;
    step.say.text = format!("{}\n\n{question}", step.say.text);
    let button = opens(scene, payload(wish), Label::Continue);
    match &mut step.say.controls {
        Controls::Buttons(buttons) if buttons.len() < 3 => buttons.insert(0, button),
        none @ Controls::None => *none = Controls::Buttons(vec![button, resume::to_menu(scene)]),
        // No room: a yes that is typed does it, too.
        Controls::Buttons(_)
        | Controls::Form { .. }
        | Controls::Cards(_)
        | Controls::List { .. } => {}
    }
    Ok(())
}

/// Begins what was wanted besides, from its first question.
pub async fn begin(scene: &Scene<'_>, wish: Intent) -> anyhow::Result<Step> {
    super::open(scene, wish, &Slots::default()).await
}

/// Says whether a journey is the one that was wanted besides.
pub fn is_begun(state: &super::State, wish: Intent) -> bool {
    state.label() == person::named(wish).0
}

/// Returns what the button that opens it carries.
const fn payload(wish: Intent) -> &'static str {
    match wish {
        Intent::SipStart => "sip_start",
        Intent::SipStop => "stop",
        Intent::SipPause => "pause",
        Intent::SipChange => "change",
        Intent::Redeem => "redeem",
        Intent::Switch => "switch",
        _ => "invest_once",
    }
}
