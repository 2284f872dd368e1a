//! The night: many SIPs due in one day, prepared while people chat.

use std::time::{Duration, Instant};

use anyhow::Context as _;
use jiff::ToSpan;
use jiff::civil::Date;

use super::store;
use crate::clock::{Clock, ist};
use crate::id::{ContactId, Ids};
use crate::investing::SchemeCode;
use crate::investing::orders::service::seed_sips;
use crate::pipeline::{Ground, Job, enqueue_job};
use crate::security::{Keyring, MasterKeys};
use crate::storage::Db;

/// The job that prepares instalments, as dealing names it.
const KIND: &str = "instalments";
const KEY: &str = "instalments:loadtest";
/// UTI Nifty 50 Index Fund, Regular, Growth.
const SCHEME: SchemeCode = SchemeCode(100_822);
/// SIPs put on record in one write.
const AT_A_TIME: usize = 500;
/// How often it is looked how far the night is.
const LOOK: Duration = Duration::from_millis(25);
/// A night that takes longer has failed, whatever it does.
const PATIENCE: Duration = Duration::from_mins(10);

/// How a night went.
#[derive(Debug, Clone, Copy)]
pub(super) struct Night {
    pub(super) began: Instant,
    /// Every instalment is on record.
    pub(super) prepared: Instant,
    /// Every investor's notice is decided about.
    pub(super) told: Instant,
    pub(super) instalments: u64,
}

/// Settings of a service that has nights, and in which it is night now: notices wait for
/// the morning. The exchange is named and never called.
pub(super) fn environment(exchange: &str) -> Vec<(&'static str, String)> {
    let now = Clock::system().now().to_zoned(ist());
    let hour = |at: i8| (now.hour() + at).rem_euclid(24);
    vec![
        ("ORDER_GATEWAY", "bse".to_owned()),
        ("BSE_BASE_URL", exchange.to_owned()),
        ("BSE_MEMBER", "LOADTEST".to_owned()),
        ("BSE_USERNAME", "loadtest".to_owned()),
        ("BSE_PASSWORD", "loadtest".to_owned()),
        (
            "QUIET_HOURS",
            format!("{:02}:00-{:02}:00", hour(-1), hour(3)),
        ),
    ]
}

/// Puts `count` SIPs on record that are due the day after tomorrow, shared out among the
/// contacts.
pub(super) async fn seed(
    ground: &Ground,
    contacts: &[ContactId],
    count: u32,
) -> anyhow::Result<()> {
    let owners: Vec<_> = contacts.iter().cycle().take(count as usize).collect();
    for some in owners.chunks(AT_A_TIME) {
        let some: Vec<ContactId> = some.iter().map(|one| **one).collect();
        let input = (ground.clone(), some, due(&ground.clock));
        let seeding = ground.db.write(input, |conn, (ground, some, due)| {
            Box::pin(async move {
                let now = ground.clock.now();
                seed_sips(conn, &ground.keys, &ground.ids, some, (SCHEME, *due), now).await
            })
        });
        seeding.await?;
    }
    Ok(())
}

fn due(clock: &Clock) -> Date {
    clock.now().to_zoned(ist()).date().saturating_add(2.days())
}

/// Begins the night of a service that runs, and waits until all is done.
pub(super) async fn pass(database_url: &str, data_key: &str) -> anyhow::Result<Night> {
    let (clock, ids) = (Clock::system(), Ids::random());
    let db = Db::connect(database_url, 1).await?;
    let masters = MasterKeys::parse(data_key)?;
    let keys = Keyring::load(&db, masters, &ids, clock.now()).await?;
    let ground = Ground::new(db, keys, clock, ids, 1);
    let job = Job {
        kind: KIND,
        unique_key: KEY.to_owned(),
        payload: Vec::new(),
        run_at: ground.clock.now(),
    };
    let input = (ground.clone(), job);
    let enqueued = ground.db.write(input, |conn, (ground, job)| {
        Box::pin(enqueue_job(conn, ground, job))
    });
    enqueued.await?;
    let began = Instant::now();
    let watched = async {
        while !is_prepared(&ground.db).await? {
            tokio::time::sleep(LOOK).await;
        }
        let prepared = Instant::now();
        while store::has_untold(&ground.db).await? {
            tokio::time::sleep(LOOK).await;
        }
        anyhow::Ok((prepared, Instant::now()))
    };
    let watched = tokio::time::timeout(PATIENCE, watched).await;
    let (prepared, told) = watched.context("the night does not end")??;
    let instalments = store::count_instalments(&ground.db).await?;
    ground.db.close().await;
    Ok(Night {
        began,
        prepared,
        told,
        instalments,
    })
}

async fn is_prepared(db: &Db) -> anyhow::Result<bool> {
    let (state, why) = store::job(db, KEY).await?;
    anyhow::ensure!(state != "dead", "the night failed: {why}");
    Ok(state == "done")
}
