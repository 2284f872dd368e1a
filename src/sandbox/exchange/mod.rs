//! An exchange for mutual funds that is not there.
//!
//! The [`Exchange`] opens accounts, takes mandates, orders and plans, shows investors the
//! pages on which they approve and pay, debits instalments, allots units by the calendar
//! it was given, and tells its member of every change by a webhook that says only *what*
//! changed. It lives by an emulated clock: whoever moves it sees a year of instalments in
//! order, each as at its own moment. Faults are switches. With a file, nothing is
//! answered and nothing is told before it is on disk.
//!
//! It is a sandbox: NAVs beyond those it is given are made up, and no money moves.

mod api;
mod builder;
mod calendar;
mod control;
mod faults;
mod mandates;
mod market;
mod notices;
mod orders;
mod pages;
mod plans;
mod records;
mod registrar;
mod schedule;
mod state;
mod store;
mod units;

use std::fmt::Write as _;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use sha2::Sha256;
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;

#[cfg(test)]
pub(crate) use market::tests::Stall;

pub use builder::ExchangeBuilder;
pub use calendar::Holidays;
pub use faults::ExchangeFault;
pub use market::{Class, ExitLoad, Market, Scheme};
pub use state::ExchangeOptions;

use crate::sandbox::emulator::Fault;
use state::State;
use store::Store;

/// The exchange. Clones share it.
#[derive(Clone)]
pub struct Exchange {
    inner: Arc<Inner>,
}

struct Inner {
    /// What the member's requests must carry.
    token: String,
    /// What the addresses of pages are derived from.
    page_key: String,
    /// Where its pages are, without a slash at the end.
    public_url: Mutex<String>,
    callback_url: Mutex<Option<String>>,
    clock: Clock,
    state: Mutex<State>,
    store: Option<Store>,
    /// One at a time, so that a record's newest state is written last.
    saving: tokio::sync::Mutex<()>,
    http: reqwest::Client,
    wake: Notify,
    /// Ends what would otherwise wait for long.
    closing: CancellationToken,
}

impl Exchange {
    /// Starts to put one together.
    pub fn builder() -> ExchangeBuilder {
        ExchangeBuilder::default()
    }

    /// Returns the clock it lives by.
    pub fn clock(&self) -> &Clock {
        &self.inner.clock
    }

    /// Sets where its pages are found from now on.
    pub fn set_public_url(&self, url: impl Into<String>) {
        *lock(&self.inner.public_url) = without_slash(url.into());
    }

    /// Sets where notices go from now on.
    pub fn set_callback_url(&self, url: impl Into<String>) {
        *lock(&self.inner.callback_url) = Some(url.into());
    }

    /// Returns how a fault is set.
    pub fn fault(&self, kind: ExchangeFault) -> Fault {
        self.state().faults.get(kind)
    }

    /// Sets a fault.
    pub fn set_fault(&self, kind: ExchangeFault, fault: Fault) {
        self.state().faults.set(kind, fault);
    }

    /// Returns the options.
    pub fn options(&self) -> ExchangeOptions {
        self.state().options
    }

    /// Sets the options.
    pub fn set_options(&self, options: ExchangeOptions) {
        self.state().set_options(options);
    }

    /// Puts units into a folio, as if it had been there before the exchange was.
    pub fn seed_units(
        &self,
        folio: &str,
        scheme: u32,
        date: jiff::civil::Date,
        units: rust_decimal::Decimal,
    ) {
        self.state().add_lot(folio, scheme, date, units);
    }

    /// Returns whether a folio is known.
    pub fn knows_folio(&self, folio: &str, scheme: u32) -> bool {
        let key = (folio.to_owned(), scheme);
        self.state().holdings.contains_key(&key)
    }

    /// Returns how many notices the member did not take yet.
    pub fn undelivered(&self) -> usize {
        self.state().notices.len()
    }

    /// Returns when something happens by itself next.
    pub fn next_due(&self) -> Option<Timestamp> {
        self.state().next_due()
    }

    /// Does what is due by now; returns whether it is on disk.
    pub async fn settle(&self) -> bool {
        // It wakes nobody: whoever lives by the clock settles each time it wakes.
        let now = self.inner.clock.now();
        self.state().settle(now);
        self.save().await
    }

    /// Serves its API and its pages on a socket until `stop`, for tests and alone.
    pub fn spawn_server(&self, socket: TcpListener, stop: CancellationToken) -> JoinHandle<()> {
        let routes = self.router();
        tokio::spawn(async move {
            let stopped = stop.clone().cancelled_owned();
            let served = axum::serve(socket, routes).with_graceful_shutdown(stopped);
            if let Err(error) = served.await {
                tracing::error!(%error, "the exchange stopped serving");
            }
        })
    }

    /// Lives by its clock until `stop`: settles, tells the member, sleeps until there is
    /// something to do.
    pub async fn run(self, stop: CancellationToken) {
        while !stop.is_cancelled() {
            let woken = self.inner.wake.notified();
            if !self.settle().await {
                tracing::error!("the exchange's file cannot be written; trying again");
                tokio::time::sleep(Duration::from_secs(1)).await;
                continue;
            }
            if self.deliver().await > 0 {
                continue;
            }
            let due = async {
                match self.next_moment() {
                    Some(at) => self.inner.clock.sleep_until(at).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = stop.cancelled() => {}
                () = woken => {}
                () = due => {}
            }
        }
        self.close().await;
    }

    /// Ends what waits and closes the file.
    pub async fn close(&self) {
        self.inner.closing.cancel();
        self.save().await;
        if let Some(store) = &self.inner.store {
            store.close().await;
        }
    }

    /// Settles, then does something, as one.
    pub(crate) fn act<T>(&self, act: impl FnOnce(&mut State, Timestamp) -> T) -> T {
        let mut state = self.state();
        let now = self.inner.clock.now();
        state.settle(now);
        let done = act(&mut state, now);
        drop(state);
        self.inner.wake.notify_one();
        done
    }

    /// Writes what is not on disk yet; returns whether all of it is.
    pub(crate) async fn save(&self) -> bool {
        let Some(store) = &self.inner.store else {
            let _ = self.state().take_dirty();
            return true;
        };
        let _one = self.inner.saving.lock().await;
        let dirty = self.state().take_dirty();
        if dirty.is_empty() {
            return true;
        }
        match store.write(dirty.clone(), self.inner.clock.now()).await {
            Ok(()) => true,
            Err(error) => {
                tracing::error!(%error, "the exchange's file cannot be written");
                self.state().give_back(dirty);
                false
            }
        }
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.inner.state)
    }

    /// Returns the secret end of the address of a page.
    fn page_token(&self, about: &str, id: &str) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.inner.page_key.as_bytes())
            .expect("a key of any length will do");
        mac.update(format!("{about}:{id}").as_bytes());
        let tag = mac.finalize().into_bytes();
        tag.iter().take(16).fold(String::new(), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        })
    }
}

fn without_slash(mut url: String) -> String {
    url.truncate(url.trim_end_matches('/').len());
    url
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().expect("nobody panics while holding it")
}

#[cfg(test)]
mod tests {
    use futures::FutureExt as _;

    use super::*;

    #[tokio::test]
    async fn an_exchange_at_rest_wakes_nobody_by_settling() {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let exchange = Exchange::builder().token("t").build().await.unwrap();
        assert!(exchange.settle().await);
        assert!(exchange.inner.wake.notified().now_or_never().is_none());
        exchange.act(|_, _| ());
        assert!(exchange.inner.wake.notified().now_or_never().is_some());
    }
}
