//! What an answer may say and how: by rules over the words, whatever the model was told.
//!
//! No recommendation, ranking, forecast, promise or advice on dividing money; no link but to
//! listed hosts; the reader's language and script; a bounded length. A clause that only
//! declines to advise may use the words it declines with.

use std::sync::LazyLock;

use super::tokens::{Phrases, sentences, words};
use crate::language::Language;

/// Longest answer of a model, in characters, slots not yet filled.
pub const LONGEST: usize = 1_200;

static ADVICE: LazyLock<Phrases> =
    LazyLock::new(|| Phrases::read(include_str!("words/advice.txt")));
static REFUSALS: LazyLock<Phrases> = LazyLock::new(|| {
    let list = include_str!("words/refusals.txt");
    let verbs = list.lines().filter_map(|line| line.strip_prefix("verbs "));
    let verbs: Vec<&str> = verbs.flat_map(str::split_whitespace).collect();
    let mut each = String::new();
    for line in list.lines().filter(|line| !line.starts_with("verbs ")) {
        match line.strip_suffix('+') {
            Some(begun) => each.extend(verbs.iter().map(|verb| format!("{begun}{verb}\n"))),
            None => each.extend([line, "\n"]),
        }
    }
    Phrases::read(&each)
});
static ORDERS: LazyLock<Vec<&'static str>> = LazyLock::new(|| {
    let lines = include_str!("words/orders.txt").lines();
    let lines = lines.filter(|line| !line.starts_with('#'));
    lines.flat_map(str::split_whitespace).collect()
});

/// Words that end what a refusal speaks of, or turn it round.
#[rustfmt::skip]
const TURNS: [&str; 31] = [
    "but", "however", "though", "although", "still", "yet", "so", "and", "hence", "therefore",
    "thus", "then", "because", "since", "as", "lekin", "par", "magar", "phir", "isliye", "islie",
    "toh", "aur", "kyunki", "लेकिन", "पर", "मगर", "इसलिए", "तो", "और", "क्योंकि",
];
/// Marks that do the same.
const MARKS: [char; 7] = [',', ':', '(', '–', '—', '…', '•'];

/// What is begun, ended or changed for another.
#[rustfmt::skip]
const CHANGES: [&str; 34] = [
    "start", "starting", "begin", "beginning", "stop", "stopping", "pause", "cancel", "switch",
    "switching", "move", "moving", "shift", "shifting", "replace", "redeem", "sell", "buy",
    "shuru", "chalu", "band", "rok", "roko", "roken", "badal", "badlo", "nikal", "bech", "शुरू",
    "चालू", "बंद", "रोक", "बदल", "निकाल",
];

/// Official places an answer may name.
const HOSTS: [&str; 6] = [
    "amfiindia.com",
    "sebi.gov.in",
    "scores.sebi.gov.in",
    "smartodr.in",
    "mfcentral.com",
    "incometax.gov.in",
];

/// Words of Hinglish that no English sentence has.
const HINGLISH: [&str; 38] = [
    "hai", "hain", "aap", "aapka", "aapki", "aapke", "aapko", "mein", "nahi", "nahin", "kya",
    "kaise", "karna", "karne", "karein", "hota", "hoti", "hote", "hoga", "hogi", "yeh", "ye",
    "woh", "wo", "aur", "bhi", "liye", "jab", "tab", "isme", "isse", "apne", "apna", "apni", "ka",
    "ki", "ke", "kuch",
];

/// Why an answer is not sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Breach {
    /// Nothing is said.
    #[error("there is nothing in it")]
    Empty,
    /// Too long to be read in a chat.
    #[error("it is too long")]
    Length,
    /// A character that has no place in it.
    #[error("the character U+{0:04X} has no place in it")]
    Character(u32),
    /// Not in the reader's language.
    #[error("it is in another language")]
    Language,
    /// A link or an address that is not listed.
    #[error("`{0}` is no listed place")]
    Link(String),
    /// Advice, a ranking, a forecast or a promise.
    #[error("`{0}` advises, ranks, foretells or promises")]
    Advice(String),
}

/// Checks the words of an answer; slots are left out of it beforehand. `own_host` is where
/// the service itself is reached.
pub fn check(spoken: &str, language: Language, own_host: Option<&str>) -> Result<(), Breach> {
    if spoken.chars().all(|c| !c.is_alphabetic()) {
        return Err(Breach::Empty);
    }
    if spoken.chars().count() > LONGEST {
        return Err(Breach::Length);
    }
    check_characters(spoken, language)?;
    check_links(spoken, own_host)?;
    check_language(spoken, language)?;
    check_advice(spoken)
}

/// Few characters are needed, and every other could hide a word from the lists.
fn check_characters(text: &str, language: Language) -> Result<(), Breach> {
    let is_allowed = |c: char| match c {
        '\n' | ' '..='~' => !matches!(c, '`' | '<' | '>' | '|' | '^' | '\\' | '~' | '#' | '['),
        '\u{0900}'..='\u{0965}' | '\u{0970}'..='\u{097f}' => language == Language::Hi,
        '\u{fffc}' | '‘' | '’' | '“' | '”' | '–' | '—' | '…' | '•' | '·' | '🙏' | '🙂' | '👍'
        | '✅' => true,
        _ => false,
    };
    match text.chars().find(|c| !is_allowed(*c)) {
        Some(c) => Err(Breach::Character(u32::from(c))),
        None => Ok(()),
    }
}

fn check_links(text: &str, own_host: Option<&str>) -> Result<(), Breach> {
    for token in text.split_whitespace() {
        let token = token.trim_matches(|c: char| !c.is_alphanumeric());
        let refused = || Breach::Link(token.chars().take(60).collect());
        if token.contains('@') || token.contains("//") || token.contains(":/") {
            let rest = token.strip_prefix("https://").ok_or_else(refused)?;
            if !is_listed(rest, own_host) {
                return Err(refused());
            }
        } else if looks_like_host(token) && !is_listed(token, own_host) {
            return Err(refused());
        }
    }
    Ok(())
}

fn is_listed(rest: &str, own_host: Option<&str>) -> bool {
    let host = rest
        .split(['/', '?', '#'])
        .next()
        .unwrap_or("")
        .to_lowercase();
    let bare = host.strip_prefix("www.").unwrap_or(&host);
    HOSTS.contains(&bare) || own_host.is_some_and(|own| own == host)
}

/// `wa.me`, `fund-shop.co.in/x`: letters right and left of a dot. A sentence that ends
/// without a space after it reads the same, and is refused with them.
fn looks_like_host(token: &str) -> bool {
    let host = token.split(['/', '?']).next().unwrap_or("");
    let labels: Vec<&str> = host.split('.').collect();
    let last = labels.last().copied().unwrap_or("");
    labels.len() >= 2
        && last.len() >= 2
        && last.chars().all(|c| c.is_ascii_alphabetic())
        && labels.iter().all(|label| !label.is_empty())
}

fn check_language(text: &str, language: Language) -> Result<(), Breach> {
    let letters = text.chars().filter(|c| c.is_alphabetic()).count();
    let devanagari = text
        .chars()
        .filter(|c| matches!(c, '\u{0900}'..='\u{097f}'));
    let devanagari = devanagari.filter(|c| c.is_alphabetic()).count();
    let words = words(text);
    let hinglish = words
        .iter()
        .filter(|w| HINGLISH.contains(&w.as_str()))
        .count();
    let is_right = match language {
        // Terms such as SIP and NAV stay in Latin letters.
        Language::Hi => devanagari * 2 > letters,
        Language::Hinglish => hinglish * 10 >= words.len() || words.len() < 4,
        Language::En => hinglish * 10 < words.len().max(10),
    };
    if is_right {
        Ok(())
    } else {
        Err(Breach::Language)
    }
}

/// Checks an answer that names several funds: what is to begin in one of them and to end
/// in another is advice, however it is put.
pub fn check_funds(spoken: &str, funds: usize) -> Result<(), Breach> {
    let words = words(spoken);
    let change = words.iter().find(|word| CHANGES.contains(&word.as_str()));
    match change.filter(|_| funds >= 2) {
        Some(change) => Err(Breach::Advice(change.clone())),
        None => Ok(()),
    }
}

fn check_advice(text: &str) -> Result<(), Breach> {
    // What is split over two sentences is still said.
    let mut all = Vec::new();
    for sentence in sentences(text) {
        let said = beyond_refusal(sentence);
        if let Some(order) = order_in(&said) {
            return Err(Breach::Advice(order.to_owned()));
        }
        all.extend(said);
    }
    match ADVICE.find(&all) {
        Some((from, to)) => Err(Breach::Advice(all[from..to].join(" "))),
        None => Ok(()),
    }
}

/// Returns the words of a sentence without the clause in which it only declines to advise.
/// A clause that names a fund, or has a "than" in it, does more than that.
fn beyond_refusal(sentence: &str) -> Vec<String> {
    let all = words(sentence);
    let marked = sentence.find(MARKS).unwrap_or(sentence.len());
    let mut clause = words(&sentence[..marked]);
    let turn = clause.iter().position(|w| TURNS.contains(&w.as_str()));
    clause.truncate(turn.unwrap_or(clause.len()));
    let compares = clause.iter().any(|word| word == "than");
    let names = sentence[..marked].contains('\u{fffc}');
    if REFUSALS.begins(&clause) && !compares && !names {
        all[clause.len()..].to_vec()
    } else {
        all
    }
}

/// Returns the verb that tells somebody what to do with their money, at the head of a
/// sentence. "Exit load" and "cut-off" are no orders.
fn order_in(words: &[String]) -> Option<&str> {
    const BEFORE: [&str; 7] = ["please", "then", "now", "so", "and", "also", "just"];
    const NOUNS: [&str; 2] = ["load", "off"];
    let at = words
        .iter()
        .position(|word| !BEFORE.contains(&word.as_str()))?;
    let is_noun = words
        .get(at + 1)
        .is_some_and(|next| NOUNS.contains(&next.as_str()));
    let first = words[at].as_str();
    (ORDERS.contains(&first) && !is_noun).then_some(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn en(text: &str) -> Result<(), Breach> {
        check(text, Language::En, Some("bot.example.in"))
    }

    #[test]
    fn advice_rankings_forecasts_and_promises_are_refused_in_each_language() {
        for text in [
            "You should start with this fund.",
            "This is the best fund in its group.",
            "It will surely grow.",
            "Buy it now.",
            "Put most of it in equity.",
            "I cannot recommend one, but this one is the best.",
            "Returns are guaranteed here.",
        ] {
            assert!(matches!(en(text), Err(Breach::Advice(_))), "{text}");
        }
        let hinglish = |text| check(text, Language::Hinglish, None);
        assert!(hinglish("Aapko yeh fund lena chahiye.").is_err());
        assert!(hinglish("Yeh fund sabse accha hai.").is_err());
        let hindi = |text| check(text, Language::Hi, None);
        assert!(hindi("आपको इस फंड में निवेश करना चाहिए।").is_err());
        assert!(hindi("यह फंड ज़रूर बढ़ेगा।").is_err());
    }

    #[test]
    fn declining_to_advise_is_no_advice() {
        assert_eq!(en("I cannot say which fund is best."), Ok(()));
        assert_eq!(
            en("I can't recommend a fund here. A person can talk it over with you."),
            Ok(())
        );
        let hinglish = |text| check(text, Language::Hinglish, None);
        assert_eq!(
            hinglish("Mutual fund mein return ki guarantee nahi hoti."),
            Ok(())
        );
        assert!(hinglish("Mutual fund mein return ki guarantee hai.").is_err());
    }

    #[test]
    fn a_negative_at_the_head_of_a_sentence_covers_no_advice() {
        for text in [
            "No fund is better than \u{fffc}, so you should invest in it now.",
            "I don't see any risk here, it is completely safe and returns are guaranteed.",
            "I cannot recommend anything better than this.",
            "I can't say which is best so you should start with this.",
            "I cannot say, this is the best.",
            "I cannot recommend a fund. Returns are guaranteed here.",
            "Nobody can beat it. It is the best.",
            "You might want to stop your SIP here.",
        ] {
            assert!(matches!(en(text), Err(Breach::Advice(_))), "{text}");
        }
        let hinglish = |text| check(text, Language::Hinglish, None);
        let text = "Kisi bhi fund se behtar \u{fffc} hai, aap isme invest karo.";
        assert!(hinglish(text).is_err());
    }

    #[test]
    fn what_begins_in_one_fund_and_ends_in_another_is_advice() {
        let text = "Your SIP in \u{fffc} can stop. A larger one can begin in \u{fffc}.";
        assert!(check_funds(text, 2).is_err());
        assert_eq!(check_funds(text, 1), Ok(()));
        let text = "Both \u{fffc} and \u{fffc} hold shares.";
        assert_eq!(check_funds(text, 2), Ok(()));
    }

    #[test]
    fn links_go_to_listed_places_only() {
        assert_eq!(
            en("Complaints are taken at scores.sebi.gov.in too."),
            Ok(())
        );
        assert_eq!(en("See https://bot.example.in/d/x for it."), Ok(()));
        for text in [
            "See https://evil.example/x",
            "See wa.me/x for it",
            "Write to a@b.in for it",
            "See amfiindia.com.evil.co for it",
            "See http://amfiindia.com now",
        ] {
            assert!(matches!(en(text), Err(Breach::Link(_))), "{text}");
        }
    }

    #[test]
    fn another_language_script_or_length_is_refused() {
        assert_eq!(
            en("Aapka SIP chal raha hai aur aapke fund mein hai"),
            Err(Breach::Language)
        );
        assert!(en("आपका").is_err() && en("Сбер").is_err());
        assert!(check("This is English.", Language::Hi, None).is_err());
        assert_eq!(en(&"word ".repeat(300)), Err(Breach::Length));
        assert_eq!(en(" ... "), Err(Breach::Empty));
    }
}
