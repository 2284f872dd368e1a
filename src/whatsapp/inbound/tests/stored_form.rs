//! The keys of events and the form messages are stored in.

use super::*;

#[test]
fn keys_tell_events_apart_and_are_the_same_for_each_delivery() {
    assert_eq!(read_one(&json!({})).key(), "message:1065:wamid.A");
    let status = |word: &str, to: &str| {
        read_value(&json!({"metadata": {"phone_number_id": "1"}, "statuses": [
            {"id": "w", "status": word, "timestamp": "1", "recipient_id": to}]}))[0]
            .key()
    };
    assert_eq!(status("sent", "91"), "status:w:sent:91");
    assert_ne!(status("sent", "91"), status("read", "91"));
    assert_ne!(status("sent", "91"), status("sent", "92"));

    let other = |id: &str, time: u32, field: &str, value: u32| {
        let change = json!({"field": field, "value": {"n": value}});
        let body = json!({"entry": [{"id": id, "time": time, "changes": [change]}]});
        read(body.to_string().as_bytes()).unwrap()[0].key()
    };
    let key = other("w", 1, "flows", 1);
    assert_eq!(key, other("w", 1, "flows", 1));
    for different in [
        other("v", 1, "flows", 1),
        other("w", 2, "flows", 1),
        other("w", 1, "security", 1),
        other("w", 1, "flows", 2),
    ] {
        assert_ne!(key, different);
    }
}

#[test]
fn what_is_stored_is_what_was_read() {
    let messages = [
        json!({}),
        json!({"from": null, "context": {"forwarded": true}, "referral": {"source_id": "1"}}),
        json!({"type": "reaction", "reaction": {}, "context": {"id": "w"}}),
        json!({"type": "audio", "audio": {"id": "m"}, "timestamp": "1763596800123"}),
        json!({"type": "audio", "audio": {"id": "m", "voice": true}}),
        json!({"type": "interactive", "interactive": {"type": "list_reply", "list_reply": {"id": "a"}}}),
        json!({"type": "request_welcome"}),
    ];
    for changes in messages {
        let message = heard(&changes);
        let stored = message.to_stored();
        assert_eq!(InboundMessage::from_stored(&stored).unwrap(), message);
    }
}

#[test]
fn the_stored_form_is_stable_and_names_its_version() {
    let stored = concat!(
        r#"{"v":1,"m":{"to":"1065","id":"wamid.A","from":{"p":"919812345678","u":"IN.20","n":"Asha"},"#,
        r#""at":1763596800000,"c":{"text":"hi"}}}"#
    );
    assert_eq!(
        String::from_utf8(heard(&json!({})).to_stored()).unwrap(),
        stored
    );
    let later = stored.replace("\"v\":1", "\"v\":2");
    assert!(matches!(
        InboundMessage::from_stored(later.as_bytes()),
        Err(BadStored::Version(2))
    ));
    assert!(matches!(
        InboundMessage::from_stored(b"{}"),
        Err(BadStored::Malformed(_))
    ));
}

#[test]
fn a_sound_that_was_stored_without_the_flag_is_read_as_a_file() {
    let stored = concat!(
        r#"{"v":1,"m":{"to":"1065","id":"wamid.A","from":{"p":"919812345678","u":"IN.20","n":"Asha"},"#,
        r#""at":1763596800000,"c":{"media":{"kind":"audio","id":"m","mime_type":"","caption":null}}}}"#
    );
    let read = InboundMessage::from_stored(stored.as_bytes()).unwrap();
    assert!(matches!(read.content, Content::Media { voice: false, .. }));
    assert_eq!(String::from_utf8(read.to_stored()).unwrap(), stored);
}
