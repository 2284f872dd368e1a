//! How urgent a business event is, and for how long telling of it is of use.

use jiff::civil::{Date, Time};
use jiff::{SignedDuration, Timestamp};

use crate::clock::ist;
use crate::investing::events::What;

/// How long after they wrote somebody still waits for what they asked for.
const WAITS: SignedDuration = SignedDuration::from_mins(30);
/// When the banks debit.
const DEBITS: Time = jiff::civil::time(8, 0, 0, 0);

/// Returns whether they have to know now, whoever holds the conversation: what the investor
/// can only mend today, and what they asked for and wait for.
pub(super) fn is_urgent(what: &What, today: Date) -> bool {
    match what {
        What::InstalmentFailed { on, .. } => *on == today,
        What::PaymentFailed { .. } => true,
        _ => was_asked_for(what),
    }
}

/// Returns whether it may pass the quiet hours: what is urgent, and of what was asked for
/// only what has just been. `wrote` is when they last wrote.
pub(super) fn may_wake(what: &What, now: Timestamp, wrote: Option<Timestamp>) -> bool {
    let is_awake = || wrote.is_some_and(|wrote| now <= wrote + WAITS);
    is_urgent(what, now.to_zoned(ist()).date()) && (!was_asked_for(what) || is_awake())
}

/// A page to approve or pay on, or a paper.
fn was_asked_for(what: &What) -> bool {
    match what {
        What::OrderPlaced { link, .. } => link.is_some(),
        What::MandateAwaiting { .. }
        | What::PlanAwaiting { .. }
        | What::AccountAwaiting { .. }
        | What::DocumentReady { .. } => true,
        _ => false,
    }
}

/// Returns until when it is of use to them.
pub(super) fn useful_until(what: &What, happened: Timestamp) -> Timestamp {
    let days = |days: i64| {
        let later = happened.checked_add(SignedDuration::from_hours(24 * days));
        later.unwrap_or(Timestamp::MAX)
    };
    match what {
        What::InstalmentDue { on, .. } => at(*on, DEBITS).unwrap_or_else(|| days(1)),
        What::DocumentReady { expires, .. } => end_of(*expires).unwrap_or_else(|| days(1)),
        // A page to approve or pay on does not stay open for long.
        What::OrderPlaced { link: Some(_), .. }
        | What::PlanAwaiting { .. }
        | What::PaymentFailed { .. } => days(3),
        What::MandateAwaiting { .. } | What::AccountAwaiting { .. } => days(7),
        _ => days(30),
    }
}

fn end_of(day: Date) -> Option<Timestamp> {
    at(day.tomorrow().ok()?, Time::midnight())
}

fn at(day: Date, time: Time) -> Option<Timestamp> {
    let there = day.to_datetime(time).to_zoned(ist()).ok()?;
    Some(there.timestamp())
}

#[cfg(test)]
mod tests {
    use super::super::samples;
    use super::*;

    #[test]
    fn a_failure_wakes_somebody_only_on_its_own_day() {
        let failed = samples::failed(2);
        assert!(is_urgent(&failed, samples::DAY));
        assert!(!is_urgent(&failed, samples::DAY.tomorrow().unwrap()));
        assert!(!is_urgent(&samples::allotted(), samples::DAY));
    }

    #[test]
    fn what_was_asked_for_wakes_only_whoever_has_just_written() {
        let now: Timestamp = "2026-09-05T23:30:00+05:30".parse().unwrap();
        let ago = |minutes| Some(now - SignedDuration::from_mins(minutes));
        let waits = samples::all().into_iter().filter(|what| {
            matches!(
                what,
                What::MandateAwaiting { .. } | What::PlanAwaiting { .. }
            )
        });
        for what in waits {
            assert!(may_wake(&what, now, ago(30)));
            assert!(!may_wake(&what, now, ago(31)) && !may_wake(&what, now, None));
            assert!(
                is_urgent(&what, samples::DAY),
                "a person holds nothing of it back"
            );
        }
        assert!(may_wake(&samples::failed(2), now, None));
        assert!(!may_wake(&samples::allotted(), now, ago(0)));
    }

    #[test]
    fn a_reminder_is_of_use_until_the_debit() {
        let happened: Timestamp = "2026-09-03T04:30:00Z".parse().unwrap();
        let end: Timestamp = "2026-09-05T08:00:00+05:30".parse().unwrap();
        assert_eq!(useful_until(&samples::due(), happened), end);
        assert!(useful_until(&samples::allotted(), happened) > end);
    }
}
