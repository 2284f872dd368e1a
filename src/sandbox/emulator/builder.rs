//! How an emulator is put together.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::{Notify, broadcast, watch};
use tokio_util::sync::CancellationToken;

use super::chat::Accepted;
use super::queue::Lane;
use super::state::State;
use super::{Emulator, Inner, Options, Person};
use crate::clock::Clock;
use crate::sandbox::store::Store;

/// An emulator cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// Its file cannot be used.
    #[error("cannot use the sandbox file")]
    Store(#[from] crate::storage::Error),
    /// The HTTP client cannot be made.
    #[error("cannot make an HTTP client")]
    Client(#[from] reqwest::Error),
}

/// Updates that Meta puts into one POST at most.
const MOST_UPDATES: usize = 1_000;

/// Told of every accepted send, on the thread that accepted it.
pub(crate) type Observer = Arc<dyn Fn(&Accepted) + Send + Sync>;

/// What does not change while an emulator runs.
pub(crate) struct Settings {
    pub(crate) app_secret: String,
    pub(crate) verify_token: String,
    pub(crate) access_token: String,
    pub(crate) phone_number_id: String,
    pub(crate) display_phone_number: String,
    pub(crate) waba_id: String,
    pub(crate) business_name: String,
    pub(crate) journal: bool,
    pub(crate) observer: Option<Observer>,
    pub(crate) sent_after: u64,
    pub(crate) delivered_after: u64,
    pub(crate) retry_first: u64,
    pub(crate) retry_most: u64,
    pub(crate) batch: [usize; 3],
    pub(crate) concurrency: [usize; 3],
}

/// Puts an [`Emulator`] together. What is not set has a value good for a demo.
pub struct Builder {
    settings: Settings,
    clock: Clock,
    callback_url: String,
    persist: Option<PathBuf>,
    people: Vec<Person>,
    options: Options,
    seed: u64,
    chat_length: usize,
    log_length: usize,
    webhook_timeout: Duration,
}

impl Default for Builder {
    fn default() -> Self {
        let settings = Settings {
            app_secret: "sandbox-app-secret".to_owned(),
            verify_token: "sandbox-verify-token".to_owned(),
            access_token: "sandbox-access-token".to_owned(),
            phone_number_id: "106540352242922".to_owned(),
            display_phone_number: "919100000000".to_owned(),
            waba_id: "102290129340398".to_owned(),
            business_name: "SIP Brewery".to_owned(),
            journal: true,
            observer: None,
            sent_after: 50,
            delivered_after: 250,
            retry_first: 500,
            retry_most: 60_000,
            batch: [1, 100, MOST_UPDATES],
            concurrency: [64, 4, 1],
        };
        Self {
            settings,
            clock: Clock::system(),
            callback_url: "http://127.0.0.1:8080/webhooks/whatsapp".to_owned(),
            persist: None,
            people: Vec::new(),
            options: Options::default(),
            seed: 1,
            chat_length: 500,
            log_length: 300,
            webhook_timeout: Duration::from_secs(10),
        }
    }
}

fn millis(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}

impl Builder {
    /// Sets the key webhooks are signed with.
    #[must_use]
    pub fn app_secret(mut self, secret: impl Into<String>) -> Self {
        self.settings.app_secret = secret.into();
        self
    }

    /// Sets what the verification of the webhook address asks for.
    #[must_use]
    pub fn verify_token(mut self, token: impl Into<String>) -> Self {
        self.settings.verify_token = token.into();
        self
    }

    /// Sets the Bearer token sends must carry.
    #[must_use]
    pub fn access_token(mut self, token: impl Into<String>) -> Self {
        self.settings.access_token = token.into();
        self
    }

    /// Sets the id of the business's number.
    #[must_use]
    pub fn phone_number_id(mut self, id: impl Into<String>) -> Self {
        self.settings.phone_number_id = id.into();
        self
    }

    /// Sets the business's number as people see it.
    #[must_use]
    pub fn display_phone_number(mut self, number: impl Into<String>) -> Self {
        self.settings.display_phone_number = number.into();
        self
    }

    /// Sets the id of the business account.
    #[must_use]
    pub fn waba_id(mut self, id: impl Into<String>) -> Self {
        self.settings.waba_id = id.into();
        self
    }

    /// Sets the name people see above the chat.
    #[must_use]
    pub fn business_name(mut self, name: impl Into<String>) -> Self {
        self.settings.business_name = name.into();
        self
    }

    /// Sets where webhooks go.
    #[must_use]
    pub fn callback_url(mut self, url: impl Into<String>) -> Self {
        self.callback_url = url.into();
        self
    }

    /// Sets the clock; shared with the service in a demo.
    #[must_use]
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// Keeps chats and unacknowledged webhooks in this SQLite file. Then nothing is
    /// answered before it is on disk, and [`Emulator::spawn_delivery`] must run.
    #[must_use]
    pub fn persist(mut self, path: impl Into<PathBuf>) -> Self {
        self.persist = Some(path.into());
        self
    }

    /// Sets who has WhatsApp from the start.
    #[must_use]
    pub fn people(mut self, people: Vec<Person>) -> Self {
        self.people = people;
        self
    }

    /// Sets the options it starts with.
    #[must_use]
    pub fn options(mut self, options: Options) -> Self {
        self.options = options;
        self
    }

    /// Seeds the chance in faults.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Sets how many messages of a chat are kept; with 0 a send costs least.
    #[must_use]
    pub fn chat_length(mut self, length: usize) -> Self {
        self.chat_length = length;
        self
    }

    /// Sets how many requests the log keeps; 0 for none.
    #[must_use]
    pub fn log_length(mut self, length: usize) -> Self {
        self.log_length = length;
        self
    }

    /// Sets whether accepted sends are listed.
    #[must_use]
    pub fn journal(mut self, keep: bool) -> Self {
        self.settings.journal = keep;
        self
    }

    /// Sets a function that is told of every accepted send at once.
    #[must_use]
    pub fn observer(mut self, observer: impl Fn(&Accepted) + Send + Sync + 'static) -> Self {
        self.settings.observer = Some(Arc::new(observer));
        self
    }

    /// Sets how long after acceptance `sent` and `delivered` are told.
    #[must_use]
    pub fn statuses_after(mut self, sent: Duration, delivered: Duration) -> Self {
        self.settings.sent_after = millis(sent);
        self.settings.delivered_after = millis(delivered);
        self
    }

    /// Sets the pause after the first failed delivery and the longest one; each pause is
    /// twice the one before.
    #[must_use]
    pub fn retry(mut self, first: Duration, most: Duration) -> Self {
        self.settings.retry_first = millis(first);
        self.settings.retry_most = millis(most);
        self
    }

    /// Sets how many messages, and how many statuses, may share one POST (1 to 1000).
    #[must_use]
    pub fn batch(mut self, messages: usize, statuses: usize) -> Self {
        let [of_messages, of_statuses, _] = &mut self.settings.batch;
        *of_messages = messages.clamp(1, MOST_UPDATES);
        *of_statuses = statuses.clamp(1, MOST_UPDATES);
        self
    }

    /// Sets how many POSTs of messages, and of statuses, may be under way at once.
    #[must_use]
    pub fn concurrency(mut self, messages: usize, statuses: usize) -> Self {
        let [of_messages, of_statuses, _] = &mut self.settings.concurrency;
        (*of_messages, *of_statuses) = (messages.max(1), statuses.max(1));
        self
    }

    /// Sets how long an answer to a webhook may take.
    #[must_use]
    pub fn webhook_timeout(mut self, timeout: Duration) -> Self {
        self.webhook_timeout = timeout;
        self
    }

    /// Builds it. If its file was written later than the clock reads, the clock is moved
    /// forward to that moment, so that time does not run backwards in the chats.
    pub async fn build(self) -> Result<Emulator, BuildError> {
        let mut http = reqwest::Client::builder()
            .timeout(self.webhook_timeout)
            .connect_timeout(self.webhook_timeout)
            .pool_max_idle_per_host(self.settings.concurrency.iter().sum());
        if self.callback_url.starts_with("http://") {
            // Reading the system's certificates takes half a second and serves nobody here.
            http = http.tls_certs_only([]);
        }
        let http = http.build()?;
        let mut state = State::new(
            self.callback_url,
            self.seed,
            self.log_length,
            self.chat_length,
        );
        state.options = self.options;
        let store = match &self.persist {
            Some(path) => {
                let (store, saved) = Store::open(path).await?;
                let behind = saved.clock.as_millisecond() - self.clock.now().as_millisecond();
                if let Ok(behind) = u64::try_from(behind) {
                    self.clock.advance(Duration::from_millis(behind));
                }
                state.restore(saved);
                Some(store)
            }
            None => None,
        };
        for person in self.people {
            state.add(person);
        }
        let inner = Inner {
            settings: self.settings,
            clock: self.clock,
            state: Mutex::new(state),
            store,
            http,
            wake: Lane::ALL.map(|_| Notify::new()),
            unsaved: Notify::new(),
            saved: watch::Sender::new(0),
            activity: watch::Sender::new(0),
            news: broadcast::Sender::new(256),
            closing: CancellationToken::new(),
        };
        Ok(Emulator {
            inner: Arc::new(inner),
        })
    }
}
