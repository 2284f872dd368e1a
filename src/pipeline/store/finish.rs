//! Finishes turns: session, outbox, contact, effects and "done" in one transaction,
//! under the epoch that was claimed.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use jiff::Timestamp;
use sqlx::Row;

use super::super::Ground;
use super::super::admission::Facts;
use super::super::door::Terms;
use super::super::outbox::Lane;
use super::super::turn::{Effect, StoredSession};
use super::enqueue::{Entering, OutboxRow, insert};
use super::sending::{Verdict, busy};
use super::{holds, take_in_order};
use crate::contacts::{self, ContactChange, Marketing, Profile};
use crate::id::{ContactId, OutboxId};
use crate::security::DataKey;
use crate::storage::{Conn, Error, padded, sql, values, values_from};
use crate::whatsapp::Recipient;

/// A turn that ended, ready to be written.
pub(in crate::pipeline) struct Finished {
    pub(in crate::pipeline) contact: ContactId,
    pub(in crate::pipeline) key: DataKey,
    pub(in crate::pipeline) epoch: i64,
    pub(in crate::pipeline) endings: Vec<Ending>,
    /// State sealed.
    pub(in crate::pipeline) session: Option<StoredSession>,
    pub(in crate::pipeline) outbox: Vec<OutboxRow>,
    /// With when the message was sent that says so, by Meta's clock.
    pub(in crate::pipeline) profile: Option<(Timestamp, Profile)>,
    /// Each with when they said so, by Meta's clock.
    pub(in crate::pipeline) changes: Vec<(Timestamp, ContactChange)>,
    /// The language they were newly heard in.
    pub(in crate::pipeline) heard: Option<&'static str>,
    pub(in crate::pipeline) effects: Vec<Box<dyn Effect>>,
    /// Newest message that a turn has looked at, by Meta's clock.
    pub(in crate::pipeline) turned_at: Option<i64>,
    /// When what still waits may be looked at.
    pub(in crate::pipeline) ready_at: i64,
    /// How many messages may wait for it to hold; any number if it holds whatever came.
    pub(in crate::pipeline) known: Option<i64>,
    /// By what name Meta is told to reach them.
    pub(in crate::pipeline) to: Option<Recipient>,
}

/// What became of turns that were to be written.
#[derive(Debug, Default)]
pub(in crate::pipeline) struct Written {
    /// The claims whose turns were, and how many messages of each contact wait by now.
    pub(in crate::pipeline) held: HashMap<(ContactId, i64), i64>,
    /// Those that were given back, because something was written meanwhile.
    pub(in crate::pipeline) overtaken: HashSet<ContactId>,
    /// The answers that are `sending` already.
    pub(in crate::pipeline) entered: HashSet<OutboxId>,
}

/// How one message ended.
#[derive(Debug, Clone)]
pub(in crate::pipeline) struct Ending {
    pub(in crate::pipeline) message: String,
    pub(in crate::pipeline) how: How,
}

/// The ways a message ends, or does not.
#[derive(Debug, Clone)]
pub(in crate::pipeline) enum How {
    /// With an outcome, in one word.
    Done(&'static str),
    /// Set aside, with what was wrong.
    Parked(String),
    /// It waits for another try, with what was wrong.
    Again(String),
}

impl How {
    /// Returns the word it is counted under.
    pub(in crate::pipeline) fn word(&self) -> &'static str {
        match self {
            Self::Done(outcome) => outcome,
            Self::Parked(_) => "parked",
            Self::Again(_) => "again",
        }
    }
}

impl Finished {
    /// Returns the turns of a claim before the first of them.
    pub(in crate::pipeline) fn of(contact: ContactId, key: DataKey, epoch: i64) -> Self {
        Self {
            contact,
            key,
            epoch,
            endings: Vec::new(),
            session: None,
            outbox: Vec::new(),
            profile: None,
            changes: Vec::new(),
            heard: None,
            effects: Vec::new(),
            turned_at: None,
            ready_at: 0,
            known: None,
            to: None,
        }
    }

    fn ended(&self) -> i64 {
        let waits = |ending: &&Ending| matches!(ending.how, How::Again(_));
        let waiting = self.endings.iter().filter(waits).count();
        i64::try_from(self.endings.len() - waiting).unwrap_or(0)
    }

    /// Returns whether it only writes what can be written for many turns at once.
    pub(in crate::pipeline) fn is_plain(&self) -> bool {
        let done = |ending: &Ending| matches!(ending.how, How::Done(_));
        self.changes.is_empty()
            && self.effects.is_empty()
            && self.profile.is_none()
            && self.endings.iter().all(done)
    }
}

/// What decides about an answer, as its contact is in this transaction.
struct Held {
    /// The claim it was held under.
    epoch: i64,
    waiting: i64,
    owner_epoch: i64,
    last_inbound_at: Option<i64>,
    marketing: String,
}

/// Writes finished turns. One that lost its lease writes nothing; one that was overtaken by
/// another message gives its contact back, to be decided with that message. On the `terms`
/// of the door, answers that may go at once are `sending` from here on.
pub(in crate::pipeline) async fn finish(
    conn: &mut Conn,
    ground: &Arc<Ground>,
    turns: &[Arc<Finished>],
    terms: Option<&Terms>,
) -> Result<Written, Error> {
    let contacts: Vec<String> = turns.iter().map(|turn| turn.contact.to_string()).collect();
    let contacts = contacts.iter().map(String::as_str).collect();
    take_in_order(conn, ground.db.lock_rows(), "contacts", contacts).await?;
    // By now, and not by when it began to wait for its turn.
    let now = ground.clock.now();
    let held = release(conn, turns).await?;
    let overtaken = give_back(conn, turns, &held, now).await?;
    let turns: Vec<&Finished> = turns
        .iter()
        .map(AsRef::as_ref)
        .filter(|turn| is_held(&held, turn))
        .collect();
    end_messages(conn, &turns, now).await?;
    save_sessions(conn, &turns, now).await?;
    let outbox: Vec<&OutboxRow> = turns.iter().flat_map(|turn| &turn.outbox).collect();
    let entered = match terms {
        Some(terms) => may_enter(conn, ground, &turns, &held, terms, now).await?,
        None => HashSet::new(),
    };
    let entering = terms.map(|terms| Entering {
        ids: &entered,
        sender_epoch: terms.epoch,
        now: now.as_millisecond(),
        stuck_at: terms.stuck_at,
    });
    insert(conn, &outbox, entering).await?;
    for turn in turns {
        if let Some((said, profile)) = &turn.profile {
            contacts::store::learn(conn, turn.contact, &turn.key, profile, *said).await?;
        }
        for (said, change) in &turn.changes {
            let (key, ids) = (&turn.key, &ground.ids);
            contacts::store::apply(conn, turn.contact, key, ids, change, *said, now).await?;
        }
        for effect in &turn.effects {
            effect.apply(conn).await?;
        }
    }
    let waiting = |(contact, held): (_, Held)| ((contact, held.epoch), held.waiting);
    Ok(Written {
        held: held.into_iter().map(waiting).collect(),
        overtaken,
        entered,
    })
}

/// Says whether a turn may be written. One that slept through its lease may come beside the
/// turn of a later claim.
fn is_held(held: &HashMap<ContactId, Held>, turn: &Finished) -> bool {
    let of = held.get(&turn.contact);
    of.is_some_and(|held| held.epoch == turn.epoch)
}

/// Returns the answers that may be `sending` at once: the first of each turn, where no
/// other one of its contact is on its way.
async fn may_enter(
    conn: &mut Conn,
    ground: &Ground,
    turns: &[&Finished],
    held: &HashMap<ContactId, Held>,
    terms: &Terms,
    now: Timestamp,
) -> Result<HashSet<OutboxId>, Error> {
    let lock_rows = ground.db.lock_free_rows();
    if !holds(conn, &terms.lease_name, terms.epoch, lock_rows).await? {
        return Ok(HashSet::new());
    }
    let answers = turns.iter().filter_map(|turn| turn.outbox.first());
    let answers: Vec<&OutboxRow> = answers
        .filter(|row| row.message().lane == Lane::Reply)
        .collect();
    let contacts: Vec<String> = answers
        .iter()
        .map(|row| row.message().contact.to_string())
        .collect();
    let busy = busy(conn, (Lane::Reply, now), &contacts).await?;
    let may_go = |row: &OutboxRow, contact: &str| {
        let message = row.message();
        // What was approved is looked up in a round of the sender.
        if row.is_template() {
            return None;
        }
        let held = held.get(&message.contact)?;
        let facts = Facts {
            lane: message.lane,
            purpose: message.purpose,
            decided_under: message.owner_epoch,
            owner_epoch: held.owner_epoch,
            overtaken: false,
            expires_at: message.expires_at.as_millisecond(),
            last_inbound_at: held.last_inbound_at,
            marketing: Marketing::parse(&held.marketing)?,
            // Answers go to whoever asks.
            is_doubtful: false,
            // Their claim would have ended with it.
            is_merged: false,
            is_template: false,
            template_refusal: None,
            is_marketing: false,
            quiet: message.quiet,
        };
        let may = ground.door.verdict(&facts, contact, now) == Verdict::Send;
        (may && !busy.contains(contact)).then(|| row.id())
    };
    let pairs = answers.iter().zip(&contacts);
    let entering = pairs.filter_map(|(row, contact)| may_go(row, contact));
    Ok(entering.take(terms.most).collect())
}

/// Gives back, as they were, contacts that have written more than a turn knows of.
async fn give_back(
    conn: &mut Conn,
    turns: &[Arc<Finished>],
    held: &HashMap<ContactId, Held>,
    now: Timestamp,
) -> Result<HashSet<ContactId>, Error> {
    let mut overtaken = HashSet::new();
    for turn in turns {
        if turn.known.is_none() || is_held(held, turn) {
            continue;
        }
        let given = sqlx::query(
            "update contacts set lease_until = 0, lease_owner = null, ready_at = $3
              where id = $1 and lease_epoch = $2 and lease_until > 0",
        )
        .bind(turn.contact.to_string())
        .bind(turn.epoch)
        .bind(now.as_millisecond())
        .execute(&mut *conn)
        .await?;
        if given.rows_affected() == 1 {
            overtaken.insert(turn.contact);
        }
    }
    Ok(overtaken)
}

/// Gives the leases back; whose epoch is not the claimed one keeps out, who gave it back
/// before, and who knows of fewer messages than wait.
async fn release(
    conn: &mut Conn,
    turns: &[Arc<Finished>],
) -> Result<HashMap<ContactId, Held>, Error> {
    let mut held = HashMap::with_capacity(turns.len());
    for run in padded(turns, 7) {
        let text = format!(
            "update contacts
                set lease_until = 0, lease_owner = null,
                    waiting = waiting - v.column3,
                    ready_at = v.column4,
                    turned_at = coalesce(v.column5, turned_at),
                    language_heard = coalesce(v.column7, language_heard)
               from (values {}) as v
              where contacts.id = v.column1 and contacts.lease_epoch = v.column2
                and contacts.lease_until > 0
                and coalesce(v.column6, contacts.waiting) = contacts.waiting
          returning contacts.id, contacts.waiting, contacts.owner_epoch,
                    contacts.last_inbound_at, {}, contacts.lease_epoch",
            values(run.len(), 7),
            contacts::store::marketing_of("contacts")
        );
        let mut query = sqlx::query(sql(text));
        for turn in run.filled() {
            query = query
                .bind(turn.contact.to_string())
                .bind(turn.epoch)
                .bind(turn.ended())
                .bind(turn.ready_at)
                .bind(turn.turned_at)
                .bind(turn.known)
                .bind(turn.heard);
        }
        for row in query.fetch_all(&mut *conn).await? {
            let id: String = row.get(0);
            let of = Held {
                epoch: row.get(5),
                waiting: row.get(1),
                owner_epoch: row.get(2),
                last_inbound_at: row.get(3),
                marketing: row.get(4),
            };
            held.extend(id.parse::<ContactId>().map(|id| (id, of)));
        }
    }
    Ok(held)
}

async fn end_messages(conn: &mut Conn, turns: &[&Finished], now: Timestamp) -> Result<(), Error> {
    let endings = turns.iter().flat_map(|turn| &turn.endings);
    let mut done = Vec::new();
    for ending in endings {
        match &ending.how {
            How::Done(outcome) => done.push((ending.message.as_str(), *outcome)),
            How::Parked(why) => {
                sqlx::query(
                    "update inbox set state = 'parked', outcome = $2, done_at = $3 where id = $1",
                )
                .bind(&ending.message)
                .bind(why)
                .bind(now.as_millisecond())
                .execute(&mut *conn)
                .await?;
            }
            How::Again(why) => {
                sqlx::query("update inbox set errors = errors + 1, outcome = $2 where id = $1")
                    .bind(&ending.message)
                    .bind(why)
                    .execute(&mut *conn)
                    .await?;
            }
        }
    }
    for run in padded(&done, 2) {
        let text = format!(
            "update inbox set state = 'done', outcome = v.column2, done_at = $1
               from (values {}) as v where inbox.id = v.column1",
            values_from(2, run.len(), 2)
        );
        let mut query = sqlx::query(sql(text)).bind(now.as_millisecond());
        for (message, outcome) in run.filled() {
            query = query.bind(*message).bind(*outcome);
        }
        query.execute(&mut *conn).await?;
    }
    Ok(())
}

async fn save_sessions(conn: &mut Conn, turns: &[&Finished], now: Timestamp) -> Result<(), Error> {
    let sessions: Vec<_> = turns
        .iter()
        .filter_map(|turn| Some((turn.contact, turn.session.as_ref()?)))
        .collect();
    for run in padded(&sessions, 5) {
        // No row may meet itself in an upsert, so what fills the statement up is dropped.
        let text = format!(
            "insert into sessions (contact_id, version, generation, state, updated_at)
             select distinct column1, column2, column3, column4, column5
               from (values {}) as v where true
             on conflict (contact_id) do update
                set version = excluded.version, generation = excluded.generation,
                    state = excluded.state, updated_at = excluded.updated_at",
            values(run.len(), 5)
        );
        let mut query = sqlx::query(sql(text));
        for (contact, session) in run.filled() {
            query = query
                .bind(contact.to_string())
                .bind(session.version)
                .bind(session.generation)
                .bind(&session.state)
                .bind(now.as_millisecond());
        }
        query.execute(&mut *conn).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::Ids;
    use crate::security::{Keyring, MasterKeys};
    use crate::storage::Db;

    /// A key, which every turn has and none of these uses.
    async fn any_key(ids: &Ids) -> DataKey {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}/t.db", folder.path().display());
        let db = Db::open(&url, 1).await.unwrap();
        let masters = MasterKeys::parse(&MasterKeys::generate()).unwrap();
        let keys = Keyring::load(&db, masters, ids, Timestamp::UNIX_EPOCH).await;
        let key = keys.unwrap().ingest().clone();
        db.close().await;
        key
    }

    #[tokio::test]
    async fn of_two_claims_of_one_contact_in_a_batch_only_the_turn_of_the_held_one_is_written() {
        let ids = Ids::seeded(1);
        let key = any_key(&ids).await;
        let [asleep, other] = [(); 2].map(|()| ids.next::<ContactId>(Timestamp::UNIX_EPOCH));
        let turn = |contact, epoch| Finished::of(contact, key.clone(), epoch);
        let of = |epoch| Held {
            epoch,
            waiting: 0,
            owner_epoch: 0,
            last_inbound_at: None,
            marketing: "not_asked".to_owned(),
        };
        let held = HashMap::from([(asleep, of(8)), (other, of(7))]);
        // It slept through the claim of epoch 7, and somebody else claimed them since.
        let batch = [turn(asleep, 7), turn(asleep, 8), turn(other, 7)];
        assert_eq!(
            batch.each_ref().map(|turn| is_held(&held, turn)),
            [false, true, true]
        );
        assert!(!is_held(&HashMap::new(), &batch[1]));
    }
}
