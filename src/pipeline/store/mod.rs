//! The SQL of the durable path. Statements carry many rows at once.

pub(super) mod account;
mod arrive;
pub(super) mod attachments;
mod claim;
mod conversation;
pub(super) mod costs;
pub(super) mod enqueue;
mod finish;
pub(super) mod forget;
pub(super) mod jobs;
mod leases;
pub(super) mod number;
mod outcome;
pub(super) mod reach;
pub(super) mod recover;
mod refused;
mod retention;
mod sending;
mod settle;
pub(super) mod standing;
mod status;
pub(super) mod taken_back;
pub(super) mod templates;
pub(super) mod way_back;
mod writers;

pub(super) use arrive::{arrive, count_arrived};
pub(super) use claim::{
    Claimed, ClaimedMessage, any_later, any_left_behind, claim, claim_alone, claim_later, extend,
    sessions, set_unread_aside,
};
pub(super) use conversation::{answers, heard};
pub(super) use finish::{Ending, Finished, How, Written, finish};
pub(super) use jobs::{
    ClaimedJob, JobEnd, NewJob, claim_job, due_kind, extend_job, finish_job, insert_job, job_exists,
};
pub(super) use leases::{holds, is_free, renew, take};
pub(super) use outcome::{Fate, Outcome, outcomes};
pub(super) use recover::{doubt, let_go};
pub(super) use retention::empty;
pub(super) use sending::{
    Candidate, NOT_NOW, Verdict, candidates, enter, has_held_answer, hold_firsts, keep_answers,
    lanes_due, take_back_unsent, writes_first,
};
pub(super) use settle::{Unsettled, close_settled, open_since, settle, unsettled};
pub use settle::{close_attention, open_attention};
pub(super) use status::move_up;

use super::turn::Purpose;
use crate::storage::{Conn, Error, list, padded, sql};

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
    for run in padded(&ids, 1) {
        let text = format!(
            "select id from {table} where id in ({}) order by id{lock_rows}",
            list(run.len())
        );
        let mut query = sqlx::query(sql(text));
        for id in run.filled() {
            query = query.bind(*id);
        }
        query.fetch_all(&mut *conn).await?;
    }
    Ok(())
}

/// How many messages of the same contact and lane as `o` came after it and were accepted
/// by Meta: what `o` has to say has been overtaken.
const LATER_ACCEPTED: &str = "(select count(*) from outbox l
     where l.contact_id = o.contact_id and l.lane = o.lane and l.id > o.id
       and l.accepted_at is not null)";

fn instant(millis: i64) -> jiff::Timestamp {
    jiff::Timestamp::from_millisecond(millis).unwrap_or_default()
}

/// Reads what a message of the outbox is for.
fn purpose(id: &str, stored: &str) -> Result<Purpose, Error> {
    Purpose::parse(stored).ok_or_else(|| damaged("outbox", id, "unknown purpose"))
}

fn damaged(table: &'static str, row: &str, what: &str) -> Error {
    Error::Damaged {
        table,
        row: row.to_owned(),
        what: what.to_owned(),
    }
}
