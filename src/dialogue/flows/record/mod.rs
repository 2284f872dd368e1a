//! Who somebody is to the fund houses: opening an account, and changing what is on record.
//!
//! Each answer is put on record in the turn that takes it, so a journey that stops anywhere
//! goes on at the first thing that is missing, from whichever door it is opened again. What
//! a machine must not decide becomes a task for a person, under a number.

mod ask;
mod bank;
mod consent;
mod done;
mod fatca;
mod identity;
mod keep;
mod nominee;
mod person;
mod profile;
mod risk;
mod say;
mod tasks;
mod typed;

use serde::{Deserialize, Serialize};

use super::super::labels::Label;
use super::super::scene::{Controls, Scene, Step};
use super::super::session;
use super::super::session::TapId;
use super::super::understanding::{
    Expectation, Intent, Slots, is_in_known_words, is_plain_yes_or_no, understand,
};
use super::{portfolio, resume};
use crate::contacts::consent::is_account_given;
use crate::language::Language;
use crate::people::Investor;
pub use ask::Ask;
use ask::Next;
pub use consent::on_record as consents;
pub use profile::{complete, open as open_profile};
pub use tasks::Task;

/// Name of the flow in tap ids.
pub const FLOW: &str = "record";

/// Above this a sentence in place of a name is a wish of another kind.
const SURE: f32 = 0.8;

/// A record that is being written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// How much of it.
    pub aim: Aim,
    /// What is being asked.
    pub ask: Ask,
    /// In which language it was: what somebody agreed to is what they were shown.
    #[serde(default)]
    shown_in: Option<Language>,
}

/// How much of a record is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Aim {
    /// Everything it takes to buy.
    Whole,
    /// One part, anew.
    Part,
}

impl State {
    fn asking(aim: Aim, ask: Ask) -> Self {
        Self {
            aim,
            ask,
            shown_in: None,
        }
    }

    /// Returns what kind of answer it waits for.
    pub fn expects(&self) -> Expectation {
        self.ask.expects()
    }

    /// Returns what it is about, as the offer to go on calls it.
    pub fn label(&self) -> Label {
        match self.aim {
            Aim::Whole => Label::DoOnboarding,
            Aim::Part => Label::DoRecordChange,
        }
    }
}

/// Begins or goes on with an account, where the record has its first gap.
pub async fn open_account(scene: &Scene<'_>, words: &str) -> anyhow::Result<Step> {
    if scene.contact.unverified_since.is_some() {
        return portfolio::withhold(scene);
    }
    if let Some(why) = say::not_served(words) {
        return say::stop(scene, why);
    }
    let investor = scene.facts.investor(scene.contact.id).await?;
    match next(scene, &investor).await? {
        Some(ask) => {
            let aim = Aim::Whole;
            prompt_with(scene, &State::asking(aim, ask), &investor, false)
        }
        None => done::end(scene, &investor).await,
    }
}

/// Returns what is to be asked next of somebody who wants to buy.
async fn next(scene: &Scene<'_>, investor: &Investor) -> anyhow::Result<Option<Ask>> {
    let consents = scene.facts.consents(scene.contact.id).await?;
    if !is_account_given(&consents) {
        return Ok(Some(Ask::Consent));
    }
    Ok(Ask::first_missing(investor))
}

/// Asks again what it waits for.
pub async fn prompt(scene: &Scene<'_>, state: &State, again: bool) -> anyhow::Result<Step> {
    if scene.contact.unverified_since.is_some() {
        return portfolio::withhold(scene);
    }
    let investor = scene.facts.investor(scene.contact.id).await?;
    prompt_with(scene, state, &investor, again)
}

fn prompt_with(
    scene: &Scene<'_>,
    state: &State,
    investor: &Investor,
    again: bool,
) -> anyhow::Result<Step> {
    let say = state.ask.question(scene, investor, again)?;
    let state = State {
        shown_in: Some(scene.language),
        ..state.clone()
    };
    Ok(Step::to(session::State::Record(Box::new(state)), say))
}

/// Takes an answer. Where words were asked for, a sentence that plainly wishes for
/// something else is that.
pub async fn answer(
    scene: &Scene<'_>,
    state: &State,
    slots: &Slots,
    words: &str,
) -> anyhow::Result<Step> {
    if scene.contact.unverified_since.is_some() {
        return portfolio::withhold(scene);
    }
    let may_be_wish = state.expects() == Expectation::Text && !state.ask.is_answered_by(words);
    if may_be_wish && !words.contains(|c: char| c.is_ascii_digit()) {
        let other = understand(words, Expectation::Nothing);
        let is_wish = !matches!(
            other.intent,
            Intent::Unknown | Intent::Answer | Intent::Question | Intent::Noted | Intent::Nav
        );
        if is_wish && other.confidence > SURE && !may_be_a_name(other.intent, words) {
            return Box::pin(super::advance(scene, &other, words)).await;
        }
    }
    let investor = scene.facts.investor(scene.contact.id).await?;
    let next = match slots.choice {
        Some(number) => {
            let question = state.ask.question(scene, &investor, false)?;
            match chosen(&question.controls, number) {
                Some((step, payload)) => state.ask.tap(step, &payload, scene.today),
                None => Next::Again,
            }
        }
        None => state.ask.hear(&investor, slots, words, scene.today),
    };
    settle(scene, state, investor, next).await
}

/// Says whether a message may as well be a name, whatever it sounds like: Tamil Selvan,
/// Meenu Goyal and Rahul Khanna have no other wish.
fn may_be_a_name(intent: Intent, words: &str) -> bool {
    const MOST_WORDS: usize = 3;
    let sounds_like = matches!(
        intent,
        Intent::Menu
            | Intent::Help
            | Intent::Language
            | Intent::Agent
            | Intent::Complaint
            | Intent::OffTopic
            | Intent::Thanks
            | Intent::Confirm
            | Intent::Deny
    );
    sounds_like && words.split_whitespace().count() <= MOST_WORDS && !is_in_known_words(words)
}

/// Takes the words of a button or row of the question, in whichever language.
pub async fn by_label(
    scene: &Scene<'_>,
    state: &State,
    words: &str,
) -> anyhow::Result<Option<Step>> {
    // Consent is kept with the very words, and so heard as a yes or a no.
    if scene.contact.unverified_since.is_some() || state.ask == Ask::Consent {
        return Ok(None);
    }
    let investor = scene.facts.investor(scene.contact.id).await?;
    let Some((step, payload)) = typed::chosen(scene, &state.ask, &investor, words)? else {
        return Ok(None);
    };
    let next = state.ask.tap(step, &payload, scene.today);
    settle(scene, state, investor, next).await.map(Some)
}

/// Returns step and payload of the so-manieth thing to tap.
fn chosen(controls: &Controls, number: usize) -> Option<(&'static str, String)> {
    let choices = typed::choices(controls);
    let choice = choices.get(number.checked_sub(1)?)?;
    (choice.flow == FLOW).then(|| (choice.step, choice.payload.clone()))
}

/// Takes a tap of the current prompt.
pub async fn tap(scene: &Scene<'_>, tap: &TapId) -> anyhow::Result<Step> {
    if scene.contact.unverified_since.is_some() {
        return portfolio::withhold(scene);
    }
    if tap.step == "open" {
        return match tap.payload.as_str() {
            "account" => open_account(scene, "").await,
            part => profile::change(scene, part).await,
        };
    }
    let session::State::Record(state) = &scene.session.state else {
        return resume::take_up(scene).await;
    };
    let investor = scene.facts.investor(scene.contact.id).await?;
    let next = state.ask.tap(&tap.step, &tap.payload, scene.today);
    settle(scene, state, investor, next).await
}

/// Takes a typed yes or no: consent may be typed, and the first or second of two buttons
/// unless it declares something; everything else is answered as asked.
pub async fn yes_or_no(
    scene: &Scene<'_>,
    state: &State,
    is_yes: bool,
    words: &str,
) -> anyhow::Result<Step> {
    if scene.contact.unverified_since.is_some() {
        return portfolio::withhold(scene);
    }
    if state.ask == Ask::Consent {
        let investor = scene.facts.investor(scene.contact.id).await?;
        let next = Next::Consent(is_yes, words.to_owned());
        return settle(scene, state, investor, next).await;
    }
    if is_plain_yes_or_no(words) {
        let investor = scene.facts.investor(scene.contact.id).await?;
        let question = state.ask.question(scene, &investor, false)?;
        if let Some((step, payload)) = typed::of_two(&question.controls, is_yes) {
            let next = state.ask.tap(step, &payload, scene.today);
            return settle(scene, state, investor, next).await;
        }
    }
    prompt(scene, state, true).await
}

/// Goes one question back, out of the journey from the first. Of one part there is nothing
/// before its own beginning: what else is on record was not in question.
pub async fn back(scene: &Scene<'_>, state: &State) -> anyhow::Result<Step> {
    let is_wanted = |before: &Ask| state.aim == Aim::Whole || before.is_same_part(&state.ask);
    match state.ask.before().filter(is_wanted) {
        Some(ask) => {
            let aim = state.aim;
            prompt(scene, &State::asking(aim, ask), false).await
        }
        None => super::courtesy::cancel(scene),
    }
}

async fn settle(
    scene: &Scene<'_>,
    state: &State,
    investor: Investor,
    next: Next,
) -> anyhow::Result<Step> {
    match next {
        Next::Ask(ask) => {
            let aim = state.aim;
            prompt_with(scene, &State::asking(aim, ask), &investor, false)
        }
        Next::Again => prompt_with(scene, state, &investor, true),
        Next::Refused(why, ask) => {
            let lead = say::refused(scene, why)?;
            let aim = state.aim;
            Ok(prompt_with(scene, &State::asking(aim, ask), &investor, false)?.led_by(&lead))
        }
        Next::Person(task) => tasks::hand_over(scene, task).await,
        Next::Consent(given, answer) => consent::take(scene, state, given, &answer).await,
        Next::Record(change) => keep::keep(scene, state, investor, *change).await,
    }
}
