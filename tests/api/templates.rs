//! Templates: handed in once, sent only as approved, and what Meta says of them obeyed.

use std::time::Duration;

use serde_json::{Value, json};
use sipbrewery::clock::{Clock, ist};
use sipbrewery::contacts::store;
use sipbrewery::id::{ContactId, InstalmentId, PlanId};
use sipbrewery::investing::events::{Event, What, record};
use sipbrewery::investing::orders::BounceReason;
use sipbrewery::investing::{Paise, SchemeCode};
use sipbrewery::pipeline::{
    Intake, Lane, Message, Month, Purpose, QuietHours, costs_by_conversation, costs_by_purpose,
    enqueue, record_templates,
};
use sipbrewery::sandbox::TemplateDeed;
use sipbrewery::whatsapp::rates::tiers;
use sipbrewery::whatsapp::templates::{Category, Content, InAccount, Quality, Status};
use sipbrewery::whatsapp::{Outgoing, Parameter, Template};

use crate::harness::line::{Fate, morning, now};
use crate::harness::network::NUMBER;
use crate::harness::{Line, TestApp};

const ASHA: &str = "919000000000";
const MEERA: &str = "919000000002";
const SCHEME: SchemeCode = SchemeCode(101_762);

#[tokio::test]
async fn templates_are_handed_in_once_and_the_second_time_there_is_nothing_to_do() {
    let app = TestApp::start().await;
    let (done, said) = app.operator("templates plan").await;
    assert!(done && said.contains("0 to change"), "{said}");
    app.deletes_template("order_placed");
    let (done, said) = app.operator("templates plan").await;
    assert!(done && said.contains("create   order_placed/hi"), "{said}");
    assert!(said.contains("3 to change"), "{said}");
    let (done, said) = app.operator("templates apply").await;
    assert!(done && said.contains("3 changed, 0 not"), "{said}");
    let (done, said) = app.operator("templates apply").await;
    assert!(done && said.contains("nothing to do"), "{said}");
    let (done, said) = app.operator("templates status").await;
    let line = said
        .lines()
        .find(|line| line.starts_with("order_placed "))
        .unwrap();
    assert!(
        done && line.contains("APPROVED") && line.contains("UTILITY"),
        "{line}"
    );
    app.stop().await;
}

async fn instalment_fails(app: &TestApp, key: &str) {
    let ground = &app.app.ground;
    let contact = app.app.find_contact(ASHA).await.unwrap();
    let (ids, now) = (&ground.ids, ground.clock.now());
    let what = What::InstalmentFailed {
        plan: ids.next::<PlanId>(now),
        instalment: ids.next::<InstalmentId>(now),
        scheme: SCHEME,
        amount: Paise(500_000),
        on: now.to_zoned(ist()).date(),
        reason: BounceReason::InsufficientFunds,
        left: 2,
    };
    let event = Event {
        contact,
        key: key.to_owned(),
        what,
    };
    let recorded = ground
        .db
        .write((ground.clone(), event), |conn, (ground, event)| {
            Box::pin(async move {
                record(conn, &ground.keys, &ground.ids, event, ground.clock.now()).await
            })
        });
    recorded.await.expect("the event is recorded");
    ground.wakes.events.wake();
}

#[tokio::test]
async fn what_meta_pauses_is_not_sent_and_a_person_hears_of_it() {
    let app = TestApp::start().await;
    app.knows(ASHA, "Asha");
    app.asks(ASHA, "hi").await;
    app.until(
        "select count(*) from message_templates where status = 'APPROVED'",
        123,
    )
    .await;
    app.leave("update contacts set last_inbound_at = 1").await;
    let (name, language) = ("instalment_failed", "en");
    assert!(
        app.emulator
            .treat_template(name, language, &TemplateDeed::Pause)
    );
    let paused = "select count(*) from message_templates
                   where status = 'PAUSED' and paused_until is not null";
    app.until(paused, 1).await;
    let shown = "select count(*) from attention where kind = 'template'
                  and subject = 'instalment_failed/en' and detail like '%FIRST_PAUSE%'";
    assert_eq!(app.scalar(shown).await, 1);
    instalment_fails(&app, "failed:1").await;
    app.until("select count(*) from notices where state = 'waiting'", 1)
        .await;
    assert_eq!(
        app.scalar("select count(*) from outbox where is_template = 1")
            .await,
        0
    );

    assert!(
        app.emulator
            .treat_template(name, language, &TemplateDeed::Unpause)
    );
    app.until(
        "select count(*) from message_templates where status = 'APPROVED'",
        123,
    )
    .await;
    instalment_fails(&app, "failed:2").await;
    let told = app.next_reply(ASHA).await;
    assert_eq!(told.kind, "template");
    app.until(
        "select count(*) from outbox where writes_first = 1 and state = 'delivered'",
        1,
    )
    .await;
    app.stop().await;
}

#[tokio::test]
async fn a_template_that_is_paused_and_released_again_and_again_ends_as_meta_says_last() {
    // On PostgreSQL a live service follows the database's clock and none of ours.
    if crate::harness::database::server().is_some() {
        return;
    }
    let app = TestApp::at(morning()).await;
    app.until(APPROVED, 123).await;
    for _ in 0..2 {
        for (deed, approved) in [(TemplateDeed::Pause, 122), (TemplateDeed::Unpause, 123)] {
            app.emulator.advance(Duration::from_secs(1));
            assert!(app.emulator.treat_template("kyc_changed", "en", &deed));
            app.until(APPROVED, approved).await;
        }
    }
    app.stop().await;
}

#[tokio::test]
async fn a_notice_that_may_not_go_any_more_when_it_is_sent_is_not_sent() {
    for (became, reason) in [
        // Meta made it marketing while it waited, and they agreed to none.
        (
            "update message_templates set category = 'MARKETING'",
            "select count(*) from outbox where is_template = 1 and state = 'cancelled'
                and reason = 'no_marketing_consent'",
        ),
        // Their number may be somebody else's by now.
        (
            "update contacts set unverified_since = 1",
            "select count(*) from outbox where is_template = 1 and state = 'cancelled'
                and reason = 'number_in_doubt'",
        ),
    ] {
        let line = Line::start().await;
        approves(&line).await;
        line.text(ASHA, "wamid.1", now(&line), "hi").await;
        line.channel.made(1).await;
        line.leave(became).await;
        enqueues(&line, ASHA, due("en", "amount")).await;
        line.until(reason, 1).await;
        assert_eq!(line.channel.made(1).await.len(), 1);
        line.stop().await;
    }
}

#[tokio::test]
async fn a_notice_that_rests_until_morning_holds_up_none_that_may_come_at_night() {
    let line = Line::at(Clock::standing("2026-08-24T18:00:00Z".parse().unwrap())).await;
    approves(&line).await;
    line.text(ASHA, "wamid.1", now(&line), "hi").await;
    line.channel.made(1).await;
    let night = QuietHours::between((21, 0), (8, 30));
    enqueues_for(&line, ASHA, due("en", "amount"), Some(night)).await;
    let rests = "select count(*) from outbox where state = 'queued' and due_at > created_at";
    line.until(rests, 1).await;
    enqueues(&line, ASHA, due("en", "amount")).await;
    line.channel.made(2).await;
    assert_eq!(line.scalar(rests).await, 1);
    // Another one that rests stays behind it.
    enqueues_for(&line, ASHA, due("en", "amount"), Some(night)).await;
    line.ground.clock.advance(Duration::from_hours(10));
    line.ground.wakes.sender.wake();
    line.channel.made(4).await;
    line.stop().await;
}

#[tokio::test]
async fn a_notice_does_not_overtake_the_answer_that_announces_it() {
    let line = Line::at(morning()).await;
    approves(&line).await;
    line.channel.fate("copy", Fate::Hold);
    line.text(ASHA, "wamid.1", now(&line), "copy").await;
    line.channel.made(1).await;
    enqueues(&line, ASHA, due("en", "amount")).await;
    // What comes later and is for somebody else is sent: the notice was looked at before.
    line.text(MEERA, "wamid.2", now(&line), "hi").await;
    enqueues(&line, MEERA, due("en", "amount")).await;
    line.channel.made(3).await;
    let waits = "select count(*) from outbox where is_template = 1 and state = 'queued'";
    assert_eq!(line.scalar(waits).await, 1);
    line.channel.release();
    line.channel.made(4).await;
    line.stop().await;
}

#[tokio::test]
async fn a_template_passes_a_text_that_waits_for_the_window_and_no_other() {
    let line = Line::at(morning()).await;
    approves(&line).await;
    line.text(ASHA, "wamid.1", now(&line), "hi").await;
    line.channel.made(1).await;
    let of_an_agent = |made: Message| Message {
        lane: Lane::Agent,
        ..made
    };
    let text = move |id, now| {
        of_an_agent(Message {
            message: Outgoing::Text {
                body: "one moment".into(),
            },
            ..message(id, due("en", "amount"), now)
        })
    };
    let template = move |id, now| of_an_agent(message(id, due("en", "amount"), now));
    line.channel.fate("one moment", Fate::Hold);
    enqueues_all(&line, ASHA, vec![Box::new(text), Box::new(template)]).await;
    line.channel.made(2).await;
    let behind = "select count(*) from outbox where is_template = 1 and state = 'queued'";
    assert_eq!(line.scalar(behind).await, 1);
    line.channel.release();
    line.channel.made(3).await;

    line.ground.clock.advance(Duration::from_hours(30));
    enqueues_all(&line, ASHA, vec![Box::new(text)]).await;
    let waits = "select count(*) from outbox where state = 'queued' and reason = 'window_closed'";
    line.until(waits, 1).await;
    enqueues_all(&line, ASHA, vec![Box::new(template)]).await;
    line.channel.made(4).await;
    assert_eq!(line.scalar(waits).await, 1);
    line.stop().await;
}

pub fn due(language: &str, place: &str) -> Template {
    Template {
        name: "due".into(),
        language: language.into(),
        header: None,
        body: vec![Parameter::named(place, "₹5")],
        buttons: Vec::new(),
        cards: Vec::new(),
        words: "Your SIP of ₹5 is due.".into(),
    }
}

pub async fn enqueues(line: &Line, phone: &str, template: Template) {
    enqueues_for(line, phone, template, None).await;
}

/// As [`enqueues`], with hours in which it may not arrive.
async fn enqueues_for(line: &Line, phone: &str, template: Template, quiet: Option<QuietHours>) {
    let as_a_notice = move |id, now| Message {
        quiet,
        ..message(id, template.clone(), now)
    };
    enqueues_all(line, phone, vec![Box::new(as_a_notice)]).await;
}

/// Makes a message for somebody at a time.
type Making = Box<dyn Fn(ContactId, jiff::Timestamp) -> Message + Send + Sync>;

/// Puts messages into the outbox together.
async fn enqueues_all(line: &Line, phone: &str, messages: Vec<Making>) {
    let mut conn = line.ground.db.read().await.unwrap();
    let found = store::find(&mut conn, &line.ground.keys, phone)
        .await
        .unwrap();
    drop(conn);
    let input = (
        line.ground.clone(),
        found.expect("they wrote before"),
        messages,
    );
    let enqueued = line.ground.db.write(input, |conn, (ground, id, messages)| {
        Box::pin(async move {
            let row = id.to_string();
            let mut loaded = store::load(conn, &ground.keys, std::slice::from_ref(&row)).await?;
            let key = loaded.remove(&row).expect("the contact is there").key;
            let now = ground.clock.now();
            for make in messages {
                enqueue(conn, ground, &key, make(*id, now), now).await?;
            }
            Ok(())
        })
    });
    enqueued.await.expect("it is queued");
    line.ground.wakes.sender.wake();
}

pub fn message(contact: ContactId, template: Template, now: jiff::Timestamp) -> Message {
    Message {
        contact,
        message: Outgoing::Template(template),
        lane: Lane::Utility,
        purpose: Purpose::Money,
        owner_epoch: 0,
        answers: None,
        trace: None,
        disclosures: String::new(),
        rules: 1,
        expires_at: now.checked_add(Duration::from_hours(48)).unwrap(),
        quiet: None,
    }
}

/// Meta has approved one template in English.
pub async fn approves(line: &Line) {
    let one = approved();
    lists(line, vec![one], line.ground.clock.now()).await;
}

/// Returns what Meta lists of it.
pub fn approved() -> InAccount {
    InAccount {
        id: "7".into(),
        name: "due".into(),
        language: "en".into(),
        status: Status::Approved,
        category: Some(Category::Utility),
        quality: Quality::Green,
        rejected: None,
        content: Content {
            body: "Your SIP of {{amount}} is due.".into(),
            ..Content::default()
        },
    }
}

/// Meta lists these, asked at a time.
pub async fn lists(line: &Line, listed: Vec<InAccount>, asked: jiff::Timestamp) {
    let input = (line.ground.clone(), listed, asked);
    let recorded = line
        .ground
        .db
        .write(input, |conn, (ground, listed, asked)| {
            let when = (*asked, ground.clock.now());
            Box::pin(record_templates(conn, &ground.ids, listed, when))
        });
    recorded.await.unwrap();
}

/// Tells the service something about the account, as Meta would.
pub async fn tells(line: &Line, field: &str, value: Value) {
    let body = json!({"object": "whatsapp_business_account",
        "entry": [{"id": "2", "time": now(line), "changes": [{"field": field, "value": value}]}]});
    let taken = line.deliver(&serde_json::to_vec(&body).unwrap()).await;
    assert_eq!(taken, Intake::Stored);
}

pub async fn writes(line: &Line, phone: &str) {
    line.text(phone, &format!("wamid.{phone}"), now(line), "hi")
        .await;
    line.until("select count(*) from inbox where state = 'waiting'", 0)
        .await;
    line.until(
        "select count(*) from outbox where state not in ('accepted', 'cancelled')",
        0,
    )
    .await;
}

#[tokio::test]
async fn only_what_was_approved_leaves_and_the_rest_ends_with_its_reason() {
    let line = Line::at(morning()).await;
    writes(&line, ASHA).await;
    approves(&line).await;
    for (template, reason) in [
        (
            due("hi", "amount"),
            "select count(*) from outbox where reason = 'template_unknown'",
        ),
        (
            due("en", "sum"),
            "select count(*) from outbox where reason = 'template_misfit'",
        ),
    ] {
        enqueues(&line, ASHA, template).await;
        line.until(reason, 1).await;
    }
    let shown = "select count(*) from attention where kind = 'template'";
    assert_eq!(line.scalar(shown).await, 2);
    enqueues(&line, ASHA, due("en", "amount")).await;
    line.until(
        "select count(*) from outbox where is_template = 1 and state = 'accepted'",
        1,
    )
    .await;
    let rejected = json!({"event": "REJECTED", "message_template_id": 7, "message_template_name": "due",
        "message_template_language": "en", "reason": "INVALID_FORMAT"});
    tells(&line, "message_template_status_update", rejected).await;
    enqueues(&line, ASHA, due("en", "amount")).await;
    line.until(
        "select count(*) from outbox where reason = 'template_not_approved'",
        1,
    )
    .await;
    line.stop().await;
    assert_eq!(
        line.channel.texts().len(),
        2,
        "the answer, and one template"
    );
}

#[tokio::test]
async fn no_more_people_are_written_to_first_than_the_account_may() {
    let line = Line::at(morning()).await;
    let people = ["919000000000", "919000000001", "919000000002"];
    for phone in people {
        writes(&line, phone).await;
    }
    approves(&line).await;
    line.leave("update contacts set last_inbound_at = 1").await;
    tells(
        &line,
        "business_capability_update",
        json!({"max_daily_conversations_per_business": 2}),
    )
    .await;
    for phone in people {
        enqueues(&line, phone, due("en", "amount")).await;
    }
    let accepted = "select count(*) from outbox where is_template = 1 and state = 'accepted'";
    line.until(accepted, 2).await;
    let held = "select count(*) from outbox where state = 'queued' and reason = 'daily_limit'";
    line.until(held, 1).await;
    assert_eq!(
        line.scalar("select count(*) from attention where kind = 'daily_limit'")
            .await,
        1
    );
    tells(
        &line,
        "business_capability_update",
        json!({"max_daily_conversations_per_business": "TIER_2K"}),
    )
    .await;
    line.ground.clock.advance(Duration::from_mins(6));
    line.ground.wakes.sender.wake();
    line.until(accepted, 3).await;
    line.stop().await;
}

#[tokio::test]
async fn a_stopped_account_sends_nothing_until_it_is_reinstated() {
    let line = Line::at(morning()).await;
    writes(&line, ASHA).await;
    let banned = json!({"event": "DISABLED_UPDATE", "ban_info": {"waba_ban_state": "DISABLE"}});
    tells(&line, "account_update", banned).await;
    assert_eq!(
        line.scalar("select count(*) from attention where kind = 'account_stopped'")
            .await,
        1
    );
    // A round of the sender sees it and shuts the way of answers too.
    approves(&line).await;
    enqueues(&line, ASHA, due("en", "amount")).await;
    line.text(ASHA, "wamid.later", now(&line), "still there")
        .await;
    line.until("select count(*) from outbox where state = 'queued'", 2)
        .await;
    assert_eq!(line.channel.texts().len(), 1);
    let back = json!({"event": "DISABLED_UPDATE", "ban_info": {"waba_ban_state": "REINSTATE"}});
    tells(&line, "account_update", back).await;
    line.ground.clock.advance(Duration::from_secs(2));
    line.until("select count(*) from outbox where state = 'accepted'", 3)
        .await;
    line.stop().await;
}

/// Returns the body of a status that says what its message costs.
fn priced(status: &str, callback: &str, at: i64, category: &str) -> Vec<u8> {
    let value = json!({"messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "919100000000", "phone_number_id": NUMBER},
        "statuses": [{"id": format!("wamid.of.{callback}"), "status": status,
            "timestamp": at.to_string(), "recipient_id": ASHA,
            "biz_opaque_callback_data": callback,
            "pricing": {"billable": true, "pricing_model": "PMP", "type": "regular", "category": category}}]});
    let body = json!({"object": "whatsapp_business_account",
        "entry": [{"id": "2", "changes": [{"field": "messages", "value": value}]}]});
    serde_json::to_vec(&body).unwrap()
}

#[tokio::test]
async fn a_delivered_message_is_charged_once_however_often_meta_says_so() {
    let line = Line::at(morning()).await;
    writes(&line, ASHA).await;
    approves(&line).await;
    for _ in 0..2 {
        enqueues(&line, ASHA, due("en", "amount")).await;
    }
    line.until("select count(*) from outbox where state = 'accepted'", 3)
        .await;
    let october = 1_790_793_000 + 3_600;
    let categories = ["service", "utility", "utility"];
    for (before, (call, category)) in (0..).zip(line.channel.calls().iter().zip(categories)) {
        let callback = call.callback.as_str();
        line.deliver(&priced("sent", callback, october, category))
            .await;
        assert_eq!(line.scalar(COUNT).await, before, "sent is not charged");
        for status in ["read", "delivered", "delivered", "read"] {
            line.deliver(&priced(status, callback, october, category))
                .await;
        }
    }
    assert_eq!(line.scalar(COUNT).await, 3);
    let mut conn = line.ground.db.read().await.unwrap();
    let october = |allowance, tiers| Month {
        name: "2026-10",
        allowance,
        tiers,
    };
    let costs = costs_by_purpose(&mut conn, october(0, &[])).await.unwrap();
    let told: Vec<_> = costs
        .iter()
        .map(|one| (one.of.as_str(), one.category.as_str(), one.millipaise))
        .collect();
    assert_eq!(
        told,
        [("chat", "service", 11_500), ("money", "utility", 23_000)]
    );
    let costs = costs_by_conversation(&mut conn, october(1, &[]))
        .await
        .unwrap();
    let told: Vec<_> = costs
        .iter()
        .map(|one| (one.category.as_str(), one.free, one.millipaise))
        .collect();
    assert_eq!(told, [("utility", 0, 23_000), ("service", 1, 0)]);
    // What is charged beyond a tier's volume costs its rate, and nothing before it.
    let file = "from,category,after,millipaise\n2026-01-01,utility,1,9000\n\
                2026-01-01,utility,2,8000\n2026-01-01,authentication,1,1\n";
    let tiers = tiers::read(file).unwrap();
    let tiers = tiers::on(&tiers, "2026-10-01".parse().unwrap());
    let costs = costs_by_conversation(&mut conn, october(1, &tiers)).await;
    let told: Vec<_> = costs.unwrap().iter().map(|one| one.millipaise).collect();
    assert_eq!(told, [11_500 + 9_000, 0]);
    let september = Month {
        name: "2026-09",
        allowance: 0,
        tiers: &tiers,
    };
    assert_eq!(costs_by_purpose(&mut conn, september).await.unwrap(), []);
    drop(conn);
    line.stop().await;
}

const COUNT: &str = "select count(*) from message_costs";

#[tokio::test]
async fn an_operator_sees_what_the_month_cost() {
    let app = TestApp::start().await;
    app.knows(ASHA, "Asha");
    app.asks(ASHA, "hi").await;
    app.until(COUNT, 1).await;
    let (done, said) = app.operator("costs").await;
    assert!(
        done && said.contains(
            "1 messages delivered, 1 free, ₹0.00 without GST, at list rates, without volume tiers"
        ),
        "{said}"
    );
    assert!(said.contains("GST at 18 %: ₹0.00 on the sum"), "{said}");
    let (done, said) = app.operator("costs --tiers /dev/null/none.csv").await;
    assert!(
        !done && said.contains("cannot read /dev/null/none.csv"),
        "{said}"
    );
    let (done, said) = app.operator("costs --by conversation --csv").await;
    assert!(done && said.contains(",service,1,1,0,0,0"), "{said}");
    let (done, said) = app.operator("costs --month november").await;
    assert!(
        !done && said.contains("a month looks like 2026-11"),
        "{said}"
    );
    app.stop().await;
}

#[tokio::test]
async fn an_answer_whose_window_closed_is_offered_by_a_template_and_goes_once_they_write() {
    let app = TestApp::start().await;
    app.knows(ASHA, "Asha");
    app.asks(ASHA, "hi").await;
    app.until(APPROVED, 123).await;
    app.leave("update contacts set last_inbound_at = 1700000000000")
        .await;
    answers(&app).await;
    let offered = app.next_reply(ASHA).await;
    assert_eq!(offered.kind, "template");
    assert!(
        offered.text.contains("handoff_follow_up"),
        "{}",
        offered.text
    );
    let waits = "select count(*) from outbox where state = 'queued' and reason = 'window_closed'";
    app.until(waits, 1).await;
    let shown = "select count(*) from attention where kind = 'window_closed' and detail like '%a template offers it%'";
    assert_eq!(
        app.scalar(shown).await,
        1,
        "an agent's answer is said to wait"
    );
    // Meta does not say that a thumb opens the window.
    let thumb = json!({"message_id": offered.wamid, "emoji": "👍"});
    app.emulator.user_sends(ASHA, "reaction", thumb).await;
    let heard = "select count(*) from inbox where field = 'reaction' and state = 'done'";
    app.until(heard, 1).await;
    app.until(waits, 1).await;
    assert_eq!(app.scalar(waits).await, 1);
    app.says(ASHA, "menu").await;
    let said = [app.next_reply(ASHA).await, app.next_reply(ASHA).await];
    assert!(
        said.iter().any(|one| one.text == "From an agent."),
        "{said:?}"
    );
    app.stop().await;
}

#[tokio::test]
async fn a_tap_on_the_offer_brings_the_answer_once_and_nothing_beside_it() {
    let app = TestApp::start().await;
    app.knows(ASHA, "Asha");
    app.asks(ASHA, "hi").await;
    app.until(APPROVED, 123).await;
    let long_ago = "update contacts set last_inbound_at = 1700000000000, turned_at = 1700000000000";
    app.leave(long_ago).await;
    answers(&app).await;
    let offered = app.next_reply(ASHA).await;
    let button = &offered.body["template"]["components"][1]["parameters"][0]["payload"];
    let button = button.as_str().expect("it has a button").to_owned();
    app.emulator.tap_newest(ASHA, &button).await.unwrap();
    assert_eq!(app.next_reply(ASHA).await.text, "From an agent.");
    app.until("select count(*) from inbox where state = 'waiting'", 0)
        .await;
    let open = "select count(*) from outbox where state in ('queued', 'sending', 'unknown')";
    app.until(open, 0).await;
    assert_eq!(app.said_to(ASHA).len(), 3, "{:?}", app.said_to(ASHA));
    // They went on, and the answer is gone: the button brings what one can do here.
    app.asks(ASHA, "help").await;
    let again = json!({"payload": button, "text": "Show the answer"});
    app.emulator.user_sends(ASHA, "button", again).await;
    let said = app.next_reply(ASHA).await;
    assert_eq!(said.body["interactive"]["type"], "list", "{}", said.text);
    app.stop().await;
}

const APPROVED: &str = "select count(*) from message_templates where status = 'APPROVED'";

/// An agent writes free words.
async fn answers(app: &TestApp) {
    let ground = &app.app.ground;
    let contact = app.app.find_contact(ASHA).await.unwrap();
    let enqueued = ground
        .db
        .write((ground.clone(), contact), |conn, (ground, id)| {
            Box::pin(async move {
                let row = id.to_string();
                let mut loaded =
                    store::load(conn, &ground.keys, std::slice::from_ref(&row)).await?;
                let key = loaded.remove(&row).expect("the contact is there").key;
                let now = ground.clock.now();
                let words = Outgoing::Text {
                    body: "From an agent.".to_owned(),
                };
                let message = Message {
                    lane: Lane::Agent,
                    purpose: Purpose::Chat,
                    message: words,
                    ..message(*id, due("en", "amount"), now)
                };
                enqueue(conn, ground, &key, message, now).await.map(drop)
            })
        });
    enqueued.await.expect("it is queued");
    ground.wakes.sender.wake();
}
