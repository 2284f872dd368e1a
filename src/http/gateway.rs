//! Where an exchange delivers its notices: an address whose last part only it knows.
//!
//! As on Meta's webhook, 200 is said once a notice is durable. What it says is a hint
//! only; the state is read from the exchange before anything is done about it.

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::StatusCode;
use axum::http::header::RETRY_AFTER;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use futures::future::BoxFuture;
use secrecy::SecretString;

use super::webhook::{Accepted, is_same};

/// A notice names a record and says little more.
const LARGEST_BODY: usize = 256 * 1024;

/// Takes an exchange's notices in.
pub trait GatewayIntake: Send + Sync + 'static {
    /// Returns the last part of the address.
    fn secret(&self) -> &SecretString;

    /// Keeps a notice; resolves after the commit.
    fn accept(&self, body: Bytes) -> BoxFuture<'_, Accepted>;
}

/// Returns the route.
pub fn routes(intake: Arc<dyn GatewayIntake>) -> Router {
    Router::new()
        .route("/webhooks/gateway/{secret}", post(receive))
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
        .with_state(intake)
}

async fn receive(
    State(intake): State<Arc<dyn GatewayIntake>>,
    Path(secret): Path<String>,
    body: Bytes,
) -> Response {
    if !is_same(intake.secret(), secret.as_bytes()) {
        return super::problem::not_found().await.into_response();
    }
    match intake.accept(body).await {
        Accepted::Stored | Accepted::Quarantined => StatusCode::OK.into_response(),
        Accepted::BadSignature => StatusCode::UNAUTHORIZED.into_response(),
        Accepted::Unavailable => {
            (StatusCode::SERVICE_UNAVAILABLE, [(RETRY_AFTER, "5")]).into_response()
        }
    }
}
