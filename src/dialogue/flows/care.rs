//! Distress and abuse are heard before anything else: no menu answers somebody who speaks
//! of ending their life, and no insult is answered with a fund.
//!
//! The helpline is Tele-MANAS, 14416, of the Government of India: 24 hours, free of charge
//! (answer of the Minister of State for Health in the Lok Sabha, 7-Feb-2025). 112 is the
//! national emergency number.

use super::super::scene::{Say, Scene, Step};
use super::super::texts::Text;
use super::super::understanding::{Expectation, Intent, understand};
use super::{marketing, person};
use crate::contacts::ContactChange;

/// What people write who may harm themselves. Whole phrases: a market that "kills" is no
/// cry for help.
const DISTRESS: &[&str] = &[
    "suicide",
    "suicidal",
    "kill myself",
    "end my life",
    "want to die",
    "better off dead",
    "dont want to live",
    "do not want to live",
    "no reason to live",
    "khudkushi",
    "khudkhushi",
    "atmahatya",
    "aatmahatya",
    "mar jaunga",
    "mar jaungi",
    "mar jana chahta",
    "mar jana chahti",
    "jeena nahi chahta",
    "jeena nahi chahti",
    "jina nahi chahta",
    "jina nahi chahti",
    "jaan de dunga",
    "jaan de dungi",
    "आत्महत्या",
    "ख़ुदकुशी",
    "खुदकुशी",
    "मर जाऊंगा",
    "मर जाऊँगा",
    "मर जाऊंगी",
    "मर जाऊँगी",
    "मरना चाहता",
    "मरना चाहती",
    "जीना नहीं चाहता",
    "जीना नहीं चाहती",
    "जान दे दूंगा",
    "जान दे दूँगा",
    "जान दे दूंगी",
    "जान दे दूँगी",
    "no point in living",
    "no point living",
    "tired of living",
    "take my own life",
    "jeene ka mann nahi",
    "jeene ka man nahi",
    "jine ka man nahi",
    "jine ka mann nahi",
    "jeene ki ichha nahi",
    "jeena nahi hai",
    "jina nahi hai",
    "jee ke kya karunga",
    "jee ke kya karungi",
    "marna chahta",
    "marna chahti",
    "marne ka mann",
    "marne ka man",
    "apni jaan le",
    "जीने का मन नहीं",
    "जीने की इच्छा नहीं",
    "जीना नहीं है",
    "जी के क्या करूँगा",
    "जी के क्या करूंगा",
    "मरने का मन",
    "अपनी जान ले",
];

/// What a one-time code is called.
const OTP: &[&str] = &["otp", "ओटीपी"];

/// That somebody died, and who that was.
#[rustfmt::skip]
const DIED: &[&str] = &[
    "died", "passed away", "expired", "dehant", "nidhan", "mrityu", "swargwas", "guzar gaye", "guzar gaya", "guzar gayi", "guzar gye",
    "nahi rahe", "nahi rahi", "देहांत", "देहान्त", "निधन", "मृत्यु", "स्वर्गवास", "गुजर गए", "गुजर गये", "गुजर गई", "गुज़र गए", "गुज़र गये", "गुज़र गई", "नहीं रहे", "नहीं रहीं",
];
#[rustfmt::skip]
const KIN: &[&str] = &[
    "father", "mother", "husband", "wife", "son", "daughter", "brother", "sister", "dad", "mom", "papa", "pita", "pitaji", "maa",
    "mummy", "mata", "pati", "patni", "bhai", "behen", "bahan", "beta", "beti", "dada", "dadi", "nana", "nani",
    "पिता", "पिताजी", "पापा", "मां", "माँ", "माता", "मम्मी", "पति", "पत्नी", "भाई", "बहन", "बेटा", "बेटी", "दादा", "दादी", "नाना", "नानी",
];

/// Insults: a message has to be short to be nothing else.
const ABUSE: &[&str] = &[
    "idiot",
    "stupid",
    "useless",
    "dumb",
    "moron",
    "rascal",
    "shut up",
    "fuck",
    "fucking",
    "asshole",
    "bastard",
    "bloody",
    "chutiya",
    "chutiye",
    "saala",
    "saale",
    "bewkoof",
    "bevakoof",
    "nalayak",
    "bakwas",
    "bewakoof",
    "bevkoof",
    "gadha",
    "harami",
    "kamina",
    "kamine",
    "बकवास",
    "बेवकूफ",
    "बेवकूफ़",
    "गधा",
    "हरामी",
    "कमीने",
    "चूतिया",
    "साला",
    "साले",
    "नालायक",
];

/// A longer message has something else to say, too: it is answered for that.
const MOST_WORDS_OF_ABUSE: usize = 5;

/// Answers distress and abuse; `None` is everything else. An insult is answered only where
/// nothing else was said: a STOP stays one in whatever tone it comes.
pub fn look(scene: &Scene<'_>, intent: Intent, words: &str) -> anyhow::Result<Option<Step>> {
    let words = plain(words);
    if is_distress(&words) {
        let say = Say::talk(scene.say(&Text::Distress {})?);
        let reason = "may be in distress: read it at once".to_owned();
        // Nothing is offered beside it, least of all what they were about to buy.
        let step = Step::stay(say).with(ContactChange::HandOff(reason));
        return Ok(Some(step));
    }
    if is_otp(&words) {
        return person::offer(scene, &Text::NeverAnOtp {}, "question").map(Some);
    }
    if is_bereaved(&words) {
        return person::offer(scene, &Text::Bereaved {}, "question").map(Some);
    }
    // A person is what the answer to an insult offers, too.
    let says_no_more = matches!(
        intent,
        Intent::Unknown
            | Intent::OffTopic
            | Intent::Agent
            | Intent::Noted
            | Intent::Thanks
            | Intent::Menu
    );
    if says_no_more && is_abuse(&words) {
        let said = understand(&without_insults(&words), Expectation::Nothing);
        if said.intent == Intent::OptOut {
            return marketing::stop(scene).map(Some);
        }
        return person::offer(scene, &Text::Abuse {}, "question").map(Some);
    }
    Ok(None)
}

fn is_distress(words: &str) -> bool {
    let padded = format!(" {words} ");
    DISTRESS
        .iter()
        .any(|phrase| padded.contains(&format!(" {phrase} ")))
}

/// Says whether a one-time code was written.
fn is_otp(words: &str) -> bool {
    let names_it = words.split(' ').any(|word| OTP.contains(&word));
    let is_code = |word: &str| {
        (4..=8).contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_digit())
    };
    names_it && words.split(' ').any(is_code)
}

/// Says whether somebody of the writer's died. Years "pass" too, so it takes both words.
fn is_bereaved(words: &str) -> bool {
    let padded = format!(" {words} ");
    let any = |known: &[&str]| {
        let mut known = known.iter();
        known.any(|phrase| padded.contains(&format!(" {phrase} ")))
    };
    any(DIED) && any(KIN) || any(&["death claim", "death certificate"])
}

fn is_abuse(words: &str) -> bool {
    let padded = format!(" {words} ");
    let is_there = |insult: &str| padded.contains(&format!(" {insult} "));
    words.split(' ').count() <= MOST_WORDS_OF_ABUSE && ABUSE.iter().any(|insult| is_there(insult))
}

/// Returns what else was said.
fn without_insults(words: &str) -> String {
    let mut rest = format!(" {words} ");
    for insult in ABUSE {
        rest = rest.replace(&format!(" {insult} "), " ");
    }
    rest
}

/// Lower case, apostrophes gone, everything else that is no letter a single space. Signs
/// of Devanagari are no letters to Unicode and stay.
fn plain(words: &str) -> String {
    let lower = words.to_lowercase().replace(['\'', '’'], "");
    let is_word = |c: char| c.is_alphanumeric() || ('\u{900}'..='\u{963}').contains(&c);
    let words: Vec<&str> = lower
        .split(|c: char| !is_word(c))
        .filter(|word| !word.is_empty())
        .collect();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_one_time_code_and_a_death_are_heard_and_years_that_pass_are_not() {
        for words in ["OTP 482913", "mera otp hai 4829", "ओटीपी 482913"] {
            assert!(is_otp(&plain(words)), "{words}");
        }
        for words in ["otp nahi aaya", "482913", "otp for 5 years"] {
            assert!(!is_otp(&plain(words)), "{words}");
        }
        for words in [
            "mere pati ka dehant ho gaya",
            "papa guzar gaye unka paisa kaise milega",
            "पिता जी का देहांत हो गया है",
            "death claim",
        ] {
            assert!(is_bereaved(&plain(words)), "{words}");
        }
        for words in [
            "2 saal guzar gaye",
            "my mandate expired",
            "papa ka nominee badlo",
        ] {
            assert!(!is_bereaved(&plain(words)), "{words}");
        }
    }

    #[test]
    fn an_insult_is_heard_and_a_complaint_with_a_strong_word_is_none() {
        for text in [
            "You bloody idiot bot!",
            "saala bewakoof bot",
            "तुम बेवकूफ़ हो",
            "useless",
        ] {
            assert!(is_abuse(&plain(text)), "{text}");
        }
        for text in [
            "my sip was debited twice and your support is useless",
            "which fund is not useless for a beginner like me",
            "stop my sip",
        ] {
            assert!(!is_abuse(&plain(text)), "{text}");
        }
    }

    #[test]
    fn distress_is_heard_in_each_language_and_market_talk_is_not_it() {
        for text in [
            "I lost it all, I want to die.",
            "I don't want to live",
            "sab kho diya, jeena nahi chahta",
            "अब जीना नहीं चाहती",
            "सब पैसे डूब गए, अब जीने का मन नहीं है",
            "sab doob gaya ab jeene ka mann nahi karta",
            "आत्महत्या",
        ] {
            assert!(is_distress(&plain(text)), "{text}");
        }
        for text in [
            "the market is killing me",
            "kill my sip",
            "sip mar gayi kya",
            "term plan if I die",
            "is market mein jeena mushkil hai",
        ] {
            assert!(!is_distress(&plain(text)), "{text}");
        }
    }
}
