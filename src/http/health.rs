//! How the service is: for the process manager, the load balancer and Prometheus.
//!
//! `/healthz` answers 200 as long as the process answers at all: starting it again
//! would cure none of the levels it reports. `/readyz` answers 503 while any part
//! cannot do its work, and names it.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use futures::future::BoxFuture;
use serde::Serialize;

use super::Ports;
use crate::telemetry::health::Judgement;

/// Tells how the service is.
pub trait Condition: Send + Sync + 'static {
    /// Returns how well it does.
    fn health(&self) -> Judgement;

    /// Looks at each part it needs for its work.
    fn parts(&self) -> BoxFuture<'_, Vec<Part>>;

    /// Learns that a request was answered; probes are not told.
    fn answered(&self, took: Duration, is_error: bool);
}

/// One part of the service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Part {
    /// `database`, `keys`, `templates` …
    pub name: &'static str,
    /// Whether it can do its work.
    pub is_ready: bool,
    /// Why not, without any secret in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl Part {
    /// Returns a part that works.
    pub fn ready(name: &'static str) -> Self {
        Self {
            name,
            is_ready: true,
            reason: None,
        }
    }

    /// Returns a part that does not.
    pub fn not_ready(name: &'static str, reason: impl Into<String>) -> Self {
        Self {
            name,
            is_ready: false,
            reason: Some(reason.into()),
        }
    }
}

#[derive(Serialize)]
struct Readiness {
    is_ready: bool,
    parts: Vec<Part>,
}

pub(super) async fn show_health(State(ports): State<Ports>) -> Json<Judgement> {
    Json(ports.condition.health())
}

pub(super) async fn show_readiness(State(known): State<Ports>) -> impl IntoResponse {
    let parts = known.condition.parts().await;
    let is_ready = parts.iter().all(|part| part.is_ready);
    let status = if is_ready {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    (status, Json(Readiness { is_ready, parts }))
}

pub(super) async fn show_metrics(State(ports): State<Ports>) -> impl IntoResponse {
    let kind = "text/plain; version=0.0.4; charset=utf-8";
    ([(CONTENT_TYPE, kind)], (ports.metrics)())
}
