//! What the page and the tests may ask and do, under `/sandbox/api`.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{ReleaseHook, files, forms, live};
use crate::sandbox::emulator::{
    Attachment, Emulator, Fault, FaultKind, Options, Person, TemplateDeed,
};

#[derive(Clone)]
pub(super) struct Sandbox {
    pub(super) emulator: Emulator,
    release: Option<ReleaseHook>,
}

/// Returns the routes of the API.
pub(super) fn router(emulator: Emulator, release: Option<ReleaseHook>) -> Router {
    let routes = Router::new()
        .route("/about", get(show_about))
        .route("/users", get(list_users).post(add_user))
        .route("/chats/{user}", get(show_chat))
        .route("/send", post(send))
        .route("/tap", post(tap))
        .route("/react", post(react))
        .route("/read", post(read))
        .route("/marketing", post(settle_marketing))
        .route("/faults", get(list_faults).put(set_faults))
        .route("/options", get(show_options).put(set_options))
        .route("/templates", get(list_templates).post(treat_template))
        .route("/clock", get(show_clock))
        .route("/clock/advance", post(advance_clock))
        .route("/release", post(release_conversation))
        .route("/log", get(list_log))
        .route("/events", get(stream_events))
        .merge(files::routes())
        .merge(forms::routes())
        .with_state(Sandbox { emulator, release });
    Router::new().nest("/sandbox/api", routes)
}

/// Says in words why something was not done.
pub(super) struct Refusal(pub(super) StatusCode, pub(super) String);

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let Self(status, detail) = self;
        let body = json!({"title": status.canonical_reason(), "status": status.as_u16(), "detail": detail});
        let kind = [(header::CONTENT_TYPE, "application/problem+json")];
        (status, kind, body.to_string()).into_response()
    }
}

pub(super) fn invalid(detail: &str) -> Refusal {
    Refusal(StatusCode::UNPROCESSABLE_ENTITY, detail.to_owned())
}

pub(super) fn nobody(user: &str) -> Refusal {
    Refusal(StatusCode::NOT_FOUND, format!("nobody is called `{user}`"))
}

async fn show_about(State(sandbox): State<Sandbox>) -> Json<Value> {
    Json(json!({
        "business": sandbox.emulator.business_name(),
        "number": sandbox.emulator.display_phone_number(),
        "can_release": sandbox.release.is_some(),
    }))
}

async fn list_users(State(sandbox): State<Sandbox>) -> Json<Value> {
    Json(sandbox.emulator.overview())
}

#[derive(Deserialize)]
struct NewUser {
    name: String,
    phone: Option<String>,
}

async fn add_user(
    State(sandbox): State<Sandbox>,
    Json(new): Json<NewUser>,
) -> Result<Json<Person>, Refusal> {
    let name = new.name.trim();
    if name.is_empty() {
        return Err(invalid("a name is needed"));
    }
    let person = match new.phone.as_deref().map(digits) {
        Some(phone) if (7..=15).contains(&phone.len()) => Person::with_phone(&phone, name),
        _ => return Err(invalid("a phone number of 7 to 15 digits is needed")),
    };
    sandbox.emulator.add_person(person.clone());
    Ok(Json(person))
}

fn digits(phone: &str) -> String {
    phone.chars().filter(char::is_ascii_digit).collect()
}

async fn show_chat(
    State(sandbox): State<Sandbox>,
    Path(user): Path<String>,
) -> Result<Json<Value>, Refusal> {
    sandbox
        .emulator
        .chat_view(&user)
        .map(Json)
        .ok_or_else(|| nobody(&user))
}

#[derive(Deserialize)]
struct Send {
    user: String,
    text: Option<String>,
    attachment: Option<Attachment>,
}

async fn send(
    State(sandbox): State<Sandbox>,
    Json(send): Json<Send>,
) -> Result<Json<Value>, Refusal> {
    let emulator = &sandbox.emulator;
    if !emulator.knows(&send.user) {
        return Err(nobody(&send.user));
    }
    let id = match (send.text.as_deref().map(str::trim), send.attachment) {
        (Some(text), None) if !text.is_empty() => emulator.user_says(&send.user, text).await,
        (None, Some(attachment)) => emulator.user_attaches(&send.user, attachment).await,
        _ => return Err(invalid("either a text or an attachment is needed")),
    };
    Ok(Json(json!({"id": id})))
}

#[derive(Deserialize)]
struct Tap {
    user: String,
    message: String,
    id: String,
}

async fn tap(State(sandbox): State<Sandbox>, Json(tap): Json<Tap>) -> Result<Json<Value>, Refusal> {
    let tapped = sandbox.emulator.tap(&tap.user, &tap.message, &tap.id).await;
    match tapped {
        Ok(id) => Ok(Json(json!({"id": id}))),
        Err(error) => Err(Refusal(StatusCode::CONFLICT, error.to_string())),
    }
}

#[derive(Deserialize)]
struct React {
    user: String,
    message: String,
    /// An empty one takes the reaction away.
    emoji: String,
}

async fn react(
    State(sandbox): State<Sandbox>,
    Json(it): Json<React>,
) -> Result<Json<Value>, Refusal> {
    let emulator = &sandbox.emulator;
    let is_there = emulator
        .chat(&it.user)
        .iter()
        .any(|b| b.wamid == it.message);
    if !is_there {
        let why = "there is no such message in this chat";
        return Err(Refusal(StatusCode::CONFLICT, why.to_owned()));
    }
    let id = emulator.user_reacts(&it.user, &it.message, &it.emoji).await;
    Ok(Json(json!({"id": id})))
}

#[derive(Deserialize)]
struct User {
    user: String,
}

async fn read(State(sandbox): State<Sandbox>, Json(who): Json<User>) -> StatusCode {
    sandbox.emulator.read_chat(&who.user).await;
    StatusCode::NO_CONTENT
}

#[derive(Deserialize)]
struct Settle {
    user: String,
    wanted: bool,
}

async fn settle_marketing(
    State(sandbox): State<Sandbox>,
    Json(it): Json<Settle>,
) -> Result<StatusCode, Refusal> {
    if sandbox.emulator.user_settles(&it.user, it.wanted).await {
        return Ok(StatusCode::NO_CONTENT);
    }
    Err(nobody(&it.user))
}

async fn list_faults(State(sandbox): State<Sandbox>) -> Json<Value> {
    let faults = FaultKind::ALL.map(|kind| {
        let fault = sandbox.emulator.fault(kind);
        let (unit, usual) = kind.amount().unzip();
        json!({
            "kind": kind, "label": kind.label(), "unit": unit,
            "chance": fault.chance, "left": fault.left, "amount": fault.amount.or(usual),
        })
    });
    Json(faults.into_iter().collect())
}

#[derive(Deserialize)]
struct SetFault {
    kind: FaultKind,
    #[serde(flatten)]
    fault: Fault,
}

async fn set_faults(
    State(sandbox): State<Sandbox>,
    Json(faults): Json<Vec<SetFault>>,
) -> Result<Json<Value>, Refusal> {
    if faults
        .iter()
        .any(|set| !(0.0..=1.0).contains(&set.fault.chance))
    {
        return Err(invalid("a chance lies between 0 and 1"));
    }
    for set in faults {
        sandbox.emulator.set_fault(set.kind, set.fault);
    }
    Ok(list_faults(State(sandbox)).await)
}

async fn show_options(State(sandbox): State<Sandbox>) -> Json<Options> {
    Json(sandbox.emulator.options())
}

async fn set_options(
    State(sandbox): State<Sandbox>,
    Json(options): Json<Options>,
) -> Json<Options> {
    sandbox.emulator.set_options(options);
    Json(options)
}

async fn list_templates(State(sandbox): State<Sandbox>) -> Json<Value> {
    let now = sandbox.emulator.clock().now();
    let all = sandbox.emulator.templates();
    Json(all.iter().map(|one| one.json(now)).collect())
}

#[derive(Deserialize)]
struct Treat {
    name: String,
    language: String,
    #[serde(flatten)]
    deed: TemplateDeed,
}

async fn treat_template(
    State(sandbox): State<Sandbox>,
    Json(treat): Json<Treat>,
) -> Result<StatusCode, Refusal> {
    let Treat {
        name,
        language,
        deed,
    } = &treat;
    if sandbox.emulator.treat_template(name, language, deed) {
        return Ok(StatusCode::NO_CONTENT);
    }
    let why = format!("there is no template `{name}` in `{language}`");
    Err(Refusal(StatusCode::NOT_FOUND, why))
}

async fn show_clock(State(sandbox): State<Sandbox>) -> Json<Value> {
    let now = sandbox.emulator.clock().now();
    Json(json!({"now": now.as_millisecond()}))
}

#[derive(Deserialize)]
struct Advance {
    seconds: u64,
}

async fn advance_clock(
    State(sandbox): State<Sandbox>,
    Json(by): Json<Advance>,
) -> Result<Json<Value>, Refusal> {
    const YEAR: u64 = 366 * 86_400;
    if by.seconds > YEAR {
        return Err(invalid("the clock moves by a year at most"));
    }
    sandbox.emulator.advance(Duration::from_secs(by.seconds));
    sandbox.emulator.saved().await;
    Ok(show_clock(State(sandbox)).await)
}

async fn release_conversation(
    State(sandbox): State<Sandbox>,
    Json(who): Json<User>,
) -> Result<StatusCode, Refusal> {
    let Some(release) = &sandbox.release else {
        let why = "this sandbox stands alone and cannot reach the service's conversations";
        return Err(Refusal(StatusCode::NOT_FOUND, why.to_owned()));
    };
    match release(who.user).await {
        Ok(()) => Ok(StatusCode::NO_CONTENT),
        Err(why) => Err(Refusal(StatusCode::CONFLICT, why)),
    }
}

async fn list_log(
    State(sandbox): State<Sandbox>,
    Query(query): Query<BTreeMap<String, u64>>,
) -> Json<Value> {
    let after = query.get("after").copied().unwrap_or(0);
    Json(json!(sandbox.emulator.log_after(after)))
}

async fn stream_events(State(sandbox): State<Sandbox>) -> impl IntoResponse {
    live::events(&sandbox.emulator)
}
