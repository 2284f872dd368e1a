//! The registrar's arithmetic: what money becomes, and what units become.

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
    days_between(lot.date, day) >= scheme.lock_in_days
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
        if let Some(rule) = scheme.exit_load
            && days_between(lot.date, received) <= rule.days
        {
            load += taken * nav * rule.percent / Decimal::ONE_HUNDRED;
        }
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

    use super::super::market::Market;
    use super::super::market::tests::Stall;
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
}
