//! Which instalments are to come: the same days a night will prepare, so that whoever is
//! shown them (a calendar, a chat) is shown what will happen.

use jiff::civil::Date;

use super::instalments::{Instalment, prepare};
use super::plan::Plan;
use super::{InstalmentStatus, PlanKind};
use crate::id::PlanId;
use crate::investing::calendar::Calendar;
use crate::investing::money::Paise;
use crate::investing::scheme::SchemeCode;

/// The most instalments of one plan that are worth showing: a daily plan has hundreds.
const MOST: usize = 120;

/// An instalment to come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Upcoming {
    /// Of which plan.
    pub plan: PlanId,
    /// Which one, from 1: with the plan its name for ever.
    pub number: u32,
    /// The day it is debited: the one agreed on, or the next on which banks work.
    pub on: Date,
    /// Into which scheme.
    pub scheme: SchemeCode,
    /// How much.
    pub amount: Paise,
}

/// Returns a running SIP's instalments from `from` to `until`: those on record that may
/// still be debited or were, and those to come that no pause leaves out.
pub fn upcoming(
    plan: &Plan,
    on_record: &[Instalment],
    calendar: &Calendar,
    (from, until): (Date, Date),
) -> Vec<Upcoming> {
    if plan.terms.kind != PlanKind::Sip || !plan.status.is_running() {
        return Vec::new();
    }
    let one = |number, due, amount| Upcoming {
        plan: plan.id,
        number,
        on: plan.terms.runs_on(calendar, due),
        scheme: plan.terms.scheme,
        amount,
    };
    let announced = on_record
        .iter()
        .filter(|one| {
            !matches!(
                one.status,
                InstalmentStatus::Skipped | InstalmentStatus::Failed | InstalmentStatus::Rejected
            )
        })
        .map(|i| one(i.number, i.due, i.amount));
    let coming = prepare(plan, calendar, until).coming;
    let later = coming
        .into_iter()
        .filter(|coming| !coming.skipped)
        .map(|c| one(c.number, c.due, c.amount));
    announced
        .chain(later)
        .filter(|one| (from..=until).contains(&one.on))
        .take(MOST)
        .collect()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::super::PlanStatus;
    use super::super::instalments::tests::running;
    use super::super::plan::tests::monthly;
    use super::*;
    use crate::id::Ids;

    const YEAR: (Date, Date) = (date(2026, 9, 1), date(2027, 8, 31));

    /// S4-21: what is shown ahead is what the nights then put on record.
    #[test]
    fn what_is_shown_ahead_is_what_the_nights_prepare() {
        let calendar = Calendar::shipped();
        let mut plan = running(monthly(500_000, date(2026, 9, 5)));
        plan.status = PlanStatus::Paused;
        plan.pause_left = 2;
        let shown = upcoming(&plan, &[], &calendar, YEAR);
        assert_eq!(shown.len(), 10, "two of twelve are left out");
        let (mut prepared, mut after) = (Vec::new(), plan.clone());
        let mut day = YEAR.0;
        while day <= YEAR.1 {
            let night = prepare(&after, &calendar, day);
            prepared.extend(night.coming.into_iter().filter(|c| !c.skipped));
            after = night.after;
            day = day.tomorrow().unwrap();
        }
        let shown: Vec<_> = shown.iter().map(|s| (s.number, s.on, s.amount)).collect();
        let prepared: Vec<_> = prepared
            .iter()
            .map(|c| (c.number, plan.terms.runs_on(&calendar, c.due), c.amount))
            .collect();
        assert_eq!(shown, prepared);
    }

    #[test]
    fn what_was_announced_stays_under_its_number_and_what_was_left_out_goes() {
        let calendar = Calendar::shipped();
        let plan = running(monthly(500_000, date(2026, 9, 5)));
        let first = upcoming(&plan, &[], &calendar, YEAR)[0];
        let night = prepare(&plan, &calendar, date(2026, 9, 5));
        let mut row = Instalment {
            id: Ids::seeded(2).next(jiff::Timestamp::UNIX_EPOCH),
            plan: plan.id,
            due: night.coming[0].due,
            number: night.coming[0].number,
            amount: night.coming[0].amount,
            status: InstalmentStatus::PreDebitNotified,
            bounce: None,
            reason: None,
            made_at: jiff::Timestamp::UNIX_EPOCH,
            version: 1,
        };
        let on_record = upcoming(&night.after, std::slice::from_ref(&row), &calendar, YEAR);
        assert_eq!(on_record[0], first);
        assert_eq!(on_record.len(), 12);
        row.status = InstalmentStatus::Skipped;
        assert_eq!(upcoming(&night.after, &[row], &calendar, YEAR).len(), 11);
    }

    /// On the Monday after the Sunday agreed on the debit is still to come.
    #[test]
    fn what_is_shown_ahead_stands_on_the_day_of_its_debit() {
        let calendar = Calendar::shipped();
        let plan = running(monthly(500_000, date(2026, 9, 6)));
        let monday = date(2026, 9, 7);
        let shown = upcoming(&plan, &[], &calendar, (monday, date(2026, 9, 30)));
        let days: Vec<_> = shown.iter().map(|one| (one.number, one.on)).collect();
        assert_eq!(days, [(1, monday)]);
    }

    #[test]
    fn a_plan_that_has_ended_has_nothing_to_come() {
        let mut plan = running(monthly(500_000, date(2026, 9, 5)));
        plan.status = PlanStatus::CancelledByInvestor;
        assert_eq!(upcoming(&plan, &[], &Calendar::shipped(), YEAR), []);
    }
}
