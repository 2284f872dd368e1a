//! Whether the records are whole, and what in them waits for a person.

use jiff::Timestamp;

use super::Finding;
use crate::clock::Clock;
use crate::pipeline::{self, Depth, LATE};
use crate::security::Keyring;
use crate::security::audit::{self, Trail};
use crate::storage::{Db, Error};

const WAITING: &str = "waiting";
const JOBS: &str = "jobs";
const AUDIT: &str = "audit trail";

pub(super) async fn check(db: &Db, keys: &Keyring, is_demo: bool) -> Vec<Finding> {
    let waiting = match pipeline::depth(db).await {
        Ok(depth) => judge_waiting(&depth),
        Err(error) => unread(WAITING, &error),
    };
    let late = match late(db, is_demo).await {
        Ok(late) => judge_late(&late),
        Err(error) => unread(JOBS, &error),
    };
    let trail = match audit::verify(db, keys).await {
        Ok(trail) => judge_trail(&trail),
        Err(error) => unread(AUDIT, &error),
    };
    vec![waiting, late, trail]
}

/// Returns what is late by the clock of the service. A demo's is nearest to the newest that it
/// wrote down.
async fn late(db: &Db, is_demo: bool) -> Result<Vec<(String, i64)>, Error> {
    let now = if is_demo {
        pipeline::latest(db).await?.unwrap_or(Timestamp::UNIX_EPOCH)
    } else {
        Clock::system().now()
    };
    pipeline::late_jobs(db, now - LATE).await
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
    use crate::app::{App, demo};
    use crate::config::Settings;
    use crate::id::Ids;

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

    #[tokio::test]
    async fn what_a_demo_will_run_by_its_own_clock_is_not_late() {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}/t.db", folder.path().display());
        let settings = Settings::from_lookup(|name| (name == "DATABASE_URL").then(|| url.clone()));
        let settings = settings.unwrap();
        let app = App::open(&settings, demo::clock(), Ids::random());
        let app = app.await.unwrap();
        let (db, now) = (&app.ground.db, app.ground.clock.now());
        let jobs = db.write(now.as_millisecond(), |conn, now| {
            Box::pin(async move {
                sqlx::query(
                    "insert into keys (id, purpose, wrapped_by, wrapped, created_at)
                     values ('k', 'contact', 'm', $2, $1)",
                )
                .bind(*now)
                .bind(vec![0_u8])
                .execute(&mut *conn)
                .await?;
                sqlx::query("insert into contacts (id, key_id, created_at) values ('c', 'k', $1)")
                    .bind(*now)
                    .execute(&mut *conn)
                    .await?;
                for (kind, run_at) in [("night", now + 60_000), ("old", now - 7_200_000)] {
                    sqlx::query(
                        "insert into jobs (id, kind, unique_key, run_at, state, created_at)
                         values ($1, $1, $1, $2, 'waiting', $2)",
                    )
                    .bind(kind)
                    .bind(run_at)
                    .execute(&mut *conn)
                    .await?;
                }
                Ok(())
            })
        });
        jobs.await.unwrap();
        let kinds = |late: Vec<(String, i64)>| late.into_iter().map(|(kind, _)| kind);
        let found: Vec<_> = kinds(late(db, true).await.unwrap()).collect();
        assert_eq!(found, ["old"]);
        db.close().await;
    }
}
