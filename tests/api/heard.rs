//! Each kind of thing that Meta delivers, through the webhook: what the table says is done
//! about it is what is done.

use serde_json::{Value, json};
use sipbrewery::whatsapp::inbound::{POLICIES, Policy};

use crate::harness::TestApp;
use crate::harness::app::{ACCOUNT, NUMBER};

/// Returns field and value of a change that holds one thing of this kind, from or about
/// this person.
fn change(kind: &str, phone: &str, at: i64) -> (&'static str, Value) {
    let media = |mime: &str| json!({"id": "1013859600285441", "mime_type": mime, "sha256": "x"});
    let message = |kind: &str, content: Value| {
        let mut message = json!({"from": phone, "id": format!("wamid.{phone}"),
            "timestamp": at.to_string(), "type": kind});
        message[kind] = content;
        messages(phone, &message)
    };
    match kind {
        "text" => message("text", json!({"body": "hi"})),
        "tap" => message(
            "interactive",
            json!({"type": "list_reply", "list_reply": {"id": "menu:open:1:help", "title": "Help"}}),
        ),
        "template_button" => message("button", json!({"payload": "Help", "text": "Help"})),
        "flow_reply" => message(
            "interactive",
            json!({"type": "nfm_reply", "nfm_reply": {"name": "flow", "body": "Sent",
                "response_json": "{\"flow_token\":\"t\"}"}}),
        ),
        "image" => message("image", media("image/jpeg")),
        "video" => message("video", media("video/mp4")),
        "document" => message("document", media("application/pdf")),
        "audio" => message("audio", media("audio/ogg; codecs=opus")),
        "sticker" => message("sticker", media("image/webp")),
        "location" => message("location", json!({"latitude": 19.07, "longitude": 72.87})),
        "contacts" => message(
            "contacts",
            json!([{"name": {"formatted_name": "Ravi"}, "phones": [{"phone": "+919800000000"}]}]),
        ),
        "order" => message(
            "order",
            json!({"catalog_id": "1", "text": "", "product_items": [
                {"product_retailer_id": "p", "quantity": 1, "item_price": 5, "currency": "INR"}]}),
        ),
        "unsupported" => {
            let mut value = message("unsupported", json!({"type": "poll"}));
            value.1["messages"][0]["errors"] = json!([{"code": 131_051, "title": "Unsupported"}]);
            value
        }
        "welcome" => message("request_welcome", Value::Null),
        "reaction" => message("reaction", json!({"message_id": "wamid.x", "emoji": "👍"})),
        "call_permission" => message(
            "interactive",
            json!({"type": "call_permission_reply", "call_permission_reply": {"response": "accept"}}),
        ),
        "system" => message(
            "system",
            json!({"type": "customer_identity_changed", "body": "changed"}),
        ),
        "edit" => message(
            "edit",
            json!({"original_message_id": "wamid.x", "message": {"type": "text",
                "text": {"body": "other words"}}}),
        ),
        "revoke" => message("revoke", json!({"original_message_id": "wamid.x"})),
        "user_changed_number" => message(
            "system",
            json!({"type": "user_changed_number",
            "wa_id": format!("{phone}9"), "body": "changed"}),
        ),
        "user_changed_user_id" => message(
            "system",
            json!({"type": "user_changed_user_id",
            "user_id": "IN.2", "previous_user_id": "IN.1"}),
        ),
        kind => further_change(kind, phone, at),
    }
}

/// The kinds that are no message of theirs.
fn further_change(kind: &str, phone: &str, at: i64) -> (&'static str, Value) {
    let other = |field: &'static str, value: Value| {
        let mut value = value;
        value["messaging_product"] = "whatsapp".into();
        value["metadata"] =
            json!({"display_phone_number": "919100000000", "phone_number_id": NUMBER});
        (field, value)
    };
    match kind {
        "user_id_update" => other(
            "user_id_update",
            json!({"user_id_update": [{"wa_id": phone, "detail": "d", "timestamp": at,
                "user_id": {"previous": "IN.3", "current": "IN.4"}}]}),
        ),
        "smb_message_echoes" => other(
            "smb_message_echoes",
            json!({"message_echoes": [{"from": "919100000000", "to": phone, "type": "text",
                "id": format!("wamid.{phone}"), "timestamp": at.to_string(),
                "text": {"body": "I will call you"}}]}),
        ),
        "marketing_stopped" | "user_preferences" => other(
            "user_preferences",
            json!({"user_preferences": [{"wa_id": phone, "detail": "d", "timestamp": at,
                "category": "marketing_messages",
                "value": if kind == "user_preferences" { "resume" } else { "stop" }}]}),
        ),
        "history" => other(
            "history",
            json!({"history": [{"metadata": {"phase": 0, "chunk_order": 1, "progress": 9},
                "threads": [{"id": phone, "messages": [{"from": phone, "id": "wamid.h",
                    "timestamp": at.to_string(), "type": "text", "text": {"body": "menu"},
                    "history_context": {"status": "READ"}}]}]}]}),
        ),
        "smb_app_state_sync" => other(
            "smb_app_state_sync",
            json!({"state_sync": [{"type": "contact", "action": "add",
                "contact": {"full_name": "Asha", "phone_number": phone}}]}),
        ),
        "errors" => other(
            "messages",
            json!({"errors": [{"code": 131_000, "title": "Unsupported webhook payload"}]}),
        ),
        "own" => messages(
            phone,
            &json!({"from": "919100000000", "id": "wamid.own", "timestamp": at.to_string(),
                "type": "text", "text": {"body": "menu"}}),
        ),
        "group" => messages(
            phone,
            &json!({"from": phone, "id": "wamid.group", "timestamp": at.to_string(),
                "group_id": "g", "type": "text", "text": {"body": "menu"}}),
        ),
        "status" => other(
            "messages",
            json!({"statuses": [{"id": "wamid.x", "status": "deleted", "recipient_id": phone,
                "timestamp": at.to_string()}]}),
        ),
        "standby" => other(
            "standby",
            messages(
                phone,
                &json!({"from": phone, "id": "wamid.standby", "timestamp": at.to_string(),
                    "type": "text", "text": {"body": "menu"}}),
            )
            .1,
        ),
        "messages" => other("messages", json!({})),
        kind => panic!("the table has `{kind}`, and nothing is known of how it comes"),
    }
}

fn messages(phone: &str, message: &Value) -> (&'static str, Value) {
    let value = json!({"messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "919100000000", "phone_number_id": NUMBER},
        "contacts": [{"profile": {"name": "Asha"}, "wa_id": phone}],
        "messages": [message]});
    ("messages", value)
}

fn body((field, value): (&str, Value)) -> Vec<u8> {
    let body = json!({"object": "whatsapp_business_account",
        "entry": [{"id": ACCOUNT, "time": 1_787_545_800,
                   "changes": [{"field": field, "value": value}]}]});
    serde_json::to_vec(&body).unwrap()
}

const TAKEN: &str = "select count(*) from inbox where state in ('done', 'stored')";

async fn outcomes(app: &TestApp) -> [i64; 3] {
    [
        app.scalar("select count(*) from inbox where outcome = 'answered'")
            .await,
        app.scalar(
            "select count(*) from inbox
              where outcome = 'recorded' or state = 'stored' and length(payload) >= 64",
        )
        .await,
        // Sealed, nothing is shorter than anything that was said.
        app.scalar(
            "select count(*) from inbox
              where outcome = 'ignored' or state = 'stored' and length(payload) < 64",
        )
        .await,
    ]
}

#[tokio::test]
async fn every_kind_is_treated_as_the_table_says() {
    let app = TestApp::start().await;
    for (at, (kind, policy, _)) in POLICIES.iter().enumerate() {
        let phone = format!("9190000{at:05}");
        app.knows(&phone, "Asha");
        app.emulator.wrote(&phone);
        let before = outcomes(&app).await;
        let taken = app.scalar(TAKEN).await;
        let now = app.app.ground.clock.now().as_second();
        let status = app.delivers(body(change(kind, &phone, now))).await;
        assert_eq!(status, 200, "{kind}");
        app.until(TAKEN, taken + 1).await;
        let after = outcomes(&app).await;
        let [answered, recorded, ignored] = [0, 1, 2].map(|of| after[of] - before[of]);
        match policy {
            Policy::Answer => {
                assert_eq!((answered, recorded, ignored), (1, 0, 0), "{kind}");
                app.next_reply(&phone).await;
            }
            Policy::Act | Policy::Record => {
                assert_eq!((answered, recorded, ignored), (0, 1, 0), "{kind}");
            }
            Policy::Ignore => assert_eq!((answered, recorded, ignored), (0, 0, 1), "{kind}"),
        }
        if *policy != Policy::Answer {
            assert_eq!(app.said_to(&phone), Vec::<String>::new(), "{kind}");
        }
    }
    app.stop().await;
}

const HELD: &str = "select count(*) from contacts where owner = 'human'";

#[tokio::test]
async fn a_person_who_writes_from_the_app_holds_the_conversation_until_they_give_it_back() {
    let app = TestApp::start().await;
    let phone = "919000000000";
    app.knows(phone, "Asha");
    app.asks(phone, "hi").await;
    let now = app.app.ground.clock.now().as_second();
    let echo = body(change("smb_message_echoes", phone, now));
    for _ in 0..2 {
        assert_eq!(app.delivers(echo.clone()).await, 200);
    }
    app.until(HELD, 1).await;
    let handoffs = "select count(*) from handoffs where closed_at is null";
    app.until(handoffs, 1).await;
    app.says(phone, "menu").await;
    app.until("select count(*) from inbox where outcome = 'held'", 1)
        .await;
    assert_eq!(app.said_to(phone).len(), 1);

    assert!(app.app.release(phone, "test").await.unwrap());
    // Told once more, it is nothing new.
    assert_eq!(app.delivers(echo).await, 200);
    assert!(!app.asks(phone, "menu").await.is_empty());
    app.until(HELD, 0).await;
    app.stop().await;
}

#[tokio::test]
async fn a_voice_note_is_answered_politely_and_the_answer_shows_which_one_is_meant() {
    let app = TestApp::start().await;
    let phone = "919000000000";
    app.knows(phone, "Asha");
    app.asks(phone, "hi").await;
    let note = app
        .emulator
        .user_attaches(phone, sipbrewery::sandbox::Attachment::Voice)
        .await;
    let answer = app.next_reply(phone).await;
    assert_eq!(answer.body["context"]["message_id"], note.as_str());
    app.stop().await;
}
