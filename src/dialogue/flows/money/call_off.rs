//! An order that still waits for its investor is called off.

use serde::{Deserialize, Serialize};

use super::super::super::commands::{Asked, Command, Means};
use super::super::super::disclosures::Subject;
use super::super::super::labels::Label;
use super::super::super::ports::Dealings;
use super::super::super::scene::{Controls, Say, Scene, Step};
use super::super::super::texts::Text;
use super::super::super::understanding::{Expectation, Slots};
use super::confirm::{Pending, Verb};
use super::{State as Money, at, choice, opens, refuse, say};
use crate::id::OrderId;
use crate::investing::orders::order::Order;
use crate::investing::orders::{OrderKind, Quantity};

/// Orders looked at, and offered.
const LOOKED_AT: u32 = 20;
const MOST_ROWS: usize = 10;

/// What is known of it so far.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct State {
    order: Option<OrderId>,
    /// Those that were offered, in this order.
    offered: Vec<OrderId>,
    pub(super) pending: Option<Pending>,
}

impl From<State> for Money {
    fn from(state: State) -> Self {
        Self::CallOff(state)
    }
}

/// Says whether an order can be called off.
pub(super) fn suits(order: &Order) -> bool {
    order.instalment.is_none() && order.status.waits_for_investor()
}

/// Begins with the order that waits, or asks which.
pub(super) async fn begin(scene: &Scene<'_>, dealings: &dyn Dealings) -> anyhow::Result<Step> {
    State::default().prompt(scene, dealings, false).await
}

impl State {
    pub(super) fn expects(&self) -> Expectation {
        match self.order {
            None => Expectation::Choice(self.offered.len()),
            Some(_) => Expectation::Nothing,
        }
    }

    pub(super) async fn hear(
        mut self,
        scene: &Scene<'_>,
        dealings: &dyn Dealings,
        slots: &Slots,
    ) -> anyhow::Result<Step> {
        let at = slots.choice.and_then(|number| number.checked_sub(1));
        self.order = at
            .and_then(|at| self.offered.get(at).copied())
            .or(self.order);
        self.prompt(scene, dealings, true).await
    }

    pub(super) async fn tap(
        mut self,
        scene: &Scene<'_>,
        dealings: &dyn Dealings,
        (step, payload): (&str, &str),
    ) -> anyhow::Result<Step> {
        if step == "order" {
            self.order = payload.parse().ok();
        }
        self.prompt(scene, dealings, false).await
    }

    pub(super) fn back(mut self) -> Option<Self> {
        self.pending = None;
        self.order.take().is_some().then_some(self)
    }

    /// Asks which order, or shows what would be called off.
    pub(super) async fn prompt(
        mut self,
        scene: &Scene<'_>,
        dealings: &dyn Dealings,
        _again: bool,
    ) -> anyhow::Result<Step> {
        self.pending = None;
        let orders = dealings.orders(scene.contact.id, LOOKED_AT).await?;
        let waiting: Vec<Order> = orders.into_iter().filter(suits).collect();
        if let ([only], None) = (&waiting[..], self.order) {
            self.order = Some(only.id);
        }
        if self.order.is_none() && !waiting.is_empty() {
            return self.which(scene, &waiting);
        }
        let Some(order) = waiting.iter().find(|order| Some(order.id) == self.order) else {
            return refuse::nothing(scene, &Text::CallOffNone {});
        };
        let asked = Asked::CallOff(order.id);
        let command = Command::Do(asked.clone(), Means::Button);
        if let Err(refusal) = scene.commands.rehearse(scene.contact.id, &command).await? {
            return refuse::end(scene, &refusal);
        }
        let amount = match order.quantity {
            Quantity::Amount(amount) => Some(say::in_full(scene, amount)),
            Quantity::Units(_) | Quantity::All => None,
        };
        let text = scene.say(&Text::CallOffReview {
            fund: &say::scheme(scene, order.scheme),
            buys: order.kind == OrderKind::Purchase,
            amount: amount.as_deref(),
        })?;
        let pending = Pending::change(scene, asked, Verb::CallOff);
        let say = Say {
            subject: Subject::Transaction,
            ..Say::talk(text).buttons(pending.buttons(scene))
        };
        self.pending = Some(pending);
        Ok(at(self, say))
    }

    /// Says what comes next.
    pub(super) fn done(scene: &Scene<'_>) -> anyhow::Result<Step> {
        let say = Say::talk(scene.say(&Text::CallOffAsked {})?);
        Ok(Step::finish(say.buttons(vec![
            opens(scene, "orders", Label::MyOrders),
            super::resume::to_menu(scene),
        ])))
    }

    fn which(mut self, scene: &Scene<'_>, waiting: &[Order]) -> anyhow::Result<Step> {
        self.offered = waiting
            .iter()
            .take(MOST_ROWS)
            .map(|order| order.id)
            .collect();
        let rows = waiting.iter().take(MOST_ROWS).map(|order| {
            let placed = order.made_at.to_zoned(crate::clock::ist()).date();
            let title = match order.quantity {
                Quantity::Amount(amount) => say::rupees(amount),
                Quantity::Units(_) | Quantity::All => say::day(placed),
            };
            choice("order", order.id.to_string(), title).note(say::scheme(scene, order.scheme))
        });
        let say = Say {
            text: scene.say(&Text::CallOffWhich {})?,
            controls: Controls::List {
                open: scene.label(Label::MyOrders),
                sections: vec![(scene.label(Label::MyOrders), rows.collect())],
            },
            subject: Subject::Transaction,
        };
        Ok(at(self, say))
    }
}
