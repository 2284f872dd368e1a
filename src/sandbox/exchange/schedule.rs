//! When a plan is due, and for how much.

use jiff::ToSpan;
use jiff::civil::Date;
use rust_decimal::{Decimal, RoundingStrategy};

use super::calendar::{Holidays, tomorrow};
use super::records::{Frequency, Plan, StepUp, StepUpBy};
use rust_decimal::prelude::ToPrimitive;

/// Returns the day of instalment `slot` (the first is 0), before holidays move it. A
/// daily plan has one on each exchange day; all others count from the start, so that the
/// 31st is the 30th in April and the 31st again in May.
pub(crate) fn following(plan: &Plan, holidays: &Holidays) -> Date {
    let slot = i64::from(plan.slot) + 1;
    let span = match plan.frequency {
        Frequency::Daily => return holidays.open_day(tomorrow(plan.due)),
        Frequency::Weekly => slot.weeks(),
        Frequency::Fortnightly => (2 * slot).weeks(),
        Frequency::Monthly => slot.months(),
        Frequency::Quarterly => (3 * slot).months(),
        Frequency::HalfYearly => (6 * slot).months(),
        Frequency::Yearly => slot.years(),
    };
    plan.start.checked_add(span).unwrap_or(Date::MAX)
}

/// Returns what the instalment of `due` is for: each step counts from the start of the
/// plan, percentages compound and are rounded half up to whole rupees, and the cap holds.
pub(crate) fn amount_on(plan: &Plan, due: Date) -> i64 {
    let Some(step_up) = plan.step_up else {
        return plan.amount;
    };
    let steps = months_between(plan.start, due) / i64::from(step_up.every_months.max(1));
    let grown = (0..steps).fold(plan.amount, |amount, _| grow(amount, step_up));
    step_up
        .cap
        .map_or(grown, |cap| grown.min(cap.max(plan.amount)))
}

fn grow(amount: i64, step_up: StepUp) -> i64 {
    match step_up.by {
        StepUpBy::Amount(more) => amount.saturating_add(more),
        StepUpBy::Percent(percent) => {
            let factor = Decimal::ONE + percent / Decimal::ONE_HUNDRED;
            let rupees = (Decimal::new(amount, 2) * factor)
                .round_dp_with_strategy(0, RoundingStrategy::MidpointAwayFromZero);
            rupees.to_i64().map_or(amount, |rupees| rupees * 100)
        }
    }
}

/// Whole months from `start` to `due`; the end of a short month counts as a whole one.
fn months_between(start: Date, due: Date) -> i64 {
    let months = i64::from(due.year() - start.year()) * 12 + i64::from(due.month() - start.month());
    let reached = start
        .checked_add(months.months())
        .is_ok_and(|anniversary| anniversary <= due);
    if reached { months } else { months - 1 }
}

/// Returns how many failures in a row end a plan.
pub(crate) fn failures_allowed(frequency: Frequency) -> u32 {
    match frequency {
        Frequency::Daily | Frequency::Weekly | Frequency::Fortnightly | Frequency::Monthly => 3,
        Frequency::Quarterly | Frequency::HalfYearly | Frequency::Yearly => 2,
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::super::calendar::tests::holidays;
    use super::super::records::{PlanKind, PlanState};
    use super::*;

    fn plan(frequency: Frequency, start: Date) -> Plan {
        Plan {
            id: String::new(),
            reference: String::new(),
            ucc: String::new(),
            kind: PlanKind::Sip,
            scheme: 1,
            target: None,
            amount: 500_000,
            frequency,
            start,
            instalments: None,
            folio: None,
            mandate: None,
            step_up: None,
            status: PlanState::Active,
            slot: 0,
            due: start,
            used: 0,
            skip: 0,
            failures: 0,
            pending: None,
            orders: Vec::new(),
            placed: jiff::Timestamp::UNIX_EPOCH,
            next: None,
        }
    }

    fn days(mut plan: Plan, count: u32) -> Vec<String> {
        let mut days = Vec::new();
        for _ in 0..count {
            days.push(plan.due.strftime("%d-%m").to_string());
            plan.due = following(&plan, &holidays());
            plan.slot += 1;
        }
        days
    }

    #[test]
    fn the_days_of_a_plan_count_from_its_start() {
        let monthly = days(plan(Frequency::Monthly, date(2027, 1, 31)), 4);
        assert_eq!(monthly, ["31-01", "28-02", "31-03", "30-04"]);
        let weekly = days(plan(Frequency::Weekly, date(2026, 11, 17)), 3);
        assert_eq!(weekly, ["17-11", "24-11", "01-12"]);
        let daily = days(plan(Frequency::Daily, date(2026, 11, 20)), 4);
        assert_eq!(daily, ["20-11", "23-11", "25-11", "26-11"]);
    }

    #[test]
    fn a_step_up_grows_by_the_year_and_stops_at_its_cap() {
        let mut plan = plan(Frequency::Monthly, date(2026, 9, 5));
        plan.step_up = Some(StepUp {
            by: StepUpBy::Percent(Decimal::TEN),
            every_months: 12,
            cap: Some(600_000),
        });
        let amounts: Vec<_> = [(2027, 8), (2027, 9), (2028, 9), (2029, 9)]
            .map(|(year, month)| amount_on(&plan, date(year, month, 5)))
            .into();
        assert_eq!(amounts, [500_000, 550_000, 600_000, 600_000]);
        plan.step_up = Some(StepUp {
            by: StepUpBy::Amount(50_000),
            every_months: 6,
            cap: None,
        });
        assert_eq!(amount_on(&plan, date(2027, 9, 4)), 550_000);
        assert_eq!(amount_on(&plan, date(2027, 9, 5)), 600_000);
    }
}
