//! What an order costs besides its amount: stamp duty (0.005 % of what is bought, since
//! 01-Jul-2020), exit load by the scheme's rules, tax. All of it is an estimate: the registrar's allotment is the truth.

use jiff::civil::Date;
use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Deserialize, Serialize};

use crate::investing::lots::Lot;
use crate::investing::money::Paise;
use crate::investing::rules::DatedLoad;

/// Stamp duty on units bought, in percent of the amount, since 1 July 2020.
pub const STAMP_DUTY_PERCENT: Decimal = Decimal::from_parts(5, 0, 0, false, 3);
/// Securities transaction tax on the sale of equity-oriented units, in percent.
pub const STT_PERCENT: Decimal = Decimal::from_parts(1, 0, 0, false, 3);

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

/// Returns the exit load on `units` sold on `day` at `nav`, the oldest lots first, each by
/// the load of the day it was bought; `None` where one of those is not on record.
pub fn exit_load(
    lots: &[Lot],
    units: Decimal,
    nav: Decimal,
    day: Date,
    loads: &[DatedLoad],
) -> Option<Paise> {
    let mut left = units;
    let mut all = Paise::default();
    for lot in lots {
        let taken = lot.units.min(left);
        if taken <= Decimal::ZERO {
            break;
        }
        left -= taken;
        let days = (day - lot.date).get_days();
        let load = DatedLoad::of(loads, lot.date)?;
        all = all + load.on(taken, nav, days, (lot.bought, lot.units))?;
    }
    Some(all)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::investing::rules::{ExitLoad, Slab};
    use crate::investing::tests::vectors;

    fn lot(date: Date, units: i64, bought: i64) -> Lot {
        Lot {
            date,
            units: units.into(),
            bought: bought.into(),
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

    fn load(from: Date, slabs: &[(u32, i64)], free: i64) -> DatedLoad {
        let slab = |(days, percent): &(u32, i64)| Slab {
            days: *days,
            percent: Decimal::new(*percent, 4),
        };
        DatedLoad {
            from,
            load: Some(ExitLoad {
                slabs: slabs.iter().map(slab).collect(),
                free_percent: free.into(),
            }),
        }
    }

    #[test]
    fn the_worked_redemption_of_section_7_4_bears_its_load_and_tax() {
        let lots = [
            lot(date(2024, 6, 10), 100, 100),
            lot(date(2025, 12, 15), 50, 50),
            lot(date(2026, 6, 10), 80, 80),
        ];
        let loads = [load(date(2020, 1, 1), &[(365, 1_0000)], 0)];
        let day = date(2026, 8, 21);
        let on = |loads| exit_load(&lots, 180.into(), 55.into(), day, loads);
        assert_eq!(on(&loads), Some(Paise(4_400)));
        assert_eq!(stt(Paise(990_000)), Paise(10));
        assert_eq!(on(&[]), None, "not on record");
    }

    #[test]
    fn the_narrowest_slab_that_fits_is_the_one_that_counts() {
        let lots = [lot(date(2026, 8, 20), 100, 100)];
        let loads = [load(date(2020, 1, 1), &[(1, 70), (6, 45)], 0)];
        let on = |day| exit_load(&lots, 100.into(), 100.into(), day, &loads);
        assert_eq!(on(date(2026, 8, 21)), Some(Paise(70)));
        assert_eq!(on(date(2026, 8, 22)), Some(Paise(45)));
        assert_eq!(on(date(2026, 8, 27)), Some(Paise(0)));
    }

    #[test]
    fn the_load_is_that_of_the_day_of_purchase_less_the_units_that_are_free() {
        let changed = date(2026, 8, 1);
        let loads = [
            load(date(2026, 1, 1), &[(365, 1_0000)], 10),
            load(changed, &[(365, 2_0000)], 0),
        ];
        let on = |lots: &[Lot]| {
            let all = lots.iter().map(|lot| lot.units).sum();
            exit_load(lots, all, 100.into(), date(2026, 8, 21), &loads)
        };
        let before = date(2026, 7, 31);
        assert_eq!(on(&[lot(before, 100, 100)]), Some(Paise(90_00)));
        assert_eq!(
            on(&[lot(before, 94, 100)]),
            Some(Paise(90_00)),
            "6 free went"
        );
        assert_eq!(on(&[lot(changed, 100, 100)]), Some(Paise(200_00)));
        let older = lot(date(2025, 12, 31), 100, 100);
        assert_eq!(on(&[older]), Some(Paise(90_00)), "by the first on record");
    }
}
