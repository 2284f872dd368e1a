//! The words that are consent to marketing, one by one.

use super::normalise;

/// Everything that is consent to marketing, word for word. A message that merely contains
/// such a word ("how do I subscribe to a fund", "do not subscribe me") is none, and neither
/// is one that only means something like it.
#[rustfmt::skip]
const CONSENT: &[&str] = &[
    "opt in", "opt in please", "optin", "please subscribe", "resubscribe", "start", "start messages", "start offers",
    "start promotions", "start updates", "subscribe", "subscribe karo", "subscribe me", "unstop", "सब्सक्राइब",
    "सब्सक्राइब करो",
];

/// Says whether a message is consent to marketing.
pub fn is_consent(raw: &str) -> bool {
    let words = normalise::words(&normalise::text(raw)).join(" ");
    CONSENT.contains(&words.as_str())
}
