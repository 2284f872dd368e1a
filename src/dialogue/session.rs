//! Where a conversation stands, and the ids of the buttons it hands out.
//!
//! A stored session of a version we do not know, or one that does not read, is no error:
//! the conversation starts again at the menu, with an apology.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::flows::{calculator, money, nav, record};
use super::understanding::{Expectation, Intent, Language};
use crate::pipeline::StoredSession;

/// Version of the shape of [`Session`].
pub const VERSION: i64 = 1;

/// How long a question stands, and how long an interrupted flow is kept.
pub const KEPT_FOR: SignedDuration = SignedDuration::from_hours(24);

/// Where a conversation stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Session {
    /// The step it is at.
    pub state: State,
    /// When that step was reached.
    pub since: Timestamp,
    /// What was under way when something else came up.
    pub kept: Option<Kept>,
    /// The language it was last held in.
    pub language: Option<Language>,
    /// Whether they were asked if news may be sent.
    #[serde(default)]
    pub asked_marketing: bool,
    /// What a message wanted besides what is under way.
    #[serde(default)]
    pub next: Option<Next>,
}

/// The second of two wishes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Next {
    /// What is wanted.
    pub wish: Intent,
    /// Whether it was offered with the last answer.
    pub offered: bool,
}

/// The step a conversation is at.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(tag = "flow", content = "step", rename_all = "snake_case")]
pub enum State {
    /// Nothing is under way.
    #[default]
    Menu,
    /// A fund is being looked for.
    Nav(nav::State),
    /// A sum is being asked together.
    Calculator(calculator::State),
    /// Money is about to be moved, or a plan changed.
    Money(Box<money::State>),
    /// A record of an investor is being written.
    Record(Box<record::State>),
}

/// An interrupted flow.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Kept {
    /// The step it was at.
    pub state: State,
    /// When it was interrupted.
    pub at: Timestamp,
    /// Whether it has been offered again.
    pub offered: bool,
}

/// A session as it was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Loaded {
    /// The session, fresh if there was none or it could not be read.
    pub session: Session,
    /// Generation of the last prompt.
    pub generation: i64,
    /// Whether there was one that could not be read.
    pub is_lost: bool,
}

impl State {
    /// Returns what kind of answer this step waits for.
    pub fn expects(&self) -> Expectation {
        match self {
            Self::Menu => Expectation::Nothing,
            Self::Nav(_) => Expectation::FundName,
            Self::Calculator(_) => Expectation::Number,
            Self::Money(state) => state.expects(),
            Self::Record(state) => state.expects(),
        }
    }

    /// Says whether it is worth coming back to. A fund's name is asked anew in one word.
    pub fn is_worth_keeping(&self) -> bool {
        matches!(self, Self::Calculator(_) | Self::Money(_) | Self::Record(_))
    }
}

impl Session {
    fn fresh(now: Timestamp) -> Self {
        Self {
            state: State::Menu,
            since: now,
            kept: None,
            language: None,
            asked_marketing: false,
            next: None,
        }
    }

    /// Reads what was stored; what is older than a day is forgotten, or kept for an offer.
    pub fn load(stored: Option<&StoredSession>, now: Timestamp) -> Loaded {
        let Some(stored) = stored else {
            return Loaded {
                session: Self::fresh(now),
                generation: 0,
                is_lost: false,
            };
        };
        let read = (stored.version == VERSION)
            .then(|| serde_json::from_slice::<Self>(&stored.state).ok())
            .flatten();
        let is_lost = read.is_none();
        let mut session = read.unwrap_or_else(|| Self::fresh(now));
        if now.duration_since(session.since) >= KEPT_FOR {
            session.state = State::Menu;
            session.next = None;
        }
        session.kept = session
            .kept
            .filter(|kept| now.duration_since(kept.at) < KEPT_FOR);
        Loaded {
            session,
            generation: stored.generation,
            is_lost,
        }
    }

    /// Returns what is to be stored.
    pub fn store(&self, generation: i64) -> anyhow::Result<StoredSession> {
        Ok(StoredSession {
            version: VERSION,
            generation,
            state: serde_json::to_vec(self)?,
        })
    }

    /// Goes to another step, keeping what it interrupts.
    pub fn go_to(&mut self, state: State, now: Timestamp) {
        if self.state.is_worth_keeping() && !same_flow(&self.state, &state) {
            self.kept = Some(Kept {
                state: self.state.clone(),
                at: now,
                offered: false,
            });
        }
        // Beginning or resuming a flow answers the offer of the older one; a record is
        // written for the sake of what it interrupts.
        if state.is_worth_keeping() && !matches!(state, State::Record(_)) {
            self.kept = None;
        }
        self.state = state;
        self.since = now;
    }

    /// Puts down what the same message wanted besides. One that was offered stands for one
    /// answer, and one whose journey has begun is no wish any more.
    pub fn note_next(&mut self, wish: Option<Intent>) {
        let waits = |next: &Next| {
            !next.offered
                && !matches!(&self.state, State::Money(state) if money::next::is_begun(state, next.wish))
        };
        let before = self.next.filter(waits);
        let newer = wish.map(|wish| Next {
            wish,
            offered: false,
        });
        self.next = newer.or(before);
    }

    /// Says whether nothing is under way, nor waits to be taken up again.
    pub fn is_idle(&self) -> bool {
        self.state == State::Menu && self.kept.is_none()
    }

    /// Ends what is under way, done, and keeps what it interrupted.
    pub fn leave(&mut self, now: Timestamp) {
        self.state = State::Menu;
        self.since = now;
    }

    /// Ends what is under way, done or dropped.
    pub fn finish(&mut self, now: Timestamp) {
        self.state = State::Menu;
        self.since = now;
        self.kept = None;
    }
}

fn same_flow(a: &State, b: &State) -> bool {
    match (a, b) {
        (State::Money(a), State::Money(b)) => a.is_same_journey(b),
        _ => std::mem::discriminant(a) == std::mem::discriminant(b),
    }
}

/// The id of a button or row: `flow:step:generation:payload`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TapId {
    /// The flow it belongs to.
    pub flow: String,
    /// The step it answers.
    pub step: String,
    /// The prompt it came with.
    pub generation: i64,
    /// What it chooses.
    pub payload: String,
}

impl TapId {
    /// Longest id Meta takes for a list row; buttons may be longer, so this fits both.
    pub const LONGEST: usize = 200;

    /// Writes the id; `None` if it would be too long or unreadable.
    pub fn encode(&self) -> Option<String> {
        let id = format!(
            "{}:{}:{}:{}",
            self.flow, self.step, self.generation, self.payload
        );
        let reads_back = !self.flow.contains(':') && !self.step.contains(':');
        (reads_back && id.chars().count() <= Self::LONGEST).then_some(id)
    }

    /// Reads an id; `None` if it is none of ours.
    pub fn decode(id: &str) -> Option<Self> {
        let mut parts = id.splitn(4, ':');
        let (flow, step) = (parts.next()?, parts.next()?);
        let generation = parts.next()?.parse().ok()?;
        let payload = parts.next()?;
        Some(Self {
            flow: flow.to_owned(),
            step: step.to_owned(),
            generation,
            payload: payload.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(hours: i64) -> Timestamp {
        Timestamp::from_second(1_787_000_000 + hours * 3_600).unwrap()
    }

    fn calculating() -> Session {
        Session {
            state: State::Calculator(calculator::State::default()),
            ..Session::fresh(at(0))
        }
    }

    proptest! {
        #[test]
        fn a_tap_id_reads_back_as_it_was_written(
            flow in "[a-z_]{1,20}", step in "[a-z_]{1,20}", generation in 0i64.., payload in "[ -~]{0,100}"
        ) {
            let tap = TapId { flow, step, generation, payload };
            prop_assert_eq!(TapId::decode(&tap.encode().unwrap()), Some(tap));
        }

        #[test]
        fn no_text_makes_decoding_panic(id in ".{0,300}") {
            TapId::decode(&id);
        }
    }

    #[test]
    fn a_tap_id_is_never_longer_than_meta_takes() {
        let payload = "x".repeat(190);
        let tap = TapId {
            flow: "menu".into(),
            step: "open".into(),
            generation: 1,
            payload,
        };
        assert_eq!(tap.encode(), None);
    }

    #[test]
    fn a_session_reads_back_and_an_unknown_one_is_lost_without_harm() {
        let session = calculating();
        let mut stored = session.store(7).unwrap();
        let loaded = Session::load(Some(&stored), at(1));
        assert_eq!(
            (loaded.session, loaded.generation, loaded.is_lost),
            (session, 7, false)
        );

        stored.version = 99;
        let loaded = Session::load(Some(&stored), at(1));
        assert!(loaded.is_lost && loaded.generation == 7 && loaded.session.state == State::Menu);

        let broken = StoredSession {
            version: VERSION,
            generation: 3,
            state: b"{".to_vec(),
        };
        assert!(Session::load(Some(&broken), at(1)).is_lost);
    }

    #[test]
    fn an_interrupted_flow_is_kept_for_a_day() {
        let mut session = calculating();
        session.go_to(State::Menu, at(1));
        let stored = session.store(1).unwrap();
        assert!(Session::load(Some(&stored), at(24)).session.kept.is_some());
        assert!(Session::load(Some(&stored), at(25)).session.kept.is_none());
    }
}
