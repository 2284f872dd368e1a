//! The routes that manage forms and the number's key for them
//! (<https://developers.facebook.com/docs/whatsapp/flows/reference/flowsapi>).

use std::collections::HashMap;

use axum::body::Bytes;
use axum::extract::{Multipart, Path, Query, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde_json::json;

use super::manage::{page_of, parsed};
use super::{Emulator, GraphError};
use crate::sandbox::emulator::KeptForm;

type Route = Path<(String, String)>;

/// What is listed of a form unless the request says otherwise.
const FIELDS: &str = "id,name,status,categories,validation_errors";

impl Emulator {
    fn is_number(&self, id: &str) -> Result<(), GraphError> {
        if id == self.inner.settings.phone_number_id {
            Ok(())
        } else {
            Err(GraphError::no_such_object(id))
        }
    }
}

pub(super) async fn show_key(
    State(emulator): State<Emulator>,
    Path((version, id)): Route,
    headers: HeaderMap,
) -> Response {
    let outcome = emulator.manage(&version, &headers, || {
        emulator.is_number(&id)?;
        Ok(emulator.form_key_json())
    });
    let what = format!("GET /{version}/{id}/whatsapp_business_encryption");
    emulator.answer(what, b"", outcome).await
}

pub(super) async fn set_key(
    State(emulator): State<Emulator>,
    Path((version, id)): Route,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let outcome = emulator.manage(&version, &headers, || {
        emulator.is_number(&id)?;
        let mut fields = url::form_urlencoded::parse(&body);
        let key = fields.find(|(name, _)| name == "business_public_key");
        let (_, key) = key.ok_or_else(|| GraphError::missing("business_public_key"))?;
        if emulator.set_form_key(&key) {
            return Ok(json!({"success": true}));
        }
        let why = "must be an RSA public key of 2048 bits in PEM";
        Err(GraphError::value("business_public_key", why))
    });
    let what = format!("POST /{version}/{id}/whatsapp_business_encryption");
    emulator.answer(what, &body, outcome).await
}

pub(super) async fn register(
    State(emulator): State<Emulator>,
    Path((version, id)): Route,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let outcome = emulator.manage(&version, &headers, || {
        emulator.is_number(&id)?;
        if parsed(&body)?["messaging_product"] != "whatsapp" {
            return Err(GraphError::missing("messaging_product"));
        }
        Ok(emulator.register())
    });
    let what = format!("POST /{version}/{id}/register");
    emulator.answer(what, b"(a code)", outcome).await
}

pub(super) async fn list(
    State(emulator): State<Emulator>,
    Path((version, id)): Route,
    Query(mut query): Query<HashMap<String, String>>,
    headers: HeaderMap,
) -> Response {
    let outcome = emulator.manage(&version, &headers, || {
        emulator.is_account(&id)?;
        let all: Vec<_> = emulator.forms().iter().map(KeptForm::json).collect();
        query
            .entry("fields".to_owned())
            .or_insert_with(|| FIELDS.to_owned());
        page_of(&all, &query, "flows")
    });
    let what = format!("GET /{version}/{id}/flows");
    emulator.answer(what, b"", outcome).await
}

pub(super) async fn create(
    State(emulator): State<Emulator>,
    Path((version, id)): Route,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let outcome = emulator.manage(&version, &headers, || {
        emulator.is_account(&id)?;
        emulator.create_form(&parsed(&body)?)
    });
    let what = format!("POST /{version}/{id}/flows");
    emulator.answer(what, &body, outcome).await
}

pub(super) async fn define(
    State(emulator): State<Emulator>,
    Path((version, id)): Route,
    headers: HeaderMap,
    parts: Multipart,
) -> Response {
    let sent = read(parts).await;
    let outcome = emulator.manage(&version, &headers, || emulator.define_form(&id, &sent?));
    let what = format!("POST /{version}/{id}/assets");
    emulator.answer(what, b"(a definition)", outcome).await
}

/// Reads the definition out of the parts of a request.
async fn read(mut parts: Multipart) -> Result<String, GraphError> {
    let mut texts = HashMap::new();
    let broken =
        |error: axum::extract::multipart::MultipartError| GraphError::parameter(error.body_text());
    while let Some(part) = parts.next_field().await.map_err(broken)? {
        let name = part.name().unwrap_or("").to_owned();
        texts.insert(name, part.text().await.map_err(broken)?);
    }
    for (name, value) in [("name", "flow.json"), ("asset_type", "FLOW_JSON")] {
        if texts.get(name).is_none_or(|text| text != value) {
            return Err(GraphError::value(name, &format!("must be {value}")));
        }
    }
    let definition = texts.remove("file");
    definition.ok_or_else(|| GraphError::missing("file"))
}

pub(super) async fn publish(
    State(emulator): State<Emulator>,
    Path((version, id)): Route,
    headers: HeaderMap,
) -> Response {
    let outcome = emulator.manage(&version, &headers, || emulator.publish_form(&id));
    let what = format!("POST /{version}/{id}/publish");
    emulator.answer(what, b"", outcome).await
}

pub(super) async fn deprecate(
    State(emulator): State<Emulator>,
    Path((version, id)): Route,
    headers: HeaderMap,
) -> Response {
    let outcome = emulator.manage(&version, &headers, || emulator.deprecate_form(&id));
    let what = format!("POST /{version}/{id}/deprecate");
    emulator.answer(what, b"", outcome).await
}
