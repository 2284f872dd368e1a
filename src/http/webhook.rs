//! Where Meta delivers.
//!
//! Meta reads the status and nothing else: exactly 200 means "keep it no longer", so
//! that is said only after the commit; everything else brings the delivery back. The
//! signature covers the bytes on the wire, which is why the body is never touched here.
//!
//! The address is public: a body that nobody signed is not read at all, and of those that
//! claim to be signed only so many bytes are in memory at a time.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::Bytes;
use axum::extract::{RawQuery, Request, State};
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get};
use futures::StreamExt;
use futures::future::BoxFuture;
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;
use tokio::sync::{Semaphore, SemaphorePermit};

use super::Ports;
use crate::telemetry::metrics;
use crate::whatsapp::signature::is_well_formed;

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
/// Bytes of bodies in memory at a time: a few kilobytes are usual, so that thousands of
/// deliveries fit, and of the largest some dozens.
pub(super) const ROOM: usize = 64 * LARGEST_BODY;
/// A body of 3 MB takes a second on a poor line; whoever needs longer holds a
/// connection on purpose.
const READ_DEADLINE: Duration = Duration::from_secs(10);
const LONGEST_CHALLENGE: usize = 128;

/// Returns the route; bodies of so many bytes at a time are taken.
pub(super) fn route(room: usize) -> MethodRouter<Ports> {
    let room = Arc::new(Semaphore::new(room));
    get(verify_address).post(async move |State(ports): State<Ports>, request: Request| {
        let started = Instant::now();
        let (outcome, response) = receive(&ports, request, &room).await;
        metrics::webhook_answered(outcome, started.elapsed());
        response
    })
}

async fn receive(ports: &Ports, request: Request, room: &Semaphore) -> (&'static str, Response) {
    let signature = signature(request.headers()).cloned();
    let Some(signature) = signature.filter(|given| is_well_formed(given.as_bytes())) else {
        return answer(Accepted::BadSignature);
    };
    match read(request, room).await {
        Err(Unread::NoRoom) => refused("no_room"),
        Err(Unread::Because(outcome, status)) => (outcome, status.into_response()),
        // Its place is taken until nobody needs it any more.
        Ok((body, _taken)) => {
            let signature = Some(signature.as_bytes());
            answer(ports.intake.accept(signature, body).await)
        }
    }
}

/// Returns the signature of a request; of several, none is the one that was meant.
pub(super) fn signature(headers: &HeaderMap) -> Option<&HeaderValue> {
    let mut given = headers.get_all("x-hub-signature-256").iter();
    match (given.next(), given.next()) {
        (Some(one), None) => Some(one),
        _ => None,
    }
}

/// Why a body was not read.
enum Unread {
    /// Others take up all the room there is.
    NoRoom,
    /// It cannot be read; as the metrics call it, and what is answered.
    Because(&'static str, StatusCode),
}

type Taken<'a> = Option<SemaphorePermit<'a>>;

async fn read(request: Request, room: &Semaphore) -> Result<(Bytes, Taken<'_>), Unread> {
    let reading = tokio::time::timeout(READ_DEADLINE, collect(request, room));
    reading.await.unwrap_or_else(|_| {
        let status = StatusCode::REQUEST_TIMEOUT;
        Err(Unread::Because("too_slow", status))
    })
}

/// Collects a body, and room for each piece as it comes: what somebody only announces
/// takes none from others.
async fn collect(request: Request, room: &Semaphore) -> Result<(Bytes, Taken<'_>), Unread> {
    let mut pieces = request.into_body().into_data_stream();
    let (mut body, mut taken): (Vec<u8>, Taken<'_>) = (Vec::new(), None);
    while let Some(piece) = pieces.next().await {
        let broken_off = |_| Unread::Because("broken_off", StatusCode::BAD_REQUEST);
        let piece = piece.map_err(broken_off)?;
        if body.len() + piece.len() > LARGEST_BODY {
            let status = StatusCode::PAYLOAD_TOO_LARGE;
            return Err(Unread::Because("too_large", status));
        }
        let bytes = u32::try_from(piece.len()).map_err(|_| Unread::NoRoom)?;
        let more = room.try_acquire_many(bytes).map_err(|_| Unread::NoRoom)?;
        match &mut taken {
            Some(taken) => taken.merge(more),
            None => taken = Some(more),
        }
        body.extend_from_slice(&piece);
    }
    Ok((body.into(), taken))
}

fn answer(accepted: Accepted) -> (&'static str, Response) {
    match accepted {
        Accepted::Stored => ("stored", StatusCode::OK.into_response()),
        Accepted::Quarantined => ("quarantined", StatusCode::OK.into_response()),
        Accepted::BadSignature => ("bad_signature", StatusCode::UNAUTHORIZED.into_response()),
        Accepted::Unavailable => refused("unavailable"),
    }
}

/// Has Meta try again.
fn refused(outcome: &'static str) -> (&'static str, Response) {
    let response = (StatusCode::SERVICE_UNAVAILABLE, [(RETRY_AFTER, "5")]);
    (outcome, response.into_response())
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
