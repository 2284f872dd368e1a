//! Axes: round steps, and where a value stands on them.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use crate::documents::layout::sheet::Area;
use crate::investing::money::Paise;

/// Steps on an axis at most.
const MOST: i64 = 5;

/// A vertical axis that holds zero and every value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Axis {
    /// Its lower end, in paise.
    pub(super) low: i64,
    /// Its upper end, in paise.
    pub(super) high: i64,
    /// From line to line, in paise.
    pub(super) step: i64,
}

impl Axis {
    /// Returns the smallest axis of round steps (1, 2, 2.5 or 5 times a power of ten).
    pub(super) fn holding(values: impl IntoIterator<Item = Paise>) -> Self {
        let (mut least, mut most) = (0, 0);
        for Paise(value) in values {
            least = least.min(value);
            most = most.max(value);
        }
        let mut power = 100;
        loop {
            for times in [10, 20, 25, 50] {
                let step = power / 10 * times;
                let low = least.div_euclid(step) * step;
                let high = -(-most).div_euclid(step) * step;
                let high = high.max(low + step);
                if (high - low) / step <= MOST {
                    return Self { low, high, step };
                }
            }
            power *= 10;
        }
    }

    /// Returns every value a line is drawn at.
    pub(super) fn lines(&self) -> impl Iterator<Item = Paise> {
        let count = (self.high - self.low) / self.step;
        let (low, step) = (self.low, self.step);
        (0..=count).map(move |n| Paise(low + n * step))
    }

    /// Returns how far down a value stands in a plot.
    pub(super) fn y(&self, plot: Area, value: Paise) -> f32 {
        let part = share(value.0 - self.low, self.high - self.low);
        plot.bottom() - part * plot.height
    }
}

/// Returns a part of a whole, for drawing only.
pub(super) fn share(part: i64, whole: i64) -> f32 {
    let part = Decimal::from(part).checked_div(Decimal::from(whole));
    part.and_then(|part| part.to_f32()).unwrap_or(0.0)
}

/// Splits 1,000 tenths of a percent by value, so that they add up to 100.0 %: each gets
/// its whole tenths, and what is left goes to the largest remainders, earlier ones first.
pub(super) fn tenths(values: &[Paise]) -> Vec<i64> {
    let whole: i128 = values.iter().map(|v| i128::from(v.0)).sum();
    if whole <= 0 {
        return vec![0; values.len()];
    }
    let exact = |v: &Paise| i128::from(v.0) * 1_000;
    let mut parts: Vec<i128> = values.iter().map(|v| exact(v) / whole).collect();
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by_key(|at| std::cmp::Reverse(exact(&values[*at]) % whole));
    let mut left = 1_000 - parts.iter().sum::<i128>();
    for at in order {
        if left == 0 {
            break;
        }
        parts[at] += 1;
        left -= 1;
    }
    parts
        .into_iter()
        .map(|part| i64::try_from(part).unwrap_or(0))
        .collect()
}

/// Writes tenths of a percent.
pub(super) fn percent(tenths: i64) -> String {
    format!("{}.{}%", tenths / 10, tenths % 10)
}
