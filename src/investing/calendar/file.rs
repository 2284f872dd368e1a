//! A year's list as a file: JSON, strict, in the shape of `in-mf-2026.json`.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::Deserialize;

use super::{Kind, Special, Year};

/// Why a list was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadCalendar {
    /// It is not JSON of that shape.
    #[error("the calendar cannot be read: {0}")]
    Unreadable(String),
    /// A year nobody plans for.
    #[error("the calendar is of the year {0}; 2000 to 2199 are accepted")]
    Year(i16),
    /// A day of another year.
    #[error("the calendar of {year} has {date} in `{list}`")]
    OtherYear {
        /// Year of the list.
        year: i16,
        /// The stranger.
        date: Date,
        /// Which list it stands in.
        list: &'static str,
    },
    /// A day in two lists, or twice in one.
    #[error("the calendar has {0} twice")]
    Twice(Date),
    /// A list of a whole year without a holiday is a list that broke on the way.
    #[error("the calendar of {0} has no holiday at all")]
    Empty(i16),
}

/// Keys that explain the file to people (`sources`, `note`) are left out.
#[derive(Deserialize)]
struct File {
    year: i16,
    mf_segment_holidays: Vec<Day>,
    settlement_only_holidays: Vec<Day>,
    special_sessions: Vec<Day>,
}

#[derive(Deserialize)]
struct Day {
    date: Date,
    name: String,
    /// Of a session: whether funds do business. Not stated means no.
    #[serde(rename = "mf_business_day")]
    is_open: Option<bool>,
}

pub(super) fn parse(file: &str) -> Result<Year, BadCalendar> {
    let file: File =
        serde_json::from_str(file).map_err(|error| BadCalendar::Unreadable(error.to_string()))?;
    let year = file.year;
    if !(2000..=2199).contains(&year) {
        return Err(BadCalendar::Year(year));
    }
    if file.mf_segment_holidays.is_empty() {
        return Err(BadCalendar::Empty(year));
    }
    let lists = [
        ("mf_segment_holidays", file.mf_segment_holidays),
        ("settlement_only_holidays", file.settlement_only_holidays),
        ("special_sessions", file.special_sessions),
    ];
    let mut days = BTreeMap::new();
    for (list, entries) in lists {
        for day in entries {
            let date = day.date;
            if date.year() != year {
                return Err(BadCalendar::OtherYear { year, date, list });
            }
            let kind = match list {
                "settlement_only_holidays" => Kind::SettlementHoliday,
                "special_sessions" if day.is_open == Some(true) => Kind::Session,
                _ => Kind::Holiday,
            };
            let special = Special {
                kind,
                name: day.name,
            };
            if days.insert(date, special).is_some() {
                return Err(BadCalendar::Twice(date));
            }
        }
    }
    Ok(Year { year, days })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_that_cannot_be_right_is_refused_with_the_day_named() {
        let file = |days: &str| {
            format!(
                r#"{{"year": 2027, "mf_segment_holidays": [{days}],
                "settlement_only_holidays": [], "special_sessions": []}}"#
            )
        };
        let day = |date: &str| format!(r#"{{"date": "{date}", "name": "Some day"}}"#);
        let table = [
            (
                file(&day("2026-01-26")),
                "has 2026-01-26 in `mf_segment_holidays`",
            ),
            (
                file(&format!("{0},{0}", day("2027-01-26"))),
                "has 2027-01-26 twice",
            ),
            (file(""), "no holiday at all"),
            (file(&day("2027-02-30")), "cannot be read"),
            (
                r#"{"year": 2027, "holidays": []}"#.to_owned(),
                "cannot be read",
            ),
            (
                file(&day("2027-01-26")).replace("2027", "1927"),
                "year 1927",
            ),
        ];
        for (text, what) in table {
            let error = parse(&text).unwrap_err().to_string();
            assert!(error.contains(what), "{error}");
        }
        assert_eq!(parse(&file(&day("2027-01-26"))).unwrap().len(), 1);
    }
}
