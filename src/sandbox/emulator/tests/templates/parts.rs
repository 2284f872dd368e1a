//! What a template may be made of, and what a send fills in.

use super::*;

fn with(components: &[Value]) -> Value {
    let mut one = with_place("x");
    let all = one["components"].as_array_mut().unwrap();
    all.extend(components.iter().cloned());
    one
}

fn buttons(buttons: &Value) -> Value {
    json!({"type": "BUTTONS", "buttons": buttons})
}

fn reply(label: &str) -> Value {
    json!({"type": "QUICK_REPLY", "text": label})
}

fn link(url: &str) -> Value {
    json!({"type": "URL", "text": "Open", "url": url, "example": ["https://x.in/a"]})
}

#[tokio::test]
async fn places_are_written_as_the_template_says_and_each_has_an_example() {
    let rig = Rig::start(builder()).await;
    let header = |text: &str, example: Value| {
        with(&[json!({"type": "HEADER", "format": "TEXT", "text": text, "example": example})])
    };
    let named = |names: &[&str]| {
        let params = names
            .iter()
            .map(|name| json!({"param_name": name, "example": "5"}));
        json!({"header_text_named_params": params.collect::<Vec<_>>()})
    };
    let mut unsaid = with_place("x");
    unsaid.as_object_mut().unwrap().remove("parameter_format");
    let mut numbers = unsaid.clone();
    let mut skips = unsaid.clone();
    for (one, text) in [
        (&mut numbers, "Your SIP of {{1}} will be debited soon."),
        (&mut skips, "Your SIP of {{2}} will be debited soon."),
    ] {
        one["components"][0]["text"] = text.into();
        one["components"][0]["example"] = json!({"body_text": [["5"]]});
    }
    let mut both = numbers.clone();
    both["parameter_format"] = "NAMED".into();
    let mut other_example = with_place("x");
    other_example["components"][0]["example"]["body_text_named_params"][0]["param_name"] =
        "sum".into();
    let mut tongue = with_place("x");
    tongue["language"] = "hinglish".into();
    for (one, expected) in [
        (unsaid, 100),
        (skips, 100),
        (both, 100),
        (tongue, 100),
        (other_example, 2_388_072),
        (header("A sum of {{amount}} is due", Value::Null), 100),
        (header("A sum of {{amount}} is due", named(&["sum"])), 100),
        (header("{{a}} of {{b}}", named(&["a", "b"])), 100),
        (
            header("A sum of {{1}} is due", json!({"header_text": ["5"]})),
            100,
        ),
    ] {
        let refused = rig.creates(&one).await;
        assert_eq!(code(&refused), expected, "{refused:?} of {one}");
    }
    numbers["name"] = "numbers".into();
    let sound = header("A sum of {{amount}} is due", named(&["amount"]));
    for one in [&numbers, &sound] {
        let made = rig.creates(one).await;
        assert_eq!(made.0, 200, "{made:?} of {one}");
    }
    let listed = rig.lists("fields=name,parameter_format").await;
    let formats = [&listed["data"][0], &listed["data"][1]].map(|one| &one["parameter_format"]);
    assert_eq!(formats, [&json!("POSITIONAL"), &json!("NAMED")]);
    // An edit keeps it.
    let edit =
        json!({"components": [{"type": "BODY", "text": "Your SIP of {{sum}} is due soon."}]});
    let refused = rig
        .asks(
            rig.http
                .post(rig.address(listed["data"][0]["id"].as_str().unwrap()))
                .json(&edit),
        )
        .await;
    assert_eq!(code(&refused), 100, "{refused:?}");
    rig.stops().await;
}

#[tokio::test]
async fn buttons_are_taken_in_only_as_meta_takes_them() {
    let rig = Rig::start(builder()).await;
    let bare = json!({"type": "URL", "text": "Open", "url": "https://x.in/{{1}}"});
    let fixed = json!({"type": "URL", "text": "Open", "url": "https://x.in"});
    for refused in [
        json!([bare]),
        json!([link("https://x.in/{{1}}/a")]),
        json!([link("https://x.in/{{1}}/{{2}}")]),
        json!([link("")]),
        json!([fixed, fixed, fixed]),
        json!([reply("a"), fixed, reply("b")]),
        json!([fixed, reply("a"), fixed]),
    ] {
        let answer = rig.creates(&with(&[buttons(&refused)])).await;
        assert_eq!(code(&answer), 100, "{answer:?} of {refused}");
    }
    let sound = json!([reply("a"), reply("b"), fixed, link("https://x.in/{{1}}")]);
    let made = rig.creates(&with(&[buttons(&sound)])).await;
    assert_eq!(made.0, 200, "{made:?}");
    rig.stops().await;
}

#[tokio::test]
async fn what_varies_is_filled_with_each_send_and_nothing_else_is() {
    let rig = Rig::start(builder()).await;
    let place = json!({"type": "HEADER", "format": "LOCATION"});
    let all = json!([reply("a"), link("https://x.in/{{1}}"),
        {"type": "URL", "text": "Read", "url": "https://x.in"},
        {"type": "COPY_CODE", "example": "SAVE5"}]);
    rig.emulator
        .know_templates(&[with(&[place, buttons(&all)])])
        .unwrap();
    let button = |at: usize, kind: &str, parameter: Value| json!({"type": "button", "sub_type": kind, "index": at, "parameters": [parameter]});
    let text = || json!({"type": "text", "text": "a"});
    let parts = [
        json!({"type": "body", "parameters": amount("amount")}),
        json!({"type": "header", "parameters": [
            {"type": "location", "location": {"latitude": 19.0, "longitude": 72.8}}]}),
        button(1, "url", text()),
        button(
            3,
            "copy_code",
            json!({"type": "coupon_code", "coupon_code": "SAVE5"}),
        ),
    ];
    let without = |at: usize| {
        let mut less = parts.to_vec();
        less.remove(at);
        less
    };
    let beside = |more: Value| [parts.to_vec(), vec![more]].concat();
    let unnamed = json!({"type": "button", "sub_type": "url", "index": 1});
    for (components, expected) in [
        (without(1), 132_012),
        (without(2), 131_008),
        (without(3), 131_008),
        ([without(2), vec![unnamed]].concat(), 131_008),
        (beside(button(2, "url", text())), 132_018),
        (parts.to_vec(), 0),
    ] {
        let body = json!({"messaging_product": "whatsapp", "to": ASHA, "type": "template",
            "template": {"name": "x", "language": {"code": "en"}, "components": components}});
        let answer = rig.posts(&body).await.unwrap();
        assert_eq!(code(&answer), expected, "{answer:?} of {body}");
    }
    rig.stops().await;
}
