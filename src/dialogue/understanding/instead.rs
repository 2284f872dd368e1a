//! What a message takes back or leaves out: "6000 not 5000", `5 se 15`, "everything except".
//!
//! By the words as they were typed; nothing here is learnt.

use super::{amount, normalise};

/// Which of the two values of a message stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stands {
    /// The first.
    First,
    /// The last.
    Last,
    /// Neither: both are taken back.
    Neither,
}

/// Refuses what follows.
const NOT: &[&str] = &["not", "no", "never", "dont", "cant", "cannot", "without"];
/// Refuses what is before it.
const NAHI: &[&str] = &["nahi", "nahin", "nhi", "mat", "नहीं", "नही", "मत"];

/// Says whether a word refuses what follows it.
pub(super) fn refuses_what_follows(word: &str) -> bool {
    NOT.contains(&word)
}

/// Says whether a word refuses what is before it.
pub(super) fn refuses_what_was(word: &str) -> bool {
    NAHI.iter().any(|known| word == normalise::text(known))
}

/// What something is changed from stands before it.
const FROM_BEHIND: &[&[&str]] = &[
    &["se"],
    &["से"],
    &["ki", "jagah"],
    &["ke", "badle"],
    &["ke", "bajay"],
    &["की", "जगह"],
    &["के", "बदले"],
    &["के", "बजाय"],
];
/// What something is changed from stands after it.
const FROM_BEFORE: &[&[&str]] = &[&["from"], &["instead", "of"], &["rather", "than"]];

/// Returns which of two amounts stands, if the words say so of one of exactly two.
pub(super) fn amount_that_stands(raw: &str) -> Option<Stands> {
    stands(&super::plain_words(raw), amount::is_of_an_amount)
}

/// Returns which of two days of the month stands, likewise.
pub(super) fn day_that_stands(raw: &str) -> Option<Stands> {
    stands(&super::plain_words(raw), |word| day(word).is_some())
}

/// Returns the days of the month that a message names, in order.
pub(super) fn days(raw: &str) -> Vec<u8> {
    let words = super::plain_words(raw);
    words.iter().filter_map(|word| day(word)).collect()
}

/// Returns the day of the month that is said as an ordinal: `pehli tarikh`, "on 1st",
/// `2nd ko`. The tables of words know "1st" as a word, because of "my 1st sip".
pub(super) fn ordinal_day(raw: &str) -> Option<u8> {
    const DAY: &[&str] = &["tarikh", "tareekh", "date", "day", "तारीख"];
    let words = super::plain_words(raw);
    let is = |at: Option<usize>, known: &[&str]| {
        let word = at.and_then(|at| words.get(at));
        word.is_some_and(|word| known.iter().any(|known| *word == normalise::text(known)))
    };
    let names_a_day = (0..words.len()).any(|at| is(Some(at), DAY));
    let mut days = words.iter().enumerate().filter_map(|(at, word)| {
        let (before, behind) = (at.checked_sub(1), Some(at + 1));
        match word.as_str() {
            "1st" | "2nd" => {
                let is_day = names_a_day
                    || is(before, &["on", "from", "every", "har", "हर"])
                    || is(behind, &["ko", "se", "of", "को", "से"]);
                day(word).filter(|_| is_day)
            }
            "first" => is(behind, DAY).then_some(1),
            "pehli" | "pahli" | "पहली" => (is(behind, DAY) || is(before, DAY)).then_some(1),
            _ => None,
        }
    });
    let first = days.next();
    first.filter(|_| days.next().is_none())
}

/// Returns the day of the month that a word is: `5`, `5th`.
pub(super) fn day(word: &str) -> Option<u8> {
    let digits = ["st", "nd", "rd", "th"]
        .iter()
        .find_map(|ending| word.strip_suffix(ending))
        .unwrap_or(word);
    let day: Option<u8> = digits.parse().ok();
    day.filter(|day| (1..=31).contains(day))
}

fn stands(words: &[String], is_value: impl Fn(&str) -> bool) -> Option<Stands> {
    let mut values: Vec<(usize, usize)> = Vec::new();
    for (at, word) in words.iter().enumerate() {
        if !is_value(word) {
            continue;
        }
        match values.last_mut() {
            Some((_, to)) if *to == at => *to += 1,
            _ => values.push((at, at + 1)),
        }
    }
    let [first, last] = values[..] else {
        return None;
    };
    match (is_out(words, first), is_out(words, last)) {
        (true, false) => Some(Stands::Last),
        (false, true) => Some(Stands::First),
        (true, true) => Some(Stands::Neither),
        (false, false) => None,
    }
}

/// Says whether a value is refused, or what something is changed from.
fn is_out(words: &[String], (from, to): (usize, usize)) -> bool {
    let (before, behind) = (&words[..from], &words[to..]);
    let is_before = |phrase: &&[&str]| ends_with(before, phrase);
    let is_behind = |phrase: &&[&str]| begins_with(behind, phrase);
    NOT.iter().any(|word| ends_with(before, &[*word]))
        || NAHI.iter().any(|word| begins_with(behind, &[*word]))
        || FROM_BEFORE.iter().any(is_before)
        || FROM_BEHIND.iter().any(is_behind)
}

fn begins_with(words: &[String], phrase: &[&str]) -> bool {
    words.len() >= phrase.len() && is_phrase(&words[..phrase.len()], phrase)
}

fn ends_with(words: &[String], phrase: &[&str]) -> bool {
    words.len() >= phrase.len() && is_phrase(&words[words.len() - phrase.len()..], phrase)
}

fn is_phrase(words: &[String], phrase: &[&str]) -> bool {
    let mut pairs = words.iter().zip(phrase);
    pairs.all(|(word, known)| *word == normalise::text(known))
}

/// What leaves out what is named beside it.
#[rustfmt::skip]
const EXCEPT: &[&[&str]] = &[
    &["except"], &["excluding"], &["other", "than"], &["apart", "from"], &["all", "but"], &["everything", "but"],
    &["rest"], &["remaining"], &["chhodkar"], &["chodkar"], &["chhorkar"], &["chhod", "ke"], &["chhod", "kar"],
    &["chod", "ke"], &["chod", "kar"], &["alawa"], &["alava"], &["siva"], &["sivay"], &["baaki"], &["baki"],
    &["bacha", "ke"], &["bacha", "kar"], &["rakh", "ke"], &["rakh", "kar"], &["rakhkar"], &["छोड़कर"], &["छोड़", "कर"],
    &["छोड़", "के"], &["अलावा"], &["सिवा"], &["सिवाय"], &["बाकी"], &["बाक़ी"], &["बचा", "के"], &["बचाकर"], &["रख", "के"], &["रखकर"],
];

/// Says whether a message means all of something but a part of it: what it names may be
/// just what is to stay.
pub(super) fn is_except(raw: &str) -> bool {
    let words = super::plain_words(raw);
    (0..words.len()).any(|at| {
        let mut phrases = EXCEPT.iter();
        phrases.any(|phrase| begins_with(&words[at..], phrase))
    })
}

/// What an amount comes to stands right after it.
#[rustfmt::skip]
const COMES_TO: &[&str] = &[
    "to", "at", "karke", "kar", "krke", "ghatakar", "ghatake", "only", "sirf", "करके", "कर", "घटाकर", "सिर्फ",
];
/// What an amount comes to stands right before it.
#[rustfmt::skip]
const MAKES_IT: &[&str] = &[
    "tak", "pe", "par", "ki", "kar", "karo", "kardo", "kr", "krdo", "karna", "karni", "kijiye", "rakho", "rakhna", "तक",
    "पर", "की", "कर", "करो", "करना", "करनी", "कीजिए", "रखो",
];

/// Says whether a lesser amount is called what it comes to ("reduce to 500") and not by how
/// much less it is ("reduce by 500", `500 kam karo`).
pub(super) fn says_what_it_comes_to(raw: &str) -> bool {
    let words = super::plain_words(raw);
    let is_value = |at: usize| {
        let word = words.get(at);
        word.is_some_and(|word| amount::is_of_an_amount(word))
    };
    let is_one_of = |at: usize, known: &[&str]| {
        let word = words.get(at);
        word.is_some_and(|word| known.iter().any(|known| *word == normalise::text(known)))
    };
    (0..words.len()).filter(|at| is_value(*at)).any(|at| {
        let begins = at == 0 || !is_value(at - 1);
        begins && at > 0 && is_one_of(at - 1, COMES_TO)
            || !is_value(at + 1) && is_one_of(at + 1, MAKES_IT)
    })
}

#[cfg(test)]
mod tests {
    use super::super::{Expectation, understand};

    #[test]
    fn of_two_values_the_one_that_is_taken_back_is_out() {
        for (text, amount) in [
            ("change sip to 6000 not 5000", 6_000),
            ("change my sip, not 5000 but 6000", 6_000),
            ("sip 6000 karo 5000 nahi", 6_000),
            ("meri sip 5000 nahi 6000 kar do", 6_000),
            ("sip 5000 ki jagah 6000 karo", 6_000),
            ("change my sip to 12,000 instead of 8,000", 12_000),
            ("sip 5000 se 7000 kar do", 7_000),
        ] {
            let said = understand(text, Expectation::Nothing).slots.amount;
            assert_eq!(said, Some(amount.into()), "{text}");
        }
        for (text, day) in [
            ("sip ki date 5 se 15 kar do", 15),
            ("meri sip ki tarikh 5 se 10 karo", 10),
            ("sip ki tarikh 5 ki jagah 15 karo", 15),
            ("change my sip date from 5 to 15", 15),
            ("sip date change 5 to 15", 15),
            ("change my sip date to 15th instead of 5th", 15),
        ] {
            let said = understand(text, Expectation::Nothing).slots.day;
            assert_eq!(said, Some(day), "{text}");
        }
    }

    #[test]
    fn how_much_less_is_no_new_amount() {
        for text in [
            "sip 500 kam kar do",
            "meri sip se 500 ghata do",
            "sip में 500 कम करो",
            "reduce my sip 500",
            "reduce my sip by 500",
        ] {
            let said = understand(text, Expectation::Nothing).slots.amount;
            assert_eq!(said, None, "{text}");
        }
        for text in [
            "reduce my sip to 1500",
            "reduce my sip to rs 1500",
            "sip kam karke 1500 karo",
            "sip 2000 se kam karke 1500 karo",
            "sip kam karo 1500 kar do",
        ] {
            let said = understand(text, Expectation::Nothing).slots.amount;
            assert_eq!(said, Some(1_500.into()), "{text}");
        }
    }

    #[test]
    fn what_is_to_stay_is_never_what_goes() {
        for text in [
            "hdfc flexi cap chhodkar sab nikal do",
            "hdfc flexi cap ke alawa sab nikal do",
            "hdfc flexi cap mat becho baaki sab bech do",
            "do not sell hdfc flexi cap, sell the rest",
            "withdraw everything but hdfc flexi cap",
            "redeem everything except hdfc flexi cap",
            "एचडीएफसी फ्लेक्सी कैप के अलावा सब बेच दो",
            "hdfc flexi cap chhod ke sab sip band karo",
            "redeem all but 5000",
            "5000 chhod ke sab nikal do",
            "keep 5000 and redeem the rest",
            "redeem all except 10 units",
            "redeem all 5000",
        ] {
            let slots = understand(text, Expectation::Nothing).slots;
            let says = (slots.fund, slots.amount, slots.units, slots.all);
            assert_eq!(says, (None, None, None, false), "{text}");
        }
        let slots = understand("sell all of hdfc flexi cap", Expectation::Nothing).slots;
        assert!(slots.all && slots.fund.is_some(), "{slots:?}");
    }
}
