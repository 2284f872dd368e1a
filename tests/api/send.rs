//! One approved template to one person, by a command beside the service.

use sipbrewery::sandbox::TemplateDeed;

use crate::harness::TestApp;

const ASHA: &str = "919000000000";
/// Somebody whose number Meta hides.
const KABIR: &str = "IN.2081978709342942";
const APPROVED: &str = "select count(*) from message_templates where status = 'APPROVED'";
const ROWS: &str = "select count(*) from outbox where is_template = 1";

/// Somebody who wrote once, long ago, and an account whose templates are known.
async fn start() -> TestApp {
    let app = TestApp::start().await;
    app.until(APPROVED, 123).await;
    app.knows(ASHA, "Asha");
    app.asks(ASHA, "hi").await;
    app.leave("update contacts set last_inbound_at = 1").await;
    app
}

async fn sends(app: &TestApp, what: &str) -> (bool, String) {
    app.operator(&format!("send {ASHA} {what}")).await
}

#[tokio::test]
async fn a_notice_is_told_of_first_and_goes_once_for_each_time_it_is_asked_for() {
    let app = start().await;
    let what = "document_attached --language hi --param title=Statement \
                --header https://example.in/papers/march.pdf";
    let (done, said) = sends(&app, &format!("{what} --dry-run")).await;
    assert!(done && said.contains("nothing was sent"), "{said}");
    assert_eq!(app.scalar(ROWS).await, 0);

    let (done, said) = sends(&app, what).await;
    assert!(done, "{said}");
    for part in [
        "document_attached/hi to con_",
        "utility for Meta, lane utility",
        "Statement",
        "goes as soon as the service sends it",
    ] {
        assert!(said.contains(part), "{part} in {said}");
    }
    let sent = app.next_reply(ASHA).await;
    assert_eq!(sent.kind, "template");
    let chat = app.emulator.chat(ASHA);
    let shown = chat.last().unwrap().shown.as_ref().unwrap();
    assert_eq!(
        shown["medium"]["document"]["link"],
        "https://example.in/papers/march.pdf"
    );
    assert_eq!(app.scalar(ROWS).await, 1);
    let deeds = "select count(*) from audit where actor = 'operator'
                  and action = 'template_sent:document_attached/hi'";
    assert_eq!(app.scalar(deeds).await, 1);
    app.stop().await;
}

#[tokio::test]
async fn what_may_not_go_says_why_and_leaves_nothing_in_the_outbox() {
    let app = start().await;
    let (name, language) = ("kyc_changed", "en");
    assert!(
        app.emulator
            .treat_template(name, language, &TemplateDeed::Pause)
    );
    app.until(APPROVED, 122).await;
    for (what, why) in [
        ("rocket", "no template rocket in en"),
        (
            "document_ready --language ta",
            "no template document_ready in ta",
        ),
        ("kyc_changed --param state=x", "may not be sent now"),
        ("handoff_follow_up", "--param date=…"),
        (
            "handoff_follow_up --param date=a --param day=b",
            "no place day; it has date",
        ),
        ("chat_services --param name=Asha", "never agreed to any"),
        (
            "document_attached --param title=a --header rocket.pdf",
            "`rocket.pdf` is none of the pictures here",
        ),
        (
            "document_attached --param title=a --header calculator",
            "a picture is not what it shows",
        ),
        // What was written down for whoever reviews the template is nobody's statement.
        (
            "document_attached --param title=a",
            "give them with --header or --card",
        ),
        (
            "document_attached --param title=a --header statement.pdf",
            "`statement.pdf` is none of the pictures here",
        ),
        ("one_time_code", "give it with --code"),
        ("one_time_code --code -", "1 to 15 letters and digits"),
    ] {
        let (done, said) = sends(&app, what).await;
        assert!(!done && said.contains(why), "{what}: {said}");
    }
    app.asks(KABIR, "hi").await;
    let (done, said) = app
        .operator(&format!("send {KABIR} one_time_code --code A1B2C3"))
        .await;
    assert!(!done && said.contains("phone number only"), "{said}");
    app.leave("update contacts set marketing = 'opted_out', marketing_at = 1")
        .await;
    let (done, said) = sends(&app, "chat_services --param name=Asha").await;
    assert!(!done && said.contains("they want none"), "{said}");
    let (done, said) = app.operator("send 919999999999 one_time_code").await;
    assert!(!done && said.contains("nobody is known"), "{said}");
    assert_eq!(app.scalar(ROWS).await, 0);
    app.stop().await;
}

/// By night it waits for the morning, whenever the tests run.
#[tokio::test]
async fn a_carousel_goes_by_the_marketing_lane_to_whoever_agreed() {
    let app = start().await;
    app.leave("update contacts set marketing = 'opted_in', marketing_at = 1")
        .await;
    let (done, said) = sends(&app, "chat_services --param name=Asha").await;
    assert!(
        done && said.contains("marketing for Meta, lane marketing"),
        "{said}"
    );
    let row = "select count(*) from outbox where lane = 'marketing' and purpose = 'marketing'
                and template = 'chat_services' and disclosures like 'market_risk%'";
    assert_eq!(app.scalar(row).await, 1);
    if !said.contains("waits for") {
        app.next_reply(ASHA).await;
        let chat = app.emulator.chat(ASHA);
        let shown = chat.last().unwrap().shown.as_ref().unwrap();
        assert_eq!(shown["cards"].as_array().unwrap().len(), 3);
    }
    app.stop().await;
}

#[tokio::test]
async fn a_code_goes_at_once_and_is_said_to_nobody_else() {
    let app = start().await;
    let (done, said) = sends(&app, "one_time_code --code A1B2C3").await;
    assert!(
        done && said.contains("authentication for Meta, lane agent"),
        "{said}"
    );
    assert!(!said.contains("A1B2C3"), "{said}");
    let sent = app.next_reply(ASHA).await;
    let components = &sent.body["template"]["components"];
    assert_eq!(components[0]["parameters"][0]["text"], "A1B2C3");
    let chat = app.emulator.chat(ASHA);
    let shown = chat.last().unwrap().shown.as_ref().unwrap();
    assert!(shown["words"].as_str().unwrap().contains("A1B2C3"));
    let short = "select count(*) from outbox where purpose = 'code'
                  and expires_at - created_at between 1 and 600000";
    assert_eq!(app.scalar(short).await, 1);
    app.stop().await;
}
