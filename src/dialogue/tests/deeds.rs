//! The commands of a conversation: what moves money is handed to the house, the rest is
//! written down.

use std::sync::{Arc, Mutex};

use futures::FutureExt;
use futures::future::BoxFuture;
use jiff::Timestamp;

use super::super::commands::{Asked, Command, Done, Outlook};
use super::super::ports::{Answer, Commands};
use super::house::{House, now};
use crate::id::ContactId;
use crate::investing::orders::MandateStatus;
use crate::investing::orders::draft::Proposal;
use crate::people::{Change, Recorded};
use crate::pipeline::Effect;
use crate::storage::{Conn, Error};

/// Hands commands to the house, without which there is no dealing, and keeps in order
/// what else was set in motion.
#[derive(Clone, Default)]
pub(super) struct Deeds {
    pub(super) house: Option<House>,
    pub(super) taken: Arc<Mutex<Vec<Command>>>,
}

impl Deeds {
    fn house(&self, command: &Command) -> &House {
        let house = self.house.as_ref();
        house.unwrap_or_else(|| panic!("nothing can be set in motion: {command:?}"))
    }
}

impl Commands for Deeds {
    fn rehearse<'a>(&'a self, _: ContactId, command: &'a Command) -> Answer<'a, Outlook> {
        match command {
            Command::Serve(_) | Command::Record(_) | Command::Consent(_) => now(Ok(Done::Asked)),
            money => now(self.house(money).outlook(money)),
        }
    }

    fn rehearse_change<'a>(&'a self, _: ContactId, _: &'a Change) -> Answer<'a, Recorded> {
        now(Recorded::Done)
    }

    fn effect(&self, _: ContactId, command: Command, _: Timestamp) -> Box<dyn Effect> {
        if let Command::Serve(_) | Command::Record(_) | Command::Consent(_) = &command {
            self.taken.lock().unwrap().push(command);
            return Box::new(Nothing);
        }
        let house = self.house(&command);
        if let Command::Do(Asked::Draft(_), _) = &command
            && let Proposal::Mandate(wanted) = house.draft().terms.proposal
        {
            let mandate = house.mandate(wanted.limit, MandateStatus::Created);
            house.book().mandates.push(mandate);
        }
        house.book().done.push(command);
        Box::new(Nothing)
    }
}

struct Nothing;

impl Effect for Nothing {
    fn apply<'c>(&'c self, _: &'c mut Conn) -> BoxFuture<'c, Result<(), Error>> {
        std::future::ready(Ok(())).boxed()
    }
}
