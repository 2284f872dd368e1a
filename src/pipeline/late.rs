//! Jobs that are due and that nobody runs: a build that knows their kind is not there, or the
//! service was started without what they need.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use super::{Ground, store};
use crate::storage::Error;

/// Whatever is due is begun long before this, unless there is too much of it.
pub const LATE: SignedDuration = SignedDuration::from_hours(1);

/// The kind of attention that says so; its subject is the kind of the jobs.
const LATE_JOBS: &str = "late_jobs";

/// Puts before a person each kind of job that is late and was at the last look, and takes it
/// back once none is. Once is no trouble: a service that was down, or a clock that was moved,
/// finds much late and begins it.
pub async fn tell_of_late_jobs(
    ground: &Ground,
    now: Timestamp,
    before: &mut BTreeSet<String>,
) -> Result<(), Error> {
    let db = &ground.db;
    let late = store::jobs::late_jobs(db, now - LATE).await?;
    let told = store::way_back::open_subjects(&mut *db.read().await?, LATE_JOBS).await?;
    let is_late = |subject: &String| late.iter().any(|(kind, _)| kind == subject);
    let over: Vec<_> = told.iter().filter(|kind| !is_late(kind)).cloned().collect();
    let are_late = late.iter().map(|(kind, _)| kind.clone()).collect();
    let were_late = std::mem::replace(before, are_late);
    let mut new = late;
    new.retain(|(kind, _)| !told.contains(kind) && were_late.contains(kind));
    if new.is_empty() && over.is_empty() {
        return Ok(());
    }
    let input = (ground.ids.clone(), new, over);
    let shown = db.write(input, move |conn, (ids, new, over)| {
        Box::pin(async move {
            let now = now.as_millisecond();
            for (kind, count) in new {
                tracing::error!(kind, count, "jobs are due that nobody runs");
                let detail = format!("{count} of these jobs have been due for more than an hour");
                store::open_attention(conn, ids, LATE_JOBS, kind, &detail, now).await?;
            }
            for kind in over {
                store::close_attention(conn, LATE_JOBS, kind, now).await?;
            }
            Ok(())
        })
    });
    shown.await
}
