//! What every request goes through, outermost first. The order is part of the
//! behaviour: whatever answers further in still carries the request's id, is logged,
//! and has the security headers, a panic and a timeout included.

use std::any::Any;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::{DefaultBodyLimit, MatchedPath, Request, State};
use axum::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use axum::http::{Method, StatusCode};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use tower::ServiceBuilder;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::sensitive_headers::SetSensitiveRequestHeadersLayer;
use tracing::Instrument;
use uuid::Uuid;

use super::Condition;
use super::problem::{self, Problem};
use crate::clock::Clock;
use crate::id::Ids;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const SIGNATURE: HeaderName = HeaderName::from_static("x-hub-signature-256");
/// Longer than reading the slowest webhook and committing it.
const DEADLINE: Duration = Duration::from_secs(20);
const LARGEST_BODY: usize = 256 * 1024;
const LONGEST_USER_AGENT: usize = 200;

/// Makes ids for requests that come without one.
#[derive(Clone)]
pub(super) struct Stamp {
    pub(super) clock: Clock,
    pub(super) ids: Ids,
}

#[derive(Clone)]
struct RequestId(String);

pub(super) fn wrap(routes: Router, stamp: Stamp, condition: Arc<dyn Condition>) -> Router {
    let secrets = [header::AUTHORIZATION, header::COOKIE, SIGNATURE];
    routes.layer(
        ServiceBuilder::new()
            .layer(SetSensitiveRequestHeadersLayer::new(secrets))
            .layer(from_fn_with_state(stamp, identify))
            .layer(from_fn_with_state(condition, trace))
            .layer(from_fn(secure))
            .layer(CatchPanicLayer::custom(panicked))
            .layer(from_fn(limit_time))
            .layer(DefaultBodyLimit::max(LARGEST_BODY)),
    )
}

/// Gives the request an id: the caller's where it is one, else a new one.
async fn identify(State(stamp): State<Stamp>, mut request: Request, next: Next) -> Response {
    let given = request.headers().get(REQUEST_ID);
    let id = given
        .and_then(|value| value.to_str().ok())
        .filter(|text| is_request_id(text))
        .map_or_else(
            || {
                let uuid: Uuid = stamp.ids.next(stamp.clock.now());
                format!("req_{}", uuid.simple())
            },
            str::to_owned,
        );
    request.extensions_mut().insert(RequestId(id.clone()));
    let mut response = problem::name_request(next.run(request).await, &id);
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    response
}

/// Only what can stand in a log line and a header as it is.
fn is_request_id(text: &str) -> bool {
    let is_plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    (8..=64).contains(&text.len()) && text.bytes().all(is_plain)
}

/// Logs one line a request, by the route's template: paths may hold ids.
async fn trace(
    State(condition): State<Arc<dyn Condition>>,
    request: Request,
    next: Next,
) -> Response {
    let started = Instant::now();
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or_else(|| "unmatched".to_owned(), |path| path.as_str().to_owned());
    let id = request.extensions().get::<RequestId>();
    let span = tracing::info_span!(
        "http.request",
        trace_id = id.map_or("", |id| id.0.as_str()),
        method = method(request.method()),
        route,
        user_agent = user_agent(request.headers()),
    );
    let response = next.run(request).instrument(span.clone()).await;
    let status = response.status().as_u16();
    let elapsed = started.elapsed();
    if !is_probe(&route) {
        condition.answered(elapsed, response.status().is_server_error());
    }
    let took = elapsed.as_secs_f64() * 1_000.0;
    let _entered = span.entered();
    match level(&route, response.status()) {
        tracing::Level::ERROR => tracing::error!(status, duration_ms = took, "answered"),
        tracing::Level::WARN => tracing::warn!(status, duration_ms = took, "answered"),
        tracing::Level::DEBUG => tracing::debug!(status, duration_ms = took, "answered"),
        _ => tracing::info!(status, duration_ms = took, "answered"),
    }
    response
}

pub(super) fn level(route: &str, status: StatusCode) -> tracing::Level {
    // A not-ready answer is news once, not at every probe.
    if is_probe(route) {
        tracing::Level::DEBUG
    } else if status.is_server_error() {
        tracing::Level::ERROR
    } else if status.is_client_error() {
        tracing::Level::WARN
    } else {
        tracing::Level::INFO
    }
}

fn is_probe(route: &str) -> bool {
    matches!(route, "/healthz" | "/readyz" | "/metrics")
}

/// A method is any word the caller likes; only the known ones are repeated.
fn method(method: &Method) -> &str {
    match method.as_str() {
        known @ ("GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE" | "OPTIONS") => known,
        _ => "OTHER",
    }
}

pub(super) fn user_agent(headers: &HeaderMap) -> String {
    let bytes = headers
        .get(header::USER_AGENT)
        .map_or(&b""[..], HeaderValue::as_bytes);
    let cut = &bytes[..bytes.len().min(LONGEST_USER_AGENT)];
    cut.escape_ascii().to_string()
}

/// Adds the headers that keep a browser from guessing; a page that needs more sets
/// its own policy, which is kept.
async fn secure(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-store"),
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; frame-ancestors 'none'",
        ),
    ] {
        headers
            .entry(name)
            .or_insert(HeaderValue::from_static(value));
    }
    response
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "the layer hands the payload over"
)]
fn panicked(payload: Box<dyn Any + Send>) -> Response {
    let said = payload
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    tracing::error!(
        panic = said.unwrap_or("without a message"),
        "a handler panicked"
    );
    let status = StatusCode::INTERNAL_SERVER_ERROR;
    Problem::new(status, "internal", "something went wrong on our side").into_response()
}

async fn limit_time(request: Request, next: Next) -> Response {
    match tokio::time::timeout(DEADLINE, next.run(request)).await {
        Ok(response) => response,
        Err(_) => Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "timed_out",
            "this took too long; try again",
        )
        .into_response(),
    }
}
