//! The emulator against a tiny service on loopback.

mod answers;
mod carousel;
mod delivering;
mod endpoint;
mod forms;
mod limits;
mod media;
mod odd;
mod sending;
mod templates;

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::*;

const ASHA: &str = "919000000000";

/// A service that answers webhooks with a status of the test's choice, and a client.
struct Rig {
    emulator: Emulator,
    graph: String,
    http: reqwest::Client,
    received: mpsc::UnboundedReceiver<(Value, bool)>,
    answer: Arc<AtomicU16>,
    stop: CancellationToken,
    delivery: tokio::task::JoinHandle<()>,
}

async fn serve(router: Router) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}

fn builder() -> Builder {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let start = "2026-08-24T04:30:00Z".parse().unwrap();
    Emulator::builder()
        .clock(Clock::standing(start))
        .people(vec![Person::with_phone(ASHA, "Asha")])
}

impl Rig {
    async fn start(builder: Builder) -> Self {
        let (sender, received) = mpsc::unbounded_channel();
        let answer = Arc::new(AtomicU16::new(200));
        let status = Arc::clone(&answer);
        let hook = move |headers: HeaderMap, body: Bytes| async move {
            let expected = sign::signature("sandbox-app-secret", &body);
            let signed = headers.get("x-hub-signature-256");
            let signed = signed.is_some_and(|it| it.as_bytes() == expected.as_bytes());
            let status = status.load(Ordering::SeqCst);
            let _ = sender.send((serde_json::from_slice(&body).unwrap(), signed));
            StatusCode::from_u16(status).unwrap()
        };
        let service = serve(Router::new().route("/hook", post(hook))).await;
        let builder = builder.callback_url(format!("http://{service}/hook"));
        let emulator = builder.build().await.unwrap();
        let graph = serve(emulator.graph_router()).await;
        let stop = CancellationToken::new();
        let delivery = emulator.spawn_delivery(stop.clone());
        Self {
            emulator,
            graph: format!("http://{graph}/v24.0/106540352242922"),
            http: reqwest::Client::builder()
                .user_agent("a bot")
                .tls_certs_only([])
                .build()
                .unwrap(),
            received,
            answer,
            stop,
            delivery,
        }
    }

    /// Posts a text and returns status and body of the answer.
    async fn sends(&self, to: &str, text: &str) -> Result<(u16, Value), reqwest::Error> {
        let body = json!({"messaging_product": "whatsapp", "to": to, "type": "text",
            "text": {"body": text}, "biz_opaque_callback_data": format!("cb-{text}")});
        self.posts(&body).await
    }

    async fn posts(&self, body: &Value) -> Result<(u16, Value), reqwest::Error> {
        let answer = self
            .http
            .post(format!("{}/messages", self.graph))
            .bearer_auth("sandbox-access-token")
            .json(body)
            .send()
            .await?;
        let status = answer.status().as_u16();
        let text = answer.text().await?;
        Ok((status, serde_json::from_str(&text).unwrap_or(json!(text))))
    }

    /// Returns the next webhook; its signature must hold.
    async fn hears(&mut self) -> Value {
        let (body, signed) = self.received.recv().await.unwrap();
        assert!(signed, "a webhook with a wrong signature");
        body
    }

    /// Lets time pass until all that is due by then is delivered.
    async fn passes(&self, time: Duration) {
        self.emulator.quiet().await;
        self.emulator.advance(time);
        self.emulator.quiet().await;
    }

    /// Returns every (status, code) heard so far, in the order heard.
    fn statuses(&mut self) -> Vec<(String, Option<i64>)> {
        let told = self.told().into_iter();
        let name = |status: &Value| status["status"].as_str().unwrap().to_owned();
        told.map(|status| (name(&status), status["errors"][0]["code"].as_i64()))
            .collect()
    }

    /// Returns every status heard so far with its price, in the order of a message's life.
    fn prices(&mut self) -> Vec<(Value, Value)> {
        let told = self.told().into_iter();
        let mut priced: Vec<_> = told
            .map(|status| (status["status"].clone(), status["pricing"].clone()))
            .collect();
        let life = ["sent", "delivered", "read"];
        priced.sort_by_key(|(status, _)| life.iter().position(|one| status == one));
        priced
    }

    /// Returns every status heard so far, in the order heard.
    fn told(&mut self) -> Vec<Value> {
        let mut heard = Vec::new();
        while let Ok((body, _)) = self.received.try_recv() {
            for entry in body["entry"].as_array().unwrap() {
                let statuses = entry["changes"][0]["value"]["statuses"].as_array();
                heard.extend(statuses.into_iter().flatten().cloned());
            }
        }
        heard
    }

    async fn stops(self) {
        self.emulator.quiet().await;
        self.stop.cancel();
        self.delivery.await.unwrap();
    }
}
