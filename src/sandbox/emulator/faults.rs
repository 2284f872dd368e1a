//! Ways to misbehave, each switchable while it runs.
//!
//! Chance comes from one seeded generator, so that a run can be repeated.

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde::{Deserialize, Serialize};

/// A way to misbehave.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultKind {
    /// A webhook comes several times: at once and again within the next minute.
    DuplicateWebhooks,
    /// A webhook waits a random while, so that later ones overtake it.
    ReorderWebhooks,
    /// A message webhook comes late.
    DelayWebhooks,
    /// The statuses of a message come late.
    DelayStatuses,
    /// The statuses of a message come in any order.
    ShuffleStatuses,
    /// The answer to a send is held back while its statuses already go out.
    StatusBeforeResponse,
    /// `delivered` never comes.
    MissingDelivered,
    /// No status comes at all.
    MissingStatuses,
    /// A send is refused with a chosen code.
    RefuseSends,
    /// A send is accepted and fails later with a chosen code.
    FailLater,
    /// A send is refused with 130429.
    ThrottleSends,
    /// A send is answered with 503 and was not accepted.
    ServerErrors,
    /// A proxy answers a send with a page of HTML; it was not accepted.
    HtmlErrors,
    /// A send is accepted, then the connection closes without an answer.
    AcceptThenDrop,
    /// A send is accepted and not answered for a long time.
    AcceptThenHang,
    /// A send is not accepted and not answered for a long time.
    HangUnaccepted,
    /// A webhook names a user by the business-scoped id only.
    HidePhones,
    /// A file comes with a byte that is another.
    SpoilFiles,
    /// A webhook is signed with another secret.
    BadSignature,
    /// A webhook comes without a signature.
    NoSignature,
    /// A webhook comes once more, long after the first time.
    LateDuplicates,
    /// A message is told as delivered and as failed, as with several devices.
    DeliveredAndFailed,
    /// Every part of a webhook has a field nobody knows.
    UnknownFields,
    /// The times in a webhook are in milliseconds.
    MillisTimestamps,
    /// Messages and statuses wait for each other and come in one value of one POST.
    MixedUpdates,
    /// A POST begins with entries of other accounts, about numbers that are not the bot's.
    OtherAccounts,
    /// A message is of a type nobody knows.
    UnknownTypes,
    /// A POST begins with an update of a field nobody knows.
    UnknownUpdates,
    /// The words of a message hold a U+0000.
    NulInTexts,
    /// A POST is as large as Meta's become.
    LargeBodies,
    /// The answer to a send, and its statuses, call the person by another number than it went to.
    OtherNumbers,
    /// A send is accepted, then the connection closes in the middle of the answer.
    CutAnswers,
    /// A form asks its endpoint with a key that is not the endpoint's, and again once it says so.
    OtherFormKey,
    /// A form's question is signed with another secret.
    BadFormSignature,
    /// A form asks with a token that was never sent.
    StrangeFormTokens,
    /// What is filled in goes twice to the endpoint, and twice to the chat.
    DuplicateForms,
}

impl FaultKind {
    /// All of them, in the order they are shown.
    pub const ALL: [Self; 36] = [
        Self::DuplicateWebhooks,
        Self::ReorderWebhooks,
        Self::DelayWebhooks,
        Self::DelayStatuses,
        Self::ShuffleStatuses,
        Self::StatusBeforeResponse,
        Self::MissingDelivered,
        Self::MissingStatuses,
        Self::RefuseSends,
        Self::FailLater,
        Self::ThrottleSends,
        Self::ServerErrors,
        Self::HtmlErrors,
        Self::AcceptThenDrop,
        Self::AcceptThenHang,
        Self::HangUnaccepted,
        Self::HidePhones,
        Self::SpoilFiles,
        Self::BadSignature,
        Self::NoSignature,
        Self::LateDuplicates,
        Self::DeliveredAndFailed,
        Self::UnknownFields,
        Self::MillisTimestamps,
        Self::MixedUpdates,
        Self::OtherAccounts,
        Self::UnknownTypes,
        Self::UnknownUpdates,
        Self::NulInTexts,
        Self::LargeBodies,
        Self::OtherNumbers,
        Self::CutAnswers,
        Self::OtherFormKey,
        Self::BadFormSignature,
        Self::StrangeFormTokens,
        Self::DuplicateForms,
    ];

    /// Returns what to call it.
    pub fn label(self) -> &'static str {
        match self {
            Self::DuplicateWebhooks => "Duplicate webhooks",
            Self::ReorderWebhooks => "Reorder webhooks",
            Self::DelayWebhooks => "Delay messages",
            Self::DelayStatuses => "Delay statuses",
            Self::ShuffleStatuses => "Shuffle statuses",
            Self::StatusBeforeResponse => "Status before response",
            Self::MissingDelivered => "No delivered status",
            Self::MissingStatuses => "No statuses at all",
            Self::RefuseSends => "Refuse sends",
            Self::FailLater => "Fail later",
            Self::ThrottleSends => "Throttle sends (130429)",
            Self::ServerErrors => "Server error 503",
            Self::HtmlErrors => "HTML error page",
            Self::AcceptThenDrop => "Accept, then drop",
            Self::AcceptThenHang => "Accept, then hang",
            Self::HangUnaccepted => "Hang, not accepted",
            Self::HidePhones => "Hide phone numbers",
            Self::SpoilFiles => "Spoil files",
            Self::BadSignature => "Bad signature",
            Self::NoSignature => "No signature",
            Self::LateDuplicates => "Duplicate hours later",
            Self::DeliveredAndFailed => "Delivered and failed",
            Self::UnknownFields => "Unknown fields",
            Self::MillisTimestamps => "Times in milliseconds",
            Self::MixedUpdates => "Messages and statuses in one",
            Self::OtherAccounts => "Other accounts in the same POST",
            Self::UnknownTypes => "Unknown types of messages",
            Self::UnknownUpdates => "Unknown kinds of updates",
            Self::NulInTexts => "U+0000 in texts",
            Self::LargeBodies => "Large bodies",
            Self::OtherNumbers => "Another number in the answer",
            Self::CutAnswers => "Accept, then cut the answer",
            Self::OtherFormKey => "Forms: another key (421)",
            Self::BadFormSignature => "Forms: bad signature (432)",
            Self::StrangeFormTokens => "Forms: a strange token (427)",
            Self::DuplicateForms => "Forms: everything twice",
        }
    }

    /// Returns what the amount counts, if it has one, and its usual value.
    pub fn amount(self) -> Option<(&'static str, u64)> {
        match self {
            Self::DuplicateWebhooks => Some(("copies", 2)),
            Self::ReorderWebhooks | Self::ShuffleStatuses => Some(("ms at most", 2_000)),
            Self::DelayWebhooks | Self::DelayStatuses => Some(("ms", 5_000)),
            Self::StatusBeforeResponse => Some(("ms", 500)),
            Self::MixedUpdates => Some(("ms to wait", 1_000)),
            Self::OtherAccounts => Some(("entries", 1)),
            Self::LargeBodies => Some(("bytes", 3 * 1_024 * 1_024)),
            Self::RefuseSends => Some(("code", 131_031)),
            Self::FailLater => Some(("code", 131_049)),
            Self::LateDuplicates => Some(("s", 3 * 3_600)),
            Self::DeliveredAndFailed => Some(("code", 131_026)),
            Self::AcceptThenHang | Self::HangUnaccepted => Some(("ms", 60_000)),
            _ => None,
        }
    }
}

/// How often and how much.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fault {
    /// Probability from 0 (off) to 1 (always).
    pub chance: f64,
    /// How many more times; without end if it is not given.
    #[serde(default)]
    pub left: Option<u64>,
    /// Copies, milliseconds or a code, as the kind has it.
    #[serde(default)]
    pub amount: Option<u64>,
}

impl Fault {
    /// Never.
    pub const OFF: Self = Self {
        chance: 0.0,
        left: None,
        amount: None,
    };

    /// With this probability, without end.
    pub fn chance(chance: f64) -> Self {
        Self {
            chance,
            ..Self::OFF
        }
    }

    /// The next `times` times, for certain.
    pub fn times(times: u64) -> Self {
        Self {
            left: Some(times),
            ..Self::chance(1.0)
        }
    }

    /// The same with another amount.
    #[must_use]
    pub fn amount(self, amount: u64) -> Self {
        Self {
            amount: Some(amount),
            ..self
        }
    }
}

/// The switches and the dice.
#[derive(Debug)]
pub(crate) struct Faults {
    table: [Fault; FaultKind::ALL.len()],
    dice: StdRng,
}

impl Faults {
    pub(crate) fn seeded(seed: u64) -> Self {
        Self {
            table: [Fault::OFF; FaultKind::ALL.len()],
            dice: StdRng::seed_from_u64(seed),
        }
    }

    pub(crate) fn get(&self, kind: FaultKind) -> Fault {
        self.table[kind as usize]
    }

    pub(crate) fn set(&mut self, kind: FaultKind, fault: Fault) {
        self.table[kind as usize] = fault;
    }

    /// Decides whether it happens this time and returns the amount if it does.
    pub(crate) fn roll(&mut self, kind: FaultKind) -> Option<u64> {
        let fault = &mut self.table[kind as usize];
        if fault.chance <= 0.0 || fault.left == Some(0) {
            return None;
        }
        if fault.chance < 1.0 && self.dice.random::<f64>() >= fault.chance {
            return None;
        }
        fault.left = fault.left.map(|left| left - 1);
        let usual = kind.amount().map_or(0, |(_, usual)| usual);
        Some(fault.amount.unwrap_or(usual))
    }

    /// Returns a number from 0 to `most`.
    pub(crate) fn up_to(&mut self, most: u64) -> u64 {
        self.dice.random_range(0..=most)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_counted_fault_happens_that_often_and_then_no_more() {
        let mut faults = Faults::seeded(1);
        faults.set(FaultKind::RefuseSends, Fault::times(2).amount(190));
        let rolls: Vec<_> = (0..4)
            .map(|_| faults.roll(FaultKind::RefuseSends))
            .collect();
        assert_eq!(rolls, [Some(190), Some(190), None, None]);
        assert_eq!(faults.roll(FaultKind::HtmlErrors), None);
    }

    #[test]
    fn the_same_seed_throws_the_same_dice() {
        let thrown = |seed| {
            let mut faults = Faults::seeded(seed);
            faults.set(FaultKind::MissingStatuses, Fault::chance(0.5));
            (0..64)
                .map(|_| faults.roll(FaultKind::MissingStatuses).is_some())
                .collect::<Vec<_>>()
        };
        assert_eq!(thrown(7), thrown(7));
        assert_ne!(thrown(7), thrown(8));
        assert!(thrown(7).contains(&true) && thrown(7).contains(&false));
    }

    #[test]
    fn every_kind_is_listed_at_its_own_place() {
        for (place, kind) in FaultKind::ALL.into_iter().enumerate() {
            assert_eq!(kind as usize, place);
        }
    }
}
