use std::sync::Mutex;

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, Request, StatusCode};
use axum::response::Response;
use futures::future::BoxFuture;
use futures::{FutureExt, StreamExt};
use secrecy::SecretString;
use tower::ServiceExt;

use super::*;
use crate::telemetry::health::{Judgement, Signals, judge};

struct Rig {
    token: SecretString,
    outcome: Accepted,
    is_ready: bool,
    seen: Mutex<Vec<(Option<Vec<u8>>, Bytes)>>,
    errors: Mutex<Vec<bool>>,
}

impl Rig {
    fn answering(outcome: Accepted) -> Arc<Self> {
        Arc::new(Self {
            token: SecretString::from("mango lorry+orbit"),
            outcome,
            is_ready: true,
            seen: Mutex::default(),
            errors: Mutex::default(),
        })
    }
}

impl Intake for Rig {
    fn verify_token(&self) -> &SecretString {
        &self.token
    }

    fn accept<'a>(&'a self, signature: Option<&'a [u8]>, body: Bytes) -> BoxFuture<'a, Accepted> {
        let signature = signature.map(<[u8]>::to_vec);
        self.seen.lock().unwrap().push((signature, body));
        futures::future::ready(self.outcome).boxed()
    }
}

impl Condition for Rig {
    fn health(&self) -> Judgement {
        judge(&Signals::default())
    }

    fn parts(&self) -> BoxFuture<'_, Vec<Part>> {
        let database = if self.is_ready {
            Part::ready("database")
        } else {
            Part::not_ready("database", "does not answer")
        };
        futures::future::ready(vec![database, Part::ready("keys")]).boxed()
    }

    fn answered(&self, _took: std::time::Duration, is_error: bool) {
        self.errors.lock().unwrap().push(is_error);
    }
}

fn ports(rig: Arc<Rig>) -> Ports {
    Ports {
        intake: rig.clone(),
        condition: rig,
        metrics: Arc::new(|| "up 1\n".to_owned()),
        clock: Clock::standing(jiff::Timestamp::UNIX_EPOCH),
        ids: Ids::seeded(1),
    }
}

fn service(rig: Arc<Rig>) -> Router {
    let ports = ports(rig);
    let extra = Router::new()
        .route("/panic", get(async || -> String { panic!("on purpose") }))
        .route(
            "/page",
            get(async || [("content-security-policy", "default-src 'self'")]),
        )
        .route("/echo", axum::routing::post(async |body: Bytes| body));
    router(ports, extra)
}

async fn ask(rig: &Arc<Rig>, request: Request<Body>) -> (StatusCode, HeaderMap, String) {
    let response: Response = service(Arc::clone(rig)).oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
    let text = String::from_utf8(body.to_vec()).unwrap();
    (parts.status, parts.headers, text)
}

fn get_of(path: &str) -> Request<Body> {
    Request::get(path).body(Body::empty()).unwrap()
}

fn post_of(path: &str, body: impl Into<Body>) -> Request<Body> {
    Request::post(path).body(body.into()).unwrap()
}

const WEBHOOK: &str = "/webhooks/whatsapp";
const SIGNATURE: &str = "sha256=80ec8ed11a1f9ebcb4f6fdbb725bd53eb6e6e274fc4ddfa8ab3d46afed359ad9";

/// A delivery that claims to be Meta's.
fn delivery(body: impl Into<Body>) -> Request<Body> {
    let mut request = post_of(WEBHOOK, body);
    let signature = SIGNATURE.parse().unwrap();
    request
        .headers_mut()
        .insert("x-hub-signature-256", signature);
    request
}

#[tokio::test]
async fn each_outcome_of_a_delivery_has_its_one_status() {
    for (outcome, status) in [
        (Accepted::Stored, StatusCode::OK),
        (Accepted::Quarantined, StatusCode::OK),
        (Accepted::BadSignature, StatusCode::UNAUTHORIZED),
        (Accepted::Unavailable, StatusCode::SERVICE_UNAVAILABLE),
    ] {
        let rig = Rig::answering(outcome);
        let (answered, headers, body) = ask(&rig, delivery("{}")).await;
        assert_eq!(answered, status);
        assert_eq!(body, "", "Meta reads no body");
        assert_eq!(
            headers.contains_key("retry-after"),
            outcome == Accepted::Unavailable
        );
    }
}

#[tokio::test]
async fn the_bytes_and_the_signature_reach_the_intake_as_they_came() {
    let rig = Rig::answering(Accepted::Stored);
    let body = b"{\"t\":\"caf\\u00e9 1\\/2\"} \xff".to_vec();
    ask(&rig, delivery(body.clone())).await;
    ask(&rig, delivery("")).await;
    let seen = rig.seen.lock().unwrap();
    let signature = Some(SIGNATURE.as_bytes().to_vec());
    assert_eq!(seen[0], (signature.clone(), body.into()));
    assert_eq!(seen[1], (signature, Bytes::new()));
}

#[tokio::test]
async fn of_what_nobody_signed_not_a_byte_is_read() {
    let rig = Rig::answering(Accepted::Stored);
    let odd: [&[&[u8]]; 4] = [
        &[],
        &[b"sha256=\xe9\xe9"],
        &[b"sha1=80ec8ed11a1f9ebcb4f6fdbb725bd53eb6e6e274"],
        &[SIGNATURE.as_bytes(), SIGNATURE.as_bytes()],
    ];
    for signatures in odd {
        let read = Arc::new(std::sync::atomic::AtomicBool::new(false));
        let is_read = Arc::clone(&read);
        let body = futures::stream::poll_fn(move |_| {
            is_read.store(true, std::sync::atomic::Ordering::Relaxed);
            std::task::Poll::Ready(None::<Result<Bytes, std::io::Error>>)
        });
        let mut request = post_of(WEBHOOK, Body::from_stream(body));
        for signature in signatures {
            let signature = axum::http::HeaderValue::from_bytes(signature).unwrap();
            request
                .headers_mut()
                .append("x-hub-signature-256", signature);
        }
        let (status, ..) = ask(&rig, request).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED);
        assert!(!read.load(std::sync::atomic::Ordering::Relaxed));
    }
    assert!(rig.seen.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_body_there_is_no_room_for_is_to_come_again_and_room_is_free_once_one_is_taken_in() {
    let rig = Rig::answering(Accepted::Stored);
    let route = webhook::route(8).with_state(ports(Arc::clone(&rig)));
    let app = Router::new().route(WEBHOOK, route);
    let deliver = |body: Body| app.clone().oneshot(delivery(body));
    let (rest, arrives) = tokio::sync::oneshot::channel::<Result<Bytes, std::io::Error>>();
    let begun = futures::stream::once(async { Ok(Bytes::from_static(b"1234567")) });
    let ends = futures::stream::once(async { arrives.await.unwrap() });
    let mut slow = Box::pin(deliver(Body::from_stream(begun.chain(ends))));
    assert!(futures::poll!(&mut slow).is_pending(), "it has seven bytes");

    let answer = deliver("{}".into()).await.unwrap();
    assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert!(answer.headers().contains_key("retry-after"));
    assert_eq!(deliver("{".into()).await.unwrap().status(), StatusCode::OK);

    rest.send(Ok(Bytes::from_static(b"8"))).unwrap();
    assert_eq!(slow.await.unwrap().status(), StatusCode::OK);
    let eight = deliver("12345678".into()).await.unwrap();
    assert_eq!(eight.status(), StatusCode::OK);
    let nine = deliver("123456789".into()).await.unwrap();
    assert_eq!(nine.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(rig.seen.lock().unwrap().len(), 3);
}

#[tokio::test]
async fn three_megabytes_are_taken_on_the_webhook_and_nowhere_else() {
    let rig = Rig::answering(Accepted::Stored);
    let largest = vec![b' '; 3 * 1024 * 1024];
    let (status, ..) = ask(&rig, delivery(largest.clone())).await;
    assert_eq!(status, StatusCode::OK);
    let (status, ..) = ask(&rig, post_of("/echo", largest.clone())).await;
    assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE);
    let mut larger = largest;
    larger.push(b' ');
    let (status, ..) = ask(&rig, delivery(larger)).await;
    assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(rig.seen.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn the_challenge_goes_back_only_to_who_knows_the_token() {
    let rig = Rig::answering(Accepted::Stored);
    let handshake = |query: &str| get_of(&format!("{WEBHOOK}?{query}"));
    let right = "hub.mode=subscribe&hub.verify_token=mango+lorry%2Borbit&hub.challenge=1158201444";
    let (status, headers, body) = ask(&rig, handshake(right)).await;
    assert_eq!((status, body.as_str()), (StatusCode::OK, "1158201444"));
    assert!(
        headers["content-type"]
            .to_str()
            .unwrap()
            .starts_with("text/plain")
    );
    for wrong in [
        "",
        "hub.mode=subscribe&hub.challenge=1",
        "hub.mode=subscribe&hub.verify_token=&hub.challenge=1",
        "hub.mode=subscribe&hub.verify_token=mango&hub.challenge=1",
        "hub.mode=subscribe&hub.verify_token=%zz&hub.challenge=1",
        "hub.mode=subscribe&hub.verify_token=mango+lorry%2Borbit",
        "hub.mode=subscribe&hub.verify_token=mango+lorry%2Borbit&hub.challenge=",
        "hub.mode=subscribe&hub.verify_token=mango+lorry%2Borbit&hub.challenge=<b>1</b>",
        "hub.mode=other&hub.verify_token=mango+lorry%2Borbit&hub.challenge=1",
        "hub.verify_token=mango+lorry%2Borbit&hub.challenge=1",
    ] {
        let request = Request::get(format!(
            "{WEBHOOK}?{}",
            wrong.replace('<', "%3C").replace('>', "%3E")
        ));
        let (status, _, body) = ask(&rig, request.body(Body::empty()).unwrap()).await;
        assert_eq!(
            (status, body.as_str()),
            (StatusCode::FORBIDDEN, ""),
            "{wrong}"
        );
    }
}

#[tokio::test]
async fn whatever_goes_wrong_is_a_problem_with_a_code_and_the_requests_id() {
    let rig = Rig::answering(Accepted::Stored);
    for (request, status, code) in [
        (get_of("/nowhere"), 404, "not_found"),
        (post_of("/healthz", ""), 405, "method_not_allowed"),
        (get_of("/panic"), 500, "internal"),
    ] {
        let (answered, headers, body) = ask(&rig, request).await;
        assert_eq!(answered.as_u16(), status);
        assert_eq!(headers["content-type"], "application/problem+json");
        assert_eq!(headers["x-content-type-options"], "nosniff");
        let problem: serde_json::Value = serde_json::from_str(&body).unwrap();
        assert_eq!(problem["status"], status);
        assert_eq!(problem["code"], code);
        assert_eq!(
            problem["request_id"],
            headers["x-request-id"].to_str().unwrap()
        );
        assert!(
            !body.contains("on purpose"),
            "a panic is not for the caller"
        );
        assert_eq!(headers.contains_key("allow"), status == 405);
    }
}

#[tokio::test]
async fn a_request_id_is_kept_only_if_it_is_well_formed() {
    let rig = Rig::answering(Accepted::Stored);
    let answered = async |given: &str| {
        let mut request = get_of("/healthz");
        let value = given.parse().unwrap();
        request.headers_mut().insert("x-request-id", value);
        let (_, headers, _) = ask(&rig, request).await;
        headers["x-request-id"].to_str().unwrap().to_owned()
    };
    assert_eq!(answered("abc-DEF_123").await, "abc-DEF_123");
    for bad in ["short", "has space in it", "has\"quote\"s", &"x".repeat(65)] {
        assert!(answered(bad).await.starts_with("req_"), "{bad}");
    }
}

#[tokio::test]
async fn readiness_names_the_part_that_is_not_ready() {
    let mut rig = Rig::answering(Accepted::Stored);
    let (status, ..) = ask(&rig, get_of("/readyz")).await;
    assert_eq!(status, StatusCode::OK);
    Arc::get_mut(&mut rig).unwrap().is_ready = false;
    let (status, _, body) = ask(&rig, get_of("/readyz")).await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    let body: serde_json::Value = serde_json::from_str(&body).unwrap();
    assert_eq!(body["parts"][0]["name"], "database");
    assert_eq!(body["parts"][0]["is_ready"], false);
    let (status, _, body) = ask(&rig, get_of("/healthz")).await;
    assert_eq!(status, StatusCode::OK, "alive, though not ready");
    assert_eq!(body, r#"{"level":"healthy","because":[]}"#);
    assert_eq!(ask(&rig, get_of("/metrics")).await.2, "up 1\n");
}

#[tokio::test]
async fn health_counts_requests_and_our_errors_but_no_probes() {
    let rig = Rig::answering(Accepted::BadSignature);
    for path in ["/healthz", "/metrics", "/panic", "/nowhere"] {
        ask(&rig, get_of(path)).await;
    }
    ask(&rig, post_of(WEBHOOK, "{}")).await;
    assert_eq!(*rig.errors.lock().unwrap(), [true, false, false]);
}

#[tokio::test]
async fn a_page_may_set_its_own_content_policy() {
    let rig = Rig::answering(Accepted::Stored);
    let (_, headers, _) = ask(&rig, get_of("/page")).await;
    assert_eq!(headers["content-security-policy"], "default-src 'self'");
    assert_eq!(headers["x-frame-options"], "DENY");
}

#[test]
fn errors_are_logged_louder_than_probes() {
    let level =
        |route, status: u16| middleware::level(route, StatusCode::from_u16(status).unwrap());
    assert_eq!(level("/webhooks/whatsapp", 200), tracing::Level::INFO);
    assert_eq!(level("/webhooks/whatsapp", 401), tracing::Level::WARN);
    assert_eq!(level("/webhooks/whatsapp", 503), tracing::Level::ERROR);
    assert_eq!(level("/readyz", 503), tracing::Level::DEBUG);
}

#[test]
fn a_user_agent_is_cut_and_cannot_break_a_log_line() {
    let mut headers = HeaderMap::new();
    let long = [b"a\t\xffb".as_slice(), &[b'x'; 500]].concat();
    headers.insert(
        "user-agent",
        axum::http::HeaderValue::from_bytes(&long).unwrap(),
    );
    let shown = middleware::user_agent(&headers);
    assert!(shown.starts_with("a\\t\\xffb"), "{shown}");
    assert!(shown.len() < 220);
}

#[tokio::test]
async fn a_stopped_server_lets_open_requests_end_and_takes_no_new_ones() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let listener = Listener::bind("127.0.0.1:0".parse().unwrap())
        .await
        .unwrap();
    let address = listener.address();
    let (started, go_on) = (
        Arc::new(tokio::sync::Notify::new()),
        Arc::new(tokio::sync::Notify::new()),
    );
    let (s, g) = (Arc::clone(&started), Arc::clone(&go_on));
    let slow = get(async move || {
        s.notify_one();
        g.notified().await;
        "done"
    });
    let lifecycle = crate::lifecycle::Lifecycle::default();
    let routes = Router::new().route("/slow", slow);
    let server = tokio::spawn(serve(listener, routes, lifecycle.clone()));

    let mut caller = tokio::net::TcpStream::connect(address).await.unwrap();
    caller
        .write_all(b"GET /slow HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
        .await
        .unwrap();
    started.notified().await;
    lifecycle.stop();
    go_on.notify_one();
    let mut answer = String::new();
    caller.read_to_string(&mut answer).await.unwrap();
    server.await.unwrap().unwrap();

    assert!(answer.ends_with("done"), "{answer}");
    assert!(tokio::net::TcpStream::connect(address).await.is_err());
}
