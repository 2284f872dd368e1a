//! Folios and schemes as they are on record.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use jiff::civil::Date;
use rust_decimal::Decimal;

use crate::investing::lots::{self, Book, Gap, Record};
use crate::investing::scheme::{Isin, Nav, SchemeCode};
use crate::investing::transaction::Transaction;

/// A folio as it is on record.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::investing) struct HeldFolio {
    pub(in crate::investing) number: String,
    pub(in crate::investing) amc: String,
    pub(in crate::investing) schemes: Vec<HeldScheme>,
}

/// A scheme of a folio as it is on record.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::investing) struct HeldScheme {
    pub(in crate::investing) isin: Option<Isin>,
    pub(in crate::investing) amfi: Option<SchemeCode>,
    pub(in crate::investing) name: String,
    pub(in crate::investing) elsewhere: bool,
    /// Units at the end of the newest statement; none before the first.
    pub(in crate::investing) close: Decimal,
    pub(in crate::investing) statement_to: Option<Date>,
    /// Whether that statement lists transactions, or only units.
    pub(in crate::investing) detailed: bool,
    /// The statement's own NAV.
    pub(in crate::investing) nav: Option<Nav>,
    pub(in crate::investing) transactions: Vec<Transaction>,
    /// Movements known from our orders that no statement has yet.
    pub(in crate::investing) unconfirmed: Vec<(Date, Decimal)>,
    /// Past NAVs that some rule asks for (segregation).
    pub(in crate::investing) past_navs: BTreeMap<Date, Decimal>,
}

/// A statement may be printed before the movements of its last days are booked. What it
/// lacks of earlier days it denies.
pub(in crate::investing) const BOOKED_WITHIN: i32 = 10;

impl HeldFolio {
    /// Plays what is on record of its schemes, each with its gap where that does not come
    /// to the units held.
    pub(in crate::investing) fn books(&self) -> Vec<Book> {
        let records: Vec<_> = self.schemes.iter().map(HeldScheme::record).collect();
        lots::play(&records, &|at, day| self.schemes[at].nav_on(day))
    }
}

impl HeldScheme {
    /// Takes over its transactions, each with whether only an order of ours knows it.
    pub(in crate::investing) fn take(&mut self, lines: impl Iterator<Item = (Transaction, bool)>) {
        for (transaction, unconfirmed) in lines {
            if let (Some(units), true) = (transaction.units, unconfirmed) {
                self.unconfirmed.push((transaction.date, units));
            }
            self.transactions.push(transaction);
        }
    }

    fn record(&self) -> Record<'_> {
        let moved: Decimal = self.transactions.iter().filter_map(|t| t.units).sum();
        Record {
            transactions: &self.transactions,
            gap: match moved.cmp(&self.units()) {
                Ordering::Equal => None,
                Ordering::Less => Some(Gap::BeginsLater),
                Ordering::Greater => Some(Gap::Disagrees),
            },
        }
    }

    /// Returns the NAV of a day, or of the last one before it, if it was asked for.
    pub(in crate::investing) fn nav_on(&self, day: Date) -> Option<Decimal> {
        let mut before = self.past_navs.range(..=day);
        before.next_back().map(|(_, nav)| *nav)
    }

    /// Units held now: what the newest statement says, and what was done since.
    pub(in crate::investing) fn units(&self) -> Decimal {
        let Some(to) = self.statement_to else {
            return self.close + sum(&self.unconfirmed);
        };
        let may_lack = |(date, _): &&(Date, Decimal)| (to - *date).get_days() <= BOOKED_WITHIN;
        let lacked: Vec<_> = self.unconfirmed.iter().filter(may_lack).copied().collect();
        if self.detailed {
            return self.close + sum(&lacked);
        }
        // A summary does not say which orders are in its units: those of its time are not
        // only where the units on record before them come to what it says.
        let (booked, after): (Vec<_>, Vec<_>) =
            lacked.into_iter().partition(|(date, _)| *date <= to);
        let moved = self.transactions.iter().filter_map(|t| t.units);
        let recorded = moved.sum::<Decimal>() - sum(&after);
        let pending = (0..=booked.len()).rev().map(|at| sum(&booked[at..]));
        let mut pending = pending.filter(|pending| recorded - *pending == self.close);
        self.close + sum(&after) + pending.next().unwrap_or_default()
    }
}

fn sum(movements: &[(Date, Decimal)]) -> Decimal {
    movements.iter().map(|(_, units)| *units).sum()
}
