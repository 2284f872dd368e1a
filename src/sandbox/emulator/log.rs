//! The last requests in both directions, whole: nothing here is anybody's secret.

use std::collections::VecDeque;

use jiff::Timestamp;
use serde::Serialize;

/// One request and what came back.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Entry {
    pub(crate) number: u64,
    pub(crate) at: Timestamp,
    /// `graph` (the service called us) or `webhook` (we called the service).
    pub(crate) side: &'static str,
    /// Method and path.
    pub(crate) what: String,
    /// HTTP status, or what happened instead.
    pub(crate) outcome: String,
    pub(crate) request: String,
    pub(crate) response: String,
}

/// The last so many requests.
#[derive(Debug)]
pub(crate) struct Log {
    entries: VecDeque<Entry>,
    length: usize,
    next: u64,
}

impl Log {
    pub(crate) fn of_length(length: usize) -> Self {
        Self {
            entries: VecDeque::new(),
            length,
            next: 1,
        }
    }

    /// Keeps an entry, made only if anything is kept at all.
    pub(crate) fn add(&mut self, entry: impl FnOnce(u64) -> Entry) {
        if self.length == 0 {
            return;
        }
        if self.entries.len() == self.length {
            self.entries.pop_front();
        }
        self.entries.push_back(entry(self.next));
        self.next += 1;
    }

    /// Returns what came after number `after`, oldest first.
    pub(crate) fn after(&self, after: u64) -> Vec<Entry> {
        self.entries
            .iter()
            .filter(|entry| entry.number > after)
            .cloned()
            .collect()
    }
}
