//! A database, somebody to tell, and things that happen to them.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::future::BoxFuture;
use jiff::Timestamp;
use jiff::civil::Date;
use sqlx::Row;

use super::super::ports::{AddressBook, Planned, Post, Schedule};
use super::super::service;
use super::super::{
    Distributor, Follower, Letter, PostOffice, Posted, Scope, Telling, Voice, Wish, definitions,
};
use crate::clock::Clock;
use crate::contacts::store::load;
use crate::id::{ContactId, Ids, InstalmentId, OutboxId};
use crate::investing::Investing;
use crate::investing::events::{Event, What, record};
use crate::investing::tests::rig::TestDb;
use crate::pipeline::{Ground, QuietHours, record_templates};
use crate::storage::{Conn, Db, Engine};
use crate::whatsapp::Outgoing;
use crate::whatsapp::templates::{InAccount, Quality, Status};

pub(super) const OUTBOX: &str = "select count(*) from outbox";
pub(super) const LETTERS: &str = "select count(*) from letters";

pub(super) fn distributor() -> Distributor {
    Distributor {
        name: "Sahyadri Wealth".into(),
        arn: "ARN-118822".into(),
        grievance_contact: "care@sahyadri.example".into(),
    }
}

/// Noon on the day most samples are about.
pub(super) fn noon() -> Timestamp {
    "2026-09-05T12:00:00+05:30".parse().unwrap()
}

pub(super) struct Rig {
    test: TestDb,
    pub(super) ground: Ground,
    pub(super) contact: ContactId,
    pub(super) world: Arc<World>,
    pub(super) letters: Arc<Letters>,
    investing: Investing,
}

/// What the ports answer.
#[derive(Default)]
pub(super) struct World {
    pub(super) email: Mutex<Option<String>>,
    pub(super) planned: Mutex<Vec<Planned>>,
    /// No instalment is to come any more.
    pub(super) is_over: AtomicBool,
}

/// Takes letters and answers as it is told to, `Taken` otherwise.
#[derive(Default)]
pub(super) struct Letters {
    pub(super) posted: Mutex<Vec<(String, Letter)>>,
    pub(super) answers: Mutex<Vec<Posted>>,
}

impl Post for Letters {
    fn deliver<'a>(&'a self, id: &'a str, letter: &'a Letter) -> BoxFuture<'a, Posted> {
        self.posted
            .lock()
            .unwrap()
            .push((id.to_owned(), letter.clone()));
        let mut answers = self.answers.lock().unwrap();
        let answer = if answers.is_empty() {
            Posted::Taken
        } else {
            answers.remove(0)
        };
        Box::pin(async move { answer })
    }
}

impl AddressBook for World {
    fn email(&self, _: ContactId) -> BoxFuture<'_, anyhow::Result<Option<String>>> {
        let email = self.email.lock().unwrap().clone();
        Box::pin(async move { Ok(email) })
    }
}

impl Schedule for World {
    fn instalments(
        &self,
        _: ContactId,
        until: Date,
    ) -> BoxFuture<'_, anyhow::Result<Vec<Planned>>> {
        let mut planned = self.planned.lock().unwrap().clone();
        planned.retain(|one| one.date <= until);
        Box::pin(async move { Ok(planned) })
    }

    fn is_to_come(&self, _: InstalmentId) -> BoxFuture<'_, anyhow::Result<bool>> {
        let is_to_come = !self.is_over.load(Ordering::Relaxed);
        Box::pin(async move { Ok(is_to_come) })
    }
}

impl Rig {
    /// Somebody who wrote an hour ago, has an e-mail address, at noon, without templates.
    pub(super) async fn new() -> Self {
        let test = TestDb::new(7).await;
        let contact = test.contacts(1, 1).await[0];
        let clock = Clock::standing(noon());
        let ground = Ground::new(
            test.db.clone(),
            test.keys.clone(),
            clock,
            Ids::seeded(8),
            80,
        );
        let investing = Investing::load(test.db.clone(), None).await.unwrap();
        let rig = Self {
            test,
            ground,
            contact,
            world: Arc::default(),
            letters: Arc::default(),
            investing,
        };
        *rig.world.email.lock().unwrap() = Some("asha@example.in".into());
        rig.wrote(noon() - jiff::SignedDuration::from_hours(1))
            .await;
        rig
    }

    pub(super) fn follower(&self) -> Follower {
        Follower::new(self.telling(true))
    }

    /// Another process beside this one, where there can be one: on SQLite another stage.
    pub(super) async fn another_process(&self) -> Ground {
        let db = match self.ground.db.engine() {
            Engine::Sqlite => self.ground.db.clone(),
            Engine::Postgres => Db::connect(&self.test.url, 4).await.unwrap(),
        };
        let clock = self.ground.clock.clone();
        Ground::new(
            db,
            self.test.keys.clone(),
            clock,
            self.ground.ids.clone(),
            80,
        )
    }

    pub(super) async fn another_follower(&self) -> Follower {
        Follower::new(Telling {
            ground: self.another_process().await,
            ..self.telling(true)
        })
    }

    pub(super) fn telling(&self, has_mail: bool) -> Telling {
        Telling {
            ground: self.ground.clone(),
            investing: self.investing.clone(),
            voice: Voice::new().unwrap(),
            addresses: has_mail.then(|| Arc::clone(&self.world) as Arc<dyn AddressBook>),
            schedule: Arc::clone(&self.world) as Arc<dyn Schedule>,
            quiet: QuietHours::parse("21:00-08:00"),
            distributor: distributor(),
        }
    }

    pub(super) fn office(&self) -> PostOffice {
        let post: Arc<dyn Post> = Arc::clone(&self.letters) as Arc<dyn Post>;
        PostOffice::new(self.ground.clone(), post)
    }

    /// Follows until nothing more is to be done now.
    pub(super) async fn follow(&self) {
        while self.follower().round().await.unwrap() {}
    }

    pub(super) async fn post(&self) {
        let office = self.office();
        while office.round().await.unwrap() {}
    }

    pub(super) fn at(&self, text: &str) {
        let wanted: Timestamp = format!("{text}+05:30").parse().unwrap();
        let now = self.ground.clock.now();
        self.ground
            .clock
            .shift_millis(wanted.as_millisecond() - now.as_millisecond());
    }

    pub(super) fn after(&self, span: Duration) {
        self.ground.clock.advance(span);
    }

    /// Meta has approved every template, or has none.
    pub(super) async fn approves_templates(&self, approved: bool) {
        let now = self.ground.clock.now();
        let listed: Vec<InAccount> = definitions()
            .unwrap()
            .into_iter()
            .filter(|_| approved)
            .map(|one| InAccount {
                id: format!("{}-{}", one.name, one.language),
                name: one.name,
                language: one.language,
                status: Status::Approved,
                category: Some(one.category),
                quality: Quality::Green,
                rejected: None,
                content: one.content,
            })
            .collect();
        let input = (self.ground.clone(), listed, now);
        self.run(input, |conn, (ground, listed, now)| {
            Box::pin(record_templates(conn, &ground.ids, listed, (*now, *now)))
        })
        .await;
    }

    pub(super) async fn happens(&self, key: &str, what: What) {
        let event = Event {
            contact: self.contact,
            key: key.to_owned(),
            what,
        };
        self.run((self.ground.clone(), event), |conn, (ground, event)| {
            Box::pin(async move {
                let now = ground.clock.now();
                let new = record(conn, &ground.keys, &ground.ids, event, now).await?;
                assert!(new, "a key of its own");
                Ok(())
            })
        })
        .await;
    }

    pub(super) async fn wishes(&self, scope: Scope, wish: Wish) -> service::Kept {
        let input = (self.ground.clone(), self.contact, scope, wish);
        self.run(input, |conn, (ground, contact, scope, wish)| {
            Box::pin(async move {
                let now = ground.clock.now();
                service::set_preference(conn, &ground.ids, *contact, *scope, *wish, now).await
            })
        })
        .await
    }

    /// They have not written for more than a day.
    pub(super) async fn closed(&self) {
        self.wrote(noon() - jiff::SignedDuration::from_hours(30))
            .await;
    }

    pub(super) async fn wrote(&self, at: Timestamp) {
        self.change(
            "update contacts set last_inbound_at = $2 where id = $1",
            at.as_millisecond(),
        )
        .await;
    }

    /// Says of the newest outbox row what became of it.
    pub(super) async fn became(&self, sql: &'static str) {
        self.change(sql, 0).await;
    }

    async fn change(&self, sql: &'static str, number: i64) {
        self.run((self.contact, number), move |conn, (contact, number)| {
            Box::pin(async move {
                let contact = contact.to_string();
                sqlx::query(sql)
                    .bind(contact)
                    .bind(*number)
                    .execute(conn)
                    .await?;
                Ok(())
            })
        })
        .await;
    }

    pub(super) async fn run<I, T, F>(&self, input: I, run: F) -> T
    where
        I: Send + Sync + 'static,
        T: Send + 'static,
        F: for<'c> Fn(&'c mut Conn, &'c I) -> BoxFuture<'c, Result<T, crate::storage::Error>>
            + Send
            + Sync
            + 'static,
    {
        self.ground.db.write(input, run).await.unwrap()
    }

    /// The messages in the outbox, oldest first.
    pub(super) async fn outbox(&self) -> Vec<Outgoing> {
        let mut conn = self.ground.db.read().await.unwrap();
        let id = self.contact.to_string();
        let mut found = load(&mut conn, &self.ground.keys, std::slice::from_ref(&id))
            .await
            .unwrap();
        let key = found.remove(&id).unwrap().key;
        let rows = sqlx::query("select id, payload from outbox order by id")
            .fetch_all(&mut *conn)
            .await
            .unwrap();
        rows.iter()
            .map(|row| {
                let id: String = row.get(0);
                let sealed: Vec<u8> = row.get(1);
                let place = crate::security::Place {
                    table: "outbox",
                    column: "payload",
                    row: &id,
                };
                serde_json::from_slice(&key.open(place, &sealed).unwrap()).unwrap()
            })
            .collect()
    }

    /// The oldest row of the outbox.
    pub(super) async fn message(&self) -> OutboxId {
        let mut conn = self.ground.db.read().await.unwrap();
        let id: String = sqlx::query_scalar("select id from outbox order by id limit 1")
            .fetch_one(&mut *conn)
            .await
            .unwrap();
        id.parse().unwrap()
    }

    pub(super) async fn count(&self, sql: &'static str) -> i64 {
        let mut conn = self.ground.db.read().await.unwrap();
        sqlx::query_scalar(sql).fetch_one(&mut *conn).await.unwrap()
    }

    /// State, way and reason of every notice, oldest event first.
    pub(super) async fn notices(&self) -> Vec<(String, Option<String>, Option<String>)> {
        let mut conn = self.ground.db.read().await.unwrap();
        let rows = sqlx::query("select state, way, reason from notices order by event_id")
            .fetch_all(&mut *conn)
            .await
            .unwrap();
        rows.iter()
            .map(|row| (row.get(0), row.get(1), row.get(2)))
            .collect()
    }

    pub(super) async fn states(&self) -> Vec<String> {
        self.notices()
            .await
            .into_iter()
            .map(|(state, ..)| state)
            .collect()
    }
}
