//! What an order costs besides its amount: stamp duty (0.005 % of what is bought, since
//! 01-Jul-2020), exit load by the scheme's rules, tax. All of it is an estimate: the registrar's allotment is the truth.

use jiff::civil::Date;
use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Deserialize, Serialize};

use crate::investing::lots::Lot;
use crate::investing::money::Paise;

/// Stamp duty on units bought, in percent of the amount, since 1 July 2020.
pub const STAMP_DUTY_PERCENT: Decimal = Decimal::from_parts(5, 0, 0, false, 3);
/// Securities transaction tax on the sale of equity-oriented units, in percent.
pub const STT_PERCENT: Decimal = Decimal::from_parts(1, 0, 0, false, 3);

/// What is kept back of units sold within some days of their purchase.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoadSlab {
    /// Up to so many days, that day included.
    pub within_days: u32,
    /// So many percent of what they bring.
    pub percent: Decimal,
}

/// What is kept back, as far as it can be told beforehand.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Charges {
    /// Stamp duty on the way in.
    pub stamp_duty: Option<Paise>,
    /// Exit load on the way out.
    pub exit_load: Option<Paise>,
    /// Securities transaction tax on the way out.
    pub stt: Option<Paise>,
    /// The scheme's exit load in words, as its rules have it.
    pub load_rule: Option<String>,
}

fn percent_of(amount: Decimal, percent: Decimal) -> Paise {
    Paise::from_rupees(amount * percent / Decimal::ONE_HUNDRED).unwrap_or_default()
}

/// Returns the stamp duty on an amount invested.
pub fn stamp_duty(amount: Paise) -> Paise {
    percent_of(amount.rupees(), STAMP_DUTY_PERCENT)
}

/// Returns the tax on the sale of equity-oriented units for `gross`.
pub fn stt(gross: Paise) -> Paise {
    percent_of(gross.rupees(), STT_PERCENT)
}

/// Returns what an amount buys: units after stamp duty, rounded half up.
pub fn units_for(amount: Paise, nav: Decimal, decimals: u32) -> Option<Decimal> {
    let net = amount - stamp_duty(amount);
    let units = net.rupees().checked_div(nav)?;
    Some(units.round_dp_with_strategy(decimals, RoundingStrategy::MidpointAwayFromZero))
}

/// Returns the exit load on `units` sold on `day` at `nav`, the oldest lots first.
pub fn exit_load(
    lots: &[Lot],
    units: Decimal,
    nav: Decimal,
    day: Date,
    slabs: &[LoadSlab],
) -> Paise {
    let mut left = units;
    let mut load = Paise::default();
    for lot in lots {
        let taken = lot.units.min(left);
        if taken <= Decimal::ZERO {
            break;
        }
        left -= taken;
        let held = u32::try_from((day - lot.date).get_days()).unwrap_or(0);
        let mut slabs: Vec<_> = slabs.iter().filter(|s| held <= s.within_days).collect();
        slabs.sort_by_key(|slab| slab.within_days);
        if let Some(slab) = slabs.first() {
            load = load + percent_of(taken * nav, slab.percent);
        }
    }
    load
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::investing::tests::vectors;

    fn lot(date: Date, units: u32) -> Lot {
        Lot {
            date,
            units: units.into(),
            bought: units.into(),
            cost: Paise(0),
            merged: false,
        }
    }

    #[test]
    fn units_and_duty_are_as_the_vectors_have_them() {
        let rows = vectors::rows("allotment");
        assert_eq!(rows.len(), 6);
        for row in rows {
            let text = |name: &str| -> Decimal { row[name].as_str().unwrap().parse().unwrap() };
            let amount = Paise::from_rupees(text("amount")).unwrap();
            assert_eq!(stamp_duty(amount).rupees(), text("stamp_0p005_half_up"));
            assert_eq!((amount - stamp_duty(amount)).rupees(), text("net"));
            for (decimals, name) in [(3, "units_3dp"), (4, "units_4dp")] {
                let units = units_for(amount, text("nav"), decimals).unwrap();
                assert_eq!(units, text(name), "{row}");
            }
        }
    }

    #[test]
    fn the_worked_redemption_of_section_7_4_bears_its_load_and_tax() {
        let lots = [
            lot(date(2024, 6, 10), 100),
            lot(date(2025, 12, 15), 50),
            lot(date(2026, 6, 10), 80),
        ];
        let slabs = [LoadSlab {
            within_days: 365,
            percent: Decimal::ONE,
        }];
        let day = date(2026, 8, 21);
        let load = exit_load(&lots, 180.into(), 55.into(), day, &slabs);
        assert_eq!(load, Paise(4_400));
        assert_eq!(stt(Paise(990_000)), Paise(10));
        assert_eq!(exit_load(&lots, 180.into(), 55.into(), day, &[]), Paise(0));
    }

    #[test]
    fn the_narrowest_slab_that_fits_is_the_one_that_counts() {
        let lots = [lot(date(2026, 8, 20), 100)];
        let slab = |within_days, percent: i64| LoadSlab {
            within_days,
            percent: Decimal::new(percent, 4),
        };
        let slabs = [slab(6, 45), slab(1, 70)];
        let load = |day| exit_load(&lots, 100.into(), 100.into(), day, &slabs);
        assert_eq!(load(date(2026, 8, 21)), Paise(70));
        assert_eq!(load(date(2026, 8, 22)), Paise(45));
        assert_eq!(load(date(2026, 8, 27)), Paise(0));
    }
}
