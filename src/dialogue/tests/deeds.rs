//! Commands of a conversation without an exchange: there are none.

use super::super::commands::{Command, Outlook};
use super::super::ports::{Answer, Commands};
use crate::id::ContactId;
use crate::pipeline::Effect;

pub(super) struct Deeds;

impl Commands for Deeds {
    fn rehearse<'a>(&'a self, _: ContactId, command: &'a Command) -> Answer<'a, Outlook> {
        panic!("nothing can be set in motion: {command:?}")
    }

    fn effect(&self, _: ContactId, command: Command) -> Box<dyn Effect> {
        panic!("nothing can be set in motion: {command:?}")
    }
}
