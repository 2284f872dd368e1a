//! The pages on which an investor approves, refuses and pays: plain HTML made for a small
//! phone, without a script. The end of the address is the key to it.

mod sheet;

use std::fmt::Write as _;

use axum::Router;
use axum::extract::{Form, Path, State as Shared};
use axum::http::{HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use jiff::Timestamp;
use serde::Deserialize;

use super::Exchange;
use super::orders::Payment;
use super::records::{Bounce, OrderState};
use super::state::{Refusal, State};
use sheet::{Sheet, sheet};

const STYLE: &str = include_str!("../assets/page.css");
const HTML: &str = "text/html; charset=utf-8";
/// Nothing from elsewhere, no script at all.
const POLICY: &str = "default-src 'none'; style-src 'self'; form-action 'self'; \
                      base-uri 'none'; frame-ancestors 'none'";

pub(super) fn router(exchange: &Exchange) -> Router {
    Router::new()
        .route(
            "/pages/style.css",
            get(|| async { served("text/css; charset=utf-8", STYLE.to_owned()) }),
        )
        .route("/pages/{about}/{id}/{token}", get(show).post(decide))
        .with_state(exchange.clone())
}

fn served(kind: &'static str, content: String) -> Response {
    let headers: [(HeaderName, &str); 5] = [
        (header::CONTENT_TYPE, kind),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (headers, content).into_response()
}

type Address = Path<(String, String, String)>;

async fn show(Shared(exchange): Shared<Exchange>, Path(at): Address) -> Response {
    let (about, id, token) = at;
    if !exchange.opens(&about, &id, &token) {
        return lost();
    }
    let sheet = exchange.act(|state, _| sheet(state, &about, &id));
    if !exchange.save().await {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    }
    match sheet {
        Ok(sheet) => served(HTML, render(&sheet)),
        Err(_) => lost(),
    }
}

#[derive(Deserialize)]
struct Decision {
    act: String,
}

async fn decide(
    Shared(exchange): Shared<Exchange>,
    Path(at): Address,
    Form(decision): Form<Decision>,
) -> Response {
    let (about, id, token) = at;
    if !exchange.opens(&about, &id, &token) {
        return lost();
    }
    // A second click finds nothing waiting, and the page then says how things stand.
    let done = exchange.act(|state, now| act(state, &about, &id, &decision.act, now));
    if !exchange.save().await {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    }
    let pays = done.is_ok()
        && about == "order"
        && exchange
            .state()
            .orders
            .get(&id)
            .is_some_and(|order| order.status == OrderState::AwaitingPayment);
    let next = if pays { "payment" } else { &about };
    Redirect::to(&exchange.page_url(next, &id)).into_response()
}

impl Exchange {
    fn opens(&self, about: &str, id: &str, token: &str) -> bool {
        self.page_token(about, id) == token
    }
}

fn lost() -> Response {
    let sheet = Sheet {
        title: "Nothing here",
        rows: Vec::new(),
        buttons: Vec::new(),
        state: "This link is not valid. Ask for a new one in the chat.".to_owned(),
        bad: true,
    };
    (StatusCode::NOT_FOUND, served(HTML, render(&sheet))).into_response()
}

fn act(state: &mut State, about: &str, id: &str, act: &str, now: Timestamp) -> Result<(), Refusal> {
    match (about, act) {
        ("investor", "approve") => state.decide_investor(id, true, now),
        ("investor", "refuse") => state.decide_investor(id, false, now),
        ("order", "approve") => state.approve_order(id, now),
        ("order", "refuse") => state.refuse_order(id, now),
        ("payment", "pay") => state.pay(id, Payment::Done, now),
        ("payment", "fail") => state.pay(id, Payment::Failed(Bounce::InsufficientFunds), now),
        ("plan", "approve") => state.approve_plan(id, now),
        ("plan", "refuse") => state.refuse_plan(id, now),
        ("mandate", "approve") => state.approve_mandate(id, now),
        ("mandate", "refuse") => state.refuse_mandate(id, now),
        _ => Err(Refusal::not_found("action")),
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

fn render(sheet: &Sheet) -> String {
    let title = sheet.title;
    let mut page = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <title>{title}</title><link rel=\"stylesheet\" href=\"../../style.css\"></head><body>\
         <header><b>Paper exchange</b><span>A sandbox: no money moves</span></header>\
         <main><h1>{title}</h1>"
    );
    if !sheet.state.is_empty() {
        let class = if sheet.bad { "state bad" } else { "state" };
        let _ = write!(
            page,
            "<p class=\"{class}\" role=\"status\">{}</p>",
            escaped(&sheet.state)
        );
    }
    if !sheet.rows.is_empty() {
        page.push_str("<dl>");
        for (name, value) in &sheet.rows {
            let _ = write!(
                page,
                "<div><dt>{name}</dt><dd>{}</dd></div>",
                escaped(value)
            );
        }
        page.push_str("</dl>");
    }
    if !sheet.buttons.is_empty() {
        page.push_str("<form method=\"post\">");
        for (act, words, class) in &sheet.buttons {
            let _ = write!(
                page,
                "<button class=\"{class}\" name=\"act\" value=\"{act}\">{}</button>",
                escaped(words)
            );
        }
        page.push_str("</form>");
    }
    page.push_str(
        "<p class=\"note\">Nobody will ask you for a code or a PIN in the chat. \
         You can close this page and go back to it.</p></main></body></html>",
    );
    page
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_person_wrote_never_becomes_markup() {
        assert_eq!(escaped("<b a=\"&\">"), "&lt;b a=&quot;&amp;&quot;&gt;");
    }
}
