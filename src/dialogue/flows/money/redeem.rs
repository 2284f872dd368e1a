//! Money is taken out: of which scheme, how much, and then the exact terms with exit load
//! and an estimate of the tax. The proof that it is they is the exchange's own page, to
//! which the code of their registered mobile number and e-mail belongs.

use serde::{Deserialize, Serialize};

use super::super::super::ports::Dealings;
use super::super::super::scene::{Scene, Step};
use super::super::super::texts::Text;
use super::super::super::understanding::{Expectation, Slots};
use super::confirm::Pending;
use super::units::{Ask, Leaving, holdings, review, with_least};
use super::{State as Money, at, invest_once, refuse, repeats};

/// What is known of it so far.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct State {
    leaving: Leaving,
    pub(super) pending: Option<Pending>,
}

impl From<State> for Money {
    fn from(state: State) -> Self {
        Self::Redeem(state)
    }
}

/// Starts with what the sentence already says.
pub(super) async fn begin(
    scene: &Scene<'_>,
    dealings: &dyn Dealings,
    slots: &Slots,
) -> anyhow::Result<Step> {
    let step = State::default().hear(scene, dealings, slots).await?;
    repeats::once(scene, slots, step)
}

impl State {
    pub(super) fn expects(&self) -> Expectation {
        self.leaving.expects()
    }

    pub(super) async fn hear(
        mut self,
        scene: &Scene<'_>,
        dealings: &dyn Dealings,
        slots: &Slots,
    ) -> anyhow::Result<Step> {
        let before = self.leaving.clone();
        let held = holdings(scene).await?;
        self.leaving.hear(scene, &held, slots);
        let again = before != Leaving::default() && before == self.leaving;
        self.prompt(scene, dealings, again).await
    }

    pub(super) async fn tap(
        mut self,
        scene: &Scene<'_>,
        dealings: &dyn Dealings,
        (step, payload): (&str, &str),
    ) -> anyhow::Result<Step> {
        self.leaving.tap(step, payload);
        self.prompt(scene, dealings, false).await
    }

    pub(super) fn back(mut self) -> Option<Self> {
        self.pending = None;
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
        let state = |pending| Self {
            pending: Some(pending),
            ..self
        };
        let step = review(scene, dealings, leaving, None, state).await?;
        with_least(scene, step, least)
    }

    /// Says what comes next.
    pub(super) fn done(scene: &Scene<'_>) -> anyhow::Result<Step> {
        invest_once::placed(scene, "redemption")
    }
}
