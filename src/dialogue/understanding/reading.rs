//! The slots of a message: which of its numbers and names matter for what it wants.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::amount::Quantities;
use super::instead::{self, Stands};
use super::intent::Intent;
use super::language::Language;
use super::lexicon::{Hit, LEXICON};
use super::meant;
use super::names::{self, Mention};
use super::periods;
use super::polarity::Mode;
use super::shapes;
use super::slots::{Frequency, Slots};
use super::starts;
use super::words::Word;

/// What the slots are read from.
pub(super) struct Message<'a> {
    /// As it was typed.
    pub(super) raw: &'a str,
    /// Its words, corrected.
    pub(super) words: &'a [Word],
    /// Their meanings.
    pub(super) hits: &'a [Hit],
    /// How each of them is spoken of.
    pub(super) modes: &'a [Mode],
    /// Its numbers.
    pub(super) quantities: &'a Quantities,
    /// The funds it names.
    pub(super) mentions: &'a [Mention],
}

impl Message<'_> {
    /// Says whether it has a word that means this.
    pub(super) fn has(&self, name: &str) -> bool {
        self.hits
            .iter()
            .any(|hit| LEXICON.name(hit.concept) == name)
    }
}

/// Returns the slots of a message that wants this.
pub(super) fn slots(intent: Intent, message: &Message<'_>) -> Slots {
    let found = message.quantities;
    let mut slots = Slots {
        years: only(&found.years),
        months: only(&found.months).and_then(whole),
        rate: only(&found.rates),
        starts: starts::read(message.raw),
        least: starts::wants_least(message.raw),
        ..Slots::default()
    };
    if takes_money(intent) {
        slots.amount = meant::amount(intent, message);
        slots.number = found.only_bare();
        slots.units = only(&found.units);
        if may_repeat(intent) {
            slots.frequency = frequency(message);
        }
    }
    if matches!(
        intent,
        Intent::SipStart | Intent::SipChange | Intent::SipPause | Intent::InvestOnce
    ) {
        slots.day = day(intent, message);
    }
    let says_all = (message.has("all") || message.has("all_sips")) && !is_part_of(message);
    slots.all = takes_all(intent) && says_all && slots.units.is_none();
    if intent == Intent::SipPause && slots.duration_months().is_none() && message.has("this_month")
    {
        slots.months = Some(1);
    }
    if intent == Intent::Language {
        language(&mut slots, message);
    }
    if matches!(intent, Intent::Statement | Intent::Tax) {
        slots.fy = periods::fiscal_year(message.raw);
        if slots.fy.is_some() {
            // `2024-25` is no amount.
            slots.amount = None;
            slots.number = None;
        }
    }
    // "Before three years" is how long something was held.
    let is_holding_time = matches!(intent, Intent::Tax | Intent::FundInfo) && message.has("redeem");
    if looks_back(intent) && slots.fy.is_none() && !is_holding_time {
        slots.period = periods::period(message.words, message.hits, found);
        if slots.period.is_some() {
            slots.years = None;
            slots.months = None;
        }
    }
    if intent.public() == Intent::Complaint && message.has("ticket_word") {
        slots.code = shapes::digits_code(message.raw);
    }
    if intent == Intent::Referral {
        slots.code = shapes::invitation_code(message.raw);
    }
    funds(&mut slots, intent, message);
    leave_out(&mut slots, intent, message);
    slots
}

/// Takes nothing of what an order names where it may be what is to stay, and nothing of two
/// quantities where one is everything: both are asked for.
fn leave_out(slots: &mut Slots, intent: Intent, message: &Message<'_>) {
    let deeds: &[&str] = match intent {
        Intent::Redeem => &["redeem"],
        Intent::Switch => &["switch", "switch_funds"],
        Intent::SipStop => &["stop", "cancel"],
        Intent::SipPause => &["pause"],
        _ => return,
    };
    let mut spoken = message.hits.iter().zip(message.modes);
    let is_refused = spoken
        .any(|(hit, mode)| *mode == Mode::Refused && deeds.contains(&LEXICON.name(hit.concept)));
    if is_refused || instead::is_except(message.raw) {
        slots.fund = None;
        slots.to_fund = None;
        slots.category = None;
        slots.amount = None;
        slots.units = None;
        slots.number = None;
        slots.all = false;
    }
    let says_all = message.has("all") && !is_part_of(message);
    if matches!(intent, Intent::Redeem | Intent::Switch)
        && says_all
        && (slots.amount.is_some() || slots.units.is_some())
    {
        slots.amount = None;
        slots.units = None;
        slots.all = false;
    }
}

fn only(values: &[Decimal]) -> Option<Decimal> {
    match values {
        [one] => Some(*one),
        _ => None,
    }
}

fn whole(value: Decimal) -> Option<u32> {
    value.round().to_u32().filter(|number| *number > 0)
}

fn takes_money(intent: Intent) -> bool {
    matches!(
        intent,
        Intent::SipStart
            | Intent::SipChange
            | Intent::InvestOnce
            | Intent::Redeem
            | Intent::Switch
            | Intent::Calculator
            | Intent::OrderStatus
            | Intent::Tax
            | Intent::Advice
            | Intent::Answer
            | Intent::Question
            | Intent::Unknown
            | Intent::Confirm
    )
}

fn may_repeat(intent: Intent) -> bool {
    !matches!(
        intent,
        Intent::InvestOnce | Intent::OrderStatus | Intent::Advice | Intent::Tax | Intent::Redeem
    )
}

fn takes_all(intent: Intent) -> bool {
    matches!(
        intent,
        Intent::Redeem | Intent::Switch | Intent::SipStop | Intent::SipPause | Intent::Nav
    )
}

fn looks_back(intent: Intent) -> bool {
    matches!(
        intent,
        Intent::Statement
            | Intent::Tax
            | Intent::Portfolio
            | Intent::Nav
            | Intent::FundInfo
            | Intent::FundCompare
            | Intent::Market
    )
}

/// What stands for all of something.
#[rustfmt::skip]
const ALL_OF_IT: &[&str] = &["dono", "donon", "sab", "sabhi", "both", "all", "them", "these", "दोनों", "सब", "सभी", "इन"];

/// `dono me se`, `one of both`: some, and not all. By the words as they were typed, since
/// small ones are taken for a part of the next where that makes a word.
fn is_part_of(message: &Message<'_>) -> bool {
    let words = super::plain_words(message.raw);
    let is_all = |at: usize| {
        words
            .get(at)
            .is_some_and(|word| ALL_OF_IT.contains(&word.as_str()))
    };
    (1..words.len()).any(|at| match (words[at - 1].as_str(), words[at].as_str()) {
        ("me" | "mein" | "mai", "se") | ("में", "से") => {
            at >= 2 && is_all(at - 2) || at >= 3 && is_all(at - 3)
        }
        ("one", "of") => is_all(at + 1) || is_all(at + 2),
        _ => false,
    })
}

fn day(intent: Intent, message: &Message<'_>) -> Option<u8> {
    let found = message.quantities;
    let speaks_of_a_day = message.has("day_of_month");
    if let ([first, last], Some(stands)) = (
        &instead::days(message.raw)[..],
        instead::day_that_stands(message.raw),
    ) && intent == Intent::SipChange
        && speaks_of_a_day
    {
        return match stands {
            Stands::First => Some(*first),
            Stands::Last => Some(*last),
            Stands::Neither => None,
        };
    }
    let days: &[Decimal] = if !speaks_of_a_day || found.bare.is_empty() {
        &found.days
    } else {
        &found.bare
    };
    let day = match (days, &found.days[..]) {
        ([one], []) | (_, [one]) => *one,
        ([_, last] | [.., last], _) if intent == Intent::SipChange => *last,
        ([], []) => return instead::ordinal_day(message.raw),
        _ => return None,
    };
    day.to_u8().filter(|day| (1..=31).contains(day))
}

fn frequency(message: &Message<'_>) -> Option<Frequency> {
    [
        ("every_day", Frequency::Daily),
        ("every_week", Frequency::Weekly),
        ("every_fortnight", Frequency::Fortnightly),
        ("every_month", Frequency::Monthly),
        ("every_quarter", Frequency::Quarterly),
        ("every_half_year", Frequency::HalfYearly),
        ("every_year", Frequency::Yearly),
    ]
    .into_iter()
    .find_map(|(name, frequency)| message.has(name).then_some(frequency))
}

/// How far a word that refuses a language stands from it.
const NO_FARTHER: usize = 3;

/// The language named last of those that are not refused: "I do not understand Hindi, reply
/// in Tamil". Where every one is, it is asked for.
fn language(slots: &mut Slots, message: &Message<'_>) {
    let languages: Vec<(&Hit, &str)> = message
        .hits
        .iter()
        .filter_map(|hit| Some((hit, LEXICON.name(hit.concept).strip_prefix("language_")?)))
        .collect();
    // Each refusal goes for one language: "not" for the next one, `nahi` for the one before.
    let refused = message.words.iter().enumerate().filter_map(|(at, word)| {
        let is_near = |hit: &Hit| {
            let shares_clause = message.words[hit.from].clause == word.clause;
            shares_clause && hit.from.abs_diff(at) <= NO_FARTHER
        };
        let mut named = languages.iter().map(|(hit, _)| *hit);
        let one = if instead::refuses_what_follows(&word.text) {
            named.find(|hit| hit.from > at)
        } else if instead::refuses_what_was(&word.text) {
            named.rfind(|hit| hit.from < at)
        } else {
            None
        };
        one.filter(|hit| is_near(hit)).map(|hit| hit.from)
    });
    let refused: Vec<usize> = refused.collect();
    let mut wanted = languages
        .iter()
        .rev()
        .filter(|(hit, _)| !refused.contains(&hit.from));
    let named = wanted.next().map(|(_, name)| *name);
    slots.language = named.and_then(Language::from_code);
    if slots.language.is_none() {
        slots.other_language = named.map(str::to_owned);
    }
}

fn funds(slots: &mut Slots, intent: Intent, message: &Message<'_>) {
    let mentions = message.mentions;
    match intent {
        Intent::FundCompare => {
            slots.funds = mentions.iter().map(|fund| fund.name.clone()).collect();
        }
        Intent::Switch => from_and_to(slots, mentions),
        Intent::Nav | Intent::FundInfo => {
            slots.fund = mentions.first().map(|fund| fund.name.clone()).or_else(|| {
                names::whatever_is_left(message.raw, message.words, message.hits, true)
            });
        }
        _ if takes_a_fund(intent) => match mentions {
            [only] => match only.category {
                Some(category) => slots.category = Some(category.to_owned()),
                None => slots.fund = Some(only.name.clone()),
            },
            [_, ..] => {
                let named = mentions.iter().filter(|fund| fund.category.is_none());
                let named: Vec<&Mention> = named.collect();
                match named[..] {
                    [] => slots.category = mentions[0].category.map(str::to_owned),
                    [_, _, ..] if intent.moves_money() => {
                        slots.fund = meant(intent, &named).map(|fund| fund.name.clone());
                    }
                    [first, ..] => slots.fund = Some(first.name.clone()),
                }
            }
            [] => {}
        },
        _ => {}
    }
}

/// Returns which of several an order is about, where the words say so: the bank an amount
/// comes from or goes to is called like a fund. Else it is asked for.
fn meant<'a>(intent: Intent, named: &[&'a Mention]) -> Option<&'a Mention> {
    let is_meant = |fund: &&&Mention| match intent {
        Intent::Redeem => fund.is_source && !fund.is_target,
        Intent::SipStart | Intent::InvestOnce => fund.is_target && !fund.is_source,
        _ => false,
    };
    let mut meant = named.iter().filter(is_meant);
    let first = meant.next()?;
    meant.next().is_none().then_some(*first)
}

fn takes_a_fund(intent: Intent) -> bool {
    matches!(
        intent,
        Intent::SipStart
            | Intent::SipList
            | Intent::SipStop
            | Intent::SipPause
            | Intent::SipResume
            | Intent::SipChange
            | Intent::InvestOnce
            | Intent::Redeem
            | Intent::FundSearch
            | Intent::Portfolio
            | Intent::OrderStatus
            | Intent::Statement
            | Intent::Tax
            | Intent::Calculator
            | Intent::Advice
            | Intent::Question
    )
}

fn from_and_to(slots: &mut Slots, mentions: &[Mention]) {
    let name = |fund: &Mention| Some(fund.name.clone());
    // "From debt to hybrid" says kinds, and no fund.
    let named: Vec<&Mention> = mentions.iter().filter(|m| m.category.is_none()).collect();
    match named[..] {
        [only] if only.is_target && !only.is_source => slots.to_fund = name(only),
        [only] => slots.fund = name(only),
        [first, second] if first.is_target && second.is_source => {
            slots.fund = name(second);
            slots.to_fund = name(first);
        }
        [first, second] => {
            slots.fund = name(first);
            slots.to_fund = name(second);
        }
        _ => {}
    }
}
