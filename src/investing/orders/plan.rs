//! A plan (SIP, STP, SWP) and what is due under it.

use jiff::civil::Date;
use jiff::{Span, Timestamp};
use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Deserialize, Serialize};

use super::order::Submission;
use super::state::Moves;
use super::{Frequency, PlanKind, PlanStatus};
use crate::id::{ContactId, DraftId, MandateId, PlanId};
use crate::investing::calendar::Calendar;
use crate::investing::gateway::port::{PlanStepUp, Reference, StepUpBy};
use crate::investing::money::Paise;
use crate::investing::scheme::SchemeCode;

/// Business days within which a cancelled plan's debits must have stopped.
pub const CANCEL_WITHIN: u32 = 2;
/// An instalment due within so many days is already on its way to the bank.
pub const ANNOUNCED: i64 = 2;
/// The exchange's reasons for a cancellation run from 1 to this; the last one takes words.
pub const REASONS: u8 = 13;
/// Instalments that may be left out at once; most schemes allow fewer.
pub const LONGEST_PAUSE: u32 = 6;
/// "Until cancelled" ends after so many years (UPI `AutoPay`'s longest life).
pub const LONGEST_YEARS: i64 = 30;

/// What a plan does, time after time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanTerms {
    /// Which way.
    pub kind: PlanKind,
    /// In which scheme; of an STP, out of which.
    pub scheme: SchemeCode,
    /// Of an STP, into which.
    pub target: Option<SchemeCode>,
    /// The first time.
    pub amount: Paise,
    /// How often.
    pub frequency: Frequency,
    /// First instalment; the others follow from it.
    pub start: Date,
    /// Instalments in all; none runs until cancelled.
    pub instalments: Option<u32>,
    /// How it grows.
    pub step_up: Option<StepUp>,
}

/// How a plan grows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepUp {
    /// By how much.
    pub by: StepUpBy,
    /// After so many months each.
    pub every_months: u8,
    /// Never beyond this.
    pub cap: Option<Paise>,
}

impl From<StepUp> for PlanStepUp {
    fn from(step: StepUp) -> Self {
        Self {
            by: step.by,
            every_months: step.every_months,
            cap: step.cap,
        }
    }
}

impl PlanTerms {
    /// Returns the amount of the instalment due on `due`: a step for every full
    /// `every_months` since the start. A step in percent is rounded to whole rupees each
    /// time, as exchanges take no paise.
    pub fn amount_on(&self, due: Date) -> Paise {
        let reached = self.steps().take_while(|(from, _)| *from <= due);
        reached.last().map_or(self.amount, |(_, amount)| amount)
    }

    /// Returns every amount it comes to until its last day, each with the day from which
    /// on its instalments are of so much.
    pub fn amounts(&self) -> impl Iterator<Item = (Date, Paise)> {
        let last = self.last_day();
        self.steps().take_while(move |(from, _)| *from <= last)
    }

    fn steps(&self) -> impl Iterator<Item = (Date, Paise)> {
        let step = self.step_up.filter(|step| step.every_months > 0);
        let start = self.start;
        let mut at = 0;
        std::iter::successors(Some((start, self.amount)), move |(_, amount)| {
            let StepUp {
                by,
                every_months,
                cap,
            } = step.filter(|step| step.cap.is_none_or(|cap| *amount < cap))?;
            at += 1;
            let months = Span::new().try_months(i64::from(every_months) * at).ok()?;
            let from = start.checked_add(months).ok()?;
            let more = match by {
                StepUpBy::Amount(more) => *amount + more,
                StepUpBy::Percent(percent) => raised(*amount, percent),
            };
            (more > *amount).then(|| (from, cap.map_or(more, |cap| more.min(cap))))
        })
    }

    /// Returns the most a single instalment can come to.
    pub fn largest(&self) -> Paise {
        if let Some(cap) = self.step_up.and_then(|step| step.cap) {
            return cap.max(self.amount);
        }
        self.amount_on(self.last_day())
    }

    /// Returns a day no instalment is due after if it begins on its first day: the last
    /// one's if there is a last one.
    pub fn last_day(&self) -> Date {
        let last = self
            .instalments
            .and_then(|count| nth(self.frequency, self.start, count.saturating_sub(1)));
        last.map_or(self.longest(), |last| last.min(self.longest()))
    }

    /// Returns the day on which every plan has ended.
    fn longest(&self) -> Date {
        self.start.saturating_add(Span::new().years(LONGEST_YEARS))
    }

    /// Returns the day after `due` on which the next one is due.
    pub fn due_after(&self, calendar: &Calendar, due: Date) -> Option<Date> {
        if self.frequency == Frequency::Daily {
            return Some(calendar.next_business_day(due));
        }
        calendar
            .sip_dates(self.frequency, self.start)
            .map(|next| next.due)
            .find(|next| *next > due)
    }

    /// Returns the first day an instalment is due.
    pub fn first_due(&self, calendar: &Calendar) -> Option<Date> {
        let mut dates = calendar.sip_dates(self.frequency, self.start);
        dates.next().map(|first| first.due)
    }

    /// Returns the day on which what is due is carried out: a debit on a day the banks work,
    /// the rest on a business day. The agreed day only names the instalment.
    pub fn runs_on(&self, calendar: &Calendar, due: Date) -> Date {
        match self.kind {
            PlanKind::Sip => calendar.add_settlement_days(due, 0),
            PlanKind::Stp | PlanKind::Swp => calendar.business_day_from(due),
        }
    }

    /// Returns after how many failures in a row the exchange ends it.
    pub const fn most_failures(&self) -> u32 {
        match self.frequency {
            Frequency::Daily | Frequency::Weekly | Frequency::Fortnightly | Frequency::Monthly => 3,
            Frequency::Quarterly | Frequency::HalfYearly | Frequency::Yearly => 2,
        }
    }
}

fn raised(amount: Paise, percent: Decimal) -> Paise {
    let more = amount.rupees() * (Decimal::ONE_HUNDRED + percent) / Decimal::ONE_HUNDRED;
    let whole = more.round_dp_with_strategy(0, RoundingStrategy::MidpointAwayFromZero);
    Paise::from_rupees(whole).unwrap_or(amount)
}

/// A day by count of steps; business days only matter to daily plans, of which this is
/// never later than the truth by more than their holidays, so they get twice the span.
fn nth(frequency: Frequency, start: Date, at: u32) -> Option<Date> {
    let at = i64::from(at);
    let span = match frequency {
        Frequency::Daily => Span::new().try_days(2 * at + 7),
        Frequency::Weekly => Span::new().try_weeks(at),
        Frequency::Fortnightly => Span::new().try_weeks(2 * at),
        Frequency::Monthly => Span::new().try_months(at),
        Frequency::Quarterly => Span::new().try_months(3 * at),
        Frequency::HalfYearly => Span::new().try_months(6 * at),
        Frequency::Yearly => Span::new().try_years(at),
    };
    start.checked_add(span.ok()?).ok()
}

/// A plan on record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// Ours.
    pub id: PlanId,
    /// Whose.
    pub contact: ContactId,
    /// What was confirmed to make it.
    pub draft: DraftId,
    /// What it does.
    pub terms: PlanTerms,
    /// Paid through this mandate.
    pub mandate: Option<MandateId>,
    /// Folio it goes to; none makes a new one.
    pub folio: Option<String>,
    /// How far.
    pub status: PlanStatus,
    /// The plan it takes the place of.
    pub replaces: Option<PlanId>,
    /// How far its way to the gateway is.
    pub submission: Submission,
    /// When the call under way was begun.
    pub asked_at: Option<Timestamp>,
    /// Our reference with the gateway.
    pub reference: Reference,
    /// The gateway's id.
    pub gateway_id: Option<String>,
    /// The next instalment nobody prepared yet.
    pub next_due: Option<Date>,
    /// Instalments prepared so far, those left out included.
    pub prepared: u32,
    /// Instalments still to be left out.
    pub pause_left: u32,
    /// Why it ended, or was refused.
    pub reason: Option<String>,
    /// Debits must have stopped by then.
    pub cancel_by: Option<Date>,
    /// Made at.
    pub made_at: Timestamp,
    /// Rises with each change.
    pub version: i64,
}

/// Why a plan is not changed as asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotNow {
    /// It does not run.
    #[error("the plan is {0}")]
    Status(PlanStatus),
    /// The next instalment is on its way to the bank.
    #[error("the instalment of {due} is already with the bank")]
    TooLate {
        /// The day it is debited or sold on, which is the agreed one or the next that is
        /// open.
        due: Date,
    },
    /// No such number of instalments.
    #[error("so many instalments cannot be left out")]
    Pause,
    /// No such reason.
    #[error("a cancellation needs a reason from 1 to {REASONS}, the last one in words")]
    Reason,
    /// Another change of it is under way.
    #[error("another change of the plan is under way")]
    Busy,
}

impl Plan {
    /// Returns whether its next `instalments` can be left out. `prepared` is the newest day
    /// agreed on whose instalment is on record.
    pub fn may_pause(
        &self,
        instalments: u32,
        prepared: Option<Date>,
        (calendar, today): (&Calendar, Date),
    ) -> Result<(), NotNow> {
        if self.status != PlanStatus::Active {
            return Err(NotNow::Status(self.status));
        }
        if !(1..=LONGEST_PAUSE).contains(&instalments) {
            return Err(NotNow::Pause);
        }
        self.is_early_enough(prepared, calendar, today)
    }

    /// Returns whether it can run again before its pause is over. `prepared` is as above.
    pub fn may_resume(
        &self,
        prepared: Option<Date>,
        (calendar, today): (&Calendar, Date),
    ) -> Result<(), NotNow> {
        if self.status != PlanStatus::Paused {
            return Err(NotNow::Status(self.status));
        }
        self.is_early_enough(prepared, calendar, today)
    }

    /// Returns whether it can be ended for this reason.
    pub fn may_cancel(&self, reason: u8, words: Option<&str>) -> Result<(), NotNow> {
        if self.status.is_final() {
            return Err(NotNow::Status(self.status));
        }
        let has_words = words.is_some_and(|words| !words.trim().is_empty());
        if !(1..=REASONS).contains(&reason) || (reason == REASONS && !has_words) {
            return Err(NotNow::Reason);
        }
        Ok(())
    }

    /// Returns the last day a debit may still happen after a cancellation today.
    pub fn cancel_by(calendar: &Calendar, today: Date) -> Date {
        calendar.add_business_days(today, CANCEL_WITHIN)
    }

    /// What is on record for today or later was announced, or announced as left out: the
    /// exchange goes by what it has, and so its pause or end would be for another one.
    fn is_early_enough(
        &self,
        prepared: Option<Date>,
        calendar: &Calendar,
        today: Date,
    ) -> Result<(), NotNow> {
        let runs_on = |due| self.terms.runs_on(calendar, due);
        if let Some(due) = prepared.map(runs_on).filter(|due| *due >= today) {
            return Err(NotNow::TooLate { due });
        }
        match self.next_due {
            Some(due) if i64::from((due - today).get_days()) <= ANNOUNCED => {
                Err(NotNow::TooLate { due: runs_on(due) })
            }
            _ => Ok(()),
        }
    }

    /// Returns the day agreed on for the next instalment nobody prepared that is not left
    /// out; none where a pause has no end, or lasts until the plan has.
    pub fn next_to_run(&self, calendar: &Calendar) -> Option<Date> {
        let left = match self.status {
            PlanStatus::Paused => self.pause_left,
            _ => 0,
        };
        let all = self.terms.instalments;
        if left > LONGEST_PAUSE || all.is_some_and(|all| self.prepared + left >= all) {
            return None;
        }
        let first = self.next_due?;
        let next = (0..left).try_fold(first, |due, _| self.terms.due_after(calendar, due))?;
        (next <= self.terms.longest()).then_some(next)
    }

    /// Returns whether all its instalments are prepared.
    pub fn is_exhausted(&self) -> bool {
        let all = self
            .terms
            .instalments
            .is_some_and(|all| self.prepared >= all);
        // One that began late has its last instalment after its terms' last day.
        let longest = self.terms.longest();
        all || self.next_due.is_none_or(|due| due > longest)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use jiff::civil::date;

    use super::*;

    pub(in crate::investing::orders) fn monthly(amount: i64, start: Date) -> PlanTerms {
        PlanTerms {
            kind: PlanKind::Sip,
            scheme: SchemeCode(1),
            target: None,
            amount: Paise(amount),
            frequency: Frequency::Monthly,
            start,
            instalments: None,
            step_up: None,
        }
    }

    fn stepped(by: StepUpBy, cap: Option<i64>) -> PlanTerms {
        let step = StepUp {
            by,
            every_months: 12,
            cap: cap.map(Paise),
        };
        PlanTerms {
            step_up: Some(step),
            ..monthly(500_000, date(2026, 9, 5))
        }
    }

    #[test]
    fn a_step_up_takes_effect_on_its_day_and_stops_at_its_cap() {
        let fixed = stepped(StepUpBy::Amount(Paise(50_000)), Some(620_000));
        let on = |terms: &PlanTerms, y, m, d| terms.amount_on(date(y, m, d)).0;
        assert_eq!(on(&fixed, 2027, 8, 5), 500_000);
        assert_eq!(on(&fixed, 2027, 9, 5), 550_000);
        assert_eq!(on(&fixed, 2028, 9, 5), 600_000);
        assert_eq!(on(&fixed, 2029, 9, 5), 620_000);
        assert_eq!(fixed.largest(), Paise(620_000));
        let percent = stepped(StepUpBy::Percent(10.into()), None);
        assert_eq!(on(&percent, 2027, 9, 5), 550_000);
        assert_eq!(on(&percent, 2028, 9, 5), 605_000);
        assert_eq!(on(&percent, 2029, 9, 5), 665_500);
        assert_eq!(
            on(&percent, 2030, 9, 5),
            732_100,
            "7,320.50 becomes whole rupees"
        );
    }

    #[test]
    fn the_amounts_a_plan_comes_to_end_with_its_cap_or_its_last_day() {
        let amounts = |terms: &PlanTerms| terms.amounts().map(|(_, a)| a.0).collect::<Vec<_>>();
        let capped = stepped(StepUpBy::Percent(10.into()), Some(600_000));
        assert_eq!(amounts(&capped), [500_000, 550_000, 600_000]);
        let mut short = stepped(StepUpBy::Amount(Paise(50_000)), None);
        short.instalments = Some(13);
        let days: Vec<_> = short.amounts().collect();
        let (first, second) = (date(2026, 9, 5), date(2027, 9, 5));
        assert_eq!(days, [(first, Paise(500_000)), (second, Paise(550_000))]);
        short.step_up = None;
        assert_eq!(amounts(&short), [500_000]);
    }

    #[test]
    fn a_step_that_adds_nothing_ends_and_one_without_end_is_bounded() {
        let none = stepped(StepUpBy::Amount(Paise(0)), None);
        assert_eq!(none.largest(), Paise(500_000));
        let some = stepped(StepUpBy::Amount(Paise(100)), None);
        assert_eq!(
            some.largest(),
            Paise(500_000 + 30 * 100),
            "thirty years at most"
        );
    }

    #[test]
    fn the_last_day_follows_from_the_number_of_instalments() {
        let mut terms = monthly(1, date(2026, 8, 31));
        terms.instalments = Some(7);
        assert_eq!(terms.last_day(), date(2027, 2, 28));
        terms.instalments = None;
        assert_eq!(terms.last_day(), date(2056, 8, 31));
        let calendar = Calendar::shipped();
        let next = terms.due_after(&calendar, date(2027, 2, 28));
        assert_eq!(next, Some(date(2027, 3, 31)));
    }
}
