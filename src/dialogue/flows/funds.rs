//! Facts about schemes: one, several side by side, all of a kind. Never in the order of
//! their returns: by name, or as the reader named them.

use std::collections::BTreeSet;

use jiff::civil::Date;

use super::super::disclosures::Subject;
use super::super::labels::Label;
use super::super::ports::Matches;
use super::super::scene::{Choice, Controls, Say, Scene, Step};
use super::super::session::State;
use super::super::texts::{Facts, Text};
use super::super::voice::clip;
use super::{calculator, nav, titles};
use crate::investing::orders::ports::{AmountRule, SchemeTerms};
use crate::investing::orders::{Frequency, PlanKind};
use crate::investing::{Scheme, inr, money};

/// Name of the flow in tap ids.
pub const FLOW: &str = "funds";

const MOST_ROWS: usize = 9;
const MOST_COMPARED: usize = 3;
const LONGEST_NAME: usize = 60;

/// Shows the schemes of a kind, or asks which kind.
pub fn search(
    scene: &Scene<'_>,
    category: Option<&str>,
    fund: Option<&str>,
) -> anyhow::Result<Step> {
    let Some(dealings) = scene.facts.dealings() else {
        return nav::find(scene, fund);
    };
    let sold = dealings.sold(scene.today);
    let Some(category) = category else {
        return match fund {
            Some(fund) => nav::find(scene, Some(fund)),
            None => kinds(scene, &sold),
        };
    };
    let wanted = slug(category);
    let of_kind: Vec<Scheme> = sold
        .iter()
        .filter(|scheme| slug(&scheme.category).contains(&wanted))
        .cloned()
        .collect();
    match &of_kind[..] {
        [] => kinds(scene, &sold),
        [first, ..] => list(scene, &first.category, &of_kind),
    }
}

/// Shows the kind that was tapped.
pub fn tap(scene: &Scene<'_>, payload: &str) -> anyhow::Result<Step> {
    search(scene, Some(payload), None)
}

/// Shows what is on record about two or three schemes.
pub fn compare(scene: &Scene<'_>, names: &[String]) -> anyhow::Result<Step> {
    let mut schemes = Vec::new();
    for name in names.iter().take(MOST_COMPARED) {
        let found = match scene.facts.search(name, MOST_ROWS) {
            Matches::One(scheme) => Some(scheme),
            Matches::Several(found) => one_fund(found),
            Matches::Nothing => None,
        };
        let Some(scheme) = found else {
            let missing = clip(name, LONGEST_NAME);
            return ask(scene, Some(&missing));
        };
        schemes.push(scheme);
    }
    if schemes.len() < 2 {
        return ask(scene, None);
    }
    let funds: Vec<Facts> = schemes.iter().map(|scheme| facts(scene, scheme)).collect();
    let say = Say {
        subject: Subject::Scheme,
        ..Say::talk(scene.say(&Text::FundCompare { funds: &funds })?)
    };
    Ok(Step::to(State::Menu, say))
}

/// Returns what is on record about a scheme, in words.
pub fn facts(scene: &Scene<'_>, scheme: &Scheme) -> Facts {
    let unknown = || scene.label(Label::NotOnRecord).to_owned();
    let known = |text: &str| match text.trim() {
        "" => unknown(),
        text => text.to_owned(),
    };
    let terms = terms(scene, scheme, scene.today);
    let of_terms = |read: &dyn Fn(&SchemeTerms) -> Option<String>| {
        terms.as_ref().and_then(read).unwrap_or_else(unknown)
    };
    let nav = scheme
        .nav
        .map(|nav| format!("{}, {}", inr(nav.value, 4), money::date(nav.date)));
    let least = |rule: &AmountRule| calculator::rupees(rule.minimum.rupees());
    Facts {
        name: scheme.full_name(),
        category: known(&scheme.category),
        nav: nav.unwrap_or_else(unknown),
        risk: of_terms(&|terms| Some(known(&level_of_risk(terms.risk())))),
        exit_load: of_terms(&|terms| Some(known(&terms.load_words()))),
        sip: of_terms(&|terms| {
            let monthly = terms.plan(PlanKind::Sip, Frequency::Monthly);
            monthly.map(|plan| least(&plan.amount))
        }),
        once: of_terms(&|terms| terms.purchase(false).as_ref().map(least)),
        lock_in: of_terms(&|terms| {
            Some(match terms.rules.lock_in_months.unwrap_or(0) {
                0 => scene.label(Label::NoLockIn).to_owned(),
                months => format!("{months} {}", scene.label(Label::Months)),
            })
        }),
    }
}

/// Returns what the rules on record say about a scheme.
pub fn terms(scene: &Scene<'_>, scheme: &Scheme, on: Date) -> Option<SchemeTerms> {
    scene.facts.dealings()?.terms(scheme.code, on)
}

/// Plans and options of one fund are one fund: the regular one is what is sold here.
fn one_fund(found: Vec<Scheme>) -> Option<Scheme> {
    let name = found.first()?.name.clone();
    if found.iter().any(|scheme| scheme.name != name) {
        return None;
    }
    let is_usual = |scheme: &Scheme| {
        scheme.plan == crate::investing::Plan::Regular
            && scheme.option == crate::investing::OptionKind::Growth
    };
    found.into_iter().find(is_usual)
}

fn ask(scene: &Scene<'_>, missing: Option<&str>) -> anyhow::Result<Step> {
    let say = Say::talk(scene.say(&Text::CompareAsk { missing })?);
    Ok(Step::to(State::Menu, say))
}

fn kinds(scene: &Scene<'_>, sold: &[Scheme]) -> anyhow::Result<Step> {
    let kinds: BTreeSet<&str> = sold
        .iter()
        .map(|scheme| scheme.category.as_str())
        .filter(|kind| !kind.trim().is_empty())
        .collect();
    if kinds.is_empty() {
        return nav::ask(scene);
    }
    let rows = kinds
        .into_iter()
        .take(MOST_ROWS)
        .map(|kind| {
            let short = kind.split_once(": ").map_or(kind, |(_, short)| short);
            Choice::new(FLOW, "kind", slug(kind), short).note(kind)
        })
        .collect();
    let say = Say {
        controls: Controls::List {
            open: scene.label(Label::OpenKindsOfFunds),
            sections: vec![(scene.label(Label::SectionKindsOfFunds), rows)],
        },
        ..Say::talk(scene.say(&Text::FundsKinds {})?)
    };
    Ok(Step::to(State::Menu, say))
}

fn list(scene: &Scene<'_>, kind: &str, schemes: &[Scheme]) -> anyhow::Result<Step> {
    let shown = &schemes[..schemes.len().min(MOST_ROWS)];
    let offered: Vec<titles::Offered<'_>> = shown
        .iter()
        .map(|scheme| titles::Offered {
            name: &scheme.name,
            variant: nav::variant(scene, scheme),
        })
        .collect();
    let rows = shown
        .iter()
        .zip(&offered)
        .zip(titles::titles(&offered))
        .map(|((scheme, offered), title)| {
            let code = scheme.code.to_string();
            Choice::new(nav::FLOW, "choose", code, title).note(titles::note(offered))
        })
        .collect();
    let text = scene.say(&Text::FundsOfKind {
        kind,
        count: schemes.len(),
        shown: shown.len(),
    })?;
    let say = Say {
        text,
        controls: Controls::List {
            open: scene.label(Label::OpenFunds),
            sections: vec![(scene.label(Label::SectionFunds), rows)],
        },
        subject: Subject::Scheme,
    };
    Ok(Step::to(State::Menu, say))
}

/// Returns a kind's name as it is compared: `Equity: Large Cap` is `equity_large_cap`.
fn slug(kind: &str) -> String {
    let words = kind.split(|c: char| !c.is_alphanumeric());
    let words: Vec<String> = words
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect();
    words.join("_")
}

/// Writes a level of the risk-o-meter as SEBI's list does (`very_high`: `Very High`).
fn level_of_risk(word: &str) -> String {
    let words = word.split('_').map(|part| match part {
        "to" => "to".to_owned(),
        part => {
            let (first, rest) = part.split_at(part.chars().next().map_or(0, char::len_utf8));
            first.to_uppercase() + rest
        }
    });
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_is_found_by_the_word_for_it() {
        assert_eq!(slug("Equity: Large & Mid Cap"), "equity_large_mid_cap");
        assert!(slug("Equity: Large Cap").contains(&slug("large_cap")));
        assert!(slug("Equity: ELSS").contains(&slug("elss")));
        assert!(!slug("Equity: Mid Cap").contains(&slug("large_cap")));
    }
}
