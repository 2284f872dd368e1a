//! The words that are consent to marketing or its end, one by one.

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

/// Words that end marketing whatever has been learnt: STOP is a promise printed below every
/// offer. What only means the same is left to the model.
const STOP: &[&str] = &[
    "opt out",
    "optout",
    "please stop",
    "stop",
    "stop all",
    "stopall",
    "unsubscribe",
];

/// Says whether a message is the plain word against marketing.
pub fn is_stop(raw: &str) -> bool {
    is_one_of(raw, STOP)
}

/// Says whether a message is consent to marketing.
pub fn is_consent(raw: &str) -> bool {
    is_one_of(raw, CONSENT)
}

fn is_one_of(raw: &str, messages: &[&str]) -> bool {
    let words = normalise::words(&normalise::text(raw)).join(" ");
    messages.contains(&words.as_str())
}
