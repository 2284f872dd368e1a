//! A mandate: leave given to a bank to pay, up to a limit a day.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::{Span, Timestamp};

use super::order::Submission;
use super::plan::PlanTerms;
use super::{MandateKind, MandateStatus, PlanKind};
use crate::id::{ContactId, DraftId, MandateId};
use crate::investing::calendar::Calendar;
use crate::investing::gateway::port::Reference;
use crate::investing::money::Paise;

/// How far ahead days with several debits are looked for. Dates of plans repeat within a
/// year, and a limit has to hold from the first.
const LOOK_AHEAD_DAYS: i64 = 400;

impl MandateKind {
    /// Returns the most a mandate of this kind may allow: UPI `AutoPay` ₹1,00,000 for a
    /// debit without a PIN (mutual funds), eNACH ₹1 crore.
    pub const fn ceiling(self) -> Paise {
        match self {
            Self::Upi => Paise(1_00_000_00),
            Self::Enach => Paise(1_00_00_000_00),
        }
    }

    /// Returns the longest life in years.
    pub const fn longest_years(self) -> i64 {
        match self {
            Self::Upi => 30,
            Self::Enach => 40,
        }
    }

    /// Returns after how many days from its registration the first debit can be.
    pub const fn first_debit_after_days(self) -> i64 {
        match self {
            Self::Upi => 2,
            // Three to five working days until it is approved.
            Self::Enach => 7,
        }
    }
}

/// A mandate on record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mandate {
    /// Ours.
    pub id: MandateId,
    /// Whose.
    pub contact: ContactId,
    /// What was confirmed to make it.
    pub draft: DraftId,
    /// Which way.
    pub kind: MandateKind,
    /// At most so much a day.
    pub limit: Paise,
    /// First day.
    pub start: Date,
    /// Last day.
    pub end: Date,
    /// How far.
    pub status: MandateStatus,
    /// How far its way to the gateway is.
    pub submission: Submission,
    /// When the call under way was begun.
    pub asked_at: Option<Timestamp>,
    /// Our reference with the gateway.
    pub reference: Reference,
    /// The gateway's id.
    pub gateway_id: Option<String>,
    /// Why it was refused.
    pub reason: Option<String>,
    /// Made at.
    pub made_at: Timestamp,
    /// Rises with each change.
    pub version: i64,
}

/// A day on which a mandate does not suffice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("on {day} the plans would debit more than the mandate allows")]
pub struct OverLimit {
    /// The first such day.
    pub day: Date,
    /// What the plans would debit on it, grown as far as they can.
    pub needed: Paise,
    /// What the mandate allows.
    pub limit: Paise,
}

/// Checks that a mandate suffices for all its plans together, each as large as it can
/// grow, on every day they run. Debits happen on days the banks work, so what is due on a
/// holiday of theirs adds to the next day's.
pub fn suffices(
    kind: MandateKind,
    limit: Paise,
    plans: &[&PlanTerms],
    calendar: &Calendar,
    from: Date,
) -> Result<(), OverLimit> {
    let limit = limit.min(kind.ceiling());
    let mut days: BTreeMap<Date, Paise> = BTreeMap::new();
    for plan in plans.iter().filter(|plan| plan.kind == PlanKind::Sip) {
        let begin = plan.start.max(from);
        let until = begin.saturating_add(Span::new().days(LOOK_AHEAD_DAYS));
        let last = plan.last_day().min(until);
        let largest = plan.largest();
        let dates = calendar.sip_dates(plan.frequency, plan.start);
        let dates = dates.take_while(|due| due.due <= last);
        for due in dates.filter(|due| due.due >= from) {
            let day = days.entry(plan.runs_on(calendar, due.due)).or_default();
            *day = *day + largest;
        }
    }
    let over = days.into_iter().find(|(_, needed)| *needed > limit);
    match over {
        None => Ok(()),
        Some((day, needed)) => Err(OverLimit { day, needed, limit }),
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use rust_decimal::Decimal;

    use super::super::Frequency;
    use super::super::plan::StepUp;
    use super::super::plan::tests::monthly;
    use super::*;
    use crate::investing::gateway::port::StepUpBy;

    fn check(limit: i64, plans: &[&PlanTerms]) -> Result<(), OverLimit> {
        let calendar = Calendar::shipped();
        suffices(
            MandateKind::Upi,
            Paise(limit),
            plans,
            &calendar,
            date(2026, 8, 24),
        )
    }

    #[test]
    fn plans_of_one_day_add_up_and_those_of_different_days_do_not() {
        let fifth = monthly(60_000_00, date(2026, 9, 5));
        let tenth = monthly(60_000_00, date(2026, 9, 10));
        assert_eq!(check(1_00_000_00, &[&fifth, &tenth]), Ok(()));
        let over = check(1_00_000_00, &[&fifth, &fifth]).unwrap_err();
        assert_eq!(over.needed, Paise(1_20_000_00));
        // 5 September 2026 is a Saturday: the debit is on Monday.
        assert_eq!(over.day, date(2026, 9, 7));
    }

    #[test]
    fn days_that_a_holiday_pushes_together_add_up() {
        let saturday = monthly(60_000_00, date(2026, 9, 5));
        let monday = monthly(60_000_00, date(2026, 9, 7));
        let over = check(1_00_000_00, &[&saturday, &monday]).unwrap_err();
        assert_eq!(over.day, date(2026, 9, 7));
    }

    #[test]
    fn what_a_bank_holiday_moves_adds_to_the_day_after_it() {
        // The exchange is open on 26 August 2026, a Wednesday, and the banks are not.
        let weekly = |start| PlanTerms {
            frequency: Frequency::Weekly,
            ..monthly(60_000_00, start)
        };
        let wednesdays = weekly(date(2026, 8, 26));
        let thursdays = weekly(date(2026, 8, 27));
        let over = check(1_00_000_00, &[&wednesdays, &thursdays]).unwrap_err();
        let thursday = date(2026, 8, 27);
        assert_eq!((over.day, over.needed), (thursday, Paise(1_20_000_00)));
    }

    #[test]
    fn the_last_step_of_a_growing_plan_has_to_fit_and_so_has_the_ceiling() {
        let mut growing = monthly(50_000_00, date(2026, 9, 5));
        growing.step_up = Some(StepUp {
            by: StepUpBy::Percent(Decimal::TEN),
            every_months: 12,
            cap: Some(Paise(1_00_000_00)),
        });
        assert!(check(90_000_00, &[&growing]).is_err());
        assert_eq!(check(1_00_000_00, &[&growing]), Ok(()));
        let large = monthly(1_50_000_00, date(2026, 9, 5));
        assert!(
            check(2_00_000_00, &[&large]).is_err(),
            "UPI AutoPay ends at a lakh"
        );
    }

    #[test]
    fn withdrawals_need_no_mandate() {
        let mut swp = monthly(9_00_000_00, date(2026, 9, 5));
        swp.kind = PlanKind::Swp;
        assert_eq!(check(1, &[&swp]), Ok(()));
    }
}
