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

/// Computes a SIP over `months` whose instalment steps up after every twelve of them.
pub fn step_up_sip(
    first: Decimal,
    yearly_rate: Decimal,
    months: u32,
    step: StepUp,
) -> SipIllustration {
    let mut monthly = first;
    let mut invested = Decimal::ZERO;
    let mut value = Some(Decimal::ZERO);
    let rate = yearly_rate / TWELVE;
    let mut left = months;
    while left > 0 {
        let year = left.min(12);
        invested = invested.saturating_add(monthly.saturating_mul(Decimal::from(year)));
        value = value.and_then(|value| {
            let growth = (Decimal::ONE + rate).checked_powi(i64::from(year))?;
            let grown = value.checked_mul(growth)?;
            grown.checked_add(annuity_due(rate, year)?.checked_mul(monthly)?)
        });
        monthly = match step {
            StepUp::Fraction(part) => monthly.saturating_mul(Decimal::ONE + part),
            StepUp::Rupees(rupees) => monthly.saturating_add(rupees),
        };
        left -= year;
    }
    SipIllustration {
        invested: paise(invested),
        value: value.map_or(Decimal::MAX, paise),
    }
}

/// Computes what `amount` grows to in `months` at an effective `yearly_rate`.
pub fn lumpsum(amount: Decimal, yearly_rate: Decimal, months: u32) -> Decimal {
    let year = Decimal::ONE + yearly_rate;
    let whole_years = year.checked_powi(i64::from(months / 12));
    let rest = match months % 12 {
        0 => Some(Decimal::ONE),
        rest => year.checked_powd(Decimal::from(rest) / TWELVE),
    };
    whole_years
        .zip(rest)
        .and_then(|(years, rest)| years.checked_mul(rest)?.checked_mul(amount))
        .map_or(Decimal::MAX, paise)
}

/// Returns the monthly instalment that comes to `target`; `None` if no month is given.
pub fn monthly_for(target: Decimal, yearly_rate: Decimal, months: u32) -> Option<Decimal> {
    let factor = annuity_due(yearly_rate / TWELVE, months)?;
    target.checked_div(factor).map(paise)
}

/// Returns the first monthly instalment that comes to `target` in `years` when it rises by
/// a fraction of itself after every twelve months; `None` if no year is given.
pub fn first_monthly_for(
    target: Decimal,
    yearly_rate: Decimal,
    years: u32,
    step: Decimal,
) -> Option<Decimal> {
    let rate = yearly_rate / TWELVE;
    let growth = (Decimal::ONE + rate).checked_powi(12)?;
    let year = annuity_due(rate, 12)?;
    let (mut value, mut instalment) = (Decimal::ZERO, Decimal::ONE);
    for _ in 0..years {
        value = value
            .checked_mul(growth)?
            .checked_add(year.checked_mul(instalment)?)?;
        instalment = instalment.checked_mul(Decimal::ONE + step)?;
    }
    target.checked_div(value).map(paise)
}

/// Returns what `amount` of today costs in `years` at a yearly inflation.
pub fn inflated(amount: Decimal, inflation: Decimal, years: u32) -> Decimal {
    lumpsum(amount, inflation, years.saturating_mul(12))
}

/// Rounds an instalment up to the multiple a scheme asks for.
pub fn rounded_up(instalment: Decimal, multiple: Decimal) -> Decimal {
    if multiple <= Decimal::ZERO {
        return instalment;
    }
    (instalment / multiple).ceil() * multiple
}

/// When in the month money is taken out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// On its first day, before it has grown.
    Begin,
    /// On its last day.
    End,
}

/// What a systematic withdrawal comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SwpIllustration {
    /// Withdrawals that were paid in full.
    pub full: u32,
    /// What the one after them still got, if the money ran out.
    pub last: Option<Decimal>,
    /// What is left at the end.
    pub balance: Decimal,
}

/// Computes withdrawals of `monthly` rupees out of `corpus` over `months`, at a nominal
/// `yearly_rate` compounded monthly. A sum too large to write stays where it was.
pub fn swp(
    corpus: Decimal,
    yearly_rate: Decimal,
    monthly: Decimal,
    months: u32,
    when: When,
) -> SwpIllustration {
    let growth = Decimal::ONE + yearly_rate / TWELVE;
    let mut balance = corpus;
    for month in 0..months {
        if when == When::End {
            balance = balance.checked_mul(growth).unwrap_or(balance);
        }
        if balance < monthly {
            return SwpIllustration {
                full: month,
                last: Some(paise(balance)),
                balance: Decimal::ZERO,
            };
        }
        balance -= monthly;
        if when == When::Begin {
            balance = balance.checked_mul(growth).unwrap_or(balance);
        }
    }
    SwpIllustration {
        full: months,
        last: None,
        balance: paise(balance),
    }
}

/// How instalments and rates are counted, for comparison with other calculators; ours is
/// [`Convention::Due`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Convention {
    /// Start of the month, a twelfth of the rate.
    Due,
    /// End of the month, a twelfth of the rate.
    Ordinary,
    /// Start of the month, the twelfth root of the rate.
    DueEffective,
}

/// Computes a SIP under another convention.
pub fn sip_by(
    monthly: Decimal,
    yearly_rate: Decimal,
    months: u32,
    convention: Convention,
) -> SipIllustration {
    let nominal = yearly_rate / TWELVE;
    let factor = match convention {
        Convention::Due => annuity_due(nominal, months),
        Convention::Ordinary => {
            annuity_due(nominal, months).and_then(|due| due.checked_div(Decimal::ONE + nominal))
        }
        Convention::DueEffective => (Decimal::ONE + yearly_rate)
            .checked_powd(Decimal::ONE / TWELVE)
            .and_then(|growth| annuity_due(growth - Decimal::ONE, months)),
    };
    let value = factor.and_then(|factor| factor.checked_mul(monthly));
    SipIllustration {
        invested: monthly.saturating_mul(Decimal::from(months)),
        value: value.map_or(Decimal::MAX, paise),
    }
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
    use crate::investing::tests::vectors::{date, decimal, rows};

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
            for (convention, column) in [
                (Convention::Due, "fv_due_nominal"),
                (Convention::Ordinary, "fv_ordinary_nominal"),
                (Convention::DueEffective, "fv_due_effective"),
            ] {
                let rate = decimal(&row["annual_rate"]);
                let found = sip_by(decimal(&row["monthly"]), rate, months, convention);
                assert_eq!(found.value, decimal(&row[column]), "{column}: {row}");
            }
        }
    }

    #[test]
    fn withdrawals_last_as_long_as_the_vectors_say() {
        for row in rows("swp") {
            let when = match row["when"].as_str().unwrap() {
                "begin" => When::Begin,
                _ => When::End,
            };
            let found = swp(
                decimal(&row["corpus"]),
                decimal(&row["annual_rate"]),
                decimal(&row["monthly"]),
                count(&row["months"]),
                when,
            );
            assert_eq!(found.full, count(&row["months_full"]), "{row}");
            match row.get("last_partial") {
                Some(last) => assert_eq!(found.last, Some(decimal(last)), "{row}"),
                None => assert_eq!(found.balance, decimal(&row["balance"]), "{row}"),
            }
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
            let months = count(&row["years"]) * 12;
            let rate = decimal(&row["annual_rate"]);
            let found = step_up_sip(decimal(&row["monthly"]), rate, months, step);
            assert_eq!(found.invested, decimal(&row["invested"]), "{row}");
            assert_eq!(found.value, decimal(&row["fv_due_nominal"]), "{row}");
        }
        // In a year that is not whole the step of the next one is not reached.
        let (monthly, none) = (Decimal::from(1_000), Decimal::ZERO);
        let found = step_up_sip(monthly, none, 18, StepUp::Rupees(Decimal::from(500)));
        assert_eq!(found.invested, Decimal::from(12 * 1_000 + 6 * 1_500));
    }

    #[test]
    fn a_goal_needs_the_instalment_the_vectors_say() {
        for row in rows("goal_sip") {
            let months = count(&row["months"]);
            if let Some(step) = row.get("stepup_pct") {
                let (target, rate) = (decimal(&row["target"]), decimal(&row["annual_rate"]));
                let found = first_monthly_for(target, rate, months / 12, decimal(step));
                assert_eq!(found, Some(decimal(&row["first_monthly_due"])), "{row}");
                continue;
            }
            let found = monthly_for(
                decimal(&row["target"]),
                decimal(&row["annual_rate"]),
                months,
            );
            assert_eq!(found, Some(decimal(&row["monthly_due"])), "{row}");
        }
        assert_eq!(monthly_for(Decimal::ONE, Decimal::ZERO, 0), None);
        assert_eq!(
            first_monthly_for(Decimal::ONE, Decimal::ZERO, 0, Decimal::ZERO),
            None
        );
        let later = inflated(Decimal::from(2_000_000), Decimal::new(6, 2), 10);
        assert_eq!(later, Decimal::new(358_169_539, 2));
        let up = |rupees: &str| rounded_up(rupees.parse().unwrap(), Decimal::from(500));
        assert_eq!(
            [up("15415.81"), up("15500")],
            [15_500, 15_500].map(Decimal::from)
        );
    }

    #[test]
    fn growth_per_year_counts_actual_days() {
        for row in rows("cagr") {
            let days = (date(&row["to"]) - date(&row["from"])).get_days();
            assert_eq!(i64::from(days), row["days"].as_i64().unwrap());
            let absolute = decimal(&row["end"]) / decimal(&row["start"]) - Decimal::ONE;
            let expected = row["absolute"].as_f64().unwrap();
            assert!(
                (absolute.to_f64().unwrap() - expected).abs() < 1e-9,
                "{row}"
            );
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
        assert_eq!(lumpsum(lakh, twelve, 120), Decimal::new(31_058_482, 2));
        // Half a year at 12 % effective: 1,00,000 × √1.12.
        assert_eq!(lumpsum(lakh, twelve, 6), Decimal::new(10_583_005, 2));
        assert_eq!(sip(lakh, Decimal::from(9), 1200).value, Decimal::MAX);
    }
}
