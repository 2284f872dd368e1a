//! The last step before anything is set in motion.
//!
//! It takes the button of these very terms, or their amount repeated by somebody who can
//! have read them, within ten minutes of their being shown, and once: what was asked for is
//! in the state until then and gone after. Before anything is said to be done, the
//! transaction that will do it is rehearsed.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::super::super::commands::{Asked, Command, Means};
use super::super::super::labels::Label;
use super::super::super::scene::{Choice, Say, Scene, Step};
use super::super::super::texts::Text;
use super::super::super::understanding::Slots;
use super::{State, at, call_off, choice, drops, invest_once, prompt, redeem, refuse, say, switch};
use crate::investing::Paise;
use crate::investing::orders::draft::{Draft, EXPIRES_AFTER, Refusal};

/// Nobody has read the terms sooner than this: an amount that was sent before is the answer
/// to an earlier question, typed twice.
const READ_IN: SignedDuration = SignedDuration::from_secs(5);

/// Something that was shown and waits for its confirmation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Pending {
    /// What it is.
    pub asked: Asked,
    /// When its terms were shown.
    #[serde(default)]
    pub shown: Timestamp,
    /// Until when it may be confirmed.
    pub until: Timestamp,
    /// The amount that confirms it when it is repeated; none where there is none.
    pub amount: Option<Paise>,
    /// What its button says.
    pub verb: Verb,
    /// How often the conversation had changed hands when it was shown: what was agreed with
    /// a person since may be something else.
    #[serde(default)]
    pub hands: i64,
}

/// What the button says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Verb {
    /// Begin a SIP.
    Start,
    /// Invest.
    Invest,
    /// Set a mandate up.
    Mandate,
    /// Take money out.
    Redeem,
    /// Move units.
    Switch,
    /// Leave instalments out.
    Pause,
    /// Go on.
    Resume,
    /// End.
    Stop,
    /// Put a new plan in place of the old one.
    Change,
    /// Call an order off.
    CallOff,
}

impl Verb {
    fn label(self) -> Label {
        match self {
            Self::Start => Label::ConfirmStart,
            Self::Invest => Label::ConfirmInvest,
            Self::Mandate => Label::ConfirmMandate,
            Self::Redeem => Label::ConfirmRedeem,
            Self::Switch => Label::ConfirmSwitch,
            Self::Pause => Label::ConfirmPause,
            Self::Resume => Label::ConfirmResume,
            Self::Stop => Label::ConfirmStop,
            Self::Change => Label::ConfirmChange,
            Self::CallOff => Label::ConfirmCallOff,
        }
    }
}

impl Pending {
    /// Returns a change of a plan that waits to be confirmed, from now on.
    pub(super) fn change(scene: &Scene<'_>, asked: Asked, verb: Verb) -> Self {
        let most = SignedDuration::try_from(EXPIRES_AFTER).unwrap_or(SignedDuration::ZERO);
        Self {
            asked,
            shown: scene.now,
            until: scene.now.checked_add(most).unwrap_or(scene.now),
            amount: None,
            verb,
            hands: scene.contact.owner_epoch,
        }
    }

    fn of(scene: &Scene<'_>, draft: &Draft, amount: Option<Paise>, verb: Verb) -> Self {
        Self {
            asked: Asked::Draft(draft.id),
            shown: scene.now,
            until: draft.expires_at,
            amount,
            verb,
            hands: scene.contact.owner_epoch,
        }
    }

    /// Says whether a message repeats the amount and says nothing else.
    pub(super) fn is_repeated_by(&self, slots: &Slots, words: &str) -> bool {
        let said = slots.amount.and_then(Paise::from_rupees);
        self.amount.is_some() && said == self.amount && is_only_an_amount(words)
    }

    /// Says whether a message was sent by somebody who can have read the terms.
    fn was_read(&self, scene: &Scene<'_>) -> bool {
        scene.sent_at.duration_since(self.shown) >= READ_IN
    }

    /// Returns the buttons below the terms.
    pub(super) fn buttons(&self, scene: &Scene<'_>) -> Vec<Choice> {
        let title = scene.label(self.verb.label());
        vec![choice("confirm", self.asked.key(), title), drops(scene)]
    }
}

/// Words that may stand beside the digits of an amount.
const BESIDE_DIGITS: &[&str] = &[
    "₹",
    "rs",
    "inr",
    "rupee",
    "rupees",
    "rupaya",
    "rupaye",
    "only",
    "k",
    "thousand",
    "hazaar",
    "hazar",
    "lakh",
    "lac",
    "crore",
    "रुपया",
    "रुपये",
    "रु",
    "हज़ार",
    "हजार",
    "लाख",
    "करोड़",
];

/// Says whether there is an amount in digits and no word of anything else: "5000 for ten
/// years" or "not 5000" repeat nothing.
fn is_only_an_amount(words: &str) -> bool {
    let lower = words.trim().to_lowercase();
    let plain = lower.strip_suffix("/-").unwrap_or(&lower);
    let is_digit = |c: char| c.is_numeric() || matches!(c, ',' | '.');
    let mut has_digits = false;
    let each_fits = plain.split_whitespace().all(|word| {
        let word = word.trim_start_matches('₹').trim_end_matches('.');
        let unit = word.trim_start_matches("rs.").trim_start_matches("rs");
        let unit = unit.trim_start_matches(is_digit);
        has_digits |= word.chars().any(char::is_numeric);
        unit.is_empty() || BESIDE_DIGITS.contains(&unit)
    });
    each_fits && has_digits
}

/// Keeps a draft and shows its terms with the button that confirms it, unless keeping it
/// is refused.
pub(super) async fn show<S: Into<State>>(
    scene: &Scene<'_>,
    draft: Draft,
    (amount, verb): (Option<Paise>, Verb),
    say: Say,
    state: impl FnOnce(Pending) -> S,
) -> anyhow::Result<Step> {
    let pending = Pending::of(scene, &draft, amount, verb);
    let keep = Command::KeepDraft(Box::new(draft));
    if let Err(refusal) = scene.commands.rehearse(scene.contact.id, &keep).await? {
        return refuse::end(scene, &refusal);
    }
    let say = say.buttons(pending.buttons(scene));
    Ok(at(state(pending), say).doing(keep))
}

/// Takes the button.
pub(super) async fn by_button(
    scene: &Scene<'_>,
    state: &State,
    pending: &Pending,
) -> anyhow::Result<Step> {
    take(scene, state, pending, Means::Button).await
}

/// Takes the amount.
pub(super) async fn by_amount(
    scene: &Scene<'_>,
    state: &State,
    pending: &Pending,
) -> anyhow::Result<Step> {
    take(scene, state, pending, Means::Amount).await
}

/// Says that a typed yes is not enough, with the button once more.
pub(super) fn ask_for_button(
    scene: &Scene<'_>,
    state: &State,
    pending: &Pending,
) -> anyhow::Result<Step> {
    let amount = pending.amount.map(say::rupees);
    let text = Text::ConfirmByButton {
        amount: amount.as_deref(),
    };
    let say = Say::talk(scene.say(&text)?).buttons(pending.buttons(scene));
    Ok(at(state.clone(), say))
}

async fn take(
    scene: &Scene<'_>,
    state: &State,
    pending: &Pending,
    means: Means,
) -> anyhow::Result<Step> {
    if pending.hands != scene.contact.owner_epoch {
        return anew(scene, state, &Text::TermsBeforePerson {}).await;
    }
    if scene.now >= pending.until {
        return anew(scene, state, &Text::TermsExpired {}).await;
    }
    if means == Means::Amount && !pending.was_read(scene) {
        return prompt(scene, state, false).await;
    }
    let command = Command::Do(pending.asked.clone(), means);
    match scene.commands.rehearse(scene.contact.id, &command).await? {
        Ok(done) => {
            let step = match state {
                State::SipStart(journey) => journey.done(scene, &done)?,
                State::InvestOnce(_) => invest_once::State::done(scene)?,
                State::Redeem(_) => redeem::State::done(scene)?,
                State::Switch(_) => switch::State::done(scene)?,
                State::Plan(journey) => journey.done(scene, &done)?,
                State::CallOff(_) => call_off::State::done(scene)?,
            };
            Ok(step.doing(command))
        }
        Err(Refusal::Expired | Refusal::NoDraft) => {
            anew(scene, state, &Text::TermsExpired {}).await
        }
        Err(refusal) => refuse::end(scene, &refusal),
    }
}

/// Shows the terms as they are now, and says why those that were shown do not count.
async fn anew(scene: &Scene<'_>, state: &State, why: &Text<'_>) -> anyhow::Result<Step> {
    let lead = scene.say(why)?;
    Ok(prompt(scene, state, false).await?.led_by(&lead))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_is_repeated_only_where_nothing_else_is_said() {
        for repeated in [
            "5000",
            "₹5,000",
            "rs 5000",
            "Rs.5000/-",
            "5k",
            "5 hazaar",
            "५०००",
            "5,000.00 only",
        ] {
            assert!(is_only_an_amount(repeated), "{repeated}");
        }
        for other in [
            "5000 for 10 years",
            "not 5000",
            "5000 mat karo",
            "5000?",
            "5000 hdfc",
            "-5000",
            "yes",
            "only",
            "₹",
            "",
            "5000 on 5th",
            "no, 5000",
            "10%",
            "5000 ya 6000",
        ] {
            assert!(!is_only_an_amount(other), "{other}");
        }
    }
}
