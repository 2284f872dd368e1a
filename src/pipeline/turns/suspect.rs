//! Messages that were under way when the process ended, one at a time: whichever ends it
//! again is known by that.

use std::sync::Arc;
use std::time::Duration;

use super::{Loaded, Turns, claims};
use crate::storage::Error;

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
            let claimed = vec![claimed];
            let loaded = Loaded::read(&this.ground, &claimed).await;
            let mut turn = std::pin::pin!(this.take_turns(claimed, loaded, Vec::new(), true));
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
}
