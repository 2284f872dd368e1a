//! The parts of a record, in the order in which they are asked.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::super::super::scene::{Say, Scene};
use super::super::super::understanding::{Expectation, Slots};
use super::tasks::Task;
use super::{bank, consent, fatca, identity, nominee, risk};
use crate::people::{Answers, Change, Investor};

/// What is being asked, with what was said of it so far.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "part", content = "so_far", rename_all = "snake_case")]
pub enum Ask {
    /// Leave to keep and to pass on what follows.
    Consent,
    /// Name as per PAN.
    Name,
    /// E-mail address.
    Email,
    /// PAN.
    Pan,
    /// Date of birth.
    Born,
    /// A bank account.
    Bank(bank::Draft),
    /// A nominee, or none.
    Nominee(nominee::Draft),
    /// The FATCA/CRS declaration.
    Fatca(fatca::Draft),
    /// How much risk they can bear.
    Risk(Answers),
}

/// What an answer leads to.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Next {
    /// This is asked next.
    Ask(Ask),
    /// It could not be read: the question stands.
    Again,
    /// It is not taken, for a reason; then this is asked.
    Refused(&'static str, Ask),
    /// It goes on record.
    Record(Box<Change>),
    /// A person has to do it.
    Person(Task),
    /// Consent was given or refused, in these words.
    Consent(bool, String),
}

impl Next {
    pub(super) fn record(change: Change) -> Self {
        Self::Record(Box::new(change))
    }
}

impl Ask {
    /// Returns the first part that is not on record.
    pub(super) fn first_missing(investor: &Investor) -> Option<Self> {
        let missing = |is_missing: bool, ask: Self| is_missing.then_some(ask);
        missing(investor.name.is_none(), Self::Name)
            .or_else(|| missing(investor.email.is_none(), Self::Email))
            .or_else(|| missing(investor.pan.is_none(), Self::Pan))
            .or_else(|| missing(investor.date_of_birth.is_none(), Self::Born))
            .or_else(|| {
                missing(
                    investor.banks.is_empty(),
                    Self::Bank(bank::Draft::default()),
                )
            })
            .or_else(|| {
                let ask = Self::Nominee(nominee::Draft::default());
                missing(!investor.nomination.is_settled(), ask)
            })
            .or_else(|| {
                missing(
                    investor.fatca.is_none(),
                    Self::Fatca(fatca::Draft::default()),
                )
            })
            .or_else(|| missing(investor.risk.is_none(), Self::Risk(Answers::new())))
    }

    /// Returns what is asked on the way back from here.
    pub(super) fn before(&self) -> Option<Self> {
        match self {
            Self::Consent | Self::Name => None,
            Self::Email => Some(Self::Name),
            Self::Pan => Some(Self::Email),
            Self::Born => Some(Self::Pan),
            Self::Bank(draft) if *draft == bank::Draft::default() => Some(Self::Born),
            Self::Bank(_) => Some(Self::Bank(bank::Draft::default())),
            Self::Nominee(draft) if *draft == nominee::Draft::default() => {
                Some(Self::Bank(bank::Draft::default()))
            }
            Self::Nominee(_) => Some(Self::Nominee(nominee::Draft::default())),
            Self::Fatca(draft) => Some(
                draft
                    .before()
                    .map_or_else(|| Self::Nominee(nominee::Draft::default()), Self::Fatca),
            ),
            Self::Risk(answers) if answers.is_empty() => Some(Self::Fatca(fatca::Draft::default())),
            Self::Risk(_) => Some(Self::Risk(Answers::new())),
        }
    }

    /// Says whether both ask for the same part, however far each is.
    pub(super) fn is_same_part(&self, other: &Self) -> bool {
        std::mem::discriminant(self) == std::mem::discriminant(other)
    }

    pub(super) fn expects(&self) -> Expectation {
        match self {
            Self::Consent => Expectation::YesOrNo,
            Self::Name | Self::Bank(_) => Expectation::Text,
            Self::Email => Expectation::Email,
            Self::Pan => Expectation::Pan,
            Self::Born => Expectation::Date,
            Self::Nominee(draft) => draft.expects(),
            Self::Fatca(draft) => draft.expects(),
            Self::Risk(_) => Expectation::Label,
        }
    }

    /// Says whether words are an answer and cannot be a wish of another kind.
    pub(super) fn is_answered_by(&self, words: &str) -> bool {
        matches!(self, Self::Nominee(draft) if draft.is_refused_by(words))
    }

    pub(super) fn question(
        &self,
        scene: &Scene<'_>,
        investor: &Investor,
        again: bool,
    ) -> anyhow::Result<Say> {
        match self {
            Self::Consent => consent::question(scene),
            Self::Name => identity::question(scene, "name", again),
            Self::Email => identity::question(scene, "email", again),
            Self::Pan => identity::question(scene, "pan", again),
            Self::Born => identity::question(scene, "born", again),
            Self::Bank(draft) => draft.question(scene, investor, again),
            Self::Nominee(draft) => draft.question(scene, again),
            Self::Fatca(draft) => draft.question(scene, again),
            Self::Risk(answers) => risk::question(scene, answers, again),
        }
    }

    pub(super) fn hear(
        &self,
        investor: &Investor,
        slots: &Slots,
        words: &str,
        today: Date,
    ) -> Next {
        match self {
            Self::Consent | Self::Fatca(_) | Self::Risk(_) => Next::Again,
            Self::Name => identity::name(words),
            Self::Email => identity::email(slots),
            Self::Pan => identity::pan(slots),
            Self::Born => identity::born(slots, today),
            Self::Bank(draft) => draft.hear(investor, words),
            Self::Nominee(draft) => draft.hear(slots, words, today),
        }
    }

    pub(super) fn tap(&self, step: &str, payload: &str, today: Date) -> Next {
        match self {
            Self::Consent if step == "consent" => Next::Consent(payload == "yes", String::new()),
            Self::Nominee(draft) => draft.tap(step, payload),
            Self::Fatca(draft) => draft.tap(step, payload, today),
            Self::Risk(answers) => risk::tap(answers, step, payload),
            _ => Next::Again,
        }
    }
}
