//! The messages of one claimed contact that still wait, and what joins them while the
//! first is being decided.

use std::collections::VecDeque;

use super::Ground;
use super::store::{self, Claimed, ClaimedMessage};
use crate::storage::Error;

/// What one turn has in front of it.
pub(super) struct Queue {
    contact: String,
    epoch: i64,
    waiting: VecDeque<ClaimedMessage>,
    /// How many messages this claim knows of; `None` if there may be more.
    known: Option<i64>,
    alone: bool,
}

impl Queue {
    pub(super) fn new(claimed: Claimed, alone: bool) -> Self {
        let is_cut = alone || claimed.is_cut();
        let count = i64::try_from(claimed.messages.len()).ok();
        Self {
            known: count.filter(|_| !is_cut),
            contact: claimed.contact,
            epoch: claimed.epoch,
            waiting: claimed.messages.into(),
            alone,
        }
    }

    /// Takes the next message.
    pub(super) fn next(&mut self) -> Option<ClaimedMessage> {
        self.waiting.pop_front()
    }

    /// Returns the next message without taking it.
    pub(super) fn front(&self) -> Option<&ClaimedMessage> {
        self.waiting.front()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Says whether its message is a suspect, which nothing may join.
    pub(super) fn is_alone(&self) -> bool {
        self.alone
    }

    /// Returns how many messages this claim has or had, if those are all there are.
    pub(super) fn known(&self) -> Option<i64> {
        self.known
    }

    /// Puts at the end what the contact has written since.
    pub(super) async fn look(&mut self, ground: &Ground) -> Result<(), Error> {
        // Most of the time there is nothing, and looking is cheaper than writing.
        let mut conn = ground.db.read().await?;
        let any = store::any_later(&mut conn, &self.contact).await?;
        drop(conn);
        if !any {
            return Ok(());
        }
        let input = (self.contact.clone(), self.epoch);
        let later = ground.db.write(input, |conn, (contact, epoch)| {
            Box::pin(store::claim_later(conn, contact, *epoch))
        });
        let later = later.await?;
        let more = i64::try_from(later.len()).unwrap_or(0);
        self.known = self.known.map(|known| known + more);
        self.waiting.extend(later);
        Ok(())
    }
}
