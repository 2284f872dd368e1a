//! A paused SIP goes on.

use super::super::super::commands::{Asked, Command, Means};
use super::super::super::disclosures::Subject;
use super::super::super::scene::{Say, Scene, Step};
use super::super::super::texts::Text;
use super::confirm::{Pending, Verb};
use super::plan::{State, ask};
use super::{refuse, say};
use crate::investing::orders::service::PlanView;

pub(super) async fn prompt(
    mut state: State,
    scene: &Scene<'_>,
    view: &PlanView,
) -> anyhow::Result<Step> {
    let asked = Asked::ResumePlan(view.plan.id);
    let command = Command::Do(asked.clone(), Means::Button);
    if let Err(refusal) = scene.commands.rehearse(scene.contact.id, &command).await? {
        return refuse::end(scene, &refusal);
    }
    let terms = &view.plan.terms;
    let text = scene.say(&Text::ResumeReview {
        fund: &say::scheme(scene, terms.scheme),
        amount: &say::in_full(scene, view.amount(scene.today)),
        day: terms.start.day(),
    })?;
    let pending = Pending::change(scene, asked, Verb::Resume);
    let say = Say {
        subject: Subject::Transaction,
        ..Say::talk(text).buttons(pending.buttons(scene))
    };
    state.pending = Some(pending);
    Ok(ask(state, say))
}
