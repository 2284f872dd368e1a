//! From concepts to the one thing a message wants: an ordered table of rules.
//!
//! The first rule that holds decides, so the order is the policy: what protects people
//! (leaving, complaints, a person) stands before what serves them, and what serves them
//! before courtesies ("hi, show my portfolio" is about the portfolio).

use super::amount::Quantities;
use super::intent::Intent;
use super::lexicon::{Concept, Hit};

struct Rule {
    intent: Intent,
    /// One concept of each group has to be there.
    needs: &'static [&'static [Concept]],
    /// None of these may be there.
    bars: &'static [Concept],
    /// Whether the message may say nothing else but fillers.
    alone: bool,
    confidence: f32,
}

const fn rule(
    intent: Intent,
    needs: &'static [&'static [Concept]],
    bars: &'static [Concept],
    confidence: f32,
) -> Rule {
    Rule {
        intent,
        needs,
        bars,
        alone: false,
        confidence,
    }
}

const fn alone(intent: Intent, needs: &'static [&'static [Concept]], confidence: f32) -> Rule {
    Rule {
        intent,
        needs,
        bars: &[],
        alone: true,
        confidence,
    }
}

use Concept as C;

/// What makes an order of a sentence about a SIP.
const ORDERS: &[Concept] = &[
    C::Begin,
    C::Stop,
    C::Cancel,
    C::Pause,
    C::Change,
    C::Lumpsum,
    C::Invest,
    C::Redeem,
    C::Switch,
];

/// What has an answer of its own, so that a question about it is no question left over.
const SERVED: &[Concept] = &[
    C::Debit,
    C::Mandate,
    C::Kyc,
    C::Statement,
    C::Nav,
    C::Fact,
    C::Portfolio,
    C::Returns,
];

/// What a sentence with a SIP in it is about when it is not about SIPs as such.
#[rustfmt::skip]
const NOT_SIP_AS_SUCH: &[Concept] = &[
    C::Begin, C::Stop, C::Cancel, C::Pause, C::Change, C::Lumpsum, C::Invest, C::Redeem, C::Switch, C::Mine,
    C::Debit, C::Mandate, C::Kyc, C::Statement, C::Nav, C::Fact, C::Portfolio, C::Returns,
];

#[rustfmt::skip]
const RULES: &[Rule] = &[
    rule(Intent::Erase, &[&[C::Erase]], &[], 0.9),
    rule(Intent::OptOut, &[&[C::Unsubscribe], &[C::Messages]], &[], 0.95),
    rule(Intent::OptOut, &[&[C::Unsubscribe]], &[C::Sip], 0.95),
    rule(Intent::OptOut, &[&[C::Stop], &[C::Messages]], &[C::Sip], 0.95),
    alone(Intent::OptOut, &[&[C::Stop]], 0.95),
    rule(Intent::Complaint, &[&[C::Complaint]], &[], 0.95),
    rule(Intent::Agent, &[&[C::Person]], &[], 0.95),
    rule(Intent::Advice, &[&[C::Advice]], &[C::Nav], 0.85),
    rule(Intent::Calculator, &[&[C::Calculator]], &[], 0.95),
    rule(Intent::Language, &[&[C::Speak, C::Change, C::Switch], &[C::English, C::Hindi, C::Hinglish]], &[C::Sip, C::Fund, C::Portfolio], 0.95),
    rule(Intent::OrderStatus, &[&[C::Question, C::Whether], &[C::Sip], &[C::Mine]], ORDERS, 0.7),
    rule(Intent::SipInfo, &[&[C::Question, C::Whether], &[C::Sip]], NOT_SIP_AS_SUCH, 0.85),
    rule(Intent::Question, &[&[C::Question], &[C::Sip, C::Lumpsum, C::Invest, C::Redeem, C::Switch]], SERVED, 0.75),
    rule(Intent::SipStop, &[&[C::Sip], &[C::Stop, C::Cancel]], &[], 0.95),
    rule(Intent::SipPause, &[&[C::Sip], &[C::Pause]], &[], 0.95),
    rule(Intent::Switch, &[&[C::Switch]], &[C::Portfolio], 0.85),
    rule(Intent::Mandate, &[&[C::Mandate]], &[], 0.9),
    rule(Intent::SipChange, &[&[C::Sip], &[C::Change]], &[], 0.9),
    rule(Intent::OrderStatus, &[&[C::Sip], &[C::Debit]], &[C::Begin], 0.9),
    rule(Intent::FundInfo, &[&[C::Fact], &[C::Fund]], &[], 0.9),
    rule(Intent::SipStart, &[&[C::Sip], &[C::Begin, C::Invest]], &[], 0.9),
    rule(Intent::Redeem, &[&[C::Redeem]], &[], 0.9),
    rule(Intent::InvestOnce, &[&[C::Lumpsum]], &[], 0.85),
    rule(Intent::Nav, &[&[C::Nav]], &[], 0.95),
    rule(Intent::Profile, &[&[C::Kyc]], &[C::Fund], 0.9),
    rule(Intent::Statement, &[&[C::Statement]], &[C::Fund], 0.85),
    rule(Intent::Portfolio, &[&[C::Portfolio]], &[], 0.95),
    rule(Intent::Portfolio, &[&[C::Mine], &[C::Returns]], &[], 0.9),
    rule(Intent::FundInfo, &[&[C::Returns], &[C::Fund]], &[], 0.7),
    rule(Intent::Portfolio, &[&[C::Returns]], &[], 0.8),
    rule(Intent::OrderStatus, &[&[C::Debit]], &[C::Fund], 0.6),
    rule(Intent::SipStop, &[&[C::Sip], &[C::No]], &[], 0.6),
    rule(Intent::InvestOnce, &[&[C::Invest]], &[], 0.75),
    rule(Intent::SipInfo, &[&[C::Sip], &[C::Fact]], &[C::Mine], 0.7),
    rule(Intent::SipStart, &[&[C::Sip]], &[], 0.6),
    rule(Intent::SipPause, &[&[C::Pause]], &[], 0.6),
    rule(Intent::Language, &[&[C::Language]], &[], 0.95),
    alone(Intent::Language, &[&[C::English, C::Hindi, C::Hinglish]], 0.95),
    rule(Intent::FundInfo, &[&[C::Fact]], &[], 0.75),
    rule(Intent::SipChange, &[&[C::Change]], &[C::Fund], 0.55),
    rule(Intent::Nav, &[&[C::Fund]], &[C::OffTopic], 0.6),
    rule(Intent::OffTopic, &[&[C::OffTopic]], &[], 0.8),
    rule(Intent::Help, &[&[C::Help]], &[], 0.9),
    rule(Intent::Menu, &[&[C::Menu]], &[], 0.95),
    alone(Intent::Back, &[&[C::Back]], 0.95),
    alone(Intent::Cancel, &[&[C::Cancel]], 0.95),
    rule(Intent::Thanks, &[&[C::Thanks]], &[C::No], 0.9),
    alone(Intent::Deny, &[&[C::No]], 0.9),
    alone(Intent::Confirm, &[&[C::Yes]], 0.9),
    rule(Intent::Menu, &[&[C::Greet]], &[], 0.9),
];

/// Decides what the message wants, and how sure that is (0 to 1).
pub fn decide(words: &[String], hits: &[Hit], quantities: &Quantities) -> (Intent, f32) {
    if is_consent(words) {
        return (Intent::OptIn, 0.95);
    }
    if is_sum_over_time(hits, quantities) {
        return (Intent::Calculator, 0.85);
    }
    for rule in RULES {
        if let Some(exact) = holds(rule, words, hits) {
            let confidence = if exact {
                rule.confidence
            } else {
                rule.confidence - 0.15
            };
            return (rule.intent, confidence);
        }
    }
    (Intent::Unknown, 0.0)
}

/// Everything that is consent to marketing, word for word. A message that merely contains
/// such a word ("how do I subscribe to a fund", "do not subscribe me") is none.
#[rustfmt::skip]
const CONSENT: &[&str] = &[
    "opt in", "opt in please", "optin", "please subscribe", "resubscribe", "start", "start messages", "start offers",
    "start promotions", "start updates", "subscribe", "subscribe karo", "subscribe me", "unstop", "सब्सक्राइब",
    "सब्सक्राइब करो",
];

fn is_consent(words: &[String]) -> bool {
    CONSENT.contains(&words.join(" ").as_str())
}

/// "5000 for 10 years" asks for a sum, unless it also says what to do with the money.
fn is_sum_over_time(hits: &[Hit], quantities: &Quantities) -> bool {
    let commands = [
        C::Begin,
        C::Stop,
        C::Cancel,
        C::Pause,
        C::Change,
        C::Redeem,
        C::Switch,
        C::Lumpsum,
        C::Invest,
        C::Advice,
        C::Complaint,
        C::Person,
    ];
    let over_time = !quantities.years.is_empty() || !quantities.months.is_empty();
    quantities.amount().is_some()
        && (over_time || !quantities.rates.is_empty())
        && !hits.iter().any(|hit| commands.contains(&hit.concept))
}

/// Returns whether the rule holds, and if so whether every word it rests on was exact.
fn holds(rule: &Rule, words: &[String], hits: &[Hit]) -> Option<bool> {
    let of = |group: &[Concept]| {
        hits.iter()
            .filter(|hit| group.contains(&hit.concept))
            .copied()
            .collect::<Vec<_>>()
    };
    if !of(rule.bars).is_empty() {
        return None;
    }
    let mut exact = true;
    for group in rule.needs {
        let found = of(group);
        if found.is_empty() {
            return None;
        }
        exact &= found.iter().any(|hit| hit.exact);
    }
    if rule.alone {
        let wanted = |concept| rule.needs.iter().any(|group| group.contains(&concept));
        let said = hits
            .iter()
            .filter(|hit| wanted(hit.concept) || is_padding(hit.concept));
        let covered: usize = said.map(|hit| hit.to - hit.from).sum();
        if covered < words.len() {
            return None;
        }
    }
    Some(exact)
}

fn is_padding(concept: Concept) -> bool {
    matches!(
        concept,
        C::Filler | C::Greet | C::Yes | C::Thanks | C::Question | C::Whether
    )
}
