//! What is read of webhooks.

mod beside_messages;
mod stored_form;

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::*;

/// A body with one change of field `messages`.
fn body(value: &Value) -> Vec<u8> {
    json!({"object": "whatsapp_business_account", "entry": [
        {"id": "waba", "changes": [{"field": "messages", "value": value}]}]})
    .to_string()
    .into_bytes()
}

fn value(messages: &Value) -> Value {
    json!({"messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "+1 555 078-3881", "phone_number_id": "1065"},
        "contacts": [{"profile": {"name": "Asha"}, "wa_id": "919812345678", "user_id": "IN.20"}],
        "messages": messages})
}

/// A message of Asha's with some of its keys set otherwise; `null` takes one away.
fn message(changes: &Value) -> Value {
    let mut message = json!({"from": "919812345678", "from_user_id": "IN.20", "id": "wamid.A",
        "timestamp": "1763596800", "type": "text", "text": {"body": "hi"}});
    for (key, value) in changes.as_object().unwrap() {
        message[key] = value.clone();
    }
    message
}

fn read_value(value: &Value) -> Vec<Event> {
    read(&body(value)).unwrap()
}

fn read_one(changes: &Value) -> Event {
    let mut events = read_value(&value(&json!([message(changes)])));
    assert_eq!(events.len(), 1);
    events.remove(0)
}

fn heard(changes: &Value) -> InboundMessage {
    match read_one(changes) {
        Event::Message(message) => message,
        event => panic!("not a message: {event:?}"),
    }
}

fn field(event: &Event) -> &str {
    match event {
        Event::Other(other) => &other.field,
        _ => "",
    }
}

#[test]
fn a_text_is_read_whole() {
    let sender = Sender {
        wa_id: Some("919812345678".into()),
        user_id: Some("IN.20".into()),
        name: Some("Asha".into()),
    };
    let expected = InboundMessage {
        phone_number_id: "1065".into(),
        wamid: "wamid.A".into(),
        sender,
        sent_at: Timestamp::from_second(1_763_596_800).unwrap(),
        content: Content::Text("hi".into()),
        reply_to: None,
        forwarded: false,
        referral: None,
    };
    assert_eq!(heard(&json!({})), expected);
}

/// Reads each message and compares its content.
fn each_is_heard_as<const N: usize>(cases: [(Value, Content); N]) {
    for (changes, expected) in cases {
        assert_eq!(heard(&changes).content, expected, "{changes}");
    }
}

fn unsupported(kind: &str) -> Content {
    Content::Unsupported(kind.into())
}

#[test]
fn words_are_read_as_text() {
    use Content::Text;

    each_is_heard_as([
        (
            json!({"type": "text", "text": {"body": ""}}),
            Text(String::new()),
        ),
        (
            json!({"type": "text", "text": {"body": 5000}}),
            Text("5000".into()),
        ),
        (
            json!({"type": "text", "text": {"body": "a\0b"}}),
            Text("ab".into()),
        ),
        (
            json!({"type": "text", "text": {"body": "सिप 🪔"}}),
            Text("सिप 🪔".into()),
        ),
        (json!({"type": "text", "text": null}), unsupported("text")),
    ]);
}

#[test]
fn taps_and_forms_are_read_with_their_ids() {
    use Content::{FlowReply, Tap, TemplateButton};

    let tap = |id: &str, title: &str| Tap {
        id: id.into(),
        title: title.into(),
    };
    let button = |payload: &str, text: &str| TemplateButton {
        payload: payload.into(),
        text: text.into(),
    };
    each_is_heard_as([
        (
            json!({"type": "interactive", "interactive": {"type": "button_reply",
            "button_reply": {"id": "menu:1", "title": "Balance"}}}),
            tap("menu:1", "Balance"),
        ),
        (
            json!({"type": "interactive", "interactive": {"type": "list_reply",
            "list_reply": {"id": 7, "title": "SIP", "description": "d"}}}),
            tap("7", "SIP"),
        ),
        (
            json!({"type": "interactive", "interactive": {"type": "nfm_reply",
            "nfm_reply": {"name": "flow", "body": "Sent", "response_json": "{\"a\":1}"}}}),
            FlowReply("{\"a\":1}".into()),
        ),
        (
            json!({"type": "interactive", "interactive": {"type": "nfm_reply",
            "nfm_reply": {"response_json": {"a": 1}}}}),
            FlowReply("{\"a\":1}".into()),
        ),
        (
            json!({"type": "interactive", "interactive": {"type": "nfm_reply", "nfm_reply": {}}}),
            FlowReply(String::new()),
        ),
        (
            json!({"type": "interactive", "interactive": {"type": "call_permission_reply",
            "call_permission_reply": {"response": "accept"}}}),
            Content::CallPermission,
        ),
        (
            json!({"type": "interactive", "interactive": {"type": "button_reply"}}),
            unsupported("interactive"),
        ),
        (json!({"type": "interactive"}), unsupported("interactive")),
        (
            json!({"type": "button", "button": {"payload": "STOP", "text": "Stop"}}),
            button("STOP", "Stop"),
        ),
        (
            json!({"type": "button", "button": {"text": "Stop"}}),
            button("Stop", "Stop"),
        ),
    ]);
}

#[test]
fn media_are_read_with_what_fetches_them() {
    let media = |kind, mime_type: &str, caption: Option<&str>| Content::Media {
        kind,
        id: "m1".into(),
        mime_type: mime_type.into(),
        caption: caption.map(Into::into),
        voice: false,
    };
    let voice_note = |mime_type: &str| Content::Media {
        kind: MediaKind::Audio,
        id: "m1".into(),
        mime_type: mime_type.into(),
        caption: None,
        voice: true,
    };
    each_is_heard_as([
        (
            json!({"type": "image", "image": {"id": "m1", "mime_type": "image/jpeg", "caption": "c"}}),
            media(MediaKind::Image, "image/jpeg", Some("c")),
        ),
        (
            json!({"type": "video", "video": {"id": "m1"}}),
            media(MediaKind::Video, "", None),
        ),
        (
            json!({"type": "audio", "audio": {"id": "m1", "mime_type": "audio/ogg; codecs=opus"}}),
            media(MediaKind::Audio, "audio/ogg; codecs=opus", None),
        ),
        (
            json!({"type": "audio", "audio": {"id": "m1", "mime_type": "audio/ogg; codecs=opus", "voice": true}}),
            voice_note("audio/ogg; codecs=opus"),
        ),
        (
            json!({"type": "audio", "audio": {"id": "m1", "mime_type": "audio/mpeg", "voice": false}}),
            media(MediaKind::Audio, "audio/mpeg", None),
        ),
        (
            json!({"type": "voice", "voice": {"id": "m1"}}),
            voice_note(""),
        ),
        (
            json!({"type": "voice", "audio": {"id": "m1"}}),
            voice_note(""),
        ),
        (
            json!({"type": "document", "document": {"id": "m1", "filename": "cas.pdf"}}),
            media(MediaKind::Document, "", None),
        ),
        (
            json!({"type": "sticker", "sticker": {"id": "m1"}}),
            media(MediaKind::Sticker, "", None),
        ),
        (
            json!({"type": "image", "errors": [{"code": 131_052}]}),
            unsupported("image"),
        ),
    ]);
}

#[test]
fn every_other_type_is_named_also_an_unknown_one() {
    use Content::{Contacts, Edit, Location, Order, Reaction, Revoke, System, Welcome};

    each_is_heard_as([
        (
            json!({"type": "location", "location": {"latitude": 1, "longitude": 2}}),
            Location,
        ),
        (json!({"type": "contacts", "contacts": []}), Contacts),
        (
            json!({"type": "reaction", "reaction": {"message_id": "w", "emoji": "👍"}}),
            Reaction(Some("👍".into())),
        ),
        (
            json!({"type": "reaction", "reaction": {"message_id": "w", "emoji": ""}}),
            Reaction(None),
        ),
        (
            json!({"type": "reaction", "reaction": {"message_id": "w"}}),
            Reaction(None),
        ),
        (json!({"type": "order", "order": {}}), Order),
        (
            json!({"type": "system", "system": {"type": "customer_identity_changed"}}),
            System("customer_identity_changed".into()),
        ),
        (
            json!({"type": "system", "system": {"type": "user_changed_number"}}),
            System("user_changed_number".into()),
        ),
        (json!({"type": "request_welcome"}), Welcome),
        (json!({"type": "edit", "edit": {}}), Edit),
        (json!({"type": "revoke", "revoke": {}}), Revoke),
        (
            json!({"type": "unsupported", "unsupported": {"type": "poll"}}),
            unsupported("poll"),
        ),
        (
            json!({"type": "unsupported", "errors": [{"code": 131_051}]}),
            unsupported("unsupported"),
        ),
        (
            json!({"type": "unknown", "errors": [{"code": 130_501}]}),
            unsupported("unknown"),
        ),
        (
            json!({"type": "hologram", "hologram": {"a": [1]}}),
            unsupported("hologram"),
        ),
        (json!({"type": null}), unsupported("unknown")),
    ]);
}

#[test]
fn what_surrounds_a_message_is_read_and_its_faults_are_forgiven() {
    let message = heard(&json!({
        "context": {"from": "1065", "id": "wamid.B"},
        "referral": {"source_type": "ad", "source_id": 12, "headline": "h"}}));
    assert_eq!(message.reply_to.as_deref(), Some("wamid.B"));
    assert_eq!(message.referral.as_deref(), Some("ad:12"));
    for context in [
        json!({"forwarded": true}),
        json!({"frequently_forwarded": "true"}),
    ] {
        assert!(heard(&json!({"context": context})).forwarded);
    }
    let odd = heard(&json!({"context": 7, "referral": [], "identity": null, "new": {"x": 1}}));
    assert_eq!(
        (odd.reply_to, odd.forwarded, odd.referral),
        (None, false, None)
    );
}

#[test]
fn times_may_be_seconds_or_milliseconds_as_text_or_number() {
    for (written, millis) in [
        (json!("1763596800"), 1_763_596_800_000),
        (json!(1_763_596_800), 1_763_596_800_000),
        (json!("1763596800123"), 1_763_596_800_123),
        (json!(1_763_596_800_123_i64), 1_763_596_800_123),
    ] {
        let message = heard(&json!({"timestamp": written}));
        assert_eq!(message.sent_at.as_millisecond(), millis);
    }
}

#[test]
fn a_sender_may_have_either_name() {
    let cases = [
        (
            json!({"from_user_id": null}),
            Some("919812345678"),
            Some("IN.20"),
        ),
        (json!({"from": null}), Some("919812345678"), Some("IN.20")),
        (
            json!({"from": null, "from_user_id": "IN.99"}),
            None,
            Some("IN.99"),
        ),
        (
            json!({"from": "IN.99", "from_user_id": null}),
            None,
            Some("IN.99"),
        ),
        (
            json!({"from": "US.ENT.99", "from_user_id": null}),
            None,
            Some("US.ENT.99"),
        ),
        (
            json!({"from": "910000000000", "from_user_id": null}),
            Some("910000000000"),
            None,
        ),
        (
            json!({"from": "+91 98123-45678", "from_user_id": null}),
            Some("919812345678"),
            Some("IN.20"),
        ),
        (
            json!({"from": 919_812_345_678_i64}),
            Some("919812345678"),
            Some("IN.20"),
        ),
        (
            json!({"from": "919812345678", "from_user_id": "IN.99"}),
            Some("919812345678"),
            Some("IN.99"),
        ),
    ];
    for (changes, wa_id, user_id) in cases {
        let sender = heard(&changes).sender;
        let names = (sender.wa_id.as_deref(), sender.user_id.as_deref());
        assert_eq!(names, (wa_id, user_id), "{changes}");
    }
}

#[test]
fn contacts_are_matched_by_name_and_not_by_place() {
    let mut value = value(&json!([
        message(&json!({"id": "1"})),
        message(&json!({"id": "2", "from": "912", "from_user_id": null})),
        message(&json!({"id": "3", "from": null, "from_user_id": "IN.3"})),
        message(&json!({"id": "4", "from": "914", "from_user_id": null})),
    ]));
    value["contacts"] = json!([
        {"profile": {"username": "three"}, "user_id": "IN.3"},
        {"profile": {"name": "Two"}, "wa_id": "912"},
        "not a contact",
        {"profile": {"name": "Asha", "username": "a"}, "wa_id": "919812345678", "user_id": "IN.20"},
    ]);
    let names: Vec<_> = read_value(&value)
        .into_iter()
        .map(|event| match event {
            Event::Message(message) => message.sender.name,
            event => panic!("not a message: {event:?}"),
        })
        .collect();
    let some = |name: &str| Some(name.to_owned());
    assert_eq!(names, [some("Asha"), some("Two"), some("three"), None]);
}

#[test]
fn what_is_not_from_a_person_to_us_is_kept_as_something_else() {
    for (changes, expected) in [
        (json!({"from": "15550783881"}), "own"),
        (json!({"from": "+1 555 078 3881"}), "own"),
        (json!({"from": "1065"}), "own"),
        (json!({"group_id": "g"}), "group"),
        (json!({"id": null}), "unreadable"),
        (json!({"id": ""}), "unreadable"),
        (json!({"timestamp": null}), "unreadable"),
        (json!({"timestamp": "soon"}), "unreadable"),
        (json!({"timestamp": "9223372036854775807"}), "unreadable"),
        (json!({"from": null, "from_user_id": null}), "unreadable"),
        (json!({"from": {"x": 1}, "from_user_id": []}), "unreadable"),
    ] {
        let event = read_one(&changes);
        assert_eq!(field(&event), expected, "{changes}");
        let Event::Other(other) = event else { continue };
        let kept: Value = serde_json::from_str(&other.raw).unwrap();
        assert_eq!(kept, message(&changes));
    }
}

#[test]
fn a_broken_element_harms_no_sibling_at_any_level() {
    let good = message(&json!({}));
    let value = value(&json!([17, good.clone(), null, {"id": 1}, "x", good]));
    let fields: Vec<_> = read_value(&value)
        .iter()
        .map(|e| field(e).to_owned())
        .collect();
    assert_eq!(
        fields,
        [
            "unreadable",
            "",
            "unreadable",
            "unreadable",
            "unreadable",
            ""
        ]
    );

    let change = json!({"field": "messages", "value": value});
    let body = json!({"entry": [
        1, {"id": "a"}, {"changes": 5},
        {"id": 7, "time": "t", "changes": [
            null, {}, {"field": 1}, {"field": "messages"}, {"field": "messages", "value": 3},
            {"field": "messages", "value": {"messages": {}, "statuses": 1}}, change]},
        {"id": "b", "changes": [change]}]});
    let events = read(body.to_string().as_bytes()).unwrap();
    let messages = events.iter().filter(|event| field(event).is_empty());
    let broken = events.iter().filter(|event| field(event) == "unreadable");
    assert_eq!((messages.count(), broken.count()), (4, 18));
}

#[test]
fn what_cannot_be_read_is_kept_as_a_body_that_can_be_read_once_we_know_how() {
    let broken = json!({"id": "wamid.B", "timestamp": "soon", "from": "919812345678"});
    let events = read_value(&value(&json!([message(&json!({})), broken])));
    let Event::Other(other) = &events[1] else {
        panic!("{:?}", events[1]);
    };
    let alone = other.alone.as_deref().unwrap();
    assert_eq!(read(alone.as_bytes()).unwrap(), events[1..]);
    let mended = alone.replace("soon", "1763596800");
    let [Event::Message(message)] = &read(mended.as_bytes()).unwrap()[..] else {
        panic!("{mended}");
    };
    assert_eq!(message.sender.name.as_deref(), Some("Asha"));
    assert_eq!(message.phone_number_id, "1065");
    let long = value(&json!([1]));
    let mut long = read_value(
        &json!({"metadata": long["metadata"], "contacts": "x".repeat(9_999),
        "messages": [1]}),
    );
    let Some(Event::Other(other)) = long.pop() else {
        panic!("{long:?}");
    };
    assert!(other.alone.unwrap().len() < 500);
}

#[test]
fn half_an_emoji_and_bytes_that_are_no_text_cost_one_character() {
    let body = String::from_utf8(body(&value(&json!([message(&json!({}))])))).unwrap();
    for (written, heard) in [
        (r"x\ud83ey", "x\u{fffd}y"),
        (r"x\uDE94", "x\u{fffd}"),
        (r"\ud83e\ud83e\ude94", "\u{fffd}🪔"),
        (r"\\ud83e\n\ud83e", "\\ud83e\n\u{fffd}"),
    ] {
        let body = body.replace("\"hi\"", &format!("\"{written}\""));
        let events = read(body.as_bytes()).unwrap();
        let Event::Message(message) = &events[0] else {
            panic!("not a message: {events:?}");
        };
        assert_eq!(message.content, Content::Text(heard.into()));
    }
    let mut bytes = body.into_bytes();
    let at = bytes.windows(4).position(|four| four == b"\"hi\"").unwrap();
    bytes[at + 1] = 0xff;
    assert!(matches!(&read(&bytes).unwrap()[0], Event::Message(m)
        if m.content == Content::Text("\u{fffd}i".into())));
}

#[test]
fn a_body_that_is_no_webhook_is_unreadable_and_an_empty_one_holds_nothing() {
    for bad in [
        "",
        "{",
        "[]",
        "null",
        "{}",
        r#"{"entry":1}"#,
        r#"{"entry":[]} x"#,
    ] {
        assert!(read(bad.as_bytes()).is_err(), "{bad}");
    }
    assert_eq!(read(br#"{"entry":[],"extra":{}}"#).unwrap(), []);
}

#[test]
fn a_body_of_three_megabytes_and_a_very_deep_one_are_read() {
    let long = "न".repeat(1_000_000);
    let long = heard(&json!({"text": {"body": long}}));
    assert!(matches!(long.content, Content::Text(text) if text.len() == 3_000_000));

    let deep = format!("{}{}", "[".repeat(1_000_000), "]".repeat(1_000_000));
    let good = String::from_utf8(body(&value(&json!([message(&json!({}))])))).unwrap();
    let within = good.replacen("\"messages\":[", &format!("\"messages\":[{deep},"), 1);
    let events = read(within.as_bytes()).unwrap();
    assert_eq!(field(&events[0]), "unreadable");
    assert!(matches!(events[1], Event::Message(_)));
    let beside = good.replacen("\"entry\":[", &format!("\"new\":{deep},\"entry\":["), 1);
    assert_eq!(read(beside.as_bytes()).unwrap().len(), 1);
    assert!(read(deep.replace('[', "{\"entry\":").as_bytes()).is_err());
}

#[test]
fn a_thousand_updates_in_one_body_come_in_their_order() {
    let messages: Vec<_> = (0..1000).map(|n| message(&json!({"id": n}))).collect();
    let events = read_value(&value(&json!(messages)));
    let ids = events.iter().map(|event| match event {
        Event::Message(message) => message.wamid.clone(),
        event => panic!("not a message: {event:?}"),
    });
    assert!(ids.eq((0..1000).map(|n| n.to_string())));
}

#[test]
fn escaped_text_is_read_like_plain_text() {
    let plain = String::from_utf8(body(&value(&json!([message(&json!({}))])))).unwrap();
    let escaped = "नमस्ते/🪔"
        .encode_utf16()
        .fold(String::new(), |mut text, unit| {
            write!(text, "\\u{unit:04x}").unwrap();
            text
        });
    let events = read(plain.replace("hi", &escaped).as_bytes()).unwrap();
    assert!(matches!(&events[0], Event::Message(m)
        if m.content == Content::Text("नमस्ते/🪔".into())));
}
