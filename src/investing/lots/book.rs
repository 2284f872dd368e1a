//! What each kind of transaction does to lots, sales and flows.

use std::collections::VecDeque;

use jiff::civil::Date;
use rust_decimal::{Decimal, RoundingStrategy};

use super::{Book, Gap, Lot, Merged, Part, Sale, split, spread};
use crate::investing::money::Paise;
use crate::investing::transaction::{Kind, MOST, Transaction};

/// Units of a merger are dealt out to the lots with so many decimals.
const MERGED_DECIMALS: u32 = 6;

impl Book {
    /// Takes over what a transaction did; `from` is what its other half passed on. Returns
    /// the lots that a merger passes on.
    pub(super) fn apply(&mut self, t: &Transaction, from: Option<Merged>) -> VecDeque<Lot> {
        let mut passed_on = VecDeque::new();
        let amount = t.amount.unwrap_or_default();
        let units = t.units.unwrap_or_default();
        if units.abs() > MOST {
            self.doubt(Gap::Disagrees);
            return passed_on;
        }
        self.units += units;
        match t.kind {
            Kind::StampDutyTax => {
                self.stamp_duty(t.date, amount);
                return passed_on;
            }
            Kind::SttTax => {
                // As with stamp duty, what is given back comes back.
                self.flow(t.date, -amount);
                return passed_on;
            }
            // Paid on account of the investor's own tax, so not a cost of the fund.
            Kind::TdsTax => return passed_on,
            Kind::DividendPayout => self.flow(t.date, paid(amount)),
            Kind::Unknown if !units.is_zero() => self.move_unnamed(t, units),
            _ if units > Decimal::ZERO => self.take_in(t, units, from),
            _ if units < Decimal::ZERO => passed_on = self.give_up(t, -units),
            _ => {}
        }
        self.last = Some((t.date, t.kind));
        passed_on
    }

    fn flow(&mut self, date: Date, amount: Paise) {
        if amount != Paise(0) {
            self.flows.push((date, amount));
        }
    }

    fn stamp_duty(&mut self, date: Date, duty: Paise) {
        let of_today = self.last.filter(|(day, _)| *day == date);
        let lot = self.lots.iter_mut().rev().find(|lot| lot.date == date);
        // Duty that is given back goes with the lot it was paid for.
        if let Some(lot) = lot.filter(|_| duty > Paise(0)) {
            lot.cost = lot.cost + duty;
        }
        // Duty on reinvested income is kept back from it; the investor pays nothing in.
        if of_today.is_none_or(|(_, kind)| kind != Kind::DividendReinvest) {
            self.flow(date, -duty);
        }
    }

    /// Keeps lots in the order of their days: an older lot from a merger goes before.
    fn insert(&mut self, lot: Lot) {
        let at = self.lots.partition_point(|other| other.date <= lot.date);
        self.lots.insert(at, lot);
    }

    /// Moves units of which nothing more is known: no money is counted for them, and what
    /// they cost or made is in doubt from here on.
    fn move_unnamed(&mut self, t: &Transaction, units: Decimal) {
        self.doubt(Gap::Unnamed);
        if units < Decimal::ZERO {
            self.consume(-units, false);
        } else {
            self.insert(Lot {
                date: t.date,
                units,
                bought: units,
                cost: paid(t.amount.unwrap_or_default()),
                merged: false,
            });
        }
    }

    fn take_in(&mut self, t: &Transaction, units: Decimal, from: Option<Merged>) {
        let size = paid(t.amount.unwrap_or_default());
        if t.kind != Kind::DividendReinvest {
            self.flow(t.date, -size);
        }
        match t.kind {
            Kind::Reversal if self.undo_sale(units) => return,
            Kind::SwitchInMerger => {
                if let Some(half) = from {
                    if let Some(gap) = half.gap {
                        self.doubt(gap);
                    }
                    return self.merge(half.lots, units);
                }
                self.doubt(Gap::HalfAMerger);
            }
            Kind::Segregation => self.doubt(Gap::Unsplit),
            _ => {}
        }
        self.insert(Lot {
            date: t.date,
            units,
            bought: units,
            cost: size,
            merged: false,
        });
    }

    /// Takes over lots whose units have become `units`; their days and costs stay.
    fn merge(&mut self, lots: VecDeque<Lot>, units: Decimal) {
        let before: Decimal = lots.iter().map(|lot| lot.units).sum();
        let (mut so_far, mut given) = (Decimal::ZERO, Decimal::ZERO);
        for lot in lots {
            so_far += lot.units;
            let until_here = if so_far == before {
                units
            } else {
                (units * so_far / before)
                    .round_dp_with_strategy(MERGED_DECIMALS, RoundingStrategy::ToZero)
            };
            let share = until_here - given;
            given = until_here;
            self.insert(Lot {
                units: share,
                bought: share,
                merged: true,
                ..lot
            });
        }
    }

    /// Puts back what went in the newest sale of so many units.
    fn undo_sale(&mut self, units: Decimal) -> bool {
        let Some(at) = self.sales.iter().rposition(|sale| sale.units() == units) else {
            return false;
        };
        for part in self.sales.remove(at).parts {
            let is_same = |lot: &&mut Lot| (lot.date, lot.merged) == (part.bought, part.merged);
            let same = self.lots.iter_mut().find(is_same);
            if let Some(lot) = same {
                lot.units += part.units;
                lot.bought = lot.bought.max(lot.units);
                lot.cost = lot.cost + part.cost;
            } else {
                self.insert(Lot {
                    date: part.bought,
                    units: part.units,
                    bought: part.units,
                    cost: part.cost,
                    merged: part.merged,
                });
            }
        }
        true
    }

    fn give_up(&mut self, t: &Transaction, units: Decimal) -> VecDeque<Lot> {
        let size = match (t.amount, t.nav) {
            (None, Some(nav)) => Paise::from_rupees(units * nav).unwrap_or_default(),
            (amount, _) => paid(amount.unwrap_or_default()),
        };
        self.flow(t.date, size);
        if t.kind == Kind::Reversal || t.kind.is_purchase() {
            // Undoes a purchase: that lot goes, not the oldest, and nothing was sold.
            let whole = |lot: &Lot| lot.units == units && lot.bought == units;
            if let Some(lot) = self.lots.iter().rposition(whole) {
                self.lots.remove(lot);
            } else {
                self.consume(units, true);
            }
            return VecDeque::new();
        }
        let gone = self.consume(units, false);
        if t.kind == Kind::SwitchOutMerger {
            return gone;
        }
        let proceeds = spread(size, gone.iter().map(|lot| lot.units));
        let parts = gone.into_iter().zip(proceeds).map(|(lot, proceeds)| Part {
            bought: lot.date,
            units: lot.units,
            cost: lot.cost,
            proceeds,
            merged: lot.merged,
        });
        self.sales.push(Sale {
            date: t.date,
            parts: parts.collect(),
        });
        VecDeque::new()
    }

    /// Takes units from the oldest lots, or from the newest.
    fn consume(&mut self, mut units: Decimal, newest: bool) -> VecDeque<Lot> {
        let mut gone = VecDeque::new();
        while units > Decimal::ZERO {
            let end = if newest {
                self.lots.back_mut()
            } else {
                self.lots.front_mut()
            };
            let Some(lot) = end else {
                self.doubt(Gap::BeginsLater);
                break;
            };
            if lot.units <= units {
                units -= lot.units;
                let whole = if newest {
                    self.lots.pop_back()
                } else {
                    self.lots.pop_front()
                };
                gone.extend(whole);
            } else {
                let cost = split(lot.cost, units, lot.units);
                gone.push_back(Lot {
                    units,
                    cost,
                    ..lot.clone()
                });
                lot.units -= units;
                lot.cost = lot.cost - cost;
                units = Decimal::ZERO;
            }
        }
        gone
    }
}

/// Statements give amounts a sign; what kind it is says which way it went.
fn paid(amount: Paise) -> Paise {
    Paise(amount.0.abs())
}
