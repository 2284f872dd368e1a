//! Brings text as people type it into one form: lower case, one kind of digits, no
//! invisible characters, words apart from punctuation. Changes spelling, never meaning.

/// Returns the text in lower case with Devanagari digits as 0-9, without nuktas, joiners
/// and quotes. Punctuation stays, because amounts need it.
pub fn text(raw: &str) -> String {
    raw.chars()
        .filter_map(plain)
        .flat_map(char::to_lowercase)
        .collect()
}

/// Returns the words of a normalised text: letters and digits together, nothing else.
pub fn words(normal: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    for c in normal.chars() {
        if is_part_of_word(c) {
            word.push(c);
            continue;
        }
        if !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        if let Some(spoken) = spoken_sign(c) {
            words.push(spoken.to_owned());
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
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

/// Says whether two words differ by one slip of a finger at most: a letter wrong, missing,
/// extra, or two swapped. The first letter has to be right.
pub fn is_slip(a: &str, b: &str) -> bool {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let (short, long) = if a.len() <= b.len() {
        (&a, &b)
    } else {
        (&b, &a)
    };
    if long.len() - short.len() > 1 || short.is_empty() || short[0] != long[0] {
        return false;
    }
    let same = short.iter().zip(long).take_while(|(x, y)| x == y).count();
    if short.len() < long.len() {
        return short[same..] == long[same + 1..];
    }
    if same == short.len() || short[same + 1..] == long[same + 1..] {
        return true;
    }
    same + 1 < short.len()
        && short[same] == long[same + 1]
        && short[same + 1] == long[same]
        && short[same + 2..] == long[same + 2..]
}

/// Says whether a character is written in Devanagari.
pub fn is_devanagari(c: char) -> bool {
    matches!(c, '\u{900}'..='\u{963}' | '\u{966}'..='\u{97f}')
}

fn is_part_of_word(c: char) -> bool {
    c.is_alphanumeric() || is_devanagari(c)
}

fn plain(c: char) -> Option<char> {
    Some(match c {
        '\u{93c}' | '\u{200b}'..='\u{200f}' | '\u{feff}' | '\u{fe0f}' | '\'' | '’' | '‘' | '`' =>
        {
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
        '०'..='९' => char::from_digit(c as u32 - '०' as u32, 10)?,
        '\u{ff10}'..='\u{ff19}' => char::from_digit(c as u32 - 0xff10, 10)?,
        '–' | '—' | '−' => '-',
        other => other,
    })
}

fn spoken_sign(c: char) -> Option<&'static str> {
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
    fn hindi_digits_nuktas_and_joiners_come_to_one_form() {
        assert_eq!(text("₹१०००"), "₹1000");
        assert_eq!(text("हज़ार"), text("हजार"));
        assert_eq!(text("Don’t STOP"), "dont stop");
        assert_eq!(words("profit/loss? ok."), ["profit", "loss", "ok"]);
        assert_eq!(words(&text("हिंदी में!")), ["हिंदी", "में"]);
    }

    #[test]
    fn one_slip_is_forgiven_and_two_are_not() {
        for (a, b) in [
            ("portfolio", "portfolo"),
            ("menu", "mneu"),
            ("redeem", "redeam"),
            ("nav", "nav"),
        ] {
            assert!(is_slip(a, b) && is_slip(b, a), "{a} {b}");
        }
        for (a, b) in [
            ("portfolio", "prtfolo"),
            ("switch", "twitch"),
            ("nav", ""),
            ("abcd", "adcb"),
        ] {
            assert!(!is_slip(a, b), "{a} {b}");
        }
    }
}
