//! Media: handed over by the business, sent by people, looked up and fetched with the
//! token (<https://developers.facebook.com/docs/whatsapp/cloud-api/reference/media>).

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::multipart::MultipartError;
use axum::extract::{DefaultBodyLimit, Multipart, Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::error::GraphError;
use super::faults::FaultKind;
use super::graph::Outcome;
use super::{Emulator, News};
use crate::sandbox::store::Change;

const MB: usize = 1024 * 1024;
/// Bytes of the largest file.
pub(super) const LARGEST: usize = 100 * MB;
/// What a multipart body may have around its file.
const WRAPPING: usize = 64 * 1024;
/// How long an upload is kept.
const UPLOADED: SignedDuration = SignedDuration::from_hours(30 * 24);
/// How long what a person sent is kept.
const SENT: SignedDuration = SignedDuration::from_hours(7 * 24);
/// How long the address of a file is good.
const ADDRESS: SignedDuration = SignedDuration::from_mins(5);

/// The types Meta takes, with their kind.
const TYPES: [(&str, &str); 18] = [
    ("image", "image/jpeg"),
    ("image", "image/png"),
    ("audio", "audio/aac"),
    ("audio", "audio/amr"),
    ("audio", "audio/mpeg"),
    ("audio", "audio/mp4"),
    ("audio", "audio/ogg"),
    ("video", "video/mp4"),
    ("video", "video/3gpp"),
    ("document", "application/pdf"),
    ("document", "text/plain"),
    ("document", "application/msword"),
    ("document", "application/vnd.ms-excel"),
    ("document", "application/vnd.ms-powerpoint"),
    (
        "document",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ),
    (
        "document",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ),
    (
        "document",
        "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    ),
    ("sticker", "image/webp"),
];

/// A file Meta has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Media {
    pub(crate) id: String,
    /// As it was told, parameters included.
    pub(crate) mime: String,
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
    /// Gone from then on.
    pub(crate) until: Timestamp,
}

impl Media {
    /// Returns `image`, `audio` … of its type.
    pub(crate) fn kind(&self) -> Option<&'static str> {
        kind_of(&self.mime)
    }

    /// Returns the checksum as webhooks write it.
    pub(crate) fn sha256(&self) -> String {
        use base64::Engine as _;

        base64::engine::general_purpose::STANDARD.encode(Sha256::digest(&self.bytes))
    }

    fn sha256_in_hex(&self) -> String {
        use std::fmt::Write as _;

        let mut hex = String::new();
        for byte in Sha256::digest(&self.bytes) {
            let _ = write!(hex, "{byte:02x}");
        }
        hex
    }
}

/// A file as it lies on a phone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// Media type.
    pub mime: String,
    /// Its name on their phone.
    pub name: String,
    /// Its content.
    pub bytes: Vec<u8>,
}

/// Returns `image`, `audio` … of a media type.
pub(crate) fn kind_of(mime: &str) -> Option<&'static str> {
    let bare = mime.split(';').next().unwrap_or("").trim();
    let listed = TYPES.iter().find(|(_, listed)| *listed == bare);
    listed.map(|(kind, _)| *kind)
}

/// Returns how many bytes a file of a kind has at most.
pub(super) fn most(kind: &str) -> usize {
    match kind {
        "image" => 5 * MB,
        "audio" | "video" => 16 * MB,
        "sticker" => 500 * 1024,
        _ => LARGEST,
    }
}

impl Emulator {
    pub(super) fn media_router(&self) -> Router {
        Router::new()
            .route(
                "/{version}/{id}/media",
                post(upload).layer(DefaultBodyLimit::max(LARGEST + WRAPPING)),
            )
            .route("/{version}/{id}/content", get(download))
            .with_state(self.clone())
    }

    /// Keeps a file that a person sends; returns it with its id.
    pub(crate) fn keep_sent(&self, sent: Sent) -> Arc<Media> {
        self.keep(sent, SENT)
    }

    fn keep(&self, file: Sent, long: SignedDuration) -> Arc<Media> {
        let now = self.inner.clock.now();
        let mut state = self.state();
        let id = state.media_id();
        let media = Arc::new(Media {
            id,
            mime: file.mime,
            name: file.name,
            bytes: file.bytes,
            until: now.checked_add(long).unwrap_or(Timestamp::MAX),
        });
        state.note(|| Change::Media(Arc::clone(&media)));
        state.add_media(Arc::clone(&media), now);
        drop(state);
        self.changed(News::Log);
        media
    }

    /// Returns a file of a chat, as a phone would show it.
    pub fn file(&self, id: &str) -> Option<Sent> {
        self.media(id).map(|media| Sent {
            mime: media.mime.clone(),
            name: media.name.clone(),
            bytes: media.bytes.clone(),
        })
    }

    /// Returns a file that is still there.
    pub(crate) fn media(&self, id: &str) -> Option<Arc<Media>> {
        let now = self.inner.clock.now();
        let state = self.state();
        state.media(id, now)
    }

    /// Answers where a file is.
    pub(super) fn resolve(&self, media: &Media, headers: &HeaderMap, path: &str) -> Outcome {
        let host = headers
            .get(header::HOST)
            .and_then(|host| host.to_str().ok());
        let until = self.inner.clock.now().checked_add(ADDRESS);
        let until = until.unwrap_or(Timestamp::MAX).as_millisecond();
        let host = host.unwrap_or("127.0.0.1");
        let body = json!({
            "messaging_product": "whatsapp",
            "url": format!("http://{host}{path}/content?until={until}"),
            "mime_type": media.mime,
            "sha256": media.sha256_in_hex(),
            "file_size": media.bytes.len(),
            "id": media.id,
        });
        Outcome::Answer(200, body)
    }

    pub(super) fn delete(&self, id: &str) -> Outcome {
        if self.media(id).is_none() {
            return Outcome::Refused(GraphError::no_such_object(id));
        }
        let mut state = self.state();
        state.note(|| Change::MediaDeleted(id.to_owned()));
        state.remove_media(id);
        drop(state);
        self.changed(News::Log);
        Outcome::Answer(200, json!({"success": true}))
    }

    fn take_upload(&self, id: &str, form: Form) -> Outcome {
        if id != self.inner.settings.phone_number_id {
            return Outcome::Refused(GraphError::no_such_object(id));
        }
        match form.check() {
            Ok(file) => {
                let media = self.keep(file, UPLOADED);
                Outcome::Answer(200, json!({"id": media.id}))
            }
            Err(refused) => Outcome::Refused(refused),
        }
    }
}

/// The parts of an upload.
#[derive(Default)]
struct Form {
    product: Option<String>,
    kind: Option<String>,
    file: Option<Sent>,
}

impl Form {
    async fn read(mut parts: Multipart) -> Result<Self, MultipartError> {
        let mut form = Self::default();
        while let Some(part) = parts.next_field().await? {
            match part.name().unwrap_or("") {
                "messaging_product" => form.product = Some(part.text().await?),
                "type" => form.kind = Some(part.text().await?),
                "file" => {
                    let mime = part.content_type().unwrap_or("").to_owned();
                    let name = part.file_name().unwrap_or("").to_owned();
                    let bytes = part.bytes().await?.to_vec();
                    form.file = Some(Sent { mime, name, bytes });
                }
                _ => {}
            }
        }
        Ok(form)
    }

    fn check(self) -> Result<Sent, GraphError> {
        if self.product.as_deref() != Some("whatsapp") {
            return Err(GraphError::parameter(
                "The parameter messaging_product is required.",
            ));
        }
        let file = self
            .file
            .ok_or_else(|| GraphError::parameter("The parameter file is required."))?;
        let listed = || {
            let types = TYPES.map(|(_, mime)| mime).join(", ");
            let why =
                format!("Param file must be a file with one of the following types: {types}.");
            GraphError::parameter(format!("{why} Received file of type '{}'.", file.mime))
        };
        let kind = kind_of(&file.mime).ok_or_else(listed)?;
        if self
            .kind
            .is_some_and(|told| kind_of(&told) != Some(kind) && told != kind)
        {
            return Err(GraphError::parameter(
                "Param type does not agree with the file.",
            ));
        }
        let (size, most) = (file.bytes.len(), most(kind));
        if size == 0 || size > most {
            let why = format!("The file has {size} bytes; 1 to {most} are allowed for {kind}.");
            return Err(GraphError::new(131_053, why));
        }
        Ok(file)
    }
}

async fn upload(
    State(emulator): State<Emulator>,
    Path((version, id)): Path<(String, String)>,
    headers: HeaderMap,
    parts: Multipart,
) -> Response {
    let outcome = match emulator.admit_call(&version, &headers) {
        Err(outcome) => outcome,
        Ok(()) => match Form::read(parts).await {
            Ok(form) => emulator.take_upload(&id, form),
            Err(error) => Outcome::Refused(GraphError::parameter(error.body_text())),
        },
    };
    let what = format!("POST /{version}/{id}/media");
    emulator.answer(what, b"(a file)", outcome).await
}

#[derive(Deserialize)]
struct Address {
    until: i64,
}

async fn download(
    State(emulator): State<Emulator>,
    Path((version, id)): Path<(String, String)>,
    Query(address): Query<Address>,
    headers: HeaderMap,
) -> Response {
    let now = emulator.inner.clock.now().as_millisecond();
    let found = emulator.media(&id).filter(|_| now <= address.until);
    let says_who = headers.contains_key(header::USER_AGENT);
    // Meta's file servers answer without a body that says why.
    let (status, response) = match (emulator.admit(&version, &headers), found) {
        _ if !says_who => (400, StatusCode::BAD_REQUEST.into_response()),
        (Err(_), _) => (401, StatusCode::UNAUTHORIZED.into_response()),
        (Ok(()), None) => (404, StatusCode::NOT_FOUND.into_response()),
        (Ok(()), Some(media)) => {
            let kind = [(header::CONTENT_TYPE, media.mime.clone())];
            let mut bytes = media.bytes.clone();
            let spoilt = emulator.state().faults.roll(FaultKind::SpoilFiles);
            if let (Some(_), Some(byte)) = (spoilt, bytes.last_mut()) {
                *byte ^= 1;
            }
            (200, (kind, Bytes::from(bytes)).into_response())
        }
    };
    let outcome = Outcome::Answer(status, Value::Null);
    emulator.log_graph(format!("GET /{version}/{id}/content"), b"", &outcome);
    response
}

pub(super) async fn delete_object(
    State(emulator): State<Emulator>,
    Path((version, id)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    let outcome = match emulator.admit(&version, &headers) {
        Err(refused) => Outcome::Refused(refused),
        Ok(()) => match emulator.delete_form(&id) {
            Some(Ok(answer)) => Outcome::Answer(200, answer),
            Some(Err(refused)) => Outcome::Refused(refused),
            None => emulator.delete(&id),
        },
    };
    let what = format!("DELETE /{version}/{id}");
    emulator.answer(what, b"", outcome).await
}
