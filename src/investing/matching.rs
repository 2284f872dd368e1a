//! Tells which movements of one source are on record from another: a purchase recorded by
//! its order comes again in the next statement and must not count twice.
//!
//! Movements alike in day, class, amount and units are counted, not compared: two equal
//! instalments of one day are two. What comes from an order may differ from the statement
//! in the last paise, and a redemption's amount may be stated before its exit load.

use std::collections::HashMap;

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
        }
    }

    fn pairs(on_record: &[OnRecord], rows: &[Transaction]) -> Vec<Option<usize>> {
        let stated: Vec<_> = rows
            .iter()
            .map(|transaction| Stated {
                transaction,
                exit_load: Paise(0),
                of_order: false,
            })
            .collect();
        pair(on_record, &stated)
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
