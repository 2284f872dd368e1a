//! Keeps from the model what could tell who somebody is: PAN, Aadhaar, bank account, folio,
//! phone, e-mail and names. Each is replaced by a token, and put back in the answer.
//!
//! Rather too much than too little is masked: of a sum of a hundred crore the model loses a
//! figure it must not speak of anyway.

use super::grounding::Slots;

/// Digits from which on a number could be an account, a folio or a phone.
const LONG: usize = 9;
/// Words after which any number, however short, names something of theirs.
const NAMERS: [&str; 14] = [
    "folio",
    "account",
    "acc",
    "a/c",
    "ac",
    "khata",
    "khaata",
    "pan",
    "aadhaar",
    "aadhar",
    "otp",
    "फोलियो",
    "खाता",
    "आधार",
];
/// Words after which somebody says their name.
const INTRODUCTIONS: [&[&str]; 7] = [
    &["my", "name", "is"],
    &["name", "is"],
    &["mera", "naam"],
    &["naam", "hai"],
    &["this", "is"],
    &["मेरा", "नाम"],
    &["myself"],
];
/// Words that no name holds.
const NO_NAME: [&str; 20] = [
    "hai", "and", "my", "a", "the", "what", "i", "pan", "aur", "mera", "है", "और", "not", "for",
    "how", "kya", "wrong", "about", "is", "from",
];

/// What was hidden in one turn.
#[derive(Debug, Clone, Default)]
pub struct Mask {
    /// Names on record, longest first, in lower case.
    names: Vec<String>,
    hidden: Slots,
}

impl Mask {
    /// Returns a mask that also hides these, whole and by their parts: names, addresses and
    /// numbers that are on record about somebody.
    pub fn new(on_record: &[String]) -> Self {
        let parts = on_record.iter().flat_map(|text| {
            let whole = std::iter::once(text.trim());
            whole.chain(text.split_whitespace())
        });
        let is_telling = |text: &&str| text.chars().filter(|c| c.is_alphanumeric()).count() >= 3;
        let mut names: Vec<String> = parts.filter(is_telling).map(str::to_lowercase).collect();
        names.sort_by_key(|name| std::cmp::Reverse(name.len()));
        names.dedup();
        Self {
            names,
            hidden: Slots::new(),
        }
    }

    /// Returns what was hidden so far, by token.
    pub fn hidden(&self) -> &Slots {
        &self.hidden
    }

    /// Replaces everything personal in a text; braces in it are made harmless.
    pub fn hide(&mut self, text: &str) -> String {
        let plain: String = text.chars().filter_map(plain).collect();
        let plain = self.hide_names(&plain);
        let mut out = String::with_capacity(plain.len());
        let tokens: Vec<&str> = plain.split_inclusive(char::is_whitespace).collect();
        let mut at = 0;
        let mut named = false;
        while at < tokens.len() {
            let token = tokens[at];
            let word = token.trim_matches(|c: char| !c.is_alphanumeric() && c != '/');
            let word = word.to_lowercase();
            if token.contains('@') {
                out.push_str(&self.token("email", token));
                at += 1;
                continue;
            }
            let (kind, length) = number(&tokens[at..], named).unwrap_or(("", 0));
            if length > 0 {
                let whole = tokens[at..at + length].concat();
                out.push_str(&self.token(kind, &whole));
                at += length;
                named = false;
                continue;
            }
            let is_between = matches!(
                word.as_str(),
                "no" | "number" | "is" | "hai" | "no." | "नंबर" | ""
            );
            named = NAMERS.contains(&word.as_str()) || (named && is_between);
            out.push_str(token);
            at += 1;
        }
        out
    }

    /// Puts back what was hidden.
    pub fn restore(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (token, hidden) in &self.hidden {
            text = text.replace(&format!("{{{{{token}}}}}"), hidden);
        }
        text
    }

    /// Returns the token for a text, with the space that ended it.
    fn token(&mut self, kind: &str, text: &str) -> String {
        let bare = text.trim_end();
        let space = &text[bare.len()..];
        let known = self.hidden.iter().find(|(_, hidden)| *hidden == bare);
        let token = known.map(|(token, _)| token.clone());
        let token = token.unwrap_or_else(|| {
            let token = format!("{kind}_{}", self.hidden.len() + 1);
            self.hidden.insert(token.clone(), bare.to_owned());
            token
        });
        format!("{{{{{token}}}}}{space}")
    }

    fn hide_names(&mut self, text: &str) -> String {
        let mut text = text.to_owned();
        for name in self.names.clone() {
            let mut from = 0;
            while let Some((start, end)) = find_word(&text, &name, from) {
                let token = self.token("name", &text[start..end]);
                text.replace_range(start..end, &token);
                from = start + token.len();
            }
        }
        let spoken: Vec<&str> = text.split_inclusive(char::is_whitespace).collect();
        let bare: Vec<String> = spoken
            .iter()
            .map(|word| {
                word.trim_matches(|c: char| {
                    !c.is_alphanumeric() && !matches!(c, '\u{0900}'..='\u{0dff}')
                })
            })
            .map(str::to_lowercase)
            .collect();
        let mut out = String::with_capacity(text.len());
        let mut at = 0;
        while at < spoken.len() {
            out.push_str(spoken[at]);
            at += 1;
            let introduces =
                |words: &&[&str]| at >= words.len() && bare[at - words.len()..at] == **words;
            if INTRODUCTIONS.iter().any(introduces) {
                let is_name = |word: &String| {
                    !word.is_empty()
                        && !NO_NAME.contains(&word.as_str())
                        && word
                            .chars()
                            .all(|c| c.is_alphabetic() || matches!(c, '\u{0900}'..='\u{0dff}'))
                };
                let count = bare[at..].iter().take(3).take_while(|w| is_name(w)).count();
                if count > 0 {
                    out.push_str(&self.token("name", &spoken[at..at + count].concat()));
                    at += count;
                }
            }
        }
        out
    }
}

/// Digits of any script as the usual ones; what cannot be seen goes, and braces are no slots.
fn plain(c: char) -> Option<char> {
    const ZEROS: [u32; 12] = [
        0x0966, 0x09e6, 0x0a66, 0x0ae6, 0x0b66, 0x0be6, 0x0c66, 0x0ce6, 0x0d66, 0x0660, 0x06f0,
        0xff10,
    ];
    let code = u32::from(c);
    let digit = ZEROS
        .iter()
        .find_map(|zero| code.checked_sub(*zero).filter(|d| *d < 10));
    match (c, digit) {
        (_, Some(digit)) => char::from_digit(digit, 10),
        ('{', _) => Some('('),
        ('}', _) => Some(')'),
        (
            '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{2069}'
            | '\u{feff}'
            | '\u{ad}',
            _,
        ) => None,
        (c, _) if c.is_control() && c != '\n' => Some(' '),
        (c, _) => Some(c),
    }
}

/// Returns what kind of number begins here and over how many tokens it goes.
fn number(tokens: &[&str], named: bool) -> Option<(&'static str, usize)> {
    let compact =
        |token: &str| -> String { token.chars().filter(char::is_ascii_alphanumeric).collect() };
    let first = compact(tokens.first()?);
    if is_pan(&first) {
        return Some(("pan", 1));
    }
    if is_ifsc(&first) {
        return Some(("bank", 1));
    }
    let has_digit = first.chars().any(|c| c.is_ascii_digit());
    // A PAN that is written in groups: ABCDE 1234 F.
    for count in 2..=3.min(tokens.len()) {
        let whole: String = tokens[..count].iter().map(|t| compact(t)).collect();
        if first.len() <= 5 && is_pan(&whole) {
            return Some(("pan", count));
        }
    }
    if !has_digit {
        return None;
    }
    // Digits in groups, as phone and account numbers are written.
    let is_group = |token: &&&str| {
        let text = token.trim();
        !text.is_empty()
            && text
                .chars()
                .all(|c| c.is_ascii_digit() || "+-./()".contains(c))
            && text.chars().any(|c| c.is_ascii_digit())
    };
    let count = tokens.iter().take_while(is_group).count();
    if named {
        return Some(("number", count.max(1)));
    }
    let digits = |tokens: &[&str]| -> usize {
        tokens
            .iter()
            .flat_map(|t| t.chars())
            .filter(char::is_ascii_digit)
            .count()
    };
    if count > 0 && digits(&tokens[..count]) >= LONG {
        return Some(("number", count));
    }
    let has_long_run = tokens[0]
        .split(|c: char| !c.is_ascii_digit() && !"-./()+".contains(c))
        .any(|run| run.chars().filter(char::is_ascii_digit).count() >= LONG);
    has_long_run.then_some(("number", 1))
}

fn is_pan(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() == 10
        && bytes[..5].iter().all(u8::is_ascii_alphabetic)
        && bytes[5..9].iter().all(u8::is_ascii_digit)
        && bytes[9].is_ascii_alphabetic()
}

fn is_ifsc(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() == 11
        && bytes[..4].iter().all(u8::is_ascii_alphabetic)
        && bytes[4] == b'0'
        && bytes[5..].iter().all(u8::is_ascii_alphanumeric)
        && bytes[5..].iter().any(u8::is_ascii_digit)
}

/// Finds a name as whole words, whatever its capitals.
fn find_word(text: &str, name: &str, from: usize) -> Option<(usize, usize)> {
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '\u{0900}'..='\u{0dff}');
    let starts = text
        .char_indices()
        .map(|(at, _)| at)
        .filter(|at| *at >= from);
    for start in starts {
        let mut end = start;
        let mut wanted = name.chars();
        let mut next = wanted.next();
        for c in text[start..].chars() {
            let Some(letter) = next else { break };
            if c.to_lowercase().next() != Some(letter) {
                break;
            }
            end += c.len_utf8();
            next = wanted.next();
        }
        let before = text[..start].chars().next_back();
        let after = text[end..].chars().next();
        let is_whole = !before.is_some_and(is_part) && !after.is_some_and(is_part);
        // Inside a token that stands there already nothing is looked for.
        if next.is_none() && is_whole && before != Some('{') {
            return Some((start, end));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ON_RECORD: [&str; 3] = ["Asha Kulkarni", "asha.k@example.in", "919000000000"];

    fn hide(text: &str) -> (String, String) {
        let mut mask = Mask::new(&ON_RECORD.map(str::to_owned));
        let hidden = mask.hide(text);
        let restored = mask.restore(&hidden);
        (hidden, restored)
    }

    #[test]
    fn what_tells_who_somebody_is_goes_and_comes_back() {
        for (text, secret) in [
            ("my pan is ABCDE1234F ok", "ABCDE1234F"),
            ("pan abcde 1234 f please", "1234"),
            ("aadhaar 1234 5678 9012", "5678"),
            ("call me on +91 98765 43210", "43210"),
            ("call 98765-43210.", "43210"),
            ("a/c 50100123456789 hdfc0001234", "50100123456789"),
            ("ifsc HDFC0001234", "HDFC0001234"),
            ("mail a.b@mail.example", "mail.example"),
            ("upi rahul@okbank", "okbank"),
            ("folio no 1234 ka status", "1234"),
            ("folio 910112/34", "910112"),
            ("I am ASHA kulkarni, show", "kulkarni"),
            ("My name is Rahul Dev and my SIP failed", "Rahul"),
            ("मेरा नाम राहुल वर्मा है", "राहुल"),
            ("ph ९८७६५४३२१०", "9876543210"),
        ] {
            let (hidden, restored) = hide(text);
            assert!(
                !hidden.to_lowercase().contains(&secret.to_lowercase()),
                "{text} -> {hidden}"
            );
            assert!(restored.contains(secret), "{hidden} -> {restored}");
        }
    }

    #[test]
    fn amounts_years_and_funds_stay() {
        for text in [
            "SIP of 5000 for 10 years at 12%",
            "invest 1,00,00,000 in Nifty 50",
            "why did my SIP of 25000 fail on 5 aug?",
        ] {
            assert_eq!(hide(text).0, text);
        }
    }

    #[test]
    fn nobody_can_write_a_slot() {
        assert_eq!(hide("say {{f1}} now").0, "say ((f1)) now");
    }

    proptest! {
        #[test]
        fn no_long_number_pan_or_name_survives(
            before in "[a-z ]{0,20}", digits in "[0-9]{9,18}", pan in "[A-Z]{5}[0-9]{4}[A-Z]", after in "[a-z ]{0,20}"
        ) {
            let (hidden, _) = hide(&format!("{before} {digits} {pan} Asha Kulkarni {after}"));
            prop_assert!(!hidden.contains(&digits) && !hidden.contains(&pan));
            prop_assert!(!hidden.to_lowercase().contains("kulkarni"));
        }

        #[test]
        fn no_text_makes_masking_panic(text in "\\PC{0,200}") {
            hide(&text);
        }
    }
}
