//! Erasing what is kept of somebody, a day after they asked for it.
//!
//! Of whoever never dealt everything goes, and their key with it. Of whoever did, what
//! the law makes us keep stays, sealed as it was under their own key: a second key that
//! would lock it away from the service too is not there.

use futures::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};

use super::App;
use crate::contacts::requests;
use crate::contacts::store::{destroy, forget, selves};
use crate::contacts::{ConsentProof, NewConsent, is_given};
use crate::dialogue::ports::Erasure;
use crate::id::ContactId;
use crate::people::By;
use crate::pipeline::{Job, JobError, JobHandler, enqueue_job, forget_attachments, is_under_way};
use crate::security::audit;
use crate::storage::{Conn, Error};
use crate::{assistant, documents, investing, notifications, people, pipeline};

/// The kind of the job. Its payload is the number of the request.
const KIND: &str = "erase";
/// How long it waits for a conversation that is under way.
const LATER: SignedDuration = SignedDuration::from_mins(10);

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

/// Carries erasures out. Running one twice finds its request closed; so does one that was
/// called off.
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
            let input = (self.app.clone(), number);
            let erased = self.app.ground.db.write(input, move |conn, (app, number)| {
                Box::pin(erase(app, conn, number, now))
            });
            erased.await?;
            Ok(())
        })
    }
}

async fn erase(app: &App, conn: &mut Conn, number: &str, now: Timestamp) -> Result<(), Error> {
    let Some(contact) = requests::find_open(conn, number).await? else {
        return Ok(());
    };
    let mut waits = false;
    for one in selves(conn, contact).await? {
        waits |= is_under_way(conn, one).await?;
    }
    if waits {
        let later = now.checked_add(LATER).map_err(anyhow::Error::from)?;
        enqueue_job(conn, &app.ground, &job(number, later)).await?;
        return Ok(());
    }
    withdraw(app, conn, contact, now).await?;
    // What was theirs before they proved to be one person goes with the rest.
    let selves = selves(conn, contact).await?;
    let mut must_keep = false;
    for one in &selves {
        must_keep |= investing::has_dealt(conn, *one).await?;
    }
    let always = [documents::FORGET, assistant::FORGET, pipeline::FORGET_COSTS];
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
    for one in selves {
        for statements in always.iter().chain(rest) {
            forget(conn, one, statements).await?;
        }
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
    use super::super::{demo, demo_people};
    use super::*;
    use crate::config::Settings;
    use crate::contacts::requests::GRACE;
    use crate::contacts::{ConsentPurpose, DataRecipient};
    use crate::id::Ids;
    use crate::people::{AccountState, ExchangeAccount};

    const ASHA: &str = "919000000000";
    const RAVI: &str = "919000000001";
    const NUMBER: &str = "E-260824-7K3Q9F";
    const STATEMENT: &[u8] = include_bytes!("../../demo/cas/asha.json");

    async fn demo_app(folder: &tempfile::TempDir) -> App {
        let url = format!("sqlite://{}/t.db", folder.path().display());
        let settings = Settings::from_lookup(|name| (name == "DATABASE_URL").then(|| url.clone()));
        let app = App::open(&settings.unwrap(), demo::clock(), Ids::random())
            .await
            .unwrap();
        app.import_statement(STATEMENT, None).await.unwrap();
        demo_people::fill(&app).await.unwrap();
        app
    }

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

    #[tokio::test]
    async fn of_whoever_never_dealt_nothing_is_left_but_the_register() {
        let folder = tempfile::tempdir().unwrap();
        let app = demo_app(&folder).await;
        let asha = app.find_contact(ASHA).await.unwrap();
        assert!(!outlook(&app, asha).await.unwrap().must_keep);
        let due = asked(&app, asha).await;
        let pending = outlook(&app, asha).await.unwrap().pending;
        assert_eq!(pending, Some((NUMBER.to_owned(), due)));
        let paid = app.ground.db.write(asha.to_string(), |conn, asha| {
            Box::pin(async move {
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
        let app = demo_app(&folder).await;
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
    async fn what_was_called_off_erases_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let app = demo_app(&folder).await;
        let ravi = app.contact_of(RAVI.to_owned()).await.unwrap();
        let due = asked(&app, ravi).await;
        let now = app.ground.clock.now();
        let closed = app.ground.db.write((), move |conn, ()| {
            Box::pin(requests::close(conn, NUMBER, "called off", now))
        });
        closed.await.unwrap();
        assert_eq!(outlook(&app, ravi).await.unwrap().pending, None);
        let job = Erase::new(app.clone());
        assert!(job.run(NUMBER.as_bytes(), due).await.is_ok());
        assert_eq!(app.find_contact(RAVI).await.unwrap(), ravi);
        app.ground.db.close().await;
    }
}
