//! What the assistant may look at, and the model it asks. `app.rs` answers the first over
//! the services that the flows use; nothing in it changes anything.

use futures::future::BoxFuture;
use jiff::civil::Date;

use crate::contacts::Contact;
use crate::investing::orders::{Frequency, OrderKind, OrderStatus, PlanStatus};
use crate::investing::{IndexLevel, Paise, Portfolio, Scheme, SchemeCode, SchemeRules};

/// What an answer of the records comes in.
pub type Found<'a, T> = BoxFuture<'a, anyhow::Result<T>>;

/// The records, for reading. Whose they are is said by us and never by a model: each call
/// takes the contact of the turn.
pub trait Records: Send + Sync + 'static {
    /// Returns what the contact holds; `None` if nothing is on record for them.
    fn portfolio<'a>(&'a self, contact: &'a Contact, today: Date) -> Found<'a, Option<Portfolio>>;

    /// Lists the contact's SIPs and other plans, newest first.
    fn plans<'a>(&'a self, contact: &'a Contact) -> Found<'a, Vec<PlanFacts>>;

    /// Lists the contact's orders, newest first.
    fn orders<'a>(&'a self, contact: &'a Contact) -> Found<'a, Vec<OrderFacts>>;

    /// Lists what is on record that tells who the contact is: names, addresses, numbers.
    fn personal<'a>(&'a self, contact: &'a Contact) -> Found<'a, Vec<String>>;

    /// Lists schemes whose name is near to a query.
    fn search(&self, query: &str, most: usize) -> Vec<Scheme>;

    /// Returns what is on record about a scheme on a day.
    fn rules(&self, scheme: SchemeCode, on: Date) -> Option<SchemeRules>;

    /// Returns the last level of an index.
    fn index<'a>(&'a self, name: &'a str, today: Date) -> Found<'a, Option<IndexLevel>>;
}

/// A plan, as far as it may be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanFacts {
    /// Full name of its scheme.
    pub scheme: String,
    /// How far it is.
    pub status: PlanStatus,
    /// The amount of an instalment.
    pub amount: Paise,
    /// How often.
    pub frequency: Frequency,
    /// The next one: the day it is carried out, and how much.
    pub next: Option<(Date, Paise)>,
    /// Instalments that failed.
    pub failed: usize,
}

/// An order, as far as it may be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderFacts {
    /// Full name of its scheme.
    pub scheme: String,
    /// What it does.
    pub kind: OrderKind,
    /// How far it is.
    pub status: OrderStatus,
    /// How much money, if that was said.
    pub amount: Option<Paise>,
    /// The day it was made.
    pub made_on: Date,
}

/// One part of what is said to a model, or by it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Message {
    /// What it is to do.
    System(String),
    /// What the person wrote, masked.
    User(String),
    /// Its wish to look something up.
    Calls(Vec<Call>),
    /// What a call found.
    Result {
        /// Of which call.
        id: String,
        /// JSON.
        content: String,
    },
}

/// A call of a tool, as a model asks for it: nothing in it is to be trusted.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Call {
    /// The model's name for it.
    pub id: String,
    /// The tool.
    pub name: String,
    /// JSON, if the model kept to it.
    pub arguments: String,
}

/// What a model answers with.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Completion {
    /// Words.
    pub text: Option<String>,
    /// Calls.
    pub calls: Vec<Call>,
    /// Tokens read, as it says.
    pub tokens_in: i64,
    /// Tokens written, as it says.
    pub tokens_out: i64,
}

/// Why a model brought nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ModelError {
    /// No whole answer came.
    #[error("the model cannot be reached: {0}")]
    Unreachable(&'static str),
    /// It said no.
    #[error("the model answered with status {0}")]
    Refused(u16),
    /// Its answer was cut off because it did not end.
    #[error("the model's answer is longer than anything we read")]
    TooLong,
    /// Its answer is not of the shape that was asked for.
    #[error("the model's answer cannot be read")]
    Unreadable,
}

/// A language model.
pub trait Model: Send + Sync + 'static {
    /// Returns its name, for the record.
    fn name(&self) -> &str;

    /// Asks it once; nothing is tried again.
    fn complete<'a>(
        &'a self,
        messages: &'a [Message],
        tools: &'a serde_json::Value,
    ) -> BoxFuture<'a, Result<Completion, ModelError>>;
}
