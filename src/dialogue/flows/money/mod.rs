//! Money: what is begun, shown with its exact terms, confirmed by its own button, and
//! tracked. One file for each journey.
//!
//! A journey is a form: what is known is kept, what is missing is asked in order, and at
//! the end stands a review with something that has to be confirmed (`confirm.rs`). The
//! state holds what was answered, so that a journey that is taken up again shows fresh
//! terms and never old ones.

mod call_off;
mod change;
mod confirm;
mod invest_once;
mod mandates;
pub mod next;
mod order_status;
mod pause;
mod pick;
mod plan;
mod redeem;
mod refuse;
mod repeats;
mod resume_plan;
mod say;
pub mod sip_form;
mod sip_list;
mod sip_start;
mod sip_terms;
mod stop;
mod switch;
mod terms;
mod units;

use serde::{Deserialize, Serialize};

use super::super::labels::Label;
use super::super::ports::Dealings;
use super::super::scene::{Choice, Say, Scene, Step, Then};
use super::super::session;
use super::super::session::TapId;
use super::super::texts::Text;
use super::super::understanding::{Expectation, Intent, Slots};
use super::{menu, person, resume, typed};
use confirm::Pending;
use plan::Wish;
pub(super) use typed::asks;

/// Name of the flow in tap ids.
pub const FLOW: &str = "money";

/// A journey under way.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "journey", content = "at", rename_all = "snake_case")]
pub enum State {
    /// A SIP is being started.
    SipStart(sip_start::State),
    /// Money is being invested once.
    InvestOnce(invest_once::State),
    /// Money is being taken out.
    Redeem(redeem::State),
    /// Units are being moved to another scheme.
    Switch(switch::State),
    /// A SIP is being paused, resumed, stopped or changed.
    Plan(plan::State),
    /// An order is being called off.
    CallOff(call_off::State),
}

/// Does the same with whichever journey it is.
macro_rules! on {
    ($state:expr, $journey:ident => $do:expr) => {
        match $state {
            State::SipStart($journey) => $do,
            State::InvestOnce($journey) => $do,
            State::Redeem($journey) => $do,
            State::Switch($journey) => $do,
            State::Plan($journey) => $do,
            State::CallOff($journey) => $do,
        }
    };
}

impl State {
    /// Returns what kind of answer it waits for.
    pub fn expects(&self) -> Expectation {
        on!(self, journey => journey.expects())
    }

    /// Returns what the journey is about, as the offer to go on calls it.
    pub fn label(&self) -> Label {
        match self {
            Self::SipStart(_) => Label::DoSipStart,
            Self::InvestOnce(_) => Label::DoLumpsum,
            Self::Redeem(_) => Label::DoRedeem,
            Self::Switch(_) => Label::DoSwitch,
            Self::Plan(plan) => plan.wish.label(),
            Self::CallOff(_) => Label::DoCallOff,
        }
    }

    /// Says whether it is the same journey, wherever each is.
    pub fn is_same_journey(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Plan(one), Self::Plan(two)) => one.wish == two.wish,
            _ => std::mem::discriminant(self) == std::mem::discriminant(other),
        }
    }

    /// Says whether a wish is that of this journey once more, with something to add and no
    /// other fund: "redeem all" after "how much?", "start it next month".
    fn is_said_again(&self, intent: Intent, slots: &Slots) -> bool {
        let is_same = matches!(
            (self, intent),
            (Self::SipStart(_), Intent::SipStart)
                | (Self::InvestOnce(_), Intent::InvestOnce)
                | (Self::Redeem(_), Intent::Redeem)
                | (Self::Switch(_), Intent::Switch)
        );
        let adds = slots.amount.is_some() || slots.units.is_some() || slots.all || slots.least;
        let says_when = slots.day.is_some() || slots.starts.is_some();
        let names = slots.fund.is_some() || slots.to_fund.is_some() || !slots.funds.is_empty();
        is_same && (adds || says_when) && !names
    }

    /// Says whether an amount is asked for or can still be another one.
    pub fn takes_an_amount(&self) -> bool {
        self.expects() == Expectation::Amount
    }

    /// Says whether day and growth of one SIP are settled in it.
    pub fn sets_a_sip_up(&self) -> bool {
        match self {
            Self::SipStart(_) => true,
            Self::Plan(plan) => plan.wish == Wish::Change && plan.plan.is_some(),
            _ => false,
        }
    }

    /// Says whether words stand on something that is offered as an answer, where answers may
    /// sound like other wishes.
    pub fn offers(&self, scene: &Scene<'_>, words: &str) -> bool {
        matches!(self, Self::Plan(plan) if stop::is_a_reason(plan, scene, words))
    }

    /// Returns it with the fund to be chosen anew, where money goes into one.
    fn with_another_fund(&self) -> Option<Self> {
        match self {
            Self::SipStart(state) => Some(Self::SipStart(state.clone().with_another_fund())),
            Self::InvestOnce(state) => Some(Self::InvestOnce(state.clone().with_another_fund())),
            _ => None,
        }
    }

    /// Says whether it is about a plan that there is.
    pub fn is_of_a_plan(&self) -> bool {
        matches!(self, Self::Plan(_))
    }

    /// Says whether a SIP is being started.
    pub fn starts_a_sip(&self) -> bool {
        matches!(self, Self::SipStart(_))
    }

    fn pending(&self) -> Option<&Pending> {
        on!(self, journey => journey.pending.as_ref())
    }
}

pub use sip_start::amends;

/// Begins what was asked for, with what the sentence already says.
pub async fn open(scene: &Scene<'_>, intent: Intent, slots: &Slots) -> anyhow::Result<Step> {
    let Some(dealings) = scene.facts.dealings() else {
        return person::not_yet(scene, intent);
    };
    if scene.contact.unverified_since.is_some() {
        return super::portfolio::withhold(scene);
    }
    if let session::State::Money(state) = &scene.session.state
        && state.is_said_again(intent, slots)
    {
        let state: &State = state;
        return on!(state.clone(), journey => journey.hear(scene, dealings, slots).await);
    }
    // "Another fund", while money is going into one, is no switch of what is held.
    let names_none = slots.fund.is_none() && slots.to_fund.is_none();
    if intent == Intent::Switch
        && names_none
        && let session::State::Money(state) = &scene.session.state
        && let Some(state) = state.with_another_fund()
    {
        return on!(state, journey => journey.prompt(scene, dealings, false).await);
    }
    match intent {
        Intent::SipStart => sip_start::begin(scene, dealings, slots).await,
        Intent::InvestOnce => invest_once::begin(scene, dealings, slots).await,
        Intent::Redeem => redeem::begin(scene, dealings, slots).await,
        Intent::Switch => switch::begin(scene, dealings, slots).await,
        Intent::SipList => sip_list::show(scene, dealings).await,
        Intent::SipPause => plan::begin(scene, dealings, Wish::Pause, slots).await,
        Intent::SipResume => plan::begin(scene, dealings, Wish::Resume, slots).await,
        Intent::SipStop => plan::begin(scene, dealings, Wish::Stop, slots).await,
        Intent::SipChange => plan::begin(scene, dealings, Wish::Change, slots).await,
        Intent::OrderStatus => order_status::show(scene, dealings).await,
        Intent::Mandate => mandates::show(scene, dealings).await,
        Intent::CallOff => call_off::begin(scene, dealings).await,
        _ => menu::show(scene),
    }
}

/// Asks again what a journey waits for, with fresh terms where it stands at its review.
pub async fn prompt(scene: &Scene<'_>, state: &State, again: bool) -> anyhow::Result<Step> {
    let Some(dealings) = connected(scene) else {
        return unconnected(scene);
    };
    on!(state.clone(), journey => journey.prompt(scene, dealings, again).await)
}

/// Takes an answer. At a review, repeating the amount confirms, once the terms can have been
/// read; another one is a change.
pub async fn answer(
    scene: &Scene<'_>,
    state: &State,
    slots: &Slots,
    words: &str,
) -> anyhow::Result<Step> {
    let Some(dealings) = connected(scene) else {
        return unconnected(scene);
    };
    if let Some(pending) = state.pending()
        && pending.is_repeated_by(slots, words)
    {
        return confirm::by_amount(scene, state, pending).await;
    }
    // The journeys look for the label of a button in what was typed.
    let heard = Slots {
        text: slots.text.clone().or_else(|| Some(words.to_owned())),
        ..slots.clone()
    };
    on!(state.clone(), journey => journey.hear(scene, dealings, &heard).await)
}

/// Takes a tap of the current prompt.
pub async fn tap(scene: &Scene<'_>, tap: &TapId) -> anyhow::Result<Step> {
    let Some(dealings) = connected(scene) else {
        return unconnected(scene);
    };
    let (step, payload) = (tap.step.as_str(), tap.payload.as_str());
    match step {
        "open" => return reopen(scene, dealings, payload).await,
        "drop" => return typed_no(scene),
        _ => {}
    }
    let session::State::Money(state) = &scene.session.state else {
        // Something else came in between: what this belongs to is offered, not done.
        return resume::take_up(scene).await;
    };
    let state: &State = state;
    match (step, state.pending()) {
        ("confirm", Some(pending)) if pending.asked.key() == payload => {
            confirm::by_button(scene, state, pending).await
        }
        ("confirm", _) => {
            let lead = scene.say(&Text::Stale {})?;
            Ok(prompt(scene, state, false).await?.led_by(&lead))
        }
        ("go", _) => prompt(scene, state, false).await,
        _ => on!(state.clone(), journey => journey.tap(scene, dealings, (step, payload)).await),
    }
}

/// Goes one question back, out of the journey from the first.
pub async fn back(scene: &Scene<'_>, state: &State) -> anyhow::Result<Step> {
    let Some(dealings) = connected(scene) else {
        return unconnected(scene);
    };
    let before: Option<State> = on!(state.clone(), journey => journey.back().map(Into::into));
    if let Some(before) = before {
        return on!(before, journey => journey.prompt(scene, dealings, false).await);
    }
    let mut step = menu::show(scene)?;
    step.then = Then::Finish;
    Ok(step)
}

/// Takes a yes that was typed. At a review it is not enough: the button of these terms
/// is, or their amount.
pub async fn typed_yes(scene: &Scene<'_>, state: &State) -> anyhow::Result<Step> {
    match state.pending() {
        Some(pending) => confirm::ask_for_button(scene, state, pending),
        None => prompt(scene, state, true).await,
    }
}

/// Takes a no for an answer where one was asked for, and drops the journey elsewhere.
pub async fn says_no(scene: &Scene<'_>, state: &State) -> anyhow::Result<Step> {
    match (state, scene.facts.dealings()) {
        (State::SipStart(start), Some(dealings)) if start.asks_growth() => {
            start.clone().stays(scene, dealings).await
        }
        _ => typed_no(scene),
    }
}

/// Says that nothing was done, and drops the journey.
pub fn typed_no(scene: &Scene<'_>) -> anyhow::Result<Step> {
    menu::after(scene, &scene.say(&Text::MoneyDropped {})?)
}

/// Opens a journey from a button of another: `pause`, or `pause:plan_…`.
async fn reopen(scene: &Scene<'_>, dealings: &dyn Dealings, payload: &str) -> anyhow::Result<Step> {
    let none = Slots::default();
    match payload {
        "sip_start" => sip_start::begin(scene, dealings, &none).await,
        "invest_once" => invest_once::begin(scene, dealings, &none).await,
        "redeem" => redeem::begin(scene, dealings, &none).await,
        "switch" => switch::begin(scene, dealings, &none).await,
        "sip_list" => sip_list::show(scene, dealings).await,
        "orders" => order_status::show(scene, dealings).await,
        "mandates" => mandates::show(scene, dealings).await,
        "call_off" => call_off::begin(scene, dealings).await,
        _ => match Wish::parse(payload) {
            Some(wish) => plan::begin(scene, dealings, wish, &none).await,
            None => menu::show(scene),
        },
    }
}

fn connected<'a>(scene: &Scene<'a>) -> Option<&'a dyn Dealings> {
    let known = scene.contact.unverified_since.is_none();
    scene.facts.dealings().filter(|_| known)
}

/// Says that money can wait: there is no exchange, or it is doubtful who this is.
fn unconnected(scene: &Scene<'_>) -> anyhow::Result<Step> {
    if scene.contact.unverified_since.is_some() {
        return super::portfolio::withhold(scene);
    }
    person::not_yet(scene, Intent::InvestOnce)
}

/// Returns a step of a journey: what is said, and where it stands then.
fn at(state: impl Into<State>, say: Say) -> Step {
    Step::to(session::State::Money(Box::new(state.into())), say)
}

fn choice(step: &'static str, payload: impl Into<String>, title: impl Into<String>) -> Choice {
    Choice::new(FLOW, step, payload, title)
}

/// Returns the button that opens another journey.
fn opens(scene: &Scene<'_>, payload: &str, label: Label) -> Choice {
    choice("open", payload, scene.label(label))
}

/// Returns the button that drops the journey.
fn drops(scene: &Scene<'_>) -> Choice {
    choice("drop", "", scene.label(Label::Drop))
}
