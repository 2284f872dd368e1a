//! Which language a message is in, by its script and its telling words.
//!
//! Words that both languages use (`sip`, `nav`, `ok`, `me`, `to`) tell nothing, so that
//! "portfolio" alone changes nobody's language, and neither does a command (`help`, `stop`,
//! `back`) that we ourselves tell people to type, whatever language they chat in.

use super::normalise::{self, is_devanagari};
pub use crate::language::Language;

/// Returns the language a message is evidently in, or `None` if it does not tell.
pub fn detect(raw: &str) -> Option<Language> {
    detect_after(None, raw)
}

/// As [`detect`], for a message in a conversation that was in `before` so far. Whoever
/// speaks Hindi or Hinglish puts English words into it all the time ("10 years", "sip of
/// 5000 at 12%"): it takes two words that make an English sentence to leave it.
pub fn detect_after(before: Option<Language>, raw: &str) -> Option<Language> {
    let normal = normalise::text(raw);
    let hindi_letters = normal.chars().filter(|c| is_devanagari(*c)).count();
    let latin_letters = normal.chars().filter(char::is_ascii_alphabetic).count();
    if hindi_letters > 0 && hindi_letters * 3 >= latin_letters {
        return Some(Language::Hi);
    }
    let words = normalise::words(&normal);
    if words.iter().all(|word| COMMANDS.contains(&word.as_str())) {
        return None;
    }
    let count = |list: &[&str]| words.iter().filter(|w| list.contains(&w.as_str())).count();
    let hinglish = count(HINGLISH);
    let english = count(ENGLISH) + count(CONNECTING);
    if hinglish > 0 && hinglish * 2 >= english {
        return Some(Language::Hinglish);
    }
    let is_english = match before {
        None | Some(Language::En) => english > 0,
        Some(Language::Hi | Language::Hinglish) => count(ENGLISH) >= SENTENCE,
    };
    is_english.then_some(Language::En)
}

/// So many words of its own make a sentence English among people who mix.
const SENTENCE: usize = 2;

#[rustfmt::skip]
const COMMANDS: &[&str] = &[
    "help", "stop", "start", "back", "cancel", "menu", "agent", "person", "human", "complaint", "portfolio", "nav", "language",
    "ok", "okay", "yes", "no", "hi", "hello", "thanks", "thank", "you", "please", "pls",
];

#[rustfmt::skip]
const HINGLISH: &[&str] = &[
    "aaj", "aap", "aapka", "ab", "abhi", "acha", "accha", "achha", "agar", "apna", "apne", "aur", "baat", "badhao",
    "badlo", "badal", "band", "bandh", "bata", "batao", "bataiye", "batana", "bech", "bhai", "bhasha", "bhejo",
    "bhej", "bhi", "bolo", "chahiye", "chaahiye", "chalu", "chalta", "dalna", "dikhao", "dikha", "dikhaiye", "dhokha",
    "dedo", "gaya", "gaye", "gayi", "gir", "haan", "hai", "hain", "har", "hazaar", "hazar", "ho", "hoga", "hogi",
    "hota", "hua", "hui", "hun", "ji", "kaat", "kaatna", "kab", "kaha", "kahan", "kaise", "kaisa", "kar", "karao",
    "karein", "karke", "karna", "karne", "karni", "karo", "karu", "karun", "kat", "kata", "kati", "kaun", "kaunsa", "ke",
    "ki", "ka", "kisi", "kist", "kitna", "kitne", "kitni", "konsa", "kr", "krna", "kuch", "kya", "kyon", "kyu", "kyun",
    "lagana", "lekin", "liye", "madad", "mahine", "mat", "mera", "mere", "meri", "milega", "mujhe", "mujhko", "nahi", "nahin",
    "namaste", "namaskar", "nhi", "nikal", "nikalna", "nikalne", "nikaalna", "nikalo", "paisa", "paise", "paanch", "pe", "pehle",
    "raha", "rahi", "rok", "roko", "ruko", "rupaye", "saal", "sab", "sabse", "sakta", "sakte", "samajh", "shikayat", "shukriya",
    "shuru", "tarikh", "theek", "thik", "tum", "wala", "wali", "wapas", "yeh", "dhanyavad", "dhanyawad", "banega", "salah",
    "kholo", "hisaab", "hisab", "jankari", "bhav", "niklo", "samjhao", "gaadi", "kripya", "rakho", "chhodo", "baad",
];

/// Words that make a sentence English.
#[rustfmt::skip]
const ENGLISH: &[&str] = &[
    "about", "am", "any", "can", "could", "did", "does", "get", "give",
    "how", "i", "if", "is", "it", "like", "many", "much", "my", "need", "not",
    "show", "should", "talk", "tell", "that", "this", "today", "want", "was",
    "what", "whats", "when", "where", "which", "who", "why", "will", "would", "you", "your", "good", "morning", "evening",
];

/// English words that stand in a Hinglish sentence as well: what connects terms, units,
/// and what is said to us by name. Alone they are English, among Hinglish they are not.
#[rustfmt::skip]
const CONNECTING: &[&str] = &[
    "a", "all", "an", "and", "at", "for", "from", "in", "of", "on", "over", "with",
    "year", "years", "month", "months", "start", "stop", "back", "yes", "cancel", "complaint", "latest", "person", "human",
    "hello", "help", "please", "pls", "thank", "thanks",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn script_and_telling_words_decide_and_shared_words_do_not() {
        for (text, expected) in [
            ("what is my portfolio", Some(Language::En)),
            ("mera portfolio dikhao", Some(Language::Hinglish)),
            ("sip band karo", Some(Language::Hinglish)),
            ("मेरा पोर्टफोलियो", Some(Language::Hi)),
            ("HDFC flexi cap की NAV बताओ", Some(Language::Hi)),
            ("please show the nav of hdfc flexi cap", Some(Language::En)),
            ("portfolio", None),
            ("5000", None),
            ("hi", None),
            ("help", None),
            ("Stop.", None),
            ("thank you", None),
            ("yes please", None),
            ("can you help me", Some(Language::En)),
            ("", None),
        ] {
            assert_eq!(detect(text), expected, "{text}");
        }
    }

    #[test]
    fn english_terms_do_not_end_a_conversation_in_hinglish_and_an_english_sentence_does() {
        for text in [
            "10 years",
            "for 10 years",
            "5000 per month",
            "sip of 5000 for 10 years at 12%",
            "sip start",
            "nav of hdfc flexi cap",
            "show portfolio",
        ] {
            for before in [Language::Hinglish, Language::Hi] {
                assert_eq!(detect_after(Some(before), text), None, "{text}");
            }
        }
        for text in [
            "what is my portfolio",
            "how much will i get in 10 years",
            "show me my portfolio please",
        ] {
            for before in Language::ALL {
                assert_eq!(
                    detect_after(Some(before), text),
                    Some(Language::En),
                    "{text}"
                );
            }
        }
        let hinglish = detect_after(Some(Language::En), "10 saal ke liye");
        assert_eq!(hinglish, Some(Language::Hinglish));
        assert_eq!(detect("for 10 years"), Some(Language::En));
    }
}
