//! The other end of BSE's wire, in the shapes of `tests/data/bse`. It keeps what it was
//! sent, so that a test can hold it against the documents.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use bytes::Bytes;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::investing::gateway::bse::jose::Keys;

macro_rules! shape {
    ($name:literal) => {
        serde_json::from_str::<Value>(include_str!(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/tests/data/bse/",
            $name
        )))
        .unwrap()
    };
}
pub(super) use shape;

#[derive(Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a fault to switch on"
)]
pub(crate) struct Book {
    pub(super) logins: u32,
    /// Calls and their `data`, in order, without logins.
    pub(super) calls: Vec<(String, Value)>,
    pub(super) headers: Vec<HeaderMap>,
    /// By reference.
    pub(super) orders: BTreeMap<String, Value>,
    pub(super) plans: BTreeMap<String, Value>,
    pub(super) mandate: Option<Value>,
    pub(super) account: Option<Value>,
    /// Its answer of the scheme master, if it is not the document's.
    pub(crate) master: Option<Value>,
    /// The next call finds its token expired.
    pub(super) expire: bool,
    /// The next write is done and never answered.
    pub(super) drop_answer: bool,
    /// The next order is answered with success and not made.
    pub(super) make_none: bool,
    /// It refuses to show what it has.
    pub(super) refuses_reads: bool,
    /// Answers are changed on their way.
    pub(super) tamper: bool,
    token: u32,
}

#[derive(Clone)]
pub(crate) struct FakeBse {
    book: Arc<Mutex<Book>>,
    keys: Option<Arc<Keys>>,
}

impl FakeBse {
    /// Starts one; with keys it speaks JOSE and nothing else.
    pub(crate) async fn start(keys: Option<Keys>) -> (Self, String) {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let this = Self {
            book: Arc::default(),
            keys: keys.map(Arc::new),
        };
        let routes = Router::new()
            .route("/api/login", post(login))
            .route("/api/v2/{call}", post(prefixed))
            .route("/api/{call}", post(plain))
            .with_state(this.clone());
        let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/api", socket.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(socket, routes).await });
        (this, url)
    }

    pub(crate) fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap()
    }

    fn answer(&self, status: u16, body: &Value) -> Response {
        let status = StatusCode::from_u16(status).unwrap();
        let Some(keys) = &self.keys else {
            return (status, body.to_string()).into_response();
        };
        let mut sealed = keys.seal(body.to_string().as_bytes()).unwrap();
        if self.book().tamper {
            let at = sealed.len() / 2;
            let other = if &sealed[at..=at] == "A" { "B" } else { "A" };
            sealed.replace_range(at..=at, other);
        }
        (status, sealed).into_response()
    }

    fn handle(&self, call: &str, headers: &HeaderMap, body: &Bytes) -> Response {
        // The paths that are known: get_2fa_link and the accounts behind /v2, the rest not.
        let opened = match &self.keys {
            None => body.to_vec(),
            Some(keys) => keys.open(std::str::from_utf8(body).unwrap()).unwrap(),
        };
        let envelope: Value = serde_json::from_slice(&opened).unwrap();
        let data = envelope["data"].clone();
        let bearer = headers["authorization"].to_str().unwrap().to_owned();
        let mut book = self.book();
        if std::mem::take(&mut book.expire) {
            book.token += 1;
        }
        if bearer != format!("Bearer token-{}", book.token) {
            drop(book);
            return self.answer(401, &error(509, "token_expired", "token"));
        }
        book.calls.push((call.to_owned(), data.clone()));
        book.headers.push(headers.clone());
        let (status, answer) = book.decide(call, &data);
        let writes = !call.contains("get");
        let dropped = writes && std::mem::take(&mut book.drop_answer);
        drop(book);
        if dropped {
            let broken = std::io::Error::other("dropped on purpose");
            let body = futures::stream::once(std::future::ready(Err::<Bytes, _>(broken)));
            return Response::new(Body::from_stream(body));
        }
        self.answer(status, &answer)
    }
}

fn error(code: u32, word: &str, field: &str) -> Value {
    let mut body = shape!("error.json");
    body["messages"][0]["msgid"] = json!(code);
    body["messages"][0]["errcode"] = json!(word);
    body["messages"][0]["field"] = json!(field);
    body
}

fn success(data: &Value) -> (u16, Value) {
    (
        200,
        json!({"status": "success", "data": data, "messages": []}),
    )
}

fn not_found() -> (u16, Value) {
    (400, error(507, "record_not_found", "id/type"))
}

impl Book {
    fn decide(&mut self, call: &str, data: &Value) -> (u16, Value) {
        if self.refuses_reads && matches!(call, "order_get" | "sxp_get") {
            return (400, error(505, "invalid", "member"));
        }
        match call {
            "order_new" => self.order_new(data),
            "order_get" => self.order_get(data),
            "order_cancel" => {
                let done = |order: &mut Value| order["status"] = json!("cancelled");
                self.orders.values_mut().for_each(done);
                success(&json!({"success_id": [data["id"]]}))
            }
            "sxp_register" => self.sxp_register(data),
            "sxp_get" => self.sxp_get(data),
            "sxp_set_pause" | "sxp_resume" | "sxp_cancel" => self.sxp_change(call, data),
            "mandate_register" => {
                let mut mandate = shape!("mandate_get.json")["data"].clone();
                mandate["member_ref"] = data["member_ref"].clone();
                self.mandate = Some(mandate);
                success(&json!({"exch_mandate_id": 501_342}))
            }
            "mandate_get" => self.mandate_get(data),
            "mandate_cancel" => {
                self.mandate.as_mut().unwrap()["status"] = json!("cancelled");
                success(&json!({}))
            }
            "add_ucc" => {
                self.account = Some(shape!("get_ucc.json")["data"].clone());
                success(&json!({"status": "APPROVED"}))
            }
            "get_ucc" => self.account.as_ref().map_or_else(not_found, success),
            "get_2fa_link" => (200, shape!("get_2fa_link.json")),
            "get_exchpg_service" => {
                success(&json!({"exch_pg_page_link": "https://bse.example.invalid/pay/1"}))
            }
            "master_scheme_list" => {
                let documented = || shape!("master_scheme_list.json");
                (200, self.master.clone().unwrap_or_else(documented))
            }
            _ => (404, json!("404 page not found")),
        }
    }

    fn order_new(&mut self, data: &Value) -> (u16, Value) {
        let new = &data["orders"][0];
        let reference = new["mem_ord_ref_id"].as_str().unwrap().to_owned();
        if self.orders.contains_key(&reference) {
            return (400, error(539, "duplicate", "mem_ord_ref_id"));
        }
        if std::mem::take(&mut self.make_none) {
            return success(&json!({}));
        }
        let mut order = shape!("order_get.json")["data"]["items"][0].clone();
        order["mem_ord_ref_id"] = json!(reference);
        order["type"] = new["type"].clone();
        order["amount"] = new["amount"].clone();
        self.orders.insert(reference.clone(), order);
        let mut answer = shape!("order_new.json");
        answer["data"]["items"][0]["mem_ord_ref_id"] = json!(reference);
        (200, answer)
    }

    fn order_get(&self, data: &Value) -> (u16, Value) {
        let by_id = |order: &&Value| order["id"] == data["id"];
        let reference = data["mem_ord_ref_id"].as_str();
        let found = match reference {
            Some(reference) => self.orders.get(reference),
            None => self.orders.values().find(by_id),
        };
        found.map_or_else(not_found, |order| success(&json!({"items": [order]})))
    }

    fn sxp_register(&mut self, data: &Value) -> (u16, Value) {
        for required in [
            "sxp_type",
            "src_scheme",
            "ninstallments",
            "txn_date",
            "holder",
        ] {
            if data.get(required).is_none() {
                return (400, error(522, "required", required));
            }
        }
        if data["holder"][0].get("mobnum").is_some() {
            return (400, error(579, "invalid", "mobnum"));
        }
        let reference = data["mem_sxp_ref_id"].as_str().unwrap().to_owned();
        if self.plans.contains_key(&reference) {
            return (400, error(539, "duplicate", "mem_sxp_ref_id"));
        }
        let mut plan = shape!("sxp_get.json")["data"]["items"][0].clone();
        plan["mem_sxp_ref_id"] = json!(reference);
        self.plans.insert(reference, plan);
        success(&json!({"id": "202600000125896"}))
    }

    fn sxp_get(&self, data: &Value) -> (u16, Value) {
        let matches = |plan: &&Value| {
            plan["reg_no"] == data["reg_no"] || plan["mem_sxp_ref_id"] == data["mem_sxp_ref_id"]
        };
        let found = self.plans.values().find(matches);
        found.map_or_else(not_found, |plan| success(&json!({"items": [plan]})))
    }

    fn sxp_change(&mut self, call: &str, data: &Value) -> (u16, Value) {
        let plan = self
            .plans
            .values_mut()
            .find(|plan| plan["reg_no"] == data["reg_no"] && plan["sxp_type"] == data["sxp_type"]);
        let Some(plan) = plan else {
            return not_found();
        };
        plan["status"] = json!(match call {
            "sxp_set_pause" => "paused",
            "sxp_resume" => "active",
            _ => "sxp_investor_canc",
        });
        success(&json!({"id": "4"}))
    }

    fn mandate_get(&self, data: &Value) -> (u16, Value) {
        let found = self.mandate.as_ref().filter(|mandate| {
            mandate["exch_mandate_id"] == data["exch_mandate_id"]
                || mandate["member_ref"] == data["member_ref"]
        });
        found.map_or_else(not_found, success)
    }
}

async fn login(State(bse): State<FakeBse>, body: String) -> Response {
    let body: Value = serde_json::from_str(&body).unwrap();
    // Everybody who is to wait for this login gets the time to ask for one too.
    for _ in 0..50 {
        tokio::task::yield_now().await;
    }
    let mut book = bse.book();
    book.logins += 1;
    if body["data"]["password"] != "secret of the test" {
        return (
            StatusCode::BAD_REQUEST,
            error(508, "invalid", "password").to_string(),
        )
            .into_response();
    }
    let token = format!("token-{}", book.token);
    success(&json!({"access_token": token}))
        .1
        .to_string()
        .into_response()
}

const BEHIND_V2: [&str; 3] = ["add_ucc", "get_ucc", "get_2fa_link"];

async fn prefixed(
    State(bse): State<FakeBse>,
    Path(call): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if BEHIND_V2.contains(&call.as_str()) {
        return bse.handle(&call, &headers, &body);
    }
    (StatusCode::NOT_FOUND, "404 page not found").into_response()
}

async fn plain(
    State(bse): State<FakeBse>,
    Path(call): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if BEHIND_V2.contains(&call.as_str()) {
        return (StatusCode::NOT_FOUND, "404 page not found").into_response();
    }
    bse.handle(&call, &headers, &body)
}
