//! The audit trail: who did what to whom, in an order nobody can change unseen.
//!
//! A row is written in the transaction of the deed. A task chains the rows within a
//! second: `hash = HMAC(key, hash before ‖ row)`. Chaining in the deed's transaction
//! would make every turn wait for every other.
//!
//! Cutting off the end of the chain, or putting an old copy of the whole database back,
//! does not show here; that takes an anchor outside, which [`verify`]'s answer is for.

use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use sha2::Sha256;
use tokio_util::sync::CancellationToken;

use super::Keyring;
use super::store::{AuditRow, chain_rows, chained, head, unchained};
use crate::id::{AuditId, Ids};
use crate::storage::{Conn, Db, Error};

/// How often new rows are chained.
const EVERY: Duration = Duration::from_millis(500);
/// Rows chained in one write.
const TOGETHER: i64 = 500;

/// Records a deed, on the transaction that does it.
pub async fn record(
    conn: &mut Conn,
    ids: &Ids,
    actor: &str,
    action: &str,
    subject: &str,
    now: Timestamp,
) -> Result<(), Error> {
    let id = ids.next::<AuditId>(now).to_string();
    super::store::insert_audit(conn, &id, now, actor, action, subject).await
}

/// Chains new rows until `stop`. Two processes may: each row gets one place.
pub async fn chain(db: Db, keys: Keyring, stop: CancellationToken) {
    loop {
        match chain_once(&db, &keys).await {
            Ok(rows) if rows == TOGETHER => continue,
            Ok(_) => {}
            Err(error) => {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "audit rows could not be chained; trying again"
                );
            }
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(EVERY) => {}
        }
    }
}

/// Chains what is not chained yet, up to a batch; returns how many rows that were.
async fn chain_once(db: &Db, keys: &Keyring) -> Result<i64, Error> {
    if unchained(&mut *db.read().await?, 1, "").await?.is_empty() {
        return Ok(0);
    }
    let input = (keys.clone(), db.lock_rows());
    db.write(input, |conn, (keys, lock_rows)| {
        Box::pin(async move {
            let (mut seq, mut before) = head(conn, lock_rows).await?;
            let rows = unchained(conn, TOGETHER, lock_rows).await?;
            let mut places = Vec::with_capacity(rows.len());
            for row in &rows {
                seq += 1;
                before = link(keys, &before, seq, row).to_vec();
                places.push((row.id.clone(), seq, before.clone()));
            }
            chain_rows(conn, &places).await?;
            Ok(i64::try_from(rows.len()).unwrap_or(0))
        })
    })
    .await
}

fn link(keys: &Keyring, before: &[u8], seq: i64, row: &AuditRow) -> [u8; 32] {
    let mut mac =
        Hmac::<Sha256>::new_from_slice(&keys.blind("audit", "chain")).expect("HMAC takes any key");
    mac.update(before);
    mac.update(&seq.to_be_bytes());
    mac.update(&row.at.to_be_bytes());
    for text in [&row.id, &row.actor, &row.action, &row.subject] {
        // Lengths go in too, so that no two rows read the same.
        mac.update(&u64::try_from(text.len()).unwrap_or(u64::MAX).to_be_bytes());
        mac.update(text.as_bytes());
    }
    mac.finalize().into_bytes().into()
}

/// What the trail looks like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trail {
    /// Every row is where it was put; the number of rows, to be noted elsewhere.
    Whole(i64),
    /// The first place that is not as it was written.
    BrokenAt(i64),
}

/// Checks every chained row.
pub async fn verify(db: &Db, keys: &Keyring) -> Result<Trail, Error> {
    let mut conn = db.read().await?;
    let mut before: Vec<u8> = Vec::new();
    let mut last = 0;
    loop {
        let rows = chained(&mut conn, last, TOGETHER).await?;
        for (seq, hash, row) in &rows {
            let expected = link(keys, &before, last + 1, row);
            if *seq != last + 1 || hash.as_slice() != expected {
                return Ok(Trail::BrokenAt(last + 1));
            }
            last = *seq;
            before.clone_from(hash);
        }
        if rows.is_empty() {
            return Ok(Trail::Whole(last));
        }
    }
}
