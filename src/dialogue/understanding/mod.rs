//! What a message means, without a model: the same words always mean the same.
//!
//! Pure and deterministic. Text is normalised, concepts are found by tables of words
//! (English with slips, Hinglish, Hindi), an ordered table of rules picks one intent, and
//! quantities and fund names are read out as slots. Where the conversation expects an
//! answer, the answer is looked for first; the words that work everywhere (`stop`, `menu`,
//! `agent`) still win.

pub mod amount;
mod answer;
pub mod expectation;
pub mod intent;
pub mod intents;
pub mod language;
pub mod lexicon;
pub mod normalise;
pub mod numbers;
pub mod shapes;
pub mod slots;

#[cfg(test)]
mod tests;

use rust_decimal::Decimal;

use amount::Quantities;
pub use expectation::Expectation;
pub use intent::Intent;
pub use language::Language;
use lexicon::{Concept, Hit};
pub use slots::{Frequency, Slots};

/// What a message means.
#[derive(Debug, Clone, PartialEq)]
pub struct Understood {
    /// What it wants.
    pub intent: Intent,
    /// What it says besides.
    pub slots: Slots,
    /// How sure the reading is, 0 to 1.
    pub confidence: f32,
    /// The language it is evidently in.
    pub language: Option<Language>,
}

/// Longer messages are read up to here; nobody asks for a NAV in a thousand words.
const MOST_CHARACTERS: usize = 1_000;

/// Reads a message.
pub fn understand(raw: &str, expects: Expectation) -> Understood {
    let raw: String = raw.chars().take(MOST_CHARACTERS).collect();
    let words = normalise::words(&normalise::text(&raw));
    let hits = lexicon::find(&words);
    let quantities = amount::quantities(&raw);
    let (intent, confidence) = intents::decide(&words, &hits, &quantities);
    let mut understood = Understood {
        intent,
        slots: slots(intent, &words, &hits, &quantities),
        confidence,
        language: language::detect(&raw),
    };
    let heard = answer::Heard {
        raw: &raw,
        words: &words,
        hits: &hits,
        quantities: &quantities,
    };
    answer::look_for(&mut understood, expects, &heard);
    understood
}

/// Returns the reading of one line of text as one line of JSON.
pub fn to_json_line(text: &str) -> String {
    let understood = understand(text, Expectation::Nothing);
    serde_json::json!({
        "text": text,
        "intent": understood.intent.public(),
        "slots": understood.slots,
        // Widened first: 0.8 as it is would be printed as 0.800000011920929.
        "confidence": (f64::from(understood.confidence) * 100.0).round() / 100.0,
        "language": understood.language,
    })
    .to_string()
}

/// Says whether there is a word that could name something: neither a number, its unit nor a
/// word of another meaning.
pub fn may_name(raw: &str) -> bool {
    let words = normalise::words(&normalise::text(raw));
    let hits = lexicon::find(&words);
    words.iter().enumerate().any(|(at, word)| {
        let is_used = hits
            .iter()
            .any(|hit| (hit.from..hit.to).contains(&at) && hit.concept != Concept::Fund);
        !is_used && !amount::is_measure(word)
    })
}

/// Says whether somebody has taken note ("ok", 👍) rather than said yes to something.
pub fn is_acknowledgement(raw: &str) -> bool {
    let words = normalise::words(&normalise::text(raw));
    let is_yes = |word: &String| {
        matches!(
            normalise::squeeze(word).as_str(),
            "yes"
                | "y"
                | "yeah"
                | "yep"
                | "han"
                | "ha"
                | "hanji"
                | "ji"
                | "kar"
                | "kr"
                | "kardo"
                | "continue"
                | "ahead"
                | "jari"
                | "हां"
                | "जी"
                | "कर"
                | "जारी"
        )
    };
    !words.iter().any(is_yes)
}

fn slots(intent: Intent, words: &[String], hits: &[Hit], quantities: &Quantities) -> Slots {
    let language = (intent == Intent::Language).then(|| {
        hits.iter().find_map(|hit| match hit.concept {
            Concept::English => Some(Language::En),
            Concept::Hindi => Some(Language::Hi),
            Concept::Hinglish => Some(Language::Hinglish),
            _ => None,
        })
    });
    // A number in a fund's name (Nifty 50, Top 100) is no amount.
    let names_a_fund = matches!(intent, Intent::Nav | Intent::FundInfo);
    Slots {
        amount: quantities.amount().filter(|_| !names_a_fund),
        number: quantities.only_bare().filter(|_| !names_a_fund),
        years: only(&quantities.years),
        months: only(&quantities.months).and_then(months),
        rate: only(&quantities.rates),
        fund: fund(intent, words, hits),
        language: language.flatten(),
        ..Slots::default()
    }
}

fn only(values: &[Decimal]) -> Option<Decimal> {
    match values {
        [one] => Some(*one),
        _ => None,
    }
}

fn months(value: Decimal) -> Option<u32> {
    use rust_decimal::prelude::ToPrimitive;
    value.round().to_u32().filter(|months| *months > 0)
}

/// Returns the words that no concept but a fund's name accounts for.
fn fund(intent: Intent, words: &[String], hits: &[Hit]) -> Option<String> {
    let about_a_fund = matches!(
        intent,
        Intent::Nav
            | Intent::FundInfo
            | Intent::SipStart
            | Intent::InvestOnce
            | Intent::Redeem
            | Intent::Switch
    );
    if !about_a_fund {
        return None;
    }
    let keeps_digits = matches!(intent, Intent::Nav | Intent::FundInfo);
    let is_used = |at: usize| {
        hits.iter()
            .any(|hit| (hit.from..hit.to).contains(&at) && hit.concept != Concept::Fund)
    };
    let left: Vec<&str> = words
        .iter()
        .enumerate()
        .filter(|(at, word)| {
            let is_digits = word.starts_with(|c: char| c.is_ascii_digit());
            !is_used(*at) && (keeps_digits || !is_digits && numbers::cardinal(word).is_none())
        })
        .map(|(_, word)| word.as_str())
        .collect();
    let names_something = left
        .iter()
        .any(|word| word.chars().filter(|c| c.is_alphabetic()).count() > 1);
    (names_something || intent == Intent::Nav && !left.is_empty()).then(|| left.join(" "))
}
