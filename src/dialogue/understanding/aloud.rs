//! A word as it is said, in one alphabet: `करना`, `karna` and `krna` come to one form, and
//! so do the other scripts of India, which share the layout of Devanagari.

use super::spelling;

/// Returns a word as it is said, roughly.
pub fn aloud(word: &str) -> String {
    if word.is_ascii() {
        return said(word);
    }
    said(&romanised(word))
}

/// `account`, `akaunt`: a hard c is a k, a soft one an s.
fn said(word: &str) -> String {
    let mut hard = String::with_capacity(word.len());
    let mut letters = word.chars().peekable();
    while let Some(letter) = letters.next() {
        hard.push(match (letter, letters.peek()) {
            ('c', Some('e' | 'i' | 'y')) => 's',
            ('c', Some('h')) => 'c',
            ('c', _) => 'k',
            (other, _) => other,
        });
    }
    spelling::latin_sound(&hard)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Letter {
    Consonant(&'static str),
    Vowel(&'static str),
    /// A vowel that is written as part of the consonant before.
    Sign(&'static str),
    /// Takes the vowel from the consonant before.
    Silent,
    Nasal,
    Other(char),
}

/// Returns a word of any of India's scripts in Latin letters; others stay as they are.
pub fn romanised(word: &str) -> String {
    // Each sound with whether it is the unwritten vowel, which is often not said.
    let mut sounds: Vec<(String, bool)> = Vec::new();
    let letters: Vec<Letter> = word.chars().map(letter).collect();
    for (at, letter) in letters.iter().enumerate() {
        match letter {
            Letter::Consonant(said) => {
                sounds.push(((*said).to_owned(), false));
                let next = letters.get(at + 1);
                if !matches!(next, Some(Letter::Sign(_) | Letter::Silent)) {
                    sounds.push(("a".to_owned(), true));
                }
            }
            Letter::Vowel(said) | Letter::Sign(said) => sounds.push(((*said).to_owned(), false)),
            Letter::Nasal => sounds.push(("n".to_owned(), false)),
            Letter::Other(other) => sounds.push((other.to_string(), false)),
            Letter::Silent => {}
        }
    }
    drop_unsaid(&mut sounds);
    sounds.into_iter().map(|(sound, _)| sound).collect()
}

/// The unwritten vowel is not said at the end, nor between two syllables that have one.
fn drop_unsaid(sounds: &mut Vec<(String, bool)>) {
    let is_vowel = |sound: &(String, bool)| sound.0.starts_with(['a', 'e', 'i', 'o', 'u']);
    let mut at = sounds.len();
    while at > 0 {
        at -= 1;
        if !sounds[at].1 || at < 2 {
            continue;
        }
        let is_last = at + 1 == sounds.len();
        let stands_between = at >= 2
            && at + 2 < sounds.len()
            && is_vowel(&sounds[at - 2])
            && !is_vowel(&sounds[at + 1])
            && is_vowel(&sounds[at + 2]);
        if is_last || stands_between {
            sounds.remove(at);
        }
    }
}

fn letter(c: char) -> Letter {
    use Letter::{Consonant, Nasal, Other, Sign, Silent, Vowel};
    let code = u32::from(c);
    if !(0x900..0xd80).contains(&code) {
        return Other(c);
    }
    // Every block of 128 has its letters in the order of the first.
    match code & 0x7f {
        0x00..=0x02 | 0x70 => Nasal,
        0x05 => Vowel("a"),
        0x06 => Vowel("aa"),
        0x07 | 0x08 => Vowel("i"),
        0x09 | 0x0a => Vowel("u"),
        0x0b => Vowel("ri"),
        0x0d..=0x0f => Vowel("e"),
        0x10 => Vowel("ai"),
        0x11..=0x13 => Vowel("o"),
        0x14 => Vowel("au"),
        0x15 => Consonant("k"),
        0x16 => Consonant("kh"),
        0x17 => Consonant("g"),
        0x18 => Consonant("gh"),
        0x19 | 0x1e | 0x23 | 0x28 | 0x29 => Consonant("n"),
        0x1a | 0x1b => Consonant("ch"),
        0x1c => Consonant("j"),
        0x1d => Consonant("jh"),
        0x1f | 0x24 => Consonant("t"),
        0x20 | 0x25 => Consonant("th"),
        0x21 | 0x26 => Consonant("d"),
        0x22 | 0x27 => Consonant("dh"),
        0x2a => Consonant("p"),
        0x2b => Consonant("ph"),
        0x2c => Consonant("b"),
        0x2d => Consonant("bh"),
        0x2e => Consonant("m"),
        0x2f => Consonant("y"),
        0x30 | 0x31 => Consonant("r"),
        0x32..=0x34 => Consonant("l"),
        0x35 => Consonant("v"),
        0x36 | 0x37 => Consonant("sh"),
        0x38 => Consonant("s"),
        0x39 => Consonant("h"),
        0x3e => Sign("aa"),
        0x3f | 0x40 => Sign("i"),
        0x41 | 0x42 => Sign("u"),
        0x43 => Sign("ri"),
        0x45..=0x47 => Sign("e"),
        0x48 => Sign("ai"),
        0x49..=0x4b => Sign("o"),
        0x4c => Sign("au"),
        0x4d => Silent,
        _ => Other(c),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_and_spellings_come_to_one_form() {
        for (written, latin) in [
            ("करना", "karna"),
            ("निकालना", "nikaalna"),
            ("बदलना", "badalna"),
            ("बंद", "band"),
            ("हज़ार", "hazaar"),
            ("અને", "ane"),
            ("টাকা", "taka"),
        ] {
            let normal = super::super::normalise::text(written);
            assert_eq!(aloud(&normal), aloud(latin), "{written}");
        }
    }
}
