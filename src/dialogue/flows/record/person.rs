//! Somebody's name, out of what was typed for it.
//!
//! It need not be typed alone ("my wife Sunita"), and a sentence is none. KYC finds out an
//! investor's own; whose a nominee's or a guardian's is, nobody checks but whoever reads it.

use super::super::super::understanding::plain_words;
use super::super::money::asks;

const MOST_WORDS: usize = 7;

/// Returns the name in a text, if it is one.
pub(super) fn name(words: &str) -> Option<String> {
    let typed: Vec<&str> = words.split_whitespace().collect();
    let name = without_lead(&typed);
    let is_part = |c: char| c.is_alphabetic() || matches!(c, '.' | '\'' | '’' | '-') || is_sign(c);
    let fits = (1..=MOST_WORDS).contains(&name.len())
        && name.iter().all(|word| word.chars().all(is_part))
        && name
            .iter()
            .flat_map(|word| word.chars())
            .filter(|c| c.is_alphabetic())
            .count()
            >= 2;
    let name = name.join(" ");
    (fits && !is_sentence(&name)).then_some(name)
}

/// Says whether a text says that there is nobody, and nothing else.
pub(super) fn is_nobody(words: &str) -> bool {
    let words = plain_words(words);
    let is = |any: &[&str], word: &String| any.contains(&word.as_str());
    let is_beside = |word: &String| is(NOBODY, word) || is(BESIDE_NOBODY, word);
    words.iter().any(|word| is(NOBODY, word)) && words.iter().all(is_beside)
}

/// Vowel signs of Devanagari are no letters to Unicode.
fn is_sign(c: char) -> bool {
    ('\u{0900}'..='\u{0963}').contains(&c)
}

/// Returns what follows "my name is", "I am" or "my wife", without the "hai" at its end.
fn without_lead<'t, 'w>(typed: &'t [&'w str]) -> &'t [&'w str] {
    let plain: Vec<String> = typed
        .iter()
        .map(|word| plain_words(word).concat())
        .collect();
    let is = |at: usize, any: &[&str]| {
        plain
            .get(at)
            .is_some_and(|word| any.contains(&word.as_str()))
    };
    if is(0, &["i"]) && is(1, &["am"]) {
        return &typed[2..];
    }
    let whose = usize::from(is(0, MY));
    // "Papa Rao" is a name, "my papa Rao" a person called Rao.
    let relation = whose + usize::from(whose == 1 && is(whose, RELATIONS));
    let of = relation + usize::from(relation > whose && is(relation, OF));
    let called = of + usize::from(is(of, CALLED));
    let is_said = called > 0 && is(called, IS);
    let from = called + usize::from(is_said);
    if from == whose {
        // Nothing but "my", or no lead at all.
        return typed;
    }
    let to = typed.len() - usize::from(!is_said && is(typed.len() - 1, IS));
    typed.get(from..to).unwrap_or_default()
}

/// Says whether it is a question, has a word that stands in no name, or says no more than
/// whose relation it is.
fn is_sentence(name: &str) -> bool {
    let words = plain_words(name);
    let says = |word: &String| IN_NO_NAME.contains(&word.as_str());
    let is_relation =
        |word: &String| RELATIONS.contains(&word.as_str()) || MY.contains(&word.as_str());
    asks(name) || words.iter().any(says) || words.iter().all(is_relation)
}

// Each word as `plain_words` returns it: in small letters, without nukta and apostrophe.

const MY: &[&str] = &[
    "my",
    "mera",
    "meri",
    "mere",
    "apni",
    "apna",
    "मेरा",
    "मेरी",
    "मेरे",
    "अपनी",
];
const CALLED: &[&str] = &["name", "naam", "nam", "नाम"];
const IS: &[&str] = &["is", "hai", "he", "है"];
const OF: &[&str] = &["ka", "ki", "ke", "का", "की", "के"];
#[rustfmt::skip]
const RELATIONS: &[&str] = &[
    "wife", "wifes", "husband", "husbands", "son", "sons", "daughter", "daughters", "father", "fathers", "mother", "mothers",
    "brother", "brothers", "sister", "sisters", "mom", "mum", "dad", "papa", "mummy", "patni", "biwi", "pati", "beta", "bete",
    "beti", "pita", "pitaji", "mata", "mataji", "maa", "bhai", "behen", "behan", "bahan", "पत्नी", "पति", "बेटा", "बेटे", "बेटी",
    "पिता", "पिताजी", "माता", "मां", "भाई", "बहन",
];
#[rustfmt::skip]
const IN_NO_NAME: &[&str] = &[
    "nahi", "nahin", "nhi", "kya", "kyu", "kyun", "kyunki", "mera", "meri", "mere", "mujhe", "hoon", "hu", "baad", "batata",
    "batati", "bataunga", "bataungi", "batao", "karunga", "karungi", "dunga", "dungi", "deta", "chahiye", "chahta", "chahti",
    "lekin", "abhi", "this", "that", "you", "your", "need", "the", "my", "are", "dont", "not", "know", "later", "tell", "want",
    "please", "something", "minute", "second", "wait", "hold", "ruko", "rukiye", "thoda", "thodi",
    "मिनट", "रुको", "रुकिए", "थोडा", "नहीं", "नही", "मुझे", "मेरा", "मेरी", "मेरे", "हूं", "बाद", "बताता", "बताती", "बताऊंगा", "बताऊंगी", "चाहिए",
    "चाहता", "चाहती", "लेकिन", "अभी",
];
#[rustfmt::skip]
const NOBODY: &[&str] = &[
    "none", "nobody", "no", "not", "dont", "without", "nil", "nahi", "nahin", "nhi", "nai", "mat", "नहीं", "नही", "मत",
];
#[rustfmt::skip]
const BESIDE_NOBODY: &[&str] = &[
    "one", "nominee", "nominees", "nomination", "need", "want", "wish", "to", "have", "name", "any", "a", "i", "we", "do", "me",
    "for", "now", "koi", "bhi", "kisi", "ko", "mujhe", "hame", "ka", "chahiye", "chahta", "chahti", "rakhna", "banana", "dena",
    "hai", "ji", "abhi", "कोई", "भी", "किसी", "को", "मुझे", "नॉमिनी", "चाहिए", "चाहता", "चाहती", "रखना", "बनाना", "देना", "है", "जी", "अभी",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_words_of_letters_with_or_without_who_it_is() {
        for (typed, read) in [
            (" Asha   Demo ", "Asha Demo"),
            ("K. Ravi", "K. Ravi"),
            ("मीना  कुमारी", "मीना कुमारी"),
            ("D'Souza", "D'Souza"),
            ("my name is Asha Rao", "Asha Rao"),
            ("my name is Asha H", "Asha H"),
            ("I am Asha Rao", "Asha Rao"),
            ("Name: Asha Rao", "Asha Rao"),
            ("mera naam Asha Rao hai", "Asha Rao"),
            ("mera naam hai Asha Rao", "Asha Rao"),
            ("मेरा नाम आशा राव है", "आशा राव"),
            ("my wife Sunita", "Sunita"),
            ("My wife's name is Sunita Rao", "Sunita Rao"),
            ("meri patni Sunita", "Sunita"),
            ("meri maa ka naam Kamla Devi hai", "Kamla Devi"),
            ("मेरी माँ कमला देवी", "कमला देवी"),
            ("Papa Rao", "Papa Rao"),
            ("Mata Prasad", "Mata Prasad"),
            ("Mohammad Abdul Hai", "Mohammad Abdul Hai"),
            ("I K Gujral", "I K Gujral"),
        ] {
            assert_eq!(name(typed).as_deref(), Some(read), "{typed}");
        }
    }

    #[test]
    fn a_sentence_is_no_name() {
        for typed in [
            "",
            "A",
            "asha@example.in",
            "12",
            "one two three four five six seven eight",
            "😊",
            "my wife",
            "mera naam",
            "Asha Rao?",
            "why do you need this",
            "kya zaroorat hai",
            "baad me batata hu",
            "nahi pata",
            "mujhe nahi pata",
            "मैं बाद में बताता हूँ",
            "I want to know this",
            "ek minute",
            "thoda ruko",
            "wife",
            "mummy papa",
        ] {
            assert_eq!(name(typed), None, "{typed}");
        }
    }

    #[test]
    fn nobody_is_said_in_many_ways_and_is_no_name() {
        for typed in [
            "none",
            "Nobody",
            "no",
            "no one",
            "koi nahi",
            "kisi ko nahi",
            "कोई नहीं",
            "nominee nahi chahiye",
            "I don't want a nominee",
            "नॉमिनी नहीं चाहिए",
        ] {
            assert!(is_nobody(typed), "{typed}");
        }
        for typed in ["Asha Nai", "nahi pata", "need", "koi bhi", ""] {
            assert!(!is_nobody(typed), "{typed}");
        }
    }
}
