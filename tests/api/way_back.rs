//! P10: what was set aside, given up or refused comes back, once, by command, while the
//! service runs.

use std::sync::Arc;

use sipbrewery::clock::Clock;
use sipbrewery::id::{AttentionId, InboxId, JobId, OutboxId};
use sipbrewery::pipeline::way_back::{self, Found, PutBack};
use sipbrewery::security::{MasterKeys, Place};
use std::time::Duration;

use crate::harness::line::{morning, now};
use crate::harness::network::NUMBER;
use crate::harness::webhook::{status, text};
use crate::harness::{Fate, Line, TestApp, TestDatabase};

const ASHA: &str = "919000000000";
const BY: &str = "operator";

async fn only<I: std::str::FromStr>(line: &Line, sql: &'static str) -> I {
    let mut conn = line.ground.db.read().await.unwrap();
    let id: String = sqlx::query_scalar(sql).fetch_one(&mut *conn).await.unwrap();
    id.parse().ok().expect("an id of that kind")
}

fn is_done(done: &PutBack) -> bool {
    matches!(done, PutBack::Done(_))
}

async fn audited(line: &Line, action: &'static str) -> i64 {
    let mut conn = line.ground.db.read().await.unwrap();
    sqlx::query_scalar("select count(*) from audit where action = $1 and actor = 'operator'")
        .bind(action)
        .fetch_one(&mut *conn)
        .await
        .unwrap()
}

#[tokio::test]
async fn a_parked_message_that_is_put_back_is_answered_once() {
    let database = Arc::new(TestDatabase::create().await);
    let key = MasterKeys::generate();
    let first = Line::on(Arc::clone(&database), key.clone(), Clock::system()).await;
    first.stop().await;
    first.text(ASHA, "wamid.1", now(&first), "poison").await;
    // As processes leave it that died while they ran it.
    first
        .leave("update inbox set attempts = 4, alone = 3")
        .await;
    first
        .leave("update contacts set lease_until = 1, lease_owner = 'dead'")
        .await;
    first.ground.db.close().await;
    let line = Line::on(database, key, Clock::system()).await;
    line.channel.made(1).await;
    line.until("select count(*) from inbox where state = 'parked'", 1)
        .await;
    let id: InboxId = only(&line, "select id from inbox").await;
    let listed = way_back::set_aside(&line.ground.db).await.unwrap();
    assert_eq!(listed[0].id, id.to_string());
    assert_eq!(listed[0].why.as_deref(), Some("ended the process"));

    let twice = futures::future::join_all(
        (0..2).map(|_| way_back::retry_event(&line.ground, (NUMBER, "2"), id, BY)),
    );
    let back: Vec<_> = twice.await.into_iter().map(Result::unwrap).collect();
    assert_eq!(
        back.iter().filter(|one| is_done(one)).count(),
        1,
        "{back:?}"
    );
    line.channel.made(2).await;
    line.until("select count(*) from inbox where outcome = 'answered'", 1)
        .await;
    let again = way_back::retry_event(&line.ground, (NUMBER, "2"), id, BY).await;
    assert!(matches!(again.unwrap(), PutBack::Already(_)));
    line.stop().await;
    assert_eq!(line.channel.texts(), ["sorry", "poison"]);
    assert_eq!(audited(&line, "event_retried").await, 1);
    assert_eq!(line.scalar("select waiting from contacts").await, 0);
}

#[tokio::test]
async fn a_put_back_message_that_ends_the_process_again_is_parked_again() {
    let database = Arc::new(TestDatabase::create().await);
    let key = MasterKeys::generate();
    let first = Line::on(Arc::clone(&database), key.clone(), Clock::system()).await;
    first.stop().await;
    first.text(ASHA, "wamid.1", now(&first), "poison").await;
    first
        .leave("update inbox set state = 'parked', attempts = 5, alone = 4")
        .await;
    first
        .leave("update contacts set waiting = 0, lease_until = 0")
        .await;
    let id: InboxId = only(&first, "select id from inbox").await;
    let back = way_back::retry_event(&first.ground, (NUMBER, "2"), id, BY).await;
    assert!(is_done(&back.unwrap()));
    // It is a suspect from the start, and this is its one more try that ended badly.
    assert_eq!(
        first.scalar("select lease_until from contacts").await,
        1,
        "it runs alone"
    );
    first.leave("update inbox set alone = alone + 1").await;
    first.ground.db.close().await;
    let second = Line::on(database, key, Clock::system()).await;
    second.channel.made(1).await;
    second
        .until("select count(*) from inbox where state = 'parked'", 1)
        .await;
    second.stop().await;
    assert_eq!(second.channel.texts(), ["sorry"]);
}

#[tokio::test]
async fn a_parked_message_whose_words_are_gone_is_not_put_back() {
    let line = Line::start().await;
    line.stop().await;
    line.text(ASHA, "wamid.1", now(&line), "hi").await;
    line.leave("update inbox set state = 'parked', payload = null")
        .await;
    line.leave("update contacts set waiting = 0").await;
    let id: InboxId = only(&line, "select id from inbox").await;
    let back = way_back::retry_event(&line.ground, (NUMBER, "2"), id, BY).await;
    assert!(matches!(back.unwrap(), PutBack::Impossible(_)));
    assert_eq!(line.scalar("select waiting from contacts").await, 0);
}

#[tokio::test]
async fn quarantined_bytes_are_read_with_todays_parser_and_take_effect_once() {
    let line = Line::start().await;
    line.deliver(b"{\"object\":").await;
    let id: InboxId = only(&line, "select id from inbox").await;
    let still = way_back::retry_event(&line.ground, (NUMBER, "2"), id, BY).await;
    assert!(matches!(still.unwrap(), PutBack::Impossible(_)));
    assert_eq!(audited(&line, "event_retried").await, 0);

    // The same row, as an older build would have left it that could not read this yet.
    let body = text(ASHA, "wamid.1", now(&line), "hi");
    let row = id.to_string();
    let place = Place {
        table: "inbox",
        column: "payload",
        row: &row,
    };
    let sealed = line.ground.keys.ingest().seal(place, &body);
    let written = line.ground.db.write(sealed, |conn, sealed| {
        Box::pin(async move {
            sqlx::query("update inbox set payload = $1")
                .bind(sealed)
                .execute(conn)
                .await?;
            Ok(())
        })
    });
    written.await.unwrap();
    let back = way_back::retry_event(&line.ground, (NUMBER, "2"), id, BY).await;
    assert!(is_done(&back.unwrap()));
    line.channel.made(1).await;
    let again = way_back::retry_event(&line.ground, (NUMBER, "2"), id, BY).await;
    assert!(matches!(again.unwrap(), PutBack::Already(_)));
    // Meta may still send it, and it counts as seen.
    line.deliver(&body).await;
    line.text(ASHA, "wamid.2", now(&line), "next").await;
    line.channel.made(2).await;
    line.stop().await;
    assert_eq!(line.channel.texts(), ["hi", "next"]);
    assert_eq!(audited(&line, "event_retried").await, 1);
    assert_eq!(
        line.scalar("select count(*) from inbox where state = 'quarantined'")
            .await,
        0
    );
}

#[tokio::test]
async fn an_element_that_could_not_be_read_is_kept_so_that_it_can_be_put_back_by_itself() {
    let line = Line::start().await;
    let body = String::from_utf8(text(ASHA, "wamid.1", now(&line), "hi")).unwrap();
    let broken = body.replace("\"messages\":[", "\"messages\":[{\"id\":7},");
    assert_ne!(body, broken);
    line.deliver(broken.as_bytes()).await;
    line.channel.made(1).await;
    let id: InboxId = only(&line, "select id from inbox where state = 'quarantined'").await;
    let found = way_back::look_at_event(&line.ground, id, BY).await.unwrap();
    let (_, bytes) = found.expect("it is there");
    let kept: serde_json::Value = serde_json::from_slice(&bytes).expect("a body");
    let value = &kept["entry"][0]["changes"][0]["value"];
    assert_eq!(value["messages"], serde_json::json!([{"id": 7}]));
    assert_eq!(value["metadata"]["phone_number_id"], NUMBER);
    assert_eq!(audited(&line, "event_read").await, 1);
    line.stop().await;
}

#[tokio::test]
async fn everything_that_is_set_aside_is_put_back_and_what_is_beyond_help_stops_nothing() {
    let app = TestApp::start().await;
    app.asks(ASHA, "hi").await;
    app.until("select count(*) from inbox where outcome = 'answered'", 1)
        .await;
    // Older than the parked message: more than a page that nobody can read, one of them sealed
    // with a key that is gone.
    let aside = app.app.ground.db.write((), |conn, ()| {
        Box::pin(async move {
            sqlx::query("update inbox set state = 'parked' where outcome = 'answered'")
                .execute(&mut *conn)
                .await?;
            for at in 1..=201_i64 {
                sqlx::query(
                    "insert into inbox (id, kind, sent_at, received_at, payload, trace, state)
                     values ($1, 'unreadable', $2, $2, $3, 't', 'quarantined')",
                )
                .bind(format!("in_018bcfe568c07c5ba3d5f0e1{at:08x}"))
                .bind(at)
                .bind((at == 1).then(|| b"sealed otherwise".to_vec()))
                .execute(&mut *conn)
                .await?;
            }
            Ok(())
        })
    });
    aside.await.unwrap();
    let (ok, said) = app.operator("inbox list").await;
    let first = said.lines().next().unwrap_or_default();
    assert!(ok && first.contains("parked"), "{first}");
    assert!(said.contains("202 are set aside"), "{said}");
    let (ok, said) = app.operator("inbox retry --all").await;
    assert!(!ok && said.contains("waits for its turn again"), "{said}");
    for last in [1, 201] {
        let id = format!("in_018bcfe568c07c5ba3d5f0e1{last:08x}");
        assert!(said.contains(&id), "{id}: {said}");
    }
    app.next_reply(ASHA).await;

    let id = "in_018bcfe568c07c5ba3d5f0e100000001";
    let (ok, said) = app.operator(&format!("inbox dismiss {id}")).await;
    assert!(ok && said.contains("nothing comes of it"), "{said}");
    let (ok, said) = app.operator(&format!("inbox dismiss {id}")).await;
    assert!(ok && said.contains("nothing to do"), "{said}");
    let left = "select count(*) from inbox where state = 'quarantined'";
    assert_eq!(app.scalar(left).await, 200);
    let deed = "select count(*) from audit where action = 'event_dismissed'";
    assert_eq!(app.scalar(deed).await, 1);
    app.stop().await;
}

#[tokio::test]
async fn whoever_waits_for_a_person_is_listed_before_sends_whose_fate_nobody_knows() {
    let app = TestApp::start().await;
    let many = app.app.ground.db.write((), |conn, ()| {
        Box::pin(async move {
            for at in 1..=300_i64 {
                sqlx::query(
                    "insert into attention (id, kind, subject, detail, opened_at)
                     values ($1, 'unknown_outcome', $1, 'sent or not', $2)",
                )
                .bind(format!("att_018bcfe568c07c5ba3d5f0e1{at:08x}"))
                .bind(at)
                .execute(&mut *conn)
                .await?;
            }
            Ok(())
        })
    });
    many.await.unwrap();
    app.asks(ASHA, "talk to a person").await;
    let (ok, said) = app.operator("attention list").await;
    let first = said.lines().next().unwrap_or_default();
    assert!(ok && first.contains("handoff"), "{first}");
    let all = "301 in all (handoff 1, unknown_outcome 300); 101 of them are not shown";
    assert!(said.contains(all), "{said}");
    let (ok, said) = app.operator("attention list --kind handoff").await;
    assert!(ok && !said.contains("unknown_outcome"), "{said}");
    assert!(!said.contains("not shown"), "{said}");
    app.stop().await;
}

#[tokio::test]
async fn what_was_not_sent_after_all_is_listed_with_the_reason() {
    let line = Line::start().await;
    line.text(ASHA, "wamid.1", now(&line), "hi").await;
    line.channel.made(1).await;
    line.until("select count(*) from outbox where state = 'accepted'", 1)
        .await;
    line.leave("update outbox set state = 'cancelled', reason = 'window_closed'")
        .await;
    let refused = way_back::refused(&line.ground.db).await.unwrap();
    assert_eq!(refused[0].why.as_deref(), Some("window_closed"));
    line.leave("update outbox set reason = 'nothing_waits'")
        .await;
    assert!(way_back::refused(&line.ground.db).await.unwrap().is_empty());
    line.stop().await;
}

#[tokio::test]
async fn what_failed_is_listed_before_whatever_was_cancelled_since() {
    let app = TestApp::start().await;
    app.asks(ASHA, "hi").await;
    let many = app.app.ground.db.write((), |conn, ()| {
        Box::pin(async move {
            for at in 0..=250_i64 {
                sqlx::query(
                    "insert into outbox (id, contact_id, trace, lane, purpose, owner_epoch, state,
                                         reason, due_at, expires_at, created_at, failed_at)
                     values ($1, (select id from contacts order by id limit 1), 't', 'utility',
                             'chat', 0, $2, 'so it was', $3, $3, $3, $3)",
                )
                .bind(format!("out_018bcfe568c07c5ba3d5f0e1{at:08x}"))
                .bind(if at == 0 { "failed" } else { "cancelled" })
                .bind(at)
                .execute(&mut *conn)
                .await?;
            }
            Ok(())
        })
    });
    many.await.unwrap();
    let (ok, said) = app.operator("outbox list").await;
    let first = said.lines().next().unwrap_or_default();
    assert!(ok && first.contains("failed"), "{first}");
    let all = "251 in all (failed 1, cancelled 250); 50 of them are older and not shown";
    assert!(said.contains(all), "{said}");
    app.stop().await;
}

#[tokio::test]
async fn a_dead_job_that_is_put_back_waits_for_its_first_try() {
    let line = Line::start().await;
    line.leave(
        "insert into jobs (id, kind, unique_key, run_at, state, attempts, last_error, created_at, finished_at)
         values ('job_018bcfe568c07c5ba3d5f0e1c2b3a495', 'k', 'k', 1, 'dead', 10, 'no', 1, 2)",
    )
    .await;
    line.leave(
        "insert into attention (id, kind, subject, detail, opened_at)
         values ('att_018bcfe568c07c5ba3d5f0e1c2b3a495', 'dead_job', 'job_018bcfe568c07c5ba3d5f0e1c2b3a495', 'no', 1)",
    )
    .await;
    let dead = way_back::dead_jobs(&line.ground.db).await.unwrap();
    let id: JobId = dead[0].id.parse().unwrap();
    let back = way_back::retry_job(&line.ground, id, BY).await;
    assert!(is_done(&back.unwrap()));
    let again = way_back::retry_job(&line.ground, id, BY).await;
    assert!(matches!(again.unwrap(), PutBack::Already(_)));
    assert_eq!(
        line.scalar("select count(*) from jobs where state = 'waiting' and attempts = 0")
            .await,
        1
    );
    let open = way_back::attention(&line.ground.db, false).await.unwrap();
    assert!(open.is_empty(), "{open:?}");
    assert_eq!(audited(&line, "job_retried").await, 1);
    line.stop().await;
}

#[tokio::test]
async fn a_refused_message_that_is_put_back_goes_out_once_as_a_new_one() {
    let line = Line::start().await;
    line.channel.fate("hi", Fate::Refuse);
    line.text(ASHA, "wamid.1", now(&line), "hi").await;
    let callback = line.channel.made(1).await[0].callback.clone();
    line.until("select count(*) from outbox where state = 'failed'", 1)
        .await;
    let refused = way_back::refused(&line.ground.db).await.unwrap();
    assert_eq!(refused[0].code, Some(131_026));
    let id: OutboxId = refused[0].id.parse().unwrap();
    line.channel.fate("hi", Fate::Accept);
    let twice =
        futures::future::join_all((0..2).map(|_| way_back::retry_message(&line.ground, id, BY)));
    let back: Vec<_> = twice.await.into_iter().map(Result::unwrap).collect();
    assert_eq!(
        back.iter().filter(|one| is_done(one)).count(),
        1,
        "{back:?}"
    );
    line.channel.made(2).await;
    line.until("select count(*) from outbox where state = 'accepted'", 1)
        .await;
    // What comes late about the first says nothing about the second.
    line.deliver(&status("wamid.late", "failed", Some(&callback), now(&line)))
        .await;
    line.stop().await;
    assert_eq!(line.channel.texts(), ["hi", "hi"]);
    assert_eq!(
        line.scalar("select count(*) from outbox where state = 'accepted'")
            .await,
        1
    );
    assert!(way_back::refused(&line.ground.db).await.unwrap().is_empty());
    assert_eq!(audited(&line, "message_retried").await, 1);
}

#[tokio::test]
async fn what_the_bot_said_is_not_said_again_beside_a_person_or_to_a_number_in_doubt() {
    let line = Line::start().await;
    line.channel.fate("hi", Fate::Refuse);
    line.text(ASHA, "wamid.1", now(&line), "hi").await;
    line.until("select count(*) from outbox where state = 'failed'", 1)
        .await;
    let id: OutboxId = only(&line, "select id from outbox").await;
    for (so, what_to_do) in [
        ("update contacts set owner = 'human'", "release con_"),
        (
            "update contacts set owner = 'bot', unverified_since = 1",
            "attention list",
        ),
    ] {
        line.leave(so).await;
        let back = way_back::retry_message(&line.ground, id, BY).await.unwrap();
        let PutBack::Impossible(why) = back else {
            panic!("{so}: {back:?}");
        };
        assert!(why.contains(what_to_do), "{why}");
    }
    line.leave("update contacts set unverified_since = null")
        .await;
    let back = way_back::retry_message(&line.ground, id, BY).await.unwrap();
    assert!(is_done(&back), "{back:?}");
    line.stop().await;
}

/// A chat line that got lost twice and was put before a person.
async fn shown_to_a_person() -> (Line, OutboxId, AttentionId) {
    let line = Line::at(morning()).await;
    line.channel.fate("lost", Fate::Lose);
    line.text(ASHA, "wamid.1", now(&line), "lost").await;
    line.channel.made(1).await;
    line.until("select count(*) from outbox where state = 'unknown'", 1)
        .await;
    line.ground.clock.advance(Duration::from_secs(91));
    line.ground.wakes.sender.wake();
    line.channel.made(2).await;
    line.until(
        "select count(*) from outbox where state = 'unknown' and attempts = 2",
        1,
    )
    .await;
    let id = only(&line, "select id from outbox").await;
    let early = way_back::retry_message(&line.ground, id, BY).await.unwrap();
    assert!(
        matches!(early, PutBack::Already(_)),
        "its echo is still waited for: {early:?}"
    );
    line.ground.clock.advance(Duration::from_mins(16));
    line.ground.wakes.sender.wake();
    line.until("select count(*) from attention", 1).await;
    let shown = only(&line, "select id from attention").await;
    (line, id, shown)
}

#[tokio::test]
async fn a_send_whose_fate_a_person_has_to_tell_is_sent_again_or_let_go() {
    let (line, id, shown) = shown_to_a_person().await;
    line.channel.fate("lost", Fate::Accept);
    let back = way_back::retry_message(&line.ground, id, BY).await;
    assert!(is_done(&back.unwrap()));
    line.channel.made(3).await;
    let again = way_back::resolve(&line.ground, shown, Found::default(), BY).await;
    assert!(matches!(again.unwrap(), PutBack::Already(_)));
    line.stop().await;

    let (line, id, shown) = shown_to_a_person().await;
    let done = way_back::resolve(&line.ground, shown, Found::default(), BY).await;
    assert!(is_done(&done.unwrap()));
    assert_eq!(
        line.scalar("select count(*) from outbox where state = 'superseded'")
            .await,
        1
    );
    // An echo that comes after all still proves it.
    let callback = format!("{id}.2");
    line.deliver(&status("wamid.x", "sent", Some(&callback), now(&line)))
        .await;
    line.until("select count(*) from outbox where state = 'sent'", 1)
        .await;
    line.stop().await;
    assert_eq!(line.channel.texts(), ["lost", "lost"]);
    assert_eq!(audited(&line, "attention_resolved").await, 1);
}

#[tokio::test]
async fn the_commands_work_beside_the_running_service() {
    let app = TestApp::start().await;
    assert_eq!(app.delivers(&b"not json"[..]).await, 200);
    app.asks(ASHA, "hi").await;
    app.until("select count(*) from inbox where outcome = 'answered'", 1)
        .await;
    // As it would have been, had it failed again and again.
    let park = app.app.ground.db.write((), |conn, ()| {
        Box::pin(async move {
            sqlx::query("update inbox set state = 'parked' where outcome = 'answered'")
                .execute(conn)
                .await?;
            Ok(())
        })
    });
    park.await.unwrap();

    let (ok, said) = app.operator("inbox list").await;
    assert!(
        ok && said.contains("quarantined") && said.contains("parked"),
        "{said}"
    );
    let unread = said.lines().find(|line| line.contains("quarantined"));
    let unread = &unread.unwrap()[..35];
    let (ok, shown) = app.operator(&format!("inbox show {unread}")).await;
    assert!(ok && shown.contains("not json"), "{shown}");
    let (ok, retried) = app.operator("inbox retry --all").await;
    assert!(!ok, "{retried}");
    assert!(retried.contains("waits for its turn again"), "{retried}");
    assert!(retried.contains("still cannot be read"), "{retried}");
    // The service, which nobody told, answers what the command put back.
    app.next_reply(ASHA).await;
    app.until("select count(*) from inbox where state = 'parked'", 0)
        .await;

    app.asks(ASHA, "talk to a person").await;
    let (ok, said) = app.operator("attention list").await;
    assert!(ok && said.contains("handoff"), "{said}");
    let id = &said[..36];
    let (ok, said) = app.operator(&format!("attention resolve {id}")).await;
    assert!(!ok && said.contains("release con_"), "{said}");
    let (ok, said) = app.operator(&format!("attention show {id}")).await;
    let release = said.split('`').nth(1).unwrap_or_default();
    assert!(
        ok && release.starts_with("sipbrewery release con_"),
        "{said}"
    );
    let (ok, _) = app
        .operator(release.trim_start_matches("sipbrewery "))
        .await;
    assert!(ok);
    let (_, said) = app.operator("attention list").await;
    assert!(!said.contains("handoff"), "{said}");
    for list in ["outbox list", "jobs list"] {
        let (ok, said) = app.operator(list).await;
        assert!(ok, "{said}");
    }
    app.stop().await;
}

#[tokio::test]
async fn what_was_for_somebody_who_proved_to_be_another_waits_for_a_person_and_goes_to_who_they_are()
 {
    let line = Line::start().await;
    line.channel.fate("first", Fate::Code(134_101));
    line.says((Some(ASHA), None), "wamid.1", "hello").await;
    line.says((None, Some("IN.1")), "wamid.2", "first").await;
    let waits = "select count(*) from outbox where state = 'queued' and attempts = 1";
    line.until(waits, 1).await;
    line.says((Some(ASHA), Some("IN.1")), "wamid.3", "hello")
        .await;
    line.channel.made(3).await;
    // As it is left by an answer that comes after they proved to be one.
    line.leave(
        "update outbox set state = 'queued', rank = 0, reason = null, due_at = 1
          where reason = 'contact_merged'",
    )
    .await;
    line.ground.wakes.sender.wake();
    let merged = "select count(*) from outbox
                   where state = 'cancelled' and reason = 'contact_merged' and due_at = 1";
    line.until(merged, 1).await;
    let id: OutboxId = only(
        &line,
        "select id from outbox where reason = 'contact_merged'",
    )
    .await;
    line.channel.fate("first", Fate::Accept);
    let back = way_back::retry_message(&line.ground, id, BY).await.unwrap();
    assert!(is_done(&back), "{back:?}");
    line.channel.made(4).await;
    line.stop().await;
    let to = "select count(*) from outbox o join contacts c on c.id = o.contact_id
               where c.merged_into is null and o.id =
                     (select again_as from outbox where reason = 'contact_merged')";
    assert_eq!(line.scalar(to).await, 1);
    assert_eq!(line.channel.texts().last().unwrap(), "first");
}
