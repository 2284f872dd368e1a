//! Templates with pictures: a carousel, handed in with its pictures, sent with them, tapped
//! card by card; and one above the words.

use serde_json::Value;
use sipbrewery::contacts::store;
use sipbrewery::notifications::definitions;
use sipbrewery::pipeline::enqueue;
use sipbrewery::whatsapp::templates::Definition;

use crate::harness::TestApp;
use crate::templates::message;

const ASHA: &str = "919000000000";
const RAVI: &str = "919000000001";
const MEERA: &str = "919000000002";
const NAME: &str = "chat_services";

fn defined(language: &str) -> Definition {
    named(NAME, language)
}

fn named(name: &str, language: &str) -> Definition {
    let mut all = definitions().unwrap().into_iter();
    let found = all.find(|one| one.name == name && one.language == language);
    found.expect("it is written down")
}

#[tokio::test]
async fn a_picture_above_the_words_is_handed_in_sent_and_shown() {
    const NAME: &str = "step_up_idea";
    let app = TestApp::start().await;
    app.deletes_template(NAME);
    let (done, said) = app.operator("templates apply").await;
    assert!(done && said.contains("3 changed, 0 not"), "{said}");
    let (done, said) = app.operator("templates apply").await;
    assert!(done && said.contains("nothing to do"), "{said}");
    let approved = "select count(*) from message_templates where status = 'APPROVED'";
    app.until(approved, 123).await;
    app.knows(ASHA, "Asha");
    app.asks(ASHA, "hi").await;
    offers(&app, ASHA, &named(NAME, "en")).await;
    assert_eq!(app.next_reply(ASHA).await.kind, "template");
    let chat = app.emulator.chat(ASHA);
    let shown = chat.last().unwrap().shown.as_ref().unwrap();
    let picture = shown["medium"]["image"]["id"].as_str().unwrap();
    let file = app.emulator.file(picture).expect("its picture is there");
    assert!(file.bytes.starts_with(b"\x89PNG"));
    app.stop().await;
}

#[tokio::test]
async fn a_carousel_is_handed_in_with_its_pictures_and_found_as_it_was_written() {
    let app = TestApp::start().await;
    app.deletes_template(NAME);
    let (done, said) = app.operator("templates apply").await;
    assert!(done && said.contains("3 changed, 0 not"), "{said}");
    let kept = app.emulator.templates();
    let one = kept.iter().find(|one| one.name == NAME).unwrap();
    let cards = one.components[1]["cards"].as_array().unwrap();
    let handles: Vec<&Value> = cards
        .iter()
        .map(|card| &card["components"][0]["example"]["header_handle"][0])
        .collect();
    assert!(
        handles
            .iter()
            .all(|handle| handle.as_str().unwrap().starts_with("4::image_png")),
        "{handles:?}"
    );
    let (done, said) = app.operator("templates apply").await;
    assert!(done && said.contains("nothing to do"), "{said}");
    app.stop().await;
}

/// Sends the carousel to somebody; as a notice, which it is for Meta too, because marketing
/// waits for the morning and a test for nothing.
async fn offers(app: &TestApp, phone: &str, one: &Definition) {
    app.leave("update message_templates set category = 'UTILITY'")
        .await;
    let contact = app.app.find_contact(phone).await.unwrap();
    let said = [("name", "Asha".to_owned())].into();
    let template = one.message(&said).expect("every place is filled");
    let ground = &app.app.ground;
    let message = message(contact, template, ground.clock.now());
    let enqueued = ground
        .db
        .write((ground.clone(), message), |conn, (ground, message)| {
            Box::pin(async move {
                let row = message.contact.to_string();
                let mut loaded =
                    store::load(conn, &ground.keys, std::slice::from_ref(&row)).await?;
                let key = loaded.remove(&row).expect("the contact is there").key;
                let now = ground.clock.now();
                enqueue(conn, ground, &key, message.clone(), now)
                    .await
                    .map(drop)
            })
        });
    enqueued.await.expect("it is queued");
    ground.wakes.sender.wake();
}

#[tokio::test]
async fn each_card_begins_what_it_says_in_every_language() {
    let app = TestApp::start().await;
    let approved = "select count(*) from message_templates where status = 'APPROVED'";
    app.until(approved, 123).await;
    let languages = [
        (
            ASHA,
            "en",
            "hi",
            ["How much", "no portfolio", "A person will contact"],
        ),
        (
            RAVI,
            "hi",
            "hindi",
            ["महीने कितना", "पोर्टफोलियो अभी", "संपर्क"],
        ),
        (
            MEERA,
            "en_IN",
            "hinglish",
            ["mahine kitna", "portfolio abhi", "sampark"],
        ),
    ];
    for (phone, language, first, begins) in languages {
        app.knows(phone, "Asha");
        app.asks(phone, first).await;
        app.leave("update contacts set last_inbound_at = 1").await;
        let one = defined(language);
        offers(&app, phone, &one).await;
        let offered = app.next_reply(phone).await;
        assert_eq!(offered.kind, "template");
        let chat = app.emulator.chat(phone);
        let shown = chat.last().unwrap().shown.as_ref().unwrap();
        let cards = shown["cards"].as_array().unwrap();
        assert_eq!(cards.len(), 3);
        for (card, begun) in cards.iter().zip(begins) {
            let picture = card["medium"]["image"]["id"].as_str().unwrap();
            let file = app.emulator.file(picture).expect("its picture is there");
            assert!(file.bytes.starts_with(b"\x89PNG"));
            let choice = card["buttons"][0]["choice"].as_str().unwrap();
            offers(&app, phone, &one).await;
            app.next_reply(phone).await;
            app.emulator.tap_newest(phone, choice).await.unwrap();
            let said = app.next_reply(phone).await.text.clone();
            assert!(said.contains(begun), "{language} {choice}: {said}");
        }
    }
    app.stop().await;
}

/// The pictures are the same for everybody, so they are with Meta once.
#[tokio::test]
async fn a_picture_is_handed_over_once_for_everybody() {
    let app = TestApp::start().await;
    let approved = "select count(*) from message_templates where status = 'APPROVED'";
    app.until(approved, 123).await;
    let mut sent = Vec::new();
    for phone in [ASHA, RAVI] {
        app.knows(phone, "Asha");
        app.asks(phone, "hi").await;
        offers(&app, phone, &defined("en")).await;
        let body = app.next_reply(phone).await.body.clone();
        let cards = &body["template"]["components"][1]["cards"];
        let ids: Vec<String> = (0..3)
            .map(|at| cards[at]["components"][0]["parameters"][0]["image"]["id"].to_string())
            .collect();
        sent.push(ids);
    }
    assert_eq!(sent[0], sent[1]);
    assert_eq!(
        sent[0]
            .iter()
            .collect::<std::collections::BTreeSet<_>>()
            .len(),
        3
    );
    app.stop().await;
}

#[tokio::test]
async fn a_carousel_with_a_card_too_few_ends_with_its_reason_before_it_leaves() {
    let app = TestApp::start().await;
    let approved = "select count(*) from message_templates where status = 'APPROVED'";
    app.until(approved, 123).await;
    app.knows(ASHA, "Asha");
    app.asks(ASHA, "hi").await;
    let mut one = defined("en");
    one.content.cards.pop();
    offers(&app, ASHA, &one).await;
    app.until(
        "select count(*) from outbox where reason = 'template_misfit'",
        1,
    )
    .await;
    let shown = "select count(*) from attention
                  where kind = 'template' and subject = 'chat_services/en'";
    assert_eq!(app.scalar(shown).await, 1);
    assert_eq!(app.said_to(ASHA).len(), 1);
    app.stop().await;
}
