//! What a form asks its endpoint, and what becomes of it.

use std::sync::Mutex;

use super::*;
use crate::sandbox::{FormAction, FormStep, FormTrouble};
use crate::whatsapp::forms::FormKey;

/// A form of two screens that come from an endpoint; it is asked on the way back from the last.
const DEFINITION: &str = r#"{"version": "7.3", "data_api_version": "3.0",
    "routing_model": {"FIRST": ["LAST"], "LAST": []},
    "screens": [
        {"id": "FIRST", "title": "First", "layout": {"type": "SingleColumnLayout", "children": [
            {"type": "Footer", "label": "Go on",
             "on-click-action": {"name": "data_exchange", "payload": {}}}]}},
        {"id": "LAST", "title": "Last", "terminal": true, "refresh_on_back": true,
         "layout": {"type": "SingleColumnLayout", "children": [
            {"type": "Footer", "label": "Send",
             "on-click-action": {"name": "data_exchange", "payload": {}}}]}}]}"#;

type Asked = Arc<Mutex<Vec<Value>>>;

/// Answers as an endpoint has to whose key this is.
fn answer(key: &FormKey, asked: &Asked, headers: &HeaderMap, body: &[u8]) -> (u16, String) {
    let expected = sign::signature("sandbox-app-secret", body);
    let signed = headers.get("x-hub-signature-256");
    if signed.is_none_or(|it| it.as_bytes() != expected.as_bytes()) {
        return (432, String::new());
    }
    let Ok((plain, phone)) = key.open(body) else {
        return (421, String::new());
    };
    let request: Value = serde_json::from_slice(&plain).unwrap();
    asked.lock().unwrap().push(request.clone());
    let token = &request["flow_token"];
    let said = match (request["action"].as_str(), request["screen"].as_str()) {
        (Some("ping"), _) => json!({"data": {"status": "active"}}),
        _ if token != "t" => return (427, json!({"error_msg": "It is too late."}).to_string()),
        (Some("data_exchange"), Some("FIRST")) => json!({"screen": "LAST", "data": {}}),
        (Some("data_exchange"), Some("LAST")) => json!({"screen": "SUCCESS", "data": {
            "extension_message_response": {"params": {"flow_token": "t"}}}}),
        _ => json!({"screen": "FIRST", "data": {"again": true}}),
    };
    (200, phone.seal(&said).unwrap())
}

/// A rig with a form in Asha's chat; returns also the message it is in and what is asked.
async fn with_form() -> (Rig, String, Asked) {
    let mut rig = Rig::start(builder()).await;
    let key = Arc::new(FormKey::random());
    assert!(rig.emulator.set_form_key(&key.public_pem().unwrap()));
    let asked = Asked::default();
    let seen = Arc::clone(&asked);
    let endpoint = move |headers: HeaderMap, body: Bytes| async move {
        let (status, text) = answer(&key, &seen, &headers, &body);
        (StatusCode::from_u16(status).unwrap(), text)
    };
    let address = serve(Router::new().route("/forms", post(endpoint))).await;
    let forms = [("sip".to_owned(), DEFINITION)];
    let url = format!("http://{address}/forms");
    rig.emulator.know_forms(&forms, &url).unwrap();
    rig.emulator.say(ASHA, "hi");
    rig.hears().await;
    let form = send_form(&mut rig, json!({"flow_token": "t"})).await;
    (rig, form, asked)
}

/// Sends the form with these parameters besides; returns the message it is in.
async fn send_form(rig: &mut Rig, mut parameters: Value) -> String {
    for (name, value) in [
        ("flow_message_version", "3"),
        ("flow_name", "sip"),
        ("flow_cta", "Open"),
        ("flow_action", "data_exchange"),
    ] {
        parameters[name] = value.into();
    }
    let body = json!({"messaging_product": "whatsapp", "to": ASHA, "type": "interactive",
        "interactive": {"type": "flow", "body": {"text": "Here."},
            "action": {"name": "flow", "parameters": parameters}}});
    let (_, sent) = rig.posts(&body).await.unwrap();
    rig.passes(Duration::from_secs(1)).await;
    rig.told();
    sent["messages"][0]["id"].as_str().unwrap().to_owned()
}

fn on(screen: &str, action: FormAction) -> FormStep {
    FormStep {
        screen: Some(screen.to_owned()),
        action,
        next: Some("FIRST".to_owned()),
        data: json!({}),
    }
}

#[tokio::test]
async fn an_endpoint_says_whether_it_is_well_when_it_is_pinged() {
    let (rig, _, asked) = with_form().await;
    assert_eq!(rig.emulator.ping_form("sip").await, Ok(()));
    let ping = asked.lock().unwrap()[0].clone();
    assert_eq!(ping, json!({"version": "3.0", "action": "ping"}));
    let nobody = rig.emulator.ping_form("other").await;
    assert_eq!(nobody, Err(FormTrouble::NotPublished("other".to_owned())));
    let other = FormKey::random().public_pem().unwrap();
    assert!(rig.emulator.set_form_key(&other));
    let deaf = rig.emulator.ping_form("sip").await;
    assert_eq!(deaf, Err(FormTrouble::OtherKey));
    rig.stops().await;
}

#[tokio::test]
async fn the_way_back_asks_the_endpoint_where_the_definition_says_so() {
    let (rig, form, asked) = with_form().await;
    let does = |step| rig.emulator.fill_form(ASHA, &form, step);
    does(on("FIRST", FormAction::DataExchange)).await.unwrap();
    let back = does(on("LAST", FormAction::Back)).await.unwrap();
    assert_eq!(back["screen"]["id"], "FIRST");
    assert_eq!(back["data"]["again"], true, "as the endpoint has it");
    let last = asked.lock().unwrap().last().cloned().unwrap();
    assert_eq!(
        (&last["action"], &last["screen"]),
        (&json!("BACK"), &json!("LAST"))
    );
    let count = asked.lock().unwrap().len();
    let back = does(on("FIRST", FormAction::Back)).await.unwrap();
    assert_eq!(back["screen"]["id"], "FIRST");
    assert_eq!(asked.lock().unwrap().len(), count, "nobody was asked");
    rig.stops().await;
}

#[tokio::test]
async fn an_endpoint_is_tried_with_a_wrong_key_a_wrong_signature_and_a_strange_token() {
    let (rig, form, asked) = with_form().await;
    let opens = || rig.emulator.fill_form(ASHA, &form, FormStep::default());
    let once = |kind| rig.emulator.set_fault(kind, Fault::times(1));
    once(FaultKind::OtherFormKey);
    let opened = opens().await.unwrap();
    assert_eq!(opened["screen"]["id"], "FIRST", "the second try opens it");
    let log = rig.emulator.log_after(0);
    let outcomes: Vec<_> = log.iter().rev().map(|one| one.outcome.as_str()).collect();
    assert_eq!(outcomes[..2], ["200", "421"]);
    assert_eq!(asked.lock().unwrap().len(), 1);
    once(FaultKind::BadFormSignature);
    let refused = Err(FormTrouble::Unusable("status 432".to_owned()));
    assert_eq!(opens().await, refused);
    once(FaultKind::StrangeFormTokens);
    let late = Err(FormTrouble::Expired("It is too late.".to_owned()));
    assert_eq!(opens().await, late);
    assert!(opens().await.is_ok());
    rig.stops().await;
}

#[tokio::test]
async fn a_form_sent_without_a_token_asks_without_one() {
    let (mut rig, _, asked) = with_form().await;
    let form = send_form(&mut rig, json!({})).await;
    let opened = rig.emulator.fill_form(ASHA, &form, FormStep::default());
    assert!(opened.await.is_err(), "this endpoint takes no other token");
    let last = asked.lock().unwrap().last().cloned().unwrap();
    assert_eq!(last["flow_token"], "");
    rig.stops().await;
}

#[tokio::test]
async fn what_is_filled_in_can_go_twice_to_the_endpoint_and_twice_to_the_chat() {
    let (mut rig, form, asked) = with_form().await;
    rig.emulator
        .set_fault(FaultKind::DuplicateForms, Fault::times(1));
    let filled = on("LAST", FormAction::DataExchange);
    let done = rig.emulator.fill_form(ASHA, &form, filled).await.unwrap();
    assert_eq!(done, json!({"done": true}));
    assert_eq!(asked.lock().unwrap().len(), 2);
    let [one, two] = [rig.hears().await, rig.hears().await];
    let message = |body: &Value| body["entry"][0]["changes"][0]["value"]["messages"][0].clone();
    let [one, two] = [message(&one), message(&two)];
    assert_ne!(one["id"], two["id"]);
    assert_eq!(one["interactive"], two["interactive"]);
    rig.stops().await;
}
