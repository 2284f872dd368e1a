//! The sums there are, and how each is asked for.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::super::super::labels::Label;
use super::super::super::understanding::amount::quantities;
use super::super::super::understanding::normalise;

/// A sum.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sum {
    /// What the same amount every month comes to.
    #[default]
    Sip,
    /// What one amount comes to.
    Once,
    /// What an amount every month comes to that grows each year.
    StepUp,
    /// What has to be put in every month to come to an amount.
    Goal,
    /// How long an amount lasts of which some is taken every month.
    Swp,
}

/// A part of a sum that has to be known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Amount,
    Step,
    Monthly,
    Time,
    Rate,
}

impl Sum {
    /// Every sum, in the order in which they are offered.
    pub(super) const ALL: [Self; 5] = [Self::Sip, Self::Once, Self::StepUp, Self::Goal, Self::Swp];

    /// Returns the word a tap and a template know it by.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sip => "sip",
            Self::Once => "once",
            Self::StepUp => "step_up",
            Self::Goal => "goal",
            Self::Swp => "swp",
        }
    }

    /// Reads the word of a tap.
    pub(super) fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|sum| sum.as_str() == text)
    }

    /// Returns its row in the choice of sums, and the line below.
    pub(super) const fn row(self) -> (Label, Label) {
        match self {
            Self::Sip => (Label::MenuCalculator, Label::SumSipNote),
            Self::Once => (Label::SumOnce, Label::SumOnceNote),
            Self::StepUp => (Label::SumStepUp, Label::SumStepUpNote),
            Self::Goal => (Label::SumGoal, Label::SumGoalNote),
            Self::Swp => (Label::SumSwp, Label::SumSwpNote),
        }
    }

    /// Returns its parts in the order in which they are asked.
    pub(super) const fn parts(self) -> &'static [Part] {
        match self {
            Self::Sip | Self::Once | Self::Goal => &[Part::Amount, Part::Time, Part::Rate],
            Self::StepUp => &[Part::Amount, Part::Step, Part::Time, Part::Rate],
            Self::Swp => &[Part::Amount, Part::Monthly, Part::Time, Part::Rate],
        }
    }

    /// Returns the largest amount we calculate with, rupees.
    pub(super) fn largest(self) -> Decimal {
        Decimal::from(match self {
            Self::Sip | Self::StepUp => 10_000_000_u64,
            Self::Once | Self::Goal | Self::Swp => 1_000_000_000,
        })
    }

    /// Returns the sum that words speak of.
    pub(super) fn said(words: &str) -> Option<Self> {
        let said = format!(" {} ", normalise::words(&normalise::text(words)).join(" "));
        let says = |phrases: &[&str]| phrases.iter().any(|phrase| said.contains(phrase));
        let is_large = quantities(words)
            .money
            .iter()
            .any(|amount| *amount >= LEAST_GOAL);
        if says(SWP) {
            Some(Self::Swp)
        } else if says(STEP_UP) {
            Some(Self::StepUp)
        } else if says(GOAL) || (is_large && says(WISHED_FOR)) {
            Some(Self::Goal)
        } else if says(ONCE) {
            Some(Self::Once)
        } else if says(SIP) {
            Some(Self::Sip)
        } else {
            None
        }
    }
}

/// "I need 5000" asks for no goal.
const LEAST_GOAL: Decimal = Decimal::from_parts(100_000, 0, 0, false, 0);

// Beginnings of words, with the space before them: `nikal` is `nikalun`, too.
#[rustfmt::skip]
const SWP: &[&str] = &[
    " swp", " withdraw", " nikal", " निकाल", " एसडब्ल्यूपी", " एस डब्ल्यू पी",
];
#[rustfmt::skip]
const STEP_UP: &[&str] = &[
    " step up", " stepup", " top up", " topup", " स्टेप", " har saal badh", " har sal badh",
    " हर साल बढ़", " increase every year", " increasing every year", " increase yearly", " yearly increase",
];
#[rustfmt::skip]
const GOAL: &[&str] = &[
    " goal", " target", " lakshya", " लक्ष्य", " गोल ", " टारगेट",
];
#[rustfmt::skip]
const WISHED_FOR: &[&str] = &[
    " chahiye", " chaiye", " chahie", " चाहिए", " i need", " i want", " to get", " to reach", " to make", " to have",
    " banana hai", " jodna hai", " बनाना है", " जोड़ना है", " how much sip", " how much monthly", " kitni sip",
    " kitne ki sip", " kitna sip", " कितनी sip", " कितने की sip", " कितनी एसआईपी", " har mahine kitna",
    " हर महीने कितना", " हर महीने कितने",
];
#[rustfmt::skip]
const ONCE: &[&str] = &[
    " lumpsum", " lump sum", " lumsum", " one time", " onetime", " once", " ek baar", " ek bar ", " ekmusht",
    " एकमुश्त", " एक बार", " लंपसम", " लम्पसम",
];
#[rustfmt::skip]
const SIP: &[&str] = &[
    " sip", " एसआईपी", " monthly", " every month", " per month", " har mahine", " har mahina", " हर महीने",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sum_is_known_by_how_it_is_asked_for_in_each_language() {
        for (words, sum) in [
            ("sip calculator", Some(Sum::Sip)),
            ("5000 har mahine 10 saal", Some(Sum::Sip)),
            ("एसआईपी कैलकुलेटर", Some(Sum::Sip)),
            ("lumpsum calculator 1 lakh", Some(Sum::Once)),
            ("1 lakh ek baar lagau to kitna banega", Some(Sum::Once)),
            ("एकमुश्त 1 लाख 10 साल", Some(Sum::Once)),
            ("step up sip 5000 10% 15 years", Some(Sum::StepUp)),
            ("5000 ki sip har saal badhaun", Some(Sum::StepUp)),
            ("goal calculator", Some(Sum::Goal)),
            ("how much sip for 1 crore in 15 years", Some(Sum::Goal)),
            ("15 साल में 1 करोड़ चाहिए", Some(Sum::Goal)),
            ("bhai sip calculator chahiye mujhe 5000", Some(Sum::Sip)),
            ("swp calculator", Some(Sum::Swp)),
            ("10 lakh se har mahine 8000 nikalun", Some(Sum::Swp)),
            ("हर महीने 8000 निकालूँ तो", Some(Sum::Swp)),
            ("calculator", None),
            ("5000 for 10 years at 12%", None),
        ] {
            assert_eq!(Sum::said(words), sum, "{words}");
        }
        for sum in Sum::ALL {
            assert_eq!(Sum::parse(sum.as_str()), Some(sum));
        }
    }
}
