//! Sums at an assumed rate: a SIP, one amount, a SIP that grows, a goal, and money that is
//! taken out month by month. Asked step by step, or taken from one sentence. An
//! illustration and never a promise, so the rate has a ceiling.

mod hear;
mod result;
mod sum;

use rust_decimal::Decimal;

use super::super::labels::Label;
use super::super::scene::{Choice, Controls, Say, Scene, Step, Then};
use super::super::session;
use super::super::texts::Text;
use super::super::understanding::Slots;
use super::{menu, resume};
use crate::investing::{inr, inr_short};
pub use hear::State;
use hear::{SMALLEST_AMOUNT, tapped_step};
use sum::{Part, Sum};

/// Name of the flow in tap ids.
pub const FLOW: &str = "calculator";

/// AMFI's guidance for compounding illustrations.
const HIGHEST_RATE: Decimal = Decimal::from_parts(13, 0, 0, false, 0);

/// Starts the sum that the sentence speaks of, with what it already says.
pub fn begin(scene: &Scene<'_>, slots: &Slots, words: &str) -> anyhow::Result<Step> {
    let said = Sum::said(words);
    let mut state = State::of(said.unwrap_or_default());
    state.take(slots, words);
    if said.is_none() && state == State::default() {
        return choose(scene);
    }
    prompt(scene, &state, false)
}

/// Starts a SIP's sum.
pub fn begin_sip(scene: &Scene<'_>) -> anyhow::Result<Step> {
    prompt(scene, &State::default(), false)
}

/// Offers the sums there are.
pub fn choose(scene: &Scene<'_>) -> anyhow::Result<Step> {
    let rows = Sum::ALL.map(|sum| {
        let (title, note) = sum.row();
        Choice::new(FLOW, "sum", sum.as_str(), scene.label(title)).note(scene.label(note))
    });
    let say = Say {
        controls: Controls::List {
            open: scene.label(Label::OpenSums),
            sections: vec![(scene.label(Label::MenuCalculators), rows.into())],
        },
        ..Say::talk(scene.say(&Text::CalculatorWhich {})?)
    };
    Ok(Step::to(session::State::Menu, say))
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
pub fn advance(
    scene: &Scene<'_>,
    state: &State,
    slots: &Slots,
    words: &str,
) -> anyhow::Result<Step> {
    let mut next = state.clone();
    if let Some(missing) = state.missing() {
        // "5000" after "how many years?" is no amount and no time.
        let only_amount = slots.duration_months().is_none() && slots.rate.is_none();
        match (missing, slots.number) {
            (_, Some(number)) => next.take_bare(missing, number),
            (Part::Time | Part::Rate, None) if only_amount => {}
            _ => next.take(slots, words),
        }
    }
    let again = next == *state;
    prompt(scene, &next, again)
}

/// Takes a tapped answer.
pub fn tap(scene: &Scene<'_>, step: &str, payload: &str) -> anyhow::Result<Step> {
    match step {
        "begin" => {
            let slots = Slots {
                amount: payload.parse().ok(),
                ..Slots::default()
            };
            let mut state = State::default();
            state.take(&slots, "");
            return prompt(scene, &state, false);
        }
        "sum" => {
            let sum = Sum::parse(payload).unwrap_or_default();
            return prompt(scene, &State::of(sum), false);
        }
        _ => {}
    }
    let session::State::Calculator(state) = &scene.session.state else {
        return choose(scene);
    };
    let mut next = state.clone();
    match (step, payload.parse::<Decimal>()) {
        ("years", Ok(number)) => next.take_bare(Part::Time, number),
        ("rate", Ok(number)) => next.take_bare(Part::Rate, number),
        ("step", _) => next.step = tapped_step(payload).or(next.step),
        _ => {}
    }
    prompt(scene, &next, next == *state)
}

/// Goes one question back, out of the flow from the first.
pub fn back(scene: &Scene<'_>, state: &State) -> anyhow::Result<Step> {
    let mut previous = state.clone();
    if previous.forget_last() {
        return prompt(scene, &previous, false);
    }
    let mut step = menu::show(scene)?;
    step.then = Then::Finish;
    Ok(step)
}

/// Asks for what is missing, or shows the result.
pub fn prompt(scene: &Scene<'_>, state: &State, again: bool) -> anyhow::Result<Step> {
    if let (None, Some(amount), Some(months), Some(rate)) =
        (state.missing(), state.amount, state.months, state.rate)
    {
        return result::show(scene, state, (amount, months, rate));
    }
    let sum = state.sum.as_str();
    let amount = state.amount.map(rupees).unwrap_or_default();
    let monthly = state.monthly.map(rupees);
    let months = state.months.unwrap_or_default();
    let text = match state.missing() {
        Some(Part::Amount) | None => Text::CalculatorAmount {
            sum,
            smallest: &rupees(SMALLEST_AMOUNT),
            largest: &inr_short(state.sum.largest()),
            again,
        },
        Some(Part::Step) => Text::CalculatorStep {
            amount: &amount,
            again,
        },
        Some(Part::Monthly) => Text::CalculatorMonthly {
            amount: &amount,
            again,
        },
        Some(Part::Time) => Text::CalculatorYears {
            sum,
            amount: &amount,
            monthly: monthly.as_deref(),
            again,
        },
        Some(Part::Rate) => Text::CalculatorRate {
            sum,
            amount: &amount,
            monthly: monthly.as_deref(),
            years: months / 12,
            months: months % 12,
            highest: &HIGHEST_RATE.to_string(),
            again,
        },
    };
    let say = Say::talk(scene.say(&text)?);
    let say = match state.missing() {
        Some(Part::Time) => say.buttons(numbers(scene, "years", ["5", "10", "20"], Label::Years)),
        Some(Part::Rate) => say.buttons(numbers(scene, "rate", ["7", "10", "12"], Label::PerYear)),
        Some(Part::Step) => say.buttons(
            [("p5", "5 %"), ("p10", "10 %"), ("r500", "₹500")]
                .map(|(payload, title)| Choice::new(FLOW, "step", payload, title))
                .into(),
        ),
        _ => say,
    };
    Ok(Step::to(session::State::Calculator(state.clone()), say))
}

fn numbers(
    scene: &Scene<'_>,
    step: &'static str,
    numbers: [&'static str; 3],
    unit: Label,
) -> Vec<Choice> {
    let choice = |number| {
        let title = format!("{number} {}", scene.label(unit));
        Choice::new(FLOW, step, number, title)
    };
    numbers.map(choice).into()
}

/// Says whether we calculate a SIP with this amount.
pub fn is_amount(amount: Decimal) -> bool {
    (SMALLEST_AMOUNT..=Sum::Sip.largest()).contains(&amount)
}

/// Whole rupees without decimals, others with paise.
pub fn rupees(amount: Decimal) -> String {
    inr(amount, if amount.fract().is_zero() { 0 } else { 2 })
}
