//! Tells which movements of one source are on record from another: a purchase recorded by
//! its order comes again in the next statement and must not count twice.
//!
//! Movements alike in day, class, amount and units are counted, not compared: two equal
//! instalments of one day are two. What comes from an order may differ from the statement
//! in the last paise, and a redemption's amount may be stated before its exit load.
//!
//! Between two statements what is not alike is another movement, or another version of the
//! same one: where both have something of one day and class that the other lacks, the
//! registrar corrected it, and the newer statement's word counts.

use std::collections::{HashMap, HashSet};

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::money::Paise;
use super::transaction::{Kind, Transaction};

/// A movement on record.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct OnRecord {
    pub(super) id: String,
    pub(super) transaction: Transaction,
    /// What the fund kept back of the amount, as far as it is known.
    pub(super) exit_load: Paise,
    /// Known from an order of ours, whoever wrote it first.
    pub(super) of_order: bool,
    /// Undone because a newer statement has another version of it.
    pub(super) is_superseded: bool,
}

/// A movement that may be on record.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stated<'a> {
    pub(super) transaction: &'a Transaction,
    /// What the fund kept back of the amount, as far as it is known.
    pub(super) exit_load: Paise,
    /// Comes from an order of ours.
    pub(super) of_order: bool,
}

/// Amounts of one movement differ by no more than this between registrar and statement.
const ROUNDING: i64 = 100;
/// Likewise amounts without units: taxes.
const ROUNDING_OF_TAX: i64 = 2;

/// Whether two amounts of one movement of units differ in nothing but the last paise.
pub(super) fn is_rounding(one: Paise, other: Paise) -> bool {
    (one - other).0.abs() <= ROUNDING
}

/// Returns how much of an order's exit load is in the amount that a statement has on record
/// for it.
pub(super) fn load_in_amount(row: &OnRecord, ordered: &Transaction) -> Paise {
    let (on_record, net) = (row.transaction.amount, ordered.amount);
    let (on_record, net) = (on_record.unwrap_or_default(), net.unwrap_or_default());
    if ordered.units.is_none() || is_rounding(on_record, net) {
        return Paise(0);
    }
    net - on_record
}

/// For each stated movement, the place of the same one in `on_record`; `None` is new.
/// Each is used once.
pub(super) fn pair(on_record: &[OnRecord], stated: &[Stated<'_>]) -> Vec<Option<usize>> {
    let mut free: HashMap<Key, Vec<usize>> = HashMap::new();
    for (at, row) in on_record.iter().enumerate().rev() {
        free.entry(key(&row.transaction)).or_default().push(at);
    }
    let mut used = vec![false; on_record.len()];
    let mut found: Vec<Option<usize>> = stated
        .iter()
        .map(|one| {
            let at = free.get_mut(&key(one.transaction))?.pop()?;
            used[at] = true;
            Some(at)
        })
        .collect();
    for (one, place) in stated.iter().zip(&mut found) {
        if place.is_some() {
            continue;
        }
        let near = on_record
            .iter()
            .enumerate()
            .find(|(at, row)| !used[*at] && is_near(row, *one));
        if let Some((at, _)) = near {
            used[at] = true;
            *place = Some(at);
        }
    }
    found
}

/// Versions of the same movements that two statements have: places in what is on record, and
/// places in what is stated.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Versions {
    pub(super) on_record: Vec<usize>,
    pub(super) stated: Vec<usize>,
}

/// Finds what `pairs` left over on both sides of one day and class. What orders of ours say
/// no statement corrects: that is for a person to compare.
pub(super) fn versions(
    on_record: &[OnRecord],
    stated: &[Stated<'_>],
    pairs: &[Option<usize>],
) -> Versions {
    let of = |transaction: &Transaction| {
        let (day, class, ..) = key(transaction);
        (day, class)
    };
    let met: HashSet<usize> = pairs.iter().flatten().copied().collect();
    let here = on_record.iter().enumerate().filter(|(at, row)| {
        let is_stated = !row.of_order && !row.is_superseded;
        is_stated && !met.contains(at)
    });
    let here: Vec<_> = here.map(|(at, row)| (at, of(&row.transaction))).collect();
    let there = stated.iter().zip(pairs).enumerate();
    let there = there.filter(|(_, (one, pair))| pair.is_none() && !one.of_order);
    let there: Vec<_> = there
        .map(|(at, (one, _))| (at, of(one.transaction)))
        .collect();
    Versions {
        on_record: in_both(&here, &there),
        stated: in_both(&there, &here),
    }
}

type DayAndClass = (Date, Kind);

/// Returns the places of those in `one` whose day and class `other` has as well.
fn in_both(one: &[(usize, DayAndClass)], other: &[(usize, DayAndClass)]) -> Vec<usize> {
    let known: HashSet<DayAndClass> = other.iter().map(|(_, what)| *what).collect();
    let both = one.iter().filter(|(_, what)| known.contains(what));
    both.map(|(at, _)| *at).collect()
}

type Key = (Date, Kind, i64, Option<Decimal>);

fn key(t: &Transaction) -> Key {
    let amount = t.amount.unwrap_or_default().0;
    let units = t.units.filter(|units| !units.is_zero());
    // Units that come back are a purchase to whoever does not read why.
    let kind = match t.kind {
        Kind::Reversal if units > Some(Decimal::ZERO) => Kind::Purchase,
        kind => kind.class(),
    };
    (t.date, kind, amount, units.map(|u| u.normalize()))
}

/// Whether an order's movement and a stated one are the same but for rounding and load.
fn is_near(row: &OnRecord, stated: Stated<'_>) -> bool {
    let (day, kind, amount, units) = key(&row.transaction);
    let (other_day, other_kind, other_amount, other_units) = key(stated.transaction);
    // Between two statements only what is alike is the same.
    if !row.of_order && !stated.of_order {
        return false;
    }
    let differ = (amount - other_amount).abs();
    let most = match units {
        None => ROUNDING_OF_TAX,
        Some(_) => ROUNDING + row.exit_load.0.max(stated.exit_load.0),
    };
    (day, kind, units) == (other_day, other_kind, other_units) && differ <= most
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(kind: Kind, paise: i64, units: &str) -> Transaction {
        Transaction {
            date: jiff::civil::date(2026, 8, 5),
            kind,
            amount: Some(Paise(paise)),
            units: (!units.is_empty()).then(|| units.parse().unwrap()),
            nav: None,
            balance: None,
        }
    }

    fn on_record(transaction: Transaction, of_order: bool) -> OnRecord {
        OnRecord {
            id: String::new(),
            transaction,
            exit_load: Paise(2_750),
            of_order,
            is_superseded: false,
        }
    }

    fn stated(rows: &[Transaction]) -> Vec<Stated<'_>> {
        let stated = rows.iter().map(|transaction| Stated {
            transaction,
            exit_load: Paise(0),
            of_order: false,
        });
        stated.collect()
    }

    fn pairs(on_record: &[OnRecord], rows: &[Transaction]) -> Vec<Option<usize>> {
        pair(on_record, &stated(rows))
    }

    #[test]
    fn movements_alike_are_counted_and_each_is_used_once() {
        let one = row(Kind::Purchase, 499_975, "2.6180");
        let record = [on_record(one.clone(), false), on_record(one, false)];
        let again = row(Kind::PurchaseSip, 499_975, "2.618");
        let rows = [again.clone(), again.clone(), again];
        assert_eq!(pairs(&record, &rows), [Some(0), Some(1), None]);
    }

    #[test]
    fn an_order_is_met_again_in_spite_of_the_last_paise_and_its_load() {
        let record = [
            on_record(row(Kind::Redemption, -272_250, "-50"), true),
            on_record(row(Kind::StampDutyTax, 25, ""), true),
        ];
        let stated = |paise, duty| {
            let rows = [
                row(Kind::Redemption, paise, "-50.000"),
                row(Kind::StampDutyTax, duty, ""),
            ];
            pairs(&record, &rows)
        };
        assert_eq!(stated(-275_000, 26), [Some(0), Some(1)], "before its load");
        assert_eq!(stated(-272_200, 25), [Some(0), Some(1)]);
        assert_eq!(stated(-276_000, 30), [None, None], "another amount");
        let other_units = [row(Kind::Redemption, -272_250, "-50.001")];
        assert_eq!(pairs(&record, &other_units), [None]);
    }

    #[test]
    fn between_two_statements_only_what_is_alike_is_the_same() {
        let record = [on_record(row(Kind::Purchase, 500_000, "10"), false)];
        assert_eq!(
            pairs(&record, &[row(Kind::Purchase, 500_001, "10")]),
            [None]
        );
    }

    #[test]
    fn what_two_statements_have_otherwise_of_one_day_and_class_is_two_versions_of_it() {
        let mut of_another_day = row(Kind::Purchase, 500_000, "11");
        of_another_day.date = jiff::civil::date(2026, 8, 6);
        let record = [
            on_record(row(Kind::Purchase, 500_000, "10"), false),
            on_record(row(Kind::Purchase, 700_000, "14"), false),
            on_record(row(Kind::Purchase, 300_000, "6"), true),
            on_record(row(Kind::StampDutyTax, 25, ""), false),
            on_record(of_another_day, false),
        ];
        let rows = [
            row(Kind::Purchase, 700_000, "14"),
            row(Kind::PurchaseSip, 500_000, "10.5"),
            row(Kind::Redemption, -500_000, "-10"),
        ];
        let found = versions(&record, &stated(&rows), &pairs(&record, &rows));
        let expected = Versions {
            on_record: vec![0],
            stated: vec![1],
        };
        assert_eq!(found, expected);
        let of_orders = &record[2..3];
        let found = versions(of_orders, &stated(&rows), &pairs(of_orders, &rows));
        assert_eq!(found, Versions::default(), "an order's is no statement's");
    }

    #[test]
    fn units_that_come_back_are_met_again_under_the_name_of_a_purchase() {
        let record = [on_record(row(Kind::Purchase, 50_000, "5"), false)];
        assert_eq!(
            pairs(&record, &[row(Kind::Reversal, 50_000, "5")]),
            [Some(0)]
        );
        let undone = [row(Kind::Reversal, -50_000, "-5")];
        assert_eq!(pairs(&record, &undone), [None]);
    }

    #[test]
    fn what_is_alike_goes_before_what_is_near() {
        let record = [
            on_record(row(Kind::Purchase, 500_010, "10"), true),
            on_record(row(Kind::Purchase, 500_000, "10"), true),
        ];
        let rows = [
            row(Kind::Purchase, 500_000, "10"),
            row(Kind::Purchase, 500_011, "10"),
        ];
        assert_eq!(pairs(&record, &rows), [Some(1), Some(0)]);
    }
}
