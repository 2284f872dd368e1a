//! Offers an interrupted flow again, once with the answer that interrupted it and then in
//! the menu, for a day.

use super::super::labels::Label;
use super::super::scene::{Choice, Controls, Scene, Step, Then};
use super::super::session::{Kept, State};
use super::super::texts::Text;
use super::super::understanding::{Intent, Slots, is_acknowledgement};
use super::{calculator, courtesy, menu, money};

/// Name of the flow in tap ids.
pub const FLOW: &str = "resume";

/// Says whether something can be taken up again once this step is taken.
pub fn is_possible(scene: &Scene<'_>) -> bool {
    scene.session.kept.is_some() || scene.session.state.is_worth_keeping()
}

/// Returns the button or row that takes it up.
pub fn choice(scene: &Scene<'_>) -> Choice {
    Choice::new(FLOW, "go", "", scene.label(Label::Continue))
}

/// Returns the button to the menu.
pub fn to_menu(scene: &Scene<'_>) -> Choice {
    Choice::new(menu::FLOW, "open", "menu", scene.label(Label::BackToMenu))
}

/// Takes a yes: to what was interrupted, else it is answered with the question at hand. An
/// "ok" to what was only said gets a friendly word.
pub async fn confirm(scene: &Scene<'_>, words: &str) -> anyhow::Result<Step> {
    if let Some(wish) = offered(scene) {
        return money::next::begin(scene, wish).await;
    }
    match (&scene.session.state, &scene.session.kept) {
        (State::Menu, None) if is_acknowledgement(words) => courtesy::acknowledge(scene),
        _ => take_up(scene).await,
    }
}

/// Returns the second of two wishes if it was offered with the last answer.
fn offered(scene: &Scene<'_>) -> Option<Intent> {
    let next = scene.session.next.filter(|next| next.offered);
    next.map(|next| next.wish)
}

/// Takes up what was interrupted, or says that there is nothing of the kind.
pub async fn take_up(scene: &Scene<'_>) -> anyhow::Result<Step> {
    match (&scene.session.state, &scene.session.kept) {
        (State::Menu, Some(kept)) => super::prompt_at(scene, &kept.state).await,
        (State::Menu, None) => {
            let lead = scene.say(&Text::NothingToConfirm {})?;
            Ok(menu::show(scene)?.led_by(&lead))
        }
        _ => super::prompt(scene).await,
    }
}

/// Returns the interrupted sum if the message plainly answers it: a time or a rate.
pub fn answered<'a>(scene: &Scene<'a>, slots: &Slots) -> Option<&'a calculator::State> {
    let says_so = slots.duration_months().is_some() || slots.rate.is_some();
    match scene.session.kept.as_ref()?.state {
        State::Calculator(ref state) if says_so => Some(state),
        _ => None,
    }
}

/// Drops what was interrupted, or what is under way.
pub fn deny(scene: &Scene<'_>) -> anyhow::Result<Step> {
    let text = match (&scene.session.state, &scene.session.kept) {
        (State::Menu, None) if offered(scene).is_none() => Text::NothingToConfirm {},
        _ => Text::Cancelled {},
    };
    menu::after(scene, &scene.say(&text)?)
}

/// Adds the offer to a step that answers something else; returns whether it did.
pub fn offer(scene: &Scene<'_>, kept: &Kept, step: &mut Step) -> anyhow::Result<bool> {
    let goes_idle = step.then == Then::Go(State::Menu);
    let mut buttons = match &step.say.controls {
        Controls::None => vec![to_menu(scene)],
        Controls::Buttons(buttons) if buttons.len() < 3 => buttons.clone(),
        Controls::Buttons(_)
        | Controls::Cards(_)
        | Controls::List { .. }
        | Controls::Form { .. } => return Ok(false),
    };
    if kept.offered || !goes_idle {
        return Ok(false);
    }
    let question = match &kept.state {
        State::Calculator(state) => {
            let amount = state.amount.map(calculator::rupees);
            let amount = amount.as_deref();
            let sum = state.sum.as_str();
            scene.say(&Text::Resume { sum, amount })?
        }
        State::Money(state) => scene.say(&Text::ResumeMoney {
            what: scene.label(state.label()),
        })?,
        State::Record(state) => scene.say(&Text::ResumeMoney {
            what: scene.label(state.label()),
        })?,
        State::Menu | State::Nav(_) => return Ok(false),
    };
    step.say.text = format!("{}\n\n{question}", step.say.text);
    buttons.insert(0, choice(scene));
    step.say.controls = Controls::Buttons(buttons);
    Ok(true)
}
