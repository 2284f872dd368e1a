//! What each event moves. Whoever records an event posts its entry in the same
//! transaction ([`super::post`]).

use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;

use super::account::{MoneyAccount, UnitAccount, Units};
use super::entry::{Entry, EntryFault, Head, Transfer};
use crate::id::{ContactId, EntryId, FolioId};
use crate::investing::money::Paise;
use crate::investing::orders::Allotment;
use crate::investing::scheme::SchemeCode;

/// Whose event it is, about what, and when.
#[derive(Debug, Clone)]
pub struct Occasion {
    /// A fresh id for the entry.
    pub id: EntryId,
    /// Whose.
    pub contact: ContactId,
    /// Order (or instalment) it belongs to, by id: with the event it is the source, and
    /// each event happens to it once.
    pub subject: String,
    /// Day it counts from.
    pub on: Date,
    /// Now.
    pub at: Timestamp,
}

impl Occasion {
    fn entry(&self, event: &str, transfers: Vec<Transfer>) -> Result<Entry, EntryFault> {
        let head = Head {
            id: self.id,
            contact: self.contact,
            subject: self.subject.clone(),
            source: format!("{}:{event}", self.subject),
            on: self.on,
            at: self.at,
            reverses: None,
        };
        Entry::new(head, transfers)
    }
}

/// The bank paid the exchange.
pub fn debited(occasion: &Occasion, amount: Paise) -> Result<Entry, EntryFault> {
    let paid = money(MoneyAccount::Bank, MoneyAccount::Clearing, amount);
    occasion.entry("debited", paid.into_iter().collect())
}

/// The exchange took the money for the order.
pub fn paid(occasion: &Occasion, amount: Paise) -> Result<Entry, EntryFault> {
    let paid = money(MoneyAccount::Clearing, MoneyAccount::Order, amount);
    occasion.entry("paid", paid.into_iter().collect())
}

/// A purchase became units.
pub fn allotted(
    occasion: &Occasion,
    scheme: SchemeCode,
    folio: FolioId,
    made: &Allotment,
) -> Result<Entry, EntryFault> {
    let transfers = units_in(MoneyAccount::Order, scheme, folio, made)?;
    occasion.entry("allotted", transfers)
}

/// Units became money that is on its way.
pub fn redeemed(
    occasion: &Occasion,
    scheme: SchemeCode,
    folio: FolioId,
    made: &Allotment,
) -> Result<Entry, EntryFault> {
    let transfers = units_out(MoneyAccount::PayoutDue, scheme, folio, made)?;
    occasion.entry("redeemed", transfers)
}

/// Money of a redemption reached the bank.
pub fn paid_out(occasion: &Occasion, amount: Paise) -> Result<Entry, EntryFault> {
    let paid = money(MoneyAccount::PayoutDue, MoneyAccount::Bank, amount);
    occasion.entry("paid_out", paid.into_iter().collect())
}

/// The way out of a switch, where the way in comes on another day.
pub fn switched_out(
    occasion: &Occasion,
    scheme: SchemeCode,
    folio: FolioId,
    made: &Allotment,
) -> Result<Entry, EntryFault> {
    let transfers = units_out(MoneyAccount::Switching, scheme, folio, made)?;
    occasion.entry("switched_out", transfers)
}

/// The way in of a switch, where the way out came on another day.
pub fn switched_in(
    occasion: &Occasion,
    scheme: SchemeCode,
    folio: FolioId,
    made: &Allotment,
) -> Result<Entry, EntryFault> {
    let transfers = units_in(MoneyAccount::Switching, scheme, folio, made)?;
    occasion.entry("switched_in", transfers)
}

/// Both legs of a switch, or neither: what went out, less load and tax, is what came in.
pub fn switched(
    occasion: &Occasion,
    out: (SchemeCode, FolioId, &Allotment),
    into: (SchemeCode, FolioId, &Allotment),
) -> Result<Entry, EntryFault> {
    let left = proceeds(out.2)?.0;
    let came = sum(&[into.2.amount, into.2.stamp_duty])?.0;
    if left != came {
        return Err(EntryFault::LegsDiffer {
            out: left,
            into: came,
        });
    }
    let mut transfers = units_out(MoneyAccount::Switching, out.0, out.1, out.2)?;
    transfers.extend(units_in(MoneyAccount::Switching, into.0, into.1, into.2)?);
    occasion.entry("switched", transfers)
}

/// The order failed and its money is to come back.
pub fn refund_due(occasion: &Occasion, amount: Paise) -> Result<Entry, EntryFault> {
    let due = money(MoneyAccount::Order, MoneyAccount::RefundDue, amount);
    occasion.entry("refund_due", due.into_iter().collect())
}

/// The money of a failed order is back at the bank.
pub fn refunded(occasion: &Occasion, amount: Paise) -> Result<Entry, EntryFault> {
    let back = money(MoneyAccount::RefundDue, MoneyAccount::Bank, amount);
    occasion.entry("refunded", back.into_iter().collect())
}

/// Undoes an entry, once: every transfer goes back where it came from.
pub fn reversed(occasion: &Occasion, original: &Entry) -> Result<Entry, EntryFault> {
    let back = |transfer: &Transfer| match *transfer {
        Transfer::Money { from, to, amount } => Transfer::Money {
            from: to,
            to: from,
            amount,
        },
        Transfer::Units {
            scheme,
            from,
            to,
            amount,
        } => Transfer::Units {
            scheme,
            from: to,
            to: from,
            amount,
        },
    };
    let head = Head {
        id: occasion.id,
        contact: original.contact(),
        subject: original.subject().to_owned(),
        source: format!("{}:reversed", original.source()),
        on: occasion.on,
        at: occasion.at,
        reverses: Some(original.id()),
    };
    Entry::new(head, original.transfers().iter().map(back).collect())
}

/// A transfer of nothing is none; less than nothing is left for [`Entry::new`] to refuse.
fn money(from: MoneyAccount, to: MoneyAccount, amount: Paise) -> Option<Transfer> {
    (amount.0 != 0).then_some(Transfer::Money { from, to, amount })
}

fn units_in(
    from: MoneyAccount,
    scheme: SchemeCode,
    folio: FolioId,
    made: &Allotment,
) -> Result<Vec<Transfer>, EntryFault> {
    let mut transfers: Vec<_> = [
        money(from, MoneyAccount::Scheme(scheme), made.amount),
        money(from, MoneyAccount::StampDuty, made.stamp_duty),
    ]
    .into_iter()
    .flatten()
    .collect();
    transfers.push(Transfer::Units {
        scheme,
        from: UnitAccount::Issued,
        to: UnitAccount::Folio(folio),
        amount: exact(made.units)?,
    });
    Ok(transfers)
}

fn units_out(
    to: MoneyAccount,
    scheme: SchemeCode,
    folio: FolioId,
    made: &Allotment,
) -> Result<Vec<Transfer>, EntryFault> {
    let from = MoneyAccount::Scheme(scheme);
    let mut transfers: Vec<_> = [
        money(from, to, proceeds(made)?),
        money(from, MoneyAccount::ExitLoad, made.exit_load),
        money(from, MoneyAccount::Stt, made.stt),
    ]
    .into_iter()
    .flatten()
    .collect();
    transfers.push(Transfer::Units {
        scheme,
        from: UnitAccount::Folio(folio),
        to: UnitAccount::Issued,
        amount: exact(made.units)?,
    });
    Ok(transfers)
}

/// What is left of a redemption after load and tax.
fn proceeds(made: &Allotment) -> Result<Paise, EntryFault> {
    sum(&[made.amount, -made.exit_load, -made.stt])
}

fn sum(amounts: &[Paise]) -> Result<Paise, EntryFault> {
    let total: i128 = amounts.iter().map(|amount| i128::from(amount.0)).sum();
    i64::try_from(total)
        .map(Paise)
        .map_err(|_| EntryFault::OutOfRange)
}

fn exact(units: Decimal) -> Result<Units, EntryFault> {
    Units::exact(units).ok_or(EntryFault::OutOfRange)
}
