//! What this room needs from others.

use futures::future::BoxFuture;
use jiff::civil::Date;

use super::letter::{Letter, Posted};
use crate::id::{ContactId, InstalmentId, PlanId};
use crate::investing::{Paise, SchemeCode};

/// Knows where letters reach somebody.
pub trait AddressBook: Send + Sync + 'static {
    /// Returns the e-mail address an investor gave, if they gave one.
    fn email(&self, contact: ContactId) -> BoxFuture<'_, anyhow::Result<Option<String>>>;
}

/// Knows the instalments to come.
pub trait Schedule: Send + Sync + 'static {
    /// Returns the instalments of somebody's running plans, at most to the given day.
    fn instalments(
        &self,
        contact: ContactId,
        until: Date,
    ) -> BoxFuture<'_, anyhow::Result<Vec<Planned>>>;

    /// Returns whether an instalment is still to be debited.
    fn is_to_come(&self, instalment: InstalmentId) -> BoxFuture<'_, anyhow::Result<bool>>;
}

/// An instalment to come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    /// Names it for ever, whatever day it moves to.
    pub key: String,
    /// The plan it belongs to.
    pub plan: PlanId,
    /// Day.
    pub date: Date,
    /// Into which scheme.
    pub scheme: SchemeCode,
    /// How much.
    pub amount: Paise,
}

/// Posts letters.
pub trait Post: Send + Sync + 'static {
    /// Posts one letter and says what is known of its fate. `id` names it for ever.
    fn deliver<'a>(&'a self, id: &'a str, letter: &'a Letter) -> BoxFuture<'a, Posted>;
}
