//! The mandates somebody gave, and the page on which one that waits is approved.

use super::super::super::labels::Label;
use super::super::super::ports::Dealings;
use super::super::super::scene::{Choice, Say, Scene, Step};
use super::super::super::session::State;
use super::super::super::texts::{MandateLine, Text};
use super::super::person;
use super::say;
use crate::investing::orders::MandateStatus;
use crate::investing::orders::service::About;
use crate::investing::orders::state::Moves as _;

const MOST: usize = 4;

/// Shows them.
pub(super) async fn show(scene: &Scene<'_>, dealings: &dyn Dealings) -> anyhow::Result<Step> {
    let mandates = dealings.mandates(scene.contact.id).await?;
    let living = mandates.iter().filter(|one| !one.status.is_final());
    let mut lines = Vec::new();
    for mandate in living.take(MOST) {
        let waits = matches!(
            mandate.status,
            MandateStatus::LinkSent | MandateStatus::AwaitingInvestor
        );
        let link = if waits {
            let about = About::Mandate(mandate.id);
            dealings.page(scene.contact.id, about).await
        } else {
            None
        };
        lines.push(MandateLine {
            kind: mandate.kind.as_str(),
            limit: say::rupees(mandate.limit),
            status: mandate.status.as_str(),
            to: say::day(mandate.end),
            link,
        });
    }
    let text = scene.say(&Text::Mandates { mandates: &lines })?;
    let agent = scene.label(Label::MenuAgent);
    let buttons = vec![
        Choice::new(person::FLOW, "call", "mandate", agent),
        super::resume::to_menu(scene),
    ];
    Ok(Step::to(State::Menu, Say::talk(text).buttons(buttons)))
}
