//! Who inherits: one nominee, or none in so many words. Several, and shares, are for a
//! person to put in.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::super::super::labels::Label;
use super::super::super::scene::{Choice, Say, Scene};
use super::super::super::texts::Text;
use super::super::super::understanding::{Expectation, Slots};
use super::ask::{Ask, Next};
use super::{FLOW, person, say};
use crate::people::{Change, NewNominee, is_minor};

/// What they can be to the investor: the word of the record, and its label.
const RELATIONS: [(&str, Label); 8] = [
    ("spouse", Label::RelationSpouse),
    ("son", Label::RelationSon),
    ("daughter", Label::RelationDaughter),
    ("father", Label::RelationFather),
    ("mother", Label::RelationMother),
    ("brother", Label::RelationBrother),
    ("sister", Label::RelationSister),
    ("other", Label::RelationOther),
];

/// What was said of the nominee so far.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Draft {
    /// Whether there shall be none; it is not yet declared.
    pub opts_out: bool,
    /// Name.
    pub name: Option<String>,
    /// What they are to the investor.
    pub relation: Option<String>,
    /// Whether under eighteen.
    pub is_minor: Option<bool>,
    /// Date of birth, of a minor.
    pub born: Option<Date>,
}

/// The question at hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Question {
    Name,
    None,
    Relation,
    Adult,
    Born,
    Guardian,
}

impl Draft {
    fn at(&self) -> Question {
        if self.opts_out {
            Question::None
        } else if self.name.is_none() {
            Question::Name
        } else if self.relation.is_none() {
            Question::Relation
        } else if self.is_minor.is_none() {
            Question::Adult
        } else if self.born.is_none() {
            Question::Born
        } else {
            Question::Guardian
        }
    }

    pub(super) fn expects(&self) -> Expectation {
        match self.at() {
            Question::Name | Question::Guardian => Expectation::Text,
            Question::None | Question::Adult => Expectation::Label,
            Question::Relation => Expectation::Choice(RELATIONS.len()),
            Question::Born => Expectation::Date,
        }
    }

    /// Says whether words answer who it shall be: nobody.
    pub(super) fn is_refused_by(&self, words: &str) -> bool {
        self.at() == Question::Name && person::is_nobody(words)
    }

    pub(super) fn question(&self, scene: &Scene<'_>, again: bool) -> anyhow::Result<Say> {
        let at = self.at();
        let part = match at {
            Question::Name => "nominee_name",
            Question::None => "no_nominee",
            Question::Relation => "nominee_relation",
            Question::Adult => "nominee_adult",
            Question::Born => "nominee_born",
            Question::Guardian => "nominee_guardian",
        };
        let about = self.name.as_deref();
        let said = Say::talk(scene.say(&Text::RecordAsk { part, about, again })?);
        let button =
            |step, payload: &str, label| Choice::new(FLOW, step, payload, scene.label(label));
        Ok(match at {
            Question::Name => said.buttons(vec![button("none", "", Label::NoNominee)]),
            Question::None => said.buttons(vec![
                button("declare_none", "", Label::Declare),
                button("name_one", "", Label::NameNominee),
            ]),
            Question::Adult => said.buttons(vec![
                button("minor", "no", Label::NomineeAdult),
                button("minor", "yes", Label::NomineeMinor),
            ]),
            Question::Relation => {
                let rows = RELATIONS.map(|(word, label)| button("relation", word, label));
                say::list(scene, said, Label::OpenRelations, rows.into())
            }
            Question::Born | Question::Guardian => said,
        })
    }

    pub(super) fn hear(&self, slots: &Slots, words: &str, today: Date) -> Next {
        match self.at() {
            Question::Name if self.is_refused_by(words) => self.with(|draft| draft.opts_out = true),
            Question::Name => person::name(words).map_or(Next::Again, |name| {
                self.with(|draft| draft.name = Some(name))
            }),
            Question::Born => match slots.date {
                Some(born) if is_minor(born, today) && born <= today => {
                    self.with(|draft| draft.born = Some(born))
                }
                Some(born) if born <= today => self.record(None, None),
                _ => Next::Again,
            },
            Question::Guardian => person::name(words).map_or(Next::Again, |guardian| {
                self.record(self.born, Some(guardian))
            }),
            Question::None | Question::Relation | Question::Adult => Next::Again,
        }
    }

    pub(super) fn tap(&self, step: &str, payload: &str) -> Next {
        match (self.at(), step) {
            (Question::Name, "none") => self.with(|draft| draft.opts_out = true),
            (Question::None, "declare_none") => Next::record(Change::OptOutOfNomination),
            (Question::None, "name_one") => self.with(|draft| draft.opts_out = false),
            (Question::Relation, "relation") => {
                let known = RELATIONS.iter().find(|(word, _)| *word == payload);
                known.map_or(Next::Again, |(word, _)| {
                    self.with(|draft| draft.relation = Some((*word).to_owned()))
                })
            }
            (Question::Adult, "minor") if payload == "yes" => {
                self.with(|draft| draft.is_minor = Some(true))
            }
            (Question::Adult, "minor") => self.record(None, None),
            _ => Next::Again,
        }
    }

    fn with(&self, change: impl FnOnce(&mut Self)) -> Next {
        let mut draft = self.clone();
        change(&mut draft);
        Next::Ask(Ask::Nominee(draft))
    }

    fn record(&self, born: Option<Date>, guardian: Option<String>) -> Next {
        let (Some(name), Some(relationship)) = (self.name.clone(), self.relation.clone()) else {
            return Next::Again;
        };
        Next::record(Change::Nominees(vec![NewNominee {
            name,
            relationship,
            share: None,
            date_of_birth: born,
            guardian,
        }]))
    }
}

/// Returns the label of a relation on record, if it is one of ours.
pub(super) fn label(relation: &str) -> Option<Label> {
    let known = RELATIONS.iter().find(|(word, _)| *word == relation);
    known.map(|(_, label)| *label)
}
