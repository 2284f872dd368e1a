//! Hours of the day, in India, in which nobody wants to hear the phone.

use jiff::Timestamp;
use jiff::civil::{DateTime, Time};

use crate::clock::ist;

const DAY: i64 = 24 * 60;

/// From a time of the day to another, which may lie on the next day. The first minute is
/// quiet, the last is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct QuietHours {
    /// Minutes since midnight.
    from: i64,
    to: i64,
}

impl QuietHours {
    /// Returns the hours between two times of the day, each an hour and a minute.
    pub const fn between(from: (i64, i64), to: (i64, i64)) -> Self {
        Self {
            from: from.0 * 60 + from.1,
            to: to.0 * 60 + to.1,
        }
    }

    /// Reads `22:00-07:30`.
    pub fn parse(text: &str) -> Option<Self> {
        let (from, to) = text.split_once('-')?;
        Self::from_minutes(minutes(from), minutes(to))
    }

    /// Returns the hours between two minutes of the day; `None` if one is missing or none,
    /// or if they would be the whole day.
    pub fn from_minutes(from: Option<i64>, to: Option<i64>) -> Option<Self> {
        let hours = Self {
            from: from?,
            to: to?,
        };
        let is_minute = |n: i64| (0..DAY).contains(&n);
        (is_minute(hours.from) && is_minute(hours.to) && hours.from != hours.to).then_some(hours)
    }

    /// Returns the minutes of the day they begin and end at.
    pub const fn to_minutes(self) -> (i64, i64) {
        (self.from, self.to)
    }

    /// Returns when the quiet ends that `now` lies in; `None` outside of it.
    pub fn end_after(self, now: Timestamp) -> Option<Timestamp> {
        let here = now.to_zoned(ist()).datetime();
        let minute = i64::from(here.hour()) * 60 + i64::from(here.minute());
        let after = |from: i64| (minute - from).rem_euclid(DAY);
        if after(self.from) >= (self.to - self.from).rem_euclid(DAY) {
            return None;
        }
        let midnight = DateTime::from_parts(here.date(), Time::midnight());
        let days = i64::from(self.to <= minute);
        let end = midnight.checked_add(jiff::Span::new().minutes(days * DAY + self.to));
        Some(end.ok()?.to_zoned(ist()).ok()?.timestamp())
    }
}

impl std::fmt::Display for QuietHours {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let clock = |minute: i64| format!("{:02}:{:02}", minute / 60, minute % 60);
        write!(f, "{}-{}", clock(self.from), clock(self.to))
    }
}

fn minutes(text: &str) -> Option<i64> {
    let (hours, minutes) = text.trim().split_once(':')?;
    let number = |text: &str, most: i64| {
        let number: i64 = (text.len() <= 2).then(|| text.parse().ok())??;
        (0..most).contains(&number).then_some(number)
    };
    Some(number(hours, 24)? * 60 + number(minutes, 60)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        format!("2026-08-{text}+05:30").parse().unwrap()
    }

    #[test]
    fn the_night_ends_in_the_morning_on_whichever_side_of_midnight_it_is_asked() {
        let night = QuietHours::parse("22:00-07:30").unwrap();
        for (now, end) in [
            ("24T22:00:00", Some("25T07:30:00")),
            ("24T23:59:59", Some("25T07:30:00")),
            ("25T00:00:00", Some("25T07:30:00")),
            ("25T07:29:59", Some("25T07:30:00")),
            ("25T07:30:00", None),
            ("24T21:59:59", None),
        ] {
            assert_eq!(night.end_after(at(now)), end.map(at), "{now}");
        }
        let noon = QuietHours::parse("13:00-14:00").unwrap();
        assert_eq!(noon.end_after(at("24T13:30:00")), Some(at("24T14:00:00")));
        assert_eq!(noon.end_after(at("24T14:00:00")), None);
        assert_eq!(noon.end_after(at("24T01:00:00")), None);
    }

    #[test]
    fn hours_read_as_they_are_written_and_nothing_else_reads() {
        for text in ["22:00-07:30", "00:00-06:00", "13:05-13:06"] {
            assert_eq!(QuietHours::parse(text).unwrap().to_string(), text);
        }
        for text in [
            "",
            "22-7",
            "24:00-07:00",
            "22:60-07:00",
            "08:00-08:00",
            "off",
            "-1:00-02:00",
        ] {
            assert_eq!(QuietHours::parse(text), None, "{text}");
        }
    }
}
