//! What is due under a plan, what a report makes of an instalment, and when failures end
//! a plan.

use jiff::civil::Date;
use jiff::{Span, Timestamp};

use super::plan::{ANNOUNCED, Plan};
use super::state::Moves;
use super::{BounceReason, InstalmentStatus, OrderStatus, PlanKind, PlanStatus};
use crate::id::{InstalmentId, PlanId};
use crate::investing::calendar::Calendar;
use crate::investing::gateway::port::OrderReport;
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

/// Leaves out what was due before `today` under a plan that begins to run only now;
/// returns those instalments, so that each day of it is accounted for.
pub fn leave_out(plan: &mut Plan, calendar: &Calendar, today: Date) -> Vec<Coming> {
    let mut left_out = Vec::new();
    while let Some(due) = plan.next_due.filter(|due| *due < today) {
        plan.prepared += 1;
        left_out.push(Coming {
            due,
            number: plan.prepared,
            amount: plan.terms.amount_on(due),
            skipped: true,
        });
        plan.next_due = plan.terms.due_after(calendar, due);
        if plan.is_exhausted() {
            plan.next_due = None;
        }
    }
    left_out
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

fn is_void(order: OrderStatus) -> bool {
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
pub(super) mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::super::order::tests::report;
    use super::super::plan::PlanTerms;
    use super::super::plan::tests::monthly;
    use super::*;
    use crate::id::{ContactId, DraftId, Ids};
    use crate::investing::gateway::port::Reference;
    use crate::investing::orders::Frequency;
    use crate::investing::orders::order::Submission;

    pub(in crate::investing::orders) fn running(terms: PlanTerms) -> Plan {
        let ids = Ids::seeded(1);
        let now = Timestamp::UNIX_EPOCH;
        Plan {
            id: ids.next(now),
            contact: ids.next::<ContactId>(now),
            draft: ids.next::<DraftId>(now),
            mandate: None,
            folio: None,
            status: PlanStatus::Active,
            replaces: None,
            submission: Submission::Taken,
            asked_at: None,
            reference: Reference("1".to_owned()),
            gateway_id: None,
            next_due: terms.first_due(&Calendar::shipped()),
            terms,
            prepared: 0,
            pause_left: 0,
            reason: None,
            cancel_by: None,
            made_at: now,
            version: 1,
        }
    }

    #[test]
    fn a_night_prepares_what_is_due_soon_and_the_next_night_the_rest() {
        let calendar = Calendar::shipped();
        let plan = running(monthly(500_000, date(2026, 9, 5)));
        let before = prepare(&plan, &calendar, horizon(date(2026, 9, 2)));
        assert_eq!(before.coming, []);
        let night = prepare(&plan, &calendar, horizon(date(2026, 9, 3)));
        assert_eq!(night.coming.len(), 1);
        assert_eq!(night.coming[0].due, date(2026, 9, 5));
        assert_eq!(night.after.next_due, Some(date(2026, 10, 5)));
        let again = prepare(&night.after, &calendar, horizon(date(2026, 9, 4)));
        assert_eq!((again.coming, again.after), (vec![], night.after));
    }

    #[test]
    fn a_pause_leaves_instalments_out_and_ends_by_itself() {
        let mut plan = running(monthly(500_000, date(2026, 9, 5)));
        plan.status = PlanStatus::Paused;
        plan.pause_left = 2;
        let night = prepare(&plan, &Calendar::shipped(), date(2026, 12, 31));
        let skipped: Vec<_> = night.coming.iter().map(|c| c.skipped).collect();
        assert_eq!(skipped, [true, true, false, false]);
        assert_eq!(night.after.status, PlanStatus::Active);
    }

    #[test]
    fn a_plan_with_a_last_instalment_has_no_day_after_it() {
        let mut terms = monthly(500_000, date(2026, 9, 5));
        terms.instalments = Some(2);
        let night = prepare(&running(terms), &Calendar::shipped(), date(2027, 12, 31));
        assert_eq!((night.coming.len(), night.after.next_due), (2, None));
    }

    #[test]
    fn an_allotment_nobody_heard_of_before_passes_through_every_status() {
        use InstalmentStatus as I;
        let allotted = report(OrderStatus::Allotted);
        let taken = steps(
            I::PreDebitNotified,
            PlanKind::Sip,
            &allotted,
            allotted.status,
        );
        let all = [I::DebitSubmitted, I::Debited, I::OrderCreated, I::Allotted];
        assert_eq!(taken, all);
        let rest = steps(I::OrderCreated, PlanKind::Sip, &allotted, allotted.status);
        assert_eq!(rest, [I::Allotted]);
        let swp = steps(I::Scheduled, PlanKind::Swp, &allotted, allotted.status);
        assert_eq!(swp, [I::OrderCreated, I::Allotted]);
        assert_eq!(
            steps(I::Allotted, PlanKind::Sip, &allotted, allotted.status),
            []
        );
    }

    #[test]
    fn a_debit_for_an_instalment_left_out_is_noticed() {
        use InstalmentStatus as I;
        assert!(contradicts(I::Skipped, OrderStatus::SentToRta));
        assert!(contradicts(I::Failed, OrderStatus::Allotted));
        assert!(!contradicts(I::Failed, OrderStatus::Rejected));
        assert!(!contradicts(I::OrderCreated, OrderStatus::Allotted));
    }

    #[test]
    fn failures_count_until_the_last_success_whatever_was_left_out() {
        use InstalmentStatus as I;
        let count = |history: &[I]| failures_in_a_row(history.iter().copied());
        assert_eq!(count(&[I::Failed, I::Allotted, I::Failed]), 1);
        assert_eq!(
            count(&[I::Failed, I::Skipped, I::Failed, I::PreDebitNotified]),
            2
        );
        assert_eq!(count(&[I::Allotted]), 0);
        assert_eq!(count(&[I::Failed, I::Failed, I::Failed]), 3);
    }

    proptest! {
        #[test]
        fn every_instalment_is_prepared_once_however_the_nights_fall(
            gaps in proptest::collection::vec(0i64..12, 1..40),
            frequency in 0usize..7, instalments in proptest::option::of(1u32..20)
        ) {
            let calendar = Calendar::shipped();
            let mut terms = monthly(100, date(2026, 8, 31));
            terms.frequency = Frequency::ALL[frequency];
            terms.instalments = instalments;
            let mut plan = running(terms.clone());
            let mut today = date(2026, 8, 20);
            let mut seen = Vec::new();
            for gap in gaps {
                today = today.saturating_add(Span::new().days(gap));
                let night = prepare(&plan, &calendar, horizon(today));
                seen.extend(night.coming.iter().map(|coming| coming.due));
                plan = night.after;
            }
            let most = usize::try_from(instalments.unwrap_or(u32::MAX)).unwrap();
            let wanted: Vec<_> = calendar
                .sip_dates(terms.frequency, terms.start)
                .map(|due| due.due)
                .take_while(|due| *due <= horizon(today))
                .take(most)
                .collect();
            prop_assert_eq!(seen, wanted);
        }
    }
}
