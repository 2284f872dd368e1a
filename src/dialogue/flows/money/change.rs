//! A SIP is changed: amount, day or growth. Exchanges change none of them, so a new plan
//! takes the place of the old one, which ends when the new one runs; its terms are shown
//! like those of any plan.

use rust_decimal::prelude::ToPrimitive;
use serde::{Deserialize, Serialize};

use super::super::super::labels::Label;
use super::super::super::ports::Dealings;
use super::super::super::scene::{Say, Scene, Step};
use super::super::super::texts::Text;
use super::super::super::understanding::{Expectation, Slots, speaks_of};
use super::confirm::{self, Verb};
use super::pick::sip_rule;
use super::plan::{State, ask};
use super::say::Heard;
use super::sip_terms::{Growth, grown, is_taken, next_on};
use super::{choice, refuse, say, terms, typed};
use crate::investing::Paise;
use crate::investing::gateway::port::Takes;
use crate::investing::orders::draft::{Draft, Refusal};
use crate::investing::orders::plan::StepUp;
use crate::investing::orders::ports::AmountRule;
use crate::investing::orders::service::PlanView;

/// Instalment days are tried from here on, so often.
const TRIES: usize = 3;

/// What is to be different.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Wanted {
    amount: Option<Paise>,
    day: Option<i8>,
    growth: Option<Growth>,
    /// Whether it is to be more; not, if it is to be less.
    more: Option<bool>,
    /// What was asked about last.
    asking: Option<What>,
}

/// One of the things that can be different.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum What {
    Amount,
    Day,
    Growth,
}

impl Wanted {
    /// Takes what a sentence says.
    pub(super) fn hear(&mut self, slots: &Slots) {
        if self.asking == Some(What::Growth) {
            self.growth = Growth::of(slots).or(self.growth);
            return;
        }
        if slots.amount.is_some() {
            self.hear_more(slots.text.as_deref().unwrap_or_default());
        }
        self.amount = slots.amount.and_then(Paise::from_rupees).or(self.amount);
        self.day = slots
            .day
            .and_then(|day| i8::try_from(day).ok())
            .or(self.day);
        self.growth = Growth::of_wish(slots).or(self.growth);
        // "15" where nothing was chosen yet is a day: no SIP takes so little.
        if self.asking.is_none() && self.is_nothing() {
            let number = slots.number.filter(|number| number.fract().is_zero());
            self.day = number
                .and_then(|number| number.to_i8())
                .filter(|day| *day > 0);
        }
    }

    /// Takes whether it is to be more or less: "500 more" is no amount.
    fn hear_more(&mut self, typed: &str) {
        let more = speaks_of(typed, "increase");
        if self.asking.is_none() && more != speaks_of(typed, "decrease") {
            self.more = Some(more);
        }
    }

    /// Takes what was typed in place of a button, or what a wish says is to change.
    pub(super) fn hear_typed(&mut self, scene: &Scene<'_>, typed: &str) {
        self.hear_more(typed);
        match self.asking {
            Some(What::Growth) => self.growth = Growth::typed(scene, typed),
            Some(_) => {}
            None if speaks_of(typed, "day_of_month") => self.asking = Some(What::Day),
            None if speaks_of(typed, "step_up") => self.asking = Some(What::Growth),
            None if speaks_of(typed, "amount_word") => self.asking = Some(What::Amount),
            None => {
                let whats = [
                    (Label::ChangeAmount, What::Amount),
                    (Label::ChangeDay, What::Day),
                    (Label::ChangeGrowth, What::Growth),
                ];
                // Less is always less of the amount.
                let less = (self.more == Some(false)).then_some(What::Amount);
                self.asking = typed::chosen(scene, typed, &whats).or(less);
            }
        }
    }

    /// Takes a tap.
    pub(super) fn tap(&mut self, step: &str, payload: &str) {
        match (step, payload) {
            ("what", "amount") => self.asking = Some(What::Amount),
            ("what", "day") => self.asking = Some(What::Day),
            ("what", "growth") => self.asking = Some(What::Growth),
            ("growth", _) => self.growth = Growth::parse(payload),
            ("day", _) => self.day = payload.parse().ok(),
            _ => {}
        }
    }

    /// Goes one question back.
    pub(super) fn back(&mut self) -> bool {
        let before = std::mem::take(self);
        before != Self::default()
    }

    /// Says whether the amount is more or less of what it is now, and no new one: "500 more"
    /// where it is 2,000.
    fn is_by_how_much(&self, old: Paise) -> bool {
        match (self.amount, self.more) {
            (Some(amount), Some(true)) => amount <= old,
            (Some(amount), Some(false)) => amount >= old,
            _ => false,
        }
    }

    /// Takes a wish for growth back, as it cannot be had; says whether there was one.
    fn drops_growth(&mut self) -> bool {
        let grows = self.growth.take_if(|growth| *growth != Growth::Fixed);
        let asks = self.asking.take_if(|what| *what == What::Growth);
        grows.is_some() || asks.is_some()
    }

    fn is_nothing(&self) -> bool {
        self.amount.is_none() && self.day.is_none() && self.growth.is_none()
    }
}

pub(super) fn expects(state: &State) -> Expectation {
    match state.change.asking {
        _ if state.pending.is_some() => Expectation::Amount,
        Some(What::Amount) => Expectation::Amount,
        Some(What::Day) => Expectation::Day,
        Some(What::Growth) | None => Expectation::Number,
    }
}

/// Asks for what is missing, or shows what would take the SIP's place, after telling whoever
/// asks for growth where the exchange takes none.
pub(super) async fn prompt(
    mut state: State,
    scene: &Scene<'_>,
    dealings: &dyn Dealings,
    view: &PlanView,
    again: bool,
) -> anyhow::Result<Step> {
    let is_told = !dealings.takes().step_up && state.change.drops_growth();
    let step = go_on(state, scene, dealings, view, again && !is_told).await?;
    if !is_told {
        return Ok(step);
    }
    Ok(step.led_by(&scene.say(&Text::NoStepUp {})?))
}

async fn go_on(
    mut state: State,
    scene: &Scene<'_>,
    dealings: &dyn Dealings,
    view: &PlanView,
    again: bool,
) -> anyhow::Result<Step> {
    let takes = dealings.takes();
    let old = &view.plan.terms;
    let rules = dealings.terms(old.scheme, scene.today);
    let Some(rule) = rules.as_ref().and_then(sip_rule) else {
        return refuse::end(scene, &Refusal::NoSuchPlan);
    };
    if state
        .change
        .amount
        .is_some_and(|amount| rule.amount.check(amount).is_err())
    {
        state.change.amount = None;
        state.change.asking = Some(What::Amount);
        return question(state, scene, view, (&rule.amount, takes), Heard::Refused);
    }
    let amount = view.amount(scene.today);
    if state.change.is_by_how_much(amount) {
        state.change.amount = None;
        state.change.asking = Some(What::Amount);
        return question(state, scene, view, (&rule.amount, takes), Heard::Nothing);
    }
    if state.change.day.is_some_and(|day| !rule.takes_day(day)) {
        state.change.day = None;
        state.change.asking = Some(What::Day);
        return question(state, scene, view, (&rule.amount, takes), Heard::Refused);
    }
    if state.change.is_nothing() {
        let heard = Heard::of(again, false);
        return question(state, scene, view, (&rule.amount, takes), heard);
    }
    let amounts = &rule.amount;
    let mut wanted = old.clone();
    let left = |all: u32| all.saturating_sub(view.plan.prepared).max(1);
    wanted.instalments = old.instalments.map(left);
    wanted.amount = state.change.amount.unwrap_or(amount);
    wanted.step_up = match state.change.growth {
        Some(growth) => growth.step_up(wanted.amount, amounts),
        None => old.step_up.map(|step| StepUp {
            cap: step.cap.map(|cap| ends_at(wanted.amount, cap, amounts)),
            ..step
        }),
    };
    // Whatever else is against the amount is said by who works the terms out.
    let grows = wanted.step_up.is_some() && amounts.check(wanted.amount).is_ok();
    if takes.step_up && grows && !is_taken(&wanted, amounts) {
        state.change.growth = None;
        state.change.asking = Some(What::Growth);
        return question(state, scene, view, (amounts, takes), Heard::Refused);
    }
    let day = state.change.day.unwrap_or_else(|| old.start.day());
    let mut earliest = scene.today;
    let mut prepared: Result<Draft, Refusal> = Err(Refusal::TooSoon(earliest));
    for _ in 0..TRIES {
        wanted.start = next_on(day, earliest);
        let id = view.plan.id;
        prepared = dealings
            .prepare_change(scene.contact.id, id, wanted.clone())
            .await?;
        match prepared {
            Err(Refusal::TooSoon(from)) => earliest = from,
            _ => break,
        }
    }
    let draft = match prepared {
        Ok(draft) => draft,
        Err(refusal) => return refuse::end(scene, &refusal),
    };
    let mandates = dealings.mandates(scene.contact.id).await?;
    let pays = mandates
        .iter()
        .find(|one| Some(one.id) == view.plan.mandate);
    let say = terms::of_plan(scene, &draft, pays)?;
    let what = (Some(wanted.amount), Verb::Change);
    let next = |pending| State {
        pending: Some(pending),
        ..state
    };
    confirm::show(scene, draft, what, say, next).await
}

/// Returns where another amount stops growing: where the one before did, which its mandate
/// allows, but never below itself nor beyond what growth may come to.
fn ends_at(amount: Paise, before: Paise, takes: &AmountRule) -> Paise {
    let grown = grown(amount, takes);
    if amount < before {
        grown.min(before)
    } else {
        grown
    }
}

fn question(
    state: State,
    scene: &Scene<'_>,
    view: &PlanView,
    (amounts, takes): (&AmountRule, Takes),
    heard: Heard,
) -> anyhow::Result<Step> {
    let old = &view.plan.terms;
    let what = match state.change.asking {
        None => "what",
        Some(What::Amount) => "amount",
        Some(What::Day) => "day",
        Some(What::Growth) => "growth",
    };
    let text = scene.say(&Text::ChangeAsk {
        fund: &say::scheme(scene, old.scheme),
        amount: &say::rupees(view.amount(scene.today)),
        day: old.start.day(),
        what,
        minimum: &say::rupees(amounts.minimum),
        maximum: amounts.maximum.map(say::rupees).as_deref(),
        step: say::step(amounts.multiple).as_deref(),
        heard: heard.word(),
    })?;
    let label = |step, payload: &str, label| choice(step, payload, scene.label(label));
    let buttons = match state.change.asking {
        None => {
            let mut whats = vec![
                label("what", "amount", Label::ChangeAmount),
                label("what", "day", Label::ChangeDay),
            ];
            if takes.step_up {
                whats.push(label("what", "growth", Label::ChangeGrowth));
            }
            whats
        }
        Some(What::Growth) => {
            let amount = state.change.amount.unwrap_or(view.amount(scene.today));
            Growth::buttons(scene, amount, amounts)
        }
        Some(What::Day) => [5, 10, 15]
            .map(|day: i8| choice("day", day.to_string(), day.to_string()))
            .into(),
        Some(What::Amount) => vec![super::drops(scene)],
    };
    Ok(ask(state, Say::talk(text).buttons(buttons)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_hundred_more_is_no_new_amount_and_seven_thousand_is() {
        let paise = |rupees: i64| Paise::from_rupees(rupees.into()).unwrap();
        let is_by = |rupees, more| {
            let wanted = Wanted {
                amount: Some(paise(rupees)),
                more,
                ..Wanted::default()
            };
            wanted.is_by_how_much(paise(2_000))
        };
        assert!(is_by(500, Some(true)) && is_by(2_500, Some(false)));
        assert!(!is_by(7_000, Some(true)) && !is_by(1_000, Some(false)));
        assert!(!is_by(500, None));
    }
}
