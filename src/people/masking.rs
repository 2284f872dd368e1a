//! What of a text may be shown to whoever holds it: no PAN, no account number, no Aadhaar
//! number, however it was typed.

use super::pan::{Pan, PanFault, masked_pan};

/// Digits from which on a number could be an account's; an Aadhaar number has twelve.
const LONG: usize = 9;
/// Digits of a number that are left, so that its owner knows which it is.
const LEFT: usize = 4;
/// Letters and digits of a PAN.
const PAN: usize = 10;

/// Returns `text` with each PAN in it as `AAxxxxxx0A` and each number of nine digits or more
/// as `xxxx6789`: in any script, with spaces, hyphens or dots inside. A phone number looks
/// no different, and goes as well.
pub fn mask_numbers(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut masked = String::with_capacity(text.len());
    let mut at = 0;
    while at < chars.len() {
        let is_inside = at > 0 && chars[at - 1].is_ascii_alphanumeric();
        let is_start = chars[at].is_ascii_alphabetic() && !is_inside;
        let pan = is_start.then(|| pan_at(&chars[at..])).flatten();
        let found = pan.or_else(|| number_at(&chars[at..]));
        let (shown, length) = found.unwrap_or_else(|| (chars[at].to_string(), 1));
        masked.push_str(&shown);
        at += length;
    }
    masked
}

/// Returns what may be shown of the PAN that begins here, and its length as it is written.
fn pan_at(chars: &[char]) -> Option<(String, usize)> {
    let mut whole = String::new();
    let mut length = 0;
    for &c in chars {
        match digit(c).or(c.is_ascii_alphabetic().then_some(c)) {
            Some(part) => whole.push(part),
            None if whole.len() == PAN => break,
            None => {}
        }
        if whole.len() > PAN {
            return None;
        }
        length += 1;
    }
    let is_pan = !matches!(Pan::parse(&whole), Err(PanFault::Shape));
    let whole = whole.to_ascii_uppercase();
    is_pan.then(|| (masked_pan(&whole), length))
}

/// Returns what may be shown of the digits that begin here, if they are many, and their
/// length as they are written.
fn number_at(chars: &[char]) -> Option<(String, usize)> {
    let (mut digits, mut length) = (String::new(), 0);
    for (at, &c) in chars.iter().enumerate() {
        match digit(c) {
            Some(digit) => {
                digits.push(digit);
                length = at + 1;
            }
            None if is_between(c) && length > 0 => {}
            None => break,
        }
    }
    if length == 0 {
        return None;
    }
    if digits.len() < LONG {
        return Some((chars[..length].iter().collect(), length));
    }
    let left = &digits[digits.len() - LEFT..];
    Some((format!("xxxx{left}"), length))
}

/// Says whether people write it inside a number, or it cannot be seen there.
fn is_between(c: char) -> bool {
    matches!(c, ' ' | '-' | '.' | '\u{a0}' | '\u{200b}'..='\u{200f}' | '\u{2010}'..='\u{2014}' | '\u{2060}' | '\u{feff}')
}

/// Returns the digit as it is written here, whatever script it is of.
fn digit(c: char) -> Option<char> {
    const ZEROS: [char; 13] = [
        '0', '०', '০', '੦', '૦', '୦', '௦', '౦', '೦', '൦', '\u{660}', '\u{6f0}', '\u{ff10}',
    ];
    let value = |zero: &char| u32::from(c).checked_sub(u32::from(*zero));
    let value = ZEROS.iter().filter_map(value).find(|value| *value < 10)?;
    char::from_digit(value, 10)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_that_tell_who_somebody_is_are_masked_however_they_are_written() {
        for (text, shown) in [
            ("my pan is aaapr 0000r ok", "my pan is AAxxxxxx0R ok"),
            ("AAAPR-0000-R.", "AAxxxxxx0R."),
            ("PAN:  AAAPR0000R", "PAN:  AAxxxxxx0R"),
            ("ABCCE1234F of the firm", "ABxxxxxx4F of the firm"),
            ("5010 0123 4567", "xxxx4567"),
            (
                "a/c:5010 0123 4567, HDFC0001234",
                "a/c:xxxx4567, HDFC0001234",
            ),
            ("no501001234567hdfc", "noxxxx4567hdfc"),
            ("५०१००१२३४५६७", "xxxx4567"),
            ("൨൩൪൫ ൬൭൮൯ ൦൧൨൩", "xxxx0123"),
            (
                "\u{6f2}\u{6f3}\u{6f4}\u{6f5}\u{6f6}\u{6f7}\u{6f8}\u{6f9}\u{6f0}",
                "xxxx7890",
            ),
            (
                "\u{662}\u{663}\u{664}\u{665}\u{666}\u{667}\u{668}\u{669}\u{660}",
                "xxxx7890",
            ),
            ("9999 4105 7058", "xxxx7058"),
            ("9999.4105.7058", "xxxx7058"),
        ] {
            let masked = mask_numbers(text);
            assert_eq!(masked, shown, "{text}");
        }
    }

    #[test]
    fn amounts_dates_and_words_stay() {
        for text in [
            "SIP of 5000 for 10 years at 12%",
            "₹1,00,00,000 on 20/02/1988",
            "my sip 5000 i think",
            "नमस्ते 👋",
            "",
        ] {
            assert_eq!(mask_numbers(text), text);
        }
    }

    proptest! {
        #[test]
        fn none_survives(before in "\\PC{0,9}", digits in "[0-9]{9,18}", pan in "[A-Z]{3}P[A-Z][0-9]{4}[A-Z]", after in "[a-z ]{0,9}") {
            let masked = mask_numbers(&format!("{before} {digits}, {pan} {after}"));
            prop_assert!(!masked.contains(&digits) && !masked.contains(&pan), "{}", masked);
        }
    }
}
