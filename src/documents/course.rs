//! How value and money put in went over time, from transactions and NAVs.
//!
//! A day has a value only if every scheme held on it has a NAV of that day or of the few
//! days before: a picture with guessed stretches would be worse than a shorter one.

use std::collections::BTreeMap;

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::facts::Point;
use crate::investing::Paise;

/// A NAV stands for this many days after its own: weekends, long holidays, late funds.
const STANDS: i32 = 10;

/// One scheme of a folio.
#[derive(Debug, Clone, Default)]
pub struct Line {
    /// Money paid in (negative: paid out).
    pub money: Vec<(Date, Paise)>,
    /// Units taken in (negative: given up).
    pub units: Vec<(Date, Decimal)>,
    /// NAVs on record.
    pub navs: BTreeMap<Date, Decimal>,
}

impl Line {
    fn units_on(&self, day: Date) -> Decimal {
        let until = self.units.iter().filter(|(date, _)| *date <= day);
        until.map(|(_, units)| *units).sum()
    }

    fn money_on(&self, day: Date) -> Paise {
        let until = self.money.iter().filter(|(date, _)| *date <= day);
        until.map(|(_, money)| *money).sum()
    }

    fn value_on(&self, day: Date) -> Option<Paise> {
        let units = self.units_on(day);
        if units.is_zero() {
            return Some(Paise(0));
        }
        let (date, nav) = self.navs.range(..=day).next_back()?;
        if (day - *date).get_days() > STANDS {
            return None;
        }
        Paise::from_rupees(units.checked_mul(*nav)?)
    }
}

/// Returns a point for each day with a NAV on which everything held can be valued.
pub fn course(lines: &[Line]) -> Vec<Point> {
    let first = lines
        .iter()
        .flat_map(|line| line.units.iter().map(|(date, _)| *date))
        .min();
    let Some(first) = first else {
        return Vec::new();
    };
    let mut days: Vec<Date> = lines
        .iter()
        .flat_map(|line| line.navs.range(first..).map(|(date, _)| *date))
        .collect();
    days.sort_unstable();
    days.dedup();
    days.into_iter()
        .filter_map(|date| {
            let value: Option<Paise> = lines.iter().map(|line| line.value_on(date)).sum();
            Some(Point {
                date,
                value: value?,
                invested: lines.iter().map(|line| line.money_on(date)).sum(),
            })
        })
        .collect()
}

/// Parts points, which are in order, where days lie between that nothing has a value for.
pub fn runs(points: &[Point]) -> impl Iterator<Item = &[Point]> {
    points.chunk_by(|one, next| (next.date - one.date).get_days() <= STANDS)
}

/// Returns the last point of each month.
pub fn by_month(points: &[Point]) -> Vec<Point> {
    let mut kept: Vec<Point> = Vec::new();
    for point in points {
        let month = |date: Date| (date.year(), date.month());
        match kept.last_mut() {
            Some(last) if month(last.date) == month(point.date) => *last = *point,
            _ => kept.push(*point),
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn line(units: &[(Date, i64)], navs: &[(Date, i64)]) -> Line {
        Line {
            money: units.iter().map(|(d, n)| (*d, Paise(n * 10_000))).collect(),
            units: units.iter().map(|(d, n)| (*d, Decimal::from(*n))).collect(),
            navs: navs.iter().map(|(d, n)| (*d, Decimal::from(*n))).collect(),
        }
    }

    #[test]
    fn a_day_is_valued_only_when_everything_held_has_a_fresh_nav() {
        let a = line(
            &[(date(2026, 1, 5), 2), (date(2026, 2, 5), 1)],
            &[
                (date(2026, 1, 5), 100),
                (date(2026, 1, 20), 110),
                (date(2026, 2, 5), 120),
            ],
        );
        let alone = course(std::slice::from_ref(&a));
        let said: Vec<_> = alone.iter().map(|p| (p.value.0, p.invested.0)).collect();
        assert_eq!(said, [(20_000, 20_000), (22_000, 20_000), (36_000, 30_000)]);
        // The other scheme's NAV is too old on 5 February.
        let b = line(&[(date(2026, 1, 12), 1)], &[(date(2026, 1, 12), 50)]);
        let both = course(&[a, b]);
        let days: Vec<_> = both.iter().map(|p| p.date).collect();
        assert_eq!(
            days,
            [date(2026, 1, 5), date(2026, 1, 12), date(2026, 1, 20)]
        );
        assert_eq!(both[1].value, Paise(25_000));
        assert_eq!(by_month(&both).len(), 1);
        assert_eq!(by_month(&both)[0].date, date(2026, 1, 20));
    }

    #[test]
    fn days_without_navs_part_the_course() {
        let navs = [
            (date(2026, 1, 5), 100),
            (date(2026, 1, 15), 101),
            (date(2026, 1, 26), 102),
        ];
        let points = course(&[line(&[(date(2026, 1, 5), 1)], &navs)]);
        let lengths: Vec<_> = runs(&points).map(<[Point]>::len).collect();
        assert_eq!(lengths, [2, 1], "ten days are bridged, eleven are not");
        assert_eq!(runs(&[]).count(), 0);
    }

    #[test]
    fn nothing_bought_is_no_course() {
        assert_eq!(course(&[]), []);
    }
}
