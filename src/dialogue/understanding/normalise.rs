//! Brings text as people type it into one form: lower case, one kind of digits, no
//! invisible characters. Changes spelling, never meaning.

/// Returns the text in lower case with every script's digits as 0-9, without nuktas,
/// joiners and quotes. Punctuation stays, because amounts need it.
pub fn text(raw: &str) -> String {
    raw.chars()
        .filter_map(plain)
        .flat_map(char::to_lowercase)
        .collect()
}

/// Returns the words of a normalised text: letters and digits together, nothing else.
pub fn words(normal: &str) -> Vec<String> {
    super::words::read(normal)
        .into_iter()
        .map(|word| word.text)
        .collect()
}

/// Returns the word with every run of one letter made a single letter (`hiiii` is `hi`).
/// Digits are left alone.
pub fn squeeze(word: &str) -> String {
    let mut out = String::with_capacity(word.len());
    for c in word.chars() {
        if c.is_ascii_digit() || !out.ends_with(c) {
            out.push(c);
        }
    }
    out
}

/// Says whether two words differ in two neighbouring letters swapped and in nothing else.
pub fn is_swap(a: &[char], b: &[char]) -> bool {
    let Some(at) = a.iter().zip(b).position(|(x, y)| x != y) else {
        return false;
    };
    a.len() == b.len()
        && at + 1 < a.len()
        && a[at] == b[at + 1]
        && a[at + 1] == b[at]
        && a[at + 2..] == b[at + 2..]
}

/// Returns how many slips of a finger part two words (a letter wrong, missing, extra, or
/// two swapped), or `None` if more than `most`.
pub fn slips(a: &[char], b: &[char], most: usize) -> Option<usize> {
    if a.len().abs_diff(b.len()) > most {
        return None;
    }
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i; b.len() + 1];
        for j in 1..=b.len() {
            let changed = last[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            row[j] = changed.min(last[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                row[j] = row[j].min(before[j - 2] + 1);
            }
        }
        before = std::mem::replace(&mut last, row);
    }
    Some(last[b.len()]).filter(|slips| *slips <= most)
}

/// Says whether a character is written in Devanagari.
pub fn is_devanagari(c: char) -> bool {
    matches!(c, '\u{900}'..='\u{963}' | '\u{966}'..='\u{97f}')
}

/// Says whether a character belongs to one of India's scripts, vowel signs included.
pub fn is_indic(c: char) -> bool {
    matches!(c, '\u{900}'..='\u{963}' | '\u{966}'..='\u{d7f}')
}

/// Says whether a character is part of a word.
pub fn is_part_of_word(c: char) -> bool {
    c.is_alphanumeric() || is_indic(c)
}

/// Returns the one form of a character; `None` if it says nothing.
pub fn plain(c: char) -> Option<char> {
    Some(match c {
        '\u{93c}'
        | '\u{9bc}'
        | '\u{abc}'
        | '\u{200b}'..='\u{200f}'
        | '\u{feff}'
        | '\u{fe0f}'
        | '\''
        | '’'
        | '‘'
        | '`' => {
            return None;
        }
        // Chandrabindu and anusvara are typed for one another (पाँच, पांच).
        '\u{901}' => '\u{902}',
        '\u{958}' => 'क',
        '\u{959}' => 'ख',
        '\u{95a}' => 'ग',
        '\u{95b}' => 'ज',
        '\u{95c}' => 'ड',
        '\u{95d}' => 'ढ',
        '\u{95e}' => 'फ',
        '\u{95f}' => 'य',
        '–' | '—' | '−' => '-',
        other => digit(other).unwrap_or(other),
    })
}

/// Where the digits of each script begin.
const ZEROS: &[char] = &['०', '০', '૦', '௦', '౦', '\u{ff10}'];

fn digit(c: char) -> Option<char> {
    let value = |zero: &char| (c as u32).checked_sub(*zero as u32).filter(|n| *n < 10);
    let value = ZEROS.iter().find_map(value)?;
    char::from_digit(value, 10)
}

/// Returns the word that a sign stands for.
pub fn spoken_sign(c: char) -> Option<&'static str> {
    match c {
        '👍' | '👌' | '✅' | '👏' | '💯' | '😊' | '🙂' => Some("ok"),
        '👎' | '❌' => Some("no"),
        '🙏' | '❤' => Some("ty"),
        '👋' => Some("hi"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_nuktas_and_joiners_come_to_one_form() {
        assert_eq!(text("₹१०००"), "₹1000");
        assert_eq!(text("૫૦ ৫০ ௫௦ ౫౦"), "50 50 50 50");
        assert_eq!(text("हज़ार"), text("हजार"));
        assert_eq!(text("Don’t STOP"), "dont stop");
        assert_eq!(words("profit/loss? ok."), ["profit", "loss", "ok"]);
        assert_eq!(words(&text("हिंदी में!")), ["हिंदी", "में"]);
    }

    #[test]
    fn slips_are_counted() {
        let count = |a: &str, b: &str| {
            let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
            slips(&a, &b, 2)
        };
        for (a, b, slips) in [
            ("portfolio", "portfolo", Some(1)),
            ("menu", "mneu", Some(1)),
            ("redeem", "redeam", Some(1)),
            ("statement", "sttaemnt", Some(2)),
            ("nav", "nav", Some(0)),
            ("portfolio", "prtfl", None),
            ("", "ab", Some(2)),
        ] {
            assert_eq!(count(a, b), slips, "{a} {b}");
            assert_eq!(count(b, a), slips, "{b} {a}");
        }
    }
}
