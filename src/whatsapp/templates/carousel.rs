//! Meta's limits of a carousel
//! (<https://developers.facebook.com/documentation/business-messaging/whatsapp/templates/marketing-templates/media-card-carousel-templates>).

use std::collections::HashSet;
use std::ops::RangeInclusive;

use super::button;
use super::card::Card;
use super::check::{crowded, misnamed, misplaced};
use super::definition::Category;
use super::source::{Fault, Located};

const CARDS: RangeInclusive<usize> = 2..=10;
const BODY: usize = 160;
const BUTTONS: usize = 2;

/// Returns what Meta would refuse about the cards of a template, if it has any.
pub(super) fn check_cards(one: &Located) -> Vec<Fault> {
    let it = &one.definition;
    let cards = &it.content.cards;
    let Some(first) = cards.first() else {
        return Vec::new();
    };
    let mut wrong: Vec<(String, String)> = Vec::new();
    if it.category != Category::Marketing {
        let what = "only a marketing template has cards: make the category marketing";
        wrong.push(("card 1".to_owned(), what.to_owned()));
    }
    let count = cards.len();
    if !CARDS.contains(&count) {
        let (least, most) = (CARDS.start(), CARDS.end());
        let what = format!("there must be {least} to {most} cards, not {count}");
        wrong.push((format!("card {count}"), what));
    }
    let beside = [
        ("header", it.content.header.is_some()),
        ("footer", it.content.footer.is_some()),
        ("button 1", !it.content.buttons.is_empty()),
    ];
    for (part, _) in beside.into_iter().filter(|(_, is_there)| *is_there) {
        let what = "beside cards there are words only: put it into the words, or into the cards";
        wrong.push((part.to_owned(), what.to_owned()));
    }
    for (number, card) in (1..).zip(cards) {
        let difference = differs(card, first);
        wrong.extend(difference.map(|what| (format!("card {number}"), what)));
    }
    for (number, (card, file)) in (1..).zip(cards.iter().zip(&it.files)) {
        let what = card.header.and_then(|kind| misnamed(kind, file));
        wrong.extend(what.map(|what| (format!("card {number}"), what)));
    }
    let wrong = wrong.into_iter();
    let mut faults: Vec<_> = wrong.map(|(part, what)| one.fault(&part, what)).collect();
    for (number, card) in (1..).zip(cards) {
        faults.extend(check_card(one, number, card));
    }
    faults
}

/// Returns in what a card is not built as the first one, which Meta wants of all.
fn differs(card: &Card, first: &Card) -> Option<String> {
    let ((header, body, buttons), (its_header, its_body, its_buttons)) =
        (card.shape(), first.shape());
    let list = |kinds: &[&str]| match kinds {
        [] => "none".to_owned(),
        some => some.join(", "),
    };
    if header != its_header {
        Some("all cards have a picture, or all have a video".to_owned())
    } else if body != its_body {
        Some("all cards have a `card body`, or none has".to_owned())
    } else if buttons != its_buttons {
        let (here, there) = (list(&buttons), list(&its_buttons));
        Some(format!(
            "all cards have the same kinds of buttons in the same order: here {here}, on card 1 {there}"
        ))
    } else {
        None
    }
}

fn check_card(one: &Located, number: usize, card: &Card) -> Vec<Fault> {
    let mut faults = Vec::new();
    let body = format!("card {number} body");
    let long = card.body.chars().count();
    if long > BODY {
        let what = format!("must have at most {BODY} characters, not {long}");
        faults.push(one.fault(&body, what));
    }
    for what in misplaced(&card.body).into_iter().chain(crowded(&card.body)) {
        faults.push(one.fault(&body, what));
    }
    if card.buttons.len() > BUTTONS {
        let what = format!("there may be {BUTTONS} at most");
        faults.push(one.fault(&format!("card {number} button 3"), what));
    }
    let mut labels = HashSet::new();
    for (at, button) in (1..).zip(&card.buttons) {
        let part = format!("card {number} button {at}");
        faults.extend(button::check(one, &part, button));
        let label = button.label().unwrap_or("");
        if !labels.insert(label) {
            faults.push(one.fault(&part, format!("`{label}` stands there twice")));
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::super::check::check;
    use super::super::source::parse;
    use super::*;

    const SOUND: &str = "category: marketing\nsample name: Asha\nsample fund: HDFC Flexi Cap\nsample 1: a\n\n[en]\ncard: image calculator\ncard body: What a monthly sum in {{fund}} can come to.\ncard button: quick_reply Calculate\ncard button: url https://x.in/{{1}} Read\ncard: image statement\ncard body: Your account on paper.\ncard button: quick_reply Get it\ncard button: url https://x.in/{{1}} Read\n\nNamaste {{name}}, here is what this chat can do. Reply STOP to end it.";

    fn faults(text: &str) -> Vec<Fault> {
        check(&parse("templates/meta/x.txt", text).unwrap())
    }

    #[test]
    fn a_sound_carousel_has_no_fault_and_its_words_and_second_button_may_be_left_out() {
        assert_eq!(faults(SOUND), []);
        let call = "phone_number +919812345678 Call us";
        let calling = SOUND.replace("quick_reply Calculate", call);
        assert_eq!(faults(&calling.replace("quick_reply Get it", call)), []);
        let left_out = ["card body", "card button: url", "sample fund", "sample 1"];
        let is_kept = |line: &&str| !left_out.iter().any(|start| line.starts_with(start));
        let bare: Vec<_> = SOUND.lines().filter(is_kept).collect();
        assert_eq!(faults(&bare.join("\n")), []);
    }

    /// Each breaks one rule: what is replaced, by what, the line and a word of the fault.
    #[test]
    fn every_limit_of_a_carousel_is_named_with_its_card_and_line() {
        let long = "y".repeat(161);
        let exact = "y".repeat(160);
        let one = SOUND.find("card: image statement").unwrap();
        let second = &SOUND[one..SOUND.find("\n\nNamaste").unwrap()];
        let eleven = [second; 10].join("\n");
        for (part, by, line, word) in [
            (
                "category: marketing",
                "category: utility",
                7,
                "card 1: only a marketing",
            ),
            (second, "", 7, "2 to 10 cards, not 1"),
            (second, &eleven, 47, "2 to 10 cards, not 11"),
            (
                "Your account on paper.",
                &long,
                12,
                "card 2 body: must have at most 160 characters, not 161",
            ),
            (
                "card: image statement",
                "card: video statement",
                11,
                "card 2: all cards have a picture",
            ),
            (
                "card body: Your account on paper.\n",
                "",
                11,
                "card 2: all cards have a `card body`",
            ),
            (
                "card: image statement",
                "card: video statement",
                11,
                "card 2: `statement` must end with .mp4",
            ),
            (
                "card button: quick_reply Get it\n",
                "",
                11,
                "here url, on card 1 quick_reply, url",
            ),
            (
                "card button: quick_reply Get it",
                "card button: quick_reply Get it\ncard button: quick_reply Show it",
                15,
                "card 2 button 3: there may be 2",
            ),
            (
                "quick_reply Get it",
                "quick_reply Get it by the end of this week",
                13,
                "1 to 25",
            ),
            ("quick_reply Get it", "quick_reply Read", 14, "twice"),
            (
                "quick_reply Get it",
                "phone_number 98123 Call",
                13,
                "card 2 button 1: `98123` must be a number",
            ),
            (
                "quick_reply Get it",
                "phone_number +919812345678 Call",
                11,
                "here phone_number, url, on card 1 quick_reply, url",
            ),
            (
                "quick_reply Get it",
                "copy_code Get it",
                13,
                "authentication",
            ),
            ("{{fund}} can", "{{sum}} can", 8, "no sample"),
            ("come to.", "come to {{fund}}", 8, "end with a place"),
            ("on paper.", "{{fund}} on.", 12, "too few"),
            ("[en]", "[en]\nfooter: From us", 7, "words only"),
            ("[en]", "[en]\nheader: From us", 7, "words only"),
            ("[en]", "[en]\nbutton: quick_reply Go", 7, "words only"),
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
        assert_eq!(faults(&SOUND.replace("Your account on paper.", &exact)), []);
    }
}
