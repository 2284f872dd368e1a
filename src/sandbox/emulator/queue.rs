//! Webhooks that wait to be delivered, soonest first.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::Arc;

use jiff::Timestamp;

/// Messages and statuses do not wait for each other, unless they are to come together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lane {
    /// What people wrote.
    Messages,
    /// What became of what the business wrote.
    Statuses,
    /// Either, in one POST.
    Together,
}

impl Lane {
    pub(crate) const ALL: [Self; 3] = [Self::Messages, Self::Statuses, Self::Together];
}

/// One update that was not acknowledged yet.
#[derive(Debug, Clone)]
pub(crate) struct Webhook {
    pub(crate) id: u64,
    pub(crate) lane: Lane,
    pub(crate) due: Timestamp,
    /// When what it tells of happened.
    pub(crate) made: Timestamp,
    pub(crate) attempts: u32,
    /// The escaped JSON of the change.
    pub(crate) change: Arc<str>,
    /// The message of a person it tells about.
    pub(crate) wamid: Option<String>,
}

impl PartialEq for Webhook {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl Eq for Webhook {}

impl PartialOrd for Webhook {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Webhook {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.due, self.id).cmp(&(other.due, other.id))
    }
}

/// Meta posts at most 3 MB at once.
const MOST_BYTES: usize = 2_900_000;

/// The waiting webhooks of one lane.
#[derive(Debug, Default)]
pub(crate) struct Queue {
    heap: BinaryHeap<Reverse<Webhook>>,
}

impl Queue {
    pub(crate) fn push(&mut self, webhook: Webhook) {
        self.heap.push(Reverse(webhook));
    }

    pub(crate) fn len(&self) -> usize {
        self.heap.len()
    }

    /// Returns when the first one is due.
    pub(crate) fn next_due(&self) -> Option<Timestamp> {
        self.heap.peek().map(|Reverse(first)| first.due)
    }

    /// Takes up to `most` that are due at `now` and fit into one POST.
    pub(crate) fn take_due(&mut self, now: Timestamp, most: usize) -> Vec<Webhook> {
        let mut taken = Vec::new();
        let mut bytes = 0;
        while let Some(Reverse(first)) = self.heap.peek() {
            bytes += first.change.len() + 96;
            let full = taken.len() == most || (bytes > MOST_BYTES && !taken.is_empty());
            if first.due > now || full {
                break;
            }
            taken.extend(self.heap.pop().map(|Reverse(webhook)| webhook));
        }
        taken
    }
}
