//! When the instalments of a plan are due.

use jiff::Span;
use jiff::civil::{Date, Weekday};

use super::Calendar;
use crate::investing::orders::Frequency;

/// One instalment's place in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due {
    /// Which instalment, from 1.
    pub number: u32,
    /// The day agreed on.
    pub due: Date,
    /// The business day it runs on: the day itself, or the first one after it.
    pub on: Date,
}

/// The day an investor picks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DueDay {
    /// Any: the first day there is.
    Any,
    /// Of the month, 1 to 31; a month that is shorter ends with its last day.
    OfMonth(i8),
    /// Of the week.
    OfWeek(Weekday),
}

impl DueDay {
    /// Returns the first such day from `earliest` on.
    pub fn first(self, earliest: Date) -> Date {
        match self {
            Self::Any => earliest,
            Self::OfWeek(day) => {
                let away = earliest.weekday().until(day);
                earliest.saturating_add(Span::new().days(away))
            }
            Self::OfMonth(day) => {
                let in_month = |month: Date| {
                    let day = day.clamp(1, month.days_in_month());
                    month
                        .first_of_month()
                        .saturating_add(Span::new().days(day - 1))
                };
                let this = in_month(earliest);
                if this >= earliest {
                    this
                } else {
                    let next = earliest
                        .first_of_month()
                        .saturating_add(Span::new().months(1));
                    in_month(next)
                }
            }
        }
    }
}

impl Calendar {
    /// Returns the instalments of a plan whose first is due on `start`, for as long as
    /// they are asked for. From month to month the day stays that of `start`, or the
    /// last one of a shorter month; daily plans run on business days.
    pub fn sip_dates(&self, frequency: Frequency, start: Date) -> impl Iterator<Item = Due> + '_ {
        let daily = (frequency == Frequency::Daily).then(|| {
            let first = self.business_day_from(start);
            std::iter::successors(Some(first), |day| {
                let next = self.next_business_day(*day);
                (next > *day).then_some(next)
            })
        });
        let others = (frequency != Frequency::Daily)
            .then(|| (0..i64::from(u32::MAX)).map_while(move |at| nth(frequency, start, at)));
        let days = daily
            .into_iter()
            .flatten()
            .chain(others.into_iter().flatten());
        (1..).zip(days).map(|(number, due)| Due {
            number,
            due,
            on: self.business_day_from(due),
        })
    }
}

/// Returns the day `at` steps after `start`, each counted from `start` itself so that a
/// short month shortens no other.
fn nth(frequency: Frequency, start: Date, at: i64) -> Option<Date> {
    let span = match frequency {
        Frequency::Daily => Span::new().try_days(at),
        Frequency::Weekly => Span::new().try_weeks(at),
        Frequency::Fortnightly => Span::new().try_weeks(2 * at),
        Frequency::Monthly => Span::new().try_months(at),
        Frequency::Quarterly => Span::new().try_months(3 * at),
        Frequency::HalfYearly => Span::new().try_months(6 * at),
        Frequency::Yearly => Span::new().try_years(at),
    };
    start.checked_add(span.ok()?).ok()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;
    use crate::investing::tests::vectors;

    #[test]
    fn due_dates_are_as_the_vectors_have_them() {
        let calendar = Calendar::shipped();
        let rows = vectors::rows("sip_due_date");
        assert_eq!(rows.len(), 4);
        for row in rows {
            let month: Date = format!("{}-01", row["month"].as_str().unwrap())
                .parse()
                .unwrap();
            let day = i8::try_from(row["sip_day"].as_i64().unwrap()).unwrap();
            let start = DueDay::OfMonth(day).first(month);
            let due = calendar
                .sip_dates(Frequency::Monthly, start)
                .next()
                .unwrap();
            assert_eq!(due.due, vectors::date(&row["due"]), "{row}");
            assert_eq!(due.on, vectors::date(&row["nav_date"]), "{row}");
        }
    }

    #[test]
    fn every_frequency_keeps_its_step_and_its_day() {
        let calendar = Calendar::shipped();
        let start = date(2026, 8, 31);
        let third = |frequency| calendar.sip_dates(frequency, start).nth(2).unwrap();
        let table = [
            (Frequency::Daily, date(2026, 9, 2)),
            (Frequency::Weekly, date(2026, 9, 14)),
            (Frequency::Fortnightly, date(2026, 9, 28)),
            (Frequency::Monthly, date(2026, 10, 31)),
            (Frequency::Quarterly, date(2027, 2, 28)),
            (Frequency::HalfYearly, date(2027, 8, 31)),
            (Frequency::Yearly, date(2028, 8, 31)),
        ];
        assert_eq!(table.len(), Frequency::ALL.len());
        for (frequency, day) in table {
            assert_eq!(third(frequency).due, day, "{frequency}");
            assert_eq!(third(frequency).number, 3);
        }
        // 14 September is Ganesh Chaturthi.
        assert_eq!(third(Frequency::Weekly).on, date(2026, 9, 15));
        let short = calendar
            .sip_dates(Frequency::Monthly, start)
            .nth(1)
            .unwrap();
        assert_eq!(short.due, date(2026, 9, 30), "September has no 31st");
    }

    #[test]
    fn the_first_day_is_the_next_one_that_fits() {
        let from = date(2026, 11, 20);
        assert_eq!(DueDay::OfMonth(20).first(from), from);
        assert_eq!(DueDay::OfMonth(19).first(from), date(2026, 12, 19));
        assert_eq!(DueDay::OfMonth(31).first(from), date(2026, 11, 30));
        assert_eq!(
            DueDay::OfMonth(30).first(date(2027, 1, 31)),
            date(2027, 2, 28)
        );
        assert_eq!(DueDay::OfWeek(Weekday::Friday).first(from), from);
        assert_eq!(
            DueDay::OfWeek(Weekday::Thursday).first(from),
            date(2026, 11, 26)
        );
        assert_eq!(DueDay::Any.first(from), from);
    }

    proptest! {
        #[test]
        fn instalments_go_forward_and_run_on_business_days(
            days in 0i64..3_000, frequency in 0usize..7
        ) {
            let calendar = Calendar::shipped();
            let start = date(2024, 1, 1).saturating_add(Span::new().days(days));
            let frequency = Frequency::ALL[frequency];
            let dues: Vec<Due> = calendar.sip_dates(frequency, start).take(40).collect();
            for pair in dues.windows(2) {
                prop_assert!(pair[0].due < pair[1].due && pair[0].on <= pair[1].on);
            }
            for due in &dues {
                prop_assert!(calendar.is_business_day(due.on) && due.on >= due.due);
                prop_assert!((due.on - due.due).get_days() <= 6);
            }
        }
    }
}
