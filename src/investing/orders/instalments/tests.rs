//! What nights prepare, what reports make of it, and where a gateway goes its own way.

use jiff::civil::date;
use proptest::prelude::*;

use super::super::order::tests::report;
use super::super::plan::PlanTerms;
use super::super::plan::tests::monthly;
use super::*;
use crate::id::{ContactId, DraftId, Ids};
use crate::investing::gateway::port::{Ahead, Reference, Unread};
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

fn plan_report(instalments: &[Date], ahead: Option<(Date, u32)>) -> PlanReport {
    let made = instalments.iter().map(|due| OrderReport {
        due: Some(*due),
        ..report(OrderStatus::Created)
    });
    PlanReport {
        id: "1".to_owned(),
        reference: Reference("1".to_owned()),
        status: PlanStatus::Active,
        raw_status: "active".to_owned(),
        change_awaits_approval: false,
        ahead: ahead.map(|(next, left_out)| Ahead { next, left_out }),
        instalments: made.collect(),
        unread: Vec::new(),
    }
}

#[test]
fn a_plan_begins_where_the_gateway_does_and_counts_from_there() {
    let calendar = Calendar::shipped();
    let first = |report: &PlanReport, today| {
        let mut terms = monthly(500_000, date(2026, 9, 5));
        terms.instalments = Some(2);
        let mut plan = running(terms);
        begin(&mut plan, &calendar, report, today);
        let all = prepare(&plan, &calendar, date(2027, 12, 31)).coming;
        (all[0].due, all[0].number, all.len())
    };
    let silent = plan_report(&[], None);
    let (september, october) = (date(2026, 9, 5), date(2026, 10, 5));
    assert_eq!(first(&silent, date(2026, 9, 3)), (september, 1, 2));
    assert_eq!(first(&silent, date(2026, 9, 4)), (october, 1, 2));
    let says = plan_report(&[], Some((september, 0)));
    assert_eq!(first(&says, date(2026, 9, 4)), (september, 1, 2));
    // Heard of when the first one is made already.
    let late = plan_report(&[september], Some((october, 0)));
    assert_eq!(first(&late, date(2026, 9, 6)), (september, 1, 2));
}

#[test]
fn what_a_gateway_passes_over_is_left_out_and_nothing_else() {
    use InstalmentStatus as I;
    let plan = running(monthly(500_000, date(2026, 9, 5)));
    let ids = Ids::seeded(2);
    let row = |month, status| Instalment {
        id: ids.next(Timestamp::UNIX_EPOCH),
        plan: plan.id,
        due: date(2026, month, 5),
        number: 1,
        amount: Paise(500_000),
        status,
        bounce: None,
        reason: None,
        made_at: Timestamp::UNIX_EPOCH,
        version: 1,
    };
    let rows = [
        row(9, I::DebitSubmitted),
        row(10, I::PreDebitNotified),
        row(11, I::PreDebitNotified),
        row(12, I::PreDebitNotified),
    ];
    let made = [date(2026, 9, 5)];
    let out = |report: &PlanReport| -> Vec<i8> {
        let passed = passed_over(rows.to_vec(), report);
        passed.iter().map(|row| row.due.month()).collect()
    };
    let runs = plan_report(&made, Some((date(2026, 10, 5), 0)));
    assert_eq!(out(&runs), Vec::<i8>::new());
    let paused = plan_report(&made, Some((date(2026, 10, 5), 2)));
    assert_eq!(out(&paused), [10, 11]);
    assert_eq!(left_out_later(&rows, &paused), Some(0));
    let later = plan_report(&made, Some((date(2026, 11, 5), 4)));
    assert_eq!(out(&later), [10, 11, 12]);
    assert_eq!(left_out_later(&rows, &later), Some(2));
    let mut hidden = plan_report(&made, Some((date(2026, 11, 5), 0)));
    assert_eq!(out(&hidden), [10]);
    hidden.unread.push(Unread {
        due: Some(date(2026, 10, 5)),
        why: "a word in no table".to_owned(),
    });
    assert_eq!(
        out(&hidden),
        Vec::<i8>::new(),
        "there is an order of that day"
    );
    let silent = plan_report(&made, None);
    assert_eq!(
        (out(&silent), left_out_later(&rows, &silent)),
        (vec![], None)
    );
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

#[test]
fn the_next_instalment_is_one_that_is_not_left_out() {
    let calendar = Calendar::shipped();
    let mut plan = running(monthly(500_000, date(2026, 9, 5)));
    let next = |plan: &Plan| plan.next_to_run(&calendar);
    assert_eq!(next(&plan), Some(date(2026, 9, 5)));
    plan.status = PlanStatus::Paused;
    plan.pause_left = 2;
    assert_eq!(next(&plan), Some(date(2026, 11, 5)));
    plan.terms.instalments = Some(2);
    assert_eq!(next(&plan), None, "the pause lasts until its end");
    plan.terms.instalments = None;
    plan.pause_left = u32::MAX;
    assert_eq!(next(&plan), None, "a pause without an end");
}
