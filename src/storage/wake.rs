//! Wakes the next stage after a commit.
//!
//! A hint only: the database is the truth, and every stage also looks by itself from
//! time to time. In one process it is a [`Notify`]; between processes on PostgreSQL a
//! `NOTIFY` carries it, sent by one task at most 20 times a second, because each
//! takes a lock that every committing transaction shares.

use std::sync::Arc;
use std::time::Duration;

use sqlx::postgres::PgListener;
use tokio::sync::Notify;
use tokio::sync::futures::Notified;
use tokio_util::sync::CancellationToken;

use super::{Db, Engine};

const CHANNEL: &str = "sipbrewery_wake";

/// Says "there may be work" to one stage, here and in the other processes.
#[derive(Clone, Debug)]
pub struct Wake {
    name: &'static str,
    here: Arc<Notify>,
    everybody: Arc<Notify>,
    elsewhere: Arc<Notify>,
}

impl Wake {
    /// Returns a wake-up that nobody listens to yet.
    pub fn new(name: &'static str) -> Self {
        Self {
            name,
            here: Arc::new(Notify::new()),
            everybody: Arc::new(Notify::new()),
            elsewhere: Arc::new(Notify::new()),
        }
    }

    /// Wakes the stage.
    pub fn wake(&self) {
        self.wake_here();
        self.elsewhere.notify_one();
    }

    fn wake_here(&self) {
        self.here.notify_one();
        self.everybody.notify_waiters();
    }

    /// Waits to be woken; a wake-up that came before is not lost.
    pub async fn woken(&self) {
        self.here.notified().await;
    }

    /// Returns what ends when the stage is woken from now on, for a stage of several that
    /// all wait for the same: to be had before it looks whether there is work.
    pub fn next(&self) -> Notified<'_> {
        self.everybody.notified()
    }
}

impl Db {
    /// Carries wake-ups between the processes that share a PostgreSQL, until `stop`.
    pub async fn carry_wakes(&self, wakes: Vec<Wake>, stop: CancellationToken) {
        if self.engine() == Engine::Sqlite {
            // One process: everybody hears by themselves.
            stop.cancelled().await;
            return;
        }
        let senders = wakes.clone().into_iter().map(|wake| self.send_wakes(wake));
        tokio::select! {
            () = stop.cancelled() => {}
            _ = futures::future::join_all(senders) => {}
            () = hear_wakes(&self.inner.url, &wakes) => {}
        }
    }

    async fn send_wakes(&self, wake: Wake) {
        loop {
            wake.elsewhere.notified().await;
            // Lost hints cost a tick of the polling, no more.
            if let Ok(mut conn) = self.read().await {
                let sent = sqlx::query("select pg_notify($1, $2)")
                    .bind(CHANNEL)
                    .bind(wake.name)
                    .execute(&mut *conn)
                    .await;
                if let Err(error) = sent {
                    tracing::debug!(%error, "a wake-up was not sent");
                }
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

async fn hear_wakes(url: &str, wakes: &[Wake]) {
    loop {
        if let Err(error) = listen(url, wakes).await {
            tracing::warn!(%error, "not hearing the other processes; looking by ourselves meanwhile");
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

async fn listen(url: &str, wakes: &[Wake]) -> sqlx::Result<()> {
    let mut listener = PgListener::connect(url).await?;
    listener.listen(CHANNEL).await?;
    loop {
        let heard = listener.recv().await?;
        for wake in wakes.iter().filter(|wake| wake.name == heard.payload()) {
            wake.wake_here();
        }
    }
}
