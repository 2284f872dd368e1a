//! What an amount buys: an estimate. Registrars differ in the last paisa of stamp duty;
//! theirs is the truth once units are allotted.

use rust_decimal::{Decimal, RoundingStrategy};

use super::money::Paise;

/// Stamp duty on units bought, 0.005 % since 01-Jul-2020.
const STAMP_DUTY: Decimal = Decimal::from_parts(5, 0, 0, false, 5);

/// An estimate of an allotment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Estimate {
    /// Kept back for the state.
    pub stamp_duty: Paise,
    /// What is left to buy units with.
    pub net: Paise,
    /// Units, with the decimals asked for.
    pub units: Decimal,
}

/// Returns the stamp duty on an amount, half up.
pub fn stamp_duty(amount: Paise) -> Paise {
    let duty = amount.rupees().checked_mul(STAMP_DUTY);
    duty.and_then(Paise::from_rupees).unwrap_or_default()
}

/// Estimates what `amount` buys at a NAV; `decimals` of units are 3, with some fund
/// houses 4. `None` if the NAV is not above zero.
pub fn estimate(amount: Paise, nav: Decimal, decimals: u32) -> Option<Estimate> {
    if nav <= Decimal::ZERO {
        return None;
    }
    let stamp_duty = stamp_duty(amount);
    let net = amount - stamp_duty;
    let units = net.rupees().checked_div(nav)?;
    Some(Estimate {
        stamp_duty,
        net,
        units: units.round_dp_with_strategy(decimals, RoundingStrategy::MidpointAwayFromZero),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::investing::tests::vectors::{decimal, rows};

    #[test]
    fn an_amount_buys_what_the_vectors_say() {
        for row in rows("allotment") {
            let amount = Paise::from_rupees(decimal(&row["amount"])).unwrap();
            for (decimals, column) in [(3, "units_3dp"), (4, "units_4dp")] {
                let found = estimate(amount, decimal(&row["nav"]), decimals).unwrap();
                assert_eq!(found.units, decimal(&row[column]), "{row}");
                let duty = decimal(&row["stamp_0p005_half_up"]);
                assert_eq!(found.stamp_duty.rupees(), duty, "{row}");
                assert_eq!(found.net.rupees(), decimal(&row["net"]), "{row}");
                // The other method registrars use is off by a paisa at most.
                let other = decimal(&row["stamp_inclusive_method"]);
                assert!((duty - other).abs() <= Decimal::new(1, 2), "{row}");
            }
        }
        assert_eq!(estimate(Paise(100), Decimal::ZERO, 3), None);
    }
}
