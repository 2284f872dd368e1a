//! Reads a message as the answer to what was asked.
//!
//! What works everywhere (stop, menu, back, a person, a complaint, another language) wins
//! over an answer where the message is surely that; another wish wins likewise. In between
//! stands the question: after "how much?" a bare "5000" is rupees, and after "your name?"
//! Tamil Selvan is one.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::amount::Quantities;
use super::lexicon::{Hit, LEXICON};
use super::words::Word;
use super::{Expectation, Intent, Understood, consent, instead, names, numbers, shapes};

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

impl Heard<'_> {
    /// Says whether it says that something is not to end: `band mat karo`.
    fn refuses_the_end(&self) -> bool {
        let ends = |hit: &Hit| matches!(LEXICON.name(hit.concept), "stop" | "cancel");
        let refuses = |word: &Word| {
            instead::refuses_what_was(&word.text) || instead::refuses_what_follows(&word.text)
        };
        self.hits.iter().any(ends) && self.words.iter().any(refuses)
    }
}

/// Up to here a reading is a guess, and the question decides.
const WEAK: f32 = 0.6;

/// Below this, words after a question are more likely an answer that was not understood.
const GUESS: f32 = 0.35;

/// From here on a refusal, a call for a person or a complaint is none of the reasons that
/// were asked for.
const SURELY: f32 = 0.8;

/// `agle mahine se`, "from next month".
const WORDS_OF_A_MONTH: usize = 3;

/// Words of a bare no.
const SHORT: usize = 2;

/// Turns the reading into an answer where the last prompt asked for one and got it.
pub(super) fn look_for(understood: &mut Understood, expects: Expectation, heard: &Heard<'_>) {
    if wins(understood, expects, heard) {
        return;
    }
    let answered = match expects {
        Expectation::Nothing | Expectation::YesOrNo | Expectation::Label => false,
        Expectation::Number => number(understood, heard) || says_when(understood),
        Expectation::FundName => says_only_when(understood, heard) || fund_name(understood, heard),
        Expectation::Amount => {
            wants_least(understood) || amount(understood, heard) || says_when(understood)
        }
        Expectation::Day => day(understood, heard) || says_when(understood),
        Expectation::Code => fill(&mut understood.slots.code, shapes::digits_code(heard.raw)),
        Expectation::Text => text(understood, heard),
        Expectation::Email => fill(&mut understood.slots.email, shapes::email(heard.raw)),
        Expectation::Pan => fill(&mut understood.slots.pan, shapes::pan(heard.raw)),
        Expectation::Date => fill(&mut understood.slots.date, shapes::date(heard.raw)),
        Expectation::Choice(of) => choice(understood, heard, of),
        Expectation::Reason(of) => {
            choice(understood, heard, of) || !heard.raw.contains('?') && text(understood, heard)
        }
    };
    // What is offered to be chosen from is asked again rather than left for a guess.
    let guess = match expects {
        Expectation::Choice(_) | Expectation::Label => WEAK,
        _ => GUESS,
    };
    // Told by their words, however unsure the reading was that they were found in.
    let is_told = matches!(
        understood.intent,
        Intent::Commission | Intent::Charges | Intent::Identity | Intent::ComplaintStatus
    );
    if answered {
        understood.intent = Intent::Answer;
    } else if expects != Expectation::Nothing && understood.confidence < guess && !is_told {
        understood.intent = Intent::Unknown;
    }
}

/// Says whether a message is what it was read as whatever was asked. A name or a reason
/// may sound like anything, so there it has to be that and nothing else.
fn wins(understood: &Understood, expects: Expectation, heard: &Heard<'_>) -> bool {
    let (intent, sure) = (understood.intent, understood.confidence);
    let is_reason = matches!(expects, Expectation::Reason(_));
    let is_command = || sure >= WEAK && is_in_known_words(heard.words, heard.hits);
    if !takes_any_words(expects) {
        return works_everywhere(intent) && sure >= WEAK;
    }
    match intent {
        Intent::OptOut => consent::is_stop(heard.raw),
        // "Job nahi hai" says no and is a reason all the same.
        Intent::Deny if is_reason && heard.refuses_the_end() => true,
        Intent::Deny if is_reason => sure >= SURELY && heard.words.len() <= SHORT && is_command(),
        Intent::Agent | Intent::Complaint | Intent::SipPause | Intent::SipChange if is_reason => {
            sure >= SURELY
        }
        Intent::Confirm if is_reason => is_command(),
        _ => works_everywhere(intent) && is_command(),
    }
}

/// Says whether what is asked for may be said in any words whatever.
fn takes_any_words(expects: Expectation) -> bool {
    matches!(
        expects,
        Expectation::Text
            | Expectation::Email
            | Expectation::Pan
            | Expectation::Date
            | Expectation::Code
            | Expectation::Reason(_)
    )
}

/// Says whether every word of a message is one that has a meaning, and as it was typed.
pub(super) fn is_in_known_words(words: &[Word], hits: &[Hit]) -> bool {
    let has_meaning = |at: usize| hits.iter().any(|hit| (hit.from..hit.to).contains(&at));
    let mut numbered = words.iter().enumerate();
    !words.is_empty() && numbered.all(|(at, word)| word.exact && has_meaning(at))
}

/// Says whether an intent can be heard in every state, whatever was asked.
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
            | Intent::ComplaintStatus
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

/// Says whether the message says from when on, and is surely nothing else.
fn says_when(understood: &Understood) -> bool {
    understood.slots.starts.is_some() && is_weak(understood)
}

/// Says whether the message wants as little as may be, and is surely nothing else; "minimum
/// amount" by itself sounds like a question about a fund that is not named.
fn wants_least(understood: &Understood) -> bool {
    let sounds_like = matches!(understood.intent, Intent::FundInfo | Intent::Confirm);
    let is_bare = sounds_like && understood.slots.fund.is_none();
    understood.slots.least && (is_weak(understood) || is_bare)
}

/// Says whether the message says so and has no room for a name besides.
fn says_only_when(understood: &Understood, heard: &Heard<'_>) -> bool {
    says_when(understood) && heard.words.len() <= WORDS_OF_A_MONTH
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
    if !may_be || instead::is_except(heard.raw) {
        return false;
    }
    if heard.quantities.is_range {
        understood.slots.amount = None;
        understood.intent = Intent::Unknown;
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
        .or_else(|| first_or_second(heard).map(Decimal::from))
        .and_then(|number| number.to_u8())
        .filter(|day| (1..=31).contains(day));
    fill(&mut understood.slots.day, said)
}

/// `pehli`, `pehli tarikh`, "second": a day in words.
fn first_or_second(heard: &Heard<'_>) -> Option<u8> {
    let is_of_a_day = |hit: &Hit| LEXICON.name(hit.concept) == "day_of_month";
    let is_day = |at: usize| {
        let mut over = heard
            .hits
            .iter()
            .filter(|hit| (hit.from..hit.to).contains(&at));
        over.any(is_of_a_day)
    };
    let mut places = heard.words.iter().filter_map(|word| ordinal(&word.text));
    let place = places.next().and_then(|place| u8::try_from(place).ok());
    let mut numbered = heard.words.iter().enumerate();
    let is_all = numbered.all(|(at, word)| {
        let text = word.text.as_str();
        ordinal(text).is_some() || BESIDE_A_PLACE.contains(&text) || is_day(at)
    });
    place.filter(|_| is_all && places.next().is_none())
}

fn text(understood: &mut Understood, heard: &Heard<'_>) -> bool {
    let trimmed = heard.raw.trim();
    let said = (!trimmed.is_empty()).then(|| trimmed.to_owned());
    fill(&mut understood.slots.text, said)
}

/// Reads which of several is meant, if that is all the message says: "2 min", "pehle batao"
/// and "3?" choose nothing.
fn choice(understood: &mut Understood, heard: &Heard<'_>, of: usize) -> bool {
    if !is_only_a_place(heard) {
        return false;
    }
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

/// Says whether a message is a number or an ordinal, and the word for what it counts.
fn is_only_a_place(heard: &Heard<'_>) -> bool {
    let is_place = |word: &Word| {
        let text = word.text.as_str();
        let digits = text.trim_end_matches(['s', 't', 'n', 'd', 'r', 'h']);
        let is_number = !digits.is_empty() && digits.chars().all(|c| c.is_ascii_digit());
        is_number || numbers::cardinal(text).is_some() || ordinal(text).is_some()
    };
    let is_beside = |word: &Word| BESIDE_A_PLACE.contains(&word.text.as_str());
    let is_plain = |word: &&Word| is_place(word) && !(heard.words.len() > 1 && is_beside(word));
    let mut places = heard.words.iter().filter(is_plain);
    let (first, second) = (places.next(), places.next());
    // By itself it means "before": "pehle" is no answer yet.
    let is_before = first.is_some_and(|word| matches!(word.text.as_str(), "pehle" | "पहले"));
    !heard.raw.contains('?')
        && first.is_some()
        && second.is_none()
        && heard
            .words
            .iter()
            .all(|word| is_place(word) || is_beside(word))
        && !(is_before && heard.words.len() == 1)
}

#[rustfmt::skip]
const BESIDE_A_PLACE: &[&str] = &[
    "the", "number", "no", "option", "one", "wala", "wali", "wale", "नंबर", "वाला", "वाली", "वाले",
];

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
