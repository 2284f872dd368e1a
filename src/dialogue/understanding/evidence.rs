//! What a message has, as the model sees it: words as they are said, words side by side,
//! pieces of words, meanings and how they are spoken of, alone and in pairs, the same of
//! the last clause, and which quantities there are.
//!
//! Names of funds and numbers are left out of the words: what is wanted does not hang on
//! which fund it is. Each kind of evidence counts as much as it was found to help; all
//! together a message weighs one, however long it is.

use super::aloud::{aloud, romanised};
use super::lexicon::LEXICON;
use super::polarity::{self, Mode};
use super::words::{self, Word};
use super::{Parsed, normalise};

/// So many kinds of evidence are told apart; the rest falls together by chance.
pub const BUCKETS: usize = 1 << 15;

/// The evidence of a message: each bucket once, with its weight.
pub type Evidence = Vec<(usize, f32)>;

const WORD: f32 = 1.0;
const NEIGHBOURS: f32 = 0.7;
const ONE_APART: f32 = 0.4;
const PIECE: f32 = 0.35;
const MEANING: f32 = 0.8;
const PAIR: f32 = 0.35;
const LAST_CLAUSE: f32 = 0.4;
const SHAPE: f32 = 0.5;

/// Returns the evidence of a message.
pub(super) fn of(raw: &str, parsed: &Parsed) -> Evidence {
    let mut found = Found(Vec::new());
    let said = said(parsed);
    found.words(&said);
    found.pieces(raw);
    found.meanings(&meanings(raw, parsed));
    found.last_clause(parsed);
    found.shape(raw, said.len());
    found.weighed()
}

/// Returns the words as they are said, with a sign for each number and each name of a fund.
fn said(parsed: &Parsed) -> Vec<String> {
    let is_name = |at: usize| {
        parsed.hits.iter().any(|hit| {
            let names = ["brand", "kind", "plan", "index_name"];
            (hit.from..hit.to).contains(&at) && names.contains(&LEXICON.name(hit.concept))
        })
    };
    let mut said: Vec<String> = Vec::with_capacity(parsed.words.len());
    for (at, word) in parsed.words.iter().enumerate() {
        let word = if is_name(at) {
            "FUND".to_owned()
        } else if is_number(word) {
            "#".to_owned()
        } else {
            aloud(&word.text)
        };
        let repeats = matches!(word.as_str(), "FUND" | "#") && said.last() == Some(&word);
        if !repeats {
            said.push(word);
        }
    }
    said
}

fn is_number(word: &Word) -> bool {
    word.text.starts_with(|c: char| c.is_ascii_digit())
}

/// Returns what the words mean, each meaning once, in order. What is written in another
/// script is read a second time in Latin letters: `स्टॉप` is `stop`.
fn meanings(raw: &str, parsed: &Parsed) -> Vec<String> {
    let hits = parsed.hits.iter().zip(&parsed.modes);
    let mut meanings: Vec<String> = hits
        .map(|(hit, mode)| spoken_of(LEXICON.name(hit.concept), *mode))
        .collect();
    if raw.chars().any(normalise::is_indic) {
        let latin = words::read(raw).into_iter().map(|word| Word {
            text: romanised(&word.text),
            ..word
        });
        let latin = LEXICON.correct(latin.collect());
        let hits = LEXICON.find(&latin);
        let modes = polarity::modes(&latin, &hits, false);
        let both = hits.iter().zip(modes);
        meanings.extend(both.map(|(hit, mode)| spoken_of(LEXICON.name(hit.concept), mode)));
    }
    meanings.extend(quantities(parsed).map(str::to_owned));
    meanings.sort_unstable();
    meanings.dedup();
    meanings
}

fn spoken_of(name: &str, mode: Mode) -> String {
    let mark = match mode {
        Mode::Plain => "",
        Mode::Refused => "-",
        Mode::Past => "<",
        Mode::Supposed => "?",
    };
    format!("{name}{mark}")
}

fn quantities(parsed: &Parsed) -> impl Iterator<Item = &'static str> {
    let found = &parsed.quantities;
    let mut brands = parsed.mentions.iter().filter(|m| m.category.is_none());
    [
        ("#amount", !found.money.is_empty()),
        ("#two_amounts", found.money.len() == 2),
        ("#bare", !found.bare.is_empty()),
        ("#day", !found.days.is_empty()),
        ("#years", !found.years.is_empty()),
        ("#months", !found.months.is_empty()),
        ("#rate", !found.rates.is_empty()),
        ("#units", !found.units.is_empty()),
        ("#fund", brands.next().is_some()),
        ("#two_funds", parsed.mentions.len() >= 2),
        ("#from_fund", parsed.mentions.iter().any(|m| m.is_source)),
        ("#to_fund", parsed.mentions.iter().any(|m| m.is_target)),
    ]
    .into_iter()
    .filter_map(|(name, holds)| holds.then_some(name))
}

struct Found(Evidence);

impl Found {
    fn add(&mut self, kind: &str, parts: &[&str], weight: f32) {
        self.0.push((bucket(kind, parts), weight));
    }

    fn words(&mut self, said: &[String]) {
        const BEGIN: &str = "^";
        const END: &str = "$";
        let framed: Vec<&str> = std::iter::once(BEGIN)
            .chain(said.iter().map(String::as_str))
            .chain([END])
            .collect();
        for word in said {
            self.add("word", &[word], WORD);
        }
        for pair in framed.windows(2) {
            self.add("neighbours", pair, NEIGHBOURS);
        }
        for three in framed.windows(3) {
            self.add("apart", &[three[0], three[2]], ONE_APART);
        }
    }

    /// Pieces of the words as they were typed: they survive a slip elsewhere in the word.
    fn pieces(&mut self, raw: &str) {
        for word in words::read(raw).iter().filter(|word| !is_number(word)) {
            let framed: Vec<char> = format!("^{}$", aloud(&word.text)).chars().collect();
            for piece in (3..=5).flat_map(|length| framed.windows(length)) {
                let piece: String = piece.iter().collect();
                self.add("piece", &[&piece], PIECE);
            }
        }
    }

    fn meanings(&mut self, meanings: &[String]) {
        for (at, one) in meanings.iter().enumerate() {
            self.add("meaning", &[one], MEANING);
            for other in &meanings[at + 1..] {
                self.add("pair", &[one, other], PAIR);
            }
        }
    }

    /// Where somebody changes their mind, the last clause is what they want.
    fn last_clause(&mut self, parsed: &Parsed) {
        let Some(last) = parsed.words.last() else {
            return;
        };
        let clauses = parsed.words.iter().map(|word| word.clause);
        let from = clauses.take_while(|clause| *clause != last.clause).count();
        if from == 0 {
            return;
        }
        for word in &parsed.words[from..] {
            self.add("last word", &[&aloud(&word.text)], LAST_CLAUSE);
        }
        for (hit, mode) in parsed.hits.iter().zip(&parsed.modes) {
            if hit.from >= from {
                let meaning = spoken_of(LEXICON.name(hit.concept), *mode);
                self.add("last meaning", &[&meaning], LAST_CLAUSE);
            }
        }
    }

    fn shape(&mut self, raw: &str, words: usize) {
        if raw.contains('?') {
            self.add("asked", &[], SHAPE);
        }
        let length = match words {
            0..=1 => "1",
            2 => "2",
            3..=4 => "3 to 4",
            5..=8 => "5 to 8",
            9..=14 => "9 to 14",
            _ => "more",
        };
        self.add("length", &[length], SHAPE);
    }

    fn weighed(self) -> Evidence {
        let mut evidence = self.0;
        evidence.sort_by_key(|(bucket, _)| *bucket);
        evidence.dedup_by_key(|(bucket, _)| *bucket);
        let squares = evidence.iter().map(|(_, weight)| weight * weight);
        let whole = squares.sum::<f32>().sqrt();
        for (_, weight) in &mut evidence {
            *weight /= whole;
        }
        evidence
    }
}

/// FNV-1a: the same on every machine.
fn bucket(kind: &str, parts: &[&str]) -> usize {
    let mut hash = Fingerprint::default();
    hash.take(kind.as_bytes());
    for part in parts {
        hash.take(part.as_bytes());
    }
    let mixed = hash.0 ^ (hash.0 >> 29);
    usize::try_from(mixed % BUCKETS as u64).unwrap_or_default()
}

/// A number that stands for everything it took in, in order.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fingerprint(pub(super) u64);

impl Default for Fingerprint {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Fingerprint {
    /// Takes in some bytes, and that they end here.
    pub(super) fn take(&mut self, bytes: &[u8]) {
        for byte in bytes.iter().chain([&0xff]) {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}
