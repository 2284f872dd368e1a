//! What the dialogue asks of the business. `app.rs` answers over `investing`.

use futures::future::BoxFuture;
use jiff::civil::Date;

use crate::contacts::Contact;
use crate::investing::{Portfolio, Scheme, SchemeCode};

/// The facts a conversation may state. Nothing else is stated.
pub trait Facts: Send + Sync + 'static {
    /// Finds the scheme meant by a name as people type it.
    fn search(&self, query: &str, most: usize) -> Matches;

    /// Returns a scheme by its code.
    fn scheme(&self, code: SchemeCode) -> Option<Scheme>;

    /// Returns what a contact holds; `None` if nothing was imported for them.
    fn portfolio<'a>(
        &'a self,
        contact: &'a Contact,
        today: Date,
    ) -> BoxFuture<'a, anyhow::Result<Option<Portfolio>>>;
}

/// What a search comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Matches {
    /// No scheme is near enough.
    Nothing,
    /// Clearly this one.
    One(Scheme),
    /// One of these, best first.
    Several(Vec<Scheme>),
}
