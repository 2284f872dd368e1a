//! The least a server can do that loses nothing it acknowledged: verify the signature,
//! commit one row together with whatever else waits, answer 200, send a fixed reply.
//! It sees no duplicates, knows nobody, keeps no order and forgets replies in a crash:
//! what the service costs beyond it is what the service does beyond it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use serde::Deserialize;
use tokio::sync::{Semaphore, mpsc, oneshot};

use super::store;
use crate::storage::Db;
use crate::whatsapp::{AppSecret, GraphClient, signature};

/// Rows that share a commit at most.
const TOGETHER: usize = 256;

/// What it is started with.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Its database.
    #[arg(long)]
    database_url: String,
    /// Where replies go.
    #[arg(long)]
    graph: String,
    /// The business's number.
    #[arg(long)]
    number: String,
    /// What webhooks are signed with.
    #[arg(long)]
    app_secret: String,
    /// What replies are sent with.
    #[arg(long)]
    access_token: String,
}

#[derive(Clone)]
struct Bare {
    secrets: Arc<[AppSecret]>,
    rows: mpsc::Sender<Asked>,
    graph: GraphClient,
    replies: Arc<AtomicU64>,
    calls: Arc<Semaphore>,
}

struct Asked {
    row: (String, Vec<u8>),
    kept: oneshot::Sender<bool>,
}

/// Runs until it is killed.
pub(super) async fn run(args: Args) -> anyhow::Result<()> {
    let db = Db::connect(&args.database_url, 4).await?;
    store::make_bare_table(&db).await?;
    let (rows, asked) = mpsc::channel(4_096);
    tokio::spawn(keep(db, asked));
    let token = args.access_token.into();
    let timeout = Duration::from_secs(15);
    let bare = Bare {
        secrets: Arc::from([AppSecret::new(&args.app_secret)]),
        rows,
        graph: GraphClient::new(&args.graph, "v24.0", &args.number, &token, timeout)?,
        replies: Arc::default(),
        calls: Arc::new(Semaphore::new(256)),
    };
    let routes = Router::new()
        .route("/webhooks/whatsapp", post(receive))
        .with_state(bare);
    let listener = tokio::net::TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await?;
    super::super::say(format!(
        "bare server at http://{}/webhooks/whatsapp",
        listener.local_addr()?
    ));
    axum::serve(listener, routes).await?;
    Ok(())
}

async fn receive(State(bare): State<Bare>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let signed = headers
        .get("x-hub-signature-256")
        .map(axum::http::HeaderValue::as_bytes);
    if !signature::verify(&bare.secrets, signed, &body) {
        return StatusCode::UNAUTHORIZED;
    }
    let Ok(envelope) = serde_json::from_slice::<Envelope>(&body) else {
        return StatusCode::BAD_REQUEST;
    };
    let value = envelope
        .entry
        .into_iter()
        .flat_map(|entry| entry.changes)
        .next();
    let Some(message) = value.and_then(|change| change.value.messages.into_iter().next()) else {
        // Statuses: it has nothing to do with them.
        return StatusCode::OK;
    };
    let (kept, is_kept) = oneshot::channel();
    let row = (message.id, body.to_vec());
    if bare.rows.send(Asked { row, kept }).await.is_err() || is_kept.await != Ok(true) {
        return StatusCode::SERVICE_UNAVAILABLE;
    }
    tokio::spawn(reply(bare, message.from));
    StatusCode::OK
}

async fn keep(db: Db, mut asked: mpsc::Receiver<Asked>) {
    let mut batch = Vec::with_capacity(TOGETHER);
    while asked.recv_many(&mut batch, TOGETHER).await > 0 {
        let (rows, waiting): (Vec<_>, Vec<_>) =
            batch.drain(..).map(|asked| (asked.row, asked.kept)).unzip();
        let kept = db
            .write(rows, |conn, rows| Box::pin(store::insert_bare(conn, rows)))
            .await
            .is_ok();
        for waiting in waiting {
            let _ = waiting.send(kept);
        }
    }
}

async fn reply(bare: Bare, to: String) {
    let Ok(_slot) = bare.calls.acquire().await else {
        return;
    };
    let number = bare.replies.fetch_add(1, Ordering::Relaxed);
    let body = format!(
        "{{\"messaging_product\":\"whatsapp\",\"recipient_type\":\"individual\",\"to\":\"{to}\",\
         \"type\":\"text\",\"text\":{{\"body\":\"Hello from the bare server.\"}},\
         \"biz_opaque_callback_data\":\"bare_{number:012}.1\"}}"
    );
    bare.graph.send(body.into_bytes()).await;
}

#[derive(Deserialize)]
struct Envelope {
    entry: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    changes: Vec<Change>,
}

#[derive(Deserialize)]
struct Change {
    value: Value,
}

#[derive(Deserialize)]
struct Value {
    #[serde(default)]
    messages: Vec<Message>,
}

#[derive(Deserialize)]
struct Message {
    from: String,
    id: String,
}
