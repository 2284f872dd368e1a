use serde_json::json;

use super::*;

fn text(body: &str) -> Value {
    json!({"messaging_product": "whatsapp", "to": "+919000000000", "type": "text",
           "text": {"body": body}})
}

fn interactive(interactive: &Value) -> Value {
    json!({"messaging_product": "whatsapp", "to": "919000000000", "type": "interactive",
           "interactive": interactive})
}

fn buttons(titles: &[&str]) -> Value {
    let buttons: Vec<_> = titles
        .iter()
        .enumerate()
        .map(|(n, title)| json!({"type": "reply", "reply": {"id": n.to_string(), "title": title}}))
        .collect();
    interactive(
        &json!({"type": "button", "body": {"text": "Pick"}, "action": {"buttons": buttons}}),
    )
}

fn kind(kind: &str, content: &Value) -> Value {
    let mut body = json!({"messaging_product": "whatsapp", "to": "+919000000000", "type": kind});
    body[kind] = content.clone();
    body
}

fn request(kind: &str, name: &str) -> Value {
    interactive(&json!({"type": kind, "body": {"text": "Please"}, "action": {"name": name}}))
}

fn list(rows: usize, title: &str, button: &str) -> Value {
    let rows: Vec<_> = (0..rows)
        .map(|n| json!({"id": n.to_string(), "title": title, "description": "d"}))
        .collect();
    interactive(&json!({"type": "list", "body": {"text": "Pick"},
        "action": {"button": button, "sections": [{"title": "One", "rows": rows}]}}))
}

/// A carousel of cards with one quick reply each.
fn cards(count: usize) -> Value {
    let cards: Vec<_> = (0..count)
        .map(|n| {
            json!({"card_index": n, "type": "cta_url",
                "header": {"type": "image", "image": {"link": "https://example.in/a.png"}},
                "body": {"text": "w".repeat(160)},
                "action": {"buttons": [{"type": "quick_reply",
                    "quick_reply": {"id": n.to_string(), "title": "t".repeat(20)}}]}})
        })
        .collect();
    interactive(&json!({"type": "carousel", "body": {"text": "Look"}, "action": {"cards": cards}}))
}

/// Changes the second card of a carousel.
fn second(place: &str, value: Value) -> Value {
    with(
        cards(2),
        &format!("/interactive/action/cards/1{place}"),
        value,
    )
}

fn with(mut body: Value, pointer: &str, value: Value) -> Value {
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    let parent = body.pointer_mut(parent).unwrap();
    parent
        .as_object_mut()
        .unwrap()
        .insert(key.to_owned(), value);
    body
}

/// Returns buttons below a file.
fn below(kind: &str, file: &Value) -> Value {
    let mut header = json!({"type": kind});
    header[kind] = file.clone();
    with(buttons(&["Yes"]), "/interactive/header", header)
}

fn verdict(body: &Value) -> Option<i64> {
    parse(&serde_json::to_vec(body).unwrap())
        .err()
        .map(|e| e.code)
}

#[test]
fn what_meta_takes_is_taken() {
    let cta = json!({"type": "cta_url", "body": {"text": "Open"}, "header": {"type": "text", "text": "H"},
        "action": {"name": "cta_url", "parameters": {"display_text": "Go", "url": "https://example.in/a"}}});
    let template = json!({"messaging_product": "whatsapp", "to": "919000000000", "type": "template",
        "template": {"name": "sip_due", "language": {"code": "en_US"}, "components": [
            {"type": "body", "parameters": [{"type": "text", "text": "Asha"}]}]}});
    let document = json!({"messaging_product": "whatsapp", "recipient": "IN.2081978709342942",
        "type": "document", "document": {"link": "https://example.in/a.pdf", "filename": "a.pdf"}});
    let read = json!({"messaging_product": "whatsapp", "status": "read", "message_id": "wamid.x",
        "typing_indicator": {"type": "text"}});
    for body in [
        text(&"क".repeat(4096)),
        buttons(&["Yes", "No", "Maybe"]),
        list(10, &"t".repeat(24), &"b".repeat(20)),
        interactive(&cta),
        below("image", &json!({"id": "1"})),
        below(
            "document",
            &json!({"link": "https://example.in/a.pdf", "filename": "a.pdf"}),
        ),
        cards(2),
        cards(10),
        second("/type", Value::Null),
        second("/body", Value::Null),
        template,
        document,
        read,
        with(text("a"), "/context", json!({"message_id": "wamid.y"})),
        kind("sticker", &json!({"id": "1"})),
        kind("audio", &json!({"id": "1", "voice": true})),
        kind(
            "location",
            &json!({"latitude": 19.07, "longitude": "72.87", "name": "Mumbai"}),
        ),
        kind(
            "contacts",
            &json!([{"name": {"formatted_name": "Asha"}, "phones": []}]),
        ),
        kind("reaction", &json!({"message_id": "wamid.y", "emoji": "👍"})),
        kind("reaction", &json!({"message_id": "wamid.y", "emoji": ""})),
        request("location_request_message", "send_location"),
        request("request_contact_info", "request_contact_info"),
        with(text("a"), "/to", json!("+91 (900) 000-0000")),
        with(
            text("a"),
            "/biz_opaque_callback_data",
            json!("x".repeat(512)),
        ),
    ] {
        assert_eq!(verdict(&body), None, "{body}");
    }
}

#[test]
fn what_meta_refuses_is_refused_with_its_code() {
    let long_row = list(1, &"t".repeat(25), "Menu");
    let two_sections = interactive(&json!({"type": "list", "body": {"text": "Pick"},
        "action": {"button": "Menu", "sections": [
            {"rows": [{"id": "1", "title": "a"}]}, {"title": "B", "rows": [{"id": "2", "title": "b"}]}]}}));
    let eleven_rows = with(
        list(10, "a", "Menu"),
        "/interactive/action/sections",
        json!([{"title": "A", "rows": (0..6).map(|n| json!({"id": format!("a{n}"), "title": "a"})).collect::<Vec<_>>()},
               {"title": "B", "rows": (0..5).map(|n| json!({"id": format!("b{n}"), "title": "b"})).collect::<Vec<_>>()}]),
    );
    let newline = json!({"messaging_product": "whatsapp", "to": "919000000000", "type": "template",
        "template": {"name": "a", "language": {"code": "en"}, "components": [
            {"type": "body", "parameters": [{"type": "text", "text": "a\nb"}]}]}});
    for (body, code) in [
        (text(&"k".repeat(4097)), 131_009),
        (text(" "), 131_009),
        (with(text("a"), "/text", json!({})), 131_008),
        (with(text("a"), "/text", json!("a")), 100),
        (with(text("a"), "/text/colour", json!("red")), 100),
        (with(text("a"), "/colour", json!("red")), 100),
        (with(text("a"), "/to", json!("Asha")), 131_009),
        (with(text("a"), "/to", Value::Null), 131_008),
        (with(text("a"), "/messaging_product", json!("sms")), 100),
        (with(text("a"), "/type", json!("poll")), 131_051),
        (
            with(
                text("a"),
                "/biz_opaque_callback_data",
                json!("x".repeat(513)),
            ),
            131_009,
        ),
        (buttons(&[]), 131_009),
        (buttons(&["a", "b", "c", "d"]), 131_009),
        (buttons(&["a", "a"]), 131_009),
        (buttons(&[&"b".repeat(21)]), 131_009),
        (
            with(
                buttons(&["a"]),
                "/interactive/body/text",
                json!("b".repeat(1025)),
            ),
            131_009,
        ),
        (
            with(
                buttons(&["a"]),
                "/interactive/footer",
                json!({"text": "f".repeat(61)}),
            ),
            131_009,
        ),
        (
            with(buttons(&["a"]), "/interactive/action", json!({})),
            131_008,
        ),
        (below("image", &json!({})), 131_008),
        (below("video", &json!({"link": "a.mp4"})), 131_009),
        (
            below("image", &json!({"id": "1", "filename": "a.png"})),
            100,
        ),
        (list(1, "t", &"b".repeat(21)), 131_009),
        (list(11, "t", "Menu"), 131_009),
        (long_row, 131_009),
        (two_sections, 131_008),
        (eleven_rows, 131_009),
        (newline, 132_018),
        (kind("image", &json!({"caption": "a"})), 131_008),
        (
            kind("image", &json!({"id": "1", "caption": "c".repeat(1025)})),
            131_009,
        ),
        (kind("image", &json!({"id": "1", "filename": "a.png"})), 100),
        (kind("audio", &json!({"id": "1", "caption": "a"})), 100),
        (kind("sticker", &json!({"id": "1", "caption": "a"})), 100),
        (
            kind("document", &json!({"link": "ftp://example.in/a"})),
            131_009,
        ),
        (
            kind("location", &json!({"latitude": 91, "longitude": 0})),
            131_009,
        ),
        (kind("location", &json!({"latitude": 9})), 131_008),
        (kind("contacts", &json!([])), 131_009),
        (kind("reaction", &json!({"message_id": "wamid.y"})), 131_008),
        (kind("reaction", &json!({"emoji": "👍"})), 131_008),
        (request("location_request_message", "ask_location"), 131_009),
        (
            with(
                request("request_contact_info", "request_contact_info"),
                "/interactive/footer",
                json!({"text": "f"}),
            ),
            100,
        ),
    ] {
        assert_eq!(verdict(&body), Some(code), "{body}");
    }
}

#[test]
fn what_does_not_read_is_refused() {
    assert_eq!(parse(b"{").err().map(|e| e.code), Some(100));
}

#[test]
fn what_meta_refuses_about_cards_is_refused_with_its_code() {
    for (body, code) in [
        (cards(1), 131_009),
        (cards(11), 131_009),
        (
            with(cards(2), "/interactive/footer", json!({"text": "f"})),
            100,
        ),
        (second("/card_index", json!(0)), 131_009),
        (second("/card_index", json!("1")), 131_008),
        (second("/type", json!("product")), 131_009),
        (second("/header", Value::Null), 131_008),
        (
            second(
                "/header",
                json!({"type": "video", "video": {"link": "https://x.in/a"}}),
            ),
            131_009,
        ),
        (
            second("/header", json!({"type": "text", "text": "a"})),
            131_009,
        ),
        (second("/body", json!({"text": "w".repeat(161)})), 131_009),
        (second("/body", json!({"text": "a\nb\nc\nd"})), 131_009),
        (
            second(
                "/action",
                json!({"buttons": [{"type": "quick_reply",
                "quick_reply": {"id": "0", "title": "a"}}]}),
            ),
            131_009,
        ),
        (
            second(
                "/action",
                json!({"name": "cta_url",
                "parameters": {"display_text": "Go", "url": "https://x.in"}}),
            ),
            131_009,
        ),
    ] {
        assert_eq!(verdict(&body), Some(code), "{body}");
    }
}
