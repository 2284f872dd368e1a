//! The SIPs somebody has: how much, when next, how far.

use jiff::civil::Date;

use super::super::super::disclosures::Subject;
use super::super::super::labels::Label;
use super::super::super::ports::Dealings;
use super::super::super::scene::{Say, Scene, Step};
use super::super::super::session::State;
use super::super::super::texts::{SipLine, Text};
use super::{opens, say};
use crate::investing::Paise;
use crate::investing::orders::plan::LONGEST_PAUSE;
use crate::investing::orders::service::PlanView;
use crate::investing::orders::state::Moves as _;
use crate::investing::orders::{PlanKind, PlanStatus};

/// As many as fit above buttons.
const MOST: usize = 5;

/// Shows them, with what can be done to them.
pub(super) async fn show(scene: &Scene<'_>, dealings: &dyn Dealings) -> anyhow::Result<Step> {
    let all = dealings.plans(scene.contact.id).await?;
    let living: Vec<&PlanView> = all
        .iter()
        .filter(|view| view.plan.terms.kind == PlanKind::Sip && !view.plan.status.is_final())
        .collect();
    if living.is_empty() {
        let start = opens(scene, "sip_start", Label::DoSipStartShort);
        let say = Say::talk(scene.say(&Text::SipsNone {})?);
        let buttons = vec![start, super::resume::to_menu(scene)];
        return Ok(Step::to(State::Menu, say.buttons(buttons)));
    }
    let sips: Vec<SipLine> = living
        .iter()
        .take(MOST)
        .map(|view| line(scene, view))
        .collect();
    let text = scene.say(&Text::Sips {
        sips: &sips,
        more: living.len() - sips.len(),
    })?;
    let days = living.iter().take(MOST).filter_map(|view| next(view));
    let text = say::with_doubt(scene, text, days.map(|(on, _)| on))?;
    let say = Say {
        subject: Subject::Transaction,
        ..Say::talk(text)
    };
    Ok(Step::to(
        State::Menu,
        say.buttons(vec![
            opens(scene, "change", Label::DoChangeShort),
            // Three buttons are all there is: what fits the SIPs gets the second one.
            if living
                .iter()
                .all(|view| view.plan.status == PlanStatus::Paused)
            {
                opens(scene, "resume", Label::DoResumeShort)
            } else {
                opens(scene, "pause", Label::DoPauseShort)
            },
            opens(scene, "stop", Label::DoStopShort),
        ]),
    ))
}

/// The day and the amount of the next instalment of one that runs.
fn next(view: &PlanView) -> Option<(Date, Paise)> {
    view.next.filter(|_| view.plan.status.is_running())
}

fn line(scene: &Scene<'_>, view: &PlanView) -> SipLine {
    let plan = &view.plan;
    let next = next(view);
    SipLine {
        fund: say::scheme(scene, plan.terms.scheme),
        amount: say::rupees(
            next.map_or_else(|| plan.terms.amount_on(scene.today), |(_, amount)| amount),
        ),
        day: plan.terms.start.day(),
        status: plan.status.as_str(),
        next: next.map(|(on, _)| say::day(on)),
        // A pause without an end leaves out no number of them.
        left_out: Some(plan.pause_left)
            .filter(|left| *left <= LONGEST_PAUSE)
            .unwrap_or(0),
    }
}
