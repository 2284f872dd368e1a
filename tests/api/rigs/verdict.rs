//! What must be true when everything has settled.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use sipbrewery::sandbox::{Fault, FaultKind};
use sqlx::Connection;

use super::crowd::Ledger;
use crate::harness::{Network, TestDatabase};

/// Longest that anything may need to settle: a reply lost at the last kill is said again
/// 90 s later.
const SETTLED_WITHIN: Duration = Duration::from_secs(125);

/// What was counted.
#[derive(Debug, Default)]
pub struct Counts {
    pub contacts: usize,
    pub messages: usize,
    pub replies: usize,
    pub lost: usize,
    pub doubled: usize,
    pub disordered: usize,
    /// Replies that came late out of a call that was under way when its sender was stopped
    /// past its lease. Nobody can call such a message back, and nobody waits for it.
    pub stragglers: usize,
    /// Replies lost with the process whose contact got a later one instead.
    pub superseded: usize,
    /// Replies said again because nobody could know.
    pub resent: i64,
    /// Kills that a message sat through as the suspect, at most.
    pub suspected: i64,
}

/// Waits until nothing waits and nothing is under way.
pub async fn settled(network: &Network, database: &TestDatabase) {
    let open = "select (select count(*) from inbox where state = 'waiting')
                     + (select count(*) from outbox where state in ('queued', 'sending', 'unknown', 'accepted'))";
    // The last copies are up to a minute away already.
    network
        .emulator
        .set_fault(FaultKind::DuplicateWebhooks, Fault::OFF);
    let settling = async {
        network.emulator.acknowledged().await;
        let mut tick = tokio::time::interval(Duration::from_millis(250));
        while scalar(database, open).await != 0 {
            tick.tick().await;
        }
        network.emulator.acknowledged().await;
    };
    if tokio::time::timeout(SETTLED_WITHIN, settling)
        .await
        .is_err()
    {
        let states = "select group_concat(state || ' ' || n) from (select state, count(*) as n from outbox group by state)";
        panic!(
            "{} things never settled; {} webhooks were not acknowledged; {}",
            scalar(database, open).await,
            network.emulator.unacknowledged(),
            if database.is_postgres() {
                String::new()
            } else {
                word(database, states).await
            },
        );
    }
}

/// Demands that everything acknowledged was answered once and in order.
pub async fn judge(ledger: &Ledger, database: &TestDatabase) -> Counts {
    let (mut counts, late) = count(ledger);
    for row in late {
        if was_under_way(database, &row).await {
            counts.stragglers += 1;
        } else {
            counts.disordered += 1;
        }
    }
    counts.resent = scalar(
        database,
        "select count(*) from outbox where attempts > 1 and rank >= 20",
    )
    .await;
    let suspected = "select cast(coalesce(max(alone), 0) as bigint) from inbox";
    counts.suspected = scalar(database, suspected).await;
    let others = ledger.record().others.clone();
    if counts.lost + counts.doubled + counts.disordered + others.len() > 0 {
        let ends = ends(database).await;
        panic!("{counts:?}; replies to nothing: {others:?}; how everything ended: {ends}");
    }
    let zero = async |what, sql| {
        assert_eq!(scalar(database, sql).await, 0, "{what}; {counts:?}");
    };
    zero(
        "messages that were not dealt with",
        "select count(*) from inbox where state <> 'done'",
    )
    .await;
    zero(
        "messages answered by two turns",
        "select count(*) from (select inbox_id from outbox group by inbox_id having count(*) > 1) as twice",
    )
    .await;
    zero(
        "replies that ended otherwise than sent or superseded",
        "select count(*) from outbox where state not in ('sent', 'delivered', 'superseded')",
    )
    .await;
    zero(
        "contacts with something waiting or a lease",
        "select count(*) from contacts where waiting <> 0 or lease_until <> 0",
    )
    .await;
    zero(
        "things put before a person",
        "select count(*) from attention where resolved_at is null",
    )
    .await;
    let messages = scalar(database, "select count(*) from inbox").await;
    assert_eq!(usize::try_from(messages), Ok(counts.messages));
    let superseded = "select count(*) from outbox where state = 'superseded'";
    let superseded = scalar(database, superseded).await;
    assert_eq!(usize::try_from(superseded), Ok(counts.superseded));
    if !database.is_postgres() {
        assert_eq!(word(database, "pragma integrity_check").await, "ok");
    }
    counts
}

fn count(ledger: &Ledger) -> (Counts, Vec<String>) {
    let record = ledger.record();
    let mut counts = Counts::default();
    let (mut rows, mut late) = (HashSet::new(), Vec::new());
    for conversation in record.contacts.values() {
        counts.contacts += 1;
        counts.messages += conversation.said.len();
        counts.replies += conversation.replies.len();
        let mut times: HashMap<usize, usize> = HashMap::new();
        let mut highest = 0;
        for (number, callback) in &conversation.replies {
            *times.entry(*number).or_default() += 1;
            let (row, _) = callback.rsplit_once('.').expect("our callback");
            // Said twice, whether by one row or by two.
            if times[number] > 1 || !rows.insert(row.to_owned()) {
                counts.doubled += 1;
            } else if *number < highest {
                late.push(row.to_owned());
            }
            highest = highest.max(*number);
        }
        for (place, (_, wamid)) in conversation.said.iter().enumerate() {
            let number = place + 1;
            let known = record.acknowledged.contains(wamid);
            assert!(known, "a message was never acknowledged");
            if times.contains_key(&number) {
                continue;
            }
            // A lost reply is not said late, after a newer one.
            if number < highest && !conversation.is_patient {
                counts.superseded += 1;
            } else {
                counts.lost += 1;
            }
        }
    }
    (counts, late)
}

/// Returns whether a row was being sent when another process took its number over.
async fn was_under_way(database: &TestDatabase, row: &str) -> bool {
    let mut conn = connect(database).await;
    let reason: Option<String> = sqlx::query_scalar("select reason from outbox where id = $1")
        .bind(row)
        .fetch_one(&mut conn)
        .await
        .expect("the row is there");
    let _ = conn.close().await;
    reason.is_some_and(|reason| reason == "the sender ended while it was being sent")
}

/// Returns how many messages and replies ended in which way, for whoever has to find out why.
async fn ends(database: &TestDatabase) -> String {
    let mut conn = connect(database).await;
    let rows: Vec<(String, String, String, i64, i64)> = sqlx::query_as(
        "select 'inbox', state, coalesce(outcome, ''), alone, count(*) from inbox
          group by state, outcome, alone
         union all
         select 'outbox', state, coalesce(reason, ''), doubts, count(*) from outbox
          group by state, reason, doubts",
    )
    .fetch_all(&mut conn)
    .await
    .expect("the query runs");
    let _ = conn.close().await;
    format!("{rows:#?}")
}

pub async fn scalar(database: &TestDatabase, sql: &'static str) -> i64 {
    let mut conn = connect(database).await;
    let value = sqlx::query_scalar(sql).fetch_one(&mut conn).await;
    let _ = conn.close().await;
    value.expect("the query runs")
}

async fn word(database: &TestDatabase, sql: &'static str) -> String {
    let mut conn = connect(database).await;
    let value = sqlx::query_scalar(sql).fetch_one(&mut conn).await;
    let _ = conn.close().await;
    value.expect("the query runs")
}

async fn connect(database: &TestDatabase) -> sqlx::AnyConnection {
    sipbrewery::storage::install_drivers();
    sqlx::AnyConnection::connect(database.url())
        .await
        .expect("the database is there")
}
