//! What is known of a sum so far, and what a sentence adds to it.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde::{Deserialize, Serialize};

use super::super::super::understanding::Slots;
use super::super::super::understanding::amount::quantities;
use super::super::super::understanding::normalise;
use super::sum::{Part, Sum};

pub(super) const SMALLEST_AMOUNT: Decimal = Decimal::ONE_HUNDRED;
const MOST_MONTHS: u32 = 40 * 12;

/// By how much an instalment grows each year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Percent.
    Percent(Decimal),
    /// Rupees.
    Rupees(Decimal),
}

/// What is known of the sum so far; what is missing is asked in the order of its parts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct State {
    /// Which.
    pub sum: Sum,
    /// Rupees: every month, once, to be reached, or to be taken from.
    pub amount: Option<Decimal>,
    /// By how much the amount grows each year.
    pub step: Option<Step>,
    /// Rupees taken out every month.
    pub monthly: Option<Decimal>,
    /// For how long.
    pub months: Option<u32>,
    /// Assumed percent a year, as it was asked for.
    pub rate: Option<Decimal>,
}

impl State {
    /// Returns a sum of which nothing else is known.
    pub(super) fn of(sum: Sum) -> Self {
        Self {
            sum,
            ..Self::default()
        }
    }

    /// Returns what has to be asked next.
    pub(super) fn missing(&self) -> Option<Part> {
        let parts = self.sum.parts().iter().copied();
        parts.into_iter().find(|part| !self.has(*part))
    }

    fn has(&self, part: Part) -> bool {
        match part {
            Part::Amount => self.amount.is_some(),
            Part::Step => self.step.is_some(),
            Part::Monthly => self.monthly.is_some(),
            Part::Time => self.months.is_some(),
            Part::Rate => self.rate.is_some(),
        }
    }

    /// Forgets what was asked before that; returns whether there was anything.
    pub(super) fn forget_last(&mut self) -> bool {
        let missing = self.missing();
        let asked = self.sum.parts().iter().copied();
        let last = asked.take_while(|part| Some(*part) != missing).last();
        match last {
            Some(Part::Amount) => self.amount = None,
            Some(Part::Step) => self.step = None,
            Some(Part::Monthly) => self.monthly = None,
            Some(Part::Time) => self.months = None,
            Some(Part::Rate) => self.rate = None,
            None => {}
        }
        last.is_some()
    }

    /// Takes what a sentence says in so many words.
    pub(super) fn take(&mut self, slots: &Slots, words: &str) {
        let found = quantities(words);
        match (self.sum, &found.money[..]) {
            (Sum::Swp, [one, two]) => {
                self.set_amount(*one.max(two));
                self.set_monthly(*one.min(two));
            }
            (Sum::StepUp, [one, two]) => {
                self.set_amount(*one.max(two));
                self.step = step(Step::Rupees(*one.min(two))).or(self.step);
            }
            (Sum::Swp, [one]) if self.amount.is_some() => self.set_monthly(*one),
            (Sum::StepUp, [one]) if self.missing() == Some(Part::Step) => {
                self.step = step(Step::Rupees(*one)).or(self.step);
            }
            _ => slots
                .amount
                .into_iter()
                .for_each(|amount| self.set_amount(amount)),
        }
        self.months = slots
            .duration_months()
            .filter(|months| *months <= MOST_MONTHS)
            .or(self.months);
        match (self.sum, &found.rates[..]) {
            (Sum::StepUp, [one, two]) => {
                let (rise, rate) = if is_return_first(words) {
                    (two, one)
                } else {
                    (one, two)
                };
                self.step = step(Step::Percent(*rise)).or(self.step);
                self.set_rate(*rate);
            }
            (Sum::StepUp, [one]) if self.step.is_none() && !speaks_of_return(words) => {
                self.step = step(Step::Percent(*one));
            }
            _ => slots.rate.into_iter().for_each(|rate| self.set_rate(rate)),
        }
    }

    /// Takes a bare number as what was asked for.
    pub(super) fn take_bare(&mut self, part: Part, number: Decimal) {
        match part {
            Part::Amount | Part::Monthly => {}
            Part::Step => self.step = step(Step::Percent(number)),
            Part::Time => {
                let months = (number * Decimal::from(12)).round().to_u32();
                self.months = months.filter(|months| (1..=MOST_MONTHS).contains(months));
            }
            Part::Rate => self.set_rate(number),
        }
    }

    fn set_amount(&mut self, amount: Decimal) {
        let fits = (SMALLEST_AMOUNT..=self.sum.largest()).contains(&amount);
        self.amount = fits.then_some(amount).or(self.amount);
    }

    fn set_monthly(&mut self, monthly: Decimal) {
        let most = self.amount.unwrap_or_else(|| self.sum.largest());
        let fits = (SMALLEST_AMOUNT..=most).contains(&monthly);
        self.monthly = fits.then_some(monthly).or(self.monthly);
    }

    fn set_rate(&mut self, rate: Decimal) {
        let is_rate = rate > Decimal::ZERO && rate < Decimal::ONE_HUNDRED;
        self.rate = is_rate.then_some(rate).or(self.rate);
    }
}

/// Reads what a tap carries: `p10`, `r500`.
pub(super) fn tapped_step(payload: &str) -> Option<Step> {
    let (kind, number) = payload.split_at_checked(1)?;
    let number = number.parse().ok()?;
    step(match kind {
        "p" => Step::Percent(number),
        _ => Step::Rupees(number),
    })
}

/// A step is something, and an instalment does not double within a year.
fn step(wanted: Step) -> Option<Step> {
    let fits = match wanted {
        Step::Percent(percent) => percent > Decimal::ZERO && percent <= Decimal::from(50),
        Step::Rupees(rupees) => {
            rupees > Decimal::ZERO && rupees <= Decimal::from(1_000_000) && rupees.scale() <= 2
        }
    };
    fits.then_some(wanted)
}

#[rustfmt::skip]
const RETURN: &[&str] = &[" return", " rate", " at ", " @", " p a ", " रिटर्न", " दर", " byaj", " ब्याज", " growth", " milega"];

fn speaks_of_return(words: &str) -> bool {
    let said = spaced(words);
    RETURN.iter().any(|word| said.contains(word))
}

/// Of two percentages: whether the first is the return. It is if a word of returns stands
/// before it, or right after it.
fn is_return_first(words: &str) -> bool {
    let lower = normalise::text(words);
    let mut parts = lower.split('%');
    let before = parts.next().unwrap_or_default();
    let after = parts.next().unwrap_or_default();
    let after: String = after.split_whitespace().take(1).collect();
    speaks_of_return(before) || speaks_of_return(&after)
}

fn spaced(words: &str) -> String {
    format!(" {} ", normalise::text(words).replace('@', " @ "))
}

#[cfg(test)]
mod tests {
    use super::super::super::super::understanding::{Expectation, understand};
    use super::*;

    fn taken(sum: Sum, words: &str) -> State {
        let mut state = State::of(sum);
        state.take(&understand(words, Expectation::Nothing).slots, words);
        state
    }

    #[test]
    fn of_two_amounts_the_larger_is_what_is_taken_from() {
        for words in [
            "10 lakh swp 8000 calculator",
            "swp calculator 8000 out of 10 lakh",
        ] {
            let state = taken(Sum::Swp, words);
            let amounts = (state.amount, state.monthly);
            let wanted = (Some(Decimal::from(1_000_000)), Some(Decimal::from(8_000)));
            assert_eq!(amounts, wanted, "{words}");
        }
    }

    #[test]
    fn of_two_percentages_the_one_beside_a_word_of_returns_is_the_return() {
        let ten_and_twelve = (Some(Step::Percent(Decimal::TEN)), Some(Decimal::from(12)));
        for words in [
            "step up calculator 5000 10% 12% 15 years",
            "step up calculator 5000 for 15 years at 12% growing 10%",
            "step up calculator 5000 12% return 10% step up",
            "step up calculator 5000 10% step up 12% return",
        ] {
            let state = taken(Sum::StepUp, words);
            assert_eq!((state.step, state.rate), ten_and_twelve, "{words}");
        }
        let one = taken(Sum::StepUp, "step up calculator 5000 10% 15 years");
        assert_eq!(
            (one.step, one.rate),
            (Some(Step::Percent(Decimal::TEN)), None)
        );
        let rate = taken(Sum::StepUp, "step up calculator 5000 at 12% for 15 years");
        assert_eq!((rate.step, rate.rate), (None, Some(Decimal::from(12))));
    }

    #[test]
    fn a_session_of_before_there_were_other_sums_is_a_sip() {
        let old = r#"{"amount":"5000","months":120,"rate":null}"#;
        let state: State = serde_json::from_str(old).unwrap();
        assert_eq!((state.sum, state.months), (Sum::Sip, Some(120)));
    }

    #[test]
    fn a_step_that_doubles_within_a_year_is_none() {
        assert_eq!(tapped_step("p10"), Some(Step::Percent(Decimal::TEN)));
        assert_eq!(tapped_step("r500"), Some(Step::Rupees(Decimal::from(500))));
        for none in ["p100", "p0", "p-1", "r0", "", "x", "₹"] {
            assert_eq!(tapped_step(none), None, "{none}");
        }
    }
}
