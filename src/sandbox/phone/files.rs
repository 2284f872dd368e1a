//! Files that are sent from the page and shown on it.

use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, Query, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};

use super::api::{Refusal, Sandbox, invalid, nobody};
use crate::sandbox::emulator::Sent;

/// Largest file that is sent from the page.
const LARGEST: usize = 20 << 20;

/// Returns the routes.
pub(super) fn routes() -> Router<Sandbox> {
    Router::new()
        .route(
            "/files",
            post(send_file).layer(DefaultBodyLimit::max(LARGEST)),
        )
        .route("/media/{id}", get(show_media))
}

#[derive(Deserialize)]
struct SendFile {
    user: String,
    name: String,
    #[serde(default)]
    caption: String,
}

async fn send_file(
    State(sandbox): State<Sandbox>,
    Query(it): Query<SendFile>,
    headers: HeaderMap,
    bytes: Bytes,
) -> Result<Json<Value>, Refusal> {
    let emulator = &sandbox.emulator;
    if !emulator.knows(&it.user) {
        return Err(nobody(&it.user));
    }
    if bytes.is_empty() {
        return Err(invalid("the file is empty"));
    }
    let mime = headers.get(header::CONTENT_TYPE);
    let mime = mime.and_then(|mime| mime.to_str().ok()).unwrap_or("");
    let sent = Sent {
        mime: mime.to_owned(),
        name: it.name,
        bytes: bytes.to_vec(),
    };
    let id = emulator
        .user_sends_file(&it.user, sent, it.caption.trim())
        .await;
    Ok(Json(json!({"id": id})))
}

/// Shows a file of a chat. What a browser would run is handed over to be saved.
async fn show_media(
    State(sandbox): State<Sandbox>,
    Path(id): Path<String>,
) -> Result<Response, Refusal> {
    const SHOWN: [&str; 5] = [
        "image/png",
        "image/jpeg",
        "image/webp",
        "application/pdf",
        "text/plain",
    ];

    let media = sandbox.emulator.media(&id);
    let gone = || Refusal(StatusCode::NOT_FOUND, "this file is gone".to_owned());
    let media = media.ok_or_else(gone)?;
    let bare = media.mime.split(';').next().unwrap_or("").trim();
    let is_shown =
        SHOWN.contains(&bare) || bare.starts_with("audio/") || bare.starts_with("video/");
    let (kind, place) = if is_shown {
        (media.mime.as_str(), "inline")
    } else {
        ("application/octet-stream", "attachment")
    };
    let kind = HeaderValue::from_str(kind);
    let kind = kind.unwrap_or(HeaderValue::from_static("application/octet-stream"));
    let headers: [(HeaderName, HeaderValue); 4] = [
        (header::CONTENT_TYPE, kind),
        (header::CONTENT_DISPOSITION, HeaderValue::from_static(place)),
        (
            header::X_CONTENT_TYPE_OPTIONS,
            HeaderValue::from_static("nosniff"),
        ),
        (
            header::CACHE_CONTROL,
            HeaderValue::from_static("no-store, private"),
        ),
    ];
    Ok((headers, media.bytes.clone()).into_response())
}
