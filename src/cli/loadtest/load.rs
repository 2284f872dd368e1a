//! Sends the messages: each person always over the same connection, so that their
//! messages arrive in order.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::book::Book;
use super::client::Connection;
use super::run::Plan;
use super::script::{self, Script};
use super::subject::Keys;
use crate::clock::Clock;
use crate::whatsapp::AppSecret;

/// Messages made ready for each second of sending as fast as it goes.
const READY: u64 = 12_000;
/// WhatsApp allows 45 messages to one person at once, and one more every six seconds; more
/// would measure the pacing.
const EACH: u64 = 40;
const ONE_MORE_EVERY: u64 = 6;
/// Meta waits before it delivers again what was not acknowledged.
const AGAIN: Duration = Duration::from_millis(200);

/// Where to send what.
pub(super) struct Load<'a> {
    pub(super) plan: &'a Plan,
    pub(super) script: &'a Script,
    pub(super) keys: &'a Keys,
    pub(super) address: SocketAddr,
    pub(super) book: &'a Arc<Book>,
    /// When the first message of all was sent.
    pub(super) began: Instant,
}

/// What was sent.
pub(super) struct Sent {
    pub(super) started: Instant,
    pub(super) took: Duration,
    pub(super) count: u64,
    /// Answers other than 200; what they refused was sent again.
    pub(super) refused: u64,
    /// How many each writer has sent at most, this and all times before.
    pub(super) each: u32,
}

/// A message ready to go.
struct Ready {
    number: u64,
    writer: u32,
    request: Vec<u8>,
    marker: Option<String>,
}

impl Load<'_> {
    /// Sends for so long; each writer goes on after their `first` messages.
    pub(super) async fn send(&self, span: Duration, first: u32) -> anyhow::Result<Sent> {
        let plan = self.plan;
        let wanted = plan.rate.map_or(READY, u64::from) * span.as_secs();
        let may = EACH + self.began.elapsed().as_secs() / ONE_MORE_EVERY;
        let each = may.saturating_sub(u64::from(first));
        let count = wanted
            .min(plan.messages)
            .min(u64::from(plan.writers) * each);
        let every = plan.rate.map(|rate| Duration::from_secs(1) / rate);
        let lanes = self.make_ready(count, first);
        let started = Instant::now();
        let tasks: Vec<_> = lanes
            .into_iter()
            .map(|messages| {
                let lane = Lane {
                    connection: Connection::to(self.address),
                    book: Arc::clone(self.book),
                    started,
                    until: started + span,
                    every,
                };
                tokio::spawn(lane.run(messages))
            })
            .collect();
        let (mut sent, mut refused) = (0, 0);
        for task in tasks {
            let (more, no) = task.await?;
            sent += more;
            refused += no;
        }
        let rounds = count.div_ceil(u64::from(plan.writers));
        Ok(Sent {
            started,
            took: started.elapsed(),
            count: sent,
            refused,
            each: first + u32::try_from(rounds).unwrap_or(u32::MAX),
        })
    }

    /// Makes the requests, one list for each connection.
    fn make_ready(&self, count: u64, first: u32) -> Vec<Vec<Ready>> {
        let secret = AppSecret::new(&self.keys.app_secret);
        let host = self.address.to_string();
        let now = Clock::system().now().as_second();
        let mut lanes: Vec<Vec<Ready>> = Vec::new();
        lanes.resize_with(self.plan.connections as usize, Vec::new);
        for number in 0..count {
            let writers = u64::from(self.plan.writers);
            let small = |n: u64| u32::try_from(n).unwrap_or(u32::MAX);
            let (writer, nth) = (small(number % writers), first + small(number / writers));
            let person = self.plan.person(writer);
            let line = self.script.line(person, nth);
            let request = script::request(self.keys, &secret, &host, (person, nth), &line, now);
            lanes[(writer % self.plan.connections) as usize].push(Ready {
                number,
                writer,
                request,
                marker: line.marker,
            });
        }
        lanes
    }
}

/// One connection's part.
struct Lane {
    connection: Connection,
    book: Arc<Book>,
    started: Instant,
    until: Instant,
    every: Option<Duration>,
}

impl Lane {
    async fn run(mut self, messages: Vec<Ready>) -> (u64, u64) {
        let (mut sent, mut refused) = (0, 0);
        for message in messages {
            let at = self.turn_of(&message).await;
            if at >= self.until {
                break;
            }
            self.book.asked(message.writer, at, message.marker);
            sent += 1;
            while !matches!(self.connection.post(&message.request).await, Ok(200)) {
                refused += 1;
                tokio::time::sleep(AGAIN).await;
                if refused > 1_000 {
                    return (sent, refused);
                }
            }
            self.book.acknowledged(at);
        }
        (sent, refused)
    }

    /// Waits until a message is due, and returns when it is taken to be sent: a message
    /// that had to wait for the one before it was late through no fault of its own.
    async fn turn_of(&self, message: &Ready) -> Instant {
        let now = Instant::now();
        let Some(every) = self.every else {
            return now;
        };
        let number = u32::try_from(message.number).unwrap_or(u32::MAX);
        let due = self.started + every * number;
        if due <= now {
            return due;
        }
        tokio::time::sleep_until(due.into()).await;
        Instant::now()
    }
}
