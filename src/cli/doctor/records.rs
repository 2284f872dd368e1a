//! Whether the records are whole, and what in them waits for a person.

use jiff::SignedDuration;

use super::Finding;
use crate::clock::Clock;
use crate::pipeline::{self, Depth};
use crate::security::Keyring;
use crate::security::audit::{self, Trail};
use crate::storage::{Db, Error};

const WAITING: &str = "waiting";
const JOBS: &str = "jobs";
/// Whatever is due is begun long before this, unless there is too much of it.
const LATE: SignedDuration = SignedDuration::from_hours(1);
const AUDIT: &str = "audit trail";

pub(super) async fn check(db: &Db, keys: &Keyring) -> Vec<Finding> {
    let waiting = match pipeline::depth(db).await {
        Ok(depth) => judge_waiting(&depth),
        Err(error) => unread(WAITING, &error),
    };
    let hour_ago = Clock::system().now() - LATE;
    let late = match pipeline::late_jobs(db, hour_ago).await {
        Ok(late) => judge_late(&late),
        Err(error) => unread(JOBS, &error),
    };
    let trail = match audit::verify(db, keys).await {
        Ok(trail) => judge_trail(&trail),
        Err(error) => unread(AUDIT, &error),
    };
    vec![waiting, late, trail]
}

fn judge_waiting(depth: &Depth) -> Finding {
    let (attention, aside) = (depth.attention, depth.set_aside);
    if attention == 0 && aside == 0 {
        return Finding::ok(WAITING, "nothing waits for a person");
    }
    Finding::warn(
        WAITING,
        format!("{attention} things wait for a person; {aside} events are set aside"),
        "run `sipbrewery attention list` and `sipbrewery inbox list`",
    )
}

fn judge_late(late: &[(String, i64)]) -> Finding {
    if late.is_empty() {
        return Finding::ok(JOBS, "none has been due for an hour");
    }
    let late: Vec<_> = late.iter().map(|(kind, n)| format!("{n} {kind}")).collect();
    Finding::warn(
        JOBS,
        format!("due for more than an hour: {}", late.join(", ")),
        "make sure that the service runs, with the exchange set up and in a build that knows \
         these kinds",
    )
}

fn judge_trail(trail: &Trail) -> Finding {
    match trail {
        Trail::Whole(rows) => Finding::ok(
            AUDIT,
            format!("{rows} rows, each where it was put; note the number elsewhere"),
        ),
        Trail::BrokenAt(row) => Finding::fail(
            AUDIT,
            format!("row {row} is not as it was written"),
            "somebody changed the database past the service: keep a copy of it as it is, and \
             compare it with the last backup",
        ),
    }
}

fn unread(name: &'static str, error: &Error) -> Finding {
    Finding::fail(name, error.to_string(), "see the finding on the database")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_waits_is_a_warning_and_a_broken_trail_a_failure() {
        assert!(!judge_waiting(&Depth::default()).to_string().contains("do:"));
        let depth = Depth {
            attention: 2,
            ..Depth::default()
        };
        let found = judge_waiting(&depth);
        assert!(found.to_string().contains("2 things") && !found.is_failure());
        let late = judge_late(&[("of_tomorrow".to_owned(), 3)]).to_string();
        assert!(late.contains("3 of_tomorrow") && judge_late(&[]).to_string().starts_with("ok"));
        assert!(!judge_trail(&Trail::Whole(7)).is_failure());
        assert!(judge_trail(&Trail::BrokenAt(3)).is_failure());
    }
}
