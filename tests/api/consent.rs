//! What is obeyed at the last moment: a takeover, an opt-out, the 24-hour window.

use std::time::Duration;

use sipbrewery::contacts::{ContactChange, Marketing, store};
use sipbrewery::id::ContactId;
use sipbrewery::storage::{Conn, Error};

use crate::harness::line::{morning, now};
use crate::harness::network::NUMBER;
use crate::harness::{Fate, Line, TestApp};

const ASHA: &str = "919000000000";
const RAVI: &str = "919000000001";

/// Changes a contact as an agent or the contact itself would, in a transaction of its own.
async fn change(line: &Line, phone: &str, change: ContactChange) {
    let input = (line.ground.clone(), line.contact(phone).await, change);
    let changed = line.ground.db.write(input, |conn, (ground, id, change)| {
        Box::pin(async move {
            let key = key(conn, ground, *id).await?;
            let now = ground.clock.now();
            store::apply(conn, *id, &key, &ground.ids, change, now, now).await
        })
    });
    changed.await.expect("the change is written");
}

async fn key(
    conn: &mut Conn,
    ground: &sipbrewery::pipeline::Ground,
    id: ContactId,
) -> Result<sipbrewery::security::DataKey, Error> {
    let row = id.to_string();
    let mut loaded = store::load(conn, &ground.keys, std::slice::from_ref(&row)).await?;
    Ok(loaded.remove(&row).expect("the contact is there").key)
}

#[tokio::test]
async fn no_bot_message_enters_sending_after_a_takeover_commits() {
    let line = Line::start().await;
    line.channel.fate("first", Fate::Hold);
    let at = now(&line);
    line.text(ASHA, "wamid.1", at, "first").await;
    line.channel.made(1).await;
    line.text(ASHA, "wamid.2", at + 1, "second").await;
    line.until("select count(*) from outbox where state = 'queued'", 1)
        .await;
    change(
        &line,
        ASHA,
        ContactChange::HandOff("an agent took over".to_owned()),
    )
    .await;
    line.channel.release();
    line.until(
        "select count(*) from outbox where state = 'cancelled' and reason = 'conversation_changed_hands'",
        1,
    )
    .await;
    line.stop().await;
    assert_eq!(line.channel.texts(), ["first"]);
}

#[tokio::test]
async fn an_answer_thought_about_through_a_takeover_is_not_said() {
    let line = Line::start().await;
    line.text(ASHA, "wamid.1", now(&line), "why").await;
    line.until("select count(*) from contacts where lease_until > 0", 1)
        .await;
    change(
        &line,
        ASHA,
        ContactChange::HandOff("an agent took over".to_owned()),
    )
    .await;
    line.until(
        "select count(*) from outbox where state = 'cancelled' and reason = 'conversation_changed_hands'",
        1,
    )
    .await;
    line.stop().await;
    assert!(line.channel.texts().is_empty());
}

#[tokio::test]
async fn no_marketing_enters_sending_after_the_opt_out_commits() {
    let line = Line::at(morning()).await;
    for (phone, wamid) in [(ASHA, "wamid.1"), (RAVI, "wamid.2")] {
        line.text(phone, wamid, now(&line), "hi").await;
    }
    line.channel.made(2).await;
    for phone in [ASHA, RAVI] {
        change(&line, phone, ContactChange::Marketing(Marketing::OptedIn)).await;
    }
    // Half past nine in the evening: both wait for the morning.
    line.ground.clock.advance(Duration::from_mins(11 * 60 + 30));
    for (phone, wamid) in [(ASHA, "wamid.3"), (RAVI, "wamid.4")] {
        line.text(phone, wamid, now(&line), "good night").await;
    }
    line.channel.made(4).await;
    line.offer(ASHA, "an offer for Asha").await;
    line.offer(RAVI, "an offer for Ravi").await;
    line.until(
        "select count(*) from outbox where lane = 'marketing' and due_at > created_at",
        2,
    )
    .await;
    change(&line, ASHA, ContactChange::Marketing(Marketing::OptedOut)).await;
    line.ground.clock.advance(Duration::from_mins(12 * 60 + 45));
    line.ground.wakes.sender.wake();
    line.channel.made(5).await;
    line.until(
        "select count(*) from outbox where state = 'cancelled' and reason = 'no_marketing_consent'",
        1,
    )
    .await;
    line.stop().await;
    assert_eq!(line.channel.texts()[4..], ["an offer for Ravi"]);
}

#[tokio::test]
async fn an_inbound_message_opts_nobody_back_in() {
    let line = Line::at(morning()).await;
    line.text(ASHA, "wamid.1", now(&line), "hi").await;
    line.channel.made(1).await;
    change(&line, ASHA, ContactChange::Marketing(Marketing::OptedOut)).await;
    line.text(ASHA, "wamid.2", now(&line) + 1, "what is new?")
        .await;
    line.channel.made(2).await;
    line.offer(ASHA, "an offer").await;
    line.until(
        "select count(*) from outbox where reason = 'no_marketing_consent'",
        1,
    )
    .await;
    line.stop().await;
    assert_eq!(
        line.scalar("select count(*) from contacts where marketing = 'opted_out'")
            .await,
        1
    );
}

#[tokio::test]
async fn a_reply_that_could_not_go_within_the_window_is_not_sent_and_says_why() {
    let line = Line::at(morning()).await;
    line.channel.fate("first", Fate::Hold);
    let at = now(&line);
    line.text(ASHA, "wamid.1", at, "first").await;
    line.channel.made(1).await;
    line.text(ASHA, "wamid.2", at, "second").await;
    line.until("select count(*) from outbox where state = 'queued'", 1)
        .await;
    line.ground.clock.advance(Duration::from_mins(23 * 60 + 55));
    // Once somebody is answered who writes now, no round goes by the time before.
    line.text(RAVI, "wamid.3", now(&line), "hello").await;
    line.channel.made(2).await;
    line.channel.release();
    line.until(
        "select count(*) from outbox where reason = 'window_closed'",
        1,
    )
    .await;
    line.stop().await;
    assert_eq!(line.channel.texts(), ["first", "hello"]);
}

/// What Meta tells when somebody settles in WhatsApp whether they want marketing.
async fn settles(line: &Line, phone: &str, value: &str, at: i64) {
    let value = serde_json::json!({
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "919100000000", "phone_number_id": NUMBER},
        "contacts": [{"profile": {"name": "Asha"}, "wa_id": phone}],
        "user_preferences": [{"wa_id": phone, "detail": "User requested it", "value": value,
                              "category": "marketing_messages", "timestamp": at}],
    });
    let body = serde_json::json!({"object": "whatsapp_business_account", "entry": [
        {"id": "2", "time": at, "changes": [{"field": "user_preferences", "value": value}]}]});
    line.deliver(body.to_string().as_bytes()).await;
}

#[tokio::test]
async fn who_stops_marketing_in_whatsapp_gets_none_until_they_ask_for_it_again() {
    const OPTED: [&str; 2] = [
        "select count(*) from contacts where marketing_stopped_at >= coalesce(marketing_at, 0)",
        "select count(*) from contacts where marketing = 'opted_in'
            and (marketing_stopped_at is null or marketing_stopped_at < marketing_at)",
    ];
    let line = Line::start().await;
    let at = now(&line);
    line.text(ASHA, "wamid.1", at, "join").await;
    line.channel.made(1).await;
    line.until(OPTED[1], 1).await;
    settles(&line, ASHA, "stop", at + 10).await;
    assert_eq!(line.scalar(OPTED[0]).await, 1);
    let stops = "select count(*) from consents where given = 0 and source like 'whatsapp%'";
    assert_eq!(line.scalar(stops).await, 1);
    line.offer(ASHA, "an offer").await;
    line.until(
        "select count(*) from outbox where state = 'cancelled' and reason = 'no_marketing_consent'",
        1,
    )
    .await;
    // That they allow it again in WhatsApp is not what they asked us for.
    settles(&line, ASHA, "resume", at + 20).await;
    assert_eq!(line.scalar(OPTED[0]).await, 1);
    line.text(ASHA, "wamid.2", at + 30, "join").await;
    line.until(OPTED[1], 1).await;
    // From before they asked, however late it comes; and one that nobody knew.
    settles(&line, ASHA, "stop", at + 25).await;
    settles(&line, RAVI, "stop", at + 25).await;
    assert_eq!(line.scalar(OPTED[1]).await, 1);
    assert_eq!(line.scalar(OPTED[0]).await, 1);
    // What they asked for before they stopped it, read after it, and with more since.
    settles(&line, ASHA, "stop", at + 50).await;
    let both = [(45, "wamid.3", "join"), (55, "wamid.4", "hello")].map(|(after, wamid, text)| {
        serde_json::json!({"from": ASHA, "id": wamid, "timestamp": (at + after).to_string(),
                           "type": "text", "text": {"body": text}})
    });
    let value = serde_json::json!({
        "metadata": {"display_phone_number": "919100000000", "phone_number_id": NUMBER},
        "messages": both,
    });
    let body = serde_json::json!({"entry": [
        {"id": "2", "changes": [{"field": "messages", "value": value}]}]});
    line.deliver(body.to_string().as_bytes()).await;
    line.channel.made(4).await;
    assert_eq!(line.scalar(OPTED[0]).await, 2);
    line.stop().await;
    assert_eq!(line.channel.texts(), ["join", "join", "join", "hello"]);
}

#[tokio::test]
async fn marketing_is_stopped_on_the_phone_without_a_word_in_the_chat() {
    let app = TestApp::start().await;
    app.knows(ASHA, "Asha");
    for word in ["STOP", "START"] {
        app.asks(ASHA, word).await;
    }
    app.until(
        "select count(*) from contacts where marketing = 'opted_in'",
        1,
    )
    .await;
    let said = app.emulator.chat(ASHA).len();
    assert!(app.emulator.user_settles(ASHA, false).await);
    app.until(
        "select count(*) from contacts where marketing_stopped_at >= marketing_at",
        1,
    )
    .await;
    assert!(!app.emulator.user_settles("nobody", false).await);
    assert_eq!(app.emulator.chat(ASHA).len(), said);
    app.stop().await;
}
