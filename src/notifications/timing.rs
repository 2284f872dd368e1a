//! How urgent a business event is, and for how long telling of it is of use.

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

use crate::clock::ist;
use crate::investing::events::What;

/// Returns whether it may pass the quiet hours: what the investor can only mend today, and
/// what they have just asked for and wait for.
pub(super) fn is_urgent(what: &What, today: Date) -> bool {
    match what {
        What::InstalmentFailed { on, .. } => *on == today,
        What::OrderPlaced { link, .. } => link.is_some(),
        What::MandateAwaiting { .. }
        | What::PlanAwaiting { .. }
        | What::PaymentFailed { .. }
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
        What::InstalmentDue { on, .. } => end_of(*on).unwrap_or_else(|| days(1)),
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
    let next = day.tomorrow().ok()?.to_zoned(ist()).ok()?;
    Some(next.timestamp())
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
    fn a_reminder_is_of_use_to_the_end_of_its_day() {
        let happened: Timestamp = "2026-09-03T04:30:00Z".parse().unwrap();
        let end: Timestamp = "2026-09-06T00:00:00+05:30".parse().unwrap();
        assert_eq!(useful_until(&samples::due(), happened), end);
        assert!(useful_until(&samples::allotted(), happened) > end);
    }
}
