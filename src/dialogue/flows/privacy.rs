//! What is kept of somebody and why, a copy of it, consent taken back, and erasing it: by a
//! job, after a day in which it can be called off. What the law makes us keep stays, and is
//! named.

use super::super::commands::{Command, Service};
use super::super::labels::Label;
use super::super::scene::{Choice, Say, Scene, Step};
use super::super::session::State;
use super::super::texts::Text;
use super::{person, portfolio, record, resume};
use crate::clock::ist;
use crate::contacts::ConsentProof;
use crate::contacts::consent::is_account_given;
use crate::contacts::requests::{GRACE, RequestKind};

/// Name of the flow in tap ids.
pub const FLOW: &str = "privacy";

/// Version of the text that consent is taken back under.
const WITHDRAWAL: &str = "account-withdrawal-2026-11";

/// Says what is kept and why.
pub fn show(scene: &Scene<'_>) -> anyhow::Result<Step> {
    let text = scene.say(&Text::Privacy {
        distributor: &scene.distributor.name,
    })?;
    let say = Say::talk(text).buttons(vec![
        Choice::new(FLOW, "export", "", scene.label(Label::ExportData)),
        Choice::new(FLOW, "erase", "", scene.label(Label::EraseData)),
        Choice::new(FLOW, "consent", "", scene.label(Label::WithdrawConsent)),
    ]);
    Ok(Step::to(State::Menu, say))
}

/// Says what taking consent back means, and asks whether it is wanted.
pub async fn ask_to_withdraw(scene: &Scene<'_>) -> anyhow::Result<Step> {
    if scene.contact.unverified_since.is_some() {
        return portfolio::withhold(scene);
    }
    let consents = scene.facts.consents(scene.contact.id).await?;
    if !is_account_given(&consents) {
        let say = Say::talk(scene.say(&Text::ConsentNone {})?)
            .buttons(vec![record::complete(scene, false), resume::to_menu(scene)]);
        return Ok(Step::to(State::Menu, say));
    }
    let say = Say::talk(scene.say(&Text::ConsentAsk {})?).buttons(vec![
        Choice::new(FLOW, "withdraw", "", scene.label(Label::WithdrawConsent)),
        resume::to_menu(scene),
    ]);
    Ok(Step::to(State::Menu, say))
}

/// Takes consent back: what was shown and tapped goes on record with it.
async fn withdraw(scene: &Scene<'_>) -> anyhow::Result<Step> {
    let consents = scene.facts.consents(scene.contact.id).await?;
    if !is_account_given(&consents) {
        return ask_to_withdraw(scene).await;
    }
    let proof = ConsentProof {
        shown: scene.say(&Text::ConsentAsk {})?,
        answer: scene.label(Label::WithdrawConsent).to_owned(),
    };
    let say = Say::talk(scene.say(&Text::ConsentWithdrawn {})?).buttons(vec![
        record::complete(scene, false),
        Choice::new(FLOW, "erase", "", scene.label(Label::EraseData)),
        resume::to_menu(scene),
    ]);
    let step = Step::to(State::Menu, say);
    let commands = record::consents(false, WITHDRAWAL, &proof);
    Ok(commands.fold(step, Step::doing))
}

/// Says what erasing means, and asks whether it is wanted; or that it is under way.
pub async fn ask_to_erase(scene: &Scene<'_>) -> anyhow::Result<Step> {
    if scene.contact.unverified_since.is_some() {
        return portfolio::withhold(scene);
    }
    let erasure = scene.facts.erasure(scene.contact.id).await?;
    if let Some((number, due)) = &erasure.pending {
        let Some(due) = due else {
            return begun(scene, number);
        };
        let text = scene.say(&Text::ErasePending {
            number,
            when: &moment(*due),
        })?;
        return Ok(Step::to(State::Menu, revocable(scene, text)));
    }
    let text = scene.say(&Text::EraseAsk {
        must_keep: erasure.must_keep,
    })?;
    let say = Say::talk(text).buttons(vec![
        Choice::new(FLOW, "confirm_erase", "", scene.label(Label::EraseData)),
        resume::to_menu(scene),
    ]);
    Ok(Step::to(State::Menu, say))
}

/// Takes a tap.
pub async fn tap(scene: &Scene<'_>, step: &str) -> anyhow::Result<Step> {
    if scene.contact.unverified_since.is_some() {
        return portfolio::withhold(scene);
    }
    match step {
        "export" => export(scene),
        "consent" => ask_to_withdraw(scene).await,
        "withdraw" => withdraw(scene).await,
        "erase" => ask_to_erase(scene).await,
        "confirm_erase" => erase(scene).await,
        "keep" => keep(scene).await,
        _ => show(scene),
    }
}

fn export(scene: &Scene<'_>) -> anyhow::Result<Step> {
    let number = person::number(scene, RequestKind::Export);
    let text = scene.say(&Text::ExportComing { number: &number })?;
    let service = Service::Export(number, scene.language);
    Ok(Step::to(State::Menu, Say::talk(text)).doing(Command::Serve(service)))
}

async fn erase(scene: &Scene<'_>) -> anyhow::Result<Step> {
    let erasure = scene.facts.erasure(scene.contact.id).await?;
    if erasure.pending.is_some() {
        return ask_to_erase(scene).await;
    }
    let number = person::number(scene, RequestKind::Erase);
    let due = scene.now.checked_add(GRACE)?;
    let text = scene.say(&Text::EraseTaken {
        number: &number,
        when: &moment(due),
        must_keep: erasure.must_keep,
        grievance: scene.distributor.grievance_contact.as_deref(),
    })?;
    let step = Step::to(State::Menu, revocable(scene, text));
    Ok(step.doing(Command::Serve(Service::Erase(number, due))))
}

async fn keep(scene: &Scene<'_>) -> anyhow::Result<Step> {
    let erasure = scene.facts.erasure(scene.contact.id).await?;
    let Some((number, due)) = erasure.pending else {
        return show(scene);
    };
    if due.is_none() {
        return begun(scene, &number);
    }
    let say = Say::talk(scene.say(&Text::EraseCalledOff { number: &number })?);
    Ok(Step::to(State::Menu, say).doing(Command::Serve(Service::KeepData(number))))
}

/// Says that it is too late to call an erasure off.
fn begun(scene: &Scene<'_>, number: &str) -> anyhow::Result<Step> {
    let text = scene.say(&Text::EraseBegun { number })?;
    Ok(Step::to(State::Menu, Say::talk(text)))
}

fn revocable(scene: &Scene<'_>, text: String) -> Say {
    Say::talk(text).buttons(vec![
        Choice::new(FLOW, "keep", "", scene.label(Label::KeepData)),
        resume::to_menu(scene),
    ])
}

fn moment(at: jiff::Timestamp) -> String {
    at.to_zoned(ist()).strftime("%d-%b-%Y, %H:%M").to_string()
}
