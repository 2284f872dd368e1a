//! What a message means, without a model: the same words always mean the same.
//!
//! Pure and deterministic. Text is normalised, concepts are found by tables of words
//! (English with slips, Hinglish, Hindi), an ordered table of rules picks one intent, and
//! quantities and fund names are read out as slots. Where the conversation expects an
//! answer, the answer is looked for first; the words that work everywhere (`stop`, `menu`,
//! `agent`) still win.

pub mod amount;
pub mod intents;
pub mod language;
pub mod lexicon;
pub mod normalise;
pub mod numbers;

#[cfg(test)]
mod tests;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use amount::Quantities;
pub use intents::Intent;
pub use language::Language;
use lexicon::{Concept, Hit};

/// What the last prompt asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Expectation {
    /// Nothing in particular.
    #[default]
    Nothing,
    /// A number: an amount, years or a rate.
    Number,
    /// The name of a fund.
    FundName,
}

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

/// What a message says besides its intent.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Slots {
    /// Rupees.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub amount: Option<Decimal>,
    /// A small number without a unit.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub number: Option<Decimal>,
    /// Months (years are twelve of them).
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub months: Option<u32>,
    /// Percent per year.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub rate: Option<Decimal>,
    /// The fund as it was typed.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub fund: Option<String>,
    /// The language asked for.
    #[serde(skip_serializing_if = "Option::is_none", default)]
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
    answer(&mut understood, expects, &words, &hits, &quantities);
    understood
}

/// Returns the reading of one line of text as one line of JSON.
pub fn to_json_line(text: &str) -> String {
    let understood = understand(text, Expectation::Nothing);
    serde_json::json!({
        "text": text,
        "intent": understood.intent,
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

/// Turns the reading into an answer where the last prompt asked for one and got it.
fn answer(
    understood: &mut Understood,
    expects: Expectation,
    words: &[String],
    hits: &[Hit],
    quantities: &Quantities,
) {
    let is_weak = understood.confidence <= 0.6;
    match expects {
        Expectation::Nothing => {}
        Expectation::Number => {
            let about_money = matches!(
                understood.intent,
                Intent::Calculator | Intent::Lumpsum | Intent::Confirm
            );
            if (is_weak || about_money) && !quantities.is_empty() {
                understood.intent = Intent::Answer;
            } else if let ([word], true) = (words, is_weak || about_money)
                && let Some(number) = numbers::cardinal(word)
            {
                understood.intent = Intent::Answer;
                understood.slots.number = Some(number.into());
            }
        }
        Expectation::FundName => {
            if is_weak && understood.intent != Intent::SipStart {
                understood.slots.fund = fund(Intent::Nav, words, hits);
                if understood.slots.fund.is_some() {
                    understood.intent = Intent::Answer;
                }
            }
        }
    }
}

fn slots(intent: Intent, words: &[String], hits: &[Hit], quantities: &Quantities) -> Slots {
    let months = match (&quantities.years[..], &quantities.months[..]) {
        ([years], []) => months(*years * Decimal::from(12)),
        ([], [only]) => months(*only),
        ([years], [more]) => months(*years * Decimal::from(12) + *more),
        _ => None,
    };
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
        months,
        rate: match quantities.rates[..] {
            [one] => Some(one),
            _ => None,
        },
        fund: fund(intent, words, hits),
        language: language.flatten(),
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
            | Intent::Lumpsum
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
