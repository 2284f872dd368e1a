//! Messages that were under way when the process ended, one at a time: whichever ends it
//! again is known by that.

use std::sync::Arc;
use std::time::Duration;

use super::{CRASHES, Loaded, Turns, claims};
use crate::pipeline::store::{self, Claimed};
use crate::storage::Error;
use crate::telemetry::metrics;

/// How long a suspect runs before the next one may.
const SUSPENSE: Duration = Duration::from_secs(1);

impl Turns {
    /// Starts the next suspect unless one is under way; returns whether there was one.
    pub(super) async fn start_suspect(&self) -> Result<bool, Error> {
        let Ok(place) = Arc::clone(&self.suspect).try_acquire_owned() else {
            return Ok(true);
        };
        let Some(claimed) = claims::claim_alone(&self.ground).await? else {
            return Ok(false);
        };
        let is_grave = claimed.messages.iter().any(|message| message.alone > 1);
        let this = self.clone();
        let turn = self.tracker.spawn(async move {
            let mut turn = std::pin::pin!(this.run_alone(claimed));
            let ended = tokio::time::timeout(SUSPENSE, &mut turn).await;
            drop(place);
            this.ground.wakes.turns.wake();
            if ended.is_err() {
                turn.await;
            }
        });
        if is_grave {
            // Nothing else is taken up meanwhile: if the process ends again, it was this
            // one, and one that is innocent is done before it can.
            let _ = tokio::time::timeout(SUSPENSE, turn).await;
        }
        Ok(true)
    }

    /// Runs the turn of a suspect whose contact reads.
    async fn run_alone(&self, claimed: Claimed) {
        match Loaded::read(&self.ground, std::slice::from_ref(&claimed)).await {
            Ok(loaded) if loaded.contacts.contains_key(&claimed.contact) => {
                self.take_turns(vec![claimed], loaded, Vec::new(), true)
                    .await;
            }
            // Another process may have the key that this one lacks: its turn comes with the
            // next claim.
            Ok(_) if claimed.messages.iter().any(|one| one.alone <= CRASHES) => {}
            Ok(_) => self.set_aside(claimed).await,
            Err(error) => {
                // The lease runs out, and somebody tries again.
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "a claimed contact could not be loaded"
                );
            }
        }
    }

    /// Sets the message of a contact aside that does not read however often it is tried.
    async fn set_aside(&self, claimed: Claimed) {
        let now = self.ground.clock.now();
        let contact = claimed.contact.clone();
        let write = self
            .ground
            .db
            .write((claimed, now), |conn, (claimed, now)| {
                Box::pin(store::set_unread_aside(conn, claimed, *now))
            });
        match write.await {
            Ok(true) => {
                metrics::message_ended("parked");
                tracing::error!(%contact, "a message is set aside, for its contact does not read");
            }
            Ok(false) => {}
            Err(error) => tracing::error!(
                error = &error as &dyn std::error::Error,
                %contact,
                "a message of a contact that does not read could not be set aside"
            ),
        }
    }
}
