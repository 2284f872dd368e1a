//! A stop by SIGTERM while a crowd talks: in time, with nothing lost and nothing held.

use std::time::Duration;

use super::crowd::{Crowd, Ledger};
use super::kill::network;
use super::verdict::{judge, scalar, settled};
use crate::harness::service::free_port;
use crate::harness::{Service, TestDatabase};

const ROUNDS: usize = 3;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_asked_to_stop_under_load_ends_well_and_the_next_goes_on_at_once() {
    let _alone = super::ONE_AT_A_TIME.lock().await;
    let ledger = Ledger::default();
    let database = TestDatabase::create().await;
    let network = network(&ledger).await;
    let port = free_port();
    network.route_to(&[port]);
    let mut service = Service::start(&database, &network, port);
    let crowd = Crowd::start(&network, &ledger, 100, Duration::from_secs(1));
    let (mut slowest_stop, mut slowest_start) = (Duration::ZERO, Duration::ZERO);
    for _ in 0..ROUNDS {
        ledger.reply_after(service.started(), |_| true).await;
        tokio::time::sleep(Duration::from_millis(800)).await;
        let (status, took) = service.terminate().await;
        assert_eq!(status.code(), Some(0), "after {took:?}");
        slowest_stop = slowest_stop.max(took);
        let held = "select (select count(*) from leases where until <> 0)
                         + (select count(*) from contacts where lease_until <> 0)";
        assert_eq!(scalar(&database, held).await, 0, "leases were kept");
        let under_way = "select count(*) from outbox where state = 'sending'";
        assert_eq!(scalar(&database, under_way).await, 0);
        service = Service::start(&database, &network, port);
        let next = ledger.reply_after(service.started(), |_| true).await;
        slowest_start = slowest_start.max(next);
    }
    crowd.hush().await;
    settled(&network, &database).await;
    assert!(service.terminate().await.0.success());
    let counts = judge(&ledger, &database).await;
    eprintln!(
        "graceful stops: {ROUNDS}, slowest {slowest_stop:?}, next reply after at most {slowest_start:?}; {counts:?}"
    );
    assert!(slowest_stop <= Duration::from_secs(25));
    assert!(slowest_start <= Duration::from_secs(3));
    assert_eq!(counts.resent + i64::try_from(counts.superseded).unwrap(), 0);
}
