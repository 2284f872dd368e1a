//! P5: the exchange lives on while the server is killed: a process of its own, with its own
//! file. What it had accepted when the server died, and what it never got, is there once.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use sipbrewery::security::MasterKeys;

use super::money::{Phone, references};
use crate::harness::network::client;
use crate::harness::scale::scale;
use crate::harness::service::free_port;
use crate::harness::{Service, TestDatabase};

/// Kills in the middle of a call the exchange accepted, and of one it never got.
const KILLS: usize = 3;
const WITHIN: Duration = Duration::from_mins(1);
const TICK: Duration = Duration::from_millis(20);

async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let began = Instant::now();
    while !holds().await {
        assert!(
            began.elapsed() < WITHIN,
            "it never came to pass that {what}"
        );
        tokio::time::sleep(TICK).await;
    }
}

async fn asked(exchange: &Phone) -> Vec<String> {
    references(&exchange.get("/control").await, "orders")
}

/// Has the exchange hang at the next requests, accepted or not. No notice of its own may say
/// meanwhile what became of them.
async fn hangs(exchange: &Phone, kind: &str, times: u32) {
    let faults = json!([
        {"kind": kind, "chance": 1.0, "left": times, "amount": 60_000},
        {"kind": "lose_notices", "chance": 1.0, "left": times, "amount": null},
    ]);
    exchange.put("/control/faults", faults).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_order_the_exchange_took_before_the_server_died_is_never_placed_again() {
    let _alone = super::ONE_AT_A_TIME.lock().await;
    let (database, theirs) = (TestDatabase::create().await, TestDatabase::create().await);
    let database = Arc::new(database);
    let (port, data_key) = (free_port(), MasterKeys::generate());
    let exchange_alone = Service::exchange(&theirs, free_port(), port);
    let phone = |port| Phone {
        http: client(Duration::from_secs(3)),
        base: format!("http://127.0.0.1:{port}"),
        database: Arc::clone(&database),
        confirmed: BTreeSet::new(),
    };
    let (investor, exchange) = (phone(port), phone(exchange_alone.port()));
    let options = json!({"auto_approve": true, "auto_after_ms": 200, "opens_accounts": true});
    exchange.put("/control/options", options).await;
    let start = || Service::demo_at(&database, &data_key, port, &exchange_alone);
    let mut service = start();
    investor.advance(1).await;
    let open = "select count(*) from exchange_accounts where state = 'active'";
    until("Asha has an account", async || {
        investor.rows(open).await == 1
    })
    .await;

    let asking = "select count(*) from orders where submission = 'asking'";
    let taken = "select count(*) from orders where submission = 'taken' and gateway_id is not null";
    let mut made = 0;
    for round in 0..2 * KILLS * scale() {
        let accepted = round % 2 == 0;
        let text = format!("invest {} in hdfc flexi cap", 1_000 + round);
        let review = investor.says(&text, "confirm").await;
        let draft = review.1.rsplit(':').next().unwrap().to_owned();
        let kind = if accepted {
            "accept_then_hang"
        } else {
            "hang_unaccepted"
        };
        // Whatever else asks the exchange meanwhile hangs as well.
        hangs(&exchange, kind, 20).await;
        investor.tap(&review).await;
        until("the call is under way", async || {
            investor.rows(asking).await == 1
        })
        .await;
        made += 1;
        let there = if accepted { made } else { made - 1 };
        until("the exchange has as many", async || {
            asked(&exchange).await.len() == there
        })
        .await;
        service.kill();
        hangs(&exchange, kind, 0).await;
        service = start();
        // A call that may have been under way is not made again before it must have ended.
        investor.advance(5 * 60).await;
        until("the order is on record as taken", async || {
            investor.rows(taken).await == i64::try_from(made).unwrap()
        })
        .await;
        assert_eq!(investor.made(&draft).await, 1);
        assert_eq!(asked(&exchange).await.len(), made, "in round {round}");
    }
    let mut ours = investor.texts("select reference from orders").await;
    ours.sort();
    assert_eq!(ours, asked(&exchange).await);
    // Both clocks go on, and what was paid there is booked here.
    let open = "select count(*) from orders where status <> 'allotted'";
    until("everything is allotted", async || {
        let by: Value = json!({"seconds": 6 * 3_600});
        exchange.post("/control/advance", by).await;
        investor.advance(6 * 3_600).await;
        investor.rows(open).await == 0
    })
    .await;
    let unbalanced = "select count(*) from (select scheme_code from ledger_postings
                       group by contact_id, scheme_code having sum(amount) <> 0) as off";
    assert_eq!(investor.rows(unbalanced).await, 0);
    let booked = "select count(*) from transaction_orders where reference like '%:purchase'";
    assert_eq!(investor.rows(booked).await, i64::try_from(made).unwrap());
    for process in [service, exchange_alone] {
        let (status, _) = process.terminate().await;
        assert!(status.success(), "{status}");
    }
}
