//! Answers that do not arrive whole.

use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, header};
use axum::response::Response;
use futures::StreamExt as _;
use futures::stream::once;
use serde_json::Value;

fn on_purpose() -> std::io::Error {
    std::io::Error::other("dropped on purpose")
}

/// Closes the connection before a byte of the answer is written: hyper gives up on a
/// body that fails at its first read, before it flushes the head.
pub(super) fn dropped() -> Response {
    let body = once(std::future::ready(Err::<Bytes, _>(on_purpose())));
    Response::new(Body::from_stream(body))
}

/// Closes the connection in the middle of the answer.
pub(super) fn cut(whole: &Value) -> Response {
    let whole = whole.to_string();
    let half = Bytes::copy_from_slice(&whole.as_bytes()[..whole.len() / 2]);
    let rest = once(async {
        // What was written goes out while hyper waits for more.
        tokio::task::yield_now().await;
        Err::<Bytes, _>(on_purpose())
    });
    let body = once(std::future::ready(Ok(half))).chain(rest);
    let mut answer = Response::new(Body::from_stream(body));
    let headers = answer.headers_mut();
    let json = HeaderValue::from_static("application/json");
    headers.insert(header::CONTENT_TYPE, json);
    headers.insert(header::CONTENT_LENGTH, whole.len().into());
    answer
}
