//! What is done to a SIP that runs: which one, and then what the wish needs to know.

use rust_decimal::prelude::ToPrimitive as _;
use serde::{Deserialize, Serialize};

use super::super::super::commands::Done;
use super::super::super::disclosures::Subject;
use super::super::super::labels::Label;
use super::super::super::ports::Dealings;
use super::super::super::scene::{Controls, Say, Scene, Step};
use super::super::super::texts::Text;
use super::super::super::understanding::{Expectation, Slots};
use super::super::super::voice::clip;
use super::super::funds;
use super::confirm::Pending;
use super::{State as Money, at, change, choice, opens, pause, refuse, resume_plan, say, stop};
use crate::id::PlanId;
use crate::investing::orders::service::PlanView;
use crate::investing::orders::state::Moves as _;
use crate::investing::orders::{PlanKind, PlanStatus};

const MOST_ROWS: usize = 10;
const LONGEST_QUERY: usize = 60;

/// What is wanted of a SIP.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Wish {
    /// Leave instalments out.
    Pause,
    /// Let it go on.
    Resume,
    /// End it.
    Stop,
    /// Another amount, day or growth.
    Change,
}

impl Wish {
    /// Reads what a button carries.
    pub(super) fn parse(payload: &str) -> Option<Self> {
        [Self::Pause, Self::Resume, Self::Stop, Self::Change]
            .into_iter()
            .find(|wish| wish.word() == payload)
    }

    /// Returns what a button carries.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Pause => "pause",
            Self::Resume => "resume",
            Self::Stop => "stop",
            Self::Change => "change",
        }
    }

    /// Returns what it is called.
    pub(super) const fn label(self) -> Label {
        match self {
            Self::Pause => Label::DoSipPause,
            Self::Resume => Label::DoSipResume,
            Self::Stop => Label::DoSipStop,
            Self::Change => Label::DoSipChange,
        }
    }

    /// Says whether it can be had of a plan that is there.
    fn suits(self, plan: &PlanView) -> bool {
        let status = plan.plan.status;
        plan.plan.terms.kind == PlanKind::Sip
            && match self {
                Self::Pause => status == PlanStatus::Active,
                Self::Resume => status == PlanStatus::Paused,
                Self::Stop => !status.is_final(),
                Self::Change => status.is_running(),
            }
    }
}

/// What is known of it so far.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct State {
    pub(super) wish: Wish,
    pub(super) plan: Option<PlanId>,
    /// The plans that were offered, in their order.
    #[serde(default)]
    pub(super) offered: Vec<PlanId>,
    /// Words that named none of them: the only one there is was not meant.
    #[serde(default)]
    pub(super) missed: Option<String>,
    /// Of a pause: how many instalments.
    #[serde(default)]
    pub(super) instalments: Option<u32>,
    /// Of an end: the reason, and its words.
    #[serde(default)]
    pub(super) reason: Option<u8>,
    #[serde(default)]
    pub(super) words: Option<String>,
    /// Whether the second half of the reasons is shown.
    #[serde(default)]
    pub(super) more_reasons: bool,
    /// Of a change.
    #[serde(default)]
    pub(super) change: change::Wanted,
    #[serde(default)]
    pub(super) pending: Option<Pending>,
}

impl From<State> for Money {
    fn from(state: State) -> Self {
        Self::Plan(state)
    }
}

/// Begins with what the sentence already says.
pub(super) async fn begin(
    scene: &Scene<'_>,
    dealings: &dyn Dealings,
    wish: Wish,
    slots: &Slots,
) -> anyhow::Result<Step> {
    let state = State {
        wish,
        plan: None,
        offered: Vec::new(),
        missed: None,
        instalments: slots.months.filter(|_| wish == Wish::Pause),
        reason: None,
        words: None,
        more_reasons: false,
        change: change::Wanted::default(),
        pending: None,
    };
    state.hear_what(scene, dealings, slots, false).await
}

impl State {
    pub(super) fn expects(&self) -> Expectation {
        match self.wish {
            _ if self.plan.is_none() => Expectation::FundName,
            Wish::Pause => Expectation::Number,
            Wish::Resume => Expectation::Nothing,
            Wish::Stop => stop::expects(self),
            Wish::Change => change::expects(self),
        }
    }

    pub(super) async fn hear(
        self,
        scene: &Scene<'_>,
        dealings: &dyn Dealings,
        slots: &Slots,
    ) -> anyhow::Result<Step> {
        self.hear_what(scene, dealings, slots, true).await
    }

    async fn hear_what(
        mut self,
        scene: &Scene<'_>,
        dealings: &dyn Dealings,
        slots: &Slots,
        is_answer: bool,
    ) -> anyhow::Result<Step> {
        let before = self.clone();
        if self.plan.is_none() {
            let plans = self.suiting(scene, dealings).await?;
            self.plan = self.picked(slots);
            if let (None, Some(query)) = (self.plan, &slots.fund) {
                self.look_for(scene, &plans, query);
            }
            if is_answer {
                // What says which one it is says nothing else.
                let again = self.plan.is_none();
                return self.prompt(scene, dealings, again).await;
            }
        }
        match self.wish {
            Wish::Pause => pause::hear(&mut self, slots),
            Wish::Stop if is_answer => stop::hear(&mut self, scene, slots),
            Wish::Change => {
                self.change.hear(slots);
                if self.change == before.change {
                    let typed = slots.text.as_deref().unwrap_or_default();
                    self.change.hear_typed(scene, typed);
                }
            }
            Wish::Resume | Wish::Stop => {}
        }
        let again = is_answer && self == before;
        self.prompt(scene, dealings, again).await
    }

    /// Looks for the one plan that a name means.
    fn look_for(&mut self, scene: &Scene<'_>, plans: &[PlanView], query: &str) {
        let of = |view: &PlanView| {
            let scheme = view.plan.terms.scheme;
            (Some(scheme), say::scheme(scene, scheme))
        };
        let meant = funds::meant(scene, plans, query, of);
        self.missed = meant.is_empty().then(|| clip(query, LONGEST_QUERY));
        if let [only] = meant[..] {
            self.plan = Some(only.plan.id);
        }
    }

    /// Returns the plan whose row a number means.
    fn picked(&self, slots: &Slots) -> Option<PlanId> {
        let number = slots.number.and_then(|number| number.to_usize());
        let number = slots.choice.or(number)?;
        self.offered.get(number.checked_sub(1)?).copied()
    }

    pub(super) async fn tap(
        mut self,
        scene: &Scene<'_>,
        dealings: &dyn Dealings,
        (step, payload): (&str, &str),
    ) -> anyhow::Result<Step> {
        self.pending = None;
        match step {
            "plan" => self.plan = payload.parse().ok(),
            "instalments" => self.instalments = payload.parse().ok(),
            "reason" => self.reason = payload.parse().ok(),
            "more" => self.more_reasons = true,
            _ => self.change.tap(step, payload),
        }
        self.prompt(scene, dealings, false).await
    }

    pub(super) fn back(mut self) -> Option<Self> {
        self.pending = None;
        let undone = self.instalments.take().is_some()
            || self.words.take().is_some()
            || self.reason.take().is_some()
            || std::mem::take(&mut self.more_reasons)
            || self.change.back()
            || self.plan.take().is_some();
        undone.then_some(self)
    }

    /// Asks for what is missing, or shows what would be done.
    pub(super) async fn prompt(
        mut self,
        scene: &Scene<'_>,
        dealings: &dyn Dealings,
        again: bool,
    ) -> anyhow::Result<Step> {
        self.pending = None;
        let plans = self.suiting(scene, dealings).await?;
        if self.plan.is_none() {
            match &plans[..] {
                [] => return none(scene, self.wish),
                [only] if self.missed.is_none() => self.plan = Some(only.plan.id),
                _ => return self.which(scene, &plans),
            }
        }
        let chosen = plans
            .into_iter()
            .find(|view| Some(view.plan.id) == self.plan);
        let Some(view) = chosen else {
            return none(scene, self.wish);
        };
        match self.wish {
            Wish::Pause => pause::prompt(self, scene, dealings, &view, again).await,
            Wish::Resume => resume_plan::prompt(self, scene, &view).await,
            Wish::Stop => stop::prompt(self, scene, &view, again).await,
            Wish::Change => change::prompt(self, scene, dealings, &view, again).await,
        }
    }

    /// Says what comes next.
    pub(super) fn done(&self, scene: &Scene<'_>, done: &Done) -> anyhow::Result<Step> {
        let ends_by = match done {
            Done::EndsBy(day) => Some(say::day(*day)),
            _ => None,
        };
        let say = Say {
            subject: Subject::Transaction,
            ..Say::talk(scene.say(&Text::PlanAsked {
                wish: self.wish.word(),
                ends_by: ends_by.as_deref(),
            })?)
        };
        Ok(Step::finish(say.buttons(vec![
            opens(scene, "sip_list", Label::MySips),
            super::resume::to_menu(scene),
        ])))
    }

    async fn suiting(
        &self,
        scene: &Scene<'_>,
        dealings: &dyn Dealings,
    ) -> anyhow::Result<Vec<PlanView>> {
        let plans = dealings.plans(scene.contact.id).await?;
        Ok(plans
            .into_iter()
            .filter(|view| self.wish.suits(view))
            .collect())
    }

    fn which(mut self, scene: &Scene<'_>, plans: &[PlanView]) -> anyhow::Result<Step> {
        let plans = &plans[..plans.len().min(MOST_ROWS)];
        self.offered = plans.iter().map(|view| view.plan.id).collect();
        let rows = plans.iter().map(|view| {
            let terms = &view.plan.terms;
            let amount = say::rupees(view.amount(scene.today));
            let title = format!("{amount} · {}", terms.start.day());
            choice("plan", view.plan.id.to_string(), title).note(say::scheme(scene, terms.scheme))
        });
        let say = Say {
            text: scene.say(&Text::PlanWhich {
                wish: self.wish.word(),
                missed: self.missed.as_deref(),
            })?,
            controls: Controls::List {
                open: scene.label(Label::OpenSips),
                sections: vec![(scene.label(Label::MySips), rows.collect())],
            },
            subject: Subject::Transaction,
        };
        Ok(at(self, say))
    }
}

fn none(scene: &Scene<'_>, wish: Wish) -> anyhow::Result<Step> {
    refuse::nothing(scene, &Text::PlanNone { wish: wish.word() })
}

/// Returns an ask at the state it leaves.
pub(super) fn ask(state: State, say: Say) -> Step {
    at(state, say)
}
