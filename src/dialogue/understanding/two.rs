//! Two wishes in one message: `SIP band karo aur 5000 nikaal do`.

use super::{Expectation, Intent, Understood, instead, understand};

/// Less sure of a part, and the message is read as a whole.
const SURE: f32 = 0.6;

/// What stands between two wishes; longer ones are found before those they hold.
const BETWEEN: &[&str] = &[
    " uske baad ",
    " उसके बाद ",
    " aur ",
    " और ",
    " and ",
    " then ",
    " phir ",
    " fir ",
    " फिर ",
    " & ",
    ", ",
    "; ",
    ". ",
    "। ",
    "\n",
];

/// A message that wants two things about money.
#[derive(Debug, Clone, PartialEq)]
pub struct TwoWishes {
    /// What it wants first, with what it says about that and nothing of the other.
    pub first: Understood,
    /// The words of the first.
    pub words: String,
    /// What it wants besides.
    pub second: Intent,
}

/// Parts a message that was read as `whole` into two wishes, if each of its parts is surely
/// one by itself. What was read as one thing made of both (a change, a switch) is one.
pub fn two_wishes(raw: &str, whole: Intent) -> Option<TwoWishes> {
    if raw.contains('?') {
        return None;
    }
    // Lengths stay as they are, so that places in one are places in the other.
    let lower = raw.to_ascii_lowercase();
    let mut cuts: Vec<(usize, usize)> = BETWEEN
        .iter()
        .flat_map(|between| lower.match_indices(between))
        .map(|(at, between)| (at, at + between.len()))
        .collect();
    cuts.sort_unstable();
    cuts.into_iter().find_map(|(from, to)| {
        let (first, second) = (raw.get(..from)?, raw.get(to..)?);
        let (heard, other) = (wish(first)?, wish(second)?.intent);
        let is_either = whole == heard.intent || whole == other || whole == Intent::Unknown;
        (is_either && are_two(heard.intent, other)).then(|| TwoWishes {
            first: heard,
            words: first.trim().to_owned(),
            second: other,
        })
    })
}

/// Says whether two wishes are more than one in many words: a pause that is to end, money
/// that moves from one fund and into another, a SIP and what is paid into it.
fn are_two(first: Intent, second: Intent) -> bool {
    let both = [first, second];
    let moves = both.contains(&Intent::Switch)
        && (both.contains(&Intent::InvestOnce) || both.contains(&Intent::Redeem));
    let pays_in = |wish: &Intent| {
        matches!(
            wish,
            Intent::SipStart | Intent::SipChange | Intent::InvestOnce
        )
    };
    first != second && second != Intent::SipResume && !moves && !both.iter().all(pays_in)
}

/// Reads a part that wants one thing; one that takes something back may be about the other.
fn wish(part: &str) -> Option<Understood> {
    let takes_back =
        |word: &String| instead::refuses_what_was(word) || instead::refuses_what_follows(word);
    if super::plain_words(part).iter().any(takes_back) {
        return None;
    }
    let heard = understand(part, Expectation::Nothing);
    let is_sure = heard.confidence >= SURE && heard.intent.moves_money();
    is_sure.then_some(heard)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parted(raw: &str) -> Option<TwoWishes> {
        two_wishes(raw, understand(raw, Expectation::Nothing).intent)
    }

    #[test]
    fn two_wishes_are_parted_and_neither_takes_what_belongs_to_the_other() {
        for (text, first, second) in [
            (
                "SIP band karo aur 5000 nikaal do",
                Intent::SipStop,
                Intent::Redeem,
            ),
            (
                "stop my sip and redeem 5000",
                Intent::SipStop,
                Intent::Redeem,
            ),
            (
                "मेरी सिप बंद करो और 5000 निकाल दो",
                Intent::SipStop,
                Intent::Redeem,
            ),
        ] {
            let parted = parted(text).unwrap_or_else(|| panic!("{text} is one"));
            let both = (parted.first.intent, parted.second);
            assert_eq!(both, (first, second), "{text}");
            assert_eq!(parted.first.slots.amount, None, "{text}");
        }
    }

    #[test]
    fn one_wish_in_many_words_stays_one() {
        for text in [
            "stop my sip in hdfc flexi cap and parag parikh",
            "start a sip of 5000 in hdfc flexi cap, 5th of every month",
            "5000 nikaal do aur bank me bhej do",
            "switch from hdfc flexi cap and put it in parag parikh",
            "sell hdfc flexi cap and put it in parag parikh",
            "sip band mat karo aur 5000 nikaal do",
            "start sip 5000, no invest once 5000",
            "should i stop my sip and redeem 5000?",
            "mujhe sip shuru karni hai, 5000 lagane hai hdfc flexi cap me",
            "start a sip, invest 5000 in hdfc flexi cap",
            "start a sip of 5000 in hdfc flexi cap and increase it by 10% every year",
            "stop my sip",
            "",
        ] {
            assert_eq!(parted(text), None, "{text}");
        }
    }
}
