//! The API as the page uses it.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use serde_json::{Value, json};
use tower::ServiceExt;

use super::*;
use crate::clock::Clock;
use crate::sandbox::FaultKind;

async fn sandbox(release: Option<ReleaseHook>) -> (Emulator, Router) {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let start = "2026-08-24T04:30:00Z".parse().unwrap();
    let builder = Emulator::builder()
        .clock(Clock::standing(start))
        .people(personas());
    let emulator = builder.build().await.unwrap();
    let router = emulator.sandbox_router(release);
    (emulator, router)
}

async fn call(router: &Router, method: &str, path: &str, body: Value) -> (StatusCode, Value) {
    let request = Request::builder()
        .method(method)
        .uri(format!("/sandbox{path}"))
        .header("content-type", "application/json")
        .body(Body::from(body.to_string()))
        .unwrap();
    let answer = router.clone().oneshot(request).await.unwrap();
    let status = answer.status();
    let bytes = axum::body::to_bytes(answer.into_body(), 1 << 20)
        .await
        .unwrap();
    (
        status,
        serde_json::from_slice(&bytes).unwrap_or(Value::Null),
    )
}

#[tokio::test]
async fn what_somebody_sends_stands_in_their_chat_only() {
    let (_emulator, router) = sandbox(None).await;
    let send = json!({"user": "919000000001", "text": "hello"});
    assert_eq!(call(&router, "POST", "/api/send", send).await.0, 200);
    let (_, chat) = call(&router, "GET", "/api/chats/919000000001", Value::Null).await;
    assert_eq!(chat["messages"][0]["text"], "hello");
    assert_eq!(chat["messages"][0]["mine"], true);
    let (_, other) = call(
        &router,
        "GET",
        "/api/chats/IN.2081978709342942",
        Value::Null,
    )
    .await;
    assert_eq!(other["messages"], json!([]));
    let (status, _) = call(&router, "GET", "/api/chats/nobody", Value::Null).await;
    assert_eq!(status, 404);
    let stranger = json!({"user": "nobody", "text": "hello"});
    assert_eq!(call(&router, "POST", "/api/send", stranger).await.0, 404);
    let neither = json!({"user": "919000000001"});
    assert_eq!(call(&router, "POST", "/api/send", neither).await.0, 422);
}

#[tokio::test]
async fn faults_are_switched_by_name() {
    let (emulator, router) = sandbox(None).await;
    let set = json!([{"kind": "refuse_sends", "chance": 1.0, "left": 3, "amount": 190}]);
    let (status, faults) = call(&router, "PUT", "/api/faults", set).await;
    assert_eq!(status, 200);
    assert_eq!(faults.as_array().unwrap().len(), FaultKind::ALL.len());
    assert_eq!(emulator.fault(FaultKind::RefuseSends).left, Some(3));
    let wrong = json!([{"kind": "refuse_sends", "chance": 2.0}]);
    assert_eq!(call(&router, "PUT", "/api/faults", wrong).await.0, 422);
}

#[tokio::test]
async fn the_clock_is_moved_for_everybody_who_shares_it() {
    let (emulator, router) = sandbox(None).await;
    let clock = emulator.clock().clone();
    let before = clock.now();
    let by = json!({"seconds": 3600});
    assert_eq!(call(&router, "POST", "/api/clock/advance", by).await.0, 200);
    assert_eq!(clock.now().duration_since(before).as_secs(), 3600);
}

#[tokio::test]
async fn a_release_goes_to_the_service_and_says_what_it_says() {
    let hook: ReleaseHook = Arc::new(|user| {
        Box::pin(async move {
            match user.as_str() {
                "919000000000" => Ok(()),
                _ => Err("the bot has this conversation".to_owned()),
            }
        })
    });
    let (_emulator, router) = sandbox(Some(hook)).await;
    let asha = json!({"user": "919000000000"});
    assert_eq!(
        call(&router, "POST", "/api/release", asha.clone()).await.0,
        204
    );
    let ravi = json!({"user": "919000000001"});
    let (status, problem) = call(&router, "POST", "/api/release", ravi).await;
    assert_eq!(status, 409);
    assert_eq!(problem["detail"], "the bot has this conversation");
    let (_emulator, alone) = self::sandbox(None).await;
    assert_eq!(call(&alone, "POST", "/api/release", asha).await.0, 404);
}

#[tokio::test]
async fn the_page_brings_its_own_parts_and_forbids_others() {
    let (_emulator, router) = sandbox(None).await;
    let get = |path: &str| Request::get(path).body(Body::empty()).unwrap();
    let answer = router.clone().oneshot(get("/sandbox")).await.unwrap();
    let policy = answer.headers()["content-security-policy"]
        .to_str()
        .unwrap();
    assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"));
    let bytes = axum::body::to_bytes(answer.into_body(), 1 << 20)
        .await
        .unwrap();
    let page = String::from_utf8(bytes.to_vec()).unwrap();
    for part in page
        .split('"')
        .filter(|part| part.starts_with("/sandbox/assets/"))
    {
        let answer = router.clone().oneshot(get(part)).await.unwrap();
        assert_eq!(answer.status(), 200, "{part}");
    }
    assert!(!page.contains("http://") && !page.contains("https://") && !page.contains(" onclick"));
}

#[tokio::test]
async fn a_form_is_pinged_by_name_and_its_trouble_told_in_words() {
    let (emulator, router) = sandbox(None).await;
    let definition = include_str!("../../../templates/flows/sip_start.json");
    let forms = [("sip".to_owned(), definition)];
    let nowhere = "http://127.0.0.1:1/forms";
    emulator.know_forms(&forms, nowhere).unwrap();
    let (_, listed) = call(&router, "GET", "/api/forms", Value::Null).await;
    assert_eq!(listed[0]["name"], "sip");
    let ping = json!({"form": "sip"});
    let (status, problem) = call(&router, "POST", "/api/forms/ping", ping).await;
    assert_eq!(status, 409);
    let why = problem["detail"].as_str().unwrap();
    assert!(why.contains("no public key"), "{why}");
}
