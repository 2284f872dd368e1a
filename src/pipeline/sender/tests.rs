//! What two processes are to each other that may both send for one number.

use std::time::Duration;

use futures::future::BoxFuture;
use tokio::sync::{mpsc, oneshot};

use super::*;
use crate::clock::Clock;
use crate::id::Ids;
use crate::pipeline::{Call, Channel};
use crate::postgres::OnServer;
use crate::security::{Keyring, MasterKeys};
use crate::storage::{Conn, Db};
use crate::whatsapp::media::File;
use crate::whatsapp::{NotUploaded, SendOutcome};

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
    db.close().await;
}
