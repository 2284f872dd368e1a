//! What Meta tells beside messages: other names, statuses, echoes, marketing.

use super::*;

fn moved(event: Event) -> IdentityChange {
    match event {
        Event::Moved(change) => change,
        event => panic!("nobody moved: {event:?}"),
    }
}

fn named(wa_id: Option<&str>, user_id: Option<&str>) -> Sender {
    Sender {
        wa_id: wa_id.map(str::to_owned),
        user_id: user_id.map(str::to_owned),
        name: None,
    }
}

#[test]
fn a_number_or_user_id_that_changes_is_told_in_three_ways() {
    let number = json!({"type": "system", "from_user_id": null,
        "system": {"type": "user_changed_number", "wa_id": "919800000000"}});
    let change = moved(read_one(&number));
    assert_eq!(change.was, named(Some("919812345678"), None));
    assert_eq!(change.is, named(Some("919800000000"), None));
    assert_eq!(change.phone_number_id.as_deref(), Some("1065"));

    let user_id = json!({"type": "system", "from_user_id": null, "system":
        {"type": "user_changed_user_id", "user_id": "IN.2", "previous_user_id": "IN.1"}});
    let change = moved(read_one(&user_id));
    assert_eq!(change.was, named(Some("919812345678"), Some("IN.1")));
    assert_eq!(change.is, named(Some("919812345678"), Some("IN.2")));

    let update = json!({"user_id": {"previous": "IN.1", "current": "IN.2"},
        "detail": "d", "timestamp": 1_763_596_800});
    let field = |updates: &Value| {
        let change = json!({"field": "user_id_update", "value": {"user_id_update": updates}});
        let body = json!({"entry": [{"id": "w", "time": 5, "changes": [change]}]});
        read(body.to_string().as_bytes()).unwrap()
    };
    let mut events = field(&json!([update, update]));
    let change = moved(events.remove(0));
    assert_eq!(
        (change.was, change.is),
        (named(None, Some("IN.1")), named(None, Some("IN.2")))
    );
}

/// Reads a change of a field again from what was set aside of it.
fn again(aside: &Event) -> Vec<Event> {
    let Event::Other(aside) = aside else {
        panic!("it was read: {aside:?}");
    };
    read(aside.alone.as_ref().unwrap().as_bytes()).unwrap()
}

#[test]
fn what_does_not_read_beside_messages_is_set_aside_alone_and_harms_no_sibling() {
    let update = json!({"user_id": {"previous": "IN.1", "current": "IN.2"},
        "timestamp": 1_763_596_800});
    let echo = json!({"id": "wamid.E", "timestamp": "1763596800", "to": "919812345678"});
    for (name, list, whole, half) in [
        (
            "user_id_update",
            "user_id_update",
            update,
            json!({"user_id": {"previous": "IN.3"}}),
        ),
        (
            "smb_message_echoes",
            "message_echoes",
            echo,
            json!({"id": "wamid.F"}),
        ),
    ] {
        let of = |elements: Value| {
            let mut value = json!({"metadata": {"phone_number_id": "1065"}});
            value[list] = elements;
            let body = json!({"entry": [{"id": "w", "time": 5, "changes": [
                {"field": name, "value": value}]}]});
            read(body.to_string().as_bytes()).unwrap()
        };
        let events = of(json!([half, whole, 7]));
        let alone = of(json!([whole]));
        assert_eq!(events.len(), 3, "{name}");
        assert_eq!(events[1], alone[0], "{name}");
        assert!(!matches!(alone[0], Event::Other(_)), "{name}");
        let shapeless = of(json!({"0": whole}));
        for aside in [&events[0], &events[2], &shapeless[0]] {
            assert_eq!(field(aside), "unreadable", "{name}");
            let again = again(aside);
            assert_eq!((again.len(), again[0].key()), (1, aside.key()), "{name}");
        }
        // Whoever kept its bytes because they did not read has not heard it.
        let Event::Other(aside) = &events[0] else {
            unreachable!("looked at above");
        };
        let kept = OtherEvent {
            raw: whole.to_string(),
            ..aside.clone()
        };
        assert_ne!(Event::Other(kept).key(), alone[0].key(), "{name}");
    }
}

#[test]
fn a_status_is_read_with_what_ties_it_to_its_message() {
    let statuses = json!([
        {"id": "wamid.S", "status": "failed", "timestamp": 1_763_596_801, "recipient_id": "91",
         "recipient_user_id": "IN.1", "biz_opaque_callback_data": "obx_1.1",
         "errors": [{"code": "131047", "title": "t"}]},
        {"id": "wamid.S", "status": "read", "timestamp": "1763596801", "recipient_user_id": "IN.1",
         "pricing": {"billable": true, "pricing_model": "PMP", "type": "regular", "category": "utility"},
         "conversation": 4},
        {"id": "wamid.S", "status": "deleted", "timestamp": "1763596801", "recipient_id": "91"},
        {"status": "sent"}]);
    let events = read_value(&json!({"metadata": {"phone_number_id": 1065}, "statuses": statuses}));
    let failed = StatusUpdate {
        phone_number_id: "1065".into(),
        wamid: "wamid.S".into(),
        status: Status::Failed,
        at: Timestamp::from_second(1_763_596_801).unwrap(),
        recipient: "91".into(),
        to: Some(named(Some("91"), Some("IN.1"))),
        callback: Some("obx_1.1".into()),
        error_code: Some(131_047),
        pricing: None,
    };
    let seen = StatusUpdate {
        status: Status::Read,
        recipient: "IN.1".into(),
        to: None,
        callback: None,
        error_code: None,
        pricing: Some(Pricing {
            billable: Some(true),
            kind: "regular".into(),
            category: "utility".into(),
        }),
        ..failed.clone()
    };
    assert_eq!(events[0], Event::Status(failed));
    assert_eq!(events[1], Event::Status(seen));
    assert_eq!(
        (field(&events[2]), field(&events[3])),
        ("status", "unreadable")
    );
}

#[test]
fn what_a_person_of_ours_wrote_from_the_app_is_told_with_whom_it_was_written_to() {
    let echoes = |echoes: Value| {
        let value = json!({"messaging_product": "whatsapp",
            "metadata": {"display_phone_number": "15550783881", "phone_number_id": "1065"},
            "message_echoes": echoes});
        let body = json!({"entry": [{"id": "w", "time": 5, "changes": [
            {"field": "smb_message_echoes", "value": value}]}]});
        read(body.to_string().as_bytes()).unwrap()
    };
    let echo = |to: Value| {
        let mut echo = json!({"from": "15550783881", "id": "wamid.E", "timestamp": "1763596800",
            "type": "text", "text": {"body": "I will call you"}});
        for (key, value) in to.as_object().unwrap() {
            echo[key] = value.clone();
        }
        echo
    };
    for (to, wa_id, user_id) in [
        (json!({"to": "919812345678"}), Some("919812345678"), None),
        (
            json!({"to": "+91 98123 45678", "to_user_id": "IN.20"}),
            Some("919812345678"),
            Some("IN.20"),
        ),
        (json!({"to_user_id": "IN.20"}), None, Some("IN.20")),
        (json!({"to": "IN.20"}), None, Some("IN.20")),
    ] {
        let events = echoes(json!([echo(to)]));
        let [Event::Echo(told)] = &events[..] else {
            panic!("{events:?}");
        };
        assert_eq!(told.to.wa_id.as_deref(), wa_id);
        assert_eq!(told.to.user_id.as_deref(), user_id);
        assert_eq!(events[0].key(), "echo:1065:wamid.E");
    }
}

#[test]
fn who_stops_marketing_in_whatsapp_is_read_and_who_allows_it_again_is_kept() {
    let told = |preferences: Value| {
        let value =
            json!({"metadata": {"phone_number_id": "1065"}, "user_preferences": preferences});
        let body = json!({"entry": [{"id": "w", "time": 5, "changes": [
            {"field": "user_preferences", "value": value}]}]});
        read(body.to_string().as_bytes()).unwrap()
    };
    let one = |value: &str| {
        json!({"wa_id": "919812345678", "user_id": "IN.20", "value": value,
               "category": "marketing_messages", "timestamp": 1_763_596_800})
    };
    let events = told(json!([one("stop"), one("resume"), one("signup")]));
    let [Event::OptOut(stop), resumed, signed_up] = &events[..] else {
        panic!("{events:?}");
    };
    assert_eq!(stop.who.wa_id.as_deref(), Some("919812345678"));
    assert_eq!(stop.who.user_id.as_deref(), Some("IN.20"));
    assert_eq!(stop.at.unwrap().as_second(), 1_763_596_800);
    assert_eq!(
        (field(resumed), field(signed_up)),
        ("user_preferences", "user_preferences")
    );
    // One that does not read is set aside alone, and can be read again by itself.
    let nobody = json!({"value": "stop", "category": "marketing_messages"});
    let events = told(json!([one("stop"), nobody, 7]));
    let [Event::OptOut(_), Event::Other(nobody), Event::Other(seven)] = &events[..] else {
        panic!("{events:?}");
    };
    for aside in [nobody, seven] {
        let again = read(aside.alone.as_ref().unwrap().as_bytes()).unwrap();
        assert_eq!((again.len(), field(&again[0])), (1, "unreadable"));
    }
    // Whoever kept its bytes because they did not read has not heard it.
    let [Event::OptOut(stop), ..] = &events[..] else {
        unreachable!("looked at above");
    };
    let kept = OtherEvent {
        raw: stop.raw.clone(),
        ..nobody.clone()
    };
    assert_ne!(Event::Other(kept).key(), stop.key);
    // Without a time it counts from when it is heard.
    let mut timeless = one("stop");
    timeless.as_object_mut().unwrap().remove("timestamp");
    let events = told(json!([timeless]));
    assert!(matches!(&events[..], [Event::OptOut(stop)] if stop.at.is_none()));
}

#[test]
fn news_of_marketing_that_does_not_read_at_all_is_set_aside_for_a_person() {
    let value = json!({"user_preferences": [{"wa_id": "919812345678", "value": "stop"}]});
    let body = json!({"entry": [{"id": "w", "time": 5, "changes": [
        {"field": "user_preferences", "value": value}]}]});
    let events = read(body.to_string().as_bytes()).unwrap();
    let [Event::Other(aside)] = &events[..] else {
        panic!("{events:?}");
    };
    assert_eq!(aside.field, "unreadable");
    let again = read(aside.alone.as_ref().unwrap().as_bytes()).unwrap();
    assert_eq!(again[0].key(), events[0].key());
}

#[test]
fn only_the_field_messages_speaks_to_the_bot() {
    let fields = [
        ("smb_message_echoes", "unreadable"),
        ("history", "history"),
        ("standby", "standby"),
        ("something_new", "something_new"),
    ];
    for (name, kept_as) in fields {
        let messages = value(&json!([message(&json!({}))]));
        let body = json!({"entry": [{"id": "w", "time": 5, "changes": [
            {"field": name, "value": messages}]}]});
        let events = read(body.to_string().as_bytes()).unwrap();
        assert_eq!((events.len(), field(&events[0])), (1, kept_as));
    }
}

#[test]
fn errors_of_the_value_and_values_with_nothing_in_them_are_kept() {
    let mut with_errors = value(&json!([message(&json!({"type": "interactive"}))]));
    with_errors["errors"] = json!([{"code": 131_000}]);
    let events = read_value(&with_errors);
    assert_eq!((field(&events[0]), field(&events[1])), ("", "errors"));
    assert_eq!(field(&read_value(&json!({"contacts": []}))[0]), "messages");
}
