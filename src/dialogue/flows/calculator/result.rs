//! What each sum comes to.

use rust_decimal::Decimal;

use super::super::super::disclosures::{Basis, Subject};
use super::super::super::labels::Label;
use super::super::super::scene::{Choice, Say, Scene, Step as SceneStep};
use super::super::super::texts::Text;
use super::super::{menu, resume};
use super::HIGHEST_RATE;
use super::hear::{State, Step};
use super::rupees;
use super::sum::Sum;
use crate::investing::calculator::{
    StepUp, When, lumpsum, monthly_for, rounded_up, sip, step_up_sip, swp,
};

/// What a suggestion is rounded up to, rupees.
const MULTIPLE: Decimal = Decimal::ONE_HUNDRED;
/// For so long it is looked whether money lasts.
const LONGEST: u32 = 40 * 12;

/// A sum of which everything is known.
struct Known<'a> {
    state: &'a State,
    amount: Decimal,
    months: u32,
    /// Percent a year, not above what we assume.
    rate: Decimal,
    /// What was asked for, if it was above that.
    asked: Option<String>,
}

impl Known<'_> {
    fn fraction(&self) -> Decimal {
        self.rate / Decimal::ONE_HUNDRED
    }
}

/// Shows what a sum comes to.
pub(super) fn show(
    scene: &Scene<'_>,
    state: &State,
    (amount, months, asked): (Decimal, u32, Decimal),
) -> anyhow::Result<SceneStep> {
    let rate = asked.min(HIGHEST_RATE).normalize();
    let known = Known {
        state,
        amount,
        months,
        rate,
        asked: (asked > rate).then(|| asked.normalize().to_string()),
    };
    let (text, basis) = match state.sum {
        Sum::Sip | Sum::StepUp | Sum::Once => grown(scene, &known)?,
        Sum::Goal => (goal(scene, &known)?, Basis::Instalments),
        Sum::Swp => (withdrawn(scene, &known)?, Basis::Withdrawals),
    };
    let say = Say {
        subject: Subject::Calculation { rate, basis },
        ..Say::talk(text)
    };
    Ok(SceneStep::finish(say.buttons(vec![
        Choice::new(menu::FLOW, "open", "calculator", scene.label(Label::Again)),
        resume::to_menu(scene),
    ])))
}

fn grown(scene: &Scene<'_>, known: &Known<'_>) -> anyhow::Result<(String, Basis)> {
    let (amount, months, rate) = (known.amount, known.months, known.fraction());
    let mut step = None;
    let (invested, value, basis) = match (known.state.sum, known.state.step) {
        (Sum::Once, _) => (amount, lumpsum(amount, rate, months), Basis::Once),
        (Sum::StepUp, Some(by)) => {
            step = Some(said(by));
            let by = match by {
                Step::Percent(percent) => StepUp::Fraction(percent / Decimal::ONE_HUNDRED),
                Step::Rupees(rupees) => StepUp::Rupees(rupees),
            };
            let sum = step_up_sip(amount, rate, months, by);
            (sum.invested, sum.value, Basis::Instalments)
        }
        _ => {
            let sum = sip(amount, rate, months);
            (sum.invested, sum.value, Basis::Instalments)
        }
    };
    let text = scene.say(&Text::CalculatorResult {
        sum: known.state.sum.as_str(),
        amount: &rupees(amount),
        step: step.as_deref(),
        years: months / 12,
        months: months % 12,
        rate: &known.rate.to_string(),
        invested: &rupees(invested),
        value: &rupees(value),
        gain: &rupees(value - invested),
        asked: known.asked.as_deref(),
    })?;
    Ok((text, basis))
}

fn goal(scene: &Scene<'_>, known: &Known<'_>) -> anyhow::Result<String> {
    let exact = monthly_for(known.amount, known.fraction(), known.months);
    let exact = exact.unwrap_or(known.amount);
    let rounded = rounded_up(exact, MULTIPLE);
    scene.say(&Text::CalculatorGoal {
        target: &rupees(known.amount),
        years: known.months / 12,
        months: known.months % 12,
        rate: &known.rate.to_string(),
        monthly: &rupees(exact),
        rounded: &rupees(rounded),
        invested: &rupees(rounded * Decimal::from(known.months)),
        asked: known.asked.as_deref(),
    })
}

fn withdrawn(scene: &Scene<'_>, known: &Known<'_>) -> anyhow::Result<String> {
    let monthly = known.state.monthly.unwrap_or(known.amount);
    let over = |months| swp(known.amount, known.fraction(), monthly, months, When::End);
    let at_end = over(known.months);
    let longest = over(LONGEST);
    let left = at_end.last.is_none().then(|| rupees(at_end.balance));
    let last = longest.last.map(rupees);
    let taken = monthly * Decimal::from(at_end.full) + at_end.last.unwrap_or_default();
    scene.say(&Text::CalculatorSwp {
        corpus: &rupees(known.amount),
        monthly: &rupees(monthly),
        years: known.months / 12,
        months: known.months % 12,
        rate: &known.rate.to_string(),
        taken: &rupees(taken),
        left: left.as_deref(),
        full: longest.full,
        last: last.as_deref(),
        asked: known.asked.as_deref(),
    })
}

/// `10 %` or `₹500`.
pub(super) fn said(step: Step) -> String {
    match step {
        Step::Percent(percent) => format!("{} %", percent.normalize()),
        Step::Rupees(amount) => rupees(amount),
    }
}
