//! What two processes are to each other that may both send for one number.

use std::time::Duration;

use futures::future::BoxFuture;
use tokio::sync::{mpsc, oneshot};

use super::*;
use crate::clock::Clock;
use crate::contacts::store::identify;
use crate::id::Ids;
use crate::pipeline::store::Fate;
use crate::pipeline::{Call, Channel};
use crate::postgres::OnServer;
use crate::security::{Keyring, MasterKeys};
use crate::storage::{Conn, Db};
use crate::whatsapp::media::File;
use crate::whatsapp::{NotUploaded, SendOutcome, Sender as Addressed};

/// More than anything here takes; only a test that fails waits as long.
const IN_TIME: Duration = Duration::from_secs(20);

/// A way out that nothing takes.
struct Unused;

impl Channel for Unused {
    fn send<'a>(&'a self, _: &'a Call) -> BoxFuture<'a, SendOutcome> {
        Box::pin(std::future::pending())
    }

    fn upload(&self, _: File) -> BoxFuture<'_, Result<String, NotUploaded>> {
        Box::pin(std::future::pending())
    }
}

/// A sender on a database of its own.
struct Alone {
    sender: Sender,
    duty: Duty,
    _folder: tempfile::TempDir,
    on_server: Option<OnServer>,
}

impl Alone {
    /// Makes one that holds its number.
    async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let on_server = OnServer::create(true).await;
        let file = format!("sqlite://{}/t.db", folder.path().display());
        let url = on_server.as_ref().map_or(file, OnServer::url);
        let db = Db::open(&url, 4).await.unwrap();
        let (clock, ids) = (Clock::system(), Ids::seeded(1));
        let masters = MasterKeys::parse(&MasterKeys::generate()).unwrap();
        let keys = Keyring::load(&db, masters, &ids, clock.now());
        let ground = Ground::new(db.clone(), keys.await.unwrap(), clock, ids, 80);
        let sender = Sender::new(ground, Arc::new(Unused), "1");
        let mut duty = Duty {
            lease: None,
            looked: None,
            calls: mpsc::unbounded_channel().0,
        };
        assert!(sender.hold(&mut duty).await.unwrap());
        Self {
            sender,
            duty,
            _folder: folder,
            on_server,
        }
    }

    /// Leaves messages as they are while their calls are under way.
    async fn leave_sending(&self, ids: &[&'static str]) {
        let ground = &self.sender.ground;
        let one = Addressed {
            wa_id: Some("919000000000".to_owned()),
            ..Addressed::default()
        };
        let input = (ground.clone(), ids.to_vec(), one, self.epoch());
        let left = ground.db.write(input, |conn, (ground, ids, one, epoch)| {
            Box::pin(async move {
                let now = ground.clock.now();
                let known = identify(conn, &ground.keys, &ground.ids, &[one], now).await?;
                let contact = known.of(&ground.keys, one).unwrap();
                for id in ids {
                    sqlx::query(
                        "insert into outbox (id, contact_id, trace, lane, purpose, owner_epoch,
                                             state, attempts, due_at, expires_at, sender_epoch,
                                             created_at, sending_at)
                         values ($1, $2, 't', 'reply', 'chat', 0, 'sending', 1, 0, $3, $4, 0, 0)",
                    )
                    .bind(*id)
                    .bind(contact)
                    .bind(i64::MAX)
                    .bind(*epoch)
                    .execute(&mut *conn)
                    .await?;
                }
                Ok(())
            })
        });
        left.await.unwrap();
    }

    async fn run(&self, sql: &'static str) {
        let ran = self.sender.ground.db.write(sql, |conn, sql| {
            Box::pin(async move {
                sqlx::query(*sql).execute(conn).await?;
                Ok(())
            })
        });
        ran.await.unwrap();
    }

    /// Returns the messages in a state.
    async fn which_are(&self, state: &'static str) -> Vec<String> {
        let mut conn = self.sender.ground.db.read().await.unwrap();
        let ids = sqlx::query_scalar("select id from outbox where state = $1 order by id");
        ids.bind(state).fetch_all(&mut *conn).await.unwrap()
    }

    fn epoch(&self) -> i64 {
        self.duty.lease.as_ref().unwrap().epoch()
    }
}

fn nothing<'c>(_: &'c mut Conn, _: i64, (): &'c ()) -> BoxFuture<'c, Result<(), Error>> {
    Box::pin(async { Ok(()) })
}

#[tokio::test]
async fn whoever_finds_the_number_held_writes_nothing() {
    let alone = Alone::start().await;
    let ground = &alone.sender.ground;
    let (begun, is_begun) = oneshot::channel();
    let (end, ended) = oneshot::channel::<()>();
    let input = (Mutex::new(Some(begun)), tokio::sync::Mutex::new(ended));
    let holding = ground.db.write(input, |conn, (begun, ended)| {
        Box::pin(async move {
            sqlx::query("update leases set holder = holder")
                .execute(conn)
                .await?;
            let begun = begun.lock().unwrap().take();
            begun.unwrap().send(()).unwrap();
            let _ = (&mut *ended.lock().await).await;
            Ok(())
        })
    });
    let looking = async {
        is_begun.await.unwrap();
        let looked = Lease::take(ground, "sender:1", (), nothing);
        let looked = tokio::time::timeout(IN_TIME, looked).await;
        end.send(()).unwrap();
        looked.expect("it waited for a write").unwrap()
    };
    let (held, looked) = tokio::join!(holding, looking);
    held.unwrap();
    assert!(looked.is_none());
    ground.db.close().await;
}

#[tokio::test]
async fn a_round_waits_for_whoever_is_at_the_lease_of_its_number() {
    let alone = Alone::start().await;
    let db = &alone.sender.ground.db;
    if alone.on_server.is_none() {
        eprintln!("skipped: two processes need PostgreSQL (TEST_DATABASE_URL)");
        return;
    }
    // Another process finds it held, and has not committed yet that it changed nothing.
    let mut other = db.read().await.unwrap();
    let now = alone.sender.ground.clock.now().as_millisecond();
    sqlx::query("begin").execute(&mut *other).await.unwrap();
    let taken = store::take(&mut other, "sender:1", "other", now, now + 3_000).await;
    assert_eq!(taken.unwrap(), None);
    let round = alone.sender.take(alone.epoch(), vec![(Lane::Reply, 1)]);
    let going_on = async {
        let mut looking = db.read().await.unwrap();
        let waiting = "select count(*) from pg_stat_activity
                        where datname = current_database() and wait_event_type = 'Lock'";
        while sqlx::query_scalar::<_, i64>(waiting)
            .fetch_one(&mut *looking)
            .await
            .unwrap()
            == 0
        {
            tokio::task::yield_now().await;
        }
        sqlx::query("rollback").execute(&mut *other).await.unwrap();
    };
    let both = async { tokio::join!(async { round.await.map(|_| ()) }, going_on).0 };
    let taken = tokio::time::timeout(IN_TIME, both).await;
    assert!(taken.expect("the round goes on").is_ok());
    // Closing waits for every connection to come back.
    drop(other);
    db.close().await;
}

#[tokio::test]
async fn an_outcome_that_is_refused_costs_the_others_nothing_and_is_tried_again() {
    let alone = Alone::start().await;
    alone.leave_sending(&["a", "b", "c"]).await;
    alone
        .run("create unique index refusing on outbox (wamid)")
        .await;
    let [a, b, c] = [("a", 1), ("b", 1), ("c", 2)].map(|(id, wamid)| Outcome {
        id: id.to_owned(),
        contact: "of nobody".to_owned(),
        attempt: 1,
        fate: Fate::Accepted { wamid: [wamid; 16] },
    });
    let ground = &alone.sender.ground;
    assert_eq!(write_outcomes(ground, vec![a]).await, [true]);
    let done = write_outcomes(ground, vec![b.clone(), c]).await;
    assert_eq!(done, [false, true]);
    assert_eq!(alone.which_are("accepted").await, ["a", "c"]);
    // Whoever made the call keeps it until it is written.
    let telling = outcome::tell(&alone.sender.outcomes, b);
    let allowing = alone.run("drop index refusing");
    let both = async { tokio::join!(telling, allowing) };
    tokio::time::timeout(IN_TIME, both).await.unwrap();
    assert_eq!(alone.which_are("accepted").await, ["a", "b", "c"]);
    ground.db.close().await;
}

#[tokio::test]
async fn what_a_round_took_without_hearing_of_it_waits_again() {
    let alone = Alone::start().await;
    // One is called by now, and one was taken again since.
    alone.leave_sending(&["called", "later", "unheard"]).await;
    alone
        .run("update outbox set attempts = 2 where id = 'later'")
        .await;
    for id in ["later", "unheard", "unknown"] {
        alone.sender.unheard.expect((id.to_owned(), 1));
    }
    let taken = alone.sender.take(alone.epoch(), Vec::new()).await;
    assert!(taken.is_ok());
    assert_eq!(alone.which_are("queued").await, ["unheard"]);
    assert_eq!(alone.which_are("sending").await, ["called", "later"]);
    alone
        .run("update outbox set state = 'sending', attempts = 1 where id = 'unheard'")
        .await;
    let taken = alone.sender.take(alone.epoch(), Vec::new()).await;
    assert!(taken.is_ok());
    assert_eq!(
        alone.which_are("queued").await,
        Vec::<String>::new(),
        "once it is heard of, it is called"
    );
    alone.sender.ground.db.close().await;
}
