//! The durable path and the emulator in one process, over real HTTP both ways, on one
//! clock that is moved by hand.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use futures::future::BoxFuture;
use sipbrewery::clock::Clock;
use sipbrewery::pipeline::{Call, Channel, Courtesy, Intake};
use sipbrewery::sandbox::{Builder, Emulator};
use sipbrewery::security::MasterKeys;
use sipbrewery::whatsapp::media::File;
use sipbrewery::whatsapp::{GraphClient, NotUploaded, SendOutcome};
use tokio_util::sync::CancellationToken;

use super::line::{RATE, Recorder};
use super::network::{ACCESS_TOKEN, NUMBER, credentials, serve};
use super::{Line, TestDatabase};

/// What a call may take: short, so that a hanging one does not hold up the test.
const TIMEOUT: Duration = Duration::from_millis(1_500);
/// The same, where hundreds of calls hang.
const SHORT: Duration = Duration::from_millis(250);
/// Nobody listens there.
const NOWHERE: &str = "http://127.0.0.1:9";

/// A line with the emulator at its other end.
pub struct Wire {
    pub line: Arc<Line>,
    pub emulator: Emulator,
    graph: Arc<Graph>,
    stop: CancellationToken,
}

/// How a wire is put together.
struct Set {
    emulator: fn(Builder) -> Builder,
    timeout: Duration,
    per_second: u32,
    receipts: bool,
}

const USUAL: Set = Set {
    emulator: |builder| builder.chat_length(0),
    timeout: TIMEOUT,
    per_second: RATE,
    receipts: false,
};

impl Wire {
    /// Starts over a number that may send so many messages a second and gives up on a call
    /// soon.
    pub async fn start(clock: Clock, per_second: u32) -> Self {
        let set = Set {
            timeout: SHORT,
            per_second,
            ..USUAL
        };
        Self::with(clock, set).await
    }

    /// As [`Self::start`], with phones that keep what they show, and a service that shows
    /// what it read.
    pub async fn with_phones(clock: Clock) -> Self {
        let set = Set {
            emulator: |builder| builder,
            receipts: true,
            ..USUAL
        };
        Self::with(clock, set).await
    }

    async fn with(clock: Clock, set: Set) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let emulator = (set.emulator)(credentials(Emulator::builder()))
            .clock(clock.clone())
            .log_length(0)
            .build()
            .await
            .expect("an emulator without a file");
        let graph = serve(emulator.graph_router()).await;
        let graph = Arc::new(Graph {
            there: client(&graph, set.timeout),
            nowhere: client(NOWHERE, set.timeout),
            is_gone: AtomicBool::new(false),
        });
        let line = Line::over(
            Arc::new(TestDatabase::create().await),
            MasterKeys::generate(),
            clock,
            Arc::new(Recorder::default()),
            graph.clone(),
            set.receipts.then(|| graph.clone() as _),
            set.per_second,
        )
        .await;
        let line = Arc::new(line);
        let routes = Router::new()
            .route("/", post(take))
            .with_state(Arc::clone(&line));
        emulator.set_callback_url(serve(routes).await);
        let stop = CancellationToken::new();
        emulator.spawn_delivery(stop.clone());
        Self {
            line,
            emulator,
            graph,
            stop,
        }
    }

    /// Has every connection to Meta refused from now on, or none.
    pub fn refuse_connections(&self, refused: bool) {
        self.graph.is_gone.store(refused, Ordering::SeqCst);
    }

    /// Lets people say something each, and waits until every answer was tried to be sent.
    pub async fn say(&self, people: &[(&str, &str)]) {
        let answers = self.line.scalar("select count(*) from outbox").await;
        for (name, text) in people {
            self.emulator.say(name, text);
        }
        let more = i64::try_from(people.len()).expect("a small number");
        self.line
            .until("select count(*) from outbox", answers + more)
            .await;
        self.idle().await;
    }

    /// Waits until nothing is under way and nothing is due before the clock moves.
    async fn idle(&self) {
        let idle = async {
            loop {
                self.emulator.quiet().await;
                if self.due().await == 0 {
                    return;
                }
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_mins(1), idle)
            .await
            .expect("everything due happens");
    }

    async fn due(&self) -> i64 {
        let ground = &self.line.ground;
        let mut conn = ground.db.read().await.expect("a connection");
        sqlx::query_scalar(
            "select count(*) from outbox
              where state in ('queued', 'sending') or state = 'unknown' and due_at <= $1",
        )
        .bind(ground.clock.now().as_millisecond())
        .fetch_one(&mut *conn)
        .await
        .expect("a count")
    }

    /// Returns how many messages were put before a person.
    pub async fn shown(&self) -> i64 {
        self.line
            .scalar("select count(*) from attention where resolved_at is null")
            .await
    }

    /// Moves the clock and waits until everything due has happened.
    pub async fn pass(&self, span: Duration) {
        self.line.ground.clock.advance(span);
        self.line.ground.wakes.sender.wake();
        self.idle().await;
    }

    /// Moves the clock and waits until no call is under way; what waits may wait on.
    pub async fn step(&self, span: Duration) {
        self.line.ground.clock.advance(span);
        self.line.ground.wakes.sender.wake();
        self.emulator.quiet().await;
        self.line
            .until("select count(*) from outbox where state = 'sending'", 0)
            .await;
    }

    /// Returns how the newest message to somebody stands.
    pub async fn state(&self, name: &str) -> String {
        let ground = &self.line.ground;
        let mut conn = ground.db.read().await.expect("a connection");
        let contact = sipbrewery::contacts::store::find(&mut conn, &ground.keys, name)
            .await
            .expect("the query runs")
            .expect("somebody who wrote");
        sqlx::query_scalar(
            "select state from outbox where contact_id = $1 order by id desc limit 1",
        )
        .bind(contact.to_string())
        .fetch_one(&mut *conn)
        .await
        .expect("an answer")
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// Meta, or nobody.
struct Graph {
    there: GraphClient,
    nowhere: GraphClient,
    is_gone: AtomicBool,
}

impl Graph {
    fn client(&self) -> &GraphClient {
        if self.is_gone.load(Ordering::SeqCst) {
            &self.nowhere
        } else {
            &self.there
        }
    }
}

fn client(graph: &str, timeout: Duration) -> GraphClient {
    let token = ACCESS_TOKEN.to_owned().into();
    GraphClient::new(graph, "v24.0", NUMBER, &token, timeout).expect("sound settings")
}

impl Channel for Graph {
    fn send<'a>(&'a self, call: &'a Call) -> BoxFuture<'a, SendOutcome> {
        let request = call.message.request(&call.to, &call.callback);
        let body = serde_json::to_vec(&request).expect("a JSON value is plain data");
        Box::pin(self.client().send(body))
    }

    fn upload(&self, file: File) -> BoxFuture<'_, Result<String, NotUploaded>> {
        Box::pin(self.client().upload(file))
    }
}

impl Courtesy for Graph {
    fn read<'a>(&'a self, wamid: &'a str) -> BoxFuture<'a, bool> {
        Box::pin(async move { self.client().mark_read(wamid).await.is_ok() })
    }

    fn typing<'a>(&'a self, wamid: &'a str) -> BoxFuture<'a, bool> {
        Box::pin(async move { self.client().show_typing(wamid).await.is_ok() })
    }
}

async fn take(State(line): State<Arc<Line>>, body: Bytes) -> StatusCode {
    match line.deliver(&body).await {
        Intake::Stored => StatusCode::OK,
        other => panic!("the emulator's webhook was {other:?}"),
    }
}
