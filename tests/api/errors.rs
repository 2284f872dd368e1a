//! What Meta's errors mean for the message they name, and for those after it.

use std::time::Duration;

use serde_json::{Value, json};
use sipbrewery::pipeline::is_out_of_reach;
use sipbrewery::whatsapp::Outgoing;

use crate::harness::Line;
use crate::harness::line::{Fate, morning, now};
use crate::harness::webhook::status;
use crate::templates::{approves, due, enqueues, tells, writes};

const ASHA: &str = "919000000000";
const RAVI: &str = "919000000001";
const MEERA: &str = "919000000002";
const ACCEPTED: &str = "select count(*) from outbox where state = 'accepted'";
const POLICY: &str = "select count(*) from attention where kind = 'policy' and resolved_at is null";
const WAITING: &str = "select count(*) from outbox where state = 'queued' and due_at > created_at";

#[tokio::test]
async fn what_meta_does_not_take_for_a_while_holds_up_nothing_after_it() {
    let line = Line::at(morning()).await;
    // In ten minutes.
    line.channel.fate("first", Fate::Code(134_101));
    line.text(ASHA, "wamid.1", now(&line), "first").await;
    line.until(WAITING, 1).await;
    line.text(ASHA, "wamid.2", now(&line), "second").await;
    line.channel.made(2).await;
    let body = "third".to_owned();
    let later = line.ground.clock.now() + Duration::from_hours(1);
    line.send(ASHA, Outgoing::Text { body }, later).await;
    line.channel.made(3).await;
    assert_eq!(line.channel.texts(), ["first", "second", "third"]);
    assert_eq!(line.scalar(WAITING).await, 1);
    // What certainly was not sent is not given up for those that passed it.
    line.channel.fate("first", Fate::Accept);
    line.ground.clock.advance(Duration::from_mins(11));
    line.ground.wakes.sender.wake();
    line.channel.made(4).await;
    line.stop().await;
    assert_eq!(line.channel.texts().last().unwrap(), "first");
}

#[tokio::test]
async fn what_meta_does_not_take_three_times_fails_by_name() {
    let line = Line::at(morning()).await;
    line.channel.fate("paper", Fate::Code(131_053));
    line.text(ASHA, "wamid.1", now(&line), "paper").await;
    for tries in 1..3 {
        line.channel.made(tries).await;
        line.until(WAITING, 1).await;
        line.ground.clock.advance(Duration::from_secs(5));
        line.ground.wakes.sender.wake();
    }
    let failed = "select count(*) from outbox
                   where state = 'failed' and code = 131053 and attempts = 3";
    line.until(failed, 1).await;
    line.stop().await;
    assert_eq!(line.channel.texts().len(), 3);
}

#[tokio::test]
async fn while_meta_is_not_well_a_message_waits_and_those_after_it_behind_it() {
    let line = Line::at(morning()).await;
    line.channel.fate("first", Fate::NotWell);
    line.text(ASHA, "wamid.1", now(&line), "first").await;
    for tries in 1..6 {
        line.channel.made(tries).await;
        line.until("select count(*) from outbox where state = 'queued'", 1)
            .await;
        line.ground.clock.advance(Duration::from_mins(1));
        line.ground.wakes.sender.wake();
    }
    line.channel.made(6).await;
    line.text(ASHA, "wamid.2", now(&line), "second").await;
    line.until("select count(*) from outbox where state = 'queued'", 2)
        .await;
    line.stop().await;
    assert!(line.channel.texts().iter().all(|text| text == "first"));
}

#[tokio::test]
async fn the_first_refusal_of_its_own_after_an_outage_ends_no_message() {
    let line = Line::at(morning()).await;
    line.channel.fate("paper", Fate::NotWell);
    line.text(ASHA, "wamid.1", now(&line), "paper").await;
    for tries in 1..6 {
        line.channel.made(tries).await;
        line.until("select count(*) from outbox where state = 'queued'", 1)
            .await;
        if tries == 4 {
            line.channel.fate("paper", Fate::Code(131_053));
        }
        line.ground.clock.advance(Duration::from_mins(1));
        line.ground.wakes.sender.wake();
    }
    let failed = "select count(*) from outbox where state = 'failed' and attempts = 6";
    line.until(failed, 1).await;
    line.stop().await;
}

/// Returns a status webhook of a message that failed.
fn failed(wamid: &str, code: i64, at: i64) -> Vec<u8> {
    let mut body: Value = serde_json::from_slice(&status(wamid, "failed", None, at)).unwrap();
    let told = body
        .pointer_mut("/entry/0/changes/0/value/statuses/0")
        .unwrap();
    told["errors"] = json!([{"code": code, "title": "no"}]);
    serde_json::to_vec(&body).unwrap()
}

#[tokio::test]
async fn what_only_a_person_can_put_right_is_shown_whether_meta_says_it_at_once_or_later() {
    for code in [131_042, 131_031, 132_007] {
        for at_once in [true, false] {
            let line = Line::at(morning()).await;
            if at_once {
                line.channel.fate("first", Fate::Code(code));
            }
            line.text(ASHA, "wamid.1", now(&line), "first").await;
            line.channel.made(1).await;
            if !at_once {
                line.until(ACCEPTED, 1).await;
                line.deliver(&failed("wamid.out.1", code, now(&line))).await;
            }
            line.until(POLICY, 1).await;
            line.stop().await;
        }
    }
}

const UNPAID: i64 = 131_042;

/// Has a message go that Meta takes and fails a moment later, the `nth` that goes.
async fn fails_late(line: &Line, nth: usize) {
    line.text(ASHA, &format!("wamid.{nth}"), now(line), "more")
        .await;
    line.channel.made(nth).await;
    line.until(ACCEPTED, 1).await;
    let told = failed(&format!("wamid.out.{nth}"), UNPAID, now(line));
    line.deliver(&told).await;
    let failing = "select count(*) from outbox where code = 131042";
    line.until(failing, i64::try_from(nth).unwrap()).await;
}

#[tokio::test]
async fn an_unpaid_bill_that_a_status_tells_of_has_every_process_rest_ever_longer() {
    let line = Line::at(morning()).await;
    let until = "select coalesce(max(refused_until), 0) / 1000 from account_state";
    let mut pauses = Vec::new();
    for (nth, later) in [(1, 31), (2, 240), (3, 3_600)] {
        fails_late(&line, nth).await;
        pauses.push(line.scalar(until).await - now(&line));
        line.ground.clock.advance(Duration::from_secs(later));
    }
    assert_eq!(pauses, [30, 31, 271], "as long as a person has known of it");
    fails_late(&line, 4).await;
    assert_eq!(line.scalar(until).await, now(&line) + 900);
    line.text(ASHA, "wamid.waits", now(&line), "waits").await;
    line.until("select count(*) from outbox where state = 'queued'", 1)
        .await;
    line.ground.clock.advance(Duration::from_secs(899));
    line.ground.wakes.sender.wake();
    line.leave("update attention set detail = 'asked'").await;
    assert_eq!(line.channel.texts().len(), 4);
    line.ground.clock.advance(Duration::from_secs(2));
    line.ground.wakes.sender.wake();
    line.channel.made(5).await;
    line.stop().await;
}

const WINDOW_CLOSED: &str =
    "select count(*) from attention where kind = 'window_closed' and resolved_at is null";

#[tokio::test]
async fn an_answer_that_meta_takes_for_too_late_waits_until_they_write() {
    let line = Line::at(morning()).await;
    line.channel.fate("first", Fate::Code(131_047));
    line.text(ASHA, "wamid.1", now(&line), "first").await;
    let held = "select count(*) from outbox where state = 'queued' and reason = 'window_closed'";
    line.until(held, 1).await;
    assert_eq!(line.scalar(WINDOW_CLOSED).await, 1);
    line.ground.clock.advance(Duration::from_mins(6));
    line.ground.wakes.sender.wake();
    let looked_at = "select count(*) from outbox where due_at > created_at + 600000";
    line.until(looked_at, 1).await;
    assert_eq!(line.channel.texts(), ["first"]);
    line.channel.fate("first", Fate::Accept);
    line.text(ASHA, "wamid.2", now(&line), "second").await;
    line.until(ACCEPTED, 2).await;
    line.stop().await;
    assert_eq!(line.channel.texts(), ["first", "first", "second"]);
}

#[tokio::test]
async fn an_answer_that_a_status_says_came_too_late_is_shown_to_a_person_and_a_template_is_not() {
    let line = Line::at(morning()).await;
    writes(&line, ASHA).await;
    approves(&line).await;
    enqueues(&line, ASHA, due("en", "amount")).await;
    line.until(ACCEPTED, 2).await;
    let failing = "select count(*) from outbox where state = 'failed' and code = 131047";
    for (wamid, count) in [("wamid.out.2", 0), ("wamid.out.1", 1)] {
        line.deliver(&failed(wamid, 131_047, now(&line))).await;
        line.until(failing, count + 1).await;
        assert_eq!(line.scalar(WINDOW_CLOSED).await, count);
    }
    line.stop().await;
}

const STOPPED: &str =
    "select count(*) from attention where kind = 'account_stopped' and resolved_at is null";

#[tokio::test]
async fn when_meta_asks_to_slow_down_nobody_is_written_to_first_for_a_while_and_nothing_is_lost() {
    let line = Line::at(morning()).await;
    for phone in [ASHA, RAVI] {
        writes(&line, phone).await;
    }
    approves(&line).await;
    line.leave("update contacts set last_inbound_at = 1").await;
    let words = due("en", "amount").words;
    line.channel.fate(&words, Fate::Code(131_048));
    enqueues(&line, ASHA, due("en", "amount")).await;
    line.until(STOPPED, 1).await;
    enqueues(&line, RAVI, due("en", "amount")).await;
    let held = "select count(*) from outbox where state = 'queued'
                 and reason = 'account_stopped' and due_at > created_at";
    line.until(held, 2).await;
    assert_eq!(line.channel.texts().len(), 3, "one of the two was tried");

    line.text(MEERA, "wamid.1", now(&line), "hello").await;
    line.until(ACCEPTED, 3).await;
    line.channel.fate(&words, Fate::Accept);
    line.ground.clock.advance(Duration::from_mins(6 * 60 + 1));
    line.ground.wakes.sender.wake();
    line.until(ACCEPTED, 5).await;
    assert_eq!(line.scalar(STOPPED).await, 0);
    line.stop().await;
}

#[tokio::test]
async fn an_answer_that_is_to_slow_down_holds_up_none_after_it() {
    let line = Line::at(morning()).await;
    line.channel.fate("first", Fate::Code(131_048));
    line.text(ASHA, "wamid.1", now(&line), "first").await;
    line.until(WAITING, 1).await;
    line.send(
        ASHA,
        Outgoing::Text {
            body: "second".to_owned(),
        },
        line.ground.clock.now() + Duration::from_hours(1),
    )
    .await;
    line.until(ACCEPTED, 1).await;
    line.stop().await;
    assert_eq!(line.channel.texts(), ["first", "second"]);
}

#[tokio::test]
async fn a_status_that_asks_to_slow_down_is_obeyed_and_undoes_no_stop_of_metas() {
    let line = Line::at(morning()).await;
    for (wamid, text) in [("wamid.1", "first"), ("wamid.2", "second")] {
        line.text(ASHA, wamid, now(&line), text).await;
    }
    line.until(ACCEPTED, 2).await;
    line.deliver(&failed("wamid.out.1", 131_064, now(&line)))
        .await;
    let first = "select count(*) from account_state where slowed = 'graph error 131064'";
    line.until(first, 1).await;
    let disabled = json!({"event": "DISABLED_UPDATE", "ban_info": {"waba_ban_state": "DISABLE"}});
    tells(&line, "account_update", disabled).await;
    line.deliver(&failed("wamid.out.2", 131_048, now(&line)))
        .await;
    line.until("select count(*) from outbox where code = 131048", 1)
        .await;
    let whole = "select count(*) from account_state where stopped is not null and first_only = 0";
    assert_eq!(line.scalar(whole).await, 1);
    line.stop().await;
}

#[tokio::test]
async fn a_stop_and_a_slow_down_hold_beside_each_other_and_neither_ends_the_other() {
    const SPAM: i64 = 131_048;
    for codes in [[SPAM, UNPAID], [UNPAID, SPAM]] {
        let line = Line::at(morning()).await;
        for (wamid, text) in [("wamid.1", "first"), ("wamid.2", "second")] {
            line.text(ASHA, wamid, now(&line), text).await;
        }
        line.until(ACCEPTED, 2).await;
        for (wamid, code) in ["wamid.out.1", "wamid.out.2"].into_iter().zip(codes) {
            line.deliver(&failed(wamid, code, now(&line))).await;
        }
        let both = "select count(*) from account_state
                     where refused_until - updated_at between 1 and 30000
                       and slowed_until - updated_at between 1 and 21600000";
        line.until(both, 1).await;
        assert_eq!(
            line.scalar(STOPPED).await,
            1,
            "a person knows of the slow-down"
        );

        line.text(ASHA, "wamid.3", now(&line), "third").await;
        line.until("select count(*) from outbox where state = 'queued'", 1)
            .await;
        line.ground.clock.advance(Duration::from_secs(31));
        line.ground.wakes.sender.wake();
        line.until(ACCEPTED, 1).await;
        let slowed =
            "select count(*) from account_state where slowed is not null and refused is null";
        assert_eq!(line.scalar(slowed).await, 1);
        assert_eq!(line.scalar(STOPPED).await, 1);
        line.stop().await;
    }
}

#[tokio::test]
async fn whom_meta_does_not_reach_three_times_is_shown_to_a_person_once_and_reached_if_they_write()
{
    let line = Line::at(morning()).await;
    writes(&line, ASHA).await;
    approves(&line).await;
    line.leave("update contacts set last_inbound_at = 1").await;
    line.channel.fate(&due("en", "amount").words, Fate::Refuse);
    let failed = "select count(*) from outbox where state = 'failed' and code = 131026";
    let told = "select count(*) from attention where kind = 'out_of_reach'";
    for sent in 1..=4 {
        enqueues(&line, ASHA, due("en", "amount")).await;
        line.until(failed, sent).await;
        assert_eq!(line.scalar(told).await, i64::from(sent > 2), "{sent}");
    }
    assert!(out_of_reach(&line).await);
    line.ground.clock.advance(Duration::from_secs(2));
    line.text(ASHA, "wamid.again", now(&line), "hello").await;
    assert!(!out_of_reach(&line).await);
    line.stop().await;
}

async fn out_of_reach(line: &Line) -> bool {
    let contact = line.contact(ASHA).await;
    let mut conn = line.ground.db.read().await.unwrap();
    let asked = is_out_of_reach(&mut conn, contact, line.ground.clock.now()).await;
    asked.unwrap()
}
