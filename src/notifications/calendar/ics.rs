//! iCalendar text (RFC 5545): lines, folding, escaping.

use std::collections::HashMap;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::{Published, Wanted};

/// Octets a line may have before it is folded, its break not counted (section 3.1).
const LINE: usize = 75;
/// How often a program that subscribed should look again.
const REFRESH: &str = "PT6H";

/// What a calendar is sent for (RFC 5546, section 1.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// These entries exist.
    Publish,
    /// These entries are called off.
    Cancel,
}

impl Method {
    /// Returns its name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Publish => "PUBLISH",
            Self::Cancel => "CANCEL",
        }
    }
}

/// Writes a calendar. An entry that is called off has lost its words and goes by `name`.
///
/// Instalments take the whole day: the bank debits some time in the morning of a day in
/// India, and an entry with an hour would move for whoever travels.
pub fn write(method: Method, name: &str, entries: &[Published], wanted: &[Wanted]) -> String {
    let words: HashMap<&str, &Wanted> = wanted.iter().map(|w| (w.uid.as_str(), w)).collect();
    let mut text = String::new();
    let mut line = |content: &str| fold(&mut text, content);
    line("BEGIN:VCALENDAR");
    line("VERSION:2.0");
    line("PRODID:-//SIP Brewery//SIP dates//EN");
    line("CALSCALE:GREGORIAN");
    line(&format!("METHOD:{}", method.as_str()));
    if method == Method::Publish {
        line(&format!("X-WR-CALNAME:{}", escape(name)));
        line(&format!("NAME:{}", escape(name)));
        line(&format!("REFRESH-INTERVAL;VALUE=DURATION:{REFRESH}"));
        line(&format!("X-PUBLISHED-TTL:{REFRESH}"));
    }
    for entry in entries {
        let words = words.get(entry.uid.as_str());
        let day = entry.date;
        let next = day.tomorrow().unwrap_or(day);
        let changed = utc(entry.changed_at);
        line("BEGIN:VEVENT");
        line(&format!("UID:{}", escape(&entry.uid)));
        line(&format!("DTSTAMP:{changed}"));
        line(&format!("LAST-MODIFIED:{changed}"));
        line(&format!("SEQUENCE:{}", entry.sequence));
        line(&format!("DTSTART;VALUE=DATE:{}", day.strftime("%Y%m%d")));
        line(&format!("DTEND;VALUE=DATE:{}", next.strftime("%Y%m%d")));
        let title = words.map_or(name, |words| words.title.as_str());
        line(&format!("SUMMARY:{}", escape(title)));
        if let Some(words) = words.filter(|words| !words.description.is_empty()) {
            line(&format!("DESCRIPTION:{}", escape(&words.description)));
        }
        let status = if entry.is_cancelled {
            "CANCELLED"
        } else {
            "CONFIRMED"
        };
        line(&format!("STATUS:{status}"));
        line("TRANSP:TRANSPARENT");
        line("END:VEVENT");
    }
    line("END:VCALENDAR");
    text
}

fn utc(at: Timestamp) -> String {
    at.to_zoned(TimeZone::UTC)
        .strftime("%Y%m%dT%H%M%SZ")
        .to_string()
}

/// Escapes a text value (section 3.3.11). Control characters have no place in one.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' | ';' | ',' => escaped.extend(['\\', c]),
            '\n' => escaped.push_str("\\n"),
            c if c.is_control() => {}
            c => escaped.push(c),
        }
    }
    escaped
}

/// Appends a content line, folded between characters.
fn fold(text: &mut String, content: &str) {
    let mut octets = 0;
    for c in content.chars() {
        if octets + c.len_utf8() > LINE {
            text.push_str("\r\n ");
            octets = 1;
        }
        octets += c.len_utf8();
        text.push(c);
    }
    text.push_str("\r\n");
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::id::PlanId;

    type Properties = Vec<(String, String)>;

    /// Reads a calendar back, as section 3.1 says to: unfold, split, unescape.
    fn parse(text: &str) -> Vec<Properties> {
        assert!(text.ends_with("\r\n") && !text.replace("\r\n", "").contains(['\r', '\n']));
        for line in text.split("\r\n") {
            assert!(line.len() <= LINE, "{} octets: {line}", line.len());
        }
        let mut events = Vec::new();
        let mut open = false;
        for line in text
            .replace("\r\n ", "")
            .split("\r\n")
            .filter(|l| !l.is_empty())
        {
            let (name, value) = line.split_once(':').unwrap();
            match (name, value) {
                ("BEGIN", "VEVENT") => {
                    events.push(Vec::new());
                    open = true;
                }
                ("END", "VEVENT") => open = false,
                _ if open => {
                    let event = events.last_mut().unwrap();
                    event.push((name.to_owned(), unescape(value)));
                }
                _ => {}
            }
        }
        events
    }

    fn unescape(value: &str) -> String {
        let mut text = String::new();
        let mut chars = value.chars();
        while let Some(c) = chars.next() {
            let escaped = (c == '\\').then(|| chars.next()).flatten();
            text.push(match escaped {
                Some('n' | 'N') => '\n',
                Some(other) => other,
                None => c,
            });
        }
        text
    }

    fn value<'a>(event: &'a Properties, name: &str) -> &'a str {
        let found: Vec<_> = event.iter().filter(|(n, _)| n == name).collect();
        assert_eq!(found.len(), 1, "{name} once in {event:?}");
        &found[0].1
    }

    fn entry(title: &str, description: &str) -> (Published, Wanted) {
        let plan = PlanId::from(uuid::Uuid::nil());
        let date = jiff::civil::date(2026, 12, 31);
        let published = Published {
            uid: "ins_1@sipbrewery".into(),
            plan,
            date,
            digest: String::new(),
            sequence: 3,
            is_cancelled: false,
            changed_at: "2026-08-24T04:30:00.123Z".parse().unwrap(),
        };
        let wanted = Wanted {
            uid: published.uid.clone(),
            plan,
            date,
            title: title.into(),
            description: description.into(),
        };
        (published, wanted)
    }

    #[test]
    fn an_instalment_is_an_entry_of_one_whole_day() {
        let (published, wanted) = entry("SIP ₹5,000.00: HDFC; Flexi", "a\nb\\c");
        let text = write(Method::Publish, "SIP", &[published], &[wanted]);
        let events = parse(&text);
        let event = &events[0];
        assert_eq!(value(event, "UID"), "ins_1@sipbrewery");
        assert_eq!(value(event, "DTSTART;VALUE=DATE"), "20261231");
        assert_eq!(value(event, "DTEND;VALUE=DATE"), "20270101");
        assert_eq!(value(event, "DTSTAMP"), "20260824T043000Z");
        assert_eq!(value(event, "SEQUENCE"), "3");
        assert_eq!(value(event, "STATUS"), "CONFIRMED");
        assert_eq!(value(event, "SUMMARY"), "SIP ₹5,000.00: HDFC; Flexi");
        assert_eq!(value(event, "DESCRIPTION"), "a\nb\\c");
        assert!(text.contains("SUMMARY:SIP ₹5\\,000.00: HDFC\\; Flexi\r\n"));
    }

    #[test]
    fn what_is_called_off_says_so_and_keeps_its_name() {
        let (published, _) = entry("", "");
        let gone = Published {
            is_cancelled: true,
            sequence: 4,
            ..published
        };
        let text = write(Method::Cancel, "SIP dates", &[gone], &[]);
        assert!(text.contains("METHOD:CANCEL\r\n"));
        let events = parse(&text);
        assert_eq!(value(&events[0], "STATUS"), "CANCELLED");
        assert_eq!(value(&events[0], "SEQUENCE"), "4");
        assert_eq!(value(&events[0], "SUMMARY"), "SIP dates");
    }

    proptest! {
        #[test]
        fn any_words_read_back_from_lines_of_75_octets(
            title in "[ -~अ-ह₹😀,;:\\\\\"]{1,200}", description in "[a-zक-ह ,;\\\\\n]{1,300}"
        ) {
            let (published, wanted) = entry(&title, &description);
            let text = write(Method::Publish, "SIP", &[published], &[wanted]);
            let events = parse(&text);
            prop_assert_eq!(value(&events[0], "SUMMARY"), title);
            prop_assert_eq!(value(&events[0], "DESCRIPTION"), description);
        }
    }
}
