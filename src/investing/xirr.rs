//! The yearly rate at which dated flows come to nothing: actual days over 365.

use jiff::civil::Date;

/// Why there is no rate to show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoRate {
    /// Fewer than two flows.
    #[error("fewer than two flows")]
    TooFew,
    /// Money went one way only.
    #[error("all flows have one sign")]
    OneSign,
    /// Everything happened on one day, which suits every rate or none.
    #[error("all flows are of one day")]
    OneDay,
    /// No rate between a loss of all but a millionth and a thousandfold fits.
    #[error("no rate fits")]
    NoRoot,
    /// More than one rate fits.
    #[error("more than one rate fits")]
    Ambiguous,
}

/// Rates are searched as ln(1 + rate), between 0.0001 % and 100,000 % of the money.
const LOWEST: f64 = -13.815_510_557_964_274;
const HIGHEST: f64 = 6.908_754_779_315_221;
/// Two roots nearer to each other than this (about one percent) are one.
const STEP: f64 = 0.01;

/// Finds the rate, as a fraction per year. What was paid in is negative.
pub fn xirr(flows: &[(Date, f64)]) -> Result<f64, NoRate> {
    let mut flows: Vec<_> = flows.iter().copied().filter(|(_, a)| *a != 0.0).collect();
    if flows.len() < 2 {
        return Err(NoRate::TooFew);
    }
    flows.sort_by_key(|(date, _)| *date);
    let first = flows[0].0;
    let flows: Vec<(f64, f64)> = flows
        .into_iter()
        .map(|(date, amount)| (f64::from((date - first).get_days()) / 365.0, amount))
        .collect();
    let is_out = |flow: &(f64, f64)| flow.1 < 0.0;
    if flows.iter().all(is_out) || !flows.iter().any(is_out) {
        return Err(NoRate::OneSign);
    }
    if flows.iter().all(|(years, _)| *years == 0.0) {
        return Err(NoRate::OneDay);
    }
    if let Some((low, high)) = only_bracket(&flows) {
        return Ok(solve(&flows, low, high).exp_m1());
    }
    match brackets(&flows).as_slice() {
        [] => Err(NoRate::NoRoot),
        [(low, high)] => Ok(solve(&flows, *low, *high).exp_m1()),
        _ => Err(NoRate::Ambiguous),
    }
}

/// Present value and its slope, scaled so that they cannot overflow; only their signs and
/// their quotient matter.
fn present(flows: &[(f64, f64)], rate: f64) -> (f64, f64) {
    let (first, last) = (flows[0].0, flows[flows.len() - 1].0);
    let scale = (-rate * first).max(-rate * last);
    let mut sum = (0.0, 0.0);
    for (years, amount) in flows {
        let worth = amount * (-rate * years - scale).exp();
        sum.0 += worth;
        sum.1 -= years * worth;
    }
    sum
}

/// Tells the side of a rate of nothing on which the only root lies, if it is certain that
/// there is but one: beyond a rate there are no more roots than changes of sign among the
/// sums of the flows from the first on, below it no more than among those from the last
/// on (Laguerre). Most investors' flows are settled by that.
fn only_bracket(flows: &[(f64, f64)]) -> Option<(f64, f64)> {
    let amounts = || flows.iter().map(|(_, amount)| *amount);
    let above = changes(amounts());
    let below = changes(amounts().rev());
    let total: f64 = amounts().sum();
    let (low, high) = match (above, below) {
        (1, 0) => (0.0, HIGHEST),
        (0, 1) => (LOWEST, 0.0),
        _ => return None,
    };
    let is_between =
        total != 0.0 && (present(flows, low).0 < 0.0) != (present(flows, high).0 < 0.0);
    is_between.then_some((low, high))
}

fn changes(amounts: impl Iterator<Item = f64>) -> usize {
    let (mut sum, mut last, mut count) = (0.0_f64, 0.0_f64, 0);
    for amount in amounts {
        sum += amount;
        if sum != 0.0 {
            count += usize::from(last != 0.0 && (sum < 0.0) != (last < 0.0));
            last = sum;
        }
    }
    count
}

/// Steps through all rates and returns the steps in which the present value changes sign.
fn brackets(flows: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let mut found = Vec::new();
    let mut low = LOWEST;
    let mut at_low = present(flows, low).0;
    while low < HIGHEST {
        let high = (low + STEP).min(HIGHEST);
        let at_high = present(flows, high).0;
        if (at_low < 0.0) != (at_high < 0.0) {
            found.push((low, high));
        }
        (low, at_low) = (high, at_high);
    }
    found
}

/// Newton's steps, kept inside the bracket by halving it where they would leave.
fn solve(flows: &[(f64, f64)], mut low: f64, mut high: f64) -> f64 {
    let low_is_negative = present(flows, low).0 < 0.0;
    let mut rate = f64::midpoint(low, high);
    for _ in 0..200 {
        let (value, slope) = present(flows, rate);
        if value == 0.0 {
            return rate;
        }
        if (value < 0.0) == low_is_negative {
            low = rate;
        } else {
            high = rate;
        }
        let newton = rate - value / slope;
        let next = if newton > low && newton < high {
            newton
        } else {
            f64::midpoint(low, high)
        };
        if (next - rate).abs() < 1e-14 {
            return next;
        }
        rate = next;
    }
    rate
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::investing::tests::vectors::{date, rows};

    fn flows(row: &serde_json::Value) -> Vec<(Date, f64)> {
        let flows = row["flows"].as_array().unwrap().iter();
        flows
            .map(|flow| (date(&flow[0]), flow[1].as_f64().unwrap()))
            .collect()
    }

    #[test]
    fn rates_agree_with_the_vectors() {
        for row in rows("xirr") {
            let found = xirr(&flows(&row));
            match row["xirr"].as_f64() {
                Some(rate) => assert!((found.unwrap() - rate).abs() < 1e-6, "{row}: {found:?}"),
                None => assert_eq!(found, Err(NoRate::Ambiguous), "{row}"),
            }
        }
    }

    #[test]
    fn flows_without_a_rate_are_told_apart() {
        let expected = [
            ("all_outflows", NoRate::OneSign),
            ("all_inflows", NoRate::OneSign),
            ("same_day", NoRate::OneDay),
            ("empty", NoRate::TooFew),
            ("value_zero", NoRate::TooFew),
        ];
        let rows = rows("xirr_errors");
        assert_eq!(rows.len(), expected.len());
        for (row, (name, reason)) in rows.iter().zip(expected) {
            assert_eq!(row["name"], name);
            assert_eq!(xirr(&flows(row)), Err(reason), "{row}");
        }
    }

    #[test]
    fn order_does_not_matter_and_long_spans_do_not_overflow() {
        let day = |year| jiff::civil::date(year, 1, 1);
        let mut flows = vec![(day(1930), -100.0), (day(2026), 1_000_000.0)];
        let forward = xirr(&flows).unwrap();
        flows.reverse();
        let backward = xirr(&flows).unwrap();
        assert!((forward - backward).abs() < 1e-12);
        assert!((forward - 0.1006).abs() < 1e-3, "{forward}");
    }
}
