//! A model that is scripted: it speaks `OpenAI`'s chat completions, and the name of the model
//! that is asked for says how it behaves.
//!
//! `good` looks things up and answers; the others are what models and their servers do on
//! bad days, and what a hostile one would do. Nothing in it is clever: it is there so that
//! the service can be tried and proven without a model.

mod advice;
mod lies;
mod script;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Value, json};

pub use advice::{ADVISING, advising};
pub use lies::{Lie, lie};
pub use script::hostile_call;

/// Requests remembered, the last ones.
const REMEMBERED: usize = 20_000;
/// How long `slow` takes over each answer.
pub const SLOW: Duration = Duration::from_secs(3);

/// Every way to behave. With `slow-` before it the same takes [`SLOW`]; `slow` alone is
/// `slow-good`.
pub const MODES: &[&str] = &[
    "good", "slow", "hanging", "busy", "failing", "broken", "loop", "megabyte", "lying",
    "advising", "obeying", "hostile",
];

/// The server. Cheap to clone.
#[derive(Clone, Default)]
pub struct ScriptedModel {
    inner: Arc<Inner>,
}

#[derive(Default)]
struct Inner {
    count: AtomicUsize,
    requests: Mutex<Vec<Value>>,
}

impl ScriptedModel {
    /// Returns the routes; the base URL of a client ends in `/v1`.
    pub fn router(&self) -> Router {
        Router::new()
            .route("/v1/chat/completions", post(complete))
            .route("/v1/models", get(models))
            .with_state(self.clone())
    }

    /// Returns what was asked of it, oldest first.
    pub fn requests(&self) -> Vec<Value> {
        self.remembered().clone()
    }

    fn remembered(&self) -> std::sync::MutexGuard<'_, Vec<Value>> {
        self.inner
            .requests
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn remember(&self, request: Value) -> usize {
        let mut requests = self.remembered();
        if requests.len() < REMEMBERED {
            requests.push(request);
        }
        self.inner.count.fetch_add(1, Ordering::Relaxed)
    }
}

async fn models() -> Json<Value> {
    let list: Vec<_> = MODES
        .iter()
        .map(|mode| json!({ "id": mode, "object": "model" }))
        .collect();
    Json(json!({ "object": "list", "data": list }))
}

async fn complete(State(model): State<ScriptedModel>, Json(request): Json<Value>) -> Response {
    let mut mode = request["model"].as_str().unwrap_or("");
    let number = model.remember(request.clone());
    if let Some(hurried) = mode.strip_prefix("slow") {
        tokio::time::sleep(SLOW).await;
        mode = hurried.trim_start_matches('-');
    }
    match mode {
        "hanging" => std::future::pending().await,
        "busy" => refused(StatusCode::TOO_MANY_REQUESTS),
        "failing" => refused(StatusCode::INTERNAL_SERVER_ERROR),
        "broken" => "{\"choices\": [{\"message\": {\"content\": \"It is wor".into_response(),
        "loop" => said(&script::call("portfolio", &json!({}))),
        "megabyte" => said(&script::text(&"All is well. ".repeat(80_000))),
        "lying" => said(&script::lying(&request, number)),
        "advising" => said(&script::text(&advising(script::language(&request), number))),
        "obeying" => said(&script::obeying(&request)),
        "hostile" => said(&script::hostile(number)),
        _ => said(&script::answer(&request)),
    }
}

fn said(message: &Value) -> Response {
    Json(json!({
        "id": "chatcmpl-scripted", "object": "chat.completion",
        "choices": [{ "index": 0, "message": message, "finish_reason": "stop" }],
        "usage": { "prompt_tokens": 400, "completion_tokens": 40, "total_tokens": 440 },
    }))
    .into_response()
}

fn refused(status: StatusCode) -> Response {
    let error = json!({ "error": { "message": "scripted", "type": "scripted" } });
    (status, Json(error)).into_response()
}
