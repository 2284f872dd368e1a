//! One round: which messages may go now, decided and written in one transaction.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use anyhow::Context as _;
use jiff::Timestamp;

use super::STUCK;
use super::unheard::Unheard;
use crate::clock::Clock;
use crate::contacts::{self, store::StoredContact};
use crate::id::Ids;
use crate::pipeline::Call;
use crate::pipeline::account::{ACCOUNT_STOPPED, DAILY_LIMIT, NOTHING_WAITS};
use crate::pipeline::admission::writes_first;
use crate::pipeline::door::Door;
use crate::pipeline::follow_up::{FollowUp, Told};
use crate::pipeline::leases::millis;
use crate::pipeline::outbox::{Lane, callback};
use crate::pipeline::store::{self, Candidate, Verdict};
use crate::security::Keyring;
use crate::storage::{Conn, Error};
use crate::telemetry::metrics;
use crate::whatsapp::templates::fits;
use crate::whatsapp::{DailyLimit, Outgoing};

/// The daily limit counts whom was written to first in this time.
const DAY: i64 = 24 * 3_600_000;
/// How often somebody is looked at again whom the limit or a stop keeps waiting.
const HELD: i64 = 5 * 60_000;

/// What the admission of one round goes by.
#[derive(Clone)]
pub(super) struct Round {
    pub(super) clock: Clock,
    /// Set once the round has its turn: until then it may have waited long.
    pub(super) now: Timestamp,
    pub(super) lease_name: String,
    pub(super) sender_epoch: i64,
    pub(super) lanes: Vec<(Lane, i64)>,
    pub(super) door: Door,
    pub(super) keys: Keyring,
    pub(super) ids: Ids,
    pub(super) follow_ups: Option<Arc<dyn FollowUp>>,
    pub(super) unheard: Unheard,
    /// Leaves out what others are at: they see to it.
    pub(super) lock_rows: &'static str,
    /// Waits for others, of what there is one: the account, the lease of the number.
    pub(super) lock_account: &'static str,
}

/// What one round took out of the outbox, and whom it is for.
#[derive(Default)]
pub(super) struct Taken {
    pub(super) messages: Vec<Candidate>,
    pub(super) contacts: HashMap<String, StoredContact>,
    /// Meta stopped the account: nothing may go.
    pub(super) is_stopped: bool,
    /// A lane had more than its part of the rate.
    pub(super) is_paced: bool,
    /// How many were let go that a stop or the limit had held: there may be more.
    pub(super) released: u64,
    /// The rate of a number that was upgraded.
    pub(super) per_second: Option<u32>,
}

/// Fails where the number is another process's by now: one that stood still past its lease
/// finds out before it touches a row. Whoever looks whether the lease is free has its row for
/// a moment, and is waited for: passed over, it would look like a lease that is lost.
async fn hold_number(conn: &mut Conn, round: &Round) -> Result<(), Error> {
    let held = store::holds(
        conn,
        &round.lease_name,
        round.sender_epoch,
        round.lock_account,
    );
    if held.await? {
        Ok(())
    } else {
        Err(Error::Conflict("the lease of the number"))
    }
}

/// Picks what may go and makes it `sending`, in one transaction.
pub(super) async fn admit_round(conn: &mut Conn, round: &Round) -> Result<Taken, Error> {
    hold_number(conn, round).await?;
    let round = &Round {
        now: round.clock.now(),
        ..round.clone()
    };
    let now = round.now.as_millisecond();
    let mut firsts = Firsts::load(conn, round).await?;
    // The round that took them had the lease's row, so that by now it is committed or undone.
    let unheard = round.unheard.list();
    store::take_back_unsent(conn, &unheard, round.sender_epoch, now, round.lock_account).await?;
    let is_stopped = firsts.account.refusal(false, round.now).is_some();
    // On the one writer of SQLite, in order with whatever tells of a stop.
    round.door.rates().is_clear = !is_stopped;
    if is_stopped {
        return Ok(Taken {
            is_stopped: true,
            ..Taken::default()
        });
    }
    let due = store::lanes_due(conn, now).await?;
    // Answers alone are sent all the time, and hardly ever write first.
    if due.iter().any(|lane| *lane != Lane::Reply) {
        firsts.count(conn).await?;
    }
    let released = firsts.let_go(conn, round).await?;
    let mut verdicts = Vec::new();
    let mut taken = Vec::new();
    let mut left = round.lanes.iter().map(|(_, most)| *most).max().unwrap_or(0);
    let (mut is_paced, mut is_holding, mut bulk) = (false, false, 0);
    for (lane, most) in round.lanes.iter().filter(|(lane, _)| due.contains(lane)) {
        if left <= 0 {
            break;
        }
        // Lanes that share a part of the second share what is left of it.
        let shared = if lane.is_bulk() { bulk } else { 0 };
        let most = left.min(most - shared);
        if most <= 0 {
            is_paced = true;
            continue;
        }
        is_holding |= firsts.hold_rest(conn, round, *lane).await?;
        let found = store::candidates(conn, *lane, round.now, most, round.lock_rows).await?;
        is_paced |= i64::try_from(found.len()) == Ok(most);
        firsts.look_up(conn, &found).await?;
        for one in found {
            let verdict = match round.door.verdict(&one.facts, &one.contact, round.now) {
                Verdict::Send if is_idle_offer(conn, round, &one).await? => {
                    Verdict::Cancel(NOTHING_WAITS)
                }
                Verdict::Send => firsts.verdict(&one),
                // It goes once they write again, or ends when nobody needs it any more.
                Verdict::Cancel("window_closed") if one.facts.lane.is_answer() => {
                    Verdict::Hold(now + HELD, "window_closed")
                }
                other => other,
            };
            if verdict == Verdict::Send {
                left -= 1;
                bulk += i64::from(lane.is_bulk());
                taken.push(one);
            } else {
                verdicts.push((one, verdict));
            }
        }
    }
    let ids: Vec<String> = taken.iter().map(|one| one.contact.clone()).collect();
    let contacts = contacts::store::load_readable(conn, &round.keys, &ids).await?;
    let (taken, misfits) = apart(taken, &contacts);
    verdicts.extend(misfits);
    for (one, verdict) in &verdicts {
        tell(conn, round, one, verdict).await?;
    }
    if is_holding && firsts.left == Some(0) {
        tell_of_limit(conn, round).await?;
    }
    let mut written: Vec<_> = verdicts
        .into_iter()
        .map(|(one, verdict)| (one.id, verdict))
        .collect();
    for one in &taken {
        written.push((one.id.clone(), Verdict::Send));
        round.unheard.expect((one.id.clone(), one.attempts + 1));
    }
    store::enter(conn, &written, round.sender_epoch, now, now + millis(STUCK)).await?;
    let first = taken
        .iter()
        .filter(|one| writes_first(&one.facts, round.now));
    let first: Vec<String> = first.map(|one| one.id.clone()).collect();
    store::writes_first(conn, &first).await?;
    Ok(Taken {
        messages: taken,
        contacts,
        is_stopped: false,
        is_paced,
        released,
        per_second: firsts.account.per_second,
    })
}

/// Counts who is written to first, against the daily limit of the account.
struct Firsts {
    account: crate::pipeline::AccountState,
    now: Timestamp,
    /// How many more may be, once they were counted.
    left: Option<i64>,
    /// Those whom the limit counts already.
    counted: HashSet<String>,
}

impl Firsts {
    async fn load(conn: &mut Conn, round: &Round) -> Result<Self, Error> {
        let now = round.now;
        let mut account = store::account::account_state(conn, round.lock_account).await?;
        let over = account.stops.extract_if(.., |stop| stop.is_over(now));
        for stop in over.collect::<Vec<_>>() {
            store::account::end_stop(conn, &stop.why, now).await?;
        }
        Ok(Self {
            account,
            now,
            left: None,
            counted: HashSet::new(),
        })
    }

    /// Counts how many more may be written to first. With a limit of many thousands that is
    /// the longest part of a round.
    async fn count(&mut self, conn: &mut Conn) -> Result<i64, Error> {
        if let Some(left) = self.left {
            return Ok(left);
        }
        let written = match self.account.daily_limit {
            Some(DailyLimit::People(_)) => {
                let since = self.now.as_millisecond() - DAY;
                store::account::count_written_first(conn, since).await?
            }
            Some(DailyLimit::Unlimited) | None => 0,
        };
        let left = self.account.first_left(written);
        self.left = Some(left);
        Ok(left)
    }

    /// Lets some go that were held for a reason that does not hold any more; returns how many.
    async fn let_go(&self, conn: &mut Conn, round: &Round) -> Result<u64, Error> {
        let reasons = [
            (ACCOUNT_STOPPED, self.account.stops.is_empty()),
            (DAILY_LIMIT, self.left.is_some_and(|left| left > 0)),
        ];
        let mut released = 0;
        for (reason, is_over) in reasons {
            if is_over {
                let now = self.now.as_millisecond();
                let let_go = store::account::let_go(conn, reason, now, round.lock_rows);
                released += let_go.await?;
            }
        }
        Ok(released)
    }

    /// Has all of a lane wait that may not write first now; returns whether any does. One
    /// by one they would take up the rounds of the sender, and hold up what may go.
    async fn hold_rest(&self, conn: &mut Conn, round: &Round, lane: Lane) -> Result<bool, Error> {
        let now = self.now.as_millisecond();
        let (since, soon) = (now - DAY, now + HELD);
        let (reason, until) = match self.account.refusal(true, self.now) {
            Some(reason) => (reason, soon),
            None if self.left == Some(0) => {
                let first = store::account::first_written_first(conn, since).await?;
                let frees = first.map_or(soon, |at| at + DAY);
                (DAILY_LIMIT, soon.max(frees))
            }
            None => return Ok(false),
        };
        let held = store::hold_firsts(
            conn,
            (lane, self.now),
            reason,
            (until, since),
            round.lock_rows,
        );
        Ok(held.await? > 0)
    }

    async fn look_up(&mut self, conn: &mut Conn, found: &[Candidate]) -> Result<(), Error> {
        let first = found
            .iter()
            .filter(|one| writes_first(&one.facts, self.now));
        let first: Vec<String> = first.map(|one| one.contact.clone()).collect();
        if !first.is_empty() && self.count(conn).await? < i64::MAX {
            let since = self.now.as_millisecond() - DAY;
            let counted = store::account::written_first(conn, &first, since).await?;
            self.counted.extend(counted);
        }
        Ok(())
    }

    fn verdict(&mut self, one: &Candidate) -> Verdict {
        if !writes_first(&one.facts, self.now) {
            return Verdict::Send;
        }
        let again = self.now.as_millisecond() + HELD;
        if let Some(reason) = self.account.refusal(true, self.now) {
            return Verdict::Hold(again, reason);
        }
        // Whoever writes first was counted for when it was looked up.
        let left = self.left.unwrap_or(0);
        if left == i64::MAX || self.counted.contains(&one.contact) {
            return Verdict::Send;
        }
        if left == 0 {
            return Verdict::Hold(again, DAILY_LIMIT);
        }
        self.left = Some(left - 1);
        self.counted.insert(one.contact.clone());
        Verdict::Send
    }
}

/// Parts those whose template fits what was approved from those whose does not.
fn apart(
    taken: Vec<Candidate>,
    contacts: &HashMap<String, StoredContact>,
) -> (Vec<Candidate>, Vec<(Candidate, Verdict)>) {
    let (mut fitting, mut misfits) = (Vec::new(), Vec::new());
    for one in taken {
        let misfit = one.approved.as_ref().and_then(|approved| {
            // What cannot be opened fails when it is prepared.
            let Outgoing::Template(sent) = open(&one, contacts.get(&one.contact)?).ok()? else {
                return None;
            };
            fits(&sent, approved).err()
        });
        match misfit {
            Some(why) => {
                tracing::error!(outbox = %one.id, template = one.template, %why, "a template does not fit what was approved");
                misfits.push((one, Verdict::Cancel("template_misfit")));
            }
            None => fitting.push(one),
        }
    }
    (fitting, misfits)
}

/// Counts what does not go, and lets a person hear of what only they can change.
async fn tell(
    conn: &mut Conn,
    round: &Round,
    one: &Candidate,
    verdict: &Verdict,
) -> Result<(), Error> {
    let (kind, subject, detail) = match verdict {
        Verdict::Cancel(reason) => {
            metrics::cancelled(reason);
            if !reason.starts_with("template_") {
                return Ok(());
            }
            let detail =
                format!("messages were not sent: {reason}; see `sipbrewery templates status`");
            (
                "template",
                one.template.as_deref().unwrap_or("unnamed"),
                detail,
            )
        }
        Verdict::Hold(_, DAILY_LIMIT) => return tell_of_limit(conn, round).await,
        Verdict::Hold(_, "window_closed") => {
            let offered = match &round.follow_ups {
                Some(offers) => {
                    let contact = one.contact.parse();
                    let contact = contact.map_err(|_| Error::Conflict("a contact's id"))?;
                    offers.offer(conn, contact, round.now).await?
                }
                None => Told::Not,
            };
            if let Told::Until(until) = offered {
                store::keep_answers(conn, &one.contact, until.as_millisecond()).await?;
            }
            let offered = offered != Told::Not;
            if offered && one.facts.lane == Lane::Reply {
                return Ok(());
            }
            let how = if offered {
                "a template offers it; it goes once they write"
            } else {
                "no approved template can offer it: reach them on another way"
            };
            (
                "window_closed",
                one.contact.as_str(),
                format!("an answer waits, for their 24-hour window has closed; {how}"),
            )
        }
        _ => return Ok(()),
    };
    let now = round.now.as_millisecond();
    store::open_attention(conn, &round.ids, kind, subject, &detail, now).await
}

/// Returns whether a message offers an answer that does not wait any more: they wrote, it
/// ended, or the conversation changed hands.
async fn is_idle_offer(conn: &mut Conn, round: &Round, one: &Candidate) -> Result<bool, Error> {
    let Some(offers) = &round.follow_ups else {
        return Ok(false);
    };
    let name = one.template.as_deref().and_then(|of| of.split('/').next());
    if name != Some(offers.template()) {
        return Ok(false);
    }
    let now = round.now.as_millisecond();
    Ok(!store::has_held_answer(conn, &one.contact, now).await?)
}

async fn tell_of_limit(conn: &mut Conn, round: &Round) -> Result<(), Error> {
    let detail = "as many people were written to first in 24 hours as Meta allows; the rest waits";
    let now = round.now.as_millisecond();
    store::open_attention(conn, &round.ids, DAILY_LIMIT, "account", detail, now).await
}

fn open(one: &Candidate, contact: &StoredContact) -> anyhow::Result<Outgoing> {
    let place = store::enqueue::payload_place(&one.id);
    let plain = contact.key.open(place, &one.payload)?;
    Ok(serde_json::from_slice(&plain)?)
}

/// Opens a message for its call.
pub(super) fn prepare(
    one: &Candidate,
    contact: Option<StoredContact>,
    attempt: i64,
) -> anyhow::Result<Call> {
    let contact = contact.context("its contact could not be loaded")?;
    let message = open(one, &contact)?;
    let to = contact.profile.recipient();
    let to = to.context("its contact has neither number nor user id")?;
    Ok(Call {
        to,
        message,
        callback: callback(&one.id, attempt),
    })
}
