//! A nominee in the shape that the member document gives.
//!
//! BSE's public documents say what is wanted of a nominee (name, share, relationship, of a
//! minor date of birth and guardian) and not under which keys and codes. So the shape is a
//! setting with places, and everything on record has to find one: a nominee of whom half
//! is told is not told at all.

use std::collections::BTreeSet;

use jiff::civil::Date;
use serde_json::{Map, Value, json};

use super::open::{NOMINEE_TEMPLATE, Open, RELATION_CODES};
use crate::investing::gateway::port::GatewayError;
use crate::people::{Nominee, is_minor};

/// What is on record of a nominee, by the name of its place.
type Details = [(&'static str, Option<Value>); 10];

/// Returns nominees as `add_ucc` takes them; `today` tells who is a minor.
pub(super) fn nominees(
    nominees: &[Nominee],
    open: &Open,
    today: Date,
) -> Result<Vec<Value>, GatewayError> {
    let one = |nominee| told(nominee, open, today);
    nominees.iter().map(one).collect()
}

fn told(nominee: &Nominee, open: &Open, today: Date) -> Result<Value, GatewayError> {
    let template = open.nominee_template()?;
    let details = details(nominee, code_of(nominee, open)?, today);
    let mut used = BTreeSet::new();
    let whole = Value::Object(template.clone());
    let filled = fill(&whole, &details, &mut used)?.unwrap_or(Value::Null);
    let is_told = |place: &str| {
        let there = details.iter().find(|(name, _)| *name == place);
        used.contains(place) || there.is_none_or(|(_, value)| value.is_none())
    };
    let whole_or_parts =
        |whole: &str, first: &str, last: &str| is_told(whole) || (is_told(first) && is_told(last));
    for (what, told) in [
        ("name", whole_or_parts("name", "first_name", "last_name")),
        ("share", is_told("share")),
        ("relationship", is_told("relationship")),
        ("date of birth", is_told("born")),
        (
            "guardian",
            whole_or_parts("guardian", "guardian_first_name", "guardian_last_name"),
        ),
    ] {
        if !told {
            let why = format!("{NOMINEE_TEMPLATE} has no place for a nominee's {what}");
            return Err(GatewayError::NotSetUp(why));
        }
    }
    Ok(filled)
}

/// Returns BSE's code of what a nominee is to the investor.
fn code_of(nominee: &Nominee, open: &Open) -> Result<Value, GatewayError> {
    let word = nominee.relationship.to_lowercase();
    let code = open.relation_codes()?.get(&word).cloned();
    code.ok_or_else(|| {
        // Where it is in words of the investor's own, they are not for the log.
        let word = Some(word).filter(|word| !word.contains(char::is_whitespace));
        let word = word.unwrap_or_else(|| "a relationship in words".to_owned());
        GatewayError::NotSetUp(format!("{RELATION_CODES} has no code of `{word}`"))
    })
}

fn details(nominee: &Nominee, relationship: Value, today: Date) -> Details {
    let (first, last) = parted(&nominee.name);
    let guardian = nominee.guardian.as_deref();
    let (guardian_first, guardian_last) = guardian.map(parted).unwrap_or_default();
    let born = nominee.date_of_birth;
    [
        ("name", Some(json!(nominee.name))),
        ("first_name", first),
        ("last_name", last),
        ("share", Some(json!(nominee.share))),
        ("relationship", Some(relationship)),
        ("born", born.map(|born| json!(born))),
        (
            "is_minor",
            Some(json!(born.is_some_and(|born| is_minor(born, today)))),
        ),
        ("guardian", guardian.map(|guardian| json!(guardian))),
        ("guardian_first_name", guardian_first),
        ("guardian_last_name", guardian_last),
    ]
}

/// Parts a name into its first word and the rest.
fn parted(name: &str) -> (Option<Value>, Option<Value>) {
    let mut words = name.split_whitespace();
    let first = words.next().map(|first| json!(first));
    let rest = words.collect::<Vec<_>>().join(" ");
    (first, (!rest.is_empty()).then(|| json!(rest)))
}

/// Fills the places (`"{born}"`) of a shape. A place of something that is not on record is
/// left out, and so is what holds nothing else.
fn fill(
    shape: &Value,
    details: &Details,
    used: &mut BTreeSet<&'static str>,
) -> Result<Option<Value>, GatewayError> {
    match shape {
        Value::String(text) => {
            let place = text
                .strip_prefix('{')
                .and_then(|text| text.strip_suffix('}'));
            let Some(place) = place else {
                return Ok(Some(shape.clone()));
            };
            let known = details.iter().find(|(name, _)| *name == place);
            let (name, value) = known.ok_or_else(|| {
                let why = format!("{NOMINEE_TEMPLATE} has a place `{place}` for nothing on record");
                GatewayError::NotSetUp(why)
            })?;
            used.insert(*name);
            Ok(value.clone())
        }
        Value::Object(members) => {
            let mut filled = Map::new();
            for (key, member) in members {
                if let Some(value) = fill(member, details, used)? {
                    filled.insert(key.clone(), value);
                }
            }
            let is_there = members.is_empty() || !filled.is_empty();
            Ok(is_there.then_some(Value::Object(filled)))
        }
        Value::Array(items) => {
            let mut filled = Vec::with_capacity(items.len());
            for item in items {
                filled.extend(fill(item, details, used)?);
            }
            let is_there = items.is_empty() || !filled.is_empty();
            Ok(is_there.then_some(Value::Array(filled)))
        }
        other => Ok(Some(other.clone())),
    }
}
