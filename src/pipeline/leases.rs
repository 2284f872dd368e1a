//! A lease this process holds, and whether it still may act on it.

use std::time::{Duration, Instant};

use futures::future::BoxFuture;

use super::{Ground, HEARTBEAT, LEASE, store};
use crate::storage::{Conn, Error};

/// A named lease, kept alive by its holder.
///
/// The database says who holds it. Whether *this* process may still act is measured
/// with a clock that nobody can move and that runs on while a process is stopped: one
/// that slept through its lease finds out before it does anything.
#[derive(Debug)]
pub(super) struct Lease {
    name: String,
    epoch: i64,
    renewed: Instant,
}

impl Lease {
    /// Takes the lease if it is free or ran out, and does `first` what its new epoch asks
    /// for: both or neither.
    pub(super) async fn take<I, T, F>(
        ground: &Ground,
        name: &str,
        input: I,
        first: F,
    ) -> Result<Option<(Self, T)>, Error>
    where
        I: Send + Sync + 'static,
        T: Send + 'static,
        F: for<'c> Fn(&'c mut Conn, i64, &'c I) -> BoxFuture<'c, Result<T, Error>>
            + Send
            + Sync
            + 'static,
    {
        let started = Instant::now();
        let now = ground.clock.now().as_millisecond();
        // Most of the time another process has it. Trying to take it would lock its row, which
        // that process asks for with all that it does.
        if !store::is_free(&mut *ground.db.read().await?, name, now).await? {
            return Ok(None);
        }
        let holder = ground.process.to_string();
        let input = (name.to_owned(), holder, now, input, first);
        let taken = ground
            .db
            .write(input, |conn, (name, holder, now, input, first)| {
                Box::pin(async move {
                    let until = now + millis(LEASE);
                    match store::take(conn, name, holder, *now, until).await? {
                        Some(epoch) => Ok(Some((epoch, first(conn, epoch, input).await?))),
                        None => Ok(None),
                    }
                })
            })
            .await?;
        Ok(taken.map(|(epoch, done)| {
            let lease = Self {
                name: name.to_owned(),
                epoch,
                renewed: started,
            };
            (lease, done)
        }))
    }

    /// Returns the epoch, which no earlier holder had.
    pub(super) fn epoch(&self) -> i64 {
        self.epoch
    }

    /// Returns how long it has been since it was renewed.
    pub(super) fn is_due(&self) -> bool {
        self.renewed.elapsed() >= HEARTBEAT
    }

    /// Returns the moment until which this process may act.
    pub(super) fn until(&self) -> Instant {
        self.renewed + LEASE
    }

    /// Keeps the lease; returns whether it was still ours.
    pub(super) async fn renew(&mut self, ground: &Ground) -> Result<bool, Error> {
        let started = Instant::now();
        let until = ground.clock.now().as_millisecond() + millis(LEASE);
        let held = self.set_until(ground, until).await?;
        if held {
            self.renewed = started;
        }
        Ok(held)
    }

    /// Gives the lease back, so that the next one need not wait.
    pub(super) async fn give_back(self, ground: &Ground) {
        if let Err(error) = self.set_until(ground, 0).await {
            tracing::warn!(error = &error as &dyn std::error::Error, lease = %self.name, "a lease was not given back; it will run out");
        }
    }

    async fn set_until(&self, ground: &Ground, until: i64) -> Result<bool, Error> {
        let input = (self.name.clone(), self.epoch, until);
        ground
            .db
            .write(input, |conn, (name, epoch, until)| {
                Box::pin(store::renew(conn, name, *epoch, *until))
            })
            .await
    }
}

pub(super) fn millis(span: Duration) -> i64 {
    i64::try_from(span.as_millis()).unwrap_or(i64::MAX)
}
