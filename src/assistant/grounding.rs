//! The verifier: a figure reaches an answer only through a slot that this turn's tools have
//! filled.
//!
//! The model never sees a figure, only the name of its slot and what it means, and it writes
//! `{{f3}}` where the figure is to stand. What is put there carries its own label and its
//! own fund's name, so that no sentence around it can pass it off as another. Everywhere
//! else digits of any script, words for numbers, shares and dates, signs of money, and names
//! of fund houses refuse the whole answer.

use std::collections::{BTreeMap, HashSet};
use std::sync::LazyLock;

use super::tokens::{Phrases, words};

static NUMBERS: LazyLock<HashSet<&'static str>> = LazyLock::new(|| {
    let lines = include_str!("words/numbers.txt").lines();
    let lines = lines.filter(|line| !line.starts_with('#'));
    lines.flat_map(str::split_whitespace).collect()
});
static ALLOWED: LazyLock<Phrases> =
    LazyLock::new(|| Phrases::read(include_str!("words/allowed.txt")));
static TIMES: LazyLock<Phrases> = LazyLock::new(|| Phrases::read(include_str!("words/times.txt")));
static HOUSES: LazyLock<Phrases> =
    LazyLock::new(|| Phrases::read(include_str!("words/houses.txt")));

/// What the turn's tools have found, by slot: as it is to be shown.
pub type Slots = BTreeMap<String, String>;

/// Why an answer is not grounded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Ungrounded {
    /// A digit, or another character that is a number.
    #[error("a number stands outside a slot")]
    Digit,
    /// A sign of money or of a share.
    #[error("a sign of money or share stands outside a slot")]
    Sign,
    /// A word for a number, a share or a date.
    #[error("the word `{0}` says a number or a date")]
    Word(String),
    /// A fund house's name.
    #[error("a fund is named outside a slot")]
    Fund,
    /// A slot that no tool has filled.
    #[error("no tool has filled the slot `{0}`")]
    Unfilled(String),
    /// Braces that are no slot.
    #[error("braces that are no slot")]
    Braces,
}

/// A piece of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece<'a> {
    /// The model's words.
    Words(&'a str),
    /// The name of a slot.
    Slot(&'a str),
}

/// Takes an answer apart into words and slots.
pub fn pieces(text: &str) -> Result<Vec<Piece<'_>>, Ungrounded> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find("{{") {
        let (before, from) = rest.split_at(start);
        let end = from.find("}}").ok_or(Ungrounded::Braces)?;
        pieces.push(Piece::Words(before));
        pieces.push(Piece::Slot(from[2..end].trim()));
        rest = &from[end + 2..];
    }
    pieces.push(Piece::Words(rest));
    let has_brace = |piece: &Piece| matches!(piece, Piece::Words(w) if w.contains(['{', '}']));
    if pieces.iter().any(has_brace) {
        return Err(Ungrounded::Braces);
    }
    Ok(pieces)
}

/// Checks that an answer says no figure, date or fund of its own.
pub fn verify(text: &str, slots: &Slots) -> Result<(), Ungrounded> {
    let mut spoken = String::new();
    for piece in pieces(text)? {
        match piece {
            Piece::Slot(name) if slots.contains_key(name) => spoken.push_str(" \u{fffc} "),
            Piece::Slot(name) => return Err(Ungrounded::Unfilled(name.to_owned())),
            Piece::Words(words) => spoken.push_str(words),
        }
    }
    check_characters(&spoken)?;
    check_words(&spoken)
}

fn check_characters(text: &str) -> Result<(), Ungrounded> {
    // Numeric in Unicode's sense: digits of every script, fractions, circled and raised ones.
    if text.chars().any(char::is_numeric) {
        return Err(Ungrounded::Digit);
    }
    let is_sign = |c| {
        matches!(
            c,
            '%' | '‰' | '₹' | '$' | '€' | '£' | '¥' | '+' | '=' | '×' | '÷'
        )
    };
    if text.chars().any(is_sign) {
        return Err(Ungrounded::Sign);
    }
    Ok(())
}

fn check_words(text: &str) -> Result<(), Ungrounded> {
    if let Some(roman) = text
        .split(|c: char| !c.is_alphanumeric())
        .find(|w| is_roman(w))
    {
        return Err(Ungrounded::Word(roman.to_owned()));
    }
    let mut spoken = words(text);
    if HOUSES.find(&spoken).is_some() {
        return Err(Ungrounded::Fund);
    }
    if let Some((from, to)) = TIMES.find(&spoken) {
        return Err(Ungrounded::Word(spoken[from..to].join(" ")));
    }
    while let Some((from, to)) = ALLOWED.find(&spoken) {
        spoken.splice(from..to, ["\u{fffc}".to_owned()]);
    }
    if let Some(word) = spoken.iter().find(|word| says_number(word)) {
        return Err(Ungrounded::Word(word.clone()));
    }
    // Letters set apart spell a word that no list of words would see.
    let letters: Vec<usize> = spoken.iter().map(|word| word.chars().count()).collect();
    if letters.windows(3).any(|three| three == [1, 1, 1]) {
        return Err(Ungrounded::Word("letters set apart".to_owned()));
    }
    Ok(())
}

/// Says whether a word is a number, or nothing but numbers written together.
fn says_number(word: &str) -> bool {
    NUMBERS.contains(word) || is_made_of_numbers(word)
}

fn is_made_of_numbers(word: &str) -> bool {
    // A part of one or two letters would find numbers everywhere.
    let splits = word.char_indices().map(|(at, _)| at).skip(3);
    splits
        .filter(|at| word[*at..].chars().count() >= 3)
        .any(|at| {
            let (head, tail) = word.split_at(at);
            NUMBERS.contains(head) && says_number(tail)
        })
}

/// Roman numerals in capitals; a single letter is more often an initial.
fn is_roman(word: &str) -> bool {
    const WORDS: [&str; 4] = ["CD", "MD", "MC", "DM"];
    word.len() >= 2 && !WORDS.contains(&word) && word.chars().all(|c| "IVXLCDM".contains(c))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn slots() -> Slots {
        [("f1".to_owned(), "Value ₹1".to_owned())].into()
    }

    #[test]
    fn figures_of_any_kind_are_refused_outside_slots() {
        for text in [
            "It is worth 5000",
            "It is worth ५०००",
            "It is worth ௫",
            "worth ½ of it",
            "up by ²",
            "rose by five hundred",
            "rose fivehundred",
            "doubled since",
            "dedh lakh hai",
            "aapke teen fund hain",
            "आपके तीन फंड हैं",
            "तुमचे दोन फंड",
            "due on Monday",
            "kal debit hoga",
            "In March it fell",
            "a gain of % points",
            "₹ lots",
            "SIP no. XII",
            "f o u r of them",
            "it is {{f2}}",
            "it is {{f1}",
            "it is {f1}",
            "Axis fund is {{f1}}",
        ] {
            assert!(verify(text, &slots()).is_err(), "{text}");
        }
    }

    #[test]
    fn words_without_figures_and_filled_slots_pass() {
        for text in [
            "Here is what you hold: {{f1}}.",
            "One of your funds has no NAV yet. {{ f1 }}",
            "Do you want to see it fund by fund?",
            "Sabse pehle KYC hota hai, uske baad bank bata do.",
            "एक्सपेंस रेशियो फंड का खर्च है, जो NAV में से जाता है।",
        ] {
            assert_eq!(verify(text, &slots()), Ok(()), "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_the_verifier_panic(text in "\\PC{0,200}") {
            let _ = verify(&text, &slots());
        }

        #[test]
        fn a_digit_anywhere_is_refused(before in "[a-z ]{0,40}", digit in "[0-9०-९௧-௯]", after in "[a-z ]{0,40}") {
            let text = format!("{before}{digit}{after}");
            prop_assert!(verify(&text, &slots()).is_err());
        }
    }
}
