//! What a NAV file changes of what is on record.

use std::collections::HashMap;

use super::amfi::Listed;
use super::scheme::{Isin, Nav, Plan, SchemeCode};

/// What a file changes.
pub(super) struct Changes {
    pub(super) schemes: Vec<Listed>,
    pub(super) navs: Vec<(SchemeCode, Nav)>,
    /// Everything as it is afterwards.
    pub(super) merged: Vec<Listed>,
}

impl Changes {
    /// A plan or ISIN that only an earlier file knew stays known, and a NAV gives way only
    /// to one of the same day or later.
    pub(super) fn between(on_record: Vec<Listed>, file: Vec<Listed>) -> Self {
        let mut merged: HashMap<SchemeCode, Listed> =
            on_record.into_iter().map(|l| (l.scheme.code, l)).collect();
        let (mut schemes, mut changed_navs) = (Vec::new(), Vec::new());
        for mut new in file {
            let code = new.scheme.code;
            let nav = new.scheme.nav.take();
            let old = merged.remove(&code);
            let old_nav = old.as_ref().and_then(|old| old.scheme.nav);
            if let Some(old) = &old {
                inherit(&mut new, old);
            }
            let same = old.is_some_and(|mut old| {
                old.scheme.nav = None;
                old == new
            });
            if !same {
                schemes.push(new.clone());
            }
            if let Some(nav) = nav.filter(|nav| is_news(*nav, old_nav)) {
                changed_navs.push((code, nav));
            }
            new.scheme.nav = nav.filter(|nav| old_nav.is_none_or(|old| nav.date >= old.date));
            new.scheme.nav = new.scheme.nav.or(old_nav);
            merged.insert(code, new);
        }
        Self {
            schemes,
            navs: changed_navs,
            merged: merged.into_values().collect(),
        }
    }
}

fn inherit(new: &mut Listed, old: &Listed) {
    let scheme = &mut new.scheme;
    if scheme.plan == Plan::Unknown {
        scheme.plan = old.scheme.plan;
    }
    if scheme.option_text.is_empty() {
        scheme.option = old.scheme.option;
        old.scheme.option_text.clone_into(&mut scheme.option_text);
    }
    for (isin, known) in new.isins.iter_mut().zip(old.isins) {
        let known: Option<Isin> = known;
        *isin = isin.or(known);
    }
}

fn is_news(nav: Nav, known: Option<Nav>) -> bool {
    known.is_none_or(|known| {
        nav.date != known.date || nav.value.to_string() != known.value.to_string()
    })
}
