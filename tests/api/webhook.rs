//! Where Meta delivers, over real HTTP: who is let in, what is answered, what is kept.

use serde_json::{Value, json};

use crate::harness::TestApp;
use crate::harness::app::{ACCOUNT, APP_SECRET, NUMBER, VERIFY_TOKEN, sign};

const ASHA: &str = "919000000000";
const LARGEST: usize = 3 * 1024 * 1024;
/// What the reference describes, a value each: inbound types, statuses, other fields.
const SAMPLES: &str = include_str!("../data/webhooks/samples.json");

fn envelope(changes: &[Value]) -> Vec<u8> {
    let body = json!({
        "object": "whatsapp_business_account",
        "entry": [{"id": ACCOUNT, "time": 1_787_545_800, "changes": changes}],
    });
    serde_json::to_vec(&body).unwrap()
}

fn messages(messages: &[Value]) -> Vec<u8> {
    envelope(&[json!({"field": "messages", "value": {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "919100000000", "phone_number_id": NUMBER},
        "contacts": [{"profile": {"name": "Asha"}, "wa_id": ASHA}],
        "messages": messages,
    }})])
}

fn text(app: &TestApp, wamid: &str, body: &str) -> Value {
    let at = app.app.ground.clock.now().as_second().to_string();
    json!({"from": ASHA, "id": wamid, "timestamp": at, "type": "text", "text": {"body": body}})
}

#[tokio::test]
async fn the_address_is_verified_by_token_and_challenge_alone() {
    let app = TestApp::start().await;
    assert!(app.emulator.verify_callback().await.unwrap());
    let token = format!("hub.verify_token={VERIFY_TOKEN}");
    let table = [
        (
            format!("hub.mode=subscribe&hub.challenge=1158201444&{token}"),
            200,
        ),
        (
            format!("{token}&hub.challenge=1158201444&hub.mode=subscribe"),
            200,
        ),
        (
            format!("hub.mode=unsubscribe&hub.challenge=1158201444&{token}"),
            403,
        ),
        (
            "hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=other".to_owned(),
            403,
        ),
        (
            "hub.mode=subscribe&hub.challenge=1158201444".to_owned(),
            403,
        ),
        (format!("hub.mode=subscribe&{token}"), 403),
        (
            format!("hub.mode=subscribe&hub.challenge=<script>&{token}"),
            403,
        ),
        (String::new(), 403),
    ];
    for (query, wanted) in table {
        let (status, body) = app.get(&format!("/webhooks/whatsapp?{query}")).await;
        assert_eq!(status, wanted, "{query}");
        assert_eq!(body, if wanted == 200 { "1158201444" } else { "" });
    }
    app.stop().await;
}

#[tokio::test]
async fn only_a_body_with_its_own_signature_is_let_in_and_a_refusal_says_nothing() {
    let app = TestApp::start().await;
    let body = messages(&[text(&app, "wamid.1", "hi")]);
    let right = sign(APP_SECRET, &body);
    let mut other = body.clone();
    other.push(b' ');
    let table = [
        None,
        Some(String::new()),
        Some("sha256=".to_owned()),
        Some(right.replace("sha256=", "")),
        Some(right.replace("sha256=", "sha1=")),
        Some(right[..right.len() - 1].to_owned()),
        Some(format!("{right}0")),
        Some(right.replace("sha256=", "sha256=é")),
        Some(sign("another secret", &body)),
        Some(sign(APP_SECRET, &other)),
    ];
    for signature in table {
        let (status, answer) = app.post(body.clone(), signature.as_deref()).await;
        assert_eq!((status, answer.as_str()), (401, ""), "{signature:?}");
    }
    assert_eq!(app.scalar("select count(*) from inbox").await, 0);
    assert_eq!(app.post(body, Some(&right)).await.0, 200);
    assert_eq!(app.scalar("select count(*) from inbox").await, 1);
    app.stop().await;
}

#[tokio::test]
async fn three_megabytes_are_taken_and_a_byte_more_is_not() {
    let app = TestApp::start().await;
    let mut body = messages(&[text(&app, "wamid.1", "hi")]);
    body.resize(LARGEST, b' ');
    assert_eq!(app.delivers(body.clone()).await, 200);
    body.push(b' ');
    assert_eq!(app.delivers(body).await, 413);
    assert_eq!(app.scalar("select count(*) from inbox").await, 1);
    app.stop().await;
}

#[tokio::test]
async fn what_is_signed_and_cannot_be_read_is_kept_aside_and_answered_with_200() {
    let app = TestApp::start().await;
    let bodies = [
        &b"not json"[..],
        b"",
        b"\xff\xfe",
        b"[1,2,3]",
        b"{\"object\":\"page\"}",
    ];
    for body in bodies {
        assert_eq!(app.delivers(body).await, 200, "{body:?}");
    }
    let kept = "select count(*) from inbox where state = 'quarantined' and payload is not null";
    assert_eq!(app.scalar(kept).await, 5);
    // The same bytes again are nothing new.
    assert_eq!(app.delivers(bodies[0]).await, 200);
    assert_eq!(app.scalar(kept).await, 5);
    app.stop().await;
}

#[tokio::test]
async fn one_bad_event_harms_none_of_its_siblings() {
    let app = TestApp::start().await;
    let body = messages(&[
        text(&app, "wamid.1", "hi"),
        json!({"id": 7, "type": ["text"]}),
        json!("nonsense"),
        text(&app, "wamid.2", "help"),
    ]);
    assert_eq!(app.delivers(body).await, 200);
    app.next_reply(ASHA).await;
    app.next_reply(ASHA).await;
    let kept = "select count(*) from inbox where state = 'quarantined'";
    assert_eq!(app.scalar(kept).await, 2);
    app.stop().await;
}

#[tokio::test]
async fn what_cannot_be_committed_is_answered_with_503_so_that_meta_sends_it_again() {
    let app = TestApp::start().await;
    app.app.ground.db.close().await;
    let body = messages(&[text(&app, "wamid.1", "hi")]);
    assert_eq!(app.delivers(body).await, 503);
}

#[tokio::test]
async fn types_and_fields_nobody_has_heard_of_are_kept_and_counted() {
    let app = TestApp::start().await;
    let at = app.app.ground.clock.now().as_second().to_string();
    let unknown = json!({"from": ASHA, "id": "wamid.9", "timestamp": at, "type": "hologram",
                         "hologram": {"x": 1}});
    assert_eq!(app.delivers(messages(&[unknown])).await, 200);
    let field = envelope(&[json!({"field": "telepathy", "value": {"strength": 11}})]);
    assert_eq!(app.delivers(field.clone()).await, 200);
    assert_eq!(app.delivers(field).await, 200);
    let kept = "select count(*) from inbox where field = 'telepathy' and state = 'stored'";
    assert_eq!(app.scalar(kept).await, 1);
    assert_eq!(
        app.scalar("select count(*) from inbox where kind = 'message'")
            .await,
        1
    );
    let (_, metrics) = app.get("/metrics").await;
    for series in [
        "inbound_events_total{kind=\"message\",type=\"unsupported\"}",
        "inbound_events_total{kind=\"other\",type=\"event\"}",
        "inbound_duplicates_total",
    ] {
        assert!(metrics.contains(series), "{series} in {metrics}");
    }
    app.stop().await;
}

#[tokio::test]
async fn every_kind_of_webhook_that_meta_describes_is_answered_with_200_and_kept() {
    let app = TestApp::start().await;
    let samples: Vec<Value> = serde_json::from_str(SAMPLES).unwrap();
    assert!(samples.len() >= 50, "{}", samples.len());
    for sample in &samples {
        let body = envelope(std::slice::from_ref(sample));
        assert_eq!(app.delivers(body).await, 200, "{sample}");
    }
    assert_eq!(
        app.scalar("select count(*) from inbox where state = 'quarantined'")
            .await,
        0
    );
    app.until("select count(*) from inbox where state = 'waiting'", 0)
        .await;
    app.stop().await;
}
