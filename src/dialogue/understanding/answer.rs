//! Reads a message as the answer to what was asked.
//!
//! What works everywhere (stop, menu, back, a person, a complaint, another language) wins
//! over an answer; another wish wins where the message is surely one. In between stands the
//! question: after "how much?" a bare "5000" is rupees.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::amount::Quantities;
use super::lexicon::{Hit, LEXICON};
use super::names;
use super::words::Word;
use super::{Expectation, Intent, Understood, numbers, shapes};

/// A message as far as it has been taken apart.
pub(super) struct Heard<'a> {
    /// As it was typed.
    pub(super) raw: &'a str,
    /// Its words.
    pub(super) words: &'a [Word],
    /// What was found in them.
    pub(super) hits: &'a [Hit],
    /// Its numbers.
    pub(super) quantities: &'a Quantities,
}

/// Up to here a reading is a guess, and the question decides.
const WEAK: f32 = 0.6;

/// Below this, words after a question are more likely an answer that was not understood.
const GUESS: f32 = 0.35;

/// Turns the reading into an answer where the last prompt asked for one and got it.
pub(super) fn look_for(understood: &mut Understood, expects: Expectation, heard: &Heard<'_>) {
    if works_everywhere(understood.intent) {
        return;
    }
    let answered = match expects {
        Expectation::Nothing | Expectation::YesOrNo => false,
        Expectation::Number => number(understood, heard),
        Expectation::FundName => fund_name(understood, heard),
        Expectation::Amount => amount(understood, heard),
        Expectation::Day => day(understood, heard),
        Expectation::Code => fill(&mut understood.slots.code, shapes::digits_code(heard.raw)),
        Expectation::Text => text(understood, heard),
        Expectation::Email => fill(&mut understood.slots.email, shapes::email(heard.raw)),
        Expectation::Pan => fill(&mut understood.slots.pan, shapes::pan(heard.raw)),
        Expectation::Date => fill(&mut understood.slots.date, shapes::date(heard.raw)),
        Expectation::Choice(of) => choice(understood, heard, of),
    };
    if answered {
        understood.intent = Intent::Answer;
    } else if expects != Expectation::Nothing && understood.confidence < GUESS {
        understood.intent = Intent::Unknown;
    }
}

/// Says whether an intent is heard in every state, whatever was asked.
fn works_everywhere(intent: Intent) -> bool {
    matches!(
        intent,
        Intent::OptOut
            | Intent::Menu
            | Intent::Help
            | Intent::Back
            | Intent::Cancel
            | Intent::CallOff
            | Intent::WithdrawConsent
            | Intent::Agent
            | Intent::Complaint
            | Intent::Language
    )
}

fn fill<T>(slot: &mut Option<T>, found: Option<T>) -> bool {
    *slot = found.or(slot.take());
    slot.is_some()
}

fn is_weak(understood: &Understood) -> bool {
    understood.confidence <= WEAK || understood.intent == Intent::Unknown
}

/// Says whether the message is a quantity and nothing else: `5000 rupees`, `10 saal`.
fn is_only_a_quantity(heard: &Heard<'_>) -> bool {
    names::whatever_is_left(heard.raw, heard.words, heard.hits, false).is_none()
        && heard.words.len() <= 3
        && !heard.quantities.is_empty()
}

/// What a number after a question would otherwise be taken for. Money for one time, or for a
/// fund by its name, is a wish of its own: after "how much every month?" it is no instalment.
fn is_about_a_sum(understood: &Understood, heard: &Heard<'_>) -> bool {
    let once = |hit: &Hit| LEXICON.name(hit.concept) == "once";
    match understood.intent {
        Intent::Calculator | Intent::Confirm => true,
        Intent::InvestOnce => understood.slots.fund.is_none() && !heard.hits.iter().any(once),
        _ => false,
    }
}

fn number(understood: &mut Understood, heard: &Heard<'_>) -> bool {
    let may_be =
        is_weak(understood) || is_about_a_sum(understood, heard) || is_only_a_quantity(heard);
    if !may_be {
        return false;
    }
    !heard.quantities.is_empty() || fill(&mut understood.slots.number, only_cardinal(heard))
}

/// A number in words that is the whole message: `das`.
fn only_cardinal(heard: &Heard<'_>) -> Option<Decimal> {
    match heard.words {
        [word] => numbers::cardinal(&word.text).map(Decimal::from),
        _ => None,
    }
}

fn fund_name(understood: &mut Understood, heard: &Heard<'_>) -> bool {
    let is_wish = !is_weak(understood) || understood.intent == Intent::SipStart;
    if is_wish && !names::is_only_a_name(heard.words, heard.hits) {
        return false;
    }
    let name = names::whatever_is_left(heard.raw, heard.words, heard.hits, true);
    understood.slots.fund = name;
    understood.slots.fund.is_some() || understood.slots.number.is_some()
}

fn amount(understood: &mut Understood, heard: &Heard<'_>) -> bool {
    let may_be =
        is_weak(understood) || is_about_a_sum(understood, heard) || is_only_a_quantity(heard);
    if !may_be {
        return false;
    }
    let bare = heard
        .quantities
        .only_bare()
        .or_else(|| only_cardinal(heard));
    let said = heard.quantities.amount().or(bare);
    let says_all = |hit: &Hit| LEXICON.name(hit.concept) == "all";
    understood.slots.all |= heard.words.len() <= 3 && heard.hits.iter().any(says_all);
    fill(&mut understood.slots.amount, said) || understood.slots.all
}

fn day(understood: &mut Understood, heard: &Heard<'_>) -> bool {
    let said = heard
        .quantities
        .only_bare()
        .or(match heard.quantities.days[..] {
            [one] => Some(one),
            _ => None,
        })
        .or_else(|| only_cardinal(heard))
        .and_then(|number| number.to_u8())
        .filter(|day| (1..=31).contains(day));
    fill(&mut understood.slots.day, said)
}

fn text(understood: &mut Understood, heard: &Heard<'_>) -> bool {
    let trimmed = heard.raw.trim();
    let said = (!trimmed.is_empty()).then(|| trimmed.to_owned());
    fill(&mut understood.slots.text, said)
}

fn choice(understood: &mut Understood, heard: &Heard<'_>, of: usize) -> bool {
    let said = heard
        .quantities
        .only_bare()
        .or(match heard.quantities.days[..] {
            [one] => Some(one),
            _ => None,
        })
        .or_else(|| only_cardinal(heard))
        .and_then(|number| number.to_usize())
        .or_else(|| heard.words.iter().find_map(|word| ordinal(&word.text)))
        .filter(|choice| (1..=of).contains(choice));
    fill(&mut understood.slots.choice, said)
}

fn ordinal(word: &str) -> Option<usize> {
    ORDINALS
        .iter()
        .position(|names| names.contains(&word))
        .map(|at| at + 1)
}

#[rustfmt::skip]
const ORDINALS: [&[&str]; 5] = [
    &["first", "1st", "pehla", "pehli", "pahla", "pahli", "pehle", "पहला", "पहली", "पहले"],
    &["second", "2nd", "dusra", "dusri", "doosra", "doosri", "दूसरा", "दूसरी", "दूसरे"],
    &["third", "3rd", "teesra", "teesri", "tisra", "tisri", "तीसरा", "तीसरी", "तीसरे"],
    &["fourth", "4th", "chautha", "chauthi", "चौथा", "चौथी", "चौथे"],
    &["fifth", "5th", "paanchva", "paanchvi", "panchwa", "panchwi", "पांचवा", "पांचवां", "पांचवी"],
];
