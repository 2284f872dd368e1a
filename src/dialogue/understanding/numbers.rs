//! Numbers in digits and in words, as India says them: `2.5`, `1,00,000`, `dhai`,
//! `saadhe teen hazaar`, `one lakh twenty thousand`.

use rust_decimal::Decimal;

use super::normalise::is_indic;

/// A piece of a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Token {
    /// Digits.
    Number(Decimal),
    /// Letters, or a sign that speaks (`%`, `@`; `₹` is `rs`).
    Word(String),
}

impl Token {
    /// Returns the word, if it is one.
    pub fn word(&self) -> Option<&str> {
        match self {
            Self::Word(word) => Some(word),
            Self::Number(_) => None,
        }
    }
}

/// A number and where it ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Number {
    /// Its value.
    pub value: Decimal,
    /// Index of the token after it.
    pub end: usize,
    /// Whether it was written with digits.
    pub has_digits: bool,
    /// Whether it had a scale (`k`, `hazaar`, `lakh`) or a fraction word.
    pub has_scale: bool,
}

/// Splits a normalised text; `None` if something with digits is no number (`1e5`, `-500`).
pub fn tokens(normal: &str) -> Option<Vec<Token>> {
    let chars: Vec<char> = normal.chars().collect();
    let mut tokens = Vec::new();
    let mut at = 0;
    while at < chars.len() {
        let c = chars[at];
        let start = at;
        if c.is_ascii_digit() {
            while at < chars.len() && continues_number(&chars, at) {
                at += 1;
            }
            tokens.push(Token::Number(literal(&chars[start..at])?));
            if let Some(suffix) = glued_word(&chars, at) {
                (is_known_suffix(&suffix)).then_some(())?;
            }
        } else if is_letter(c) {
            while at < chars.len() && is_letter(chars[at]) {
                at += 1;
            }
            tokens.push(Token::Word(chars[start..at].iter().collect()));
        } else {
            at += 1;
            let next_is_digit = chars.get(at).is_some_and(char::is_ascii_digit);
            let after_number = matches!(tokens.last(), Some(Token::Number(_)));
            match c {
                '-' if next_is_digit && !after_number => return None,
                '-' if next_is_digit => tokens.push(Token::Word("to".to_owned())),
                '₹' => tokens.push(Token::Word("rs".to_owned())),
                '%' | '@' => tokens.push(Token::Word(c.to_string())),
                _ => {}
            }
        }
    }
    Some(tokens)
}

/// Reads the number that starts at `at`, sums of scales included (`1 lakh 20 hazaar`).
pub fn number(tokens: &[Token], at: usize) -> Option<Number> {
    let mut sum = term(tokens, at)?;
    let mut smallest = sum.scale;
    while smallest > Decimal::ONE
        && let Some(next) = term(tokens, sum.end)
        && next.scale < smallest
        && next.value < smallest
        && (next.scale > Decimal::ONE || stands_alone(tokens, &next))
    {
        sum.value = sum.value.checked_add(next.value)?;
        sum.end = next.end;
        sum.has_digits |= next.has_digits;
        smallest = next.scale;
    }
    Some(Number {
        value: sum.value,
        end: sum.end,
        has_digits: sum.has_digits,
        has_scale: sum.has_scale,
    })
}

struct Term {
    value: Decimal,
    scale: Decimal,
    end: usize,
    has_digits: bool,
    has_scale: bool,
}

/// A coefficient with its scales: `5`, `5 k`, `dhai lakh`, `sava lakh`.
fn term(tokens: &[Token], at: usize) -> Option<Term> {
    let (coefficient, mut end, has_digits, mut has_scale) = coefficient(tokens, at)?;
    let mut scale = Decimal::ONE;
    while let Some(times) = tokens.get(end).and_then(Token::word).and_then(scale_of) {
        scale = scale.checked_mul(times)?;
        has_scale = true;
        end += 1;
    }
    let value = coefficient.checked_mul(scale)?;
    Some(Term {
        value,
        scale,
        end,
        has_digits,
        has_scale,
    })
}

fn coefficient(tokens: &[Token], at: usize) -> Option<(Decimal, usize, bool, bool)> {
    let word = match tokens.get(at)? {
        Token::Number(value) => return Some((*value, at + 1, true, false)),
        Token::Word(word) => word.as_str(),
    };
    let hundredths = |n: i64| Decimal::new(n, 2);
    let shifted = |by: i64, alone: Option<i64>| {
        if let Some((n, end, digits)) = whole(tokens, at + 1) {
            return Some((n + hundredths(by), end, digits, true));
        }
        let is_scaled = tokens.get(at + 1)?.word().and_then(scale_of).is_some();
        let alone = alone.filter(|_| is_scaled)?;
        Some((hundredths(alone), at + 1, false, true))
    };
    match word {
        "sava" | "sawa" | "सवा" => shifted(25, Some(125)),
        "saadhe" | "sadhe" | "saade" | "sade" | "साढे" => shifted(50, None),
        "paune" | "pone" | "पौने" => shifted(-25, Some(75)),
        "dedh" | "deedh" | "derh" | "डेढ" => Some((hundredths(150), at + 1, false, false)),
        "dhai" | "adhai" | "dhaai" | "ढाई" => Some((hundredths(250), at + 1, false, false)),
        _ => whole(tokens, at).map(|(n, end, digits)| (n, end, digits, false)),
    }
}

fn whole(tokens: &[Token], at: usize) -> Option<(Decimal, usize, bool)> {
    let word = match tokens.get(at)? {
        Token::Number(value) => return Some((*value, at + 1, true)),
        Token::Word(word) => word,
    };
    let value = cardinal(word)?;
    let ones = tokens
        .get(at + 1)
        .and_then(Token::word)
        .and_then(english_ones);
    match ones {
        Some(ones) if ENGLISH_TENS.contains(&word.as_str()) => {
            Some((Decimal::from(value + ones), at + 2, false))
        }
        _ => Some((Decimal::from(value), at + 1, false)),
    }
}

/// A rest without a scale belongs to the sum only if it is clearly rupees and no unit follows.
fn stands_alone(tokens: &[Token], rest: &Term) -> bool {
    let followed_by_unit = tokens
        .get(rest.end)
        .and_then(Token::word)
        .is_some_and(|word| !matches!(word, "rs" | "rupaye" | "rupees" | "rupee" | "inr" | "रुपये"));
    rest.value >= Decimal::ONE_HUNDRED && !followed_by_unit
}

fn is_letter(c: char) -> bool {
    c.is_alphabetic() || is_indic(c)
}

fn continues_number(chars: &[char], at: usize) -> bool {
    let c = chars[at];
    c.is_ascii_digit()
        || (matches!(c, ',' | '.') && chars.get(at + 1).is_some_and(char::is_ascii_digit))
}

fn glued_word(chars: &[char], at: usize) -> Option<String> {
    let word: String = chars[at..].iter().take_while(|c| is_letter(**c)).collect();
    (!word.is_empty()).then_some(word)
}

/// `m` is a month to some and a million to others, so it is not here.
fn is_known_suffix(word: &str) -> bool {
    scale_of(word).is_some()
        || word.chars().any(is_indic)
        || matches!(
            word,
            "rs" | "rupees"
                | "rupaye"
                | "inr"
                | "th"
                | "st"
                | "nd"
                | "rd"
                | "y"
                | "yr"
                | "yrs"
                | "years"
                | "year"
                | "saal"
                | "sal"
                | "months"
                | "month"
                | "mahine"
                | "units"
                | "unit"
                | "mahina"
                | "lakhs"
                | "pct"
                | "pm"
                | "x"
                | "c"
                | "percent"
        )
}

fn literal(chars: &[char]) -> Option<Decimal> {
    let text: String = chars.iter().collect();
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let groups: Vec<&str> = whole.split(',').collect();
    let grouped = groups.len() == 1
        || (groups.last().is_some_and(|last| last.len() == 3)
            && groups.iter().all(|group| (1..=3).contains(&group.len())));
    if !grouped || fraction.contains(['.', ',']) || whole.len() > 20 || fraction.len() > 6 {
        return None;
    }
    text.replace(',', "").parse().ok()
}

/// Returns what a word multiplies the number before it by (`k`, `lakh`, `करोड़`).
pub fn scale_of(word: &str) -> Option<Decimal> {
    let scale: i64 = match word {
        "hundred" | "sau" | "सौ" => 100,
        "k" | "thousand" | "thousands" | "hazaar" | "hazar" | "hajar" | "hajaar" | "hazzar"
        | "हजार" => 1_000,
        "l" | "lac" | "lacs" | "lakh" | "lakhs" | "lak" | "लाख" => 100_000,
        "cr" | "crs" | "crore" | "crores" | "karod" | "karor" | "करोड" => 10_000_000,
        _ => return None,
    };
    Some(Decimal::from(scale))
}

const ENGLISH_TENS: &[&str] = &[
    "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety",
];

fn english_ones(word: &str) -> Option<i64> {
    let ones = [
        "one", "two", "three", "four", "five", "six", "seven", "eight", "nine",
    ];
    ones.iter()
        .position(|one| *one == word)
        .and_then(|i| i64::try_from(i + 1).ok())
}

/// Returns the words that name numbers, so that none of them is taken for a misspelling.
pub fn words() -> impl Iterator<Item = &'static str> {
    let cardinals = CARDINALS.iter().flat_map(|(_, names)| names.iter());
    cardinals.chain(SCALES_AND_FRACTIONS).copied()
}

#[rustfmt::skip]
const SCALES_AND_FRACTIONS: &[&str] = &[
    "hundred", "sau", "सौ", "thousand", "hazaar", "hazar", "हजार", "lac", "lacs", "lakh", "lakhs", "लाख", "crore", "crores", "karod", "करोड",
    "sava", "saadhe", "sadhe", "paune", "dedh", "dhai", "सवा", "साढे", "पौने", "डेढ", "ढाई", "rupees", "rupaye", "रुपये", "रुपए", "percent", "प्रतिशत",
    "year", "years", "saal", "साल", "month", "months", "mahine", "mahina", "महीने", "महीना", "unit", "units", "यूनिट", "date", "tarikh", "तारीख",
    "day", "days", "week", "weeks",
];

/// Returns the number a word names.
pub fn cardinal(word: &str) -> Option<i64> {
    CARDINALS
        .iter()
        .find(|(_, names)| names.contains(&word))
        .map(|(value, _)| *value)
}

#[rustfmt::skip]
const CARDINALS: &[(i64, &[&str])] = &[
    (1, &["one", "ek", "एक"]),
    (2, &["two", "do", "दो"]),
    (3, &["three", "teen", "tin", "तीन"]),
    (4, &["four", "char", "chaar", "चार"]),
    (5, &["five", "paanch", "panch", "पांच"]),
    (6, &["six", "chhe", "che", "chah", "छह", "छः", "छे"]),
    (7, &["seven", "saat", "सात"]),
    (8, &["eight", "aath", "ath", "आठ"]),
    (9, &["nine", "nau", "नौ"]),
    (10, &["ten", "das", "dus", "दस"]),
    (11, &["eleven", "gyarah", "gyara", "ग्यारह"]),
    (12, &["twelve", "barah", "bara", "बारह"]),
    (13, &["thirteen", "terah", "तेरह"]),
    (14, &["fourteen", "chaudah", "चौदह"]),
    (15, &["fifteen", "pandrah", "pandra", "पंद्रह", "पन्द्रह"]),
    (16, &["sixteen", "solah", "सोलह"]),
    (17, &["seventeen", "satrah", "सत्रह"]),
    (18, &["eighteen", "atharah", "अठारह"]),
    (19, &["nineteen", "unnis", "उन्नीस"]),
    (20, &["twenty", "bees", "bis", "बीस"]),
    (25, &["pachees", "pachis", "pacchis", "पच्चीस"]),
    (30, &["thirty", "tees", "तीस"]),
    (35, &["paintees", "पैंतीस"]),
    (40, &["forty", "chalis", "chalees", "चालीस"]),
    (45, &["paintalis", "पैंतालीस"]),
    (50, &["fifty", "pachas", "pachaas", "पचास"]),
    (60, &["sixty", "saath", "साठ"]),
    (70, &["seventy", "sattar", "सत्तर"]),
    (75, &["pachhattar", "पचहत्तर"]),
    (80, &["eighty", "assi", "अस्सी"]),
    (90, &["ninety", "nabbe", "नब्बे"]),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<Decimal> {
        number(&tokens(text)?, 0).map(|n| n.value)
    }

    #[test]
    fn words_fractions_and_sums_are_read_as_india_says_them() {
        for (text, value) in [
            ("twenty five thousand", "25000"),
            ("paune do lakh", "175000"),
            ("paune lakh", "75000"),
            ("sava do lakh", "225000"),
            ("one hundred thousand", "100000"),
            ("ढाई हजार", "2500"),
            ("5 hazaar 500", "5500"),
        ] {
            assert_eq!(read(text), Some(value.parse().unwrap()), "{text}");
        }
    }

    #[test]
    fn a_day_after_an_amount_is_not_added_to_it() {
        assert_eq!(read("5 k 10 tarikh"), Some(Decimal::from(5000)));
    }

    #[test]
    fn what_only_looks_like_a_number_is_refused() {
        for text in ["1e5", "-500", "12,34", "1.2.3", "5m"] {
            assert_eq!(tokens(text), None, "{text}");
        }
    }
}
