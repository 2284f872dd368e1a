//! The SQL of the durable path. Statements carry many rows at once.

mod arrive;
mod claim;
pub(super) mod enqueue;
mod finish;
mod jobs;
mod leases;
pub(super) mod recover;
mod sending;
mod settle;
mod status;

pub(super) use arrive::arrive;
pub(super) use claim::{
    Claimed, ClaimedMessage, any_left_behind, claim, claim_alone, extend, sessions,
};
pub(super) use finish::{Ending, Finished, How, finish};
pub(super) use jobs::{
    ClaimedJob, JobEnd, NewJob, claim_job, extend_job, finish_job, insert_job, job_exists,
};
pub(super) use leases::{renew, take};
pub(super) use recover::{doubt, empty, recount};
pub(super) use sending::{
    Candidate, Fate, Outcome, Verdict, candidates, enter, lanes_due, outcomes,
};
pub(super) use settle::{close_settled, open_attention, settle, unsettled};
pub(super) use status::move_up;

use crate::storage::Error;

fn damaged(table: &'static str, row: &str, what: &str) -> Error {
    Error::Damaged {
        table,
        row: row.to_owned(),
        what: what.to_owned(),
    }
}
