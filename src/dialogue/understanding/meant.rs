//! Which of the amounts of a message is meant.

use rust_decimal::Decimal;

use super::amount::{self, Quantities};
use super::instead::{self, Stands};
use super::intent::Intent;
use super::reading::Message;

/// "By 500", `500 se`: how much more or less, or from what; never how much from then on.
fn is_difference(message: &Message<'_>) -> bool {
    // `5 se 7 hazaar` has two ends; `by 10 July` a day.
    if !message.quantities.bare.is_empty() {
        return false;
    }
    let words = super::plain_words(message.raw);
    let mut pairs = words.windows(2);
    pairs.any(|pair| {
        let (first, then) = (pair[0].as_str(), pair[1].as_str());
        let is_from = matches!(then, "se" | "से") && amount::is_of_an_amount(first);
        is_from || first == "by" && amount::is_of_an_amount(then)
    })
}

/// "From 5000 to 7000" is 7000 for a change; two amounts in anything else are none.
pub(super) fn amount(intent: Intent, message: &Message<'_>) -> Option<Decimal> {
    let found = message.quantities;
    let is_change = intent == Intent::SipChange;
    match found.money[..] {
        [first, last] => match instead::amount_that_stands(message.raw) {
            Some(Stands::First) => Quantities::rupees(first),
            Some(Stands::Last) => Quantities::rupees(last),
            None if is_change && !is_another_wish(message) => Quantities::rupees(last),
            None | Some(Stands::Neither) => None,
        },
        [_] if is_change && is_another_wish(message) => None,
        // From five to seven thousand.
        [one] if is_change && found.is_range && !found.unreadable && says_from(message) => {
            Quantities::rupees(one)
        }
        [_] if is_change && is_difference(message) => None,
        [_] if is_change && is_less(message) => None,
        _ => found.amount(),
    }
}

fn says_from(message: &Message<'_>) -> bool {
    let words = super::plain_words(message.raw);
    words
        .iter()
        .any(|word| matches!(word.as_str(), "se" | "से" | "to"))
}

/// Says whether a change of a SIP comes with a wish that has an amount of its own: "make it
/// 3,000 and take out 10,000".
fn is_another_wish(message: &Message<'_>) -> bool {
    ["redeem", "once", "switch", "switch_funds"]
        .into_iter()
        .any(|name| message.has(name))
}

/// `500 kam karo`: how much less, and not what it comes to.
fn is_less(message: &Message<'_>) -> bool {
    message.has("decrease") && !instead::says_what_it_comes_to(message.raw)
}
