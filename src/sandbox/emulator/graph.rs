//! The Graph side: the few routes of it a bot calls.

use std::collections::HashMap;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, OriginalUri, Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use jiff::SignedDuration;
use serde_json::{Value, json};

use super::chat::Tick;
use super::error::GraphError;
use super::faults::FaultKind;
use super::limits::tier;
use super::log::Entry;
use super::request::{self, Request};
use super::{Emulator, KeptForm, News, media, wamid};

mod broken;
mod forms;
mod manage;
pub(super) mod samples;
mod subscribed;

/// Bytes that a call may have which hands over no file.
const BODY: usize = 4 << 20;
/// How long a typing indicator shows.
const TYPING: SignedDuration = SignedDuration::from_secs(25);

/// What becomes of a call.
pub(super) enum Outcome {
    Answer(u16, Value),
    Refused(GraphError),
    Html,
    Drop,
    Cut(Value),
    Hang(u64),
    Late(u64, Value),
}

impl Emulator {
    /// Returns the routes of the Graph API: `/{version}/{phone_number_id}/messages` and
    /// what a doctor asks.
    pub fn graph_router(&self) -> Router {
        Router::new()
            .route("/{version}/{id}/messages", post(send))
            .route(
                "/{version}/{id}/subscribed_apps",
                get(subscribed::show).post(subscribed::subscribe),
            )
            .route(
                "/{version}/{id}/message_templates",
                get(manage::list)
                    .post(manage::create)
                    .delete(manage::delete),
            )
            .route("/{version}/{id}/uploads", post(samples::begin))
            .route("/{version}/{id}/unpause", post(manage::unpause))
            .route(
                "/{version}/{id}/whatsapp_business_encryption",
                get(forms::show_key).post(forms::set_key),
            )
            .route("/{version}/{id}/register", post(forms::register))
            .route(
                "/{version}/{id}/flows",
                get(forms::list).post(forms::create),
            )
            .route("/{version}/{id}/assets", post(forms::define))
            .route("/{version}/{id}/publish", post(forms::publish))
            .route("/{version}/{id}/deprecate", post(forms::deprecate))
            .route(
                "/{version}/{id}",
                // An upload is posted here as well.
                post(manage::edit)
                    .layer(DefaultBodyLimit::max(media::LARGEST))
                    .get(show_object)
                    .delete(media::delete_object),
            )
            .fallback(unknown)
            .layer(DefaultBodyLimit::max(BODY))
            .with_state(self.clone())
            .merge(self.media_router())
    }

    /// Lets a call in, through the faults that concern every call.
    pub(super) fn admit_call(&self, version: &str, headers: &HeaderMap) -> Result<(), Outcome> {
        self.admit(version, headers).map_err(Outcome::Refused)?;
        if self.inner.closing.is_cancelled() {
            return Err(Outcome::Refused(closing()));
        }
        let faults = &mut self.state().faults;
        if faults.roll(FaultKind::HtmlErrors).is_some() {
            return Err(Outcome::Html);
        }
        if faults.roll(FaultKind::ServerErrors).is_some() {
            let why = "The service is temporarily unavailable.";
            return Err(Outcome::Refused(GraphError::new(2, why)));
        }
        Ok(())
    }

    fn decide(&self, version: &str, id: &str, headers: &HeaderMap, body: &[u8]) -> Outcome {
        if let Err(outcome) = self.admit_call(version, headers) {
            return outcome;
        }
        if id != self.inner.settings.phone_number_id {
            return Outcome::Refused(GraphError::no_such_object(id));
        }
        match request::parse(body) {
            Err(refused) => Outcome::Refused(refused),
            Ok(Request::Read { message_id, typing }) => self.mark_read(&message_id, typing),
            Ok(Request::Message(message)) => self.decide_message(*message),
        }
    }

    fn decide_message(&self, message: request::Message) -> Outcome {
        let hurry = {
            let faults = &mut self.state().faults;
            if faults.roll(FaultKind::ThrottleSends).is_some() {
                let why = "Cloud API message throughput has been reached.";
                return Outcome::Refused(GraphError::new(130_429, why));
            }
            if let Some(code) = faults.roll(FaultKind::RefuseSends) {
                let code = i64::try_from(code).unwrap_or(1);
                return Outcome::Refused(GraphError::new(code, "Refused on purpose."));
            }
            if let Some(ms) = faults.roll(FaultKind::HangUnaccepted) {
                return Outcome::Hang(ms);
            }
            faults.roll(FaultKind::StatusBeforeResponse)
        };
        let answer = match self.accept(message, hurry.is_some()) {
            Ok(answer) => answer,
            Err(refused) => return Outcome::Refused(refused),
        };
        let faults = &mut self.state().faults;
        if faults.roll(FaultKind::AcceptThenDrop).is_some() {
            Outcome::Drop
        } else if faults.roll(FaultKind::CutAnswers).is_some() {
            Outcome::Cut(answer)
        } else if let Some(ms) = faults.roll(FaultKind::AcceptThenHang) {
            Outcome::Hang(ms)
        } else if let Some(ms) = hurry {
            Outcome::Late(ms, answer)
        } else {
            Outcome::Answer(200, answer)
        }
    }

    pub(super) fn admit(&self, version: &str, headers: &HeaderMap) -> Result<(), GraphError> {
        let number = version.strip_prefix('v').and_then(|n| n.split_once('.'));
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        if !number.is_some_and(|(major, minor)| digits(major) && digits(minor)) {
            let why = format!("Unknown path components: /{version}");
            return Err(GraphError::new(2500, why));
        }
        let token = headers
            .get(header::AUTHORIZATION)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.strip_prefix("Bearer "));
        match token {
            Some(token) if token == self.inner.settings.access_token => Ok(()),
            Some(_) => Err(GraphError::new(
                190,
                "Invalid OAuth access token - Cannot parse access token",
            )),
            None => Err(GraphError::new(200, "Provide valid app ID")),
        }
    }

    /// The business read a message, and with it all before it.
    fn mark_read(&self, message_id: &str, typing: bool) -> Outcome {
        let now = self.inner.clock.now();
        let mut state = self.state();
        let place = wamid::name(message_id).and_then(|name| state.find(&name));
        let Some(place) = place else {
            return Outcome::Refused(GraphError::parameter(format!(
                "Message with ID '{message_id}' does not exist."
            )));
        };
        let chat = &mut state.chats[place];
        if chat.find(message_id).is_some_and(|bubble| !bubble.mine) {
            return Outcome::Refused(GraphError::parameter(format!(
                "Message with ID '{message_id}' was not received from a customer."
            )));
        }
        if typing {
            chat.typing_until = now.checked_add(TYPING).ok();
        }
        let key = chat.person.key().to_owned();
        let upto = chat.find(message_id).map_or(0, |bubble| bubble.number);
        let unread: Vec<String> = chat
            .bubbles
            .iter()
            .filter(|b| b.mine && b.number <= upto && b.tick < Tick::Read)
            .map(|b| b.wamid.clone())
            .collect();
        for wamid in unread {
            state.tick(place, &wamid, Tick::Read);
        }
        drop(state);
        self.changed(News::Chat(key));
        Outcome::Answer(200, json!({"success": true}))
    }

    pub(super) async fn perform(&self, outcome: Outcome) -> Response {
        if !self.saved().await {
            return refuse(&closing());
        }
        match outcome {
            Outcome::Answer(status, body) => json_response(status, &body),
            Outcome::Refused(error) => refuse(&error),
            Outcome::Html => (
                StatusCode::BAD_GATEWAY,
                [(header::CONTENT_TYPE, "text/html")],
                "<html><body><h1>502 Bad Gateway</h1></body></html>",
            )
                .into_response(),
            Outcome::Drop => broken::dropped(),
            Outcome::Cut(body) => broken::cut(&body),
            Outcome::Hang(ms) => {
                // A client gives up by the machine's time, whatever our clock says.
                let long = tokio::time::sleep(Duration::from_millis(ms));
                let _ = self.inner.closing.run_until_cancelled(long).await;
                broken::dropped()
            }
            Outcome::Late(ms, body) => {
                let held = self.inner.clock.sleep(Duration::from_millis(ms));
                let _ = self.inner.closing.run_until_cancelled(held).await;
                json_response(200, &body)
            }
        }
    }

    /// Writes a call down and answers it.
    pub(super) async fn answer(&self, what: String, request: &[u8], outcome: Outcome) -> Response {
        self.log_graph(what, request, &outcome);
        self.perform(outcome).await
    }

    pub(super) fn log_graph(&self, what: String, request: &[u8], outcome: &Outcome) {
        let at = self.inner.clock.now();
        let (outcome, response) = match outcome {
            Outcome::Answer(status, body) => (status.to_string(), body.to_string()),
            Outcome::Refused(e) => (e.http.to_string(), e.body(0).to_string()),
            Outcome::Html => ("502".to_owned(), "a page of HTML".to_owned()),
            Outcome::Drop => ("dropped".to_owned(), String::new()),
            Outcome::Cut(body) => ("200, cut off".to_owned(), body.to_string()),
            Outcome::Hang(ms) => (format!("hangs {ms} ms"), String::new()),
            Outcome::Late(ms, body) => (format!("200 after {ms} ms"), body.to_string()),
        };
        self.state().log.add(|number| Entry {
            number,
            at,
            side: "graph",
            what,
            outcome,
            request: String::from_utf8_lossy(request).into_owned(),
            response,
        });
        self.tell(News::Log);
    }
}

async fn send(
    State(emulator): State<Emulator>,
    Path((version, id)): Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let outcome = emulator.decide(&version, &id, &headers, &body);
    emulator
        .answer(format!("POST /{version}/{id}/messages"), &body, outcome)
        .await
}

async fn show_object(
    State(emulator): State<Emulator>,
    Path((version, id)): Path<(String, String)>,
    Query(query): Query<HashMap<String, String>>,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
) -> Response {
    let settings = &emulator.inner.settings;
    let outcome = match emulator.admit(&version, &headers) {
        Err(refused) => Outcome::Refused(refused),
        Ok(()) if id == settings.phone_number_id => {
            let all = json!({
                "id": id,
                "display_phone_number": settings.display_phone_number,
                "verified_name": settings.business_name,
                "quality_rating": "GREEN",
                "code_verification_status": "VERIFIED",
                "name_status": "APPROVED",
                "platform_type": "CLOUD_API",
                "throughput": {"level": "STANDARD"},
                "whatsapp_business_manager_messaging_limit": tier(emulator.options().messaging_limit),
            });
            Outcome::Answer(200, select(all, query.get("fields")))
        }
        Ok(()) if id == settings.waba_id => {
            let all = json!({"id": id, "name": settings.business_name, "currency": "INR"});
            Outcome::Answer(200, select(all, query.get("fields")))
        }
        Ok(()) => {
            let templates = emulator.templates();
            let template = templates.iter().find(|one| one.id == id);
            let template = template.map(|one| one.json(emulator.inner.clock.now()));
            let forms = emulator.forms();
            let form = forms.iter().find(|one| one.id == id);
            let listed = template.or_else(|| form.map(KeptForm::json));
            match (listed, emulator.media(&id)) {
                (Some(all), _) => Outcome::Answer(200, select(all, query.get("fields"))),
                (None, Some(media)) => emulator.resolve(&media, &headers, uri.path()),
                (None, None) => Outcome::Refused(GraphError::no_such_object(&id)),
            }
        }
    };
    emulator
        .answer(format!("GET /{version}/{id}"), b"", outcome)
        .await
}

async fn unknown(OriginalUri(uri): OriginalUri) -> Response {
    let why = format!("Unknown path components: {}", uri.path());
    refuse(&GraphError::new(2500, why))
}

/// Keeps the fields that were asked for, and the id.
fn select(mut all: Value, fields: Option<&String>) -> Value {
    if let (Some(fields), Some(map)) = (fields, all.as_object_mut()) {
        map.retain(|key, _| key == "id" || fields.split(',').any(|field| field == key));
    }
    all
}

fn closing() -> GraphError {
    GraphError::new(2, "The sandbox is closing.")
}

fn refuse(error: &GraphError) -> Response {
    json_response(error.http, &error.body(trace_of(error)))
}

/// Meta's trace ids mean nothing to anybody else; ours follow from the error.
fn trace_of(error: &GraphError) -> u64 {
    error
        .details
        .bytes()
        .fold(error.code.unsigned_abs(), |trace, byte| {
            trace.rotate_left(7) ^ u64::from(byte)
        })
}

fn json_response(status: u16, body: &Value) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, Json(body)).into_response()
}
