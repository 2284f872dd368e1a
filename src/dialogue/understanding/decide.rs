//! From what is likely to what is done: the model says what is meant, and where money, a
//! plan or consent hangs on it, it has to be sure and the message a wish of the writer's.
//!
//! What is likely meant so and not sure enough is taken for the likeliest harmless thing.

use super::evidence;
use super::intent::Intent;
use super::lexicon::LEXICON;
use super::model::{Each, MODEL, Model};
use super::polarity::{self, Mode};
use super::{Parsed, consent, finer, names, numbers};

/// So sure the model has to be of what binds somebody.
const SURE: f32 = 0.6;
/// Less is no reading at all.
const LEAST: f32 = 0.2;
/// So sure, if something in the message speaks against a wish of the writer's.
const SURE_IN_DOUBT: f32 = 0.75;

/// Meanings that say it may be a question, somebody else's wish, or none any more.
const DOUBTS: &[&str] = &[
    "should",
    "asks_me",
    "what_if",
    "if",
    "somebody_says",
    "advice",
    "let_me",
    "wrong",
];
/// Meanings that make a yes none.
const NOES: &[&str] = &["dont", "nahi", "no", "wrong", "drop_it", "stop", "cancel"];

/// Decides what the message wants, and how sure that is (0 to 1).
pub(super) fn decide(raw: &str, parsed: &Parsed) -> (Intent, f32) {
    decide_by(&MODEL, raw, parsed)
}

/// As [`decide`], by another model.
pub(super) fn decide_by(model: &Model<'_>, raw: &str, parsed: &Parsed) -> (Intent, f32) {
    if parsed.words.is_empty() {
        return (Intent::Unknown, 0.0);
    }
    if consent::is_stop(raw) {
        return (Intent::OptOut, 1.0);
    }
    if let Some(intent) = of_quantities(raw, parsed) {
        return (intent, SURE);
    }
    let likely = model.weigh(&evidence::of(raw, parsed));
    let (best, sure) = likeliest(&likely, |_| true);
    let needed = match best {
        Intent::Confirm if has(parsed, NOES) => f32::INFINITY,
        _ if is_refused(best, parsed) => f32::INFINITY,
        _ if is_doubtful(raw, parsed) => SURE_IN_DOUBT,
        _ => SURE,
    };
    let (best, sure) = if best.binds() && sure < needed {
        // A SIP rests or ends: each is shown before it is done.
        match rests_or_ends(&likely, parsed).filter(|(_, sure)| *sure >= needed) {
            Some(either) => either,
            None => likeliest(&likely, |intent| {
                !intent.binds() && intent != Intent::SipResume
            }),
        }
    } else if is_unwanted(best, parsed) {
        likeliest(&likely, |intent| intent != best && !intent.binds())
    } else {
        (best, sure)
    };
    if sure < LEAST {
        return (Intent::Unknown, sure);
    }
    (best, sure)
}

/// Quantities alone answer a question, and without one they mean nothing; an amount with a
/// time or a rate is a sum.
fn of_quantities(raw: &str, parsed: &Parsed) -> Option<Intent> {
    const SMALL: &[&str] = &[
        "aux",
        "filler",
        "polite",
        "plain",
        "for_word",
        "every_month",
    ];
    let found = &parsed.quantities;
    let is_number = |word: &str| numbers::cardinal(word).is_some();
    let numbers_only = !found.is_empty() || parsed.words.iter().all(|word| is_number(&word.text));
    let mut hits = parsed.hits.iter();
    let is_bare = numbers_only
        && hits.all(|hit| SMALL.contains(&LEXICON.name(hit.concept)))
        && names::whatever_is_left(raw, &parsed.words, &parsed.hits, false).is_none();
    let has_time = !(found.years.is_empty() && found.months.is_empty() && found.rates.is_empty());
    match (is_bare, !found.money.is_empty() && has_time) {
        (false, _) => None,
        (true, true) => Some(Intent::Calculator),
        (true, false) => Some(Intent::Unknown),
    }
}

fn likeliest(likely: &Each, may_be: impl Fn(Intent) -> bool) -> (Intent, f32) {
    let all = Intent::PUBLIC.into_iter().zip(likely.iter().copied());
    let fitting = all.filter(|(intent, _)| may_be(*intent));
    fitting
        .max_by(|(_, a), (_, b)| a.total_cmp(b))
        .unwrap_or((Intent::Unknown, 0.0))
}

/// Returns which of the two a SIP shall do that is to pay no more, and how sure it is that
/// it shall do one of them: for a time it rests.
fn rests_or_ends(likely: &Each, parsed: &Parsed) -> Option<(Intent, f32)> {
    let of = |wanted: Intent| likeliest(likely, |intent| intent == wanted).1;
    let (rests, ends) = (of(Intent::SipPause), of(Intent::SipStop));
    let is_refused = is_refused(Intent::SipPause, parsed) || is_refused(Intent::SipStop, parsed);
    let intent = if finer::is_for_a_time(parsed) || rests > ends {
        Intent::SipPause
    } else {
        Intent::SipStop
    };
    (!is_refused).then_some((intent, rests + ends))
}

/// Says whether something speaks against a present wish of the writer's.
fn is_doubtful(raw: &str, parsed: &Parsed) -> bool {
    let is_no_wish = parsed.modes.iter().any(|mode| *mode != Mode::Plain);
    let asks = raw.contains('?') && !has(parsed, &["how", "can"]);
    is_no_wish || asks || has(parsed, DOUBTS) || polarity::is_of_somebody_else(&parsed.words)
}

/// Says whether the deed itself is refused, and nowhere wished for.
fn is_refused(intent: Intent, parsed: &Parsed) -> bool {
    let deeds: &[&str] = match intent {
        Intent::Redeem => &["redeem"],
        Intent::Switch => &["switch", "switch_funds"],
        Intent::SipStop => &["stop", "cancel"],
        Intent::SipPause => &["pause"],
        Intent::OptOut => &["unsubscribe"],
        _ => &[],
    };
    let spoken = |mode| {
        let mut hits = parsed.hits.iter().zip(&parsed.modes);
        hits.any(|(hit, said)| *said == mode && deeds.contains(&LEXICON.name(hit.concept)))
    };
    spoken(Mode::Refused) && !spoken(Mode::Plain)
}

/// Says whether a person or a complaint is spoken of to say that none is wanted: after
/// either the chat is silent, and a complaint stands on the register.
fn is_unwanted(intent: Intent, parsed: &Parsed) -> bool {
    const CALL: &[&str] = &["call", "phone", "contact", "कॉल", "फोन"];
    let what: &[&str] = match intent {
        Intent::Agent => &["agent", "agent_strong"],
        Intent::Complaint => &["complaint"],
        _ => return false,
    };
    let named = if intent == Intent::Agent { CALL } else { &[] };
    let hits = parsed.hits.iter();
    let hits = hits.filter(|hit| what.contains(&LEXICON.name(hit.concept)));
    let words = parsed.words.iter().enumerate();
    let words = words.filter(|(_, word)| named.contains(&word.text.as_str()));
    let spoken = hits.map(|hit| (hit.from, hit.to));
    let spoken: Vec<_> = spoken.chain(words.map(|(at, _)| (at, at + 1))).collect();
    let is_unwanted = |thing: &(usize, usize)| polarity::is_unwanted(&parsed.words, *thing);
    !spoken.is_empty() && spoken.iter().all(is_unwanted)
}

pub(super) fn has(parsed: &Parsed, names: &[&str]) -> bool {
    let mut hits = parsed.hits.iter();
    hits.any(|hit| names.contains(&LEXICON.name(hit.concept)))
}
