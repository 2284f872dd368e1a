//! What is due under a plan, what a report makes of an instalment, and when failures end
//! a plan.

use jiff::civil::Date;
use jiff::{Span, Timestamp};

use super::plan::{ANNOUNCED, Plan};
use super::state::Moves;
use super::{BounceReason, InstalmentStatus, OrderStatus, PlanKind, PlanStatus};
use crate::id::{InstalmentId, PlanId};
use crate::investing::calendar::Calendar;
use crate::investing::gateway::port::{OrderReport, PlanReport};
use crate::investing::money::Paise;

/// Days after its due day by which a gateway must have said something about an
/// instalment; after that a person has to ask.
pub const SILENT_DAYS: i64 = 10;

/// An instalment on record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instalment {
    /// Ours.
    pub id: InstalmentId,
    /// Of which plan.
    pub plan: PlanId,
    /// The day agreed on; with the plan it names the instalment.
    pub due: Date,
    /// Which one, from 1.
    pub number: u32,
    /// How much.
    pub amount: Paise,
    /// How far.
    pub status: InstalmentStatus,
    /// Why the bank did not pay.
    pub bounce: Option<BounceReason>,
    /// In the gateway's words.
    pub reason: Option<String>,
    /// Prepared at.
    pub made_at: Timestamp,
    /// Rises with each change.
    pub version: i64,
}

/// An instalment that comes up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Coming {
    /// The day agreed on.
    pub due: Date,
    /// Which one, from 1.
    pub number: u32,
    /// How much.
    pub amount: Paise,
    /// Left out, because the plan is paused.
    pub skipped: bool,
}

/// What a night makes of a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Night {
    /// Instalments to be put on record, in order of their days.
    pub coming: Vec<Coming>,
    /// The plan afterwards.
    pub after: Plan,
}

impl Night {
    /// Adds an instalment that the gateway ran without its having come up.
    pub fn add(&mut self, due: Date) {
        self.after.prepared += 1;
        self.coming.push(Coming {
            due,
            number: self.after.prepared,
            amount: self.after.terms.amount_on(due),
            skipped: false,
        });
    }
}

/// Returns whether a gateway may have run an instalment that nothing prepared, debited on
/// `debit`: one of the last of a plan, or one the bank had before the plan ended.
pub fn may_have_run(plan: &Plan, debit: Date) -> bool {
    let has_more = plan.terms.instalments.is_none_or(|all| plan.prepared < all);
    has_more && plan.next_due.is_none() && plan.cancel_by.is_none_or(|by| debit <= by)
}

/// Returns the last day whose instalments a night on `today` prepares: early enough to
/// tell the investor a day before the debit, even if a night is missed.
pub fn horizon(today: Date) -> Date {
    today.saturating_add(Span::new().days(ANNOUNCED))
}

/// Prepares what a running plan has due up to `until`. A pause leaves instalments out
/// one by one and ends by itself; a plan whose instalments are all prepared has no next
/// day. Doing it again with what came of it prepares nothing.
pub fn prepare(plan: &Plan, calendar: &Calendar, until: Date) -> Night {
    let mut after = plan.clone();
    let mut coming = Vec::new();
    while let Some(due) = after.next_due.filter(|due| *due <= until) {
        if !after.status.is_running() || after.is_exhausted() {
            break;
        }
        after.prepared += 1;
        let skipped = after.status == PlanStatus::Paused && after.pause_left > 0;
        if skipped {
            after.pause_left -= 1;
        }
        if after.status == PlanStatus::Paused && after.pause_left == 0 {
            after.status = PlanStatus::Active;
        }
        coming.push(Coming {
            due,
            number: after.prepared,
            amount: plan.terms.amount_on(due),
            skipped,
        });
        after.next_due = plan.terms.due_after(calendar, due);
        if after.is_exhausted() {
            after.next_due = None;
        }
    }
    Night { coming, after }
}

/// Lets a plan that begins to run go on from its first instalment: the gateway leaves out
/// what is due before that and does not count it. `today` is when we hear of it.
pub fn begin(plan: &mut Plan, calendar: &Calendar, report: &PlanReport, today: Date) {
    let made = days_made(report).min();
    let ahead = report.ahead.map(|ahead| ahead.next);
    let first = made.or(ahead).unwrap_or_else(|| horizon(today));
    while let Some(due) = plan.next_due.filter(|due| *due < first) {
        plan.next_due = plan.terms.due_after(calendar, due);
    }
}

/// Returns which instalments on record a gateway passes over, by the days it reports:
/// those before its next one of which it made no order, and as many from there on as it
/// still leaves out.
pub fn passed_over(rows: Vec<Instalment>, report: &PlanReport) -> Vec<Instalment> {
    let may_be_out = |row: &Instalment| row.status.may_become(InstalmentStatus::Skipped);
    let sided = sided(rows, report).into_iter();
    sided
        .filter_map(|(row, runs)| (!runs && may_be_out(&row)).then_some(row))
        .collect()
}

/// Returns which instalments that are left out on record a gateway runs after all: a
/// pause that ended late.
pub fn taken_back(rows: Vec<Instalment>, report: &PlanReport) -> Vec<Instalment> {
    let is_out = |row: &Instalment| row.status == InstalmentStatus::Skipped;
    let comes = |row: &Instalment| report.ahead.is_some_and(|ahead| row.due >= ahead.next);
    let sided = sided(rows, report).into_iter();
    sided
        .filter_map(|(row, runs)| (runs && is_out(&row) && comes(&row)).then_some(row))
        .collect()
}

/// Says of each instalment whether the gateway ran it, or will; nothing where the gateway
/// does not say what comes.
fn sided(rows: Vec<Instalment>, report: &PlanReport) -> Vec<(Instalment, bool)> {
    let Some(ahead) = report.ahead else {
        return Vec::new();
    };
    let made = |due: Date| days_made(report).any(|made| made == due);
    let mut left = ahead.left_out;
    let mut sided = Vec::with_capacity(rows.len());
    for row in rows {
        let runs = if row.due < ahead.next {
            made(row.due)
        } else {
            left == 0
        };
        if row.due >= ahead.next {
            left = left.saturating_sub(1);
        }
        sided.push((row, runs));
    }
    sided
}

/// Returns the days of which the gateway made an order, whether it reads or not.
fn days_made(report: &PlanReport) -> impl Iterator<Item = Date> {
    let read = report.instalments.iter().filter_map(|one| one.due);
    read.chain(report.unread.iter().filter_map(|one| one.due))
}

/// Returns how many instalments that are not on record yet a gateway still leaves out, if
/// it says.
pub fn left_out_later(rows: &[Instalment], report: &PlanReport) -> Option<u32> {
    let ahead = report.ahead?;
    let later = rows.iter().filter(|row| row.due >= ahead.next).count();
    let later = u32::try_from(later).unwrap_or(u32::MAX);
    Some(ahead.left_out.saturating_sub(later))
}

/// Returns the statuses an instalment goes through by a report, oldest first, from
/// `from` on. A report that says nothing new gives none.
pub fn steps(
    from: InstalmentStatus,
    kind: PlanKind,
    report: &OrderReport,
    order: OrderStatus,
) -> Vec<InstalmentStatus> {
    use InstalmentStatus as I;
    let paid = report.paid.is_some_and(|paid| paid > Paise(0));
    let takes_money = kind == PlanKind::Sip;
    let way: &[I] = match order {
        OrderStatus::Created
        | OrderStatus::AwaitingAuthorisation
        | OrderStatus::AwaitingPayment
        | OrderStatus::PaymentProcessing => {
            if takes_money && paid {
                &[I::DebitSubmitted, I::Debited]
            } else {
                &[I::DebitSubmitted]
            }
        }
        OrderStatus::SentToRta if takes_money => &[I::DebitSubmitted, I::Debited, I::OrderCreated],
        OrderStatus::SentToRta => &[I::OrderCreated],
        OrderStatus::Allotted | OrderStatus::RedeemedPaid if takes_money => {
            &[I::DebitSubmitted, I::Debited, I::OrderCreated, I::Allotted]
        }
        OrderStatus::Allotted | OrderStatus::RedeemedPaid => &[I::OrderCreated, I::Allotted],
        OrderStatus::Rejected | OrderStatus::Cancelled | OrderStatus::Expired => {
            if takes_money && from.is_success() {
                &[I::Rejected]
            } else {
                &[I::Failed]
            }
        }
        OrderStatus::RefundDue => &[I::DebitSubmitted, I::Debited, I::Rejected],
        OrderStatus::Refunded => &[I::DebitSubmitted, I::Debited, I::Rejected, I::Refunded],
    };
    let mut at = from;
    let mut taken = Vec::new();
    for next in way {
        if at.may_become(*next) {
            taken.push(*next);
            at = *next;
        }
    }
    taken
}

/// Returns whether a report cannot follow what is on record of an instalment: it says
/// money moved for one that is closed as left out or failed.
pub fn contradicts(from: InstalmentStatus, order: OrderStatus) -> bool {
    match from {
        InstalmentStatus::Skipped => !is_void(order),
        InstalmentStatus::Failed => !is_void(order) && !is_unpaid(order),
        InstalmentStatus::Allotted => order.is_failed(),
        _ => false,
    }
}

/// Returns whether an order came to nothing, and no money for it was taken.
pub fn is_void(order: OrderStatus) -> bool {
    matches!(
        order,
        OrderStatus::Rejected | OrderStatus::Cancelled | OrderStatus::Expired
    )
}

fn is_unpaid(order: OrderStatus) -> bool {
    matches!(
        order,
        OrderStatus::Created
            | OrderStatus::AwaitingAuthorisation
            | OrderStatus::AwaitingPayment
            | OrderStatus::PaymentProcessing
    )
}

/// Returns how many instalments in a row failed, up to the newest that is decided.
/// `history` is in order of the due days; what was left out or is open counts as neither.
pub fn failures_in_a_row(history: impl DoubleEndedIterator<Item = InstalmentStatus>) -> u32 {
    let mut failures = 0;
    for status in history.rev() {
        match status {
            InstalmentStatus::Failed => failures += 1,
            status if status.is_success() => break,
            // The bank paid; that the order was refused is not the investor's failure.
            InstalmentStatus::Rejected | InstalmentStatus::Refunded => break,
            _ => {}
        }
    }
    failures
}

#[cfg(test)]
pub(super) mod tests;
