//! What the dialogue asks of the business, and whom it hands its commands to. `app.rs`
//! answers over `investing`.

use std::sync::Arc;

use futures::future::BoxFuture;
use jiff::Timestamp;
use jiff::civil::Date;

use super::commands::{Command, Outlook};
use super::flows::record::Task;
use crate::contacts::requests::Entry;
use crate::contacts::{Consent, Contact};
use crate::id::{ContactId, PlanId};
use crate::investing::calendar::Calendar;
use crate::investing::gateway::port::Takes;
use crate::investing::orders::draft::{Draft, Proposal, Refusal};
use crate::investing::orders::mandate::Mandate;
use crate::investing::orders::order::Order;
use crate::investing::orders::plan::PlanTerms;
use crate::investing::orders::ports::{HeldUnits, SchemeTerms};
use crate::investing::orders::service::{About, PlanView};
use crate::investing::{IndexLevel, Portfolio, Scheme, SchemeCode};
use crate::people::ports::KycReport;
use crate::people::{Change, Investor, Pan, Questionnaire, Recorded};
use crate::pipeline::Effect;

/// The facts a conversation may state. Nothing else is stated.
pub trait Facts: Send + Sync + 'static {
    /// Finds the scheme meant by a name as people type it.
    fn search(&self, query: &str, most: usize) -> Matches;

    /// Returns a scheme by its code.
    fn scheme(&self, code: SchemeCode) -> Option<Scheme>;

    /// Returns what a contact holds; `None` if nothing was imported for them.
    fn portfolio<'a>(
        &'a self,
        contact: &'a Contact,
        today: Date,
    ) -> BoxFuture<'a, anyhow::Result<Option<Portfolio>>>;

    /// Returns levels of the main indices at the last close on record.
    fn market(&self, today: Date) -> Answer<'_, Vec<IndexLevel>>;

    /// Returns what is on record about a contact as an investor.
    fn investor(&self, contact: ContactId) -> Answer<'_, Investor>;

    /// Returns what a contact consented to and withdrew, oldest first.
    fn consents(&self, contact: ContactId) -> Answer<'_, Vec<Consent>>;

    /// Returns what erasing somebody's data would mean, and whether it is under way.
    fn erasure(&self, contact: ContactId) -> Answer<'_, Erasure>;

    /// Returns the number under which a person is still to do something about a record.
    fn open_task(&self, contact: ContactId, task: Task) -> Answer<'_, Option<String>>;

    /// Returns the complaint of a contact that is open, else the last one there was.
    fn complaint(&self, contact: ContactId) -> Answer<'_, Option<Entry>>;

    /// Returns what is asked about how much risk somebody can bear.
    fn risk_questions(&self) -> &Questionnaire;

    /// Asks the KYC agencies about somebody.
    fn kyc<'a>(&'a self, pan: &'a Pan, born: Date) -> Answer<'a, KycAnswer>;

    /// Returns what is known of dealing; `None` while no exchange is connected.
    fn dealings(&self) -> Option<&dyn Dealings>;

    /// Returns what proves that a form is ours; `None` where forms are not set up.
    fn forms(&self) -> Option<&dyn Forms>;
}

/// Proves that what comes back is what went out.
pub trait Forms: Send + Sync {
    /// Returns the proof of a text, which nobody else can make.
    fn prove(&self, text: &str) -> String;
}

/// What an answer of the business comes in.
pub type Answer<'a, T> = BoxFuture<'a, anyhow::Result<T>>;

/// What may be dealt in, what is under way, and what stands in the way. Nothing here
/// changes anything.
pub trait Dealings: Send + Sync {
    /// Returns the rules of a scheme on a day; `None` if they are not on record, and then
    /// it is not sold.
    fn terms(&self, scheme: SchemeCode, on: Date) -> Option<SchemeTerms>;

    /// Returns the schemes that are sold on a day, by name.
    fn sold(&self, on: Date) -> Vec<Scheme>;

    /// Returns what the exchange takes: nothing else is offered.
    fn takes(&self) -> Takes;

    /// Returns the calendar of the exchange.
    fn calendar(&self) -> Arc<Calendar>;

    /// Returns what the investor lacks for something like this, the first to be put right
    /// first, in the gate's words; nothing means that they may.
    fn lacks<'a>(&'a self, contact: ContactId, like: &'a Proposal) -> Answer<'a, Vec<String>>;

    /// Works out the exact terms of something, with every check it has to pass.
    fn prepare(&self, contact: ContactId, wanted: Proposal) -> Answer<'_, Result<Draft, Refusal>>;

    /// Works out the exact terms of a plan in place of another.
    fn prepare_change(
        &self,
        contact: ContactId,
        plan: PlanId,
        terms: PlanTerms,
    ) -> Answer<'_, Result<Draft, Refusal>>;

    /// Returns the units held of a scheme through us, by folio.
    fn held(&self, contact: ContactId, scheme: SchemeCode) -> Answer<'_, Vec<HeldUnits>>;

    /// Lists plans, newest first.
    fn plans(&self, contact: ContactId) -> Answer<'_, Vec<PlanView>>;

    /// Lists orders, newest first.
    fn orders(&self, contact: ContactId, most: u32) -> Answer<'_, Vec<Order>>;

    /// Returns when an order last went on without the investor: it was approved or paid, or
    /// nobody had to.
    fn with_others_since<'a>(&'a self, order: &'a Order) -> Answer<'a, Timestamp>;

    /// Lists mandates, newest first.
    fn mandates(&self, contact: ContactId) -> Answer<'_, Vec<Mandate>>;

    /// Returns the address on which something is approved or paid; `None` if there is no
    /// such page now.
    fn page(&self, contact: ContactId, about: About) -> BoxFuture<'_, Option<String>>;
}

/// Carries out what a turn sets in motion.
pub trait Commands: Send + Sync + 'static {
    /// Says what a command would come to now, changing nothing. A flow asks before it says
    /// that something is done.
    fn rehearse<'a>(&'a self, contact: ContactId, command: &'a Command) -> Answer<'a, Outlook>;

    /// Says what would become of a change of a record now, changing nothing.
    fn rehearse_change<'a>(
        &'a self,
        contact: ContactId,
        change: &'a Change,
    ) -> Answer<'a, Recorded>;

    /// Returns the command as it runs in the transaction that finishes the turn. Where it
    /// is refused there after all, nothing of the turn is written. `said` is when they asked
    /// for it, by Meta's clock.
    fn effect(&self, contact: ContactId, command: Command, said: Timestamp) -> Box<dyn Effect>;
}

/// What a search comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Matches {
    /// No scheme is near enough.
    Nothing,
    /// Clearly this one.
    One(Scheme),
    /// One of these, best first.
    Several(Vec<Scheme>),
}

/// What erasing somebody's data would mean.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Erasure {
    /// The request that is under way: its number, and when it is carried out; none once that
    /// has begun.
    pub pending: Option<(String, Option<Timestamp>)>,
    /// Whether there are records that the law makes us keep.
    pub must_keep: bool,
}

/// What asking the KYC agencies came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KycAnswer {
    /// This is what they say.
    Report(KycReport),
    /// PAN and date of birth are not one person's.
    OtherPerson,
    /// There is no agency to ask, or it did not answer in time. The daily round asks again.
    NotAsked,
}
