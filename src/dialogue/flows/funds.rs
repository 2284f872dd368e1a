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
use crate::investing::{Scheme, SchemeCode, inr, money};

/// Name of the flow in tap ids.
pub const FLOW: &str = "funds";

const MOST_ROWS: usize = 9;
const MOST_COMPARED: usize = 3;
/// Schemes of a name that are looked for among what somebody has.
const MOST_FOUND: usize = 30;
const LONGEST_NAME: usize = 60;
/// Words in the name of a fund that invests abroad.
const ABROAD: [&str; 5] = ["nasdaq", "us", "global", "world", "overseas"];

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
            None => kinds(scene, &sold, false),
        };
    };
    let of_kind: Vec<Scheme> = sold
        .iter()
        .filter(|scheme| is_of(scheme, category))
        .cloned()
        .collect();
    match &of_kind[..] {
        [] => kinds(scene, &sold, true),
        _ => list(scene, &heading(&of_kind, category), &of_kind),
    }
}

/// Says whether a scheme is of a kind: the whole of it, with its group or without, or the
/// group. A large and mid cap fund is no mid cap fund. What a fund of funds or an index fund
/// holds, only its name says.
fn is_of(scheme: &Scheme, kind: &str) -> bool {
    let wanted = slug(kind);
    let category = slug(&scheme.category);
    let name = format!("_{}_", slug(&scheme.name));
    let is_named = |word: &str| name.contains(&format!("_{word}_"));
    let holds_others = category.starts_with("fund_of_funds") || category.starts_with("index");
    is_called(&scheme.category, &wanted)
        || holds_others && is_named(&wanted)
        || wanted == "international"
            && (category.ends_with("overseas")
                || holds_others && ABROAD.iter().any(|w| is_named(w)))
}

/// Says whether a category goes by that name: `Equity: Large Cap` is `equity_large_cap`,
/// `large_cap`, and one of `equity`; `Sectoral / Thematic` is both.
fn is_called(category: &str, wanted: &str) -> bool {
    let (group, kind) = category.split_once(": ").unwrap_or((category, category));
    let mut names = [category, group, kind].into_iter().chain(kind.split(" / "));
    names.any(|name| slug(name) == wanted)
}

/// Returns what schemes of a kind are shown under: their category, where they share it and it
/// is what was asked for, else what was asked for.
fn heading(schemes: &[Scheme], kind: &str) -> String {
    let wanted = slug(kind);
    let mut categories: Vec<&str> = schemes.iter().map(|s| s.category.as_str()).collect();
    categories.dedup();
    match categories[..] {
        [only] if is_called(only, &wanted) => only.to_owned(),
        _ => in_capitals(kind.split(' ')),
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
        risk: of_terms(&|terms| {
            let risk = terms.rules.risk?;
            let level = level_of_risk(risk.level.as_str());
            Some(format!("{level} ({})", money::month(risk.month)))
        }),
        exit_load: of_terms(&|terms| Some(known(&terms.load_words()))),
        sip: of_terms(&|terms| {
            let monthly = terms.plan(PlanKind::Sip, Frequency::Monthly);
            monthly.map(|plan| least(&plan.amount))
        }),
        once: of_terms(&|terms| terms.purchase(false).as_ref().map(least)),
        lock_in: of_terms(&|terms| {
            terms.rules.lock_in_months.map(|months| match months {
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

/// Returns those of `all` that a name means: whatever plan or option of the funds found
/// under it they are in, as the search tells one of each; else those with all its words.
pub(super) fn meant<'a, T>(
    scene: &Scene<'_>,
    all: &'a [T],
    query: &str,
    of: impl Fn(&T) -> (Option<SchemeCode>, String),
) -> Vec<&'a T> {
    let found = match scene.facts.search(query, MOST_FOUND) {
        Matches::Nothing => Vec::new(),
        Matches::One(scheme) => vec![scheme],
        Matches::Several(schemes) => schemes,
    };
    let is_found = |own: Scheme| found.iter().any(|one| is_same_fund(one, &own));
    let own = |one: &&T| of(one).0.and_then(|code| scene.facts.scheme(code));
    let funds: Vec<&T> = all
        .iter()
        .filter(|one| own(one).is_some_and(is_found))
        .collect();
    if !funds.is_empty() {
        return funds;
    }
    let query = query.to_lowercase();
    let has_words = |one: &&T| {
        let name = of(one).1.to_lowercase();
        query.split_whitespace().all(|word| name.contains(word))
    };
    all.iter().filter(has_words).collect()
}

/// Whether two schemes are plans or options of one fund.
fn is_same_fund(one: &Scheme, other: &Scheme) -> bool {
    (&one.name, &one.amc) == (&other.name, &other.amc)
}

/// Whether schemes are plans and options of one fund and of no other.
pub(super) fn is_one_fund(schemes: &[Scheme]) -> bool {
    let mut pairs = schemes.windows(2);
    !schemes.is_empty() && pairs.all(|pair| is_same_fund(&pair[0], &pair[1]))
}

/// Plans and options of one fund are one fund: the regular one is what is sold here.
fn one_fund(found: Vec<Scheme>) -> Option<Scheme> {
    if !is_one_fund(&found) {
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

fn kinds(scene: &Scene<'_>, sold: &[Scheme], is_none: bool) -> anyhow::Result<Step> {
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
        ..Say::talk(scene.say(&Text::FundsKinds { is_none })?)
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
    in_capitals(word.split('_'))
}

fn in_capitals<'w>(words: impl Iterator<Item = &'w str>) -> String {
    let words = words.map(|part| match part {
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

    fn scheme(name: &str, category: &str) -> Scheme {
        Scheme {
            code: crate::investing::SchemeCode(1),
            name: name.to_owned(),
            plan: crate::investing::Plan::Regular,
            option: crate::investing::OptionKind::Growth,
            option_text: "Growth".to_owned(),
            amc: "Some Mutual Fund".to_owned(),
            category: category.to_owned(),
            nav: None,
        }
    }

    #[test]
    fn schemes_of_a_kind_are_those_and_no_others_under_what_they_are() {
        let sold = [
            scheme("A Tax Saver Fund", "Equity: ELSS"),
            scheme("B Large & Mid Cap Fund", "Equity: Large & Mid Cap"),
            scheme("C Large Cap Fund", "Equity: Large Cap"),
            scheme("D Liquid Fund", "Debt: Liquid"),
            scheme("E Ultra Short Fund", "Debt: Ultra Short Duration"),
            scheme("F Short Fund", "Debt: Short Duration"),
            scheme("G Gold ETF Fund of Fund", "Fund of Funds Domestic"),
            scheme("H Asset Allocator FoF", "Fund of Funds Domestic"),
            scheme("I Mid Cap Fund", "Equity: Mid Cap"),
            scheme("J Pharma Fund", "Equity: Sectoral / Thematic"),
            scheme("K US Fund of Fund", "Fund of Funds Overseas"),
            scheme("L Nifty Fund", "Index"),
            scheme("M NASDAQ 100 Index Fund", "Index"),
        ];
        for (kind, fitting, under) in [
            ("equity", "ABCIJ", "Equity"),
            ("debt", "DEF", "Debt"),
            ("mid cap", "I", "Equity: Mid Cap"),
            ("large & mid cap", "B", "Equity: Large & Mid Cap"),
            ("equity_large_cap", "C", "Equity: Large Cap"),
            ("elss", "A", "Equity: ELSS"),
            ("short duration", "F", "Debt: Short Duration"),
            ("sectoral", "J", "Equity: Sectoral / Thematic"),
            ("gold", "G", "Gold"),
            ("international", "KM", "International"),
            ("index", "LM", "Index"),
            ("silver", "", "Silver"),
        ] {
            let found = sold.iter().filter(|scheme| is_of(scheme, kind));
            let found: Vec<Scheme> = found.cloned().collect();
            let letters: String = found.iter().map(|scheme| &scheme.name[..1]).collect();
            assert_eq!(letters, fitting, "{kind}");
            assert_eq!(heading(&found, kind), under, "{kind}");
        }
    }
}
