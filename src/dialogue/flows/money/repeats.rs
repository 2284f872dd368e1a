//! How often something is wanted: SIPs run every month, and everything else is done once.
//! Who asks for another rhythm is told so before the next question.

use super::super::super::scene::{Scene, Step};
use super::super::super::texts::Text;
use super::super::super::understanding::{Frequency, Slots, speaks_of};

/// What says that money is to move again and again.
const AGAIN: [&str; 8] = [
    "every_day",
    "every_week",
    "every_fortnight",
    "every_month",
    "every_quarter",
    "every_half_year",
    "every_year",
    "stp_word",
];

/// Says whether a wish for a SIP is for one that runs every month. A year beside a rate is
/// that of its growth.
pub(super) fn is_monthly(slots: &Slots) -> bool {
    match slots.frequency {
        None | Some(Frequency::Monthly) => true,
        Some(Frequency::Yearly) => slots.rate.is_some(),
        Some(_) => false,
    }
}

/// Says in front of a step that what was asked for again and again would be done once.
pub(super) fn once(scene: &Scene<'_>, slots: &Slots, step: Step) -> anyhow::Result<Step> {
    let typed = slots.text.as_deref().unwrap_or_default();
    if AGAIN.iter().any(|again| speaks_of(typed, again)) {
        return Ok(step.led_by(&scene.say(&Text::OnlyOnce {})?));
    }
    Ok(step)
}
