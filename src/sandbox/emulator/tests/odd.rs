//! Bodies as Meta seldom posts them.

use super::*;

/// Returns the `value` of an entry of a body.
fn value(body: &Value, entry: usize) -> &Value {
    &body["entry"][entry]["changes"][0]["value"]
}

#[tokio::test]
async fn messages_and_statuses_can_come_in_one_value_of_one_post() {
    let mut rig = Rig::start(builder()).await;
    rig.emulator.say(ASHA, "hi");
    rig.hears().await;
    let ravi = Person::with_phone("919000000001", "Ravi");
    rig.emulator.add_person(ravi);
    let mixed = Fault::chance(1.0).amount(1_000);
    rig.emulator.set_fault(FaultKind::MixedUpdates, mixed);
    rig.sends(ASHA, "hello").await.unwrap();
    rig.emulator.say(ASHA, "one");
    rig.emulator.say("919000000001", "two");
    rig.emulator.quiet().await;
    assert!(rig.received.try_recv().is_err(), "they wait for each other");
    rig.passes(Duration::from_secs(1)).await;
    let body = rig.hears().await;
    assert!(rig.received.try_recv().is_err());
    assert_eq!(body["entry"].as_array().unwrap().len(), 1);
    assert!(body["entry"][0].get("time").is_none());
    let told = |list: &str, part: &str| {
        let all = value(&body, 0)[list].as_array().unwrap();
        all.iter().map(|one| one[part].clone()).collect::<Vec<_>>()
    };
    assert_eq!(told("statuses", "status"), ["sent", "delivered"]);
    assert_eq!(told("messages", "from"), [ASHA, "919000000001"]);
    assert!(told("contacts", "wa_id").contains(&json!("919000000001")));
    rig.emulator.acknowledged().await;
    rig.stops().await;
}

#[tokio::test]
async fn what_waited_together_comes_back_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("sandbox.db");
    let rig = Rig::start(builder().persist(&file)).await;
    let mixed = Fault::chance(1.0).amount(60_000);
    rig.emulator.set_fault(FaultKind::MixedUpdates, mixed);
    rig.emulator.user_says(ASHA, "one").await;
    rig.emulator.user_says(ASHA, "two").await;
    rig.stops().await;
    let mut rig = Rig::start(builder().persist(&file)).await;
    rig.passes(Duration::from_mins(1)).await;
    let body = rig.hears().await;
    let messages = value(&body, 0)["messages"].as_array().unwrap();
    assert_eq!(messages.len(), 2, "they still share a post");
    rig.stops().await;
}

#[tokio::test]
async fn entries_of_other_accounts_and_of_unknown_fields_can_come_before_the_bots_own() {
    let mut rig = Rig::start(builder()).await;
    let others = Fault::times(1).amount(2);
    rig.emulator.set_fault(FaultKind::OtherAccounts, others);
    rig.emulator
        .set_fault(FaultKind::UnknownUpdates, Fault::times(1));
    rig.emulator.say(ASHA, "hi");
    let body = rig.hears().await;
    let entries = body["entry"].as_array().unwrap();
    assert_eq!(entries.len(), 4);
    assert_eq!(entries[0]["changes"][0]["field"], "of_next_year");
    assert!(entries[0]["time"].is_i64());
    for entry in &entries[1..3] {
        assert_ne!(entry["id"], entries[3]["id"]);
        let about = &entry["changes"][0]["value"]["metadata"]["phone_number_id"];
        assert_ne!(about, "106540352242922");
    }
    assert_ne!(entries[1]["id"], entries[2]["id"]);
    assert_eq!(entries[3]["id"], "102290129340398");
    assert_eq!(value(&body, 3)["messages"][0]["text"]["body"], "hi");
    rig.emulator.say(ASHA, "again");
    let body = rig.hears().await;
    assert_eq!(body["entry"].as_array().unwrap().len(), 1);
    rig.stops().await;
}

#[tokio::test]
async fn a_message_can_be_of_a_type_nobody_knows_or_hold_a_character_databases_refuse() {
    let mut rig = Rig::start(builder()).await;
    rig.emulator
        .set_fault(FaultKind::UnknownTypes, Fault::times(1));
    let wamid = rig.emulator.say(ASHA, "hi");
    let body = rig.hears().await;
    let message = &value(&body, 0)["messages"][0];
    assert_eq!(message["id"], wamid.as_str());
    assert_eq!(message["type"], "hologram");
    assert_eq!(message["hologram"]["body"], "hi");
    assert!(message.get("text").is_none());
    rig.emulator
        .set_fault(FaultKind::NulInTexts, Fault::times(1));
    rig.emulator.say(ASHA, "hi");
    let body = rig.hears().await;
    assert_eq!(value(&body, 0)["messages"][0]["text"]["body"], "hi\0");
    rig.stops().await;
}

#[tokio::test]
async fn a_body_can_be_as_large_as_metas_become_to_the_byte() {
    let mut rig = Rig::start(builder()).await;
    for bytes in [20_000_u64, 10] {
        let large = Fault::times(1).amount(bytes);
        rig.emulator.set_fault(FaultKind::LargeBodies, large);
        rig.emulator.say(ASHA, "hi");
        rig.hears().await;
        rig.emulator.acknowledged().await;
        let log = rig.emulator.log_after(0);
        let length = log.last().unwrap().request.len();
        // What is too long for it already is sent as it is.
        assert_eq!(length == 20_000, bytes == 20_000, "{length}");
    }
    rig.stops().await;
}

#[tokio::test]
async fn a_service_that_answers_too_late_is_posted_to_again() {
    let calls = Arc::new(AtomicU16::new(0));
    let seen = Arc::clone(&calls);
    let hook = move || async move {
        if seen.fetch_add(1, Ordering::SeqCst) == 0 {
            std::future::pending::<()>().await;
        }
        StatusCode::OK
    };
    let service = serve(Router::new().route("/hook", post(hook))).await;
    let emulator = builder()
        .callback_url(format!("http://{service}/hook"))
        .webhook_timeout(Duration::from_millis(100));
    let emulator = emulator.build().await.unwrap();
    emulator.spawn_delivery(CancellationToken::new());
    emulator.say(ASHA, "hi");
    emulator.quiet().await;
    assert_eq!(emulator.unacknowledged(), 1);
    emulator.advance(Duration::from_mins(1));
    emulator.acknowledged().await;
    assert_eq!(emulator.webhook_outcomes(), ["no answer", "200"]);
    assert_eq!(calls.load(Ordering::SeqCst), 2);
}
