//! What a message means, without a language model: the same words always mean the same.
//!
//! Pure and deterministic. Words are cut and corrected, concepts are found by tables of
//! words (English with slips, Hinglish, Hindi and five more languages), each action is
//! weighed for refusal, past and supposition; all that is evidence, and a small model
//! learnt from labelled messages says which intent it is evidence of. Quantities and fund
//! names are read out as slots. Where the conversation expects an
//! answer, the answer is looked for first; the words that work everywhere (`stop`, `menu`,
//! `agent`) still win.

pub mod aloud;
pub mod amount;
mod answer;
pub mod consent;
mod decide;
pub mod evidence;
pub mod expectation;
mod finer;
mod instead;
pub mod intent;
pub mod language;
pub mod learn;
pub mod lexicon;
mod meant;
pub mod model;
pub mod names;
pub mod normalise;
pub mod numbers;
pub mod periods;
pub mod polarity;
mod reading;
pub mod shapes;
pub mod slots;
pub mod spelling;
pub mod starts;
pub mod two;
pub mod words;

#[cfg(test)]
mod tests;

use amount::Quantities;
pub use expectation::Expectation;
pub use intent::Intent;
pub use language::Language;
use lexicon::{Hit, LEXICON};
use names::Mention;
use polarity::Mode;
pub use slots::{Frequency, Slots};
use words::Word;

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

/// A message taken apart.
struct Parsed {
    words: Vec<Word>,
    hits: Vec<Hit>,
    modes: Vec<Mode>,
    quantities: Quantities,
    mentions: Vec<Mention>,
}

/// Reads a message.
pub fn understand(raw: &str, expects: Expectation) -> Understood {
    let raw: String = raw.chars().take(MOST_CHARACTERS).collect();
    let parsed = parse(&raw);
    let (intent, confidence) = decide::decide(&raw, &parsed);
    let intent = finer::finer(intent, &raw, &parsed);
    let message = reading::Message {
        raw: &raw,
        words: &parsed.words,
        hits: &parsed.hits,
        modes: &parsed.modes,
        quantities: &parsed.quantities,
        mentions: &parsed.mentions,
    };
    let mut understood = Understood {
        intent,
        slots: reading::slots(intent, &message),
        confidence,
        language: language::detect(&raw),
    };
    let heard = answer::Heard {
        raw: &raw,
        words: &parsed.words,
        hits: &parsed.hits,
        quantities: &parsed.quantities,
    };
    answer::look_for(&mut understood, expects, &heard);
    understood
}

fn parse(raw: &str) -> Parsed {
    let mut words = LEXICON.correct(words::read(raw));
    spelling::read_digits_as_words(&mut words);
    let hits = LEXICON.find(&words);
    let is_quoted = raw.matches(['"', '“', '”', '«']).count() >= 2;
    let modes = polarity::modes(&words, &hits, is_quoted);
    let mentions = names::mentions(raw, &words, &hits);
    let quantities = amount::quantities_of(&respelled(raw, &words, &mentions));
    Parsed {
        words,
        hits,
        modes,
        quantities,
        mentions,
    }
}

/// Returns the text with its words corrected and everything else as it was, because
/// amounts need the signs between the words; the 100 of a `top 100` is none.
fn respelled(raw: &str, words: &[Word], mentions: &[Mention]) -> String {
    let mut text = String::with_capacity(raw.len());
    let mut at = 0;
    let is_of_a_name = |place: usize| {
        let mut spans = mentions.iter().map(|mention| mention.words);
        spans.any(|(from, to)| from < place && place < to)
    };
    for (place, word) in words.iter().enumerate() {
        if word.from >= at {
            text.push_str(&normalise::text(&raw[at..word.from]));
        } else {
            text.push(' ');
        }
        if !(is_of_a_name(place) && word.text.starts_with(|c: char| c.is_ascii_digit())) {
            text.push_str(&word.text);
        }
        at = word.to;
    }
    text.push_str(&normalise::text(&raw[at..]));
    text
}

/// Returns the reading of one line of text as one line of JSON.
pub fn to_json_line(text: &str) -> String {
    let understood = understand(text, Expectation::Nothing);
    serde_json::json!({
        "text": text,
        "intent": understood.intent.public(),
        "slots": understood.slots.public(),
        // Widened first: 0.8 as it is would be printed as 0.800000011920929.
        "confidence": (f64::from(understood.confidence) * 100.0).round() / 100.0,
        "language": understood.language,
    })
    .to_string()
}

/// Says whether there is a word that could name something: neither a number, its unit nor a
/// word of another meaning.
pub fn may_name(raw: &str) -> bool {
    let parsed = parse(raw);
    names::whatever_is_left(raw, &parsed.words, &parsed.hits, false).is_some()
}

/// Says whether every word of a message is one that has a meaning here, and as it was typed:
/// it names nobody.
pub fn is_in_known_words(raw: &str) -> bool {
    let parsed = parse(raw);
    answer::is_in_known_words(&parsed.words, &parsed.hits)
}

/// Says whether a message is a yes or a no and nothing else. An "ok" only takes note.
pub fn is_plain_yes_or_no(raw: &str) -> bool {
    const PLAIN: &[&str] = &["yes", "correct", "no", "nahi", "polite", "aux"];
    let parsed = parse(raw);
    let is_plain = |at: usize| {
        let mut over = parsed
            .hits
            .iter()
            .filter(|hit| (hit.from..hit.to).contains(&at));
        over.any(|hit| PLAIN.contains(&LEXICON.name(hit.concept)))
    };
    (0..parsed.words.len()).all(is_plain)
}

/// Says whether a message speaks of something, by its name in the tables of words.
pub fn speaks_of(raw: &str, concept: &str) -> bool {
    let parsed = parse(raw);
    let mut hits = parsed.hits.iter();
    hits.any(|hit| LEXICON.name(hit.concept) == concept)
}

/// Returns the words of a message in one spelling, to be compared with other words.
pub fn plain_words(raw: &str) -> Vec<String> {
    normalise::words(&normalise::text(raw))
}

/// Says whether somebody has taken note ("ok", 👍) rather than said yes to something.
pub fn is_acknowledgement(raw: &str) -> bool {
    let parsed = parse(raw);
    let says_yes = |hit: &Hit| matches!(LEXICON.name(hit.concept), "yes" | "proceed");
    !parsed.hits.iter().any(says_yes)
}
