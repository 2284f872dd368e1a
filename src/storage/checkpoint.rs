//! Brings what was committed from the write-ahead log of a SQLite file into the file.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use sqlx::{AnyConnection, Row as _};
use tokio::sync::mpsc;

use super::Conn;
use super::engine::BUSY_TIMEOUT;
use super::writer::Request;

/// Pages in the write-ahead log above which it is to begin anew (8 MB).
const BEGIN_ANEW_ABOVE: i64 = 2_048;
/// Pages above which the writer stands still to empty it (128 MB): somebody has been
/// reading all the time, and it could not begin anew.
const TRUNCATE_ABOVE: i64 = 32_768;
/// How often it is tried to empty the log at the end, and the pause between.
const TRIES: u32 = 20;
const PAUSE: Duration = Duration::from_millis(10);

/// Copies the write-ahead log into the database file beside the writer, which does not
/// wait for it. Once nearly all is copied, the writer copies the little that came
/// meanwhile: then its next write begins the log anew, in the room the log has already,
/// which costs far less than emptying the file and letting it grow again.
pub(super) async fn run(
    mut conn: AnyConnection,
    committed: Arc<AtomicBool>,
    writer: mpsc::WeakSender<Request>,
) {
    let mut every = tokio::time::interval(Duration::from_millis(500));
    every.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        every.tick().await;
        let Some(queue) = writer.upgrade() else {
            return;
        };
        if !committed.swap(false, Ordering::Relaxed) {
            continue;
        }
        let pages = copy_log(&mut conn).await.unwrap_or(0);
        let request = match pages {
            ..BEGIN_ANEW_ABOVE => continue,
            BEGIN_ANEW_ABOVE..TRUNCATE_ABOVE => Request::CopyLog,
            _ => Request::Truncate,
        };
        let _ = queue.try_send(request);
    }
}

/// Copies what can be copied without waiting for anybody; returns the pages in the log.
pub(super) async fn copy_log(conn: &mut Conn) -> Result<i64, sqlx::Error> {
    let row = sqlx::query("pragma wal_checkpoint(passive)")
        .fetch_one(conn)
        .await?;
    row.try_get(1)
}

/// Empties the log for good, before its file is closed. A checkpoint that another connection
/// is at stands in the way only for a moment.
pub(super) async fn empty(conn: &mut Conn) {
    for _ in 0..TRIES {
        if truncate(conn).await {
            return;
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// Copies all of the log and empties it, if nobody stands in the way; returns whether it is
/// empty.
pub(super) async fn truncate(conn: &mut Conn) -> bool {
    let emptied = async {
        // Whoever reads for long is not waited for: the log is emptied another time.
        let set = sqlx::query("pragma busy_timeout = 50");
        set.execute(&mut *conn).await?;
        // Brings this connection's view of the log up to date. Emptying with an old view,
        // after another connection wrote, waits for itself until the busy timeout.
        let copied = copy_log(conn).await;
        let emptying = sqlx::query("pragma wal_checkpoint(truncate)");
        let emptied = emptying.fetch_one(&mut *conn).await;
        let set = sqlx::query(BUSY_TIMEOUT);
        set.execute(&mut *conn).await?;
        copied?;
        Ok::<bool, sqlx::Error>(emptied?.try_get::<i64, _>(0)? == 0)
    };
    emptied.await.unwrap_or_else(|error| {
        tracing::warn!(%error, "the write-ahead log could not be emptied");
        false
    })
}
