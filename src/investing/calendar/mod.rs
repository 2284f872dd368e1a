//! Which days count, and what follows from that: NAV dates, settlement, due dates.
//!
//! Three kinds of weekday that are no ordinary business day occur: holidays, on which
//! nothing moves; settlement holidays, on which the exchange is open and the banks are
//! not, so that equity schemes have a NAV and orders flow, while debt and liquid schemes
//! have none and nobody is paid; and days declared a holiday at short notice, which is
//! why the lists are data and can be replaced while the service runs. A NAV that exists
//! for a date says nothing about the date being a business day.
//!
//! **How far a year without a list is trusted.** The exchanges publish a year's list in
//! the middle of the December before. Until then every weekday of that year counts as a
//! business day, because plans that run for years need dates; [`Calendar::knows`] says
//! no, and whoever shows such a date to a person calls it provisional. Nothing stores a
//! shifted date for later: due dates are stored as agreed and shifted anew when they
//! come, with the list that is there by then.

mod applicability;
mod due;
mod file;

use std::borrow::Cow;
use std::collections::BTreeMap;

use jiff::civil::{Date, Weekday};

pub use applicability::{Applied, LATEST_PAYOUT_DAYS, NavClass, Side};
pub use due::{Due, DueDay};
pub use file::BadCalendar;

/// The year 2026 as BSE, NSE and ICCL published it, shipped with the program.
const SHIPPED: &[&str] = &[include_str!("in-mf-2026.json")];

/// A figure older than this many business days is told as old.
const STALE_BUSINESS_DAYS: u32 = 2;

/// The holidays of the mutual-fund segment, year by year.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Calendar {
    years: BTreeMap<i16, Year>,
    /// Days closed beside the lists.
    closed: BTreeMap<Date, Special>,
}

/// One year's list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Year {
    year: i16,
    days: BTreeMap<Date, Special>,
}

/// A day that is not what its weekday says.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Special {
    kind: Kind,
    name: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Holiday,
    SettlementHoliday,
    /// A Saturday or Sunday on which funds do business.
    Session,
}

impl Year {
    /// Reads a year's list; `file` is its text.
    pub fn parse(file: &str) -> Result<Self, BadCalendar> {
        file::parse(file)
    }

    /// Returns which year it is of.
    pub fn number(&self) -> i16 {
        self.year
    }

    /// Returns how many days it names.
    pub fn len(&self) -> usize {
        self.days.len()
    }

    /// Returns whether it names no day at all.
    pub fn is_empty(&self) -> bool {
        self.days.is_empty()
    }
}

impl Calendar {
    /// Returns the calendar of the lists that are shipped.
    pub fn shipped() -> Self {
        let mut calendar = Self::default();
        for text in SHIPPED {
            calendar.put(Year::parse(text).expect("a list that a test reads"));
        }
        calendar
    }

    /// Adds a year's list in place of any earlier one.
    pub fn put(&mut self, year: Year) {
        self.years.insert(year.year, year);
    }

    /// Returns whether there is a list for the year of `date`. Where there is none, all
    /// weekdays count and every answer about them is provisional.
    pub fn knows(&self, date: Date) -> bool {
        self.years.contains_key(&date.year())
    }

    /// Returns this calendar with some more days closed, as those that a scheme alone
    /// keeps.
    pub fn closed_on(&self, days: &[Date]) -> Cow<'_, Self> {
        if days.is_empty() {
            return Cow::Borrowed(self);
        }
        let mut own = self.clone();
        for day in days {
            let special = Special {
                kind: Kind::Holiday,
                name: "the scheme does no business".to_owned(),
            };
            own.closed.insert(*day, special);
        }
        Cow::Owned(own)
    }

    /// Returns the years there are lists for.
    pub fn years(&self) -> impl Iterator<Item = i16> + '_ {
        self.years.keys().copied()
    }

    /// Names the holiday of a day, if it is one.
    pub fn holiday(&self, date: Date) -> Option<&str> {
        let special = self.special(date)?;
        (special.kind != Kind::Session).then_some(special.name.as_str())
    }

    /// Returns whether the exchange is open for orders, and equity schemes have a NAV.
    pub fn is_business_day(&self, date: Date) -> bool {
        match self.special(date).map(|special| special.kind) {
            Some(Kind::Holiday) => false,
            Some(Kind::SettlementHoliday | Kind::Session) => true,
            None => !matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday),
        }
    }

    /// Returns whether, besides, banks and clearing are: debt and liquid schemes do
    /// business, money comes and goes.
    pub fn is_settlement_day(&self, date: Date) -> bool {
        let kind = self.special(date).map(|special| special.kind);
        kind != Some(Kind::SettlementHoliday) && self.is_business_day(date)
    }

    /// Returns whether schemes of a class do business.
    pub fn is_business_day_for(&self, class: NavClass, date: Date) -> bool {
        match class {
            NavClass::Equity => self.is_business_day(date),
            NavClass::Debt | NavClass::Liquid | NavClass::Overnight => self.is_settlement_day(date),
        }
    }

    /// Returns the first business day after `date`.
    pub fn next_business_day(&self, date: Date) -> Date {
        self.add_business_days(date, 1)
    }

    /// Returns `date` if it is a business day, or else the first one after it.
    pub fn business_day_from(&self, date: Date) -> Date {
        first(date, |day| self.is_business_day(day))
    }

    /// Counts `days` business days on from `date`; none is `date` itself, whatever it is.
    pub fn add_business_days(&self, date: Date, days: u32) -> Date {
        add(date, days, |day| self.is_business_day(day))
    }

    /// Counts `days` days on which banks and clearing work on from `date`; none is the
    /// first such day from `date` on.
    pub fn add_settlement_days(&self, date: Date, days: u32) -> Date {
        let is_one = |day| self.is_settlement_day(day);
        first(add(date, days, is_one), is_one)
    }

    /// Counts the business days after `from` up to `to`: how old a figure of `from` is.
    pub fn business_days_between(&self, from: Date, to: Date) -> u32 {
        let mut count = 0;
        let mut day = from;
        while day < to {
            day = after(day);
            count += u32::from(self.is_business_day(day));
        }
        count
    }

    /// Returns whether a figure of `of` is so old on `today` that it has to be said.
    pub fn is_stale(&self, of: Date, today: Date) -> bool {
        self.business_days_between(of, today) > STALE_BUSINESS_DAYS
    }

    fn special(&self, date: Date) -> Option<&Special> {
        let listed = || self.years.get(&date.year())?.days.get(&date);
        self.closed.get(&date).or_else(listed)
    }
}

fn add(date: Date, days: u32, counts: impl Fn(Date) -> bool) -> Date {
    (0..days).fold(date, |day, _| first(after(day), &counts))
}

/// The last day a calendar can write is a Friday of a year no list is accepted for, so
/// this ends.
fn first(from: Date, counts: impl Fn(Date) -> bool) -> Date {
    let mut day = from;
    while !counts(day) {
        day = after(day);
    }
    day
}

fn after(day: Date) -> Date {
    day.tomorrow().unwrap_or(Date::MAX)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn weekends_holidays_and_sessions_are_told_apart() {
        let calendar = Calendar::shipped();
        let table = [
            (date(2026, 11, 20), true, true),
            (date(2026, 11, 21), false, false),
            (date(2026, 11, 24), false, false),
            (date(2026, 1, 15), false, false),
            // Banks are closed, the exchange is open.
            (date(2026, 8, 26), true, false),
            (date(2026, 4, 1), true, false),
            // Live trading on a Sunday makes no business day of the funds.
            (date(2026, 2, 1), false, false),
            (date(2026, 11, 8), false, false),
        ];
        for (day, business, settlement) in table {
            assert_eq!(calendar.is_business_day(day), business, "{day}");
            assert_eq!(calendar.is_settlement_day(day), settlement, "{day}");
        }
        assert_eq!(calendar.holiday(date(2026, 12, 25)), Some("Christmas"));
        assert_eq!(calendar.holiday(date(2026, 12, 24)), None);
    }

    #[test]
    fn a_year_without_a_list_is_said_to_be_unknown_and_goes_by_weekdays() {
        let calendar = Calendar::shipped();
        assert!(calendar.knows(date(2026, 12, 31)) && !calendar.knows(date(2027, 1, 1)));
        assert!(calendar.is_business_day(date(2027, 1, 26)));
        let file = r#"{"year": 2027, "mf_segment_holidays": [
            {"date": "2027-01-26", "name": "Republic Day"}],
            "settlement_only_holidays": [], "special_sessions": [
            {"date": "2027-01-30", "name": "Drill on a Saturday", "mf_business_day": true}]}"#;
        let mut later = calendar.clone();
        later.put(Year::parse(file).unwrap());
        assert!(later.knows(date(2027, 1, 1)) && !later.is_business_day(date(2027, 1, 26)));
        assert!(later.is_business_day(date(2027, 1, 30)));
        assert_eq!(later.holiday(date(2027, 1, 30)), None);
        assert_eq!(later.years().collect::<Vec<_>>(), [2026, 2027]);
    }

    #[test]
    fn business_days_are_counted_over_holidays() {
        let calendar = Calendar::shipped();
        let friday = date(2026, 11, 20);
        assert_eq!(calendar.next_business_day(friday), date(2026, 11, 23));
        assert_eq!(calendar.add_business_days(friday, 2), date(2026, 11, 25));
        assert_eq!(calendar.add_business_days(friday, 0), friday);
        assert_eq!(
            calendar.business_day_from(date(2026, 11, 24)),
            date(2026, 11, 25)
        );
        assert_eq!(
            calendar.business_days_between(friday, date(2026, 11, 25)),
            2
        );
        assert_eq!(calendar.business_days_between(friday, friday), 0);
        // Monday and Wednesday are two business days; Tuesday is none.
        assert!(!calendar.is_stale(friday, date(2026, 11, 25)));
        assert!(calendar.is_stale(friday, date(2026, 11, 26)));
        // Nobody is paid on a day the banks are closed.
        let tuesday = date(2026, 8, 25);
        assert_eq!(calendar.add_settlement_days(tuesday, 1), date(2026, 8, 27));
        assert_eq!(calendar.add_business_days(tuesday, 1), date(2026, 8, 26));
        assert_eq!(
            calendar.add_settlement_days(date(2026, 8, 26), 0),
            date(2026, 8, 27)
        );
        assert_eq!(calendar.next_business_day(Date::MAX), Date::MAX);
    }
}
