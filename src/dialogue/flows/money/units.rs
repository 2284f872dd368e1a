//! Which units leave, and how many: what a redemption and a switch have in common.

use std::collections::BTreeSet;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde::{Deserialize, Serialize};

use super::super::super::disclosures::Subject;
use super::super::super::labels::Label;
use super::super::super::ports::Dealings;
use super::super::super::scene::{Choice, Controls, Say, Scene, Step};
use super::super::super::texts::Text;
use super::super::super::understanding::{Expectation, Slots};
use super::super::super::voice::clip;
use super::super::{funds, titles};
use super::confirm::{self, Pending, Verb};
use super::{choice, drops, refuse, say, terms};
use crate::investing::money::units;
use crate::investing::orders::draft::{OrderProposal, Proposal};
use crate::investing::orders::ports::HeldUnits;
use crate::investing::orders::{OrderKind, Quantity};
use crate::investing::{Holding, Paise, SchemeCode};

const MOST_ROWS: usize = 10;
const LONGEST_FOLIO: usize = 60;
const LONGEST_QUERY: usize = 60;

/// Units that leave.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Leaving {
    /// Out of which scheme.
    pub scheme: Option<SchemeCode>,
    /// Out of which folio, where there are several.
    pub folio: Option<String>,
    /// How many, or for how much.
    pub quantity: Option<Quantity>,
    /// Whether it is to be the least that may be taken out.
    pub least: bool,
    /// The schemes that were offered, in this order.
    pub offered: Vec<SchemeCode>,
    /// Words that named nothing of what is held: the only fund there is was not meant.
    pub missed: Option<String>,
}

/// What is left to ask.
pub(super) enum Ask {
    /// Nothing: these units, held there; and the least amount, if that was put down.
    Nothing((SchemeCode, HeldUnits, Quantity), Option<Paise>),
    /// This.
    This(Say),
    /// There is nothing to take out.
    NothingHeld,
}

/// Returns what they hold through us, scheme by scheme, largest first.
pub(super) async fn holdings(scene: &Scene<'_>) -> anyhow::Result<Vec<Holding>> {
    let portfolio = scene.facts.portfolio(scene.contact, scene.today).await?;
    let all = portfolio.map(|portfolio| portfolio.holdings);
    Ok(all
        .unwrap_or_default()
        .into_iter()
        .filter(|held| held.scheme.is_some() && !held.elsewhere && held.units > Decimal::ZERO)
        .collect())
}

/// Shows the exact terms under which units leave, to be confirmed: into `target` by a
/// switch, or as money.
pub(super) async fn review<S: Into<super::State>>(
    scene: &Scene<'_>,
    dealings: &dyn Dealings,
    leaving: (SchemeCode, HeldUnits, Quantity),
    target: Option<SchemeCode>,
    state: impl FnOnce(Pending) -> S,
) -> anyhow::Result<Step> {
    let verb = match target {
        Some(_) => Verb::Switch,
        None => Verb::Redeem,
    };
    let wanted = order(&leaving, target);
    let (_, folio, quantity) = leaving;
    let draft = match dealings.prepare(scene.contact.id, wanted).await? {
        Ok(draft) => draft,
        Err(refusal) => return refuse::end(scene, &refusal),
    };
    let say = terms::of_order(scene, &draft, Some(&folio))?;
    let amount = match quantity {
        Quantity::Amount(amount) => Some(amount),
        Quantity::Units(_) | Quantity::All => None,
    };
    confirm::show(scene, draft, (amount, verb), say, state).await
}

/// Says above a step that the least amount was put down, if it was.
pub(super) fn with_least(
    scene: &Scene<'_>,
    step: Step,
    least: Option<Paise>,
) -> anyhow::Result<Step> {
    let Some(least) = least.map(say::rupees) else {
        return Ok(step);
    };
    Ok(step.led_by(&scene.say(&Text::MoneyLeast {
        amount: Some(&least),
        leaves: true,
    })?))
}

/// Returns the order under which units leave.
pub(super) fn order(
    (scheme, folio, quantity): &(SchemeCode, HeldUnits, Quantity),
    target: Option<SchemeCode>,
) -> Proposal {
    Proposal::Order(OrderProposal {
        kind: match target {
            Some(_) => OrderKind::Switch,
            None => OrderKind::Redemption,
        },
        scheme: *scheme,
        target,
        quantity: *quantity,
        folio: Some(folio.folio.clone()),
        mandate: None,
    })
}

impl Leaving {
    pub(super) fn expects(&self) -> Expectation {
        if self.scheme.is_none() {
            Expectation::FundName
        } else {
            Expectation::Amount
        }
    }

    /// Takes what a sentence says.
    pub(super) fn hear(&mut self, scene: &Scene<'_>, held: &[Holding], slots: &Slots) {
        if self.scheme.is_none() {
            let number = slots.number.and_then(|number| number.to_usize());
            let number = slots.choice.or(number);
            let offered = number
                .and_then(|number| number.checked_sub(1))
                .and_then(|at| self.offered.get(at).copied());
            self.scheme = offered;
            if let (None, Some(query)) = (offered, &slots.fund) {
                self.look_for(scene, held, query);
            }
        }
        let units = slots.units.map(Quantity::Units);
        let amount = slots
            .amount
            .and_then(Paise::from_rupees)
            .map(Quantity::Amount);
        let all = slots.all.then_some(Quantity::All);
        let said = units.or(amount).or(all);
        self.least = slots.least && said.is_none();
        self.quantity = said.or(self.quantity.filter(|_| !self.least));
    }

    /// Looks for the one fund among what is held that a name means.
    fn look_for(&mut self, scene: &Scene<'_>, held: &[Holding], query: &str) {
        let meant = funds::meant(scene, held, query, |one| (one.scheme, one.name.clone()));
        let codes: BTreeSet<u32> = meant.iter().filter_map(|one| Some(one.scheme?.0)).collect();
        self.missed = codes.is_empty().then(|| clip(query, LONGEST_QUERY));
        let mut codes = codes.into_iter().map(SchemeCode);
        self.scheme = codes.next().filter(|_| codes.next().is_none());
    }

    /// Takes a tap.
    pub(super) fn tap(&mut self, step: &str, payload: &str) {
        match step {
            "held" => self.scheme = payload.parse().ok().map(SchemeCode),
            "folio" => self.folio = Some(payload.to_owned()),
            "all" => self.quantity = Some(Quantity::All),
            _ => {}
        }
    }

    /// Goes one question back.
    pub(super) fn back(&mut self) -> bool {
        self.quantity.take().is_some()
            || self.folio.take().is_some()
            || self.scheme.take().is_some()
    }

    /// Returns what is left to ask.
    pub(super) async fn ask(
        &mut self,
        scene: &Scene<'_>,
        dealings: &dyn Dealings,
        held: &[Holding],
        again: bool,
    ) -> anyhow::Result<Ask> {
        let held = by_scheme(held);
        let schemes: Vec<SchemeCode> = held.iter().filter_map(|one| one.scheme).collect();
        if let ([only], None, None) = (&schemes[..], self.scheme, &self.missed) {
            self.scheme = Some(*only);
        }
        let Some(scheme) = self.scheme else {
            if schemes.is_empty() {
                return Ok(Ask::NothingHeld);
            }
            self.offered = schemes;
            return Ok(Ask::This(which(scene, &held, self.missed.as_deref())?));
        };
        let folios = dealings.held(scene.contact.id, scheme).await?;
        let folios: Vec<HeldUnits> = folios
            .into_iter()
            .filter(|folio| folio.units > Decimal::ZERO)
            .collect();
        let named = self.folio.as_ref();
        let fits = |folio: &&HeldUnits| named.is_none_or(|named| *named == folio.folio);
        let chosen: Vec<&HeldUnits> = folios.iter().filter(fits).collect();
        let folio = match chosen[..] {
            [] => return Ok(Ask::NothingHeld),
            [one] => one.clone(),
            _ => return Ok(Ask::This(which_folio(scene, &folios)?)),
        };
        let wants_least = std::mem::take(&mut self.least) && self.quantity.is_none();
        let least = minimum(scene, dealings, scheme).filter(|_| wants_least);
        self.quantity = self.quantity.or(least.map(Quantity::Amount));
        let Some(quantity) = self.quantity else {
            let mut say = how_much(scene, dealings, scheme, &folio, again)?;
            if wants_least {
                say.text = format!("{}\n\n{}", say::least(scene, None)?, say.text);
            }
            return Ok(Ask::This(say));
        };
        Ok(Ask::Nothing((scheme, folio, quantity), least))
    }
}

/// Joins what is held of a scheme in several folios; the folio is asked for next.
fn by_scheme(held: &[Holding]) -> Vec<Holding> {
    let mut joined: Vec<Holding> = Vec::new();
    for one in held {
        let same = |other: &&mut Holding| other.scheme == one.scheme;
        match joined
            .iter_mut()
            .find(same)
            .filter(|_| one.scheme.is_some())
        {
            Some(other) => other.value = other.value.zip(one.value).map(|(a, b)| a + b),
            None => joined.push(one.clone()),
        }
    }
    joined
}

fn which(scene: &Scene<'_>, held: &[Holding], missed: Option<&str>) -> anyhow::Result<Say> {
    let known = held
        .iter()
        .map(|one| one.scheme.and_then(|code| scene.facts.scheme(code)));
    let known: Vec<_> = known.collect();
    let offered: Vec<titles::Offered<'_>> = held
        .iter()
        .zip(&known)
        .map(|(one, known)| titles::Offered {
            name: known.as_ref().map_or(&one.name, |scheme| &scheme.name),
            variant: one.value.map(say::rupees).into_iter().collect(),
        })
        .collect();
    let rows: Vec<Choice> = held
        .iter()
        .zip(&offered)
        .zip(titles::titles(&offered))
        .filter_map(|((one, offered), title)| {
            let code = one.scheme?.to_string();
            Some(choice("held", code, title).note(titles::note(offered)))
        })
        .take(MOST_ROWS)
        .collect();
    Ok(Say {
        text: scene.say(&Text::MoneyHeld { missed })?,
        controls: Controls::List {
            open: scene.label(Label::OpenFunds),
            sections: vec![(scene.label(Label::SectionFunds), rows)],
        },
        subject: Subject::Scheme,
    })
}

fn which_folio(scene: &Scene<'_>, folios: &[HeldUnits]) -> anyhow::Result<Say> {
    let rows = folios.iter().take(MOST_ROWS).map(|folio| {
        let title = clip(&folio.folio, LONGEST_FOLIO);
        choice("folio", folio.folio.clone(), title).note(units(folio.units))
    });
    Ok(Say {
        text: scene.say(&Text::MoneyFolio {})?,
        controls: Controls::List {
            open: scene.label(Label::OpenFolios),
            sections: vec![(scene.label(Label::OpenFolios), rows.collect())],
        },
        subject: Subject::Talk,
    })
}

/// Returns the least that may be taken out of a scheme, if that is on record.
fn minimum(scene: &Scene<'_>, dealings: &dyn Dealings, scheme: SchemeCode) -> Option<Paise> {
    let terms = dealings.terms(scheme, scene.today)?;
    Some(terms.redemption()?.minimum)
}

fn how_much(
    scene: &Scene<'_>,
    dealings: &dyn Dealings,
    scheme: SchemeCode,
    folio: &HeldUnits,
    again: bool,
) -> anyhow::Result<Say> {
    let all = folio.units;
    let value = folio.nav.and_then(|nav| Paise::from_rupees(all * nav));
    let minimum = minimum(scene, dealings, scheme).map(say::rupees);
    let value = value.map(say::rupees);
    let text = scene.say(&Text::MoneyHowMuch {
        fund: &say::scheme(scene, scheme),
        units: &units(all),
        value: value.as_deref(),
        minimum: minimum.as_deref(),
        again,
    })?;
    let all = choice("all", "", scene.label(Label::AllUnits));
    Ok(Say {
        subject: Subject::Scheme,
        ..Say::talk(text).buttons(vec![all, drops(scene)])
    })
}
