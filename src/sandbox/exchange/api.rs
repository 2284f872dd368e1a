//! What the member asks and is answered, in JSON.

use std::time::Duration;

use axum::body::Body;
use axum::extract::{DefaultBodyLimit, Path, Query, State as Shared};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use bytes::Bytes;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use super::faults::ExchangeFault;
use super::mandates::{NewInvestor, NewMandate};
use super::orders::NewOrder;
use super::plans::NewPlan;
use super::records::{Change, Plan};
use super::state::{Refusal, State, table};
use super::{Exchange, lock};

impl Exchange {
    /// Returns its API, its pages and its switches.
    pub fn router(&self) -> Router {
        let member = Router::new()
            .route("/investors", post(register_investor))
            .route("/investors/{ucc}", get(show_investor))
            .route("/orders", post(place_order).get(find_order))
            .route("/orders/{id}", get(show_order))
            .route("/orders/{id}/cancel", post(cancel_order))
            .route("/plans", post(register_plan).get(find_plan))
            .route("/plans/{id}", get(show_plan))
            .route("/plans/{id}/change", post(change_plan))
            .route("/mandates", post(register_mandate).get(find_mandate))
            .route("/mandates/{id}", get(show_mandate))
            .route("/mandates/{id}/cancel", post(cancel_mandate))
            .route("/pages", post(show_page_address))
            .layer(DefaultBodyLimit::max(64 << 10))
            .with_state(self.clone());
        Router::new()
            .nest("/v1", member)
            .merge(super::pages::router(self))
            .merge(super::control::router(self))
    }

    fn admit(&self, headers: &HeaderMap) -> Result<(), Refusal> {
        let given = headers.get(header::AUTHORIZATION);
        let wanted = format!("Bearer {}", self.inner.token);
        if given.is_some_and(|given| given.as_bytes() == wanted.as_bytes()) {
            return Ok(());
        }
        Err(Refusal {
            status: 401,
            code: "unauthorised",
            message: "the token is not the member's".to_owned(),
        })
    }

    async fn read(
        &self,
        headers: &HeaderMap,
        read: impl FnOnce(&State) -> Result<Value, Refusal>,
    ) -> Response {
        let found = self.admit(headers);
        let found = found.and_then(|()| self.act(|state, _| read(state)));
        // What is shown must not be forgotten again.
        if !self.save().await {
            return broken_disk();
        }
        answer(found)
    }

    async fn write(
        &self,
        headers: &HeaderMap,
        write: impl FnOnce(&mut State, Timestamp) -> Result<Value, Refusal>,
    ) -> Response {
        if let Err(refusal) = self.admit(headers) {
            return answer(Err(refusal));
        }
        if let Some(response) = self.misbehave_before().await {
            return response;
        }
        let done = self.act(write);
        if !self.save().await {
            return broken_disk();
        }
        if done.is_ok() {
            let drop = self.roll(ExchangeFault::AcceptThenDrop);
            let hang = self.roll(ExchangeFault::AcceptThenHang);
            if let Some(ms) = hang {
                self.hang(ms).await;
            }
            if drop.or(hang).is_some() {
                return dropped();
            }
        }
        answer(done)
    }

    fn roll(&self, kind: ExchangeFault) -> Option<u64> {
        self.state().faults.roll(kind)
    }

    async fn misbehave_before(&self) -> Option<Response> {
        if self.roll(ExchangeFault::ServerErrors).is_some() {
            return Some(answer(Err(Refusal {
                status: 503,
                code: "unavailable",
                message: "out of order".to_owned(),
            })));
        }
        if self.roll(ExchangeFault::HtmlErrors).is_some() {
            let html = "<html><body><h1>502 Bad Gateway</h1></body></html>";
            let kind = [(header::CONTENT_TYPE, "text/html")];
            return Some((StatusCode::BAD_GATEWAY, kind, html).into_response());
        }
        let ms = self.roll(ExchangeFault::HangUnaccepted)?;
        self.hang(ms).await;
        Some(dropped())
    }

    /// A client gives up by the machine's time, whatever our clock says.
    async fn hang(&self, ms: u64) {
        let long = tokio::time::sleep(Duration::from_millis(ms));
        let _ = self.inner.closing.run_until_cancelled(long).await;
    }

    /// Returns the address of a page.
    pub(crate) fn page_url(&self, about: &str, id: &str) -> String {
        let base = lock(&self.inner.public_url).clone();
        let token = self.page_token(about, id);
        format!("{base}/pages/{about}/{id}/{token}")
    }
}

fn answer(done: Result<Value, Refusal>) -> Response {
    match done {
        Ok(value) => Json(value).into_response(),
        Err(refusal) => {
            let status = StatusCode::from_u16(refusal.status);
            let body = json!({"code": refusal.code, "message": refusal.message});
            (status.unwrap_or(StatusCode::BAD_REQUEST), Json(body)).into_response()
        }
    }
}

fn broken_disk() -> Response {
    let body = json!({"code": "not_durable", "message": "the exchange cannot write its file"});
    (StatusCode::INTERNAL_SERVER_ERROR, Json(body)).into_response()
}

fn dropped() -> Response {
    let broken = std::io::Error::other("dropped on purpose");
    let body = futures::stream::once(std::future::ready(Err::<Bytes, _>(broken)));
    Response::new(Body::from_stream(body))
}

fn parse<T: serde::de::DeserializeOwned>(body: &[u8]) -> Result<T, Refusal> {
    serde_json::from_slice(body).map_err(|e| Refusal {
        status: 400,
        code: "unreadable",
        message: e.to_string(),
    })
}

fn view(record: &impl serde::Serialize) -> Value {
    serde_json::to_value(record).expect("records are texts and numbers")
}

/// A plan is shown with its instalments.
fn plan_view(state: &State, plan: &Plan) -> Value {
    let orders = plan.orders.iter().filter_map(|id| state.orders.get(id));
    let orders: Vec<Value> = orders.map(view).collect();
    json!({"plan": plan, "instalments": orders})
}

#[derive(Deserialize)]
struct ByReference {
    reference: String,
}

impl ByReference {
    fn id(&self, state: &State, table: &'static str) -> Result<String, Refusal> {
        let id = state.by_reference(table, &self.reference).cloned();
        id.ok_or_else(|| Refusal::not_found(table))
    }
}

async fn register_investor(
    Shared(exchange): Shared<Exchange>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let register = |state: &mut State, now| {
        let new: NewInvestor = parse(&body)?;
        Ok(view(&state.register_investor(&new, now)?))
    };
    exchange.write(&headers, register).await
}

async fn show_investor(
    Shared(exchange): Shared<Exchange>,
    Path(ucc): Path<String>,
    headers: HeaderMap,
) -> Response {
    let read = |state: &State| Ok(view(&state.investor(&ucc)?));
    exchange.read(&headers, read).await
}

async fn place_order(
    Shared(exchange): Shared<Exchange>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let place = |state: &mut State, now| {
        let new: NewOrder = parse(&body)?;
        Ok(view(&state.place_order(new, now)?))
    };
    exchange.write(&headers, place).await
}

async fn find_order(
    Shared(exchange): Shared<Exchange>,
    Query(by): Query<ByReference>,
    headers: HeaderMap,
) -> Response {
    let find = |state: &State| Ok(view(&state.order(&by.id(state, table::ORDER)?)?));
    exchange.read(&headers, find).await
}

async fn show_order(
    Shared(exchange): Shared<Exchange>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    let read = |state: &State| Ok(view(&state.order(&id)?));
    exchange.read(&headers, read).await
}

async fn cancel_order(
    Shared(exchange): Shared<Exchange>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    let cancel = |state: &mut State, now| Ok(view(&state.cancel_order(&id, now)?));
    exchange.write(&headers, cancel).await
}

async fn register_plan(
    Shared(exchange): Shared<Exchange>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let register = |state: &mut State, now| {
        let new: NewPlan = parse(&body)?;
        let plan = state.register_plan(new, now)?;
        Ok(plan_view(state, &plan))
    };
    exchange.write(&headers, register).await
}

async fn find_plan(
    Shared(exchange): Shared<Exchange>,
    Query(by): Query<ByReference>,
    headers: HeaderMap,
) -> Response {
    let find = |state: &State| {
        let plan = state.plan(&by.id(state, table::PLAN)?)?;
        Ok(plan_view(state, &plan))
    };
    exchange.read(&headers, find).await
}

async fn show_plan(
    Shared(exchange): Shared<Exchange>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    let read = |state: &State| Ok(plan_view(state, &state.plan(&id)?));
    exchange.read(&headers, read).await
}

async fn change_plan(
    Shared(exchange): Shared<Exchange>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let change = |state: &mut State, now| {
        let change: Change = parse(&body)?;
        let plan = state.change_plan(&id, change, now)?;
        Ok(plan_view(state, &plan))
    };
    exchange.write(&headers, change).await
}

async fn register_mandate(
    Shared(exchange): Shared<Exchange>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let register = |state: &mut State, now| {
        let new: NewMandate = parse(&body)?;
        Ok(view(&state.register_mandate(new, now)?))
    };
    exchange.write(&headers, register).await
}

async fn find_mandate(
    Shared(exchange): Shared<Exchange>,
    Query(by): Query<ByReference>,
    headers: HeaderMap,
) -> Response {
    let find = |state: &State| Ok(view(&state.mandate(&by.id(state, table::MANDATE)?)?));
    exchange.read(&headers, find).await
}

async fn show_mandate(
    Shared(exchange): Shared<Exchange>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    let read = |state: &State| Ok(view(&state.mandate(&id)?));
    exchange.read(&headers, read).await
}

async fn cancel_mandate(
    Shared(exchange): Shared<Exchange>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    let cancel = |state: &mut State, now| Ok(view(&state.cancel_mandate(&id, now)?));
    exchange.write(&headers, cancel).await
}

#[derive(Deserialize)]
struct PageAsked {
    about: String,
    id: String,
}

async fn show_page_address(
    Shared(exchange): Shared<Exchange>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let page = |state: &State| {
        let asked: PageAsked = parse(&body)?;
        match asked.about.as_str() {
            "investor" => drop(state.investor(&asked.id)?),
            "order" | "payment" => drop(state.order(&asked.id)?),
            "plan" => drop(state.plan(&asked.id)?),
            "mandate" => drop(state.mandate(&asked.id)?),
            _ => return Err(Refusal::not_found("page")),
        }
        Ok(json!({"url": exchange.page_url(&asked.about, &asked.id)}))
    };
    exchange.read(&headers, page).await
}
