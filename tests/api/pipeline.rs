//! The promises of the durable path, one by one.

use std::sync::Arc;
use std::time::Duration;

use sipbrewery::clock::Clock;
use sipbrewery::pipeline::Intake;
use sipbrewery::security::MasterKeys;
use sipbrewery::storage::Engine;

use crate::harness::line::{NEW_CODE, PATIENCE, morning, now};
use crate::harness::network::NUMBER;
use crate::harness::webhook::status;
use crate::harness::{Fate, Line, TestApp, TestDatabase};

const ASHA: &str = "919000000000";
const RAVI: &str = "919000000001";

#[tokio::test]
async fn a_message_is_answered_and_its_statuses_move_it_up() {
    let line = Line::start().await;
    assert_eq!(
        line.text(ASHA, "wamid.1", now(&line), "hi").await,
        Intake::Stored
    );
    let calls = line.channel.made(1).await;
    let callback = calls[0].callback.clone();
    line.until("select count(*) from outbox where state = 'accepted'", 1)
        .await;
    for (word, at) in [("read", 30), ("sent", 10), ("delivered", 20)] {
        line.deliver(&status(
            "wamid.out.1",
            word,
            Some(&callback),
            now(&line) + at,
        ))
        .await;
    }
    line.until(
        "select count(*) from outbox where state = 'read' and rank = 50",
        1,
    )
    .await;
    line.until(
        "select count(*) from outbox where sent_at is not null and delivered_at is not null",
        1,
    )
    .await;
    line.stop().await;
}

#[tokio::test]
async fn a_duplicate_has_no_second_effect_however_it_arrives() {
    let line = Line::start().await;
    let at = now(&line);
    let twice =
        futures::future::join_all((0..20).map(|_| line.text(ASHA, "wamid.1", at, "hi"))).await;
    assert!(twice.iter().all(|taken| *taken == Intake::Stored));
    line.channel.made(1).await;
    assert_eq!(line.text(ASHA, "wamid.1", at, "hi").await, Intake::Stored);
    line.text(ASHA, "wamid.2", at, "again").await;
    line.channel.made(2).await;
    line.stop().await;
    assert_eq!(line.channel.texts(), ["hi", "again"]);
    assert_eq!(line.scalar("select count(*) from inbox").await, 2);
    assert_eq!(line.scalar("select count(*) from contacts").await, 1);
}

#[tokio::test]
async fn messages_of_one_contact_are_answered_in_metas_order() {
    let line = Line::start().await;
    let at = now(&line);
    for contact in 0..20 {
        for n in 0..10 {
            let from = format!("9190000001{contact:02}");
            let wamid = format!("wamid.{contact}.{n}");
            line.text(&from, &wamid, at + n, &format!("{contact} {n}"))
                .await;
        }
    }
    line.channel.made(200).await;
    line.until("select count(*) from outbox where state = 'accepted'", 200)
        .await;
    line.stop().await;
    for contact in 0..20 {
        let mine: Vec<String> = line
            .channel
            .texts()
            .into_iter()
            .filter(|text| text.starts_with(&format!("{contact} ")))
            .collect();
        let wanted: Vec<String> = (0..10).map(|n| format!("{contact} {n}")).collect();
        assert_eq!(mine, wanted);
    }
}

#[tokio::test]
async fn a_hanging_send_holds_up_nobody_else() {
    let line = Line::start().await;
    line.channel.fate("hang", Fate::Hang);
    line.text(ASHA, "wamid.1", now(&line), "hang").await;
    line.channel.made(1).await;
    for n in 0..50 {
        let from = format!("9190000002{n:02}");
        line.text(&from, &format!("wamid.b{n}"), now(&line), "hi")
            .await;
    }
    line.channel.made(51).await;
}

#[tokio::test]
async fn contacts_whose_turns_take_long_hold_up_nobody_else() {
    let line = Line::start().await;
    for n in 0..100 {
        let from = format!("9190000003{n:02}");
        line.text(&from, &format!("wamid.s{n}"), now(&line), "slow")
            .await;
    }
    line.until("select count(*) from contacts where lease_until > 0", 100)
        .await;
    line.text(ASHA, "wamid.1", now(&line), "hi").await;
    let answered = line.channel.made(1);
    let answered = tokio::time::timeout(Duration::from_secs(5), answered).await;
    assert!(answered.is_ok(), "somebody waited for the slow ones");
    assert_eq!(line.channel.texts(), ["hi"]);
}

#[tokio::test]
async fn a_message_that_crashed_the_process_three_times_is_set_aside_with_an_apology() {
    let database = Arc::new(TestDatabase::create().await);
    let key = MasterKeys::generate();
    let first = Line::on(Arc::clone(&database), key.clone(), Clock::system()).await;
    first.stop().await;
    let at = now(&first);
    first.text(ASHA, "wamid.1", at, "poison").await;
    first.text(ASHA, "wamid.2", at + 1, "hi").await;
    first.text("919000000001", "wamid.3", at, "innocent").await;
    // As three processes leave it that died while they ran it, and one that died with it.
    first
        .leave("update inbox set attempts = 4, alone = 3 where id = (select min(id) from inbox)")
        .await;
    first
        .leave("update contacts set lease_until = 1, lease_owner = 'dead'")
        .await;
    first.ground.db.close().await;
    let second = Line::on(database, key, Clock::system()).await;
    second.channel.made(3).await;
    second.stop().await;
    let mut texts = second.channel.texts();
    texts.sort();
    assert_eq!(texts, ["hi", "innocent", "sorry"]);
    assert_eq!(
        second
            .scalar("select count(*) from inbox where state = 'parked'")
            .await,
        1
    );
}

#[tokio::test]
async fn a_message_whose_contact_does_not_read_is_set_aside_and_holds_up_nobody() {
    let database = Arc::new(TestDatabase::create().await);
    let key = MasterKeys::generate();
    let first = Line::on(Arc::clone(&database), key.clone(), morning()).await;
    first.stop().await;
    let at = now(&first);
    first.text(ASHA, "wamid.1", at, "lost").await;
    first.text(RAVI, "wamid.2", at, "hi").await;
    first
        .leave(
            "update keys set wrapped = null, destroyed_at = 1
              where id = (select key_id from contacts order by id limit 1)",
        )
        .await;
    first.ground.db.close().await;
    let line = Line::on(database, key, morning()).await;
    line.channel.made(1).await;
    line.until("select count(*) from outbox where state = 'accepted'", 1)
        .await;
    let parked = "select count(*) from inbox where state = 'parked'";
    let set_aside = async {
        while line.scalar(parked).await == 0 {
            // One lease of theirs after the other runs out.
            line.ground.clock.advance(Duration::from_secs(4));
            tokio::task::yield_now().await;
        }
    };
    let in_time = tokio::time::timeout(PATIENCE, set_aside).await;
    assert!(in_time.is_ok(), "it is tried for ever");
    line.stop().await;
    assert_eq!(line.channel.texts(), ["hi"]);
    assert_eq!(
        line.scalar("select count(*) from inbox where outcome = 'answered' and attempts = 1")
            .await,
        1,
        "whoever was claimed with it did not wait"
    );
    let held = "select count(*) from contacts where waiting > 0 or lease_until > 0";
    assert_eq!(line.scalar(held).await, 0);
}

#[tokio::test]
async fn after_a_handoff_the_bot_is_silent_until_it_is_released() {
    let line = Line::start().await;
    let at = now(&line);
    line.text(ASHA, "wamid.1", at, "agent").await;
    line.channel.made(1).await;
    line.text(ASHA, "wamid.2", at + 1, "are you there?").await;
    line.until("select count(*) from inbox where outcome = 'held'", 1)
        .await;
    line.stop().await;
    assert_eq!(line.channel.texts(), ["agent"]);
    assert_eq!(
        line.scalar("select count(*) from handoffs where closed_at is null")
            .await,
        1
    );
}

#[tokio::test]
async fn a_message_that_cannot_be_handled_is_set_aside_and_the_contact_goes_on() {
    let line = Line::start().await;
    let at = now(&line);
    line.text(ASHA, "wamid.1", at, "panic").await;
    line.text(ASHA, "wamid.2", at + 1, "hi").await;
    // Four pauses of up to two minutes lie between five tries.
    for tries in 1..5 {
        line.until(
            "select count(*) from inbox where errors > 0 and state = 'waiting'",
            1,
        )
        .await;
        let _ = tries;
        line.ground.clock.advance(Duration::from_secs(130));
        line.ground.wakes.turns.wake();
        wait_for_errors(&line, tries + 1).await;
    }
    line.channel.made(2).await;
    line.stop().await;
    assert_eq!(line.channel.texts(), ["sorry", "hi"]);
    assert_eq!(
        line.scalar("select count(*) from inbox where state = 'parked'")
            .await,
        1
    );
}

async fn wait_for_errors(line: &Line, tries: i64) {
    let reached = async {
        loop {
            let errors = line
                .scalar("select coalesce(max(errors), 0) from inbox")
                .await;
            let parked = line
                .scalar("select count(*) from inbox where state = 'parked'")
                .await;
            if errors >= tries || parked == 1 {
                return;
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, reached)
        .await
        .expect("another try");
}

#[tokio::test]
async fn an_unknown_send_is_settled_by_its_echo_and_never_repeated() {
    let line = Line::at(morning()).await;
    line.channel.fate("lost", Fate::Lose);
    line.text(ASHA, "wamid.1", now(&line), "lost").await;
    let callback = line.channel.made(1).await[0].callback.clone();
    line.until("select count(*) from outbox where state = 'unknown'", 1)
        .await;
    line.deliver(&status("wamid.x", "sent", Some(&callback), now(&line)))
        .await;
    line.until("select count(*) from outbox where state = 'sent'", 1)
        .await;
    line.ground.clock.advance(Duration::from_hours(1));
    line.ground.wakes.sender.wake();
    line.text(ASHA, "wamid.2", now(&line), "next").await;
    line.channel.made(2).await;
    line.stop().await;
    assert_eq!(line.channel.texts(), ["lost", "next"]);
}

#[tokio::test]
async fn an_unknown_chat_line_without_an_echo_is_said_once_more_then_shown() {
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
    line.ground.clock.advance(Duration::from_mins(16));
    line.ground.wakes.sender.wake();
    line.until(
        "select count(*) from attention where kind = 'unknown_outcome' and resolved_at is null",
        1,
    )
    .await;
    line.stop().await;
    assert_eq!(line.channel.texts(), ["lost", "lost"]);
}

#[tokio::test]
async fn a_chat_line_whose_sender_was_lost_is_said_once_more_and_no_third_time() {
    let line = Line::at(morning()).await;
    line.text(ASHA, "wamid.1", now(&line), "hello").await;
    for tries in 1..=2 {
        line.channel.made(tries).await;
        line.until("select count(*) from outbox where state = 'accepted'", 1)
            .await;
        // As a process leaves it that ended before it could write down what became of it.
        line.leave(
            "update outbox set state = 'sending', rank = 0, accepted_at = null, wamid = null,
                               due_at = sending_at + 60000",
        )
        .await;
        line.ground.clock.advance(Duration::from_secs(91));
        line.ground.wakes.sender.wake();
    }
    let lost = "select count(*) from outbox where state = 'unknown' and doubts = 2";
    line.until(lost, 1).await;
    line.stop().await;
    assert_eq!(line.channel.texts().len(), 2);
}

#[tokio::test]
async fn a_call_that_was_taken_for_lost_and_then_is_counts_as_one_doubt() {
    let line = Line::at(morning()).await;
    line.channel.fate("hello", Fate::LoseOnceReleased);
    line.text(ASHA, "wamid.1", now(&line), "hello").await;
    line.channel.made(1).await;
    // As a process does that takes the number over from one that stands still.
    line.leave("update outbox set state = 'unknown', doubts = 1")
        .await;
    line.channel.release();
    line.until("select count(*) from outbox where reason = 'timed out'", 1)
        .await;
    assert_eq!(line.scalar("select doubts from outbox").await, 1);
    line.stop().await;
}

#[tokio::test]
async fn a_later_accepted_reply_makes_an_unknown_one_superfluous() {
    let line = Line::at(morning()).await;
    line.channel.fate("lost", Fate::Lose);
    line.text(ASHA, "wamid.1", now(&line), "lost").await;
    line.channel.made(1).await;
    line.text(ASHA, "wamid.2", now(&line) + 1, "next").await;
    line.channel.made(2).await;
    line.until("select count(*) from outbox where state = 'accepted'", 1)
        .await;
    line.ground.clock.advance(Duration::from_secs(91));
    line.ground.wakes.sender.wake();
    line.until("select count(*) from outbox where state = 'superseded'", 1)
        .await;
    line.stop().await;
    assert_eq!(line.channel.texts(), ["lost", "next"]);
}

#[tokio::test]
async fn a_code_of_unknown_fate_is_replaced_by_a_new_one_in_the_same_commit() {
    let line = Line::at(morning()).await;
    line.channel.fate("code", Fate::Lose);
    line.text(ASHA, "wamid.1", now(&line), "code").await;
    line.channel.made(1).await;
    line.until("select count(*) from outbox where state = 'unknown'", 1)
        .await;
    line.ground.clock.advance(Duration::from_secs(91));
    line.ground.wakes.sender.wake();
    line.channel.made(2).await;
    line.until("select count(*) from outbox where state = 'accepted'", 1)
        .await;
    line.stop().await;
    assert_eq!(line.channel.texts(), ["code", NEW_CODE]);
    assert_eq!(
        line.scalar("select count(*) from outbox where state = 'superseded'")
            .await,
        1
    );
}

#[tokio::test]
async fn who_takes_the_number_back_does_not_doubt_its_own_calls() {
    let line = Line::at(morning()).await;
    let at = now(&line);
    line.channel.fate("first", Fate::Hold);
    line.text(ASHA, "wamid.1", at, "first").await;
    line.channel.made(1).await;
    // As after a pause in which somebody else had it.
    line.leave("update leases set epoch = epoch + 1, until = 0")
        .await;
    line.until("select count(*) from leases where epoch = 3", 1)
        .await;
    line.text(ASHA, "wamid.2", at, "second").await;
    // By now the number is sent for again.
    line.text(RAVI, "wamid.3", at, "hello").await;
    line.channel.made(2).await;
    assert_eq!(line.channel.texts(), ["first", "hello"]);
    line.channel.release();
    line.channel.made(3).await;
    line.until(
        "select count(*) from outbox where state = 'accepted' and doubts = 0",
        3,
    )
    .await;
    line.stop().await;
    assert_eq!(line.channel.texts(), ["first", "hello", "second"]);
}

#[tokio::test]
async fn what_a_turn_decided_is_written_when_the_database_comes_back() {
    // The clock stands: no lease runs out, and nobody decides anew.
    let line = Line::at(morning()).await;
    line.text(ASHA, "wamid.1", now(&line), "away").await;
    line.channel.made(1).await;
    line.until("select count(*) from inbox where attempts = 1", 1)
        .await;
    line.stop().await;
    assert_eq!(line.channel.texts(), ["away"]);
}

#[tokio::test]
async fn a_turn_that_was_written_though_nobody_heard_of_it_is_not_written_twice() {
    let line = Line::at(morning()).await;
    if line.ground.db.engine() == Engine::Sqlite {
        // Its only writer hears what became of every commit.
        line.stop().await;
        return;
    }
    line.text(ASHA, "wamid.1", now(&line), "unheard").await;
    line.until("select count(*) from inbox where state = 'done'", 1)
        .await;
    // The turn ends with the second try.
    line.stop().await;
    assert_eq!(line.scalar("select waiting from contacts").await, 0);
}

#[tokio::test]
async fn a_call_under_way_is_not_guessed_at_when_the_clock_jumps() {
    let line = Line::at(morning()).await;
    line.channel.fate("first", Fate::Hold);
    line.text(ASHA, "wamid.1", now(&line), "first").await;
    line.channel.made(1).await;
    line.ground.clock.advance(Duration::from_mins(10));
    line.text("919000000001", "wamid.2", now(&line), "other")
        .await;
    line.channel.made(2).await;
    line.until("select count(*) from outbox where state = 'accepted'", 1)
        .await;
    line.channel.release();
    line.until("select count(*) from outbox where state = 'accepted'", 2)
        .await;
    line.stop().await;
    assert_eq!(line.channel.texts(), ["first", "other"]);
}

#[tokio::test]
async fn a_reply_that_was_not_sent_is_not_said_after_a_later_one() {
    let line = Line::start().await;
    line.channel.fate("first", Fate::HoldInVain);
    line.text(ASHA, "wamid.1", now(&line), "first").await;
    line.channel.made(1).await;
    // As a process does that takes the number over from one that stands still.
    line.leave("update outbox set state = 'unknown', doubts = doubts + 1")
        .await;
    line.text(ASHA, "wamid.2", now(&line) + 1, "second").await;
    line.channel.made(2).await;
    line.until("select count(*) from outbox where state = 'accepted'", 1)
        .await;
    line.channel.release();
    line.until("select count(*) from outbox where state = 'superseded'", 1)
        .await;
    line.stop().await;
    assert_eq!(line.channel.texts(), ["first", "second"]);
}

#[tokio::test]
async fn a_restart_takes_up_what_was_left() {
    let database = Arc::new(TestDatabase::create().await);
    let key = MasterKeys::generate();
    let first = Line::on(Arc::clone(&database), key.clone(), Clock::system()).await;
    first.stop().await;
    let at = now(&first);
    first.text(ASHA, "wamid.1", at, "one").await;
    first.text(ASHA, "wamid.2", at + 1, "two").await;
    first.ground.db.close().await;
    let second = Line::on(database, key, Clock::system()).await;
    second.channel.made(2).await;
    second.stop().await;
    assert_eq!(second.channel.texts(), ["one", "two"]);
}

#[tokio::test]
async fn a_signed_body_that_cannot_be_read_is_kept() {
    let line = Line::start().await;
    assert_eq!(line.deliver(b"{\"object\":").await, Intake::Quarantined);
    assert_eq!(
        line.scalar("select count(*) from inbox where state = 'quarantined'")
            .await,
        1
    );
    line.stop().await;
}

#[tokio::test]
async fn what_people_say_is_unreadable_in_the_database() {
    let line = Line::start().await;
    line.text(ASHA, "wamid.1", now(&line), "canary-in-a-coal-mine")
        .await;
    line.channel.made(1).await;
    line.until("select count(*) from outbox where state = 'accepted'", 1)
        .await;
    line.stop().await;
    let mut conn = line.ground.db.read().await.unwrap();
    for sql in [
        "select payload from inbox",
        "select payload from outbox",
        "select state from sessions",
        "select profile from contacts",
        "select value from identities",
    ] {
        let sealed: Vec<u8> = sqlx::query_scalar(sql).fetch_one(&mut *conn).await.unwrap();
        let text = String::from_utf8_lossy(&sealed);
        assert!(
            !text.contains("canary") && !text.contains(ASHA) && !text.contains("Asha"),
            "{sql}"
        );
    }
    if line.database.is_postgres() {
        return;
    }
    for file in std::fs::read_dir(line.database.folder()).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        for canary in ["canary-in", ASHA] {
            assert!(!bytes.windows(canary.len()).any(|w| w == canary.as_bytes()));
        }
    }
}

#[tokio::test]
async fn a_database_serves_one_number_and_says_so_to_another() {
    let line = Line::start().await;
    let db = &line.ground.db;
    sipbrewery::pipeline::belong_to(db, "1").await.unwrap();
    sipbrewery::pipeline::belong_to(db, "1").await.unwrap();
    let other = sipbrewery::pipeline::belong_to(db, "2").await.unwrap_err();
    assert!(
        other.to_string().contains("belongs to the number"),
        "{other}"
    );
    line.stop().await;
}

#[tokio::test]
async fn what_was_written_to_another_number_is_kept_and_not_answered() {
    let line = Line::start().await;
    let body = String::from_utf8(crate::harness::webhook::text(
        ASHA,
        "wamid.1",
        now(&line),
        "hi",
    ))
    .unwrap();
    let body = body.replace(NUMBER, "2");
    assert_eq!(line.deliver(body.as_bytes()).await, Intake::Stored);
    line.text(ASHA, "wamid.2", now(&line), "hello").await;
    line.channel.made(1).await;
    line.stop().await;
    assert_eq!(line.channel.texts(), ["hello"]);
    assert_eq!(
        line.scalar("select count(*) from inbox where field = 'other_number' and state = 'stored'")
            .await,
        1
    );
}

#[tokio::test]
async fn a_process_goes_by_the_databases_clock_from_its_first_id_on() {
    let clock = Clock::system();
    clock.advance(Duration::from_hours(1));
    let app = TestApp::at(clock).await;
    if app.app.ground.db.engine() == Engine::Sqlite {
        eprintln!("skipped: SQLite has no clock of its own (TEST_DATABASE_URL)");
    } else {
        let theirs = "select cast(extract(epoch from clock_timestamp()) as bigint)";
        let theirs = app.scalar(theirs).await;
        let made_at = app.app.ground.process.uuid().get_timestamp();
        let (made_at, _) = made_at.expect("ids bear their time").to_unix();
        let ahead = made_at.cast_signed() - theirs;
        assert!(ahead < 60, "{ahead} s ahead");
    }
    app.stop().await;
}
