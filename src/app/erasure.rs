//! Erasing what is kept of somebody, a day after they asked for it.
//!
//! Of whoever never dealt everything goes, and their key with it. Of whoever did, what
//! the law makes us keep stays, sealed as it was under their own key: a second key that
//! would lock it away from the service too is not there.

use futures::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};

use super::App;
use crate::contacts::requests;
use crate::contacts::store::{destroy, forget, hold, selves};
use crate::contacts::{ConsentProof, NewConsent, is_given};
use crate::dialogue::ports::Erasure;
use crate::id::ContactId;
use crate::people::By;
use crate::pipeline::{
    Job, JobError, JobHandler, enqueue_job, forget_attachments, forget_costs, forget_messages,
    is_under_way,
};
use crate::security::audit;
use crate::storage::{Conn, Error};
use crate::{assistant, documents, investing, notifications, people, pipeline};

/// The kind of the job. Its payload is the number of the request.
const KIND: &str = "erase";
/// How long it waits for a conversation that is under way.
const LATER: SignedDuration = SignedDuration::from_mins(10);
/// Messages emptied in one write: a few milliseconds.
const TOGETHER: u64 = 200;

/// Puts an erasure on the register, and the job that carries it out.
pub(super) async fn order(
    app: &App,
    conn: &mut Conn,
    contact: ContactId,
    (number, due): (&str, Timestamp),
) -> Result<(), Error> {
    let now = app.ground.clock.now();
    requests::open_erasure(conn, number, contact, now, due).await?;
    enqueue_job(conn, &app.ground, &job(number, due)).await?;
    Ok(())
}

fn job(number: &str, run_at: Timestamp) -> Job {
    Job {
        kind: KIND,
        unique_key: format!("{KIND}:{number}:{run_at}"),
        payload: number.as_bytes().to_vec(),
        run_at,
    }
}

/// Returns what erasing would mean for a contact, and whether it is under way.
pub(super) async fn outlook(app: &App, contact: ContactId) -> anyhow::Result<Erasure> {
    let mut conn = app.ground.db.read().await?;
    Ok(Erasure {
        pending: requests::pending_erasure(&mut conn, contact).await?,
        must_keep: investing::has_dealt(&mut conn, contact).await?,
    })
}

/// Carries erasures out. Running one twice finds its request closed, as if it had been
/// called off; one that was cut off begins anew and finds less.
pub(super) struct Erase {
    app: App,
}

impl Erase {
    pub(super) fn new(app: App) -> Self {
        Self { app }
    }
}

impl JobHandler for Erase {
    fn kind(&self) -> &'static str {
        KIND
    }

    fn run<'a>(&'a self, payload: &'a [u8], now: Timestamp) -> BoxFuture<'a, Result<(), JobError>> {
        Box::pin(async move {
            let number = std::str::from_utf8(payload)?.to_owned();
            let db = &self.app.ground.db;
            let input = (self.app.clone(), number.clone());
            let begun = db.write(input, move |conn, (app, number)| {
                Box::pin(begin(app, conn, number, now))
            });
            let Some(person) = begun.await? else {
                return Ok(());
            };
            if !person.must_keep {
                self.empty(&person).await?;
            }
            let input = (self.app.clone(), number, person);
            let erased = db.write(input, move |conn, (app, number, person)| {
                Box::pin(finish(app, conn, (number, person), now))
            });
            erased.await?;
            Ok(())
        })
    }
}

/// Whose data an erasure is about.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Person {
    contact: ContactId,
    /// With whom they were taken for before they proved to be one person.
    selves: Vec<ContactId>,
    /// Whether there are records that have to be kept.
    must_keep: bool,
}

/// Returns whom an open request is about, who stay as they are until the write commits;
/// nobody while a conversation with them is under way: it comes up again then.
async fn person(
    app: &App,
    conn: &mut Conn,
    number: &str,
    now: Timestamp,
) -> Result<Option<Person>, Error> {
    let lock_rows = app.ground.db.lock_rows();
    let Some(contact) = requests::find_open(conn, number, "").await? else {
        return Ok(None);
    };
    let known = selves(conn, contact).await?;
    let mut in_order = known.clone();
    in_order.sort_unstable();
    for one in in_order {
        hold(conn, lock_rows, one).await?;
    }
    // Meanwhile it may have been called off, or they may have proved to be somebody else, or
    // somebody else to be they.
    let is_theirs = requests::find_open(conn, number, lock_rows).await? == Some(contact);
    let selves = selves(conn, contact).await?;
    if !is_theirs || selves != known {
        return Err(Error::Again("an erasure"));
    }
    let (mut waits, mut must_keep) = (false, false);
    for one in &selves {
        waits |= is_under_way(conn, *one).await?;
        must_keep |= investing::has_dealt(conn, *one).await?;
    }
    if waits {
        return come_again(app, conn, number, now).await.map(|()| None);
    }
    Ok(Some(Person {
        contact,
        selves,
        must_keep,
    }))
}

async fn come_again(app: &App, conn: &mut Conn, number: &str, now: Timestamp) -> Result<(), Error> {
    let later = now.checked_add(LATER).map_err(anyhow::Error::from)?;
    enqueue_job(conn, &app.ground, &job(number, later)).await?;
    Ok(())
}

/// Withdraws what they agreed to; from here on the erasure cannot be called off.
async fn begin(
    app: &App,
    conn: &mut Conn,
    number: &str,
    now: Timestamp,
) -> Result<Option<Person>, Error> {
    let Some(person) = person(app, conn, number, now).await? else {
        return Ok(None);
    };
    requests::begin_erasure(conn, number).await?;
    withdraw(app, conn, person.contact, now).await?;
    Ok(Some(person))
}

impl Erase {
    /// Empties what they wrote, a few messages in each write, so that nobody waits behind it.
    /// Cut off, it goes on where it was when the job runs again.
    async fn empty(&self, person: &Person) -> Result<(), Error> {
        for one in &person.selves {
            let pair = (*one, person.contact);
            let mut emptied = TOGETHER;
            while emptied == TOGETHER {
                let run = self.app.ground.db.write(pair, |conn, pair| {
                    Box::pin(forget_messages(conn, *pair, TOGETHER.cast_signed()))
                });
                emptied = run.await?;
            }
        }
        Ok(())
    }
}

/// Erases what is left, and the key, unless something of what it began with has changed.
async fn finish(
    app: &App,
    conn: &mut Conn,
    (number, begun): (&str, &Person),
    now: Timestamp,
) -> Result<(), Error> {
    let Some(person) = person(app, conn, number, now).await? else {
        return Ok(());
    };
    if person != *begun {
        return come_again(app, conn, number, now).await;
    }
    let Person {
        contact,
        selves,
        must_keep,
    } = person;
    let always = [documents::FORGET, assistant::FORGET];
    let rest: &[_] = if must_keep {
        &[
            pipeline::FORGET_SESSION,
            notifications::FORGET_LINKS,
            investing::FORGET_DRAFTS,
        ]
    } else {
        &[
            pipeline::FORGET,
            notifications::FORGET,
            people::store::FORGET,
            investing::FORGET,
        ]
    };
    for one in selves.iter().copied() {
        for statements in always.iter().chain(rest) {
            forget(conn, one, statements).await?;
        }
        forget_costs(conn, one).await?;
        if !must_keep {
            // Whatever came in since they were emptied.
            forget_messages(conn, (one, contact), i64::MAX).await?;
        }
    }
    for one in selves {
        if !must_keep {
            forget_attachments(conn, &app.ground, one, now).await?;
            destroy(conn, one, now).await?;
        }
    }
    let outcome = if must_keep {
        "erased but for records that have to be kept"
    } else {
        "erased"
    };
    requests::close(conn, number, outcome, now).await?;
    let subject = contact.to_string();
    let ids = &app.ground.ids;
    audit::record(conn, ids, "contact", "personal_data_erased", &subject, now).await
}

/// Withdraws every consent that stands.
async fn withdraw(
    app: &App,
    conn: &mut Conn,
    contact: ContactId,
    now: Timestamp,
) -> Result<(), Error> {
    let ledger = app.people.consents_on(conn, contact).await?;
    let mut purposes: Vec<_> = ledger.iter().map(|consent| consent.purpose).collect();
    purposes.sort_unstable();
    purposes.dedup();
    let by = By {
        who: "contact",
        at: now,
    };
    for purpose in purposes {
        if !is_given(&ledger, purpose) {
            continue;
        }
        let withdrawn = NewConsent {
            purpose,
            given: false,
            source: "chat",
            proof: ConsentProof {
                shown: "Erase my data".to_owned(),
                answer: "confirmed".to_owned(),
            },
            version: "erase-2026-11".to_owned(),
        };
        let people = &app.people;
        people
            .record_consent_on(conn, contact, &withdrawn, by, now)
            .await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::demo_app;
    use super::*;
    use crate::contacts::requests::GRACE;
    use crate::contacts::{ConsentPurpose, DataRecipient};
    use crate::people::{AccountState, ExchangeAccount};

    const ASHA: &str = "919000000000";
    const RAVI: &str = "919000000001";
    const NUMBER: &str = "E-260824-7K3Q9F";

    async fn asked(app: &App, contact: ContactId) -> Timestamp {
        let due = app.ground.clock.now() + GRACE;
        let input = (app.clone(), contact);
        let ordered = app.ground.db.write(input, move |conn, (app, contact)| {
            Box::pin(order(app, conn, *contact, (NUMBER, due)))
        });
        ordered.await.unwrap();
        due
    }

    async fn count(app: &App, sql: &'static str, contact: ContactId) -> i64 {
        let mut conn = app.ground.db.read().await.unwrap();
        let count = sqlx::query_scalar(sql).bind(contact.to_string());
        count.fetch_one(&mut *conn).await.unwrap()
    }

    /// Leaves a message of theirs in a state.
    async fn leave_message(app: &App, contact: ContactId, state: &'static str) {
        let left = app.ground.db.write(contact, move |conn, contact| {
            Box::pin(async move {
                sqlx::query(
                    "insert into inbox (id, contact_id, kind, sent_at, received_at, payload, trace,
                                        state)
                     values ($2, $1, 'message', 0, 0, $3, 't', $2)",
                )
                .bind(contact.to_string())
                .bind(state)
                .bind(b"sealed".to_vec())
                .execute(conn)
                .await?;
                Ok(())
            })
        });
        left.await.unwrap();
    }

    #[tokio::test]
    async fn of_whoever_never_dealt_nothing_is_left_but_the_register() {
        let folder = tempfile::tempdir().unwrap();
        let app = demo_app::with_people(&folder).await;
        let asha = app.find_contact(ASHA).await.unwrap();
        assert!(!outlook(&app, asha).await.unwrap().must_keep);
        let due = asked(&app, asha).await;
        let pending = outlook(&app, asha).await.unwrap().pending;
        assert_eq!(pending, Some((NUMBER.to_owned(), Some(due))));
        let paid = app.ground.db.write(asha.to_string(), |conn, asha| {
            Box::pin(async move {
                sqlx::query(
                    "insert into outbox (id, contact_id, trace, lane, purpose, owner_epoch, state,
                                         due_at, expires_at, created_at, accepted_at)
                     values ('o', $1, 't', 'utility', 'chat', 0, 'delivered', 0, 0, 0, 0)",
                )
                .bind(&*asha)
                .execute(&mut *conn)
                .await?;
                sqlx::query(
                    "insert into message_costs (outbox_id, contact_id, purpose, category, kind,
                                                delivered_at, month, millipaise)
                     values ('o', $1, 'chat', 'utility', 'regular', 0, '2026-08', 11500)",
                )
                .bind(&*asha)
                .execute(conn)
                .await?;
                Ok(())
            })
        });
        paid.await.unwrap();
        let job = Erase::new(app.clone());
        for _ in 0..2 {
            assert!(job.run(NUMBER.as_bytes(), due).await.is_ok());
        }
        let mut conn = app.ground.db.read().await.unwrap();
        let costs = pipeline::costs_by_conversation(
            &mut conn,
            pipeline::Month {
                name: "2026-08",
                allowance: 0,
                tiers: &[],
            },
        );
        let costs = costs.await.unwrap();
        assert_eq!(
            (costs[0].of.as_str(), costs[0].millipaise),
            ("erased", 11_500)
        );
        drop(conn);
        assert!(
            app.find_contact(ASHA).await.is_err(),
            "nobody is known by it"
        );
        for (sql, left) in [
            ("select count(*) from investors where contact_id = $1", 0),
            ("select count(*) from folios where contact_id = $1", 0),
            (
                "select count(*) from bank_accounts where contact_id = $1",
                0,
            ),
            (
                "select count(*) from contacts where id = $1 and profile is not null",
                0,
            ),
            (
                "select count(*) from keys k join contacts c on c.key_id = k.id
                  where c.id = $1 and k.wrapped is not null",
                0,
            ),
            (
                "select count(*) from contact_requests where contact_id = $1 and outcome = 'erased'",
                1,
            ),
            (
                "select count(*) from consents where contact_id = $1 and given = 0",
                4,
            ),
        ] {
            assert_eq!(count(&app, sql, asha).await, left, "{sql}");
        }
        app.ground.db.close().await;
    }

    #[tokio::test]
    async fn of_whoever_dealt_consents_are_withdrawn_and_the_evidence_stays() {
        let folder = tempfile::tempdir().unwrap();
        let app = demo_app::with_people(&folder).await;
        let asha = app.find_contact(ASHA).await.unwrap();
        let account = ExchangeAccount {
            gateway: "paper".to_owned(),
            ucc: "ASHA".to_owned(),
            state: AccountState::Active,
            reason: None,
        };
        let recorded = app.people.record_account(asha, account, app.operator());
        recorded.await.unwrap();
        assert!(outlook(&app, asha).await.unwrap().must_keep);
        let due = asked(&app, asha).await;
        let job = Erase::new(app.clone());
        assert!(job.run(NUMBER.as_bytes(), due).await.is_ok());
        let investor = app.people.investor(asha).await.unwrap();
        assert!(investor.pan.is_some() && investor.risk.is_some());
        let ledger = app.people.consents(asha).await.unwrap();
        for purpose in [
            ConsentPurpose::Service,
            ConsentPurpose::DataSharing(DataRecipient::Kra),
        ] {
            assert!(!is_given(&ledger, purpose), "{purpose}");
        }
        app.ground.db.close().await;
    }

    #[tokio::test]
    async fn an_erasure_that_has_begun_is_finished_and_cannot_be_called_off() {
        let folder = tempfile::tempdir().unwrap();
        let app = demo_app::with_people(&folder).await;
        let asha = app.find_contact(ASHA).await.unwrap();
        let due = asked(&app, asha).await;
        let begun = app.ground.db.write(app.clone(), move |conn, app| {
            Box::pin(begin(app, conn, NUMBER, due))
        });
        assert!(begun.await.unwrap().is_some());
        let called_off = app.ground.db.write((), move |conn, ()| {
            Box::pin(requests::call_off(conn, NUMBER, due))
        });
        assert!(!called_off.await.unwrap());
        let pending = outlook(&app, asha).await.unwrap().pending;
        assert_eq!(pending, Some((NUMBER.to_owned(), None)), "no second one");
        // The process ended there: the job runs again.
        let job = Erase::new(app.clone());
        assert!(job.run(NUMBER.as_bytes(), due).await.is_ok());
        assert!(app.find_contact(ASHA).await.is_err());
        app.ground.db.close().await;
    }

    #[tokio::test]
    async fn what_was_set_aside_of_an_erased_message_cannot_be_put_back() {
        let folder = tempfile::tempdir().unwrap();
        let app = demo_app::with_people(&folder).await;
        let asha = app.find_contact(ASHA).await.unwrap();
        leave_message(&app, asha, "parked").await;
        let emptied = app.ground.db.write((asha, asha), |conn, pair| {
            Box::pin(forget_messages(conn, *pair, 10))
        });
        assert_eq!(emptied.await.unwrap(), 1);
        let ended = "select count(*) from inbox
                      where contact_id = $1 and state = 'done' and outcome = 'erased'
                        and payload is null";
        assert_eq!(count(&app, ended, asha).await, 1);
        app.ground.db.close().await;
    }

    #[tokio::test]
    async fn what_comes_in_while_somebody_is_erased_keeps_its_words_for_its_turn() {
        let folder = tempfile::tempdir().unwrap();
        let app = demo_app::with_people(&folder).await;
        let asha = app.find_contact(ASHA).await.unwrap();
        for state in ["done", "waiting"] {
            leave_message(&app, asha, state).await;
        }
        let emptied = app.ground.db.write((asha, asha), |conn, pair| {
            Box::pin(forget_messages(conn, *pair, 10))
        });
        assert_eq!(emptied.await.unwrap(), 1);
        let kept = "select count(*) from inbox
                     where contact_id = $1 and state = 'waiting' and payload is not null";
        assert_eq!(count(&app, kept, asha).await, 1);
        app.ground.db.close().await;
    }

    #[tokio::test]
    async fn what_was_called_off_erases_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let app = demo_app::with_people(&folder).await;
        let ravi = app.contact_of(RAVI.to_owned()).await.unwrap();
        let due = asked(&app, ravi).await;
        let now = app.ground.clock.now();
        let closed = app.ground.db.write((), move |conn, ()| {
            Box::pin(requests::call_off(conn, NUMBER, now))
        });
        assert!(closed.await.unwrap());
        assert_eq!(outlook(&app, ravi).await.unwrap().pending, None);
        let job = Erase::new(app.clone());
        assert!(job.run(NUMBER.as_bytes(), due).await.is_ok());
        assert_eq!(app.find_contact(RAVI).await.unwrap(), ravi);
        app.ground.db.close().await;
    }
}
