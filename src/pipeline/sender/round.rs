//! One round: which messages may go now, decided and written in one transaction.

use std::collections::HashMap;

use anyhow::Context as _;
use jiff::Timestamp;

use super::STUCK;
use crate::contacts::{self, store::StoredContact};
use crate::pipeline::Call;
use crate::pipeline::door::Door;
use crate::pipeline::leases::millis;
use crate::pipeline::outbox::{Lane, callback};
use crate::pipeline::store::{self, Candidate, Verdict};
use crate::security::Keyring;
use crate::storage::{Conn, Error};
use crate::telemetry::metrics;
use crate::whatsapp::Outgoing;

/// What the admission of one round goes by.
pub(super) struct Round {
    pub(super) now: Timestamp,
    pub(super) lease_name: String,
    pub(super) sender_epoch: i64,
    pub(super) lanes: Vec<(Lane, i64)>,
    pub(super) door: Door,
    pub(super) keys: Keyring,
    pub(super) lock_rows: &'static str,
}

/// What one round took out of the outbox, and whom it is for.
pub(super) struct Taken {
    pub(super) messages: Vec<Candidate>,
    pub(super) contacts: HashMap<String, StoredContact>,
}

/// Picks what may go and makes it `sending`, in one transaction.
pub(super) async fn admit_round(conn: &mut Conn, round: &Round) -> Result<Taken, Error> {
    let now = round.now.as_millisecond();
    // A process that stood still past its lease finds out here, before it touches a row.
    if !store::holds(conn, &round.lease_name, round.sender_epoch, round.lock_rows).await? {
        return Err(Error::Conflict("the lease of the number"));
    }
    let mut verdicts = Vec::new();
    let mut taken = Vec::new();
    let mut left = round.lanes.iter().map(|(_, most)| *most).max().unwrap_or(0);
    let due = store::lanes_due(conn, now).await?;
    for (lane, most) in round.lanes.iter().filter(|(lane, _)| due.contains(lane)) {
        if left <= 0 {
            break;
        }
        for one in store::candidates(conn, *lane, now, left.min(*most), round.lock_rows).await? {
            let verdict = round.door.verdict(&one.facts, &one.contact, round.now);
            if let Verdict::Cancel(reason) = verdict {
                metrics::cancelled(reason);
            }
            verdicts.push((one.id.clone(), verdict.clone()));
            if verdict == Verdict::Send {
                left -= 1;
                taken.push(one);
            }
        }
    }
    store::enter(
        conn,
        &verdicts,
        round.sender_epoch,
        now,
        now + millis(STUCK),
    )
    .await?;
    let ids: Vec<String> = taken.iter().map(|one| one.contact.clone()).collect();
    let contacts = contacts::store::load_readable(conn, &round.keys, &ids).await?;
    Ok(Taken {
        messages: taken,
        contacts,
    })
}

/// Opens a message for its call.
pub(super) fn prepare(
    one: &Candidate,
    contact: Option<StoredContact>,
    attempt: i64,
) -> anyhow::Result<Call> {
    let contact = contact.context("its contact could not be loaded")?;
    let plain = contact
        .key
        .open(store::enqueue::payload_place(&one.id), &one.payload)?;
    let message: Outgoing = serde_json::from_slice(&plain)?;
    let to = contact.profile.recipient();
    let to = to.context("its contact has neither number nor user id")?;
    Ok(Call {
        to,
        message,
        callback: callback(&one.id, attempt),
    })
}
