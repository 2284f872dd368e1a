//! The stage that follows business events: each is decided about once, and again only
//! while it waits or after its way has certainly failed.
//!
//! It makes no calls, so it needs no lease: deciding, enqueueing and saying so are one
//! transaction, and of two processes that begin one, the second finds the row taken.

mod became;
mod sending;
mod tell;

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use futures::future::join_all;
use jiff::{SignedDuration, Timestamp};
use tokio_util::sync::CancellationToken;

use self::tell::{Case, Handed};
use super::kind::Kind;
use super::letter::Distributor;
use super::ports::{AddressBook, Schedule};
use super::service;
use super::store::notices::{self, Open};
use super::voice::Voice;
use crate::id::{ContactId, EventId};
use crate::investing::events::{self, Recorded, What};
use crate::investing::{Catalog, Investing, SchemeCode};
use crate::language::Language;
use crate::pipeline::{Ground, QuietHours, open_attention};
use crate::storage::{Error, Urgency};

/// How often the stage looks by itself.
const LOOK: Duration = Duration::from_secs(1);
/// Events taken in one round; each is a transaction of its own. After a night there are
/// very many, and people who write go on being answered between the rounds.
const TOGETHER: u32 = 8;
/// It rests so many times as long as a round took: Meta takes far fewer than it decides.
const RESTS: u32 = 3;
/// How long what could not be decided about is left out.
const AGAIN: SignedDuration = SignedDuration::from_mins(10);
/// And what another write was in the way of.
const SOON: SignedDuration = SignedDuration::from_secs(1);
/// How many may be left out at a time: each is a value of a statement.
const SET_ASIDE: usize = 4_096;

/// What telling people needs.
pub struct Telling {
    /// The durable path.
    pub ground: Ground,
    /// Names of schemes.
    pub investing: Investing,
    /// The words.
    pub voice: Voice,
    /// Where letters reach somebody; `None` where no letters can be sent.
    pub addresses: Option<Arc<dyn AddressBook>>,
    /// The instalments to come, for calendars that go with letters.
    pub schedule: Arc<dyn Schedule>,
    /// Quiet hours of whoever named none.
    pub quiet: Option<QuietHours>,
    /// Who the letters are from.
    pub distributor: Distributor,
}

/// The stage.
#[derive(Clone)]
pub struct Follower {
    telling: Arc<Telling>,
    /// What could not be decided about, and until when it is left out.
    set_aside: Arc<Mutex<HashMap<EventId, Timestamp>>>,
}

impl Follower {
    /// Returns the stage.
    pub fn new(telling: Telling) -> Self {
        Self {
            telling: Arc::new(telling),
            set_aside: Arc::default(),
        }
    }

    /// Runs until `stop`.
    pub async fn run(self, stop: CancellationToken) {
        while !stop.is_cancelled() {
            let began = Instant::now();
            let more = match self.round().await {
                Ok(more) => more,
                Err(error) => {
                    tracing::error!(
                        error = &error as &dyn std::error::Error,
                        "business events could not be followed"
                    );
                    false
                }
            };
            if more {
                tokio::time::sleep(began.elapsed() * RESTS).await;
            } else {
                tokio::select! {
                    () = stop.cancelled() => {}
                    () = self.telling.ground.wakes.events.woken() => {}
                    () = tokio::time::sleep(LOOK) => {}
                }
            }
        }
    }

    /// Takes over what happened and looks at what is due; returns whether there may be more.
    pub async fn round(&self) -> Result<bool, Error> {
        let ground = &self.telling.ground;
        let now = ground.clock.now();
        let left_out = self.left_out(now);
        let (fresh, due) = {
            let mut conn = ground.db.read().await?;
            let fresh = events::untold(&mut conn, &ground.keys, TOGETHER, &left_out).await?;
            let due = notices::due(&mut conn, now, i64::from(TOGETHER), &left_out).await?;
            (fresh, due)
        };
        let more = fresh.len() >= TOGETHER as usize || due.len() >= TOGETHER as usize;
        let mut stuck = Vec::new();
        let (fresh, due) = (legible(fresh, &mut stuck), legible(due, &mut stuck));
        // The events of one contact in order; those of others beside them.
        let mut handed = Vec::new();
        for wave in waves(fresh) {
            let deciding = wave.into_iter().map(async |one| {
                let id = one.id;
                (id, self.take_over(one, now).await)
            });
            handed.extend(join_all(deciding).await);
        }
        let deciding = due.into_iter().map(async |one| {
            let id = one.event;
            (id, self.look_again(one, now).await)
        });
        handed.extend(join_all(deciding).await);
        let mut are_out_of_the_way = 0;
        for (id, one) in handed {
            match one {
                Ok(Handed::Outbox) => ground.wakes.sender.wake(),
                Ok(Handed::Letter) => ground.wakes.letters.wake(),
                Ok(Handed::Nowhere) => {}
                Err(error) => {
                    stuck.push((id, error));
                    continue;
                }
            }
            are_out_of_the_way += 1;
        }
        for (id, error) in stuck {
            are_out_of_the_way += usize::from(self.set_aside(id, &error, now).await?);
        }
        // Where nothing could be done it is not tried again at once.
        Ok(more && are_out_of_the_way > 0)
    }

    /// Returns what is left out for now.
    fn left_out(&self, now: Timestamp) -> Vec<EventId> {
        let mut set_aside = self.set_aside.lock().expect("nobody panics holding it");
        set_aside.retain(|_, until| *until > now);
        set_aside.keys().copied().collect()
    }

    /// Leaves something out for a while that could not be decided about, so that it keeps
    /// nobody else waiting; returns whether it does. What will be no better by itself is put
    /// before a person.
    async fn set_aside(&self, id: EventId, error: &Error, now: Timestamp) -> Result<bool, Error> {
        tracing::error!(error = error as &dyn std::error::Error, event = %id, "a notice could not be decided about");
        if matches!(error, Error::Unavailable(_)) {
            return Ok(false);
        }
        let is_lasting = matches!(error, Error::Damaged { .. } | Error::Inside(_));
        {
            let mut set_aside = self.set_aside.lock().expect("nobody panics holding it");
            if set_aside.len() >= SET_ASIDE {
                return Ok(false);
            }
            set_aside.insert(id, now + if is_lasting { AGAIN } else { SOON });
        }
        if !is_lasting {
            return Ok(true);
        }
        let ground = &self.telling.ground;
        let detail = format!("nobody could be told of it: {error}");
        let input = (ground.ids.clone(), id.to_string(), detail);
        let shown = ground.db.write(input, move |conn, (ids, id, detail)| {
            let at = now.as_millisecond();
            Box::pin(open_attention(conn, ids, "notice_stuck", id, detail, at))
        });
        shown.await?;
        Ok(true)
    }

    async fn take_over(&self, recorded: Recorded, now: Timestamp) -> Result<Handed, Error> {
        let kind = Kind::of(&recorded.event.what);
        let case = self.case(recorded, kind, now).await;
        let db = &self.telling.ground.db;
        let write = db.write_as(Urgency::InBulk, case, |conn, case| {
            Box::pin(async move { tell::take_over(conn, case).await })
        });
        write.await
    }

    async fn look_again(&self, open: Open, now: Timestamp) -> Result<Handed, Error> {
        let ground = &self.telling.ground;
        let recorded = {
            let mut conn = ground.db.read().await?;
            events::find(&mut conn, &ground.keys, open.event).await?
        };
        let Some(recorded) = recorded else {
            return Ok(Handed::Nowhere);
        };
        let case = self.case(recorded, open.kind, now).await;
        let db = &ground.db;
        let write = db.write_as(Urgency::InBulk, (case, open), |conn, (case, open)| {
            Box::pin(async move { tell::look_again(conn, case, open).await })
        });
        write.await
    }

    /// Gathers what the transaction needs and should not wait for.
    async fn case(&self, recorded: Recorded, kind: Kind, now: Timestamp) -> Case {
        let contact = recorded.event.contact;
        let email = self.email(contact).await;
        let planned = if kind.moves_dates() && email.is_some() {
            let schedule = self.telling.schedule.as_ref();
            let planned = service::planned(schedule, contact, now).await;
            planned
                .inspect_err(|error| tracing::warn!(error = &**error, "no dates for a letter"))
                .ok()
        } else {
            None
        };
        let is_over = match &recorded.event.what {
            What::InstalmentDue { instalment, .. } => {
                let is_to_come = self.telling.schedule.is_to_come(*instalment).await;
                is_to_come
                    .inspect_err(|error| {
                        tracing::warn!(error = &**error, "no instalment to ask of");
                    })
                    .is_ok_and(|is_to_come| !is_to_come)
            }
            _ => false,
        };
        Case {
            telling: Arc::clone(&self.telling),
            is_over,
            recorded,
            email,
            planned,
            now,
        }
    }

    async fn email(&self, contact: ContactId) -> Option<String> {
        let addresses = self.telling.addresses.as_ref()?;
        match addresses.email(contact).await {
            Ok(email) => email,
            Err(error) => {
                tracing::warn!(error = &*error, %contact, "an e-mail address does not read");
                None
            }
        }
    }
}

/// Returns what reads; what does not is stuck.
fn legible<T>(all: Vec<Result<T, (EventId, Error)>>, stuck: &mut Vec<(EventId, Error)>) -> Vec<T> {
    let read = all.into_iter();
    read.filter_map(|one| one.map_err(|wrong| stuck.push(wrong)).ok())
        .collect()
}

/// Parts events so that no wave has two of the same contact, each contact's in order.
fn waves(events: Vec<Recorded>) -> Vec<Vec<Recorded>> {
    let mut waves: Vec<Vec<Recorded>> = Vec::new();
    let mut next: std::collections::HashMap<ContactId, usize> = std::collections::HashMap::new();
    for one in events {
        let at = next.entry(one.event.contact).or_default();
        if *at == waves.len() {
            waves.push(Vec::new());
        }
        waves[*at].push(one);
        *at += 1;
    }
    waves
}

/// Returns the language somebody is spoken to in.
pub(super) fn language(code: Option<&str>) -> Language {
    code.and_then(Language::from_code).unwrap_or(Language::En)
}

/// Returns what a scheme is called.
pub(super) fn scheme_name(catalog: &Catalog, code: SchemeCode) -> String {
    catalog
        .get(code)
        .map_or_else(|| format!("scheme {code}"), |scheme| scheme.name.clone())
}
