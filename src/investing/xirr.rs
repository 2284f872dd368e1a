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

/// Steps through all rates, from nothing upward and from nothing downward, and returns the
/// steps in which the present value changes sign. Seen from the last flow backward, a rate
/// below nothing is one above it.
fn brackets(flows: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let last = flows[flows.len() - 1].0;
    let backward = flows.iter().rev();
    let backward = backward.map(|(years, amount)| (last - years, *amount));
    let below = outward(backward, -LOWEST).into_iter().rev();
    let mut found: Vec<_> = below.map(|(low, high)| (-high, -low)).collect();
    found.extend(outward(flows.iter().copied(), HIGHEST));
    found
}

/// Steps from a rate of nothing to the furthest that can matter. `flows` begin with the one
/// that keeps its worth longest. A step shrinks each worth by a factor of its own, so that
/// none is worked out anew, and beyond a rate there are no more roots than changes of sign
/// among the sums of the worths there (Laguerre): most investors' flows end it early. A
/// root at the rate itself is not beyond it, and its step is looked at too.
fn outward(flows: impl Iterator<Item = (f64, f64)>, furthest: f64) -> Vec<(f64, f64)> {
    let (years, mut worths): (Vec<f64>, Vec<f64>) = flows.unzip();
    let shrink = |step: f64| -> Vec<f64> { years.iter().map(|y| (-step * y).exp()).collect() };
    let mut factors = shrink(STEP);
    let mut found = Vec::new();
    let mut low = 0.0;
    let (mut at_low, mut roots) = sum(&worths);
    while (roots > 0 || at_low == 0.0) && low < furthest {
        let mut high = low + STEP;
        if high > furthest {
            high = furthest;
            factors = shrink(high - low);
        }
        for (worth, factor) in worths.iter_mut().zip(&factors) {
            *worth *= factor;
        }
        let at_high;
        (at_high, roots) = sum(&worths);
        if (at_low < 0.0) != (at_high < 0.0) {
            found.push((low, high));
        }
        (low, at_low) = (high, at_high);
    }
    found
}

/// Returns the sum of all, and how often the sums from the first on change their sign.
fn sum(worths: &[f64]) -> (f64, usize) {
    let (mut sum, mut last, mut changes) = (0.0_f64, 0.0_f64, 0);
    for worth in worths {
        sum += worth;
        if sum != 0.0 {
            changes += usize::from(last != 0.0 && (sum < 0.0) != (last < 0.0));
            last = sum;
        }
    }
    (sum, changes)
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
    use proptest::prelude::*;

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

    #[test]
    fn money_that_came_back_unchanged_earned_nothing() {
        let day = jiff::civil::date(2026, 1, 1);
        let flows = |out: f64| [(day, -out), (day.tomorrow().unwrap(), out)];
        assert!(xirr(&flows(625.5)).unwrap().abs() < 1e-12);
        assert!(xirr(&flows(-625.5)).unwrap().abs() < 1e-12);
    }

    /// Every step between the lowest and the highest rate in which the sign changes.
    fn scan(flows: &[(f64, f64)]) -> usize {
        let up = (0..).map(|at| f64::from(at) * STEP);
        let up = up.take_while(|rate| *rate < HIGHEST).chain([HIGHEST]);
        let down = (1..).map(|at| f64::from(at) * -STEP);
        let down = down.take_while(|rate| *rate > LOWEST).chain([LOWEST]);
        let down: Vec<f64> = down.collect();
        let rates: Vec<f64> = down.into_iter().rev().chain(up).collect();
        let is_negative = |rate: f64| present(flows, rate).0 < 0.0;
        let pairs = rates.windows(2);
        pairs
            .filter(|pair| is_negative(pair[0]) != is_negative(pair[1]))
            .count()
    }

    proptest! {
        #[test]
        fn what_ends_the_search_early_loses_no_rate(
            flows in proptest::collection::vec((0_u32..4_000, -1_000_i32..1_000), 2..12)
        ) {
            let mut flows: Vec<(f64, f64)> = flows
                .into_iter()
                .map(|(days, amount)| (f64::from(days) / 365.0, f64::from(amount) + 0.5))
                .collect();
            flows.sort_by(|a, b| a.0.total_cmp(&b.0));
            let first = flows[0].0;
            for flow in &mut flows {
                flow.0 -= first;
            }
            let found = brackets(&flows);
            prop_assert_eq!(found.len(), scan(&flows));
            for (low, high) in found {
                let signs = (present(&flows, low).0 < 0.0, present(&flows, high).0 < 0.0);
                prop_assert!(signs.0 != signs.1 && low < high);
            }
        }
    }
}
