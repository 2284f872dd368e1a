//! Where the forms of the chat ask for their screens
//! (<https://developers.facebook.com/docs/whatsapp/flows/guides/implementingyourflowendpoint>).
//!
//! The statuses are Meta's own: 421 makes the phone fetch our key again, 427 tells it
//! that the form is not good any more, 432 that the request was not signed.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use futures::future::BoxFuture;

/// Answers what forms ask.
pub trait FormIntake: Send + Sync + 'static {
    /// Answers a request, signed over the bytes of `body`.
    fn answer<'a>(
        &'a self,
        signature: Option<&'a [u8]>,
        body: &'a [u8],
    ) -> BoxFuture<'a, FormAnswer>;
}

/// What a form is answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FormAnswer {
    /// An encrypted screen.
    Screen(String),
    /// The request cannot be read with our key.
    Unreadable,
    /// The form is not good any more; what to say about it.
    Expired(String),
    /// Not from Meta.
    BadSignature,
    /// It could not be answered now.
    Failed,
}

/// Where forms ask, below the public address.
pub const FORMS_PATH: &str = "/webhooks/whatsapp/flows";
/// A form without pictures is a few kilobytes.
const LARGEST_BODY: usize = 256 * 1024;
/// Meta waits for ten seconds.
const DEADLINE: Duration = Duration::from_secs(8);
/// The form's ticket is not good any more.
const EXPIRED: u16 = 427;
/// The signature does not hold.
const UNSIGNED: u16 = 432;

/// Returns the route.
pub fn routes(intake: Arc<dyn FormIntake>) -> Router {
    Router::new()
        .route(FORMS_PATH, post(receive))
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
        .with_state(intake)
}

async fn receive(
    State(intake): State<Arc<dyn FormIntake>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let signature = super::webhook::signature(&headers);
    let signature = signature.map(axum::http::HeaderValue::as_bytes);
    let answered = tokio::time::timeout(DEADLINE, intake.answer(signature, &body)).await;
    let (status, body) = match answered.unwrap_or(FormAnswer::Failed) {
        FormAnswer::Screen(sealed) => (StatusCode::OK, sealed),
        FormAnswer::Unreadable => (StatusCode::MISDIRECTED_REQUEST, String::new()),
        FormAnswer::Expired(words) => (own(EXPIRED), words),
        FormAnswer::BadSignature => (own(UNSIGNED), String::new()),
        FormAnswer::Failed => (StatusCode::INTERNAL_SERVER_ERROR, String::new()),
    };
    (status, [(CONTENT_TYPE, "text/plain")], body).into_response()
}

fn own(status: u16) -> StatusCode {
    StatusCode::from_u16(status).expect("a number of three digits")
}
