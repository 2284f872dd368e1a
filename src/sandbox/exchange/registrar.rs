//! The registrar's arithmetic: what money becomes, and what units become.

use jiff::Span;
use jiff::civil::Date;
use rust_decimal::prelude::ToPrimitive;
use rust_decimal::{Decimal, RoundingStrategy};

use super::market::{Class, Scheme};
use super::records::{Allotment, Holding, Lot, Quantity};

/// Money of a purchase becomes units: stamp duty of 0.005 percent comes off first, and
/// each step is rounded half up.
pub(crate) fn allot(folio: &str, paid: i64, nav: Decimal, nav_date: Date) -> Allotment {
    let duty = half_up(Decimal::from(paid) * Decimal::new(5, 5), 0);
    let duty = duty.to_i64().unwrap_or(0);
    let net = paid - duty;
    let units = half_up(Decimal::new(net, 2) / nav, 3);
    Allotment {
        folio: folio.to_owned(),
        nav_date,
        nav,
        units,
        amount: net,
        stamp_duty: duty,
        exit_load: 0,
        stt: 0,
    }
}

/// Returns how many units a redemption takes; `None` if there are not so many that may
/// leave on `day`.
pub(crate) fn units_out(
    scheme: &Scheme,
    holding: &Holding,
    quantity: Quantity,
    nav: Decimal,
    day: Date,
) -> Option<Decimal> {
    let free: Decimal = holding
        .lots
        .iter()
        .filter(|lot| is_free(scheme, lot, day))
        .map(|lot| lot.units)
        .sum();
    let units = match quantity {
        Quantity::Units(units) => units,
        Quantity::Amount(paise) => half_up(Decimal::new(paise, 2) / nav, 3),
        Quantity::All => holding.units(),
    };
    (units > Decimal::ZERO && units <= free).then_some(units)
}

fn is_free(scheme: &Scheme, lot: &Lot, day: Date) -> bool {
    let months = i64::from(scheme.lock_in_months);
    let span = Span::new().try_months(months);
    span.is_ok_and(|span| lot.date.saturating_add(span) <= day)
}

/// Returns the percent that units bought on a day pay when they go on another.
fn load_percent(scheme: &Scheme, bought: Date, day: Date) -> Decimal {
    let held = days_between(bought, day);
    let step = scheme.exit_loads.iter().find(|step| held <= step.days);
    step.map_or(Decimal::ZERO, |step| step.percent)
}

fn days_between(from: Date, to: Date) -> i64 {
    i64::from((to - from).get_days())
}

/// Takes units out, oldest first, and says what they come to. Exit load goes by the day
/// the request was received, which with liquid funds is not that of the NAV.
pub(crate) fn redeem(
    scheme: &Scheme,
    holding: &mut Holding,
    units: Decimal,
    (nav, nav_date): (Decimal, Date),
    received: Date,
) -> Allotment {
    let mut left = units;
    let mut load = Decimal::ZERO;
    for lot in &mut holding.lots {
        let taken = lot.units.min(left);
        lot.units -= taken;
        left -= taken;
        let percent = load_percent(scheme, lot.date, received);
        load += taken * nav * percent / Decimal::ONE_HUNDRED;
    }
    holding.lots.retain(|lot| !lot.units.is_zero());
    let amount = paise(units * nav);
    let stt = match scheme.class {
        Class::Equity => paise(units * nav * Decimal::new(1, 5)),
        _ => 0,
    };
    Allotment {
        folio: holding.folio.clone(),
        nav_date,
        nav,
        units,
        amount,
        stamp_duty: 0,
        exit_load: paise(load),
        stt,
    }
}

fn paise(rupees: Decimal) -> i64 {
    half_up(rupees * Decimal::ONE_HUNDRED, 0)
        .to_i64()
        .unwrap_or(0)
}

fn half_up(value: Decimal, places: u32) -> Decimal {
    value.round_dp_with_strategy(places, RoundingStrategy::MidpointAwayFromZero)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use serde_json::Value;

    use super::super::market::tests::Stall;
    use super::super::market::{ExitLoad, Market};
    use super::*;

    const VECTORS: &str = include_str!("../../../tests/data/vectors/finance-vectors.json");

    #[test]
    fn every_allotment_of_the_vectors_comes_out() {
        let vectors: Value = serde_json::from_str(VECTORS).unwrap();
        let rows = vectors["allotment"].as_array().unwrap();
        assert!(!rows.is_empty());
        for row in rows {
            let decimal = |name: &str| row[name].as_str().unwrap().parse::<Decimal>().unwrap();
            let amount = (decimal("amount") * Decimal::ONE_HUNDRED).to_i64().unwrap();
            let made = allot("1", amount, decimal("nav"), date(2026, 8, 21));
            assert_eq!(
                Decimal::new(made.stamp_duty, 2),
                decimal("stamp_0p005_half_up")
            );
            assert_eq!(Decimal::new(made.amount, 2), decimal("net"));
            assert_eq!(made.units, decimal("units_3dp"), "{row}");
        }
    }

    /// The worked example of the domain reference, section 7.4.
    #[test]
    fn a_redemption_takes_the_oldest_units_and_loads_the_young_ones() {
        let lot = |date, units: i64| Lot {
            date,
            units: Decimal::from(units),
        };
        let mut holding = Holding {
            folio: "7".to_owned(),
            scheme: 1,
            lots: vec![
                lot(date(2024, 6, 10), 100),
                lot(date(2025, 12, 15), 50),
                lot(date(2026, 6, 10), 80),
            ],
        };
        let scheme = Stall.scheme(1).unwrap();
        let day = date(2026, 8, 21);
        let nav = Decimal::from(55);
        let units = units_out(&scheme, &holding, Quantity::Units(180.into()), nav, day).unwrap();
        let made = redeem(&scheme, &mut holding, units, (nav, day), day);
        assert_eq!(
            (made.amount, made.exit_load, made.stt),
            (990_000, 4_400, 10)
        );
        assert_eq!(holding.lots, [lot(date(2026, 6, 10), 50)]);
        let too_many = Quantity::Units(Decimal::new(50_001, 3));
        assert_eq!(units_out(&scheme, &holding, too_many, nav, day), None);
    }

    fn one_lot(bought: Date) -> Holding {
        Holding {
            folio: "7".to_owned(),
            scheme: 1,
            lots: vec![Lot {
                date: bought,
                units: Decimal::from(100),
            }],
        }
    }

    #[test]
    fn each_unit_pays_the_step_of_the_load_that_its_days_fall_into() {
        let mut scheme = Stall.scheme(1).unwrap();
        let step = |percent, days| ExitLoad {
            percent: Decimal::new(percent, 4),
            days,
        };
        scheme.exit_loads = vec![step(70, 1), step(65, 2), step(45, 6)];
        let load = |held: i64| {
            let (bought, nav) = (date(2026, 8, 3), Decimal::from(100));
            let day = bought.checked_add(Span::new().days(held)).unwrap();
            let all = Decimal::from(100);
            redeem(&scheme, &mut one_lot(bought), all, (nav, day), day).exit_load
        };
        assert_eq!([0, 1, 2, 3, 6, 7].map(load), [70, 70, 65, 45, 45, 0]);
    }

    #[test]
    fn locked_units_are_free_on_the_day_their_months_are_over_and_not_before() {
        let mut scheme = Stall.scheme(1).unwrap();
        scheme.lock_in_months = 36;
        let holding = one_lot(date(2025, 7, 15));
        let out = |day| units_out(&scheme, &holding, Quantity::All, Decimal::from(100), day);
        assert_eq!(out(date(2028, 7, 14)), None);
        assert_eq!(out(date(2028, 7, 15)), Some(Decimal::from(100)));
    }
}
