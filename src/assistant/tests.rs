//! The rules against the sets: what is to be sent is sent, and what must not be is not.

use std::collections::BTreeMap;

use super::grounding::Slots;
use super::mask::Mask;
use super::{Refused, judge};
use crate::language::Language;
use crate::sandbox::model::{ADVISING, advising, lie};

const GOOD: &str = include_str!("../../tests/data/assistant/good.tsv");

fn slots() -> Slots {
    let filled = [
        (
            "f1",
            "HDFC Flexi Cap Fund: current value ₹1,234.00 (21-Aug-2026)",
        ),
        ("f2", "gain so far ₹120.00"),
        ("n1", "HDFC Flexi Cap Fund - Regular - Growth"),
        ("n2", "Parag Parikh Flexi Cap Fund - Regular - Growth"),
    ];
    filled
        .map(|(slot, text)| (slot.to_owned(), text.to_owned()))
        .into()
}

/// The mask of somebody who said their name.
fn mask() -> Mask {
    let mut mask = Mask::new(&["Asha Kulkarni".to_owned()]);
    assert_eq!(mask.hide("Asha Kulkarni"), "{{name_1}}");
    mask
}

fn language(code: &str) -> Language {
    Language::from_code(code).unwrap()
}

fn judged(code: &str, text: &str) -> Result<String, Refused> {
    judge(
        text,
        &slots(),
        &mask(),
        language(code),
        Some("bot.example.in"),
    )
}

fn lines(source: &str) -> impl Iterator<Item = (&str, &str)> {
    let lines = source.lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(|line| line.split_once('\t'))
}

#[test]
fn at_most_two_in_a_hundred_good_answers_are_kept_back() {
    let mut kept_back = Vec::new();
    let mut count = 0;
    for (code, text) in lines(GOOD) {
        count += 1;
        if let Err(why) = judged(code, text) {
            kept_back.push(format!("{code}: {text} ({why})"));
        }
    }
    assert!(count >= 100, "{count}");
    assert!(
        kept_back.len() * 50 <= count,
        "{} of {count}: {kept_back:#?}",
        kept_back.len()
    );
}

#[test]
fn no_sentence_of_the_advising_set_is_sent_alone_or_among_others() {
    let mut sent = Vec::new();
    let mut counts = BTreeMap::new();
    for (code, _) in lines(ADVISING) {
        *counts.entry(code).or_insert(0_usize) += 1;
    }
    for (code, count) in &counts {
        assert!(*count >= 25, "{code}: {count}");
        for number in 0..count * 3 {
            let text = advising(code, number);
            sent.extend(judged(code, &text).ok());
        }
    }
    assert!(sent.is_empty(), "{sent:#?}");
}

#[test]
fn no_lie_of_any_kind_is_sent_beside_a_figure_that_is_true_or_without() {
    let own = ["{{f1}}".to_owned()];
    for code in ["en", "hi", "hinglish"] {
        for number in 0..700 {
            let lie = lie(code, number, &own);
            let judged = judged(code, &lie.text);
            assert!(judged.is_err(), "{judged:?}");
        }
    }
}

#[test]
fn one_fund_for_another_and_days_seen_from_today_are_refused_however_they_are_put() {
    for text in [
        "No fund is better than {{n1}}, so you should invest in it now.",
        "You might want to stop your SIP in {{n1}} and begin a larger SIP in {{n2}}.",
        "The SIP in {{n1}} can end. The one in {{n2}} can start.",
        "{{n1}} will be debited next week.",
        "The money comes in a few days.",
    ] {
        assert!(judged("en", text).is_err(), "{text}");
    }
    for (code, text) in [
        (
            "hinglish",
            "Kisi bhi fund se behtar {{n1}} hai, aap isme invest karo.",
        ),
        ("hinglish", "Aapki kist agle hafte katne wali hai."),
        ("hi", "आपकी किस्त अगले हफ़्ते कटेगी।"),
    ] {
        assert!(judged(code, text).is_err(), "{text}");
    }
    assert!(judged("en", "{{n1}} and {{n2}} are on record here.").is_ok());
}

#[test]
fn what_was_masked_is_put_back_and_figures_come_with_their_labels() {
    let said = judged("en", "Hello {{name_1}}, here it is: {{ f1 }}!").unwrap();
    assert_eq!(
        said,
        "Hello Asha Kulkarni, here it is: HDFC Flexi Cap Fund: current value ₹1,234.00 (21-Aug-2026)."
    );
}
