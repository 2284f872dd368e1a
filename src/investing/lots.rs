//! What the units still held have cost: first in, first out, per folio and scheme.
//!
//! Stamp duty is part of the cost. Switched-in and reinvested units are lots of their own
//! day; units from a merger keep the days and costs of what they replace.

use std::collections::VecDeque;

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::money::Paise;
use super::realised::Sale;
use super::transaction::{Kind, Transaction};

/// Registrars book the two halves of a merger within this many days.
const MERGER_DAYS: i32 = 10;

/// Units bought together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Lot {
    pub(super) date: Date,
    pub(super) units: Decimal,
    /// Rupees, stamp duty included.
    pub(super) cost: Decimal,
}

/// A scheme after its transactions.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    pub(super) lots: VecDeque<Lot>,
    /// Money of the investor: paid in is negative.
    pub(super) flows: Vec<(Date, Paise)>,
    /// Sum of all movements.
    pub(super) units: Decimal,
    /// What was sold, with the lots that went.
    pub(super) sales: Vec<Sale>,
    /// More was given up than there was on record.
    pub(super) short: bool,
    /// What stamp duty of the same day belongs to.
    last: Option<(Date, Kind)>,
}

impl Ledger {
    pub(super) fn cost(&self) -> Decimal {
        self.lots.iter().map(|lot| lot.cost).sum()
    }

    fn apply(&mut self, t: &Transaction, merged: &mut Vec<(Date, VecDeque<Lot>)>) {
        let amount = t.amount.unwrap_or_default();
        let units = t.units.unwrap_or_default();
        let size = Paise(amount.0.abs());
        self.units += units;
        match t.kind {
            Kind::StampDutyTax => return self.stamp_duty(t.date, amount),
            Kind::SttTax => return self.flow(t.date, -size),
            // Paid on account of the investor's own tax, so not a cost of the fund.
            Kind::TdsTax => return,
            Kind::DividendPayout => self.flow(t.date, size),
            _ if units > Decimal::ZERO => self.take_in(t, units, size, merged),
            _ if units < Decimal::ZERO => self.give_up(t, -units, size, merged),
            _ => {}
        }
        self.last = Some((t.date, t.kind));
    }

    fn flow(&mut self, date: Date, amount: Paise) {
        if amount != Paise(0) {
            self.flows.push((date, amount));
        }
    }

    fn stamp_duty(&mut self, date: Date, duty: Paise) {
        let of_today = self.last.filter(|(day, _)| *day == date);
        if let Some(lot) = self.lots.back_mut().filter(|lot| lot.date == date) {
            lot.cost += duty.rupees();
        }
        // Duty on reinvested income is kept back from it; the investor pays nothing in.
        if of_today.is_none_or(|(_, kind)| kind != Kind::DividendReinvest) {
            self.flow(date, -duty);
        }
    }

    fn take_in(
        &mut self,
        t: &Transaction,
        units: Decimal,
        size: Paise,
        merged: &mut Vec<(Date, VecDeque<Lot>)>,
    ) {
        if t.kind != Kind::DividendReinvest {
            self.flow(t.date, -size);
        }
        let from = merged
            .iter()
            .position(|(date, _)| (t.date - *date).get_days().abs() <= MERGER_DAYS);
        if let (Kind::SwitchInMerger, Some(at)) = (t.kind, from) {
            let (_, old) = merged.remove(at);
            let before: Decimal = old.iter().map(|lot| lot.units).sum();
            for lot in old {
                let units = lot.units * units / before;
                self.lots.push_back(Lot { units, ..lot });
            }
            return;
        }
        self.lots.push_back(Lot {
            date: t.date,
            units,
            cost: size.rupees(),
        });
    }

    fn give_up(
        &mut self,
        t: &Transaction,
        units: Decimal,
        size: Paise,
        merged: &mut Vec<(Date, VecDeque<Lot>)>,
    ) {
        self.flow(t.date, size);
        if t.kind == Kind::Reversal || t.kind.is_purchase() {
            // Undoes a purchase: that lot goes, not the oldest.
            if let Some(at) = self.lots.iter().rposition(|lot| lot.units == units) {
                self.lots.remove(at);
                return;
            }
        }
        let gone = self.consume(units);
        if matches!(t.kind, Kind::Redemption | Kind::SwitchOut) {
            self.sales.push(Sale {
                date: t.date,
                proceeds: size,
                lots: gone.iter().cloned().collect(),
            });
        }
        if t.kind == Kind::SwitchOutMerger && !gone.is_empty() {
            merged.push((t.date, gone));
        }
    }

    fn consume(&mut self, mut units: Decimal) -> VecDeque<Lot> {
        let mut gone = VecDeque::new();
        while units > Decimal::ZERO {
            let Some(lot) = self.lots.front_mut() else {
                self.short = true;
                break;
            };
            if lot.units <= units {
                units -= lot.units;
                gone.extend(self.lots.pop_front());
            } else {
                let cost = lot.cost * units / lot.units;
                gone.push_back(Lot {
                    date: lot.date,
                    units,
                    cost,
                });
                lot.units -= units;
                lot.cost -= cost;
                units = Decimal::ZERO;
            }
        }
        gone
    }
}

/// Plays the transactions of one folio's schemes, together because a merger passes lots
/// from one to another.
pub(super) fn play(schemes: &[&[Transaction]]) -> Vec<Ledger> {
    let mut all: Vec<(usize, &Transaction)> = schemes
        .iter()
        .enumerate()
        .flat_map(|(at, list)| list.iter().map(move |t| (at, t)))
        .collect();
    all.sort_by_key(|(_, t)| (t.date, t.kind != Kind::SwitchOutMerger));
    let mut ledgers: Vec<Ledger> = schemes.iter().map(|_| Ledger::default()).collect();
    let mut merged = Vec::new();
    for (at, transaction) in all {
        ledgers[at].apply(transaction, &mut merged);
    }
    ledgers
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::investing::tests::vectors;

    fn d(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    fn row(date: &str, kind: Kind, rupees: &str, units: &str) -> Transaction {
        Transaction {
            date: date.parse().unwrap(),
            kind,
            amount: Paise::from_rupees(d(rupees)),
            units: Some(d(units)),
            nav: None,
            balance: None,
        }
    }

    fn only(rows: &[Transaction]) -> Ledger {
        play(&[rows]).pop().unwrap()
    }

    #[test]
    fn the_first_lots_go_first_as_the_vectors_have_it() {
        let text = include_str!("../../tests/data/vectors/finance-vectors.json");
        let all: serde_json::Value = serde_json::from_str(text).unwrap();
        let lots = &all["lots"];
        let mut rows = Vec::new();
        for lot in lots["lots"].as_array().unwrap() {
            let (units, nav) = (
                vectors::decimal(&lot["units"]),
                vectors::decimal(&lot["nav"]),
            );
            let cost = (units * nav).to_string();
            let date = lot["date"].as_str().unwrap();
            rows.push(row(date, Kind::Purchase, &cost, &units.to_string()));
        }
        rows.push(row("2026-08-21", Kind::Redemption, "-9900", "-180.000"));
        let ledger = only(&rows);
        let left = &lots["remaining"][0];
        assert_eq!(ledger.lots.len(), 1);
        assert_eq!(ledger.lots[0].date, vectors::date(&left["date"]));
        assert_eq!(ledger.lots[0].units, vectors::decimal(&left["units"]));
        assert_eq!(ledger.cost(), d("2500"));
        assert!(!ledger.short);
    }

    #[test]
    fn stamp_duty_is_cost_and_flow_but_reinvestment_is_no_flow() {
        let mut duty = row("2026-01-05", Kind::StampDutyTax, "0.05", "0");
        duty.units = None;
        let ledger = only(&[
            row("2026-01-05", Kind::Purchase, "999.95", "10"),
            duty.clone(),
            row("2026-02-05", Kind::DividendReinvest, "50", "0.5"),
            Transaction {
                date: "2026-02-05".parse().unwrap(),
                ..duty
            },
        ]);
        assert_eq!(ledger.cost(), d("1050.05"));
        let flows: i64 = ledger.flows.iter().map(|(_, a)| a.0).sum();
        assert_eq!(flows, -100_000);
    }

    #[test]
    fn a_reversed_instalment_leaves_nothing_behind() {
        let ledger = only(&[
            row("2026-01-05", Kind::Purchase, "1000", "10"),
            row("2026-02-05", Kind::PurchaseSip, "1000", "8"),
            row("2026-02-07", Kind::Reversal, "-1000", "-8"),
        ]);
        assert_eq!(ledger.lots.len(), 1);
        assert_eq!((ledger.cost(), ledger.units), (d("1000"), d("10")));
        assert_eq!(ledger.flows.iter().map(|(_, a)| a.0).sum::<i64>(), -100_000);
    }

    #[test]
    fn a_merger_carries_days_and_costs_over() {
        let old = [
            row("2020-01-06", Kind::Purchase, "1000", "100"),
            row("2026-01-05", Kind::SwitchOutMerger, "-2000", "-100"),
        ];
        let new = [row("2026-01-05", Kind::SwitchInMerger, "2000", "40")];
        let ledgers = play(&[&new, &old]);
        assert!(ledgers[1].lots.is_empty());
        assert_eq!(ledgers[0].lots[0].date, jiff::civil::date(2020, 1, 6));
        assert_eq!(ledgers[0].lots[0].units, d("40"));
        assert_eq!(ledgers[0].cost(), d("1000"));
    }

    #[test]
    fn segregated_and_bonus_units_cost_nothing_and_overdrawing_is_noticed() {
        let mut bonus = row("2026-01-05", Kind::Segregation, "0", "5");
        bonus.amount = None;
        let ledger = only(&[bonus, row("2026-02-05", Kind::Redemption, "-60", "-6")]);
        assert_eq!(
            ledger.flows,
            [(jiff::civil::date(2026, 2, 5), Paise(6_000))]
        );
        assert!(ledger.short);
    }
}
