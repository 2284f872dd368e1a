//! Which language a message is in, by its script and its telling words.
//!
//! Words that both languages use (`sip`, `nav`, `ok`, `me`, `to`) tell nothing, so that
//! "portfolio" alone changes nobody's language, and neither does a command (`help`, `stop`,
//! `back`) that we ourselves tell people to type, whatever language they chat in.

use super::normalise::{self, is_devanagari};
pub use crate::language::Language;

/// Returns the language a message is evidently in, or `None` if it does not tell.
pub fn detect(raw: &str) -> Option<Language> {
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
    let (hinglish, english) = (count(HINGLISH), count(ENGLISH));
    if hinglish > 0 && hinglish * 2 >= english {
        Some(Language::Hinglish)
    } else if english > 0 {
        Some(Language::En)
    } else {
        None
    }
}

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

#[rustfmt::skip]
const ENGLISH: &[&str] = &[
    "a", "about", "all", "am", "an", "and", "any", "at", "can", "could", "did", "does", "for", "from", "get", "give",
    "hello", "help", "how", "i", "if", "in", "is", "it", "like", "many", "much", "my", "need", "not", "of", "on",
    "over", "please", "pls", "show", "should", "talk", "tell", "thank", "thanks", "that", "this", "today", "want", "was",
    "what", "whats", "when", "where", "which", "who", "why", "will", "with", "would", "you", "your", "good", "morning", "evening",
    "year", "years", "month", "months", "start", "stop", "back", "yes", "cancel", "complaint", "latest", "person", "human",
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
}
