//! Values what is on record at the latest NAVs.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use jiff::civil::Date;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::held::{HeldFolio, HeldScheme};
use super::{Group, Holding, Portfolio, Return, Share};
use crate::investing::calculator;
use crate::investing::lots::{Book, Sale};
use crate::investing::money::Paise;
use crate::investing::scheme::{Catalog, SchemeCode};
use crate::investing::xirr::{NoRate, xirr};

/// A return over fewer days than this is not shown per year.
const ONE_YEAR: i32 = 365;

/// A scheme of a folio, valued, with what its figures are made of.
#[derive(Debug, Clone)]
pub(in crate::investing) struct Valued {
    pub(in crate::investing) holding: Holding,
    pub(in crate::investing) sales: Vec<Sale>,
    flows: Vec<(Date, Paise)>,
}

/// Values everything that is or was held, in the order of the folios.
pub(in crate::investing) fn value_all(
    folios: &[HeldFolio],
    catalog: &Catalog,
    today: Date,
) -> Vec<Valued> {
    let mut all = Vec::new();
    for folio in folios {
        for (held, book) in folio.schemes.iter().zip(folio.books()) {
            all.push(valued(folio, held, book, catalog, today));
        }
    }
    all
}

/// Values what is on record at the latest NAVs.
pub(in crate::investing) fn value(
    folios: &[HeldFolio],
    catalog: &Catalog,
    today: Date,
) -> Portfolio {
    let mut all = value_all(folios, catalog, today);
    all.sort_by_key(|valued| Reverse(valued.holding.value));
    let members: Vec<_> = all.iter().collect();
    let whole = together(&members, today);
    let schemes = groups(&all, today, |h| match h.scheme {
        Some(code) => (Some(code), String::new()),
        None => (None, h.name.clone()),
    });
    let by_folio = groups(&all, today, |h| (None, format!("{}\n{}", h.amc, h.folio)));
    let rename = |mut group: Group| {
        group.name = group.name.rsplit('\n').next().unwrap_or("").to_owned();
        group
    };
    let dates = || {
        let held = all.iter().filter(|v| v.holding.units > Decimal::ZERO);
        held.filter_map(|v| v.holding.nav).map(|nav| nav.date)
    };
    let nav_dates = dates().min().zip(dates().max());
    let by_category = shares(&all, whole.value, |h| h.category.clone());
    let by_amc = shares(&all, whole.value, |h| Some(h.amc.clone()));
    let (holdings, closed) = all
        .into_iter()
        .map(|valued| valued.holding)
        .partition(|holding| holding.units > Decimal::ZERO);
    Portfolio {
        holdings,
        closed,
        value: whole.value,
        cost: whole.cost,
        gain: whole.gain,
        realised: whole.realised,
        xirr: whole.xirr,
        absolute: whole.absolute,
        nav_dates,
        statements_to: statements_to(folios),
        schemes,
        folios: by_folio.into_iter().map(rename).collect(),
        by_category,
        by_amc,
    }
}

/// Units are as old as the statement they come from, whatever others are.
fn statements_to(folios: &[HeldFolio]) -> Option<(Date, Date)> {
    let schemes = || folios.iter().flat_map(|folio| &folio.schemes);
    let is_held = |scheme: &HeldScheme| scheme.units() > Decimal::ZERO;
    let holds_any = schemes().any(is_held);
    let ends = || {
        let counted = schemes().filter(|scheme| is_held(scheme) || !holds_any);
        counted.filter_map(|scheme| scheme.statement_to)
    };
    ends().min().zip(ends().max())
}

fn valued(
    folio: &HeldFolio,
    held: &HeldScheme,
    book: Book,
    catalog: &Catalog,
    today: Date,
) -> Valued {
    let scheme = code(held, catalog);
    let listed = scheme.and_then(|code| catalog.get(code));
    // The statement may be newer than the list, for a scheme no longer published.
    let nav = [listed.and_then(|scheme| scheme.nav), held.nav]
        .into_iter()
        .flatten()
        .reduce(|a, b| if b.date > a.date { b } else { a });
    let units = held.units();
    let gap = book.gap;
    let value = if units > Decimal::ZERO {
        nav.and_then(|nav| Paise::from_rupees(units.checked_mul(nav.value)?))
    } else {
        Some(Paise(0))
    };
    // What is gone costs nothing, however little is known of its past.
    let cost = if units > Decimal::ZERO {
        gap.is_none().then(|| book.cost())
    } else {
        Some(Paise(0))
    };
    let gain = value.zip(cost).map(|(value, cost)| value - cost);
    let xirr = match (value, nav) {
        _ if gap.is_some() => Return::IncompleteHistory,
        (Some(value), nav) => rate(&book.flows, value, nav.map_or(today, |n| n.date.min(today))),
        (None, _) => Return::NotPriced,
    };
    let cagr = match (value, cost, nav, book.lots.len()) {
        (Some(value), Some(cost), Some(nav), 1) if units > Decimal::ZERO => {
            let days = (nav.date - book.lots[0].date).get_days();
            let yearly = calculator::cagr(cost.rupees(), value.rupees(), days);
            yearly.filter(|_| days >= ONE_YEAR)
        }
        _ => None,
    };
    let holding = Holding {
        folio: folio.number.clone(),
        scheme,
        name: held.name.clone(),
        amc: folio.amc.clone(),
        category: listed.map(|scheme| scheme.category.clone()),
        units,
        nav,
        value,
        cost,
        gain,
        realised: gap.is_none().then(|| book.realised()),
        absolute: fraction(gain, cost),
        cagr,
        xirr,
        elsewhere: held.elsewhere,
        gap,
        lots: if gap.is_none() {
            book.lots.into()
        } else {
            Vec::new()
        },
    };
    Valued {
        holding,
        sales: book.sales,
        flows: book.flows,
    }
}

/// Takes holdings together; a single one keeps its own figures.
fn together(members: &[&Valued], today: Date) -> Group {
    let held = || members.iter().map(|valued| &valued.holding);
    let value = held().filter_map(|h| h.value).sum();
    let all_valued = held().all(|h| h.value.is_some());
    let is_complete = held().all(|h| h.gap.is_none());
    let cost: Option<Paise> = held().map(|h| h.cost).sum();
    let gain = cost.filter(|_| all_valued).map(|cost| value - cost);
    let newest = held()
        .filter(|h| h.units > Decimal::ZERO)
        .filter_map(|h| h.nav)
        .map(|nav| nav.date)
        .max();
    let xirr = match members {
        [] => Return::None,
        [one] => one.holding.xirr,
        _ if !is_complete => Return::IncompleteHistory,
        _ if !all_valued => Return::NotPriced,
        _ => {
            let flows: Vec<_> = members.iter().flat_map(|v| &v.flows).copied().collect();
            rate(&flows, value, newest.map_or(today, |day| day.min(today)))
        }
    };
    let first = members.first().map(|valued| &valued.holding);
    Group {
        name: first.map_or_else(String::new, |h| h.name.clone()),
        amc: first.map_or_else(String::new, |h| h.amc.clone()),
        scheme: first.and_then(|h| h.scheme),
        value,
        cost,
        gain,
        realised: held().map(|h| h.realised).sum(),
        absolute: fraction(gain, cost),
        xirr,
    }
}

fn groups(
    all: &[Valued],
    today: Date,
    key: impl Fn(&Holding) -> (Option<SchemeCode>, String),
) -> Vec<Group> {
    let mut members: BTreeMap<_, Vec<&Valued>> = BTreeMap::new();
    for valued in all {
        members
            .entry(key(&valued.holding))
            .or_default()
            .push(valued);
    }
    let mut groups: Vec<_> = members
        .into_iter()
        .map(|((scheme, name), members)| {
            let group = together(&members, today);
            let name = if name.is_empty() { group.name } else { name };
            Group {
                name,
                scheme: scheme.or(group.scheme.filter(|_| members.len() == 1)),
                ..group
            }
        })
        .collect();
    groups.sort_by_key(|group| Reverse(group.value));
    groups
}

fn shares(all: &[Valued], whole: Paise, of: impl Fn(&Holding) -> Option<String>) -> Vec<Share> {
    let mut values: BTreeMap<Option<String>, Paise> = BTreeMap::new();
    for valued in all {
        if let Some(value) = valued.holding.value.filter(|value| *value > Paise(0)) {
            let sum = values.entry(of(&valued.holding)).or_default();
            *sum = *sum + value;
        }
    }
    let mut shares: Vec<_> = values
        .into_iter()
        .map(|(of, value)| Share {
            of,
            value,
            fraction: fraction(Some(value), Some(whole)).unwrap_or_default(),
        })
        .collect();
    shares.sort_by_key(|share| Reverse(share.value));
    shares
}

/// Finds the scheme by AMFI's code where the ISIN agrees or is not listed, else by ISIN,
/// preferring the one that still has NAVs.
pub(in crate::investing) fn code(held: &HeldScheme, catalog: &Catalog) -> Option<SchemeCode> {
    let by_isin: Vec<_> = held
        .isin
        .into_iter()
        .flat_map(|i| catalog.by_isin(i))
        .collect();
    let by_code = held.amfi.and_then(|code| catalog.get(code));
    if let Some(scheme) = by_code
        && (by_isin.is_empty() || by_isin.iter().any(|s| s.code == scheme.code))
    {
        return Some(scheme.code);
    }
    let newest = by_isin
        .iter()
        .max_by_key(|s| (s.nav.map(|nav| nav.date), Reverse(s.code)));
    newest.map(|s| s.code)
}

fn fraction(gain: Option<Paise>, cost: Option<Paise>) -> Option<Decimal> {
    let (gain, cost) = gain.zip(cost)?;
    gain.rupees().checked_div(cost.rupees())
}

/// The yearly return of flows and of what is held `at` a day.
fn rate(flows: &[(Date, Paise)], value: Paise, at: Date) -> Return {
    let Some((first, last)) = flows
        .iter()
        .map(|(date, _)| *date)
        .min()
        .zip(flows.iter().map(|(date, _)| *date).max())
    else {
        return Return::None;
    };
    // What is not held any more was worth nothing since the last flow.
    let at = if value == Paise(0) {
        last
    } else {
        at.max(last)
    };
    if (at - first).get_days() < ONE_YEAR {
        return Return::UnderOneYear;
    }
    // By day, so that both sides of a switch cancel.
    let mut by_day: BTreeMap<Date, Paise> = BTreeMap::new();
    for (date, amount) in flows.iter().copied().chain([(at, value)]) {
        let day = by_day.entry(date).or_default();
        *day = *day + amount;
    }
    let flows: Vec<_> = by_day
        .into_iter()
        .map(|(date, amount)| (date, amount.rupees().to_f64().unwrap_or(0.0)))
        .collect();
    match xirr(&flows) {
        Ok(rate) => Return::Yearly(rate),
        Err(NoRate::Ambiguous) => Return::Ambiguous,
        Err(_) => Return::None,
    }
}
