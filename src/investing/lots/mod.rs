//! What units cost, and what was made when they went: first in, first out, per folio and
//! scheme.
//!
//! Stamp duty is part of the cost. Switched-in and reinvested units are lots of their own
//! day; units from a merger keep the days and costs of what they replace; bonus units cost
//! nothing; units of a segregated portfolio take their part of the cost by NAV. Costs are
//! integer paise and are split, never recomputed: what was paid is always what is held
//! plus what has gone.

mod book;
#[cfg(test)]
mod laws;
mod merger;
#[cfg(test)]
mod tests;

use std::collections::{HashMap, VecDeque};

use jiff::civil::Date;
use rust_decimal::prelude::ToPrimitive;
use rust_decimal::{Decimal, RoundingStrategy};

use super::money::Paise;
use super::transaction::{Kind, Transaction};

/// Registrars book the two halves of a merger within this many days.
const MERGER_DAYS: i32 = 10;

/// Units bought together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lot {
    /// The day their holding counts from.
    pub date: Date,
    /// Units that are left.
    pub units: Decimal,
    /// Units that were bought.
    pub bought: Decimal,
    /// What those left cost, stamp duty included.
    pub cost: Paise,
    /// Came by a merger from units of another scheme, whose earlier NAVs are theirs.
    pub merged: bool,
}

/// Units of one lot that went together with others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The day their holding counted from.
    pub bought: Date,
    /// How many.
    pub units: Decimal,
    /// What they had cost.
    pub cost: Paise,
    /// What they brought, after exit load.
    pub proceeds: Paise,
    /// Came by a merger from units of another scheme, whose earlier NAVs are theirs.
    pub merged: bool,
}

/// A redemption or a switch out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sale {
    /// The day.
    pub date: Date,
    /// Oldest first.
    pub parts: Vec<Part>,
}

impl Sale {
    /// Returns what it brought over what it had cost.
    pub fn gain(&self) -> Paise {
        self.parts
            .iter()
            .map(|part| part.proceeds - part.cost)
            .sum()
    }

    fn units(&self) -> Decimal {
        self.parts.iter().map(|part| part.units).sum()
    }
}

/// Why costs and returns of a scheme are not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Gap {
    /// The record begins after the first purchase: more is held or went than was bought.
    BeginsLater,
    /// The movements on record do not come to the units the statement says.
    Disagrees,
    /// One half of a merger is missing, and with it the days and costs it carried.
    HalfAMerger,
    /// A segregated portfolio whose NAV, or whose origin, is not on record: its part of
    /// the cost is still with the scheme it came from.
    Unsplit,
    /// Units that moved without the record saying how: a gift is neither bought nor sold.
    Unnamed,
}

/// A scheme after its transactions.
#[derive(Debug, Default)]
pub(super) struct Book {
    pub(super) lots: VecDeque<Lot>,
    pub(super) sales: Vec<Sale>,
    /// Money of the investor: paid in is negative.
    pub(super) flows: Vec<(Date, Paise)>,
    /// Sum of all movements.
    pub(super) units: Decimal,
    pub(super) gap: Option<Gap>,
    /// What stamp duty of the same day belongs to.
    last: Option<(Date, Kind)>,
}

impl Book {
    pub(super) fn cost(&self) -> Paise {
        self.lots.iter().map(|lot| lot.cost).sum()
    }

    pub(super) fn realised(&self) -> Paise {
        self.sales.iter().map(Sale::gain).sum()
    }

    fn doubt(&mut self, gap: Gap) {
        self.gap.get_or_insert(gap);
    }
}

/// What is on record of a scheme.
#[derive(Debug, Clone, Copy)]
pub(super) struct Record<'a> {
    pub(super) transactions: &'a [Transaction],
    /// What is known to be wrong with them before they are played.
    pub(super) gap: Option<Gap>,
}

/// NAVs of a folio's schemes by their place and a day, where they are on record.
pub(super) type Navs<'a> = &'a dyn Fn(usize, Date) -> Option<Decimal>;

/// Plays the transactions of one folio's schemes, together because a merger passes lots
/// from one to another, and a segregation a part of their cost.
pub(super) fn play(schemes: &[Record<'_>], navs: Navs<'_>) -> Vec<Book> {
    let mut all: Vec<(usize, &Transaction)> = schemes
        .iter()
        .enumerate()
        .flat_map(|(at, record)| record.transactions.iter().map(move |t| (at, t)))
        .collect();
    all.sort_by_key(|(_, t)| t.date);
    let pairs = merger::pair(&all);
    // Lots leave before they arrive, whichever half was booked first.
    let mut days: Vec<Date> = all.iter().map(|(_, t)| t.date).collect();
    for (into, out) in &pairs {
        days[*out] = days[*out].min(days[*into]);
    }
    let mut order: Vec<usize> = (0..all.len()).collect();
    order.sort_by_key(|at| (days[*at], all[*at].1.kind != Kind::SwitchOutMerger));
    let with_gap = |record: &Record<'_>| Book {
        gap: record.gap,
        ..Book::default()
    };
    let mut books: Vec<Book> = schemes.iter().map(with_gap).collect();
    let mut on_their_way = HashMap::new();
    for row in order {
        let (at, transaction) = all[row];
        if transaction.kind == Kind::Segregation && segregate(&mut books, at, transaction, navs) {
            continue;
        }
        let from = pairs.get(&row).and_then(|out| on_their_way.remove(out));
        let lots = books[at].apply(transaction, from);
        if transaction.kind == Kind::SwitchOutMerger {
            if !pairs.values().any(|out| *out == row) {
                books[at].doubt(Gap::HalfAMerger);
            }
            let gap = books[at].gap;
            on_their_way.insert(row, Merged { lots, gap });
        }
    }
    books
}

/// Lots on their way from one scheme to another, and what is not known of them.
struct Merged {
    lots: VecDeque<Lot>,
    gap: Option<Gap>,
}

/// Gives the segregated portfolio its part of the cost of the scheme it came from: the
/// other one in the folio of which there are as many units. Returns false where that or a
/// NAV is not on record.
fn segregate(books: &mut [Book], at: usize, t: &Transaction, navs: Navs<'_>) -> bool {
    let units = t.units.unwrap_or_default();
    let alike = |(other, book): &(usize, &Book)| *other != at && book.units == units;
    let mut origins = books
        .iter()
        .enumerate()
        .filter(alike)
        .map(|(other, _)| other);
    let (Some(origin), None) = (origins.next(), origins.next()) else {
        return false;
    };
    let part = t
        .nav
        .filter(|nav| !nav.is_zero())
        .or_else(|| navs(at, t.date));
    let (Some(part), Some(rest)) = (part, navs(origin, t.date)) else {
        return false;
    };
    if units <= Decimal::ZERO || part + rest <= Decimal::ZERO {
        return false;
    }
    let mut moved = Vec::with_capacity(books[origin].lots.len());
    for lot in &mut books[origin].lots {
        let cost = split(lot.cost, part, part + rest);
        lot.cost = lot.cost - cost;
        moved.push(Lot {
            cost,
            ..lot.clone()
        });
    }
    let gap = books[origin].gap;
    let book = &mut books[at];
    book.units += units;
    book.lots.extend(moved);
    book.last = Some((t.date, t.kind));
    if let Some(gap) = gap {
        book.doubt(gap);
    }
    true
}

/// Returns what is left of lots, oldest first, when so many units have gone.
pub(super) fn left_after(lots: &[Lot], mut gone: Decimal) -> Vec<Lot> {
    let mut left = Vec::with_capacity(lots.len());
    for lot in lots {
        let taken = lot.units.min(gone).max(Decimal::ZERO);
        gone -= taken;
        if taken < lot.units {
            left.push(Lot {
                units: lot.units - taken,
                cost: lot.cost - split(lot.cost, taken, lot.units),
                ..lot.clone()
            });
        }
    }
    left
}

/// Returns the part of an amount that `units` are of `all`, half up.
pub(super) fn split(amount: Paise, units: Decimal, all: Decimal) -> Paise {
    let part = Decimal::from(amount.0)
        .checked_mul(units)
        .and_then(|product| product.checked_div(all))
        .map(|part| part.round_dp_with_strategy(0, RoundingStrategy::MidpointAwayFromZero))
        .and_then(|part| part.to_i64());
    part.map_or(amount, Paise)
}

/// Splits an amount over units so that the parts come to it exactly.
pub(super) fn spread(amount: Paise, units: impl IntoIterator<Item = Decimal>) -> Vec<Paise> {
    let units: Vec<_> = units.into_iter().collect();
    let all: Decimal = units.iter().sum();
    let mut so_far = Decimal::ZERO;
    let mut given = Paise(0);
    units
        .into_iter()
        .map(|part| {
            so_far += part;
            let until_here = split(amount, so_far, all);
            let share = until_here - given;
            given = until_here;
            share
        })
        .collect()
}
