//! What is written down of each use: enough to see, and to run again, what was asked, looked
//! up, said and judged.

use futures::future::BoxFuture;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;

use super::budget::Cost;
use super::ports::{Completion, Message};
use super::store;
use crate::id::{ContactId, UseId};
use crate::pipeline::Effect;
use crate::security::Place;
use crate::storage::{Conn, Error};

/// Where what is sealed of a use lives.
pub(super) fn place(row: &str) -> Place<'_> {
    Place {
        table: "assistant_uses",
        column: "sealed",
        row,
    }
}

/// A use, ready to be written in the transaction that finishes its turn.
#[derive(Debug, Clone)]
pub struct Use {
    pub(super) id: UseId,
    pub(super) contact: ContactId,
    pub(super) at: Timestamp,
    pub(super) day: Date,
    pub(super) model: String,
    pub(super) prompt: String,
    pub(super) verdict: &'static str,
    pub(super) tokens_in: i64,
    pub(super) tokens_out: i64,
    pub(super) cost: Cost,
    pub(super) millis: i64,
    pub(super) sealed: Vec<u8>,
}

impl Effect for Use {
    fn apply<'c>(&'c self, conn: &'c mut Conn) -> BoxFuture<'c, Result<(), Error>> {
        Box::pin(store::insert(conn, self))
    }
}

/// What happens in one use, as it happens. Survives a use that is broken off.
#[derive(Debug, Default, Serialize)]
pub(super) struct Trail {
    /// Meta's id of the message that was asked about.
    pub(super) message: String,
    /// What the model was asked, masked.
    pub(super) question: String,
    /// Calls and what they found, in order.
    pub(super) looked_up: Vec<Message>,
    /// What the model said at last.
    pub(super) said: Option<String>,
    /// Why that was not sent, and what went wrong on the way.
    pub(super) troubles: Vec<String>,
    #[serde(skip)]
    pub(super) model: Option<String>,
    #[serde(skip)]
    pub(super) tokens_in: i64,
    #[serde(skip)]
    pub(super) tokens_out: i64,
}

/// Characters that come to a token, at the least: what is not said is estimated so.
const A_TOKEN: usize = 4;

impl Trail {
    /// Counts what a model is given to read, before it answers: it may never.
    pub(super) fn asked(&mut self, model: &str, messages: &[Message]) -> i64 {
        self.model = Some(model.to_owned());
        let characters: usize = messages.iter().map(length).sum();
        let estimated = i64::try_from(characters / A_TOKEN).unwrap_or(i64::MAX);
        self.tokens_in += estimated;
        estimated
    }

    /// Counts what it says it read and wrote, or more if that cannot be.
    pub(super) fn answered(&mut self, estimated: i64, completion: &Completion) {
        self.tokens_in += (completion.tokens_in - estimated).max(0);
        let text = completion.text.as_ref().map_or(0, String::len);
        let calls: usize = completion
            .calls
            .iter()
            .map(|call| call.arguments.len())
            .sum();
        let written = i64::try_from((text + calls) / A_TOKEN).unwrap_or(i64::MAX);
        self.tokens_out += completion.tokens_out.max(written);
    }
}

fn length(message: &Message) -> usize {
    match message {
        Message::System(text) | Message::User(text) => text.len(),
        Message::Calls(calls) => calls.iter().map(|call| call.arguments.len()).sum(),
        Message::Result { content, .. } => content.len(),
    }
}
