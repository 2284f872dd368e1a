//! What the commands that put something back have in common.

use jiff::Timestamp;

use super::say;
use crate::clock::ist;
use crate::pipeline::way_back::PutBack;
use crate::storage::Error;

/// Whose deed it is, in the audit trail.
pub(super) const OPERATOR: &str = "operator";

/// Returns a time as an operator in India reads it.
pub(super) fn when(at: Timestamp) -> String {
    at.to_zoned(ist()).strftime("%Y-%m-%d %H:%M").to_string()
}

/// Says what came of it; what cannot be done is a failure.
pub(super) fn report(id: &str, done: PutBack) -> anyhow::Result<()> {
    match done {
        PutBack::Done(next) => say(format!("{id}: {next}")),
        PutBack::Already(why) => say(format!("{id}: nothing to do, {why}")),
        PutBack::Impossible(why) => anyhow::bail!("{id}: {why}"),
    }
    Ok(())
}

/// What came of several: each is said at once, and one that cannot be done stops no other.
#[derive(Debug, Default)]
pub(super) struct Told {
    impossible: Vec<String>,
}

impl Told {
    /// Says what came of one.
    pub(super) fn one(&mut self, id: &str, done: Result<PutBack, Error>) {
        let done = done.map_err(Into::into).and_then(|done| report(id, done));
        if let Err(why) = done {
            let why = format!("{why:#}");
            let is_named = why.contains(id);
            self.impossible.push(if is_named {
                why
            } else {
                format!("{id}: {why}")
            });
        }
    }

    /// Fails if one of them could not be done.
    pub(super) fn end(self) -> anyhow::Result<()> {
        match &self.impossible[..] {
            [] => Ok(()),
            all => anyhow::bail!("{}", all.join("\n")),
        }
    }
}
