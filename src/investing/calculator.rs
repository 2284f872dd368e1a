//! Sums with assumed rates. Every result is an illustration, never a promise.
//!
//! Rates are nominal (a month earns a twelfth) and instalments fall at the start of the
//! month, as Indian calculators have it. A sum too large to write saturates.

use rust_decimal::prelude::ToPrimitive;
use rust_decimal::{Decimal, MathematicalOps, RoundingStrategy};

const TWELVE: Decimal = Decimal::from_parts(12, 0, 0, false, 0);

/// What a monthly plan comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SipIllustration {
    /// Sum of the instalments, rupees.
    pub invested: Decimal,
    /// Value at the end, rupees, rounded to paise.
    pub value: Decimal,
}

/// By how much the instalment rises each year.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepUp {
    /// A fraction of the instalment.
    Fraction(Decimal),
    /// Rupees.
    Rupees(Decimal),
}

/// Computes a SIP of `monthly` rupees over `months`, instalment at the start of the month,
/// at a nominal `yearly_rate` (fraction) compounded monthly.
pub fn sip(monthly: Decimal, yearly_rate: Decimal, months: u32) -> SipIllustration {
    let invested = monthly.saturating_mul(Decimal::from(months));
    let value = annuity_due(yearly_rate / TWELVE, months)
        .and_then(|factor| factor.checked_mul(monthly))
        .map_or(Decimal::MAX, paise);
    SipIllustration { invested, value }
}

/// Computes a SIP whose instalment steps up after every twelve months.
pub fn step_up_sip(
    first: Decimal,
    yearly_rate: Decimal,
    years: u32,
    step: StepUp,
) -> SipIllustration {
    let mut monthly = first;
    let mut invested = Decimal::ZERO;
    let mut value = Some(Decimal::ZERO);
    let rate = yearly_rate / TWELVE;
    for _ in 0..years {
        invested = invested.saturating_add(monthly.saturating_mul(TWELVE));
        value = value.and_then(|value| {
            let grown = value.checked_mul((Decimal::ONE + rate).checked_powi(12)?)?;
            grown.checked_add(annuity_due(rate, 12)?.checked_mul(monthly)?)
        });
        monthly = match step {
            StepUp::Fraction(part) => monthly.saturating_mul(Decimal::ONE + part),
            StepUp::Rupees(rupees) => monthly.saturating_add(rupees),
        };
    }
    SipIllustration {
        invested: paise(invested),
        value: value.map_or(Decimal::MAX, paise),
    }
}

/// Computes what `amount` grows to in `years` at an effective `yearly_rate`.
pub fn lumpsum(amount: Decimal, yearly_rate: Decimal, years: u32) -> Decimal {
    (Decimal::ONE + yearly_rate)
        .checked_powi(i64::from(years))
        .and_then(|growth| growth.checked_mul(amount))
        .map_or(Decimal::MAX, paise)
}

/// Returns the monthly instalment that comes to `target`; `None` if no month is given.
pub fn monthly_for(target: Decimal, yearly_rate: Decimal, months: u32) -> Option<Decimal> {
    let factor = annuity_due(yearly_rate / TWELVE, months)?;
    target.checked_div(factor).map(paise)
}

/// Returns the growth per year over `days` as a fraction (actual days over 365).
pub fn cagr(start: Decimal, end: Decimal, days: i32) -> Option<f64> {
    if start <= Decimal::ZERO || end < Decimal::ZERO || days <= 0 {
        return None;
    }
    let growth = (end / start).to_f64()?;
    Some(growth.powf(365.0 / f64::from(days)) - 1.0)
}

/// Value of one rupee paid at the start of each of `months`.
fn annuity_due(rate: Decimal, months: u32) -> Option<Decimal> {
    if rate.is_zero() {
        return Some(Decimal::from(months));
    }
    let growth = (Decimal::ONE + rate).checked_powi(i64::from(months))?;
    let ordinary = (growth - Decimal::ONE).checked_div(rate)?;
    ordinary.checked_mul(Decimal::ONE + rate)
}

fn paise(rupees: Decimal) -> Decimal {
    rupees.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::investing::vectors::{date, decimal, rows};

    fn count(value: &serde_json::Value) -> u32 {
        u32::try_from(value.as_u64().unwrap()).unwrap()
    }

    #[test]
    fn a_sip_comes_to_what_the_vectors_say() {
        for row in rows("sip_fv") {
            let months = count(&row["months"]);
            let found = sip(
                decimal(&row["monthly"]),
                decimal(&row["annual_rate"]),
                months,
            );
            assert_eq!(found.invested, decimal(&row["invested"]), "{row}");
            assert_eq!(found.value, decimal(&row["fv_due_nominal"]), "{row}");
        }
    }

    #[test]
    fn a_stepped_up_sip_comes_to_what_the_vectors_say() {
        for row in rows("stepup") {
            let step = decimal(&row["step"]);
            let step = match row["kind"].as_str().unwrap() {
                "pct" => StepUp::Fraction(step),
                _ => StepUp::Rupees(step),
            };
            let years = count(&row["years"]);
            let rate = decimal(&row["annual_rate"]);
            let found = step_up_sip(decimal(&row["monthly"]), rate, years, step);
            assert_eq!(found.invested, decimal(&row["invested"]), "{row}");
            assert_eq!(found.value, decimal(&row["fv_due_nominal"]), "{row}");
        }
    }

    #[test]
    fn a_goal_needs_the_instalment_the_vectors_say() {
        for row in rows("goal_sip") {
            if row.get("monthly_due").is_none() {
                continue;
            }
            let months = count(&row["months"]);
            let found = monthly_for(
                decimal(&row["target"]),
                decimal(&row["annual_rate"]),
                months,
            );
            assert_eq!(found, Some(decimal(&row["monthly_due"])), "{row}");
        }
        assert_eq!(monthly_for(Decimal::ONE, Decimal::ZERO, 0), None);
    }

    #[test]
    fn growth_per_year_counts_actual_days() {
        for row in rows("cagr") {
            let days = (date(&row["to"]) - date(&row["from"])).get_days();
            assert_eq!(i64::from(days), row["days"].as_i64().unwrap());
            let found = cagr(decimal(&row["start"]), decimal(&row["end"]), days).unwrap();
            assert!(
                (found - row["cagr_365"].as_f64().unwrap()).abs() < 1e-6,
                "{row}"
            );
        }
        assert_eq!(cagr(Decimal::ZERO, Decimal::ONE, 365), None);
    }

    #[test]
    fn a_lumpsum_compounds_yearly_and_absurd_input_saturates() {
        let lakh = Decimal::from(100_000);
        let twelve = Decimal::new(12, 2);
        assert_eq!(lumpsum(lakh, twelve, 10), Decimal::new(31_058_482, 2));
        assert_eq!(sip(lakh, Decimal::from(9), 1200).value, Decimal::MAX);
    }
}
