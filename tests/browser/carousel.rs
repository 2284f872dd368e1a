//! A carousel on the phone: cards side by side, one of them tapped.

use reqwest::multipart::{Form, Part};
use serde_json::json;
use sipbrewery::documents::cards::picture;
use sipbrewery::notifications::definitions;
use sipbrewery::whatsapp::{Outgoing, Recipient};

use crate::driver::SMALL;
use crate::graph::{self, NUMBER, calls};
use crate::phone::{Phone, on_phone};

const RAVI: &str = "919000000001";

/// Sends the services of this chat as cards, in Hindi, whose words are the longest.
async fn offers(phone: &Phone) {
    let http = graph::client();
    let mut all = definitions().expect("sound templates").into_iter();
    let services = all.find(|one| one.name == "chat_services" && one.language == "hi");
    let services = services.expect("it is written down");
    let said = [("name", "Ravi".to_owned())].into();
    let mut message = Outgoing::Template(services.message(&said).expect("it is filled"));
    for name in &services.files {
        let bytes = picture(name).expect("it is drawn").expect("it is there");
        let part = Part::bytes(bytes).file_name("a.png").mime_str("image/png");
        let form = Form::new()
            .text("messaging_product", "whatsapp")
            .part("file", part.expect("a type"));
        let request = http.post(phone.graph(&format!("{NUMBER}/media")));
        let kept = calls(request.multipart(form)).await;
        message = message.uploaded(name, kept["id"].as_str().expect("an id"));
    }
    let request = message.request(&Recipient::Phone(RAVI.into()), "browser");
    let sent = http.post(phone.graph(&format!("{NUMBER}/messages")));
    let sent = calls(sent.json(&request)).await;
    assert_eq!(sent["messages"][0]["message_status"], "accepted", "{sent}");
}

#[tokio::test]
async fn cards_stand_side_by_side_and_a_tap_on_one_is_answered() {
    on_phone("carousel", SMALL, async |phone| {
        phone.take(RAVI).await;
        phone.ask("hi", "What would you like to see?").await;
        offers(phone).await;
        phone.see(".cards .card").await;
        let drawn = "return [...document.querySelectorAll('.card .picture img')]
            .filter((one) => one.naturalWidth === 1080).length";
        phone
            .until("the first pictures", || async {
                (phone.script(drawn).await.as_u64()? >= 2).then_some(())
            })
            .await;
        phone.fits("the cards").await;
        phone.picture("cards").await;
        let seen = phone
            .script(
                "const row = document.querySelector('.cards');
                 const all = [...row.querySelectorAll('.card')].map((one) => one.getBoundingClientRect());
                 return {
                     level: all.every((one) => one.top === all[0].top && one.height === all[0].height),
                     apart: all.slice(1).every((one, at) => one.left >= all[at].right),
                     whole: all[0].right <= innerWidth,
                     scrolls: row.scrollWidth > row.clientWidth,
                     inside: [...row.querySelectorAll('.card')].every((card) => [...card.querySelectorAll('*')]
                         .every((one) => one.getBoundingClientRect().right <= card.getBoundingClientRect().right + 0.5)),
                     tall: [...row.querySelectorAll('button')].every((one) => one.offsetHeight >= 44),
                 }",
            )
            .await;
        let wanted = json!({"level": true, "apart": true, "whole": true, "scrolls": true,
            "inside": true, "tall": true});
        assert_eq!(seen, wanted);
        phone
            .script("document.querySelector('.cards').scrollLeft = 10000")
            .await;
        let last = "const last = [...document.querySelectorAll('.card')].at(-1);
            return last.getBoundingClientRect().right <= innerWidth";
        phone
            .until("the last card", || async {
                (phone.script(last).await == json!(true)).then_some(())
            })
            .await;
        phone.picture("last").await;
        phone.tap("व्यक्ति से बात करें", "संपर्क").await;
        assert_eq!(phone.count(".card .choice.tapped").await, 1);
        phone
            .until("the last card again", || async {
                (phone.script(last).await == json!(true)).then_some(())
            })
            .await;
        phone.picture("tapped").await;
    })
    .await;
}
