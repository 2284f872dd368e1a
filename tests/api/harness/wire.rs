//! The durable path and the emulator in one process, over real HTTP both ways, on one
//! clock that is moved by hand.

use std::sync::Arc;
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

use super::line::Recorder;
use super::network::{ACCESS_TOKEN, NUMBER, credentials, serve};
use super::{Line, TestDatabase};

/// What a call may take: short, so that a hanging one does not hold up the test.
const TIMEOUT: Duration = Duration::from_millis(1_500);

/// A line with the emulator at its other end.
pub struct Wire {
    pub line: Arc<Line>,
    pub emulator: Emulator,
    stop: CancellationToken,
}

impl Wire {
    pub async fn start(clock: Clock) -> Self {
        Self::with(clock, |builder| builder.chat_length(0), false).await
    }

    /// As [`Self::start`], with phones that keep what they show, and a service that shows
    /// what it read.
    pub async fn with_phones(clock: Clock) -> Self {
        Self::with(clock, |builder| builder, true).await
    }

    async fn with(clock: Clock, set_up: fn(Builder) -> Builder, receipts: bool) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let emulator = set_up(credentials(Emulator::builder()))
            .clock(clock.clone())
            .log_length(0)
            .build()
            .await
            .expect("an emulator without a file");
        let graph = serve(emulator.graph_router()).await;
        let token = ACCESS_TOKEN.to_owned().into();
        let client = GraphClient::new(&graph, "v24.0", NUMBER, &token, TIMEOUT);
        let graph = Arc::new(Graph(client.expect("sound settings")));
        let line = Line::over(
            Arc::new(TestDatabase::create().await),
            MasterKeys::generate(),
            clock,
            Arc::new(Recorder::default()),
            graph.clone(),
            receipts.then_some(graph as _),
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
            stop,
        }
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

struct Graph(GraphClient);

impl Channel for Graph {
    fn send<'a>(&'a self, call: &'a Call) -> BoxFuture<'a, SendOutcome> {
        let request = call.message.request(&call.to, &call.callback);
        let body = serde_json::to_vec(&request).expect("a JSON value is plain data");
        Box::pin(self.0.send(body))
    }

    fn upload(&self, file: File) -> BoxFuture<'_, Result<String, NotUploaded>> {
        Box::pin(self.0.upload(file))
    }
}

impl Courtesy for Graph {
    fn read<'a>(&'a self, wamid: &'a str) -> BoxFuture<'a, bool> {
        Box::pin(async move { self.0.mark_read(wamid).await.is_ok() })
    }

    fn typing<'a>(&'a self, wamid: &'a str) -> BoxFuture<'a, bool> {
        Box::pin(async move { self.0.show_typing(wamid).await.is_ok() })
    }
}

async fn take(State(line): State<Arc<Line>>, body: Bytes) -> StatusCode {
    match line.inbox.take(&body).await {
        Intake::Stored => StatusCode::OK,
        other => panic!("the emulator's webhook was {other:?}"),
    }
}
