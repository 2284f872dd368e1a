//! What the exchange is told of schemes and their NAVs, by whoever starts it.

use std::hash::{DefaultHasher, Hash, Hasher};

use jiff::civil::Date;
use rust_decimal::{Decimal, RoundingStrategy};

/// Which clocks and cut-offs a scheme follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// Equity and whatever is traded on exchange days.
    Equity,
    /// Debt: banks must be open too.
    Debt,
    /// Liquid funds.
    Liquid,
    /// Overnight funds.
    Overnight,
}

/// A step of what comes off a redemption that is too early.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExitLoad {
    /// Percent of the proceeds.
    pub percent: Decimal,
    /// Within so many days of the purchase.
    pub days: i64,
}

/// A scheme that is traded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scheme {
    /// AMFI's code.
    pub code: u32,
    /// For the pages.
    pub name: String,
    /// Fund house; a switch stays within it.
    pub amc: String,
    /// Cut-offs.
    pub class: Class,
    /// Load on the way out: steps in order of days, after the last of which there is none.
    pub exit_loads: Vec<ExitLoad>,
    /// Months during which units cannot leave.
    pub lock_in_months: u32,
    /// Least purchase in paise.
    pub minimum: i64,
    /// Whether money may come in.
    pub open: bool,
}

/// Schemes and NAVs, as the exchange is started with.
pub trait Market: Send + Sync + 'static {
    /// Returns a scheme that is traded.
    fn scheme(&self, code: u32) -> Option<Scheme>;

    /// Returns the last NAV on record that is of `on` or before, with its date.
    fn nav(&self, code: u32, on: Date) -> Option<(Decimal, Date)>;
}

/// Returns the NAV of a day: the one on record, or from the last one on record a made-up
/// one that is the same each time it is asked for. Only a real NAV of that very day, or
/// of a day on which the fund published none, is taken as it is.
pub(crate) fn nav_on(market: &dyn Market, scheme: &Scheme, on: Date) -> Option<Decimal> {
    let (nav, dated) = market.nav(scheme.code, on)?;
    let days = i64::from((on - dated).get_days());
    Some(invented(nav, scheme, days, on))
}

/// Money-market funds earn 6.5 percent a year without a ripple; all others 11 percent
/// with up to one percent either way.
fn invented(base: Decimal, scheme: &Scheme, days: i64, on: Date) -> Decimal {
    if days <= 0 {
        return base;
    }
    let calm = matches!(scheme.class, Class::Liquid | Class::Overnight);
    let yearly = if calm { 65 } else { 110 };
    let drift = Decimal::from(yearly * days) / Decimal::from(365 * 1_000);
    let ripple = if calm {
        Decimal::ZERO
    } else {
        let mut hasher = DefaultHasher::new();
        (scheme.code, on.year(), on.month(), on.day()).hash(&mut hasher);
        let step = i64::try_from(hasher.finish() % 2_001).unwrap_or(0) - 1_000;
        Decimal::new(step, 5)
    };
    let nav = base * (Decimal::ONE + drift) * (Decimal::ONE + ripple);
    nav.round_dp_with_strategy(4, RoundingStrategy::MidpointAwayFromZero)
}

#[cfg(test)]
pub(crate) mod tests {
    use jiff::civil::date;

    use super::*;

    /// One equity, one liquid scheme, of one fund house; 100 and 1,000 rupees a unit.
    pub(crate) struct Stall;

    impl Market for Stall {
        fn scheme(&self, code: u32) -> Option<Scheme> {
            let (class, exit_loads) = match code {
                1 | 3 => {
                    let percent = Decimal::ONE;
                    (Class::Equity, vec![ExitLoad { percent, days: 365 }])
                }
                2 => (Class::Liquid, Vec::new()),
                _ => return None,
            };
            Some(Scheme {
                code,
                name: format!("Scheme {code}"),
                amc: if code == 3 { "Other" } else { "House" }.to_owned(),
                class,
                exit_loads,
                lock_in_months: 0,
                minimum: 50_000,
                open: true,
            })
        }

        fn nav(&self, code: u32, _on: Date) -> Option<(Decimal, Date)> {
            let nav = if code == 2 { 1_000 } else { 100 };
            Some((Decimal::from(nav), date(2026, 8, 21)))
        }
    }

    #[test]
    fn a_made_up_nav_is_the_same_each_time_and_stays_near_its_path() {
        let scheme = Stall.scheme(1).unwrap();
        let on = date(2027, 8, 21);
        let nav = nav_on(&Stall, &scheme, on).unwrap();
        assert_eq!(nav_on(&Stall, &scheme, on).unwrap(), nav);
        assert!(
            nav > Decimal::from(109) && nav < Decimal::from(113),
            "{nav}"
        );
        let published = nav_on(&Stall, &scheme, date(2026, 8, 21)).unwrap();
        assert_eq!(published, Decimal::from(100));
        let liquid = Stall.scheme(2).unwrap();
        assert_eq!(nav_on(&Stall, &liquid, on).unwrap(), Decimal::from(1_065));
    }
}
