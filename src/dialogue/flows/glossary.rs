//! What the words of investing mean: short facts, without advice and without the figures of
//! any scheme. A question is one of these where all its words are of the word itself or of
//! the asking: "what is exit load" is, "what is the exit load of my fund" asks for facts.

use super::super::disclosures::Subject;
use super::super::labels::Label;
use super::super::scene::{Choice, Say, Scene, Step};
use super::super::session::State;
use super::super::texts::Text;
use super::super::understanding::plain_words;
use super::{courtesy, menu, person, resume};

/// What is explained: the word its template knows it by, and what it is called. What holds
/// another comes before it.
#[rustfmt::skip]
pub(in super::super) const TERMS: &[(&str, &[&str])] = &[
    ("exit_load", &["exit load", "exit loads", "exitload", "एग्जिट लोड", "एक्जिट लोड"]),
    ("elss", &["elss funds", "elss fund", "elss", "e l s s", "tax saver fund", "tax saving fund", "ईएलएसएस"]),
    ("lock_in", &["lock in period", "lockin period", "lock in", "lockin", "लॉक इन पीरियड", "लॉक इन", "लॉकइन"]),
    ("direct_regular", &[
        "direct plan", "regular plan", "direct plans", "regular plans", "direct fund", "regular fund", "direct", "regular", "डायरेक्ट प्लान",
        "रेगुलर प्लान", "डायरेक्ट", "रेगुलर",
    ]),
    ("growth_idcw", &["growth and idcw", "growth aur idcw", "growth vs idcw", "growth option", "idcw option", "idcw", "आईडीसीडब्ल्यू"]),
    ("folio", &["folio number", "folio no", "folio", "फोलियो नंबर", "फोलियो"]),
    ("mandate", &["e mandate", "emandate", "mandate", "upi autopay", "autopay", "enach", "nach", "मैंडेट", "ऑटोपे"]),
    ("xirr", &["xirr", "एक्सआईआरआर"]),
    ("risk_o_meter", &["risk o meter", "riskometer", "risk meter", "रिस्क ओ मीटर", "रिस्कोमीटर", "रिस्कमीटर"]),
    ("expense_ratio", &["expense ratio", "ter", "एक्सपेंस रेशियो"]),
    ("lumpsum", &["lumpsum", "lump sum", "lumsum", "लंपसम", "लम्पसम"]),
    ("redemption", &["redemption", "redeem", "रिडेम्पशन", "रिडीम"]),
    ("sip", &["sip", "systematic investment plan", "सिप", "एसआईपी"]),
    ("nav", &["net asset value", "nav", "एनएवी", "नेव"]),
    ("mutual_fund", &["mutual funds", "mutual fund", "म्यूचुअल फंड", "म्यूचुअल फण्ड"]),
];

/// Asks what something is.
#[rustfmt::skip]
const ASKS: &[&str] = &[
    "what", "whats", "meaning", "mean", "means", "explain", "define", "definition", "matlab", "mtlb", "kya", "kise", "kisko",
    "samjhao", "samjhaiye", "samjha", "difference", "vs", "fark", "farak", "farq", "antar", "क्या", "मतलब", "अर्थ", "किसे", "समझाओ",
    "समझाइए", "समझा", "अंतर", "फर्क",
];

/// Stands beside it and changes nothing.
#[rustfmt::skip]
const BESIDE: &[&str] = &[
    "is", "are", "a", "an", "the", "of", "in", "and", "between", "does", "do", "by", "me", "to", "please", "pls", "tell", "about", "you",
    "can", "sip", "term", "word", "investing", "hai", "hain", "h", "hota", "hoti", "hote", "ka", "ki", "ke",
    "ko", "mein", "aur", "or", "ya", "mujhe", "yeh", "ye", "toh", "ji", "sir", "madam", "bhai", "zara", "jara", "kehte", "kahte", "batao",
    "bata", "bataiye", "dijiye", "dena", "है", "हैं", "होता", "होती", "होते", "का", "की", "के", "को", "में", "और", "या", "मुझे", "यह", "ये",
    "जी", "ज़रा", "कहते", "बताओ", "बताइए", "बता", "दो", "दीजिए",
];

/// Stands beside it likewise; a fund by itself is one that is at hand.
const IN_FUNDS: &[&str] = &["mutual funds", "mutual fund", "म्यूचुअल फंड", "म्यूचुअल फण्ड"];

/// Speaks of one that is at hand, and asks for facts about that.
#[rustfmt::skip]
const AT_HAND: &[&str] = &[
    "the mutual fund", "is mutual fund ka", "is mutual fund ki", "is mutual fund ke", "is mutual fund me", "is mutual fund mein", "the folio",
];

/// Whoever writes more has something else to say, too.
const MOST_WORDS: usize = 12;

/// Returns the word whose meaning is asked for, if that is all a message asks.
pub fn term(words: &str) -> Option<&'static str> {
    let said = plain_words(words).join(" ").replace("full form", "meaning");
    let said: Vec<&str> = said.split(' ').collect();
    let is_one_of = |word: &str, known: &[&str]| {
        let mut known = known.iter();
        known.any(|known| plain_words(known).concat() == word)
    };
    if said.len() > MOST_WORDS || !said.iter().any(|word| is_one_of(word, ASKS)) {
        return None;
    }
    let said = format!(" {} ", said.join(" "));
    let spaced = |phrase: &str| format!(" {} ", plain_words(phrase).join(" "));
    if AT_HAND.iter().any(|phrase| said.contains(&spaced(phrase))) {
        return None;
    }
    let without = |said: &str, phrases: &[&str]| {
        phrases.iter().fold(said.to_owned(), |rest, phrase| {
            rest.replace(&spaced(phrase), "  ")
        })
    };
    TERMS.iter().find_map(|(term, names)| {
        let rest = without(&said, names);
        let others = without(&rest, IN_FUNDS);
        let mut others = others.split_whitespace();
        let is_beside = |word| is_one_of(word, ASKS) || is_one_of(word, BESIDE);
        (rest != said && others.all(is_beside)).then_some(*term)
    })
}

/// Explains a word if that is all a message asks for. What is under way stays where it is.
pub fn look(scene: &Scene<'_>, words: &str) -> anyhow::Result<Option<Step>> {
    let is_idle = scene.session.state == State::Menu;
    match term(words) {
        None => Ok(None),
        Some("sip") if is_idle => courtesy::sip(scene).map(Some),
        Some("sip") => explain(scene, &Text::SipInfo {}, "sip").map(Some),
        Some(term) => explain(scene, &Text::Glossary { term }, term).map(Some),
    }
}

fn explain(scene: &Scene<'_>, text: &Text<'_>, term: &str) -> anyhow::Result<Step> {
    let say = Say {
        subject: Subject::Investing,
        ..Say::talk(scene.say(text)?)
    };
    if scene.session.state != State::Menu {
        return Ok(Step::stay(say));
    }
    let more = match term {
        "nav" => Choice::new(menu::FLOW, "open", "nav", scene.label(Label::MenuNav)),
        _ => person::call(scene, "question"),
    };
    Ok(Step::to(
        State::Menu,
        say.buttons(vec![more, resume::to_menu(scene)]),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_questions_of_a_beginner_are_known_in_three_languages() {
        for (words, meant) in [
            ("what is nav", "nav"),
            ("NAV kya hota hai?", "nav"),
            ("nav ka matlab kya hai", "nav"),
            ("एनएवी क्या होता है", "nav"),
            ("what is a sip in mutual funds", "sip"),
            ("what is an exit load", "exit_load"),
            ("exit load kya hota hai", "exit_load"),
            ("ELSS full form", "elss"),
            ("full form of nav", "nav"),
            ("elss fund kya hota hai", "elss"),
            ("what is exit load", "exit_load"),
            ("what is nav in mutual fund", "nav"),
            ("mutual fund ki nav kya hoti hai", "nav"),
            ("direct vs regular", "direct_regular"),
            ("direct aur regular plan me kya fark hai", "direct_regular"),
            ("lock-in kya hai", "lock_in"),
            ("what is the lock in period", "lock_in"),
            ("what is a folio number", "folio"),
            ("फोलियो क्या होता है", "folio"),
            ("mandate kise kehte hain", "mandate"),
            ("what does xirr mean", "xirr"),
            ("risk-o-meter kya hai", "risk_o_meter"),
            ("what is a mutual fund", "mutual_fund"),
        ] {
            assert_eq!(term(words), Some(meant), "{words}");
        }
    }

    #[test]
    fn a_question_about_a_fund_or_of_ones_own_is_none_about_a_word() {
        for words in [
            "nav",
            "nav batao",
            "aaj ki nav kya hai",
            "what is the nav of hdfc flexi cap",
            "mera xirr kya hai",
            "what is my folio number",
            "is fund ka exit load kitna hai",
            "is fund ki nav kya hai",
            "is fund ka exit load kya hai",
            "what is the exit load of the fund",
            "what is the exit load of this fund",
            "kya is fund mein lock in hai",
            "is mutual fund ka exit load kya hai",
            "इस फंड का एग्जिट लोड क्या है",
            "what is the folio number",
            "redeem form",
            "mujhe redeem form do",
            "redemption form dena",
            "nach form dijiye",
            "sip form do",
            "elss fund dikhao",
            "mandate approve nahi hua",
            "full redeem",
            "redeem all",
            "what is this",
            "kya",
            "",
        ] {
            assert_eq!(term(words), None, "{words}");
        }
    }
}
