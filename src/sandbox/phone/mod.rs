//! A phone in the browser, and the API behind it.
//!
//! The page under `/sandbox` is plain HTML, CSS and JavaScript built into the binary:
//! no network, no inline script, and nothing a person or a bot wrote ever becomes
//! markup. Tests use the same API under `/sandbox/api`.

mod api;
mod files;
mod forms;
mod live;
mod page;

use std::sync::Arc;

use axum::Router;
use futures::future::BoxFuture;

use super::emulator::{Emulator, Person};

/// Gives a conversation back to the bot; takes the phone number or user id and says in
/// words why it did not work.
pub type ReleaseHook = Arc<dyn Fn(String) -> BoxFuture<'static, Result<(), String>> + Send + Sync>;

impl Emulator {
    /// Returns the page and its API, at `/sandbox` and below.
    ///
    /// Without `release` the page does not offer to give a conversation back.
    pub fn sandbox_router(&self, release: Option<ReleaseHook>) -> Router {
        page::router().merge(api::router(self.clone(), release))
    }
}

/// Returns the people of the demo.
pub fn personas() -> Vec<Person> {
    vec![
        Person::with_phone("919000000000", "Asha").about("Has a portfolio, imported from a CAS"),
        Person::with_phone("919000000001", "Ravi").about("New: writes for the first time"),
        Person::with_phone("919000000002", "मीना").about("Writes Hindi"),
        Person::without_phone("IN.2081978709342942", "Kabir")
            .about("Has a username: the business never sees a phone number"),
    ]
}

#[cfg(test)]
mod tests;
