//! Money is invested once: scheme, amount, and then the exact terms. It is paid on the
//! exchange's own page.

use serde::{Deserialize, Serialize};

use super::super::super::disclosures::Subject;
use super::super::super::labels::Label;
use super::super::super::ports::Dealings;
use super::super::super::scene::{Say, Scene, Step};
use super::super::super::texts::Text;
use super::super::super::understanding::{Expectation, Slots};
use super::confirm::{self, Pending, Verb};
use super::pick::{For, Pick};
use super::say::Heard;
use super::{State as Money, at, opens, refuse, say, terms};
use crate::investing::orders::draft::{OrderProposal, Proposal, Refusal};
use crate::investing::orders::{OrderKind, Quantity};
use crate::investing::{Paise, SchemeCode};

/// What is known of it so far.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct State {
    pub(super) fund: Pick,
    amount: Option<Paise>,
    /// Whether the amount is to be the least that the scheme takes.
    least: bool,
    pub(super) pending: Option<Pending>,
}

impl From<State> for Money {
    fn from(state: State) -> Self {
        Self::InvestOnce(state)
    }
}

/// Starts with what the sentence already says.
pub(super) async fn begin(
    scene: &Scene<'_>,
    dealings: &dyn Dealings,
    slots: &Slots,
) -> anyhow::Result<Step> {
    let mut state = State::default();
    state.fund.hear(scene, dealings, For::Once, slots);
    state.take(slots);
    state.prompt(scene, dealings, false).await
}

impl State {
    fn take(&mut self, slots: &Slots) {
        if slots.least && slots.amount.is_none() {
            (self.amount, self.least) = (None, true);
        }
        if let Some(amount) = slots.amount.and_then(Paise::from_rupees) {
            (self.amount, self.least) = (Some(amount), false);
        }
    }

    pub(super) fn expects(&self) -> Expectation {
        if self.fund.chosen.is_none() {
            Expectation::FundName
        } else {
            Expectation::Amount
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
            self.fund.hear(scene, dealings, For::Once, slots);
        }
        self.take(slots);
        let again = self == before;
        self.prompt(scene, dealings, again).await
    }

    pub(super) async fn tap(
        mut self,
        scene: &Scene<'_>,
        dealings: &dyn Dealings,
        (step, payload): (&str, &str),
    ) -> anyhow::Result<Step> {
        self.pending = None;
        if step == "amount" {
            (self.amount, self.least) = (payload.parse().ok().map(Paise), false);
        } else {
            self.fund.tap(step, payload);
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
        self.pending = None;
        if self.amount.take().is_some() {
            return Some(self);
        }
        let begun = self.fund != Pick::default();
        self.fund = Pick::default();
        begun.then_some(self)
    }

    /// Asks for what is missing, or shows the terms.
    pub(super) async fn prompt(
        mut self,
        scene: &Scene<'_>,
        dealings: &dyn Dealings,
        again: bool,
    ) -> anyhow::Result<Step> {
        self.pending = None;
        let Some(scheme) = self.fund.chosen else {
            let say = self.fund.ask(scene, dealings, For::Once)?;
            return Ok(at(self, say));
        };
        let rules = dealings.terms(scheme, scene.today);
        let folio = dealings
            .held(scene.contact.id, scheme)
            .await?
            .into_iter()
            .next();
        let additional = folio.as_ref().is_some_and(|held| !held.units.is_zero());
        let Some(rule) = rules.and_then(|terms| terms.purchase(additional)) else {
            return refuse::end(scene, &Refusal::NotTaken);
        };
        let folio = folio.map(|held| held.folio);
        let like = order(scheme, rule.minimum, folio.clone());
        let lacks = dealings.lacks(scene.contact.id, &like).await?;
        if !lacks.is_empty() {
            return refuse::lacking(scene, self, &lacks);
        }
        let takes_least = std::mem::take(&mut self.least);
        if takes_least {
            self.amount = Some(rule.minimum);
        }
        let Some(amount) = self.amount.filter(|amount| rule.check(*amount).is_ok()) else {
            let heard = Heard::of(again, self.amount.take().is_some());
            let say = say::ask_amount(scene, scheme, &rule, For::Once, heard)?;
            return Ok(at(self, say));
        };
        let wanted = order(scheme, amount, folio);
        let draft = match dealings.prepare(scene.contact.id, wanted).await? {
            Ok(draft) => draft,
            Err(refusal) => return refuse::end(scene, &refusal),
        };
        let say = terms::of_order(scene, &draft, None)?;
        let state = |pending| Self {
            pending: Some(pending),
            ..self
        };
        let what = (Some(amount), Verb::Invest);
        let step = confirm::show(scene, draft, what, say, state).await?;
        if !takes_least {
            return Ok(step);
        }
        Ok(step.led_by(&say::least(scene, Some(amount))?))
    }

    /// Says what comes next.
    pub(super) fn done(scene: &Scene<'_>) -> anyhow::Result<Step> {
        placed(scene, "purchase")
    }
}

/// Says that an order was placed and what comes next, by what it does.
pub(super) fn placed(scene: &Scene<'_>, kind: &'static str) -> anyhow::Result<Step> {
    let say = Say {
        subject: Subject::Transaction,
        ..Say::talk(scene.say(&Text::OrderPlaced { kind })?)
    };
    Ok(Step::finish(say.buttons(vec![
        opens(scene, "orders", Label::MyOrders),
        super::resume::to_menu(scene),
    ])))
}

fn order(scheme: SchemeCode, amount: Paise, folio: Option<String>) -> Proposal {
    Proposal::Order(OrderProposal {
        kind: OrderKind::Purchase,
        scheme,
        target: None,
        quantity: Quantity::Amount(amount),
        folio,
        mandate: None,
    })
}
