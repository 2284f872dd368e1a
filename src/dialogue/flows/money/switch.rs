//! Units move to another scheme of the same fund house: out of which, into which, how
//! many, and then the exact terms. A switch is a sale, and is taxed as one.

use serde::{Deserialize, Serialize};

use super::super::super::ports::Dealings;
use super::super::super::scene::{Scene, Step};
use super::super::super::texts::Text;
use super::super::super::understanding::{Expectation, Slots};
use super::confirm::Pending;
use super::pick::{For, Pick};
use super::units::{Ask, Leaving, holdings, order, review, with_least};
use super::{State as Money, at, invest_once, refuse, repeats};

/// What is known of it so far.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct State {
    leaving: Leaving,
    into: Pick,
    pub(super) pending: Option<Pending>,
}

impl From<State> for Money {
    fn from(state: State) -> Self {
        Self::Switch(state)
    }
}

/// Starts with what the sentence already says.
pub(super) async fn begin(
    scene: &Scene<'_>,
    dealings: &dyn Dealings,
    slots: &Slots,
) -> anyhow::Result<Step> {
    let mut state = State::default();
    let held = holdings(scene).await?;
    state.leaving.hear(scene, &held, slots);
    state.hear_target(scene, dealings, slots.to_fund.as_ref());
    let step = state.prompt(scene, dealings, false).await?;
    repeats::once(scene, slots, step)
}

impl State {
    fn hear_target(&mut self, scene: &Scene<'_>, dealings: &dyn Dealings, name: Option<&String>) {
        if let (Some(from), Some(name)) = (self.leaving.scheme, name) {
            let slots = Slots {
                fund: Some(name.clone()),
                ..Slots::default()
            };
            let wanted = For::SwitchFrom(from);
            self.into.hear(scene, dealings, wanted, &slots);
        }
    }

    fn asks_for_target(&self) -> bool {
        let has_source = self.leaving.scheme.is_some() && self.leaving.quantity.is_some();
        has_source && self.into.chosen.is_none()
    }

    pub(super) fn expects(&self) -> Expectation {
        if self.asks_for_target() {
            Expectation::FundName
        } else {
            self.leaving.expects()
        }
    }

    pub(super) async fn hear(
        mut self,
        scene: &Scene<'_>,
        dealings: &dyn Dealings,
        slots: &Slots,
    ) -> anyhow::Result<Step> {
        let before = self.clone();
        if let Some(from) = self.leaving.scheme.filter(|_| self.asks_for_target()) {
            self.into
                .hear(scene, dealings, For::SwitchFrom(from), slots);
        } else {
            let held = holdings(scene).await?;
            self.leaving.hear(scene, &held, slots);
            self.hear_target(scene, dealings, slots.to_fund.as_ref());
        }
        let again = before == self;
        self.prompt(scene, dealings, again).await
    }

    pub(super) async fn tap(
        mut self,
        scene: &Scene<'_>,
        dealings: &dyn Dealings,
        (step, payload): (&str, &str),
    ) -> anyhow::Result<Step> {
        if !self.into.tap(step, payload) {
            self.leaving.tap(step, payload);
        }
        self.prompt(scene, dealings, false).await
    }

    pub(super) fn back(mut self) -> Option<Self> {
        self.pending = None;
        if self.into != Pick::default() {
            self.into = Pick::default();
            return Some(self);
        }
        self.leaving.back().then_some(self)
    }

    /// Asks for what is missing, or shows the terms.
    pub(super) async fn prompt(
        mut self,
        scene: &Scene<'_>,
        dealings: &dyn Dealings,
        again: bool,
    ) -> anyhow::Result<Step> {
        self.pending = None;
        let held = holdings(scene).await?;
        let (leaving, least) = match self.leaving.ask(scene, dealings, &held, again).await? {
            Ask::Nothing(leaving, least) => (leaving, least),
            Ask::This(say) => return Ok(at(self, say)),
            Ask::NothingHeld => return refuse::nothing(scene, &Text::NothingHeld {}),
        };
        let Some(target) = self.into.chosen else {
            let say = self.into.ask(scene, dealings, For::SwitchFrom(leaving.0))?;
            return with_least(scene, at(self, say), least);
        };
        let like = order(&leaving, Some(target));
        let lacks = dealings.lacks(scene.contact.id, &like).await?;
        if !lacks.is_empty() {
            return refuse::lacking(scene, self, &lacks);
        }
        let state = |pending| Self {
            pending: Some(pending),
            ..self
        };
        let step = review(scene, dealings, leaving, Some(target), state).await?;
        with_least(scene, step, least)
    }

    /// Says what comes next.
    pub(super) fn done(scene: &Scene<'_>) -> anyhow::Result<Step> {
        invest_once::placed(scene, "switch")
    }
}
