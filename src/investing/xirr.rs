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
    let turns = flows
        .windows(2)
        .filter(|pair| (pair[0].1 < 0.0) != (pair[1].1 < 0.0))
        .count();
    if turns == 0 {
        return Err(NoRate::OneSign);
    }
    if flows.iter().all(|(years, _)| *years == 0.0) {
        return Err(NoRate::OneDay);
    }
    // One change of sign has at most one root (Descartes); more may hide several.
    let roots = if turns == 1 {
        brackets(&flows, HIGHEST - LOWEST)
    } else {
        brackets(&flows, STEP)
    };
    match roots.as_slice() {
        [] => Err(NoRate::NoRoot),
        [(low, high)] => Ok(bisect(&flows, *low, *high).exp_m1()),
        _ => Err(NoRate::Ambiguous),
    }
}

/// Present value, scaled so that it cannot overflow; only its sign matters.
fn present(flows: &[(f64, f64)], rate: f64) -> f64 {
    let scale = flows
        .iter()
        .map(|(years, _)| -rate * years)
        .fold(f64::NEG_INFINITY, f64::max);
    flows
        .iter()
        .map(|(years, amount)| amount * (-rate * years - scale).exp())
        .sum()
}

fn brackets(flows: &[(f64, f64)], step: f64) -> Vec<(f64, f64)> {
    let mut found = Vec::new();
    let mut low = LOWEST;
    let mut at_low = present(flows, low);
    while low < HIGHEST {
        let high = (low + step).min(HIGHEST);
        let at_high = present(flows, high);
        if (at_low < 0.0) != (at_high < 0.0) {
            found.push((low, high));
        }
        (low, at_low) = (high, at_high);
    }
    found
}

fn bisect(flows: &[(f64, f64)], mut low: f64, mut high: f64) -> f64 {
    let low_is_negative = present(flows, low) < 0.0;
    for _ in 0..80 {
        let middle = f64::midpoint(low, high);
        if (present(flows, middle) < 0.0) == low_is_negative {
            low = middle;
        } else {
            high = middle;
        }
    }
    f64::midpoint(low, high)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::investing::vectors::{date, rows};

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
