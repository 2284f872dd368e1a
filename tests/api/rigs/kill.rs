//! P1, P2, P4, P9, P10: one server, killed again and again while a crowd talks.

use std::time::{Duration, Instant};

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use sipbrewery::sandbox::{Emulator, Fault, FaultKind};

use super::crowd::{Crowd, Ledger};
use super::verdict::{judge, settled};
use crate::harness::scale::scale;
use crate::harness::service::free_port;
use crate::harness::{Network, Service, TestDatabase};

const CONTACTS: usize = 220;
const PAUSE: Duration = Duration::from_secs(1);
const KILLS: usize = 20;
const WITHIN: Duration = Duration::from_secs(5);

/// Starts a Meta that sends webhooks again, several times and out of order.
pub async fn network(ledger: &Ledger) -> Network {
    let (hearing, acknowledging) = (ledger.clone(), ledger.clone());
    let builder = Emulator::builder()
        .retry(Duration::from_millis(100), Duration::from_secs(1))
        .chat_length(0)
        .log_length(0)
        .journal(false)
        .observer(move |accepted| hearing.accepted(accepted));
    let acknowledged = move |from: &str, wamid: &str| acknowledging.acknowledged(from, wamid);
    let network = Network::start(builder, std::sync::Arc::new(acknowledged)).await;
    let emulator = &network.emulator;
    emulator.set_fault(FaultKind::DuplicateWebhooks, Fault::chance(0.05).amount(9));
    emulator.set_fault(FaultKind::ReorderWebhooks, Fault::chance(0.2).amount(300));
    emulator.set_fault(
        FaultKind::StatusBeforeResponse,
        Fault::chance(0.05).amount(20),
    );
    emulator.set_fault(FaultKind::AcceptThenDrop, Fault::chance(0.01));
    network
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_killed_at_any_moment_loses_doubles_and_disorders_nothing() {
    let _alone = super::ONE_AT_A_TIME.lock().await;
    let ledger = Ledger::default();
    let database = TestDatabase::create().await;
    let network = network(&ledger).await;
    let port = free_port();
    network.route_to(&[port]);
    let mut service = Service::start(&database, &network, port);
    let crowd = Crowd::start(&network, &ledger, CONTACTS, PAUSE);
    ledger.reply_after(service.started(), |_| true).await;

    let mut dice = StdRng::seed_from_u64(20);
    let mut slowest = Duration::ZERO;
    let began = Instant::now();
    for _ in 0..KILLS * scale() {
        let pause = Duration::from_millis(dice.random_range(0..2_500));
        tokio::time::sleep(pause).await;
        service.kill();
        service = Service::start(&database, &network, port);
        // Some are killed again while they still take up what was left.
        if dice.random_bool(0.75) {
            let started = service.started();
            let next = ledger
                .reply_after(started, |answered| answered.said < started)
                .await;
            slowest = slowest.max(next);
        }
    }
    let killing = began.elapsed();
    crowd.hush().await;
    settled(&network, &database).await;
    let (status, _) = service.terminate().await;
    assert!(status.success(), "the last server stopped with {status}");
    let counts = judge(&ledger, &database).await;
    eprintln!(
        "kill rig: {} kills in {killing:?}, next reply after a restart at most {slowest:?}; {counts:?}",
        KILLS * scale()
    );
    assert!(counts.contacts >= 200);
    assert!(
        slowest <= WITHIN,
        "a reply took {slowest:?} after a restart"
    );
}
