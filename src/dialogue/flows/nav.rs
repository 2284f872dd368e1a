//! NAV and facts of a scheme, found by the name people type.

use jiff::SpanRelativeTo;
use jiff::civil::Date;
use rust_decimal::prelude::ToPrimitive;
use serde::{Deserialize, Serialize};

use super::super::disclosures::Subject;
use super::super::labels::Label;
use super::super::ports::Matches;
use super::super::scene::{Choice, Controls, Say, Scene, Step};
use super::super::session;
use super::super::texts::Text;
use super::super::understanding::Slots;
use super::super::voice::clip;
use super::{funds, titles};
use crate::investing::{OptionKind, Plan, Scheme, SchemeCode, inr, money};

/// Name of the flow in tap ids.
pub const FLOW: &str = "nav";

/// A list takes ten rows; nine leave one for later.
const MOST_CHOICES: usize = 9;
const LONGEST_QUERY: usize = 60;
const OLD_AFTER_DAYS: i32 = 7;

/// Where the search stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// A name was asked for.
    AskName,
    /// Several were found and offered, by code, in this order.
    Choosing(Vec<u32>),
}

/// Finds the fund that is meant, or asks for its name.
pub fn find(scene: &Scene<'_>, query: Option<&str>) -> anyhow::Result<Step> {
    let Some(query) = query else {
        return ask(scene);
    };
    match scene.facts.search(query, MOST_CHOICES) {
        Matches::One(scheme) => show(scene, &scheme),
        Matches::Several(schemes) => match &schemes[..] {
            [] => nothing(scene, query),
            [only] => show(scene, only),
            several => offer(scene, query, several),
        },
        Matches::Nothing => nothing(scene, query),
    }
}

/// Asks for the name of a fund.
pub fn ask(scene: &Scene<'_>) -> anyhow::Result<Step> {
    let say = Say::talk(scene.say(&Text::NavAsk {})?);
    Ok(Step::to(session::State::Nav(State::AskName), say))
}

/// Takes a name, or the number of one of the offered funds.
pub fn advance(scene: &Scene<'_>, state: &State, slots: &Slots) -> anyhow::Result<Step> {
    let typed = slots.number.and_then(|number| number.to_usize());
    if let (State::Choosing(codes), Some(number)) = (state, typed)
        && let Some(code) = number.checked_sub(1).and_then(|index| codes.get(index))
        && let Some(scheme) = scene.facts.scheme(SchemeCode(*code))
    {
        return show(scene, &scheme);
    }
    find(scene, slots.fund.as_deref())
}

/// Shows the fund that was tapped.
pub fn choose(scene: &Scene<'_>, payload: &str) -> anyhow::Result<Step> {
    let code = payload.parse().ok().map(SchemeCode);
    match code.and_then(|code| scene.facts.scheme(code)) {
        Some(scheme) => show(scene, &scheme),
        None => ask(scene),
    }
}

fn nothing(scene: &Scene<'_>, query: &str) -> anyhow::Result<Step> {
    let query = clip(query, LONGEST_QUERY);
    let say = Say::talk(scene.say(&Text::NavNothing { query: &query })?);
    Ok(Step::to(session::State::Nav(State::AskName), say))
}

fn offer(scene: &Scene<'_>, query: &str, schemes: &[Scheme]) -> anyhow::Result<Step> {
    let names: Vec<String> = schemes.iter().map(Scheme::full_name).collect();
    let offered: Vec<titles::Offered<'_>> = schemes
        .iter()
        .take(MOST_CHOICES)
        .map(|scheme| titles::Offered {
            name: &scheme.name,
            variant: variant(scene, scheme),
        })
        .collect();
    let rows = schemes
        .iter()
        .zip(&offered)
        .zip(titles::titles(&offered))
        .map(|((scheme, offered), title)| {
            Choice::new(FLOW, "choose", scheme.code.to_string(), title).note(titles::note(offered))
        });
    let say = Say {
        text: scene.say(&Text::NavChoose {
            query: &clip(query, LONGEST_QUERY),
            names: &names,
        })?,
        controls: Controls::List {
            open: scene.label(Label::OpenFunds),
            sections: vec![(scene.label(Label::SectionFunds), rows.collect())],
        },
        subject: Subject::Scheme,
    };
    let codes = schemes.iter().map(|scheme| scheme.code.0).collect();
    Ok(Step::to(session::State::Nav(State::Choosing(codes)), say))
}

/// Returns plan and option, as far as they are on record.
pub(super) fn variant(scene: &Scene<'_>, scheme: &Scheme) -> Vec<String> {
    let unknown = scene.label(Label::NotOnRecord);
    let mut parts = vec![plan(scene, scheme).to_owned(), option(scene, scheme)];
    parts.retain(|part| part != unknown);
    parts
}

fn show(scene: &Scene<'_>, scheme: &Scheme) -> anyhow::Result<Step> {
    let nav = scheme
        .nav
        .map(|nav| (inr(nav.value, 4), money::date(nav.date)));
    let on_record = |text: &str| match text.trim() {
        "" => scene.label(Label::NotOnRecord).to_owned(),
        text => text.to_owned(),
    };
    let has_terms = funds::terms(scene, scheme, scene.today).is_some();
    let facts = has_terms.then(|| funds::facts(scene, scheme));
    let text = scene.say(&Text::Nav {
        name: &scheme.full_name(),
        amc: &on_record(&scheme.amc),
        category: &on_record(&scheme.category),
        plan: plan(scene, scheme),
        option: &option(scene, scheme),
        nav: nav.as_ref().map(|(value, _)| value.as_str()),
        date: nav.as_ref().map(|(_, date)| date.as_str()),
        is_old: scheme.nav.is_some_and(|nav| is_old(nav.date, scene.today)),
        terms: facts.as_ref(),
    })?;
    let say = Say {
        subject: Subject::Scheme,
        ..Say::talk(text)
    };
    Ok(Step::to(session::State::Menu, say))
}

fn plan(scene: &Scene<'_>, scheme: &Scheme) -> &'static str {
    scene.label(match scheme.plan {
        Plan::Regular => Label::Regular,
        Plan::Direct => Label::Direct,
        Plan::Unknown => Label::NotOnRecord,
    })
}

fn option(scene: &Scene<'_>, scheme: &Scheme) -> String {
    if !scheme.option_text.trim().is_empty() {
        return scheme.option_text.trim().to_owned();
    }
    let label = match scheme.option {
        OptionKind::Growth => Label::Growth,
        OptionKind::Idcw => Label::Idcw,
        OptionKind::Bonus => Label::Bonus,
        OptionKind::Other => Label::NotOnRecord,
    };
    scene.label(label).to_owned()
}

fn is_old(date: Date, today: Date) -> bool {
    (today - date)
        .total((jiff::Unit::Day, SpanRelativeTo::days_are_24_hours()))
        .is_ok_and(|days| days > f64::from(OLD_AFTER_DAYS))
}
