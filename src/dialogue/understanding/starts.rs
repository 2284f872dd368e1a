//! From when on something is to happen: "from next month", `January se`, "from 5 Jan 2027";
//! and that it is to be as little as may be. By the words as they were typed; nothing here
//! is learnt.

use jiff::Span;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::amount::{self, Kind};
use super::{instead, normalise, shapes};

/// From when on something is to happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Starts {
    /// The month it begins in.
    pub month: Month,
    /// The day of that month, if it was named beside it.
    pub day: Option<u8>,
}

/// A month to come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Month {
    /// This one.
    This,
    /// The one after it.
    Next,
    /// The next one of this number, 1 to 12.
    Named(i8),
    /// The one of this day.
    Of(Date),
}

impl Starts {
    /// Returns the first day it may begin on, seen from today.
    pub fn earliest(self, today: Date) -> Date {
        let this = today.first_of_month();
        let first = match self.month {
            Month::This => this,
            Month::Next => this.saturating_add(Span::new().months(1)),
            Month::Named(month) => {
                let ahead = (month - today.month()).rem_euclid(12);
                this.saturating_add(Span::new().months(ahead))
            }
            Month::Of(day) => day.first_of_month(),
        };
        first.max(today)
    }
}

#[rustfmt::skip]
const NEXT: &[&str] = &["next", "coming", "upcoming", "agle", "agale", "agla", "अगले", "अगला", "aane", "आने"];
const THIS: &[&str] = &["this", "is", "iss", "isi", "इस", "इसी"];
/// Stands between the two in `aane wale mahine`.
const TO_COME: &[&str] = &["wale", "wala", "वाले", "वाला"];
#[rustfmt::skip]
const MONTH: &[&str] = &["month", "mahine", "mahina", "maheene", "mhine", "maah", "mah", "महीने", "महीना", "माह"];
/// Says before a month that something begins in it.
#[rustfmt::skip]
const FROM: &[&str] = &["from", "starting", "start", "begin", "beginning", "in", "since", "of"];
/// Says so behind it.
#[rustfmt::skip]
const SE: &[&str] = &["se", "me", "mein", "onwards", "onward", "ki", "ke", "से", "में", "की", "के"];
/// Ties a day to the month before it.
const OF: &[&str] = &["ki", "ke", "की", "के"];
/// Says that something ends there.
#[rustfmt::skip]
const UNTIL: &[&str] = &["till", "until", "upto", "before", "by", "tak", "तक", "pehle", "पहले"];

/// Drops what is under way, whatever may be done later.
#[rustfmt::skip]
const DROPS: &[&str] = &[
    "cancel", "dont", "leave", "rehne", "rahne", "chhodo", "chodo", "dekhenge", "dekhunga", "dekhungi", "sochenge", "रहने", "छोड़ो", "कैंसिल",
    "देखेंगे", "देखूंगा", "सोचेंगे",
];
/// Says beside a no that something begins: "not now, from next month".
const FROM_THEN: &[&str] = &["from", "starting", "beginning"];
const ONWARDS: &[&str] = &["se", "onwards", "onward", "से"];

/// Reads from when on something is to happen, if a message says so.
pub(super) fn read(raw: &str) -> Option<Starts> {
    let words = super::plain_words(raw);
    if (0..words.len()).any(|at| is(&words, at, DROPS)) {
        return None;
    }
    if let Some(day) = shapes::date(raw)
        && let Some((from, to)) = written_out(&words, day)
    {
        let starts = Starts {
            month: Month::Of(day),
            day: u8::try_from(day.day()).ok(),
        };
        return (!ends_or_is_refused(&words, from, to)).then_some(starts);
    }
    let mut found = (0..words.len()).filter_map(|at| starts_at(&words, at));
    let first = found.next()?;
    // Two months are a stretch of time, or one of them is taken back.
    found.next().is_none().then_some(first)
}

/// Returns where the words of a date stand, if its year is written out: two digits may be
/// of anything.
fn written_out(words: &[String], day: Date) -> Option<(usize, usize)> {
    let year = day.year().to_string();
    let at = words.iter().position(|word| *word == year)?;
    let is_of_it = |word: &&String| {
        word.starts_with(|c: char| c.is_ascii_digit()) || shapes::month_named(word).is_some()
    };
    let before = words[..at].iter().rev().take_while(is_of_it).count();
    let behind = words[at..].iter().take_while(is_of_it).count();
    Some((at - before, at + behind))
}

/// Says whether what stands there is where something ends, or is refused: `agle mahine se
/// nahi`, "not from next month".
fn ends_or_is_refused(words: &[String], from: usize, to: usize) -> bool {
    let before = |back: usize| from.checked_sub(back);
    let is_over = before(1).is_some_and(|at| is(words, at, UNTIL)) || is(words, to, UNTIL);
    let word = |at: Option<usize>| at.and_then(|at| words.get(at));
    let refuses = |word: &String| instead::refuses_what_was(word);
    let takes_back = |word: &String| word != "no" && instead::refuses_what_follows(word);
    is_over
        || (0..2).any(|by| {
            word(Some(to + by)).is_some_and(refuses) || word(before(by + 1)).is_some_and(takes_back)
        })
}

fn starts_at(words: &[String], at: usize) -> Option<Starts> {
    let (month, end) = month_at(words, at)?;
    let day_before = at.checked_sub(1).and_then(|before| {
        let of = words[before] == "of";
        let before = if of { before.checked_sub(1)? } else { before };
        Some((day_at(words, before)?, before))
    });
    let from = day_before.map_or(at, |(_, from)| from);
    let day_behind = || {
        let at = end + usize::from(is(words, end, OF));
        Some((day_at(words, at)?, at + 1))
    };
    let (day, to) = match day_before {
        Some((day, _)) => (Some(day), end),
        None => day_behind().map_or((None, end), |(day, to)| (Some(day), to)),
    };
    let is_before = |known| at > 0 && is(words, at - 1, known);
    let is_plain = matches!(month, Month::Next | Month::This);
    // A month by its name alone may be when something happened.
    let begins = is_plain || day.is_some() || is_before(FROM) || is(words, end, SE);
    let begins_beside_a_no =
        month != Month::This && (day.is_some() || is_before(FROM_THEN) || is(words, end, ONWARDS));
    let begins = begins && (begins_beside_a_no || !holds_a_no(words));
    let is_taken_back = ends_or_is_refused(words, from, to) || ends_or_is_refused(words, at, end);
    (begins && !is_taken_back).then_some(Starts { month, day })
}

/// Says whether a word refuses anything.
fn holds_a_no(words: &[String]) -> bool {
    let refuses =
        |word: &String| instead::refuses_what_was(word) || instead::refuses_what_follows(word);
    words.iter().any(refuses)
}

/// Reads a month that stands there, and where it ends.
fn month_at(words: &[String], at: usize) -> Option<(Month, usize)> {
    let relative = [(NEXT, Month::Next), (THIS, Month::This)];
    for (known, month) in relative {
        if is(words, at, known) {
            let end = at + 1 + usize::from(is(words, at + 1, TO_COME));
            return is(words, end, MONTH).then_some((month, end + 1));
        }
    }
    let word = words[at].as_str();
    // `mai` is "I" and "in" more often than May.
    let number = shapes::month_named(word).filter(|_| word != "mai")?;
    Some((Month::Named(i8::try_from(number).ok()?), at + 1))
}

/// Reads a day of the month that stands there; one with a unit or a scale is none.
fn day_at(words: &[String], at: usize) -> Option<u8> {
    let day = instead::day(words.get(at)?)?;
    let behind = words.get(at + 1).map_or("", String::as_str);
    let counts = amount::unit(behind, &[], 0).is_some_and(|(kind, _)| kind != Kind::Day);
    (!counts && !amount::is_of_an_amount(behind)).then_some(day)
}

fn is(words: &[String], at: usize, known: &[&str]) -> bool {
    let word = words.get(at);
    word.is_some_and(|word| known.iter().any(|known| *word == normalise::text(known)))
}

/// As little as may be.
#[rustfmt::skip]
const LEAST: &[&[&str]] = &[
    &["minimum"], &["minimun"], &["min"], &["least"], &["lowest"], &["smallest"], &["nyuntam"], &["kam", "se", "kam"], &["sabse", "kam"],
    &["jitna", "kam"], &["jitni", "kam"], &["मिनिमम"], &["न्यूनतम"], &["कम", "से", "कम"], &["सबसे", "कम"], &["जितना", "कम"], &["जितनी", "कम"],
];
/// What makes a question of it, or says what else is to be little.
#[rustfmt::skip]
const NOT_AN_AMOUNT: &[&str] = &[
    "what", "how", "is", "kitna", "kitni", "kitne", "kya", "kyu", "kyun", "risk", "return", "returns", "time", "period", "balance", "units",
    "expense", "expenses", "ratio", "charge", "charges", "load", "nav", "कितना", "कितनी", "कितने", "क्या", "क्यों", "रिस्क", "जोखिम", "रिटर्न",
    "एनएवी", "लोड", "चार्ज",
];
/// Asks for a moment.
#[rustfmt::skip]
const WAIT: &[&str] = &["wait", "ruko", "rukiye", "ruk", "hold", "second", "sec", "रुको", "रुकिए", "रुक"];
/// A minute stands behind these.
const ONE: &[&str] = &["a", "ek", "one", "एक"];
const MINUTE: &[&str] = &["min", "मिनट"];
/// Asks for more than that.
const MORE: &[&str] = &[
    "more",
    "above",
    "zyada",
    "jyada",
    "upar",
    "ज़्यादा",
    "ज्यादा",
    "ऊपर",
];

/// Says whether a message wants as little as there may be, and names no amount.
pub(super) fn wants_least(raw: &str) -> bool {
    let words = super::plain_words(raw);
    let names = |phrase: &&[&str]| {
        words.windows(phrase.len()).any(|some| {
            let mut pairs = some.iter().zip(*phrase);
            pairs.all(|(word, known)| *word == normalise::text(known))
        })
    };
    let is_other = |at| {
        is(&words, at, NOT_AN_AMOUNT)
            || is(&words, at, WAIT)
            || is(&words, at, MORE)
            || is(&words, at, ONE) && is(&words, at + 1, MINUTE)
    };
    let names_number = words.iter().any(|word| amount::is_of_an_amount(word));
    !raw.contains('?')
        && !names_number
        && !holds_a_no(&words)
        && LEAST.iter().any(names)
        && !(0..words.len()).any(is_other)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn the_month_something_begins_in_is_heard_in_each_language() {
        let next = |day| Starts {
            month: Month::Next,
            day,
        };
        let named = |month, day| Starts {
            month: Month::Named(month),
            day,
        };
        for (text, starts) in [
            ("from next month", next(None)),
            ("agle mahine se", next(None)),
            ("aane wale mahine se shuru karo", next(None)),
            ("अगले महीने से", next(None)),
            ("agle mahine ki 5 tarikh se", next(Some(5))),
            ("1st of next month", next(Some(1))),
            ("start 1000 sip from January", named(1, None)),
            ("january se", named(1, None)),
            ("जनवरी से", named(1, None)),
            ("1 jan se 2 hazaar", named(1, Some(1))),
            ("from march 10", named(3, Some(10))),
            ("may se", named(5, None)),
        ] {
            assert_eq!(read(text), Some(starts), "{text}");
        }
        let day = Month::Of(date(2027, 1, 5));
        for text in [
            "from 5 Jan 2027",
            "sip 1000 5 jan 2027 se",
            "from 2027-01-05",
        ] {
            assert_eq!(read(text).map(|s| s.month), Some(day), "{text}");
        }
    }

    #[test]
    fn a_month_that_something_ends_in_or_that_is_refused_begins_nothing() {
        for text in [
            "till next month",
            "january tak",
            "till 5 january",
            "start a sip of 1000 in hdfc flexi cap till 5 Jan 2030",
            "hdfc flexi cap me 1000 ki sip 5 jan 2030 tak",
            "5 जनवरी 2030 तक",
            "until 05-01-2030",
            "not from 5 Jan 2027",
            "5 jan 2027 se nahi",
            "not from next month",
            "agle mahine se nahi",
            "may I start a sip",
            "mai sip karna chahta hu",
            "har mahine 5 tarikh",
            "10 saal",
            "",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
        let of_years = read("agle mahine 10 saal ke liye");
        assert_eq!(of_years.and_then(|starts| starts.day), None);
    }

    #[test]
    fn beside_a_no_only_what_says_from_when_on_begins_anything() {
        let next = Starts {
            month: Month::Next,
            day: None,
        };
        for text in [
            "not now, from next month",
            "abhi nahi, agle mahine se",
            "अभी नहीं, अगले महीने से",
        ] {
            assert_eq!(read(text), Some(next), "{text}");
        }
        for text in [
            "No, dont do it this month",
            "no, don't do it this month",
            "is mahine nahi",
            "not from this month",
            "rehne do agle mahine dekhenge",
            "रहने दो अगले महीने देखेंगे",
            "cancel it, i will do it next month",
            "cancel karo, agle mahine karunga",
            "abhi nahi, agle mahine",
            "no, maybe next month",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn a_month_is_the_next_one_of_its_name() {
        let today = date(2026, 11, 29);
        let table = [
            (Month::This, date(2026, 11, 29)),
            (Month::Next, date(2026, 12, 1)),
            (Month::Named(11), date(2026, 11, 29)),
            (Month::Named(12), date(2026, 12, 1)),
            (Month::Named(1), date(2027, 1, 1)),
            (Month::Named(10), date(2027, 10, 1)),
            (Month::Of(date(2027, 2, 5)), date(2027, 2, 1)),
            (Month::Of(date(2020, 2, 5)), date(2026, 11, 29)),
        ];
        for (month, on) in table {
            let starts = Starts { month, day: None };
            assert_eq!(starts.earliest(today), on, "{month:?}");
        }
    }

    #[test]
    fn as_little_as_may_be_is_no_question_and_no_amount() {
        for text in [
            "minimum",
            "kam se kam",
            "jitna kam ho sake",
            "the least possible",
            "कम से कम",
            "minimum amount rakho",
        ] {
            assert!(wants_least(text), "{text}");
        }
        for text in [
            "minimum kitna hai",
            "what is the minimum",
            "kam se kam 500",
            "at least 2 hazaar",
            "minimum risk",
            "wait a min",
            "ek min ruko",
            "ek min",
            "not the minimum",
            "minimum nahi",
            "minimum se zyada",
            "more than the minimum",
            "show me funds with lowest expense ratio",
            "lowest exit load",
            "least charges",
            "500",
            "thoda kam",
        ] {
            assert!(!wants_least(text), "{text}");
        }
    }
}
