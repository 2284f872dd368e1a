use std::collections::HashMap;

use axum::extract::Query;
use axum::routing::get;

use super::*;

/// Serves an address that knows this token, and returns it.
async fn knows(token: &'static str) -> String {
    let challenged = move |Query(query): Query<HashMap<String, String>>| async move {
        if query["hub.verify_token"] == token {
            (StatusCode::OK, query["hub.challenge"].clone())
        } else {
            (StatusCode::FORBIDDEN, String::new())
        }
    };
    let hook = get(challenged).post(|| async { StatusCode::OK });
    let address = serve(Router::new().route("/own", hook)).await;
    format!("http://{address}/own")
}

#[tokio::test]
async fn a_message_arrives_signed_in_metas_shape() {
    let mut rig = Rig::start(builder()).await;
    let wamid = rig.emulator.user_says(ASHA, "नमस्ते 1/2").await;
    let body = rig.hears().await;
    let value = &body["entry"][0]["changes"][0]["value"];
    assert_eq!(value["metadata"]["phone_number_id"], "106540352242922");
    assert_eq!(value["contacts"][0]["wa_id"], ASHA);
    assert_eq!(value["messages"][0]["id"], wamid.as_str());
    assert_eq!(value["messages"][0]["timestamp"], "1787545800");
    assert_eq!(value["messages"][0]["text"]["body"], "नमस्ते 1/2");
    rig.emulator.acknowledged().await;
    assert_eq!(rig.emulator.chat(ASHA)[0].tick, Tick::Delivered);
}

#[tokio::test]
async fn a_webhook_comes_back_until_it_is_answered_with_200_exactly() {
    let mut rig = Rig::start(builder()).await;
    rig.answer.store(500, Ordering::SeqCst);
    rig.emulator.say(ASHA, "hi");
    let first = rig.hears().await;
    for status in [204, 503, 200] {
        rig.emulator.quiet().await;
        assert_eq!(rig.emulator.unacknowledged(), 1);
        rig.answer.store(status, Ordering::SeqCst);
        rig.emulator.advance(Duration::from_mins(1));
        assert_eq!(rig.hears().await, first);
    }
    rig.emulator.acknowledged().await;
    rig.passes(Duration::from_hours(1)).await;
    assert!(rig.received.try_recv().is_err());
}

#[tokio::test]
async fn a_webhook_is_given_up_once_its_hours_are_over() {
    let mut rig = Rig::start(builder().options(Options {
        redelivery_hours: Some(36),
        ..Options::default()
    }))
    .await;
    rig.answer.store(500, Ordering::SeqCst);
    rig.emulator.say(ASHA, "hi");
    rig.hears().await;
    for (hours, unacknowledged) in [(35, 1), (2, 0)] {
        rig.passes(Duration::from_hours(hours)).await;
        rig.hears().await;
        assert_eq!(rig.emulator.unacknowledged(), unacknowledged);
    }
    rig.stops().await;
}

#[tokio::test]
async fn what_was_not_acknowledged_survives_a_restart_with_its_chat() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("sandbox.db");
    let mut rig = Rig::start(builder().persist(&file)).await;
    rig.answer.store(500, Ordering::SeqCst);
    let wamid = rig.emulator.user_says(ASHA, "hi").await;
    rig.hears().await;
    rig.emulator.advance(Duration::from_millis(10));
    rig.sends(ASHA, "hello").await.unwrap();
    rig.stops().await;

    let mut rig = Rig::start(builder().persist(&file)).await;
    let chat = rig.emulator.chat(ASHA);
    let texts: Vec<_> = chat.iter().map(|b| b.text.as_str()).collect();
    assert_eq!(texts, ["hi", "hello"]);
    assert_eq!(rig.emulator.unacknowledged(), 3);
    // A number given out twice would never reach the disk.
    let said = rig.emulator.user_says(ASHA, "again");
    let said = tokio::time::timeout(Duration::from_secs(5), said).await;
    assert!(said.is_ok());
    rig.passes(Duration::from_mins(1)).await;
    rig.emulator.acknowledged().await;
    let mut bodies = Vec::new();
    while let Ok((body, _)) = rig.received.try_recv() {
        bodies.push(body.to_string());
    }
    assert!(bodies.iter().any(|body| body.contains(&wamid)));
    rig.stops().await;

    let rig = Rig::start(builder().persist(&file)).await;
    assert_eq!(rig.emulator.unacknowledged(), 0);
    assert_eq!(rig.emulator.chat(ASHA).len(), 3);
}

#[tokio::test]
async fn nothing_is_posted_or_answered_before_it_is_on_disk() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("sandbox.db");
    // As long as delivery does not run, nothing is written.
    let emulator = builder().persist(&file).build().await.unwrap();
    emulator.say(ASHA, "hi");
    assert_eq!(emulator.state().queue(Lane::Messages).len(), 0);
    assert_eq!(emulator.unacknowledged(), 1);
    let graph = serve(emulator.graph_router()).await;
    let url = format!("http://{graph}/v24.0/106540352242922/messages");
    let body = json!({"messaging_product": "whatsapp", "to": ASHA, "text": {"body": "hello"}});
    let http = reqwest::Client::builder().tls_certs_only([]);
    let send = http.build().unwrap().post(url).json(&body);
    let send = send.bearer_auth("sandbox-access-token");
    let first = send.try_clone().unwrap();
    let answer = first.timeout(Duration::from_millis(100)).send().await;
    assert!(answer.unwrap_err().is_timeout());
    assert_eq!(emulator.accepted().len(), 1);

    emulator.spawn_delivery(CancellationToken::new());
    assert_eq!(send.send().await.unwrap().status(), 200);
    let (_store, saved) = Store::open(&file).await.unwrap();
    let texts: Vec<_> = saved.bubbles.iter().map(|(_, b)| b.text.as_str()).collect();
    assert_eq!(texts, ["hi", "hello", "hello"]);
}

#[tokio::test]
async fn time_does_not_run_backwards_over_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("sandbox.db");
    let rig = Rig::start(builder().persist(&file)).await;
    rig.emulator.advance(Duration::from_hours(24));
    assert!(rig.emulator.saved().await);
    let then = rig.emulator.clock().now();
    let (_store, saved) = Store::open(&file).await.unwrap();
    assert_eq!(saved.clock, then, "also over a kill");
    rig.stops().await;
    let again = builder().persist(&file).build().await.unwrap();
    assert_eq!(again.clock().now(), then);
}

#[tokio::test]
async fn duplicates_come_at_once_and_later_with_the_same_id() {
    let mut rig = Rig::start(builder()).await;
    let thrice = Fault::times(1).amount(3);
    rig.emulator.set_fault(FaultKind::DuplicateWebhooks, thrice);
    rig.emulator.say(ASHA, "hi");
    rig.emulator.quiet().await;
    let first = rig.hears().await;
    assert_eq!(rig.hears().await, first);
    assert!(rig.received.try_recv().is_err());
    rig.passes(Duration::from_mins(1)).await;
    assert_eq!(rig.hears().await, first);
    assert_eq!(rig.hears().await, first);
    assert!(rig.received.try_recv().is_err());
}

#[tokio::test]
async fn a_duplicate_can_come_hours_later() {
    let mut rig = Rig::start(builder()).await;
    let late = Fault::times(1).amount(7_200);
    rig.emulator.set_fault(FaultKind::LateDuplicates, late);
    rig.emulator.say(ASHA, "hi");
    let first = rig.hears().await;
    rig.passes(Duration::from_mins(119)).await;
    assert!(rig.received.try_recv().is_err());
    rig.passes(Duration::from_mins(1)).await;
    assert_eq!(rig.hears().await, first);
    assert!(rig.received.try_recv().is_err());
}

#[tokio::test]
async fn a_signature_can_be_wrong_or_missing_and_the_next_time_it_holds() {
    let mut rig = Rig::start(builder()).await;
    for kind in [FaultKind::BadSignature, FaultKind::NoSignature] {
        rig.answer.store(401, Ordering::SeqCst);
        rig.emulator.set_fault(kind, Fault::times(1));
        rig.emulator.say(ASHA, "hi");
        let (body, is_signed) = rig.received.recv().await.unwrap();
        assert!(!is_signed, "{kind:?}");
        rig.emulator.quiet().await;
        rig.answer.store(200, Ordering::SeqCst);
        rig.emulator.advance(Duration::from_mins(1));
        assert_eq!(rig.hears().await, body);
        rig.emulator.acknowledged().await;
    }
}

#[tokio::test]
async fn a_webhook_can_have_fields_nobody_knows_and_its_times_in_milliseconds() {
    let mut rig = Rig::start(builder()).await;
    for kind in [FaultKind::UnknownFields, FaultKind::MillisTimestamps] {
        rig.emulator.set_fault(kind, Fault::times(1));
    }
    rig.emulator.say(ASHA, "नमस्ते 1/2");
    let body = rig.hears().await;
    let change = &body["entry"][0]["changes"][0];
    let message = &change["value"]["messages"][0];
    for part in [change, &change["value"], message, &message["text"]] {
        assert_eq!(part["of_next_year"]["kind"], "unknown", "{part}");
    }
    assert_eq!(message["timestamp"], "1787545800000");
    assert_eq!(message["text"]["body"], "नमस्ते 1/2");
    assert!(body["entry"][0].get("time").is_none());
}

#[tokio::test]
async fn the_verification_of_an_address_is_written_down() {
    let rig = Rig::start(builder()).await;
    // The service of the rig answers posts only.
    assert!(!rig.emulator.verify_callback().await.unwrap());
    let path = knows("sandbox-verify-token").await;
    rig.emulator.set_callback_url(path.as_str());
    assert!(rig.emulator.verify_callback().await.unwrap());
    let log = rig.emulator.log_after(0);
    let told: Vec<_> = log.iter().map(|one| one.outcome.as_str()).collect();
    assert_eq!(told, ["405", "200"]);
    assert_eq!(log[1].what, format!("GET {path}"));
}

#[tokio::test]
async fn a_later_message_can_overtake() {
    let mut rig = Rig::start(builder()).await;
    let held = Fault::times(1).amount(10_000);
    rig.emulator.set_fault(FaultKind::ReorderWebhooks, held);
    rig.emulator.say(ASHA, "first");
    rig.emulator.say(ASHA, "second");
    rig.passes(Duration::from_secs(10)).await;
    assert!(rig.hears().await.to_string().contains("second"));
    assert!(rig.hears().await.to_string().contains("first"));
}

#[tokio::test]
async fn statuses_that_wait_share_a_post() {
    let mut rig = Rig::start(builder().concurrency(1, 1).batch(1, 1000)).await;
    rig.emulator.say(ASHA, "hi");
    rig.emulator.quiet().await;
    rig.hears().await;
    for n in 0..20 {
        rig.sends(ASHA, &n.to_string()).await.unwrap();
    }
    rig.passes(Duration::from_secs(1)).await;
    let body = rig.hears().await;
    assert_eq!(body["entry"].as_array().unwrap().len(), 40);
}

#[tokio::test]
async fn a_phone_can_be_hidden_in_every_webhook() {
    let mut rig = Rig::start(builder()).await;
    rig.emulator
        .set_fault(FaultKind::HidePhones, Fault::chance(1.0));
    rig.emulator.say(ASHA, "hi");
    let body = rig.hears().await.to_string();
    assert!(!body.contains(&format!("\"{ASHA}\"")), "{body}");
    assert!(body.contains("\"from_user_id\":\"IN."));
}

#[tokio::test]
async fn a_button_can_be_tapped_once_and_a_list_again() {
    let mut rig = Rig::start(builder()).await;
    rig.emulator.say(ASHA, "hi");
    rig.hears().await;
    let buttons = json!({"messaging_product": "whatsapp", "to": ASHA, "type": "interactive",
        "interactive": {"type": "button", "body": {"text": "?"}, "action": {"buttons": [
            {"type": "reply", "reply": {"id": "yes", "title": "Yes"}}]}}});
    let list = json!({"messaging_product": "whatsapp", "to": ASHA, "type": "interactive",
        "interactive": {"type": "list", "body": {"text": "?"}, "action": {"button": "Menu",
            "sections": [{"rows": [{"id": "nav", "title": "NAV", "description": "of a fund"}]}]}}});
    assert_eq!(rig.posts(&buttons).await.unwrap().0, 200);
    assert_eq!(rig.posts(&list).await.unwrap().0, 200);

    rig.emulator.tap_newest(ASHA, "yes").await.unwrap();
    let heard = rig.hears().await;
    let message = &heard["entry"][0]["changes"][0]["value"]["messages"][0];
    assert_eq!(message["interactive"]["button_reply"]["title"], "Yes");
    assert_eq!(
        message["context"]["id"],
        rig.emulator.accepted()[0].wamid.as_str()
    );
    assert_eq!(
        rig.emulator.tap_newest(ASHA, "yes").await,
        Err(TapError::Tapped)
    );
    assert!(rig.emulator.tap_newest(ASHA, "nav").await.is_ok());
    assert!(rig.emulator.tap_newest(ASHA, "nav").await.is_ok());
    let no_such = rig.emulator.tap_newest(ASHA, "other").await;
    assert_eq!(no_such, Err(TapError::NoSuchChoice));
}

#[tokio::test]
async fn an_account_is_subscribed_and_its_own_address_proves_itself_first() {
    let mut rig = Rig::start(builder()).await;
    let path = rig.address("102290129340398/subscribed_apps");
    let plain = rig.asks(rig.http.post(&path)).await;
    assert_eq!(plain, (200, json!({"success": true})));
    rig.emulator.say(ASHA, "hi");
    rig.hears().await;

    let own = knows("mine").await;
    let with = |token| json!({"override_callback_uri": own, "verify_token": token});
    let refused = rig.asks(rig.http.post(&path).json(&with("other"))).await;
    assert_eq!(super::templates::code(&refused), 2200);
    rig.emulator.say(ASHA, "still here");
    rig.hears().await;
    let taken = rig.asks(rig.http.post(&path).json(&with("mine"))).await;
    assert_eq!(taken.0, 200);
    rig.emulator.say(ASHA, "elsewhere");
    rig.emulator.acknowledged().await;
    assert!(rig.received.try_recv().is_err());
    let other = rig
        .http
        .post(rig.address("106540352242922/subscribed_apps"));
    assert_eq!(super::templates::code(&rig.asks(other).await), 100);
}
