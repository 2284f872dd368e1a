//! Files for reviewers: handed over in two calls, known by a handle from then on
//! (<https://developers.facebook.com/docs/graph-api/guides/upload>).

use std::collections::HashMap;

use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;
use serde_json::{Value, json};

use super::{Emulator, GraphError};
use crate::sandbox::emulator::media::{kind_of, most};
use crate::sandbox::emulator::state::State as Kept;

/// Uploads that were begun, and the handles of those that ended. Not kept on disk: a
/// handle is used at once.
#[derive(Default)]
pub(crate) struct Samples {
    /// Length in bytes and type, by id.
    begun: HashMap<String, (usize, String)>,
    handles: Vec<String>,
}

impl Kept {
    /// Refuses components whose files nobody handed over.
    pub(crate) fn know_handles(&self, components: &Value) -> Result<(), GraphError> {
        for one in components.as_array().into_iter().flatten() {
            let handles = one["example"]["header_handle"].as_array();
            for handle in handles.into_iter().flatten() {
                let known = |known: &String| handle == known.as_str();
                if !self.samples.handles.iter().any(known) {
                    let why = format!("The header_handle {handle} is not a valid handle.");
                    return Err(GraphError::parameter(why));
                }
            }
            for card in one["cards"].as_array().into_iter().flatten() {
                self.know_handles(&card["components"])?;
            }
        }
        Ok(())
    }

    fn begin_sample(&mut self, about: &HashMap<String, String>) -> Result<Value, GraphError> {
        let length = about
            .get("file_length")
            .and_then(|length| length.parse().ok());
        let length = length.ok_or_else(|| GraphError::missing("file_length"))?;
        let kind = about.get("file_type").cloned().unwrap_or_default();
        let Some(of @ ("image" | "video" | "document")) = kind_of(&kind) else {
            let why = format!("Param file_type cannot be '{kind}'.");
            return Err(GraphError::parameter(why));
        };
        let most = most(of);
        if !(1..=most).contains(&length) {
            let why = format!("The file has {length} bytes; 1 to {most} are allowed for {of}.");
            return Err(GraphError::parameter(why));
        }
        let id = format!("upload:{}?sig=sandbox", self.number());
        self.samples.begun.insert(id.clone(), (length, kind));
        Ok(json!({"id": id}))
    }

    fn take_sample(&mut self, id: &str, bytes: &[u8]) -> Result<Value, GraphError> {
        let begun = self.samples.begun.remove(id);
        let (length, kind) = begun.ok_or_else(|| GraphError::no_such_object(id))?;
        if bytes.len() != length {
            let why = format!("{} bytes came of a file of {length}.", bytes.len());
            return Err(GraphError::parameter(why));
        }
        let handle = format!("4::{}:{}", kind.replace('/', "_"), self.number());
        self.samples.handles.push(handle.clone());
        Ok(json!({"h": handle}))
    }
}

pub(super) async fn begin(
    State(emulator): State<Emulator>,
    Path((version, app)): Path<(String, String)>,
    Query(about): Query<HashMap<String, String>>,
    headers: HeaderMap,
) -> Response {
    let outcome = emulator.manage(&version, &headers, || {
        // The token tells which app it is, where the path says no more than that.
        if app != "app" && !app.bytes().all(|b| b.is_ascii_digit()) {
            return Err(GraphError::no_such_object(&app));
        }
        emulator.state().begin_sample(&about)
    });
    let what = format!("POST /{version}/{app}/uploads");
    emulator.answer(what, b"", outcome).await
}

/// Takes the bytes of an upload; its id is the last part of the path with the query.
pub(super) async fn take(
    emulator: Emulator,
    version: &str,
    id: &str,
    mut headers: HeaderMap,
    bytes: &[u8],
) -> Response {
    // The documentation has another word before the token here.
    let token = headers.get(header::AUTHORIZATION);
    let token = token.and_then(|token| token.to_str().ok()?.strip_prefix("OAuth "));
    let bearer = token.and_then(|token| HeaderValue::from_str(&format!("Bearer {token}")).ok());
    if let Some(bearer) = bearer {
        headers.insert(header::AUTHORIZATION, bearer);
    }
    let outcome = emulator.manage(version, &headers, || {
        if headers
            .get("file_offset")
            .is_none_or(|offset| offset != "0")
        {
            return Err(GraphError::missing("file_offset"));
        }
        emulator.state().take_sample(id, bytes)
    });
    let what = format!("POST /{version}/{id}");
    emulator.answer(what, b"(a file)", outcome).await
}
