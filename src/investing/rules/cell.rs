//! What may stand in one cell of a rules file. Each reader returns the value, or the
//! problem in words that follow the cell's text.

use jiff::civil::{Date, Time};
use rust_decimal::Decimal;

use super::{ExitLoad, Offer, PanLimit, Per, PlanTerms, RiskLevel, RiskOMeter, Slab};
use crate::investing::calendar::NavClass;
use crate::investing::money::Paise;
use crate::investing::tax::TaxClass;

pub(super) type Read<T> = Result<T, String>;

pub(super) fn flag(text: &str) -> Read<bool> {
    match text {
        "yes" => Ok(true),
        "no" => Ok(false),
        _ => Err("is neither yes nor no".to_owned()),
    }
}

/// Rupees with at most two decimals, without commas.
pub(super) fn amount(text: &str) -> Read<Paise> {
    let wrong = || "is no amount in rupees, such as 5000 or 499.50".to_owned();
    let rupees = number(text).ok_or_else(wrong)?;
    if rupees.scale() > 2 {
        return Err(wrong());
    }
    Paise::from_rupees(rupees).ok_or_else(wrong)
}

pub(super) fn units(text: &str) -> Read<Decimal> {
    number(text).ok_or_else(|| "is no number of units".to_owned())
}

pub(super) fn count(text: &str) -> Read<u32> {
    let number = text.parse().ok().filter(|number| *number <= 10_000);
    number.ok_or_else(|| "is no whole number".to_owned())
}

pub(super) fn date(text: &str) -> Read<Date> {
    let is_iso = text.len() == 10;
    let date = is_iso.then(|| text.parse().ok()).flatten();
    date.ok_or_else(|| "is no date, such as 2026-08-24".to_owned())
}

pub(super) fn dates(text: &str) -> Read<Vec<Date>> {
    text.split_whitespace().map(date).collect()
}

pub(super) fn clock_time(text: &str) -> Read<Time> {
    let time = Time::strptime("%H:%M", text);
    time.map_err(|_| "is no time, such as 14:30".to_owned())
}

pub(super) fn class(text: &str) -> Read<NavClass> {
    match text {
        "equity" => Ok(NavClass::Equity),
        "debt" => Ok(NavClass::Debt),
        "liquid" => Ok(NavClass::Liquid),
        "overnight" => Ok(NavClass::Overnight),
        _ => Err("is not equity, debt, liquid or overnight".to_owned()),
    }
}

pub(super) fn tax_class(text: &str) -> Read<TaxClass> {
    match text {
        "equity" => Ok(TaxClass::Equity),
        "debt" => Ok(TaxClass::Debt),
        "other" => Ok(TaxClass::Other),
        "other_listed" => Ok(TaxClass::OtherListed),
        _ => Err("is not equity, debt, other or other_listed".to_owned()),
    }
}

/// `50000/day`, `1000000/month`, `200000/ever`.
pub(super) fn pan_limit(text: &str) -> Read<PanLimit> {
    let wrong = || "is no limit, such as 1000000/month".to_owned();
    let (sum, per) = text.split_once('/').ok_or_else(wrong)?;
    let per = match per.trim() {
        "day" => Per::Day,
        "month" => Per::Month,
        "ever" => Per::Ever,
        _ => return Err(wrong()),
    };
    let amount = amount(sum.trim()).map_err(|_| wrong())?;
    Ok(PanLimit { amount, per })
}

/// `very_high 2026-07`.
pub(super) fn risk(text: &str) -> Read<RiskOMeter> {
    let wrong = || "is no level with its month, such as very_high 2026-07".to_owned();
    let (level, month) = text.split_once(' ').ok_or_else(wrong)?;
    let mut levels = RiskLevel::ALL.into_iter();
    let level = levels.find(|known| known.as_str() == level);
    let month = date(&format!("{}-01", month.trim())).map_err(|_| wrong())?;
    Ok(RiskOMeter {
        level: level.ok_or_else(wrong)?,
        month,
    })
}

/// `3y`, `36m`, `none`.
pub(super) fn lock_in(text: &str) -> Read<u32> {
    let wrong = || "is no lock-in, such as 3y, 36m or none".to_owned();
    if text == "none" {
        return Ok(0);
    }
    let (number, factor) = match (text.strip_suffix('y'), text.strip_suffix('m')) {
        (Some(years), _) => (years, 12),
        (_, Some(months)) => (months, 1),
        _ => return Err(wrong()),
    };
    let months = count(number).map_err(|_| wrong())?;
    Ok(months * factor)
}

/// `nil`, or `1% until 365d`, several parted by `;`, with `free 10%` where a share of the
/// units goes without.
pub(super) fn exit_load(text: &str) -> Read<ExitLoad> {
    let wrong = || "is no exit load, such as 1% until 365d; free 10%, or nil".to_owned();
    let percent = |text: &str| {
        let number = number(text.trim().strip_suffix('%')?)?;
        (number <= Decimal::ONE_HUNDRED).then_some(number)
    };
    let mut load = ExitLoad::default();
    if text == "nil" {
        return Ok(load);
    }
    for part in text.split(';').map(str::trim) {
        if let Some(free) = part.strip_prefix("free ") {
            load.free_percent = percent(free).ok_or_else(wrong)?;
            continue;
        }
        let (rate, until) = part.split_once(" until ").ok_or_else(wrong)?;
        let days = until.trim().strip_suffix('d').ok_or_else(wrong)?;
        let slab = Slab {
            days: count(days).map_err(|_| wrong())?,
            percent: percent(rate).ok_or_else(wrong)?,
        };
        if load.slabs.last().is_some_and(|last| last.days >= slab.days) {
            return Err("has steps that are not in the order of their days".to_owned());
        }
        load.slabs.push(slab);
    }
    if load.slabs.is_empty() {
        return Err(wrong());
    }
    Ok(load)
}

/// `no`, `yes`, or `min=500 step=100 days=1-28 instalments=6`, any of them left out where
/// it is not on record. Days of weekly plans are those of the week: `days=1-5`.
pub(super) fn offer(text: &str, last_day: i8) -> Read<Offer> {
    match text {
        "no" => return Ok(Offer::No),
        "yes" => return Ok(Offer::Yes(PlanTerms::default())),
        _ => {}
    }
    let mut terms = PlanTerms::default();
    for part in text.split_whitespace() {
        let Some((name, value)) = part.split_once('=') else {
            return Err(format!("has `{part}`, which is no name=value"));
        };
        let inside = |problem: String| format!("has {name} `{value}`, which {problem}");
        match name {
            "min" => terms.minimum = Some(amount(value).map_err(inside)?),
            "step" => terms.multiple = Some(amount(value).map_err(inside)?),
            "instalments" => terms.instalments = Some(count(value).map_err(inside)?),
            "days" => terms.days = Some(days(value, last_day).map_err(inside)?),
            _ => {
                return Err(format!(
                    "has `{name}`, which is not min, step, days or instalments"
                ));
            }
        }
    }
    Ok(Offer::Yes(terms))
}

/// `1-28`, `1,5,10`, `1-5,10`.
fn days(text: &str, last: i8) -> Read<Vec<i8>> {
    let wrong = || format!("are no days from 1 to {last}, such as 1-5,10");
    let mut days = Vec::new();
    for part in text.split(',') {
        let (from, to) = part.split_once('-').unwrap_or((part, part));
        let (from, to): (i8, i8) = match (from.parse(), to.parse()) {
            (Ok(from), Ok(to)) if 1 <= from && from <= to && to <= last => (from, to),
            _ => return Err(wrong()),
        };
        days.extend(from..=to);
    }
    days.sort_unstable();
    days.dedup();
    Ok(days)
}

/// Digits, with a point and decimals if need be: no sign, no commas, no exponent.
fn number(text: &str) -> Option<Decimal> {
    let is_plain = text.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    let starts_with_digit = text.starts_with(|c: char| c.is_ascii_digit());
    (is_plain && starts_with_digit)
        .then(|| text.parse().ok())
        .flatten()
}

#[cfg(test)]
mod tests {
    use jiff::civil;

    use super::*;

    #[test]
    fn cells_are_read_as_they_are_meant() {
        let d = |text: &str| text.parse::<Decimal>().unwrap();
        assert_eq!(amount("499.50"), Ok(Paise(49_950)));
        assert_eq!(clock_time("14:30"), Ok(civil::time(14, 30, 0, 0)));
        assert_eq!(
            pan_limit("1000000/month"),
            Ok(PanLimit {
                amount: Paise(100_000_000),
                per: Per::Month
            })
        );
        assert_eq!(
            risk("low_to_moderate 2026-07"),
            Ok(RiskOMeter {
                level: RiskLevel::LowToModerate,
                month: civil::date(2026, 7, 1)
            })
        );
        assert_eq!(
            (lock_in("3y"), lock_in("18m"), lock_in("none")),
            (Ok(36), Ok(18), Ok(0))
        );
        let load = exit_load("2% until 90d; 0.5% until 365d; free 10%").unwrap();
        assert_eq!(
            (load.percent(91), load.free_percent),
            (d("0.5"), Decimal::TEN)
        );
        assert_eq!(exit_load("nil"), Ok(ExitLoad::default()));
        let Ok(Offer::Yes(terms)) = offer("min=500 step=100 days=1-3,10 instalments=6", 31) else {
            panic!("it is offered");
        };
        assert_eq!(terms.days, Some(vec![1, 2, 3, 10]));
        assert_eq!(
            (terms.minimum, terms.instalments),
            (Some(Paise(50_000)), Some(6))
        );
        assert_eq!(offer("no", 31), Ok(Offer::No));
    }

    #[test]
    fn what_is_no_such_thing_is_refused() {
        for text in [
            "",
            "-5",
            "1,000",
            "5.005",
            "1e3",
            ".5",
            "₹5",
            "99999999999999999999",
        ] {
            assert!(amount(text).is_err(), "{text}");
        }
        for text in [
            "1% until 365",
            "1 until 365d",
            "free 10%",
            "101% until 1d",
            "x",
            "1% until 365d; 2% until 90d",
        ] {
            assert!(exit_load(text).is_err(), "{text}");
            assert!(tax_class(text).is_err(), "{text}");
        }
        for text in ["min=x", "days=0", "days=5-1", "days=32", "most=5", "500"] {
            assert!(offer(text, 31).is_err(), "{text}");
        }
        assert!(offer("days=6", 5).is_err());
        assert!(risk("very high 2026-07").is_err() && risk("very_high").is_err());
        assert!(pan_limit("5/year").is_err() && lock_in("3").is_err());
        assert!(date("2026-8-4").is_err() && clock_time("25:00").is_err());
        assert!(flag("Y").is_err() && class("gold").is_err());
    }
}
