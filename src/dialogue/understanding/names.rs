//! Names of funds in a sentence, as they were typed, and which of them money comes from.

use super::amount;
use super::lexicon::{CATEGORIES, Hit, LEXICON};
use super::numbers;
use super::words::Word;

/// A fund, or a kind of fund, named in a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mention {
    /// As it was typed.
    pub name: String,
    /// The kind, if nothing but a kind was named (`small cap`).
    pub category: Option<&'static str>,
    /// Whether money is to come from it.
    pub is_source: bool,
    /// Whether money is to go to it.
    pub is_target: bool,
    /// The words it is made of: the first, and the one after the last.
    pub words: (usize, usize),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    /// A fund house or the name of a scheme.
    Brand,
    /// A kind of fund.
    Kind,
    /// Plan, option, "fund": part of a name, and no name.
    Rest,
    /// A word of no known meaning.
    Unknown,
    /// A word like any other: part of a name only beside one that is.
    Plain,
    /// Anything else.
    None,
}

/// Returns the funds a message names, in order.
pub fn mentions(raw: &str, words: &[Word], hits: &[Hit]) -> Vec<Mention> {
    let parts: Vec<Part> = (0..words.len()).map(|at| part(words, hits, at)).collect();
    let mut found = Vec::new();
    let mut at = 0;
    while at < words.len() {
        match run(raw, words, &parts, at) {
            Some((from, to)) => {
                found.push(mention(raw, words, &parts, from, to));
                at = to;
            }
            None => at += 1,
        }
    }
    found
}

fn part(words: &[Word], hits: &[Hit], at: usize) -> Part {
    let mut covering = hits
        .iter()
        .filter(|hit| (hit.from..hit.to).contains(&at))
        .peekable();
    if covering.peek().is_none() {
        let word = &words[at].text;
        let is_name = word.chars().filter(|c| c.is_alphabetic()).count() > 1
            && !amount::is_measure(word)
            && numbers::cardinal(word).is_none();
        return if is_name { Part::Unknown } else { Part::None };
    }
    let names: Vec<&str> = covering.map(|hit| LEXICON.name(hit.concept)).collect();
    let is = |name| names.contains(&name);
    if is("brand") || is("index_name") {
        Part::Brand
    } else if is("kind") {
        Part::Kind
    } else if is("plan") {
        Part::Rest
    } else if is("plain") {
        Part::Plain
    } else {
        Part::None
    }
}

/// Returns where the name that begins at or is about to begin at `at` lies.
fn run(raw: &str, words: &[Word], parts: &[Part], at: usize) -> Option<(usize, usize)> {
    let begins = matches!(parts[at], Part::Brand | Part::Kind)
        || parts[at] == Part::Unknown
            && matches!(parts.get(at + 1), Some(Part::Brand | Part::Kind));
    if !begins {
        return None;
    }
    let has_brand = |to: usize| parts[at..to].contains(&Part::Brand);
    let mut to = at + 1;
    let mut unknown = 0;
    // A hyphen parts clauses, and no name: `Small-Cap`.
    let goes_on = |to: usize| {
        let (before, word) = (&words[to - 1], &words[to]);
        let between = raw.get(before.to..word.from);
        word.clause == before.clause || between == Some("-")
    };
    while to < words.len() && goes_on(to) {
        match parts[to] {
            Part::Brand if has_brand(to) && is_new_house(words, parts, at, to) => break,
            Part::Brand | Part::Kind | Part::Rest => {}
            Part::Unknown if has_brand(to) && unknown < 2 => unknown += 1,
            Part::None if is_number_in_name(words, to) => {}
            // `hdfc top 100`, where "top" alone would be a top-up.
            _ if words[to].text == "top" && is_count(words.get(to + 1)) => {}
            _ => break,
        }
        to += 1;
    }
    while to > at + 1 && matches!(words[to - 1].text.as_str(), "fund" | "funds" | "फंड") {
        to -= 1;
    }
    Some((at, to))
}

/// A second house after the name has gone on begins the next name.
fn is_new_house(words: &[Word], parts: &[Part], at: usize, to: usize) -> bool {
    parts[at..to].contains(&Part::Kind)
        && !matches!(
            words[to].text.as_str(),
            "nifty" | "sensex" | "next" | "equity" | "india"
        )
}

/// `nifty 50`, `top 100`, `nasdaq 100`.
fn is_number_in_name(words: &[Word], at: usize) -> bool {
    let is_size = matches!(
        words[at].text.as_str(),
        "30" | "50" | "100" | "150" | "200" | "250" | "400" | "500"
    );
    is_size
        && matches!(
            words[at - 1].text.as_str(),
            "nifty"
                | "next"
                | "top"
                | "sensex"
                | "nasdaq"
                | "midcap"
                | "smallcap"
                | "bse"
                | "निफ्टी"
        )
}

fn is_count(word: Option<&Word>) -> bool {
    word.is_some_and(|word| word.text.chars().all(|c| c.is_ascii_digit()))
}

fn mention(raw: &str, words: &[Word], parts: &[Part], from: usize, to: usize) -> Mention {
    let is_kind_only = parts[from..to]
        .iter()
        .all(|part| matches!(part, Part::Kind | Part::Rest));
    let text: Vec<&str> = words[from..to]
        .iter()
        .map(|word| word.text.as_str())
        .collect();
    let before = from.checked_sub(1).map(|at| words[at].text.as_str());
    let mut behind = words[to..]
        .iter()
        .map(|word| word.text.as_str())
        .filter(|word| !matches!(*word, "fund" | "funds" | "scheme" | "फंड"));
    let (after, then) = (behind.next(), behind.next());
    let is_its_money = matches!(after, Some("ka" | "ke" | "का" | "के"))
        && matches!(then, Some("paisa" | "paise" | "पैसा" | "पैसे" | "amount"));
    Mention {
        name: raw[words[from].from..words[to - 1].to]
            .trim_end_matches("'s")
            .trim_end_matches("’s")
            .to_owned(),
        category: is_kind_only.then(|| category(&text.join(" "))).flatten(),
        is_source: matches!(before, Some("from" | "of"))
            || matches!(after, Some("se" | "से"))
            || is_its_money,
        is_target: matches!(before, Some("to" | "into" | "in"))
            || matches!(after, Some("me" | "में" | "mai" | "par")),
        words: (from, to),
    }
}

/// Returns the kind that a phrase names.
fn category(phrase: &str) -> Option<&'static str> {
    CATEGORIES
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once(':'))
        .flat_map(|(name, phrases)| phrases.split('|').map(move |known| (name, known.trim())))
        .filter(|(_, known)| phrase.contains(known))
        .max_by_key(|(_, known)| known.len())
        .map(|(name, _)| name.trim())
}

/// Says whether the message is the name of a fund and nothing else.
pub fn is_only_a_name(words: &[Word], hits: &[Hit]) -> bool {
    let parts = (0..words.len()).map(|at| part(words, hits, at));
    let mut names = parts.filter(|part| *part != Part::Rest);
    !words.is_empty() && names.all(|part| matches!(part, Part::Brand | Part::Kind))
}

/// Returns the words that no other concept accounts for: what may be a name after "nav of"
/// or after "which fund?".
pub fn whatever_is_left(
    raw: &str,
    words: &[Word],
    hits: &[Hit],
    keeps_numbers: bool,
) -> Option<String> {
    let left: Vec<&Word> = words
        .iter()
        .enumerate()
        .filter(|(at, word)| {
            let is_number = word.text.starts_with(|c: char| c.is_ascii_digit());
            let is_name = !matches!(part(words, hits, *at), Part::None | Part::Rest);
            is_name || is_number && keeps_numbers
        })
        .map(|(_, word)| word)
        .collect();
    let names_something = (0..words.len()).any(|at| {
        matches!(
            part(words, hits, at),
            Part::Unknown | Part::Brand | Part::Kind
        )
    });
    names_something.then(|| {
        let typed: Vec<&str> = left.iter().map(|word| &raw[word.from..word.to]).collect();
        typed.join(" ")
    })
}
