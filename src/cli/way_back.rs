//! What the commands that put something back have in common.

use jiff::Timestamp;

use super::say;
use crate::clock::ist;
use crate::pipeline::way_back::PutBack;

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

/// Says what came of several, and fails at the end if one of them cannot be done.
pub(super) fn report_all(all: Vec<(String, PutBack)>) -> anyhow::Result<()> {
    let mut impossible = Vec::new();
    for (id, done) in all {
        match done {
            PutBack::Impossible(why) => impossible.push(format!("{id}: {why}")),
            done => report(&id, done)?,
        }
    }
    match &impossible[..] {
        [] => Ok(()),
        all => anyhow::bail!("{}", all.join("\n")),
    }
}
