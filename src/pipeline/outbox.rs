//! How far a message got, and the one direction it can go.

use crate::security::Keyring;
use crate::whatsapp::rates::Pricing;
use crate::whatsapp::{Sender, Status, StatusUpdate};

use super::turn::Purpose;

/// Which queue a message waits in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Lane {
    /// Answers of the bot.
    Reply,
    /// What a human agent writes.
    Agent,
    /// Notices somebody has to get.
    Utility,
    /// Marketing.
    Marketing,
}

impl Lane {
    /// All lanes, the most urgent first.
    pub const ALL: [Self; 4] = [Self::Reply, Self::Agent, Self::Utility, Self::Marketing];

    /// Returns the word it is stored as.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Reply => "reply",
            Self::Agent => "agent",
            Self::Utility => "utility",
            Self::Marketing => "marketing",
        }
    }

    /// Returns whether somebody wrote and waits for it.
    pub(super) const fn is_answer(self) -> bool {
        matches!(self, Self::Reply | Self::Agent)
    }

    /// Returns the lanes of which a message of this one overtakes no older one to the
    /// same person: its own, and of what they have to get the answers too, which may
    /// announce it.
    pub(super) fn waits_for(self) -> impl Iterator<Item = Self> {
        let announced = self == Self::Utility;
        let is_before = move |lane: &Self| *lane == self || announced && lane.is_answer();
        Self::ALL.into_iter().filter(is_before)
    }

    /// Returns whether nobody sits and waits for it.
    pub(super) const fn is_bulk(self) -> bool {
        !self.is_answer()
    }

    pub(super) fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|lane| lane.as_str() == text)
    }
}

impl Purpose {
    /// Returns the word it is stored as.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Chat => "chat",
            Self::Code => "code",
            Self::Money => "money",
            Self::Marketing => "marketing",
        }
    }

    pub(super) fn parse(text: &str) -> Option<Self> {
        [Self::Chat, Self::Code, Self::Money, Self::Marketing]
            .into_iter()
            .find(|purpose| purpose.as_str() == text)
    }
}

/// Where a message stands. The order is the lattice: a status webhook moves a message
/// up, never down, so that late, repeated and reordered ones do no harm.
///
/// `failed` lies under `delivered` because Meta sends both for somebody with several
/// devices, and delivered to one is delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum OutboxState {
    /// Waits to be sent.
    Queued,
    /// Is being sent.
    Sending,
    /// May have been sent: its echo will tell.
    Unknown,
    /// Meta took it.
    Accepted,
    /// Left Meta's servers.
    Sent,
    /// Will not arrive.
    Failed,
    /// On a device.
    Delivered,
    /// Opened.
    Read,
    /// Listened to.
    Played,
    /// Was not sent, for a reason that is recorded.
    Cancelled,
    /// Was not sent again, because a later one says what it would have said.
    Superseded,
}

impl OutboxState {
    /// Returns the word it is stored as.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Sending => "sending",
            Self::Unknown => "unknown",
            Self::Accepted => "accepted",
            Self::Sent => "sent",
            Self::Failed => "failed",
            Self::Delivered => "delivered",
            Self::Read => "read",
            Self::Played => "played",
            Self::Cancelled => "cancelled",
            Self::Superseded => "superseded",
        }
    }

    /// Reads the word of a state that a status webhook can report.
    pub(super) fn of_status(text: &str) -> Option<Self> {
        [
            Self::Sent,
            Self::Failed,
            Self::Delivered,
            Self::Read,
            Self::Played,
        ]
        .into_iter()
        .find(|state| state.as_str() == text)
    }

    /// Returns how far this is: what a status must exceed to change it.
    pub fn rank(self) -> i64 {
        match self {
            // Waiting, under way and unknown are equally far: nothing is proven.
            Self::Queued | Self::Sending | Self::Unknown => 0,
            // An echo still proves what we gave up on.
            Self::Cancelled | Self::Superseded => 10,
            Self::Accepted => 20,
            Self::Sent => 30,
            Self::Failed => 35,
            Self::Delivered => 40,
            Self::Read => 50,
            Self::Played => 60,
        }
    }
}

impl From<Status> for OutboxState {
    fn from(status: Status) -> Self {
        match status {
            Status::Sent => Self::Sent,
            Status::Failed => Self::Failed,
            Status::Delivered => Self::Delivered,
            Status::Read => Self::Read,
            Status::Played => Self::Played,
        }
    }
}

/// A status webhook, as far as the outbox needs it.
#[derive(Debug, Clone)]
pub(super) struct StatusMove {
    /// The outbox row, from what we sent along.
    pub(super) id: Option<String>,
    pub(super) wamid: [u8; 16],
    pub(super) state: OutboxState,
    pub(super) at: i64,
    pub(super) code: Option<i64>,
    pub(super) pricing: Option<Pricing>,
    /// Both names of whom a message of ours reached: of its statuses the one that says so
    /// is enough.
    pub(super) to: Option<Sender>,
}

impl StatusMove {
    pub(super) fn from_update(update: &StatusUpdate, wamid: [u8; 16]) -> Self {
        let id = update.callback.as_deref().and_then(row_of);
        let is_reached = update.status == Status::Delivered && id.is_some();
        Self {
            id: id.map(str::to_owned),
            to: update.to.as_ref().filter(|_| is_reached).cloned(),
            wamid,
            state: update.status.into(),
            at: update.at.as_millisecond(),
            code: update.error_code,
            pricing: update.pricing.clone(),
        }
    }
}

/// Returns the keyed hash a message id of Meta's is found by; the id itself holds the
/// phone number in base64 and is not kept.
pub(super) fn blind_wamid(keys: &Keyring, wamid: &str) -> [u8; 16] {
    keys.blind("outbox.wamid", wamid)
}

/// Returns what to send along with an attempt.
pub(super) fn callback(id: &str, attempt: i64) -> String {
    format!("{id}.{attempt}")
}

/// Returns the row that a callback names, if it is one of ours.
fn row_of(callback: &str) -> Option<&str> {
    let (id, attempt) = callback.rsplit_once('.')?;
    (id.parse::<crate::id::OutboxId>().is_ok() && attempt.parse::<i64>().is_ok()).then_some(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_a_status_says_moves_a_message_back() {
        use OutboxState::{Accepted, Delivered, Failed, Played, Queued, Read, Sent};
        let path = [Queued, Accepted, Sent, Failed, Delivered, Read, Played];
        assert!(path.windows(2).all(|pair| pair[0].rank() < pair[1].rank()));
    }

    #[test]
    fn a_callback_names_its_row_and_foreign_ones_name_none() {
        let id: crate::id::OutboxId = crate::id::Ids::seeded(1).next(jiff::Timestamp::UNIX_EPOCH);
        let callback = callback(&id.to_string(), 2);
        assert_eq!(row_of(&callback), Some(id.to_string().as_str()));
        for foreign in [
            "",
            "job-42",
            "out_1.2",
            "con_00000000000000000000000000000000.1",
        ] {
            assert_eq!(row_of(foreign), None);
        }
    }
}
