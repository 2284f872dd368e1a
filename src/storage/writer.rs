//! How a write is run: one writer with a shared commit on SQLite, a transaction each
//! on PostgreSQL.

use std::collections::VecDeque;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;
use sqlx::{AnyConnection, AnyPool, Connection};
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use super::error::is_disk_failure;
use super::{Conn, Error, checkpoint, engine};

/// Writes that may wait; more are turned away, so that a caller learns at once.
const WAITING: usize = 4_096;
/// Writes that share a commit even while webhooks wait for theirs.
const A_FEW: usize = 6;
/// Writes that share a commit at most.
const TOGETHER: usize = 256;
/// How often a transaction that collided is run again.
const COLLISIONS: u32 = 8;

/// The single writer of a SQLite file.
pub(super) struct Writer {
    /// What somebody outside waits for: it never waits for more than one other write.
    first: mpsc::Sender<Box<dyn Operation>>,
    queue: mpsc::Sender<Request>,
}

/// Whether a write goes before those that wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Urgency {
    /// Somebody outside waits for it: on SQLite it goes before every write that waits, and
    /// is committed apart from them.
    First,
    /// After those that were asked for before.
    InTurn,
    /// Work by the thousand, which is done again if it is lost: after all other writes that
    /// wait, and on disk no sooner than whatever is committed next. What it makes somebody
    /// do outside this process has a write of its own before it, and so finds it on disk.
    InBulk,
}

pub(super) enum Request {
    Write(Box<dyn Operation>),
    InBulk(Box<dyn Operation>),
    CopyLog,
    Truncate,
    Stop(oneshot::Sender<()>),
}

/// One write, whatever it takes and gives.
pub(super) trait Operation: Send {
    fn run<'a>(&'a mut self, conn: &'a mut Conn) -> BoxFuture<'a, Result<(), Error>>;
    fn settle(self: Box<Self>, outcome: Result<(), Error>);
}

struct Write<I, T, F> {
    input: I,
    run: F,
    value: Option<T>,
    reply: oneshot::Sender<Result<T, Error>>,
}

impl<I, T, F> Operation for Write<I, T, F>
where
    I: Send + Sync,
    T: Send,
    F: for<'c> Fn(&'c mut Conn, &'c I) -> BoxFuture<'c, Result<T, Error>> + Send + Sync,
{
    fn run<'a>(&'a mut self, conn: &'a mut Conn) -> BoxFuture<'a, Result<(), Error>> {
        Box::pin(async move {
            let running = AssertUnwindSafe((self.run)(conn, &self.input)).catch_unwind();
            let value = running
                .await
                .unwrap_or_else(|_| Err(anyhow::anyhow!("a write panicked").into()))?;
            self.value = Some(value);
            Ok(())
        })
    }

    fn settle(self: Box<Self>, outcome: Result<(), Error>) {
        let value = self.value;
        let answer = outcome.and_then(|()| {
            value.ok_or_else(|| Error::Unavailable("a write was not run".to_owned()))
        });
        // The asker may have gone; what was committed stays committed.
        let _ = self.reply.send(answer);
    }
}

impl Writer {
    pub(super) async fn start(url: &str, failed: CancellationToken) -> Result<Self, Error> {
        let conn = engine::connect_inline(url).await?;
        let checkpointer = engine::connect_writer(url).await?;
        let (queue, requests) = mpsc::channel(WAITING);
        let (first, urgent) = mpsc::channel(WAITING);
        let committed = Arc::new(AtomicBool::new(false));
        tokio::spawn(checkpoint::run(
            checkpointer,
            Arc::clone(&committed),
            queue.downgrade(),
        ));
        run_on_a_thread(run(conn, urgent, requests, committed, failed))?;
        Ok(Self { first, queue })
    }

    pub(super) async fn write<I, T, F>(
        &self,
        urgency: Urgency,
        input: I,
        run: F,
    ) -> Result<T, Error>
    where
        I: Send + Sync + 'static,
        T: Send + 'static,
        F: for<'c> Fn(&'c mut Conn, &'c I) -> BoxFuture<'c, Result<T, Error>>
            + Send
            + Sync
            + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let write = Write {
            input,
            run,
            value: None,
            reply,
        };
        let write = Box::new(write);
        let taken = match urgency {
            Urgency::First => self.first.try_send(write).is_ok(),
            Urgency::InTurn => self.queue.try_send(Request::Write(write)).is_ok(),
            Urgency::InBulk => self.queue.try_send(Request::InBulk(write)).is_ok(),
        };
        if !taken {
            let why = "too many writes are waiting, or none is taken any more";
            return Err(Error::Unavailable(why.to_owned()));
        }
        let gone = |_| Error::Unavailable("the writer stopped".to_owned());
        answer.await.map_err(gone)?
    }

    pub(super) async fn stop(&self) {
        let (reply, answer) = oneshot::channel();
        if self.queue.send(Request::Stop(reply)).await.is_ok() {
            let _ = answer.await;
        }
    }
}

/// Gives the writer a thread of its own, on which its connection runs its statements.
fn run_on_a_thread(writing: impl Future<Output = ()> + Send + 'static) -> Result<(), Error> {
    let cannot = |error| Error::Setup(format!("cannot start the thread that writes: {error}"));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .map_err(cannot)?;
    std::thread::Builder::new()
        .name("writer".to_owned())
        .spawn(move || runtime.block_on(writing))
        .map_err(cannot)?;
    Ok(())
}

async fn run(
    mut conn: AnyConnection,
    mut first: mpsc::Receiver<Box<dyn Operation>>,
    mut requests: mpsc::Receiver<Request>,
    has_committed: Arc<AtomicBool>,
    failed: CancellationToken,
) {
    let mut taken = Vec::with_capacity(TOGETHER);
    let (mut urgent, mut waiting, mut bulk) = (VecDeque::new(), VecDeque::new(), VecDeque::new());
    let mut stop = None;
    loop {
        if waiting.is_empty() && bulk.is_empty() {
            tokio::select! {
                biased;
                Some(write) = first.recv() => urgent.push_back(write),
                request = requests.recv() => match request {
                    Some(request) => taken.push(request),
                    None => return,
                }
            }
        }
        while urgent.len() < TOGETHER
            && let Ok(write) = first.try_recv()
        {
            urgent.push_back(write);
        }
        while waiting.len() + bulk.len() + taken.len() < TOGETHER
            && let Ok(request) = requests.try_recv()
        {
            taken.push(request);
        }
        for request in taken.drain(..) {
            match request {
                Request::Write(write) => waiting.push_back(write),
                Request::InBulk(write) => bulk.push_back(write),
                Request::CopyLog => {
                    // What fails to be copied now is copied another time.
                    let _ = checkpoint::copy_log(&mut conn).await;
                }
                Request::Truncate => {
                    checkpoint::truncate(&mut conn).await;
                }
                Request::Stop(reply) => stop = Some(reply),
            }
        }
        if !(urgent.is_empty() && waiting.is_empty() && bulk.is_empty()) {
            has_committed.store(true, Ordering::Relaxed);
        }
        let mut committed = commit_together(&mut conn, &mut urgent, || true).await;
        if committed.is_ok() {
            // Nobody outside is kept waiting for all of these, and none of these for ever.
            let mut ran = 0;
            let may_go_on = || {
                ran += 1;
                ran < A_FEW || first.is_empty()
            };
            committed = commit_together(&mut conn, &mut waiting, may_go_on).await;
        }
        if committed.is_ok() && !bulk.is_empty() {
            let may_go_on = || first.is_empty() && requests.is_empty();
            committed = commit_in_bulk(&mut conn, &mut bulk, may_go_on).await;
        }
        if let Err(error) = committed {
            tracing::error!(%error, "the disk failed under a commit; nothing more is acknowledged");
            failed.cancel();
            return;
        }
        if waiting.is_empty()
            && bulk.is_empty()
            && let Some(reply) = stop.take()
        {
            checkpoint::empty(&mut conn).await;
            let _ = conn.close().await;
            let _ = reply.send(());
            return;
        }
    }
}

/// As [`commit_together`], without waiting for the disk: the log keeps its order, so that
/// these are on it as soon as anything later is.
async fn commit_in_bulk(
    conn: &mut Conn,
    writes: &mut VecDeque<Box<dyn Operation>>,
    may_go_on: impl FnMut() -> bool,
) -> Result<(), sqlx::Error> {
    sqlx::query("pragma synchronous = normal")
        .execute(&mut *conn)
        .await?;
    let committed = commit_together(conn, writes, may_go_on).await;
    sqlx::query("pragma synchronous = full")
        .execute(&mut *conn)
        .await?;
    committed
}

/// Runs writes in one transaction, for as long as it may go on, and settles each. An
/// error is a disk failure.
///
/// No savepoint is set while all goes well. When a write fails, everything of this
/// transaction is undone and run again, this time each write behind a savepoint of its own.
async fn commit_together(
    conn: &mut Conn,
    writes: &mut VecDeque<Box<dyn Operation>>,
    mut may_go_on: impl FnMut() -> bool,
) -> Result<(), sqlx::Error> {
    if writes.is_empty() {
        return Ok(());
    }
    let mut ran = Vec::with_capacity(writes.len());
    let committed = async {
        sqlx::query("begin immediate").execute(&mut *conn).await?;
        let mut all_well = true;
        while all_well && let Some(mut write) = writes.pop_front() {
            let outcome = write.run(conn).await;
            all_well = outcome.is_ok();
            ran.push((write, outcome));
            if !may_go_on() {
                break;
            }
        }
        if all_well {
            sqlx::query("commit").execute(&mut *conn).await?;
        } else {
            sqlx::query("rollback").execute(&mut *conn).await?;
            if ran.len() > 1 {
                run_apart(conn, &mut ran).await?;
            }
        }
        Ok::<(), sqlx::Error>(())
    }
    .await;
    match committed {
        Ok(()) => {
            for (write, outcome) in ran {
                write.settle(outcome);
            }
            Ok(())
        }
        Err(error) => {
            let ran = ran.into_iter().map(|(write, _)| write);
            for write in ran.chain(writes.drain(..)) {
                write.settle(Err(Error::Unavailable(error.to_string())));
            }
            if is_disk_failure(&error) {
                return Err(error);
            }
            tracing::error!(%error, "a commit failed and was undone");
            // The engine may have undone it already, which makes this one fail.
            let _ = sqlx::query("rollback").execute(&mut *conn).await;
            Ok(())
        }
    }
}

/// A write that was run, and what came of it.
type Ran = (Box<dyn Operation>, Result<(), Error>);

/// Runs writes again, so that one that fails undoes nobody else's.
async fn run_apart(conn: &mut Conn, writes: &mut [Ran]) -> Result<(), sqlx::Error> {
    sqlx::query("begin immediate").execute(&mut *conn).await?;
    for (write, outcome) in writes {
        sqlx::query("savepoint one").execute(&mut *conn).await?;
        *outcome = write.run(conn).await;
        let end = if outcome.is_ok() {
            "release one"
        } else {
            "rollback to one; release one"
        };
        sqlx::query(end).execute(&mut *conn).await?;
    }
    sqlx::query("commit").execute(&mut *conn).await?;
    Ok(())
}

/// Runs one write as a transaction of its own, again after a collision.
pub(super) async fn write_on_pool<I, T, F>(
    pool: &AnyPool,
    urgency: Urgency,
    input: &I,
    run: &F,
) -> Result<T, Error>
where
    I: Sync,
    F: for<'c> Fn(&'c mut Conn, &'c I) -> BoxFuture<'c, Result<T, Error>>,
{
    let mut collisions = 0;
    loop {
        match try_write(pool, urgency, input, run).await {
            Err(error) if error.is_collision() && collisions < COLLISIONS => {
                collisions += 1;
                let pause = 2_u64.pow(collisions.min(6)) + rand::random_range(0..4);
                tokio::time::sleep(Duration::from_millis(pause)).await;
            }
            other => return other,
        }
    }
}

async fn try_write<I, T, F>(
    pool: &AnyPool,
    urgency: Urgency,
    input: &I,
    run: &F,
) -> Result<T, Error>
where
    I: Sync,
    F: for<'c> Fn(&'c mut Conn, &'c I) -> BoxFuture<'c, Result<T, Error>>,
{
    let mut tx = pool.begin().await?;
    if urgency == Urgency::InBulk {
        sqlx::query("set local synchronous_commit = off")
            .execute(&mut *tx)
            .await?;
    }
    let running = AssertUnwindSafe(run(&mut tx, input)).catch_unwind();
    let value = running
        .await
        .unwrap_or_else(|_| Err(anyhow::anyhow!("a write panicked").into()))?;
    tx.commit().await?;
    Ok(value)
}
