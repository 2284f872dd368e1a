//! Money is taken out: of which scheme, how much, and then the exact terms with exit load
//! and an estimate of the tax. The proof that it is they is the exchange's own page, to
//! which the code of their registered mobile number and e-mail belongs.

use serde::{Deserialize, Serialize};

use super::super::super::ports::Dealings;
use super::super::super::scene::{Scene, Step};
use super::super::super::texts::Text;
use super::super::super::understanding::{Expectation, Slots};
use super::confirm::{self, Pending, Verb};
use super::units::{Ask, Leaving, holdings};
use super::{State as Money, at, invest_once, refuse, terms};
use crate::investing::orders::draft::{OrderProposal, Proposal};
use crate::investing::orders::{OrderKind, Quantity};

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
    State::default().hear(scene, dealings, slots).await
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
        let (scheme, folio, quantity) =
            match self.leaving.ask(scene, dealings, &held, again).await? {
                Ask::Nothing(scheme, folio, quantity) => (scheme, folio, quantity),
                Ask::This(say) => return Ok(at(self, say)),
                Ask::NothingHeld => return refuse::nothing(scene, &Text::NothingHeld {}),
            };
        let order = OrderProposal {
            kind: OrderKind::Redemption,
            scheme,
            target: None,
            quantity,
            folio: Some(folio.folio.clone()),
            mandate: None,
        };
        let wanted = Proposal::Order(order);
        let draft = match dealings.prepare(scene.contact.id, wanted).await? {
            Ok(draft) => draft,
            Err(refusal) => return refuse::end(scene, &refusal),
        };
        let holding = held
            .iter()
            .find(|one| one.scheme == Some(scheme) && one.folio == folio.folio);
        let say = terms::of_order(scene, &draft, holding)?;
        let amount = match quantity {
            Quantity::Amount(amount) => Some(amount),
            Quantity::Units(_) | Quantity::All => None,
        };
        let state = |pending| Self {
            pending: Some(pending),
            ..self
        };
        confirm::show(scene, draft, (amount, Verb::Redeem), say, state).await
    }

    /// Says what comes next.
    pub(super) fn done(scene: &Scene<'_>) -> anyhow::Result<Step> {
        invest_once::placed(scene, "redemption")
    }
}
