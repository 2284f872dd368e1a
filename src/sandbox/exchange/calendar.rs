//! Business days, cut-offs and NAV dates, as the exchange reckons them
//! (cut-offs by SEBI's Master Circular for Mutual Funds of 20-Mar-2026). It has a calendar of
//! its own on purpose: two reckonings that must agree find each other's mistakes.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::civil::{Date, Time, Weekday, time};

use super::market::Class;
use crate::clock::ist;

/// Days on which nothing, or no bank, works.
#[derive(Debug, Clone, Default)]
pub struct Holidays {
    /// The exchange is closed.
    pub closed: BTreeSet<Date>,
    /// The exchange is open, banks and clearing are closed.
    pub banks_closed: BTreeSet<Date>,
    /// Saturdays and Sundays on which it is open.
    pub sessions: BTreeSet<Date>,
}

const NOON_AND_A_HALF: Time = time(13, 30, 0, 0);
const THREE: Time = time(15, 0, 0, 0);
const SEVEN: Time = time(19, 0, 0, 0);

impl Holidays {
    /// Returns whether the exchange works on a day.
    pub fn is_open(&self, day: Date) -> bool {
        let usual = !is_weekend(day) || self.sessions.contains(&day);
        usual && !self.closed.contains(&day)
    }

    /// Returns whether banks work on a day the exchange works on.
    pub fn banks_work(&self, day: Date) -> bool {
        self.is_open(day) && !self.banks_closed.contains(&day)
    }

    fn is_business_day(&self, class: Class, day: Date) -> bool {
        match class {
            Class::Equity => self.is_open(day),
            Class::Debt | Class::Liquid | Class::Overnight => self.banks_work(day),
        }
    }

    /// Returns the first day that fits, from `day` on.
    fn first(day: Date, fits: impl Fn(Date) -> bool) -> Date {
        let mut day = day;
        // Nothing is closed for a month: a calendar that says so is no calendar.
        for _ in 0..31 {
            if fits(day) {
                return day;
            }
            day = tomorrow(day);
        }
        day
    }

    /// Returns the first bank day from `day` on.
    pub fn bank_day(&self, day: Date) -> Date {
        Self::first(day, |day| self.banks_work(day))
    }

    /// Returns the first exchange day from `day` on.
    pub fn open_day(&self, day: Date) -> Date {
        Self::first(day, |day| self.is_open(day))
    }

    /// Returns the bank day that comes `count` bank days after `day`.
    pub fn bank_days_after(&self, day: Date, count: u32) -> Date {
        (0..count).fold(day, |day, _| self.bank_day(tomorrow(day)))
    }

    fn business_day(&self, class: Class, day: Date) -> Date {
        Self::first(day, |day| self.is_business_day(class, day))
    }

    /// Returns the NAV date of a purchase asked for at `asked` with money there at `funds`.
    pub fn purchase_nav(&self, class: Class, asked: Timestamp, funds: Timestamp) -> Date {
        let (day, at) = in_india(asked.max(funds));
        let liquid = matches!(class, Class::Liquid | Class::Overnight);
        let cut_off = if liquid { NOON_AND_A_HALF } else { THREE };
        let in_time = self.is_business_day(class, day) && at <= cut_off;
        let day = if in_time {
            day
        } else {
            self.business_day(class, tomorrow(day))
        };
        if liquid { yesterday(day) } else { day }
    }

    /// Returns the business day a redemption asked for at `asked` counts as received on.
    pub fn redemption_day(&self, class: Class, asked: Timestamp) -> Date {
        let (day, at) = in_india(asked);
        let cut_off = if class == Class::Overnight {
            SEVEN
        } else {
            THREE
        };
        let in_time = self.is_business_day(class, day) && at <= cut_off;
        if in_time {
            day
        } else {
            self.business_day(class, tomorrow(day))
        }
    }

    /// Returns the NAV date of a redemption asked for at `asked`.
    pub fn redemption_nav(&self, class: Class, asked: Timestamp) -> Date {
        let day = self.redemption_day(class, asked);
        match class {
            Class::Equity | Class::Debt => day,
            Class::Liquid | Class::Overnight => yesterday(self.business_day(class, tomorrow(day))),
        }
    }

    /// Returns the day the money of a redemption is paid: two bank days after the NAV's,
    /// one for liquid and overnight funds.
    pub fn payout(&self, class: Class, nav: Date) -> Date {
        let days = match class {
            Class::Equity | Class::Debt => 2,
            Class::Liquid | Class::Overnight => 1,
        };
        self.bank_days_after(nav, days)
    }
}

pub(crate) fn is_weekend(day: Date) -> bool {
    matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday)
}

pub(crate) fn tomorrow(day: Date) -> Date {
    day.tomorrow().unwrap_or(Date::MAX)
}

fn yesterday(day: Date) -> Date {
    day.yesterday().unwrap_or(Date::MIN)
}

/// Returns the date and the time of day in India.
pub(crate) fn in_india(at: Timestamp) -> (Date, Time) {
    let zoned = at.to_zoned(ist());
    (zoned.date(), zoned.time())
}

/// Returns the moment at which it is `hour`:`minute` in India on `day`.
pub(crate) fn moment(day: Date, hour: i8, minute: i8) -> Timestamp {
    day.at(hour, minute, 0, 0)
        .to_zoned(ist())
        .map_or(Timestamp::MAX, |zoned| zoned.timestamp())
}

#[cfg(test)]
pub(crate) mod tests {
    use serde_json::Value;

    use super::*;

    const VECTORS: &str = include_str!("../../../tests/data/vectors/finance-vectors.json");
    /// Those of late 2026 that the vectors turn on.
    pub(crate) fn holidays() -> Holidays {
        let days = |texts: &[&str]| texts.iter().map(|day| day.parse().unwrap()).collect();
        Holidays {
            closed: days(&[
                "2026-09-14",
                "2026-10-02",
                "2026-10-20",
                "2026-11-10",
                "2026-11-24",
            ]),
            banks_closed: days(&["2026-08-26"]),
            sessions: days(&[]),
        }
    }

    fn at(row: &Value, field: &str) -> Timestamp {
        row[field].as_str().unwrap().parse().unwrap()
    }

    #[test]
    fn every_nav_date_of_the_vectors_is_reckoned() {
        let vectors: Value = serde_json::from_str(VECTORS).unwrap();
        let holidays = holidays();
        let rows = vectors["nav_date"].as_array().unwrap();
        assert_eq!(rows.len(), 12);
        for row in rows {
            let class = match row["class"].as_str().unwrap() {
                "equity_debt" => Class::Equity,
                "overnight_online" => Class::Overnight,
                _ => Class::Liquid,
            };
            let asked = at(row, "submitted");
            let nav = match row["side"].as_str().unwrap() {
                "purchase" => holidays.purchase_nav(class, asked, at(row, "funds")),
                _ => holidays.redemption_nav(class, asked),
            };
            assert_eq!(nav.to_string(), row["nav"].as_str().unwrap(), "{row}");
            for field in ["payout", "payout_by_T2"] {
                if let Some(payout) = row[field].as_str() {
                    assert_eq!(holidays.payout(class, nav).to_string(), payout, "{row}");
                }
            }
        }
    }

    #[test]
    fn on_a_bank_holiday_equity_has_a_nav_and_debt_moves_a_day() {
        let holidays = holidays();
        let asked = "2026-08-26T10:00+05:30".parse().unwrap();
        let equity = holidays.purchase_nav(Class::Equity, asked, asked);
        let debt = holidays.purchase_nav(Class::Debt, asked, asked);
        assert_eq!((equity.day(), debt.day()), (26, 27));
    }
}
