//! How an exchange is put together.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::civil::Date;
use rust_decimal::Decimal;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::calendar::Holidays;
use super::market::{Market, Scheme};
use super::state::{ExchangeOptions, State};
use super::store::Store;
use super::{Exchange, Inner};
use crate::clock::Clock;
use crate::sandbox::emulator::BuildError;

/// Puts an [`Exchange`] together. What is not set has a value good for a demo, except
/// the market: without one nothing is traded.
pub struct ExchangeBuilder {
    token: String,
    page_key: String,
    public_url: String,
    callback_url: Option<String>,
    clock: Clock,
    holidays: Holidays,
    market: Arc<dyn Market>,
    persist: Option<PathBuf>,
    options: Option<ExchangeOptions>,
    seed: u64,
    notice_timeout: Duration,
}

struct NoMarket;

impl Market for NoMarket {
    fn scheme(&self, _: u32) -> Option<Scheme> {
        None
    }

    fn nav(&self, _: u32, _: Date) -> Option<(Decimal, Date)> {
        None
    }
}

impl Default for ExchangeBuilder {
    fn default() -> Self {
        Self {
            token: "sandbox-exchange-token".to_owned(),
            page_key: "sandbox-exchange-pages".to_owned(),
            public_url: "http://127.0.0.1:8091".to_owned(),
            callback_url: None,
            clock: Clock::system(),
            holidays: Holidays::default(),
            market: Arc::new(NoMarket),
            persist: None,
            options: None,
            seed: 1,
            notice_timeout: Duration::from_secs(10),
        }
    }
}

impl ExchangeBuilder {
    /// Sets the Bearer token the member's requests must carry.
    #[must_use]
    pub fn token(mut self, token: impl Into<String>) -> Self {
        self.token = token.into();
        self
    }

    /// Sets what the addresses of its pages are derived from.
    #[must_use]
    pub fn page_key(mut self, key: impl Into<String>) -> Self {
        self.page_key = key.into();
        self
    }

    /// Sets where its pages are found.
    #[must_use]
    pub fn public_url(mut self, url: impl Into<String>) -> Self {
        self.public_url = super::without_slash(url.into());
        self
    }

    /// Sets where notices go.
    #[must_use]
    pub fn callback_url(mut self, url: impl Into<String>) -> Self {
        self.callback_url = Some(url.into());
        self
    }

    /// Sets the clock it lives by.
    #[must_use]
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// Sets its holidays.
    #[must_use]
    pub fn holidays(mut self, holidays: Holidays) -> Self {
        self.holidays = holidays;
        self
    }

    /// Sets what is traded.
    #[must_use]
    pub fn market(mut self, market: Arc<dyn Market>) -> Self {
        self.market = market;
        self
    }

    /// Keeps everything in this file, over a restart too.
    #[must_use]
    pub fn persist(mut self, path: impl Into<PathBuf>) -> Self {
        self.persist = Some(path.into());
        self
    }

    /// Sets the options; a file that has some keeps its own.
    #[must_use]
    pub fn options(mut self, options: ExchangeOptions) -> Self {
        self.options = Some(options);
        self
    }

    /// Sets the seed of its faults.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Builds it. If its file was written later than the clock reads, the clock is moved
    /// forward to that moment, so that time does not run backwards.
    pub async fn build(self) -> Result<Exchange, BuildError> {
        let http = reqwest::Client::builder()
            .timeout(self.notice_timeout)
            .connect_timeout(self.notice_timeout)
            .build()?;
        let mut state = State::new(self.holidays, self.market, self.seed);
        if let Some(options) = self.options {
            state.options = options;
        }
        let store = match &self.persist {
            Some(path) => {
                let (store, saved) = Store::open(path).await?;
                let behind = saved.clock.as_millisecond() - self.clock.now().as_millisecond();
                if let Ok(behind) = u64::try_from(behind) {
                    self.clock.advance(Duration::from_millis(behind));
                }
                for (table, id, body) in saved.records {
                    state
                        .restore(&table, &body)
                        .map_err(|e| crate::storage::Error::Damaged {
                            table: "record",
                            row: id,
                            what: e.to_string(),
                        })?;
                }
                Some(store)
            }
            None => None,
        };
        Ok(Exchange {
            inner: Arc::new(Inner {
                token: self.token,
                page_key: self.page_key,
                public_url: Mutex::new(self.public_url),
                callback_url: Mutex::new(self.callback_url),
                clock: self.clock,
                state: Mutex::new(state),
                store,
                saving: tokio::sync::Mutex::new(()),
                http,
                wake: Notify::new(),
                closing: CancellationToken::new(),
            }),
        })
    }
}
