//! The FATCA/CRS declaration of who pays tax in India only. Whoever pays it elsewhere, too,
//! or was born elsewhere, makes it with a person.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::super::super::labels::Label;
use super::super::super::scene::{Choice, Say, Scene};
use super::super::super::texts::Text;
use super::super::super::understanding::Expectation;
use super::ask::{Ask, Next};
use super::tasks::Task;
use super::{FLOW, say};
use crate::people::{Change, Fatca, IncomeSlab, PoliticalExposure, WealthSource};

const INCOMES: [(IncomeSlab, Label); 6] = [
    (IncomeSlab::BelowOneLakh, Label::IncomeBelow1),
    (IncomeSlab::OneToFiveLakh, Label::Income1To5),
    (IncomeSlab::FiveToTenLakh, Label::Income5To10),
    (IncomeSlab::TenToTwentyFiveLakh, Label::Income10To25),
    (IncomeSlab::TwentyFiveLakhToOneCrore, Label::Income25To100),
    (IncomeSlab::AboveOneCrore, Label::IncomeAbove100),
];

const SOURCES: [(WealthSource, Label); 8] = [
    (WealthSource::Salary, Label::SourceSalary),
    (WealthSource::Business, Label::SourceBusiness),
    (WealthSource::Gift, Label::SourceGift),
    (WealthSource::AncestralProperty, Label::SourceAncestral),
    (WealthSource::RentalIncome, Label::SourceRent),
    (WealthSource::PrizeMoney, Label::SourcePrize),
    (WealthSource::Royalty, Label::SourceRoyalty),
    (WealthSource::Other, Label::SourceOther),
];

const EXPOSURES: [(PoliticalExposure, Label); 3] = [
    (PoliticalExposure::None, Label::ExposureNone),
    (PoliticalExposure::Exposed, Label::ExposureSelf),
    (PoliticalExposure::Related, Label::ExposureRelated),
];

/// What was declared so far.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Draft {
    /// Tax in India only, and born there.
    pub is_indian: bool,
    /// Income a year.
    pub income: Option<IncomeSlab>,
    /// Where the money comes from.
    pub source: Option<WealthSource>,
    /// Whether politically exposed.
    pub exposure: Option<PoliticalExposure>,
}

impl Draft {
    pub(super) fn expects(&self) -> Expectation {
        match self.part() {
            "fatca_india" => Expectation::Choice(2),
            "fatca_source" => Expectation::Choice(SOURCES.len()),
            "fatca_exposure" => Expectation::Choice(EXPOSURES.len()),
            // "5" is lakhs and no row, and no number declares anything.
            _ => Expectation::Label,
        }
    }

    fn part(&self) -> &'static str {
        match (self.is_indian, self.income, self.source, self.exposure) {
            (false, ..) => "fatca_india",
            (_, None, ..) => "fatca_income",
            (_, _, None, _) => "fatca_source",
            (_, _, _, None) => "fatca_exposure",
            _ => "fatca_declare",
        }
    }

    /// Returns it without what was answered last; nothing if nothing was.
    pub(super) fn before(&self) -> Option<Self> {
        let mut draft = self.clone();
        if draft.exposure.take().is_some()
            || draft.source.take().is_some()
            || draft.income.take().is_some()
        {
            return Some(draft);
        }
        std::mem::take(&mut draft.is_indian).then_some(draft)
    }

    pub(super) fn question(&self, scene: &Scene<'_>, again: bool) -> anyhow::Result<Say> {
        let part = self.part();
        let text = match self.declaration(scene, again) {
            Some(declaration) => scene.say(&declaration)?,
            None => scene.say(&Text::RecordAsk {
                part,
                about: None,
                again,
            })?,
        };
        let said = Say::talk(text);
        let row =
            |step, at: usize, label| Choice::new(FLOW, step, at.to_string(), scene.label(label));
        let button =
            |step, payload: &str, label| Choice::new(FLOW, step, payload, scene.label(label));
        Ok(match part {
            "fatca_india" => said.buttons(vec![
                button("india", "yes", Label::OnlyIndia),
                button("india", "no", Label::AlsoElsewhere),
            ]),
            "fatca_income" => {
                let rows = INCOMES.iter().enumerate();
                let rows = rows.map(|(at, (_, label))| row("income", at, *label));
                say::list(scene, said, Label::OpenIncomes, rows.collect())
            }
            "fatca_source" => {
                let rows = SOURCES.iter().enumerate();
                let rows = rows.map(|(at, (_, label))| row("source", at, *label));
                say::list(scene, said, Label::OpenSources, rows.collect())
            }
            "fatca_exposure" => {
                let rows = EXPOSURES.iter().enumerate();
                let rows = rows.map(|(at, (_, label))| row("exposure", at, *label));
                said.buttons(rows.collect())
            }
            _ => said.buttons(vec![
                button("declare", "", Label::Declare),
                button("restart", "", Label::ChangeAnswers),
            ]),
        })
    }

    /// What is declared, as it was chosen, once everything was.
    fn declaration(&self, scene: &Scene<'_>, again: bool) -> Option<Text<'static>> {
        let (income, source, exposure) = (self.income?, self.source?, self.exposure?);
        Some(Text::FatcaDeclare {
            income: scene.label(INCOMES.iter().find(|(known, _)| *known == income)?.1),
            source: scene.label(SOURCES.iter().find(|(known, _)| *known == source)?.1),
            exposure: scene.label(EXPOSURES.iter().find(|(known, _)| *known == exposure)?.1),
            again,
        })
    }

    pub(super) fn tap(&self, step: &str, payload: &str, today: Date) -> Next {
        let at: Option<usize> = payload.parse().ok();
        let mut draft = self.clone();
        match (self.part(), step) {
            ("fatca_india", "india") if payload == "yes" => draft.is_indian = true,
            ("fatca_india", "india") => return Next::Person(Task::TaxElsewhere),
            ("fatca_income", "income") => {
                draft.income = at.and_then(|at| INCOMES.get(at)).map(|one| one.0);
            }
            ("fatca_source", "source") => {
                draft.source = at.and_then(|at| SOURCES.get(at)).map(|one| one.0);
            }
            ("fatca_exposure", "exposure") => {
                draft.exposure = at.and_then(|at| EXPOSURES.get(at)).map(|one| one.0);
            }
            ("fatca_declare", "declare") => return self.declared(today),
            ("fatca_declare", "restart") => draft = Self::default(),
            _ => return Next::Again,
        }
        Next::Ask(Ask::Fatca(draft))
    }

    fn declared(&self, today: Date) -> Next {
        let (Some(income), Some(source), Some(exposure)) =
            (self.income, self.source, self.exposure)
        else {
            return Next::Again;
        };
        Next::record(Change::Fatca(Fatca::of_resident(
            (income, source),
            exposure,
            today,
        )))
    }
}
