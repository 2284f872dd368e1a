//! Leave to keep what somebody gives and to pass it on to whom it takes to buy: asked
//! before anything is, in full, and kept with the very words.

use super::super::super::commands::Command;
use super::super::super::labels::Label;
use super::super::super::scene::{Choice, Say, Scene, Step};
use super::super::super::texts::Text;
use super::super::{person, resume};
use super::ask::Ask;
use super::{FLOW, State, prompt_with};
use crate::contacts::consent::ACCOUNT;
use crate::contacts::{ConsentProof, NewConsent};
use crate::language::Language;

/// Version of the text, on record with each consent.
const VERSION: &str = "account-2026-11";

fn words(scene: &Scene<'_>, language: Language) -> anyhow::Result<String> {
    scene.say_in(
        language,
        &Text::AccountConsent {
            distributor: &scene.distributor.name,
        },
    )
}

pub(super) fn question(scene: &Scene<'_>) -> anyhow::Result<Say> {
    let button = |payload: &str, label| Choice::new(FLOW, "consent", payload, scene.label(label));
    Ok(Say::talk(words(scene, scene.language)?).buttons(vec![
        button("yes", Label::Agree),
        button("no", Label::NotNow),
    ]))
}

pub(super) async fn take(
    scene: &Scene<'_>,
    state: &State,
    given: bool,
    answer: &str,
) -> anyhow::Result<Step> {
    if !given {
        let say = Say::talk(scene.say(&Text::AccountDeclined {})?)
            .buttons(vec![person::call(scene, "kyc"), resume::to_menu(scene)]);
        return Ok(Step::leave(say));
    }
    let language = state.shown_in.unwrap_or(scene.language);
    let answer = match answer.trim() {
        "" => scene.label_in(language, Label::Agree),
        typed => typed,
    };
    let proof = ConsentProof {
        shown: words(scene, language)?,
        answer: answer.to_owned(),
    };
    let investor = scene.facts.investor(scene.contact.id).await?;
    let mut step = match Ask::first_missing(&investor) {
        Some(ask) => {
            let aim = state.aim;
            prompt_with(scene, &State::asking(aim, ask), &investor, false)?
        }
        None => super::done::end(scene, &investor).await?,
    };
    for command in on_record(given, VERSION, &proof) {
        step = step.doing(command);
    }
    Ok(step)
}

/// Returns what puts consent to all of it, or its end, on record.
pub fn on_record(
    given: bool,
    version: &'static str,
    proof: &ConsentProof,
) -> impl Iterator<Item = Command> {
    ACCOUNT.into_iter().map(move |purpose| {
        Command::Consent(Box::new(NewConsent {
            purpose,
            given,
            source: "chat",
            proof: proof.clone(),
            version: version.to_owned(),
        }))
    })
}
