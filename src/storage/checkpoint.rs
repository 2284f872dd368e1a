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
/// Pages below which one more pass would not make the writer's part any shorter.
const HARDLY_ANY: i64 = 64;
/// How often it is tried to empty the log at the end, and the pause between.
const TRIES: u32 = 20;
const PAUSE: Duration = Duration::from_millis(10);

/// Copies the write-ahead log into the database file beside the writer, which does not
/// wait for it. Once nearly all is copied, the writer copies the few pages that came
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
        let pages = copy_nearly_all(&mut conn).await.unwrap_or(0);
        let request = match pages {
            ..BEGIN_ANEW_ABOVE => continue,
            BEGIN_ANEW_ABOVE..TRUNCATE_ABOVE => Request::CopyLog,
            _ => Request::Truncate,
        };
        let _ = queue.try_send(request);
    }
}

/// Copies, and again what came meanwhile, for as long as that gets less: the writer stands
/// still for what is left. Returns the pages in the log.
async fn copy_nearly_all(conn: &mut Conn) -> Result<i64, sqlx::Error> {
    let (mut before, mut last) = (0, i64::MAX);
    loop {
        let Copied { pages, of_them } = copy_log(conn).await?;
        let copied = of_them - before;
        if !is_worth_a_pass_more(copied, last) {
            return Ok(pages);
        }
        (before, last) = (of_them, copied);
    }
}

/// Says whether, after a pass that copied so many pages, and the one before it `last`, much
/// may be left that a further pass would make less. Under a load as fast as copying is none
/// does.
fn is_worth_a_pass_more(copied: i64, last: i64) -> bool {
    copied >= HARDLY_ANY && copied <= last / 2
}

/// The pages in the log, and how many of them the file has by now.
pub(super) struct Copied {
    pages: i64,
    of_them: i64,
}

/// Copies what can be copied without waiting for anybody.
pub(super) async fn copy_log(conn: &mut Conn) -> Result<Copied, sqlx::Error> {
    let row = sqlx::query("pragma wal_checkpoint(passive)")
        .fetch_one(conn)
        .await?;
    Ok(Copied {
        pages: row.try_get(1)?,
        of_them: row.try_get(2)?,
    })
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

#[cfg(test)]
mod tests {
    use super::{HARDLY_ANY, is_worth_a_pass_more};

    /// The passes made while for each page copied `written` hundredths of a page are.
    fn passes(mut copied: i64, written: i64) -> u32 {
        let (mut last, mut passes) = (i64::MAX, 1);
        while is_worth_a_pass_more(copied, last) {
            (last, copied) = (copied, copied * written / 100);
            passes += 1;
        }
        passes
    }

    #[test]
    fn copying_goes_on_until_hardly_a_page_is_left_and_ends_where_it_cannot_catch_up() {
        assert_eq!(passes(HARDLY_ANY - 1, 0), 1, "there was hardly any to copy");
        assert_eq!(passes(10_000, 20), 5, "10,000, 2,000, 400, 80 and 16");
        assert_eq!(passes(10_000, 100), 2, "as many come as are copied");
        assert_eq!(passes(10_000, 300), 2, "more come than are copied");
    }
}
