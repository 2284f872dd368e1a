//! The flows, one file each: `(state, understood message, facts) → step`. None of them
//! writes, sends or looks at a clock.

pub mod calculator;
pub mod care;
pub mod courtesy;
pub mod funds;
pub mod glossary;
pub mod honest;
pub mod language;
pub mod marketing;
pub mod menu;
pub mod money;
pub mod nav;
pub mod notices;
pub mod papers;
pub mod person;
pub mod portfolio;
pub mod privacy;
pub mod record;
pub mod resume;
pub mod titles;
mod typed;

use serde_json::Value;

use super::forms::Ticket;
use super::labels::Label;
use super::scene::{Scene, Step};
use super::session::{State, TapId};
use super::texts::Text;
use super::understanding::consent::{is_consent, is_stop};
use super::understanding::two::two_wishes;
use super::understanding::{Intent, Slots, Understood, amount, may_name, speaks_of};
use crate::whatsapp::forms::Fields;

/// Below this a reading is no word to be silent after, or to ask for messages by.
const SURE: f32 = 0.6;

/// Leads an understood message to its flow.
pub async fn advance(scene: &Scene<'_>, heard: &Understood, words: &str) -> anyhow::Result<Step> {
    if let Some(step) = care::look(scene, heard.intent, words)? {
        return Ok(step);
    }
    if let Some(step) = by_label(scene, words).await? {
        return Ok(step);
    }
    if let Some(step) = glossary::look(scene, words)? {
        return Ok(step);
    }
    let may_deal = scene.contact.unverified_since.is_none() && scene.facts.dealings().is_some();
    let two = may_deal.then(|| two_wishes(words, heard.intent));
    match two.flatten() {
        Some(two) => {
            let step = by_intent(scene, &two.first, &two.words).await?;
            money::next::announce(scene, step, two.first.intent, two.second)
        }
        None => by_intent(scene, heard, words).await,
    }
}

/// Leads a message with one wish to its flow.
async fn by_intent(scene: &Scene<'_>, heard: &Understood, words: &str) -> anyhow::Result<Step> {
    let slots = &heard.slots;
    let is_sure = heard.confidence >= SURE;
    match heard.intent {
        Intent::Answer => answer(scene, slots, words).await,
        Intent::Menu => menu::greet(scene),
        Intent::Portfolio => holdings(scene, slots.fund.as_deref()).await,
        Intent::Nav | Intent::FundInfo => nav::find(scene, slots.fund.as_deref()),
        Intent::FundCompare => funds::compare(scene, &slots.funds),
        Intent::FundSearch => {
            funds::search(scene, slots.category.as_deref(), slots.fund.as_deref())
        }
        Intent::Calculator => calculator::begin(scene, slots, words),
        Intent::Language => language::change(scene, slots.language).await,
        // "Band karo" at the end of a SIP ends no messages; the word STOP does everywhere.
        Intent::OptOut
            if is_under_way(scene, money::State::is_of_a_plan)
                && !is_stop(words)
                && !marketing::is_named(words) =>
        {
            confirm(scene, words).await
        }
        Intent::OptOut => marketing::stop(scene),
        // "Start" where a SIP is started asks for no offers.
        Intent::OptIn
            if is_under_way(scene, money::State::starts_a_sip) && !marketing::is_named(words) =>
        {
            confirm(scene, words).await
        }
        Intent::OptIn if is_sure || is_consent(words) => marketing::start(scene, words),
        Intent::Agent | Intent::Complaint if !is_sure => person::doubt(scene),
        Intent::Agent => person::hand_over(scene, "asked for a person"),
        Intent::Complaint => person::complain(scene),
        Intent::ComplaintStatus => person::how_far(scene).await,
        Intent::Advice => person::advise(scene),
        Intent::Help => courtesy::help(scene),
        Intent::Market => honest::market(scene).await,
        Intent::Rewards => honest::instead(scene, &Text::Rewards {}),
        Intent::Referral => honest::instead(scene, &Text::Referral {}),
        Intent::Leaderboard => honest::instead(scene, &Text::Leaderboard {}),
        Intent::CopyPortfolio => honest::instead(scene, &Text::CopyPortfolio {}),
        Intent::Notifications => notices::offer(scene),
        Intent::Statement => papers::offer(scene).await,
        Intent::Tax => papers::gains(scene, slots.fy.as_deref()).await,
        Intent::Privacy => privacy::show(scene),
        Intent::Erase => privacy::ask_to_erase(scene).await,
        Intent::WithdrawConsent => privacy::ask_to_withdraw(scene).await,
        Intent::Thanks => courtesy::thank(scene),
        Intent::Noted => courtesy::acknowledge(scene),
        Intent::Confirm => confirm(scene, words).await,
        Intent::SipInfo => courtesy::sip(scene),
        Intent::Question | Intent::Explain => person::wonder(scene),
        Intent::Commission => person::commission(scene),
        Intent::Charges => person::charges(scene),
        Intent::Identity => person::identity(scene),
        // "Nahi 3000", "date galat hai": something is to be other, and not all to be dropped.
        Intent::Deny if says_when(scene, slots) || corrects(scene, words, is_sure) => {
            let amount = amount::quantities(words).amount();
            let said = Slots {
                amount,
                ..slots.clone()
            };
            unknown(scene, &said, words).await
        }
        Intent::Deny => deny(scene, words).await,
        Intent::Back => back(scene).await,
        Intent::Cancel => cancel(scene),
        Intent::OffTopic => courtesy::off_topic(scene),
        // Who only half said so is not taken at their word.
        Intent::Unknown | Intent::OptIn => unknown(scene, slots, words).await,
        Intent::SipChange if is_about_this(scene, slots, words) => {
            answer(scene, slots, words).await
        }
        // "Start it next month" wakes no other SIP.
        Intent::SipResume | Intent::SipPause
            if says_when(scene, slots) && is_about_this(scene, slots, words) =>
        {
            answer(scene, slots, words).await
        }
        Intent::SipList
        | Intent::SipStart
        | Intent::SipStop
        | Intent::SipPause
        | Intent::SipResume
        | Intent::SipChange
        | Intent::OrderStatus
        | Intent::InvestOnce
        | Intent::Redeem
        | Intent::Switch
        | Intent::CallOff
        | Intent::Mandate => {
            let wish = Slots {
                text: Some(words.to_owned()),
                ..slots.clone()
            };
            money::open(scene, heard.intent, &wish).await
        }
        Intent::Onboarding => record::open_account(scene, words).await,
        Intent::Profile => record::open_profile(scene, words).await,
    }
}

/// Takes words that stand on something the question at hand offers, whatever else they may
/// sound like: "Service issue" among the reasons is no complaint.
async fn by_label(scene: &Scene<'_>, words: &str) -> anyhow::Result<Option<Step>> {
    match &scene.session.state {
        State::Record(state) => record::by_label(scene, state, words).await,
        State::Money(state) if state.offers(scene, words) => {
            let none = Slots::default();
            money::answer(scene, state, &none, words).await.map(Some)
        }
        _ => Ok(None),
    }
}

/// Leads a tap of the current prompt to its flow.
pub async fn tap(scene: &Scene<'_>, tap: &TapId) -> anyhow::Result<Step> {
    let payload = tap.payload.as_str();
    match tap.flow.as_str() {
        menu::FLOW => match payload {
            "portfolio" => holdings(scene, None).await,
            "nav" => nav::find(scene, None),
            "sip_start" => money::open(scene, Intent::SipStart, &Slots::default()).await,
            "redeem" => money::open(scene, Intent::Redeem, &Slots::default()).await,
            "sip_list" => money::open(scene, Intent::SipList, &Slots::default()).await,
            "orders" => money::open(scene, Intent::OrderStatus, &Slots::default()).await,
            "calculator" => calculator::choose(scene),
            "calculator_sip" => calculator::begin_sip(scene),
            "language" => language::change(scene, None).await,
            "agent" => person::hand_over(scene, "asked for a person"),
            "help" => courtesy::help(scene),
            _ => menu::show(scene),
        },
        nav::FLOW => nav::choose(scene, payload),
        calculator::FLOW => calculator::tap(scene, &tap.step, payload),
        language::FLOW => language::choose(scene, payload).await,
        resume::FLOW => resume::take_up(scene).await,
        money::FLOW => money::tap(scene, tap).await,
        papers::FLOW => papers::tap(scene, &tap.step, payload).await,
        funds::FLOW => funds::tap(scene, payload),
        notices::FLOW => notices::tap(scene, &tap.step, payload),
        marketing::FLOW => marketing::tap(scene, payload),
        privacy::FLOW => privacy::tap(scene, &tap.step).await,
        record::FLOW => record::tap(scene, tap).await,
        person::FLOW => person::hand_over(scene, person::reason(payload)),
        _ => menu::show(scene),
    }
}

/// Leads a tap of an earlier prompt: what only opens a topic is done, and no to marketing is
/// no for ever; all else is refused.
pub async fn earlier_tap(scene: &Scene<'_>, earlier: &TapId) -> anyhow::Result<Step> {
    if marketing::declines(earlier) {
        return tap(scene, earlier).await;
    }
    if !menu::only_opens(earlier) {
        let lead = scene.say(&Text::Stale {})?;
        return Ok(prompt(scene).await?.led_by(&lead));
    }
    match (&scene.session.state, earlier.payload.as_str()) {
        // Opening it again would drop the answers given since.
        (State::Calculator(_), "calculator" | "calculator_sip") => prompt(scene).await,
        (State::Money(state), "sip_start") if state.starts_a_sip() => prompt(scene).await,
        _ => tap(scene, earlier).await,
    }
}

/// Takes a form that was filled in: by its ticket, and then like anything that was typed.
pub async fn filled_in(scene: &Scene<'_>, filled: &str, generation: i64) -> anyhow::Result<Step> {
    let fields = serde_json::from_str::<Fields>(filled).unwrap_or_default();
    let token = fields.get("flow_token").and_then(Value::as_str);
    let ticket = token
        .zip(scene.facts.forms())
        .and_then(|(token, forms)| Ticket::read(forms, token));
    match ticket {
        Some(ticket) if ticket.contact != scene.contact.id => {
            courtesy::unreadable(scene, Label::OtherKind)
        }
        Some(ticket) if ticket.generation == generation && scene.now < ticket.until => {
            money::sip_form::take(scene, &fields).await
        }
        Some(_) => {
            let lead = scene.say(&Text::Stale {})?;
            Ok(prompt(scene).await?.led_by(&lead))
        }
        None => courtesy::unreadable(scene, Label::OtherKind),
    }
}

async fn holdings(scene: &Scene<'_>, fund: Option<&str>) -> anyhow::Result<Step> {
    if scene.contact.unverified_since.is_some() {
        return portfolio::withhold(scene);
    }
    let held = scene.facts.portfolio(scene.contact, scene.today).await?;
    match (&held, fund) {
        (Some(held), Some(fund)) => portfolio::show_fund(scene, held, fund),
        _ => portfolio::show(scene, held.as_ref()),
    }
}

/// Says again what the conversation is waiting for.
pub async fn prompt(scene: &Scene<'_>) -> anyhow::Result<Step> {
    prompt_at(scene, &scene.session.state).await
}

/// Says what a state waits for.
pub async fn prompt_at(scene: &Scene<'_>, state: &State) -> anyhow::Result<Step> {
    match state {
        State::Menu => menu::show(scene),
        State::Nav(_) => nav::ask(scene),
        State::Calculator(state) => calculator::prompt(scene, state, false),
        State::Money(state) => money::prompt(scene, state, false).await,
        State::Record(state) => record::prompt(scene, state, false).await,
    }
}

/// Says whether such a thing is under way about money.
fn is_under_way(scene: &Scene<'_>, such: impl Fn(&money::State) -> bool) -> bool {
    matches!(&scene.session.state, State::Money(state) if such(state))
}

/// Says whether a message says from when on the SIP that is being started is to run.
fn says_when(scene: &Scene<'_>, slots: &Slots) -> bool {
    slots.starts.is_some() && is_under_way(scene, money::State::starts_a_sip)
}

/// Says whether words that hold a no correct what is under way about money: they name
/// another number, or what is wrong where the no is not sure.
fn corrects(scene: &Scene<'_>, words: &str, is_sure: bool) -> bool {
    let names_more = !amount::quantities(words).is_empty() || !is_sure && speaks_of(words, "wrong");
    is_under_way(scene, |_| true) && names_more
}

/// Says whether "make it 7000", `date 10 kar do` or "step up 10%" means the journey under
/// way and not a SIP that runs.
fn is_about_this(scene: &Scene<'_>, slots: &Slots, words: &str) -> bool {
    let State::Money(state) = &scene.session.state else {
        return false;
    };
    let says_terms = slots.day.is_some()
        || slots.rate.is_some()
        || speaks_of(words, "increase")
        || speaks_of(words, "step_up");
    let takes_an_amount = state.takes_an_amount() || state.sets_a_sip_up();
    let is_another = slots.amount.is_some() && takes_an_amount
        || says_terms && state.sets_a_sip_up()
        || says_when(scene, slots);
    is_another && slots.fund.is_none() && !speaks_of(words, "sip")
}

async fn answer(scene: &Scene<'_>, slots: &Slots, words: &str) -> anyhow::Result<Step> {
    match &scene.session.state {
        State::Menu => menu::show(scene),
        State::Nav(state) => nav::advance(scene, state, slots),
        State::Calculator(state) => calculator::advance(scene, state, slots, words),
        State::Money(state) => money::answer(scene, state, slots, words).await,
        State::Record(state) => record::answer(scene, state, slots, words).await,
    }
}

async fn back(scene: &Scene<'_>) -> anyhow::Result<Step> {
    match &scene.session.state {
        State::Calculator(state) => calculator::back(scene, state),
        State::Money(state) => money::back(scene, state).await,
        State::Record(state) => record::back(scene, state).await,
        State::Menu | State::Nav(_) => menu::show(scene),
    }
}

/// A yes that was typed moves no money: see [`money::typed_yes`].
async fn confirm(scene: &Scene<'_>, words: &str) -> anyhow::Result<Step> {
    match &scene.session.state {
        State::Money(state) => money::typed_yes(scene, state).await,
        State::Record(state) => record::yes_or_no(scene, state, true, words).await,
        _ => resume::confirm(scene, words).await,
    }
}

async fn deny(scene: &Scene<'_>, words: &str) -> anyhow::Result<Step> {
    match &scene.session.state {
        State::Money(state) => money::says_no(scene, state).await,
        State::Record(state) => record::yes_or_no(scene, state, false, words).await,
        _ => resume::deny(scene),
    }
}

fn cancel(scene: &Scene<'_>) -> anyhow::Result<Step> {
    match &scene.session.state {
        State::Money(_) => money::typed_no(scene),
        _ => courtesy::cancel(scene),
    }
}

async fn unknown(scene: &Scene<'_>, slots: &Slots, words: &str) -> anyhow::Result<Step> {
    match &scene.session.state {
        State::Menu => match resume::answered(scene, slots) {
            Some(state) => calculator::advance(scene, state, slots, words),
            None => match slots.amount.filter(|_| !may_name(words)) {
                Some(amount) if calculator::is_amount(amount) => calculator::propose(scene, amount),
                _ => courtesy::unknown(scene, words),
            },
        },
        State::Nav(_) => nav::ask(scene),
        State::Calculator(state) => calculator::prompt(scene, state, true),
        State::Money(state) => {
            // From when on and for how long a SIP is to run is never asked, and may be said
            // at any time; so may another amount, in words that take one back.
            let said = if state.starts_a_sip() {
                Slots {
                    years: slots.years,
                    months: slots.months,
                    starts: slots.starts,
                    amount: slots.amount.filter(|_| money::amends(words)),
                    ..Slots::default()
                }
            } else {
                Slots::default()
            };
            money::answer(scene, state, &said, words).await
        }
        State::Record(state) => record::prompt(scene, state, true).await,
    }
}
