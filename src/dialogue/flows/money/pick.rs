//! Which scheme is bought: named in words, or found by stated criteria (the kind of fund,
//! the fund house), in order of the alphabet and of nothing else.

use std::collections::BTreeSet;

use rust_decimal::prelude::ToPrimitive;
use serde::{Deserialize, Serialize};

use super::super::super::disclosures::Subject;
use super::super::super::labels::Label;
use super::super::super::ports::{Dealings, Matches};
use super::super::super::scene::{Choice, Controls, Say, Scene};
use super::super::super::texts::Text;
use super::super::super::understanding::Slots;
use super::super::super::voice::clip;
use super::super::{funds, titles};
use super::{choice, say};
use crate::investing::orders::ports::{PlanRule, SchemeTerms};
use crate::investing::orders::{Frequency, PlanKind};
use crate::investing::{Scheme, SchemeCode};

/// A list takes ten rows; one is left for what leads on.
const MOST_ROWS: usize = 9;
/// Schemes looked at for one name.
const MOST_FOUND: usize = 30;
const LONGEST_QUERY: usize = 60;

/// What the scheme is wanted for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum For {
    /// A monthly SIP.
    Sip,
    /// One purchase.
    Once,
    /// The other end of a switch out of a scheme of this fund house.
    SwitchFrom(SchemeCode),
}

/// How far the choice is.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Pick {
    /// The scheme, by code.
    pub chosen: Option<SchemeCode>,
    /// Those offered last, in this order.
    pub offered: Vec<SchemeCode>,
    /// Words that named no scheme that is sold.
    pub missed: Option<String>,
    /// The kind of fund that was chosen.
    pub kind: Option<String>,
    /// Whether help with choosing was asked for.
    pub by_criteria: bool,
    /// Page of a long list.
    pub page: usize,
}

impl For {
    fn takes(self, dealings: &dyn Dealings, scene: &Scene<'_>, code: SchemeCode) -> bool {
        let Some(terms) = dealings.terms(code, scene.today) else {
            return false;
        };
        match self {
            Self::Sip => sip_rule(&terms).is_some(),
            Self::Once => terms.purchase(false).is_some(),
            Self::SwitchFrom(from) => {
                let source = dealings.terms(from, scene.today);
                let takes = terms.rules.switch_in == Some(true);
                from != code && takes && source.is_some_and(|from| from.amc == terms.amc)
            }
        }
    }
}

/// Returns what a scheme takes for a monthly SIP.
pub(super) fn sip_rule(terms: &SchemeTerms) -> Option<PlanRule> {
    terms.plan(PlanKind::Sip, Frequency::Monthly)
}

impl Pick {
    /// Takes the name of a scheme, or the number of an offered one.
    pub(super) fn hear(
        &mut self,
        scene: &Scene<'_>,
        dealings: &dyn Dealings,
        wanted: For,
        slots: &Slots,
    ) {
        let number = slots.number.and_then(|number| number.to_usize());
        let number = slots.choice.or(number);
        if let Some(at) = number.and_then(|number| number.checked_sub(1))
            && let Some(code) = self.offered.get(at)
        {
            self.chosen = Some(*code);
            return;
        }
        let query = slots.fund.as_deref().or(slots.to_fund.as_deref());
        if let Some(query) = query {
            self.look_for(scene, dealings, wanted, query);
        }
    }

    /// Looks for a scheme that is sold, by its name.
    pub(super) fn look_for(
        &mut self,
        scene: &Scene<'_>,
        dealings: &dyn Dealings,
        wanted: For,
        query: &str,
    ) {
        let found = match scene.facts.search(query, MOST_FOUND) {
            Matches::Nothing => Vec::new(),
            Matches::One(scheme) => vec![scheme],
            Matches::Several(schemes) => schemes,
        };
        // What fits several funds is no name of one, though only one of them is sold.
        let is_named = funds::is_one_fund(&found);
        let sold: Vec<SchemeCode> = found
            .iter()
            .map(|scheme| scheme.code)
            .filter(|code| wanted.takes(dealings, scene, *code))
            .take(MOST_ROWS)
            .collect();
        *self = Self::default();
        match sold[..] {
            [] => self.missed = Some(clip(query, LONGEST_QUERY)),
            [only] if is_named => self.chosen = Some(only),
            _ => self.offered = sold,
        }
    }

    /// Takes a tap; returns whether it was about the choice.
    pub(super) fn tap(&mut self, step: &str, payload: &str) -> bool {
        match step {
            "fund" => self.chosen = payload.parse().ok().map(SchemeCode),
            "criteria" => {
                *self = Self {
                    by_criteria: true,
                    ..Self::default()
                };
            }
            "kind" => {
                self.kind = Some(payload.to_owned());
                self.page = 0;
            }
            "page" => self.page = payload.parse().unwrap_or(0),
            _ => return false,
        }
        true
    }

    /// Returns the question that is left.
    pub(super) fn ask(
        &mut self,
        scene: &Scene<'_>,
        dealings: &dyn Dealings,
        wanted: For,
    ) -> anyhow::Result<Say> {
        if self.by_criteria {
            let sold = dealings.sold(scene.today);
            let sold: Vec<Scheme> = sold
                .into_iter()
                .filter(|scheme| wanted.takes(dealings, scene, scheme.code))
                .collect();
            return match self.kind.clone() {
                Some(kind) => self.of_kind(scene, &sold, &kind),
                None => self.kinds(scene, &sold),
            };
        }
        if !self.offered.is_empty() {
            let offered = self.offered.clone();
            let schemes: Vec<Scheme> = offered
                .iter()
                .filter_map(|code| scene.facts.scheme(*code))
                .collect();
            let text = scene.say(&Text::MoneyWhich {})?;
            return Ok(list(scene, text, &schemes, None));
        }
        let text = scene.say(&Text::MoneyFund {
            purpose: wanted.word(),
            missed: self.missed.as_deref(),
        })?;
        let form = (wanted == For::Sip && scene.facts.forms().is_some())
            .then(|| choice("form", "", scene.label(Label::FormOpen)));
        let help = choice("criteria", "", scene.label(Label::ByCriteria));
        let rest = [help, super::drops(scene)];
        Ok(Say::talk(text).buttons(form.into_iter().chain(rest).collect()))
    }

    fn kinds(&self, scene: &Scene<'_>, sold: &[Scheme]) -> anyhow::Result<Say> {
        let kinds: BTreeSet<&str> = sold.iter().map(|s| s.category.as_str()).collect();
        let kinds: Vec<&str> = kinds.into_iter().collect();
        let (shown, more) = page(&kinds, self.page);
        let mut rows: Vec<Choice> = shown
            .iter()
            .map(|kind| {
                let (group, name) = kind.split_once(": ").unwrap_or(("", kind));
                let count = sold.iter().filter(|s| s.category == **kind).count();
                let note = scene.say(&Text::MoneyKindNote { group, count })?;
                Ok(choice("kind", clip(kind, 100), name).note(note))
            })
            .collect::<anyhow::Result<_>>()?;
        rows.extend(more.map(|next| further(scene, next)));
        Ok(Say {
            text: scene.say(&Text::MoneyKind {})?,
            controls: Controls::List {
                open: scene.label(Label::OpenKinds),
                sections: vec![(scene.label(Label::SectionKinds), rows)],
            },
            subject: Subject::Investing,
        })
    }

    fn of_kind(&mut self, scene: &Scene<'_>, sold: &[Scheme], kind: &str) -> anyhow::Result<Say> {
        let of_kind: Vec<Scheme> = sold
            .iter()
            .filter(|scheme| scheme.category == kind)
            .cloned()
            .collect();
        let (shown, more) = page(&of_kind, self.page);
        self.offered = shown.iter().map(|scheme| scheme.code).collect();
        let text = scene.say(&Text::MoneyByKind { kind })?;
        Ok(list(scene, text, shown, more))
    }
}

impl For {
    fn word(self) -> &'static str {
        match self {
            Self::Sip => "sip",
            Self::Once => "once",
            Self::SwitchFrom(_) => "switch",
        }
    }
}

/// Returns the rows of a page, and the number of the next one.
fn page<T>(all: &[T], number: usize) -> (&[T], Option<usize>) {
    let from = (number * MOST_ROWS).min(all.len());
    let to = (from + MOST_ROWS).min(all.len());
    (&all[from..to], (to < all.len()).then_some(number + 1))
}

fn further(scene: &Scene<'_>, next: usize) -> Choice {
    choice("page", next.to_string(), scene.label(Label::FurtherRows))
}

/// Returns a list of schemes to tap.
fn list(scene: &Scene<'_>, text: String, schemes: &[Scheme], next: Option<usize>) -> Say {
    let offered: Vec<titles::Offered<'_>> = schemes
        .iter()
        .map(|scheme| titles::Offered {
            name: &scheme.name,
            variant: vec![say::option(scene, scheme)],
        })
        .collect();
    let mut rows: Vec<Choice> = schemes
        .iter()
        .zip(&offered)
        .zip(titles::titles(&offered))
        .map(|((scheme, offered), title)| {
            choice("fund", scheme.code.to_string(), title).note(titles::note(offered))
        })
        .collect();
    rows.extend(next.map(|next| further(scene, next)));
    Say {
        text,
        controls: Controls::List {
            open: scene.label(Label::OpenFunds),
            sections: vec![(scene.label(Label::SectionFunds), rows)],
        },
        subject: Subject::Scheme,
    }
}
