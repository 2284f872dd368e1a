//! Where Meta delivers.
//!
//! Meta reads the status and nothing else: exactly 200 means "keep it no longer", so
//! that is said only after the commit; everything else brings the delivery back. The
//! signature covers the bytes on the wire, which is why the body is never touched here.

use std::time::{Duration, Instant};

use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, FromRequest, RawQuery, Request, State};
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get};
use futures::future::BoxFuture;
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;

use super::Ports;
use crate::telemetry::metrics;

/// Takes webhooks in.
pub trait Intake: Send + Sync + 'static {
    /// Returns what Meta must say when the address is set up.
    fn verify_token(&self) -> &SecretString;

    /// Checks `signature` (the value of `X-Hub-Signature-256`) over the bytes of
    /// `body` and keeps what it holds; resolves after the commit.
    fn accept<'a>(&'a self, signature: Option<&'a [u8]>, body: Bytes) -> BoxFuture<'a, Accepted>;
}

/// What became of a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Accepted {
    /// Every event is durable.
    Stored,
    /// Signed, but not readable: the bytes are durable.
    Quarantined,
    /// Not from Meta.
    BadSignature,
    /// Nothing could be committed; Meta is to try again.
    Unavailable,
}

/// "At most 3 MB", taken as the larger reading.
const LARGEST_BODY: usize = 3 * 1024 * 1024;
/// A body of 3 MB takes a second on a poor line; whoever needs longer holds a
/// connection on purpose.
const READ_DEADLINE: Duration = Duration::from_secs(10);
const LONGEST_CHALLENGE: usize = 128;

pub(super) fn route() -> MethodRouter<Ports> {
    get(verify_address)
        .post(receive)
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
}

async fn receive(State(ports): State<Ports>, request: Request) -> Response {
    let started = Instant::now();
    let signature = signature(request.headers()).cloned();
    let (outcome, response) = match read(request).await {
        Err((outcome, status)) => (outcome, status.into_response()),
        Ok(body) => {
            let signature = signature.as_ref().map(HeaderValue::as_bytes);
            answer(ports.intake.accept(signature, body).await)
        }
    };
    metrics::webhook_answered(outcome, started.elapsed());
    response
}

/// Returns the signature of a request; of several, none is the one that was meant.
pub(super) fn signature(headers: &HeaderMap) -> Option<&HeaderValue> {
    let mut given = headers.get_all("x-hub-signature-256").iter();
    match (given.next(), given.next()) {
        (Some(one), None) => Some(one),
        _ => None,
    }
}

async fn read(request: Request) -> Result<Bytes, (&'static str, StatusCode)> {
    match tokio::time::timeout(READ_DEADLINE, Bytes::from_request(request, &())).await {
        Ok(Ok(body)) => Ok(body),
        Ok(Err(refused)) if refused.status() == StatusCode::PAYLOAD_TOO_LARGE => {
            Err(("too_large", refused.status()))
        }
        Ok(Err(refused)) => Err(("broken_off", refused.status())),
        Err(_) => Err(("too_slow", StatusCode::REQUEST_TIMEOUT)),
    }
}

fn answer(accepted: Accepted) -> (&'static str, Response) {
    match accepted {
        Accepted::Stored => ("stored", StatusCode::OK.into_response()),
        Accepted::Quarantined => ("quarantined", StatusCode::OK.into_response()),
        Accepted::BadSignature => ("bad_signature", StatusCode::UNAUTHORIZED.into_response()),
        Accepted::Unavailable => {
            let response = (StatusCode::SERVICE_UNAVAILABLE, [(RETRY_AFTER, "5")]);
            ("unavailable", response.into_response())
        }
    }
}

/// Answers Meta's question whether this address is ours: the challenge, which is
/// digits, goes back only to who knows the token.
async fn verify_address(State(ports): State<Ports>, RawQuery(query): RawQuery) -> Response {
    let query = query.unwrap_or_default();
    let is_known = value_of(&query, "hub.mode") == Some("subscribe")
        && value_of(&query, "hub.verify_token")
            .and_then(decoded)
            .is_some_and(|given| is_same(ports.intake.verify_token(), &given));
    match value_of(&query, "hub.challenge") {
        Some(challenge) if is_known && is_challenge(challenge) => {
            let kind = "text/plain; charset=utf-8";
            ([(CONTENT_TYPE, kind)], challenge.to_owned()).into_response()
        }
        _ => StatusCode::FORBIDDEN.into_response(),
    }
}

fn is_challenge(text: &str) -> bool {
    (1..=LONGEST_CHALLENGE).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit())
}

/// Compares without telling by its duration how much was right.
pub(super) fn is_same(token: &SecretString, given: &[u8]) -> bool {
    let mac = || {
        Hmac::<Sha256>::new_from_slice(token.expose_secret().as_bytes())
            .expect("HMAC takes keys of every length")
    };
    let wanted = mac().chain_update(token.expose_secret()).finalize();
    let bytes = wanted.into_bytes();
    mac().chain_update(given).verify_slice(&bytes).is_ok()
}

fn value_of<'a>(query: &'a str, name: &str) -> Option<&'a str> {
    query
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .find_map(|(key, value)| (key == name).then_some(value))
}

/// Undoes `%xx` and `+` of a query's value.
fn decoded(text: &str) -> Option<Vec<u8>> {
    let mut bytes = text.bytes();
    let mut out = Vec::with_capacity(text.len());
    while let Some(byte) = bytes.next() {
        out.push(match byte {
            b'+' => b' ',
            b'%' => {
                let mut digit = || char::from(bytes.next()?).to_digit(16);
                let (high, low) = (digit()?, digit()?);
                u8::try_from(high * 16 + low).ok()?
            }
            other => other,
        });
    }
    Some(out)
}
