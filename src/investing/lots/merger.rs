//! Which halves of mergers belong together: units leave one scheme of a folio and come
//! into another, and nothing on a statement says which into which.

use std::collections::HashMap;

use super::MERGER_DAYS;
use crate::investing::money::Paise;
use crate::investing::transaction::{Kind, Transaction};

/// A transaction, and the place of its scheme.
type Row<'a> = (usize, &'a Transaction);

/// Finds for ways in the way out: the only one of its amount, else the only one there is.
/// What might belong to two is left alone.
pub(super) fn pair(rows: &[Row<'_>]) -> HashMap<usize, usize> {
    let of = |kind: Kind| -> Vec<usize> {
        let places = (0..rows.len()).filter(|at| rows[*at].1.kind == kind);
        places.collect()
    };
    let (mut outs, mut ins) = (of(Kind::SwitchOutMerger), of(Kind::SwitchInMerger));
    let mut pairs = HashMap::new();
    for fits in [is_alike, is_near] {
        for into in &ins {
            let mut from = outs.iter().filter(|out| fits(rows[**out], rows[*into]));
            let (Some(out), None) = (from.next(), from.next()) else {
                continue;
            };
            let claims = ins.iter().filter(|other| fits(rows[*out], rows[**other]));
            if claims.count() == 1 {
                pairs.insert(*into, *out);
            }
        }
        ins.retain(|into| !pairs.contains_key(into));
        outs.retain(|out| !pairs.values().any(|taken| taken == out));
    }
    pairs
}

fn is_near((from, out): Row<'_>, (to, into): Row<'_>) -> bool {
    from != to && (into.date - out.date).get_days().abs() <= MERGER_DAYS
}

/// The way in may be stated after stamp duty (0.005 %).
fn is_alike(out: Row<'_>, into: Row<'_>) -> bool {
    let (Some(Paise(left)), Some(Paise(came))) = (out.1.amount, into.1.amount) else {
        return false;
    };
    let (left, came) = (left.abs(), came.abs());
    is_near(out, into) && (left - came).abs() <= left / 20_000 + 1
}
