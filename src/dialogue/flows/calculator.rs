//! What a SIP would come to at an assumed rate: asked step by step, or taken from one
//! sentence. An illustration and never a promise, so the rate has a ceiling.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde::{Deserialize, Serialize};

use super::super::disclosures::Subject;
use super::super::labels::Label;
use super::super::scene::{Choice, Say, Scene, Step, Then};
use super::super::session;
use super::super::texts::Text;
use super::super::understanding::Slots;
use super::{menu, resume};
use crate::investing::calculator;
use crate::investing::inr;

/// Name of the flow in tap ids.
pub const FLOW: &str = "calculator";

/// AMFI's guidance for compounding illustrations.
const HIGHEST_RATE: Decimal = Decimal::from_parts(13, 0, 0, false, 0);
const SMALLEST_AMOUNT: Decimal = Decimal::ONE_HUNDRED;
const LARGEST_AMOUNT: Decimal = Decimal::from_parts(10_000_000, 0, 0, false, 0);
const MOST_MONTHS: u32 = 40 * 12;

/// What is known of the sum so far; what is missing is asked in this order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// Rupees a month.
    pub amount: Option<Decimal>,
    /// For how long.
    pub months: Option<u32>,
    /// Assumed percent a year, as it was asked for.
    pub rate: Option<Decimal>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Missing {
    Amount,
    Time,
    Rate,
}

impl State {
    fn missing(&self) -> Option<Missing> {
        if self.amount.is_none() {
            Some(Missing::Amount)
        } else if self.months.is_none() {
            Some(Missing::Time)
        } else if self.rate.is_none() {
            Some(Missing::Rate)
        } else {
            None
        }
    }

    /// Takes what a sentence says in so many words.
    fn take(&mut self, slots: &Slots) {
        self.amount = slots
            .amount
            .filter(|amount| is_amount(*amount))
            .or(self.amount);
        self.months = slots
            .duration_months()
            .filter(|months| *months <= MOST_MONTHS)
            .or(self.months);
        self.rate = slots
            .rate
            .filter(|rate| *rate > Decimal::ZERO)
            .or(self.rate);
    }

    /// Takes a bare number as what was asked for.
    fn take_bare(&mut self, missing: Missing, number: Decimal) {
        match missing {
            Missing::Amount => {}
            Missing::Time => {
                let months = (number * Decimal::from(12)).round().to_u32();
                self.months = months.filter(|months| (1..=MOST_MONTHS).contains(months));
            }
            Missing::Rate => {
                let is_rate = number > Decimal::ZERO && number < Decimal::ONE_HUNDRED;
                self.rate = is_rate.then_some(number);
            }
        }
    }
}

/// Starts a sum with what the sentence already says.
pub fn begin(scene: &Scene<'_>, slots: &Slots) -> anyhow::Result<Step> {
    let mut state = State::default();
    state.take(slots);
    prompt(scene, &state, false)
}

/// Offers a sum with an amount that was said without a word about what to do with it.
pub fn propose(scene: &Scene<'_>, amount: Decimal) -> anyhow::Result<Step> {
    let text = scene.say(&Text::CalculatorOffer {
        amount: &rupees(amount),
    })?;
    let say = Say::talk(text).buttons(vec![
        Choice::new(
            FLOW,
            "begin",
            amount.to_string(),
            scene.label(Label::MenuCalculator),
        ),
        resume::to_menu(scene),
    ]);
    Ok(Step::to(session::State::Menu, say))
}

/// Takes an answer.
pub fn advance(scene: &Scene<'_>, state: &State, slots: &Slots) -> anyhow::Result<Step> {
    let mut next = state.clone();
    if let Some(missing) = state.missing() {
        // "5000" after "how many years?" is no amount and no time.
        let only_amount = slots.duration_months().is_none() && slots.rate.is_none();
        match (missing, slots.number) {
            (_, Some(number)) => next.take_bare(missing, number),
            (Missing::Time | Missing::Rate, None) if only_amount => {}
            _ => next.take(slots),
        }
    }
    let again = next == *state;
    prompt(scene, &next, again)
}

/// Takes a tapped answer.
pub fn tap(scene: &Scene<'_>, step: &str, payload: &str) -> anyhow::Result<Step> {
    if step == "begin" {
        let slots = Slots {
            amount: payload.parse().ok(),
            ..Slots::default()
        };
        return begin(scene, &slots);
    }
    let session::State::Calculator(state) = &scene.session.state else {
        return begin(scene, &Slots::default());
    };
    let mut next = state.clone();
    match (step, payload.parse::<Decimal>()) {
        ("years", Ok(number)) => next.take_bare(Missing::Time, number),
        ("rate", Ok(number)) => next.take_bare(Missing::Rate, number),
        _ => {}
    }
    prompt(scene, &next, next == *state)
}

/// Goes one question back, out of the flow from the first.
pub fn back(scene: &Scene<'_>, state: &State) -> anyhow::Result<Step> {
    let mut previous = state.clone();
    match state.missing() {
        Some(Missing::Time) => previous.amount = None,
        Some(Missing::Rate) => previous.months = None,
        Some(Missing::Amount) | None => {
            let mut step = menu::show(scene)?;
            step.then = Then::Finish;
            return Ok(step);
        }
    }
    prompt(scene, &previous, false)
}

/// Asks for what is missing, or shows the result.
pub fn prompt(scene: &Scene<'_>, state: &State, again: bool) -> anyhow::Result<Step> {
    let (Some(amount), months) = (state.amount, state.months) else {
        return Ok(asking(
            state,
            Say::talk(scene.say(&Text::CalculatorAmount { again })?),
        ));
    };
    let amount_text = rupees(amount);
    let Some(months) = months else {
        let text = scene.say(&Text::CalculatorYears {
            amount: &amount_text,
            again,
        })?;
        let year = |years: &str| {
            Choice::new(
                FLOW,
                "years",
                years,
                format!("{years} {}", scene.label(Label::Years)),
            )
        };
        return Ok(asking(
            state,
            Say::talk(text).buttons(["5", "10", "20"].map(year).into()),
        ));
    };
    let Some(asked) = state.rate else {
        let text = scene.say(&Text::CalculatorRate {
            amount: &amount_text,
            years: months / 12,
            months: months % 12,
            highest: &HIGHEST_RATE.to_string(),
            again,
        })?;
        let rate = |rate: &str| {
            Choice::new(
                FLOW,
                "rate",
                rate,
                format!("{rate} {}", scene.label(Label::PerYear)),
            )
        };
        return Ok(asking(
            state,
            Say::talk(text).buttons(["7", "10", "12"].map(rate).into()),
        ));
    };
    result(scene, amount, months, asked)
}

fn result(scene: &Scene<'_>, amount: Decimal, months: u32, asked: Decimal) -> anyhow::Result<Step> {
    let rate = asked.min(HIGHEST_RATE).normalize();
    let sum = calculator::sip(amount, rate / Decimal::ONE_HUNDRED, months);
    let asked = (asked > rate).then(|| asked.normalize().to_string());
    let text = scene.say(&Text::CalculatorResult {
        amount: &rupees(amount),
        years: months / 12,
        months: months % 12,
        rate: &rate.to_string(),
        invested: &rupees(sum.invested),
        value: &rupees(sum.value),
        gain: &rupees(sum.value - sum.invested),
        asked: asked.as_deref(),
    })?;
    let say = Say {
        subject: Subject::Calculation { rate },
        ..Say::talk(text)
    };
    Ok(Step::finish(say.buttons(vec![
        Choice::new(menu::FLOW, "open", "calculator", scene.label(Label::Again)),
        resume::to_menu(scene),
    ])))
}

fn asking(state: &State, say: Say) -> Step {
    Step::to(session::State::Calculator(state.clone()), say)
}

/// Says whether we calculate with this amount.
pub fn is_amount(amount: Decimal) -> bool {
    (SMALLEST_AMOUNT..=LARGEST_AMOUNT).contains(&amount)
}

/// Whole rupees without decimals, others with paise.
pub fn rupees(amount: Decimal) -> String {
    inr(amount, if amount.fract().is_zero() { 0 } else { 2 })
}
