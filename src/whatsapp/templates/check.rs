//! Meta's limits of a template, asked before Meta is.

use std::collections::HashSet;

use super::button::{self, Button, LABEL};
use super::carousel::check_cards;
use super::definition::{Category, HeaderFormat, places};
use super::source::{Fault, Located};
use crate::whatsapp::MediaKind;

const NAME: usize = 512;
const HEADER: usize = 60;
const BODY: usize = 1024;
const FOOTER: usize = 60;
/// Fewer words than this for each place, and Meta finds too little text around them.
const WORDS_TO_A_PLACE: usize = 2;

/// Words that make a notice an advertisement in Meta's eyes.
const PROMOTES: &[&str] = &[
    "offer",
    "discount",
    "sale",
    "cashback",
    "hurry",
    "limited time",
    "last chance",
    "buy now",
    "don't miss",
    "coupon",
    "promo",
    "deal of",
    "ऑफ़र",
    "ऑफर",
    "छूट",
    "कैशबैक",
    "मुफ़्त",
    "मुफ्त",
    "muft",
    "chhoot",
];

/// Returns what Meta would refuse about these templates.
pub fn check(all: &[Located]) -> Vec<Fault> {
    let mut faults: Vec<Fault> = all.iter().flat_map(check_one).collect();
    let (mut keys, mut texts) = (HashSet::new(), HashSet::new());
    for one in all {
        let it = &one.definition;
        if !keys.insert((&it.name, &it.language)) {
            faults.push(one.fault("name", format!("{} is defined twice", it.name)));
        }
        let says_own_words = it.category != Category::Authentication;
        if says_own_words && !texts.insert((&it.language, &it.content.body, &it.content.footer)) {
            faults.push(one.fault("body", "another template has the same body and footer"));
        }
    }
    faults
}

/// What is wrong with its name and language.
fn check_names(one: &Located) -> Vec<Fault> {
    let it = &one.definition;
    let mut faults = Vec::new();
    let mut wrong = |part: &str, what: String| faults.push(one.fault(part, what));
    let is_plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
    if it.name.len() > NAME || it.name.is_empty() || !it.name.bytes().all(is_plain) {
        wrong(
            "name",
            format!("must be lower-case letters, digits and underscores, at most {NAME}"),
        );
    }
    let is_code = |code: &str| {
        let (language, country) = code.split_once('_').unwrap_or((code, "IN"));
        (2..=3).contains(&language.len())
            && language.bytes().all(|b| b.is_ascii_lowercase())
            && country.len() == 2
            && country.bytes().all(|b| b.is_ascii_uppercase())
    };
    if !is_code(&it.language) {
        wrong(
            "language",
            format!("`{}` must look like en or en_IN", it.language),
        );
    }
    faults
}

fn check_one(one: &Located) -> Vec<Fault> {
    let it = &one.definition;
    let mut faults = check_names(one);
    if it.category == Category::Authentication {
        faults.extend(check_code(one));
        return faults;
    }
    let content = &it.content;
    let mut wrong = |part: &str, what: String| faults.push(one.fault(part, what));
    if content.expires.is_some() {
        wrong(
            "body",
            "expires belongs to an authentication template".to_owned(),
        );
    }
    let mut texts = vec![("body", &content.body, BODY)];
    let header = content.header.as_ref().and_then(HeaderFormat::text);
    texts.extend(header.map(|text| ("header", text, HEADER)));
    texts.extend(content.footer.as_ref().map(|text| ("footer", text, FOOTER)));
    for (part, text, most) in &texts {
        let long = text.chars().count();
        if long == 0 || long > *most {
            wrong(
                part,
                format!("must have 1 to {most} characters, not {long}"),
            );
        }
        for what in misplaced(text) {
            wrong(part, what);
        }
    }
    if let Some(what) = crowded(&content.body) {
        wrong("body", what);
    }
    if let (Some(HeaderFormat::Media(kind)), Some(file)) = (&content.header, it.files.first())
        && let Some(what) = misnamed(*kind, file)
    {
        wrong("header", what);
    }
    if it.category == Category::Utility {
        for (part, text, _) in &texts {
            if let Some(word) = promotes(text) {
                wrong(
                    part,
                    format!(
                        "`{word}` promotes: Meta takes it for marketing; leave it out, or make the category marketing"
                    ),
                );
            }
        }
    }
    faults.extend(check_places(one));
    faults.extend(button::check_all(one));
    faults.extend(check_cards(one));
    faults
}

/// Returns what is wrong with the name of a file that stands above words. Pictures are drawn
/// here and have no ending.
pub(super) fn misnamed(kind: MediaKind, file: &str) -> Option<String> {
    let endings: &[&str] = match kind {
        MediaKind::Video => &[".mp4", ".3gp"],
        MediaKind::Document => &[".pdf"],
        _ => return None,
    };
    let is_known = endings.iter().any(|ending| file.ends_with(ending));
    let endings = endings.join(" or ");
    (!is_known).then(|| {
        format!(
            "`{file}` must end with {endings}: Meta takes no other {} there",
            kind.word()
        )
    })
}

/// Returns what is wrong if places stand too close in a text.
pub(super) fn crowded(text: &str) -> Option<String> {
    let here = places(text).len();
    let words = text.split_whitespace().count().saturating_sub(here);
    let is_crowded = here > 0 && words <= WORDS_TO_A_PLACE * here + 1;
    is_crowded.then(|| format!("{words} words are too few around {here} places"))
}

/// What is wrong with its places and their samples.
fn check_places(one: &Located) -> Vec<Fault> {
    let it = &one.definition;
    let content = &it.content;
    let mut faults = Vec::new();
    let mut wrong = |part: &str, what: String| faults.push(one.fault(part, what));
    let header = content.header.as_ref().and_then(HeaderFormat::text);
    let of_header = header.map_or_else(Vec::new, |text| places(text));
    let of_footer = content.footer.as_deref().map_or_else(Vec::new, places);
    if of_header.len() > 1 {
        wrong("header", "may have one place at most".to_owned());
    }
    if !of_footer.is_empty() {
        wrong("footer", "may have no place".to_owned());
    }
    let above = of_header.into_iter().chain(places(&content.body)).collect();
    let mut texts = vec![("body".to_owned(), above)];
    for (number, card) in (1..).zip(&content.cards) {
        texts.push((format!("card {number} body"), places(&card.body)));
    }
    let mut named: HashSet<&str> = HashSet::new();
    for (part, here) in texts {
        let mut known = HashSet::new();
        for place in here {
            if !known.insert(place) {
                wrong(&part, format!("{{{{{place}}}}} stands there twice"));
            }
            match it.samples.get(place) {
                None => wrong(
                    &part,
                    format!("{{{{{place}}}}} has no sample: add `sample {place}: …`"),
                ),
                Some(sample) if sample.contains(['\t', '\n']) || sample.contains("     ") => {
                    wrong(
                        &format!("sample {place}"),
                        "has tabs or runs of spaces".to_owned(),
                    );
                }
                Some(_) => {}
            }
        }
        named.extend(known);
    }
    let of_cards = content.cards.iter().flat_map(|card| &card.buttons);
    let has_link_place = content.buttons.iter().chain(of_cards).any(Button::varies);
    for place in it.samples.keys() {
        if !(named.contains(place.as_str()) || place == "1" && has_link_place) {
            wrong(
                &format!("sample {place}"),
                "there is no such place in the text".to_owned(),
            );
        }
    }
    faults
}

/// Returns what is wrong about where places stand.
pub(super) fn misplaced(text: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    let text = text.trim();
    if text.matches("{{").count() != text.matches("}}").count() {
        wrong.push("has braces that are not closed".to_owned());
    }
    if text.starts_with("{{") {
        wrong.push("may not begin with a place: put a word before it".to_owned());
    }
    if text.ends_with("}}") {
        wrong.push("may not end with a place: put a word behind it".to_owned());
    }
    let mut pieces = text.split("}}").skip(1);
    if pieces.any(|after| after.trim_start().starts_with("{{")) {
        wrong.push("has two places side by side: put a word between them".to_owned());
    }
    for place in places(text) {
        let is_plain = |b: u8| b.is_ascii_lowercase() || b == b'_';
        if place.is_empty() || !place.bytes().all(is_plain) {
            wrong.push(format!(
                "{{{{{place}}}}} must be named in lower-case letters and underscores"
            ));
        }
    }
    wrong
}

fn promotes(text: &str) -> Option<&'static str> {
    let text = text.to_lowercase();
    let is_letter = |c: Option<char>| c.is_some_and(char::is_alphabetic);
    PROMOTES.iter().copied().find(|word| {
        text.match_indices(word).any(|(at, _)| {
            let (before, after) = (&text[..at], &text[at + word.len()..]);
            !is_letter(before.chars().next_back()) && !is_letter(after.chars().next())
        })
    })
}

/// The words of a one-time code are Meta's; ours are the label and the minutes.
fn check_code(one: &Located) -> Vec<Fault> {
    let content = &one.definition.content;
    let mut faults = Vec::new();
    if !content.cards.is_empty() {
        faults.push(one.fault("card 1", "only a marketing template has cards"));
    }
    if !content.body.is_empty() || content.header.is_some() || content.footer.is_some() {
        let what = "must be left out: Meta writes the words of a one-time code itself";
        faults.push(one.fault("body", what));
    }
    let label = match content.buttons.as_slice() {
        [Button::CopyCode { label }] => label.as_str(),
        _ => "",
    };
    if !(1..=LABEL).contains(&label.chars().count()) {
        let what = format!("one `copy_code LABEL` is needed, of at most {LABEL} characters");
        faults.push(one.fault("button 1", what));
    }
    if content
        .expires
        .is_some_and(|minutes| !(1..=90).contains(&minutes))
    {
        faults.push(one.fault("expires", "must be 1 to 90 minutes"));
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::super::source::parse;
    use super::*;

    const SOUND: &str = "category: utility\nsample date: 05-Sep-2026\nsample sum: ₹5\n[en]\nfooter: From us\nbutton: quick_reply Go on\n\nYour instalment of {{sum}} was debited on {{date}} from your bank.";

    fn faults(text: &str) -> Vec<Fault> {
        check(&parse("templates/meta/x.txt", text).unwrap())
    }

    #[test]
    fn a_sound_template_has_no_fault() {
        assert_eq!(faults(SOUND), []);
        let code = "category: authentication\nexpires: 10\n[en]\nbutton: copy_code Copy code\n";
        assert_eq!(faults(code), []);
        let call = "phone_number +919812345678 Call us";
        assert_eq!(faults(&SOUND.replace("quick_reply Go on", call)), []);
    }

    /// Each breaks one rule: what is replaced, by what, the line and a word of the fault.
    #[test]
    fn every_limit_of_meta_is_named_with_its_line() {
        let long = "x".repeat(1025);
        for (part, by, line, word) in [
            (
                "Your instalment of {{sum}}",
                "{{sum}} is what",
                8,
                "begin with a place",
            ),
            (
                "{{date}} from your bank.",
                "{{date}}",
                8,
                "end with a place",
            ),
            (
                "{{sum}} was debited on {{date}}",
                "{{sum}} {{date}} was debited on",
                8,
                "side by side",
            ),
            (
                "Your instalment of {{sum}} was debited on",
                "Sum {{sum}} on",
                8,
                "too few",
            ),
            ("{{date}}", "{{Date}}", 8, "lower-case"),
            ("on {{date}}", "on {{date}} and {{date}}", 8, "twice"),
            ("{{date}}", "{{day}}", 8, "no sample"),
            ("{{date}}", "the day", 2, "no such place"),
            ("{{sum}}", "{{sum", 8, "not closed"),
            ("Your instalment", long.as_str(), 8, "1 to 1024"),
            ("Your instalment of", "A special offer of", 8, "promotes"),
            ("From us", "From {{sum}} us", 5, "no place"),
            ("From us", long.as_str(), 5, "1 to 60"),
            (
                "quick_reply Go on",
                "quick_reply Go on to the very last word",
                6,
                "1 to 25",
            ),
            ("quick_reply Go on", "url http://x.in Go", 6, "https://"),
            (
                "quick_reply Go on",
                "url https://x.in/{{1}}/a Go",
                6,
                "its end",
            ),
            ("quick_reply Go on", "copy_code Go", 6, "authentication"),
            (
                "quick_reply Go on",
                "phone_number 9812345678 Call",
                6,
                "country code",
            ),
            (
                "quick_reply Go on",
                "phone_number +91981234567890123456 Call",
                6,
                "country code",
            ),
            (
                "button: quick_reply Go on",
                "button: phone_number +919812345678 Call\nbutton: phone_number +919812345679 Ring",
                6,
                "1 number",
            ),
            (
                "quick_reply Go on",
                "quick_reply A\nbutton: quick_reply A",
                7,
                "twice",
            ),
            ("[en]", "[English]", 8, "en_IN"),
        ] {
            let text = SOUND.replace(part, by);
            let found = faults(&text);
            assert!(
                found
                    .iter()
                    .any(|fault| fault.line == line && fault.what.contains(word)),
                "{word}: {found:?} in {text}"
            );
        }
    }

    #[test]
    fn a_video_and_a_document_are_of_a_type_that_meta_takes_there() {
        for (header, word) in [
            ("header video: tour.mp4", None),
            ("header video: tour", Some(".mp4 or .3gp")),
            ("header document: paper.pdf", None),
            ("header document: paper.docx", Some(".pdf")),
            ("header image: calculator", None),
        ] {
            let found = faults(&SOUND.replace("footer: From us", header));
            match word {
                None => assert_eq!(found, [], "{header}"),
                Some(word) => {
                    assert_eq!(found[0].line, 5);
                    assert!(found[0].what.contains(word), "{found:?}");
                }
            }
        }
    }

    #[test]
    fn quick_replies_stand_together_and_links_are_two() {
        let with = |buttons: &str| faults(&SOUND.replace("button: quick_reply Go on", buttons));
        let apart = "button: quick_reply A\nbutton: url https://x.in B\nbutton: quick_reply C";
        assert!(with(apart)[0].what.contains("together"));
        let links =
            "button: url https://x.in A\nbutton: url https://x.in B\nbutton: url https://x.in C";
        assert!(with(links)[0].what.contains("2 links"));
    }

    #[test]
    fn a_code_has_no_words_of_its_own_and_two_templates_not_the_same() {
        let code = "category: authentication\nexpires: 100\n[en]\n\nYour code is here.";
        let found = faults(code);
        assert_eq!(found.len(), 3, "{found:?}");
        let mut twice = parse("templates/meta/x.txt", SOUND).unwrap();
        twice.extend(parse("templates/meta/y.txt", SOUND).unwrap());
        assert!(check(&twice)[0].what.contains("same body"));
    }
}
