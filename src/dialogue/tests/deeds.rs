//! The commands of a conversation, handed to the house.

use futures::FutureExt;
use futures::future::BoxFuture;

use super::super::commands::{Asked, Command, Outlook};
use super::super::ports::{Answer, Commands};
use super::house::{House, now};
use crate::id::ContactId;
use crate::investing::orders::MandateStatus;
use crate::investing::orders::draft::Proposal;
use crate::pipeline::Effect;
use crate::storage::{Conn, Error};

/// Hands commands to the house; without one there are none.
pub(super) struct Deeds(pub(super) Option<House>);

impl Deeds {
    fn house(&self, command: &Command) -> &House {
        let house = self.0.as_ref();
        house.unwrap_or_else(|| panic!("nothing can be set in motion: {command:?}"))
    }
}

impl Commands for Deeds {
    fn rehearse<'a>(&'a self, _: ContactId, command: &'a Command) -> Answer<'a, Outlook> {
        now(self.house(command).outlook(command))
    }

    fn effect(&self, _: ContactId, command: Command) -> Box<dyn Effect> {
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
