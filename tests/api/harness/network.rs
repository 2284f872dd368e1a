//! Meta and the way to it: the emulator, and in front of the servers a balancer that
//! notes what they acknowledged.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use sipbrewery::sandbox::{Emulator, emulator::Builder};
use sipbrewery::security::MasterKeys;
use tokio_util::sync::CancellationToken;

pub const APP_SECRET: &str = "5c1f0be97a2d43f8b6e0a91d7c34e2fb";
pub const ACCESS_TOKEN: &str = "EAAG7f31c9d2be40568a1b2c9e8d7f6a5";
pub const NUMBER: &str = "106540352242922";
const ACCOUNT: &str = "102290129340398";
const VERIFY_TOKEN: &str = "b17e4f02c8d95a3671fe";
/// A server that does not answer for longer counts as gone.
const PATIENCE: Duration = Duration::from_secs(2);

/// Told of each person's message that a server answered with 200: who, and its id.
pub type Acknowledged = Arc<dyn Fn(&str, &str) + Send + Sync>;

/// The other end of the wire.
pub struct Network {
    pub emulator: Emulator,
    front: Arc<Front>,
    graph_url: String,
    data_key: String,
    stop: CancellationToken,
}

struct Front {
    servers: Mutex<Vec<u16>>,
    turn: AtomicUsize,
    http: reqwest::Client,
    acknowledged: Acknowledged,
}

impl Network {
    /// Starts the emulator as it was put together, and the balancer.
    pub async fn start(builder: Builder, acknowledged: Acknowledged) -> Self {
        let front = Arc::new(Front {
            servers: Mutex::default(),
            turn: AtomicUsize::new(0),
            http: client(PATIENCE),
            acknowledged,
        });
        let routes = Router::new()
            .route("/webhooks/whatsapp", post(carry))
            .with_state(Arc::clone(&front));
        let callback = format!("{}/webhooks/whatsapp", serve(routes).await);
        let emulator = credentials(builder)
            .callback_url(callback)
            .build()
            .await
            .expect("an emulator without a file");
        let stop = CancellationToken::new();
        emulator.spawn_delivery(stop.clone());
        Self {
            graph_url: serve(emulator.graph_router()).await,
            emulator,
            front,
            data_key: MasterKeys::generate(),
            stop,
        }
    }

    /// Says which servers there are; webhooks go to each in turn.
    pub fn route_to(&self, ports: &[u16]) {
        *self.front.servers.lock().unwrap() = ports.to_vec();
    }

    /// Returns what a server has to be told of this network.
    pub fn settings(&self) -> Vec<(&'static str, String)> {
        vec![
            ("WHATSAPP_APP_SECRET", APP_SECRET.to_owned()),
            ("WHATSAPP_VERIFY_TOKEN", VERIFY_TOKEN.to_owned()),
            ("WHATSAPP_ACCESS_TOKEN", ACCESS_TOKEN.to_owned()),
            ("WHATSAPP_PHONE_NUMBER_ID", NUMBER.to_owned()),
            ("WHATSAPP_WABA_ID", ACCOUNT.to_owned()),
            ("WHATSAPP_API_BASE_URL", self.graph_url.clone()),
            ("PUBLIC_URL", "http://127.0.0.1".to_owned()),
            ("DATA_KEY", self.data_key.clone()),
        ]
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// Gives an emulator the credentials the tests' servers have.
pub fn credentials(builder: Builder) -> Builder {
    builder
        .app_secret(APP_SECRET)
        .verify_token(VERIFY_TOKEN)
        .access_token(ACCESS_TOKEN)
        .phone_number_id(NUMBER)
        .waba_id(ACCOUNT)
}

/// Serves routes on a loopback port until the test ends; returns the address.
pub async fn serve(routes: Router) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move { axum::serve(listener, routes).await });
    format!("http://{address}")
}

pub fn client(timeout: Duration) -> reqwest::Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
        .timeout(timeout)
        .no_proxy()
        .tls_certs_only([])
        .build()
        .expect("an HTTP client")
}

/// Hands a webhook to one server after the other until one acknowledges it.
async fn carry(State(front): State<Arc<Front>>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let servers = front.servers.lock().unwrap().clone();
    let first = front.turn.fetch_add(1, Ordering::Relaxed);
    for step in 0..servers.len() {
        let port = servers[(first + step) % servers.len()];
        let answer = front
            .http
            .post(format!("http://127.0.0.1:{port}/webhooks/whatsapp"))
            .headers(headers.clone())
            .body(body.clone())
            .send()
            .await;
        if answer.is_ok_and(|answer| answer.status() == 200) {
            for (from, wamid) in messages_of(&body) {
                (front.acknowledged)(&from, &wamid);
            }
            return StatusCode::OK;
        }
    }
    StatusCode::BAD_GATEWAY
}

fn messages_of(body: &[u8]) -> Vec<(String, String)> {
    let body: serde_json::Value = serde_json::from_slice(body).expect("the emulator's JSON");
    let changes = body["entry"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|entry| entry["changes"].as_array())
        .flatten();
    changes
        .filter_map(|change| change["value"]["messages"].as_array())
        .flatten()
        .filter_map(|message| {
            let text = |key: &str| message[key].as_str().map(str::to_owned);
            Some((text("from")?, text("id")?))
        })
        .collect()
}
