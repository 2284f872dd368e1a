//! A SIP is started: scheme, amount, day, growth, mandate, and then the exact terms.
//!
//! A mandate that is there and suffices is used; a new one has its own terms and its own
//! confirmation, because it is a leave of its own.

mod hear;
mod pays;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::super::super::commands::Done;
use super::super::super::disclosures::Subject;
use super::super::super::labels::Label;
use super::super::super::ports::Dealings;
use super::super::super::scene::{Say, Scene, Step};
use super::super::super::texts::Text;
use super::super::super::understanding::{Expectation, Slots, speaks_of};
use super::confirm::Pending;
use super::pick::{For, Pick, sip_rule};
use super::say::Heard;
use super::sip_terms::{Growth, grown, monthly, plan};
use super::{State as Money, at, choice, drops, opens, refuse, repeats, say, sip_form, typed};
use crate::investing::orders::MandateKind;
use crate::investing::orders::draft::{Confirmed, Made, Proposal, Refusal};
use crate::investing::orders::plan::PlanTerms;
use crate::investing::orders::ports::PlanRule;
use crate::investing::{Paise, SchemeCode};

/// Days that are offered by button; others can be typed.
const USUAL_DAYS: [i8; 3] = [5, 10, 15];

/// What is known of it so far; what is missing is asked in this order.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct State {
    pub(super) fund: Pick,
    amount: Option<Paise>,
    /// Whether the amount is to be the least that the scheme takes.
    least: bool,
    day: Option<i8>,
    /// The first day it may begin on, where they said from when on; else as soon as may be.
    from: Option<Date>,
    growth: Option<Growth>,
    /// How often, where they said for how long; else until cancelled.
    instalments: Option<u32>,
    /// Whether it is not asked how the amount grows: the exchange takes none that does.
    stays: bool,
    /// The way a new mandate is to be made.
    pays: Option<MandateKind>,
    pub(super) pending: Option<Pending>,
}

impl From<State> for Money {
    fn from(state: State) -> Self {
        Self::SipStart(state)
    }
}

/// Starts with what the sentence already says.
pub(super) async fn begin(
    scene: &Scene<'_>,
    dealings: &dyn Dealings,
    slots: &Slots,
) -> anyhow::Result<Step> {
    let mut state = State::default();
    state.fund.hear(scene, dealings, For::Sip, slots);
    state.take(scene, slots);
    let asks = speaks_of_growth(slots);
    let step = state.go_on(scene, dealings, false, asks).await?;
    if repeats::is_monthly(slots) {
        return Ok(step);
    }
    Ok(step.led_by(&scene.say(&Text::OnlyMonthly {})?))
}

/// What is said with a value that takes the place of another.
#[rustfmt::skip]
const AMENDS: &[&str] = &[
    "make", "change", "amount", "instead", "sorry", "actually", "no", "not", "wrong", "correct", "nahi", "nhi", "galat", "karo", "kardo",
    "kar", "rakho", "badlo", "नहीं", "नही", "गलत", "करो", "कर", "रखो", "बदलो",
];

/// Says whether words take a value back for another: "no, make it 3000".
pub fn amends(words: &str) -> bool {
    typed::says(words, AMENDS)
}

/// Says whether a sentence speaks of an amount that grows, by how much or not.
fn speaks_of_growth(slots: &Slots) -> bool {
    let text = slots.text.as_deref().unwrap_or_default();
    speaks_of(text, "step_up")
}

impl State {
    /// Returns it with what a form brought back; what that lacks is asked for. From when on
    /// and for how long is no question of the form: what was said of it before stands.
    pub(super) fn filled_in(
        before: Option<&Self>,
        scheme: Option<SchemeCode>,
        amount: Option<Paise>,
        day: Option<i8>,
        growth: Option<Growth>,
    ) -> Self {
        Self {
            fund: Pick {
                chosen: scheme,
                ..Pick::default()
            },
            amount,
            day,
            growth,
            from: before.and_then(|before| before.from),
            instalments: before.and_then(|before| before.instalments),
            ..Self::default()
        }
    }

    /// Says whether it is asked how the amount is to grow.
    pub(super) fn asks_growth(&self) -> bool {
        self.fund.chosen.is_some()
            && self.amount.is_some()
            && self.day.is_some()
            && self.growth.is_none()
    }

    /// Returns what it waits for.
    pub(super) fn expects(&self) -> Expectation {
        if self.pending.is_some() {
            Expectation::Amount
        } else if self.fund.chosen.is_none() {
            Expectation::FundName
        } else if self.amount.is_none() {
            Expectation::Amount
        } else if self.day.is_none() {
            Expectation::Day
        } else {
            Expectation::Number
        }
    }

    pub(super) async fn hear(
        mut self,
        scene: &Scene<'_>,
        dealings: &dyn Dealings,
        slots: &Slots,
    ) -> anyhow::Result<Step> {
        let before = self.clone();
        self.pending = None;
        if self.fund.chosen.is_none() {
            self.fund.hear(scene, dealings, For::Sip, slots);
        }
        self.take(scene, slots);
        if self == before {
            self.take_typed(scene, slots.text.as_deref().unwrap_or_default());
        }
        let again = self == before;
        let asks = speaks_of_growth(slots);
        self.go_on(scene, dealings, again, asks).await
    }

    /// Goes on with an amount that stays the same: a no to its growth.
    pub(super) async fn stays(
        self,
        scene: &Scene<'_>,
        dealings: &dyn Dealings,
    ) -> anyhow::Result<Step> {
        let fixed = Growth::Fixed.payload();
        self.tap(scene, dealings, ("growth", &fixed)).await
    }

    pub(super) async fn tap(
        mut self,
        scene: &Scene<'_>,
        dealings: &dyn Dealings,
        (step, payload): (&str, &str),
    ) -> anyhow::Result<Step> {
        self.pending = None;
        match step {
            "amount" => (self.amount, self.least) = (payload.parse().ok().map(Paise), false),
            "day" => self.day = payload.parse().ok(),
            "growth" => self.growth = Growth::parse(payload),
            "pays" => self.pays = MandateKind::parse(payload),
            "form" => return sip_form::offer(scene, self),
            _ => {
                self.fund.tap(step, payload);
            }
        }
        self.prompt(scene, dealings, false).await
    }

    pub(super) fn with_another_fund(self) -> Self {
        Self {
            fund: Pick::default(),
            pending: None,
            ..self
        }
    }

    pub(super) fn back(mut self) -> Option<Self> {
        let at_review = self.pending.take().is_some();
        if self.pays.take().is_some() && !at_review {
            return Some(self);
        }
        let was_asked = self.growth.take().is_some() && !self.stays;
        if was_asked || self.day.take().is_some() {
            return Some(self);
        }
        if self.amount.take().is_some() {
            return Some(self);
        }
        let begun = self.fund != Pick::default();
        self.fund = Pick::default();
        begun.then_some(self)
    }

    /// Asks for what is missing, or shows the terms.
    pub(super) async fn prompt(
        self,
        scene: &Scene<'_>,
        dealings: &dyn Dealings,
        again: bool,
    ) -> anyhow::Result<Step> {
        self.go_on(scene, dealings, again, false).await
    }

    /// The same, after telling whoever asks for an amount that grows where none can.
    async fn go_on(
        mut self,
        scene: &Scene<'_>,
        dealings: &dyn Dealings,
        again: bool,
        asks_growth: bool,
    ) -> anyhow::Result<Step> {
        self.stays = !dealings.takes().step_up;
        let grows = self
            .growth
            .take_if(|growth| self.stays && *growth != Growth::Fixed);
        let is_told = self.stays && (grows.is_some() || asks_growth);
        let least = self.take_least(scene, dealings);
        let mut step = self.ask(scene, dealings, again).await?;
        if is_told {
            step = step.led_by(&scene.say(&Text::NoStepUp {})?);
        }
        if least.is_some() {
            step = step.led_by(&say::least(scene, least)?);
        }
        Ok(step)
    }

    async fn ask(
        mut self,
        scene: &Scene<'_>,
        dealings: &dyn Dealings,
        again: bool,
    ) -> anyhow::Result<Step> {
        self.pending = None;
        let Some(scheme) = self.fund.chosen else {
            let say = self.fund.ask(scene, dealings, For::Sip)?;
            return Ok(at(self, say));
        };
        let rules = dealings.terms(scheme, scene.today);
        let Some(rule) = rules.as_ref().and_then(sip_rule) else {
            return refuse::end(scene, &Refusal::NoSuchPlan);
        };
        let like = Proposal::Plan(plan(monthly(
            scheme,
            rule.amount.minimum,
            scene.today,
            None,
        )));
        let lacks = dealings.lacks(scene.contact.id, &like).await?;
        if !lacks.is_empty() {
            return refuse::lacking(scene, self, &lacks);
        }
        if self
            .instalments
            .is_some_and(|count| count < rule.instalments)
        {
            return refuse::end(scene, &Refusal::TooFewInstalments(rule.instalments));
        }
        let takes = |amount: &Paise| rule.amount.check(*amount).is_ok();
        let Some(amount) = self.amount.filter(takes) else {
            let heard = Heard::of(again, self.amount.take().is_some());
            let say = say::ask_amount(scene, scheme, &rule.amount, For::Sip, heard)?;
            return Ok(at(self, say));
        };
        let Some(day) = self.day.filter(|day| rule.takes_day(*day)) else {
            let heard = Heard::of(again, self.day.take().is_some());
            return self.ask_day(scene, &rule, heard);
        };
        if self.stays {
            self.growth = Some(Growth::Fixed);
        }
        let fits = |growth: &Growth| growth.fits(amount, &rule.amount, scene.today);
        let Some(growth) = self.growth.filter(fits) else {
            let again = again || self.growth.is_some();
            self.growth = None;
            return self.ask_growth(scene, amount, &rule, again);
        };
        let step_up = growth.step_up(amount, &rule.amount);
        let wanted = PlanTerms {
            instalments: self.instalments,
            ..monthly(scheme, amount, self.earliest(scene), step_up)
        };
        self.pay(scene, dealings, wanted, day).await
    }

    fn ask_day(self, scene: &Scene<'_>, rule: &PlanRule, heard: Heard) -> anyhow::Result<Step> {
        let (first, last) = match (rule.days.first(), rule.days.last()) {
            (Some(first), Some(last)) => (*first, *last),
            _ => (1, 28),
        };
        let from = self.from.map(say::month);
        let text = scene.say(&Text::SipDay {
            from: from.as_deref(),
            first,
            last,
            heard: heard.word(),
        })?;
        let days = USUAL_DAYS
            .into_iter()
            .filter(|day| rule.days.is_empty() || rule.days.contains(day));
        let buttons = days.map(|day| choice("day", day.to_string(), day.to_string()));
        Ok(at(self, Say::talk(text).buttons(buttons.collect())))
    }

    fn ask_growth(
        self,
        scene: &Scene<'_>,
        amount: Paise,
        rule: &PlanRule,
        again: bool,
    ) -> anyhow::Result<Step> {
        let cap = grown(amount, &rule.amount);
        let text = scene.say(&Text::SipGrowth {
            amount: &say::rupees(amount),
            cap: &say::rupees(cap),
            again,
        })?;
        let buttons = Growth::buttons(scene, amount, &rule.amount);
        Ok(at(self, Say::talk(text).buttons(buttons)))
    }

    /// Says what was confirmed: a mandate leads on to the SIP, the SIP to its approval.
    pub(super) fn done(&self, scene: &Scene<'_>, done: &Done) -> anyhow::Result<Step> {
        if let Done::Made(Confirmed::Now(Made::Mandate(_)) | Confirmed::Before(Made::Mandate(_))) =
            done
        {
            let say = Say::talk(scene.say(&Text::MandatePlaced {})?).buttons(vec![
                choice("go", "", scene.label(Label::GoOnToSip)),
                drops(scene),
            ]);
            let next = Self {
                pays: None,
                pending: None,
                ..self.clone()
            };
            return Ok(at(next, say));
        }
        let say = Say {
            subject: Subject::Transaction,
            ..Say::talk(scene.say(&Text::PlanPlaced {})?)
        };
        Ok(Step::finish(say.buttons(vec![
            opens(scene, "sip_list", Label::MySips),
            super::resume::to_menu(scene),
        ])))
    }
}
