//! Templates: handed in, reviewed, paused, filled in.

mod parts;
mod taken;

use super::*;
use crate::sandbox::emulator::TemplateDeed;

/// Returns what hands in a utility template in English without places.
pub(super) fn creation(name: &str, body: &str) -> Value {
    json!({"name": name, "language": "en", "category": "UTILITY", "parameter_format": "NAMED",
        "components": [{"type": "BODY", "text": body}]})
}

fn with_place(name: &str) -> Value {
    let mut one = creation(name, "Your SIP of {{amount}} will be debited soon.");
    one["components"][0]["example"] =
        json!({"body_text_named_params": [{"param_name": "amount", "example": "5"}]});
    one
}

impl Rig {
    pub(super) async fn asks(&self, request: reqwest::RequestBuilder) -> (u16, Value) {
        let answer = request
            .bearer_auth("sandbox-access-token")
            .send()
            .await
            .unwrap();
        let status = answer.status().as_u16();
        (
            status,
            serde_json::from_str(&answer.text().await.unwrap()).unwrap(),
        )
    }

    pub(super) fn address(&self, path: &str) -> String {
        self.graph.replace("106540352242922", path)
    }

    async fn lists(&self, query: &str) -> Value {
        let path = format!("102290129340398/message_templates?{query}");
        self.asks(self.http.get(self.address(&path))).await.1
    }

    async fn creates(&self, one: &Value) -> (u16, Value) {
        let address = self.address("102290129340398/message_templates");
        self.asks(self.http.post(address).json(one)).await
    }

    pub(super) async fn next_change(&mut self, field: &str) -> Value {
        let change = self.hears().await["entry"][0]["changes"][0].clone();
        assert_eq!(change["field"], field);
        change["value"].clone()
    }

    async fn sends_template(&self, name: &str, parameters: Value) -> (u16, Value) {
        let body = json!({"messaging_product": "whatsapp", "to": ASHA, "type": "template",
            "template": {"name": name, "language": {"code": "en"},
                "components": [{"type": "body", "parameters": parameters}]}});
        self.posts(&body).await.unwrap()
    }
}

fn amount(name: &str) -> Value {
    json!([{"type": "text", "parameter_name": name, "text": "₹5"}])
}

pub(super) fn code(answer: &(u16, Value)) -> i64 {
    answer.1["error"]["code"].as_i64().unwrap_or(0)
}

#[tokio::test]
async fn a_template_is_reviewed_after_a_while_and_its_webhook_tells_how_it_ended() {
    let options = Options {
        review_seconds: 600,
        ..Options::default()
    };
    let mut rig = Rig::start(builder().options(options)).await;
    let (status, made) = rig.creates(&with_place("due")).await;
    assert_eq!((status, made["status"].as_str()), (200, Some("PENDING")));
    let promotes = creation("sale", "A special offer for all our investors.");
    assert_eq!(rig.creates(&promotes).await.0, 200);
    assert_eq!(
        code(&rig.sends_template("due", amount("amount")).await),
        132_001
    );
    rig.emulator.advance(Duration::from_mins(10));
    let mut events = Vec::new();
    while events.len() < 2 {
        for entry in rig.hears().await["entry"].as_array().unwrap() {
            let told = &entry["changes"][0]["value"];
            events.push((
                told["message_template_name"].clone(),
                told["event"].clone(),
                told["reason"].clone(),
            ));
        }
    }
    events.sort_by_key(|(name, ..)| name.to_string());
    assert_eq!(events[0], (json!("due"), json!("APPROVED"), json!("NONE")));
    assert_eq!(
        events[1],
        (
            json!("sale"),
            json!("REJECTED"),
            json!("INCORRECT_CATEGORY")
        )
    );
    assert_eq!(rig.sends_template("due", amount("amount")).await.0, 200);
    rig.stops().await;
}

#[tokio::test]
async fn a_template_made_after_a_restart_takes_the_id_of_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("sandbox.db");
    let mut ids = std::collections::BTreeSet::new();
    for n in 0..4 {
        let rig = Rig::start(builder().persist(&file)).await;
        let one = creation(&format!("t_{n}"), &format!("Text number {n}."));
        let (status, made) = rig.creates(&one).await;
        assert_eq!(status, 200, "{made}");
        assert!(
            ids.insert(made["id"].as_str().unwrap().to_owned()),
            "{made}"
        );
        assert_eq!(rig.emulator.templates().len(), n + 1);
        rig.emulator.acknowledged().await;
        rig.stops().await;
    }
}

#[tokio::test]
async fn a_list_comes_in_pages_and_a_bad_cursor_is_refused() {
    let rig = Rig::start(builder()).await;
    let all: Vec<_> = (0..5)
        .map(|n| creation(&format!("t_{n}"), &format!("Text number {n}.")))
        .collect();
    rig.emulator.know_templates(&all).unwrap();
    let mut seen = Vec::new();
    let mut query = "limit=2&fields=id,name".to_owned();
    loop {
        let page = rig.lists(&query).await;
        for one in page["data"].as_array().unwrap() {
            seen.push(one["name"].as_str().unwrap().to_owned());
            assert!(one.get("components").is_none(), "{one}");
        }
        let Some(after) = page["paging"]["cursors"]["after"]
            .as_str()
            .filter(|_| page["paging"].get("next").is_some())
        else {
            break;
        };
        query = format!("limit=2&fields=id,name&after={after}");
    }
    assert_eq!(seen, ["t_0", "t_1", "t_2", "t_3", "t_4"]);
    assert_eq!(
        rig.lists("name=t_3").await["data"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
    assert_eq!(rig.lists("after=x").await["error"]["code"], 131_059);
    rig.stops().await;
}

#[tokio::test]
async fn what_meta_refuses_is_refused_with_its_code() {
    let rig = Rig::start(builder()).await;
    rig.emulator
        .know_templates(&[creation("known", "It is known.")])
        .unwrap();
    let no_example = creation("x", "Your SIP of {{amount}} will be debited soon.");
    for (one, expected) in [
        (creation("Big", "Hello there."), 100),
        (creation("known", "Something else."), 100),
        (creation("x", "Hello {{name}}"), 2_388_299),
        (creation("x", "Sum {{a}} and {{b}} now."), 2_388_293),
        (no_example, 2_388_072),
        (
            creation(
                "x",
                "We debited {{sum}} {{day}} from your account as you asked us to.",
            ),
            100,
        ),
        (
            creation(
                "x",
                "We debited {{sum from your account as you asked us to.",
            ),
            100,
        ),
        (
            creation(
                "x",
                "We debited sum}} from your account as you asked us to.",
            ),
            100,
        ),
        (creation("x", &"w".repeat(1025)), 2_388_040),
        (
            json!({"name": "x", "language": "en", "category": "NEWS", "components": []}),
            100,
        ),
    ] {
        assert_eq!(code(&rig.creates(&one).await), expected, "{one}");
    }
    rig.stops().await;
}

#[tokio::test]
async fn an_approved_template_is_edited_once_a_day_and_keeps_its_category() {
    let rig = Rig::start(builder()).await;
    rig.emulator
        .know_templates(&[creation("known", "It is known.")])
        .unwrap();
    let id = rig.emulator.templates()[0].id.clone();
    let edit = |body: &str| json!({"components": [{"type": "BODY", "text": body}]});
    let post = |edition: Value| rig.asks(rig.http.post(rig.address(&id)).json(&edition));
    assert_eq!(post(edit("It is well known.")).await.0, 200);
    assert_eq!(code(&post(edit("Once more.")).await), 100);
    rig.emulator.advance(Duration::from_hours(24));
    assert_eq!(post(edit("Once more.")).await.0, 200);
    rig.emulator.advance(Duration::from_hours(24));
    let mut other = edit("Again.");
    other["category"] = "MARKETING".into();
    assert_eq!(code(&post(other).await), 100);
    let deleted = rig.address("102290129340398/message_templates?name=known");
    assert_eq!(rig.asks(rig.http.delete(deleted)).await.0, 200);
    assert!(rig.emulator.templates().is_empty());
    rig.stops().await;
}

#[tokio::test]
async fn a_paused_template_is_refused_until_its_pause_ends_and_the_third_is_for_ever() {
    let mut rig = Rig::start(builder()).await;
    rig.emulator.know_templates(&[with_place("due")]).unwrap();
    for (hours, title) in [(3, "FIRST_PAUSE"), (6, "SECOND_PAUSE")] {
        assert!(
            rig.emulator
                .treat_template("due", "en", &TemplateDeed::Pause)
        );
        let told = rig.next_change("message_template_status_update").await;
        assert_eq!(
            (&told["event"], &told["other_info"]["title"]),
            (&json!("PAUSED"), &json!(title))
        );
        assert_eq!(
            code(&rig.sends_template("due", amount("amount")).await),
            132_015
        );
        rig.emulator.advance(Duration::from_hours(hours));
        assert_eq!(rig.sends_template("due", amount("amount")).await.0, 200);
        rig.passes(Duration::from_secs(1)).await;
        rig.statuses();
    }
    rig.emulator
        .treat_template("due", "en", &TemplateDeed::Pause);
    assert_eq!(
        code(&rig.sends_template("due", amount("amount")).await),
        132_016
    );
    assert!(
        !rig.emulator
            .treat_template("due", "hi", &TemplateDeed::Pause)
    );
    rig.stops().await;
}

#[tokio::test]
async fn what_happens_to_a_template_is_told_with_its_time_and_twice_is_not_the_same() {
    let review = Options {
        review_seconds: 600,
        ..Options::default()
    };
    let mut rig = Rig::start(builder().options(review)).await;
    let told_at = |body: &Value| body["entry"][0]["time"].as_i64();
    rig.creates(&with_place("due")).await;
    // A review is told of when it ends, and not when it was asked for.
    rig.emulator.advance(Duration::from_mins(10));
    let approved = rig.emulator.clock().now().as_second();
    assert_eq!(told_at(&rig.hears().await), Some(approved));
    let mut told = Vec::new();
    for deed in [TemplateDeed::Unpause, TemplateDeed::Unpause] {
        rig.emulator.advance(Duration::from_secs(1));
        assert!(rig.emulator.treat_template("due", "en", &deed));
        let body = rig.hears().await;
        assert_eq!(told_at(&body), Some(rig.emulator.clock().now().as_second()));
        told.push(body);
    }
    assert_ne!(told[0], told[1]);
    assert!(rig.emulator.user_settles(ASHA, false).await);
    assert!(told_at(&rig.hears().await).is_some());
    // A message tells its own time.
    rig.emulator.say(ASHA, "hi");
    assert_eq!(told_at(&rig.hears().await), None);
    rig.stops().await;
}

#[tokio::test]
async fn a_send_is_held_against_the_approved_text() {
    let rig = Rig::start(builder()).await;
    rig.emulator.know_templates(&[with_place("due")]).unwrap();
    assert_eq!(code(&rig.sends_template("due", json!([])).await), 131_009);
    let two = json!([amount("amount")[0], amount("day")[0]]);
    assert_eq!(code(&rig.sends_template("due", two).await), 132_000);
    assert_eq!(
        code(&rig.sends_template("due", amount("sum")).await),
        132_012
    );
    assert_eq!(
        code(&rig.sends_template("gone", amount("amount")).await),
        132_001
    );
    rig.stops().await;
}

#[tokio::test]
async fn a_video_or_document_above_the_words_is_handed_in_sent_and_shown() {
    let rig = Rig::start(builder()).await;
    for (format, mime, file) in [
        (
            "VIDEO",
            "video/mp4",
            json!({"link": "https://x.in/tour.mp4"}),
        ),
        (
            "DOCUMENT",
            "application/pdf",
            json!({"link": "https://x.in/a.pdf", "filename": "a.pdf"}),
        ),
    ] {
        let name = format.to_lowercase();
        let mut one = creation(&name, &format!("Here is the {name} you asked us for."));
        one["components"].as_array_mut().unwrap().push(Value::Null);
        let header = |handle: Value| {
            json!({"type": "HEADER", "format": format,
            "example": {"header_handle": [handle]}})
        };
        for refused in [
            header(Value::Null),
            header(json!("4::made_up")),
            json!({"type": "HEADER", "format": "MUSIC"}),
        ] {
            one["components"][1] = refused;
            assert_eq!(code(&rig.creates(&one).await), 100, "{one}");
        }
        one["components"][1] = header(rig.hands_over_as(mime).await);
        assert_eq!(rig.creates(&one).await.0, 200, "{one}");

        let fill = |kind: &str, file: &Value| {
            json!({"messaging_product": "whatsapp", "to": ASHA,
            "type": "template", "template": {"name": name, "language": {"code": "en"},
                "components": [{"type": "header", "parameters": [{"type": kind, kind: file}]}]}})
        };
        let other = fill("image", &json!({"link": "https://x.in/a.png"}));
        assert_eq!(code(&rig.posts(&other).await.unwrap()), 132_012);
        assert_eq!(rig.posts(&fill(&name, &file)).await.unwrap().0, 200);
        rig.emulator.quiet().await;
        let chat = rig.emulator.chat(ASHA);
        let shown = chat.last().unwrap().shown.as_ref().unwrap();
        assert_eq!(shown["medium"], json!({"type": name, name.as_str(): file}));
    }
    rig.stops().await;
}

#[tokio::test]
async fn a_number_to_call_is_taken_in_once_and_shown_with_nothing_to_fill() {
    let rig = Rig::start(builder()).await;
    let call =
        |number: &str| json!({"type": "PHONE_NUMBER", "text": "Call us", "phone_number": number});
    let with = |buttons: Value| {
        let mut one = creation("call", "Our branch is open from ten to six, ring any time.");
        let buttons = json!({"type": "BUTTONS", "buttons": buttons});
        one["components"].as_array_mut().unwrap().push(buttons);
        one
    };
    for refused in [
        json!([call("")]),
        json!([call("+91981234567890123456")]),
        json!([call("+919812345678"), call("+919812345679")]),
    ] {
        assert_eq!(code(&rig.creates(&with(refused)).await), 100);
    }
    let made = rig.creates(&with(json!([call("+919812345678")]))).await;
    assert_eq!(made.0, 200, "{made:?}");
    let filled = |components: Value| {
        json!({"messaging_product": "whatsapp", "to": ASHA,
        "type": "template", "template": {"name": "call", "language": {"code": "en"},
            "components": components}})
    };
    let button = json!([{"type": "button", "sub_type": "phone_number", "index": "0",
        "parameters": [{"type": "text", "text": "a"}]}]);
    let refused = rig.posts(&filled(button)).await.unwrap();
    assert_eq!(code(&refused), 132_012, "{refused:?}");
    let plain = json!({"messaging_product": "whatsapp", "to": ASHA, "type": "template",
        "template": {"name": "call", "language": {"code": "en"}}});
    assert_eq!(rig.posts(&plain).await.unwrap().0, 200);
    rig.emulator.quiet().await;
    let chat = rig.emulator.chat(ASHA);
    let shown = chat.last().unwrap().shown.as_ref().unwrap();
    assert_eq!(
        shown["buttons"],
        json!([{"label": "Call us", "number": "+919812345678"}])
    );
    rig.stops().await;
}
