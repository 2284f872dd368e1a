//! What a conversation that is held again would set in motion.
//!
//! None of it is done, so an order that comes later is rehearsed after all that came before
//! it, in one transaction, and that is undone: terms that were shown can be confirmed. What
//! somebody says of themselves is held against what is on record today.

use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;

use super::App;
use super::commands::Deeds;
use crate::dialogue::commands::{Command, Outlook};
use crate::dialogue::ports::{Answer, Commands};
use crate::id::ContactId;
use crate::people::{Change, Recorded};
use crate::pipeline::Effect;

/// The commands of one conversation.
pub(super) struct Undone {
    deeds: Deeds,
    so_far: Mutex<Vec<Command>>,
}

impl Undone {
    pub(super) fn new(app: App) -> Self {
        Self {
            deeds: Deeds::new(app),
            so_far: Mutex::default(),
        }
    }

    fn so_far(&self) -> MutexGuard<'_, Vec<Command>> {
        self.so_far.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Commands for Undone {
    fn rehearse<'a>(&'a self, contact: ContactId, command: &'a Command) -> Answer<'a, Outlook> {
        let so_far = self.so_far().clone();
        Box::pin(self.deeds.rehearse_after(contact, so_far, command))
    }

    fn rehearse_change<'a>(
        &'a self,
        contact: ContactId,
        change: &'a Change,
    ) -> Answer<'a, Recorded> {
        self.deeds.rehearse_change(contact, change)
    }

    fn effect(&self, contact: ContactId, command: Command, said: Timestamp) -> Box<dyn Effect> {
        self.so_far().push(command.clone());
        self.deeds.effect(contact, command, said)
    }
}
