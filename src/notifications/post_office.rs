//! The stage that posts letters.
//!
//! A letter is `sending` in the database before the mail server hears of it. If its
//! sender is lost meanwhile, nobody knows whether it went: then it is `unknown`, a person
//! is asked, and no machine posts it again.

use std::sync::Arc;
use std::time::Duration;

use futures::future::join_all;
use jiff::SignedDuration;
use tokio_util::sync::CancellationToken;

use super::letter::Posted;
use super::ports::Post;
use super::store::letters::{self, Claimed, Ending, Look};
use crate::pipeline::Ground;
use crate::storage::Error;
use crate::telemetry::metrics;

/// How often the stage looks by itself.
const LOOK: Duration = Duration::from_secs(1);
/// Letters posted at a time.
const AT_ONCE: usize = 4;
/// A letter that is being posted for longer than any conversation may take has lost its
/// sender.
const STUCK: SignedDuration = SignedDuration::from_mins(5);
/// Pause before a letter that was not taken is tried again; doubles up to an hour.
const RETRY_FIRST: SignedDuration = SignedDuration::from_mins(1);

/// The stage.
#[derive(Clone)]
pub struct PostOffice {
    ground: Ground,
    post: Arc<dyn Post>,
}

impl PostOffice {
    /// Returns the stage.
    pub fn new(ground: Ground, post: Arc<dyn Post>) -> Self {
        Self { ground, post }
    }

    /// Runs until `stop`; letters that are being posted are finished first.
    pub async fn run(self, stop: CancellationToken) {
        join_all((0..AT_ONCE).map(|_| self.work(&stop))).await;
    }

    async fn work(&self, stop: &CancellationToken) {
        while !stop.is_cancelled() {
            let more = match self.round().await {
                Ok(more) => more,
                Err(error) => {
                    tracing::error!(
                        error = &error as &dyn std::error::Error,
                        "no letter could be taken or put down"
                    );
                    false
                }
            };
            if !more {
                tokio::select! {
                    () = stop.cancelled() => {}
                    () = self.ground.wakes.letters.woken() => {}
                    () = tokio::time::sleep(LOOK) => {}
                }
            }
        }
    }

    /// Posts one letter if one is due; returns whether there may be more.
    pub async fn round(&self) -> Result<bool, Error> {
        let input = (self.ground.clone(), self.ground.clock.now());
        let look = self
            .ground
            .db
            .write(input, |conn, (ground, now)| {
                Box::pin(letters::claim(conn, &ground.keys, &ground.ids, STUCK, *now))
            })
            .await?;
        let claimed = match look {
            Look::Nothing => return Ok(false),
            Look::PutAside => return Ok(true),
            Look::Post(claimed) => claimed,
        };
        // There may be more for somebody who rests.
        self.ground.wakes.letters.wake();
        let ending = self.post(&claimed).await;
        self.put_down(claimed, ending).await?;
        Ok(true)
    }

    async fn post(&self, claimed: &Claimed) -> Ending {
        let Some(letter) = &claimed.letter else {
            let reason = "it could not be opened".to_owned();
            return Ending::Failed { code: None, reason };
        };
        let posted = self.post.deliver(&claimed.id, letter).await;
        let word = match &posted {
            Posted::Taken => "sent",
            Posted::Again { .. } => "again",
            Posted::Refused { .. } => "refused",
            Posted::Unknown { .. } => "unknown",
        };
        metrics::letter(word);
        match posted {
            Posted::Taken => Ending::Sent,
            Posted::Again { reason } => {
                tracing::warn!(letter = %claimed.id, reason, "a letter was not taken; again later");
                let doublings = u32::try_from(claimed.attempt.clamp(1, 7) - 1).unwrap_or(0);
                let pause = RETRY_FIRST * 2_i32.pow(doublings);
                let at = self.ground.clock.now() + pause.min(SignedDuration::from_hours(1));
                Ending::Again { at, reason }
            }
            Posted::Refused { code, reason } => {
                tracing::warn!(letter = %claimed.id, code, reason, "a letter was refused");
                Ending::Failed { code, reason }
            }
            Posted::Unknown { reason } => {
                tracing::warn!(letter = %claimed.id, reason, "a letter may have been posted or not");
                Ending::Unknown { reason }
            }
        }
    }

    async fn put_down(&self, claimed: Claimed, ending: Ending) -> Result<(), Error> {
        let input = (self.ground.clone(), claimed, ending);
        let written = self
            .ground
            .db
            .write(input, |conn, (ground, claimed, ending)| {
                Box::pin(async move {
                    let at = ground.clock.now();
                    let row = (claimed.id.as_str(), claimed.attempt);
                    letters::end(conn, &ground.ids, row, ending, at).await
                })
            });
        written.await?;
        // Its notice waits to hear of it.
        self.ground.wakes.events.wake();
        Ok(())
    }
}
