//! Whether what happens to the account is told to the app, and where
//! (<https://developers.facebook.com/docs/graph-api/reference/whats-app-business-account/subscribed_apps/>).

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde_json::json;

use super::manage::parsed;
use super::{Emulator, GraphError, Outcome};
use crate::sandbox::emulator::fields::Fields;

type Route = Path<(String, String)>;

const LONGEST_ADDRESS: usize = 200;

impl Emulator {
    /// Subscribes the app. An address of the account's own takes the place of the app's once
    /// it proves that it knows its token; here for every webhook, as there is one address.
    async fn subscribe_app(&self, body: &[u8]) -> Result<(), GraphError> {
        if body.is_empty() {
            return Ok(());
        }
        let request = parsed(body)?;
        let fields = Fields::of(String::new(), &request)?;
        let Some(url) = fields.optional_text("override_callback_uri", LONGEST_ADDRESS)? else {
            return Ok(());
        };
        let token = fields.text("verify_token", 1024)?;
        if !self.verify(url, token).await.is_ok_and(|proved| proved) {
            let why = "Callback verification failed: the challenge did not come back.";
            return Err(GraphError::new(2200, why));
        }
        self.set_callback_url(url);
        Ok(())
    }
}

pub(super) async fn show(
    State(emulator): State<Emulator>,
    Path((version, id)): Route,
    headers: HeaderMap,
) -> Response {
    let outcome = emulator.manage(&version, &headers, || {
        emulator.is_account(&id)?;
        let app = json!({"id": "1000000000000001", "name": "Sandbox", "link": ""});
        Ok(json!({"data": [{"whatsapp_business_api_data": app}]}))
    });
    let what = format!("GET /{version}/{id}/subscribed_apps");
    emulator.answer(what, b"", outcome).await
}

pub(super) async fn subscribe(
    State(emulator): State<Emulator>,
    Path((version, id)): Route,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let admitted = emulator.admit(&version, &headers);
    let subscribed = match admitted.and_then(|()| emulator.is_account(&id)) {
        Ok(()) => emulator.subscribe_app(&body).await,
        Err(refused) => Err(refused),
    };
    let outcome = match subscribed {
        Ok(()) => Outcome::Answer(200, json!({"success": true})),
        Err(refused) => Outcome::Refused(refused),
    };
    let what = format!("POST /{version}/{id}/subscribed_apps");
    emulator.answer(what, &body, outcome).await
}
