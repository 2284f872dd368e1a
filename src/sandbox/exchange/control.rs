//! What a person or a test may do to the exchange and an investor could not: switches,
//! the state of things, what happens at the bank.

use std::time::Duration;

use axum::extract::{Path, State as Shared};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::{Value, json};

use super::Exchange;
use super::faults::ExchangeFault;
use super::state::{ExchangeOptions, Refusal};
use crate::sandbox::emulator::Fault;

pub(super) fn router(exchange: &Exchange) -> Router {
    Router::new()
        .route("/control", get(show_all))
        .route("/control/faults", get(list_faults).put(set_faults))
        .route("/control/options", get(show_options).put(set_options))
        .route("/control/units", post(seed_units))
        .route("/control/investors/{ucc}/suspend", post(suspend_investor))
        .route(
            "/control/investors/{ucc}/reinstate",
            post(reinstate_investor),
        )
        .route("/control/mandates/{id}/pause", post(pause_mandate))
        .route("/control/mandates/{id}/resume", post(resume_mandate))
        .route("/control/advance", post(advance))
        .with_state(exchange.clone())
}

fn refused(status: StatusCode, detail: &str) -> Response {
    let body =
        json!({"title": status.canonical_reason(), "status": status.as_u16(), "detail": detail});
    (status, Json(body)).into_response()
}

/// Everything at once; a sandbox has no secrets.
async fn show_all(Shared(exchange): Shared<Exchange>) -> Json<Value> {
    let view = exchange.act(|state, now| {
        json!({
            "now": now.to_string(),
            "investors": state.investors.values().collect::<Vec<_>>(),
            "mandates": state.mandates.values().collect::<Vec<_>>(),
            "orders": state.orders.values().collect::<Vec<_>>(),
            "plans": state.plans.values().collect::<Vec<_>>(),
            "holdings": state.holdings.values().collect::<Vec<_>>(),
            "notices_not_taken": state.notices.len(),
        })
    });
    Json(view)
}

async fn list_faults(Shared(exchange): Shared<Exchange>) -> Json<Value> {
    let faults = ExchangeFault::ALL.map(|kind| {
        let fault = exchange.fault(kind);
        let (unit, usual) = kind.amount().unzip();
        json!({
            "kind": kind, "label": kind.label(), "unit": unit,
            "chance": fault.chance, "left": fault.left, "amount": fault.amount.or(usual),
        })
    });
    Json(json!(faults))
}

#[derive(Deserialize)]
struct SetFault {
    kind: ExchangeFault,
    #[serde(flatten)]
    fault: Fault,
}

async fn set_faults(
    Shared(exchange): Shared<Exchange>,
    Json(faults): Json<Vec<SetFault>>,
) -> Response {
    let sound = |set: &SetFault| (0.0..=1.0).contains(&set.fault.chance);
    if !faults.iter().all(sound) {
        let why = "a chance lies between 0 and 1";
        return refused(StatusCode::UNPROCESSABLE_ENTITY, why);
    }
    for set in faults {
        exchange.set_fault(set.kind, set.fault);
    }
    list_faults(Shared(exchange)).await.into_response()
}

async fn show_options(Shared(exchange): Shared<Exchange>) -> Json<ExchangeOptions> {
    Json(exchange.options())
}

async fn set_options(
    Shared(exchange): Shared<Exchange>,
    Json(options): Json<ExchangeOptions>,
) -> Response {
    exchange.set_options(options);
    if exchange.save().await {
        Json(options).into_response()
    } else {
        refused(
            StatusCode::INTERNAL_SERVER_ERROR,
            "the file cannot be written",
        )
    }
}

#[derive(Deserialize)]
struct Lot {
    folio: String,
    scheme: u32,
    date: Date,
    units: Decimal,
}

async fn seed_units(Shared(exchange): Shared<Exchange>, Json(lot): Json<Lot>) -> Response {
    if lot.units <= Decimal::ZERO {
        return refused(StatusCode::UNPROCESSABLE_ENTITY, "units are positive");
    }
    exchange.seed_units(&lot.folio, lot.scheme, lot.date, lot.units);
    exchange.save().await;
    StatusCode::NO_CONTENT.into_response()
}

async fn pause_mandate(Shared(exchange): Shared<Exchange>, Path(id): Path<String>) -> Response {
    hold(&exchange, &id, true).await
}

async fn resume_mandate(Shared(exchange): Shared<Exchange>, Path(id): Path<String>) -> Response {
    hold(&exchange, &id, false).await
}

async fn hold(exchange: &Exchange, id: &str, stop: bool) -> Response {
    let held = exchange.act(|state, now| state.hold_mandate(id, stop, now));
    answer(exchange, held).await
}

async fn suspend_investor(Shared(exchange): Shared<Exchange>, Path(ucc): Path<String>) -> Response {
    let held = exchange.act(|state, now| state.hold_investor(&ucc, true, now));
    answer(&exchange, held).await
}

async fn reinstate_investor(
    Shared(exchange): Shared<Exchange>,
    Path(ucc): Path<String>,
) -> Response {
    let held = exchange.act(|state, now| state.hold_investor(&ucc, false, now));
    answer(&exchange, held).await
}

async fn answer(exchange: &Exchange, done: Result<impl serde::Serialize, Refusal>) -> Response {
    exchange.save().await;
    match done {
        Ok(record) => Json(record).into_response(),
        Err(Refusal {
            status, message, ..
        }) => {
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::CONFLICT);
            refused(status, &message)
        }
    }
}

#[derive(Deserialize)]
struct Advance {
    seconds: u64,
}

/// Moves the clock; of use where the exchange runs alone.
async fn advance(Shared(exchange): Shared<Exchange>, Json(by): Json<Advance>) -> Response {
    const YEAR: u64 = 366 * 86_400;
    if by.seconds > YEAR {
        let why = "the clock moves by a year at most";
        return refused(StatusCode::UNPROCESSABLE_ENTITY, why);
    }
    exchange.clock().advance(Duration::from_secs(by.seconds));
    exchange.settle().await;
    Json(json!({"now": exchange.clock().now().to_string()})).into_response()
}
