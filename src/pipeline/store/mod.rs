//! The SQL of the durable path. Statements carry many rows at once.

mod arrive;
mod claim;
pub(super) mod enqueue;
mod finish;
mod jobs;
mod leases;
pub(super) mod recover;
mod retention;
mod sending;
mod settle;
pub(super) mod standing;
mod status;
pub(super) mod way_back;

pub(super) use arrive::arrive;
pub(super) use claim::{
    Claimed, ClaimedMessage, any_left_behind, claim, claim_alone, extend, sessions,
};
pub(super) use finish::{Ending, Finished, How, finish};
pub(super) use jobs::{
    ClaimedJob, JobEnd, NewJob, claim_job, extend_job, finish_job, insert_job, job_exists,
};
pub(super) use leases::{holds, renew, take};
pub(super) use recover::{doubt, recount};
pub(super) use retention::empty;
pub(super) use sending::{
    Candidate, Fate, Outcome, Verdict, candidates, enter, lanes_due, outcomes,
};
pub(super) use settle::{Unsettled, close_settled, settle, unsettled};
pub use settle::{close_attention, open_attention};
pub(super) use status::move_up;

use crate::storage::{Conn, Error, list, runs, sql};

/// Takes rows that are about to be changed, in the order of their ids. Where several
/// transactions run side by side, all that take rows of a table so wait for each other
/// and never in a circle. `lock_rows` is empty where there is one writer.
async fn take_in_order(
    conn: &mut Conn,
    lock_rows: &str,
    table: &'static str,
    mut ids: Vec<&str>,
) -> Result<(), Error> {
    if lock_rows.is_empty() {
        return Ok(());
    }
    ids.sort_unstable();
    ids.dedup();
    for run in runs(&ids) {
        let text = format!(
            "select id from {table} where id in ({}) order by id{lock_rows}",
            list(run.len())
        );
        let mut query = sqlx::query(sql(text));
        for id in run {
            query = query.bind(*id);
        }
        query.fetch_all(&mut *conn).await?;
    }
    Ok(())
}

fn damaged(table: &'static str, row: &str, what: &str) -> Error {
    Error::Damaged {
        table,
        row: row.to_owned(),
        what: what.to_owned(),
    }
}
