//! The contract between the pipeline and whoever decides what to answer.
//!
//! A handler gets one message with the facts about its sender and returns a value:
//! what to remember, what to say, what to change. It writes and sends nothing; the
//! pipeline commits the whole value in one transaction, or none of it.

use futures::future::BoxFuture;
use jiff::Timestamp;

use crate::contacts::{Contact, ContactChange};
use crate::storage::{Conn, Error};
use crate::whatsapp::{InboundMessage, Outgoing};

/// Decides what to answer. Registered once, by `app.rs`.
pub trait TurnHandler: Send + Sync + 'static {
    /// Decides what one message leads to.
    fn decide<'a>(&'a self, turn: &'a Turn) -> BoxFuture<'a, anyhow::Result<Decision>>;

    /// Says sorry for a message that could not be handled and was set aside.
    fn apologise(&self, turn: &Turn) -> Vec<Reply>;

    /// Says whether `later`, written before `turn` was answered, is to be answered
    /// together with it. What confirms something never is.
    fn takes_in(&self, turn: &Turn, later: &InboundMessage) -> bool {
        let _ = (turn, later);
        false
    }
}

/// One message, and what is known when it is looked at.
#[derive(Debug, Clone)]
pub struct Turn {
    /// Who wrote.
    pub contact: Contact,
    /// What they wrote.
    pub message: InboundMessage,
    /// What they wrote after it and want answered together with it, in order.
    pub later: Vec<InboundMessage>,
    /// Where the conversation stood.
    pub session: Option<StoredSession>,
    /// The time of this turn.
    pub now: Timestamp,
}

/// A conversation's state as it is stored. The pipeline does not read it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredSession {
    /// Version of the shape of `state`.
    pub version: i64,
    /// Rises with each prompt; lives in the ids of buttons and rows.
    pub generation: i64,
    /// JSON.
    pub state: Vec<u8>,
}

/// What one message leads to.
#[derive(Default)]
pub struct Decision {
    /// The session to remember; `None` leaves it as it was.
    pub session: Option<StoredSession>,
    /// What to say, in order.
    pub replies: Vec<Reply>,
    /// What changes about the contact.
    pub changes: Vec<ContactChange>,
    /// The language they were heard in, where it is another than before and they have
    /// chosen none.
    pub heard: Option<&'static str>,
    /// Domain commands, run in the transaction that finishes the turn.
    pub effects: Vec<Box<dyn Effect>>,
    /// Whether it took so long that it holds only if nothing was written meanwhile; if
    /// something was, all of it is decided anew, once.
    pub is_provisional: bool,
    /// How the message ended, in one word for the record (`answered`, `ignored`, `held`).
    pub outcome: &'static str,
}

/// A domain command: runs in the transaction that finishes the turn.
pub trait Effect: Send + Sync {
    /// Applies it. May run again if the transaction collided with another. Where it fails,
    /// nothing of the turn is written and the turn is decided again.
    fn apply<'c>(&'c self, conn: &'c mut Conn) -> BoxFuture<'c, Result<(), Error>>;

    /// Wakes whoever works on what it left, once the transaction is committed.
    fn committed(&self) {}
}

/// One thing to say.
#[derive(Debug, Clone, PartialEq)]
pub struct Reply {
    /// The message.
    pub message: Outgoing,
    /// What it is for; decides what happens when its fate is unknown.
    pub purpose: Purpose,
    /// Keys of the required texts it carries (`identity`, `market_risk`, …).
    pub disclosures: Vec<&'static str>,
}

/// What a message is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Talk: saying it twice is ugly, not harmful.
    Chat,
    /// A one-time code: a new one replaces it.
    Code,
    /// A notice about money: never said twice by a machine.
    Money,
    /// Marketing: never said twice by a machine.
    Marketing,
}
