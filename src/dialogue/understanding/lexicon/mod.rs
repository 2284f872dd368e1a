//! What words mean, as data: the tables beside this file, one per language, each line a
//! concept with the words and phrases people use for it.
//!
//! ```text
//! redeem: redeem | withdraw | cash out
//! redeem<: redeemed | withdrew
//! ```
//!
//! `<` says that it has already happened; `~` before a name, that its words keep their other
//! meanings (in "is my data safe" both "is my" and "my data" are found). A word that ends in `*` stands for every word
//! that begins so, for languages that put their small words at the end of the big ones. A
//! phrase is found before its parts; what is misspelled is corrected first (see
//! [`spelling`](super::spelling)).

use std::collections::HashMap;
use std::sync::LazyLock;

use super::normalise;
use super::spelling::Vocabulary;
use super::words::Word;

const TABLES: &[&str] = &[
    include_str!("english.txt"),
    include_str!("hinglish.txt"),
    include_str!("hindi.txt"),
    include_str!("gujarati.txt"),
    include_str!("marathi.txt"),
    include_str!("bengali.txt"),
    include_str!("tamil.txt"),
    include_str!("telugu.txt"),
    include_str!("funds.txt"),
];
/// Kinds of funds: each line a kind and the words it is asked for by.
pub(super) const CATEGORIES: &str = include_str!("categories.txt");
const SPELLINGS: &str = include_str!("spellings.txt");

/// What a word or phrase stands for, by its number among the names of the tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Concept(pub(super) u8);

/// A concept found in a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hit {
    /// What was found.
    pub concept: Concept,
    /// Index of its first word.
    pub from: usize,
    /// Index after its last word.
    pub to: usize,
    /// Whether it was spelled as in the lexicon.
    pub exact: bool,
    /// Whether the word itself says that it has happened.
    pub is_past: bool,
}

/// The tables, ready for looking up.
#[derive(Debug, Default)]
pub struct Lexicon {
    names: Vec<String>,
    phrases: HashMap<String, Vec<Entry>>,
    beside: HashMap<String, Vec<Entry>>,
    stems: Vec<(String, Entry)>,
    spellings: HashMap<String, String>,
    vocabulary: Vocabulary,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Entry {
    concept: Concept,
    is_past: bool,
}

const LONGEST_PHRASE: usize = 6;
const LONGEST_BESIDE: usize = 4;
/// The concept of every phrase of the table of kinds of funds.
const KIND: &str = "kind";

/// The one lexicon.
pub static LEXICON: LazyLock<Lexicon> = LazyLock::new(|| {
    let mut lexicon = Lexicon::default();
    for table in TABLES {
        lexicon.read(table);
    }
    let concept = lexicon.intern(KIND);
    for (_, phrases) in rows(CATEGORIES) {
        for phrase in phrases {
            let is_past = false;
            lexicon.add(&phrase, Entry { concept, is_past }, false);
        }
    }
    for (words, spellings) in rows(SPELLINGS) {
        for spelling in spellings {
            lexicon.spellings.insert(spelling, words.to_owned());
        }
        for word in words.split(' ') {
            lexicon.vocabulary.add(word);
        }
    }
    for word in super::numbers::words() {
        lexicon.vocabulary.add(word);
    }
    lexicon
});

/// Returns the rows of a table: the name before the colon and the phrases behind it.
fn rows(table: &str) -> impl Iterator<Item = (&str, Vec<String>)> {
    table
        .lines()
        .filter(|line| !line.trim_start().starts_with('#'))
        .filter_map(|line| line.split_once(':'))
        .map(|(name, phrases)| {
            let phrases = phrases.split('|').map(str::trim);
            let phrases = phrases.filter(|phrase| !phrase.is_empty());
            (name.trim(), phrases.map(normalise::text).collect())
        })
}

impl Lexicon {
    fn read(&mut self, table: &str) {
        for (name, phrases) in rows(table) {
            let is_past = name.ends_with('<');
            let stands_beside = name.starts_with('~');
            let concept = self.intern(name.trim_matches(['<', '~']));
            for phrase in phrases {
                let entry = Entry { concept, is_past };
                self.add(&phrase, entry, stands_beside);
            }
        }
    }

    fn add(&mut self, phrase: &str, entry: Entry, stands_beside: bool) {
        if let Some(stem) = phrase.strip_suffix('*') {
            self.stems.push((stem.to_owned(), entry));
            return;
        }
        let words = normalise::words(phrase);
        for word in &words {
            self.vocabulary.add(word);
        }
        let phrases = if stands_beside {
            &mut self.beside
        } else {
            &mut self.phrases
        };
        let entries = phrases.entry(words.join(" ")).or_default();
        if !entries.contains(&entry) {
            entries.push(entry);
        }
    }

    fn intern(&mut self, name: &str) -> Concept {
        let at = self.names.iter().position(|known| known == name);
        let at = at.unwrap_or_else(|| {
            self.names.push(name.to_owned());
            self.names.len() - 1
        });
        Concept(u8::try_from(at).expect("the tables have fewer than 256 concepts"))
    }

    /// Returns the concept of a name, if the tables have it.
    pub fn concept(&self, name: &str) -> Option<Concept> {
        let at = self.names.iter().position(|known| known == name)?;
        u8::try_from(at).ok().map(Concept)
    }

    /// Returns the name of a concept.
    pub fn name(&self, concept: Concept) -> &str {
        &self.names[usize::from(concept.0)]
    }

    /// Corrects the spelling of the words.
    pub fn correct(&self, mut words: Vec<Word>) -> Vec<Word> {
        let is_known =
            |word: &str| self.vocabulary.knows(word) || self.spellings.contains_key(word);
        self.vocabulary.move_spaces(&mut words, is_known);
        let mut corrected = Vec::with_capacity(words.len());
        for word in words {
            let meant = match self.spellings.get(&word.text) {
                Some(meant) => Some(meant.split(' ').map(str::to_owned).collect()),
                None if self.stem(&word.text).is_some() => None,
                None => self.vocabulary.correct(&word.text),
            };
            match meant {
                Some(meant) => corrected.extend(meant.into_iter().map(|text| Word {
                    text,
                    exact: false,
                    ..word.clone()
                })),
                None => corrected.push(word),
            }
        }
        corrected
    }

    /// Finds the concepts of corrected words, longest phrases first, left to right.
    pub fn find(&self, words: &[Word]) -> Vec<Hit> {
        let mut hits = self.find_beside(words);
        let mut at = 0;
        while at < words.len() {
            let longest = LONGEST_PHRASE.min(words.len() - at);
            let phrase = (1..=longest).rev().find_map(|length| {
                let key = key(&words[at..at + length]);
                let entries = self.phrases.get(&key)?;
                Some((entries.as_slice(), length))
            });
            let stem = self.stem(&words[at].text);
            let (entries, length) = match (phrase, &stem) {
                (Some(found), _) => found,
                (None, Some(entry)) => (std::slice::from_ref(entry), 1),
                (None, None) => (&[][..], 1),
            };
            hits.extend(entries.iter().map(|entry| hit(words, at, length, *entry)));
            at += length;
        }
        hits
    }

    /// Finds what stands beside other meanings, wherever it is.
    fn find_beside(&self, words: &[Word]) -> Vec<Hit> {
        let mut hits = Vec::new();
        for at in 0..words.len() {
            for length in 1..=LONGEST_BESIDE.min(words.len() - at) {
                let entries = self.beside.get(&key(&words[at..at + length]));
                let entries = entries.into_iter().flatten();
                hits.extend(entries.map(|entry| hit(words, at, length, *entry)));
            }
        }
        hits
    }

    fn stem(&self, word: &str) -> Option<Entry> {
        let stems = self.stems.iter();
        let stems = stems.filter(|(stem, _)| word.starts_with(stem.as_str()));
        stems
            .max_by_key(|(stem, _)| stem.len())
            .map(|(_, entry)| *entry)
    }
}

fn hit(words: &[Word], from: usize, length: usize, entry: Entry) -> Hit {
    Hit {
        concept: entry.concept,
        from,
        to: from + length,
        exact: words[from..from + length].iter().all(|word| word.exact),
        is_past: entry.is_past,
    }
}

fn key(words: &[Word]) -> String {
    let mut key = String::new();
    for word in words {
        if !key.is_empty() {
            key.push(' ');
        }
        key.push_str(&word.text);
    }
    key
}
