//! What a word was meant to be: slips of the finger, SMS spelling, Hindi in whatever Latin
//! letters come to mind.
//!
//! A word is compared with the words of the lexicon only, and only if it is none of them:
//! doubled letters (`menuuu`), the same sound (`kholiye`, `kholie`), the same consonants
//! (`prtfolio`), one slip (two in long words), two words run together (`sipband`). Two
//! candidates that fit equally well are no candidate.

use std::collections::{HashMap, HashSet};

use super::normalise;
use super::words::Word;

/// The words there are, by everything they can be mistaken for.
#[derive(Debug, Default)]
pub struct Vocabulary {
    known: HashSet<String>,
    squeezed: HashMap<String, Vec<String>>,
    sounds: HashMap<String, Vec<String>>,
    bones: HashMap<String, Vec<String>>,
    by_initial: HashMap<char, Vec<String>>,
    without_initial: HashMap<String, Vec<String>>,
}

const SHORTEST_WITH_A_SLIP: usize = 5;
const SHORTEST_WITH_TWO_SLIPS: usize = 8;
const SHORTEST_SOUND: usize = 3;
const SHORTEST_JOINED: usize = 5;
const SHORTEST_PART: usize = 3;
const SHORTEST_SWAPPED: usize = 4;
/// Shorter words that are often run into the next one.
const SHORT_FIRST: &[&str] = &["i", "a", "my", "no", "to", "do", "is", "me"];
/// Shorter words that are often run into the one before.
const SHORT_LAST: &[&str] = &["of", "at", "me", "ka", "ki", "ko", "se", "is", "it"];

impl Vocabulary {
    /// Takes in a word.
    pub fn add(&mut self, word: &str) {
        if !self.known.insert(word.to_owned()) {
            return;
        }
        let list = |map: &mut HashMap<String, Vec<String>>, key: String| {
            map.entry(key).or_default().push(word.to_owned());
        };
        list(&mut self.squeezed, normalise::squeeze(word));
        list(&mut self.sounds, sound(word));
        if is_latin(word) {
            list(&mut self.bones, bones(word));
        }
        if let Some(initial) = word.chars().next() {
            let words = self.by_initial.entry(initial).or_default();
            words.push(word.to_owned());
        }
        if is_latin(word) && word.len() > SHORTEST_WITH_A_SLIP {
            list(&mut self.without_initial, word[1..].to_owned());
        }
    }

    /// Says whether the word is known as it stands.
    pub fn knows(&self, word: &str) -> bool {
        self.known.contains(word)
    }

    /// Returns the known word or words that this one was meant to be.
    pub fn correct(&self, word: &str) -> Option<Vec<String>> {
        if self.knows(word) || word.chars().any(|c| c.is_ascii_digit()) {
            return None;
        }
        let one = |found: Option<String>| found.map(|word| vec![word]);
        one(nearest(word, self.squeezed.get(&normalise::squeeze(word))))
            .or_else(|| one(self.sounding_like(word)))
            .or_else(|| one(self.abbreviated(word)))
            .or_else(|| one(self.with_slips(word)))
            .or_else(|| one(self.with_a_wrong_start(word)))
            .or_else(|| self.run_together(word))
    }

    /// Puts right the spaces that were typed a letter too early or too late: `m ysip`.
    pub fn move_spaces(&self, words: &mut [Word], is_known: impl Fn(&str) -> bool) {
        for at in 1..words.len() {
            let (left, right) = (words[at - 1].text.clone(), words[at].text.clone());
            let is_whole = is_known(&left) && is_known(&right);
            let shares_clause = words[at - 1].clause == words[at].clause;
            if is_whole || !shares_clause || !is_latin(&left) || !is_latin(&right) {
                continue;
            }
            let joined = format!("{left}{right}");
            let moved = [left.len() - 1, left.len() + 1]
                .into_iter()
                .filter(|cut| (1..joined.len()).contains(cut))
                .map(|cut| joined.split_at(cut))
                .find(|(left, right)| is_known(left) && is_known(right));
            if let Some((left, right)) = moved {
                left.clone_into(&mut words[at - 1].text);
                right.clone_into(&mut words[at].text);
                words[at - 1].exact = false;
                words[at].exact = false;
            }
        }
    }

    /// `abck`, `oldings`: the first letters swapped, or the first one missing.
    fn with_a_wrong_start(&self, word: &str) -> Option<String> {
        let mut letters: Vec<char> = word.chars().collect();
        if letters.len() < SHORTEST_SWAPPED {
            return None;
        }
        letters.swap(0, 1);
        let swapped: String = letters.iter().collect();
        if self.knows(&swapped) {
            return Some(swapped);
        }
        let is_long = letters.len() >= SHORTEST_WITH_A_SLIP;
        is_long.then(|| nearest(word, self.without_initial.get(word)))?
    }

    fn sounding_like(&self, word: &str) -> Option<String> {
        let key = sound(word);
        let long_enough = key.chars().count() >= SHORTEST_SOUND;
        long_enough.then(|| nearest(word, self.sounds.get(&key)))?
    }

    /// `prtfolio`, `rdm`: all consonants in order, fewer vowels.
    fn abbreviated(&self, word: &str) -> Option<String> {
        if !is_latin(word) {
            return None;
        }
        let key = bones(word);
        // The more vowels are there, the less likely is it that others were left out.
        let shortest = match normalise::squeeze(word).len() - key.len() {
            0 => 3,
            1 => 4,
            _ if word.len() >= 6 => 4,
            _ => 5,
        };
        if key.len() < shortest {
            return None;
        }
        let candidates: Vec<String> = self
            .bones
            .get(&key)?
            .iter()
            .filter(|known| known.len() > word.len())
            .cloned()
            .collect();
        nearest(word, Some(&candidates))
    }

    fn with_slips(&self, word: &str) -> Option<String> {
        let letters: Vec<char> = word.chars().collect();
        let most = match letters.len() {
            0..3 => return None,
            3..SHORTEST_WITH_A_SLIP => 0,
            SHORTEST_WITH_A_SLIP..SHORTEST_WITH_TWO_SLIPS => 1,
            _ => 2,
        };
        // Of two that are as near, the one with the same consonants was meant.
        let consonants = bones(word);
        let mut best: Option<(usize, &String)> = None;
        let mut is_tie = false;
        for known in self.by_initial.get(&letters[0])? {
            let known_letters: Vec<char> = known.chars().collect();
            // A short word forgives two letters swapped or one left out, and nothing else.
            let slips = if letters.len() < SHORTEST_WITH_A_SLIP {
                let is_missing_one = letters.len() == 4 && known_letters.len() == 5;
                let is_near = normalise::is_swap(&letters, &known_letters)
                    || is_missing_one && normalise::slips(&letters, &known_letters, 1).is_some();
                is_near.then_some(1)
            } else {
                normalise::slips(&letters, &known_letters, most)
            };
            let long_enough = known_letters.len() + 1 >= SHORTEST_WITH_A_SLIP;
            let Some(slips) = slips.filter(|_| long_enough) else {
                continue;
            };
            let slips = 2 * slips - usize::from(is_latin(known) && bones(known) == consonants);
            match best {
                Some((fewest, _)) if slips > fewest => {}
                Some((fewest, _)) if slips == fewest => is_tie = true,
                _ => {
                    best = Some((slips, known));
                    is_tie = false;
                }
            }
        }
        best.filter(|_| !is_tie).map(|(_, known)| known.clone())
    }

    fn run_together(&self, word: &str) -> Option<Vec<String>> {
        if word.chars().count() < SHORTEST_JOINED {
            return None;
        }
        let mut cuts = word.char_indices().map(|(at, _)| at).skip(1);
        cuts.find_map(|at| {
            let (left, right) = word.split_at(at);
            let (before, after) = (left.chars().count(), right.chars().count());
            let begins =
                before >= SHORTEST_PART || SHORT_FIRST.contains(&left) && after > SHORTEST_PART;
            let ends =
                after >= SHORTEST_PART || SHORT_LAST.contains(&right) && before > SHORTEST_PART;
            let both = begins && ends && self.knows(left) && self.knows(right);
            both.then(|| vec![left.to_owned(), right.to_owned()])
        })
    }
}

/// Reads `2` as "to" and `4` as "for" where they are no numbers: "want 2 invest", "hold 4 2
/// months".
pub fn read_digits_as_words(words: &mut [Word]) {
    const BEFORE_TO: &[&str] = &[
        "want", "need", "how", "like", "going", "went", "able", "try", "trying", "wish", "talk",
        "speak", "switch", "change", "move", "shift", "back", "go", "connect",
    ];
    for at in 1..words.len() {
        let next = words.get(at + 1).map(|word| word.text.clone());
        let next_is_number =
            |text: &String| text.starts_with(|c: char| c.is_ascii_digit()) || text == "me";
        let before = words[at - 1].text.as_str();
        let meant = match words[at].text.as_str() {
            "2" if BEFORE_TO.contains(&before)
                && next.as_ref().is_some_and(|n| n == "do" || !is_unit(n)) =>
            {
                "to"
            }
            "4" if next.as_ref().is_some_and(next_is_number) => "for",
            _ => continue,
        };
        meant.clone_into(&mut words[at].text);
        words[at].exact = false;
    }
}

fn is_unit(word: &str) -> bool {
    super::amount::is_measure(word)
}

/// Returns the candidate nearest in length, if there is a nearest one.
fn nearest(word: &str, candidates: Option<&Vec<String>>) -> Option<String> {
    let length = word.chars().count();
    let distance = |known: &String| known.chars().count().abs_diff(length);
    let candidates = candidates?;
    let least = candidates.iter().map(distance).min()?;
    let mut near = candidates.iter().filter(|known| distance(known) == least);
    let first = near.next()?;
    near.next().is_none().then(|| first.clone())
}

fn is_latin(word: &str) -> bool {
    word.chars().all(|c| c.is_ascii_lowercase())
}

/// Returns what a word sounds like, roughly: `chaahiye`, `chahie` and `chaiye` are one.
pub fn sound(word: &str) -> String {
    if is_latin(word) {
        latin_sound(word)
    } else {
        word.chars().filter_map(indic_sound).collect()
    }
}

#[rustfmt::skip]
const SOUNDS: &[(&str, &str)] = &[
    ("aa", "a"), ("ee", "i"), ("ii", "i"), ("oo", "u"), ("uu", "u"), ("ai", "e"), ("ei", "e"), ("au", "o"), ("ou", "o"),
    ("iye", "ie"), ("chh", "c"), ("ch", "c"), ("ph", "f"), ("sh", "s"), ("kh", "k"), ("gh", "g"), ("th", "t"), ("dh", "d"),
    ("bh", "b"), ("jh", "j"), ("ck", "k"), ("w", "v"), ("z", "j"), ("q", "k"), ("x", "ks"), ("y", "i"),
];

pub(super) fn latin_sound(word: &str) -> String {
    let mut sound = String::with_capacity(word.len());
    let mut rest = word;
    while let Some(first) = rest.chars().next() {
        let folded = SOUNDS.iter().find(|(written, _)| rest.starts_with(written));
        let (said, length) = match folded {
            Some((written, said)) => (*said, written.len()),
            None => (&rest[..first.len_utf8()], first.len_utf8()),
        };
        sound.push_str(said);
        rest = &rest[length..];
    }
    let squeezed = normalise::squeeze(&sound);
    let open = squeezed.strip_suffix('h').unwrap_or(&squeezed);
    // A nasal at the end is written or not: `nahin`, `karun`, `mein`.
    match open.strip_suffix('n') {
        Some(before) if before.len() > 2 && before.ends_with(['a', 'e', 'i', 'u', 'o']) => {
            before.to_owned()
        }
        _ => open.to_owned(),
    }
}

/// Long and short vowels, nasal dots and breath are typed for one another.
fn indic_sound(c: char) -> Option<char> {
    Some(match c {
        'ँ' | 'ं' | 'ः' | '्' | 'ં' | '્' => return None,
        'ी' => 'ि',
        'ू' => 'ु',
        'ई' => 'इ',
        'ऊ' => 'उ',
        'ॉ' => 'ो',
        'ऑ' => 'ओ',
        'ै' => 'े',
        'ણ' => 'ન',
        'ી' => 'િ',
        'ૂ' => 'ુ',
        other => other,
    })
}

/// Returns the word without vowels, its first letter kept.
fn bones(word: &str) -> String {
    let mut letters = normalise::squeeze(word);
    let mut at = 0;
    letters.retain(|c| {
        at += 1;
        at == 1 || !matches!(c, 'a' | 'e' | 'i' | 'o' | 'u')
    });
    normalise::squeeze(&letters)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vocabulary() -> Vocabulary {
        let mut vocabulary = Vocabulary::default();
        for word in [
            "portfolio",
            "redeem",
            "sip",
            "band",
            "chahiye",
            "statement",
            "menu",
            "nahi",
            "बंद",
            "एसआईपी",
        ] {
            vocabulary.add(word);
        }
        vocabulary
    }

    #[test]
    fn what_was_meant_is_found() {
        for (typed, meant) in [
            ("portfoilo", "portfolio"),
            ("prtfolio", "portfolio"),
            ("rdm", "redeem"),
            ("chaahie", "chahiye"),
            ("menuuu", "menu"),
            ("mneu", "menu"),
            ("nahin", "nahi"),
            ("sipband", "sip band"),
            ("statemnt", "statement"),
            ("एसआइपी", "एसआईपी"),
        ] {
            let found = vocabulary().correct(typed).map(|words| words.join(" "));
            assert_eq!(found.as_deref(), Some(meant), "{typed}");
        }
    }

    #[test]
    fn what_was_not_meant_is_left_alone() {
        for typed in ["sip", "xyz", "bund", "men", "5k", "station", "sap"] {
            assert_eq!(vocabulary().correct(typed), None, "{typed}");
        }
    }
}
