use reqwest::multipart::{Form, Part};

use super::*;

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n and more";

fn form(mime: &str, bytes: Vec<u8>) -> Form {
    let file = Part::bytes(bytes).file_name("a").mime_str(mime).unwrap();
    Form::new()
        .text("messaging_product", "whatsapp")
        .text("type", mime.to_owned())
        .part("file", file)
}

impl Rig {
    async fn uploads(&self, form: Form) -> (u16, Value) {
        let request = self.http.post(format!("{}/media", self.graph));
        let request = request.bearer_auth("sandbox-access-token").multipart(form);
        let answer = request.send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap())
    }

    async fn gets(&self, url: &str) -> reqwest::Response {
        let request = self.http.get(url).bearer_auth("sandbox-access-token");
        request.send().await.unwrap()
    }

    fn object(&self, id: &str) -> String {
        let (root, _) = self.graph.rsplit_once('/').unwrap();
        format!("{root}/{id}")
    }

    /// Returns the address of a file, as Graph answers it.
    async fn resolves(&self, id: &str) -> Value {
        self.gets(&self.object(id)).await.json().await.unwrap()
    }
}

fn message(kind: &str, content: &Value) -> Value {
    let mut body = json!({"messaging_product": "whatsapp", "to": ASHA, "type": kind});
    body[kind] = content.clone();
    body
}

#[tokio::test]
async fn a_file_that_was_handed_over_can_be_sent_looked_up_fetched_and_deleted() {
    let rig = Rig::start(builder()).await;
    rig.emulator.say(ASHA, "hi");
    let (status, body) = rig.uploads(form("image/png", PNG.to_vec())).await;
    assert_eq!(status, 200, "{body}");
    let id = body["id"].as_str().unwrap();
    let picture = message("image", &json!({"id": id, "caption": "Growth"}));
    assert_eq!(rig.posts(&picture).await.unwrap().0, 200);
    assert_eq!(rig.emulator.chat(ASHA).last().unwrap().text, "Growth");

    let place = rig.resolves(id).await;
    assert_eq!(place["mime_type"], "image/png");
    assert_eq!(place["file_size"], PNG.len());
    let url = place["url"].as_str().unwrap();
    assert_eq!(rig.gets(url).await.bytes().await.unwrap(), PNG);
    assert_eq!(rig.http.get(url).send().await.unwrap().status(), 401);
    let nameless = reqwest::Client::builder().tls_certs_only([]).build();
    let refused = nameless
        .unwrap()
        .get(url)
        .bearer_auth("sandbox-access-token")
        .send();
    assert_eq!(refused.await.unwrap().status(), 400);
    rig.emulator.advance(Duration::from_mins(6));
    assert_eq!(rig.gets(url).await.status(), 404, "its address ran out");
    assert!(rig.resolves(id).await["url"].is_string());

    let delete = rig.http.delete(rig.object(id));
    let deleted = delete.bearer_auth("sandbox-access-token").send().await;
    assert_eq!(deleted.unwrap().status(), 200);
    assert_eq!(rig.resolves(id).await["error"]["code"], 100);
    let (status, body) = rig.posts(&picture).await.unwrap();
    assert_eq!((status, &body["error"]["code"]), (400, &json!(100)));
}

#[tokio::test]
async fn a_file_above_buttons_is_one_that_was_handed_over() {
    let rig = Rig::start(builder()).await;
    rig.emulator.say(ASHA, "hi");
    let (_, body) = rig.uploads(form("image/png", PNG.to_vec())).await;
    let below = |id: &Value| {
        message(
            "interactive",
            &json!({"type": "button", "body": {"text": "Like this?"},
                "header": {"type": "image", "image": {"id": id}},
                "action": {"buttons": [
                    {"type": "reply", "reply": {"id": "yes", "title": "Yes"}}]}}),
        )
    };
    let refused = rig.posts(&below(&json!("123"))).await.unwrap();
    assert_eq!(super::templates::code(&refused), 100);
    assert_eq!(rig.posts(&below(&body["id"])).await.unwrap().0, 200);
}

#[tokio::test]
async fn an_upload_is_kept_for_thirty_days() {
    let rig = Rig::start(builder()).await;
    let (_, body) = rig.uploads(form("image/png", PNG.to_vec())).await;
    let id = body["id"].as_str().unwrap();
    rig.emulator.advance(Duration::from_hours(30 * 24 - 1));
    assert!(rig.emulator.file(id).is_some());
    rig.emulator.advance(Duration::from_hours(1));
    assert!(rig.emulator.file(id).is_none());
}

#[tokio::test]
async fn what_meta_would_not_keep_is_refused_with_its_code() {
    let rig = Rig::start(builder()).await;
    let file = || Part::bytes(PNG.to_vec()).mime_str("image/png").unwrap();
    let large = vec![0; 5 * 1024 * 1024 + 1];
    for (form, code) in [
        (form("text/calendar", b"BEGIN".to_vec()), 100),
        (form("image/png", vec![]), 131_053),
        (form("image/png", large), 131_053),
        (Form::new().part("file", file()), 100),
        (Form::new().text("messaging_product", "whatsapp"), 100),
        (
            Form::new()
                .text("messaging_product", "whatsapp")
                .text("type", "video/mp4")
                .part("file", file()),
            100,
        ),
    ] {
        let (status, body) = rig.uploads(form).await;
        assert_eq!((status, &body["error"]["code"]), (400, &json!(code)));
    }
}

#[tokio::test]
async fn a_file_sent_as_something_else_fails_later() {
    let mut rig = Rig::start(builder()).await;
    rig.emulator.say(ASHA, "hi");
    rig.hears().await;
    let (_, body) = rig.uploads(form("image/png", PNG.to_vec())).await;
    let video = message("video", &json!({"id": body["id"]}));
    assert_eq!(rig.posts(&video).await.unwrap().0, 200);
    rig.passes(Duration::from_secs(1)).await;
    assert_eq!(rig.statuses(), [("failed".to_owned(), Some(131_053))]);
}

#[tokio::test]
async fn what_a_person_sends_is_told_with_the_checksum_of_what_is_there() {
    let mut rig = Rig::start(builder()).await;
    for (attachment, kind) in [
        (Attachment::Voice, "audio"),
        (Attachment::Picture, "image"),
        (Attachment::Document, "document"),
        (Attachment::Sticker, "sticker"),
    ] {
        rig.emulator.user_attaches(ASHA, attachment).await;
        let heard = rig.hears().await;
        let said = &heard["entry"][0]["changes"][0]["value"]["messages"][0];
        assert_eq!(said["type"], kind);
        let told = &said[kind];
        let place = rig.resolves(told["id"].as_str().unwrap()).await;
        let bytes = rig.gets(place["url"].as_str().unwrap()).await;
        let bytes = bytes.bytes().await.unwrap();
        assert!(!bytes.is_empty());
        let media = rig.emulator.media(told["id"].as_str().unwrap()).unwrap();
        assert_eq!(told["sha256"], media.sha256());
        assert_eq!(media.bytes, bytes);
    }
}

#[tokio::test]
async fn a_reaction_shows_on_its_message_and_only_sent_is_told() {
    let mut rig = Rig::start(builder()).await;
    let theirs = rig.emulator.say(ASHA, "hi");
    rig.hears().await;
    let react =
        |to: &str, emoji: &str| message("reaction", &json!({"message_id": to, "emoji": emoji}));
    assert_eq!(rig.posts(&react(&theirs, "👍")).await.unwrap().0, 200);
    let chat = rig.emulator.chat(ASHA);
    assert_eq!(chat.len(), 1);
    assert_eq!(chat[0].reaction.as_deref(), Some("👍"));
    rig.passes(Duration::from_secs(1)).await;
    assert_eq!(rig.statuses(), [("sent".to_owned(), None)]);
    rig.posts(&react(&theirs, "")).await.unwrap();
    assert_eq!(rig.emulator.chat(ASHA)[0].reaction, None);
    rig.passes(Duration::from_secs(1)).await;
    rig.statuses();
    rig.posts(&react("wamid.nobody", "👍")).await.unwrap();
    rig.passes(Duration::from_secs(1)).await;
    assert_eq!(rig.statuses(), [("failed".to_owned(), Some(131_009))]);
}

#[tokio::test]
async fn requests_are_answered_with_a_place_and_with_a_card() {
    let mut rig = Rig::start(builder()).await;
    rig.emulator.say(ASHA, "hi");
    rig.hears().await;
    for (kind, name, answer) in [
        ("location_request_message", "send_location", "location"),
        ("request_contact_info", "request_contact_info", "contacts"),
    ] {
        let asked = json!({"type": kind, "body": {"text": "Please"}, "action": {"name": name}});
        let (_, body) = rig.posts(&message("interactive", &asked)).await.unwrap();
        let asked = body["messages"][0]["id"].as_str().unwrap();
        rig.emulator.tap(ASHA, asked, name).await.unwrap();
        let heard = rig.hears().await;
        let said = &heard["entry"][0]["changes"][0]["value"]["messages"][0];
        assert_eq!(said["type"], answer);
        assert_eq!(said["context"]["id"], asked);
        if answer == "contacts" {
            assert_eq!(said["contacts"][0]["phones"][0]["wa_id"], ASHA);
            assert_eq!(said["contacts"][0]["origin"], "contact_request");
        }
    }
}
