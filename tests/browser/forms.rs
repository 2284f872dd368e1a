//! A form, filled in on the phone.

use fantoccini::Locator;
use reqwest::multipart::Form;
use serde_json::{Value, json};

use crate::driver::{DESK, SMALL, Screen};
use crate::graph::{self, ACCOUNT, NUMBER};
use crate::phone::{Phone, on_phone};
use crate::{ASHA, RAVI};

/// Whether what is under a long form comes into view by scrolling. (A click by program scrolls
/// what a finger cannot.)
const END_OF_FORM: &str = "
    const screen = document.querySelector('#form-screen');
    screen.scrollTop = screen.scrollHeight;
    const next = screen.querySelector('.form-next').getBoundingClientRect();
    const phone = document.querySelector('.phone').getBoundingClientRect();
    return next.bottom <= phone.bottom;
";

impl Phone {
    /// Writes into a field of the form.
    async fn fill(&self, name: &str, words: &str) {
        let field = self.see(&format!("#form-screen input[name={name}]")).await;
        field.clear().await.expect("the field is emptied");
        field.send_keys(words).await.expect("the field takes words");
    }

    /// Chooses in the form by clicking a label with these words.
    async fn choose_in_form(&self, words: &str) {
        let path = format!("//*[@id='form-screen']//label[contains(., '{words}')]//input");
        let choice = self.client().wait();
        let choice = choice.for_element(Locator::XPath(&path)).await;
        let choice = choice.unwrap_or_else(|e| panic!("no choice {words:?}: {e}"));
        choice.click().await.expect("it is chosen");
    }

    async fn next(&self) {
        self.click("#form-screen .form-next").await;
    }

    async fn shows(&self, css: &str, words: &str) {
        self.until(words, || async {
            if self.count(css).await == 0 {
                return None;
            }
            self.text(css).await.contains(words).then_some(())
        })
        .await;
    }
}

async fn fills_a_sip_in(name: &str, screen: Screen) {
    on_phone(name, screen, async |phone| {
        phone.take(ASHA).await;
        phone.ask("start a sip", "In which fund").await;
        phone
            .click_path("//button[@data-choice-id][contains(., 'Fill in a form')]")
            .await;
        phone.hear("A SIP in a form").await;
        phone.picture("offer").await;
        phone.click("[data-open-form]").await;
        phone.shows("#form-screen h3", "A monthly SIP").await;
        phone.fill("name", "hdfc").await;
        phone.next().await;
        phone.shows("#form-screen legend", "Which of these?").await;
        phone.picture("funds").await;
        assert_eq!(phone.script(END_OF_FORM).await, true);
        phone.choose_in_form("HDFC Flexi Cap Fund").await;
        phone.next().await;
        phone.shows("#form-screen h4", "HDFC Flexi Cap Fund").await;
        phone.fill("amount", "10").await;
        phone.choose_in_form("10 % a year").await;
        phone
            .script("document.querySelector('#form-screen select').value = '10'")
            .await;
        phone.next().await;
        phone.shows("#form-screen .complaint", "or more").await;
        phone.picture("complaint").await;
        phone.fill("amount", "5000").await;
        phone.next().await;
        phone
            .shows("#form-screen p", "₹5,000 (five thousand rupees)")
            .await;
        phone.picture("review").await;
        phone.next().await;
        phone.hear("A SIP needs a mandate").await;
        assert_eq!(phone.count("#form-sheet:not([hidden])").await, 0);
    })
    .await;
}

#[tokio::test]
async fn a_sip_is_filled_in_on_a_form() {
    fills_a_sip_in("form", DESK).await;
}

#[tokio::test]
async fn a_form_fits_a_small_phone() {
    fills_a_sip_in("form-small", SMALL).await;
}

/// Publishes a form that asks no endpoint and sends it to Ravi.
async fn sends_a_poll(phone: &Phone) {
    let http = graph::client();
    let post = |path: &str| http.post(phone.graph(path));
    let about = json!({"name": "poll", "categories": ["SURVEY"]});
    let made = graph::calls(post(&format!("{ACCOUNT}/flows")).json(&about)).await;
    let id = made["id"].as_str().expect("an id");
    let choices = json!([{"id": "more", "title": "More"}, {"id": "less", "title": "Less"}]);
    let on = json!({"name": "navigate", "next": {"type": "screen", "name": "LAST"},
        "payload": {"chosen": "${form.wish}"}});
    let end = json!({"name": "complete",
        "payload": {"wish": "${data.chosen}", "again": "${screen.FIRST.form.wish}"}});
    let screen = |id: &str, data: Value, part: Value, action: Value| {
        let footer = json!({"type": "Footer", "label": "Go on", "on-click-action": action});
        json!({"id": id, "title": id, "data": data, "terminal": action["name"] == "complete",
            "layout": {"type": "SingleColumnLayout", "children": [part, footer]}})
    };
    let radio = json!({"type": "RadioButtonsGroup", "name": "wish", "label": "What do you want?",
        "data-source": choices});
    let told = json!({"chosen": {"type": "string", "__example__": "more"}});
    let line = json!({"type": "TextBody", "text": "${data.chosen}"});
    let definition = json!({"version": "7.3", "screens": [
        screen("FIRST", json!({}), radio, on), screen("LAST", told, line, end)]});
    let file = Form::new()
        .text("name", "flow.json")
        .text("asset_type", "FLOW_JSON")
        .text("file", definition.to_string());
    let defined = graph::calls(post(&format!("{id}/assets")).multipart(file)).await;
    assert_eq!(defined["validation_errors"], json!([]), "{defined}");
    graph::calls(post(&format!("{id}/publish")).json(&json!({}))).await;
    let parameters = json!({"flow_message_version": "3", "flow_id": id, "flow_cta": "Answer",
        "flow_token": "t", "flow_action": "navigate",
        "flow_action_payload": {"screen": "FIRST"}});
    let message = json!({"messaging_product": "whatsapp", "to": RAVI, "type": "interactive",
        "interactive": {"type": "flow", "body": {"text": "A poll."},
            "action": {"name": "flow", "parameters": parameters}}});
    let sent = graph::calls(post(&format!("{NUMBER}/messages")).json(&message)).await;
    assert!(sent["messages"][0]["id"].is_string(), "{sent}");
}

#[tokio::test]
async fn a_form_without_an_endpoint_is_filled_in() {
    on_phone("form-alone", DESK, async |phone| {
        phone.take(RAVI).await;
        phone.ask("hi", "What would you like to see?").await;
        sends_a_poll(phone).await;
        phone.click("[data-open-form]").await;
        phone
            .shows("#form-screen legend", "What do you want?")
            .await;
        phone.choose_in_form("Less").await;
        phone.next().await;
        phone.shows("#form-screen p", "less").await;
        phone.next().await;
        phone
            .until("the form in the chat", || async {
                phone.chat().await.contains("Form sent").then_some(())
            })
            .await;
        assert_eq!(phone.count("#form-sheet:not([hidden])").await, 0);
    })
    .await;
}
