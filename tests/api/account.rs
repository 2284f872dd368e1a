//! What Meta says of the account: obeyed in the order it happened, and never for good.

use std::time::Duration;

use serde_json::{Value, json};
use sipbrewery::id::AttentionId;
use sipbrewery::pipeline::{Intake, record_limits, way_back};
use sipbrewery::whatsapp::templates::Quality;
use sipbrewery::whatsapp::{DailyLimit, NumberLimits};

use crate::harness::line::{Fate, morning, now};
use crate::harness::{Line, TestApp};
use crate::templates::{approved, approves, due, enqueues, lists, tells, writes};

const ASHA: &str = "919000000000";
const ACCEPTED: &str = "select count(*) from outbox where is_template = 1 and state = 'accepted'";
const OPEN: &str = "select count(*) from attention where resolved_at is null";

fn disabled() -> Value {
    json!({"event": "DISABLED_UPDATE", "ban_info": {"waba_ban_state": "DISABLE"}})
}

fn reinstated() -> Value {
    json!({"event": "DISABLED_UPDATE", "ban_info": {"waba_ban_state": "REINSTATE"}})
}

/// Tells of something that happened to an account so many seconds ago.
async fn tells_late(line: &Line, account: &str, ago: i64, (field, value): (&str, Value)) {
    let body = json!({"object": "whatsapp_business_account", "entry": [{"id": account,
        "time": now(line) - ago, "changes": [{"field": field, "value": value}]}]});
    let taken = line.deliver(&serde_json::to_vec(&body).unwrap()).await;
    assert_eq!(taken, Intake::Stored);
}

#[tokio::test]
async fn news_that_comes_late_does_not_undo_what_happened_after_it() {
    let line = Line::at(morning()).await;
    writes(&line, ASHA).await;
    approves(&line).await;
    tells(&line, "account_update", reinstated()).await;
    tells_late(&line, "2", 60, ("account_update", disabled())).await;
    let limit = |most| {
        let value = json!({"max_daily_conversations_per_business": most});
        ("business_capability_update", value)
    };
    tells_late(&line, "2", 0, limit(2_000)).await;
    tells_late(&line, "2", 60, limit(1)).await;
    let status = |event| {
        let value = json!({"event": event, "message_template_id": 7,
            "message_template_name": "due", "message_template_language": "en"});
        ("message_template_status_update", value)
    };
    tells_late(&line, "2", 0, status("APPROVED")).await;
    tells_late(&line, "2", 60, status("REJECTED")).await;
    assert_eq!(line.scalar(OPEN).await, 0, "nobody is told of what is over");
    let limit = "select daily_limit from account_state where stopped is null";
    assert_eq!(line.scalar(limit).await, 2_000);
    line.leave("update contacts set last_inbound_at = 1").await;
    enqueues(&line, ASHA, due("en", "amount")).await;
    line.until(ACCEPTED, 1).await;
    line.stop().await;
}

#[tokio::test]
async fn a_person_lifts_a_stop_whose_end_meta_never_told() {
    let line = Line::at(morning()).await;
    writes(&line, ASHA).await;
    approves(&line).await;
    tells(&line, "account_update", disabled()).await;
    enqueues(&line, ASHA, due("en", "amount")).await;
    line.ground.clock.advance(Duration::from_hours(2));
    line.until(OPEN, 1).await;
    assert_eq!(line.scalar(ACCEPTED).await, 0);
    let shown = way_back::attention(&line.ground.db, false).await.unwrap();
    let id: AttentionId = shown[0].id.parse().unwrap();
    let done = way_back::resolve(&line.ground, id, way_back::Found::default(), "system:test").await;
    let way_back::PutBack::Done(said) = done.unwrap() else {
        panic!("it was open");
    };
    assert!(said.contains("messages go again"), "{said}");
    line.ground.clock.advance(Duration::from_secs(2));
    line.until(ACCEPTED, 1).await;
    // The same news once more, later than it was: it is old by now.
    tells_late(&line, "2", 2 * 3_600 + 60, ("account_update", disabled())).await;
    let stopped = "select count(*) from account_state where stopped is not null";
    assert_eq!(line.scalar(stopped).await, 0);
    line.stop().await;
}

#[tokio::test]
async fn a_stop_whose_time_is_over_is_taken_back_and_no_longer_shown() {
    let line = Line::at(morning()).await;
    let until = now(&line) + 3_600;
    let restricted = json!({"event": "ACCOUNT_RESTRICTION", "restriction_info": [
        {"restriction_type": "RESTRICTED_BIZ_INITIATED_MESSAGING", "expiration": until}]});
    tells(&line, "account_update", restricted).await;
    assert_eq!(line.scalar(OPEN).await, 1);
    line.ground.clock.advance(Duration::from_mins(61));
    line.ground.wakes.sender.wake();
    line.until(OPEN, 0).await;
    line.stop().await;
}

#[tokio::test]
async fn who_writes_is_answered_once_the_shorter_of_two_restrictions_is_over() {
    let line = Line::at(morning()).await;
    writes(&line, ASHA).await;
    approves(&line).await;
    let until = |hours: i64| now(&line) + hours * 3_600;
    let restricted = json!({"event": "ACCOUNT_RESTRICTION", "restriction_info": [
        {"restriction_type": "RESTRICTED_BIZ_INITIATED_MESSAGING", "expiration": until(3)},
        {"restriction_type": "RESTRICTED_CUSTOMER_INITIATED_MESSAGING", "expiration": until(1)}]});
    tells(&line, "account_update", restricted).await;
    line.leave("update contacts set last_inbound_at = 1").await;
    enqueues(&line, ASHA, due("en", "amount")).await;
    let answered = "select count(*) from outbox where is_template = 0 and state = 'accepted'";
    let before = line.scalar(answered).await;
    line.text("919000000001", "wamid.early", now(&line), "hello")
        .await;
    line.until("select count(*) from inbox where state = 'waiting'", 0)
        .await;
    line.ground.clock.advance(Duration::from_mins(61));
    line.ground.wakes.sender.wake();
    line.until(answered, before + 1).await;
    assert_eq!(line.scalar(ACCEPTED).await, 0, "nobody is written to first");
    assert_eq!(line.scalar(OPEN).await, 1, "and a person still sees it");
    line.ground.clock.advance(Duration::from_mins(121));
    line.ground.wakes.sender.wake();
    line.until(ACCEPTED, 1).await;
    line.until(OPEN, 0).await;
    line.stop().await;
}

#[tokio::test]
async fn news_of_another_account_or_number_is_kept_and_changes_nothing() {
    let line = Line::at(morning()).await;
    writes(&line, ASHA).await;
    tells_late(&line, "3", 0, ("account_update", disabled())).await;
    let upgraded = |number| {
        let value = json!({"event": "THROUGHPUT_UPGRADE", "display_phone_number": number});
        ("phone_number_quality_update", value)
    };
    tells_late(&line, "2", 0, upgraded("+91 91000 00001")).await;
    let kept = "select count(*) from inbox where field = 'other_number' and state = 'stored'";
    assert_eq!(line.scalar(kept).await, 2);
    let heard = "select count(*) from account_state";
    assert_eq!(line.scalar(heard).await, 0);
    assert_eq!(line.scalar(OPEN).await, 0);
    tells_late(&line, "2", 0, upgraded("+91 91000 00000")).await;
    assert_eq!(line.scalar(heard).await, 1, "our own is heard");
    line.stop().await;
}

#[tokio::test]
async fn a_person_hears_once_that_meta_holds_a_form_back_and_not_that_it_shows_it() {
    let line = Line::at(morning()).await;
    let told = "select count(*) from attention where kind = 'form'";
    let changed = |status: &str| {
        json!({"event": "FLOW_STATUS_CHANGE", "flow_id": "7", "old_status": "DRAFT",
            "new_status": status})
    };
    tells(&line, "flows", changed("PUBLISHED")).await;
    assert_eq!(line.scalar(told).await, 0);
    for rate in [14.28, 31.5] {
        let alert = json!({"event": "ENDPOINT_ERROR_RATE", "flow_id": "7", "error_rate": rate,
            "threshold": 10, "alert_state": "ACTIVATED"});
        tells(&line, "flows", alert).await;
        assert_eq!(line.scalar(told).await, 1, "{rate}");
    }
    tells(&line, "flows", changed("THROTTLED")).await;
    assert_eq!(line.scalar(told).await, 2);
    line.stop().await;
}

#[tokio::test]
async fn a_person_is_no_longer_told_once_the_opposite_is_heard() {
    let line = Line::at(morning()).await;
    approves(&line).await;
    let status = |event: &str| {
        json!({"event": event, "message_template_id": 7, "message_template_name": "due",
            "message_template_language": "en"})
    };
    for (field, bad, good) in [
        ("account_update", disabled(), reinstated()),
        (
            "message_template_status_update",
            status("REJECTED"),
            status("APPROVED"),
        ),
    ] {
        tells(&line, field, bad).await;
        assert_eq!(line.scalar(OPEN).await, 1, "{field}");
        tells(&line, field, good).await;
        assert_eq!(line.scalar(OPEN).await, 0, "{field}");
    }
    line.stop().await;
}

fn limit(most: u32) -> Value {
    json!({"max_daily_conversations_per_business": most})
}

/// Graph says that of the number, asked now.
async fn answers(line: &Line, daily: Option<DailyLimit>, quality: Quality, is_upgraded: bool) {
    let limits = NumberLimits {
        daily,
        is_upgraded,
        quality,
    };
    let input = (line.ground.clone(), limits);
    let recorded = line.ground.db.write(input, |conn, (ground, limits)| {
        let now = ground.clock.now();
        Box::pin(record_limits(conn, &ground.ids, limits, (now, now)))
    });
    recorded.await.unwrap();
}

#[tokio::test]
async fn a_number_that_nothing_was_told_of_has_the_limits_it_is_asked_for() {
    let app = TestApp::start().await;
    let asked = "select count(*) from account_state
                  where daily_limit = 2000 and per_second is null and quality = 'GREEN'";
    app.until(asked, 1).await;
    app.stop().await;
}

#[tokio::test]
async fn what_the_number_is_asked_for_counts_from_then_on_and_bad_quality_is_told_once() {
    let line = Line::at(morning()).await;
    let heard = "select daily_limit from account_state";
    tells_late(&line, "2", 60, ("business_capability_update", limit(1))).await;
    answers(&line, Some(DailyLimit::People(250)), Quality::Red, true).await;
    assert_eq!(line.scalar(heard).await, 250);
    let fast = "select count(*) from account_state where per_second = 1000";
    assert_eq!(line.scalar(fast).await, 1);
    let told = "select count(*) from attention where kind = 'number_quality'";
    assert_eq!(line.scalar(told).await, 1);
    // What a webhook says of the same second is not older.
    tells(&line, "business_capability_update", limit(2_000)).await;
    assert_eq!(line.scalar(heard).await, 2_000);

    // Still red, after a person has looked: they know.
    line.leave("update attention set resolved_at = 1").await;
    answers(&line, None, Quality::Red, false).await;
    assert_eq!(line.scalar(told).await, 1);
    assert_eq!(line.scalar(heard).await, 2_000, "what is not said stays");
    answers(&line, None, Quality::Green, false).await;
    answers(&line, None, Quality::Red, false).await;
    assert_eq!(line.scalar(told).await, 2);
    answers(&line, None, Quality::Yellow, false).await;
    assert_eq!(line.scalar(OPEN).await, 0);
    line.stop().await;
}

#[tokio::test]
async fn what_may_not_go_today_waits_until_somebody_is_no_longer_counted() {
    let line = Line::at(morning()).await;
    let people = [ASHA, "919000000001", "919000000002"];
    for phone in people {
        writes(&line, phone).await;
    }
    approves(&line).await;
    line.leave("update contacts set last_inbound_at = 1").await;
    tells(&line, "business_capability_update", limit(1)).await;
    for phone in people {
        enqueues(&line, phone, due("en", "amount")).await;
    }
    line.until(ACCEPTED, 1).await;
    line.until(HELD, 2).await;
    line.ground.clock.advance(Duration::from_mins(6));
    line.ground.wakes.sender.wake();
    let until_tomorrow = "select count(*) from outbox where reason = 'daily_limit' and due_at =
        (select min(sending_at) + 86400000 from outbox where writes_first = 1)";
    line.until(until_tomorrow, 2).await;
    // A higher limit lets them go at once.
    tells(&line, "business_capability_update", limit(250)).await;
    line.until(ACCEPTED, 3).await;
    line.until(OPEN, 0).await;
    line.stop().await;
}

const HELD: &str = "select count(*) from outbox where state = 'queued' and reason = 'daily_limit'";

#[tokio::test]
async fn who_writes_gets_what_the_daily_limit_kept_from_them() {
    let line = Line::at(morning()).await;
    let other = "919000000001";
    for phone in [ASHA, other] {
        writes(&line, phone).await;
    }
    approves(&line).await;
    line.leave("update contacts set last_inbound_at = 1").await;
    tells(&line, "business_capability_update", limit(1)).await;
    enqueues(&line, ASHA, due("en", "amount")).await;
    line.until(ACCEPTED, 1).await;
    enqueues(&line, other, due("en", "amount")).await;
    line.until(HELD, 1).await;
    line.text(other, "wamid.again", now(&line), "hello").await;
    line.until(ACCEPTED, 2).await;
    line.stop().await;
}

const STATUS: &str = "select count(*) from message_templates where status = 'REJECTED'";

#[tokio::test]
async fn a_list_that_is_older_than_what_was_heard_does_not_undo_it() {
    let line = Line::at(morning()).await;
    approves(&line).await;
    line.ground.clock.advance(Duration::from_secs(5));
    let asked = line.ground.clock.now();
    line.ground.clock.advance(Duration::from_secs(5));
    let rejected = json!({"event": "REJECTED", "message_template_id": 7,
        "message_template_name": "due", "message_template_language": "en"});
    tells(&line, "message_template_status_update", rejected).await;
    lists(&line, vec![approved()], asked).await;
    assert_eq!(line.scalar(STATUS).await, 1);
    assert_eq!(line.scalar(OPEN).await, 1);
    lists(&line, Vec::new(), line.ground.clock.now()).await;
    assert_eq!(line.scalar(STATUS).await, 1, "nothing is deleted");
    assert_eq!(line.scalar(OPEN).await, 2, "a person hears of it");
    lists(&line, vec![approved()], line.ground.clock.now()).await;
    assert_eq!(line.scalar(STATUS).await, 0);
    assert_eq!(line.scalar(OPEN).await, 0, "all is well again");
    line.stop().await;
}

#[tokio::test]
async fn a_late_refusal_does_not_make_a_disabled_template_a_paused_one() {
    let line = Line::at(morning()).await;
    writes(&line, ASHA).await;
    approves(&line).await;
    let words = due("en", "amount").words;
    line.channel.fate(&words, Fate::PausedOnceReleased);
    enqueues(&line, ASHA, due("en", "amount")).await;
    line.channel.made(2).await;
    let disabled = json!({"event": "DISABLED", "message_template_id": 7,
        "message_template_name": "due", "message_template_language": "en"});
    tells(&line, "message_template_status_update", disabled).await;
    line.channel.release();
    line.until("select count(*) from outbox where code = 132015", 1)
        .await;
    let disabled = "select count(*) from message_templates where status = 'DISABLED'";
    assert_eq!(line.scalar(disabled).await, 1);
    line.stop().await;
}

#[tokio::test]
async fn a_template_that_is_refused_after_its_pause_is_not_sent_again() {
    let line = Line::at(morning()).await;
    writes(&line, ASHA).await;
    approves(&line).await;
    let paused = json!({"event": "PAUSED", "message_template_id": 7,
        "message_template_name": "due", "message_template_language": "en",
        "other_info": {"title": "FIRST_PAUSE"}});
    tells(&line, "message_template_status_update", paused).await;
    let until = "select count(*) from message_templates
                  where status = 'PAUSED' and paused_until is not null";
    assert_eq!(line.scalar(until).await, 1);
    line.ground.clock.advance(Duration::from_hours(4));
    line.channel
        .fate(&due("en", "amount").words, Fate::Code(132_015));
    enqueues(&line, ASHA, due("en", "amount")).await;
    line.until("select count(*) from outbox where code = 132015", 1)
        .await;
    enqueues(&line, ASHA, due("en", "amount")).await;
    let kept = "select count(*) from outbox where reason = 'template_paused'";
    line.until(kept, 1).await;
    line.stop().await;
    assert_eq!(line.channel.texts().len(), 2);
}
