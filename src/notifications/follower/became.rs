//! What is known of a notice that was handed over.

use crate::pipeline::{SETTLED, Standing};

/// What became of a message or letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Became {
    /// Not sent yet: whoever sends holds it back, or has not come to it.
    Waits,
    OnItsWay,
    /// Meta took it and it may still arrive.
    Accepted,
    Told,
    /// Never sent; the same way may be open another time.
    NotSent,
    /// Certainly failed.
    Failed,
    /// Failed, and yet it may have reached one of their devices.
    FailedPerhaps,
    /// Nobody knows, and a person has been asked.
    Unknown,
}

/// Returns what became of a message, and why.
pub(super) fn of_message(it: &Standing) -> (Became, Option<String>) {
    let became = match it.state.as_str() {
        "delivered" | "read" | "played" => Became::Told,
        // Tried again it would fit no better.
        "cancelled" if !it.was_accepted && it.reason.as_deref() == Some("template_misfit") => {
            Became::Failed
        }
        "cancelled" if !it.was_accepted => Became::NotSent,
        "superseded" if it.reason.as_deref() == Some(SETTLED) => Became::Unknown,
        "queued" => Became::Waits,
        "failed" if !it.was_accepted || is_never_delivered(it.code) => Became::Failed,
        "failed" | "cancelled" | "superseded" => Became::FailedPerhaps,
        "accepted" | "sent" => Became::Accepted,
        _ => Became::OnItsWay,
    };
    (became, it.reason.clone())
}

/// Returns whether Meta's code says that no device got it: nobody there to get it, the
/// window closed, a file that could not be used, or a template that is not (any more) one.
fn is_never_delivered(code: Option<i64>) -> bool {
    matches!(
        code,
        Some(131_026 | 131_047 | 131_052 | 131_053 | 132_000..=132_016)
    )
}

/// Returns what became of a letter, and why.
pub(super) fn of_letter((state, reason): (String, Option<String>)) -> (Became, Option<String>) {
    let became = match state.as_str() {
        "sent" => Became::Told,
        "failed" => Became::Failed,
        "unknown" => Became::Unknown,
        "queued" => Became::Waits,
        _ => Became::OnItsWay,
    };
    (became, reason)
}
