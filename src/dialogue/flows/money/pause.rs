//! Instalments are left out: the next one (a skip), or several.

use rust_decimal::prelude::ToPrimitive;

use super::super::super::commands::{Asked, Command, Means};
use super::super::super::disclosures::Subject;
use super::super::super::ports::Dealings;
use super::super::super::scene::{Say, Scene, Step};
use super::super::super::texts::Text;
use super::super::super::understanding::Slots;
use super::confirm::{Pending, Verb};
use super::plan::{State, ask};
use super::{choice, refuse, say};
use crate::investing::orders::draft::Refusal;
use crate::investing::orders::plan::PlanTerms;
use crate::investing::orders::service::PlanView;

/// Numbers that are offered by button; others can be typed.
const USUAL: [u32; 3] = [1, 2, 3];

pub(super) fn hear(state: &mut State, slots: &Slots) {
    let number = slots.number.and_then(|number| number.to_u32());
    state.instalments = slots.months.or(number).or(state.instalments);
}

pub(super) async fn prompt(
    mut state: State,
    scene: &Scene<'_>,
    dealings: &dyn Dealings,
    view: &PlanView,
    again: bool,
) -> anyhow::Result<Step> {
    let fund = say::scheme(scene, view.plan.terms.scheme);
    let next = view.next.map(|(on, _)| say::day(on));
    let PlanTerms { kind, scheme, .. } = view.plan.terms;
    let terms = dealings.terms(scheme, scene.today);
    let most = terms.map_or(0, |terms| terms.longest_pause(kind));
    if most == 0 {
        return refuse::end(scene, &Refusal::NotTaken);
    }
    let possible = |number: &u32| (1..=most).contains(number);
    let Some(instalments) = state.instalments.filter(possible) else {
        let again = again || state.instalments.is_some();
        state.instalments = None;
        let text = scene.say(&Text::PauseAsk {
            fund: &fund,
            next: next.as_deref(),
            most,
            again,
        })?;
        let usual = USUAL.into_iter().filter(possible);
        let buttons =
            usual.map(|number| choice("instalments", number.to_string(), number.to_string()));
        return Ok(ask(state, Say::talk(text).buttons(buttons.collect())));
    };
    let asked = Asked::PausePlan(view.plan.id, instalments);
    let command = Command::Do(asked.clone(), Means::Button);
    if let Err(refusal) = scene.commands.rehearse(scene.contact.id, &command).await? {
        return refuse::end(scene, &refusal);
    }
    let text = scene.say(&Text::PauseReview {
        fund: &fund,
        amount: &say::in_full(scene, view.amount(scene.today)),
        instalments,
        next: next.as_deref(),
    })?;
    let pending = Pending::change(scene, asked, Verb::Pause);
    let say = Say {
        subject: Subject::Transaction,
        ..Say::talk(text).buttons(pending.buttons(scene))
    };
    state.pending = Some(pending);
    Ok(ask(state, say))
}
