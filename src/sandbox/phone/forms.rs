//! Forms that are filled in on the page, and how their endpoints are.

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::Value;

use super::api::{Refusal, Sandbox};
use crate::sandbox::emulator::{FormStep, FormTrouble, KeptForm};

/// Returns the routes.
pub(super) fn routes() -> Router<Sandbox> {
    Router::new()
        .route("/form", post(fill_form))
        .route("/forms", get(list_forms))
        .route("/forms/ping", post(ping_form))
}

fn refused(trouble: &FormTrouble) -> Refusal {
    Refusal(StatusCode::CONFLICT, trouble.to_string())
}

#[derive(Deserialize)]
struct Fill {
    user: String,
    message: String,
    #[serde(flatten)]
    step: FormStep,
}

async fn fill_form(
    State(sandbox): State<Sandbox>,
    Json(fill): Json<Fill>,
) -> Result<Json<Value>, Refusal> {
    let emulator = &sandbox.emulator;
    let filled = emulator
        .fill_form(&fill.user, &fill.message, fill.step)
        .await;
    filled.map(Json).map_err(|trouble| refused(&trouble))
}

async fn list_forms(State(sandbox): State<Sandbox>) -> Json<Value> {
    let forms = sandbox.emulator.forms();
    Json(forms.iter().map(KeptForm::json).collect())
}

#[derive(Deserialize)]
struct Ping {
    /// Id or name.
    form: String,
}

async fn ping_form(
    State(sandbox): State<Sandbox>,
    Json(it): Json<Ping>,
) -> Result<StatusCode, Refusal> {
    let pinged = sandbox.emulator.ping_form(&it.form).await;
    pinged.map_err(|trouble| refused(&trouble))?;
    Ok(StatusCode::NO_CONTENT)
}
