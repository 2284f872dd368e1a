//! The phone of the demo, driven in headless Chromium as a person would.
//!
//! Runs with `TEST_BROWSER=1` only, against the driver at `TEST_WEBDRIVER_URL` or a
//! chromedriver of its own.

#![expect(
    clippy::print_stdout,
    reason = "a test says where its screenshots are and why it was skipped"
)]
#![expect(unreachable_pub, reason = "modules of a test binary have no outside")]

mod carousel;
mod driver;
mod forms;
mod graph;
mod journeys;
mod phone;
mod server;

use driver::{DESK, SMALL};
use graph::ACCOUNT;
use phone::on_phone;
use serde_json::json;

const ASHA: &str = "919000000000";
const RAVI: &str = "919000000001";

#[tokio::test]
async fn a_newcomer_greets_opens_the_list_and_chooses_a_row() {
    on_phone("greet", DESK, async |phone| {
        phone.take(RAVI).await;
        let hello = phone.ask("hi", "What would you like to see?").await;
        assert!(hello.contains("Ravi"), "{hello}");
        phone.picture("menu").await;
        phone.open_list().await;
        phone.picture("list").await;
        phone.choose("Help").await;
        phone.hear("SIP calculator").await;
        assert_eq!(phone.count("#sheet:not([hidden])").await, 0);
    })
    .await;
}

#[tokio::test]
async fn a_nav_is_found_by_a_sloppy_name() {
    on_phone("nav", DESK, async |phone| {
        phone.take(RAVI).await;
        let question = "whats the nav of hdfc flexy cap regular growth";
        let answer = phone.ask(question, "HDFC Flexi Cap Fund").await;
        assert!(answer.contains("NAV: ₹"), "{answer}");
    })
    .await;
}

#[tokio::test]
async fn asha_sees_her_portfolio_and_ravi_has_none() {
    on_phone("portfolio", DESK, async |phone| {
        phone.take(ASHA).await;
        phone.ask("hello", "What would you like to see?").await;
        phone.pick("My portfolio").await;
        let portfolio = phone.hear("Your portfolio").await;
        assert!(
            portfolio.contains("XIRR") && portfolio.contains('₹'),
            "{portfolio}"
        );
        phone.picture("asha").await;
        phone.take(RAVI).await;
        phone.ask("my portfolio", "no portfolio").await;
        let chat = phone.chat().await;
        assert!(!chat.contains("XIRR:"), "{chat}");
    })
    .await;
}

#[tokio::test]
async fn a_sip_is_calculated_step_by_step() {
    on_phone("calculator", DESK, async |phone| {
        phone.take(ASHA).await;
        phone.ask("sip calculator", "month").await;
        phone.ask("5k", "how many years").await;
        phone.ask("10 years", "yearly rate").await;
        let result = phone.ask("12", "SIP illustration").await;
        assert!(result.contains("₹11,61,695"), "{result}");
    })
    .await;
}

#[tokio::test]
async fn a_statement_arrives_as_a_document_that_opens_and_a_chart_as_a_picture() {
    for (name, screen) in [("files", DESK), ("files-small", SMALL)] {
        on_phone(name, screen, async |phone| {
            phone.take(ASHA).await;
            phone.ask("statement", "Which paper or picture").await;
            phone.pick("Account statement").await;
            phone.see("a.thing.document[data-open]").await;
            phone.picture("document").await;
            phone.fits("the document").await;
            let opened = phone
                .script(
                    "const file = document.querySelector('a.thing.document').href;
                     return fetch(file).then(async (it) => [it.status,
                         it.headers.get('content-type'), (await it.text()).slice(0, 5)])",
                )
                .await;
            assert_eq!(opened, serde_json::json!([200, "application/pdf", "%PDF-"]));

            phone.ask("statement", "Which paper or picture").await;
            phone.pick("How it is spread").await;
            phone
                .until("the picture is drawn", || async {
                    let wide = "const it = document.querySelector('.picture.image img');
                        return it ? it.naturalWidth : 0";
                    (phone.script(wide).await.as_u64()? > 100).then_some(())
                })
                .await;
            phone.fits("the picture").await;
            phone.picture("picture").await;
        })
        .await;
    }
}

#[tokio::test]
async fn a_picture_a_voice_note_and_a_thumb_are_sent_from_the_phone() {
    on_phone("sent", SMALL, async |phone| {
        phone.take(RAVI).await;
        phone.ask("hi", "What would you like to see?").await;
        for kind in ["picture", "voice", "document", "location"] {
            phone.click("#attach").await;
            phone.click(&format!("[data-attachment={kind}]")).await;
        }
        for shown in [
            ".mine .picture.image img",
            ".mine audio.sound",
            ".mine a.thing.document",
            ".mine .thing.location",
        ] {
            phone.see(shown).await;
        }
        phone.click(".theirs .react").await;
        phone.see(".theirs .reaction").await;
        phone.fits("what was sent").await;
    })
    .await;
}

#[tokio::test]
async fn the_language_is_changed_to_hindi() {
    on_phone("hindi", DESK, async |phone| {
        phone.take(ASHA).await;
        phone.ask("language", "Which language").await;
        let hindi = "//button[@data-choice-id][contains(., 'हिन्दी')]";
        phone.click_path(hindi).await;
        phone.hear("हिन्दी").await;
        phone.ask("menu", "देखना चाहेंगे").await;
        phone.open_list().await;
    })
    .await;
}

#[tokio::test]
async fn a_person_takes_over_until_the_panel_gives_the_chat_back() {
    on_phone("person", DESK, async |phone| {
        phone.take(RAVI).await;
        phone.ask("talk to a person", "stay silent").await;
        phone.say("menu").await;
        phone
            .until("the end of a silent turn", || async {
                let metrics = phone.script("return fetch('/metrics').then((it) => it.text())");
                let metrics = metrics.await;
                let ended = metrics.as_str()?.lines().filter_map(ended_messages);
                (ended.sum::<u64>() == 2).then_some(())
            })
            .await;
        phone.click("#release").await;
        phone
            .until("The bot has it.", || async {
                let said = phone.text("#released").await;
                (said == "The bot has it.").then_some(())
            })
            .await;
        assert_eq!(phone.answers().await, Vec::<String>::new());
        phone.ask("menu", "What would you like to see?").await;
        let menus = phone.count("[data-open-list]").await;
        assert_eq!(menus, 1, "what was said to the person is not answered");
    })
    .await;
}

/// Returns the count in a line of the metrics that counts messages with a turn behind them.
fn ended_messages(line: &str) -> Option<u64> {
    let (name, count) = line.rsplit_once(' ')?;
    name.contains("messages_ended")
        .then(|| count.parse().ok())?
}

#[tokio::test]
async fn a_reply_whose_call_was_dropped_arrives_exactly_once() {
    on_phone("fault", DESK, async |phone| {
        phone.take(RAVI).await;
        phone.ask("hi", "What would you like to see?").await;
        // A late echo leaves the time in which a careless sender would send again.
        phone.switch("delay_statuses", true).await;
        phone.switch("accept_then_drop", true).await;
        phone.ask("help", "SIP calculator").await;
        // The page lists the call that got no answer.
        phone.see(".request.graph .bad").await;
        phone.switch("accept_then_drop", false).await;
        phone.ask("menu", "What would you like to see?").await;
        let told = "return [...document.querySelectorAll('.request.webhook .what')]
            .filter((what) => /sent|updates/.test(what.textContent)).length";
        phone
            .until("the late echo", || async {
                (phone.script(told).await.as_u64()? >= 2).then_some(())
            })
            .await;
        let helps = phone.count_words("SIP calculator").await;
        assert_eq!(helps, 1, "{}", phone.chat().await);
        assert_eq!(phone.count(".failed").await, 0);
    })
    .await;
}

#[tokio::test]
async fn the_list_of_requests_calls_a_form_that_is_made_no_text() {
    on_phone("requests", DESK, async |phone| {
        phone.take(RAVI).await;
        let path = format!("{ACCOUNT}/flows");
        let form = json!({"name": "a_form_of_this_test", "categories": ["OTHER"]});
        let made = graph::client().post(phone.graph(&path)).json(&form);
        let made = graph::calls(made).await;
        assert!(made["id"].is_string(), "{made}");
        let listed = "return [...document.querySelectorAll('.request.graph .what')]
            .map((what) => what.textContent)";
        // The service asks of its own accord, too.
        let is_it = |what: &str| what.starts_with("POST") && what.ends_with(&format!("/{path}"));
        phone
            .until("the call in the list by its name", || async {
                let listed = phone.script(listed).await;
                let mut whats = listed.as_array()?.iter().filter_map(|what| what.as_str());
                whats.any(is_it).then_some(())
            })
            .await;
    })
    .await;
}

#[tokio::test]
async fn the_demo_clock_moves_to_the_next_day() {
    on_phone("clock", DESK, async |phone| {
        phone.take(ASHA).await;
        phone.ask("hi", "What would you like to see?").await;
        let today = phone.text("#clock-day").await;
        phone.click("[data-advance=\"86400\"]").await;
        let tomorrow = phone
            .until("the next day", || async {
                let day = phone.text("#clock-day").await;
                (day != today).then_some(day)
            })
            .await;
        phone.ask("menu", "What would you like to see?").await;
        let days = phone.chat().await;
        assert!(days.contains(&today), "{today}: {days}");
        assert!(days.contains(&tomorrow), "{tomorrow}: {days}");
    })
    .await;
}

#[tokio::test]
async fn a_reload_keeps_the_chat() {
    on_phone("reload", DESK, async |phone| {
        phone.take(RAVI).await;
        phone.ask("hi", "What would you like to see?").await;
        let before = phone.chat().await;
        phone.reload().await;
        let same = || async { (phone.chat().await == before).then_some(()) };
        phone.until("the chat from before", same).await;
        let pressed = "[aria-pressed=true][data-user=\"919000000001\"]";
        assert_eq!(phone.count(pressed).await, 1);
    })
    .await;
}

#[tokio::test]
async fn on_a_small_phone_nothing_sticks_out() {
    on_phone("small", SMALL, async |phone| {
        phone.fits("before anything is said").await;
        phone.take(ASHA).await;
        phone.ask("hi", "What would you like to see?").await;
        phone.fits("the menu").await;
        phone.picture("menu").await;
        phone.open_list().await;
        phone.fits("the list").await;
        phone.picture("list").await;
        phone.choose("My portfolio").await;
        phone.hear("Your portfolio").await;
        phone.fits("the portfolio").await;
        phone.picture("portfolio").await;
        phone.ask("hindi", "हिन्दी").await;
        phone.ask("menu", "देखना चाहेंगे").await;
        phone.fits("the menu in Hindi").await;
        phone.picture("hindi").await;
        let endless = "https://example.invalid/".to_owned() + &"endless".repeat(20);
        phone.say(&endless).await;
        phone
            .until("the long word", || async {
                phone.chat().await.contains(&endless).then_some(())
            })
            .await;
        phone.fits("a word longer than the screen").await;
        phone.click("#attach").await;
        phone.fits("the kinds of attachments").await;
        phone.picture("attachments").await;
        let below = "const edge = document.querySelector('#messages').getBoundingClientRect().bottom;
            return [...document.querySelectorAll('.line')].at(-1).getBoundingClientRect().bottom - edge";
        phone.until("the newest message above them", || async {
            (phone.script(below).await.as_f64()? <= 0.0).then_some(())
        }).await;
        phone.click("#attach").await;
        phone.click("#open-panel").await;
        phone.see(".panel-open #panel").await;
        let width = phone
            .script("return document.querySelector('#panel').scrollWidth - innerWidth")
            .await;
        assert_eq!(width, 0, "the controls fit");
        phone.picture("panel").await;
        phone
            .script("document.querySelector('#faults').scrollIntoView()")
            .await;
        phone.picture("faults").await;
        phone.click("#close-panel").await;
    })
    .await;
}
