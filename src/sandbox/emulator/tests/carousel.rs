//! Carousels: taken in card by card, filled card by card, tapped on a card.

use super::templates::code;
use super::*;
use crate::sandbox::emulator::Sent;

impl Rig {
    /// Hands over a picture of three bytes for a reviewer, with this word before the token.
    async fn hands_over(&self, bytes: &[u8], scheme: &str) -> (u16, Value) {
        self.hands_in(bytes, scheme, "image/png").await
    }

    /// Hands over a file of a type for a reviewer; returns its handle.
    pub(super) async fn hands_over_as(&self, mime: &str) -> Value {
        self.hands_in(b"abc", "OAuth", mime).await.1["h"].clone()
    }

    /// Announces a file for a reviewer.
    async fn announces(&self, length: usize, mime: &str) -> (u16, Value) {
        let about =
            format!("1000000000000001/uploads?file_length={length}&file_type={mime}&file_name=a");
        self.asks(self.http.post(self.address(&about))).await
    }

    async fn hands_in(&self, bytes: &[u8], scheme: &str, mime: &str) -> (u16, Value) {
        let (_, begun) = self.announces(3, mime).await;
        let id = begun["id"].as_str().unwrap();
        self.hands_over_at(id, bytes, scheme).await
    }

    /// Hands over the bytes of a file that was announced.
    async fn hands_over_at(&self, id: &str, bytes: &[u8], scheme: &str) -> (u16, Value) {
        let sent = self
            .http
            .post(self.address(id))
            .header("authorization", format!("{scheme} sandbox-access-token"))
            .header("file_offset", "0")
            .body(bytes.to_vec())
            .send();
        let answer = sent.await.unwrap();
        let status = answer.status().as_u16();
        let body = answer.text().await.unwrap();
        (status, serde_json::from_str(&body).unwrap())
    }

    async fn makes(&self, one: &Value) -> (u16, Value) {
        let address = self.address("102290129340398/message_templates");
        self.asks(self.http.post(address).json(one)).await
    }

    fn picture(&self) -> String {
        let sent = Sent {
            mime: "image/png".into(),
            name: String::new(),
            bytes: b"\x89PNG".to_vec(),
        };
        self.emulator.keep_sent(sent).id.clone()
    }

    async fn fills(&self, cards: Value) -> (u16, Value) {
        let body = json!({"messaging_product": "whatsapp", "to": ASHA, "type": "template",
            "template": {"name": "services", "language": {"code": "en"}, "components": [
                {"type": "body", "parameters": [
                    {"type": "text", "parameter_name": "name", "text": "Asha"}]},
                {"type": "carousel", "cards": cards}]}});
        self.posts(&body).await.unwrap()
    }
}

fn card(handle: &str, label: &str) -> Value {
    json!({"components": [
        {"type": "HEADER", "format": "IMAGE", "example": {"header_handle": [handle]}},
        {"type": "BODY", "text": "A sum in {{fund}} over the years.", "example":
            {"body_text_named_params": [{"param_name": "fund", "example": "HDFC"}]}},
        {"type": "BUTTONS", "buttons": [{"type": "QUICK_REPLY", "text": label},
            {"type": "URL", "text": "Read", "url": "https://x.in/{{1}}", "example": ["https://x.in/a"]}]}]})
}

fn carousel(handle: &str) -> Value {
    json!({"name": "services", "language": "en", "category": "MARKETING",
        "parameter_format": "NAMED", "components": [
            {"type": "BODY", "text": "Namaste {{name}}, look at what this chat does.", "example":
                {"body_text_named_params": [{"param_name": "name", "example": "Asha"}]}},
            {"type": "CAROUSEL", "cards": [card(handle, "Sum"), card(handle, "Paper")]}]})
}

/// Changes one place of a value.
fn with(mut one: Value, place: &str, value: Value) -> Value {
    *one.pointer_mut(place).expect(place) = value;
    one
}

fn filled(index: usize, picture: &str) -> Value {
    json!({"card_index": index, "components": [
        {"type": "header", "parameters": [{"type": "image", "image": {"id": picture}}]},
        {"type": "body", "parameters": [
            {"type": "text", "parameter_name": "fund", "text": format!("fund {index}")}]},
        {"type": "button", "sub_type": "quick_reply", "index": "0",
         "parameters": [{"type": "payload", "payload": format!("go:{index}")}]},
        {"type": "button", "sub_type": "url", "index": 1,
         "parameters": [{"type": "text", "text": "b"}]}]})
}

#[tokio::test]
async fn a_picture_for_a_reviewer_is_handed_over_in_two_calls_and_known_by_its_handle() {
    let rig = Rig::start(builder()).await;
    let strange = rig.makes(&carousel("4::made_up")).await;
    assert_eq!(code(&strange), 100, "{strange:?}");
    let short = rig.hands_over(b"ab", "OAuth").await;
    assert_eq!(code(&short), 100, "{short:?}");
    let (status, _) = rig.hands_over(b"abc", "Basic").await;
    assert_eq!(status, 403);
    let (_, done) = rig.hands_over(b"abc", "OAuth").await;
    let made = rig.makes(&carousel(done["h"].as_str().unwrap())).await;
    assert_eq!(made.0, 200, "{made:?}");
    rig.stops().await;
}

#[tokio::test]
async fn a_sample_may_be_as_large_as_a_file_of_its_kind_and_no_larger() {
    const MB: usize = 1024 * 1024;
    let rig = Rig::start(builder()).await;
    for (mime, most, length) in [
        ("image/png", 5 * MB, 5 * MB),
        ("video/mp4", 16 * MB, 16 * MB),
        ("application/pdf", 100 * MB, 20 * MB),
    ] {
        let larger = rig.announces(most + 1, mime).await;
        assert_eq!(code(&larger), 100, "{mime}: {larger:?}");
        assert_eq!(rig.announces(most, mime).await.0, 200);
        let (_, begun) = rig.announces(length, mime).await;
        let id = begun["id"].as_str().unwrap();
        let (status, done) = rig.hands_over_at(id, &vec![0; length], "OAuth").await;
        assert!(status == 200 && done["h"].is_string(), "{mime}: {done}");
    }
    // What is no file stays short, and is refused in Graph's own words.
    let edit = rig.http.post(rig.address("1689556908000001"));
    let refused = rig.asks(edit.body(vec![b' '; 5 * MB])).await;
    assert_eq!(code(&refused), 100, "{refused:?}");
    rig.stops().await;
}

#[tokio::test]
async fn a_carousel_is_taken_in_only_as_meta_takes_it() {
    let rig = Rig::start(builder()).await;
    let (_, done) = rig.hands_over(b"abc", "OAuth").await;
    let sound = carousel(done["h"].as_str().unwrap());
    let cards = "/components/1/cards";
    let second = |part: &str| format!("{cards}/1/components{part}");
    let one = sound.pointer(cards).unwrap()[0].clone();
    let buttons = &one["components"][2]["buttons"];
    let three = json!([buttons[0], buttons[1], buttons[1]]);
    let footer = json!([sound["components"][0], sound["components"][1],
        {"type": "FOOTER", "text": "f"}]);
    for (one, expected) in [
        (with(sound.clone(), cards, json!([one])), 100),
        (with(sound.clone(), cards, json!(vec![&one; 11])), 100),
        (with(sound.clone(), "/category", json!("UTILITY")), 100),
        (with(sound.clone(), "/components", footer), 100),
        (
            with(sound.clone(), &second("/0/format"), json!("VIDEO")),
            100,
        ),
        (
            with(sound.clone(), &second("/0/format"), json!("DOCUMENT")),
            100,
        ),
        (with(sound.clone(), &second("/0/example"), json!({})), 100),
        (
            with(sound.clone(), &second("/1/text"), json!("w".repeat(161))),
            2_388_072,
        ),
        (
            with(
                sound.clone(),
                &second("/1"),
                json!({"type": "BODY", "text": "w".repeat(161)}),
            ),
            2_388_040,
        ),
        (
            with(sound.clone(), &second("/1"), json!({"type": "FOOTER"})),
            100,
        ),
        (with(sound.clone(), &second("/2/buttons"), three), 100),
        (
            with(
                sound.clone(),
                &second("/2/buttons"),
                json!([buttons[1], buttons[0]]),
            ),
            100,
        ),
        (
            with(
                sound.clone(),
                &second("/2/buttons/0/text"),
                json!("l".repeat(26)),
            ),
            2_388_040,
        ),
    ] {
        let refused = rig.makes(&one).await;
        assert_eq!(code(&refused), expected, "{refused:?} of {one}");
    }
    assert_eq!(rig.makes(&sound).await.0, 200);
    rig.stops().await;
}

#[tokio::test]
async fn every_card_is_filled_as_it_was_approved_or_nothing_is_sent() {
    let rig = Rig::start(builder()).await;
    rig.emulator.know_templates(&[carousel("h")]).unwrap();
    let picture = rig.picture();
    let both = json!([filled(0, &picture), filled(1, &picture)]);
    let part = |part: &str| format!("/1/components{part}");
    let without = |at: usize| {
        let mut less = both.clone();
        less[1]["components"].as_array_mut().unwrap().remove(at);
        less
    };
    for (cards, expected) in [
        (json!([filled(0, &picture)]), 132_000),
        (
            json!([
                filled(0, &picture),
                filled(1, &picture),
                filled(2, &picture)
            ]),
            132_000,
        ),
        (json!([filled(0, &picture), filled(2, &picture)]), 132_000),
        (json!([filled(0, &picture), filled(0, &picture)]), 131_009),
        (json!([]), 131_009),
        (with(both.clone(), "/1/card_index", json!("1")), 100),
        (without(0), 132_012),
        (without(1), 132_000),
        (without(2), 132_012),
        (without(3), 131_008),
        (
            with(both.clone(), &part("/0/parameters/0/image/id"), json!("7")),
            100,
        ),
        (
            with(
                both.clone(),
                &part("/0/parameters/0"),
                json!({"type": "video", "video": {"id": picture}}),
            ),
            132_012,
        ),
        (
            with(
                both.clone(),
                &part("/1/parameters/0/parameter_name"),
                json!("sum"),
            ),
            132_012,
        ),
        (
            with(
                both.clone(),
                &part("/1/parameters/0/text"),
                json!("f".repeat(150)),
            ),
            132_005,
        ),
        (
            with(both.clone(), &part("/1/parameters/0/text"), json!("a\tb")),
            132_018,
        ),
        (
            with(both.clone(), &part("/2/sub_type"), json!("url")),
            132_012,
        ),
    ] {
        let refused = rig.fills(cards.clone()).await;
        assert_eq!(code(&refused), expected, "{refused:?} of {cards}");
    }
    assert_eq!(rig.fills(both).await.0, 200);
    rig.stops().await;
}

#[tokio::test]
async fn a_phone_shows_the_cards_and_a_tap_on_one_comes_back_as_a_button() {
    let mut rig = Rig::start(builder()).await;
    rig.emulator.know_templates(&[carousel("h")]).unwrap();
    let picture = rig.picture();
    // In whatever order they are sent, a card stands where its index says.
    let cards = json!([filled(1, &picture), filled(0, &picture)]);
    let (_, sent) = rig.fills(cards).await;
    let wamid = sent["messages"][0]["id"].as_str().unwrap().to_owned();
    let view = rig.emulator.chat_view(ASHA).unwrap();
    let shown = &view["messages"][0]["shown"];
    assert_eq!(shown["words"], "Namaste Asha, look at what this chat does.");
    assert_eq!(
        shown["cards"][1],
        json!({"heading": "", "medium": {"type": "image", "image": {"id": picture}},
            "words": "A sum in fund 1 over the years.", "footer": "", "buttons": [
                {"label": "Paper", "choice": "go:1"},
                {"label": "Read", "url": "https://x.in/b"}]})
    );
    rig.passes(Duration::from_secs(1)).await;
    rig.statuses();
    rig.emulator.tap(ASHA, &wamid, "go:1").await.unwrap();
    let heard = rig.hears().await;
    let message = &heard["entry"][0]["changes"][0]["value"]["messages"][0];
    assert_eq!(message["type"], "button");
    assert_eq!(
        message["button"],
        json!({"payload": "go:1", "text": "Paper"})
    );
    assert_eq!(message["context"]["id"], wamid.as_str());
    assert!(rig.emulator.tap(ASHA, &wamid, "go:0").await.is_err());
    rig.stops().await;
}

#[tokio::test]
async fn a_quick_reply_without_a_payload_brings_its_label_back() {
    let mut rig = Rig::start(builder()).await;
    let mut idea = super::templates::creation("idea", "It can be raised each year.");
    let button =
        json!({"type": "BUTTONS", "buttons": [{"type": "QUICK_REPLY", "text": "Show me"}]});
    idea["components"].as_array_mut().unwrap().push(button);
    rig.emulator.know_templates(&[idea]).unwrap();
    let body = json!({"messaging_product": "whatsapp", "to": ASHA, "type": "template",
        "template": {"name": "idea", "language": {"code": "en"}}});
    assert_eq!(rig.posts(&body).await.unwrap().0, 200);
    rig.passes(Duration::from_secs(1)).await;
    rig.statuses();
    rig.emulator.tap_newest(ASHA, "Show me").await.unwrap();
    let heard = rig.hears().await;
    let message = &heard["entry"][0]["changes"][0]["value"]["messages"][0];
    assert_eq!(
        message["button"],
        json!({"payload": "Show me", "text": "Show me"})
    );
    rig.stops().await;
}
