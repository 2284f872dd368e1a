//! Forms: begun, checked, published, sent, put out of use.

use reqwest::multipart;

use super::templates::code;
use super::*;
use crate::sandbox::{FormAction, FormStep, FormTrouble};
use crate::whatsapp::forms::FormKey;

const ACCOUNT: &str = "102290129340398";
const NUMBER: &str = "106540352242922";

fn definition() -> Value {
    serde_json::from_str(include_str!("../../../../templates/flows/sip_start.json")).unwrap()
}

impl Rig {
    async fn does(&self, path: &str, body: Value) -> (u16, Value) {
        self.asks(self.http.post(self.address(path)).json(&body))
            .await
    }

    async fn begins(&self, name: &str) -> (u16, Value) {
        let body = json!({"name": name, "categories": ["OTHER"],
                          "endpoint_uri": "https://bot.example/forms"});
        self.does(&format!("{ACCOUNT}/flows"), body).await
    }

    async fn defines(&self, id: &str, text: &str) -> (u16, Value) {
        let form = multipart::Form::new()
            .text("name", "flow.json")
            .text("asset_type", "FLOW_JSON")
            .text("file", text.to_owned());
        let request = self.http.post(self.address(&format!("{id}/assets")));
        self.asks(request.multipart(form)).await
    }

    async fn uploads_key(&self, key: &str) -> (u16, Value) {
        let mut body = url::form_urlencoded::Serializer::new(String::new());
        body.append_pair("business_public_key", key);
        let path = self.address(&format!("{NUMBER}/whatsapp_business_encryption"));
        let request = self.http.post(path).body(body.finish());
        self.asks(request).await
    }

    async fn lists_forms(&self, query: &str) -> Value {
        let path = self.address(&format!("{ACCOUNT}/flows?{query}"));
        self.asks(self.http.get(path)).await.1
    }

    async fn sends_form(&self, name: &str, mode: &str) -> (u16, Value) {
        let parameters = json!({"flow_message_version": "3", "flow_name": name, "flow_cta": "Open",
            "flow_token": "t", "flow_action": "data_exchange", "mode": mode});
        let body = json!({"messaging_product": "whatsapp", "to": ASHA, "type": "interactive",
            "interactive": {"type": "flow", "body": {"text": "Here."},
                "action": {"name": "flow", "parameters": parameters}}});
        self.posts(&body).await.unwrap()
    }
}

#[tokio::test]
async fn a_form_is_a_draft_until_it_is_whole_and_is_sent_only_while_it_is_published() {
    let mut rig = Rig::start(builder()).await;
    rig.emulator.wrote(ASHA);
    let (status, made) = rig.begins("sip").await;
    assert_eq!(status, 200);
    let id = made["id"].as_str().unwrap().to_owned();
    assert_eq!(code(&rig.begins("sip").await), 100, "a name is used once");
    assert_eq!(code(&rig.sends_form("sip", "published").await), 131_009);
    let publish = format!("{id}/publish");
    assert_eq!(code(&rig.does(&publish, json!({})).await), 139_002, "empty");
    let (_, defined) = rig.defines(&id, "{ nonsense").await;
    assert_eq!(defined["validation_errors"][0]["error"], "INVALID_JSON");
    let (_, defined) = rig.defines(&id, &definition().to_string()).await;
    assert_eq!(defined["validation_errors"], json!([]));
    assert_eq!(
        code(&rig.does(&publish, json!({})).await),
        139_002,
        "no key"
    );
    assert_eq!(code(&rig.uploads_key("hello").await), 131_009);
    let key = FormKey::random().public_pem().unwrap();
    assert_eq!(rig.uploads_key(&key).await.0, 200);
    assert_eq!(rig.sends_form("sip", "draft").await.0, 200, "to try it");
    assert_eq!(rig.does(&publish, json!({})).await.0, 200);
    let told = rig.next_change("flows").await;
    assert_eq!(
        (&told["old_status"], &told["new_status"]),
        (&json!("DRAFT"), &json!("PUBLISHED"))
    );
    assert_eq!(rig.sends_form("sip", "published").await.0, 200);
    assert_eq!(code(&rig.sends_form("sip", "draft").await), 131_009);

    let (_, changed) = rig.defines(&id, "{}").await;
    assert_eq!(changed["error"]["code"], 139_001, "it cannot be changed");
    let moved = json!({"endpoint_uri": "https://other.example/forms"});
    assert_eq!(rig.does(&id, moved).await.0, 200, "but asked elsewhere");
    let plain = json!({"endpoint_uri": "http://bot.example/forms"});
    assert_eq!(code(&rig.does(&id, plain).await), 131_009);
    let gone = rig.http.delete(rig.address(&id));
    assert_eq!(code(&rig.asks(gone).await), 139_004);
    let deprecate = format!("{id}/deprecate");
    assert_eq!(rig.does(&deprecate, json!({})).await.0, 200);
    assert_eq!(code(&rig.does(&deprecate, json!({})).await), 139_003);
    assert_eq!(code(&rig.sends_form("sip", "published").await), 131_009);
    assert_eq!(code(&rig.sends_form("other", "published").await), 131_009);
    rig.stops().await;
}

/// A form of two screens that asks no endpoint.
fn by_itself() -> Value {
    let screen = |id: &str, action: Value| {
        json!({"id": id, "title": id, "terminal": action["name"] == "complete",
            "layout": {"type": "SingleColumnLayout", "children": [
                {"type": "Footer", "label": "Go on", "on-click-action": action}]}})
    };
    let on = json!({"name": "navigate", "payload": {}, "next": {"type": "screen", "name": "LAST"}});
    json!({"version": "7.3", "screens": [
        screen("FIRST", on), screen("LAST", json!({"name": "complete", "payload": {}}))]})
}

#[tokio::test]
async fn a_form_without_an_endpoint_is_opened_gone_through_and_handed_over() {
    let mut rig = Rig::start(builder()).await;
    rig.emulator.say(ASHA, "hi");
    rig.hears().await;
    let body = json!({"name": "poll", "categories": ["SURVEY"]});
    let (_, made) = rig.does(&format!("{ACCOUNT}/flows"), body).await;
    let id = made["id"].as_str().unwrap();
    let (_, defined) = rig.defines(id, &by_itself().to_string()).await;
    assert_eq!(defined["validation_errors"], json!([]));
    let published = rig.does(&format!("{id}/publish"), json!({})).await;
    assert_eq!(published.0, 200);
    rig.next_change("flows").await;
    let payload = json!({"screen": "FIRST", "data": {"name": "Asha"}});
    let parameters = json!({"flow_message_version": "3", "flow_id": id, "flow_cta": "Open",
        "flow_token": "t", "flow_action": "navigate", "flow_action_payload": payload});
    let body = json!({"messaging_product": "whatsapp", "to": ASHA, "type": "interactive",
        "interactive": {"type": "flow", "body": {"text": "Here."},
            "action": {"name": "flow", "parameters": parameters}}});
    let (_, sent) = rig.posts(&body).await.unwrap();
    let form = sent["messages"][0]["id"].as_str().unwrap();
    rig.passes(Duration::from_secs(1)).await;
    rig.statuses();

    let does = |step: FormStep| rig.emulator.fill_form(ASHA, form, step);
    let shown = does(FormStep::default()).await.unwrap();
    let seen = (&shown["screen"]["id"], &shown["data"]["name"]);
    assert_eq!(seen, (&json!("FIRST"), &json!("Asha")));
    let on = |next: &str| FormStep {
        screen: Some("FIRST".to_owned()),
        action: FormAction::Navigate,
        next: Some(next.to_owned()),
        data: json!({"answer": "yes"}),
    };
    let shown = does(on("LAST")).await.unwrap();
    let seen = (&shown["screen"]["id"], &shown["data"]["answer"]);
    assert_eq!(seen, (&json!("LAST"), &json!("yes")));
    let lost = does(on("ELSE")).await;
    assert!(matches!(lost, Err(FormTrouble::Unusable(_))), "{lost:?}");
    let end = FormStep {
        screen: Some("LAST".to_owned()),
        action: FormAction::Complete,
        next: None,
        data: json!({"answer": "yes"}),
    };
    assert_eq!(does(end).await.unwrap(), json!({"done": true}));
    let heard = rig.hears().await;
    let message = &heard["entry"][0]["changes"][0]["value"]["messages"][0];
    let filled = message["interactive"]["nfm_reply"]["response_json"].as_str();
    let filled: Value = serde_json::from_str(filled.unwrap()).unwrap();
    assert_eq!(filled, json!({"answer": "yes", "flow_token": "t"}));
    assert_eq!(message["context"]["id"], form);
    rig.stops().await;
}

#[tokio::test]
async fn forms_are_listed_page_by_page_and_drafts_can_be_deleted() {
    let rig = Rig::start(builder()).await;
    let mut ids = Vec::new();
    for name in ["a", "b", "c"] {
        ids.push(rig.begins(name).await.1["id"].as_str().unwrap().to_owned());
    }
    let page = rig.lists_forms("limit=2").await;
    assert_eq!(page["data"].as_array().unwrap().len(), 2);
    assert_eq!(page["data"][0]["status"], "DRAFT");
    let after = page["paging"]["cursors"]["after"].as_str().unwrap();
    let page = rig
        .lists_forms(&format!("limit=2&after={after}&fields=name"))
        .await;
    assert_eq!(page["data"], json!([{"id": ids[2], "name": "c"}]));
    assert_eq!(page["paging"]["next"], Value::Null);
    let gone = rig.http.delete(rig.address(&ids[0]));
    assert_eq!(rig.asks(gone).await.0, 200);
    assert_eq!(
        rig.lists_forms("").await["data"].as_array().unwrap().len(),
        2
    );
    rig.stops().await;
}

#[tokio::test]
async fn what_is_wrong_with_a_definition_is_listed() {
    let rig = Rig::start(builder()).await;
    let id = rig.begins("sip").await.1["id"].as_str().unwrap().to_owned();
    let with = |change: fn(&mut Value)| {
        let mut one = definition();
        change(&mut one);
        one.to_string()
    };
    for (text, part) in [
        (with(|one| one["version"] = json!("seven")), "version"),
        (
            with(|one| one["screens"] = json!([])),
            "at least one screen",
        ),
        (
            with(|one| one["screens"][0]["id"] = json!("SUCCESS")),
            "reserved",
        ),
        (
            with(|one| one["screens"][2]["terminal"] = json!(false)),
            "terminal",
        ),
        (
            with(|one| one["routing_model"]["TERMS"] = json!(["ELSE"])),
            "'ELSE'",
        ),
        (
            with(|one| one["screens"][0]["data"]["next"] = json!({"type": "string"})),
            "__example__",
        ),
        (
            with(|one| {
                one["screens"][2]["layout"]["children"][1]["text"] = json!("${data.nothing}");
            }),
            "${data.nothing}",
        ),
        (
            with(|one| {
                let footer = &mut one["screens"][2]["layout"]["children"][2];
                footer["on-click-action"]["name"] = json!("dance");
            }),
            "'dance'",
        ),
    ] {
        let (_, defined) = rig.defines(&id, &text).await;
        let faults = defined["validation_errors"].as_array().unwrap();
        let says = |fault: &Value| fault["message"].as_str().unwrap().contains(part);
        assert!(faults.iter().any(says), "{part}: {faults:?}");
    }
    rig.stops().await;
}

#[tokio::test]
async fn forms_and_key_are_there_after_a_restart_and_registering_unsigns_the_key() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("emulator.db");
    let rig = Rig::start(builder().persist(&file)).await;
    let id = rig.begins("sip").await.1["id"].clone();
    let key = FormKey::random().public_pem().unwrap();
    rig.uploads_key(&key).await;
    rig.stops().await;
    let rig = Rig::start(builder().persist(&file)).await;
    assert_eq!(rig.lists_forms("").await["data"][0]["id"], id);
    assert_ne!(rig.begins("other").await.1["id"], id);
    let path = format!("{NUMBER}/whatsapp_business_encryption");
    let status = async || {
        let (_, shown) = rig.asks(rig.http.get(rig.address(&path))).await;
        shown["business_public_key_signature_status"].clone()
    };
    assert_eq!(status().await, "VALID");
    let again = json!({"messaging_product": "whatsapp", "pin": "123456"});
    rig.does(&format!("{NUMBER}/register"), again).await;
    assert_eq!(status().await, "MISMATCH");
    rig.uploads_key(&key).await;
    assert_eq!(status().await, "VALID");
    rig.stops().await;
}
