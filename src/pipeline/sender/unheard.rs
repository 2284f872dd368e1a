//! What a lost answer to a commit leaves open.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard};

/// Messages, each with its attempt, of rounds whose commit was not heard of: they may be
/// `sending`, and nobody calls them.
#[derive(Clone, Default)]
pub(super) struct Unheard(Arc<Mutex<HashSet<(String, i64)>>>);

impl Unheard {
    /// Adds what a round is about to commit.
    pub(super) fn expect(&self, one: (String, i64)) {
        self.all().insert(one);
    }

    /// Forgets them: what a commit made of them is known.
    pub(super) fn all_heard(&self) {
        self.all().clear();
    }

    /// Returns them.
    pub(super) fn list(&self) -> Vec<(String, i64)> {
        self.all().iter().cloned().collect()
    }

    fn all(&self) -> MutexGuard<'_, HashSet<(String, i64)>> {
        self.0.lock().expect("nobody panics while holding it")
    }
}
