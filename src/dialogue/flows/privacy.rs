//! What is kept of somebody and why, a copy of it, and erasing it. A person carries the
//! requests out: they make sure who asks, and which records the law makes us keep.

use super::super::commands::{Command, Service};
use super::super::labels::Label;
use super::super::scene::{Choice, Say, Scene, Step};
use super::super::session::State;
use super::super::texts::Text;
use super::{person, resume};
use crate::contacts::ContactChange;
use crate::contacts::requests::RequestKind;

/// Name of the flow in tap ids.
pub const FLOW: &str = "privacy";

/// Says what is kept and why.
pub fn show(scene: &Scene<'_>) -> anyhow::Result<Step> {
    let text = scene.say(&Text::Privacy {
        distributor: &scene.distributor.name,
    })?;
    let say = Say::talk(text).buttons(vec![
        Choice::new(FLOW, "export", "", scene.label(Label::ExportData)),
        Choice::new(FLOW, "erase", "", scene.label(Label::EraseData)),
        resume::to_menu(scene),
    ]);
    Ok(Step::to(State::Menu, say))
}

/// Says what erasing means, and asks whether it is wanted.
pub fn ask_to_erase(scene: &Scene<'_>) -> anyhow::Result<Step> {
    let say = Say::talk(scene.say(&Text::EraseAsk {})?).buttons(vec![
        Choice::new(FLOW, "confirm_erase", "", scene.label(Label::EraseData)),
        resume::to_menu(scene),
    ]);
    Ok(Step::to(State::Menu, say))
}

/// Takes a tap.
pub fn tap(scene: &Scene<'_>, step: &str) -> anyhow::Result<Step> {
    match step {
        "export" => take(scene, RequestKind::Export, "wants a copy of personal data"),
        "erase" => ask_to_erase(scene),
        "confirm_erase" => take(scene, RequestKind::Erase, "wants personal data erased"),
        _ => show(scene),
    }
}

fn take(scene: &Scene<'_>, kind: RequestKind, reason: &str) -> anyhow::Result<Step> {
    let number = person::number(scene, kind);
    let text = scene.say(&Text::RequestTaken {
        number: &number,
        is_erase: kind == RequestKind::Erase,
        grievance: scene.distributor.grievance_contact.as_deref(),
    })?;
    let reason = format!("{reason}, request {number}");
    Ok(Step::stay(Say::talk(text))
        .with(ContactChange::HandOff(reason))
        .doing(Command::Serve(Service::Request(kind, number))))
}
