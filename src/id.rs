//! Typed, prefixed, time-ordered identifiers (`con_018f…`), so that a pasted id
//! names its table and a wrong one does not compile.
//!
//! They are version 7 UUIDs made from our clock and our randomness. Within one
//! process they only rise, so that "made earlier" is "sorts earlier" even inside
//! one millisecond.

use std::fmt;
use std::str::FromStr;
use std::sync::{Arc, Mutex};

use jiff::Timestamp;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use uuid::Uuid;

/// An id that does not read as one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an id of the form {1}_<32 hex digits>")]
pub struct InvalidId(String, &'static str);

/// Makes ids.
#[derive(Clone, Debug)]
pub struct Ids {
    state: Arc<Mutex<State>>,
}

#[derive(Debug)]
struct State {
    random: StdRng,
    last: u128,
}

impl Ids {
    /// Returns a generator seeded by the system.
    pub fn random() -> Self {
        Self::with(rand::make_rng())
    }

    /// Returns a generator whose ids repeat from run to run, for tests.
    pub fn seeded(seed: u64) -> Self {
        Self::with(StdRng::seed_from_u64(seed))
    }

    fn with(random: StdRng) -> Self {
        let state = State { random, last: 0 };
        Self {
            state: Arc::new(Mutex::new(state)),
        }
    }

    /// Returns a new id, greater than every id made here before.
    pub fn next<I: From<Uuid>>(&self, now: Timestamp) -> I {
        let mut state = self.state.lock().expect("nobody panics while holding it");
        let millis = u64::try_from(now.as_millisecond()).unwrap_or(0);
        let bytes: [u8; 10] = state.random.random();
        let fresh = uuid::Builder::from_unix_timestamp_millis(millis, &bytes).into_uuid();
        // The last 62 bits of a v7 UUID are all random, so adding to them keeps it valid.
        let id = fresh.as_u128().max(state.last + 1);
        state.last = id;
        I::from(Uuid::from_u128(id))
    }
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Uuid);

        impl $name {
            /// Returns the number behind the id.
            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl From<Uuid> for $name {
            fn from(uuid: Uuid) -> Self {
                Self(uuid)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($prefix, "_{}"), self.0.simple())
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                parse($prefix, text).map(Self)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    )*};
}

ids! {
    /// Somebody we talk to.
    ContactId = "con";
    /// One received event.
    InboxId = "in";
    /// One message to send.
    OutboxId = "out";
    /// One piece of scheduled work.
    JobId = "job";
    /// A data key.
    KeyId = "key";
    /// A conversation given to a person.
    HandoffId = "hof";
    /// Something a person has to look at.
    AttentionId = "att";
    /// A row of the audit trail.
    AuditId = "aud";
    /// One running process.
    ProcessId = "proc";
    /// A folio with a fund house.
    FolioId = "fol";
    /// One transaction in a folio.
    TransactionId = "txn";
    /// An order.
    OrderId = "ord";
    /// A plan: SIP, STP or SWP.
    PlanId = "plan";
    /// One instalment of a plan.
    InstalmentId = "ins";
    /// Leave given to a bank to pay.
    MandateId = "man";
    /// Something to be confirmed before it becomes an order or a plan.
    DraftId = "dra";
    /// Something that happened in the business.
    EventId = "evt";
    /// A letter by e-mail.
    LetterId = "let";
    /// A bank account of an investor.
    BankAccountId = "bank";
    /// A file that came with a message.
    AttachmentId = "fil";
    /// A file made for an investor.
    DocumentId = "doc";
    /// An entry of the ledger.
    EntryId = "ent";
    /// Consent given or withdrawn.
    ConsentId = "cns";
    /// A risk profile.
    RiskProfileId = "risk";
    /// Something acknowledged in writing.
    AcknowledgementId = "ack";
    /// That money of an investor may not move.
    MoneyPauseId = "pause";
    /// Something that reconciliation found.
    FindingId = "fnd";
    /// One use of the assistant.
    UseId = "use";
    /// Commission that was divided.
    CommissionId = "com";
}

fn parse(prefix: &'static str, text: &str) -> Result<Uuid, InvalidId> {
    let invalid = || InvalidId(text.chars().take(64).collect(), prefix);
    let digits = text
        .strip_prefix(prefix)
        .and_then(|rest| rest.strip_prefix('_'))
        .ok_or_else(invalid)?;
    if digits.len() != 32 {
        return Err(invalid());
    }
    Uuid::try_parse(digits).map_err(|_| invalid())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_only_rise_even_within_a_millisecond_or_when_the_clock_steps_back() {
        let ids = Ids::seeded(7);
        let later = Timestamp::from_millisecond(1_000).unwrap();
        let mut last: ContactId = ids.next(later);
        for millis in [1_000, 1_000, 999, 1_001] {
            let next: ContactId = ids.next(Timestamp::from_millisecond(millis).unwrap());
            assert!(next > last && next.to_string() > last.to_string());
            last = next;
        }
    }

    #[test]
    fn an_id_reads_back_only_under_its_own_prefix() {
        let id: ContactId = Ids::seeded(1).next(Timestamp::UNIX_EPOCH);
        assert_eq!(id.to_string().parse(), Ok(id));
        assert!(id.to_string().parse::<OutboxId>().is_err());
        assert!("con_zz".parse::<ContactId>().is_err());
    }
}
