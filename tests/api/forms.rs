//! A form in the chat: from the phone through Meta's encryption to our endpoint, screen by
//! screen, and back into the conversation.

use rsa::pkcs8::{EncodePrivateKey as _, LineEnding};
use serde_json::{Value, json};
use sipbrewery::app::form_desk::Applied;
use sipbrewery::clock::Clock;
use sipbrewery::sandbox::{Fault, FaultKind, FormState, FormStep, FormTrouble, Options};
use sipbrewery::whatsapp::forms::FormStep as Step;

use crate::harness::app::{ACCOUNT, NUMBER};
use crate::harness::demo::ASHA;
use crate::harness::line::PATIENCE;
use crate::harness::{DemoApp, TestApp};

impl DemoApp {
    /// Asha asks for the form; returns the message it is in.
    async fn asks_for_form(&self) -> String {
        self.asks_for_form_after("start a sip").await
    }

    /// The same, after a wish in her own words.
    async fn asks_for_form_after(&self, wish: &str) -> String {
        self.emulator.user_says(ASHA, wish).await;
        self.rest().await;
        let chat = self.emulator.chat(ASHA);
        let offer = chat.last().unwrap().content["action"]["buttons"].clone();
        let is_form = |button: &&Value| button["reply"]["title"] == "Fill in a form";
        let button = offer.as_array().unwrap().iter().find(is_form).unwrap();
        let id = button["reply"]["id"].as_str().unwrap();
        self.emulator.tap_newest(ASHA, id).await.unwrap();
        self.rest().await;
        self.emulator.chat(ASHA).last().unwrap().wamid.clone()
    }

    async fn fills(&self, form: &str, screen: &str, data: Value) -> Result<Value, FormTrouble> {
        let screen = (!screen.is_empty()).then(|| screen.to_owned());
        let step = FormStep {
            screen,
            data,
            ..FormStep::default()
        };
        let next = self.emulator.fill_form(ASHA, form, step).await?;
        let id = next["screen"]["id"].clone();
        Ok(json!({ "id": id, "data": next["data"], "done": next["done"] }))
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sip_that_is_filled_in_ends_in_the_same_review_as_one_that_is_typed() {
    let demo = DemoApp::start().await;
    let form = demo.asks_for_form().await;
    let opened = demo.fills(&form, "", json!({})).await.unwrap();
    assert_eq!(opened["id"], "FUND");
    assert_eq!(opened["data"]["has_funds"], false);

    let several = json!({"name": "hdfc", "scheme": "", "searched": ""});
    let several = demo.fills(&form, "FUND", several).await.unwrap();
    assert_eq!(several["id"], "FUND");
    let funds = several["data"]["funds"].as_array().unwrap().clone();
    let flexi = funds.iter().find(|fund| fund["id"] == "101762").unwrap();
    assert!(flexi["description"].as_str().unwrap().contains("Flexi Cap"));

    let chosen = json!({"name": "hdfc", "scheme": "101762", "searched": "hdfc"});
    let terms = demo.fills(&form, "FUND", chosen).await.unwrap();
    assert_eq!(terms["id"], "TERMS");
    let filled = json!({"scheme": "101762", "amount": "5000", "day": "10", "growth": "percent-10"});
    let review = demo.fills(&form, "TERMS", filled.clone()).await.unwrap();
    assert_eq!(review["id"], "REVIEW");
    let body = review["data"]["body"].as_str().unwrap();
    assert!(body.contains("₹5,000 (five thousand rupees)"), "{body}");
    assert!(body.contains("rises by 10 % each year"), "{body}");

    let done = demo.fills(&form, "REVIEW", filled).await.unwrap();
    assert_eq!(done["done"], true);
    demo.rest().await;
    let by_form = demo.said().last().unwrap().clone();
    demo.emulator.user_says(ASHA, "cancel").await;
    demo.rest().await;
    let typed = "start a sip of 5000 in hdfc flexi cap regular growth on the 10th";
    demo.emulator.user_says(ASHA, typed).await;
    demo.rest().await;
    let button = demo.emulator.chat(ASHA).last().unwrap().content["action"].clone();
    let grows = &button["buttons"][1]["reply"];
    let id = grows["id"].as_str().unwrap();
    demo.emulator.tap_newest(ASHA, id).await.unwrap();
    demo.rest().await;
    assert_eq!(demo.said().last(), Some(&by_form));
    demo.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_form_leaves_what_was_said_before_it_of_when_and_for_how_long() {
    let demo = DemoApp::start().await;
    demo.mandate().await;
    demo.walks(&demo.link("mandate"), &["10,000"], "approve")
        .await;
    demo.pass(std::time::Duration::from_hours(1)).await;
    let form = demo
        .asks_for_form_after("start a sip from october for 2 years")
        .await;
    let filled = json!({"scheme": "101762", "amount": "5000", "day": "5", "growth": "fixed"});
    let done = demo.fills(&form, "REVIEW", filled).await.unwrap();
    assert_eq!(done["done"], true);
    demo.rest().await;
    let review = demo.said().last().unwrap().clone();
    assert!(review.contains("first on 05-Oct-2026"), "{review}");
    assert!(review.contains("24 instalments"), "{review}");
    demo.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_form_is_not_offered_once_meta_tells_that_it_does_not_show_it() {
    let demo = DemoApp::start().await;
    let offers = async || {
        demo.emulator.user_says(ASHA, "start a sip").await;
        demo.rest().await;
        let action = demo.emulator.chat(ASHA).last().unwrap().content["action"].clone();
        assert!(action.to_string().contains("By kind of fund"), "{action}");
        action.to_string().contains("Fill in a form")
    };
    assert!(offers().await);
    for form in demo.forms.list().await.unwrap() {
        let retired = demo.forms.apply(&Step::Older(&form), "").await;
        assert!(matches!(retired, Some(Applied::Done)), "{retired:?}");
    }
    let gone = async { while offers().await {} };
    let gone = tokio::time::timeout(PATIENCE, gone).await;
    gone.expect("it is looked at as soon as Meta tells of it");
    demo.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_form_may_not_take_is_answered_inside_it() {
    let demo = DemoApp::start().await;
    let form = demo.asks_for_form().await;
    let before = demo.said().len();
    let nothing = json!({"name": "no such fund at all", "scheme": "", "searched": ""});
    let missed = demo.fills(&form, "FUND", nothing).await.unwrap();
    assert_eq!(missed["id"], "FUND");
    assert!(missed["data"]["error_message"].as_str().is_some());
    // A choice that was offered for another name is no choice.
    let stale = json!({"name": "no such fund at all", "scheme": "101762", "searched": "hdfc"});
    assert_eq!(
        demo.fills(&form, "FUND", stale).await.unwrap()["id"],
        "FUND"
    );

    let filled = |amount: &str, day: &str, growth: &str| json!({"scheme": "101762", "amount": amount, "day": day, "growth": growth});
    for (wrong, data) in [
        ("amount", filled("10", "10", "fixed")),
        ("amount", filled("", "10", "fixed")),
        ("amount", filled("-5000", "10", "fixed")),
        ("day", filled("5000", "31", "fixed")),
        ("growth", filled("5000", "10", "percent-200")),
    ] {
        // A phone that skips the check on one screen meets it on the next.
        for screen in ["TERMS", "REVIEW"] {
            let terms = demo.fills(&form, screen, data.clone()).await.unwrap();
            assert_eq!(terms["id"], "TERMS", "{data}");
            let errors = terms["data"]["errors"].as_object().unwrap();
            assert_eq!(errors.keys().collect::<Vec<_>>(), [wrong], "{data}");
        }
    }
    let unsold = json!({"scheme": "999999", "amount": "5000", "day": "10", "growth": "fixed"});
    assert_eq!(
        demo.fills(&form, "TERMS", unsold).await.unwrap()["id"],
        "FUND"
    );
    assert_eq!(demo.said().len(), before, "nothing went to the chat");
    demo.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_form_that_comes_back_forged_is_checked_like_anything_that_is_typed() {
    let demo = DemoApp::start().await;
    let form = demo.asks_for_form().await;
    let chat = demo.emulator.chat(ASHA);
    let sent = chat.iter().find(|bubble| bubble.wamid == form).unwrap();
    let token = &sent.content["action"]["parameters"]["flow_token"];
    let comes_back = async |fields: Value| {
        let reply = json!({"name": "flow", "body": "Sent", "response_json": fields.to_string()});
        let content = json!({"type": "nfm_reply", "nfm_reply": reply});
        demo.emulator.user_sends(ASHA, "interactive", content).await;
        demo.rest().await;
        demo.said().last().unwrap().clone()
    };
    let foreign = json!({"flow_token": "abc", "scheme": "101762", "amount": "5000"});
    let said = comes_back(foreign).await;
    assert!(said.contains("cannot open"), "{said}");
    // Ours, with an amount that the scheme does not take: it is asked for.
    let low = json!({"flow_token": token, "scheme": "101762", "amount": "7",
                     "day": "10", "growth": "fixed"});
    let said = comes_back(low).await;
    assert!(said.contains("not possible here"), "{said}");
    // Taken up once, it is stale: the prompt has changed.
    let again = json!({"flow_token": token, "scheme": "101762", "amount": "5000",
                       "day": "10", "growth": "fixed"});
    let said = comes_back(again).await;
    assert!(!said.contains("Please check your SIP"), "{said}");
    demo.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_form_is_good_for_a_day_and_says_so_afterwards() {
    let demo = DemoApp::start().await;
    let form = demo.asks_for_form().await;
    demo.pass(std::time::Duration::from_hours(25)).await;
    let old = demo.fills(&form, "", json!({})).await;
    let Err(FormTrouble::Expired(words)) = old else {
        panic!("it is {old:?}")
    };
    assert!(words.contains("expired"), "{words}");
    demo.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_endpoint_answers_with_the_statuses_that_phones_know() {
    let demo = DemoApp::start().await;
    let form = demo.asks_for_form().await;
    assert_eq!(demo.post_form(None, b"{}").await, 432);
    let forged = "sha256=".to_owned() + &"0".repeat(64);
    assert_eq!(demo.post_form(Some(&forged), b"{}").await, 432);
    let other = sipbrewery::whatsapp::forms::FormKey::random();
    assert!(demo.emulator.set_form_key(&other.public_pem().unwrap()));
    let unreadable = demo.fills(&form, "", json!({})).await;
    assert_eq!(unreadable, Err(FormTrouble::OtherKey), "421");
    demo.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_endpoint_stands_what_phones_do_to_it_and_nothing_moves_money() {
    let demo = DemoApp::start().await;
    let own = demo.emulator.forms()[0].name.clone();
    assert_eq!(demo.emulator.ping_form(&own).await, Ok(()));
    let form = demo.asks_for_form().await;
    let once = |kind| demo.emulator.set_fault(kind, Fault::times(1));
    let opens = || demo.fills(&form, "", json!({}));
    once(FaultKind::OtherFormKey);
    assert_eq!(opens().await.unwrap()["id"], "FUND", "the second try");
    once(FaultKind::BadFormSignature);
    let refused = FormTrouble::Unusable("status 432".to_owned());
    assert_eq!(opens().await, Err(refused));
    once(FaultKind::StrangeFormTokens);
    let strange = opens().await;
    assert!(matches!(strange, Err(FormTrouble::Expired(_))), "427");

    let orders = demo.scalar("select count(*) from orders").await;
    let filled = json!({"scheme": "101762", "amount": "5000", "day": "10", "growth": "fixed"});
    once(FaultKind::DuplicateForms);
    let review = demo.fills(&form, "TERMS", filled.clone()).await.unwrap();
    assert_eq!(review["id"], "REVIEW");
    once(FaultKind::DuplicateForms);
    let done = demo.fills(&form, "REVIEW", filled).await.unwrap();
    assert_eq!(done["done"], true);
    demo.rest().await;
    // She has no mandate yet: it is the next thing, as after a SIP that was typed.
    assert!(demo.told(&["A SIP needs a mandate"]) > 0);
    assert_eq!(demo.scalar("select count(*) from orders").await, orders);
    demo.stop().await;
}

/// A live service whose forms are set up.
async fn with_forms() -> TestApp {
    let key = rsa::PrivateKey::new(&mut rand::make_rng::<rand::rngs::StdRng>(), 2_048).unwrap();
    let key = key.to_pkcs8_pem(LineEnding::LF).unwrap().to_string();
    let public = "https://sip.example/".to_owned();
    let set = vec![("WHATSAPP_FORM_KEY", key), ("PUBLIC_URL", public)];
    TestApp::with(Clock::system(), set).await
}

#[tokio::test]
async fn key_and_forms_are_handed_in_once_and_the_second_time_there_is_nothing_to_do() {
    let app = with_forms().await;
    let (done, said) = app.operator("forms status").await;
    assert!(done && said.contains("the key is not uploaded"), "{said}");
    let (done, said) = app.operator("forms plan").await;
    assert!(done && said.contains("create   sip_start_"), "{said}");
    assert!(said.contains("1 to change, 0 as they should be"), "{said}");
    // Meta publishes no form of a number without a key; the draft stays.
    let (done, said) = app.operator("forms apply").await;
    assert!(!done && said.contains("139002"), "{said}");
    assert!(said.contains("run `sipbrewery forms key`"), "{said}");

    let (done, said) = app.operator("forms key").await;
    assert!(done && said.contains("uploaded"), "{said}");
    let (done, said) = app.operator("forms key").await;
    assert!(done && said.contains("nothing to do"), "{said}");
    let (done, said) = app.operator("forms plan").await;
    assert!(done && said.contains("finish   sip_start_"), "{said}");
    let (done, said) = app.operator("forms apply").await;
    assert!(done && said.contains("1 changed, 0 not"), "{said}");
    let (done, said) = app.operator("forms apply").await;
    assert!(done && said.contains("nothing to do"), "{said}");
    let (done, said) = app.operator("forms status").await;
    assert!(done && said.contains("is uploaded, and VALID"), "{said}");
    assert!(said.contains("PUBLISHED"), "{said}");
    let endpoint = "https://sip.example/webhooks/whatsapp/flows";
    assert!(said.contains(endpoint), "{said}");
    assert_eq!(app.emulator.forms().len(), 1);

    // The number is registered again, and its key is vouched for no more.
    let registration = json!({"messaging_product": "whatsapp", "pin": "123456"});
    app.posts_to_graph(&format!("{NUMBER}/register"), &registration)
        .await;
    let (done, said) = app.operator("forms status").await;
    assert!(done && said.contains("MISMATCH"), "{said}");
    let (done, said) = app.operator("forms key").await;
    assert!(done && said.contains("VALID"), "{said}");
    app.stop().await;
}

#[tokio::test]
async fn an_earlier_form_stays_in_use_until_it_is_retired() {
    let app = with_forms().await;
    assert!(app.operator("forms key").await.0);
    let older = json!({"name": "sip_start_0a1b2c3d", "categories": ["OTHER"],
                       "endpoint_uri": "https://sip.example/webhooks/whatsapp/flows"});
    let made = app
        .posts_to_graph(&format!("{ACCOUNT}/flows"), &older)
        .await;
    let id = made["id"].as_str().unwrap();
    let definition = include_str!("../../templates/flows/sip_start.json");
    let faults = app.defines_form(id, definition).await;
    assert_eq!(faults["validation_errors"], json!([]));
    app.posts_to_graph(&format!("{id}/publish"), &json!({}))
        .await;
    let state = || {
        let forms = app.emulator.forms();
        forms.iter().find(|form| form.id == id).unwrap().state
    };
    let (done, said) = app.operator("forms apply").await;
    assert!(done && said.contains("1 changed"), "{said}");
    assert!(said.contains("older    sip_start_0a1b2c3d"), "{said}");
    assert_eq!(
        state(),
        FormState::Published,
        "an old process still sends it"
    );
    let (done, said) = app.operator("forms apply --retire").await;
    assert!(
        done && said.contains("retired  sip_start_0a1b2c3d"),
        "{said}"
    );
    assert_eq!(state(), FormState::Deprecated);
    let (done, said) = app.operator("forms apply --retire").await;
    assert!(done && said.contains("nothing to do"), "{said}");
    app.stop().await;
}

#[tokio::test]
async fn what_meta_finds_wrong_with_a_form_is_shown_and_it_stays_a_draft() {
    let app = with_forms().await;
    assert!(app.operator("forms key").await.0);
    app.emulator.set_options(Options {
        oldest_form_version: 99,
        ..Options::default()
    });
    let (done, said) = app.operator("forms apply").await;
    assert!(!done && said.contains("it stays a draft"), "{said}");
    assert!(
        said.contains("line 2: This version has been retired"),
        "{said}"
    );
    assert_eq!(app.emulator.forms()[0].state, FormState::Draft);
    let (done, said) = app.operator("forms status").await;
    assert!(done && said.contains("line 2: This version"), "{said}");
    app.stop().await;
}

#[tokio::test]
async fn without_a_key_or_an_address_it_is_said_what_to_set() {
    let app = TestApp::start().await;
    let (done, said) = app.operator("forms key").await;
    assert!(!done && said.contains("openssl genrsa 2048"), "{said}");
    let (done, said) = app.operator("forms plan").await;
    assert!(!done && said.contains("set PUBLIC_URL"), "{said}");
    app.stop().await;
}
