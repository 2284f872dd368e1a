//! What the paper exchange of a demo is told: holidays, schemes, NAVs, and the units that
//! are there before it.

use jiff::ToSpan;
use jiff::civil::{Date, date};
use rust_decimal::Decimal;

use crate::investing::Investing;
use crate::investing::calendar::{Calendar, NavClass};
use crate::investing::money::Paise;
use crate::investing::scheme::SchemeCode;
use crate::sandbox::Holidays;
use crate::sandbox::exchange::{Class, ExitLoad, Market, Scheme};

/// A purchase nobody has a minimum on record for.
const LEAST: Paise = Paise(10_000);

/// Trades what the service has on record.
pub struct OnRecord(Investing);

impl OnRecord {
    /// Returns the market of a service.
    pub fn new(investing: Investing) -> Self {
        Self(investing)
    }
}

impl Market for OnRecord {
    fn scheme(&self, code: u32) -> Option<Scheme> {
        let catalog = self.0.catalog();
        let scheme = catalog.get(SchemeCode(code))?;
        let on = scheme.nav.map_or(Date::MIN, |nav| nav.date);
        let rules = self.0.rules(SchemeCode(code), Date::MAX.min(later(on)));
        let class = rules.as_ref().and_then(|rules| rules.class);
        let class = class.or_else(|| NavClass::of_category(&scheme.category));
        let load = rules.as_ref().and_then(|rules| rules.exit_load.as_ref());
        let slabs = load.map(|load| load.slabs.as_slice()).unwrap_or_default();
        let locked = rules.as_ref().and_then(|rules| rules.lock_in_months);
        let least = rules.as_ref().and_then(|rules| rules.minimum_new);
        Some(Scheme {
            code,
            name: scheme.full_name(),
            amc: scheme.amc.clone(),
            class: match class {
                Some(NavClass::Debt) => Class::Debt,
                Some(NavClass::Liquid) => Class::Liquid,
                Some(NavClass::Overnight) => Class::Overnight,
                Some(NavClass::Equity) | None => Class::Equity,
            },
            exit_loads: slabs
                .iter()
                .map(|slab| ExitLoad {
                    percent: slab.percent,
                    days: i64::from(slab.days),
                })
                .collect(),
            lock_in_months: locked.unwrap_or(0),
            minimum: least.unwrap_or(LEAST).0,
            open: rules.and_then(|rules| rules.purchase).unwrap_or(true),
        })
    }

    fn nav(&self, code: u32, _on: Date) -> Option<(Decimal, Date)> {
        let nav = self.0.catalog().get(SchemeCode(code))?.nav?;
        Some((nav.value, nav.date))
    }
}

/// Rules may be dated a little after the NAVs they come with.
fn later(on: Date) -> Date {
    on.checked_add(1.year()).unwrap_or(Date::MAX)
}

/// Returns the days of a calendar that are not what their weekday says.
pub fn holidays(calendar: &Calendar) -> Holidays {
    let mut holidays = Holidays::default();
    for year in calendar.years() {
        for day in date(year, 1, 1).series(1.day()) {
            if day.year() != year {
                break;
            }
            let weekend = matches!(
                day.weekday(),
                jiff::civil::Weekday::Saturday | jiff::civil::Weekday::Sunday
            );
            match (weekend, calendar.is_business_day(day)) {
                (false, false) => drop(holidays.closed.insert(day)),
                (true, true) => drop(holidays.sessions.insert(day)),
                _ => {}
            }
            if calendar.is_business_day(day) && !calendar.is_settlement_day(day) {
                holidays.banks_closed.insert(day);
            }
        }
    }
    holidays
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_exchange_keeps_the_holidays_of_the_calendar() {
        let calendar = Calendar::shipped();
        let holidays = holidays(&calendar);
        let mut special = 0;
        for day in date(2026, 1, 1).series(1.day()).take(365) {
            assert_eq!(
                holidays.is_open(day),
                calendar.is_business_day(day),
                "{day}"
            );
            assert_eq!(
                holidays.banks_work(day),
                calendar.is_settlement_day(day),
                "{day}"
            );
            special += u32::from(holidays.closed.contains(&day));
        }
        assert!(special >= 15);
    }
}
