//! Distress and abuse are heard before anything else: no menu answers somebody who speaks
//! of ending their life, and no insult is answered with a fund.
//!
//! The helpline is Tele-MANAS, 14416, of the Government of India: 24 hours, free of charge
//! (answer of the Minister of State for Health in the Lok Sabha, 7-Feb-2025). 112 is the
//! national emergency number.

use super::super::scene::{Say, Scene, Step};
use super::super::session::State;
use super::super::texts::Text;
use super::person;
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
];

/// Insults that are a whole message, or close to it.
const ABUSE: &[&str] = &[
    "idiot",
    "stupid bot",
    "stupid",
    "useless",
    "useless bot",
    "shut up",
    "fuck you",
    "fuck off",
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
];

/// Answers distress and abuse; `None` is everything else.
pub fn look(scene: &Scene<'_>, words: &str) -> anyhow::Result<Option<Step>> {
    let words = plain(words);
    if is_distress(&words) {
        let say = Say::talk(scene.say(&Text::Distress {})?);
        let reason = "may be in distress: read it at once".to_owned();
        let step = Step::to(State::Menu, say).with(ContactChange::HandOff(reason));
        return Ok(Some(step));
    }
    if ABUSE.contains(&words.as_str()) {
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
    fn distress_is_heard_in_each_language_and_market_talk_is_not_it() {
        for text in [
            "I lost it all, I want to die.",
            "I don't want to live",
            "sab kho diya, jeena nahi chahta",
            "अब जीना नहीं चाहती",
            "आत्महत्या",
        ] {
            assert!(is_distress(&plain(text)), "{text}");
        }
        for text in [
            "the market is killing me",
            "kill my sip",
            "sip mar gayi kya",
            "term plan if I die",
        ] {
            assert!(!is_distress(&plain(text)), "{text}");
        }
    }
}
