//! Two servers on one PostgreSQL: one dies, or sleeps through its lease.

use std::time::{Duration, Instant};

use super::crowd::{Crowd, Ledger};
use super::kill::network;
use super::verdict::{judge, settled};
use crate::harness::scale::scale;
use crate::harness::service::free_port;
use crate::harness::{Network, Service, TestDatabase};

const CONTACTS: usize = 200;
const PAUSE: Duration = Duration::from_secs(2);
/// Rounds; each of the two is hit in turn, so that whoever sends is hit in most.
const ROUNDS: usize = 6;

const WITHIN: Duration = Duration::from_secs(5);
/// A lease lasts 3 s and is looked for every 250 ms.
const ASLEEP: Duration = Duration::from_millis(5_500);

struct Pair {
    ledger: Ledger,
    database: TestDatabase,
    network: Network,
    services: [Option<Service>; 2],
    crowd: Crowd,
}

impl Pair {
    /// Starts both under load; nothing where this run has no PostgreSQL.
    async fn start() -> Option<Self> {
        let database = TestDatabase::create().await;
        if !database.is_postgres() {
            eprintln!("skipped: two processes need PostgreSQL (TEST_DATABASE_URL)");
            return None;
        }
        let ledger = Ledger::default();
        let network = network(&ledger).await;
        let ports = [free_port(), free_port()];
        network.route_to(&ports);
        let services = ports.map(|port| Some(Service::start(&database, &network, port)));
        let crowd = Crowd::start(&network, &ledger, CONTACTS, PAUSE);
        ledger.reply_after(Instant::now(), |_| true).await;
        Some(Self {
            ledger,
            database,
            network,
            services,
            crowd,
        })
    }

    async fn end(self, what: &str) {
        self.crowd.hush().await;
        settled(&self.network, &self.database).await;
        for service in self.services.into_iter().flatten() {
            assert!(service.terminate().await.0.success());
        }
        let counts = judge(&self.ledger, &self.database).await;
        eprintln!("{what}; {counts:?}");
    }

    /// Waits for a reply to something that was said after `since`, which the server that
    /// went away then cannot have read.
    async fn next(&self, since: Instant) -> Duration {
        self.ledger
            .reply_after(since, |answered| answered.said > since)
            .await
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn when_one_of_two_servers_is_killed_the_other_answers_within_five_seconds() {
    let _alone = super::ONE_AT_A_TIME.lock().await;
    let Some(mut pair) = Pair::start().await else {
        return;
    };
    let mut slowest = Duration::ZERO;
    for round in 0..ROUNDS * scale() {
        tokio::time::sleep(Duration::from_millis(1_200)).await;
        let place = round % 2;
        let service = pair.services[place].take().expect("both run");
        let port = service.port();
        let killed = Instant::now();
        service.kill();
        slowest = slowest.max(pair.next(killed).await);
        pair.services[place] = Some(Service::start(&pair.database, &pair.network, port));
    }
    let rounds = ROUNDS * scale();
    pair.end(&format!(
        "two servers, {rounds} kills, next reply at most {slowest:?} after"
    ))
    .await;
    assert!(slowest <= WITHIN, "the other took {slowest:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_sleeps_through_its_lease_writes_nothing_when_it_wakes() {
    let _alone = super::ONE_AT_A_TIME.lock().await;
    let Some(pair) = Pair::start().await else {
        return;
    };
    let mut slowest = Duration::ZERO;
    let mut fenced = 0.0;
    for round in 0..ROUNDS * scale() {
        tokio::time::sleep(Duration::from_millis(700)).await;
        let service = pair.services[round % 2].as_ref().expect("both run");
        let before = service.counter("turns_fenced_total").await;
        let stopped = Instant::now();
        service.signal("STOP");
        slowest = slowest.max(pair.next(stopped).await);
        tokio::time::sleep(ASLEEP.saturating_sub(stopped.elapsed())).await;
        service.signal("CONT");
        let woken = Instant::now();
        pair.next(woken).await;
        fenced += service.counter("turns_fenced_total").await - before;
    }
    let rounds = ROUNDS * scale();
    // Else nothing was under way when a server fell asleep, and nothing was shown.
    assert!(fenced > 0.0, "no turn was fenced");
    pair.end(&format!(
        "two servers, {rounds} sleeps of {ASLEEP:?}, next reply at most {slowest:?} after, {fenced} turns fenced"
    ))
    .await;
    assert!(slowest <= WITHIN, "the other took {slowest:?}");
}
