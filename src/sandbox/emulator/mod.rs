//! Behaves as Meta's Cloud API does, over real HTTP.
//!
//! The Graph side ([`Emulator::graph_router`]) checks, accepts and answers sends; the
//! webhook side ([`Emulator::spawn_delivery`]) signs updates and posts them until they
//! are answered with 200, at least once and in no promised order. Faults are switches.
//! In memory a send costs tens of microseconds; with a file, nothing is answered and no
//! webhook is posted before it is on disk.

mod builder;
mod chat;
mod delivery;
mod distort;
mod envelope;
mod error;
mod event;
mod faults;
mod fields;
mod forms;
mod graph;
mod inbound;
mod limits;
mod log;
mod media;
mod numbers;
mod price;
mod queue;
mod request;
mod sends;
mod sign;
mod state;
mod statuses;
mod templates;
mod view;
mod wamid;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use jiff::Timestamp;
use tokio::sync::{Notify, broadcast, watch};
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::sandbox::store::{Change, Store};

pub use builder::{BuildError, Builder};
pub use chat::{Accepted, Bubble, Person, Tick};
pub use faults::{Fault, FaultKind};
pub use forms::{FormAction, FormState, FormStep, FormTrouble, KeptForm};
pub use inbound::{Attachment, TapError};
pub use media::Sent;
pub use price::{PaidAs, Price};
pub use state::Options;
pub use templates::{KeptTemplate, ParameterFormat, TemplateDeed};

pub(crate) use builder::Settings;
pub(crate) use forms::KeptKey;
pub(crate) use log::Entry;
pub(crate) use media::Media;
pub(crate) use queue::{Lane, Webhook};
pub(crate) use state::State;
pub(crate) use templates::Held;

/// Meta, as far as one number of one business sees it. Clones share it.
#[derive(Clone)]
pub struct Emulator {
    inner: Arc<Inner>,
}

struct Inner {
    settings: Settings,
    clock: Clock,
    state: Mutex<State>,
    store: Option<Store>,
    http: reqwest::Client,
    /// One per lane: there is something to deliver.
    wake: [Notify; 3],
    unsaved: Notify,
    /// How many changes are on disk; [`CLOSED`] when no more will be.
    saved: watch::Sender<u64>,
    /// Rises whenever a delivery or a write to disk ends.
    activity: watch::Sender<u64>,
    news: broadcast::Sender<News>,
    /// Ends what would otherwise wait for long, once delivery stops.
    closing: CancellationToken,
}

/// Said instead of a number of changes once the file is closed.
const CLOSED: u64 = u64::MAX;

/// What the phone page has to look at again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum News {
    /// The chat with this person.
    Chat(String),
    /// The log.
    Log,
    /// The clock.
    Clock,
    /// Faults or options.
    Switches,
}

impl Emulator {
    /// Starts to put one together.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// Returns the clock it lives by.
    pub fn clock(&self) -> &Clock {
        &self.inner.clock
    }

    /// Returns the name of the business.
    pub fn business_name(&self) -> &str {
        &self.inner.settings.business_name
    }

    /// Returns the business's number as people see it.
    pub fn display_phone_number(&self) -> &str {
        &self.inner.settings.display_phone_number
    }

    /// Moves the clock forward.
    pub fn advance(&self, by: std::time::Duration) {
        self.inner.clock.advance(by);
        self.state().note(|| Change::Clock);
        self.changed(News::Clock);
    }

    /// Gives somebody WhatsApp.
    pub fn add_person(&self, person: Person) {
        let key = person.key().to_owned();
        self.state().add(person);
        self.changed(News::Chat(key));
    }

    /// Notes that somebody wrote who delivers their messages to the service themselves:
    /// it opens the 24-hour window, and no webhook goes out.
    pub fn wrote(&self, name: &str) {
        let now = self.inner.clock.now();
        let mut state = self.state();
        let place = state.place_of(name);
        state.chats[place].last_inbound = Some(now);
    }

    /// Returns who has WhatsApp.
    pub fn people(&self) -> Vec<Person> {
        let state = self.state();
        state.chats.iter().map(|chat| chat.person.clone()).collect()
    }

    /// Returns the chat with somebody, oldest message first.
    pub fn chat(&self, name: &str) -> Vec<Bubble> {
        let state = self.state();
        let place = state.find(name);
        place.map_or_else(Vec::new, |place| {
            state.chats[place].bubbles.iter().cloned().collect()
        })
    }

    /// Returns whether somebody is shown that the business is typing.
    pub fn is_typing(&self, name: &str) -> bool {
        let now = self.inner.clock.now();
        let state = self.state();
        let place = state.find(name);
        let until = place.and_then(|place| state.chats[place].typing_until);
        until.is_some_and(|until| until > now)
    }

    /// Returns every accepted send, oldest first.
    pub fn accepted(&self) -> Vec<Arc<Accepted>> {
        self.state().journal.clone()
    }

    /// Returns every accepted send since the last time, and forgets them.
    pub fn take_accepted(&self) -> Vec<Arc<Accepted>> {
        std::mem::take(&mut self.state().journal)
    }

    /// Counts accepted sends by their `biz_opaque_callback_data`.
    pub fn sends_by_callback(&self) -> BTreeMap<String, usize> {
        let mut counts = BTreeMap::new();
        for accepted in &self.state().journal {
            let callback = accepted.callback.clone().unwrap_or_default();
            *counts.entry(callback).or_default() += 1;
        }
        counts
    }

    /// Returns whether somebody is known by this phone number or user id.
    pub fn knows(&self, name: &str) -> bool {
        self.state().find(name).is_some()
    }

    /// Waits until at least `count` sends are listed as accepted.
    pub async fn wait_for_accepted(&self, count: usize) {
        self.wait_until(|state, _| state.journal.len() >= count)
            .await;
    }

    /// Returns how a fault is set.
    pub fn fault(&self, kind: FaultKind) -> Fault {
        self.state().faults.get(kind)
    }

    /// Sets a fault.
    pub fn set_fault(&self, kind: FaultKind, fault: Fault) {
        self.state().faults.set(kind, fault);
        self.tell(News::Switches);
    }

    /// Decides whether a fault happens this time.
    fn happens(&self, kind: FaultKind) -> bool {
        self.state().faults.roll(kind).is_some()
    }

    /// Returns the options.
    pub fn options(&self) -> Options {
        self.state().options
    }

    /// Sets the options.
    pub fn set_options(&self, options: Options) {
        self.state().options = options;
        self.tell(News::Switches);
    }

    /// Sets where webhooks go from now on.
    pub fn set_callback_url(&self, url: impl Into<String>) {
        self.state().callback_url = url.into();
    }

    /// Returns how many webhooks were not acknowledged yet.
    pub fn unacknowledged(&self) -> usize {
        self.state().unacknowledged()
    }

    /// Waits until nothing is under way and nothing is due before the clock moves.
    pub async fn quiet(&self) {
        self.wait_until(State::is_quiet).await;
    }

    /// Waits until every webhook is acknowledged.
    pub async fn acknowledged(&self) {
        self.wait_until(|state, _| state.unacknowledged() == 0)
            .await;
    }

    async fn wait_until(&self, holds: impl Fn(&State, Timestamp) -> bool) {
        let mut activity = self.inner.activity.subscribe();
        while !holds(&self.state(), self.inner.clock.now()) {
            let _ = activity.changed().await;
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        let state = self.inner.state.lock();
        state.expect("nobody panics while holding it")
    }

    /// Tells the page to look again.
    fn tell(&self, news: News) {
        if self.inner.news.receiver_count() > 0 {
            let _ = self.inner.news.send(news);
        }
    }

    /// Tells everybody concerned that the state changed.
    fn changed(&self, news: News) {
        for wake in &self.inner.wake {
            wake.notify_one();
        }
        self.inner.unsaved.notify_one();
        self.inner.activity.send_modify(|count| *count += 1);
        self.tell(news);
    }

    /// Waits until all that happened so far is on disk; false if it never will be.
    pub(crate) async fn saved(&self) -> bool {
        let made = self.state().unsaved.as_ref().map(|unsaved| unsaved.made);
        let Some(made) = made else {
            return true;
        };
        let mut saved = self.inner.saved.subscribe();
        let reached = saved.wait_for(|count| *count >= made).await;
        reached.is_ok_and(|count| *count != CLOSED)
    }

    pub(crate) fn subscribe(&self) -> broadcast::Receiver<News> {
        self.inner.news.subscribe()
    }

    /// Resolves when delivery stops.
    pub(crate) fn closing(&self) -> CancellationToken {
        self.inner.closing.clone()
    }

    /// Returns how the last webhooks were answered, oldest first: with which status, or how not.
    pub fn webhook_outcomes(&self) -> Vec<String> {
        let log = self.log_after(0).into_iter();
        let webhooks = log.filter(|one| one.side == "webhook");
        webhooks.map(|one| one.outcome).collect()
    }

    pub(crate) fn log_after(&self, number: u64) -> Vec<Entry> {
        self.state().log.after(number)
    }
}
