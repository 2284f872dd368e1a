//! Entries: what happened, as transfers.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;

use super::account::{MoneyAccount, UnitAccount, Units};
use crate::id::{ContactId, EntryId};
use crate::investing::money::Paise;
use crate::investing::scheme::SchemeCode;

/// Something that goes from one account to another. It leaves one and reaches the other
/// in the same amount, which is what keeps the ledger balanced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Transfer {
    /// Money.
    Money {
        /// Out of.
        from: MoneyAccount,
        /// Into.
        to: MoneyAccount,
        /// More than nothing.
        amount: Paise,
    },
    /// Units.
    Units {
        /// Of which scheme.
        scheme: SchemeCode,
        /// Out of.
        from: UnitAccount,
        /// Into.
        to: UnitAccount,
        /// More than nothing.
        amount: Units,
    },
}

/// Why transfers make no entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EntryFault {
    /// Nothing moves.
    #[error("an entry moves something")]
    Empty,
    /// Nothing, or less, would move.
    #[error("a transfer moves more than nothing")]
    NotPositive,
    /// From an account to itself.
    #[error("a transfer goes from one account to another")]
    SameAccount,
    /// Units finer than registrars give, or an amount beyond counting.
    #[error("units finer than a ten-thousandth, or an amount beyond counting")]
    OutOfRange,
    /// The way out and the way in of a switch are not the same money.
    #[error("the legs of a switch differ: {out} paise went out and {into} came in")]
    LegsDiffer {
        /// Net of load and tax.
        out: i64,
        /// Stamp duty included.
        into: i64,
    },
}

/// Something that happened. It cannot be unbalanced, empty, or changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    id: EntryId,
    contact: ContactId,
    subject: String,
    source: String,
    on: Date,
    at: Timestamp,
    reverses: Option<EntryId>,
    transfers: Vec<Transfer>,
}

/// What an entry is about and when.
#[derive(Debug, Clone)]
pub(super) struct Head {
    pub(super) id: EntryId,
    pub(super) contact: ContactId,
    pub(super) subject: String,
    pub(super) source: String,
    pub(super) on: Date,
    pub(super) at: Timestamp,
    pub(super) reverses: Option<EntryId>,
}

/// What an account gained (or lost) of one thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Moved {
    /// Paise.
    Money(MoneyAccount),
    /// Ten-thousandths of a unit.
    Units(SchemeCode, UnitAccount),
}

impl Entry {
    pub(super) fn new(head: Head, transfers: Vec<Transfer>) -> Result<Self, EntryFault> {
        if transfers.is_empty() {
            return Err(EntryFault::Empty);
        }
        for transfer in &transfers {
            let (amount, is_same) = match transfer {
                Transfer::Money { from, to, amount } => (amount.0, from == to),
                Transfer::Units {
                    from, to, amount, ..
                } => (amount.0, from == to),
            };
            if amount <= 0 {
                return Err(EntryFault::NotPositive);
            }
            if is_same {
                return Err(EntryFault::SameAccount);
            }
        }
        Ok(Self {
            id: head.id,
            contact: head.contact,
            subject: head.subject,
            source: head.source,
            on: head.on,
            at: head.at,
            reverses: head.reverses,
            transfers,
        })
    }

    /// Returns its id.
    pub fn id(&self) -> EntryId {
        self.id
    }

    /// Returns whose it is.
    pub fn contact(&self) -> ContactId {
        self.contact
    }

    /// Returns the order (or instalment, or plan) it belongs to, by id.
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// Returns the event it comes from, unique for ever (`ord_…:allotted`).
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Returns the day it counts from: of the debit, of the NAV, of the payout.
    pub fn on(&self) -> Date {
        self.on
    }

    /// Returns when it was made.
    pub fn at(&self) -> Timestamp {
        self.at
    }

    /// Returns the entry it undoes.
    pub fn reverses(&self) -> Option<EntryId> {
        self.reverses
    }

    /// Returns what goes where.
    pub fn transfers(&self) -> &[Transfer] {
        &self.transfers
    }

    /// Returns whether another entry says the same about the same event.
    pub fn says_the_same(&self, other: &Self) -> bool {
        let head = |entry: &Self| (entry.contact, entry.on, entry.reverses);
        let sorted = |entry: &Self| {
            let mut transfers = entry.transfers.clone();
            transfers.sort_unstable();
            transfers
        };
        self.source == other.source
            && self.subject == other.subject
            && head(self) == head(other)
            && sorted(self) == sorted(other)
    }
}

/// Adds up what entries moved, account by account; what is level is left out.
pub fn balances<'a>(entries: impl IntoIterator<Item = &'a Entry>) -> BTreeMap<Moved, i128> {
    let mut balances: BTreeMap<Moved, i128> = BTreeMap::new();
    for transfer in entries.into_iter().flat_map(|entry| &entry.transfers) {
        let (from, to, amount) = match *transfer {
            Transfer::Money { from, to, amount } => {
                (Moved::Money(from), Moved::Money(to), amount.0)
            }
            Transfer::Units {
                scheme,
                from,
                to,
                amount,
            } => (
                Moved::Units(scheme, from),
                Moved::Units(scheme, to),
                amount.0,
            ),
        };
        *balances.entry(from).or_default() -= i128::from(amount);
        *balances.entry(to).or_default() += i128::from(amount);
    }
    balances.retain(|_, amount| *amount != 0);
    balances
}
